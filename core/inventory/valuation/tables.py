"""Tables of valuation: layers of cost, and what changed a cost later."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import ValuationMethod
from core.inventory.tables import BOOKED
from core.kernel.database import Minor, Quantity, Record, Table, UnitPrice, append_only


class Basis(StrEnum):
    """By what a landed cost is shared out."""

    QUANTITY = "quantity"
    VALUE = "value"
    EQUAL = "equal"
    WEIGHT = "weight"


class StockLayer(Table):
    """What is left of goods that came in together, first in, first out; and its value.

    Kept for speed, and only for items valued so; `verify` compares it with a replay.
    """

    __tablename__ = "stock_layer"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
        Index(None, "item_id", "moved_on", "place"),
    )

    # The move that brought the goods, or the revaluation that made one layer of all.
    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    moved_on: Mapped[date]
    # As the sequence of what brought them.
    place: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]


class StockOpening(Table):
    """What there was of an item when its timeline began; moves booked before it are at rest."""

    __tablename__ = "stock_opening"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    after_sequence: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]


class StockRevaluation(Record):
    """Stock that was given another value, another method, or another standard cost."""

    __tablename__ = "stock_revaluation"
    __table_args__ = (
        CheckConstraint("value_minor >= 0", name="value_not_negative"),
        CheckConstraint("booked_on >= revalued_on", name="booked_after_it_happened"),
        Index(None, "item_id", "revalued_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    revalued_on: Mapped[date]
    booked_on: Mapped[date]
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=BOOKED.next_value())
    # The value of a `ValuationMethod`, as that of `method`.
    method_before: Mapped[str]
    method: Mapped[ValuationMethod]
    standard_before: Mapped[UnitPrice | None]
    standard: Mapped[UnitPrice | None]
    # What there was, and what all of it is worth from here on; none where it keeps its value.
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor | None]
    # By how much the stock became dearer, and the account that explains it.
    amount_minor: Mapped[Minor]
    against: Mapped[str]
    because: Mapped[str]


class StockCorrection(Record):
    """What a move or a revaluation costs more, or less, than was booked before.

    `own` tells a cost that was brought onto the move itself from one that follows from others.
    """

    __tablename__ = "stock_correction"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint("(move_id IS NULL) <> (revaluation_id IS NULL)", name="of_one"),
        Index(None, "item_id", "corrected_on"),
        Index(None, "move_id"),
        # What came late of the material of work orders is looked for again and again.
        Index(
            "ix_stock_correction_in_progress",
            "created_at",
            postgresql_where=text("against = 'work_in_progress'"),
        ),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    move_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stock_move.id"))
    revaluation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stock_revaluation.id"))
    amount_minor: Mapped[Minor]
    corrected_on: Mapped[date]
    against: Mapped[str]
    own: Mapped[bool]
    origin: Mapped[str]
    because: Mapped[str]


class LandedCost(Record):
    """Freight, duty or insurance that makes goods dearer which came in."""

    __tablename__ = "landed_cost"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    number: Mapped[str] = mapped_column(unique=True)
    charged_on: Mapped[date]
    basis: Mapped[Basis]
    amount_minor: Mapped[Minor]
    # Where the cost was booked before, and on which bill.
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    bill: Mapped[str | None] = mapped_column(index=True)
    because: Mapped[str]
    cancelled_on: Mapped[date | None]

    lines: Mapped[list["LandedCostLine"]] = relationship(
        lazy="raise", order_by="LandedCostLine.position"
    )


class LandedCostLine(Record):
    """The share of one receipt of goods in a landed cost."""

    __tablename__ = "landed_cost_line"
    __table_args__ = (CheckConstraint("share_minor >= 0", name="share_not_negative"),)

    landed_cost_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("landed_cost.id"), index=True)
    position: Mapped[int]
    move_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_move.id"), index=True)
    share_minor: Mapped[Minor]


for _facts in (StockRevaluation, StockCorrection, LandedCostLine):
    append_only(_facts.__table__)
