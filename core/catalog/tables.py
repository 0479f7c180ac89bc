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


class Trade(StrEnum):
    """Which way goods are traded."""

    SALE = "sale"
    PURCHASE = "purchase"


class Tracking(StrEnum):
    """Whether goods of an item are told apart: by lot, by the serial number of each, or not."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


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
    # Changed through the inventory only: what is there is valued by them.
    valuation_method: Mapped[ValuationMethod] = mapped_column(
        default=ValuationMethod.MOVING_AVERAGE, server_default=text("'moving_average'")
    )
    negative_stock: Mapped[NegativeStock] = mapped_column(
        default=NegativeStock.REFUSE, server_default=text("'refuse'")
    )
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
    tracking: Mapped[Tracking] = mapped_column(default=Tracking.NONE, server_default=text("'none'"))

    unit: Mapped[Unit] = relationship(lazy="raise", foreign_keys=[unit_code])


class TemplateAttribute(Record):
    """In what the items of a template differ: colour, size."""

    __tablename__ = "template_attribute"
    __table_args__ = (UniqueConstraint("template_id", "position"),)

    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item_template.id"))
    position: Mapped[int]
    name: Mapped[str]
    name_zh: Mapped[str | None]


class AttributeValue(Record):
    """One of the colours, one of the sizes; its code is a part of the SKU."""

    __tablename__ = "attribute_value"
    __table_args__ = (UniqueConstraint("attribute_id", "code"),)

    attribute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("template_attribute.id"))
    position: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    name_zh: Mapped[str | None]


class VariantValue(Table):
    """Which of the values an item has."""

    __tablename__ = "variant_value"

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    attribute_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("template_attribute.id"), primary_key=True
    )
    value_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attribute_value.id"), index=True)


class KitComponent(Record):
    """How many of an item belong to one kit."""

    __tablename__ = "kit_component"
    __table_args__ = (
        UniqueConstraint("kit_id", "item_id"),
        CheckConstraint("kit_id <> item_id", name="of_other_items"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    kit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]

    item: Mapped[Item] = relationship(lazy="raise", foreign_keys=[item_id], viewonly=True)


class BarcodeKind(StrEnum):
    """How a barcode is made; all but the last have a check digit."""

    EAN_13 = "ean_13"
    UPC_A = "upc_a"
    EAN_8 = "ean_8"
    CODE_128 = "code_128"


class Barcode(Table):
    """What a scanner reads off an item, or off so much of it as a unit holds."""

    __tablename__ = "barcode"
    __table_args__ = (CheckConstraint("code ~ '^[ -~]{1,48}$'", name="can_be_scanned"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[BarcodeKind]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))


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
