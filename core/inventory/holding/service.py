"""What one can do with goods that are not for sale, or not yet."""

from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.carrying import Load, carry, require_storage
from core.inventory.holding import errors
from core.inventory.holding.events import GoodsHeld, HoldDecided
from core.inventory.holding.queries import find_hold
from core.inventory.holding.tables import StockHold, StockHoldState
from core.inventory.leaving import Outgoing
from core.inventory.locations import hold_location
from core.inventory.service import issue_goods
from core.inventory.tables import Location, LocationKind
from core.inventory.tree import warehouse_of
from core.inventory.units import require_digits
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number
from core.ledger.chart import INVENTORY_ADJUSTMENT

_ZERO = Decimal(0)


def hold_goods(
    session: Session, item: Item, *, quantity: Decimal, location: Location, because: str
) -> StockHold:
    """Set goods aside that are promised to nobody: they stay ours, and nobody can have them.

    Whoever takes goods in that are to be inspected holds them in the same transaction.
    """
    require_storage(location)
    require_digits(session, item, quantity)
    if not because:
        raise errors.SayWhy(sku=item.sku)
    place = hold_location(session, warehouse_of(session, location))
    number = next_number(session, "QH")
    carry(session, [Load(item, quantity, location, place)], origin=number)
    hold = StockHold(
        number=number,
        item=item,
        source=location,
        place=place,
        quantity=quantity,
        released=_ZERO,
        scrapped=_ZERO,
        because=because,
        held_on=company(session).today,
        state=StockHoldState.HELD,
    )
    session.add(hold)
    fact = GoodsHeld(
        number=number,
        sku=item.sku,
        quantity=plain(quantity),
        place=place.code,
        because=because,
    )
    events.record(session, fact)
    session.flush()
    return hold


def release_held(
    session: Session,
    number: str,
    *,
    quantity: Decimal | None = None,
    target: Location | None = None,
    because: str = "",
) -> StockHold:
    """Give held goods back to storage, where they came from unless said otherwise."""
    hold = _open(session, number)
    part = _part(session, hold, quantity)
    to = target or hold.source
    require_storage(to)
    hold.released += part
    _close_if_decided(hold)
    carry(session, [Load(hold.item, part, hold.place, to)], origin=hold.number)
    _decide(session, hold, part, "released", target=to.code, because=because)
    return hold


def scrap_held(
    session: Session, number: str, *, quantity: Decimal | None = None, because: str
) -> StockHold:
    """Throw held goods away; what they were worth is an adjustment of the stock."""
    hold = _open(session, number)
    part = _part(session, hold, quantity)
    if not because:
        raise errors.SayWhy(sku=hold.item.sku)
    hold.scrapped += part
    _close_if_decided(hold)
    issued = issue_goods(
        session,
        [Outgoing(hold.item, part)],
        location=hold.place,
        origin=hold.number,
        memo=f"{hold.number}: {because}",
        to_kind=LocationKind.ADJUSTMENT,
        debit_to=INVENTORY_ADJUSTMENT,
    )
    worth = Money(sum(each.cost.minor for each in issued), company(session).currency)
    _decide(session, hold, part, "scrapped", because=because, worth=worth)
    return hold


def scrap_goods(
    session: Session, item: Item, *, quantity: Decimal, location: Location, because: str
) -> StockHold:
    """Throw goods away that lie in storage: set aside and scrapped at once, on one document."""
    hold = hold_goods(session, item, quantity=quantity, location=location, because=because)
    return scrap_held(session, hold.number, because=because)


def _open(session: Session, number: str) -> StockHold:
    hold = find_hold(session, number, locked=True)
    if hold.state is StockHoldState.CLOSED:
        raise errors.HoldClosed(number=hold.number)
    return hold


def _part(session: Session, hold: StockHold, quantity: Decimal | None) -> Decimal:
    part = hold.held if quantity is None else quantity
    require_digits(session, hold.item, part)
    if part > hold.held:
        raise errors.MoreThanHeld(
            sku=hold.item.sku, number=hold.number, held=plain(hold.held), wanted=plain(part)
        )
    return part


def _close_if_decided(hold: StockHold) -> None:
    if not hold.held:
        hold.state = StockHoldState.CLOSED


def _decide(
    session: Session,
    hold: StockHold,
    part: Decimal,
    became: str,
    *,
    because: str,
    target: str = "",
    worth: Money | None = None,
) -> None:
    fact = HoldDecided(
        number=hold.number,
        sku=hold.item.sku,
        quantity=plain(part),
        became=became,
        target=target,
        because=because,
        scrapped=worth,
    )
    events.record(session, fact)
    session.flush()
