"""Questions to the books; answers are frozen."""

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
    JournalEntry,
    Period,
    PeriodState,
    Posting,
    Side,
)
from core.ledger.totals import ALL_DAYS, NOTHING, sides_until
from core.parties import Party

PAGE_MAX = 500


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
    wanted = select(Period).order_by(Period.starts_on).limit(PAGE_MAX)
    return [
        PeriodView(name=row.name, starts_on=row.starts_on, ends_on=row.ends_on, state=row.state)
        for row in session.scalars(wanted)
    ]


def list_accounts(session: Session) -> list[Account]:
    """Return the accounts that take entries, in the order of their codes."""
    wanted = select(Account).where(Account.heading.is_(False)).order_by(Account.code)
    return list(session.scalars(wanted.limit(PAGE_MAX)))
