"""Tables of budgets: versions for a year, their lines, and what each month may take."""

import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Minor, Record, Table


class BudgetState(StrEnum):
    """Whether a version of a year's budget is the one that counts."""

    IN_FORCE = "in_force"
    SET_ASIDE = "set_aside"


class Policy(StrEnum):
    """What becomes of an expense that is more than the budget has left."""

    # It is seen in the reports.
    WATCH = "watch"
    # Whoever approves it sees what is left.
    WARN = "warn"
    # It is refused.
    STOP = "stop"


class Split(StrEnum):
    """How the amount of a year becomes amounts of its months."""

    EQUAL = "equal"
    # As the year before went.
    AS_LAST_YEAR = "as_last_year"
    # By weights that are given.
    BY_KEY = "by_key"


class Budget(Record):
    """A version of what a fiscal year should bring and may cost."""

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("fiscal_year_id", "version"),
        CheckConstraint("threshold_percent > 0", name="threshold_positive"),
        # One version of a year counts.
        Index(
            "uq_budget_in_force",
            "fiscal_year_id",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
    )

    # "2027 original": the year and the version.
    name: Mapped[str] = mapped_column(unique=True)
    fiscal_year_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fiscal_year.id"))
    version: Mapped[str]
    state: Mapped[BudgetState]
    policy: Mapped[Policy] = mapped_column(default=Policy.WATCH)
    # Of the amount of a line, how much may be spent before the policy takes hold.
    threshold_percent: Mapped[Decimal] = mapped_column(Numeric(7, 2), default=Decimal(100))


class BudgetLine(Record):
    """An account of a budget, for all of the company or for one combination of dimensions."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint(
            "budget_id", "account_id", "dimension_set_id", postgresql_nulls_not_distinct=True
        ),
        Index(None, "account_id"),
    )

    budget_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("budget.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    dimension_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("dimension_set.id"))
    # Where it differs from the policy of the budget.
    policy: Mapped[Policy | None]


class BudgetAmount(Table):
    """What a line of a budget has for a period: on the side where its account usually grows."""

    __tablename__ = "budget_amount"
    __table_args__ = (CheckConstraint("amount_minor >= 0", name="not_negative"),)

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("budget_line.id"), primary_key=True)
    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("period.id"), primary_key=True)
    amount_minor: Mapped[Minor]
