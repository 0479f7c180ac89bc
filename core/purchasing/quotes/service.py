"""What one can do with requests for quotation: ask, enter answers, award."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import catalog
from core.catalog import Item, Trade
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import plain
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.ledger import worth_of_one
from core.parties import Supplier, find_supplier, require_unblocked
from core.purchasing import rules
from core.purchasing.errors import MultipleNotPositive
from core.purchasing.offers import list_offer
from core.purchasing.ordering import place_order
from core.purchasing.quotes.comparing import (
    QuotedLine,
    best_quote,
    valid_answers,
)
from core.purchasing.quotes.errors import (
    AnswerInThePast,
    NobodyAsked,
    NotAskedFor,
    NothingAsked,
    NothingQuoted,
    NothingToAward,
    NotInvited,
    QuoteExpired,
    RequestNotOpen,
    UnknownRequest,
)
from core.purchasing.quotes.events import QuoteDeclined, QuoteEntered, QuotesAsked, QuotesDecided
from core.purchasing.quotes.tables import (
    AwardedLine,
    InvitedSupplier,
    QuotationRequest,
    QuotationRequestLine,
    QuotedPrice,
    RequestState,
)
from core.purchasing.requisitions import Requisition, find_requisition, left_to_order, note_ordered
from core.purchasing.requisitions.tables import RequisitionLine
from core.purchasing.rules import OrderLineDraft
from core.purchasing.tables import PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True)
class Asked:
    """What suppliers are asked for."""

    item: Item
    quantity: Decimal
    requisition_line: RequisitionLine | None = None


@dataclass(frozen=True)
class Quote:
    """What a supplier answers for an item: the terms of one price."""

    unit_price: Decimal
    lead_time_days: int
    minimum_quantity: Decimal = Decimal(1)
    order_multiple: Decimal | None = None
    currency: str | None = None
    valid_until: date | None = None


def ask_for_quotes(
    session: Session,
    asked: Sequence[Asked],
    *,
    suppliers: Sequence[Supplier],
    answer_by: date,
    needed_for: str | None = None,
) -> QuotationRequest:
    """Ask several suppliers what some goods would cost."""
    today = company(session).today
    if not suppliers:
        raise NobodyAsked
    if not asked:
        raise NothingAsked
    if answer_by < today:
        raise AnswerInThePast(answer_by=answer_by, today=today)
    for supplier in suppliers:
        require_unblocked(supplier.party)
    catalog.require_tradeable(
        session, [(each.item, each.quantity) for each in asked], trade=Trade.PURCHASE
    )
    invited = list({supplier.party_id: supplier for supplier in suppliers}.values())
    request = QuotationRequest(
        number=next_number(session, "RFQ"),
        state=RequestState.OPEN,
        asked_on=today,
        answer_by=answer_by,
        needed_for=needed_for,
        lines=[
            QuotationRequestLine(
                position=position,
                item=each.item,
                item_id=each.item.id,
                quantity=each.quantity,
                awarded_quantity=Decimal(0),
                requisition_line_id=each.requisition_line and each.requisition_line.id,
                answers=[],
            )
            for position, each in enumerate(asked, start=1)
        ],
        invited=[
            InvitedSupplier(supplier=each.party, supplier_id=each.party_id, declined=False)
            for each in invited
        ],
    )
    session.add(request)
    fact = QuotesAsked(
        number=request.number,
        goods=tuple(f"{plain(each.quantity)} × {each.item.sku}" for each in asked),
        suppliers=tuple(each.party.name for each in invited),
        answer_by=answer_by.isoformat(),
        answer_in_days=(answer_by - today).days,
        needed_for=needed_for or "",
    )
    events.record(session, fact)
    session.flush()
    return request


def quote_requisition(
    session: Session, number: str, *, suppliers: Sequence[Supplier], answer_by: date
) -> QuotationRequest:
    """Ask suppliers for what is left to order of a requisition."""
    requisition = find_requisition(session, number)
    asked = [Asked(line.item, quantity, line) for line, quantity in left_to_order(requisition)]
    return ask_for_quotes(
        session,
        asked,
        suppliers=suppliers,
        answer_by=answer_by,
        needed_for=requisition.number,
    )


def find_request(session: Session, number: str, *, lock: bool = True) -> QuotationRequest:
    """Return a request with its lines, their answers and who was asked, as it is stored now."""
    lines = selectinload(QuotationRequest.lines).options(
        selectinload(QuotationRequestLine.item).selectinload(Item.unit),
        selectinload(QuotationRequestLine.answers),
    )
    asked = selectinload(QuotationRequest.invited).selectinload(InvitedSupplier.supplier)
    unknown = UnknownRequest(number=number)
    return find_numbered(
        session, QuotationRequest, number, lines, asked, unknown=unknown, locked=lock
    )


def enter_quote(
    session: Session, number: str, quote: Quote, *, supplier: Supplier, item: Item
) -> QuotedPrice:
    """Note what a supplier asks for an item of a request; it replaces the same break's price."""
    request = find_request(session, number)
    invited, line = _open_for(request, supplier), _line_of(request, item)
    ours = company(session)
    catalog.require_price(item, quote.unit_price)
    catalog.require_quantities(session, [(item, quote.minimum_quantity)])
    rules.require_lead_time(quote.lead_time_days)
    if quote.order_multiple is not None and quote.order_multiple <= 0:
        raise MultipleNotPositive(multiple=plain(quote.order_multiple))
    currency = quote.currency or ours.currency
    # It could not be compared without a rate.
    worth_of_one(session, currency, ours.today)
    if quote.valid_until is not None and quote.valid_until < ours.today:
        raise QuoteExpired(
            supplier=supplier.party.name, sku=item.sku, valid_until=quote.valid_until
        )
    same = (
        each
        for each in line.answers
        if (each.supplier_id, each.minimum_quantity) == (supplier.party_id, quote.minimum_quantity)
    )
    answer = next(same, None)
    before = answer.unit_price if answer is not None else None
    if answer is None:
        answer = QuotedPrice(supplier_id=supplier.party_id, minimum_quantity=quote.minimum_quantity)
        line.answers.append(answer)
    answer.unit_price, answer.currency = quote.unit_price, currency
    answer.order_multiple, answer.lead_time_days = quote.order_multiple, quote.lead_time_days
    answer.valid_until = quote.valid_until
    invited.answered_on, invited.declined = invited.answered_on or ours.today, False
    until = quote.valid_until
    fact = QuoteEntered(
        number=request.number,
        supplier=supplier.party.name,
        sku=item.sku,
        unit_price=quote.unit_price,
        currency=currency,
        minimum_quantity=quote.minimum_quantity,
        order_multiple=quote.order_multiple,
        lead_time_days=quote.lead_time_days,
        valid_for_days=None if until is None else (until - ours.today).days,
        valid_until=until.isoformat() if until is not None else "",
        before=before,
    )
    events.record(session, fact)
    session.flush()
    return answer


