"""Let the books follow a count: the differences of all its shelves, in one entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import CountBelowReserved
from core.inventory.events import Level
from core.inventory.locations import outside
from core.inventory.lots import Carried, LotPart, carry_lots
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, LocationKind
from core.inventory.valuation.corrections import book_corrections
from core.inventory.valuation.moves import day_of, new_move
from core.inventory.valuation.timeline import Way
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
    # Of a tracked item, what the difference is made of.
    lots: Sequence[LotPart] = ()


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
        return abs(minor)
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
    elsewhere, day = outside(session, LocationKind.ADJUSTMENT), day_of(session, None)
    found = missing = 0
    carried = []
    for each in differences:
        item, place = each.item, each.location
        ways = (elsewhere, place) if each.quantity > 0 else (place, elsewhere)
        move = new_move(item, abs(each.quantity), *ways, day, number, INVENTORY_ADJUSTMENT)
        if each.quantity > 0:
            shelves.put(item, place, move, way=Way.FOUND, value=_reckoned(session, each))
            found += move.value_minor
        else:
            _require_enough(shelves, each)
            shelves.take(item, place, move)
            missing += move.value_minor
        session.add(move)
        carried.append(Carried(item, move, each.lots))
    corrections, levels = shelves.corrections(), shelves.write()
    carry_lots(session, carried)
    currency = company(session).currency
    booked = Booked(levels, Money(found, currency), Money(missing, currency))
    memo = because or number
    book_corrections(session, corrections, origin=number, memo=memo)
    if found or missing:
        lines = [
            *_sides(INVENTORY, INVENTORY_ADJUSTMENT, booked.found),
            *_sides(INVENTORY_ADJUSTMENT, INVENTORY, booked.missing),
        ]
        post_entry(
            session,
            lines,
            memo=memo,
            origin=number,
            posted_on=day.booked_on,
            journal=Journal.STOCK,
        )
    session.flush()
    return booked


def _reckoned(session: Session, each: Difference) -> int:
    ours = company(session)
    worth = each.item.standard_cost * each.quantity
    return Money.rounding(worth, ours.currency, ours.rounding).minor


def _require_enough(shelves: Shelves, each: Difference) -> None:
    counted = shelves.on_hand(each.item, each.location) + each.quantity
    reserved = shelves.reserved(each.item, each.location)
    if reserved and counted < reserved:
        raise CountBelowReserved(
            sku=each.item.sku,
            location=each.location.code,
            counted=plain(counted),
            reserved=plain(reserved),
        )


def _sides(debited: str, credited: str, value: Money) -> list[Line]:
    return [debit(debited, value), credit(credited, value)] if value.minor else []
