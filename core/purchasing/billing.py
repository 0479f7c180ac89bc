"""From the supplier's bill to what we owe: order, receipt and bill have to agree.

A bill is booked at the order's prices for what came; what it says beyond that is a difference.
Within our tolerance it passes; beyond it the bill is booked and not paid before a second person
has agreed to the difference.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing
from core.catalog import ItemKind
from core.inventory import StockMove
from core.invoicing import Direction, Invoice, InvoiceDraftLine, InvoiceKind
from core.invoicing.holds import HoldKind, HoldPurpose, hold, lift_hold
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.database import acting
from core.kernel.money import QUANTITY_DIGITS, Money
from core.ledger import at_rate, in_base, tax, worth_of_one
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED, OPERATING_EXPENSE, PRICE_VARIANCE
from core.ledger.tax import Charge
from core.purchasing import rules
from core.purchasing.errors import (
    NotABillOfAnOrder,
    NothingToApprove,
    NothingToBill,
    NothingToCredit,
    OrderCancelled,
    SecondPersonNeeded,
)
from core.purchasing.events import AdvanceBooked, DifferenceApproved, OrderBilled
from core.purchasing.ordering import find_order, require_own
from core.purchasing.queries import owed_values
from core.purchasing.receiving import standing_lines
from core.purchasing.rules import Tolerance
from core.purchasing.tables import (
    BillMatch,
    DifferenceTo,
    Match,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
)
from core.purchasing.tolerances import tolerance_of
from core.purchasing.unbilled import clear_cents, drop_awaited

_ZERO = Decimal(0)


@dataclass(frozen=True)
class BilledCharge:
    """What a bill charges beside the goods: freight, packing. It is no difference of a price."""

    description: str
    amount: Money
    account: str
    tax_code: str | None = None


@dataclass(frozen=True)
class _Billed:
    """A line that is billed: how much of it has come, how much more is charged, at which price."""

    line: PurchaseOrderLine
    quantity: Decimal
    surplus: Decimal
    unit_price: Decimal | None
    tolerance: Tolerance


@dataclass(frozen=True)
class _Difference:
    """What a bill says beyond order and receipts: lines of its own, and what of it is what."""

    lines: list[InvoiceDraftLine]
    net: Money
    of_lines: Mapping[uuid.UUID, Money]
    surplus: bool
    within: bool


def bill_order(
    session: Session,
    number: str,
    *,
    supplier_reference: str | None = None,
    billed_total: Money | None = None,
    quantities: Mapping[int, Decimal] | None = None,
    prices: Mapping[int, Decimal] | None = None,
    charges: Sequence[BilledCharge] = (),
    difference_accepted: bool = False,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Book a supplier's bill for what came of an order and is not billed: all, or so much of it.

    `prices` are what the bill asks for one unit of a position, and `billed_total` is what it comes
    to, tax included; without them the bill agrees with the order. A difference beyond our
    tolerance that nobody has accepted holds the bill back from payment. The bill is in the order's
    currency, at the rate of its day: what came is worth what it was on the day it came, and what
    the currency gained or lost since is a difference of exchange and not of the price.
    """
    order = find_order(session, number)
    require_own(order)
    billed = _billed(session, order, quantities, prices or {})
    ours, currency = company(session), order.currency
    rate = worth_of_one(session, currency, posted_on or ours.today)
    at_order = _at_order_price(session, ours, order, billed)
    difference = _difference(ours, order, billed, at_order, rate)
    lines = [*at_order, *difference.lines, *map(_charge_line, charges)]
    if invoicing.advances_left(session, order.number):
        shares = invoicing.shares_by_tax(_billable(session, order), at_order)
        lines += invoicing.deductions_of(
            session, Direction.PAYABLE, order.number, shares, currency=currency
        )
    expected = _total(session, lines, posted_on, currency)
    rest = Money(0, currency) if billed_total is None else billed_total - expected
    of_lines = dict(difference.of_lines)
    if rest.minor:
        lines.append(_variance(order, rest))
        if len(billed) == 1:
            # A total that is off can only be off by the one line that there is.
            only = billed[0].line.id
            of_lines[only] = of_lines.get(only, Money(0, currency)) + rest
    before = sum((line.billed_quantity for line in order.lines), _ZERO)
    for each in billed:
        each.line.billed_quantity += each.quantity
    bill = invoicing.post_invoice(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=order.supplier,
        lines=lines,
        posted_on=posted_on,
        due_on=due_on,
        reference=supplier_reference,
        origin=order.number,
        currency=currency,
    )
    agreed = expected - _total(session, difference.lines, posted_on, currency)
    whole = difference.net + rest
    passes = difference.within and _rest_passes(
        billed, at_rate(rest, rate, ours), at_rate(agreed, rate, ours)
    )
    held = not passes and not difference_accepted
    state = rules.match_of(price=whole, surplus=difference.surplus)
    _keep_match(session, order, bill, state, expected=agreed, difference=whole, held=held)
    _record(session, order, bill, before=before, difference=whole, match=state, held=held)
    if held:
        because = f"{state} {whole}"
        hold(session, bill, purpose=HoldPurpose.PAYMENT, kind=HoldKind.DIFFERENCE, because=because)
    # The last to be billed took all that was owed: no cents are left.
    _onto_stock(session, order, bill, billed, of_lines)
    return bill


