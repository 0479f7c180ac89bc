"""The inner verbs of the register: lock an asset, write a move, put a plan in force."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number, resolved
from core.ledger.assets import rules
from core.ledger.assets.errors import AssetGone, BeforeLastMove, UnknownAsset
from core.ledger.assets.rules import PlanLine, Terms
from core.ledger.assets.tables import (
    Asset,
    AssetClass,
    AssetMove,
    AssetPlan,
    AssetPlanLine,
    AssetState,
    MoveKind,
)
from core.ledger.tables import Account, FiscalYear, JournalEntry


@dataclass(frozen=True)
class Accounts:
    """The codes of the accounts that a class posts to."""

    cost: str
    accumulated: str
    expense: str


@dataclass(frozen=True)
class Delta:
    """By how many minor units a move changes what an asset carries."""

    cost: int = 0
    accumulated: int = 0
    residual: int = 0
    reserve: int = 0


def find_asset(session: Session, text: str, *, lock: bool = False) -> Asset:
    """Return the asset that somebody means by its number or its name."""
    number = canonical_number(text)
    if session.scalar(select(Asset.id).where(Asset.number == number)) is None:
        among = select(Asset.number, Asset.name, Asset.name)
        number = resolved(session, among, text, UnknownAsset)
    wanted = select(Asset).where(Asset.number == number)
    if lock:
        wanted = wanted.with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def own_asset(session: Session, text: str) -> Asset:
    """Return an asset that we have, locked."""
    asset = find_asset(session, text, lock=True)
    if asset.state is not AssetState.ACTIVE:
        raise AssetGone(number=asset.number, state=asset.state)
    return asset


def book_value(asset: Asset, currency: str) -> Money:
    """Return what an asset is worth in the books now."""
    return Money(asset.cost_minor - asset.accumulated_minor, currency)


def accounts_of(session: Session, asset_class_id: uuid.UUID) -> Accounts:
    """Return the accounts of a class."""
    found = session.get_one(AssetClass, asset_class_id)
    ids = (found.cost_account_id, found.accumulated_account_id, found.expense_account_id)
    wanted = select(Account.id, Account.code).where(Account.id.in_(ids))
    codes = dict(iter(session.execute(wanted)))
    return Accounts(*(codes[each] for each in ids))


def standing_moves(asset_id: uuid.UUID) -> Select[AssetMove]:
    """Select what happened to an asset and stands, the newest first."""
    return (
        select(AssetMove)
        .where(AssetMove.asset_id == asset_id, AssetMove.standing)
        .order_by(AssetMove.position.desc())
    )


def require_not_before_last_move(session: Session, asset: Asset, day: date) -> None:
    """Refuse to date something before what happened to the asset already."""
    last = session.scalars(standing_moves(asset.id).limit(1)).one()
    since = last.due_on or last.posted_on
    if day < since:
        raise BeforeLastMove(number=asset.number, last=since)


def write_move(
    session: Session,
    asset: Asset,
    kind: MoveKind,
    posted_on: date,
    delta: Delta,
    *,
    entry: JournalEntry | None = None,
    due_on: date | None = None,
    run_id: uuid.UUID | None = None,
    units: Decimal | None = None,
    dimensions_before: str | None = None,
    carried: bool = False,
) -> AssetMove:
    """Write a move and carry it to the asset, unless it does; who calls has locked the asset."""
    last = select(AssetMove.position).where(AssetMove.asset_id == asset.id)
    position = session.scalar(last.order_by(AssetMove.position.desc()).limit(1)) or 0
    move = AssetMove(
        id=new_id(),
        asset_id=asset.id,
        position=position + 1,
        kind=kind,
        posted_on=posted_on,
        cost_minor=delta.cost,
        accumulated_minor=delta.accumulated,
        residual_minor=delta.residual,
        reserve_minor=delta.reserve,
        due_on=due_on,
        units=units,
        dimensions_before=dimensions_before,
        run_id=run_id,
        entry_id=entry.id if entry is not None else None,
    )
    session.add(move)
    if not carried:
        carry(asset, move, 1)
    session.flush()
    return move


def carry(asset: Asset, move: AssetMove, sign: int) -> None:
    """Add a move to what an asset carries, or take it off again."""
    asset.cost_minor += sign * move.cost_minor
    asset.accumulated_minor += sign * move.accumulated_minor
    asset.residual_minor += sign * move.residual_minor
    asset.reserve_minor += sign * move.reserve_minor


def plan_in_force(session: Session, asset_id: uuid.UUID) -> AssetPlan:
    """Return the plan that counts: the newest one of a move that stands."""
    wanted = (
        select(AssetPlan)
        .join(AssetMove, AssetMove.id == AssetPlan.move_id)
        .where(AssetPlan.asset_id == asset_id, AssetMove.standing)
        .order_by(AssetMove.position.desc())
        .limit(1)
    )
    return session.scalars(wanted).one()


def lines_of_plan(session: Session, plan_id: uuid.UUID) -> list[PlanLine]:
    """Return what is due of a plan, in its order, whether it is posted or not."""
    currency = company(session).currency
    wanted = select(AssetPlanLine.due_on, AssetPlanLine.amount_minor)
    wanted = wanted.where(AssetPlanLine.plan_id == plan_id).order_by(AssetPlanLine.due_on)
    return [PlanLine(day, Money(minor, currency)) for day, minor in session.execute(wanted)]


def put_in_force(
    session: Session,
    asset: Asset,
    move: AssetMove,
    terms: Terms,
    *,
    units: Decimal | None = None,
    lines: Sequence[PlanLine] | None = None,
) -> list[PlanLine]:
    """Put a new plan in force from what the asset carries now; return what is due of it.

    The lines follow from the terms, unless they are what is left of the plan before.
    """
    ours = company(session)
    value, residual = book_value(asset, ours.currency), Money(asset.residual_minor, ours.currency)
    plan = AssetPlan(
        id=new_id(),
        asset_id=asset.id,
        move_id=move.id,
        method=terms.method,
        convention=terms.convention,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        percent=terms.percent,
        units=units,
        value_minor=value.minor,
        residual_minor=residual.minor,
    )
    session.add(plan)
    # The plan first: its lines refer to it, and nothing else says so to the session.
    session.flush()
    due = list(rules.plan(value, residual, terms, ours.rounding) if lines is None else lines)
    session.add_all(
        AssetPlanLine(plan_id=plan.id, due_on=line.due_on, amount_minor=line.amount.minor)
        for line in due
    )
    session.flush()
    return due


def year_begins(session: Session, day: date) -> int:
    """Return the month in which the fiscal years begin."""
    wanted = select(FiscalYear.starts_on).order_by(FiscalYear.starts_on)
    within = wanted.where(FiscalYear.starts_on <= day, FiscalYear.ends_on >= day)
    found = session.scalar(within) or session.scalar(wanted.limit(1))
    return found.month if found is not None else 1
