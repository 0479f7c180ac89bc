"""Tables of dashboards that people made for themselves."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record


class Dashboard(Record):
    """Somebody's own dashboard: its tiles in their order, each a typed question.

    The questions are stored as they were asked, symbolic: "last month" stays last month.
    """

    __tablename__ = "dashboard"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="named"),
        CheckConstraint(
            "jsonb_typeof(tiles) = 'array' AND jsonb_array_length(tiles) <= 24", name="tiles"
        ),
        Index("uq_dashboard_name", "owner", text("lower(name)"), unique=True),
    )

    owner: Mapped[str]
    name: Mapped[str]
    period: Mapped[str]
    tiles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
