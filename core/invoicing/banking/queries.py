"""Questions about statements, their lines, and what is not matched; answers are frozen."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from core.invoicing.banking.errors import LineMatched, UnknownLine
from core.invoicing.banking.importing import find_statement
from core.invoicing.banking.tables import (
    BankLine,
    BankMatch,
    BankMatchPart,
    BankStatement,
    MatchKind,
)
from core.invoicing.tables import Payment
from core.kernel.database import total
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.ledger import Account, BankAccount, JournalEntry, Posting, Side
from core.ledger.chart import TAX_INPUT, TAX_OUTPUT

LISTED_MAX = 2_000


@dataclass(frozen=True)
class LineView:
    """A line of the bank, what of it is matched, and with what."""

    number: str
    account: str
    statement: str
    booked_on: date
    amount: Money
    left: Money
    counterparty: str
    text: str
    matches: tuple[str, ...]


@dataclass(frozen=True)
class StatementView:
    """A statement with its lines, and how much of it is not matched yet."""

    number: str
    account: str
    file_name: str
    from_on: date
    until_on: date
    opening: Money | None
    closing: Money | None
    voided: bool
    open_lines: int
    open: Money
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class OpenEntry:
    """An entry on a bank account that no line is matched with, or not with all of it."""

    entry_id: uuid.UUID
    number: str
    posted_on: date
    memo: str
    amount: Money
    left: Money
    account_id: uuid.UUID


def matched_of_line() -> ColumnElement[int]:
    """Return the sum of what is matched of a line, for a select of lines."""
    return (
        select(total(BankMatchPart.amount_minor))
        .where(BankMatchPart.line_id == BankLine.id, ~BankMatchPart.undone)
        .scalar_subquery()
    )


def find_line(session: Session, number: str, *, lock: bool = False) -> tuple[BankLine, Money]:
    """Return a line by its number, and what of it is not matched yet."""
    wanted = select(BankLine).where(BankLine.number == canonical_number(number), ~BankLine.voided)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    line = session.scalars(wanted).one_or_none()
    if line is None:
        raise UnknownLine(number=number)
    matched = session.scalar(
        select(total(BankMatchPart.amount_minor)).where(
            BankMatchPart.line_id == line.id, ~BankMatchPart.undone
        )
    )
    return line, Money(line.amount_minor - (matched or 0), line.currency)


def find_open_line(session: Session, number: str) -> tuple[BankLine, Money]:
    """Return a line of which something is not matched yet, locked."""
    line, left = find_line(session, number, lock=True)
    if left.minor == 0:
        raise LineMatched(number=line.number, match=", ".join(matches_of(session, line.id)))
    return line, left


def matches_of(session: Session, line_id: uuid.UUID) -> list[str]:
    """Return the numbers of the matches of a line that stand."""
    wanted = (
        select(BankMatch.number)
        .join(BankMatchPart, BankMatchPart.match_id == BankMatch.id)
        .where(BankMatchPart.line_id == line_id, ~BankMatchPart.undone)
        .order_by(BankMatch.number)
        .distinct()
    )
    return list(session.scalars(wanted))


def matched_lines(session: Session, match_ids: Sequence[uuid.UUID]) -> list[tuple[str, str]]:
    """Return the lines of some matches, and with which payment or entry each is matched."""
    wanted = (
        select(BankLine.number, func.coalesce(Payment.number, JournalEntry.number))
        .join(BankMatchPart, BankMatchPart.line_id == BankLine.id)
        .join(JournalEntry, JournalEntry.id == BankMatchPart.entry_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .where(BankMatchPart.match_id.in_(match_ids))
        .order_by(BankLine.number, JournalEntry.number)
    )
    return [(line, document) for line, document in session.execute(wanted)]


def booked_account_of(session: Session, line_number: str) -> str | None:
    """Return the account that a line was booked to by hand, if it was to one."""
    line, _ = find_line(session, line_number)
    bank = select(BankAccount.account_id)
    wanted = (
        select(Account.code)
        .join(Posting, Posting.account_id == Account.id)
        .join(BankMatchPart, BankMatchPart.entry_id == Posting.entry_id)
        .join(BankMatch, BankMatch.id == BankMatchPart.match_id)
        .where(
            BankMatchPart.line_id == line.id,
            ~BankMatchPart.undone,
            BankMatch.kind == MatchKind.BOOKED,
            Account.id.not_in(bank),
            func.coalesce(Account.role, "").not_in([TAX_INPUT, TAX_OUTPUT]),
        )
        .distinct()
        .limit(2)
    )
    codes = list(session.scalars(wanted))
    return codes[0] if len(codes) == 1 else None


def list_lines(
    session: Session,
    *,
    bank_account: BankAccount | None = None,
    statement: BankStatement | None = None,
    open_only: bool = False,
    since: date | None = None,
    until: date | None = None,
    limit: int = LISTED_MAX,
) -> list[LineView]:
    """Return lines, the oldest first, with what is matched of each."""
    matched = matched_of_line()
    wanted = (
        select(BankLine, BankAccount.code, BankStatement.number, matched)
        .join(BankAccount, BankAccount.id == BankLine.bank_account_id)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .order_by(BankLine.booked_on, BankLine.number)
        .limit(min(limit, LISTED_MAX))
    )
    if statement is None or not statement.voided:
        wanted = wanted.where(~BankLine.voided)
    if bank_account is not None:
        wanted = wanted.where(BankLine.bank_account_id == bank_account.id)
    if statement is not None:
        wanted = wanted.where(BankLine.statement_id == statement.id)
    if open_only:
        wanted = wanted.where(matched != BankLine.amount_minor)
    if since is not None:
        wanted = wanted.where(BankLine.booked_on >= since)
    if until is not None:
        wanted = wanted.where(BankLine.booked_on <= until)
    rows = session.execute(wanted).all()
    matches = _matches(session, [row[0].id for row in rows])
    return [
        LineView(
            number=line.number,
            account=code,
            statement=number,
            booked_on=line.booked_on,
            amount=Money(line.amount_minor, line.currency),
            left=Money(line.amount_minor - done, line.currency),
            counterparty=line.counterparty,
            text=line.text,
            matches=tuple(matches.get(line.id, ())),
        )
        for line, code, number, done in rows
    ]


def statement_view(session: Session, number: str) -> StatementView:
    """Return a statement with its lines."""
    statement = find_statement(session, number)
    account = session.get_one(BankAccount, statement.bank_account_id)
    lines = list_lines(session, statement=statement)
    still = [line for line in lines if line.left.minor]

    def balance(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, statement.currency)

    return StatementView(
        number=statement.number,
        account=account.code,
        file_name=statement.file_name,
        from_on=statement.from_on,
        until_on=statement.until_on,
        opening=balance(statement.opening_minor),
        closing=balance(statement.closing_minor),
        voided=statement.voided,
        open_lines=len(still),
        open=Money(sum(line.left.minor for line in still), statement.currency),
        lines=tuple(lines),
    )


def list_statements(
    session: Session, *, bank_account: BankAccount | None = None, until: date | None = None
) -> list[BankStatement]:
    """Return the statements that count, the oldest first."""
    wanted = select(BankStatement).where(~BankStatement.voided)
    if bank_account is not None:
        wanted = wanted.where(BankStatement.bank_account_id == bank_account.id)
    if until is not None:
        wanted = wanted.where(BankStatement.until_on <= until)
    order = (BankStatement.until_on, BankStatement.number)
    return list(session.scalars(wanted.order_by(*order).limit(LISTED_MAX)))


def open_entries(
    session: Session,
    accounts: Sequence[BankAccount],
    *,
    since: date | None = None,
    until: date | None = None,
    entry_ids: Sequence[uuid.UUID] | None = None,
) -> list[OpenEntry]:
    """Return what is in the books on bank accounts and not on their lines, the oldest first.

    An entry that was reversed before the bank knew of it is no news to the bank: both are left out.
    """
    rows = [
        row
        for row in session.execute(_entries(accounts, since, until, entry_ids))
        if row.amount != row.matched
    ]
    free = {(row.account_id, row.entry_id) for row in rows if not row.matched}
    gone = {
        place
        for row in rows
        if row.reverses_id is not None and (row.account_id, row.reverses_id) in free
        for place in ((row.account_id, row.entry_id), (row.account_id, row.reverses_id))
        if (row.account_id, row.entry_id) in free
    }
    currency = {account.account_id: account.currency for account in accounts}
    return [
        OpenEntry(
            entry_id=row.entry_id,
            number=row.number,
            posted_on=row.posted_on,
            memo=row.memo,
            amount=Money(row.amount, currency[row.account_id]),
            left=Money(row.amount - row.matched, currency[row.account_id]),
            account_id=row.account_id,
        )
        for row in rows
        if entry_ids is not None or (row.account_id, row.entry_id) not in gone
    ]


def _entries(
    accounts: Sequence[BankAccount],
    since: date | None,
    until: date | None,
    entry_ids: Sequence[uuid.UUID] | None,
) -> Select[Any]:
    signed = total(
        case((Posting.side == Side.DEBIT, Posting.amount_minor), else_=-Posting.amount_minor)
    )
    sums = (
        select(Posting.entry_id, Posting.account_id, signed.label("amount"))
        .where(Posting.account_id.in_([account.account_id for account in accounts]))
        .group_by(Posting.entry_id, Posting.account_id)
    )
    if since is not None:
        sums = sums.where(Posting.posted_on >= since)
    if until is not None:
        sums = sums.where(Posting.posted_on <= until)
    if entry_ids is not None:
        sums = sums.where(Posting.entry_id.in_(entry_ids))
    booked = sums.subquery()
    matched = (
        select(total(BankMatchPart.amount_minor))
        .join(BankLine, BankLine.id == BankMatchPart.line_id)
        .join(BankAccount, BankAccount.id == BankLine.bank_account_id)
        .where(
            BankMatchPart.entry_id == booked.c.entry_id,
            BankAccount.account_id == booked.c.account_id,
            ~BankMatchPart.undone,
        )
        .scalar_subquery()
    )
    return (
        select(
            booked,
            matched.label("matched"),
            JournalEntry.number,
            JournalEntry.posted_on,
            JournalEntry.memo,
            JournalEntry.reverses_id,
        )
        .join(JournalEntry, JournalEntry.id == booked.c.entry_id)
        .where(booked.c.amount != 0)
        .order_by(JournalEntry.posted_on, JournalEntry.number)
    )


def _matches(session: Session, line_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return what each line is matched with: "BM-00001 RCT-00007"."""
    if not line_ids:
        return {}
    wanted = (
        select(
            BankMatchPart.line_id,
            BankMatch.number,
            func.coalesce(Payment.number, JournalEntry.number),
        )
        .join(BankMatch, BankMatch.id == BankMatchPart.match_id)
        .join(JournalEntry, JournalEntry.id == BankMatchPart.entry_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .where(BankMatchPart.line_id.in_(line_ids), ~BankMatchPart.undone)
        .order_by(BankMatch.number)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for line_id, match, document in session.execute(wanted):
        found.setdefault(line_id, []).append(f"{match} {document}")
    return found
