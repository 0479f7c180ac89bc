"""How documents are settled: what is taken off both sides, and what the currency gained meanwhile.

Every way of settling (a payment, a credit note, a deduction) goes through `settle`, and every way
of undoing it through `unsettle`: so what is open and what the books carry never part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules, taxes
from core.invoicing.errors import (
    AmountNotPositive,
    NotOfThisParty,
    SettlesMoreThanOpen,
    SettlesMoreThanPaid,
)
from core.invoicing.events import Settled
from core.invoicing.rules import Direction
from core.invoicing.tables import Deduction, Invoice, Payment, Settlement
from core.invoicing.worth import converted, part_of
from core.kernel.company import Company, company
from core.kernel.identifiers import new_id
from core.kernel.money import CurrencyMismatch, Money
from core.ledger import Line, credit, debit, post_entry
from core.ledger.chart import EXCHANGE_DIFFERENCES
from core.parties import Party

# What is to be settled: documents, or their numbers, each with an amount in its own currency or in
# that of the money. Where both are known, the third is what of the money is used for it.
Settle = Sequence[tuple[Invoice | str, Money] | tuple[Invoice | str, Money, Money]]
OPEN_MAX = 1_000


@dataclass(frozen=True)
class Share:
    """A part of a document, and how much of what settles it is used for that."""

    document: Invoice
    part: Money
    used: Money


def shares(
    session: Session,
    party: Party,
    direction: Direction,
    amount: Money,
    settle: Settle | None,
    *,
    on: date,
    spared: Mapping[UUID, int] | None = None,
    documents: Sequence[str] | None = None,
) -> list[Share]:
    """Share an amount among the documents named, or among the open ones, the oldest due first.

    `settle` names them with amounts, `documents` in the order in which they are filled. `spared`
    says how much of a document need not be paid, by its discount.
    """
    if settle is None:
        found = open_documents(session, party, direction, documents)
        if documents is None:
            found.sort(key=lambda each: (each.due_on, each.number))
        else:
            _refuse_others(party, documents, found)
            found.sort(key=lambda each: documents.index(each.number))
        return in_order(session, found, amount, on, spared or {})
    wanted = [
        (each if isinstance(each, str) else each.number, part, rest[0] if rest else None)
        for each, part, *rest in settle
    ]
    named = open_documents(session, party, direction, [number for number, _, _ in wanted])
    by_number = {each.number: each for each in named}
    left = {number: each.open_minor for number, each in by_number.items()}
    _refuse_others(party, [number for number, _, _ in wanted], named)
    shared = []
    for number, part, used in wanted:
        if part.minor <= 0:
            raise AmountNotPositive(amount=part)
        document = by_number[number]
        share = _named(session, document, left[number], part, used, amount.currency, on)
        left[number] -= share.part.minor
        shared.append(share)
    settled = rules.added_up((share.used for share in shared), amount.currency)
    if amount < settled:
        raise SettlesMoreThanPaid(settled=settled, amount=amount)
    return shared


def open_documents(
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
        .limit(OPEN_MAX)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if numbers is not None:
        wanted = wanted.where(Invoice.number.in_(numbers))
    return list(session.scalars(wanted))


def in_order(
    session: Session,
    documents: Sequence[Invoice],
    amount: Money,
    on: date,
    spared: Mapping[UUID, int],
) -> list[Share]:
    """Share an amount among documents, one after the other; of each `spared` stays open."""
    found, left = [], amount
    for document in documents:
        if left.minor == 0:
            break
        whole = Money(document.open_minor - spared.get(document.id, 0), document.currency)
        asked = converted(session, whole, amount.currency, on)
        if left < asked:
            part = converted(session, left, document.currency, on)
            whole, asked = Money(min(part.minor, whole.minor), part.currency), left
        if whole.minor and asked.minor:
            found.append(Share(document, whole, asked))
            left -= asked
    return found


def settle(
    session: Session,
    source: Payment | Invoice | Deduction,
    parts: Sequence[Share],
    *,
    party: Party,
    on: date,
) -> tuple[Settled, ...]:
    """Lower what is open on both sides, and book what the currencies gained or lost meanwhile.

    A deduction has nothing open: it is made for the one document that it settles.
    """
    ours = company(session)
    told, rows = [], []
    for share in parts:
        document = share.document
        before = Money(document.open_minor, document.currency)
        base = part_of(
            document.open_base_minor, share.part.minor, document.open_minor, ours.rounding
        )
        document.open_minor -= share.part.minor
        document.open_base_minor -= base
        rows.append(
            Settlement(
                id=new_id(),
                invoice_id=document.id,
                payment_id=source.id if isinstance(source, Payment) else None,
                credit_note_id=source.id if isinstance(source, Invoice) else None,
                deduction_id=source.id if isinstance(source, Deduction) else None,
                amount_minor=share.part.minor,
                base_minor=base,
                source_minor=share.used.minor,
                source_base_minor=_use(source, share.used.minor, ours),
                # Money that lay here before the document settles it when that is posted.
                settled_on=max(on, document.posted_on, dated(source)),
            )
        )
        told.append(Settled(document.kind, document.number, before, before - share.part))
    # The sources first: settlements refer to them, and nothing else says so to the session.
    session.flush()
    session.add_all(rows)
    _book_differences(
        session,
        source.number,
        party.id,
        [(row, share.document, source.currency) for row, share in zip(rows, parts, strict=True)],
    )
    _let_tax_be_due(session, source, rows, [share.document for share in parts])
    return tuple(told)


def unsettle(
    session: Session,
    source: Payment | Invoice | Deduction,
    *,
    party: Party,
    on: date,
    only: Invoice | None = None,
) -> list[tuple[Invoice, Settled]]:
    """Open again what a source settled, all or of one document, and give it back to the source."""
    standing = _standing(session, source, only)
    documents = (
        select(Invoice)
        .where(Invoice.id.in_(list(standing)))
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    told, booked = [], []
    for document in session.scalars(documents).all():
        amount, base, used, used_base, last_on = standing[document.id]
        before = Money(document.open_minor, document.currency)
        document.open_minor += amount
        document.open_base_minor += base
        if not isinstance(source, Deduction):
            source.open_minor += used
            source.open_base_minor += used_base
        row = Settlement(
            id=new_id(),
            invoice_id=document.id,
            payment_id=source.id if isinstance(source, Payment) else None,
            credit_note_id=source.id if isinstance(source, Invoice) else None,
            deduction_id=source.id if isinstance(source, Deduction) else None,
            amount_minor=-amount,
            base_minor=-base,
            source_minor=-used,
            source_base_minor=-used_base,
            # What is settled later than today is not undone before.
            settled_on=max(on, last_on),
        )
        session.add(row)
        booked.append((row, document, source.currency))
        after = Money(document.open_minor, document.currency)
        told.append((document, Settled(document.kind, document.number, before, after)))
    _book_differences(session, source.number, party.id, booked)
    _let_tax_be_due(
        session, source, [row for row, _, _ in booked], [document for document, _ in told]
    )
    return told


def _let_tax_be_due(
    session: Session,
    source: Payment | Invoice | Deduction,
    rows: Sequence[Settlement],
    documents: Sequence[Invoice],
) -> None:
    """Let the tax that waits for payments follow what was settled, on both sides.

    What a deduction makes of it is known once the tax that it corrects is.
    """
    if not rows or isinstance(source, Deduction):
        return
    on = max(row.settled_on for row in rows)
    settled = {document.number: document for document in documents}
    if isinstance(source, Invoice):
        settled[source.number] = source
    for document in settled.values():
        taxes.make_due(session, document, on=on)


def dated(source: Payment | Invoice | Deduction) -> date:
    """Return the day of what settles something."""
    return source.paid_on if isinstance(source, Payment) else source.posted_on


def exchange_lines(
    direction: Direction, party_id: UUID, document: tuple[Money, Money], source: tuple[Money, Money]
) -> list[Line]:
    """Return the lines that let an account of open items forget both sides of a settlement.

    Each side is an amount and what it was worth. In one currency only the worth differs. Where a
    document is settled in another currency, the exchange account takes the one and gives the other.
    """
    (part, base), (used, used_base) = document, source
    undone = part.minor < 0
    receivable = (direction is Direction.RECEIVABLE) is not undone
    raises, lowers = (debit, credit) if receivable else (credit, debit)
    owed = direction.account
    if part.currency == used.currency:
        gained = Money(abs(used_base.minor) - abs(base.minor), base.currency)
        if gained.minor == 0:
            return []
        if gained.minor < 0:
            raises, lowers, gained = lowers, raises, -gained
        nothing = Money(0, part.currency)
        return [
            raises(owed, nothing, party_id=party_id, base=gained),
            lowers(EXCHANGE_DIFFERENCES, nothing, base=gained),
        ]
    part, base, used, used_base = (
        Money(abs(each.minor), each.currency) for each in (part, base, used, used_base)
    )
    lines = [
        lowers(owed, part, party_id=party_id, base=base),
        raises(EXCHANGE_DIFFERENCES, part, base=base),
        raises(owed, used, party_id=party_id, base=used_base),
        lowers(EXCHANGE_DIFFERENCES, used, base=used_base),
    ]
    return [line for line in lines if line.amount.minor or line.value.minor]


def _refuse_others(party: Party, numbers: Sequence[str], found: Sequence[Invoice]) -> None:
    known = {each.number for each in found}
    for number in numbers:
        if number not in known:
            raise NotOfThisParty(number=number, party=party.name)


def _named(
    session: Session,
    document: Invoice,
    left: int,
    part: Money,
    used: Money | None,
    currency: str,
    on: date,
) -> Share:
    """Return the share that somebody named, in the document's currency or in that of the money."""
    still = Money(left, document.currency)
    if used is None and part.currency == document.currency:
        used = converted(session, part, currency, on)
    elif used is None:
        used = part
        part = converted(session, used, document.currency, on)
        # What rounding alone adds is not more than is open.
        if converted(session, still, currency, on) == used:
            part = still
    if part.currency != document.currency:
        raise CurrencyMismatch(left=part.currency, right=document.currency)
    if used.currency != currency or (used != part and used.currency == part.currency):
        raise CurrencyMismatch(left=used, right=part)
    if part.minor > left:
        raise SettlesMoreThanOpen(number=document.number, open=still, amount=part)
    if used.minor <= 0:
        raise AmountNotPositive(amount=used)
    return Share(document, part, used)