def decline_quote(session: Session, number: str, *, supplier: Supplier) -> None:
    """Note that a supplier will not quote."""
    request = find_request(session, number)
    invited = _open_for(request, supplier)
    invited.answered_on, invited.declined = company(session).today, True
    events.record(session, QuoteDeclined(request.number, supplier.party.name))
    session.flush()


def award(
    session: Session,
    number: str,
    *,
    supplier: Supplier | None = None,
    by_position: Mapping[int, Supplier] | None = None,
) -> list[PurchaseOrder]:
    """Order what was asked for from one supplier, or each position from its own.

    It is ordered at the price quoted and in its currency, rounded up to minimum and multiple, and
    every break that they quoted becomes their offer. What was asked for a requisition counts as
    ordered of it.
    """
    request = find_request(session, number)
    if request.state is not RequestState.OPEN:
        raise RequestNotOpen(number=request.number, state=request.state)
    winners = dict(by_position or {})
    for position in winners:
        if position not in {line.position for line in request.lines}:
            raise NotAskedFor(number=request.number, what=position, items=_items(request))
    if supplier is not None:
        left = (line for line in request.lines if line.quantity > line.awarded_quantity)
        winners = {line.position: supplier for line in left}
    lines = [
        line
        for line in request.lines
        if line.position in winners and line.quantity > line.awarded_quantity
    ]
    if not lines:
        raise NothingToAward(number=request.number)
    bought: dict[tuple[str, str], list[tuple[QuotationRequestLine, QuotedLine]]] = defaultdict(list)
    for line in lines:
        seller = winners[line.position]
        way = _quoted(session, request, line, seller)
        bought[seller.party.number, way.quoted.currency].append((line, way))
    orders = [
        _order(session, request, find_supplier(session, seller), won, currency)
        for (seller, currency), won in bought.items()
    ]
    covered = [
        (line, line.quantity - line.awarded_quantity, bought_by)
        for order, won in zip(orders, bought.values(), strict=True)
        for (line, _), bought_by in zip(won, order.lines, strict=True)
    ]
    for line, awarded, bought_by in covered:
        line.awarded_quantity = line.quantity
        session.add(
            AwardedLine(purchase_line_id=bought_by.id, request_line_id=line.id, quantity=awarded)
        )
    is_done = all(line.awarded_quantity == line.quantity for line in request.lines)
    awards = [
        f"{plain(way.quantity)} × {way.sku} @ {plain(way.quoted.unit_price)} {order.currency}"
        f" {order.supplier.name}"
        for order, won in zip(orders, bought.values(), strict=True)
        for _, way in won
    ]
    _decide(session, request, RequestState.AWARDED if is_done else RequestState.OPEN, awards)
    _note_on_requisition(session, request, covered, by=[order.number for order in orders])
    return orders


def close_request(session: Session, number: str, *, because: str) -> QuotationRequest:
    """Buy none of what was asked for and not awarded."""
    request = find_request(session, number)
    if request.state is not RequestState.OPEN:
        raise RequestNotOpen(number=request.number, state=request.state)
    _decide(session, request, RequestState.CLOSED, [], because=because)
    return request


