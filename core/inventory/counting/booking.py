"""Let the books follow a count: the differences of all its shelves, in one entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import CountBelowReserved
from core.inventory.events import Level
from core.inventory.locations import outside
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, LocationKind, StockMove
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.ledger import Journal, Line, credit, debit, post_entry
from core.ledger.chart import INVENTORY, INVENTORY_ADJUSTMENT


@dataclass(frozen=True)
class Difference:
    """How much more of an item lies in a place than the books say; less, where negative."""

    item: Item
    location: Location
    quantity: Decimal


@dataclass(frozen=True)
class Booked:
    """What was booked: the levels that changed, and what was found and missing."""

    levels: tuple[Level, ...]
    found: Money
    missing: Money


def worth_of(session: Session, shelves: Shelves, item: Item, quantity: Decimal) -> int:
    """Return what a quantity that is found is worth: at average, or at standard cost."""
    minor = shelves.average_value_of(item, quantity)
    if minor is not None:
        return minor
    ours = company(session)
    return Money.rounding(item.standard_cost * quantity, ours.currency, ours.rounding).minor


def book_differences(
    session: Session,
    differences: Sequence[Difference],
    *,
    shelves: Shelves,
    number: str,
    because: str,
) -> Booked:
    """Move what is missing out and what was found in; what was found is not netted with it."""
    elsewhere, day = outside(session, LocationKind.ADJUSTMENT), company(session).today
    found = missing = 0
    moves = []
    for each in differences:
        if each.quantity > 0:
            minor = worth_of(session, shelves, each.item, each.quantity)
            shelves.put(each.item, each.location, each.quantity, minor)
            found += minor
            moves.append(_move(each, (elsewhere, each.location), minor, day, number))
        elif each.quantity < 0:
            _require_enough(shelves, each)
            minor = shelves.take(each.item, each.location, -each.quantity)
            missing += minor
            moves.append(_move(each, (each.location, elsewhere), minor, day, number))
    session.add_all(moves)
    currency = company(session).currency
    booked = Booked(shelves.write(), Money(found, currency), Money(missing, currency))
    if found or missing:
        memo = because or number
        lines = [*_sides(INVENTORY, INVENTORY_ADJUSTMENT, booked.found)]
        lines += _sides(INVENTORY_ADJUSTMENT, INVENTORY, booked.missing)
        post_entry(session, lines, memo=memo, origin=number, posted_on=day, journal=Journal.STOCK)
    session.flush()
    return booked


def _require_enough(shelves: Shelves, each: Difference) -> None:
    counted = shelves.on_hand(each.item, each.location) + each.quantity
    reserved = shelves.reserved(each.item, each.location)
    if counted < reserved:
        raise CountBelowReserved(
            sku=each.item.sku,
            location=each.location.code,
            counted=plain(counted),
            reserved=plain(reserved),
        )


def _sides(debited: str, credited: str, value: Money) -> list[Line]:
    return [debit(debited, value), credit(credited, value)] if value.minor else []


def _move(
    each: Difference, way: tuple[Location, Location], minor: int, day: date, number: str
) -> StockMove:
    source, target = way
    return StockMove(
        item_id=each.item.id,
        from_location_id=source.id,
        to_location_id=target.id,
        quantity=abs(each.quantity),
        value_minor=minor,
        moved_on=day,
        origin=number,
    )
