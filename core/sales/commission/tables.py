"""Tables of commission: plans, their rates, and who sells on them."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record


class Basis(StrEnum):
    """What commission is a percentage of."""

    NET = "net"
    MARGIN = "margin"


class Earned(StrEnum):
    """When commission is earned: with the invoice, or as far as it is paid."""

    INVOICED = "invoiced"
    PAID = "paid"


class CommissionPlan(Record):
    """What salespeople earn on what they sell, for some time; one for all where nobody is named."""

    __tablename__ = "commission_plan"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="valid_in_order"),)

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    basis: Mapped[Basis]
    earned: Mapped[Earned]
    # Whether the tier that a month reaches counts for all of it, or each tier for its own part.
    whole: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    rates: Mapped[list["CommissionRate"]] = relationship(
        lazy="raise", order_by="CommissionRate.from_minor"
    )


class CommissionRate(Record):
    """The percentage from an amount of a month up, for a category or for all the others."""

    __tablename__ = "commission_rate"
    __table_args__ = (
        UniqueConstraint(
            "plan_id", "category_id", "from_minor", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("from_minor >= 0", name="from_not_negative"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commission_plan.id"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_category.id"))
    from_minor: Mapped[Minor] = mapped_column(default=0)
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))


class CommissionMember(Record):
    """A salesperson who sells on a plan."""

    __tablename__ = "commission_member"
    __table_args__ = (UniqueConstraint("plan_id", "salesperson_id"),)

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commission_plan.id"))
    salesperson_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