def approve_difference(session: Session, number: str, *, because: str) -> Invoice:
    """Agree to the difference of a bill that somebody else booked: it may be paid then."""
    bill = invoicing.find_invoice(session, number, lock=True)
    match = session.scalars(
        select(BillMatch).where(BillMatch.invoice_id == bill.id).with_for_update()
    ).one_or_none()
    if match is None:
        raise NotABillOfAnOrder(number=bill.number)
    if not match.held or match.approved_by is not None:
        raise NothingToApprove(number=bill.number)
    human = acting(session).actor.human
    if human == match.booked_by:
        raise SecondPersonNeeded(number=bill.number, who=match.booked_by)
    order = find_order(session, bill.origin)
    match.approved_by, match.approved_on = human, company(session).today
    fact = DifferenceApproved(
        bill=bill.number,
        order=order.number,
        supplier=order.supplier.name,
        difference=Money(match.difference_minor, bill.currency),
        worth=in_base(session, Money(match.difference_minor, bill.currency), bill.posted_on),
        because=because,
    )
    events.record(session, fact)
    session.flush()
    agreed = HoldKind.DIFFERENCE
    lift_hold(session, bill, purpose=HoldPurpose.PAYMENT, because=because, agreed=agreed)
    return bill


def match_or_none(session: Session, bill: Invoice) -> BillMatch | None:
    """Return how a bill compares with its order, if it is a bill of one."""
    return session.scalars(select(BillMatch).where(BillMatch.invoice_id == bill.id)).one_or_none()


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
    billable = _billable(session, order)
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
    _take_back(session, order, [note])
    return note


def credit_return(
    session: Session,
    number: str,
    *,
    supplier_reference: str | None = None,
    credited_total: Money | None = None,
    because: str = "",
) -> list[Invoice]:
    """Book the supplier's credit note for what was billed of an order and has gone back.

    `credited_total` is what it says, tax included; without it, what the bills charged for the
    goods. A difference is a price variance.
    """
    order = find_order(session, number)
    require_own(order)
    back = {
        line.id: -owed
        for line in order.lines
        if (owed := rules.billable_quantity(line)) < 0 and line.billed_quantity
    }
    if not back:
        raise NothingToCredit(number=order.number)
    differing = None
    if credited_total is not None:
        rest = credited_total - invoicing.charged_for(session, order.number, back)
        differing = [_variance(order, rest)] if rest.minor else []
    notes = invoicing.credit_order_lines(
        session,
        order.number,
        back,
        party=order.supplier,
        because=because,
        differing=differing,
        reference=supplier_reference,
    )
    if not notes:
        raise NothingToCredit(number=order.number)
    _take_back(session, order, notes)
    # What notes for a part of a bill took back before is not credited again for the goods.
    credited_before = [line for line in order.lines if line.id in back]
    drop_awaited(session, order, credited_before, because=notes[-1].number)
    return notes


def _take_back(session: Session, order: PurchaseOrder, notes: Sequence[Invoice]) -> None:
    before = sum((line.billed_quantity for line in order.lines), _ZERO)
    touched = []
    for note in notes:
        taken_back = invoicing.quantities_charged(session, note.number)
        for line in order.lines:
            if line.id in taken_back:
                line.billed_quantity -= taken_back[line.id]
                touched.append(line)
    nothing = Money(0, order.currency)
    _record(session, order, notes[-1], before=before, difference=nothing)
    clear_cents(session, order, touched, because=notes[-1].number)


