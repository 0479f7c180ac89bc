"""Returns that are agreed before: authorised, received in parts, credited part by part."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import catalog, inventory, invoicing
from core.catalog import Item, ItemKind
from core.catalog.errors import NoPrice
from core.catalog.pricing import Buyer
from core.inventory import Location, Returning
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number, find_numbered
from core.kernel.numbering import next_number
from core.ledger.chart import REVENUE, SERVICE_REVENUE
from core.parties import Customer, Party, lock_customer
from core.sales import rules
from core.sales.deferring import defer_revenue
from core.sales.errors import EmptyOrder, UnknownPosition
from core.sales.events import MovedLine
from core.sales.ordering import find_order
from core.sales.pricing import prices_in
from core.sales.returning.errors import (
    FeeOutOfRange,
    MoreThanLeft,
    NothingToCredit,
    NothingToReturn,
    ReplacementNeedsOrder,
    ReturnBegun,
    ReturnClosed,
    UnknownReturn,
)
from core.sales.returning.events import (
    ReturnAuthorised,
    ReturnCancelled,
    ReturnCredited,
    ReturnReceived,
)
from core.sales.returning.receiving import (
    Back,
    Where,
    bring_back,
    credit,
    delivered_by,
    put_away,
    uncharge,
    with_lines,
)
from core.sales.returning.tables import Resolution, ReturnState, SalesReturn, SalesReturnLine
from core.sales.tables import Delivery, DeliveryLine, SalesOrder

_ZERO = Decimal(0)


@dataclass(frozen=True)
class ReturnLineDraft:
    """How much of an item may come back, and its price where no delivery is known."""

    item: Item
    quantity: Decimal
    unit_price: Decimal | None = None


def authorise_return(
    session: Session,
    *,
    because: str,
    delivery: str | None = None,
    customer: Customer | None = None,
    lines: Sequence[ReturnLineDraft] = (),
    resolution: Resolution = Resolution.CREDIT,
    fee_percent: Decimal = _ZERO,
) -> SalesReturn:
    """Allow a customer to send back goods of a delivery, or goods that no order is known of.

    Of a delivery without lines, all that is left of it; what another return is waiting for is
    not left.
    """
    if not 0 <= fee_percent <= rules.HUNDRED:
        raise FeeOutOfRange(percent=plain(fee_percent))
    the_return = SalesReturn(
        id=new_id(),
        number="",
        state=ReturnState.AUTHORISED,
        resolution=resolution,
        authorised_on=company(session).today,
        fee_percent=fee_percent,
        because=because,
    )
    if delivery is not None:
        order, left_with = delivered_by(session, delivery)
        the_return.customer_id, the_return.order_id = order.customer_id, order.id
        the_return.lines = _of_delivery(session, order, left_with, lines)
        customer_name, said = order.customer.name, left_with.number
    else:
        if customer is None or resolution is Resolution.REPLACE:
            raise ReplacementNeedsOrder
        the_return.customer_id = customer.party_id
        the_return.lines = _of_nowhere(session, customer, lines)
        customer_name, said = customer.party.name, ""
    the_return.number = next_number(session, "RT")
    session.add(the_return)
    session.flush()
    session.refresh(the_return, ["lines"])
    fact = ReturnAuthorised(
        number=the_return.number,
        customer=customer_name,
        delivery=said,
        lines=_moved(session, [(line, line.quantity) for line in the_return.lines]),
        resolution=resolution,
        fee_percent=fee_percent,
        because=because,
    )
    events.record(session, fact)
    return the_return


def receive_return(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    location: Location | None = None,
    scrapped: bool = False,
    credits_now: bool = True,
) -> Delivery:
    """Take in what comes back by a return, all or so much of each position, and credit it.

    It goes into stock, into the location named (such as one for quality hold), or is thrown away.
    What is to be replaced is credited at once: it is invoiced again when it leaves again.
    """
    order = _order_of(session, number)
    the_return = find_return(session, number)
    if the_return.state not in {ReturnState.AUTHORISED, ReturnState.PARTLY_RECEIVED}:
        raise ReturnClosed(number=the_return.number, state=the_return.state)
    parts = _coming(the_return, quantities)
    catalog.require_quantities(session, [(line.item, much) for line, much in parts])
    before = the_return.state
    place = location or (order and order.location) or inventory.main_location(session)
    where = Where(place, scrapped=scrapped)
    for line, much in parts:
        line.received_quantity += much
    whole = all(line.received_quantity == line.quantity for line in the_return.lines)
    the_return.state = ReturnState.RECEIVED if whole else ReturnState.PARTLY_RECEIVED
    if order is not None:
        received = _of_order(session, the_return, order, parts, where, credits_now=credits_now)
    else:
        received = _from_nowhere(session, the_return, parts, where)
    fact = ReturnReceived(
        number=the_return.number,
        received_by=received.number,
        customer=the_return.customer.name,
        lines=_moved(session, parts),
        before=before,
        after=the_return.state,
        scrapped=scrapped,
    )
    events.record(session, fact)
    session.flush()
    if order is None and credits_now:
        credit_return(session, the_return.number)
    return received


def credit_return(session: Session, number: str) -> list[Invoice]:
    """Credit what came back by a return and is not credited yet, less the fee that was agreed."""
    order = _order_of(session, number)
    the_return = find_return(session, number)
    due = [
        (line, left)
        for line in the_return.lines
        if (left := line.received_quantity - line.credited_quantity)
    ]
    if not due:
        raise NothingToCredit(number=the_return.number)
    if order is None:
        notes = [_credit_at_price(session, the_return, due)]
    else:
        mine = {line.order_line_id for line, _ in due}
        taken_back = uncharge([line for line in order.lines if line.id in mine])
        if not taken_back:
            raise NothingToCredit(number=the_return.number)
        session.flush()
        notes = credit(
            session,
            order,
            taken_back,
            because=the_return.because,
            fee_percent=the_return.fee_percent,
        )
    for line, left in due:
        line.credited_quantity += left
    _tell_credited(session, the_return, notes)
    if order is not None:
        defer_revenue(session, order)
    return notes


def cancel_return(session: Session, number: str, *, because: str) -> SalesReturn:
    """Give up a return by which nothing has come back."""
    the_return = find_return(session, number)
    if any(line.received_quantity for line in the_return.lines):
        raise ReturnBegun(number=the_return.number)
    if the_return.state is ReturnState.CANCELLED:
        raise ReturnClosed(number=the_return.number, state=the_return.state)
    the_return.state = ReturnState.CANCELLED
    fact = ReturnCancelled(
        number=the_return.number, customer=the_return.customer.name, because=because
    )
    events.record(session, fact)
    session.flush()
    return the_return


def find_return(session: Session, number: str) -> SalesReturn:
    """Return a return with its lines, locked, as it is stored now."""
    return find_numbered(
        session,
        SalesReturn,
        number,
        joinedload(SalesReturn.customer, innerjoin=True),
        selectinload(SalesReturn.lines).joinedload(SalesReturnLine.item).joinedload(Item.unit),
        unknown=UnknownReturn(number=number),
        locked=True,
    )


def _order_of(session: Session, number: str) -> SalesOrder | None:
    """Return the order behind a return, locked before the return as every delivery locks it."""
    wanted = (
        select(SalesReturn.number, SalesReturn.customer_id, SalesOrder.number)
        .outerjoin(SalesOrder, SalesOrder.id == SalesReturn.order_id)
        .where(SalesReturn.number.in_({number, canonical_number(number)}))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownReturn(number=number)
    _, customer_id, order_number = found
    order = find_order(session, order_number) if order_number is not None else None
    lock_customer(session, customer_id)
    return order


def _of_delivery(
    session: Session, order: SalesOrder, delivery: Delivery, lines: Sequence[ReturnLineDraft]
) -> list[SalesReturnLine]:
    by_id = {line.id: line for line in order.lines}
    waited_for = _waited_for(session, delivery)
    left = [
        (each, by_id[each.order_line_id], much)
        for each in delivery.lines
        if each.order_line_id is not None
        and (much := each.quantity - each.returned_quantity - waited_for.get(each.id, _ZERO)) > 0
    ]
    chosen: list[tuple[DeliveryLine, Decimal]] = []
    if not lines:
        chosen = [(each, much) for each, _, much in left]
    for draft in lines:
        rest = draft.quantity
        mine = [(each, much) for each, line, much in left if line.item_id == draft.item.id]
        if rest > (there := sum((much for _, much in mine), _ZERO)):
            raise MoreThanLeft(
                sku=draft.item.sku,
                number=delivery.number,
                left=plain(there),
                quantity=plain(rest),
            )
        catalog.require_quantities(session, [(draft.item, rest)])
        for each, much in mine:
            if part := min(rest, much):
                chosen.append((each, part))
                rest -= part
    if not chosen:
        raise NothingToReturn(number=delivery.number)
    return [
        SalesReturnLine(
            position=position,
            item_id=by_id[_known(each.order_line_id)].item_id,
            order_line_id=each.order_line_id,
            delivery_line_id=each.id,
            quantity=quantity,
        )
        for position, (each, quantity) in enumerate(chosen, start=1)
    ]


def _known(line_id: uuid.UUID | None) -> uuid.UUID:
    assert line_id is not None, "what left for an order has its line"
    return line_id


def _waited_for(session: Session, delivery: Delivery) -> dict[uuid.UUID, Decimal]:
    """Return how much of the lines of a delivery other returns are waiting for."""
    wanted = (
        select(
            SalesReturnLine.delivery_line_id,
            func.sum(SalesReturnLine.quantity - SalesReturnLine.received_quantity),
        )
        .join(SalesReturn, SalesReturn.id == SalesReturnLine.return_id)
        .where(
            SalesReturn.state != ReturnState.CANCELLED,
            SalesReturnLine.delivery_line_id.in_([line.id for line in delivery.lines]),
        )
        .group_by(SalesReturnLine.delivery_line_id)
    )
    return {line_id: much for line_id, much in session.execute(wanted) if line_id is not None}


def _of_nowhere(
    session: Session, customer: Customer, lines: Sequence[ReturnLineDraft]
) -> list[SalesReturnLine]:
    if not lines:
        raise EmptyOrder
    wanted = [(line.item, line.quantity) for line in lines]
    catalog.require_quantities(session, wanted)
    asked = Buyer(price_list_code=customer.price_list_code)
    on_list = prices_in(session, asked, wanted, company(session).currency)
    written = []
    for position, (draft, listed) in enumerate(zip(lines, on_list, strict=True), start=1):
        price = draft.unit_price
        if price is None:
            if listed is None:
                raise NoPrice(sku=draft.item.sku, quantity=plain(draft.quantity))
            price = listed
        written.append(
            SalesReturnLine(
                position=position,
                item_id=draft.item.id,
                quantity=draft.quantity,
                unit_price=price,
                tax_code=draft.item.sales_tax_code,
            )
        )
    return written


def _coming(
    the_return: SalesReturn, quantities: Mapping[int, Decimal] | None
) -> list[tuple[SalesReturnLine, Decimal]]:
    left = {line.position: line.quantity - line.received_quantity for line in the_return.lines}
    chosen = quantities or {position: much for position, much in left.items() if much}
    by_position = {line.position: line for line in the_return.lines}
    for position, quantity in chosen.items():
        if position not in by_position:
            known = ", ".join(map(str, by_position))
            raise UnknownPosition(number=the_return.number, position=position, positions=known)
        if quantity > left[position]:
            raise MoreThanLeft(
                sku=by_position[position].item.sku,
                number=the_return.number,
                left=plain(left[position]),
                quantity=plain(quantity),
            )
    return [(by_position[position], chosen[position]) for position in sorted(chosen)]


def _of_order(
    session: Session,
    the_return: SalesReturn,
    order: SalesOrder,
    parts: Sequence[tuple[SalesReturnLine, Decimal]],
    where: Where,
    *,
    credits_now: bool,
) -> Delivery:
    wanted = (
        select(Delivery.number)
        .join(DeliveryLine, DeliveryLine.delivery_id == Delivery.id)
        .where(DeliveryLine.id == parts[0][0].delivery_line_id)
    )
    delivery = with_lines(session, session.scalars(wanted).one())
    left_with = {line.id: line for line in delivery.lines}
    by_id = {line.id: line for line in order.lines}
    back = []
    for line, much in parts:
        left = left_with[_known(line.delivery_line_id)]
        still = left.quantity - left.returned_quantity
        if much > still:
            raise MoreThanLeft(
                sku=line.item.sku,
                number=delivery.number,
                left=plain(still),
                quantity=plain(much),
            )
        back.append(Back(left, by_id[_known(line.order_line_id)], much, by=line))
    replaced = the_return.resolution is Resolution.REPLACE
    received, notes = bring_back(
        session,
        order,
        delivery,
        back,
        where=where,
        because=the_return.because,
        by=the_return,
        for_good=not replaced,
        credits_now=credits_now or replaced,
        fee_percent=the_return.fee_percent,
    )
    if credits_now or replaced:
        for line, much in parts:
            line.credited_quantity += much
    if notes:
        _tell_credited(session, the_return, notes)
    return received


def _from_nowhere(
    session: Session,
    the_return: SalesReturn,
    parts: Sequence[tuple[SalesReturnLine, Decimal]],
    where: Where,
) -> Delivery:
    """Take in what no delivery is known of, at what such goods are worth now."""
    stocked = {line.item_id for line, _ in parts if line.item.kind is ItemKind.STOCKED}
    if stocked:
        inventory.lock_items(session, stocked)
    worth = [_present_worth(session, line.item, much) for line, much in parts]
    received = Delivery(
        number=next_number(session, "DN"),
        delivered_on=company(session).today,
        return_id=the_return.id,
        lines=[
            DeliveryLine(return_line_id=line.id, quantity=much, cost_minor=minor)
            for (line, much), minor in zip(parts, worth, strict=True)
        ],
    )
    session.add(received)
    session.flush()
    put_away(
        session,
        [
            Returning(line.item, much, Money(minor, company(session).currency))
            for (line, much), minor in zip(parts, worth, strict=True)
        ],
        where=where,
        origin=received.number,
        memo=the_return.because,
    )
    return received


def _present_worth(session: Session, item: Item, quantity: Decimal) -> int:
    if item.kind is not ItemKind.STOCKED:
        return 0
    ours, stock = company(session), inventory.stock_of(session, item)
    each = stock.value.amount / stock.on_hand if stock.on_hand else item.standard_cost
    return Money.rounding(each * quantity, ours.currency, ours.rounding).minor


def _credit_at_price(
    session: Session, the_return: SalesReturn, due: Sequence[tuple[SalesReturnLine, Decimal]]
) -> Invoice:
    kept = the_return.fee_percent
    lines = [
        InvoiceDraftLine(
            item_id=line.item_id,
            description=f"{line.item.sku} {line.item.name}",
            quantity=much,
            unit_price=line.unit_price or _ZERO,
            discount_percent=kept,
            tax_code=line.tax_code,
            account=SERVICE_REVENUE if line.item.kind is ItemKind.SERVICE else REVENUE,
        )
        for line, much in due
    ]
    return invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_CREDIT_NOTE,
        party=session.get_one(Party, the_return.customer_id),
        lines=lines,
        origin=the_return.number,
    )


def _tell_credited(session: Session, the_return: SalesReturn, notes: Sequence[Invoice]) -> None:
    currency = notes[0].currency if notes else company(session).currency
    fact = ReturnCredited(
        number=the_return.number,
        customer=the_return.customer.name,
        credit_notes=tuple(note.number for note in notes),
        amount_credited=Money(sum(note.total_minor for note in notes), currency),
    )
    events.record(session, fact)
    session.flush()


def _moved(
    session: Session, parts: Sequence[tuple[SalesReturnLine, Decimal]]
) -> tuple[MovedLine, ...]:
    return tuple(
        MovedLine(sku=item.sku, called=item.name, quantity=much)
        for line, much in parts
        for item in (session.get_one(Item, line.item_id),)
    )
