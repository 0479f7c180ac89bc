"""When goods can go: what is free by which day, and when what is missing would come.

A unit is promised once: what earlier promises need on any later day is not free today. What is
not free at all is capable to promise once an order made now, or a production, would bring it.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from core import inventory
from core.catalog import Item, ItemKind
from core.inventory import Location
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.processes.replenishment.choosing import Choice, choices, offers_of
from core.processes.replenishment.history import lead_times_of
from core.processes.replenishment.positions import Position, Wanted, positions_of
from core.sales import OrderLineDraft, SalesOrder

_ZERO = Decimal(0)


class PromiseSource(StrEnum):
    """Where promised goods come from."""

    STOCK = "from_stock"
    SUPPLY = "from_supply"
    PURCHASE = "from_purchase"
    PRODUCTION = "from_production"
    # A service is there whenever somebody does it.
    SERVICE = "from_service"


@dataclass(frozen=True)
class PromisePart:
    """A part of a line that can go on a day, and why then: the documents that bring it."""

    on: date
    quantity: Decimal
    source: PromiseSource
    because: str = ""


@dataclass(frozen=True)
class LinePromise:
    """When a line can go, part by part; `unpromised` is what nobody can bring."""

    item: Item
    quantity: Decimal
    parts: tuple[PromisePart, ...]

    @property
    def unpromised(self) -> Decimal:
        """How much cannot be promised for any day."""
        return self.quantity - sum((part.quantity for part in self.parts), _ZERO)

    @property
    def on(self) -> date | None:
        """The day on which all of it can go, if there is one."""
        return max(part.on for part in self.parts) if self.unpromised == 0 else None


@dataclass(frozen=True)
class OrderPromise:
    """When the lines of an order can go: each by itself, and all at once."""

    lines: tuple[LinePromise, ...]

    @property
    def on(self) -> date | None:
        """The day on which everything can go, if there is one."""
        days = [line.on for line in self.lines]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


# When a production of so many would be done; None where the item is not made.
Producing = Callable[[Session, Item, Decimal], date | None]


def free_on(position: Position, day: date) -> Decimal:
    """Return what can be promised for a day without taking it from any earlier promise."""
    later = [each.on for each in position.coming if each.on > day]
    later += [each.on for each in position.wanted if each.on > day]
    return max(min(position.projected(each) for each in (day, *later)), _ZERO)


def promise(
    session: Session,
    lines: Sequence[OrderLineDraft],
    *,
    location: Location | None = None,
    producing: Producing | None = None,
) -> OrderPromise:
    """Say when the lines of an order could go from a warehouse: all at once, and each of them.

    Nothing is reserved by asking. Lines of the same item share what is free, in their order.
    """
    wants = [(line.item, line.quantity) for line in lines]
    return _promised(session, wants, location=location, producing=producing)


def promise_missing(
    session: Session,
    order: SalesOrder,
    missing: Mapping[uuid.UUID, Decimal],
    *,
    producing: Producing | None = None,
) -> OrderPromise:
    """Say when what is missing of some lines of an order could go."""
    wants = [(line.item, missing[line.id]) for line in order.lines if line.id in missing]
    place = session.get_one(Location, order.location_id) if order.location_id else None
    return _promised(session, wants, location=place, producing=producing, for_lines=missing)


def _promised(
    session: Session,
    wants: Sequence[tuple[Item, Decimal]],
    *,
    location: Location | None,
    producing: Producing | None,
    for_lines: Collection[uuid.UUID] = (),
) -> OrderPromise:
    """Promise quantities of items, one after the other; lines they are for take nothing twice."""
    today = company(session).today
    stocked = {item.id for item, _ in wants if item.kind is ItemKind.STOCKED}
    place = location or inventory.main_location(session)
    positions = positions_of(session, stocked)
    offers, receipts = offers_of(session, stocked, today=today), lead_times_of(session, stocked)
    known: dict[uuid.UUID, Position] = {}
    for item_id in stocked:
        position = reckoned(positions.of(item_id, place.id), today=today)
        others = tuple(each for each in position.wanted if each.line_id not in for_lines)
        known[item_id] = replace(position, wanted=others)
    promised: list[LinePromise] = []
    for item, quantity in wants:
        if item.kind is not ItemKind.STOCKED:
            part = PromisePart(today, quantity, PromiseSource.SERVICE)
            promised.append(LinePromise(item, quantity, (part,)))
            continue
        ways = choices(offers.get(item.id, ()), quantity, receipts=receipts, today=today)
        made_on = producing(session, item, quantity) if producing else None
        parts, known[item.id] = promised_from(
            known[item.id], quantity, made=_soonest(ways, made_on), today=today
        )
        promised.append(LinePromise(item, quantity, parts))
    return OrderPromise(tuple(promised))


def reckoned(position: Position, *, today: date) -> Position:
    """Return a position as it can be relied on: late supply is there tomorrow at best."""
    coming = tuple(
        replace(each, on=today + timedelta(days=1)) if each.on < today else each
        for each in position.coming
    )
    return replace(position, coming=coming)


def _soonest(ways: Sequence[Choice], made_on: date | None) -> PromisePart | None:
    """Return the day on which as much as one likes would be there, and from where."""
    best = min(ways, key=lambda way: (way.arrives_on, way.cost), default=None)
    if made_on is not None and (best is None or made_on <= best.arrives_on):
        return PromisePart(made_on, _ZERO, PromiseSource.PRODUCTION)
    if best is None:
        return None
    return PromisePart(best.arrives_on, _ZERO, PromiseSource.PURCHASE, best.supplier)


def promised_from(
    position: Position, quantity: Decimal, *, made: PromisePart | None, today: date
) -> tuple[tuple[PromisePart, ...], Position]:
    """Promise what is free, the soonest first; what is left comes with an order made now.

    Returns the parts, and the position once they are promised.
    """
    left, parts = quantity, []
    for day in sorted({today, *(each.on for each in position.coming if each.on > today)}):
        part = min(free_on(position, day), left)
        if part <= 0 or (made is not None and day > made.on):
            continue
        bringing = [each.document for each in position.coming if each.on == day > today]
        source = PromiseSource.SUPPLY if bringing else PromiseSource.STOCK
        because = ", ".join(dict.fromkeys(bringing))
        parts.append(PromisePart(day, part, source, because))
        left -= part
        mine = Wanted("", "", day, part, new_id())
        position = replace(position, wanted=(*position.wanted, mine))
    if left > 0 and made is not None:
        parts.append(replace(made, quantity=left))
    return tuple(parts), position