def _billed(
    session: Session,
    order: PurchaseOrder,
    quantities: Mapping[int, Decimal] | None,
    prices: Mapping[int, Decimal],
) -> list[_Billed]:
    open_now = [rules.billable_quantity(line) for line in order.lines]
    chosen = rules.chosen(order, quantities, usual=open_now)
    rules.chosen(order, dict.fromkeys(prices, Decimal(1)), usual=())
    if not chosen:
        raise NothingToBill(number=order.number)
    catalog.require_quantities(session, [(line.item, quantity) for line, quantity in chosen])
    let_pass = tolerance_of(session, order.supplier_id, {line.item_id for line, _ in chosen})
    billed = []
    for line, quantity in chosen:
        tolerance = let_pass[line.item_id]
        come = rules.accepted_of_billed(order, line, quantity, tolerance)
        price = prices.get(line.position)
        if price is not None:
            catalog.require_price(line.item, price)
        billed.append(_Billed(line, come, quantity - come, price, tolerance))
    return billed


def _at_order_price(
    session: Session, ours: Company, order: PurchaseOrder, billed: Sequence[_Billed]
) -> list[InvoiceDraftLine]:
    owed = owed_values(session, [each.line for each in billed])
    foreign = order.currency != ours.currency
    by_price = [
        each.line.id for each in billed if foreign or each.line.item.kind is not ItemKind.STOCKED
    ]
    charged = invoicing.charged_by_order_line(session, by_price) if by_price else {}
    drafts = []
    for each in billed:
        line, worth = each.line, None
        if line.item.kind is ItemKind.STOCKED:
            # What is owed for what came: the last to be billed takes all that is left of it.
            account, rest = GOODS_RECEIVED_NOT_BILLED, Money(owed[line.id], ours.currency)
            net = rest.times(each.quantity / rules.billable_quantity(line), ours.rounding)
            if foreign:
                worth, net = net, _of_its_price(ours, order, each, charged.get(line.id, 0))
        else:
            whole = Money.rounding(line.net_amount, order.currency, ours.rounding)
            rest = whole - Money(charged.get(line.id, 0), order.currency)
            # More of it than was ordered may have come, within our tolerance.
            left = max(line.quantity - line.billed_quantity, each.quantity)
            account, net = OPERATING_EXPENSE, rest.times(each.quantity / left, ours.rounding)
        drafts.append(
            InvoiceDraftLine(
                item_id=line.item_id,
                description=f"{line.item.sku} {line.item.name}",
                quantity=each.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_code=line.item.purchase_tax_code,
                account=account,
                order_line_id=line.id,
                net=net,
                worth=worth,
            )
        )
    return drafts


def _of_its_price(ours: Company, order: PurchaseOrder, each: _Billed, charged: int) -> Money:
    """Return what a part of a line costs in the order's currency; the last takes what is left."""
    line = each.line
    exact, ends = rules.value_of_receipt(
        line.net_amount, line.quantity, line.billed_quantity, each.quantity
    )
    price = Money.rounding(exact, order.currency, ours.rounding)
    return price - Money(charged, order.currency) if ends else price


def _difference(
    ours: Company,
    order: PurchaseOrder,
    billed: Sequence[_Billed],
    at_order: Sequence[InvoiceDraftLine],
    rate: Decimal,
) -> _Difference:
    """Return what the bill's own prices and quantities make of its lines, with their tax."""
    lines, of_lines = [], {}
    currency = order.currency
    net, within = Money(0, currency), True
    for each, agreed in zip(billed, at_order, strict=True):
        assert agreed.net is not None, "a bill is booked at the price of its order"
        price = each.line.unit_price if each.unit_price is None else each.unit_price
        off = _worth(ours, order, each.line, each.quantity + each.surplus, price) - agreed.net
        at_price = _worth(ours, order, each.line, each.quantity, price) - agreed.net
        if price == each.line.unit_price:
            # The parts of a line are rounded so that they add up: that is no difference.
            at_price = Money(0, currency)
            off = _worth(ours, order, each.line, each.surplus, price)
        within = within and each.tolerance.passes(
            at_rate(at_price, rate, ours), at_rate(agreed.net, rate, ours)
        )
        if off.minor:
            net, of_lines[each.line.id] = net + off, off
            lines.append(_variance(order, off, of=each.line))
    return _Difference(lines, net, of_lines, any(each.surplus for each in billed), within)


