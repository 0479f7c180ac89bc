"""What is taken off a document without money: discounts for early payment, and small rests."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules, settling, taxes, terms
from core.invoicing.errors import (
    AmountNotPositive,
    DeductionOfPayment,
    DeductionReversed,
    NothingToDeduct,
    SettlesMoreThanOpen,
    UnknownDeduction,
)
from core.invoicing.events import Deducted, DeductionUndone, Owed
from core.invoicing.queries import owed_by
from core.invoicing.rules import Direction
from core.invoicing.service import find_invoice
from core.invoicing.settling import Share
from core.invoicing.tables import (
    Deduction,
    DeductionKind,
    DocumentState,
    Invoice,
    Payment,
)
from core.invoicing.taxes import TaxShare
from core.invoicing.worth import in_books, in_proportion
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import (
    Journal,
    JournalEntry,
    Line,
    credit,
    debit,
    find_account,
    post_entry,
    reverse_entry,
    tax,
)
from core.ledger.chart import BAD_DEBTS, DISCOUNT_ALLOWED, DISCOUNT_RECEIVED, OTHER_INCOME
from core.ledger.errors import KeptByDocuments
from core.parties import Party


def write_off(
    session: Session,
    number: str,
    *,
    because: str,
    amount: Money | None = None,
    account: str | None = None,
    posted_on: date | None = None,
) -> Deduction:
    """Give up what is open of a document, or an amount of it, to an account."""
    document = find_invoice(session, number, lock=True)
    if rules.takes_back(document.kind) or document.open_minor == 0:
        raise NothingToDeduct(number=document.number)
    still = Money(document.open_minor, document.currency)
    part = amount or still
    if part.minor <= 0:
        raise AmountNotPositive(amount=part)
    if still < part:
        raise SettlesMoreThanOpen(number=document.number, open=still, amount=part)
    party = session.get_one(Party, document.party_id)
    usual = BAD_DEBTS if rules.direction_of(document.kind) is Direction.RECEIVABLE else OTHER_INCOME
    day = posted_on or company(session).today
    _refuse_control(session, account or usual)
    lines = [(account or usual, part)]
    return _deduct(
        session, document, party, DeductionKind.WRITE_OFF, part, lines, because=because, on=day
    )


def undo_deduction(session: Session, number: str, *, because: str) -> Deduction:
    """Take back a write-off: the document is open again by what it took off."""
    said = canonical_number(number)
    wanted = select(Deduction).where(Deduction.number == said).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise UnknownDeduction(number=number)
    if found.state is DocumentState.REVERSED:
        raise DeductionReversed(number=found.number)
    if found.payment_id is not None:
        payment = session.get_one(Payment, found.payment_id)
        raise DeductionOfPayment(number=found.number, payment=payment.number)
    document = session.get_one(Invoice, found.invoice_id)
    _undo(session, found, session.get_one(Party, document.party_id), because)
    return found


def discounts_of(
    session: Session, party: Party, direction: Direction, day: date
) -> dict[UUID, int]:
    """Return how much of each open document of a party need not be paid on a day."""
    documents = settling.open_documents(session, party, direction)
    return _discounts(session, documents, day)


def discount_on(session: Session, document: Invoice, day: date) -> Money:
    """Return what need not be paid of a document, if all the rest of it is paid on a day."""
    spared = _discounts(session, [document], day)
    return Money(spared.get(document.id, 0), document.currency)


def take_discounts(
    session: Session, documents: Sequence[Invoice], party: Party, payment: Payment
) -> None:
    """Take the discounts of what a payment settled as far as a discount allows."""
    parts = terms.instalments_of(session, [each.id for each in documents])
    for document in documents:
        spared = rules.discount_taken(
            parts.get(document.id, []),
            paid=document.total_minor - document.open_minor,
            day=payment.paid_on,
        )
        if spared:
            _discount(session, document, party, Money(spared, document.currency), payment)


def write_off_rests(
    session: Session,
    documents: Sequence[Invoice],
    party: Party,
    payment: Payment,
    *,
    account: str,
) -> None:
    """Give up what a payment left open of the documents that it pays."""
    _refuse_control(session, account)
    for document in documents:
        rest = Money(document.open_minor, document.currency)
        if rest.minor:
            _deduct(
                session,
                document,
                party,
                DeductionKind.WRITE_OFF,
                rest,
                [(account, rest)],
                because=payment.number,
                on=max(payment.paid_on, document.posted_on),
                payment=payment,
            )


def undo_deductions_of(
    session: Session,
    payment: Payment,
    party: Party,
    *,
    because: str,
    only: Invoice | None = None,
) -> None:
    """Take back the discounts and write-offs that came with a payment."""
    wanted = select(Deduction).where(
        Deduction.payment_id == payment.id, Deduction.state == DocumentState.POSTED
    )
    if only is not None:
        wanted = wanted.where(Deduction.invoice_id == only.id)
    for each in session.scalars(wanted.order_by(Deduction.number).with_for_update()).all():
        _undo(session, each, party, because)


def _discounts(session: Session, documents: Sequence[Invoice], day: date) -> dict[UUID, int]:
    parts = terms.instalments_of(session, [each.id for each in documents])
    return {
        document.id: rules.discount_open(
            parts.get(document.id, []), paid=document.total_minor - document.open_minor, day=day
        )
        for document in documents
    }


def _discount(
    session: Session, document: Invoice, party: Party, spared: Money, payment: Payment
) -> None:
    """Take a discount off; the tax that was charged on it is corrected in proportion."""
    receivable = rules.direction_of(document.kind) is Direction.RECEIVABLE
    account = DISCOUNT_ALLOWED if receivable else DISCOUNT_RECEIVED
    shares = taxes.tax_shares(session, document, spared)
    net = spared - rules.added_up((share.amount for share in shares), spared.currency)
    _deduct(
        session,
        document,
        party,
        DeductionKind.EARLY_DISCOUNT,
        spared,
        [(account, net), *((share.account, share.amount) for share in shares)],
        because=payment.number,
        on=max(payment.paid_on, document.posted_on),
        payment=payment,
        shares=shares,
    )


def _deduct(
    session: Session,
    document: Invoice,
    party: Party,
    kind: DeductionKind,
    amount: Money,
    lines: Sequence[tuple[str, Money]],
    *,
    because: str,
    on: date,
    payment: Payment | None = None,
    shares: Sequence[TaxShare] = (),
) -> Deduction:
    ours, direction = company(session), rules.direction_of(document.kind)
    before = owed_by(session, party.id, direction)
    day = max(on, document.posted_on)
    still = Money(document.open_minor, document.currency)
    carried = Money(document.open_base_minor, ours.currency)
    # At the rate of the document: what is given up gains and loses nothing by exchange.
    worth = in_proportion(still, carried, ours.rounding)
    deduction = Deduction(
        id=new_id(),
        number=next_number(session, "DED"),
        kind=kind,
        invoice_id=document.id,
        payment_id=payment.id if payment is not None else None,
        posted_on=day,
        currency=amount.currency,
        amount_minor=amount.minor,
        base_amount_minor=worth(amount).minor,
        because=because,
    )
    lowers = credit if direction is Direction.RECEIVABLE else debit
    entry_lines = _lines(direction, lines)
    entry_lines.append(lowers(direction.account, amount, party_id=party.id))
    entry_lines = in_books(entry_lines, worth, kept=direction.account)
    entry = post_entry(
        session,
        entry_lines,
        memo=f"{document.number} {because}",
        origin=deduction.number,
        posted_on=day,
        journal=Journal.GENERAL if payment is None else Journal.BANK,
    )
    deduction.entry_id = entry.id
    session.add(deduction)
    taxes.keep_corrections(session, document, entry, shares, entry_lines, worth)
    [settled] = settling.settle(
        session, deduction, [Share(document, amount, amount)], party=party, on=day
    )
    taxes.make_due(session, document, on=day)
    events.record(
        session,
        Deducted(
            number=deduction.number,
            kind=kind,
            owed=Owed(party.name, before, before - worth(amount)),
            deducted=worth(amount),
            settled=settled,
            because=because,
        ),
    )
    session.flush()
    return deduction


def _lines(direction: Direction, lines: Sequence[tuple[str, Money]]) -> list[Line]:
    """Return the other side: what a customer need not pay costs us, what we need not pay is ours.

    Tax that was charged on a negative line comes back on the other side.
    """
    side, other = (debit, credit) if direction is Direction.RECEIVABLE else (credit, debit)
    return [
        side(account, amount) if amount.minor > 0 else other(account, -amount)
        for account, amount in lines
        if amount.minor
    ]


def _undo(session: Session, deduction: Deduction, party: Party, because: str) -> None:
    day = max(company(session).today, deduction.posted_on)
    entry = session.get_one(JournalEntry, deduction.entry_id)
    document = session.get_one(Invoice, deduction.invoice_id)
    direction = rules.direction_of(document.kind)
    before = owed_by(session, party.id, direction)
    [(_, settled)] = settling.unsettle(session, deduction, party=party, on=day)
    deduction.state = DocumentState.REVERSED
    session.flush()
    reversal = reverse_entry(session, entry.number, because=because, posted_on=day)
    tax.take_back_lines(session, entry, reversal)
    taxes.make_due(session, document, on=day)
    worth = Money(deduction.base_amount_minor, company(session).currency)
    events.record(
        session,
        DeductionUndone(
            number=deduction.number,
            kind=deduction.kind,
            owed=Owed(party.name, before, before + worth),
            deducted=worth,
            settled=settled,
            because=because,
        ),
    )
    session.flush()


def _refuse_control(session: Session, account: str) -> None:
    found = find_account(session, account)
    if found.control is not None:
        raise KeptByDocuments(account=found.called)
