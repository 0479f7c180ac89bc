"""Adds up one source: which of its rows count, in which bucket and under which key, to which sums.

A source is added up at the asked grain in a select of its own, so that no join multiplies rows, and
once without any key for the total (GROUPING SETS).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
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
    column,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    values,
)
from sqlalchemy.sql import visitors

from core.kernel.semantics import Adding, Dimension, Measure, Rows, Timing
from core.reporting.catalogue import CATALOGUE, DAY
from core.reporting.periods import Grain
from core.reporting.query import Filter, Ref, ReportQuery
from core.reporting.scope import Scope
from core.reporting.settled import members_of, rows_of_source
from core.reporting.windows import Window
from core.reporting.work import BEFORE, NOW, Any_, Chosen, Group, Work, work_of

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
# Filters that say members by their names, unlike those that ask whether there is one.
_BY_NAME = frozenset({"in", "not_in", "contains"})


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
    those that have none. Without members and a bucket, the cell is the total.
    """
    work = work_of(query, scope)
    window = work.before if compared and work.before is not None else work.now
    wanted = dict(members or {})
    as_of = window.as_of
    starts: list[date] = []
    if bucket is not None:
        starts = [b.start for b in window.buckets or () if b.shown == bucket] or [bucket]
        as_of = max((b.as_of for b in window.buckets or () if b.shown == bucket), default=as_of)
    rows = _rows_of(work, measure, literal(as_of, Date))
    nameless = [name for name, said in wanted.items() if said is None]
    asked = [*nameless, *_joined_for(query)]
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
    work: Work, own: ColumnElement[date], bucket: date, starts: list[date]
) -> ColumnElement[bool]:
    return own <= bucket if work.query.cumulative is not None else own.in_(starts)


def added_up(work: Work, group: Group, window: Window, tag: str) -> Chosen:
    """Add up one source in one window, by every key and as a whole."""
    if _adds_in_steps(work, group):
        return _in_steps(work, group, window, tag)
    first = group.first
    grain = work.query.grain
    spine = _spine(window) if grain is not None and first.timing is not Timing.WITHIN else None
    as_of = spine.c.as_of if spine is not None else literal(window.as_of, Date)
    rows = _rows_of(work, first, as_of)
    asked = [*work.query.dimensions, *_joined_for(work.query)]
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
        key = _own_key(rows, dimension) if member is None else _plain(member.c.key)
        keys.append(key)
        named = (None, None) if member is None else (member.c.label, member.c.label_zh)
        shown.append(key.label(f"key{place}"))
        for name, label in zip((f"label{place}", f"label_zh{place}"), named, strict=True):
            text = null() if label is None else func.max(_plain(label))
            shown.append(cast(text, String).label(name))
    if bucket is not None:
        keys.append(bucket)
    is_total: Any_ = func.grouping(keys[0]) if keys else literal(1, Integer)
    shown.append(
        (cast(null(), Date) if bucket is None else bucket).label("bucket"),
    )
    last = spine.c.is_last if spine is not None else None
    figures: dict[str, Any_] = {}
    if not keys:
        group, besides = _only_what_counts(group, rows)
        conditions += besides
    for slot, measure in group.measures:
        figures[f"{slot}{tag}"], counted = _figure(work, measure, rows, is_total, last)
        if tag == NOW:
            figures[f"{slot}_rows"] = counted
    columns = _part_columns(work, figures)
    chosen = select(is_total.label("total"), *shown, *columns).select_from(source)
    chosen = chosen.where(*conditions)
    if keys:
        chosen = chosen.group_by(func.grouping_sets(tuple_(*keys), tuple_()))
    return chosen


def _part_columns(work: Work, figures: Mapping[str, Any_]) -> list[Any_]:
    """Return a column for every part and count; what another source gives is empty here."""
    return [
        figures.get(name, cast(null(), Numeric)).label(name) for name in [*work.parts, *work.counts]
    ]


