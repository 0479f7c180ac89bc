"""From the supplier's bill to what we owe: order, receipt and bill have to agree."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import catalog, invoicing
from core.catalog import ItemKind
from core.invoicing import Direction, Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.money import Money
from core.ledger import tax
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED, OPERATING_EXPENSE, PRICE_VARIANCE
from core.ledger.tax import Charge
from core.purchasing import rules
from core.purchasing.errors import NothingToBill, OrderCancelled
from core.purchasing.events import AdvanceBooked, OrderBilled
from core.purchasing.queries import received_values
from core.purchasing.service import find_order, require_own
from core.purchasing.tables import OrderState, PurchaseOrder, PurchaseOrderLine


def bill_order(
    session: Session,
    number: str,
    *,
    supplier_reference: str | None = None,
    billed_total: Money | None = None,
    quantities: Mapping[int, Decimal] | None = None,
    difference_accepted: bool = False,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Book a supplier's bill for what came of an order and is not billed: all, or so much of it.

    `billed_total` is what the bill says, tax included; without it the bill agrees with the order.
    A difference within our tolerance, or one that somebody accepted, is a price variance.
    """
    order = find_order(session, number)
    require_own(order)
    open_now = [line.received_quantity - line.billed_quantity for line in order.lines]
    billed = rules.chosen(order, quantities, usual=open_now)
    if not billed:
        raise NothingToBill(number=order.number)
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in billed])
    for line, quantity in billed:
        rules.require_billable(order, line, quantity)
    ours = company(session)
    lines = _at_order_price(session, ours, billed)
    if invoicing.advances_left(session, order.number):
        lines += invoicing.deductions_of(
            session, Direction.PAYABLE, order.number, _shares(session, ours, order, lines)
        )
    expected = _expected(session, lines, posted_on)
    difference = Money(0, ours.currency)
    if billed_total is not None:
        difference = rules.require_match(
            order, billed=billed_total, expected=expected, accepted=difference_accepted
        )
    if difference.minor:
        lines.append(_variance(order, difference))
    before = sum((line.billed_quantity for line in order.lines), Decimal(0))
    for line, quantity in billed:
        line.billed_quantity += quantity
    bill = invoicing.post_invoice(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=order.supplier,
        lines=lines,
        posted_on=posted_on,
        due_on=due_on,
        reference=supplier_reference,
        origin=order.number,
    )
    _record(session, order, bill, before=before, difference=difference)
    return bill


def book_advance(
    session: Session,
    number: str,
    *,
    percent: Decimal,
    supplier_reference: str | None = None,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Book a supplier's bill for so many percent of what of an order is not billed yet.

    Bills of the order deduct it.
    """
    order = find_order(session, number)
    require_own(order)
    if order.state is OrderState.CANCELLED:
        raise OrderCancelled(number=order.number)
    billable = _billable(session, company(session), order)
    if not any(amount.minor for amount in billable.values()):
        raise NothingToBill(number=order.number)
    advance = invoicing.post_advance(
        session,
        direction=Direction.PAYABLE,
        party=order.supplier,
        order_number=order.number,
        billable=billable,
        percent=percent,
        posted_on=posted_on,
        due_on=due_on,
        reference=supplier_reference,
    )
    events.record(session, AdvanceBooked(order.number, advance.number, percent))
    session.flush()
    return advance


def credit_bill(session: Session, number: str, *, because: str) -> Invoice:
    """Take back the bill of an order: what came is owed at the order's price again."""
    bill = invoicing.find_invoice(session, number)
    order = find_order(session, bill.origin)
    note = invoicing.credit_invoice(session, bill.number, because=because)
    taken_back = invoicing.quantities_charged(session, note.number)
    before = sum((line.billed_quantity for line in order.lines), Decimal(0))
    for line in order.lines:
        line.billed_quantity -= taken_back.get(line.id, Decimal(0))
    _record(session, order, note, before=before, difference=Money(0, note.currency))
    return note


def _at_order_price(
    session: Session, ours: Company, billed: Sequence[tuple[PurchaseOrderLine, Decimal]]
) -> list[InvoiceDraftLine]:
    ids = [line.id for line, _ in billed]
    came = received_values(session, ids)
    begun = [line.id for line, _ in billed if line.billed_quantity]
    charged = invoicing.charged_by_order_line(session, begun) if begun else {}
    drafts = []
    for line, quantity in billed:
        so_far = charged.get(line.id, 0)
        if line.item.kind is ItemKind.STOCKED:
            # What is owed for what came: the last to be billed takes all that is left of it.
            owed = Money(came.get(line.id, 0) - so_far, ours.currency)
            left = line.received_quantity - line.billed_quantity
            account = GOODS_RECEIVED_NOT_BILLED
        else:
            whole = Money.rounding(line.net_amount, ours.currency, ours.rounding)
            owed = whole - Money(so_far, ours.currency)
            left = line.quantity - line.billed_quantity
            account = OPERATING_EXPENSE
        drafts.append(
            InvoiceDraftLine(
                item_id=line.item_id,
                description=f"{line.item.sku} {line.item.name}",
                quantity=quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.item.purchase_tax_code,
                account=account,
                order_line_id=line.id,
                net=owed.times(quantity / left, ours.rounding),
            )
        )
    return drafts


def _billable(session: Session, ours: Company, order: PurchaseOrder) -> dict[str | None, Money]:
    """Return what of an order is not billed, by its tax."""
    begun = [line.id for line in order.lines if line.billed_quantity]
    so_far = invoicing.charged_by_order_line(session, begun) if begun else {}
    left: dict[str | None, Money] = {}
    for line in order.lines:
        whole = Money.rounding(line.net_amount, ours.currency, ours.rounding)
        rest = whole - Money(so_far.get(line.id, 0), ours.currency)
        code = line.item.purchase_tax_code
        left[code] = left.get(code, Money(0, ours.currency)) + rest
    return left


def _shares(
    session: Session, ours: Company, order: PurchaseOrder, lines: Sequence[InvoiceDraftLine]
) -> dict[str | None, Decimal]:
    """Return which part of what is not billed some lines bill, by its tax; never more than all."""
    now: dict[str | None, int] = {}
    for line in lines:
        assert line.net is not None, "a bill is booked at the price of its order"
        now[line.tax_code] = now.get(line.tax_code, 0) + line.net.minor
    left = _billable(session, ours, order)
    return {
        code: min(Decimal(minor) / left[code].minor, Decimal(1))
        for code, minor in now.items()
        if left[code].minor > 0
    }


def _expected(session: Session, lines: Sequence[InvoiceDraftLine], on: date | None) -> Money:
    charges = []
    for line in lines:
        assert line.net is not None, "a bill is booked at the price of its order"
        charges.append(Charge(line.net, line.tax_code, line.quantity))
    return tax.compute(session, charges, on=on, sale=False).total


def _variance(order: PurchaseOrder, difference: Money) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description=f"{order.number} ±",
        quantity=Decimal(1),
        unit_price=difference.amount,
        discount_percent=Decimal(0),
        tax_code=None,
        account=PRICE_VARIANCE,
        net=difference,
    )


def _record(
    session: Session, order: PurchaseOrder, bill: Invoice, *, before: Decimal, difference: Money
) -> None:
    fact = OrderBilled(
        number=order.number,
        bill=bill.number,
        billed_before=before,
        billed=sum((line.billed_quantity for line in order.lines), Decimal(0)),
        ordered=sum((line.quantity for line in order.lines), Decimal(0)),
        difference=difference,
    )
    events.record(session, fact)
    session.flush()
