"""Reconcile a bank account: what the books say, what the bank says, and every line between."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session

from core.invoicing.banking.errors import NoStatementYet
from core.invoicing.banking.queries import list_statements
from core.invoicing.banking.tables import BankLine, BankMatchPart, BankStatement
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger import BankAccount, JournalEntry, Posting, Side

EXPLAINED_MAX = 2_000


@dataclass(frozen=True)
class Explanation:
    """Why the books and the bank differ: one line that only one of them has, by so much.

    `cause` is a word: only_at_bank, only_in_books, before_first_statement, statement_gap.
    """

    cause: str
    number: str
    day: date
    text: str
    amount: Money


@dataclass(frozen=True)
class Reconciliation:
    """Both balances of a bank account on a day, and what explains the difference.

    `unexplained` is what no line explains: zero, unless the books are wrong.
    """

    account: str
    as_of: date
    bank: Money
    books: Money
    # The oldest ones, where there are very many.
    explanations: tuple[Explanation, ...]
    unexplained: Money
    # The last day on which everything up to it is matched; None where not even the first is.
    reconciled_until: date | None

    @property
    def difference(self) -> Money:
        """What the books have more than the bank."""
        return self.books - self.bank


def reconcile(
    session: Session, bank_account: BankAccount, as_of: date | None = None
) -> Reconciliation:
    """Return what the books and the bank say on a day, and what explains the difference."""
    statements = list_statements(session, bank_account=bank_account)
    if not statements:
        raise NoStatementYet(account=bank_account.code)
    first = min(statements, key=lambda each: (each.from_on, each.number))
    last = max(each.until_on for each in statements)
    day = as_of or min(last, company(session).today)
    if day < first.from_on:
        raise NoStatementYet(account=f"{bank_account.code} ≤ {day}")
    currency = bank_account.currency
    entries = _entries(session, bank_account, day, first.from_on)
    lines = _lines(session, bank_account, day)
    started = first.opening_minor or 0
    bank = started + sum(minor for _, minor, _ in lines)
    before = _booked(session, bank_account, until=first.from_on - timedelta(days=1), matched=False)
    explained = []
    if before != started:
        amount = Money(before - started, currency)
        explained.append(
            Explanation("before_first_statement", first.number, first.from_on, "", amount)
        )
    gaps = _gaps(statements, currency, day)
    explained += gaps
    bank += sum(-gap.amount.minor for gap in gaps)
    explained += [
        Explanation(
            "only_at_bank",
            line.number,
            line.booked_on,
            f"{line.counterparty} {line.text}".strip(),
            Money(matched - minor, currency),
        )
        for line, minor, matched in lines
        if minor != matched
    ]
    explained += [
        Explanation(
            "only_in_books", entry.number, entry.posted_on, entry.memo, Money(left, currency)
        )
        for entry, left in _unreversed(entries)
    ]
    explained.sort(key=lambda each: (each.day, each.number))
    books = _booked(session, bank_account, until=day)
    return Reconciliation(
        account=bank_account.code,
        as_of=day,
        bank=Money(bank, currency),
        books=Money(books, currency),
        explanations=tuple(explained[:EXPLAINED_MAX]),
        unexplained=Money(books - bank - sum(each.amount.minor for each in explained), currency),
        reconciled_until=_until(explained, first, min(day, last)),
    )


def _until(explained: list[Explanation], first: BankStatement, last: date) -> date | None:
    open_on = [each.day for each in explained]
    if not open_on:
        return last
    until = min(open_on) - timedelta(days=1)
    return min(until, last) if until >= first.from_on else None


def _gaps(statements: list[BankStatement], currency: str, day: date) -> list[Explanation]:
    """Return what is missing between statements: where one opens otherwise than the last closed."""
    found = []
    order = sorted(statements, key=lambda each: (each.from_on, each.until_on, each.number))
    balance: int | None = None
    until = date.min
    for each in order:
        opening, closing = each.opening_minor, each.closing_minor
        # One that overlaps with another opens in the middle of it.
        fresh = each.known_minor == 0 and each.from_on >= until
        until = max(until, each.until_on)
        if fresh and balance is not None and opening is not None and opening != balance:
            amount = Money(balance - opening, currency)
            if each.from_on <= day:
                found.append(Explanation("statement_gap", each.number, each.from_on, "", amount))
        balance = closing if closing is not None else balance
    return found


def _booked(session: Session, account: BankAccount, *, until: date, matched: bool = True) -> int:
    """Return the balance of the books in the currency of the account, up to a day.

    Without the matched ones, it leaves out the entries that a line is matched with.
    """
    signed = case((Posting.side == Side.DEBIT, Posting.amount_minor), else_=-Posting.amount_minor)
    wanted = select(total(signed)).where(
        Posting.account_id == account.account_id,
        Posting.posted_on <= until,
        Posting.currency == account.currency,
    )
    if not matched:
        wanted = wanted.where(Posting.entry_id.not_in(_matched_entries(account)))
    return session.scalar(wanted) or 0


def _matched_entries(account: BankAccount) -> Select[uuid.UUID]:
    return (
        select(BankMatchPart.entry_id)
        .join(BankLine, BankLine.id == BankMatchPart.line_id)
        .where(BankLine.bank_account_id == account.id, ~BankMatchPart.undone)
    )


def _lines(session: Session, account: BankAccount, day: date) -> list[tuple[BankLine, int, int]]:
    """Return the lines up to a day, each with its amount and what of it was matched by then."""
    matched = (
        select(total(BankMatchPart.amount_minor))
        .join(JournalEntry, JournalEntry.id == BankMatchPart.entry_id)
        .where(
            BankMatchPart.line_id == BankLine.id,
            ~BankMatchPart.undone,
            JournalEntry.posted_on <= day,
        )
        .scalar_subquery()
    )
    wanted = select(BankLine, BankLine.amount_minor, matched).where(
        BankLine.bank_account_id == account.id, BankLine.booked_on <= day, ~BankLine.voided
    )
    return [(line, minor, done) for line, minor, done in session.execute(wanted)]


def _entries(
    session: Session, account: BankAccount, day: date, start: date
) -> list[tuple[JournalEntry, int, int]]:
    """Return the entries from the first statement on, and those matched, up to a day."""
    signed = case((Posting.side == Side.DEBIT, Posting.amount_minor), else_=-Posting.amount_minor)
    booked = (
        select(Posting.entry_id, total(signed).label("minor"))
        .where(
            Posting.account_id == account.account_id,
            Posting.currency == account.currency,
            Posting.posted_on <= day,
            or_(Posting.posted_on >= start, Posting.entry_id.in_(_matched_entries(account))),
        )
        .group_by(Posting.entry_id)
        .subquery()
    )
    matched = (
        select(total(BankMatchPart.amount_minor))
        .join(BankLine, BankLine.id == BankMatchPart.line_id)
        .where(
            BankMatchPart.entry_id == booked.c.entry_id,
            BankLine.bank_account_id == account.id,
            BankLine.booked_on <= day,
            ~BankMatchPart.undone,
        )
        .scalar_subquery()
    )
    wanted = select(JournalEntry, booked.c.minor, matched).join(
        booked, booked.c.entry_id == JournalEntry.id
    )
    return [(entry, minor, done) for entry, minor, done in session.execute(wanted)]


def _unreversed(entries: list[tuple[JournalEntry, int, int]]) -> list[tuple[JournalEntry, int]]:
    """Return what is left of the entries, without those reversed and never at the bank."""
    free = {entry.id for entry, _, done in entries if not done}
    gone = {
        place
        for entry, _, done in entries
        if entry.reverses_id in free and not done
        for place in (entry.id, entry.reverses_id)
    }
    return [
        (entry, minor - done)
        for entry, minor, done in entries
        if minor != done and entry.id not in gone
    ]