def _adds_in_steps(work: Work, group: Group) -> bool:
    """Tell whether the rows may be added up by ids first, and by names and over time after.

    Not where what counts, or for whom, depends on the day that is looked at: an invoice is overdue
    on some days only.
    """
    grain, timing = work.query.grain, group.first.timing
    if not (work.dimensions or grain):
        return False
    if grain is None or timing is Timing.WITHIN:
        return True
    if timing is not Timing.UP_TO:
        return False
    looked_at = column("looked_at", Date)
    rows = _rows_of(work, group.first, looked_at)
    asked = [part(rows) for _, m in group.measures for part in (m.where, m.value) if part]
    named = [*work.dimensions, *(CATALOGUE.dimensions[f.dimension] for f in work.query.filters)]
    asked += [dimension.bucket(rows) for dimension in named if dimension.bucket is not None]
    return all(part is not looked_at for one in asked for part in visitors.iterate(one))


def _in_steps(work: Work, group: Group, window: Window, tag: str) -> Chosen:
    """Add up by ids and buckets first, and what that leaves by the names that people know.

    Names are joined to a few sums instead of to every row. Levels at the ends of many buckets are
    sums of what changed in each and in those before, so that no change is looked at twice. Values
    that are counted once stay apart in the first step, and are counted in the second.
    """
    first, grain = group.first, work.query.grain
    rows = _rows_of(work, first, literal(window.as_of, Date))
    source, members = _with_members(rows.columns, _joined_for(work.query))
    conditions = [*_filtered(work, rows, members), *_in_time(work, first, rows, window)]
    keys = [
        rows[one.handle] if one.members is not None else _own_key(rows, one)
        for one in work.dimensions
    ]
    columns = [key.label(f"id{place}") for place, key in enumerate(keys)]
    levels = grain is not None and first.timing is not Timing.WITHIN
    if levels:
        ends = [end + timedelta(days=1) for _, end, _ in _looked_at(window)]
        bucket: Any_ = func.width_bucket(rows.day, literal(ends, ARRAY(Date)), type_=Integer)
        columns.append(bucket.label("bucket"))
        keys.append(bucket)
    elif grain is not None:
        source, bucket = _bucketed(work, source, rows, window, tag)
        columns.append(bucket.label("bucket"))
        keys.append(bucket)
    for slot, measure in group.measures:
        figure, counted = _plain_sum(measure, rows)
        if measure.adding is Adding.DISTINCT:
            figure = _counted_once(measure, rows)
            keys.append(figure)
        columns += [figure.label(slot), counted.label(f"{slot}_rows")]
    summed = select(*columns).select_from(source).where(*conditions).group_by(*keys).subquery()
    return _named_sums(work, group, summed, _spine(window) if levels else None, tag)


def _named_sums(
    work: Work, group: Group, summed: FromClause, spine: FromClause | None, tag: str
) -> Chosen:
    """Add up sums by ids once more, by the keys that people know, and as a whole."""
    source: FromClause = summed
    keys: list[Any_] = []
    shown: list[Any_] = []
    for place, dimension in enumerate(work.dimensions):
        key: Any_ = _plain(summed.c[f"id{place}"])
        label: Any_ = null()
        label_zh: Any_ = null()
        if dimension.members is not None:
            member = members_of(dimension, f"by_{dimension.id}")
            source = source.outerjoin(member, member.c.id == summed.c[f"id{place}"])
            key = _plain(member.c.key)
            label, label_zh = (func.max(_plain(member.c[n])) for n in ("label", "label_zh"))
        keys.append(key)
        shown.append(key.label(f"key{place}"))
        shown.append(cast(label, String).label(f"label{place}"))
        shown.append(cast(label_zh, String).label(f"label_zh{place}"))
    bucket: Any_ = cast(null(), Date)
    if spine is not None:
        source = source.join(spine, summed.c.bucket <= spine.c.place)
        bucket = spine.c.shown
    elif work.query.grain is not None:
        bucket = summed.c.bucket
    if work.query.grain is not None:
        keys.append(bucket)
    is_total: Any_ = func.grouping(keys[0])
    figures: dict[str, Any_] = {}
    for slot, measure in group.measures:
        figure: Any_ = func.sum(summed.c[slot])
        if measure.adding is Adding.DISTINCT:
            figure = func.count(summed.c[slot].distinct())
        counted: Any_ = func.sum(summed.c[f"{slot}_rows"])
        if spine is not None:
            figure = case((is_total == 1, figure.filter(spine.c.is_last)), else_=figure)
            counted = case((is_total == 1, counted.filter(spine.c.is_last)), else_=counted)
        figures[f"{slot}{tag}"] = _in_units(work, measure, figure)
        if tag == NOW:
            figures[f"{slot}_rows"] = cast(func.coalesce(counted, 0), Numeric)
    return (
        select(
            is_total.label("total"), *shown, bucket.label("bucket"), *_part_columns(work, figures)
        )
        .select_from(source)
        .group_by(func.grouping_sets(tuple_(*keys), tuple_()))
    )


