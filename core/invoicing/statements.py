"""A party's statement of account: what stood open, what moved, and what stands open then.

It is read from the lines of the receivables or payables that name the party, so it says what the
books say, and its closing balance is the sum of the open items.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from core.invoicing.queries import list_open_instalments
from core.invoicing.rules import Direction
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger import Account, Control, JournalEntry, Posting, Side
from core.parties import Party, same_as

ROWS_MAX = 2_000
# Days overdue at which each stretch of the ageing ends; the last one has no end.
EDGES = (0, 30, 60, 90)


@dataclass(frozen=True)
class StatementRow:
    """A movement: positive raises what is owed, `balance` is what stands open after it."""

    posted_on: date
    document: str
    memo: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class CurrencyStatement:
    """The statement in one currency; `aged` is the closing balance by how long it is overdue.

    Its stretches: not due, up to 30, 60, 90 days, and over 90.
    """

    currency: str
    opening: Money
    rows: tuple[StatementRow, ...]
    closing: Money
    aged: tuple[Money, ...]
    left_out: int


@dataclass(frozen=True)
class Statement:
    """What a customer owes us, or we owe a supplier, over a stretch of days."""

    party_number: str
    party: str
    direction: Direction
    since: date
    until: date
    parts: tuple[CurrencyStatement, ...]


def statement_of(
    session: Session,
    party: Party,
    direction: Direction,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Statement:
    """Return the statement of account of a party, by default of the last ninety days."""
    last = until or company(session).today
    first = since or last - timedelta(days=90)
    before = _balances(session, party.id, direction, first - timedelta(days=1))
    after = _balances(session, party.id, direction, last)
    moved = _movements(session, party.id, direction, first, last)
    currencies = sorted({*before, *after, *moved})
    aged = _aged(session, party.id, direction, last)
    return Statement(
        party_number=party.number,
        party=party.name,
        direction=direction,
        since=first,
        until=last,
        parts=tuple(
            _part(
                currency,
                before.get(currency, 0),
                after.get(currency, 0),
                moved.get(currency, []),
                aged.get(currency, [0] * (len(EDGES) + 1)),
            )
            for currency in currencies
        ),
    )


_Moved = tuple[date, str, str, int]


def _part(
    currency: str, opening: int, closing: int, moved: list[_Moved], aged: list[int]
) -> CurrencyStatement:
    # Of a very long stretch the newest movements are told; the older ones are in the opening.
    shown = moved[-ROWS_MAX:]
    balance = closing - sum(minor for *_, minor in shown)
    start, rows = balance, []
    for posted_on, document, memo, minor in shown:
        balance += minor
        rows.append(
            StatementRow(
                posted_on, document, memo, Money(minor, currency), Money(balance, currency)
            )
        )
    assert start == opening or len(shown) < len(moved), "what moved leads from opening to closing"
    return CurrencyStatement(
        currency=currency,
        opening=Money(start, currency),
        rows=tuple(rows),
        closing=Money(closing, currency),
        aged=tuple(Money(minor, currency) for minor in aged),
        left_out=len(moved) - len(shown),
    )


def _sign(direction: Direction) -> ColumnElement[int]:
    raises = Side.DEBIT if direction is Direction.RECEIVABLE else Side.CREDIT
    return case((Posting.side == raises, Posting.amount_minor), else_=-Posting.amount_minor)


def _control(direction: Direction) -> Control:
    return Control.RECEIVABLE if direction is Direction.RECEIVABLE else Control.PAYABLE


def _balances(
    session: Session, party_id: uuid.UUID, direction: Direction, day: date
) -> dict[str, int]:
    wanted = (
        select(Posting.currency, total(_sign(direction)))
        .join(Account, Account.id == Posting.account_id)
        .where(
            Posting.party_id.in_(same_as(session, party_id)),
            Account.control == _control(direction),
            Posting.posted_on <= day,
        )
        .group_by(Posting.currency)
    )
    return {currency: minor for currency, minor in session.execute(wanted) if minor}


def _movements(
    session: Session, party_id: uuid.UUID, direction: Direction, first: date, last: date
) -> dict[str, list[_Moved]]:
    wanted = (
        select(
            Posting.currency,
            Posting.posted_on,
            JournalEntry.origin,
            JournalEntry.memo,
            _sign(direction).label("minor"),
        )
        .join(Account, Account.id == Posting.account_id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            Posting.party_id.in_(same_as(session, party_id)),
            Account.control == _control(direction),
            Posting.posted_on.between(first, last),
            # What only the rate of a currency changed moves nothing that is owed.
            Posting.amount_minor > 0,
        )
        .order_by(Posting.posted_on, JournalEntry.number, Posting.position)
    )
    moved: dict[str, list[_Moved]] = {}
    for currency, posted_on, origin, memo, minor in session.execute(wanted):
        moved.setdefault(currency, []).append((posted_on, origin, memo, minor))
    return moved


def _aged(
    session: Session, party_id: uuid.UUID, direction: Direction, day: date
) -> dict[str, list[int]]:
    items = list_open_instalments(session, direction=direction, as_of=day, party_id=party_id)
    aged: dict[str, list[int]] = {}
    for item in items:
        sums = aged.setdefault(item.open.currency, [0] * (len(EDGES) + 1))
        overdue = (day - item.due_on).days
        place = next((at for at, edge in enumerate(EDGES) if overdue <= edge), len(EDGES))
        sums[place] += item.open.minor
    return aged
