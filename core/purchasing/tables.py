"""Tables of purchasing."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Minor, Quantity, Record, UnitPrice
from core.parties import Party


class OrderState(StrEnum):
    """The life of a purchase order."""

    DRAFT = "draft"
    PLACED = "placed"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class SupplierOffer(Record):
    """A supplier's price for one unit of an item, from some quantity up."""

    __tablename__ = "supplier_offer"
    __table_args__ = (
        UniqueConstraint("item_id", "supplier_id", "minimum_quantity"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        CheckConstraint("lead_time_days >= 0", name="lead_time_not_negative"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    minimum_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    unit_price: Mapped[UnitPrice]
    currency: Mapped[str]
    lead_time_days: Mapped[int]
    supplier_sku: Mapped[str | None]

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    supplier: Mapped[Party] = relationship(lazy="raise", viewonly=True)


class PurchaseOrder(Record):
    """A promise to buy from a supplier at agreed prices."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        Index(None, "ordered_on"),
        CheckConstraint("net_minor + tax_minor + freight_minor = total_minor", name="total"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.PLACED)
    ordered_on: Mapped[date]
    expected_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    freight_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor]
    # History brought from another system: its goods and bills never moved our stock or books.
    imported: Mapped[bool] = mapped_column(default=False)

    supplier: Mapped[Party] = relationship(lazy="raise", viewonly=True)
    lines: Mapped[list["PurchaseOrderLine"]] = relationship(
        back_populates="order", lazy="raise", order_by="PurchaseOrderLine.position"
    )


class PurchaseOrderLine(Record):
    """A quantity of an item on an order, and how much of it came and was billed."""

    __tablename__ = "purchase_order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received_quantity >= 0", name="received_not_negative"),
        CheckConstraint("billed_quantity >= 0", name="billed_not_negative"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    # Exact, before rounding to the currency; reports add these up and round once.
    net_amount: Mapped[UnitPrice]
    due_on: Mapped[date]
    received_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    rejected_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    billed_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    order: Mapped[PurchaseOrder] = relationship(back_populates="lines", lazy="raise")
    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class GoodsReceipt(Record):
    """Goods of an order that arrived on a day."""

    __tablename__ = "goods_receipt"

    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    received_on: Mapped[date] = mapped_column(index=True)
    # Set when the goods went back: the receipt that this one undoes.
    returns_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("goods_receipt.id"), unique=True
    )

    lines: Mapped[list["GoodsReceiptLine"]] = relationship(lazy="raise")


class GoodsReceiptLine(Record):
    """How much of an order line arrived, and what it is worth in the books."""

    __tablename__ = "goods_receipt_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    receipt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("goods_receipt.id"), index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), index=True
    )
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]
