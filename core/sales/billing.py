"""From what was agreed or delivered to what the customer owes us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import invoicing
from core.catalog import ItemKind
from core.invoicing import Direction, Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.money import Money, rounded
from core.kernel.naming import canonical_number
from core.ledger.chart import REVENUE, SERVICE_REVENUE
from core.parties import lock_customer
from core.sales import rules
from core.sales.deferring import defer_revenue
from core.sales.errors import (
    NothingToInvoice,
    OrderCancelled,
    OrderOnHold,
    SeveralCurrencies,
    SeveralCustomers,
    UnknownMilestone,
)
from core.sales.events import AdvanceAsked, MilestoneReached, OrderInvoiced
from core.sales.ordering import find_order, require_own
from core.sales.tables import (
    InvoicePolicy,
    Milestone,
    MilestoneWhen,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)


def invoice_order(
    session: Session,
    number: str,
    *,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice what of an order may be invoiced and is not.

    By its policy that is what was delivered, all that was ordered, or the milestones that are
    reached. What is invoiced before it leaves is deferred, and becomes revenue together with its
    cost when it leaves.
    """
    return invoice_orders(session, [number], posted_on=posted_on, due_on=due_on)


def invoice_orders(
    session: Session,
    numbers: Sequence[str],
    *,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice what of several orders of one customer may be invoiced, on one invoice.

    It deducts of the advances on each order what its own part comes to.
    """
    # In the order of their numbers, so that two who invoice the same wait for each other.
    orders = [find_order(session, each) for each in sorted({canonical_number(n) for n in numbers})]
    if not orders:
        raise NothingToInvoice(number="–")
    first = orders[0]
    listed = ", ".join(order.number for order in orders)
    if len({order.customer_id for order in orders}) > 1:
        raise SeveralCustomers(numbers=listed)
    if len({order.currency for order in orders}) > 1:
        raise SeveralCurrencies(numbers=listed)
    ours, parts = company(session), [_part_of(session, order) for order in orders]
    if not any(part.due for part in parts):
        raise NothingToInvoice(number=listed)
    lines = [line for part in parts for line in _drafts(session, ours, part)]
    before = [_invoiced(order) for order in orders]
    for part in parts:
        for line, quantity in part.due:
            line.invoiced_quantity += quantity
    invoice = invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=first.customer,
        lines=lines,
        posted_on=posted_on,
        due_on=due_on,
        reference=first.reference,
        origin=", ".join(part.order.number for part in parts if part.due),
        territory_id=first.territory_id,
        salesperson_id=first.salesperson_id,
        channel=first.channel,
        currency=first.currency,
    )
    for part, earlier in zip(parts, before, strict=True):
        for milestone in part.milestones:
            milestone.invoice_number = invoice.number
        if part.due:
            _record(session, part.order, invoice, before=earlier)
            defer_revenue(session, part.order, on=invoice.posted_on)
    return invoice


def ask_advance(
    session: Session,
    number: str,
    *,
    percent: Decimal,
    blocks_delivery: bool = True,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice so many percent of what of an order is not invoiced, before it is delivered.

    Invoices of the order deduct it. Where it blocks delivery, nothing leaves before it is paid.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    billable = _billable(session, order)
    if not any(amount.minor for amount in billable.values()):
        raise NothingToInvoice(number=order.number)
    advance = invoicing.post_advance(
        session,
        direction=Direction.RECEIVABLE,
        party=order.customer,
        order_number=order.number,
        billable=billable,
        percent=percent,
        blocks_delivery=blocks_delivery,
        posted_on=posted_on,
        due_on=due_on,
        reference=order.reference,
        territory_id=order.territory_id,
        salesperson_id=order.salesperson_id,
        channel=order.channel,
    )
    fact = AdvanceAsked(
        number=order.number, advance=advance.number, percent=percent, blocks=blocks_delivery
    )
    events.record(session, fact)
    session.flush()
    return advance


def reach_milestone(session: Session, number: str, position: int) -> Milestone:
    """Say that a milestone of an order is reached, so that its part may be invoiced."""
    order = find_order(session, number)
    require_own(order)
    waiting = {
        each.position: each
        for each in _milestones(session, order)
        if each.due_when is MilestoneWhen.REACHED and each.reached_on is None
    }
    if position not in waiting:
        listed = ", ".join(f"{each.position} {each.name}" for each in waiting.values())
        raise UnknownMilestone(number=order.number, position=position, milestones=listed or "–")
    milestone = waiting[position]
    milestone.reached_on = company(session).today
    fact = MilestoneReached(
        number=order.number, milestone=milestone.name, percent=milestone.percent
    )
    events.record(session, fact)
    session.flush()
    return milestone


def credit_invoice(session: Session, number: str, *, because: str) -> Invoice:
    """Take back the invoice of orders: what it invoiced of them is to be invoiced again."""
    invoice = invoicing.find_invoice(session, number)
    orders = [find_order(session, each) for each in invoice.origin.split(", ")]
    lock_customer(session, orders[0].customer_id)
    note = invoicing.credit_invoice(session, invoice.number, because=because)
    taken_back = invoicing.quantities_charged(session, note.number)
    for order in orders:
        before = _invoiced(order)
        for line in order.lines:
            line.invoiced_quantity -= taken_back.get(line.id, Decimal(0))
        for milestone in _milestones(session, order):
            if milestone.invoice_number == invoice.number:
                milestone.invoice_number = None
        _record(session, order, note, before=before)
        defer_revenue(session, order, on=note.posted_on)
    return note


@dataclass(frozen=True)
class _Part:
    """How much of which lines of an order is invoiced now, and by which milestones."""

    order: SalesOrder
    due: list[tuple[SalesOrderLine, Decimal]]
    milestones: tuple[Milestone, ...] = ()


def _part_of(session: Session, order: SalesOrder) -> _Part:
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    if order.state is OrderState.HELD:
        raise OrderOnHold(number=order.number, reason=order.hold_reason)
    if order.invoice_policy is InvoicePolicy.MILESTONES:
        return _by_milestones(session, order)
    due = [(line, rules.may_be_invoiced(line) - line.invoiced_quantity) for line in order.lines]
    return _Part(order, [(line, left) for line, left in due if left > 0])


def _by_milestones(session: Session, order: SalesOrder) -> _Part:
    """Return what the milestones that are reached leave to be invoiced: so much of every line."""
    every, today = _milestones(session, order), company(session).today
    now = tuple(
        each
        for each in every
        if each.invoice_number is None and rules.is_reached(each, order.state, today)
    )
    done = sum((each.percent for each in every if each.invoice_number), Decimal(0))
    percent = done + sum((each.percent for each in now), Decimal(0))
    due = []
    for line in order.lines:
        until = min(rules.part_reached(line.quantity, percent), rules.may_be_invoiced(line))
        if until > line.invoiced_quantity:
            due.append((line, until - line.invoiced_quantity))
    return _Part(order, due if now else [], now)


def _milestones(session: Session, order: SalesOrder) -> list[Milestone]:
    if order.invoice_policy is not InvoicePolicy.MILESTONES:
        return []
    wanted = select(Milestone).where(Milestone.order_id == order.id).order_by(Milestone.position)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def _drafts(session: Session, ours: Company, part: _Part) -> list[InvoiceDraftLine]:
    """Return the lines of an invoice for a part of an order, its advances deducted."""
    if not part.due:
        return []
    lines = _at_order_price(session, ours, part.order, part.due)
    if invoicing.advances_left(session, part.order.number):
        shares = invoicing.shares_by_tax(_billable(session, part.order), lines)
        lines += invoicing.deductions_of(
            session,
            Direction.RECEIVABLE,
            part.order.number,
            shares,
            currency=part.order.currency,
        )
    return lines


def _at_order_price(
    session: Session,
    ours: Company,
    order: SalesOrder,
    delivered: Sequence[tuple[SalesOrderLine, Decimal]],
) -> list[InvoiceDraftLine]:
    begun = [line.id for line, _ in delivered if line.invoiced_quantity]
    so_far = invoicing.charged_by_order_line(session, begun) if begun else {}
    drafts = []
    for line, quantity in delivered:
        # The last part of a line takes what is left, so that its invoices add up to it.
        if line.invoiced_quantity + quantity == line.quantity:
            whole = Money.rounding(line.net_amount, order.currency, ours.rounding)
            net = whole - Money(so_far.get(line.id, 0), order.currency)
        else:
            part = line.net_amount * quantity / line.quantity
            net = Money.rounding(part, order.currency, ours.rounding)
        service = line.item.kind is ItemKind.SERVICE
        drafts.append(
            InvoiceDraftLine(
                item_id=line.item_id,
                description=f"{line.item.sku} {line.item.name}",
                quantity=quantity,
                unit_price=line.unit_price,
                discount_percent=rounded(
                    rules.whole_discount(line.discount_percent, order.discount_percent), 4
                ),
                tax_code=line.tax_code,
                account=SERVICE_REVENUE if service else REVENUE,
                order_line_id=line.id,
                net=net,
            )
        )
    return drafts


def _billable(session: Session, order: SalesOrder) -> dict[str | None, Money]:
    """Return what of an order is not invoiced, by its tax."""
    lines = (
        (rules.Kept(line.id, line.net_amount * _kept(line)), line.tax_code, line.invoiced_quantity)
        for line in order.lines
    )
    return invoicing.billable_by_tax(session, lines, currency=order.currency)


def _kept(line: SalesOrderLine) -> Decimal:
    """Return which part of a line did not come back for good."""
    return (line.quantity - line.returned_quantity) / line.quantity


def _invoiced(order: SalesOrder) -> Decimal:
    return sum((line.invoiced_quantity for line in order.lines), Decimal(0))


def _record(session: Session, order: SalesOrder, invoice: Invoice, *, before: Decimal) -> None:
    fact = OrderInvoiced(
        number=order.number,
        invoice=invoice.number,
        invoiced_before=before,
        invoiced=_invoiced(order),
        ordered=sum((line.quantity for line in order.lines), Decimal(0)),
    )
    events.record(session, fact)
    session.flush()
