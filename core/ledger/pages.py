"""The lines of the books, page by page: of one account from the newest on, or of all in order.

A page is found by its place, which is the line where the one before it ended: the thousandth page
is as fast as the first, and a line that is posted meanwhile moves nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, select, tuple_
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.ledger.accounts import find_account
from core.ledger.dimensions import sets_within
from core.ledger.errors import StretchReversed, UnknownPlace
from core.ledger.rules import Dimensions
from core.ledger.tables import Account, JournalEntry, Posting, Side
from core.ledger.totals import NOTHING, sides_until
from core.parties import Party

PAGE_MAX = 500

# The order of an account's lines; ids of entries grow with time.
_ORDER = (Posting.posted_on, Posting.entry_id, Posting.position)
_NET = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)


@dataclass(frozen=True)
class AccountMovement:
    """A line of an account in the general ledger, and the balance after it."""

    posted_on: date
    entry: str
    origin: str
    memo: str
    party: str
    debit: Money | None
    credit: Money | None
    balance: Money


@dataclass(frozen=True)
class AccountPage:
    """A page of the general ledger: what an account carried before, what moved, and what then.

    `older` is the place of the next page back, empty where the stretch begins on this one.
    """

    code: str
    name: str
    name_zh: str
    since: date | None
    until: date
    opening: Money
    movements: tuple[AccountMovement, ...]
    closing: Money
    older: str


@dataclass(frozen=True)
class AccountStretch:
    """The lines of an account on a page of the whole ledger, and its balances around them."""

    code: str
    name: str
    name_zh: str
    opening: Money
    movements: tuple[AccountMovement, ...]
    closing: Money


@dataclass(frozen=True)
class LedgerPage:
    """A page of the general ledger: accounts in their order, lines in theirs.

    `further` is the place of the next page, empty on the last one.
    """

    since: date | None
    until: date
    accounts: tuple[AccountStretch, ...]
    further: str


@dataclass(frozen=True)
class _Place:
    """A line of the books, as a cursor: its day, its entry, and its position there."""

    day: date
    entry_id: uuid.UUID
    position: int

    @property
    def key(self) -> Any:  # noqa: ANN401  # A row value, which has no type of its own.
        return tuple_(self.day, self.entry_id, self.position)


def account_page(
    session: Session,
    account: str,
    *,
    since: date | None = None,
    until: date | None = None,
    limit: int = 100,
    before: str = "",
) -> AccountPage:
    """Return the newest lines of an account in a stretch of days, with running balances.

    `before` is the `older` of another page: then it is the lines before that one.
    """
    found = find_account(session, account)
    last = until or company(session).today
    place = _place_of(session, before) if before else None
    limit = min(limit, PAGE_MAX)
    conditions = _in_stretch(found.id, since, last)
    if place is not None:
        conditions.append(tuple_(*_ORDER) < place.key)
    newest = _lines(conditions).order_by(*(column.desc() for column in _ORDER)).limit(limit + 1)
    rows = session.execute(newest).all()
    has_older, rows = len(rows) > limit, rows[:limit][::-1]
    currency = company(session).currency
    closing = _balance_before(session, found.id, last, place)
    opening = closing - sum((row.net for row in rows), start=0)
    return AccountPage(
        code=found.code,
        name=found.name,
        name_zh=found.name_zh,
        since=since,
        until=last,
        opening=Money(opening, currency),
        movements=_movements(rows, opening, currency),
        closing=Money(closing, currency),
        older=f"{rows[0].number}:{rows[0].position}" if has_older else "",
    )


def ledger_page(
    session: Session,
    *,
    since: date | None = None,
    until: date | None = None,
    account: str | None = None,
    within: Dimensions = (),
    limit: int = 100,
    after: str = "",
) -> LedgerPage:
    """Return lines of all accounts, or of one, in the order of accounts, days and entries.

    `after` is the `further` of another page: then it is the lines behind that one. With
    dimensions, only lines that have them all are shown and added up.
    """
    last = until or company(session).today
    if since is not None and since > last:
        raise StretchReversed(since=since, until=last)
    limit, currency = min(limit, PAGE_MAX), company(session).currency
    begins, place = _account_and_place(session, after)
    sets = sets_within(session, within) if within else None
    shown: list[AccountStretch] = []
    further = ""
    moved = _moved(session, since, last, sets)
    for each in _accounts_from(session, account, begins):
        if each.id not in moved:
            continue
        conditions = _in_stretch(each.id, since, last, sets)
        here = place if each.code == begins else None
        if here is not None:
            conditions.append(tuple_(*_ORDER) > here.key)
        rows = session.execute(_lines(conditions).order_by(*_ORDER).limit(limit + 1)).all()
        if not rows:
            continue
        if limit == 0:
            return LedgerPage(since, last, tuple(shown), further)
        opening = moved[each.id]
        if here is not None:
            opening = _balance_after(session, each.id, here, sets)
        movements = _movements(rows[:limit], opening, currency)
        shown.append(
            AccountStretch(
                each.code,
                each.name,
                each.name_zh,
                Money(opening, currency),
                movements,
                movements[-1].balance,
            )
        )
        ended = rows[:limit][-1]
        further = f"{each.code}|{ended.number}:{ended.position}"
        if len(rows) > limit:
            return LedgerPage(since, last, tuple(shown), further)
        limit -= len(rows)
    return LedgerPage(since, last, tuple(shown), "")


def _accounts_from(session: Session, account: str | None, begins: str) -> Sequence[Account]:
    if account is not None:
        found = find_account(session, account)
        return [found]
    wanted = select(Account).where(Account.heading.is_(False), Account.code >= begins)
    return session.scalars(wanted.order_by(Account.code)).all()


def _in_stretch(
    account_id: uuid.UUID,
    since: date | None,
    until: date,
    sets: Sequence[uuid.UUID] | None = None,
) -> list[ColumnElement[bool]]:
    conditions = [Posting.account_id == account_id, Posting.posted_on <= until]
    if since is not None:
        conditions.append(Posting.posted_on >= since)
    if sets is not None:
        conditions.append(Posting.dimension_set_id.in_(sets))
    return conditions


def _lines(conditions: Sequence[ColumnElement[bool]]) -> Any:  # noqa: ANN401
    # A list type of eight columns says less than their names.
    return (
        select(
            Posting.posted_on,
            Posting.position,
            Posting.side,
            Posting.base_minor,
            _NET.label("net"),
            JournalEntry.number,
            JournalEntry.origin,
            JournalEntry.memo,
            Party.name.label("party"),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Party, Party.id == Posting.party_id)
        .where(*conditions)
    )


def _movements(rows: Sequence[Any], opening: int, currency: str) -> tuple[AccountMovement, ...]:
    movements = []
    for row in rows:
        opening += row.net
        amount = Money(row.base_minor, currency)
        movements.append(
            AccountMovement(
                posted_on=row.posted_on,
                entry=row.number,
                origin=row.origin,
                memo=row.memo,
                party=row.party or "",
                debit=amount if row.side is Side.DEBIT else None,
                credit=amount if row.side is Side.CREDIT else None,
                balance=Money(opening, currency),
            )
        )
    return tuple(movements)


def _balance_before(
    session: Session, account_id: uuid.UUID, until: date, place: _Place | None
) -> int:
    """Return what an account carries at the end of a day, or right before a line."""
    day = until if place is None else min(until, place.day)
    carried = sides_until(session, [day], account_id=account_id)[day].get(account_id, NOTHING).net
    if place is None or place.day > until:
        return carried
    rest = select(total(_NET)).where(
        Posting.account_id == account_id,
        Posting.posted_on == place.day,
        tuple_(*_ORDER) >= place.key,
    )
    return carried - session.scalars(rest).one()


def _balance_after(
    session: Session, account_id: uuid.UUID, place: _Place, sets: Sequence[uuid.UUID] | None
) -> int:
    """Return what an account carries right after a line."""
    carried = sides_until(session, [place.day], account_id=account_id, sets=sets)[place.day]
    rest = select(total(_NET)).where(
        Posting.account_id == account_id,
        Posting.posted_on == place.day,
        tuple_(*_ORDER) > place.key,
    )
    if sets is not None:
        rest = rest.where(Posting.dimension_set_id.in_(sets))
    return carried.get(account_id, NOTHING).net - session.scalars(rest).one()


def _moved(
    session: Session, since: date | None, until: date, sets: Sequence[uuid.UUID] | None
) -> dict[uuid.UUID, int]:
    """Return the accounts that moved in a stretch, and what each carried when it began."""
    eve = since - timedelta(days=1) if since is not None else None
    known = sides_until(session, [until, *([eve] if eve else [])], sets=sets)
    before = known[eve] if eve else {}
    return {
        account: before.get(account, NOTHING).net
        for account, sides in known[until].items()
        if account not in before or sides != before[account]
    }


def _account_and_place(session: Session, after: str) -> tuple[str, _Place | None]:
    """Read where a page of the ledger ended."""
    if not after:
        return "", None
    code, _, line = after.partition("|")
    return code, _place_of(session, line)


def _place_of(session: Session, said: str) -> _Place:
    number, _, position = said.partition(":")
    wanted = select(JournalEntry.posted_on, JournalEntry.id).where(
        JournalEntry.number == canonical_number(number)
    )
    found = session.execute(wanted).one_or_none()
    if found is None or not position.isdecimal():
        raise UnknownPlace(place=said)
    return _Place(found.posted_on, found.id, int(position))
