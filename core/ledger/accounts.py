"""The chart of accounts: what is there, and how it is found, opened and blocked."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import BindParameter, Date, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.naming import resolved
from core.ledger.errors import AccountExists, UnknownAccount, UnknownHeading
from core.ledger.events import AccountBlockedOrNot, AccountsOpened
from core.ledger.tables import Account, AccountKind, Control, Period

# Statements that every entry runs are made once.
_names: BindParameter[str] = bindparam("names", expanding=True)
_day: BindParameter[date] = bindparam("day", type_=Date)
_of_day = and_(Period.starts_on <= _day, Period.ends_on >= _day)
_ACCOUNTS = (
    select(Account, Period)
    .outerjoin(Period, _of_day)
    .where(or_(Account.code.in_(_names), Account.role.in_(_names)))
)


def open_account(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    kind: AccountKind,
    role: str | None = None,
    control: Control | None = None,
    party_required: bool = False,
    heading: bool = False,
    currency: str | None = None,
    parent: str | None = None,
) -> Account:
    """Add an account to the chart of accounts."""
    if session.scalar(select(Account.id).where(Account.code == code)):
        raise AccountExists(account=code)
    account = Account(
        code=code,
        name=name,
        name_zh=name_zh,
        kind=kind,
        role=role,
        control=control,
        party_required=party_required,
        heading=heading,
        currency=currency,
        parent_id=find_account(session, parent).id if parent else None,
    )
    session.add(account)
    events.record(session, AccountsOpened(accounts=(f"{code} {name}",)))
    session.flush()
    return account


def block_account(session: Session, code: str, *, blocked: bool = True) -> Account:
    """Let an account take no entries any more, or take them again."""
    account = find_account(session, code)
    if account.blocked is not blocked:
        account.blocked = blocked
        said = f"{account.code} {account.name}"
        events.record(session, AccountBlockedOrNot(account=said, blocked=blocked))
        session.flush()
    return account


def find_account(session: Session, account: str) -> Account:
    """Return the account with this code or role."""
    return find_accounts(session, {account})[account]


def account_named(session: Session, text: str) -> Account:
    """Return the account that somebody means by a code or a name, in either language.

    A heading is meant only where nothing else is called so.
    """
    among = select(Account.code, Account.name, Account.name_zh)
    try:
        code = resolved(session, among.where(Account.heading.is_(False)), text, UnknownAccount)
    except UnknownAccount:
        said = text.strip().lower()
        names = (Account.code, func.lower(Account.name), Account.name_zh)
        heading = select(Account.code).where(
            Account.heading, or_(*(name == said for name in names))
        )
        found = session.scalars(heading.limit(1)).first()
        if found is None:
            raise
        code = found
    return find_account(session, code)


def heading_named(session: Session, text: str) -> Account:
    """Return the heading that somebody means by a code or a name, in either language."""
    among = select(Account.code, Account.name, Account.name_zh).where(Account.heading)
    return find_account(session, resolved(session, among, text, UnknownHeading))


def find_accounts(
    session: Session, names: Iterable[str], *, day: date | None = None
) -> dict[str, Account]:
    """Return accounts by their codes or roles; each is read once in a transaction.

    Who will post on a day names it, so that its period is read along.
    """
    known: dict[str, Account] = session.info.setdefault("ledger.accounts", {})
    periods: dict[date, Period] = session.info.setdefault("ledger.periods", {})
    wanted = set(names)
    if missing := wanted - known.keys():
        for account, period in session.execute(_ACCOUNTS, {"names": list(missing), "day": day}):
            known[account.code] = account
            if account.role is not None:
                known[account.role] = account
            if day is not None and period is not None:
                periods[day] = period
    if unknown := sorted(wanted - known.keys()):
        raise UnknownAccount(text=", ".join(unknown))
    return {name: known[name] for name in wanted}
