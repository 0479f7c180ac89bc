"""Opportunity to order: what somebody may buy becomes a quotation, and the quotation an order.

Nothing is typed twice: items, quantities, prices and the customer are the opportunity's. From the
quotation on, the opportunity is worth what is quoted, and then what is ordered. It is won with the
order only where the person who orders says so.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import sales
from core.crm import opportunities
from core.crm.opportunities import LineDraft, Opportunity, StageKind
from core.crm.opportunities.errors import NothingToQuote
from core.kernel.naming import canonical_number
from core.processes import order_to_cash
from core.sales import OrderState, QuoteLineDraft, QuoteTerms, SalesOrder
from core.sales.quoting import Quotation


def quote_opportunity(
    session: Session,
    text: str,
    *,
    lines: Sequence[LineDraft] | None = None,
    valid_until: date | None = None,
) -> Quotation:
    """Draft a quotation of what an opportunity is about; it moves to the stage of what is quoted.

    `lines` say what it is about where that was not said before, or is something else now.
    """
    opportunity = opportunities.find_opportunity(session, text, locked=True)
    if lines is not None:
        opportunity = opportunities.change_opportunity(session, opportunity.number, lines=lines)
    if not opportunity.lines:
        raise NothingToQuote(number=opportunity.number)
    quotation = sales.quote(
        session,
        party=opportunity.party,
        lines=[
            QuoteLineDraft(line.item, line.quantity, line.unit_price, line.discount_percent)
            for line in opportunity.lines
        ],
        terms=QuoteTerms(valid_until=valid_until, notes=opportunity.notes),
        reference=opportunity.number,
    )
    opportunities.link_document(session, opportunity, quotation.number)
    _follow(session, opportunity, quotation.number)
    quoted = opportunities.stage_of_kind(session, opportunity.pipeline_id, StageKind.QUOTED)
    if quoted is not None and opportunity.stage.kind is StageKind.OPEN:
        opportunities.move_stage(session, opportunity.number, quoted.code)
    return quotation


def order_opportunity(
    session: Session, text: str, *, wins: bool, reference: str | None = None
) -> SalesOrder:
    """Order what was quoted last of an opportunity; it is won with that, where `wins` says so."""
    opportunity = opportunities.find_opportunity(session, text, locked=True)
    number = _newest_quotation(session, opportunity)
    if number is None:
        raise NothingToQuote(number=opportunity.number)
    order = order_to_cash.accept_quotation(session, number, reference=reference)
    _note_order(session, opportunity, order)
    won = opportunities.stage_of_kind(session, opportunity.pipeline_id, StageKind.WON)
    if wins and won is not None and opportunity.outcome is None:
        opportunities.move_stage(session, opportunity.number, won.code)
    return order


def follow_quotation(session: Session, number: str) -> None:
    """Let the opportunity that a quotation came of be worth what is quoted now."""
    opportunity = opportunities.opportunity_of_document(session, canonical_number(number))
    if opportunity is not None and opportunity.outcome is None:
        _follow(session, opportunity, number)


def follow_order(session: Session, quotation: str, order: SalesOrder) -> None:
    """Note that an order came of an opportunity whose quotation was ordered by itself."""
    opportunity = opportunities.opportunity_of_document(session, canonical_number(quotation))
    if opportunity is not None:
        _note_order(session, opportunity, order)


def _follow(session: Session, opportunity: Opportunity, number: str) -> None:
    view = sales.view_quotation(session, number)
    opportunities.follow_amount(session, opportunity, view.net)


def _newest_quotation(session: Session, opportunity: Opportunity) -> str | None:
    documents = opportunities.documents_of(session, opportunity)
    wanted = (
        select(Quotation.number)
        .where(Quotation.number.in_(documents))
        .order_by(Quotation.number.desc())
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def _note_order(session: Session, opportunity: Opportunity, order: SalesOrder) -> None:
    """Link an order; the opportunity is worth what all its orders that stand are before tax."""
    opportunities.link_document(session, opportunity, order.number)
    wanted = select(SalesOrder.number).where(
        SalesOrder.number.in_(opportunities.documents_of(session, opportunity)),
        SalesOrder.state != OrderState.CANCELLED,
    )
    worths = [sales.view_order(session, number).net for number in session.scalars(wanted).all()]
    opportunities.follow_amount(session, opportunity, sum(worths[1:], worths[0]))
