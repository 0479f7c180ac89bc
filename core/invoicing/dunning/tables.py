"""Tables of dunning: the levels, and the letters with what each of them asks for."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table, after_create


class LetterState(StrEnum):
    """The life of a letter; only one that was sent counts as a reminder."""

    DRAFT = "draft"
    SENT = "sent"
    CANCELLED = "cancelled"


class DunningLevel(Table):
    """How a customer is reminded once a document is so many days overdue.

    `fee_minor` is in the company's currency; interest is simple, of a year of 365 days.
    """

    __tablename__ = "dunning_level"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        CheckConstraint("overdue_days > 0 AND wait_days >= 0", name="days"),
        CheckConstraint("fee_minor >= 0", name="fee"),
        CheckConstraint("interest_percent BETWEEN 0 AND 100", name="interest"),
    )

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    overdue_days: Mapped[int] = mapped_column(unique=True)
    # How long the reminder before it is given time to be heard.
    wait_days: Mapped[int]
    fee_minor: Mapped[Minor]
    interest_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    title: Mapped[str]
    title_zh: Mapped[str]
    text: Mapped[str]
    text_zh: Mapped[str]


class DunningLetter(Record):
    """One letter to one customer in one currency, about everything that is overdue there.

    There is no mail door yet: `sent_on` is the day on which somebody sent it.
    """

    __tablename__ = "dunning_letter"
    __table_args__ = (
        CheckConstraint("fee_minor >= 0 AND interest_minor >= 0", name="not_negative"),
        CheckConstraint("state <> 'draft' OR sent_on IS NULL", name="draft_is_not_sent"),
        CheckConstraint(
            "state <> 'sent' OR (sent_on IS NOT NULL AND body IS NOT NULL)", name="sent_has_a_day"
        ),
        # A customer gets one letter at a time.
        Index(
            "uq_dunning_letter_draft",
            "party_id",
            "currency",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    currency: Mapped[str]
    level: Mapped[int]
    state: Mapped[LetterState] = mapped_column(default=LetterState.DRAFT)
    drawn_on: Mapped[date]
    sent_on: Mapped[date | None]
    sent_to: Mapped[str | None]
    language: Mapped[str]
    fee_minor: Mapped[Minor]
    interest_minor: Mapped[Minor]
    # The invoice over fee and interest, where there are any.
    charge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"), unique=True)
    # What it said, once it was sent.
    title: Mapped[str | None]
    body: Mapped[str | None]
    closed_because: Mapped[str | None]

    lines: Mapped[list["DunningLine"]] = relationship(
        lazy="selectin", order_by="DunningLine.position", cascade="all, delete-orphan"
    )


class DunningLine(Record):
    """A document, or an instalment of one, that a letter reminds of, and at which level."""

    __tablename__ = "dunning_line"
    __table_args__ = (
        UniqueConstraint("letter_id", "position"),
        UniqueConstraint("letter_id", "invoice_id", "instalment"),
        CheckConstraint("open_minor > 0 AND interest_minor >= 0", name="amounts"),
        CheckConstraint("level >= 1", name="level"),
    )

    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dunning_letter.id"))
    position: Mapped[int]
    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    instalment: Mapped[int]
    level: Mapped[int]
    due_on: Mapped[date]
    open_minor: Mapped[Minor]
    interest_minor: Mapped[Minor]
    # The day from which interest was counted; until then it was charged before.
    interest_from: Mapped[date]


after_create(
    DunningLine.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_change_of_sent_letter() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sent_on FROM dunning_letter WHERE id = OLD.letter_id) IS NOT NULL THEN
            RAISE EXCEPTION 'a letter that was sent stays as it is'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER sent_stays BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sent_letter()
    """,
)
