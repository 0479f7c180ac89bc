"""Explains a change: asks the same questions as any report, and splits what they answer.

Every figure comes from `answer`, in the transaction and with the rights of who asks; nothing here
reads the books by another way. The splits are those of `splitting`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog.tables import Item
from core.kernel.money import rounded
from core.kernel.semantics import Dimension, Kind, Metric, Said, Unit
from core.reporting.answering import answer
from core.reporting.catalogue import CATALOGUE, DAY
from core.reporting.explaining.explanation import (
    EFFECTS,
    Breakdown,
    Contribution,
    Effect,
    Explanation,
)
from core.reporting.explaining.formulas import computed, linear_parts
from core.reporting.explaining.question import ExplainChange
from core.reporting.explaining.splitting import (
    Moved,
    Share,
    Sold,
    kind_of,
    part_effects,
    price_volume_mix,
    ratio_shares,
    rounded_to,
    told_apart,
)
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.query import METRICS_MAX, AsOf, Relative, ReportQuery
from core.reporting.report import Member, Report, Row
from core.reporting.scope import Scope, scope_of

# By so many members at most a change is split: every customer of a large shop.
MEMBERS_MAX = 50_000
# What an amount is a quantity of, and what it cost.
PRICED = {"revenue": ("units_sold", ""), "gross_profit": ("units_sold", "cogs")}
# The decimals of what is no money.
_DIGITS = {Unit.COUNT: 0, Unit.DAYS: 1, Unit.PERCENT: 2, Unit.QUANTITY: 3}
_CLOSE = Decimal("0.005")
_WHATS = 4
ZERO = Decimal(0)
OTHERS = Member(None, Said("others", "其他"), "others")


def explain(session: Session, question: ExplainChange) -> Explanation:
    """Explain why a figure changed, as the person for whom the transaction acts."""
    scope = scope_of(session)
    whole = answer(session, _whole(question, scope))
    metric = CATALOGUE.metrics[question.metric]
    digits = _DIGITS.get(metric.unit, scope.money_digits)
    now, before = (_at(whole.totals, 0, place, digits) for place in (0, 1))
    change = None if now is None or before is None else now - before
    found = Explanation(
        question=question,
        metric=metric,
        report=whole,
        before=before,
        now=now,
        change=change,
        growth=_growth(metric, before, change),
        digits=digits,
        sign=whole.figure_columns()[2].sign,
        notes=(*whole.notes, *_lengths(whole)),
        # What was there before and is not any more is a change, and no emptiness.
        emptiness="" if before else whole.emptiness,
    )
    if not change or found.emptiness:
        return found
    return _split(session, scope, found, change)


def _split(session: Session, scope: Scope, found: Explanation, change: Decimal) -> Explanation:
    question, metric = found.question, found.metric
    breakdowns = [
        breakdown
        for dimension in _candidates(question, scope)
        if (breakdown := _breakdown(session, found, dimension, change)) is not None
    ]
    if not question.by:
        breakdowns = _told_most(breakdowns)
    return replace(
        found,
        effects=_priced(session, scope, found, change) if metric.id in PRICED else (),
        parts=_parts(session, found, change),
        breakdowns=tuple(breakdowns),
    )


def _growth(metric: Metric, before: Decimal | None, change: Decimal | None) -> Decimal | None:
    """Return the change in percent of what was; a percentage changes in points only."""
    if change is None or not before or metric.unit is Unit.PERCENT:
        return None
    return 100 * change / abs(before)


def _whole(question: ExplainChange, scope: Scope) -> ReportQuery:
    """Return the question for the figure itself, and for the parts of its formula."""
    period = question.period
    metrics: tuple[str, ...] = (question.metric,)
    if question.metric in CATALOGUE.metrics:
        metrics = _with_parts(CATALOGUE.metrics[question.metric])
        if period is None:
            snapshot = CATALOGUE.is_snapshot(question.metric, orders=scope.orders)
            period = AsOf() if snapshot else Relative(unit="month", offset=-1)
    return ReportQuery(
        metrics=metrics, period=period, compare=question.compare, filters=question.filters
    )


def _with_parts(metric: Metric) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(part for part in metric.parts if part != metric.id))
    return (metric.id, *parts) if len(parts) < METRICS_MAX else (metric.id,)


def _at(figures: Sequence[Decimal | None], metric: int, what: int, digits: int) -> Decimal | None:
    value = figures[metric * _WHATS + what]
    return None if value is None else rounded(value, digits)


def _lengths(report: Report) -> list[Said]:
    """Say it where the two stretches have a different number of days."""
    spans = [span for span in (report.span, report.compared_with) if span is not None]
    days = [(s.end - s.start).days + 1 for s in spans if s.start and s.end]
    if len(days) != len(("now", "before")) or days[0] == days[1]:
        return []
    return [Said(f"{days[0]} days against {days[1]}", f"{days[0]}天对{days[1]}天")]


# By members.


def _candidates(question: ExplainChange, scope: Scope) -> list[Dimension]:
    """Return the dimensions to look at: those named, or all that could tell something."""
    if question.by:
        _require_known(question.by)
        return [CATALOGUE.dimensions[name] for name in question.by]
    settled = {one.dimension for one in question.filters if one.op == "in" and len(one.values) == 1}
    found = []
    for name in CATALOGUE.dimensions_of(question.metric, orders=scope.orders):
        dimension = CATALOGUE.dimensions[name]
        # A weekday is no cause, and what is filtered by has one member.
        if dimension.handle != DAY and name not in settled and scope.may_see(dimension.roles):
            found.append(dimension)
    return found


def _require_known(names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in CATALOGUE.dimensions]
    if unknown:
        raise CannotAnswer(
            [
                Issue(
                    "unknown_dimension",
                    f"There is no dimension called {unknown[0]}.",
                    f"没有名为 {unknown[0]} 的维度。",
                    unknown[0],
                )
            ]
        )


def _told_most(found: Iterable[Breakdown]) -> list[Breakdown]:
    """Sort by what tells most, of equals the one with fewer members; leave out what tells nothing.

    Of two dimensions that split the change alike, such as territories that are countries, only
    the first is of interest.
    """
    different = {
        tuple((one.before, one.now, one.amount) for one in each.contributions): each
        for each in reversed(list(found))
        if each.tells
    }
    return sorted(different.values(), key=lambda each: (-each.tells, each.members))


def _breakdown(
    session: Session, found: Explanation, dimension: Dimension, change: Decimal
) -> Breakdown | None:
    """Split a change by the members of a dimension; nothing where they do not add up to it."""
    metric, whole = found.metric, found.report
    query = whole.query.model_copy(update={"dimensions": (dimension.id,)})
    if metric.kind is not Kind.RATIO:
        query = query.model_copy(update={"metrics": (metric.id,)})
    report = answer(session, query, rows_max=MEMBERS_MAX)
    if report.cut_off or not _adds_up(report, whole, from_parts=metric.kind is Kind.RATIO):
        return None
    moved = _moved(report.rows, 0)
    if metric.kind is Kind.RATIO:
        shares = _ratio(session, metric, report)
    else:
        shares = [Share(each.key, each.change) for each in moved]
    if not shares:
        return None
    amounts = {share.key: share.amount for share in shares}
    shown = _contributions(found, report, shares, change)
    kinds = [kind_of(each.before, each.now) for each in moved]
    return Breakdown(
        dimension=dimension,
        query=query,
        contributions=shown,
        members=len(moved),
        new=kinds.count("new"),
        lost=kinds.count("lost"),
        tells=rounded(told_apart(_sizes(metric, report) or moved, amounts), 4),
    )


def _adds_up(report: Report, whole: Report, *, from_parts: bool) -> bool:
    """Tell whether the members' figures are those of the whole: one invoice has many items."""
    count = len(report.query.metrics)
    for place in range(1 if from_parts else 0, count):
        for what in (0, 1):
            total = whole.totals[place * _WHATS + what] or ZERO
            parts = [row.figures[place * _WHATS + what] or ZERO for row in report.rows]
            if abs(sum(parts, ZERO) - total) > _CLOSE:
                return False
    return True


