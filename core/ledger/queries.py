"""Questions to the books; answers are frozen."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.ledger.accounts import find_account
from core.ledger.errors import UnknownEntry
from core.ledger.tables import (
    Account,
    AccountKind,
    CashFlow,
    FiscalYear,
    Journal,
    JournalEntry,
    Period,
    PeriodState,
    Posting,
    Side,
)
from core.ledger.totals import ALL_DAYS, NOTHING, sides_until
from core.parties import Party

PAGE_MAX = 500
CHART_MAX = 5_000


@dataclass(frozen=True)
class TrialBalanceRow:
    """What an account carries on a day, on the side where it carries it."""

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    debit: Money
    credit: Money


@dataclass(frozen=True)
class EntryLine:
    """One line of an entry, as people read it."""

    account: str
    account_name: str
    account_name_zh: str
    party: str
    debit: Money | None
    credit: Money | None


@dataclass(frozen=True)
class EntryView:
    """An entry with its lines, and what became of it."""

    number: str
    posted_on: date
    memo: str
    origin: str
    reverses: str | None
    reversed_by: str | None
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True)
class PeriodView:
    """A fiscal period and whether it takes entries."""

    name: str
    starts_on: date
    ends_on: date
    state: PeriodState
    # The parts of the business that it is locked for.
    locked_for: tuple[Journal, ...] = ()
    year: str = ""


@dataclass(frozen=True)
class AccountView:
    """An account or a heading of the chart, and how deep in the tree it stands."""

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    cash_flow: CashFlow | None
    currency: str | None
    blocked: bool
    heading: bool
    depth: int


def balance(session: Session, account: str, *, as_of: date | None = None) -> Money:
    """Return the debits of an account less its credits, up to and including a day."""
    found = find_account(session, account)
    day = as_of or ALL_DAYS
    sides = sides_until(session, [day], account_id=found.id)[day].get(found.id, NOTHING)
    return Money(sides.net, company(session).currency)


def trial_balance(session: Session, *, as_of: date | None = None) -> list[TrialBalanceRow]:
    """Return every account that was ever posted to, with its balance on a day."""
    currency = company(session).currency
    day = as_of or ALL_DAYS
    sides = sides_until(session, [day])[day]
    accounts = session.scalars(select(Account).order_by(Account.code))
    return [
        TrialBalanceRow(
            code=account.code,
            name=account.name,
            name_zh=account.name_zh,
            kind=account.kind,
            debit=Money(max(sides[account.id].net, 0), currency),
            credit=Money(max(-sides[account.id].net, 0), currency),
        )
        for account in accounts
        if account.id in sides
    ]


def entry_view(session: Session, number: str) -> EntryView:
    """Return an entry with its lines."""
    said = canonical_number(number)
    entry = session.scalars(select(JournalEntry).where(JournalEntry.number == said)).one_or_none()
    if entry is None:
        raise UnknownEntry(number=number)
    wanted = (
        select(Posting, Account, Party.name)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(Party, Party.id == Posting.party_id)
        .where(Posting.entry_id == entry.id)
        .order_by(Posting.position)
    )
    currency = company(session).currency
    reversed_by = select(JournalEntry.number).where(JournalEntry.reverses_id == entry.id)
    reverses = select(JournalEntry.number).where(JournalEntry.id == entry.reverses_id)
    return EntryView(
        number=entry.number,
        posted_on=entry.posted_on,
        memo=entry.memo,
        origin=entry.origin,
        reverses=session.scalar(reverses) if entry.reverses_id else None,
        reversed_by=session.scalar(reversed_by),
        lines=tuple(
            EntryLine(
                account=account.code,
                account_name=account.name,
                account_name_zh=account.name_zh,
                party=party or "",
                debit=Money(row.base_minor, currency) if row.side is Side.DEBIT else None,
                credit=Money(row.base_minor, currency) if row.side is Side.CREDIT else None,
            )
            for row, account, party in session.execute(wanted)
        ),
    )


def list_periods(session: Session) -> list[PeriodView]:
    """Return the fiscal periods in their order."""
    wanted = (
        select(Period, FiscalYear.name)
        .join(FiscalYear, FiscalYear.id == Period.fiscal_year_id)
        .order_by(Period.starts_on)
        .limit(PAGE_MAX)
    )
    return [
        PeriodView(
            name=row.name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            state=row.state,
            locked_for=tuple(journal for journal in Journal if row.locked_for(journal)),
            year=year,
        )
        for row, year in session.execute(wanted)
    ]


def list_accounts(session: Session) -> list[Account]:
    """Return the accounts that take entries, in the order of their codes."""
    wanted = select(Account).where(Account.heading.is_(False)).order_by(Account.code)
    return list(session.scalars(wanted.limit(PAGE_MAX)))


def chart_tree(session: Session, *, below: str | None = None) -> list[AccountView]:
    """Return the chart as a tree, every heading right before what stands under it."""
    children: dict[uuid.UUID | None, list[Account]] = {}
    for account in session.scalars(select(Account).order_by(Account.code).limit(CHART_MAX)):
        children.setdefault(account.parent_id, []).append(account)

    def walk(parent: uuid.UUID | None, depth: int) -> Iterator[AccountView]:
        # What stands under no heading, and no heading itself, comes last.
        among = children.get(parent, ())
        for each in sorted(among, key=lambda account: not account.heading):
            yield _view(each, depth)
            yield from walk(each.id, depth + 1)

    if below is None:
        return list(walk(None, 0))
    top = find_account(session, below)
    return [_view(top, 0), *walk(top.id, 1)]


def _view(account: Account, depth: int) -> AccountView:
    return AccountView(
        account.code, account.name, account.name_zh, account.kind, account.cash_flow,
        account.currency, account.blocked, account.heading, depth,
    )  # fmt: skip
