"""Entries by hand that concern a customer or a supplier: each line of one is an open item."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger
from core.invoicing import rules, settling
from core.invoicing.errors import AmountNotPositive, DueBeforePosted, EntryIsSettled
from core.invoicing.events import OpenItemPosted, Owed
from core.invoicing.queries import owed_by
from core.invoicing.rules import Direction
from core.invoicing.service import refuse_duplicate
from core.invoicing.settling import Share
from core.invoicing.tables import DocumentState, Invoice, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import Control, Journal, JournalEntry, Line, Side
from core.parties import Party

SERIES = "OI"
_DIRECTIONS = {Control.RECEIVABLE: Direction.RECEIVABLE, Control.PAYABLE: Direction.PAYABLE}


def post_entry_by_hand(
    session: Session,
    lines: Sequence[Line],
    *,
    memo: str,
    posted_on: date | None = None,
    due_on: date | None = None,
    reference: str | None = None,
    journal: Journal = Journal.GENERAL,
) -> JournalEntry:
    """Post an entry that no document stands behind; lines on receivables and payables are owed.

    Each of them names a party, and is an open item of that party from then on: it is due on
    `due_on`, or else at once, and is settled like a document. Stock is refused.
    """
    accounts = ledger.find_accounts(session, {line.account for line in lines})
    day = posted_on or company(session).today
    if due_on is not None and due_on < day:
        raise DueBeforePosted(due_on=due_on, posted_on=day)
    entry = ledger.post_entry_by_hand(
        session, lines, memo=memo, posted_on=day, journal=journal, kept=frozenset(_DIRECTIONS)
    )
    for line in lines:
        control = accounts[line.account].control
        if control in _DIRECTIONS:
            kind = _kind(_DIRECTIONS[control], line.side)
            _open_item(session, entry, line, kind, due_on=due_on, reference=reference)
    return entry


def reverse_entry_by_hand(
    session: Session, number: str, *, because: str, posted_on: date | None = None
) -> JournalEntry:
    """Undo an entry that no document stands behind; its open items are settled by new ones.

    What of them was settled meanwhile has to be taken back first.
    """
    wanted = (
        select(Invoice)
        .where(Invoice.origin == canonical_number(number), Invoice.by_hand)
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    documents = list(session.scalars(wanted))
    settled = [
        each.number
        for each in documents
        if each.state is DocumentState.POSTED and each.open_minor != each.total_minor
    ]
    if settled:
        raise EntryIsSettled(entry=canonical_number(number), items=", ".join(settled))
    entry = ledger.reverse_entry_by_hand(
        session, number, because=because, posted_on=posted_on, kept=frozenset(_DIRECTIONS)
    )
    for document in documents:
        _reverse(session, entry, document)
    return entry


def _kind(direction: Direction, side: Side) -> InvoiceKind:
    """Return which document a line is like: it makes somebody owe, or takes that back."""
    raises = (side is Side.DEBIT) is (direction is Direction.RECEIVABLE)
    return direction.invoice if raises else direction.credit_note


def _open_item(
    session: Session,
    entry: JournalEntry,
    line: Line,
    kind: InvoiceKind,
    *,
    due_on: date | None = None,
    reference: str | None = None,
    reverses: Invoice | None = None,
) -> Invoice:
    assert line.party_id is not None, "the ledger refuses such a line without a party"
    # What has a value in the books alone could never be paid.
    if line.amount.minor <= 0:
        raise AmountNotPositive(amount=line.amount)
    ours, party = company(session), session.get_one(Party, line.party_id)
    said = " ".join(reference.split()) if reference else None
    if kind is InvoiceKind.SUPPLIER_BILL and said:
        refuse_duplicate(session, party, said)
    direction = rules.direction_of(kind)
    before = owed_by(session, party.id, direction)
    document = Invoice(
        id=new_id(),
        number=next_number(session, SERIES),
        kind=kind,
        party_id=party.id,
        posted_on=entry.posted_on,
        due_on=due_on or entry.posted_on,
        currency=line.amount.currency,
        net_minor=line.amount.minor,
        tax_minor=0,
        total_minor=line.amount.minor,
        base_total_minor=line.value.minor,
        open_minor=line.amount.minor,
        open_base_minor=line.value.minor,
        reference=said,
        origin=entry.number,
        entry_id=entry.id,
        by_hand=True,
    )
    session.add(document)
    session.flush()
    owes = -line.value if rules.takes_back(kind) else line.value
    events.record(
        session,
        OpenItemPosted(
            kind=kind,
            number=document.number,
            party_number=party.number,
            owed=Owed(party.name, before, before + owes),
            total=line.amount,
            due_in_days=(document.due_on - ours.today).days,
            due_on=document.due_on.isoformat(),
            entry=entry.number,
            reference=said or "",
            reverses=reverses.number if reverses is not None else "",
        ),
    )
    return document


def _reverse(session: Session, entry: JournalEntry, document: Invoice) -> None:
    """Let an open item and one that is its opposite settle each other."""
    direction = rules.direction_of(document.kind)
    total = Money(document.total_minor, document.currency)
    base = Money(document.base_total_minor, company(session).currency)
    party = session.get_one(Party, document.party_id)
    back = rules.takes_back(document.kind)
    line = Line(direction.account, Side.DEBIT, total, party.id, base)
    kind = direction.invoice if back else direction.credit_note
    opposite = _open_item(session, entry, line, kind, reverses=document)
    owed, source = (opposite, document) if back else (document, opposite)
    settling.settle(session, source, [Share(owed, total, total)], party=party, on=entry.posted_on)
    document.state = opposite.state = DocumentState.REVERSED
    session.flush()
