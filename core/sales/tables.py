"""Tables of sales."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory import Location
from core.kernel.database import Minor, Quantity, Record, Table, UnitPrice
from core.parties import Party


class OrderState(StrEnum):
    """The life of a sales order."""

    DRAFT = "draft"
    # Agreed with the customer, and not promised by us: somebody must release it first.
    HELD = "held"
    CONFIRMED = "confirmed"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class InvoicePolicy(StrEnum):
    """When an order is invoiced."""

    # A step of its own, after what left.
    ON_DELIVERY = "on_delivery"
    # In the same step: who delivers writes the invoice.
    WITH_DELIVERY = "with_delivery"
    # At once; it is delivered later.
    ON_ORDER = "on_order"
    # In parts, each when something that was agreed has happened.
    MILESTONES = "milestones"


class HoldReason(StrEnum):
    """Why an order does not go on."""

    CREDIT_LIMIT = "credit_limit"
    OVERDUE = "overdue"
    BY_HAND = "by_hand"


class MilestoneWhen(StrEnum):
    """What must have happened before a part of an order is invoiced."""

    ON_ORDER = "on_order"
    ON_DELIVERY = "on_delivery"
    ON_DAY = "on_day"
    # When somebody says so.
    REACHED = "reached"


class SalesOrder(Record):
    """A promise to sell to a customer at agreed prices."""

    __tablename__ = "sales_order"
    __table_args__ = (
        Index(None, "ordered_on"),
        CheckConstraint("net_minor + tax_minor + freight_minor = total_minor", name="total"),
        CheckConstraint("state <> 'held' OR hold_reason IS NOT NULL", name="held"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount"),
        CheckConstraint("rate > 0", name="rate"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.CONFIRMED)
    ordered_on: Mapped[date]
    promised_on: Mapped[date]
    # What the customer asked for.
    requested_on: Mapped[date | None]
    currency: Mapped[str]
    # What one of its currency was worth in the company's on the day it was ordered.
    rate: Mapped[Decimal] = mapped_column(Numeric, default=Decimal(1), server_default=text("1"))
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
    # Off every line, whatever else is off it.
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    invoice_policy: Mapped[InvoicePolicy] = mapped_column(default=InvoicePolicy.ON_DELIVERY)
    # All of it leaves together, or nothing.
    ships_complete: Mapped[bool] = mapped_column(default=False)
    # Where it leaves from; the main warehouse where none is named.
    location_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("location.id"), index=True)
    incoterm: Mapped[str | None]
    notes: Mapped[str | None]
    hold_reason: Mapped[HoldReason | None]
    held_on: Mapped[date | None]
    quotation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("quotation.id"), index=True)
    # History brought from another system: its deliveries never moved our stock or books.
    imported: Mapped[bool] = mapped_column(default=False)

    customer: Mapped[Party] = relationship(lazy="raise", viewonly=True, foreign_keys=[customer_id])
    lines: Mapped[list["SalesOrderLine"]] = relationship(
        back_populates="order", lazy="raise", order_by="SalesOrderLine.position"
    )
    location: Mapped[Location | None] = relationship(lazy="raise", viewonly=True)


class SalesOrderLine(Record):
    """A quantity of an item on an order, and how much of it was delivered and invoiced."""

    __tablename__ = "sales_order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("delivered_quantity BETWEEN 0 AND quantity", name="delivered"),
        CheckConstraint(
            "invoiced_quantity BETWEEN 0"
            " AND CASE WHEN invoiced_ahead THEN quantity ELSE delivered_quantity END",
            name="invoiced",
        ),
        CheckConstraint("returned_quantity BETWEEN 0 AND delivered_quantity", name="returned"),
        CheckConstraint("num_nonnulls(unit_code, unit_quantity) <> 1", name="unit"),
        CheckConstraint("num_nonnulls(kit_id, kit_quantity) <> 1", name="kit"),
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
    # The unit that it was ordered in, and how many of those; the quantity is in the item's own.
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    unit_quantity: Mapped[Quantity | None]
    # The kit that it is a component of, and how many of those were ordered.
    kit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    kit_quantity: Mapped[Quantity | None]
    # The promotions in its price, what they took off the line, and which were kept above cost.
    promotions: Mapped[str | None]
    promotion_amount: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    promotions_held: Mapped[str | None]
    tax_code: Mapped[str | None] = mapped_column(ForeignKey("tax_code.code"))
    # Of imported history only: what one unit cost when it was sold.
    unit_cost: Mapped[UnitPrice | None]
    delivered_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    invoiced_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # Of what was delivered, what came back for good: it neither goes out again nor is invoiced.
    returned_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # Its order is invoiced before it is delivered.
    invoiced_ahead: Mapped[bool] = mapped_column(default=False)
    # A supplier sends it to the customer; it never lies in our stock.
    drop_shipped: Mapped[bool] = mapped_column(default=False)

    order: Mapped[SalesOrder] = relationship(back_populates="lines", lazy="raise")
    item: Mapped[Item] = relationship(lazy="raise", viewonly=True, foreign_keys=[item_id])


class Milestone(Record):
    """A part of an order that is invoiced when something has happened."""

    __tablename__ = "sales_milestone"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("percent > 0 AND percent <= 100", name="percent"),
        CheckConstraint("(due_when = 'on_day') = (due_on IS NOT NULL)", name="day"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    due_when: Mapped[MilestoneWhen]
    due_on: Mapped[date | None]
    reached_on: Mapped[date | None]
    invoice_number: Mapped[str | None]


class SalesPolicy(Table):
    """How the company treats orders of customers whom it should not trust further."""

    __tablename__ = "sales_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("overdue_days >= 0", name="overdue_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # What is beyond the credit limit is held for somebody to release, or refused.
    holds_beyond_limit: Mapped[bool]
    # Nothing new is promised to who owes us something for longer than this after its due day.
    overdue_days: Mapped[int | None]


class Delivery(Record):
    """Goods that left on a day, or came back."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("num_nonnulls(order_id, return_id) > 0", name="of_something"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    # None: goods came back that no order is known of.
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sales_order.id"), index=True)
    delivered_on: Mapped[date] = mapped_column(index=True)
    # Set when goods came back: the delivery that they left with.
    returns_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    # The return that they came back by, where one was agreed before.
    return_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sales_return.id"), index=True)

    lines: Mapped[list["DeliveryLine"]] = relationship(lazy="raise")
    order: Mapped["SalesOrder | None"] = relationship(lazy="raise")

    @property
    def came_back(self) -> bool:
        """Whether it is about goods that came back."""
        return self.returns_id is not None or self.return_id is not None


class DeliveryLine(Record):
    """How much of an order line left or came back, and what it cost in the books."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("num_nonnulls(order_line_id, return_line_id) > 0", name="of_something"),
        CheckConstraint("returned_quantity BETWEEN 0 AND quantity", name="returned"),
    )

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("delivery.id"), index=True)
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("sales_order_line.id"), index=True
    )
    return_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("sales_return_line.id"), index=True
    )
    quantity: Mapped[Quantity]
    cost_minor: Mapped[Minor]
    # How much of it came back since.
    returned_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
