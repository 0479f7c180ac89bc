"""Keeping goods for somebody by hand: "reserve 20 for Acme until Friday"."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session, joinedload

from core.catalog import Item, unit_digits
from core.inventory import rules as stock_rules
from core.inventory.locations import require_sellable
from core.inventory.reservations import rules
from core.inventory.reservations.errors import (
    NothingSetAside,
    NothingToReserve,
    TooMuchToGiveBack,
    UnknownSetAside,
)
from core.inventory.reservations.events import Promise, ReservationExtended, StockSetAside
from core.inventory.reservations.rows import of_lines
from core.inventory.reservations.service import Request, release, reserve
from core.inventory.reservations.tables import SetAside
from core.inventory.shelves import lock_items
from core.inventory.tables import (
    Location,
    Reservation,
    ReservationKind,
)
from core.inventory.tree import level_in
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.parties import Party

_ZERO = Decimal(0)


def set_aside(
    session: Session,
    item: Item,
    *,
    quantity: Decimal,
    location: Location,
    party: Party | None = None,
    until: date | None = None,
    kind: ReservationKind = ReservationKind.HARD,
    priority: int | None = None,
    waits: bool = False,
    because: str = "",
) -> SetAside:
    """Keep goods for somebody, through a day; what is not there waits, or all of it is refused."""
    require_sellable(location)
    stock_rules.require_movable(item, quantity)
    digits = unit_digits(session, [item])[item.unit_code]
    stock_rules.require_exact(item, quantity, unit=item.unit_code, digits=digits)
    if until is not None:
        rules.require_ahead(until, today=company(session).today)
    # Before the number, as whoever moves goods does.
    lock_items(session, [item.id])
    aside = SetAside(
        id=new_id(),
        number=next_number(session, "RS"),
        item=item,
        item_id=item.id,
        location=location,
        location_id=location.id,
        party=party,
        party_id=party.id if party else None,
        quantity=quantity,
        made_on=company(session).today,
        because=because,
    )
    session.add(aside)
    request = Request(
        item,
        quantity,
        aside.id,
        kind=kind,
        priority=priority,
        expires_at=rules.end_of(until) if until else None,
    )
    promised = reserve(session, [request], location=location, origin=aside.number, waits=waits)
    if not waits and promised[aside.id] < quantity:
        raise _nothing(session, item, location)
    fact = StockSetAside(
        number=aside.number,
        sku=item.sku,
        called=item.name,
        location=location.code,
        party=party.name if party else "",
        kind=kind,
        priority=request.rank,
        quantity=plain(quantity),
        waiting=plain(quantity - promised[aside.id]),
        until=until.isoformat() if until else "",
        because=because,
    )
    events.record(session, fact)
    session.flush()
    return aside


def find_set_aside(session: Session, number: str) -> SetAside:
    """Return a reservation made by hand, with its item, place and party."""
    beside = (joinedload(SetAside.item), joinedload(SetAside.location), joinedload(SetAside.party))
    return find_numbered(session, SetAside, number, *beside, unknown=UnknownSetAside(number=number))


def give_back(session: Session, number: str, *, quantity: Decimal | None = None) -> Decimal:
    """Give back all that is kept under a number, or so much of it; return how much that was."""
    aside = find_set_aside(session, number)
    standing = sum((row.quantity for row in _standing(session, aside)), _ZERO)
    if quantity is not None and quantity > standing:
        raise TooMuchToGiveBack(
            number=aside.number,
            sku=aside.item.sku,
            reserved=plain(standing),
            wanted=plain(quantity),
        )
    parts = None if quantity is None else {aside.id: quantity}
    release(session, [aside.id], quantities=parts)
    return standing if quantity is None else quantity


def extend(session: Session, number: str, *, until: date) -> SetAside:
    """Keep goods through another day than was said, a later or an earlier one."""
    aside = find_set_aside(session, number)
    rules.require_ahead(until, today=company(session).today)
    rows = _standing(session, aside)
    before = rows[0].expires_at
    for row in rows:
        row.expires_at = rules.end_of(until)
    session.flush()
    promise = Promise(
        aside.number,
        aside.item.sku,
        aside.item.name,
        rules.last_day(before).isoformat() if before else "unlimited",
        until.isoformat(),
        "until",
    )
    events.record(session, ReservationExtended(promises=(promise,), levels=()))
    return aside


def _standing(session: Session, aside: SetAside) -> list[Reservation]:
    rows = of_lines(session, [aside.id])
    if not rows:
        raise NothingSetAside(number=aside.number)
    return rows


def _nothing(session: Session, item: Item, location: Location) -> NothingToReserve:
    on_hand, reserved = level_in(session, item, location)
    return NothingToReserve(
        sku=item.sku, location=location.code, on_hand=plain(on_hand), reserved=plain(reserved)
    )
