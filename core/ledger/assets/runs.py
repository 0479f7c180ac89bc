"""The run: depreciate what is due through a day, each month of an asset exactly once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.assets import moving, rules
from core.ledger.assets.errors import (
    DepreciationTakenBack,
    LaterMoves,
    NotByUnits,
    NothingToDepreciate,
    ResidualReached,
    UnknownDepreciationRun,
)
from core.ledger.assets.events import AssetsDepreciated, RunTakenBack, UseTold
from core.ledger.assets.moving import Delta
from core.ledger.assets.rules import PlanLine, Terms
from core.ledger.assets.tables import (
    Asset,
    AssetMove,
    AssetPlan,
    AssetPlanLine,
    AssetState,
    DepreciationMethod,
    DepreciationRun,
    MoveKind,
)
from core.ledger.dimensions import dimensions_of
from core.ledger.rules import Dimensions, credit, debit
from core.ledger.schedules.days import OpenDays
from core.ledger.service import post_entry, reverse_entry
from core.ledger.tables import JournalEntry

# More in one run is a mistyped year; the next run posts the rest.
LINES_MAX = 20_000
_ONCE = "uq_asset_move_due_once"


@dataclass(frozen=True)
class Due:
    """A line of a plan in force that is due: of which asset, for what, how much."""

    asset: Asset
    due_on: date
    amount: Money


def depreciate(
    session: Session, *, through: date | None = None, asset: str | None = None
) -> DepreciationRun:
    """Post what is due of all assets, or of one, through a day, and not posted yet.

    One entry a month; in a closed period, it is dated on the first open day after it. Two runs at
    once post everything once: the second waits for the first, and finds it done.
    """
    last = through or company(session).today
    due = due_through(session, last, asset)
    if not due:
        raise NothingToDepreciate(through=last)
    return post_due(session, due, through=last)


def due_through(session: Session, last: date, text: str | None = None) -> list[Due]:
    """Return what is due and not posted through a day, of assets that are locked by now."""
    one = moving.own_asset(session, text) if text is not None else None
    concerned = select(Asset).where(Asset.state == AssetState.ACTIVE)
    if one is not None:
        concerned = concerned.where(Asset.id == one.id)
    waiting = due_lines(last).with_only_columns(AssetPlan.asset_id)
    # The locks, in one order, keep a second run waiting until the first is done.
    locked = concerned.where(Asset.id.in_(waiting)).order_by(Asset.id).with_for_update()
    assets = {
        each.id: each for each in session.scalars(locked.execution_options(populate_existing=True))
    }
    currency = company(session).currency
    wanted = due_lines(last).where(AssetPlan.asset_id.in_(list(assets)))
    wanted = wanted.order_by(AssetPlanLine.due_on, AssetPlan.asset_id).limit(LINES_MAX)
    return [
        Due(assets[asset_id], due_on, Money(minor, currency))
        for asset_id, due_on, minor in session.execute(wanted)
    ]


def due_lines(last: date) -> Select[uuid.UUID, date, int]:
    """Select the lines of plans in force that are due through a day and not posted."""
    in_force = (
        select(AssetPlan.id)
        .join(AssetMove, AssetMove.id == AssetPlan.move_id)
        .where(AssetMove.standing)
        .ext(distinct_on(AssetPlan.asset_id))
        .order_by(AssetPlan.asset_id, AssetMove.position.desc())
    )
    posted = select(AssetMove.id).where(
        AssetMove.asset_id == AssetPlan.asset_id,
        AssetMove.due_on == AssetPlanLine.due_on,
        AssetMove.standing,
    )
    return (
        select(AssetPlan.asset_id, AssetPlanLine.due_on, AssetPlanLine.amount_minor)
        .join(AssetPlan, AssetPlan.id == AssetPlanLine.plan_id)
        .join(Asset, Asset.id == AssetPlan.asset_id)
        .where(
            AssetPlan.id.in_(in_force),
            AssetPlanLine.due_on <= last,
            Asset.state == AssetState.ACTIVE,
            ~exists(posted),
        )
    )


def post_due(session: Session, due: Sequence[Due], *, through: date) -> DepreciationRun:
    """Post these lines in one run: an entry for every day on which something is due."""
    run = DepreciationRun(id=new_id(), number=next_number(session, "DEP"), through=through)
    session.add(run)
    session.flush()
    days = OpenDays(session)
    by_asset: dict[uuid.UUID, tuple[str, Money]] = {}
    for due_on in sorted({each.due_on for each in due}):
        of_day = [each for each in due if each.due_on == due_on]
        entry = _post_month(session, run, due_on, of_day, days.first(due_on))
        for each in of_day:
            delta = Delta(accumulated=each.amount.minor)
            try:
                moving.write_move(
                    session, each.asset, MoveKind.DEPRECIATED, entry.posted_on, delta,
                    entry=entry, due_on=due_on, run_id=run.id,
                )  # fmt: skip
            except IntegrityError as error:
                # Somebody posted it since we looked; the database was the last to look.
                if broken_constraint(error) != _ONCE:
                    raise
                raise NothingToDepreciate(through=through) from error
            said, so_far = by_asset.get(
                each.asset.id,
                (f"{each.asset.number} {each.asset.name}", Money(0, each.amount.currency)),
            )
            by_asset[each.asset.id] = said, so_far + each.amount
    amounts = [amount for _, amount in by_asset.values()]
    events.record(
        session,
        AssetsDepreciated(
            number=run.number,
            through=through.isoformat(),
            posted=sum(amounts[1:], start=amounts[0]),
            assets=tuple(by_asset.values()),
        ),
    )
    session.flush()
    return run


def depreciate_until(session: Session, asset: Asset, day: date) -> date:
    """Depreciate one asset, locked by who calls, up to a day on which something happens to it.

    Months that are over are posted; of one that is not, its days up to then, where days count.
    Return the first day that is still to be depreciated.
    """
    plan = moving.plan_in_force(session, asset.id)
    due = due_through(session, day, asset.number)
    if due:
        post_due(session, due, through=day)
    lines = moving.lines_of_plan(session, plan.id)
    begins = max(
        [line.due_on + timedelta(days=1) for line in lines if line.due_on <= day],
        default=plan.starts_on,
    )
    later = [line for line in lines if line.due_on > day]
    if not later or day < begins or not rules.counts_days(plan.method, plan.convention):
        return begins
    first, rest = rules.part_until(later[0], begins, day, company(session).rounding)
    if not first.minor:
        return begins
    run = post_due(session, [Due(asset, day, first)], through=day)
    # What is left of the line is due on its own day, and all that follow as they were.
    remaining = [PlanLine(later[0].due_on, rest)] if rest.minor else []
    wanted = select(AssetMove).where(AssetMove.run_id == run.id)
    move = session.scalars(wanted).one()
    begins = day + timedelta(days=1)
    terms = Terms(plan.method, plan.convention, begins, plan.ends_on, plan.percent)
    moving.put_in_force(session, asset, move, terms, lines=[*remaining, *later[1:]])
    return begins


def tell_use(session: Session, text: str, *, units: Decimal, on: date | None = None) -> AssetMove:
    """Depreciate an asset by what it has made or run since the last time."""
    asset = moving.own_asset(session, text)
    ours = company(session)
    day = on or ours.today
    plan = moving.plan_in_force(session, asset.id)
    if plan.method is not DepreciationMethod.UNITS or plan.units is None:
        raise NotByUnits(number=asset.number)
    moving.require_not_before_last_move(session, asset, day)
    began = session.get_one(AssetMove, plan.move_id).position
    wanted = moving.standing_moves(asset.id).where(AssetMove.position > began)
    earlier = [move for move in session.scalars(wanted) if move.units is not None]
    used = sum((move.units for move in earlier if move.units), units)
    to_write_off = Money(plan.value_minor - plan.residual_minor, ours.currency)
    whole = rules.of_use(to_write_off, used, plan.units, ours.rounding)
    amount = whole - Money(sum(move.accumulated_minor for move in earlier), ours.currency)
    if amount.minor <= 0:
        residual = Money(asset.residual_minor, ours.currency)
        raise ResidualReached(number=asset.number, residual=residual)
    accounts = moving.accounts_of(session, asset.asset_class_id)
    entry = post_entry(
        session,
        [
            debit(accounts.expense, amount, dimensions=dimensions_of(asset.dimensions)),
            credit(accounts.accumulated, amount),
        ],
        memo=f"{asset.number} {plain(units)} ×",
        origin=asset.number,
        posted_on=day,
    )
    move = moving.write_move(
        session, asset, MoveKind.DEPRECIATED, day, Delta(accumulated=amount.minor),
        entry=entry, units=units,
    )  # fmt: skip
    events.record(session, UseTold(asset.number, plain(units), amount))
    return move


def take_back_run(session: Session, number: str, *, because: str) -> DepreciationRun:
    """Reverse what a run depreciated, unless more has happened to its assets; it is due again."""
    said = canonical_number(number)
    wanted = select(DepreciationRun).where(DepreciationRun.number == said).with_for_update()
    run = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise UnknownDepreciationRun(number=number)
    if run.taken_back:
        raise DepreciationTakenBack(number=run.number)
    moves = list(session.scalars(select(AssetMove).where(AssetMove.run_id == run.id)))
    concerned = select(Asset).where(Asset.id.in_({move.asset_id for move in moves}))
    locked = concerned.order_by(Asset.id).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    assets = {each.id: each for each in session.scalars(fresh)}
    for asset in assets.values():
        last = session.scalars(moving.standing_moves(asset.id).limit(1)).one()
        if last.run_id != run.id:
            raise LaterMoves(number=asset.number, later=last.kind, on=last.posted_on)
    minor = 0
    for move in moves:
        moving.carry(assets[move.asset_id], move, -1)
        move.standing = False
        minor += move.accumulated_minor
    run.taken_back = True
    session.flush()
    days = OpenDays(session)
    for entry_id in {move.entry_id for move in moves if move.entry_id}:
        entry = session.get_one(JournalEntry, entry_id)
        reverse_entry(session, entry.number, because=because, posted_on=days.first(entry.posted_on))
    posted = Money(minor, company(session).currency)
    events.record(session, RunTakenBack(run.number, posted, because))
    session.flush()
    return run


def _post_month(
    session: Session, run: DepreciationRun, due_on: date, due: Sequence[Due], posted_on: date
) -> JournalEntry:
    """Post what is due on a day: a line for each account and place it belongs to."""
    spent: dict[tuple[str, Dimensions], int] = {}
    gathered: dict[str, int] = {}
    for each in due:
        accounts = moving.accounts_of(session, each.asset.asset_class_id)
        key = accounts.expense, dimensions_of(each.asset.dimensions)
        spent[key] = spent.get(key, 0) + each.amount.minor
        gathered[accounts.accumulated] = gathered.get(accounts.accumulated, 0) + each.amount.minor
    currency = due[0].amount.currency
    lines = [
        debit(account, Money(minor, currency), dimensions=dimensions)
        for (account, dimensions), minor in spent.items()
    ]
    lines += [credit(account, Money(minor, currency)) for account, minor in gathered.items()]
    return post_entry(
        session,
        lines,
        memo=f"{run.number} {due_on:%Y-%m}",
        origin=run.number,
        posted_on=posted_on,
    )