def _only_what_counts(group: Group, rows: Rows) -> tuple[Group, list[ColumnElement[bool]]]:
    """Leave rows out that one measure does not count: in one figure, nobody is shown with none."""
    if len(group.measures) > 1 or group.first.where is None:
        return group, []
    slot, measure = group.measures[0]
    counts = group.first.where(rows)
    return Group(((slot, replace(measure, where=None)),)), [counts]


def _figure(
    work: Work, measure: Measure, rows: Rows, is_total: Any_, last: Any_ | None
) -> tuple[Any_, Any_]:
    """Return the sum of a measure and the number of its rows.

    The total of levels over several buckets is the level of the last one.
    """
    figure, counted = _plain_sum(measure, rows)
    if last is not None:
        at_last, counted_at_last = _plain_sum(measure, rows, last)
        figure = case((is_total == 1, at_last), else_=figure)
        counted = case((is_total == 1, counted_at_last), else_=counted)
    return _in_units(work, measure, figure), cast(func.coalesce(counted, 0), Numeric)


def _plain_sum(measure: Measure, rows: Rows, *besides: Any_) -> tuple[Any_, Any_]:
    """Return the sum of a measure, in units of its own, and the number of its rows."""
    wanted = [*besides] if measure.where is None else [measure.where(rows), *besides]
    counts = measure.counting
    figure = _aggregate(measure, rows)
    counted: Any = func.count() if counts is None else func.sum(counts(rows))
    if not wanted:
        return figure, counted
    return figure.filter(*wanted), counted.filter(*wanted)


def _in_units(work: Work, measure: Measure, figure: Any_) -> Any_:
    """Return a sum in major units; the sum of nothing is zero."""
    figure = cast(func.coalesce(figure, 0), Numeric)
    if measure.minor:
        figure = figure * literal(Decimal(1).scaleb(-work.scope.money_digits), Numeric)
    return figure


def _aggregate(measure: Measure, rows: Rows) -> Any:  # noqa: ANN401  # Any kind of aggregate.
    if measure.value is None:
        return func.count()
    value = measure.value(rows)
    if measure.adding is Adding.DISTINCT:
        return func.count(_comparable(value).distinct())
    return func.count(value) if measure.adding is Adding.COUNT else func.sum(value)


def _counted_once(measure: Measure, rows: Rows) -> Any_:
    """Return the value of which different ones are counted; none where the row does not count."""
    assert measure.value is not None, "different values are counted of something"
    value = _comparable(measure.value(rows))
    return value if measure.where is None else case((measure.where(rows), value))


def _comparable(value: Any_) -> Any_:
    """Return a value as what is fastest told apart: texts by their bytes."""
    return _plain(value) if isinstance(value.type, String) else value


def _rows_of(work: Work, measure: Measure, as_of: ColumnElement[date]) -> Rows:
    rows = rows_of_source(measure.source)
    own = measure.source.dates[:1]
    if measure.timing is Timing.WITHIN and work.query.time_dimension is not None:
        own = (work.query.time_dimension,)
    day = rows.c[own[0]] if own else as_of
    return Rows(rows, day, as_of)


def _in_time(work: Work, measure: Measure, rows: Rows, window: Window) -> list[ColumnElement[bool]]:
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
    work: Work, source: FromClause, rows: Rows, window: Window, tag: str
) -> tuple[FromClause, ColumnElement[date]]:
    """Return the bucket that a row is shown in: its own, or the one it is compared with."""
    assert work.query.grain is not None, "buckets have a grain"
    own = bucket_of(rows.day, work.query.grain)
    if tag == BEFORE and window.buckets is not None:
        aligned = date_values(
            "aligned", [(bucket.start, bucket.shown) for bucket in window.buckets], "start", "shown"
        )
        return source.outerjoin(aligned, aligned.c.start == own), aligned.c.shown
    if work.query.cumulative == "all" and window.buckets:
        # What was before the first bucket is where its running sum begins.
        return source, func.greatest(own, literal(window.buckets[0].start, Date), type_=Date)
    return source, own


