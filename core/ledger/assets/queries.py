"""Questions to the register of assets; answers are frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger.assets import moving
from core.ledger.assets.runs import due_lines
from core.ledger.assets.standard import STANDARD
from core.ledger.assets.tables import (
    Asset,
    AssetClass,
    AssetMove,
    AssetState,
    DepreciationMethod,
    DepreciationRun,
    MoveKind,
)
from core.ledger.chart import ACCUMULATED_DEPRECIATION, FIXED_ASSETS
from core.ledger.tables import Account, JournalEntry, Posting, Side
from core.ledger.totals import daily_sums

LIST_MAX = 2_000


@dataclass(frozen=True)
class AssetView:
    """An asset as people read it, with what it carries."""

    number: str
    name: str
    asset_class: str
    state: AssetState
    in_service_on: date
    cost: Money
    accumulated: Money
    residual: Money
    reserve: Money
    dimensions: str
    origin: str

    @property
    def book_value(self) -> Money:
        """What it is worth in the books."""
        return self.cost - self.accumulated


@dataclass(frozen=True)
class PlanLineView:
    """A line of a plan: what is left after it, and the entry, once it is posted."""

    due_on: date
    amount: Money
    book_value: Money
    entry: str


@dataclass(frozen=True)
class MoveView:
    """Something that happened to an asset, and what it was worth then."""

    kind: MoveKind
    posted_on: date
    cost: Money
    accumulated: Money
    entry: str


@dataclass(frozen=True)
class AssetPlanView:
    """An asset with how it is depreciated, what happened to it, and what is to come."""

    asset: AssetView
    method: DepreciationMethod
    ends_on: date
    lines: tuple[PlanLineView, ...]
    moves: tuple[MoveView, ...]


@dataclass(frozen=True)
class ClassView:
    """A class of assets."""

    code: str
    name: str
    name_zh: str
    method: DepreciationMethod
    months: int | None


@dataclass(frozen=True)
class RegisterRow:
    """How the assets of a class moved in a stretch of days."""

    asset_class: str
    name: str
    name_zh: str
    opening_cost: Money
    additions: Money
    revalued: Money
    disposed: Money
    opening_accumulated: Money
    depreciated: Money
    impaired: Money
    released: Money

    @property
    def closing_cost(self) -> Money:
        """What they cost that are there in the end."""
        return self.opening_cost + self.additions + self.revalued - self.disposed

    @property
    def closing_accumulated(self) -> Money:
        """What is depreciated of them in the end."""
        return self.opening_accumulated + self.depreciated + self.impaired - self.released

    @property
    def book_value(self) -> Money:
        """What they are worth in the end."""
        return self.closing_cost - self.closing_accumulated


@dataclass(frozen=True)
class Unregistered:
    """What an account for assets carries that no asset in the register explains."""

    account: str
    name: str
    name_zh: str
    books: Money
    register: Money

    @property
    def difference(self) -> Money:
        """What the books carry more than the register."""
        return self.books - self.register


def asset_view(session: Session, text: str) -> AssetView:
    """Return an asset by its number or name."""
    asset = moving.find_asset(session, text)
    return _view(
        asset, session.get_one(AssetClass, asset.asset_class_id).code, company(session).currency
    )


def list_assets(session: Session, *, with_gone: bool = False) -> list[AssetView]:
    """Return the assets that we have, or those that are gone too."""
    wanted = (
        select(Asset, AssetClass.code)
        .join(AssetClass, AssetClass.id == Asset.asset_class_id)
        .order_by(Asset.number)
        .limit(LIST_MAX)
    )
    if not with_gone:
        wanted = wanted.where(Asset.state == AssetState.ACTIVE)
    currency = company(session).currency
    return [_view(asset, code, currency) for asset, code in session.execute(wanted)]


def asset_plan(session: Session, text: str) -> AssetPlanView:
    """Return the plan of an asset: what was depreciated, and what is to come of it."""
    asset = moving.find_asset(session, text)
    currency = company(session).currency
    plan = moving.plan_in_force(session, asset.id)
    wanted = (
        select(AssetMove, JournalEntry.number)
        .outerjoin(JournalEntry, JournalEntry.id == AssetMove.entry_id)
        .where(AssetMove.asset_id == asset.id, AssetMove.standing)
        .order_by(AssetMove.position)
    )
    worth, done, moves = 0, [], []
    for move, entry in session.execute(wanted):
        worth += move.cost_minor - move.accumulated_minor
        amount = Money(move.accumulated_minor, currency)
        if move.kind is MoveKind.DEPRECIATED:
            day = move.due_on or move.posted_on
            done.append(PlanLineView(day, amount, Money(worth, currency), entry or ""))
        else:
            cost = Money(move.cost_minor, currency)
            moves.append(MoveView(move.kind, move.posted_on, cost, amount, entry or ""))
    posted = {line.due_on for line in done}
    to_come = []
    if asset.state is AssetState.ACTIVE:
        for line in moving.lines_of_plan(session, plan.id):
            if line.due_on not in posted:
                worth -= line.amount.minor
                value = Money(worth, currency)
                to_come.append(PlanLineView(line.due_on, line.amount, value, ""))
    code = session.get_one(AssetClass, asset.asset_class_id).code
    return AssetPlanView(
        asset=_view(asset, code, currency),
        method=plan.method,
        ends_on=plan.ends_on,
        lines=(*done, *to_come),
        moves=tuple(moves),
    )


def depreciation_due(session: Session, *, through: date | None = None) -> tuple[int, Money]:
    """Return how many lines are due through a day and not posted, and their sum."""
    ours = company(session)
    due = due_lines(through or ours.today).subquery()
    wanted = select(func.count(), total(due.c.amount_minor)).select_from(due)
    count, minor = session.execute(wanted).one()
    return count, Money(minor, ours.currency)


def posted_by(session: Session, run: str) -> Money:
    """Return what a depreciation run comes to, whether it stands or was taken back."""
    wanted = (
        select(total(AssetMove.accumulated_minor))
        .join(DepreciationRun, DepreciationRun.id == AssetMove.run_id)
        .where(DepreciationRun.number == run)
    )
    return Money(session.scalars(wanted).one(), company(session).currency)


def list_classes(session: Session) -> list[ClassView]:
    """Return the classes of assets; those to begin with, where there are none yet."""
    found = session.scalars(select(AssetClass).order_by(AssetClass.code).limit(LIST_MAX)).all()
    return [
        ClassView(each.code, each.name, each.name_zh, each.method, each.months)
        for each in found or STANDARD
    ]


def register(session: Session, *, since: date, until: date) -> list[RegisterRow]:
    """Return how the assets of each class moved from one day through another."""
    before, within = AssetMove.posted_on < since, AssetMove.posted_on >= since
    added = AssetMove.kind == MoveKind.ACQUIRED
    gone = AssetMove.kind.in_((MoveKind.DISPOSED, MoveKind.PARTLY_DISPOSED))
    worn = AssetMove.kind.in_((MoveKind.ACQUIRED, MoveKind.DEPRECIATED))
    changed = AssetMove.kind.in_((MoveKind.REVALUED, MoveKind.IMPAIRED))
    cost, written_off = AssetMove.cost_minor, AssetMove.accumulated_minor
    figures = (
        (before, cost), (and_(within, added), cost), (and_(within, changed), cost),
        (and_(within, gone), -cost), (before, written_off), (and_(within, worn), written_off),
        (and_(within, changed), written_off), (and_(within, gone), -written_off),
    )  # fmt: skip
    wanted = (
        select(
            AssetClass.code,
            AssetClass.name,
            AssetClass.name_zh,
            *(total(case((which, value), else_=0)) for which, value in figures),
        )
        .join(Asset, Asset.id == AssetMove.asset_id)
        .join(AssetClass, AssetClass.id == Asset.asset_class_id)
        .where(AssetMove.standing, AssetMove.posted_on <= until)
        .group_by(AssetClass.id)
        .order_by(AssetClass.code)
    )
    currency = company(session).currency
    return [
        RegisterRow(code, name, name_zh, *(Money(minor, currency) for minor in minors))
        for code, name, name_zh, *minors in session.execute(wanted)
    ]


def unregistered(session: Session) -> list[Unregistered]:
    """Return the accounts of assets where books and register differ: what is no asset yet."""
    currency = company(session).currency
    rows: list[Row[Account, int, int]] = []
    for role, column, minor in (
        (FIXED_ASSETS, AssetClass.cost_account_id, Asset.cost_minor),
        (ACCUMULATED_DEPRECIATION, AssetClass.accumulated_account_id, -Asset.accumulated_minor),
    ):
        daily = daily_sums().subquery()
        booked = select(total(daily.c.base_debit_minor - daily.c.base_credit_minor))
        booked = booked.where(daily.c.account_id == Account.id)
        wanted = (
            select(Account, booked.scalar_subquery(), total(minor))
            .outerjoin(AssetClass, column == Account.id)
            .outerjoin(Asset, Asset.asset_class_id == AssetClass.id)
            .where(or_(Account.role == role, AssetClass.id.is_not(None)))
            .group_by(Account.id)
            .order_by(Account.code)
        )
        rows += session.execute(wanted).all()
    return [
        Unregistered(
            each.code, each.name, each.name_zh, Money(books, currency), Money(register, currency)
        )
        for each, books, register in rows
        if books != register
    ]


def assets_of_document(session: Session, document: str) -> Sequence[str]:
    """Return the numbers of the assets that we have by a document."""
    wanted = select(Asset.number).where(Asset.origin == document, Asset.state == AssetState.ACTIVE)
    return session.scalars(wanted.order_by(Asset.number).limit(LIST_MAX)).all()


def charges_without_asset(session: Session) -> list[tuple[str, date, Money]]:
    """Return the documents that charged an account of assets, and how much is no asset yet."""
    of_role = select(Account.id).where(Account.role == FIXED_ASSETS)
    accounts = of_role.union(select(AssetClass.cost_account_id))
    move = aliased(AssetMove)
    taken = (
        select(total(move.cost_minor))
        .where(move.entry_id == JournalEntry.id, move.standing)
        .scalar_subquery()
    )
    charged = total(
        case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
    )
    wanted = (
        select(JournalEntry.origin, JournalEntry.posted_on, charged - taken)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(
            Posting.account_id.in_(accounts),
            JournalEntry.origin.not_like("FA-%"),
            JournalEntry.origin != JournalEntry.number,
        )
        .group_by(JournalEntry.id)
        .having(charged > taken)
        .order_by(JournalEntry.number)
        .limit(LIST_MAX)
    )
    currency = company(session).currency
    return [(origin, day, Money(minor, currency)) for origin, day, minor in session.execute(wanted)]


def _view(asset: Asset, code: str, currency: str) -> AssetView:
    return AssetView(
        number=asset.number,
        name=asset.name,
        asset_class=code,
        state=asset.state,
        in_service_on=asset.in_service_on,
        cost=Money(asset.cost_minor, currency),
        accumulated=Money(asset.accumulated_minor, currency),
        residual=Money(asset.residual_minor, currency),
        reserve=Money(asset.reserve_minor, currency),
        dimensions=asset.dimensions,
        origin=asset.origin,
    )
