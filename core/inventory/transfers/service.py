"""What one can do with transfers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.carrying import Load, carry, require_storage
from core.inventory.errors import SameLocation
from core.inventory.leaving import Outgoing
from core.inventory.locations import transit_location
from core.inventory.service import issue_goods
from core.inventory.tables import Location, LocationKind
from core.inventory.transfers import errors
from core.inventory.transfers.events import TransferMoved, TransferShipped
from core.inventory.transfers.queries import find_transfer
from core.inventory.transfers.tables import StockTransfer, StockTransferLine, TransferState
from core.inventory.units import require_digits
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number
from core.ledger.chart import INVENTORY_ADJUSTMENT

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Parcel:
    """A quantity of an item that is sent."""

    item: Item
    quantity: Decimal


def ship_transfer(
    session: Session,
    goods: Sequence[Parcel],
    *,
    source: Location,
    target: Location,
    expected_on: date | None = None,
) -> StockTransfer:
    """Send goods from one warehouse to another; until they arrive they are in transit."""
    for place in (source, target):
        require_storage(place)
    if source.id == target.id:
        raise SameLocation(location=source.code)
    seen: set[str] = set()
    for each in goods:
        require_digits(session, each.item, each.quantity)
        if each.item.sku in seen:
            raise errors.ItemTwice(sku=each.item.sku)
        seen.add(each.item.sku)
    today = company(session).today
    if expected_on is not None and expected_on < today:
        raise errors.ExpectedBeforeShipped(shipped_on=today, expected_on=expected_on)
    number, transit = next_number(session, "TR"), transit_location(session)
    loads = [Load(each.item, each.quantity, source, transit) for each in goods]
    carry(session, loads, origin=number)
    transfer = StockTransfer(
        number=number,
        source=source,
        target=target,
        shipped_on=today,
        expected_on=expected_on,
        lines=[
            StockTransferLine(
                position=place,
                item=each.item,
                quantity=each.quantity,
                received=_ZERO,
                returned=_ZERO,
                lost=_ZERO,
            )
            for place, each in enumerate(goods, start=1)
        ],
    )
    session.add(transfer)
    events.record(
        session,
        TransferShipped(
            number=number,
            source=source.code,
            target=target.code,
            expected_on=expected_on.isoformat() if expected_on else "",
            goods=_said(goods),
        ),
    )
    session.flush()
    return transfer


def receive_transfer(
    session: Session,
    number: str,
    *,
    quantities: Mapping[str, Decimal] | None = None,
    lost: Mapping[str, Decimal] | None = None,
    because: str = "",
) -> StockTransfer:
    """Take in what arrived, by SKU, and write off what was lost; by default all arrived.

    What is neither received nor lost stays under way. Where losses are named and receipts are
    not, everything else arrived.
    """
    transfer = _open(session, number)
    gone = _parcels(transfer, lost or {})
    if quantities is None:
        missing = {each.item.sku: each.quantity for each in gone}
        came = [
            Parcel(line.item, line.under_way - missing.get(line.item.sku, _ZERO))
            for line in transfer.lines
            if line.under_way > missing.get(line.item.sku, _ZERO)
        ]
    else:
        came = _parcels(transfer, quantities)
    if not came and not gone:
        raise errors.NothingSaid
    for each in (*came, *gone):
        require_digits(session, each.item, each.quantity)
    for each in gone:
        if not because:
            raise errors.WhyLost(sku=each.item.sku, lost=plain(each.quantity))
    _note(transfer, came, "received")
    _note(transfer, gone, "lost")
    if came:
        _bring(session, transfer, came, transfer.target)
    worth = _write_off(session, transfer, gone, because) if gone else None
    _close_if_done(session, transfer)
    for parcels, became, value in ((came, "received", None), (gone, "lost", worth)):
        if parcels:
            _tell(session, transfer, parcels, became, because=because, value=value)
    session.flush()
    return transfer


def return_transfer(
    session: Session, number: str, *, quantities: Mapping[str, Decimal] | None = None, because: str
) -> StockTransfer:
    """Bring back to where they came from goods that are still under way, by default all."""
    transfer = _open(session, number)
    if quantities is None:
        back = [Parcel(line.item, line.under_way) for line in transfer.lines if line.under_way]
    else:
        back = _parcels(transfer, quantities)
    if not back:
        raise errors.NothingSaid
    for each in back:
        require_digits(session, each.item, each.quantity)
    _note(transfer, back, "returned")
    _bring(session, transfer, back, transfer.source)
    _close_if_done(session, transfer)
    _tell(session, transfer, back, "returned", because=because)
    session.flush()
    return transfer


def _open(session: Session, number: str) -> StockTransfer:
    transfer = find_transfer(session, number, locked=True)
    if transfer.state is TransferState.CLOSED:
        raise errors.TransferClosed(number=transfer.number)
    return transfer


def _parcels(transfer: StockTransfer, quantities: Mapping[str, Decimal]) -> list[Parcel]:
    lines = {line.item.sku: line for line in transfer.lines}
    for sku in quantities:
        if sku not in lines:
            items = ", ".join(lines)
            raise errors.NotOnTransfer(sku=sku, number=transfer.number, items=items)
    return [Parcel(lines[sku].item, quantity) for sku, quantity in quantities.items() if quantity]


def _note(transfer: StockTransfer, parcels: Sequence[Parcel], became: str) -> None:
    lines = {line.item_id: line for line in transfer.lines}
    for each in parcels:
        line = lines[each.item.id]
        if each.quantity > line.under_way:
            raise errors.MoreThanUnderWay(
                sku=each.item.sku,
                number=transfer.number,
                under_way=plain(line.under_way),
                wanted=plain(each.quantity),
            )
        setattr(line, became, getattr(line, became) + each.quantity)


def _bring(
    session: Session, transfer: StockTransfer, parcels: Sequence[Parcel], target: Location
) -> None:
    transit = transit_location(session)
    loads = [Load(each.item, each.quantity, transit, target) for each in parcels]
    carry(session, loads, origin=transfer.number)


def _write_off(
    session: Session, transfer: StockTransfer, parcels: Sequence[Parcel], because: str
) -> Money:
    issued = issue_goods(
        session,
        [Outgoing(each.item, each.quantity) for each in parcels],
        location=transit_location(session),
        origin=transfer.number,
        memo=f"{transfer.number}: {because}",
        to_kind=LocationKind.ADJUSTMENT,
        debit_to=INVENTORY_ADJUSTMENT,
    )
    return Money(sum(each.cost.minor for each in issued), company(session).currency)


def _close_if_done(session: Session, transfer: StockTransfer) -> None:
    if not any(line.under_way for line in transfer.lines):
        transfer.state = TransferState.CLOSED
        transfer.closed_on = company(session).today


def _tell(
    session: Session,
    transfer: StockTransfer,
    parcels: Sequence[Parcel],
    became: str,
    *,
    because: str,
    value: Money | None = None,
) -> None:
    fact = TransferMoved(
        number=transfer.number,
        goods=_said(parcels),
        became=became,
        state=transfer.state,
        because=because,
        lost=value,
    )
    events.record(session, fact)


def _said(parcels: Sequence[Parcel]) -> tuple[tuple[str, str], ...]:
    return tuple((each.item.sku, plain(each.quantity)) for each in parcels)
