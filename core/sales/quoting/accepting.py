"""From a quotation to orders, and back where one of them is given up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.money import plain
from core.parties import Customer, make_customer
from core.sales.errors import EmptyOrder, UnknownPosition
from core.sales.ordering import confirm_order
from core.sales.quoting.errors import MoreThanQuoted, OnlyOneOf, QuotationNotSent
from core.sales.quoting.events import QuotationAccepted, QuotationGivenBack
from core.sales.quoting.service import find_quotation, require_open, require_valid
from core.sales.quoting.tables import (
    OrderedQuote,
    Quotation,
    QuotationLine,
    QuotationState,
    QuotationVersion,
)
from core.sales.rules import USUAL, OrderLineDraft, OrderTerms, Promising
from core.sales.tables import SalesOrder


def accept_quotation(
    session: Session,
    number: str,
    *,
    quantities: Mapping[int, Decimal] | None = None,
    terms: OrderTerms = USUAL,
    reference: str | None = None,
    promising: Promising | None = None,
) -> SalesOrder:
    """Turn a quotation into an order at its prices: all of it but its options, or some positions.

    Of alternatives one is ordered. What is left may be ordered later, as long as the quotation is
    valid. Who was no customer becomes one.
    """
    quotation, newest = find_quotation(session, number)
    require_open(quotation)
    if newest.sent_on is None:
        raise QuotationNotSent(number=quotation.number)
    require_valid(session, quotation, newest)
    chosen = _chosen(quotation, newest, quantities)
    buyer = session.get(Customer, quotation.party_id)
    if buyer is None:
        buyer = make_customer(session, quotation.party)
    order = confirm_order(
        session,
        customer=buyer,
        lines=[
            OrderLineDraft(line.item, quantity, line.unit_price, line.discount_percent)
            for line, quantity in chosen
        ],
        promised_on=newest.promised_on,
        reference=reference or quotation.reference,
        terms=replace(
            terms,
            discount_percent=newest.discount_percent,
            notes=terms.notes or newest.notes,
            currency=newest.currency,
            quotation_id=quotation.id,
        ),
        promising=promising,
    )
    for line, quantity in chosen:
        line.ordered_quantity += quantity
        session.add(OrderedQuote(order_id=order.id, quotation_line_id=line.id, quantity=quantity))
    before, quotation.state = quotation.state, _state_after(newest.lines)
    fact = QuotationAccepted(
        number=quotation.number, order=order.number, before=before, after=quotation.state
    )
    events.record(session, fact)
    session.flush()
    return order


def give_back(session: Session, order: SalesOrder) -> None:
    """Let what of a quotation an order has taken be ordered again: the order is given up."""
    if order.quotation_id is None:
        return
    number = session.get_one(Quotation, order.quotation_id).number
    quotation, newest = find_quotation(session, number)
    wanted = (
        select(OrderedQuote, QuotationLine)
        .join(QuotationLine, QuotationLine.id == OrderedQuote.quotation_line_id)
        .where(OrderedQuote.order_id == order.id)
    )
    for taken, line in session.execute(wanted).all():
        line.ordered_quantity -= taken.quantity
        session.delete(taken)
    before = quotation.state
    if before not in {QuotationState.ACCEPTED, QuotationState.PARTLY_ACCEPTED}:
        return
    is_wanted = any(line.ordered_quantity for line in newest.lines)
    quotation.state = _state_after(newest.lines) if is_wanted else QuotationState.SENT
    fact = QuotationGivenBack(
        number=quotation.number, order=order.number, before=before, after=quotation.state
    )
    events.record(session, fact)
    session.flush()


def _chosen(
    quotation: Quotation, version: QuotationVersion, quantities: Mapping[int, Decimal] | None
) -> list[tuple[QuotationLine, Decimal]]:
    """Return what is ordered of which line; never more than is offered, nor two alternatives."""
    by_position = {line.position: line for line in version.lines}
    if quantities is None:
        taken = {_group(line) for line in version.lines if line.ordered_quantity}
        quantities = {
            line.position: left
            for line in version.lines
            if not line.optional
            and line.instead_of is None
            and (left := line.quantity - line.ordered_quantity)
            and (line.ordered_quantity or _group(line) not in taken)
        }
    if not quantities:
        raise EmptyOrder
    for position, quantity in quantities.items():
        if position not in by_position:
            known = ", ".join(map(str, by_position))
            raise UnknownPosition(number=quotation.number, position=position, positions=known)
        line = by_position[position]
        if quantity > (left := line.quantity - line.ordered_quantity):
            raise MoreThanQuoted(
                sku=line.item.sku,
                number=quotation.number,
                left=plain(left),
                quantity=plain(quantity),
            )
    ordered: dict[int, set[int]] = {}
    for line in version.lines:
        if line.ordered_quantity or line.position in quantities:
            ordered.setdefault(_group(line), set()).add(line.position)
    for positions in ordered.values():
        if len(positions) > 1:
            listed = ", ".join(map(str, sorted(positions)))
            raise OnlyOneOf(number=quotation.number, positions=listed)
    return [(by_position[position], quantities[position]) for position in sorted(quantities)]


def _group(line: QuotationLine) -> int:
    """Return the position that a line stands for: its own, or the one it is instead of."""
    return line.position if line.instead_of is None else line.instead_of


def _state_after(lines: Sequence[QuotationLine]) -> QuotationState:
    """Return whether all was ordered that is no option; an alternative counts for its line."""
    ordered = {_group(line) for line in lines if line.ordered_quantity == line.quantity}
    wanted = {_group(line) for line in lines if not line.optional}
    return QuotationState.ACCEPTED if wanted <= ordered else QuotationState.PARTLY_ACCEPTED
