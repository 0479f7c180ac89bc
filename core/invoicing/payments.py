"""Money that came in or went out, and what it settles."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import deductions, rules, settling
from core.invoicing.errors import (
    AmountNotPositive,
    FeeNotBelowAmount,
    NoCreditLeft,
    NothingSettled,
    NothingToSettle,
    PaymentReversed,
    ReversedStays,
    UnknownPayment,
)
from core.invoicing.events import (
    CreditApplied,
    Owed,
    PaymentPosted,
    PaymentUndone,
    Settled,
    Unsettled,
)
from core.invoicing.queries import owed_by
from core.invoicing.rules import Direction
from core.invoicing.service import find_invoice
from core.invoicing.settling import Settle, Share
from core.invoicing.tables import DocumentState, Invoice, Payment, PaymentKind
from core.invoicing.worth import Worth, at_rate_of, in_books, in_proportion
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import (
    Journal,
    JournalEntry,
    Line,
    credit,
    debit,
    find_accounts,
    in_base,
    post_entry,
    reverse_entry,
)
from core.ledger.chart import BANK, BANK_FEES
from core.parties import Party


def post_payment(
    session: Session,
    *,
    kind: PaymentKind,
    party: Party,
    amount: Money,
    paid_on: date | None = None,
    settle: Settle | None = None,
    documents: Sequence[str] | None = None,
    reference: str | None = None,
    account: str = BANK,
    worth: Money | None = None,
    fee: Money | None = None,
    take_discount: bool = False,
    write_off_to: str | None = None,
) -> Payment:
    """Record a payment that settles the documents named, or else the oldest due ones first.

    `settle` names them with amounts, `documents` in the order in which they are filled. What is
    paid beyond them stays open as a credit of the party; with nothing to settle, all of it is an
    advance. `worth` is what the bank made of another currency, where it was not the rate of the
    day. `fee` is what the bank kept: of what came in, or besides what went out. A discount for
    early payment is taken where it is due and the payment covers the rest; what then is still open
    of the documents that it pays is written off, where an account for that is named.
    """
    ours = company(session)
    direction, day = rules.direction_of(kind), paid_on or ours.today
    fee = fee or Money(0, amount.currency)
    _check(direction, amount, fee)
    parts = settling.shares(
        session,
        party,
        direction,
        amount,
        settle,
        on=day,
        spared=deductions.discounts_of(session, party, direction, day) if take_discount else {},
        documents=documents,
    )
    before = owed_by(session, party.id, direction)
    rate = _rate(session, amount, worth, day)
    base = rate(amount)
    booked = in_books(
        payment_lines(direction, party.id, amount, fee, account), rate, kept=direction.account
    )
    # Read before the number is taken: who needs one waits for us from then on.
    find_accounts(session, {line.account for line in booked}, day=day)
    payment = Payment(
        id=new_id(),
        number=next_number(session, rules.PAYMENT_SERIES[kind]),
        kind=kind,
        party_id=party.id,
        paid_on=day,
        currency=amount.currency,
        amount_minor=amount.minor,
        base_amount_minor=base.minor,
        open_minor=amount.minor,
        open_base_minor=base.minor,
        fee_minor=fee.minor,
        reference=reference,
    )
    entry = post_entry(
        session,
        booked,
        memo=f"{payment.number} {party.name}",
        origin=payment.number,
        posted_on=day,
        journal=Journal.BANK,
    )
    payment.entry_id = entry.id
    session.add(payment)
    carried = _carried(parts)
    settled = settling.settle(session, payment, parts, party=party, on=day)
    after = before.minor - carried + _carried(parts) - payment.open_base_minor
    events.record(
        session,
        PaymentPosted(
            kind=kind,
            number=payment.number,
            party_number=party.number,
            owed=Owed(party.name, before, Money(after, ours.currency)),
            paid=amount,
            left_open=Money(payment.open_minor, payment.currency),
            settled=settled,
            paid_in_days=(day - ours.today).days,
            paid_on=day.isoformat(),
            reference=reference or "",
            worth=None if amount.currency == ours.currency else base,
            fee=fee if fee.minor else None,
        ),
    )
    session.flush()
    paid = list({part.document.number: part.document for part in parts}.values())
    if take_discount:
        deductions.take_discounts(session, paid, party, payment)
    if write_off_to is not None:
        deductions.write_off_rests(session, paid, party, payment, account=write_off_to)
    return payment


def apply_credit(session: Session, number: str, *, settle: Settle | None = None) -> Money:
    """Settle open documents with a credit note, or with what a payment was too much.

    Return how much of it was used.
    """
    source = open_credit(session, number)
    party = session.get_one(Party, source.party_id)
    left = Money(source.open_minor, source.currency)
    if left.minor == 0:
        raise NoCreditLeft(number=source.number)
    today, direction = company(session).today, rules.direction_of(source.kind)
    parts = settling.shares(session, party, direction, left, settle, on=today)
    if not parts:
        raise NothingToSettle(party=party.name)
    settled = settling.settle(session, source, parts, party=party, on=today)
    return record_applied(session, source, parts, settled, party)


def unapply(
    session: Session, number: str, *, document: str | None = None, because: str
) -> list[Invoice]:
    """Take back what a payment or credit note settles, all of it or of one document.

    Both are open again, and can be settled anew; a discount that came with it is taken back too.
    """
    source = open_credit(session, number)
    party = session.get_one(Party, source.party_id)
    only = find_invoice(session, document, lock=True) if document is not None else None
    today, direction = company(session).today, rules.direction_of(source.kind)
    before = owed_by(session, party.id, direction)
    if isinstance(source, Payment):
        deductions.undo_deductions_of(session, source, party, because=because, only=only)
    reopened = settling.unsettle(session, source, party=party, on=today, only=only)
    if not reopened:
        raise NothingSettled(number=source.number)
    session.flush()
    for opened, _ in reopened:
        if opened.state is DocumentState.REVERSED:
            if opened.by_hand or (isinstance(source, Invoice) and source.origin == opened.number):
                raise ReversedStays(number=opened.number)
            # What was credited meanwhile takes up at once what is open again.
            _take_up(session, opened, party)
    events.record(
        session,
        Unsettled(
            number=source.number,
            owed=Owed(party.name, before, owed_by(session, party.id, direction)),
            left_open=Money(source.open_minor, source.currency),
            reopened=tuple(told.now(opened.open_minor) for opened, told in reopened),
            measure=direction,
            because=because,
            worth=in_base(session, Money(source.open_minor, source.currency), today),
        ),
    )
    session.flush()
    return [each for each, _ in reopened]


def reverse_payment(session: Session, number: str, *, because: str) -> JournalEntry:
    """Undo a payment: its entry is reversed, and what it settled is open again."""
    payment = find_payment(session, number, lock=True)
    if payment.state is DocumentState.REVERSED:
        raise PaymentReversed(number=payment.number)
    direction = rules.direction_of(payment.kind)
    party = session.get_one(Party, payment.party_id)
    # A payment of a later day is not undone before it was made.
    day = max(company(session).today, payment.paid_on)
    before = owed_by(session, party.id, direction)
    deductions.undo_deductions_of(session, payment, party, because=because)
    reopened = settling.unsettle(session, payment, party=party, on=day)
    payment.state, payment.open_minor, payment.open_base_minor = DocumentState.REVERSED, 0, 0
    session.flush()
    # What was credited meanwhile takes up at once what is open again.
    for document, _ in reopened:
        if document.state is DocumentState.REVERSED:
            _take_up(session, document, party)
    entry = session.get_one(JournalEntry, payment.entry_id)
    reversal = reverse_entry(session, entry.number, because=because, posted_on=day)
    events.record(
        session,
        PaymentUndone(
            kind=payment.kind,
            number=payment.number,
            party_number=party.number,
            owed=Owed(party.name, before, owed_by(session, party.id, direction)),
            paid=Money(payment.base_amount_minor, company(session).currency),
            reopened=tuple(told.now(document.open_minor) for document, told in reopened),
            because=because,
        ),
    )
    return reversal


def find_payment(session: Session, number: str, *, lock: bool = False) -> Payment:
    """Return a payment by its number."""
    wanted = select(Payment).where(Payment.number == canonical_number(number))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownPayment(number=number)
    return found


def open_credit(session: Session, number: str) -> Payment | Invoice:
    """Return the credit note or payment of a number, locked, to settle with what is left of it."""
    said = canonical_number(number)
    wanted = select(Invoice).where(Invoice.number == said).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        return find_payment(session, number, lock=True)
    if not rules.takes_back(found.kind):
        raise NoCreditLeft(number=found.number)
    return found


def record_applied(
    session: Session,
    source: Payment | Invoice,
    parts: Sequence[Share],
    settled: Sequence[Settled],
    party: Party,
) -> Money:
    """Tell that a credit settled documents, and return how much of it was used."""
    applied = rules.added_up((part.used for part in parts), source.currency)
    events.record(
        session,
        CreditApplied(
            number=source.number,
            party_number=party.number,
            applied=applied,
            left_open=Money(source.open_minor, source.currency),
            settled=tuple(settled),
            worth=in_base(session, applied, company(session).today),
        ),
    )
    session.flush()
    return applied


def _check(direction: Direction, amount: Money, fee: Money) -> None:
    if amount.minor <= 0:
        raise AmountNotPositive(amount=amount)
    if fee.currency != amount.currency:
        raise CurrencyMismatch(left=fee.currency, right=amount.currency)
    if fee.minor < 0 or (direction is Direction.RECEIVABLE and not fee < amount):
        raise FeeNotBelowAmount(fee=fee, amount=amount)


def _rate(session: Session, amount: Money, worth: Money | None, day: date) -> Worth:
    ours = company(session)
    if worth is None or amount.currency == ours.currency:
        return at_rate_of(session, day)
    if worth.currency != ours.currency:
        raise CurrencyMismatch(left=worth.currency, right=ours.currency)
    if worth.minor <= 0:
        raise AmountNotPositive(amount=worth)
    return in_proportion(amount, worth, ours.rounding)


def payment_lines(
    direction: Direction, party_id: UUID, amount: Money, fee: Money, account: str
) -> list[Line]:
    """Return the entry of a payment: the money, what the bank kept, and who owes less now."""
    if direction is Direction.RECEIVABLE:
        lines = [debit(account, amount - fee), debit(BANK_FEES, fee)]
        lines.append(credit(direction.account, amount, party_id=party_id))
    else:
        lines = [debit(direction.account, amount, party_id=party_id), debit(BANK_FEES, fee)]
        lines.append(credit(account, amount + fee))
    return [line for line in lines if line.amount.minor]


def _carried(parts: Iterable[Share]) -> int:
    """Return what the documents of some shares are still worth in the books."""
    documents = {part.document.id: part.document for part in parts}
    return sum(document.open_base_minor for document in documents.values())


def _take_up(session: Session, document: Invoice, party: Party) -> None:
    """Settle a document that was credited with what is left of its credit note."""
    wanted = (
        select(Invoice)
        .where(
            Invoice.origin == document.number,
            Invoice.kind == rules.direction_of(document.kind).credit_note,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    today = company(session).today
    for note in session.scalars(wanted).all():
        part = Money(min(note.open_minor, document.open_minor), note.currency)
        if part.minor:
            settling.settle(session, note, [Share(document, part, part)], party=party, on=today)
