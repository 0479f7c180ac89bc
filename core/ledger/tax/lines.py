"""What entries booked of tax, component by component: written with the entry, never after it."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.company import company
from core.kernel.database import plain_table
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger.accounts import find_accounts
from core.ledger.rules import Line
from core.ledger.service import post_entry
from core.ledger.tables import Account, Journal, JournalEntry, Side
from core.ledger.tax.codes import component_of
from core.ledger.tax.rules import Component, TaxPart, rounded_fraction
from core.ledger.tax.tables import TaxComponent, TaxLine, TaxLineKind, TaxUse

_WRITE = insert(plain_table(TaxLine))


@dataclass(frozen=True)
class BookedPart:
    """A part of tax with its values in the books, and the line of the document it belongs to."""

    part: TaxPart
    base_taxable: Money
    base_tax: Money
    line: int | None = None

    def negated(self) -> "BookedPart":
        """Return the same, taken back."""
        return replace(
            self,
            part=self.part.negated(),
            base_taxable=-self.base_taxable,
            base_tax=-self.base_tax,
        )


def keep_lines(
    session: Session,
    entry: JournalEntry,
    booked: Iterable[BookedPart],
    *,
    document: str,
    kind: TaxLineKind = TaxLineKind.CHARGED,
) -> None:
    """Note what an entry booked of tax, in the transaction that writes the entry."""
    parts = list(booked)
    if not parts:
        return
    accounts = find_accounts(session, {each.part.account for each in parts})
    written_at = clock.now()
    rows = []
    for each in parts:
        part = each.part
        assert part.component.id is not None, "what is booked comes from a tax code"
        rows.append(
            {
                "id": new_id(),
                "created_at": written_at,
                "entry_id": entry.id,
                "posted_on": entry.posted_on,
                "kind": kind,
                "document": document,
                "line": each.line,
                "component_id": part.component.id,
                "use": part.use,
                "account_id": accounts[part.account].id,
                "side": part.side,
                "exigible": part.exigible,
                "currency": part.tax.currency,
                "taxable_minor": part.taxable.minor,
                "tax_minor": part.tax.minor,
                "base_taxable_minor": each.base_taxable.minor,
                "base_tax_minor": each.base_tax.minor,
            }
        )
    session.execute(_WRITE, rows)


def kept_lines(
    session: Session,
    *,
    document: str | None = None,
    entry_id: uuid.UUID | None = None,
    kind: TaxLineKind | None = None,
) -> list[tuple[TaxLineKind, BookedPart]]:
    """Return what was noted for a document, or for an entry."""
    wanted = (
        select(TaxLine, TaxComponent, Account.code)
        .join(TaxComponent, TaxComponent.id == TaxLine.component_id)
        .join(Account, Account.id == TaxLine.account_id)
        .order_by(TaxLine.id)
    )
    if document is not None:
        wanted = wanted.where(TaxLine.document == document)
    if entry_id is not None:
        wanted = wanted.where(TaxLine.entry_id == entry_id)
    if kind is not None:
        wanted = wanted.where(TaxLine.kind == kind)
    ours = company(session).currency
    return [
        (
            row.kind,
            BookedPart(
                TaxPart(
                    component_of(component),
                    row.use,
                    code,
                    Money(row.taxable_minor, row.currency),
                    Money(row.tax_minor, row.currency),
                    row.exigible,
                ),
                Money(row.base_taxable_minor, ours),
                Money(row.base_tax_minor, ours),
                row.line,
            ),
        )
        for row, component, code in session.execute(wanted)
    ]


def take_back_lines(session: Session, entry: JournalEntry, reversal: JournalEntry) -> None:
    """Note that the tax which an entry booked was taken back by its reversal."""
    documents = select(TaxLine.document, TaxLine.kind).where(TaxLine.entry_id == entry.id)
    for document, kind in session.execute(documents.distinct()).all():
        kept = kept_lines(session, document=document, entry_id=entry.id, kind=kind)
        taken_back = [booked.negated() for _, booked in kept]
        keep_lines(session, reversal, taken_back, document=document, kind=kind)


@dataclass
class _Waiting:
    """What one component of a document still waits for: charged less corrected, and due so far."""

    part: TaxPart
    taxable: int = 0
    tax: int = 0
    base_taxable: int = 0
    base_tax: int = 0

    def count(self, booked: BookedPart) -> None:
        """Count an amount in."""
        self.taxable += booked.part.taxable.minor
        self.tax += booked.part.tax.minor
        self.base_taxable += booked.base_taxable.minor
        self.base_tax += booked.base_tax.minor


def make_due(
    session: Session, document: str, *, share: Fraction, on: date, journal: Journal
) -> JournalEntry | None:
    """Move the tax of a document that waits for its payment, so that a share of it is due.

    What is due follows from the share alone: what was paid and is open again waits again.
    """
    whole: dict[tuple[Component, str], _Waiting] = {}
    due: dict[tuple[Component, str], _Waiting] = {}
    for kind, booked in kept_lines(session, document=document):
        part = booked.part
        # What is a cost waits for nothing.
        if not part.component.cash_basis or part.use is TaxUse.NOT_DEDUCTIBLE:
            continue
        if kind is TaxLineKind.DUE and not part.exigible:
            continue
        sums = due if kind is TaxLineKind.DUE else whole
        key = part.component, part.use
        sums.setdefault(key, _Waiting(part)).count(booked)
    moved = [
        each
        for key, sum_of in whole.items()
        if (each := _moved(session, sum_of, due.get(key), share)) is not None
    ]
    if not moved:
        return None
    lines = [line for each in moved for line in _lines(each)]
    if not lines:
        return None
    entry = post_entry(
        session, lines, memo=f"{document} ⇒", origin=document, posted_on=on, journal=journal
    )
    waited = [replace(each.negated(), part=_waiting(each.part.negated())) for each in moved]
    keep_lines(session, entry, [*moved, *waited], document=document, kind=TaxLineKind.DUE)
    return entry


def _moved(
    session: Session, whole: _Waiting, due: _Waiting | None, share: Fraction
) -> BookedPart | None:
    ours = company(session)
    due = due or _Waiting(whole.part)

    def left(all_of: int, so_far: int) -> int:
        return rounded_fraction(all_of * share, ours.rounding) - so_far

    tax, base_tax = left(whole.tax, due.tax), left(whole.base_tax, due.base_tax)
    if tax * base_tax < 0:
        # What one rounding turned round, the next payment puts right.
        base_tax = 0
    taxable, base_taxable = (
        left(whole.taxable, due.taxable),
        left(whole.base_taxable, due.base_taxable),
    )
    if not (tax or base_tax or taxable or base_taxable):
        return None
    currency, part = whole.part.tax.currency, whole.part
    return BookedPart(
        replace(
            part,
            account=part.component.account(part.use),
            taxable=Money(taxable, currency),
            tax=Money(tax, currency),
            exigible=True,
        ),
        Money(base_taxable, ours.currency),
        Money(base_tax, ours.currency),
    )


def _waiting(part: TaxPart) -> TaxPart:
    account = part.component.account(part.use, due=False)
    return replace(part, account=account, exigible=False)


def _lines(moved: BookedPart) -> Sequence[Line]:
    part = moved.part
    if not (part.tax.minor or moved.base_tax.minor):
        return []
    raised = part.tax.minor > 0 or moved.base_tax.minor > 0
    line = Line(
        part.account,
        part.side,
        Money(abs(part.tax.minor), part.tax.currency),
        base=Money(abs(moved.base_tax.minor), moved.base_tax.currency),
    )
    waited = replace(line, account=_waiting(part).account).reversed()
    return [waited, line] if raised else [line.reversed(), waited.reversed()]


def adjusted(amounts: Sequence[Money], total: int) -> list[Money]:
    """Return amounts that add up to a total: what rounding left is put on the largest of them."""
    if not amounts:
        return []
    excess = total - sum(amount.minor for amount in amounts)
    largest = max(range(len(amounts)), key=lambda place: abs(amounts[place].minor))
    found = list(amounts)
    found[largest] = Money(found[largest].minor + excess, found[largest].currency)
    return found


def booked_parts(
    parts: Sequence[tuple[int | None, TaxPart]],
    entry_lines: Sequence[Line],
    worth: Callable[[Money], Money],
) -> list[BookedPart]:
    """Give parts of tax their value in the books, as the lines of their entry carry it."""
    carried: dict[str, int] = {}
    for line in entry_lines:
        sign = 1 if line.side is Side.DEBIT else -1
        carried[line.account] = carried.get(line.account, 0) + sign * line.value.minor
    values = {place: worth(part.tax) for place, (_, part) in enumerate(parts)}
    accounts: dict[str, list[int]] = {}
    for place, (_, part) in enumerate(parts):
        accounts.setdefault(part.account, []).append(place)
    for account, places in accounts.items():
        signed = [_signed(parts[place][1], values[place]) for place in places]
        excess = carried.get(account, 0) - sum(value.minor for value in signed)
        # What differs by more is another line on the same account, not the cents of rounding.
        if abs(excess) > len(entry_lines):
            continue
        exact = adjusted(signed, carried.get(account, 0))
        for place, value in zip(places, exact, strict=True):
            values[place] = _signed(parts[place][1], value)
    return [
        BookedPart(part, worth(part.taxable), values[place], line)
        for place, (line, part) in enumerate(parts)
    ]


def _signed(part: TaxPart, amount: Money) -> Money:
    return amount if part.side is Side.DEBIT else -amount
