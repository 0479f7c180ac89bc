"""Questions about paying: what could be paid, what suppliers owe us, what an order would do."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.invoicing import rules as invoicing_rules
from core.invoicing import terms
from core.invoicing.holds import HoldPurpose, held
from core.invoicing.paying.rules import PRIORITY, Credit, Payable
from core.invoicing.paying.tables import (
    OrderState,
    PaymentOrder,
    PaymentOrderCredit,
    PaymentOrderLine,
    PaymentPriority,
)
from core.invoicing.tables import Instalment, Invoice, InvoiceKind, Payment, PaymentKind
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger import Account, BankAccount, balance, find_account
from core.ledger.chart import BANK
from core.ledger.totals import daily_sums
from core.parties import Party, PartyBankAccount

BILLS_MAX = 20_000
ORDERS_MAX = 500
# An account that is younger than this is said to be new wherever money goes to it.
ACCOUNT_IS_NEW_DAYS = 30


@dataclass(frozen=True)
class OrderLineView:
    """A bill of an order, and how it is settled."""

    bill: str
    reference: str
    party_number: str
    party: str
    due_on: date
    pay: Money
    discount: Money
    netted: Money
    account: str
    payment: str


@dataclass(frozen=True)
class OrderView:
    """A payment order with its lines."""

    number: str
    state: OrderState
    account: str
    pay_on: date
    total: Money
    discount: Money
    netted: Money
    approved_on: date | None
    executed_on: date | None
    lines: tuple[OrderLineView, ...]


@dataclass(frozen=True)
class Purse:
    """The account that pays: its balance, what other orders will take of it, what has to stay."""

    account: Account
    currency: str
    balance: Money
    ordered: Money
    keep: Money

    @property
    def called(self) -> str:
        """The account as people know it."""
        return f"{self.account.code} {self.account.name}"

    @property
    def spendable(self) -> Money:
        """What may be paid from it."""
        free = self.balance - self.ordered - self.keep
        return Money(max(free.minor, 0), self.currency)


def purse_of(
    session: Session, account: Account | None = None, *, keep: Money | None = None
) -> Purse:
    """Return the account to pay from, by default the bank, and what of it may be spent."""
    ours = company(session).currency
    paid_from = account or find_account(session, BANK)
    kept_in = select(BankAccount.currency).where(BankAccount.account_id == paid_from.id)
    currency = session.scalar(kept_in) or paid_from.currency or ours
    ordered = (
        select(total(PaymentOrderLine.pay_minor))
        .join(PaymentOrder, PaymentOrder.id == PaymentOrderLine.order_id)
        .where(PaymentOrder.account_id == paid_from.id, PaymentOrderLine.standing)
    )
    return Purse(
        account=paid_from,
        currency=currency,
        balance=_balance(session, paid_from, currency, ours),
        ordered=Money(session.scalars(ordered).one(), currency),
        keep=keep or Money(0, currency),
    )


def list_payables(
    session: Session,
    *,
    currency: str,
    day: date,
    until: date,
    numbers: Sequence[str] | None = None,
) -> list[Payable]:
    """Return the open bills in a currency that stand on no order, with what should be paid now."""
    standing = select(PaymentOrderLine.invoice_id).where(PaymentOrderLine.standing)
    wanted = (
        select(Invoice, func.coalesce(PaymentPriority.priority, PRIORITY), Party.blocked)
        .join(Party, Party.id == Invoice.party_id)
        .outerjoin(PaymentPriority, PaymentPriority.party_id == Invoice.party_id)
        .where(
            Invoice.kind == InvoiceKind.SUPPLIER_BILL,
            Invoice.open_minor > 0,
            Invoice.currency == currency,
            Invoice.id.not_in(standing),
        )
        .order_by(Invoice.due_on, Invoice.number)
        .limit(BILLS_MAX)
    )
    if numbers is not None:
        wanted = wanted.where(Invoice.number.in_(numbers))
    rows = session.execute(wanted).all()
    parts = terms.instalments_of(session, [invoice.id for invoice, _, _ in rows])
    holds = held(session, HoldPurpose.PAYMENT, day)
    found = []
    for invoice, priority, blocked in rows:
        hold = holds.over(invoice.id, invoice.party_id)
        why_held = hold.because if hold is not None else ("blocked" if blocked else "")
        due = parts_due(invoice, parts.get(invoice.id, []), day=day, until=until)
        found.append(
            Payable(
                invoice_id=invoice.id,
                party_id=invoice.party_id,
                number=invoice.number,
                due_on=due.due_on,
                open=invoice.open_minor,
                amount=due.amount,
                discount=due.discount,
                whole_discount=due.whole_discount,
                saves_until=due.saves_until,
                priority=priority,
                held=why_held,
            )
        )
    return found


@dataclass(frozen=True)
class PartsDue:
    """What of a bill should be paid now, and what need not be paid of that."""

    due_on: date
    amount: int
    discount: int
    whole_discount: int
    saves_until: date | None


def parts_due(invoice: Invoice, parts: Sequence[Instalment], *, day: date, until: date) -> PartsDue:
    """Return the instalments up to the last that is due, or whose discount would be lost."""
    if not parts:
        amount = invoice.open_minor if invoice.due_on <= until else 0
        return PartsDue(invoice.due_on, amount, 0, 0, None)
    paid = invoice.total_minor - invoice.open_minor
    amount = discount = so_far = spared = 0
    saves_until: date | None = None
    first_due: date | None = None
    for part in parts:
        still = invoicing_rules.open_of(part.amount_minor, part.until_minor, paid)
        if still == 0:
            continue
        first_due = first_due or part.due_on
        so_far += still
        spared += invoicing_rules.discount_open([part], paid=paid, day=day)
        ends = part.discount_until
        loses = spared > 0 and ends is not None and day <= ends <= until
        if part.due_on <= until or loses:
            amount, discount = so_far, spared
            saves_until = ends if loses and saves_until is None else saves_until
    return PartsDue(first_due or invoice.due_on, amount, discount, spared, saves_until)


def list_credits(
    session: Session, party_ids: Iterable[uuid.UUID], *, currency: str
) -> list[Credit]:
    """Return what suppliers owe us by credit notes and advances, less what orders use of it."""
    parties = list(party_ids)
    notes = select(Invoice).where(
        Invoice.kind == InvoiceKind.SUPPLIER_CREDIT_NOTE,
        Invoice.open_minor > 0,
        Invoice.currency == currency,
        Invoice.party_id.in_(parties),
    )
    advances = select(Payment).where(
        Payment.kind == PaymentKind.SUPPLIER_PAYMENT,
        Payment.open_minor > 0,
        Payment.currency == currency,
        Payment.party_id.in_(parties),
    )
    used = _used_by_orders(session)
    found = [
        Credit(each.id, each.party_id, each.number, each.open_minor - used.get(each.id, 0), is_note)
        for is_note, rows in (
            (True, session.scalars(notes.order_by(Invoice.number).limit(BILLS_MAX))),
            (False, session.scalars(advances.order_by(Payment.number).limit(BILLS_MAX))),
        )
        for each in rows
    ]
    return [credit for credit in found if credit.left > 0]


def warning_of(
    session: Session,
    party_id: uuid.UUID,
    account: PartyBankAccount | None,
    day: date,
) -> tuple[str, str] | None:
    """Return what should make one look twice at where the money goes, if anything."""
    if account is None:
        return "no_account", ""
    if (day - account.valid_from).days > ACCOUNT_IS_NEW_DAYS:
        return None
    earlier = select(PartyBankAccount.id).where(
        PartyBankAccount.party_id == party_id, PartyBankAccount.ended_on.is_not(None)
    )
    changed = session.scalar(earlier.limit(1)) is not None
    what = "changed_account" if changed else "new_account"
    verified = f" · ✓ {account.verified_on}" if account.verified_on else ""
    return what, f"{account.valid_from}{verified}"


def order_view(session: Session, order: PaymentOrder) -> OrderView:
    """Return an order with its lines."""
    account = session.get_one(Account, order.account_id)
    bills = {
        bill.id: bill
        for bill in session.scalars(
            select(Invoice).where(Invoice.id.in_([line.invoice_id for line in order.lines]))
        )
    }
    parties = {
        party.id: party
        for party in session.scalars(
            select(Party).where(Party.id.in_([line.party_id for line in order.lines]))
        )
    }
    payments = dict(
        iter(
            session.execute(
                select(Payment.id, Payment.number).where(
                    Payment.id.in_([line.payment_id for line in order.lines if line.payment_id])
                )
            )
        )
    )
    accounts = accounts_of(session, order)
    lines = []
    for line in order.lines:
        bill, party = bills[line.invoice_id], parties[line.party_id]
        paid_to = accounts.get(line.bank_account_id) if line.bank_account_id else None
        lines.append(
            OrderLineView(
                bill=bill.number,
                reference=bill.reference or "",
                party_number=party.number,
                party=party.name,
                due_on=bill.due_on,
                pay=Money(line.pay_minor, order.currency),
                discount=Money(line.discount_minor, order.currency),
                netted=Money(line.netted_minor, order.currency),
                account=paid_to.said if paid_to is not None else "",
                payment=payments[line.payment_id] if line.payment_id else "",
            )
        )
    return OrderView(
        number=order.number,
        state=order.state,
        account=f"{account.code} {account.name}",
        pay_on=order.pay_on,
        total=Money(sum(line.pay_minor for line in order.lines), order.currency),
        discount=Money(sum(line.discount_minor for line in order.lines), order.currency),
        netted=Money(sum(line.netted_minor for line in order.lines), order.currency),
        approved_on=order.approved_on,
        executed_on=order.executed_on,
        lines=tuple(lines),
    )


def list_orders(
    session: Session, *, state: OrderState | None = None, limit: int = ORDERS_MAX
) -> list[OrderView]:
    """Return the payment orders, the newest first."""
    wanted = select(PaymentOrder).order_by(PaymentOrder.number.desc())
    if state is not None:
        wanted = wanted.where(PaymentOrder.state == state)
    orders = session.scalars(wanted.limit(min(limit, ORDERS_MAX))).all()
    return [order_view(session, order) for order in orders]


def accounts_of(session: Session, order: PaymentOrder) -> Mapping[uuid.UUID, PartyBankAccount]:
    """Return the accounts that an order pays to, by their ids."""
    ids = {line.bank_account_id for line in order.lines if line.bank_account_id is not None}
    wanted = select(PartyBankAccount).where(PartyBankAccount.id.in_(ids))
    return {account.id: account for account in session.scalars(wanted)}


def _balance(session: Session, account: Account, currency: str, ours: str) -> Money:
    if currency == ours:
        return balance(session, account.code)
    daily = daily_sums().subquery()
    net = total(daily.c.debit_minor - daily.c.credit_minor)
    wanted = select(net).where(daily.c.account_id == account.id, daily.c.currency == currency)
    return Money(session.scalars(wanted).one(), currency)


def _used_by_orders(session: Session) -> Mapping[uuid.UUID, int]:
    source = func.coalesce(PaymentOrderCredit.credit_note_id, PaymentOrderCredit.advance_id)
    wanted = (
        select(source, total(PaymentOrderCredit.amount_minor))
        .join(PaymentOrder, PaymentOrder.id == PaymentOrderCredit.order_id)
        .where(PaymentOrder.state.in_([OrderState.DRAFT, OrderState.APPROVED]))
        .group_by(source)
    )
    return dict(iter(session.execute(wanted)))
