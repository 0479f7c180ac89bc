"""Tables of leave: its types, the policies, one ledger of days, and what people ask for."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    Uuid,
    column,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import BELOW, EMPLOYEES_BELOW, OWN, PAY_READERS, Employment
from core.hr.tables import Employee
from core.kernel.database import Record, after_create, append_only, never_at_once, plain_table
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by

Days = Annotated[Decimal, mapped_column(Numeric(9, 3))]


class Accrual(StrEnum):
    """When days are credited: all with the year, or a part with every month."""

    YEAR = "year"
    MONTH = "month"


class CreditDay(StrEnum):
    """On which day of its month a part is credited."""

    FIRST = "first"
    LAST = "last"


class RoundDays(StrEnum):
    """Which way a credit is rounded to whole steps."""

    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


class LeaveEntryKind(StrEnum):
    """Why days come or go."""

    GRANT = "grant"
    ACCRUAL = "accrual"
    TAKEN = "taken"
    EXPIRY = "expiry"
    CARRIED = "carried"
    ENCASHED = "encashed"
    CORRECTION = "correction"


class LeaveState(StrEnum):
    """The life of a request for leave."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class LeaveType(Record):
    """A kind of leave: annual, sick, unpaid."""

    __tablename__ = "leave_type"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    is_paid: Mapped[bool] = mapped_column(default=True)
    # Why somebody takes it is about their health, and theirs.
    is_health: Mapped[bool] = mapped_column(default=False)
    # Whether days of it have to be there before they are taken.
    needs_balance: Mapped[bool] = mapped_column(default=True)