def _worth(
    ours: Company, order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal, price: Decimal
) -> Money:
    exact = catalog.net_amount(quantity, price, line.discount_percent)
    return Money.rounding(exact, order.currency, ours.rounding)


def _onto_stock(
    session: Session,
    order: PurchaseOrder,
    bill: Invoice,
    billed: Sequence[_Billed],
    of_lines: Mapping[uuid.UUID, Money],
) -> None:
    """Bring differences onto the goods where that is how we want it: in stock or sold by now."""
    costs = []
    for each in billed:
        off = of_lines.get(each.line.id)
        wanted = each.tolerance.difference_to is DifferenceTo.STOCK
        if off is not None and wanted and each.line.item.kind is ItemKind.STOCKED:
            worth = in_base(session, off, bill.posted_on)
            costs += _shared_out(session, order, each.line, worth)
    if costs:
        memo = f"{bill.number} {order.supplier.name}"
        inventory.add_cost(
            session, costs, from_account=PRICE_VARIANCE, origin=bill.number, memo=memo
        )


def _shared_out(
    session: Session, order: PurchaseOrder, line: PurchaseOrderLine, off: Money
) -> list[tuple[StockMove, Money]]:
    """Share a difference out among the moves by which a line came in, as much of each stayed."""
    stayed = standing_lines(session, order, line)
    units = 10**QUANTITY_DIGITS
    weights = [int(quantity * units) for _, quantity in stayed]
    if not any(weights):
        return []
    shares = off.split(weights)
    return [(move, share) for (move, _), share in zip(stayed, shares, strict=True) if share.minor]


def _rest_passes(billed: Sequence[_Billed], rest: Money, agreed: Money) -> bool:
    """Tell whether what a total is off by is within what we let pass of every item of the bill."""
    return all(each.tolerance.passes(rest, agreed) for each in billed)


def _billable(session: Session, order: PurchaseOrder) -> dict[str | None, Money]:
    """Return what of an order is not billed, by its tax."""
    lines = ((line, line.item.purchase_tax_code, line.billed_quantity) for line in order.lines)
    return invoicing.billable_by_tax(session, lines, currency=order.currency)


def _total(
    session: Session, lines: Sequence[InvoiceDraftLine], on: date | None, currency: str
) -> Money:
    if not lines:
        return Money(0, currency)
    charges = []
    for line in lines:
        assert line.net is not None, "a bill is booked at the price of its order"
        charges.append(Charge(line.net, line.tax_code, line.quantity))
    return tax.compute(session, charges, on=on, sale=False).total


def _variance(
    order: PurchaseOrder, difference: Money, *, of: PurchaseOrderLine | None = None
) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None if of is None else of.item_id,
        description=f"{order.number} ±" if of is None else f"{of.item.sku} ±",
        quantity=Decimal(1),
        unit_price=difference.amount,
        discount_percent=_ZERO,
        tax_code=None if of is None else of.item.purchase_tax_code,
        account=PRICE_VARIANCE,
        net=difference,
    )


def _charge_line(charge: BilledCharge) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description=charge.description,
        quantity=Decimal(1),
        unit_price=charge.amount.amount,
        discount_percent=_ZERO,
        tax_code=charge.tax_code,
        account=charge.account,
        net=charge.amount,
    )


def _keep_match(
    session: Session,
    order: PurchaseOrder,
    bill: Invoice,
    state: Match,
    *,
    expected: Money,
    difference: Money,
    held: bool,
) -> None:
    session.add(
        BillMatch(
            invoice_id=bill.id,
            order_id=order.id,
            state=state,
            expected_minor=expected.minor,
            difference_minor=difference.minor,
            held=held,
            booked_by=acting(session).actor.human,
        )
    )
    session.flush()


def _record(
    session: Session,
    order: PurchaseOrder,
    bill: Invoice,
    *,
    before: Decimal,
    difference: Money,
    match: Match = Match.MATCHED,
    held: bool = False,
) -> None:
    fact = OrderBilled(
        number=order.number,
        bill=bill.number,
        billed_before=before,
        billed=sum((line.billed_quantity for line in order.lines), _ZERO),
        ordered=sum((line.quantity for line in order.lines), _ZERO),
        difference=difference,
        match=match,
        held=held,
    )
    events.record(session, fact)
    session.flush()
