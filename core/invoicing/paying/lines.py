"""The lines of a payment order: put on it, taken off, and said."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules as invoicing_rules
from core.invoicing import terms
from core.invoicing.holds import HoldPurpose, held
from core.invoicing.paying import rules
from core.invoicing.paying.errors import (
    AccountChanged,
    BillHeld,
    NotPayable,
    OnAnotherOrder,
)
from core.invoicing.paying.events import OrderedLine
from core.invoicing.paying.queries import (
    Purse,
    accounts_of,
    list_credits,
    list_payables,
    warning_of,
)
from core.invoicing.paying.rules import Credit, Payable, Planned, Why
from core.invoicing.paying.tables import PaymentOrder, PaymentOrderCredit, PaymentOrderLine
from core.invoicing.service import find_invoice
from core.invoicing.tables import Invoice, Payment
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money
from core.parties import Party, current_bank_accounts

# The number of a bill, and how much of it to settle; None is all that is open.
Chosen = Sequence[tuple[str, Money | None]]


def chosen(session: Session, purse: Purse, bills: Chosen, day: date) -> list[Planned]:
    """Plan the bills that somebody named, each by an amount or all that is open."""
    named = [(find_invoice(session, number), amount) for number, amount in bills]
    numbers = [document.number for document, _ in named]
    payables = {
        each.number: each
        for each in list_payables(
            session, currency=purse.currency, day=day, until=day, numbers=numbers
        )
    }
    for document, amount in named:
        if document.number not in payables:
            raise _refusal(session, document, purse.currency)
        if amount is not None and amount.currency != purse.currency:
            raise CurrencyMismatch(left=amount.currency, right=purse.currency)
        if payables[document.number].held:
            raise BillHeld(number=document.number, because=payables[document.number].held)
    credits = list_credits(  # noqa: A001
        session, {document.party_id for document, _ in named}, currency=purse.currency
    )
    left = {credit.source_id: credit.left for credit in credits}
    planned = []
    for document, amount in named:
        payable = payables[document.number]
        asked = payable.open if amount is None else amount.minor
        each = _planned(session, document, payable, asked, credits, left, day)
        for part in each.netted:
            left[part.credit.source_id] -= part.amount
        planned.append(each)
    return planned


def put(session: Session, order: PaymentOrder, planned: Sequence[Planned]) -> None:
    """Put bills on an order, with the accounts of their suppliers and the credits that are used."""
    accounts = current_bank_accounts(session, {each.payable.party_id for each in planned})
    position = max((line.position for line in order.lines), default=0)
    place = max((each.position for each in order.credits), default=0)
    for each in planned:
        position += 1
        account = accounts.get(each.payable.party_id)
        order.lines.append(
            PaymentOrderLine(
                position=position,
                invoice_id=each.payable.invoice_id,
                party_id=each.payable.party_id,
                bank_account_id=account.id if account is not None else None,
                pay_minor=each.pay,
                discount_minor=each.discount,
                netted_minor=each.netted_minor,
            )
        )
        for part in each.netted:
            place += 1
            source = part.credit.source_id
            order.credits.append(
                PaymentOrderCredit(
                    position=place,
                    invoice_id=each.payable.invoice_id,
                    credit_note_id=source if part.credit.is_note else None,
                    advance_id=None if part.credit.is_note else source,
                    amount_minor=part.amount,
                )
            )


def remove(session: Session, order: PaymentOrder, line: PaymentOrderLine) -> None:
    """Take a bill off an order, with the credits that settled it."""
    for used in [each for each in order.credits if each.invoice_id == line.invoice_id]:
        order.credits.remove(used)
    order.lines.remove(line)
    session.flush()


def refuse_held(session: Session, order: PaymentOrder) -> None:
    """Refuse an order of which a bill is held by now."""
    holds = held(session, HoldPurpose.PAYMENT)
    for line in order.lines:
        hold = holds.over(line.invoice_id, line.party_id)
        if hold is not None:
            bill = session.get_one(Invoice, line.invoice_id)
            raise BillHeld(number=bill.number, because=hold.because)


def refuse_changed_accounts(session: Session, order: PaymentOrder) -> None:
    """Refuse to pay a supplier whose account is another one than stands on the order."""
    accounts = current_bank_accounts(session, {line.party_id for line in order.lines})
    for line in order.lines:
        now = accounts.get(line.party_id)
        known = now.id if now is not None else None
        if line.pay_minor and known != line.bank_account_id:
            party = session.get_one(Party, line.party_id)
            raise AccountChanged(party=party.name, number=order.number)


def total_of(order: PaymentOrder) -> Money:
    """Return the money that an order moves."""
    return Money(sum(line.pay_minor for line in order.lines), order.currency)


def said_lines(session: Session, order: PaymentOrder) -> tuple[OrderedLine, ...]:
    """Return the lines of an order as a person should see them before saying yes."""
    today, accounts = company(session).today, accounts_of(session, order)
    bills = _numbers(session, [line.invoice_id for line in order.lines])
    credits = credits_of(session, order)  # noqa: A001
    lines = []
    for line in order.lines:
        party = session.get_one(Party, line.party_id)
        account = accounts.get(line.bank_account_id) if line.bank_account_id else None
        lines.append(
            OrderedLine(
                bill=bills[line.invoice_id],
                party_number=party.number,
                party=party.name,
                pay=Money(line.pay_minor, order.currency),
                discount=Money(line.discount_minor, order.currency),
                netted=tuple(
                    (number, amount)
                    for invoice_id, number, amount in credits
                    if invoice_id == line.invoice_id
                ),
                account=account.said if account is not None else "",
                warning=warning_of(session, party.id, account, today) if line.pay_minor else None,
            )
        )
    return tuple(lines)


def credits_of(session: Session, order: PaymentOrder) -> list[tuple[uuid.UUID, str, Money]]:
    """Return the bill that each credit of an order settles, its number, and how much."""
    notes = _numbers(session, [each.credit_note_id for each in order.credits])
    wanted = select(Payment.id, Payment.number).where(
        Payment.id.in_([each.advance_id for each in order.credits])
    )
    numbers = {**notes, **dict(iter(session.execute(wanted)))}
    found = []
    for each in order.credits:
        source = each.credit_note_id or each.advance_id
        assert source is not None, "a credit is a credit note or an advance"
        amount = Money(each.amount_minor, order.currency)
        found.append((each.invoice_id, numbers[source], amount))
    return found


def _planned(
    session: Session,
    document: Invoice,
    payable: Payable,
    asked: int,
    credits: Sequence[Credit],  # noqa: A002
    left: Mapping[uuid.UUID, int],
    day: date,
) -> Planned:
    """Plan a bill by an amount; a discount is taken where the amount is all that need be paid."""
    if asked >= payable.open - payable.whole_discount:
        whole = replace(payable, amount=payable.open, discount=payable.whole_discount)
        netted = rules.net(whole, whole.amount, credits, left)
        planned = rules.settled(whole, netted, company(session).rounding)
        return replace(planned, why=Why.CHOSEN)
    netted = rules.net(payable, asked, credits, left)
    parts = terms.instalments_of(session, [document.id]).get(document.id, [])
    paid = document.total_minor - document.open_minor + asked
    discount = invoicing_rules.discount_taken(parts, paid=paid, day=day)
    by_credit = sum(part.amount for part in netted)
    return Planned(payable, asked - by_credit, discount, netted, Why.CHOSEN)


def _refusal(session: Session, document: Invoice, currency: str) -> Exception:
    standing = (
        select(PaymentOrder.number)
        .join(PaymentOrderLine, PaymentOrderLine.order_id == PaymentOrder.id)
        .where(PaymentOrderLine.invoice_id == document.id, PaymentOrderLine.standing)
    )
    if (order := session.scalar(standing)) is not None:
        return OnAnotherOrder(number=document.number, order=order)
    return NotPayable(number=document.number, currency=currency)


def _numbers(session: Session, ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    wanted = select(Invoice.id, Invoice.number).where(Invoice.id.in_(ids))
    return dict(iter(session.execute(wanted)))
