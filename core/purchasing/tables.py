"""Tables of purchasing."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Minor, Quantity, Record, UnitPrice, append_only
from core.parties import Party


class OrderState(StrEnum):
    """The life of a purchase order."""

    DRAFT = "draft"
    PLACED = "placed"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Match(StrEnum):
    """What comes of comparing a bill with its order and its receipts."""

    MATCHED = "matched"
    PRICE_DIFFERENCE = "price_difference"
    QUANTITY_DIFFERENCE = "quantity_difference"


class DifferenceTo(StrEnum):
    """Where the difference between a bill and its order goes."""

    VARIANCE = "variance"
    STOCK = "stock"


class SupplierOffer(Record):
    """A supplier's price for one unit of an item, from some quantity up, for some time.

    What is ordered is a whole number of `order_multiple`, where there is one.
    """

    __tablename__ = "supplier_offer"
    __table_args__ = (
        UniqueConstraint(
            "item_id",
            "supplier_id",
            "minimum_quantity",
            "valid_from",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("order_multiple > 0", name="order_multiple_positive"),
        CheckConstraint("valid_until >= valid_from", name="in_order"),
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
    order_multiple: Mapped[Quantity | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    supplier: Mapped[Party] = relationship(lazy="raise", viewonly=True)


class PurchaseOrder(Record):
    """A promise to buy from a supplier at agreed prices."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        Index(None, "ordered_on"),
        CheckConstraint("net_minor + tax_minor + freight_minor = total_minor", name="total"),
        CheckConstraint("rate > 0", name="rate"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.PLACED)
    ordered_on: Mapped[date]
    expected_on: Mapped[date]
    currency: Mapped[str]
    # What one of its currency was worth in the company's on the day it was ordered.
    rate: Mapped[Decimal] = mapped_column(Numeric, default=Decimal(1), server_default=text("1"))
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    freight_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor]
    # History brought from another system: its goods and bills never moved our stock or books.
    imported: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    # Where it is received; None: in the main warehouse.
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"))
    # Whom the supplier sends it to instead of to us: it never lies on a shelf of ours.
    ship_to_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))

    supplier: Mapped[Party] = relationship(lazy="raise", viewonly=True, foreign_keys=[supplier_id])
    lines: Mapped[list["PurchaseOrderLine"]] = relationship(
        back_populates="order", lazy="raise", order_by="PurchaseOrderLine.position"
    )


class PurchaseOrderLine(Record):
    """A quantity of an item on an order, and how much of it came and was billed.

    A line that was taken off stays, with a quantity of nothing. What was written off is what came
    and will never be billed; negative, what was billed and will neither come nor be credited.
    """

    __tablename__ = "purchase_order_line"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("received_quantity >= 0", name="received_not_negative"),
        CheckConstraint("billed_quantity >= 0", name="billed_not_negative"),
        CheckConstraint("num_nonnulls(unit_code, unit_quantity) <> 1", name="unit"),
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
    written_off_quantity: Mapped[Quantity] = mapped_column(
        default=Decimal(0), server_default=text("0")
    )
    # The day that the supplier confirmed.
    confirmed_on: Mapped[date | None]
    # The line of a document in a room above that it is bought for, and that document's number.
    pegged_line_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    pegged_to: Mapped[str | None]
    # How it was ordered where that was another unit than the item's own: five cartons.
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    unit_quantity: Mapped[Quantity | None]

    order: Mapped[PurchaseOrder] = relationship(back_populates="lines", lazy="raise")
    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class PurchaseOrderVersion(Record):
    """What an order said before it was changed, and why it was."""

    __tablename__ = "purchase_order_version"
    __table_args__ = (UniqueConstraint("order_id", "version"),)

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("purchase_order.id"))
    version: Mapped[int]
    changed_on: Mapped[date]
    because: Mapped[str]
    total_minor: Mapped[Minor]
    # One object for every line: position, sku, quantity, unit_price, discount_percent, due_on.
    lines: Mapped[list[dict[str, str]]] = mapped_column(JSONB)


class GoodsReceipt(Record):
    """Goods of an order that arrived on a day, or went back."""

    __tablename__ = "goods_receipt"

    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    received_on: Mapped[date] = mapped_column(index=True)
    # Set when goods went back: the receipt that this one undoes, or a part of it.
    returns_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("goods_receipt.id"), index=True)
    # Where it was put, or taken from; None: the main warehouse, or no shelf of ours.
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"))
    because: Mapped[str | None]

    lines: Mapped[list["GoodsReceiptLine"]] = relationship(
        lazy="raise", order_by="GoodsReceiptLine.id"
    )


class GoodsReceiptLine(Record):
    """How much of an order line arrived, what it is worth in the books, and what was rejected.

    What is rejected goes away with the driver: it is not ours, and is still to come.
    """

    __tablename__ = "goods_receipt_line"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND rejected_quantity >= 0", name="not_negative"),
        CheckConstraint("quantity + rejected_quantity > 0", name="something_came"),
        CheckConstraint("quantity > 0 OR value_minor = 0", name="nothing_is_worth_nothing"),
        CheckConstraint(
            "rejected_quantity = 0 OR rejected_because IS NOT NULL", name="rejected_for_a_reason"
        ),
        CheckConstraint(
            "returns_line_id IS NULL OR rejected_quantity = 0", name="returns_reject_nothing"
        ),
    )

    receipt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("goods_receipt.id"), index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), index=True
    )
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]
    rejected_quantity: Mapped[Quantity] = mapped_column(
        default=Decimal(0), server_default=text("0")
    )
    rejected_because: Mapped[str | None]
    # Of a return: which line of the receipt goes back.
    returns_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("goods_receipt_line.id"), index=True
    )


class PurchaseTolerance(Record):
    """What we let pass, in general or of a supplier, an item, or a supplier's item.

    A bill may be off by a percentage and, where there is one, by no more than an amount.
    """

    __tablename__ = "purchase_tolerance"
    __table_args__ = (
        UniqueConstraint("supplier_id", "item_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "price_percent BETWEEN 0 AND 100 AND billed_percent BETWEEN 0 AND 100"
            " AND over_percent BETWEEN 0 AND 100 AND under_percent BETWEEN 0 AND 100",
            name="percents",
        ),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
    )

    supplier_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    # How far a bill's price, and how much more than came its quantity may be.
    price_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    price_minor: Mapped[Minor | None]
    billed_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    # How much more than ordered may come, and how much less ends a line.
    over_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    under_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    difference_to: Mapped[DifferenceTo]


class BillMatch(Record):
    """How a bill of an order compares with what came; `approved_by` agreed to the difference."""

    __tablename__ = "bill_match"
    __table_args__ = (
        CheckConstraint("approved_by <> booked_by", name="two_people"),
        CheckConstraint(
            "(approved_by IS NULL) = (approved_on IS NULL)", name="approved_by_somebody"
        ),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"), unique=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    state: Mapped[Match]
    expected_minor: Mapped[Minor]
    difference_minor: Mapped[Minor]
    # Beyond our tolerance: it is not paid before a second person agrees.
    held: Mapped[bool]
    booked_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_on: Mapped[date | None]


class ReceiptWriteOff(Record):
    """What came and will never be billed, or was billed and will never come, leaves the books."""

    __tablename__ = "receipt_write_off"

    number: Mapped[str] = mapped_column(index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), index=True
    )
    quantity: Mapped[Quantity]
    value_minor: Mapped[Minor]
    written_off_on: Mapped[date]
    because: Mapped[str]


append_only(PurchaseOrderVersion.__table__)
append_only(ReceiptWriteOff.__table__)