class LeavePolicy(Record):
    """How many days of a type people get, from a day on, in one country or everywhere."""

    __tablename__ = "leave_policy"
    __table_args__ = (
        UniqueConstraint("type_id", "country", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("annual_days >= 0", name="annual_days"),
        CheckConstraint("round_to > 0", name="round_to"),
        CheckConstraint("cap_days >= 0", name="cap_days"),
        CheckConstraint("max_carry >= 0", name="max_carry"),
        CheckConstraint("carried_months > 0", name="carried_months"),
        CheckConstraint("negative_days >= 0", name="negative_days"),
        CheckConstraint("encash_max >= 0", name="encash_max"),
    )

    type_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leave_type.id"))
    country: Mapped[str | None]
    valid_from: Mapped[date]
    annual_days: Mapped[Days]
    accrual: Mapped[Accrual]
    credited_on: Mapped[CreditDay] = mapped_column(default=CreditDay.FIRST)
    # A step that credits are rounded to: 1, 0.5; none keeps three decimals.
    round_to: Mapped[Days | None]
    round_way: Mapped[RoundDays] = mapped_column(default=RoundDays.NEAREST)
    # What is credited in a year at most; without it, the days of the year.
    cap_days: Mapped[Days | None]
    # What of a year goes on into the next; without it, all.
    max_carry: Mapped[Days | None]
    # After how many months carried days lapse; without it, never.
    carried_months: Mapped[int | None]
    # How far below nothing a balance may go.
    negative_days: Mapped[Days] = mapped_column(default=Decimal(0))
    # How many days of a year may be paid out instead.
    encash_max: Mapped[Days] = mapped_column(default=Decimal(0))

    type: Mapped[LeaveType] = relationship(lazy="raise")


class LeaveRequest(Record):
    """Somebody asks to be away from a day to a day; half days count as halves."""

    __tablename__ = "leave_request"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="in_order"),
        CheckConstraint(
            "NOT (starts_on = ends_on AND starts_at_noon AND ends_at_noon)", name="not_empty"
        ),
        CheckConstraint("days > 0", name="days_positive"),
        Index(None, "employee_id", "starts_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    type_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leave_type.id"), index=True)
    state: Mapped[LeaveState] = mapped_column(default=LeaveState.ASKED, index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    starts_at_noon: Mapped[bool] = mapped_column(default=False)
    ends_at_noon: Mapped[bool] = mapped_column(default=False)
    days: Mapped[Days]
    asked_by: Mapped[str]
    asked_on: Mapped[date]
    decided_by: Mapped[str | None]
    answer: Mapped[str | None]

    employee: Mapped[Employee] = relationship(lazy="raise")
    type: Mapped[LeaveType] = relationship(lazy="raise")


class LeaveReason(Record):
    """Why somebody asks for leave, in their own words; of health, theirs to tell."""

    __tablename__ = "leave_reason"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leave_request.id"), unique=True)
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    words: Mapped[str]


class LeaveEntry(Record):
    """Days that come or go for one employee and type: a line of the ledger of leave."""

    __tablename__ = "leave_entry"
    __table_args__ = (
        CheckConstraint("days <> 0", name="days"),
        CheckConstraint(
            "CASE kind WHEN 'grant' THEN days > 0 WHEN 'accrual' THEN days > 0"
            " WHEN 'taken' THEN days < 0 WHEN 'expiry' THEN days < 0"
            " WHEN 'encashed' THEN days < 0 ELSE true END",
            name="sign",
        ),
        CheckConstraint("(kind = 'taken') <= (request_id IS NOT NULL)", name="taken_by_request"),
        CheckConstraint("expires_on IS NULL OR kind = 'carried'", name="only_carried_expire"),
        Index(
            "uq_leave_entry_period",
            "employee_id",
            "type_id",
            "kind",
            "period",
            unique=True,
            postgresql_where=text("period IS NOT NULL"),
        ),
        Index(None, "employee_id", "type_id", "effective_on"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    type_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("leave_type.id"), index=True)
    kind: Mapped[LeaveEntryKind]
    days: Mapped[Days]
    effective_on: Mapped[date]
    expires_on: Mapped[date | None]
    # What it is credited, carried or lapsed for, so that it is once: "2026-07", "2026".
    period: Mapped[str | None]
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("leave_request.id"), index=True)
    note: Mapped[str] = mapped_column(default="")


append_only(LeaveEntry.__table__)
never_at_once(
    LeaveRequest.__table__,
    "employee_id",
    """
        tsrange(
            starts_on + CASE WHEN starts_at_noon THEN interval '12 hours' ELSE interval '0' END,
            ends_on + CASE WHEN ends_at_noon THEN interval '12 hours' ELSE interval '24 hours' END
        )""",
    where="state IN ('asked', 'approved')",
)
# The balance is held under a lock of the employee: two that are approved at once are added up.
after_create(
    LeaveEntry.__table__,
    """
    CREATE OR REPLACE FUNCTION hold_leave_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE allowed numeric; lowest numeric;
    BEGIN
        IF NEW.days > 0 THEN RETURN NULL; END IF;
        PERFORM FROM employee WHERE id = NEW.employee_id FOR UPDATE;
        IF NOT (SELECT needs_balance FROM leave_type WHERE id = NEW.type_id) THEN
            RETURN NULL;
        END IF;
        SELECT coalesce(max(negative_days), 0) INTO allowed
            FROM leave_policy WHERE type_id = NEW.type_id;
        SELECT min(balance) INTO lowest FROM (
            SELECT effective_on, sum(sum(days)) OVER (ORDER BY effective_on) AS balance
            FROM leave_entry WHERE employee_id = NEW.employee_id AND type_id = NEW.type_id
            GROUP BY effective_on
        ) AS days WHERE effective_on >= NEW.effective_on;
        IF lowest < -allowed THEN
            RAISE EXCEPTION 'more leave than there is'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_leave_entry_balance';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER balance AFTER INSERT ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_leave_balance()
    """,
)

# Who is away is everybody's to know; as what, and why, is for those who decide on it.
_DECIDING = f"{seen_by(PAY_READERS)} OR {OWN} OR {BELOW}"
plain_table(LeaveEntry).add_is_dependent_on(plain_table(Employment))
plain_table(LeaveRequest).add_is_dependent_on(plain_table(Employment))
private(LeaveEntry.__table__, _DECIDING, EMPLOYEES_BELOW)
private(LeaveRequest.__table__, _DECIDING, EMPLOYEES_BELOW)
private(LeaveReason.__table__, f"{seen_by({Role.HR})} OR {OWN}")
after_create(
    LeaveRequest.__table__,
    """
    CREATE VIEW absence AS
        SELECT number, employee_id, state, starts_on, ends_on, starts_at_noon, ends_at_noon, days
        FROM leave_request WHERE state IN ('asked', 'approved')
    """,
)
ABSENCE = table(
    "absence",
    column("number", String),
    column("employee_id", Uuid),
    column("state", String),
    column("starts_on", Date),
    column("ends_on", Date),
    column("starts_at_noon", Boolean),
    column("ends_at_noon", Boolean),
    column("days", Numeric(9, 3)),
)
