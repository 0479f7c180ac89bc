"""What the tools of trade share: who sees what, and which part of an order is meant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item
from core.inventory.errors import MovedInTheFuture
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import DomainError
from core.kernel.identifiers import new_id
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import plain
from core.kernel.semantics import COSTS
from tools.base import Column, Grid, InCurrency, Ref, Text, Words

LEADERS = frozenset({Role.MANAGER, Role.ADMIN})
SELLERS = LEADERS | {Role.SALES}
BUYERS = LEADERS | {Role.BUYER}
STOREKEEPERS = LEADERS | {Role.WAREHOUSE}
BOOKKEEPERS = LEADERS | {Role.ACCOUNTANT}
# Everybody who works here, and the watchers of the house.
READERS = STAFF | {Role.WATCHER}
# A customer of the portal sees the own rows only.
AND_CUSTOMERS = READERS | {Role.CUSTOMER}

PurchaseOrderRef = Annotated[Text, Ref("purchase_order")]
SalesOrderRef = Annotated[Text, Ref("sales_order")]
QuotationRef = Annotated[Text, Ref("quotation")]
SalesReturnRef = Annotated[Text, Ref("sales_return")]
DeliveryRef = Annotated[Text, Ref("delivery")]
LocationRef = Annotated[Text, Ref("location")]
TerritoryRef = Annotated[Text, Ref("territory")]
PriceListRef = Annotated[Text, Ref("price_list")]
CategoryRef = Annotated[Text, Ref("category")]
PromotionRef = Annotated[Text, Ref("promotion")]
PlanRef = Annotated[Text, Ref("commission_plan")]
UnitRef = Annotated[Text, Ref("unit")]
Because = Annotated[Words, Field(min_length=1)]
Limit = Annotated[
    Decimal, Field(ge=0, le=Decimal(10) ** 13, max_digits=20, decimal_places=4), InCurrency()
]


# How far back goods may have moved that are entered today.
MOVED_DAYS_MAX = 366


class SayWhichCustomer(DomainError):
    """Which customer do you mean? Say their number or name."""

    zh = "您指的是哪个客户？请说明编号或名称。"


class SayWhichItem(DomainError):
    """This order has several items: {items}. Say which one."""

    zh = "该订单有多种物料：{items}。请说明是哪一种。"


class NotOnThisOrder(DomainError):
    """{sku} is not on this order; it has {items}."""

    zh = "该订单没有 {sku}；现有：{items}。"


class TooLongAgo(DomainError):
    """{day} is more than a year ago; leave it to the stock count, or name a later day."""

    zh = "{day} 已超过一年；请通过盘点处理，或指定较晚的日期。"


def require_recent(session: Session, day: date | None) -> None:
    """Refuse to move goods on a day to come, or on one that nobody would still type in."""
    today = company(session).today
    if day is not None and day > today:
        raise MovedInTheFuture(day=day, today=today)
    if day is not None and day < today - timedelta(days=MOVED_DAYS_MAX):
        raise TooLongAgo(day=day)


class OrderedPart(Protocol):
    """A line of an order, as far as it matters for saying which one is meant."""

    @property
    def position(self) -> int:
        """Its place on the order."""

    @property
    def sku(self) -> str:
        """Its item."""


def own_party(session: Session) -> uuid.UUID | None:
    """Return the only party whose rows the asking person may see, or None for all."""
    actor = acting(session).actor
    if Role.CUSTOMER not in actor.roles or actor.roles & STAFF:
        return None
    # A portal account that belongs to nobody sees the rows of nobody.
    return actor.party_id or new_id()


def sees_costs(session: Session) -> bool:
    """Tell whether the asking person may see what things cost us."""
    return bool(acting(session).actor.roles & COSTS)


def part_of(
    left: Sequence[tuple[OrderedPart, Decimal]], *, sku: str | None, quantity: Decimal | None
) -> dict[int, Decimal] | None:
    """Return how much of which position is meant by a quantity, an item, both or neither (all).

    `left` says how much of each position can still come or go. What is too much is put on the
    last of the positions, so that the order refuses it by name.
    """
    if sku is None and quantity is None:
        return None
    meant = [(line, rest) for line, rest in left if sku is None or line.sku == sku]
    items = ", ".join(dict.fromkeys(line.sku for line, _ in left))
    if not meant:
        raise NotOnThisOrder(sku=sku, items=items)
    if sku is None and len({line.sku for line, _ in meant}) > 1:
        raise SayWhichItem(items=items)
    if quantity is None:
        return {line.position: rest for line, rest in meant if rest} or None
    parts: dict[int, Decimal] = {}
    rest_of_quantity = quantity
    for line, rest in meant:
        part = min(rest, rest_of_quantity)
        if part > 0:
            parts[line.position] = part
            rest_of_quantity -= part
    if rest_of_quantity:
        last = meant[-1][0].position
        parts[last] = parts.get(last, Decimal(0)) + rest_of_quantity
    return parts


@dataclass(frozen=True)
class Counted:
    """How much of an item is meant, in its own unit, and how it was said where it was another."""

    quantity: Decimal
    unit_price: Decimal | None = None
    unit_code: str | None = None
    unit_quantity: Decimal | None = None


def in_own_unit(
    session: Session, item: Item, quantity: Decimal, unit: str | None, price: Decimal | None = None
) -> Counted:
    """Count in the item's own unit what was said in another: its quantity, and its price if any."""
    code = None if unit is None else catalog.find_unit(session, unit).code
    if code is None or code == item.unit_code:
        return Counted(quantity, price)
    each = None if price is None else catalog.price_in_base_unit(session, item, price, code)
    whole = catalog.in_base_unit(session, item, quantity, code)
    return Counted(whole, each, code, quantity)


def with_units(grid: Grid, ordered_as: Sequence[str], at: int) -> Grid:
    """Say in a grid of lines how they were ordered, where any was in another unit."""
    if not any(ordered_as):
        return grid
    column = Column("ordered as", "订购单位数量")
    rows = zip(grid.rows, ordered_as, strict=True)
    return Grid(
        (*grid.columns[:at], column, *grid.columns[at:]),
        tuple((*row[:at], said or None, *row[at:]) for row, said in rows),
    )


def counted(quantity: Decimal, sku: str) -> str:
    """Say a quantity of an item."""
    return f"{plain(quantity)} × {sku}"