def bucket_of(day: ColumnElement[date], grain: Grain) -> ColumnElement[date]:
    """Return the first day of the bucket that a day lies in."""
    if grain == "half":
        second = cast(func.extract("month", day), Integer) > 6  # noqa: PLR2004  # After June.
        return func.make_date(
            cast(func.extract("year", day), Integer), case((second, 7), else_=1), 1, type_=Date
        )
    return cast(func.date_trunc(_TRUNCATED[grain], day), Date)


def _spine(window: Window) -> FromClause:
    return values(
        column("shown", Date),
        column("as_of", Date),
        column("is_last", Boolean),
        column("place", Integer),
        name="spine",
    ).data(
        [(shown, end, last, place) for place, (shown, end, last) in enumerate(_looked_at(window))]
    )


def _looked_at(window: Window) -> list[tuple[date, date, bool]]:
    """Return under which day each level is shown, at whose end it is looked at, and if it is last.

    Two days may be shown under one, the 28th and 29th of February: the later level counts.
    """
    assert window.buckets, "levels are looked at on known days"
    ends = {bucket.shown: bucket.as_of for bucket in window.buckets}
    return [(shown, end, shown == max(ends)) for shown, end in sorted(ends.items())]


def date_values(name: str, rows: Iterable[tuple[date, date]], *columns: str) -> FromClause:
    """Return known days as rows."""
    return values(*(column(one, Date) for one in columns), name=name).data(list(rows))


def _joined_for(query: ReportQuery) -> list[str]:
    """Return the dimensions whose members are joined for filters: by which of them are none."""
    return [one.dimension for one in query.filters if one.op not in _BY_NAME]


def _with_members(
    rows: FromClause, dimensions: Iterable[str]
) -> tuple[FromClause, dict[str, FromClause]]:
    source = rows
    members: dict[str, FromClause] = {}
    for name in dict.fromkeys(dimensions):
        dimension = CATALOGUE.dimensions[name]
        if dimension.members is not None:
            found = members[name] = members_of(dimension, f"by_{name}")
            source = source.outerjoin(found, found.c.id == rows.c[dimension.handle])
    return source, members


def _own_key(rows: Rows, dimension: Dimension) -> ColumnElement[str]:
    if dimension.bucket is not None:
        return _plain(dimension.bucket(rows))
    assert dimension.handle != DAY, "what hangs on the day is made from it"
    return _plain(rows[dimension.handle])


def _plain(text: Any_) -> ColumnElement[str]:
    """Return a text that is sorted by its bytes, as fast as it can be: keys need no language."""
    return cast(text, String).collate("C")


def _filtered(
    work: Work, rows: Rows, members: Mapping[str, FromClause]
) -> list[ColumnElement[bool]]:
    conditions = [_filter(one, rows, members) for one in work.query.filters]
    owner = _owner(work, rows)
    return conditions if owner is None else [*conditions, owner]


def _filter(one: Filter, rows: Rows, members: Mapping[str, FromClause]) -> ColumnElement[bool]:
    dimension = CATALOGUE.dimensions[one.dimension]
    if dimension.members is not None and one.op in _BY_NAME:
        # The names are read once, and not with every row.
        member = members_of(dimension, f"named_{one.dimension}")
        named = one if one.op != "not_in" else one.model_copy(update={"op": "in"})
        condition = condition_on(named, dimension, cast(member.c.key, String), member)
        handle = rows[dimension.handle]
        found = handle.in_(select(member.c.id).where(condition))
        return found if one.op != "not_in" else or_(handle.is_(None), not_(found))
    joined = members.get(one.dimension)
    key = _own_key(rows, dimension) if joined is None else cast(joined.c.key, String)
    return condition_on(one, dimension, key, joined)


def _owner(work: Work, rows: Rows) -> ColumnElement[bool] | None:
    if not work.scope.own:
        return None
    handle = "customer"
    assert handle in rows.columns.c, "a customer sees only rows that say whose they are"
    return rows[handle] == work.scope.party_id


def condition_on(
    one: Filter, dimension: Dimension, key: ColumnElement[str], member: FromClause | None
) -> ColumnElement[bool]:
    """Return whether a member is one of those that a filter asks for, by key or by name."""
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
