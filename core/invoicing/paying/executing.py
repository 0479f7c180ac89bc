"""Carry a payment order out: credits first, then one payment to every supplier, all or nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules as invoicing_rules
from core.invoicing import terms
from core.invoicing.paying.errors import BillChanged, DiscountExpired
from core.invoicing.paying.events import OrderExecuted
from core.invoicing.paying.lines import (
    credits_of,
    refuse_changed_accounts,
    refuse_held,
    total_of,
)
from core.invoicing.paying.queries import purse_of, warning_of
from core.invoicing.paying.service import find_order, require_cash, require_state
from core.invoicing.paying.tables import OrderState, PaymentOrder, PaymentOrderLine
from core.invoicing.payments import apply_credit, post_payment
from core.invoicing.tables import Invoice, Payment, PaymentKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import Account
from core.parties import Party, current_bank_accounts


def execute_order(session: Session, number: str) -> PaymentOrder:
    """Post the payments of an approved order, exactly as it was approved, or refuse all of it.

    Two that execute at once: the second waits for the first, and is refused.
    """
    order = find_order(session, number, lock=True)
    require_state(order, OrderState.APPROVED)
    refuse_held(session, order)
    refuse_changed_accounts(session, order)
    today = company(session).today
    day = max(order.pay_on, today)
    bills = _locked(session, order)
    before = {bill_id: bill.open_minor for bill_id, bill in bills.items()}
    accounts = current_bank_accounts(session, {line.party_id for line in order.lines})
    for line in order.lines:
        _require_discount(session, order, line, bills[line.invoice_id], day)
    account, total = session.get_one(Account, order.account_id), total_of(order)
    # What this order takes is not to be counted twice: it stands no longer.
    for line in order.lines:
        line.standing = False
    session.flush()
    purse = purse_of(session, account, keep=Money(order.keep_minor, order.currency))
    require_cash(purse, total.minor)
    _apply_credits(session, order, bills)
    payments = _pay(session, order, bills, account)
    _require_settled(order, bills, before)
    order.state, order.executed_on = OrderState.EXECUTED, today
    session.flush()
    warnings = []
    for party_id, paid_to in accounts.items():
        if (warning := warning_of(session, party_id, paid_to, today)) is not None:
            party = session.get_one(Party, party_id)
            warnings.append((party.number, party.name, *warning))
    events.record(
        session,
        OrderExecuted(
            number=order.number,
            account=purse.called,
            total=total,
            cash_before=purse.balance,
            cash_after=purse.balance - total,
            payments=tuple(payment.number for payment in payments),
            warnings=tuple(sorted(warnings)),
        ),
    )
    return order


def _locked(session: Session, order: PaymentOrder) -> dict[UUID, Invoice]:
    """Return the bills of an order, locked in the order of their ids, as every payment does."""
    wanted = (
        select(Invoice)
        .where(Invoice.id.in_([line.invoice_id for line in order.lines]))
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    bills = {bill.id: bill for bill in session.scalars(wanted)}
    for line in order.lines:
        bill = bills[line.invoice_id]
        settled = line.pay_minor + line.discount_minor + line.netted_minor
        if settled > bill.open_minor:
            raise BillChanged(
                bill=bill.number, number=order.number, open=Money(bill.open_minor, bill.currency)
            )
    return bills


def _require_discount(
    session: Session, order: PaymentOrder, line: PaymentOrderLine, bill: Invoice, day: date
) -> None:
    """Refuse a discount that is not granted any more on the day on which it is paid."""
    if not line.discount_minor:
        return
    parts = terms.instalments_of(session, [bill.id]).get(bill.id, [])
    paid = bill.total_minor - bill.open_minor + line.pay_minor + line.netted_minor
    granted = invoicing_rules.discount_taken(parts, paid=paid, day=day)
    if granted != line.discount_minor:
        discount = Money(line.discount_minor, order.currency)
        raise DiscountExpired(discount=discount, bill=bill.number, day=day)


def _apply_credits(session: Session, order: PaymentOrder, bills: dict[UUID, Invoice]) -> None:
    by_source: dict[str, list[tuple[Invoice | str, Money]]] = {}
    for invoice_id, number, amount in credits_of(session, order):
        by_source.setdefault(number, []).append((bills[invoice_id].number, amount))
    for number, settle in by_source.items():
        apply_credit(session, number, settle=settle)


def _pay(
    session: Session, order: PaymentOrder, bills: dict[UUID, Invoice], account: Account
) -> Sequence[Payment]:
    payments = []
    lines = sorted(
        (line for line in order.lines if line.pay_minor),
        key=lambda line: (str(line.party_id), line.position),
    )
    for party_id, group in groupby(lines, key=lambda line: line.party_id):
        paid = list(group)
        payment = post_payment(
            session,
            kind=PaymentKind.SUPPLIER_PAYMENT,
            party=session.get_one(Party, party_id),
            amount=Money(sum(line.pay_minor for line in paid), order.currency),
            paid_on=max(order.pay_on, company(session).today),
            settle=[
                (bills[line.invoice_id].number, Money(line.pay_minor, order.currency))
                for line in paid
            ],
            reference=order.number,
            account=account.code,
            take_discount=any(line.discount_minor for line in paid),
        )
        for line in paid:
            line.payment_id = payment.id
        payments.append(payment)
    return payments


def _require_settled(
    order: PaymentOrder, bills: Mapping[UUID, Invoice], before: Mapping[UUID, int]
) -> None:
    """Refuse if a bill is settled by more or by less than was approved."""
    for line in order.lines:
        bill = bills[line.invoice_id]
        settled = line.pay_minor + line.discount_minor + line.netted_minor
        if before[bill.id] - bill.open_minor != settled:
            still = Money(before[bill.id], bill.currency)
            raise BillChanged(bill=bill.number, number=order.number, open=still)
