"""From a typed question to one SQL select: add up first, join after, divide last.

Every source is added up at the asked grain in a subquery of its own, so that no join multiplies
rows. The parts are put together by their keys, which is a full outer join that also holds where a
key is missing; ratios are computed from the sums; the total comes from the same rows added up
without keys (GROUPING SETS), never from rows that were rounded or cut off.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Interval,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
    values,
)

from core.kernel.semantics import Adding, Dimension, Measure, Metric, Rows, Timing
from core.reporting.catalogue import CATALOGUE, DAY
from core.reporting.issues import metrics_in
from core.reporting.periods import Grain
from core.reporting.query import ROWS_MAX, TIME, Filter, Order, Ref, ReportQuery
from core.reporting.scope import Scope
from core.reporting.windows import Window, windows_of

# More than this many cells of a table are not filled up with empty buckets.
FILLED_MAX = 5_000
NOW, BEFORE = "", "_before"
_TRUNCATED: dict[Grain, str] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "fiscal_month": "month",
    "fiscal_quarter": "quarter",
    "fiscal_year": "year",
}
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

Any_ = ColumnElement[Any]
Number = ColumnElement[Decimal]
Chosen = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Compiled:
    """A select, and what its columns mean.

    Its rows hold `total` (1 for the total), `is_rest` (1 for the others), a key with two labels
    for each dimension, the bucket, and for the i-th metric its value, what it is compared with,
    their difference, growth and share, and the number of source rows in it.
    """

    select: Chosen
    query: ReportQuery
    scope: Scope
    now: Window
    before: Window | None


@dataclass(frozen=True)
class _Group:
    """Measures that are added up from one source over the same rows."""

    measures: tuple[tuple[str, Measure], ...]

    @property
    def first(self) -> Measure:
        return self.measures[0][1]


@dataclass(frozen=True)
class _Work:
    """A question on its way to SQL."""

    query: ReportQuery
    scope: Scope
    now: Window
    before: Window | None
    dimensions: tuple[Dimension, ...]
    slots: Mapping[int, str]
    groups: tuple[_Group, ...]
    metrics: tuple[Metric, ...]
    ahead: bool
    tags: tuple[str, ...] = field(default=(NOW,))

    @property
    def keys(self) -> list[str]:
        """The columns that tell the rows of the answer apart, but for the bucket."""
        return [f"key{place}" for place in range(len(self.dimensions))]

    @property
    def labels(self) -> list[str]:
        """The columns that name what the keys stand for."""
        places = range(len(self.dimensions))
        return [name for place in places for name in (f"label{place}", f"label_zh{place}")]

    @property
    def parts(self) -> list[str]:
        """The columns that figures are computed from."""
        return [f"{slot}{tag}" for tag in self.tags for slot in self.slots.values()]

    @property
    def counts(self) -> list[str]:
        """The columns that count source rows."""
        return [f"{slot}_rows" for slot in self.slots.values()]


def compiled(query: ReportQuery, scope: Scope) -> Compiled:
    """Compile a question that has no issues into one select."""
    work = _work(query, scope)
    stacked = _stacked(work)
    merged = _merged(work, stacked)
    valued = _valued(work, merged, "valued")
    kept = _ranked(work, valued)
    if query.others:
        kept = _valued(work, _folded(work, kept), "folded_values", rank=True, shares=False)
    return Compiled(_final(work, kept), query, scope, work.now, work.before)


def source_rows(
    query: ReportQuery,
    scope: Scope,
    measure: Measure,
    *,
    members: Mapping[str, str | None] | None = None,
    bucket: date | None = None,
    compared: bool = False,
) -> tuple[FromClause, Rows, list[ColumnElement[bool]]]:
    """Return the rows that a measure adds up for one cell of the answer, and their conditions.

    `members` says by key or name which member of each dimension the cell belongs to, None for
    those that have none.
    Without members and a bucket, the cell is the total.
    """
    work = _work(query, scope)
    window = work.before if compared and work.before is not None else work.now
    wanted = dict(members or {})
    as_of = window.as_of
    starts: list[date] = []
    if bucket is not None:
        starts = [b.start for b in window.buckets or () if b.shown == bucket] or [bucket]
        as_of = max((b.as_of for b in window.buckets or () if b.shown == bucket), default=as_of)
    rows = _rows_of(work, measure, literal(as_of, Date))
    asked = [*wanted, *(one.dimension for one in query.filters)]
    source, joined = _with_members(rows.columns, asked)
    conditions = [*_filtered(work, rows, joined), *_in_time(work, measure, rows, window)]
    for name, said in wanted.items():
        one = (
            Filter(dimension=name, op="is_null")
            if said is None
            else Filter(dimension=name, values=(said,))
        )
        conditions.append(_filter(one, rows, joined))
    if bucket is not None and query.grain is not None and measure.timing is Timing.WITHIN:
        conditions.append(_in_bucket(work, bucket_of(rows.day, query.grain), bucket, starts))
    if measure.where is not None:
        conditions.append(measure.where(rows))
    return source, rows, conditions


def _in_bucket(
    work: _Work, own: ColumnElement[date], bucket: date, starts: list[date]
) -> ColumnElement[bool]:
    return own <= bucket if work.query.cumulative is not None else own.in_(starts)


def bucket_of(day: ColumnElement[date], grain: Grain) -> ColumnElement[date]:
    """Return the first day of the bucket that a day lies in."""
    if grain == "half":
        second = cast(func.extract("month", day), Integer) > 6  # noqa: PLR2004  # After June.
        return func.make_date(
            cast(func.extract("year", day), Integer), case((second, 7), else_=1), 1, type_=Date
        )
    return cast(func.date_trunc(_TRUNCATED[grain], day), Date)


def _work(query: ReportQuery, scope: Scope) -> _Work:
    metrics = tuple(CATALOGUE.metrics[metric] for metric in metrics_in(query))
    slots: dict[int, str] = {}
    groups: dict[tuple[Any, ...], list[tuple[str, Measure]]] = {}
    for metric in metrics:
        for measure in CATALOGUE.measures_of(metric.id, orders=scope.orders):
            if id(measure) not in slots:
                slot = slots[id(measure)] = f"part{len(slots)}"
                same = (measure.source.id, measure.timing, measure.months, measure.days)
                groups.setdefault(same, []).append((slot, measure))
    levels = all(CATALOGUE.is_snapshot(metric.id, orders=scope.orders) for metric in metrics)
    # A day that is not the first of its source's dates is a promise: it may lie ahead.
    ahead = query.time_dimension is not None and any(
        group[0][1].source.dates[:1] != (query.time_dimension,) for group in groups.values()
    )
    now, before = windows_of(query, scope.today, levels=levels, ahead=ahead)
    return _Work(
        query=query,
        scope=scope,
        now=now,
        before=before,
        dimensions=tuple(CATALOGUE.dimensions[name] for name in query.dimensions),
        slots=slots,
        groups=tuple(_Group(tuple(group)) for group in groups.values()),
        metrics=metrics,
        ahead=ahead,
        tags=(NOW, BEFORE) if before is not None else (NOW,),
    )


# Adding up: one subquery for each source and window.


def _stacked(work: _Work) -> CTE:
    """Put the sums of all sources under each other, with empty buckets where some are missing."""
    sums = [_added_up(work, group, work.now, NOW) for group in work.groups]
    if work.before is not None:
        sums += [_added_up(work, group, work.before, BEFORE) for group in work.groups]
    found = union_all(*sums).cte("found") if len(sums) > 1 else sums[0].cte("found")
    if work.query.grain is None:
        return found
    return union_all(select(found), _empty_buckets(work, found)).cte("stacked")


def _added_up(work: _Work, group: _Group, window: Window, tag: str) -> Chosen:
    first = group.first
    grain = work.query.grain
    spine = _spine(window) if grain is not None and first.timing is not Timing.WITHIN else None
    as_of = spine.c.as_of if spine is not None else literal(window.as_of, Date)
    rows = _rows_of(work, first, as_of)
    asked = [*work.query.dimensions, *(one.dimension for one in work.query.filters)]
    source, members = _with_members(rows.columns, asked)
    conditions = _filtered(work, rows, members)
    if spine is None:
        conditions += _in_time(work, first, rows, window)
    else:
        source = source.join(spine, and_(true(), *_in_time(work, first, rows, window)))
    bucket: ColumnElement[date] | None = None
    if grain is not None and spine is not None:
        bucket = spine.c.shown
    elif grain is not None:
        source, bucket = _bucketed(work, source, rows, window, tag)

    keys: list[Any_] = []
    shown: list[Any_] = []
    for place, dimension in enumerate(work.dimensions):
        member = members.get(dimension.id)
        key = _own_key(rows, dimension) if member is None else cast(member.c.key, String)
        keys.append(key)
        named = (None, None) if member is None else (member.c.label, member.c.label_zh)
        shown.append(key.label(f"key{place}"))
        for name, label in zip((f"label{place}", f"label_zh{place}"), named, strict=True):
            text = null() if label is None else func.max(cast(label, String))
            shown.append(cast(text, String).label(name))
    if bucket is not None:
        keys.append(bucket)
    is_total: Any_ = func.grouping(keys[0]) if keys else literal(1, Integer)
    shown.append(
        (cast(null(), Date) if bucket is None else bucket).label("bucket"),
    )
    last = spine.c.is_last if spine is not None else None
    figures: dict[str, Any_] = {}
    for slot, measure in group.measures:
        figures[f"{slot}{tag}"], counted = _figure(work, measure, rows, is_total, last)
        if tag == NOW:
            figures[f"{slot}_rows"] = counted
    columns = [
        figures.get(name, null()).label(name)
        if name in figures
        else cast(null(), Numeric).label(name)
        for name in [*work.parts, *work.counts]
    ]
    chosen = select(is_total.label("total"), *shown, *columns).select_from(source)
    chosen = chosen.where(*conditions)
    if keys:
        chosen = chosen.group_by(func.grouping_sets(tuple_(*keys), tuple_()))
    return chosen


def _figure(
    work: _Work, measure: Measure, rows: Rows, is_total: Any_, last: Any_ | None
) -> tuple[Any_, Any_]:
    """Return the sum of a measure and the number of its rows.

    The total of levels over several buckets is the level of the last one.
    """
    condition = measure.where(rows) if measure.where is not None else None

    def added(*besides: ColumnElement[bool]) -> tuple[Any_, Any_]:
        wanted = [one for one in (condition, *besides) if one is not None]
        figure = _aggregate(measure, rows)
        counted: Any_ = func.count()
        if wanted:
            figure, counted = figure.filter(*wanted), counted.filter(*wanted)
        return figure, counted

    figure, counted = added()
    if last is not None:
        at_last, counted_at_last = added(last)
        figure = case((is_total == 1, at_last), else_=figure)
        counted = case((is_total == 1, counted_at_last), else_=counted)
    figure = cast(func.coalesce(figure, 0), Numeric)
    if measure.minor:
        figure = figure * literal(Decimal(1).scaleb(-work.scope.money_digits), Numeric)
    return figure, cast(counted, Numeric)


def _aggregate(measure: Measure, rows: Rows) -> Any:  # noqa: ANN401  # Any kind of aggregate.
    if measure.value is None:
        return func.count()
    value = measure.value(rows)
    if measure.adding is Adding.DISTINCT:
        return func.count(value.distinct())
    return func.count(value) if measure.adding is Adding.COUNT else func.sum(value)


def _rows_of(work: _Work, measure: Measure, as_of: ColumnElement[date]) -> Rows:
    rows = measure.source.rows.subquery(measure.source.id)
    own = measure.source.dates[:1]
    if measure.timing is Timing.WITHIN and work.query.time_dimension is not None:
        own = (work.query.time_dimension,)
    day = rows.c[own[0]] if own else as_of
    return Rows(rows, day, as_of)


def _in_time(
    work: _Work, measure: Measure, rows: Rows, window: Window
) -> list[ColumnElement[bool]]:
    if measure.timing is Timing.PRESENT:
        return []
    if measure.timing is Timing.UP_TO:
        return [rows.day <= rows.as_of]
    if measure.timing is Timing.TRAILING:
        past = func.make_interval(0, measure.months, 0, measure.days, type_=Interval)
        return [rows.day <= rows.as_of, rows.day > cast(rows.as_of - past, Date)]
    conditions: list[ColumnElement[bool]] = []
    if window.span.start is not None and work.query.cumulative != "all":
        conditions.append(rows.day >= window.span.start)
    if window.span.end is not None:
        conditions.append(rows.day <= window.span.end)
    return conditions


def _bucketed(
    work: _Work, source: FromClause, rows: Rows, window: Window, tag: str
) -> tuple[FromClause, ColumnElement[date]]:
    """Return the bucket that a row is shown in: its own, or the one it is compared with."""
    assert work.query.grain is not None, "buckets have a grain"
    own = bucket_of(rows.day, work.query.grain)
    if tag == BEFORE and window.buckets is not None:
        aligned = _values(
            "aligned", [(bucket.start, bucket.shown) for bucket in window.buckets], "start", "shown"
        )
        return source.outerjoin(aligned, aligned.c.start == own), aligned.c.shown
    if work.query.cumulative == "all" and window.buckets:
        # What was before the first bucket is where its running sum begins.
        return source, func.greatest(own, literal(window.buckets[0].start, Date), type_=Date)
    return source, own


def _spine(window: Window) -> FromClause:
    assert window.buckets, "levels are looked at on known days"
    # Two days may be shown under one, the 28th and 29th of February: the later level counts.
    looked_at = {bucket.shown: bucket.as_of for bucket in window.buckets}
    last = max(looked_at)
    rows = [(shown, as_of, shown == last) for shown, as_of in looked_at.items()]
    return values(
        column("shown", Date), column("as_of", Date), column("is_last", Boolean), name="spine"
    ).data(rows)


def _values(name: str, rows: Iterable[tuple[date, date]], *columns: str) -> FromClause:
    return values(*(column(one, Date) for one in columns), name=name).data(list(rows))


def _empty_buckets(work: _Work, found: CTE) -> Chosen:
    """Return every bucket without figures, for every member that was found."""
    assert work.query.grain is not None, "buckets have a grain"
    if work.now.buckets is not None:
        dates = [(bucket.shown, bucket.as_of) for bucket in work.now.buckets]
        spine: FromClause = _values("every_bucket", dates, "shown", "as_of")
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


# Dimensions: members, keys and filters.


def _with_members(
    rows: FromClause, dimensions: Iterable[str]
) -> tuple[FromClause, dict[str, FromClause]]:
    source = rows
    members: dict[str, FromClause] = {}
    for name in dict.fromkeys(dimensions):
        dimension = CATALOGUE.dimensions[name]
        if dimension.members is not None:
            found = members[name] = dimension.members.subquery(f"by_{name}")
            source = source.outerjoin(found, found.c.id == rows.c[dimension.handle])
    return source, members


def _own_key(rows: Rows, dimension: Dimension) -> ColumnElement[str]:
    if dimension.bucket is not None:
        return dimension.bucket(rows)
    assert dimension.handle != DAY, "what hangs on the day is made from it"
    return cast(rows[dimension.handle], String)


def _filtered(
    work: _Work, rows: Rows, members: Mapping[str, FromClause]
) -> list[ColumnElement[bool]]:
    conditions = [_filter(one, rows, members) for one in work.query.filters]
    owner = _owner(work, rows)
    return conditions if owner is None else [*conditions, owner]


def _filter(one: Filter, rows: Rows, members: Mapping[str, FromClause]) -> ColumnElement[bool]:
    dimension = CATALOGUE.dimensions[one.dimension]
    member = members.get(one.dimension)
    key = _own_key(rows, dimension) if member is None else cast(member.c.key, String)
    return _condition(one, dimension, key, member)


def _owner(work: _Work, rows: Rows) -> ColumnElement[bool] | None:
    if not work.scope.own:
        return None
    handle = "customer"
    assert handle in rows.columns.c, "a customer sees only rows that say whose they are"
    return rows[handle] == work.scope.party_id


def _condition(
    one: Filter, dimension: Dimension, key: ColumnElement[str], member: FromClause | None
) -> ColumnElement[bool]:
    if one.op == "is_null":
        return key.is_(None)
    if one.op == "not_null":
        return key.is_not(None)
    names = [
        cast(member.c[name], String)
        for name in ("label", "label_zh", "also", "also_label", "also_label_zh")
        if member is not None and name in member.c
    ]
    if one.op == "contains":
        text = (
            str(one.values[0].label or one.values[0].id)
            if isinstance(one.values[0], Ref)
            else str(one.values[0])
        )
        matches = [name.icontains(text, autoescape=True) for name in (key, *names)]
        matches.append(key.in_(_keys_called(dimension, text, exactly=False)))
        return or_(*matches)
    asked = [
        func.lower(value.id) if isinstance(value, Ref) else func.lower(str(value))
        for value in one.values
    ]
    said = [value for value in one.values if not isinstance(value, Ref)]
    matches = [func.lower(key).in_(asked)]
    if member is not None and "also" in member.c:
        matches.append(func.lower(cast(member.c.also, String)).in_(asked))
    if said:
        spoken = [func.lower(str(value)) for value in said]
        matches += [func.lower(name).in_(spoken) for name in names]
        matches.append(
            key.in_([k for v in said for k in _keys_called(dimension, str(v), exactly=True)])
        )
    matched = func.coalesce(or_(*matches), False)
    return not_(matched) if one.op == "not_in" else matched


def _keys_called(dimension: Dimension, text: str, *, exactly: bool) -> list[str]:
    """Return the keys whose words, in either language, are or contain a text."""
    said = text.casefold()
    return [
        str(key)
        for key, words in dimension.words.items()
        if any(said == word.casefold() if exactly else said in word.casefold() for word in words)
    ]


# Putting together, dividing, comparing, sorting.


def _merged(work: _Work, stacked: CTE) -> CTE:
    """Join the parts by their keys; run them up over time where that is asked for."""
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


def _value(work: _Work, metric: Metric, parts: Mapping[str, Number], tag: str) -> Number:
    """Compute a metric from its parts."""
    measure = metric.measure_on(orders=work.scope.orders)
    if measure is not None:
        return parts[f"{work.slots[id(measure)]}{tag}"]
    assert metric.formula is not None, "a metric is a measure or a formula"
    return metric.formula(
        *(_value(work, CATALOGUE.metrics[part], parts, tag) for part in metric.parts)
    )


def _figures(work: _Work, parts: Mapping[str, Number]) -> dict[str, Number]:
    """Compute every figure but the shares from the parts."""
    figures: dict[str, Number] = {}
    for place, metric in enumerate(work.metrics):
        value = figures[f"value{place}"] = _value(work, metric, parts, NOW)
        if BEFORE in work.tags:
            before = figures[f"before{place}"] = _value(work, metric, parts, BEFORE)
            figures[f"delta{place}"] = value - before
            figures[f"growth{place}"] = 100 * (value - before) / func.nullif(func.abs(before), 0)
    return figures


def _valued(work: _Work, source: CTE, name: str, *, rank: bool = False, shares: bool = True) -> CTE:
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


def _row_columns(work: _Work) -> list[str]:
    return ["total", *work.keys, *work.labels, "bucket"]


def _share_partition(work: _Work, source: CTE) -> list[Any_]:
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


def _ranked(work: _Work, valued: CTE) -> CTE:
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


def _by_member(work: _Work, kept: CTE) -> tuple[CTE, dict[str, Any_]]:
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


def _passes(work: _Work, valued: CTE, place: int) -> ColumnElement[bool]:
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


def _sorting(work: _Work, kept: CTE, by: Mapping[str, Any_]) -> list[Any_]:
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


def _sorted_by(work: _Work, kept: CTE, by: Mapping[str, Any_], order: Order) -> Any_:
    if order.by == TIME:
        return kept.c.bucket.asc() if order.dir == "asc" else kept.c.bucket.desc()
    if order.by in work.query.dimensions:
        return _by_label(work, kept, work.query.dimensions.index(order.by), order.dir)
    place = [metric.id for metric in work.metrics].index(order.by)
    figure = by[f"{'value' if order.what == 'label' else order.what}{place}"]
    return (figure.asc() if order.dir == "asc" else figure.desc()).nulls_last()


def _by_label(work: _Work, kept: CTE, place: int, direction: str) -> Any_:
    key, label = kept.c[work.keys[place]], kept.c[f"label{place}"]
    dimension = work.dimensions[place]
    by: Any_ = func.coalesce(label, key)
    if dimension.ordered:
        positions = {str(word): position for position, word in enumerate(dimension.words)}
        by = case(positions, value=key, else_=len(positions))
    return (by.asc() if direction == "asc" else by.desc()).nulls_last()


def _folded(work: _Work, ranked: CTE) -> CTE:
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
    distinct = {
        f"{slot}{tag}"
        for tag in work.tags
        for group in work.groups
        for slot, measure in group.measures
        if measure.adding is Adding.DISTINCT
    }
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


def _final(work: _Work, kept: CTE) -> Chosen:
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
        ROWS_MAX + 2
    )
