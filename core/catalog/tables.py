"""Tables of the catalog."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Quantity, Record, Table, UnitPrice


class ItemKind(StrEnum):
    """Whether an item lies on a shelf; a kit is sold as one, and its components lie there."""

    STOCKED = "stocked"
    SERVICE = "service"
    KIT = "kit"


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
    # What items under it are taxed with that say nothing of their own.
    sales_tax_code: Mapped[str | None]
    purchase_tax_code: Mapped[str | None]


class ItemTemplate(Record):
    """What items have in common that differ by their colour, size or the like only."""

    __tablename__ = "item_template"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_category.id"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))


class Item(Record):
    """Something we buy, make, stock or sell, known to people by its SKU."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("standard_cost >= 0", name="standard_cost_not_negative"),
        CheckConstraint("weight_kg > 0 AND volume_l > 0", name="weight_and_volume_positive"),
        CheckConstraint("replaced_by_id <> id", name="replaced_by_another"),
    )

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
    sales_tax_code: Mapped[str | None]
    purchase_tax_code: Mapped[str | None]
    # Whether the tax codes were given for it; otherwise they are those of its category.
    own_tax: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    sale_blocked: Mapped[bool] = mapped_column(default=False)
    purchase_blocked: Mapped[bool] = mapped_column(default=False)
    replaced_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    template_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("item_template.id"), index=True
    )
    # The units that it is usually bought and sold in, where that is not its own.
    purchase_unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    sales_unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    # Of one unit, for freight.
    weight_kg: Mapped[UnitPrice | None]
    volume_l: Mapped[UnitPrice | None]

    unit: Mapped[Unit] = relationship(lazy="raise", foreign_keys=[unit_code])


class PriceList(Record):
    """A list of sales prices in one currency."""

    __tablename__ = "price_list"
    __table_args__ = (
        Index("uq_price_list_usual", "usual", unique=True, postgresql_where=text("usual")),
        Index(
            "uq_price_list_customer_group",
            text("lower(customer_group)"),
            unique=True,
            postgresql_where=text("customer_group IS NOT NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    currency: Mapped[str]
    # The list of whoever has none of the own.
    usual: Mapped[bool] = mapped_column(default=False)
    # The list of all customers of a group that have none of their own.
    customer_group: Mapped[str | None]


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