def _moved(rows: Iterable[Row], place: int) -> list[Moved]:
    return [
        Moved(
            row.members[0].key,
            row.figures[place * _WHATS + 1] or ZERO,
            row.figures[place * _WHATS] or ZERO,
        )
        for row in rows
    ]


def _sizes(metric: Metric, report: Report) -> list[Moved]:
    """Return how large the members of a ratio are: by the last part, what it divides by."""
    return _moved(report.rows, len(report.query.metrics) - 1) if metric.kind is Kind.RATIO else []


def _ratio(session: Session, metric: Metric, report: Report) -> list[Share] | None:
    if len(report.query.metrics) != len(metric.parts) + 1:
        return None
    counts = linear_parts(session, metric)
    if counts is None:
        return None
    sides = []
    for side in counts:
        summed: dict[str | None, Moved] = {}
        for row in report.rows:
            before, now = ZERO, ZERO
            for place, count in enumerate(side, start=1):
                now += count * (row.figures[place * _WHATS] or ZERO)
                before += count * (row.figures[place * _WHATS + 1] or ZERO)
            key = row.members[0].key
            summed[key] = Moved(key, before, now)
        sides.append(summed)
    return ratio_shares(sides[0], sides[1])


def _contributions(
    found: Explanation, report: Report, shares: Sequence[Share], change: Decimal
) -> tuple[Contribution, ...]:
    """Return the largest contributions, and all others as one, rounded to add up to the change."""
    rows = {row.members[0].key: row for row in report.rows}
    ranked = sorted(
        (share for share in shares if share.amount),
        key=lambda share: (-abs(share.amount), share.key or ""),
    )
    top, rest = ranked[: found.question.top], ranked[found.question.top :]
    exact = [share.amount for share in top]
    if rest:
        exact.append(sum((share.amount for share in rest), ZERO))
    amounts = rounded_to(exact, found.digits, change)
    shown = []
    for share, amount in zip(top, amounts, strict=False):
        row = rows[share.key]
        now, before = (_at(row.figures, 0, what, found.digits) for what in (0, 1))
        rate = None if share.rate is None else rounded(share.rate, found.digits)
        mix = None if rate is None else amount - rate
        shown.append(
            Contribution(row.members[0], before, now, amount, kind_of(before, now), rate, mix)
        )
    if rest:
        additive = found.metric.kind is not Kind.RATIO
        sums: list[Decimal | None] = [None, None]
        if additive:
            others = [rows[share.key].figures for share in rest]
            sums = [
                rounded(sum((one[what] or ZERO for one in others), ZERO), found.digits)
                for what in (1, 0)
            ]
        shown.append(Contribution(OTHERS, sums[0], sums[1], amounts[-1]))
    return tuple(shown)


