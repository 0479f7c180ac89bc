"""The table of timesheets: hours that people worked, each once, whatever they are read for."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Record, UnitPrice, after_create, never_at_once
from core.parties import Party

HOURS_DIGITS = 4


class TimeEntry(Record):
    """Hours that somebody worked; on a project, at what they cost and what they are billed at.

    Nobody works on two things at one time: where the hours have a beginning, the database says so.
    What was billed does not change any more.
    """

    __tablename__ = "time_entry"
    __table_args__ = (
        CheckConstraint("hours > 0 AND hours <= 24", name="hours"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="from_and_to"),
        CheckConstraint("cost_per_hour >= 0", name="cost"),
        CheckConstraint("price_per_hour >= 0", name="price"),
        CheckConstraint("removed_because IS NULL OR invoice_number IS NULL", name="billed_counts"),
        CheckConstraint("(project_id IS NULL) = (cost_per_hour IS NULL)", name="project_costs"),
        CheckConstraint(
            "project_id IS NOT NULL OR num_nonnulls(task_id, price_per_hour, invoice_number) = 0",
            name="of_a_project",
        ),
        Index(None, "party_id", "worked_on"),
        Index(None, "project_id", "invoice_number"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    # Rooms above own these tables.
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"))
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project_task.id"), index=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    worked_on: Mapped[date]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    hours: Mapped[Decimal] = mapped_column(Numeric(8, HOURS_DIGITS))
    note: Mapped[str]
    # In the company's currency, as it was on that day; of work on a project only.
    cost_per_hour: Mapped[UnitPrice | None]
    # In the project's currency; none where the hours are not billed.
    price_per_hour: Mapped[UnitPrice | None]
    invoice_number: Mapped[str | None] = mapped_column(index=True)
    # Why it counts no longer, where it does not.
    removed_because: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", viewonly=True)


never_at_once(
    TimeEntry.__table__,
    "party_id",
    "tstzrange(starts_at, ends_at, '[)')",
    where="starts_at IS NOT NULL AND removed_because IS NULL",
)
after_create(
    TimeEntry.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_change_of_billed_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.invoice_number IS NOT NULL AND (TG_OP = 'DELETE' OR
            (NEW.hours, NEW.price_per_hour, NEW.project_id, NEW.party_id, NEW.worked_on)
            IS DISTINCT FROM
            (OLD.hours, OLD.price_per_hour, OLD.project_id, OLD.party_id, OLD.worked_on)) THEN
            RAISE EXCEPTION 'time that was billed does not change';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER billed_time_stays BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_billed_time()
    """,
    # Two that note hours of one day at once are added up under a lock of the person.
    """
    CREATE OR REPLACE FUNCTION refuse_long_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM party WHERE id = NEW.party_id FOR NO KEY UPDATE;
        IF (SELECT sum(hours) FROM time_entry WHERE party_id = NEW.party_id
            AND worked_on = NEW.worked_on AND removed_because IS NULL) > 24 THEN
            RAISE EXCEPTION 'a day has 24 hours'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_time_entry_day';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER long_day AFTER INSERT OR UPDATE OF hours, party_id, worked_on, removed_because
        ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_long_day()
    """,
)