def _use(source: Payment | Invoice | Deduction, used: int, ours: Company) -> int:
    if isinstance(source, Deduction):
        return source.base_amount_minor
    base = part_of(source.open_base_minor, used, source.open_minor, ours.rounding)
    source.open_minor -= used
    source.open_base_minor -= base
    return base


def _standing(
    session: Session, source: Payment | Invoice | Deduction, only: Invoice | None
) -> dict[UUID, tuple[int, int, int, int, date]]:
    """Return what a source settles now: amounts by document, and the last day of any."""
    mine = {
        Payment: Settlement.payment_id,
        Invoice: Settlement.credit_note_id,
        Deduction: Settlement.deduction_id,
    }[type(source)]
    wanted = select(Settlement).where(mine == source.id).limit(OPEN_MAX)
    if only is not None:
        wanted = wanted.where(Settlement.invoice_id == only.id)
    sums: dict[UUID, tuple[int, int, int, int, date]] = {}
    for row in session.scalars(wanted):
        amount, base, used, used_base, last = sums.get(row.invoice_id, (0, 0, 0, 0, row.settled_on))
        sums[row.invoice_id] = (
            amount + row.amount_minor,
            base + row.base_minor,
            used + row.source_minor,
            used_base + row.source_base_minor,
            max(last, row.settled_on),
        )
    return {document: sums_of for document, sums_of in sums.items() if sums_of[0]}


def _book_differences(
    session: Session,
    number: str,
    party_id: UUID,
    settled: Iterable[tuple[Settlement, Invoice, str]],
) -> None:
    """Post what settlements gained or lost by exchange, one entry for each day of them."""
    ours = company(session).currency
    by_day: dict[date, list[Line]] = {}
    for row, document, currency in settled:
        lines = exchange_lines(
            rules.direction_of(document.kind),
            party_id,
            (Money(row.amount_minor, document.currency), Money(row.base_minor, ours)),
            (Money(row.source_minor, currency), Money(row.source_base_minor, ours)),
        )
        by_day.setdefault(row.settled_on, []).extend(lines)
    for day, lines in sorted(by_day.items()):
        if lines:
            post_entry(session, lines, memo=f"{number} ±", origin=number, posted_on=day)