# By price, volume and mix.


def _priced(
    session: Session, scope: Scope, found: Explanation, change: Decimal
) -> tuple[Effect, ...]:
    """Split an amount of items by price, volume and mix, where its quantities are known."""
    quantity, cost = PRICED[found.metric.id]
    metrics = ("revenue", quantity, *((cost,) if cost else ()))
    wanted = [CATALOGUE.metrics[name] for name in metrics]
    asked = {one.dimension for one in found.question.filters} | {"item"}
    known = all(
        CATALOGUE.reaches(one.id, name, orders=scope.orders) and scope.may_see(one.roles)
        for one in wanted
        for name in asked
    )
    if not known:
        return ()
    query = found.report.query.model_copy(update={"metrics": metrics, "dimensions": ("item",)})
    report = answer(session, query, rows_max=MEMBERS_MAX)
    if report.cut_off:
        return ()
    chosen = select(Item.sku, Item.unit_code).where(
        Item.sku.in_([row.members[0].key for row in report.rows])
    )
    units: dict[str, str] = dict(session.execute(chosen).all())
    sold = [_sold(row, units, with_cost=bool(cost)) for row in report.rows]
    effects = price_volume_mix(sold, with_cost=bool(cost))
    there = {name: effect for name, effect in effects.items() if effect or name in _ALWAYS}
    amounts = rounded_to(list(there.values()), found.digits, change)
    return tuple(
        Effect(name, EFFECTS[name], amount) for name, amount in zip(there, amounts, strict=True)
    )


_ALWAYS = ("price", "volume", "mix")


def _sold(row: Row, units: dict[str, str], *, with_cost: bool) -> Sold:
    amount, quantity, *cost = (
        (row.figures[place * _WHATS + 1] or ZERO, row.figures[place * _WHATS] or ZERO)
        for place in range(3 if with_cost else 2)
    )
    key = row.members[0].key
    cost_before, cost_now = cost[0] if cost else (ZERO, ZERO)
    return Sold(
        key=key,
        unit=units.get(key or "", ""),
        quantity_before=quantity[0],
        quantity_now=quantity[1],
        amount_before=amount[0],
        amount_now=amount[1],
        cost_before=cost_before,
        cost_now=cost_now,
    )


# By the parts of a formula.


def _parts(session: Session, found: Explanation, change: Decimal) -> tuple[Effect, ...]:
    """Return what each part of a formula adds to the change, in whichever order they changed."""
    metric, totals = found.metric, found.report.totals
    count = len(metric.parts)
    asked = found.report.query.metrics
    if metric.formula is None or len(asked) != count + 1:
        return ()
    figures = [
        (totals[place * _WHATS + 1], totals[place * _WHATS]) for place in range(1, count + 1)
    ]
    known = [(before, now) for before, now in figures if before is not None and now is not None]
    if len(known) < count:
        return ()
    subsets = [
        frozenset(chosen)
        for size in range(count + 1)
        for chosen in combinations(range(count), size)
    ]
    values = computed(
        session,
        metric,
        {subset: [pair[place in subset] for place, pair in enumerate(known)] for subset in subsets},
    )
    effects = part_effects(values.__getitem__, count)
    if effects is None:
        return ()
    amounts = rounded_to(effects, found.digits, change)
    return tuple(
        Effect(
            name, CATALOGUE.metrics[name].names, amount, before, now, CATALOGUE.metrics[name].unit
        )
        for name, amount, (before, now) in zip(metric.parts, amounts, known, strict=True)
    )
