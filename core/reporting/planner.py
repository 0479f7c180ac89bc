"""From a typed question to one SQL select: add up first, join after, divide last.

Every source is added up at the asked grain in a subquery of its own, so that no join multiplies
rows. The parts are put together by their keys, which is a full outer join that also holds where a
key is missing; ratios are computed from the sums; the total comes from the same rows added up
without keys (GROUPING SETS), never from rows that were rounded or cut off.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Interval,
    Numeric,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from core.kernel.semantics import Metric
from core.reporting.adding import added_up, date_values
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain
from core.reporting.query import ROWS_MAX, TIME, Order, ReportQuery
from core.reporting.scope import Scope
from core.reporting.statements import Statement, statement_of
from core.reporting.windows import Window
from core.reporting.work import BEFORE, NOW, Any_, Chosen, Number, Work, work_of

# More than this many cells of a table are not filled up with empty buckets.
FILLED_MAX = 5_000
_STEP: dict[Grain, str] = {
    "day": "1 day",
    "week": "7 days",
    "month": "1 month",
    "quarter": "3 months",
    "half": "6 months",
    "year": "1 year",
    "fiscal_month": "1 month",
    "fiscal_quarter": "3 months",
    "fiscal_year": "1 year",
}


@dataclass(frozen=True)
class Compiled:
    """A select, and what its columns mean.

    Its rows hold `total` (1 for the total), `is_rest` (1 for the others), a key with two labels
    for each dimension, the bucket, and for the i-th metric its value, what it is compared with,
    their difference, growth and share, and the number of source rows in it.
    """

    statement: Statement
    query: ReportQuery
    scope: Scope
    now: Window
    before: Window | None


def compiled(query: ReportQuery, scope: Scope, *, rows_max: int = ROWS_MAX) -> Compiled:
    """Compile a question that has no issues into one select; of one row too many at most."""
    work = work_of(query, scope)
    stacked = _stacked(work)
    merged = _merged(work, stacked)
    valued = _valued(work, merged, "valued")
    kept = _ranked(work, valued)
    if query.others:
        kept = _valued(work, _folded(work, kept), "folded_values", rank=True, shares=False)
    statement = statement_of(_final(work, kept, rows_max))
    return Compiled(statement, query, scope, work.now, work.before)


def _stacked(work: Work) -> CTE:
    """Put the sums of all sources under each other, with empty buckets where some are missing."""
    sums = [added_up(work, group, work.now, NOW) for group in work.groups]
    if work.before is not None:
        sums += [added_up(work, group, work.before, BEFORE) for group in work.groups]
    found = union_all(*sums).cte("found") if len(sums) > 1 else sums[0].cte("found")
    if work.query.grain is None:
        return found
    return union_all(select(found), _empty_buckets(work, found)).cte("stacked")


def _empty_buckets(work: Work, found: CTE) -> Chosen:
    """Return every bucket without figures, for every member that was found."""
    assert work.query.grain is not None, "buckets have a grain"
    if work.now.buckets is not None:
        dates = [(bucket.shown, bucket.as_of) for bucket in work.now.buckets]
        spine: FromClause = date_values("every_bucket", dates, "shown", "as_of")
        many: Any_ = literal(len(dates), Integer)
    else:
        series = func.generate_series(
            func.min(found.c.bucket),
            func.max(found.c.bucket),
            cast(literal(_STEP[work.query.grain], String), Interval),
        )
        spine = (
            select(cast(series, Date).label("shown")).where(found.c.total == 0).cte("every_bucket")
        )
        many = select(func.count()).select_from(spine).scalar_subquery()
    figures = [cast(null(), Numeric).label(name) for name in [*work.parts, *work.counts]]
    if not work.dimensions:
        chosen = select(literal(0, Integer).label("total"), spine.c.shown.label("bucket"), *figures)
        return chosen.select_from(spine)
    members = (
        select(
            *(found.c[key] for key in work.keys),
            *(func.max(found.c[label]).label(label) for label in work.labels),
        )
        .where(found.c.total == 0)
        .group_by(*(found.c[key] for key in work.keys))
        .cte("every_member")
    )
    ordered = [
        members.c[name]
        for place in range(len(work.dimensions))
        for name in (f"key{place}", f"label{place}", f"label_zh{place}")
    ]
    chosen = select(
        literal(0, Integer).label("total"), *ordered, spine.c.shown.label("bucket"), *figures
    ).select_from(members.join(spine, true()))
    filled = select(func.count()).select_from(members).scalar_subquery() * many
    return chosen.where(filled <= FILLED_MAX)


def _merged(work: Work, stacked: CTE) -> CTE:
    """Join the parts by their keys; run them up over time where that is asked for."""
    if work.query.grain is None and len(work.groups) * len(work.tags) == 1:
        return _plain(work, stacked)
    keys = [stacked.c.total, *(stacked.c[key] for key in work.keys), stacked.c.bucket]
    merged = (
        select(
            *keys,
            *(func.max(stacked.c[label]).label(label) for label in work.labels),
            *(
                cast(func.coalesce(func.sum(stacked.c[name]), 0), Numeric).label(name)
                for name in [*work.parts, *work.counts]
            ),
        )
        .group_by(*keys)
        .cte("merged")
    )
    if work.query.grain is not None:
        # What lies beyond the buckets that are compared counts in the total only.
        in_buckets = or_(merged.c.total == 1, merged.c.bucket.is_not(None))
        merged = select(merged).where(in_buckets).cte("in_buckets")
    if work.query.cumulative is None:
        return merged
    members = [merged.c.total, *(merged.c[key] for key in work.keys)]
    running = {
        name: func.sum(merged.c[name]).over(partition_by=members, order_by=merged.c.bucket)
        for name in work.parts
    }
    return select(
        merged.c.total,
        *(merged.c[key] for key in work.keys),
        merged.c.bucket,
        *(merged.c[label] for label in work.labels),
        *(figure.label(name) for name, figure in running.items()),
        *(merged.c[name] for name in work.counts),
    ).cte("running")


def _plain(work: Work, found: CTE) -> CTE:
    """Take the sums of one source as they are: every key is there once."""
    parts = [*work.parts, *work.counts]
    return select(
        *(found.c[name] for name in _row_columns(work)),
        *(cast(func.coalesce(found.c[part], 0), Numeric).label(part) for part in parts),
    ).cte("merged")


def _value(work: Work, metric: Metric, parts: Mapping[str, Number], tag: str) -> Number:
    """Compute a metric from its parts."""
    measure = metric.measure_on(orders=work.scope.orders)
    if measure is not None:
        return parts[f"{work.slots[id(measure)]}{tag}"]
    assert metric.formula is not None, "a metric is a measure or a formula"
    return metric.formula(
        *(_value(work, CATALOGUE.metrics[part], parts, tag) for part in metric.parts)
    )


def _figures(work: Work, parts: Mapping[str, Number]) -> dict[str, Number]:
    """Compute every figure but the shares from the parts."""
    figures: dict[str, Number] = {}
    for place, metric in enumerate(work.metrics):
        value = figures[f"value{place}"] = _value(work, metric, parts, NOW)
        if BEFORE in work.tags:
            before = figures[f"before{place}"] = _value(work, metric, parts, BEFORE)
            figures[f"delta{place}"] = value - before
            figures[f"growth{place}"] = 100 * (value - before) / func.nullif(func.abs(before), 0)
    return figures


def _valued(work: Work, source: CTE, name: str, *, rank: bool = False, shares: bool = True) -> CTE:
    """Compute the figures of every row, and shares before anything is left out."""
    figures = _figures(work, {part: source.c[part] for part in work.parts})
    columns: list[Any_] = [source.c[key] for key in _row_columns(work)]
    columns += [source.c[part] for part in [*work.parts, *work.counts]]
    columns += [figure.label(name) for name, figure in figures.items()]
    if work.query.share_of is not None:
        over = _share_partition(work, source)
        for place in range(len(work.metrics)):
            if not shares:
                columns.append(source.c[f"share{place}"])
                continue
            whole = func.sum(figures[f"value{place}"]).over(partition_by=over)
            share = 100 * figures[f"value{place}"] / func.nullif(whole, 0)
            columns.append(share.label(f"share{place}"))
    if rank:
        columns += [source.c.rank, source.c.is_rest]
    return select(*columns).cte(name)


def _row_columns(work: Work) -> list[str]:
    return ["total", *work.keys, *work.labels, "bucket"]


def _share_partition(work: Work, source: CTE) -> list[Any_]:
    keys = [source.c[key] for key in work.keys]
    has_buckets = work.query.grain is not None
    column_key = source.c.bucket if has_buckets else keys[-1]
    others = keys if has_buckets else keys[:-1]
    partition: list[Any_] = [source.c.total]
    if work.query.share_of == "row":
        partition += others
    elif work.query.share_of == "column":
        partition.append(column_key)
    elif work.query.share_of == "parent":
        partition += keys[:-1]
        if has_buckets:
            partition.append(source.c.bucket)
    return partition


def _ranked(work: Work, valued: CTE) -> CTE:
    """Leave out rows below the thresholds, and number the rest in the order asked for.

    With both dimensions and buckets, a limit counts members, ranked over the whole period, so that
    a line of a chart is there as a whole or not at all.
    """
    passes = [_passes(work, valued, place) for place in range(len(work.query.having))]
    kept = valued
    if passes:
        kept = select(valued).where(or_(valued.c.total == 1, and_(*passes))).cte("kept")
    members_only = bool(work.dimensions) and work.query.grain is not None
    by: dict[str, Any_] = dict(kept.c.items())
    if members_only:
        kept, by = _by_member(work, kept)
    partition: list[Any_] = [kept.c.total]
    if work.query.limit_per is not None:
        partition.append(kept.c[work.keys[work.query.dimensions.index(work.query.limit_per)]])
    # What has no member takes no place among the best or worst.
    nameless = [kept.c[key].is_(None) for key in work.keys if work.query.limit is not None]
    order = [*nameless, *_sorting(work, kept, by)]
    ties: list[Any_] = [kept.c[key].asc().nulls_last() for key in work.keys]
    if not members_only:
        ties.append(kept.c.bucket.asc().nulls_last())
    rank = func.dense_rank().over(partition_by=partition, order_by=[*order, *ties])
    return select(kept, rank.label("rank"), literal(0, Integer).label("is_rest")).cte("ranked")


def _by_member(work: Work, kept: CTE) -> tuple[CTE, dict[str, Any_]]:
    """Add the figures of each member over all its buckets, to sort members by."""
    over = [kept.c.total, *(kept.c[key] for key in work.keys)]
    parts = {part: func.sum(kept.c[part]).over(partition_by=over) for part in work.parts}
    whole: dict[str, Any_] = dict(_figures(work, parts))
    if work.query.share_of is not None:
        for place in range(len(work.metrics)):
            whole[f"share{place}"] = func.sum(kept.c[f"share{place}"]).over(partition_by=over)
    columns = [figure.label(f"whole_{name}") for name, figure in whole.items()]
    totalled = select(kept, *columns).cte("by_member")
    by: dict[str, Any_] = dict(totalled.c.items())
    by.update({name: totalled.c[f"whole_{name}"] for name in whole})
    return totalled, by


def _passes(work: Work, valued: CTE, place: int) -> ColumnElement[bool]:
    having = work.query.having[place]
    index = [metric.id for metric in work.metrics].index(having.metric)
    figure = valued.c[f"{having.on}{index}"]
    if having.op == "between":
        return figure.between(having.value, having.value2)
    comparisons: dict[str, ColumnElement[bool]] = {
        "gt": figure > having.value,
        "ge": figure >= having.value,
        "lt": figure < having.value,
        "le": figure <= having.value,
    }
    return comparisons[having.op]


def _sorting(work: Work, kept: CTE, by: Mapping[str, Any_]) -> list[Any_]:
    asked = [_sorted_by(work, kept, by, order) for order in work.query.order]
    if asked:
        return asked
    if work.query.grain is not None and not work.dimensions:
        return [kept.c.bucket.asc()]
    if work.query.grain is not None and work.query.limit is None:
        return [_by_label(work, kept, place, "asc") for place in range(len(work.dimensions))]
    if work.dimensions and work.dimensions[0].ordered and work.query.limit is None:
        return [_by_label(work, kept, 0, "asc"), by["value0"].desc().nulls_last()]
    return [by["value0"].desc().nulls_last()]


def _sorted_by(work: Work, kept: CTE, by: Mapping[str, Any_], order: Order) -> Any_:
    if order.by == TIME:
        return kept.c.bucket.asc() if order.dir == "asc" else kept.c.bucket.desc()
    if order.by in work.query.dimensions:
        return _by_label(work, kept, work.query.dimensions.index(order.by), order.dir)
    place = [metric.id for metric in work.metrics].index(order.by)
    figure = by[f"{'value' if order.what == 'label' else order.what}{place}"]
    return (figure.asc() if order.dir == "asc" else figure.desc()).nulls_last()


def _by_label(work: Work, kept: CTE, place: int, direction: str) -> Any_:
    key, label = kept.c[work.keys[place]], kept.c[f"label{place}"]
    dimension = work.dimensions[place]
    by: Any_ = func.coalesce(label, key)
    if dimension.ordered:
        positions = {str(word): position for position, word in enumerate(dimension.words)}
        by = case(positions, value=key, else_=len(positions))
    return (by.asc() if direction == "asc" else by.desc()).nulls_last()


def _folded(work: Work, ranked: CTE) -> CTE:
    """Add up what lies behind the limit into one row, `others`.

    What is counted by different values cannot be added up so: there it has no figure.
    """
    rest = and_(ranked.c.total == 0, ranked.c.rank > (work.query.limit or ROWS_MAX))
    is_rest = case((rest, 1), else_=0)
    kept_dimensions = (
        [] if work.query.limit_per is None else [work.query.dimensions.index(work.query.limit_per)]
    )
    keys: list[Any_] = []
    labels: list[Any_] = []
    for place, key in enumerate(work.keys):
        hide = place not in kept_dimensions
        shown = case((rest, null()), else_=ranked.c[key]) if hide else ranked.c[key]
        keys.append(cast(shown, String).label(key))
        for name in (f"label{place}", f"label_zh{place}"):
            label = case((rest, null()), else_=ranked.c[name]) if hide else ranked.c[name]
            labels.append(func.max(label).label(name))
    rank = case((rest, (work.query.limit or 0) + 1), else_=ranked.c.rank)
    distinct = {f"{slot}{tag}" for tag in work.tags for slot in work.distinct}
    parts = []
    for part in work.parts:
        added: Any_ = func.sum(ranked.c[part])
        if part in distinct:
            added = case((func.max(is_rest) == 1, null()), else_=added)
        parts.append(cast(added, Numeric).label(part))
    shares = []
    if work.query.share_of is not None:
        places = range(len(work.metrics))
        shares = [func.sum(ranked.c[f"share{place}"]).label(f"share{place}") for place in places]
    flat = [
        ranked.c.total,
        *(key.element if hasattr(key, "element") else key for key in keys),
        ranked.c.bucket,
        is_rest,
        rank,
    ]
    return (
        select(
            ranked.c.total,
            *keys,
            *labels,
            ranked.c.bucket,
            is_rest.label("is_rest"),
            rank.label("rank"),
            *(
                cast(part, Numeric).label(name)
                for part, name in zip(parts, work.parts, strict=True)
            ),
            *(func.sum(ranked.c[count]).label(count) for count in work.counts),
            *shares,
        )
        .group_by(*flat)
        .cte("folded")
    )


def _final(work: Work, kept: CTE, rows_max: int) -> Chosen:
    """Choose the columns and rows that are answered, the total first."""
    columns: list[Any_] = [kept.c[name] for name in [*_row_columns(work), "is_rest"]]
    for place in range(len(work.metrics)):
        columns.append(kept.c[f"value{place}"])
        if BEFORE in work.tags:
            columns += [kept.c[f"{what}{place}"] for what in ("before", "delta", "growth")]
        if work.query.share_of is not None:
            columns.append(kept.c[f"share{place}"])
    columns += [kept.c[count] for count in work.counts]
    chosen = select(*columns)
    if work.query.limit is not None:
        most = work.query.limit + (1 if work.query.others else 0)
        chosen = chosen.where(or_(kept.c.total == 1, kept.c.rank <= most))
    return chosen.order_by(kept.c.total.desc(), kept.c.rank, kept.c.is_rest, kept.c.bucket).limit(
        rows_max + 2
    )
