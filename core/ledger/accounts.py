"""The chart of accounts: what is there, and how it is found, opened and blocked."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import BindParameter, Date, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.errors import Both
from core.kernel.naming import AmbiguousName, resolved
from core.ledger.errors import (
    AccountExists,
    AccountIsHeading,
    HeadingOfOtherKind,
    HeadingUnderItself,
    UnknownAccount,
    UnknownHeading,
)
from core.ledger.events import AccountBlockedOrNot, AccountMoved, AccountsOpened
from core.ledger.tables import Account, AccountKind, CashFlow, Control, Period

# Statements that every entry runs are made once.
_names: BindParameter[str] = bindparam("names", expanding=True)
_day: BindParameter[date] = bindparam("day", type_=Date)
_of_day = and_(Period.starts_on <= _day, Period.ends_on >= _day)
_KINDS = {
    AccountKind.ASSET: Both("asset", "资产"),
    AccountKind.LIABILITY: Both("liability", "负债"),
    AccountKind.EQUITY: Both("equity", "所有者权益"),
    AccountKind.INCOME: Both("income", "收入"),
    AccountKind.EXPENSE: Both("expense", "费用"),
}
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
    cash_flow: CashFlow | None = None,
) -> Account:
    """Add an account or a heading to the chart of accounts.

    Where nothing is said, it stands under the heading of the accounts beside it, and in the class
    of the cash flow statement that all of those are in.
    """
    if session.scalar(select(Account.id).where(Account.code == code)):
        raise AccountExists(account=code)
    above = _heading_for(session, parent, kind) if parent else _beside(session, code, kind)
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
        parent_id=above.id if above else None,
        cash_flow=None if heading else cash_flow or _cash_flow_of(session, above, kind),
    )
    session.add(account)
    under = f"{above.code} {above.name}" if above else ""
    events.record(session, AccountsOpened(accounts=(f"{code} {name}",), under=under))
    session.flush()
    return account


def block_account(session: Session, code: str, *, blocked: bool = True) -> Account:
    """Let an account take no entries any more, or take them again."""
    account = find_account(session, code)
    if account.heading:
        raise AccountIsHeading(account=account.called)
    if account.blocked is not blocked:
        account.blocked = blocked
        events.record(session, AccountBlockedOrNot(account=_said(account), blocked=blocked))
        session.flush()
    return account


def move_account(session: Session, code: str, heading: str) -> Account:
    """Let an account, or a heading with all below it, stand under another heading."""
    account = find_account(session, code)
    above = _heading_for(session, heading, account.kind)
    line = _line_above(session, above)
    if account.id in {each.id for each in line}:
        raise HeadingUnderItself(account=account.called, heading=above.called)
    before = session.get(Account, account.parent_id) if account.parent_id else None
    if before is not above:
        account.parent_id = above.id
        told = AccountMoved(_said(account), _said(before) if before else "", _said(above))
        events.record(session, told)
        session.flush()
    return account


def find_account(session: Session, account: str) -> Account:
    """Return the account with this code or role."""
    return find_accounts(session, {account})[account]


def account_named(session: Session, text: str) -> Account:
    """Return the account that somebody means by a code or a name, in either language.

    A heading is meant only where nothing else is called exactly so.
    """
    among = select(Account.code, Account.name, Account.name_zh)
    try:
        code = resolved(session, among.where(Account.heading.is_(False)), text, UnknownAccount)
    except (UnknownAccount, AmbiguousName):
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


def kind_beside(session: Session, code: str) -> AccountKind:
    """Return the kind of the account with the nearest code; codes of a kind stand together."""
    lower = select(Account.kind).where(Account.heading.is_(False), Account.code <= code)
    higher = select(Account.kind).where(Account.heading.is_(False), Account.code > code)
    for wanted in (lower.order_by(Account.code.desc()), higher.order_by(Account.code)):
        if (kind := session.scalars(wanted.limit(1)).one_or_none()) is not None:
            return kind
    return AccountKind.ASSET


def heading_of(session: Session, code: str) -> str:
    """Return the code and the name of the heading that an account stands under, if any."""
    parent = find_account(session, code).parent_id
    return _said(session.get_one(Account, parent)) if parent else ""


def _said(account: Account) -> str:
    return f"{account.code} {account.name}"


def _heading_for(session: Session, text: str, kind: AccountKind) -> Account:
    above = heading_named(session, text)
    if above.kind is not kind:
        raise HeadingOfOtherKind(heading=above.called, kind=_KINDS[above.kind])
    return above


def _beside(session: Session, code: str, kind: AccountKind) -> Account | None:
    """Return the heading of the account of the same kind with the nearest lower code."""
    lower = (
        select(Account.parent_id)
        .where(Account.kind == kind, Account.heading.is_(False), Account.code < code)
        .order_by(Account.code.desc())
        .limit(1)
    )
    parent = session.scalars(lower).one_or_none()
    return session.get(Account, parent) if parent else None


def _cash_flow_of(session: Session, above: Account | None, kind: AccountKind) -> CashFlow:
    usual = CashFlow.FINANCING if kind is AccountKind.EQUITY else CashFlow.OPERATING
    if above is None:
        return usual
    wanted = select(Account.cash_flow).where(
        Account.parent_id == above.id, Account.cash_flow.is_not(None)
    )
    classes = set(session.scalars(wanted.distinct()))
    return classes.pop() or usual if len(classes) == 1 else usual


def _line_above(session: Session, account: Account) -> list[Account]:
    line = [account]
    while (parent := line[-1].parent_id) is not None:
        line.append(session.get_one(Account, parent))
    return line
