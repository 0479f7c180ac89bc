"""What happens to an asset besides wear: worth more, worth less, sold, scrapped, or undone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.ledger.accounts import find_account
from core.ledger.assets import moving, rules
from core.ledger.assets.errors import (
    AssetGone,
    LifeNeeded,
    NothingToTakeBack,
    ShareOutOfRange,
    ValueStaysAsItIs,
)
from core.ledger.assets.events import AssetDisposed, AssetMoveTakenBack, AssetRevalued
from core.ledger.assets.moving import Delta
from core.ledger.assets.rules import Terms
from core.ledger.assets.runs import depreciate_until
from core.ledger.assets.tables import (
    Asset,
    AssetMove,
    AssetPlan,
    AssetState,
    DepreciationMethod,
    MoveKind,
)
from core.ledger.chart import (
    BANK,
    DISPOSAL_GAIN,
    DISPOSAL_LOSS,
    IMPAIRMENT,
    RETAINED_EARNINGS,
    REVALUATION_RESERVE,
)
from core.ledger.dimensions import dimensions_of
from core.ledger.errors import AmountNotPositive, KeptByDocuments
from core.ledger.rules import Line, credit, debit
from core.ledger.schedules.days import OpenDays
from core.ledger.service import post_entry, reverse_entry
from core.ledger.tables import JournalEntry

_WHOLE = Decimal(100)


@dataclass(frozen=True)
class _Left:
    """What leaves with a share of an asset."""

    delta: Delta
    book_value: Money
    gain: Money


def revalue_asset(
    session: Session,
    text: str,
    *,
    to: Money,
    on: date | None = None,
    residual: Money | None = None,
    months: int | None = None,
    because: str = "",
) -> Asset:
    """Set what an asset is worth; it is depreciated until then, and the plan goes on from there.

    More goes to the revaluation reserve; less first uses up the reserve of this asset, and the
    rest is a loss. `months` says how long it lasts from now on, where that changes too.
    """
    asset = moving.own_asset(session, text)
    day = on or company(session).today
    moving.require_not_before_last_move(session, asset, day)
    begins = depreciate_until(session, asset, day)
    _set_value(session, asset, to, day, begins, residual, months, because, MoveKind.REVALUED)
    return asset


def impair_asset(
    session: Session, text: str, *, by: Money, on: date | None = None, because: str
) -> Asset:
    """Write an asset down by an amount: it is worth that much less than the books say."""
    asset = moving.own_asset(session, text)
    day = on or company(session).today
    if by.minor <= 0:
        raise AmountNotPositive(amount=by, account=asset.number)
    moving.require_not_before_last_move(session, asset, day)
    begins = depreciate_until(session, asset, day)
    to = moving.book_value(asset, by.currency) - by
    _set_value(session, asset, to, day, begins, None, None, because, MoveKind.IMPAIRED)
    return asset


def dispose_asset(
    session: Session,
    text: str,
    *,
    proceeds: Money | None = None,
    against: str = BANK,
    on: date | None = None,
    share_percent: Decimal = _WHOLE,
    of_document: str = "",
) -> AssetDisposed:
    """Take an asset, or a share of it, out of the books; it is depreciated until then.

    What came in (`proceeds`, on the account `against`) less what it was worth is a gain or a
    loss; scrapped, it is a loss. For the room that charged a customer, `of_document` is that
    invoice, and `against` the account that it was credited to.
    """
    asset = moving.own_asset(session, text)
    ours = company(session)
    day = on or ours.today
    if not 0 < share_percent <= _WHOLE:
        raise ShareOutOfRange(percent=plain(share_percent))
    came = proceeds or Money(0, ours.currency)
    if came.minor < 0:
        raise AmountNotPositive(amount=came, account=against)
    moving.require_not_before_last_move(session, asset, day)
    begins = depreciate_until(session, asset, day)
    terms = _terms_left(session, asset, begins)
    left = _left(session, asset, share_percent, came)
    entry = post_entry(
        session,
        _disposal_lines(session, asset, left, came, against),
        memo=f"{asset.number} {asset.name}",
        origin=asset.number,
        posted_on=day,
    )
    is_whole = share_percent == _WHOLE
    if is_whole:
        asset.state = AssetState.DISPOSED
    kind = MoveKind.DISPOSED if is_whole else MoveKind.PARTLY_DISPOSED
    with session.no_autoflush:
        move = moving.write_move(session, asset, kind, day, left.delta, entry=entry)
    if not is_whole:
        _go_on(session, asset, move, terms)
    fact = AssetDisposed(
        number=asset.number,
        called=asset.name,
        share_percent=plain(share_percent),
        book_value=left.book_value,
        proceeds=came,
        gain=left.gain,
        whole=is_whole,
        of_document=of_document,
    )
    events.record(session, fact)
    return fact


def take_back_move(session: Session, text: str, *, because: str) -> AssetMove:
    """Undo the last thing that happened to an asset: its entry is reversed, its plan as before.

    An acquisition that is taken back leaves no asset. A depreciation is taken back by its run.
    """
    asset = moving.find_asset(session, text, lock=True)
    if asset.state is AssetState.CANCELLED:
        raise AssetGone(number=asset.number, state=asset.state)
    move = session.scalars(moving.standing_moves(asset.id).limit(1)).one()
    if move.run_id is not None:
        raise NothingToTakeBack(number=asset.number)
    with session.no_autoflush:
        moving.carry(asset, move, -1)
        move.standing = False
        if move.kind is MoveKind.ACQUIRED:
            asset.state = AssetState.CANCELLED
        elif move.kind is MoveKind.DISPOSED:
            asset.state = AssetState.ACTIVE
        if move.dimensions_before is not None:
            asset.dimensions = move.dimensions_before
    session.flush()
    if move.entry_id is not None:
        entry = session.get_one(JournalEntry, move.entry_id)
        # The entry of a document is the document's: it stays.
        if entry.origin == asset.number:
            day = OpenDays(session).first(entry.posted_on)
            reverse_entry(session, entry.number, because=because, posted_on=day)
    events.record(session, AssetMoveTakenBack(asset.number, move.kind, because))
    return move


def _set_value(
    session: Session,
    asset: Asset,
    to: Money,
    day: date,
    begins: date,
    residual: Money | None,
    months: int | None,
    because: str,
    kind: MoveKind,
) -> None:
    before = moving.book_value(asset, to.currency)
    if to.minor < 0:
        raise AmountNotPositive(amount=to, account=asset.number)
    if to == before:
        raise ValueStaysAsItIs(number=asset.number, value=before)
    terms = _terms_left(session, asset, begins, months)
    # What is worth less than it was expected to keep, keeps no more than that.
    keeps = min(residual or Money(asset.residual_minor, to.currency), to)
    _require_life(asset, *terms, worth=to.minor - keeps.minor)
    difference = abs(to.minor - before.minor)
    if to.minor > before.minor:
        delta = Delta(cost=difference, reserve=difference)
    else:
        delta = Delta(accumulated=difference, reserve=-min(asset.reserve_minor, difference))
    entry = post_entry(
        session,
        _value_lines(session, asset, delta, to.currency),
        memo=because or f"{asset.number} {asset.name}",
        origin=asset.number,
        posted_on=day,
    )
    delta = Delta(delta.cost, delta.accumulated, keeps.minor - asset.residual_minor, delta.reserve)
    move = moving.write_move(session, asset, kind, day, delta, entry=entry)
    lines = _go_on(session, asset, move, terms)
    events.record(
        session,
        AssetRevalued(
            number=asset.number,
            called=asset.name,
            before=before,
            after=to,
            last_due=lines[-1].due_on.isoformat() if lines else "",
            because=because,
        ),
    )


def _value_lines(session: Session, asset: Asset, delta: Delta, currency: str) -> list[Line]:
    accounts = moving.accounts_of(session, asset.asset_class_id)
    if delta.cost:
        more = Money(delta.cost, currency)
        return [debit(accounts.cost, more), credit(REVALUATION_RESERVE, more)]
    less, of_reserve = Money(delta.accumulated, currency), Money(-delta.reserve, currency)
    lines = [credit(accounts.accumulated, less)]
    if of_reserve.minor:
        lines.insert(0, debit(REVALUATION_RESERVE, of_reserve))
    if (loss := less - of_reserve).minor:
        dimensions = dimensions_of(asset.dimensions)
        lines.insert(0, debit(IMPAIRMENT, loss, dimensions=dimensions))
    return lines


def _terms_left(
    session: Session, asset: Asset, begins: date, months: int | None = None
) -> tuple[Terms, AssetPlan]:
    """Return the terms of the plan from a day on: to its end, or for so many months."""
    plan = moving.plan_in_force(session, asset.id)
    ends_on = plan.ends_on
    if months:
        ends_on = rules.last_day(begins, months, plan.method, plan.convention)
    terms = Terms(
        plan.method,
        plan.convention,
        begins,
        max(ends_on, begins),
        plan.percent,
        moving.year_begins(session, begins),
    )
    return terms, plan


def _go_on(
    session: Session, asset: Asset, move: AssetMove, terms_and_plan: tuple[Terms, AssetPlan]
) -> list[rules.PlanLine]:
    """Put the plan in force that goes on from what the asset carries now."""
    terms, plan = terms_and_plan
    units = None
    if plan.units is not None:
        began = session.get_one(AssetMove, plan.move_id).position
        wanted = select(AssetMove.units).where(
            AssetMove.asset_id == asset.id, AssetMove.standing, AssetMove.position > began
        )
        used = sum((each for each in session.scalars(wanted) if each), Decimal(0))
        # What was expected and is not used; more use than that leaves a unit, and all of the rest.
        units = max(plan.units - used, Decimal(1))
    return moving.put_in_force(session, asset, move, terms, units=units)


def _require_life(asset: Asset, terms: Terms, plan: AssetPlan, *, worth: int) -> None:
    is_over = plan.ends_on < terms.starts_on and terms.ends_on == terms.starts_on
    has_life = plan.method not in {DepreciationMethod.UNITS, DepreciationMethod.NONE}
    if is_over and worth > 0 and has_life:
        raise LifeNeeded(what=asset.number)


def _left(session: Session, asset: Asset, percent: Decimal, came: Money) -> _Left:
    rounding = company(session).rounding

    def share(minor: int) -> int:
        return rules.percent_of(minor, percent, rounding)

    cost, accumulated = share(asset.cost_minor), share(asset.accumulated_minor)
    if not 0 < cost <= asset.cost_minor - (percent < _WHOLE):
        raise ShareOutOfRange(percent=plain(percent))
    stays = asset.cost_minor - cost - (asset.accumulated_minor - accumulated)
    # Each is rounded by itself: what stays keeps no more than it is worth.
    keeps = min(asset.residual_minor - share(asset.residual_minor), stays)
    delta = Delta(-cost, -accumulated, keeps - asset.residual_minor, -share(asset.reserve_minor))
    worth = Money(cost - accumulated, came.currency)
    return _Left(delta, worth, came - worth)


def _disposal_lines(
    session: Session, asset: Asset, left: _Left, came: Money, against: str
) -> list[Line]:
    other = find_account(session, against)
    if other.control is not None:
        raise KeptByDocuments(account=other.called)
    accounts = moving.accounts_of(session, asset.asset_class_id)
    dimensions = dimensions_of(asset.dimensions)
    signed = [
        (other.code, came.minor),
        (accounts.accumulated, -left.delta.accumulated),
        (accounts.cost, left.delta.cost),
        (REVALUATION_RESERVE, -left.delta.reserve),
        (RETAINED_EARNINGS, left.delta.reserve),
        (DISPOSAL_LOSS, max(-left.gain.minor, 0)),
        (DISPOSAL_GAIN, -max(left.gain.minor, 0)),
    ]
    lines = []
    for account, minor in signed:
        if minor:
            side = debit if minor > 0 else credit
            result = account in {DISPOSAL_LOSS, DISPOSAL_GAIN}
            amount = Money(abs(minor), came.currency)
            lines.append(side(account, amount, dimensions=dimensions if result else ()))
    return lines
