"""Tables of sales."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Minor, Quantity, Record, UnitPrice
from core.parties import Party


class OrderState(StrEnum):
    """The life of a sales order."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class SalesOrder(Record):
    """A promise to sell to a customer at agreed prices."""

    __tablename__ = "sales_order"
    __table_args__ = (
        Index(None, "ordered_on"),
        CheckConstraint("net_minor + tax_minor + freight_minor = total_minor", name="total"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.CONFIRMED)
    ordered_on: Mapped[date]
    promised_on: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    freight_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor]
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("territory.id"), index=True)
    salesperson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    # How it came in: "online", "reseller", "direct".
    channel: Mapped[str]
    # The customer's own number for it.
    reference: Mapped[str | None]
    # History brought from another system: its deliveries never moved our stock or books.
    imported: Mapped[bool] = mapped_column(default=False)

    customer: Mapped[Party] = relationship(lazy="raise", viewonly=True, foreign_keys=[customer_id])
    lines: Mapped[list["SalesOrderLine"]] = relationship(
        back_populates="order", lazy="raise", order_by="SalesOrderLine.position"
    )


class SalesOrderLine(Record):
    """A quantity of an item on an order, and how much of it was delivered and invoiced."""

    __tablename__ = "sales_order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("delivered_quantity BETWEEN 0 AND quantity", name="delivered"),
        CheckConstraint("invoiced_quantity BETWEEN 0 AND delivered_quantity", name="invoiced"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id"), index=True)
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    # What one unit costs on the list, and what was agreed before the discount.
    list_price: Mapped[UnitPrice]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    # Exact, before rounding to the currency; reports add these up and round once.
    net_amount: Mapped[UnitPrice]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    # Of imported history only: what one unit cost when it was sold.
    unit_cost: Mapped[UnitPrice | None]
    delivered_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    invoiced_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    order: Mapped[SalesOrder] = relationship(back_populates="lines", lazy="raise")
    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class Delivery(Record):
    """Goods of an order that left on a day."""

    __tablename__ = "delivery"

    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id"), index=True)
    delivered_on: Mapped[date] = mapped_column(index=True)
    # Set when the goods came back: the delivery that this one undoes.
    returns_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("delivery.id"), unique=True)

    lines: Mapped[list["DeliveryLine"]] = relationship(lazy="raise")


class DeliveryLine(Record):
    """How much of an order line left, and what it cost in the books."""

    __tablename__ = "delivery_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("delivery.id"), index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order_line.id"), index=True)
    quantity: Mapped[Quantity]
    cost_minor: Mapped[Minor]
