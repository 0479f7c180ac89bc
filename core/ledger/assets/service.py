"""Classes of assets, and how an asset comes into the books and moves within the company."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import plain_table, total
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number, resolved
from core.kernel.numbering import next_number
from core.ledger.accounts import find_account, find_accounts
from core.ledger.assets import moving, rules
from core.ledger.assets.errors import (
    AssetClassExists,
    BelowResidual,
    LifeNeeded,
    NotInDocument,
    PercentNeeded,
    UnitsNeeded,
    UnknownAssetClass,
)
from core.ledger.assets.events import AssetAcquired, AssetClassesOpened, AssetTransferred
from core.ledger.assets.moving import Accounts, Delta
from core.ledger.assets.rules import Terms
from core.ledger.assets.standard import STANDARD
from core.ledger.assets.tables import (
    Asset,
    AssetClass,
    AssetMove,
    AssetState,
    Convention,
    DepreciationMethod,
    MoveKind,
)
from core.ledger.chart import (
    ACCUMULATED_DEPRECIATION,
    DEPRECIATION,
    FIXED_ASSETS,
    OPENING_BALANCE,
)
from core.ledger.dimensions import dimension_sets, dimensions_of, member_named
from core.ledger.errors import AmountNotPositive, KeptByDocuments
from core.ledger.rules import Dimensions, Line, credit, debit
from core.ledger.schedules.templates import dimensions_text
from core.ledger.service import post_entry
from core.ledger.tables import JournalEntry, Posting, Side

_FALLING = {DepreciationMethod.DECLINING_BALANCE, DepreciationMethod.DECLINING_THEN_STRAIGHT}
# Where an asset has no life of its own, the plan ends on the day it begins.
_NO_LIFE = {DepreciationMethod.UNITS, DepreciationMethod.NONE}


def add_class(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str = "",
    cost_account: str = FIXED_ASSETS,
    accumulated_account: str = ACCUMULATED_DEPRECIATION,
    expense_account: str = DEPRECIATION,
    method: DepreciationMethod = DepreciationMethod.STRAIGHT_LINE,
    convention: Convention = Convention.FULL_MONTH,
    months: int | None = None,
    percent: Decimal | None = None,
) -> AssetClass:
    """Add a class of assets: its accounts, and how its assets are usually depreciated."""
    open_standard_classes(session)
    if session.scalar(select(AssetClass.id).where(AssetClass.code == code)):
        raise AssetClassExists(code=code)
    accounts = find_accounts(session, {cost_account, accumulated_account, expense_account})
    added = AssetClass(
        code=code,
        name=name,
        name_zh=name_zh or name,
        cost_account_id=accounts[cost_account].id,
        accumulated_account_id=accounts[accumulated_account].id,
        expense_account_id=accounts[expense_account].id,
        method=method,
        convention=convention,
        months=months,
        percent=percent,
    )
    session.add(added)
    events.record(session, AssetClassesOpened((f"{code} {name}",)))
    session.flush()
    return added


def open_standard_classes(session: Session) -> None:
    """Open the classes that every company begins with, unless there are classes already."""
    if session.scalar(select(AssetClass.id).limit(1)):
        return
    accounts = find_accounts(session, {FIXED_ASSETS, ACCUMULATED_DEPRECIATION, DEPRECIATION})
    rows = [
        {
            "id": new_id(),
            "created_at": clock.now(),
            "code": each.code,
            "name": each.name,
            "name_zh": each.name_zh,
            "cost_account_id": accounts[FIXED_ASSETS].id,
            "accumulated_account_id": accounts[ACCUMULATED_DEPRECIATION].id,
            "expense_account_id": accounts[DEPRECIATION].id,
            "method": each.method,
            "convention": Convention.FULL_MONTH,
            "months": each.months,
            "percent": None,
        }
        for each in STANDARD
    ]
    # Two that need them first at the same moment both find them.
    added = upsert(plain_table(AssetClass)).values(rows).on_conflict_do_nothing()
    session.execute(added)
    opened = tuple(f"{each.code} {each.name}" for each in STANDARD)
    events.record(session, AssetClassesOpened(opened))


def find_class(session: Session, text: str) -> AssetClass:
    """Return the class that somebody means by its code or name, in either language."""
    open_standard_classes(session)
    among = select(AssetClass.code, AssetClass.name, AssetClass.name_zh)
    code = resolved(session, among, text, UnknownAssetClass)
    return session.scalars(select(AssetClass).where(AssetClass.code == code)).one()


def acquire_asset(
    session: Session,
    *,
    name: str,
    asset_class: str,
    cost: Money | None = None,
    residual: Money | None = None,
    document: str | None = None,
    against: str | None = None,
    acquired_on: date | None = None,
    in_service_on: date | None = None,
    months: int | None = None,
    method: DepreciationMethod | None = None,
    convention: Convention | None = None,
    percent: Decimal | None = None,
    units: Decimal | None = None,
    accumulated: Money | None = None,
    depreciated_through: date | None = None,
    dimensions: Dimensions = (),
) -> Asset:
    """Enter a fixed asset, and put its plan of depreciation in force.

    With a `document`, a bill that charged the account of the class, it is that charge, or `cost`
    of it, and nothing more is posted. Otherwise it comes `against` another account: the bank, or
    the opening balance, with what was depreciated before (`accumulated`, `depreciated_through`).
    """
    ours = company(session)
    of_class = find_class(session, asset_class)
    accounts = moving.accounts_of(session, of_class.id)
    asset = Asset(
        id=new_id(),
        number="",
        name=" ".join(name.split()),
        asset_class_id=of_class.id,
        reserve_minor=0,
        dimensions=_coded(session, dimensions),
        state=AssetState.ACTIVE,
    )
    nothing = Money(0, ours.currency)
    entry: JournalEntry | None = None
    if document is not None:
        entry, left = _charged(session, canonical_number(document), accounts.cost)
        cost = cost or left
        if cost.minor > left.minor or left.minor <= 0:
            raise NotInDocument(document=document, left=left, account=accounts.cost, asked=cost)
        acquired_on = entry.posted_on
    day = acquired_on or ours.today
    if cost is None or cost.minor <= 0:
        raise AmountNotPositive(amount=cost or nothing, account=accounts.cost)
    before, keeps = accumulated or nothing, residual or nothing
    if (cost - before).minor < keeps.minor or before.minor < 0 or keeps.minor < 0:
        raise BelowResidual(name=asset.name, value=cost - before, residual=keeps)
    asset.in_service_on = in_service_on or day
    terms = _terms(session, of_class, asset, months, method, convention, percent, units)
    if depreciated_through is not None:
        terms = _continued(terms, depreciated_through, asset.name)
    asset.number = next_number(session, "FA")
    asset.origin = entry.origin if entry is not None else asset.number
    # The asset carries its first move from the start: one without a cost is none of ours.
    asset.cost_minor, asset.accumulated_minor = cost.minor, before.minor
    asset.residual_minor = keeps.minor
    session.add(asset)
    session.flush()
    if entry is None:
        entry = _post_acquisition(
            session, asset, accounts, cost, before, against or OPENING_BALANCE, day
        )
    delta = Delta(cost=cost.minor, accumulated=before.minor, residual=keeps.minor)
    move = moving.write_move(
        session, asset, MoveKind.ACQUIRED, day, delta, entry=entry, carried=True
    )
    due = moving.put_in_force(session, asset, move, terms, units=units)
    events.record(
        session,
        AssetAcquired(
            number=asset.number,
            called=asset.name,
            asset_class=of_class.code,
            cost=cost,
            residual=keeps,
            accumulated=before,
            terms=said(terms, units),
            first_due=due[0].due_on.isoformat() if due else "",
            first=due[0].amount if due else nothing,
            last_due=due[-1].due_on.isoformat() if due else "",
            lines=len(due),
            origin=asset.origin,
            by_hand=document is None,
        ),
    )
    return asset


def transfer_asset(
    session: Session, text: str, *, dimensions: Dimensions, on: date | None = None
) -> Asset:
    """Let the depreciation that is not posted yet belong elsewhere: to another cost centre."""
    asset = moving.own_asset(session, text)
    day = on or company(session).today
    merged = {**dict(dimensions_of(asset.dimensions)), **dict(dimensions)}
    coded = _coded(session, tuple(merged.items()))
    before, asset.dimensions = asset.dimensions, coded
    moving.write_move(session, asset, MoveKind.TRANSFERRED, day, Delta(), dimensions_before=before)
    events.record(session, AssetTransferred(asset.number, before, coded))
    return asset


def said(terms: Terms, units: Decimal | None = None) -> str:
    """Say how an asset is depreciated, as data without words of either language."""
    parts = [terms.method.value]
    if terms.percent is not None and terms.method in _FALLING:
        parts.append(f"{plain(terms.percent)} %")
    if units is not None:
        parts.append(plain(units))
    if terms.convention is Convention.PRO_RATA:
        parts.append(terms.convention.value)
    return " ".join(parts)


def _coded(session: Session, dimensions: Dimensions) -> str:
    pairs = tuple((name, member_named(session, name, text).code) for name, text in dimensions)
    # Members that are blocked are refused now, and not on the day it is due.
    dimension_sets(session, {pairs})
    return dimensions_text(pairs)


def _charged(session: Session, document: str, account: str) -> tuple[JournalEntry, Money]:
    """Return the entry of a document, locked, and what it charged that is no asset yet."""
    currency = company(session).currency
    wanted = (
        select(JournalEntry)
        .where(JournalEntry.origin == document, JournalEntry.reverses_id.is_(None))
        .order_by(JournalEntry.number)
        .limit(1)
        # The lock lets two that enter the same charge wait for one another.
        .with_for_update()
    )
    entry = session.scalars(wanted).one_or_none()
    nothing = Money(0, currency)
    if entry is None:
        raise NotInDocument(document=document, left=nothing, account=account, asked=nothing)
    on_account = find_account(session, account).id
    signed = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
    charged = select(total(signed)).where(
        Posting.entry_id == entry.id, Posting.account_id == on_account
    )
    taken = (
        select(total(AssetMove.cost_minor))
        .join(Asset, Asset.id == AssetMove.asset_id)
        .join(AssetClass, AssetClass.id == Asset.asset_class_id)
        .where(
            AssetMove.entry_id == entry.id,
            AssetMove.standing,
            AssetClass.cost_account_id == on_account,
        )
    )
    minor = session.scalars(charged).one() - session.scalars(taken).one()
    return entry, Money(minor, currency)


def _terms(
    session: Session,
    of_class: AssetClass,
    asset: Asset,
    months: int | None,
    method: DepreciationMethod | None,
    convention: Convention | None,
    percent: Decimal | None,
    units: Decimal | None,
) -> Terms:
    by = method or of_class.method
    counts = convention or of_class.convention
    life = months or of_class.months
    rate = percent or of_class.percent
    if by in _FALLING and rate is None:
        raise PercentNeeded(what=asset.name)
    if by is DepreciationMethod.UNITS and not units:
        raise UnitsNeeded(what=asset.name)
    starts_on = rules.first_day(asset.in_service_on, by, counts)
    if by in _NO_LIFE:
        return Terms(by, counts, starts_on, starts_on)
    if not life:
        raise LifeNeeded(what=asset.name)
    return Terms(
        by,
        counts,
        starts_on,
        rules.last_day(asset.in_service_on, life, by, counts),
        rate if by in _FALLING else None,
        moving.year_begins(session, starts_on),
    )


def _continued(terms: Terms, through: date, name: str) -> Terms:
    """Return the terms of what is left of a life, after a day."""
    begins = max(terms.starts_on, through + timedelta(days=1))
    if terms.method in _NO_LIFE:
        return Terms(terms.method, terms.convention, begins, begins)
    if begins > terms.ends_on:
        raise LifeNeeded(what=name)
    return Terms(
        terms.method, terms.convention, begins, terms.ends_on, terms.percent, terms.year_begins
    )


def _post_acquisition(
    session: Session,
    asset: Asset,
    accounts: Accounts,
    cost: Money,
    accumulated: Money,
    against: str,
    day: date,
) -> JournalEntry:
    other = find_account(session, against)
    if other.control is not None:
        raise KeptByDocuments(account=other.called)
    lines: list[Line] = [debit(accounts.cost, cost)]
    if accumulated.minor:
        lines.append(credit(accounts.accumulated, accumulated))
    if (cost - accumulated).minor:
        lines.append(credit(other.code, cost - accumulated))
    memo = f"{asset.number} {asset.name}"
    return post_entry(session, lines, memo=memo, origin=asset.number, posted_on=day)