def reopen(session: Session, order: PurchaseOrder) -> None:
    """Let what a purchase order was awarded be awarded anew: the order will not come.

    A request that somebody closed stays closed.
    """
    wanted = (
        select(AwardedLine, QuotationRequest.number)
        .join(QuotationRequestLine, QuotationRequestLine.id == AwardedLine.request_line_id)
        .join(QuotationRequest, QuotationRequest.id == QuotationRequestLine.request_id)
        .where(AwardedLine.purchase_line_id.in_([line.id for line in order.lines]))
    )
    awarded: dict[str, list[AwardedLine]] = defaultdict(list)
    for award_of, number in session.execute(wanted):
        awarded[number].append(award_of)
    for number in sorted(awarded):
        request = find_request(session, number)
        by_id = {line.id: line for line in request.lines}
        for award_of in awarded[number]:
            by_id[award_of.request_line_id].awarded_quantity -= award_of.quantity
            session.delete(award_of)
        was_awarded = request.state is RequestState.AWARDED
        after = RequestState.OPEN if was_awarded else request.state
        _decide(session, request, after, [], because=order.number)


def _quoted(
    session: Session, request: QuotationRequest, line: QuotationRequestLine, supplier: Supplier
) -> QuotedLine:
    name, left = supplier.party.name, line.quantity - line.awarded_quantity
    _invited(request, supplier)
    way = best_quote(session, line, supplier.party, quantity=left)
    if way is not None:
        return way
    old = [each for each in line.answers if each.supplier_id == supplier.party_id]
    if old:
        until = max(each.valid_until for each in old if each.valid_until is not None)
        raise QuoteExpired(supplier=name, sku=line.item.sku, valid_until=until)
    raise NothingQuoted(supplier=name, sku=line.item.sku, number=request.number)


def _order(
    session: Session,
    request: QuotationRequest,
    supplier: Supplier,
    won: Sequence[tuple[QuotationRequestLine, QuotedLine]],
    currency: str,
) -> PurchaseOrder:
    today = company(session).today
    for line, _ in won:
        for answer in valid_answers(line.answers, supplier.party, today):
            list_offer(
                session,
                line.item,
                supplier=supplier,
                unit_price=answer.unit_price,
                currency=answer.currency,
                lead_time_days=answer.lead_time_days,
                minimum_quantity=answer.minimum_quantity,
                order_multiple=answer.order_multiple,
                valid_until=answer.valid_until,
            )
    drafts = [
        OrderLineDraft(
            line.item,
            way.quantity,
            way.quoted.unit_price,
            pegged_line_id=line.requisition_line_id,
            pegged_to=request.needed_for,
        )
        for line, way in won
    ]
    return place_order(session, supplier=supplier, lines=drafts, currency=currency)


def _note_on_requisition(
    session: Session,
    request: QuotationRequest,
    covered: Sequence[tuple[QuotationRequestLine, Decimal, PurchaseOrderLine]],
    *,
    by: Sequence[str],
) -> None:
    """Note on the requisition what is ordered; of it, less may be left than was asked for."""
    wanted = {
        line.requisition_line_id: (quantity, bought)
        for line, quantity, bought in covered
        if line.requisition_line_id is not None
    }
    if not wanted or request.needed_for is None:
        return
    requisition: Requisition = find_requisition(session, request.needed_for)
    ordered = [
        (line, part, wanted[line.id][1])
        for line in requisition.lines
        if line.id in wanted
        and (part := min(wanted[line.id][0], line.quantity - line.ordered_quantity)) > 0
    ]
    if ordered:
        note_ordered(session, requisition, ordered, by=by)


def _decide(
    session: Session,
    request: QuotationRequest,
    after: RequestState,
    awards: Sequence[str],
    *,
    because: str = "",
) -> None:
    before, request.state = request.state, after
    fact = QuotesDecided(request.number, before, after, tuple(awards), because)
    events.record(session, fact)
    session.flush()


def _open_for(request: QuotationRequest, supplier: Supplier) -> InvitedSupplier:
    if request.state is not RequestState.OPEN:
        raise RequestNotOpen(number=request.number, state=request.state)
    return _invited(request, supplier)


def _invited(request: QuotationRequest, supplier: Supplier) -> InvitedSupplier:
    for invited in request.invited:
        if invited.supplier_id == supplier.party_id:
            return invited
    names = ", ".join(each.supplier.name for each in request.invited)
    raise NotInvited(supplier=supplier.party.name, number=request.number, invited=names)


def _line_of(request: QuotationRequest, item: Item) -> QuotationRequestLine:
    for line in request.lines:
        if line.item_id == item.id:
            return line
    raise NotAskedFor(number=request.number, what=item.sku, items=_items(request))


def _items(request: QuotationRequest) -> str:
    return ", ".join(f"{line.position}: {line.item.sku}" for line in request.lines)
