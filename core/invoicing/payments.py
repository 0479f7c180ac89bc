"""Money that came in or went out, and what it settles."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.errors import (
    AmountNotPositive,
    ForeignCurrency,
    NoCreditLeft,
    NothingToSettle,
    NotOfThisParty,
    PaymentReversed,
    SettlesMoreThanOpen,
    SettlesMoreThanPaid,
    UnknownPayment,
)
from core.invoicing.events import CreditApplied, Owed, PaymentPosted, PaymentUndone, Settled
from core.invoicing.queries import owed_by
from core.invoicing.rules import Direction
from core.invoicing.tables import DocumentState, Invoice, Payment, PaymentKind, Settlement
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import Journal, JournalEntry, credit, debit, post_entry, reverse_entry
from core.ledger.chart import BANK
from core.parties import Party

# What is to be settled: documents, or their numbers, each with an amount.
Settle = Sequence[tuple[Invoice | str, Money]]
_OPEN_MAX = 1_000


def post_payment(
    session: Session,
    *,
    kind: PaymentKind,
    party: Party,
    amount: Money,
    paid_on: date | None = None,
    settle: Settle | None = None,
    reference: str | None = None,
    account: str = BANK,
) -> Payment:
    """Record a payment that settles the documents named, or else the oldest due ones first.

    What is paid beyond them stays open as a credit of the party.
    """
    ours = company(session)
    if amount.currency != ours.currency:
        raise ForeignCurrency(currency=amount.currency, base=ours.currency)
    if amount.minor <= 0:
        raise AmountNotPositive(amount=amount)
    direction = rules.direction_of(kind)
    parts = _parts(session, party, direction, amount, settle)
    before = owed_by(session, party.id, direction)
    payment = Payment(
        id=new_id(),
        number=next_number(session, rules.PAYMENT_SERIES[kind]),
        kind=kind,
        party_id=party.id,
        paid_on=paid_on or ours.today,
        currency=amount.currency,
        amount_minor=amount.minor,
        open_minor=amount.minor,
        reference=reference,
    )
    lines = [debit(account, amount), credit(direction.account, amount, party_id=party.id)]
    if direction is Direction.PAYABLE:
        lines = [line.reversed() for line in reversed(lines)]
    entry = post_entry(
        session,
        lines,
        memo=f"{payment.number} {party.name}",
        origin=payment.number,
        posted_on=payment.paid_on,
        journal=Journal.BANK,
    )
    payment.entry_id = entry.id
    settled, settlements = _settle(payment, parts, on=payment.paid_on)
    session.add(payment)
    # The payment first: its settlements refer to it, and nothing else says so to the session.
    session.flush()
    session.add_all(settlements)
    events.record(
        session,
        PaymentPosted(
            kind=kind,
            number=payment.number,
            party_number=party.number,
            owed=Owed(party.name, before, before - amount),
            paid=amount,
            left_open=Money(payment.open_minor, payment.currency),
            settled=settled,
            paid_in_days=(payment.paid_on - ours.today).days,
            paid_on=payment.paid_on.isoformat(),
            reference=reference or "",
        ),
    )
    session.flush()
    return payment


def apply_credit(session: Session, number: str, *, settle: Settle | None = None) -> Money:
    """Settle open documents with a credit note, or with what a payment was too much.

    Return how much was settled.
    """
    source = _credit(session, number)
    party = session.get_one(Party, source.party_id)
    left = Money(source.open_minor, source.currency)
    if left.minor == 0:
        raise NoCreditLeft(number=source.number)
    parts = _parts(session, party, rules.direction_of(source.kind), left, settle)
    if not parts:
        raise NothingToSettle(party=party.name)
    settled, settlements = _settle(source, parts, on=company(session).today)
    session.add_all(settlements)
    applied = rules.added_up((part for _, part in parts), left.currency)
    events.record(
        session,
        CreditApplied(
            number=source.number,
            party_number=party.number,
            applied=applied,
            left_open=left - applied,
            settled=settled,
        ),
    )
    session.flush()
    return applied


def reverse_payment(session: Session, number: str, *, because: str) -> JournalEntry:
    """Undo a payment: its entry is reversed, and what it settled is open again."""
    payment = find_payment(session, number, lock=True)
    if payment.state is DocumentState.REVERSED:
        raise PaymentReversed(number=payment.number)
    direction = rules.direction_of(payment.kind)
    party = session.get_one(Party, payment.party_id)
    before = owed_by(session, party.id, direction)
    reopened = _unsettle(session, payment)
    payment.state, payment.open_minor = DocumentState.REVERSED, 0
    session.flush()
    entry = session.get_one(JournalEntry, payment.entry_id)
    reversal = reverse_entry(session, entry.number, because=because)
    paid = Money(payment.amount_minor, payment.currency)
    events.record(
        session,
        PaymentUndone(
            kind=payment.kind,
            number=payment.number,
            party_number=party.number,
            owed=Owed(party.name, before, before + paid),
            paid=paid,
            reopened=reopened,
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


def _parts(
    session: Session, party: Party, direction: Direction, amount: Money, settle: Settle | None
) -> list[tuple[Invoice, Money]]:
    if settle is None:
        documents = _open_documents(session, party, direction)
        documents.sort(key=lambda each: (each.due_on, each.number))
        opens = [Money(each.open_minor, each.currency) for each in documents]
        shared = zip(documents, rules.allocated(amount, opens), strict=True)
        return [(document, part) for document, part in shared if part.minor]
    wanted = [(each if isinstance(each, str) else each.number, part) for each, part in settle]
    named = _open_documents(session, party, direction, [number for number, _ in wanted])
    by_number = {each.number: each for each in named}
    left = {number: each.open_minor for number, each in by_number.items()}
    for number, part in wanted:
        if number not in by_number:
            raise NotOfThisParty(number=number, party=party.name)
        if part.minor <= 0:
            raise AmountNotPositive(amount=part)
        if part.minor > left[number]:
            still = Money(left[number], amount.currency)
            raise SettlesMoreThanOpen(number=number, open=still, amount=part)
        left[number] -= part.minor
    settled = rules.added_up((part for _, part in wanted), amount.currency)
    if amount < settled:
        raise SettlesMoreThanPaid(settled=settled, amount=amount)
    return [(by_number[number], part) for number, part in wanted]


def _open_documents(
    session: Session, party: Party, direction: Direction, numbers: Sequence[str] | None = None
) -> list[Invoice]:
    """Return open invoices or bills of a party, locked in the order of their ids."""
    wanted = (
        select(Invoice)
        .where(
            Invoice.party_id == party.id,
            Invoice.kind == direction.invoice,
            Invoice.open_minor > 0,
        )
        .order_by(Invoice.id)
        .limit(_OPEN_MAX)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if numbers is not None:
        wanted = wanted.where(Invoice.number.in_(numbers))
    return list(session.scalars(wanted))


def _settle(
    source: Payment | Invoice, parts: Sequence[tuple[Invoice, Money]], *, on: date
) -> tuple[tuple[Settled, ...], list[Settlement]]:
    """Lower what is open on both sides; return what to tell, and the rows to add."""
    settled, rows = [], []
    for document, part in parts:
        before = Money(document.open_minor, document.currency)
        document.open_minor -= part.minor
        source.open_minor -= part.minor
        rows.append(
            Settlement(
                invoice_id=document.id,
                payment_id=source.id if isinstance(source, Payment) else None,
                credit_note_id=source.id if isinstance(source, Invoice) else None,
                amount_minor=part.minor,
                # Money that lay here before the document settles it when that is posted.
                settled_on=max(on, document.posted_on),
            )
        )
        settled.append(Settled(document.kind, document.number, before, before - part))
    return tuple(settled), rows


def _unsettle(session: Session, payment: Payment) -> tuple[Settled, ...]:
    """Open again what a payment settled; what was credited meanwhile takes it up at once."""
    settled = select(Settlement.invoice_id, Settlement.amount_minor).where(
        Settlement.payment_id == payment.id
    )
    amounts: dict[object, int] = {}
    for invoice_id, minor in session.execute(settled):
        amounts[invoice_id] = amounts.get(invoice_id, 0) + minor
    documents = (
        select(Invoice)
        .where(Invoice.id.in_(list(amounts)))
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    reopened = []
    for document in session.scalars(documents).all():
        before = Money(document.open_minor, document.currency)
        document.open_minor += amounts[document.id]
        session.add(
            Settlement(
                invoice_id=document.id,
                payment_id=payment.id,
                amount_minor=-amounts[document.id],
                settled_on=company(session).today,
            )
        )
        if document.state is DocumentState.REVERSED:
            _take_up(session, document)
        after = Money(document.open_minor, document.currency)
        reopened.append(Settled(document.kind, document.number, before, after))
    return tuple(reopened)


def _take_up(session: Session, document: Invoice) -> None:
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
    for note in session.scalars(wanted).all():
        part = Money(min(note.open_minor, document.open_minor), note.currency)
        if part.minor:
            session.add_all(_settle(note, [(document, part)], on=company(session).today)[1])


def _credit(session: Session, number: str) -> Payment | Invoice:
    said = canonical_number(number)
    wanted = select(Invoice).where(Invoice.number == said).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        return find_payment(session, number, lock=True)
    if not rules.takes_back(found.kind):
        raise NoCreditLeft(number=found.number)
    return found
