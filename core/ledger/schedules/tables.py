"""Tables of schedules: templates, recurring entries, reversals to come, deferrals, and runs."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Minor, Record, append_only
from core.ledger.tables import Side


class Every(StrEnum):
    """How often a recurring entry is due."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months lie between two due days."""
        return {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}[self]


class Method(StrEnum):
    """How an amount is spread over its months."""

    BY_DAY = "by_day"
    BY_MONTH = "by_month"


class DeferralKind(StrEnum):
    """What was paid before it is an expense, or charged before it is earned."""

    PREPAID_EXPENSE = "prepaid_expense"
    DEFERRED_REVENUE = "deferred_revenue"


class RecurringState(StrEnum):
    """Whether a recurring entry is posted when it is due."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class DeferralState(StrEnum):
    """Whether a deferral is still to be recognised."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


class EntryTemplate(Record):
    """The lines of an entry that is posted again and again.

    One without a name belongs to the recurring entry that it was made for.
    """

    __tablename__ = "entry_template"
    __table_args__ = (
        Index(
            "uq_entry_template_name",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("name IS NOT NULL AND NOT retired"),
        ),
    )

    name: Mapped[str | None]
    memo: Mapped[str]
    retired: Mapped[bool] = mapped_column(default=False)


class EntryTemplateLine(Record):
    """A line of a template: a fixed amount, or a share of the total of the entry."""

    __tablename__ = "entry_template_line"
    __table_args__ = (
        UniqueConstraint("template_id", "position"),
        CheckConstraint("num_nonnulls(amount_minor, share_percent) = 1", name="one_amount"),
        CheckConstraint("amount_minor > 0 AND share_percent > 0", name="positive"),
    )

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_template.id"))
    position: Mapped[int]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    side: Mapped[Side]
    amount_minor: Mapped[Minor | None]
    share_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))
    # "cost_centre=SALES,project=P1", as in a combination of dimensions.
    dimensions: Mapped[str] = mapped_column(default="")


class RecurringEntry(Record):
    """A template that is posted every month, quarter or year."""

    __tablename__ = "recurring_entry"
    __table_args__ = (
        CheckConstraint("day_of_month BETWEEN 1 AND 31", name="day_of_month"),
        CheckConstraint("total_minor > 0", name="total_positive"),
        CheckConstraint("until >= starts_on", name="in_order"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_template.id"))
    memo: Mapped[str]
    # What the shares are shares of; none where all lines have fixed amounts.
    total_minor: Mapped[Minor | None]
    every: Mapped[Every]
    # In a month that is shorter, its last day.
    day_of_month: Mapped[int]
    starts_on: Mapped[date]
    until: Mapped[date | None]
    # Whether each posting is reversed on the first day of the next month.
    reversing: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RecurringState] = mapped_column(default=RecurringState.ACTIVE)


class ScheduleRun(Record):
    """One posting of what was due through a day."""

    __tablename__ = "schedule_run"

    number: Mapped[str] = mapped_column(unique=True)
    through: Mapped[date]
    # The run that this one takes back.
    undoes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("schedule_run.id"), unique=True)


class RecurringPosting(Record):
    """A due day of a recurring entry that is dealt with: posted, or left out on purpose.

    A due day is posted once; when that run is taken back, the next take may post it again.
    """

    __tablename__ = "recurring_posting"
    __table_args__ = (UniqueConstraint("recurring_id", "due_on", "take"),)

    recurring_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recurring_entry.id"))
    due_on: Mapped[date]
    take: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("schedule_run.id"), index=True)
    # None where it was left out.
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("journal_entry.id"))


class ScheduledReversal(Record):
    """An entry that is to be reversed on a day: an accrual of the month before."""

    __tablename__ = "scheduled_reversal"

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"), unique=True)
    reverse_on: Mapped[date] = mapped_column(index=True)


class Deferral(Record):
    """An amount that lies on a balance sheet account until it is recognised, part by part."""

    __tablename__ = "deferral"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        Index(None, "origin"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[DeferralKind]
    method: Mapped[Method]
    memo: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    amount_minor: Mapped[Minor]
    # Where it lies, and the revenue or expense that it becomes.
    deferred_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    dimensions: Mapped[str] = mapped_column(default="")
    # The document that charged it, or the number of the deferral itself.
    origin: Mapped[str]
    # The entry that put it there, where no document did.
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("journal_entry.id"))
    state: Mapped[DeferralState] = mapped_column(default=DeferralState.ACTIVE)


class DeferralPart(Record):
    """What is to be recognised of a deferral on a day."""

    __tablename__ = "deferral_part"
    __table_args__ = (
        UniqueConstraint("deferral_id", "position"),
        UniqueConstraint("deferral_id", "due_on"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    deferral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deferral.id"))
    position: Mapped[int]
    due_on: Mapped[date] = mapped_column(index=True)
    amount_minor: Mapped[Minor]


class DeferralPosting(Record):
    """A part of a deferral that was recognised: once, or again after that was taken back."""

    __tablename__ = "deferral_posting"
    __table_args__ = (UniqueConstraint("part_id", "take"),)

    part_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deferral_part.id"))
    take: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("schedule_run.id"), index=True)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("journal_entry.id"))


for _facts in (
    EntryTemplateLine, ScheduleRun, RecurringPosting, ScheduledReversal, DeferralPart,
    DeferralPosting,
):  # fmt: skip
    append_only(_facts.__table__)
