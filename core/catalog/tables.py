"""Tables of the catalog."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Quantity, Record, Table, UnitPrice


class ItemKind(StrEnum):
    """Whether an item lies on a shelf."""

    STOCKED = "stocked"
    SERVICE = "service"


class ValuationMethod(StrEnum):
    """What goods that leave have cost."""

    FIFO = "fifo"
    MOVING_AVERAGE = "moving_average"
    STANDARD = "standard"


class NegativeStock(StrEnum):
    """Whether goods may leave before the books know of them."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Unit(Table):
    """A unit of measure, and how many decimals its quantities may have."""

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint("digits BETWEEN 0 AND 6", name="digits"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    digits: Mapped[int] = mapped_column(default=0)


class ItemCategory(Record):
    """A node in the tree of item categories."""

    __tablename__ = "item_category"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_category.id"))


class Item(Record):
    """Something we buy, make, stock or sell, known to people by its SKU."""

    __tablename__ = "item"
    __table_args__ = (CheckConstraint("standard_cost >= 0", name="standard_cost_not_negative"),)

    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    kind: Mapped[ItemKind] = mapped_column(default=ItemKind.STOCKED)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("item_category.id"), index=True
    )
    # In the company's currency, for one unit.
    standard_cost: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    # Changed through the inventory only: what is there is valued by them.
    valuation_method: Mapped[ValuationMethod] = mapped_column(
        default=ValuationMethod.MOVING_AVERAGE, server_default=text("'moving_average'")
    )
    negative_stock: Mapped[NegativeStock] = mapped_column(
        default=NegativeStock.REFUSE, server_default=text("'refuse'")
    )
    sales_tax_code: Mapped[str | None]
    purchase_tax_code: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)

    unit: Mapped[Unit] = relationship(lazy="raise")


class PriceList(Record):
    """A list of sales prices in one currency."""

    __tablename__ = "price_list"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    currency: Mapped[str]


class Price(Record):
    """What one unit costs on a list, from some quantity up, from some day on."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("price_list_id", "item_id", "minimum_quantity", "valid_from"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
    )

    price_list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_list.id"))
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    minimum_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    unit_price: Mapped[UnitPrice]
    valid_from: Mapped[date]
