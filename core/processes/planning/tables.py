"""Tables of planning: how an item is planned, where somebody said so."""

import uuid
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Quantity, Table


class PlanningRule(Table):
    """In which lots an item is made or bought, how long that takes, and what is kept of it."""

    __tablename__ = "planning_rule"
    __table_args__ = (
        CheckConstraint(
            "fixed > 0 AND minimum > 0 AND maximum > 0 AND multiple > 0", name="lots_positive"
        ),
        CheckConstraint("minimum <= maximum", name="in_order"),
        CheckConstraint(
            "fixed IS NULL OR num_nonnulls(minimum, maximum, multiple) = 0", name="fixed_alone"
        ),
        CheckConstraint("period_days BETWEEN 0 AND 365", name="period_days"),
        CheckConstraint("lead_days BETWEEN 0 AND 730", name="lead_days"),
        CheckConstraint("safety_stock >= 0", name="safety_stock"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    fixed: Mapped[Quantity | None]
    minimum: Mapped[Quantity | None]
    maximum: Mapped[Quantity | None]
    multiple: Mapped[Quantity | None]
    period_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # Where it is not said, as its bill of materials, its routing or its suppliers say.
    lead_days: Mapped[int | None]
    safety_stock: Mapped[Quantity] = mapped_column(default=Decimal(0))
