"""Settling what is open with what else is open, many with many, and taking it back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.invoicing import rules, settling
from core.invoicing.errors import (
    AmountNotPositive,
    NoCreditLeft,
    NothingSettled,
    NotOfThisParty,
    NotReconcilable,
    SettlesMoreThanOpen,
    UnknownItem,
)
from core.invoicing.journal import post_entry_by_hand
from core.invoicing.payments import open_credit, record_applied, unapply
from core.invoicing.rules import Direction
from core.invoicing.tables import Invoice, Payment, Settlement
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.naming import canonical_number
from core.ledger import Journal, JournalEntry, credit, debit, in_base
from core.ledger.chart import BANK
from core.parties import Party

ITEMS_MAX = 200
Item = Invoice | Payment


@dataclass(frozen=True)
class Reconciled:
    """A pair that was settled: the credit, the document, and how much of the document."""

    source: str
    document: str
    amount: Money


def reconcile(
    session: Session, numbers: Sequence[str], *, amounts: Mapping[str, Money] | None = None
) -> list[Reconciled]:
    """Settle documents of a party with its credit notes and payments, the oldest first.

    An entry by hand stands for its open items. `amounts` says of how much of each at most.
    """
    items = _items(session, numbers)
    party = _of_one_party(session, items)
    left = _limits(items, amounts or {})
    documents = [e for e in items if isinstance(e, Invoice) and not rules.takes_back(e.kind)]
    documents.sort(key=lambda each: (each.due_on, each.number))
    sources = [each for each in items if _is_credit(each)]
    sources.sort(key=lambda each: (settling.dated(each), each.number))
    spared = {each.id: each.open_minor - left[each.number] for each in documents}
    done: list[Reconciled] = []
    today = company(session).today
    for source in sources:
        amount = Money(left[source.number], source.currency)
        parts = settling.in_order(session, documents, amount, today, spared)
        if not parts:
            continue
        settled = settling.settle(session, source, parts, party=party, on=today)
        record_applied(session, source, parts, settled, party)
        done += [Reconciled(source.number, part.document.number, part.part) for part in parts]
    if not done:
        said = ", ".join(each.number for each in items)
        raise NotReconcilable(items=said, party=party.name)
    session.flush()
    return done


def unreconcile(session: Session, numbers: Sequence[str], *, because: str) -> list[Reconciled]:
    """Take back what the documents, payments and entries named settle of one another.

    Where only documents are named it is all that settles them, and where only credits are named
    all that they settle.
    """
    items = _items(session, numbers)
    ids = {each.id for each in items if _is_credit(each)}
    documents = {each.id for each in items if not _is_credit(each)}
    source = func.coalesce(Settlement.payment_id, Settlement.credit_note_id)
    wanted = (
        select(source, Settlement.invoice_id, func.sum(Settlement.amount_minor))
        .where(source.is_not(None))
        .group_by(source, Settlement.invoice_id)
        .having(func.sum(Settlement.amount_minor) != 0)
        .limit(ITEMS_MAX)
    )
    if ids:
        wanted = wanted.where(
            or_(Settlement.payment_id.in_(ids), Settlement.credit_note_id.in_(ids))
        )
    if documents:
        wanted = wanted.where(Settlement.invoice_id.in_(documents))
    undone = []
    for source_id, invoice_id, minor in session.execute(wanted).all():
        document = session.get_one(Invoice, invoice_id)
        found = session.get(Payment, source_id) or session.get_one(Invoice, source_id)
        unapply(session, found.number, document=document.number, because=because)
        amount = Money(int(minor), document.currency)
        undone.append(Reconciled(found.number, document.number, amount))
    if not undone:
        raise NothingSettled(number=", ".join(each.number for each in items))
    return sorted(undone, key=lambda each: (each.source, each.document))


def refund(
    session: Session,
    number: str,
    *,
    amount: Money | None = None,
    paid_on: date | None = None,
    account: str = BANK,
) -> JournalEntry:
    """Pay back a credit: what a credit note or a payment left open leaves the bank, or comes in."""
    source = open_credit(session, number)
    still = Money(source.open_minor, source.currency)
    part = amount or still
    if still.minor == 0:
        raise NoCreditLeft(number=source.number)
    if part.minor <= 0:
        raise AmountNotPositive(amount=part)
    if still < part:
        raise SettlesMoreThanOpen(number=source.number, open=still, amount=part)
    party, direction = session.get_one(Party, source.party_id), rules.direction_of(source.kind)
    day = paid_on or company(session).today
    worth = in_base(session, part, day)
    lines = [
        debit(direction.account, part, party_id=party.id, base=worth),
        credit(account, part, base=worth),
    ]
    if direction is Direction.PAYABLE:
        lines = [line.reversed() for line in reversed(lines)]
    entry = post_entry_by_hand(
        session, lines, memo=f"{source.number} {party.name}", posted_on=day, journal=Journal.BANK
    )
    reconcile(session, [source.number, entry.number], amounts={source.number: part})
    return entry


def currency_of(session: Session, number: str) -> str:
    """Return the currency of what can be settled."""
    return _items(session, [number])[0].currency


def _items(session: Session, numbers: Sequence[str]) -> list[Item]:
    """Return what the numbers mean, locked: documents, payments, and the items of entries."""
    said = [canonical_number(number) for number in numbers]
    if not said:
        raise UnknownItem(number="–")
    documents = (
        select(Invoice)
        .where(or_(Invoice.number.in_(said), and_(Invoice.origin.in_(said), Invoice.by_hand)))
        .order_by(Invoice.id)
        .limit(ITEMS_MAX)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    payments = (
        select(Payment)
        .where(Payment.number.in_(said))
        .order_by(Payment.id)
        .limit(ITEMS_MAX)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: list[Item] = [*session.scalars(documents), *session.scalars(payments)]
    known = {each.number for each in found}
    known |= {each.origin for each in found if isinstance(each, Invoice) and each.by_hand}
    for number in said:
        if number not in known:
            raise UnknownItem(number=number)
    return found


def _of_one_party(session: Session, items: Sequence[Item]) -> Party:
    party, direction = items[0].party_id, rules.direction_of(items[0].kind)
    first = session.get_one(Party, party)
    for each in items:
        if each.party_id != party or rules.direction_of(each.kind) is not direction:
            raise NotOfThisParty(number=each.number, party=first.name)
    return first


def _limits(items: Iterable[Item], amounts: Mapping[str, Money]) -> dict[str, int]:
    """Return how much of each item may be settled: what is open of it, or the amount named."""
    left = {each.number: each for each in items}
    limits = {number: each.open_minor for number, each in left.items()}
    for said, amount in amounts.items():
        number = canonical_number(said)
        if number not in left:
            raise UnknownItem(number=said)
        item = left[number]
        still = Money(item.open_minor, item.currency)
        if amount.currency != item.currency:
            raise CurrencyMismatch(left=amount.currency, right=item.currency)
        if amount.minor <= 0:
            raise AmountNotPositive(amount=amount)
        if still < amount:
            raise SettlesMoreThanOpen(number=number, open=still, amount=amount)
        limits[number] = amount.minor
    return limits


def _is_credit(item: Item) -> bool:
    return isinstance(item, Payment) or rules.takes_back(item.kind)
