"""Answers a typed question: checks it, runs its one select, and returns a report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, or_, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.errors import DomainError
from core.kernel.money import rounded
from core.kernel.semantics import Dimension, Metric, Said, Unit
from core.reporting.adding import source_rows
from core.reporting.catalogue import CATALOGUE
from core.reporting.describing import version_of
from core.reporting.issues import CannotAnswer, dimensions_in, issues_with, metrics_in
from core.reporting.planner import Compiled, compiled
from core.reporting.query import ROWS_MAX, AsOf, Filter, Ref, ReportQuery, resolve
from core.reporting.readback import UNITS, read_back
from core.reporting.report import (
    EXACT_DIGITS,
    Column,
    Emptiness,
    Figure,
    Member,
    Nothing,
    Report,
    Row,
)
from core.reporting.scope import NotYoursToSee, Scope, require_sight, scope_of
from core.reporting.words import day_said, span_said

NONE = Said("(none)", "（无）")
OTHERS = Said("others", "其他")

QUERY_CANCELLED = "57014"
# So many questions are kept as they were compiled: the tiles of every board, for every role.
KEPT_MAX = 1_000

__all__ = ["NotYoursToSee", "TookTooLong", "answer", "prepared"]


class TookTooLong(DomainError):
    """This takes longer than a question may. Ask for a shorter period, or by fewer dimensions."""

    zh = "这个问题计算时间过长。请缩短时间范围或减少维度。"
    nothing: Nothing = "failed"


def answer(session: Session, query: ReportQuery, *, rows_max: int = ROWS_MAX) -> Report:
    """Answer a question as the person for whom the transaction acts; refuse what they may not see.

    It is one select. Only where nothing was found a second one says why.
    """
    plan = prepared(session, query, rows_max=rows_max)
    try:
        found = plan.statement.rows(session)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != QUERY_CANCELLED:
            raise
        raise TookTooLong from error
    return _report(session, plan, found, rows_max)


def prepared(session: Session, query: ReportQuery, *, rows_max: int = ROWS_MAX) -> Compiled:
    """Check a question and the rights of who asks, and compile it."""
    # Equal questions may be written differently (1 and 1.0): each is said back as it was asked.
    return replace(_prepared(query, scope_of(session), rows_max), query=query)


@lru_cache(maxsize=KEPT_MAX)
def _prepared(query: ReportQuery, scope: Scope, rows_max: int) -> Compiled:
    """Check and compile; kept for whoever asks the same again, with the same rights and terms."""
    known = [CATALOGUE.metrics.get(metric) for metric in metrics_in(query)]
    require_sight(scope, [metric for metric in known if metric is not None])
    by = [CATALOGUE.dimensions.get(name) for name in dimensions_in(query)]
    require_sight(scope, [dimension for dimension in by if dimension is not None])
    issues = issues_with(query, scope)
    if issues:
        raise CannotAnswer(issues)
    return compiled(query, scope, rows_max=rows_max)


@dataclass(frozen=True)
class _Shape:
    """The figures of a row, in order: which metric, and what of it."""

    metric: Metric
    place: int
    what: str

    @property
    def column(self) -> str:
        """The name of the column in the select."""
        return f"{self.what}{self.place}"


def _report(
    session: Session, plan: Compiled, found: Sequence[SqlRow[Any]], rows_max: int
) -> Report:
    query, scope = plan.query, plan.scope
    shapes = _shapes(query)
    total = next((row._mapping for row in found if row.total == 1), None)  # noqa: SLF001
    counted = _counts(plan, total)
    source = max(counted, default=0)
    grouped = bool(query.dimensions or query.grain)
    body = [row for row in found if row.total == 0] if grouped else list(found)
    rows = tuple(_row(plan, shapes, row._mapping) for row in body[:rows_max])  # noqa: SLF001
    totals = tuple(
        _once_rounded(_exact(total[shape.column]), shape.metric, scope) if total else None
        for shape in shapes
    )
    if not grouped:
        rows = tuple(Row((), None, totals, row.source_rows) for row in rows)
    return Report(
        query=query,
        columns=(*_key_columns(query), *(_column(shape, scope) for shape in shapes)),
        rows=rows,
        totals=totals,
        figures=_figures(plan, totals, shapes, counted),
        basis=_basis(plan, source),
        read_back=_read_back(plan),
        notes=(*_notes(plan), *_cut_off(body, rows_max)),
        span=plan.now.span,
        as_of=plan.now.as_of,
        compared_with=plan.before.span if plan.before else None,
        computed_at=clock.now(),
        currency=scope.currency,
        source_rows=source,
        emptiness="" if source else _why_empty(session, plan),
        cut_off=len(body) > rows_max,
    )


def _shapes(query: ReportQuery) -> list[_Shape]:
    shapes = []
    for place, name in enumerate(query.metrics):
        metric = CATALOGUE.metrics[name]
        whats = ["value"]
        if query.compare is not None:
            whats += ["before", "delta", "growth"]
        if query.share_of is not None:
            whats.append("share")
        shapes += [_Shape(metric, place, what) for what in whats]
    return shapes


def _counts(plan: Compiled, total: Any) -> list[int]:  # noqa: ANN401  # A row's mapping.
    """Return how many source rows each metric was computed from."""
    if total is None:
        return [0 for _ in plan.query.metrics]
    slots: dict[int, int] = {}
    for metric in metrics_in(plan.query):
        for measure in CATALOGUE.measures_of(metric, orders=plan.scope.orders):
            slots.setdefault(id(measure), len(slots))
    counts = []
    for metric in plan.query.metrics:
        by_source: dict[str, int] = {}
        for measure in CATALOGUE.measures_of(metric, orders=plan.scope.orders):
            rows = int(total[f"part{slots[id(measure)]}_rows"])
            by_source[measure.source.id] = max(rows, by_source.get(measure.source.id, 0))
        counts.append(sum(by_source.values()))
    return counts


def _row(plan: Compiled, shapes: list[_Shape], row: Any) -> Row:  # noqa: ANN401
    members = tuple(
        _member(CATALOGUE.dimensions[name], row, place, others=bool(row["is_rest"]))
        for place, name in enumerate(plan.query.dimensions)
    )
    counts = [int(row[name] or 0) for name in row if name.endswith("_rows")]
    figures = tuple(_exact(row[shape.column]) for shape in shapes)
    return Row(members, row["bucket"], figures, max(counts, default=0))


def _member(dimension: Dimension, row: Any, place: int, *, others: bool) -> Member:  # noqa: ANN401
    key, label, label_zh = (row[f"{name}{place}"] for name in ("key", "label", "label_zh"))
    if key is None:
        return Member(None, OTHERS if others else NONE, "others" if others else "none")
    if key in dimension.words:
        return Member(key, Said(*dimension.words[key]))
    if label is None:
        return Member(key, Said(dimension.says(key, "en"), dimension.says(key, "zh")))
    return Member(key, Said(label, label_zh or label))


def _exact(value: Decimal | None) -> Decimal | None:
    """Keep up to six decimals, without zeros at the end."""
    if value is None:
        return None
    short = rounded(value, EXACT_DIGITS).normalize()
    whole = short.to_integral_value()
    return whole.quantize(Decimal(1)) if short == whole else short


def _once_rounded(value: Decimal | None, metric: Metric, scope: Scope) -> Decimal | None:
    if value is None or metric.unit is not Unit.MONEY:
        return value
    return rounded(value, scope.money_digits, scope.rounding)


def _key_columns(query: ReportQuery) -> list[Column]:
    columns = [
        Column(name, CATALOGUE.dimensions[name].names, "dimension") for name in query.dimensions
    ]
    if query.grain is not None:
        en, _, zh = UNITS[query.grain]
        columns.append(Column("date", Said(en, zh), "time"))
    return columns


def _column(shape: _Shape, scope: Scope) -> Column:
    metric, names = shape.metric, shape.metric.names
    money = scope.currency if metric.unit is Unit.MONEY else ""
    own = "%" if metric.unit is Unit.PERCENT else money
    if shape.what == "value":
        return Column(metric.id, names, "value", metric.unit, own, metric.additive)
    if shape.what == "before":
        said = Said(f"{names.en}, compared", f"{names.zh}（对比期）")
        return Column(f"{metric.id}_before", said, "before", metric.unit, own, metric.additive)
    if shape.what == "delta":
        said = Said(f"{names.en}, change", f"{names.zh}（变化）")
        points = "pp" if metric.unit is Unit.PERCENT else own
        return Column(f"{metric.id}_delta", said, "delta", metric.unit, points, metric.additive)
    if shape.what == "growth":
        said = Said(f"{names.en}, growth", f"{names.zh}（增长率）")
        return Column(f"{metric.id}_growth", said, "growth", Unit.PERCENT, "%")
    said = Said(f"{names.en}, share", f"{names.zh}（占比）")
    return Column(f"{metric.id}_share", said, "share", Unit.PERCENT, "%", additive=True)


def _figures(
    plan: Compiled, totals: tuple[Decimal | None, ...], shapes: list[_Shape], counted: list[int]
) -> tuple[Figure, ...]:
    filters = tuple(readback_filter(one) for one in plan.query.filters)
    snapshots = plan.scope.orders
    return tuple(
        Figure(
            metric=shape.metric.id,
            names=shape.metric.names,
            value=total,
            unit=shape.metric.unit,
            sign=_column(shape, plan.scope).sign,
            version=version_of(shape.metric.id),
            filters=filters,
            start=None
            if CATALOGUE.is_snapshot(shape.metric.id, orders=snapshots)
            else plan.now.span.start,
            as_of=plan.now.as_of,
            source_rows=counted[shape.place],
        )
        for shape, total in zip(shapes, totals, strict=True)
        if shape.what == "value"
    )


def readback_filter(one: Filter) -> str:
    """Say one filter in a stable form for programs: territory in DE, FR."""
    values = ", ".join(value.id if isinstance(value, Ref) else str(value) for value in one.values)
    return f"{one.dimension} {one.op} {values}".strip()


def _basis(plan: Compiled, source: int) -> Said:
    """Say what the figures are made of, on which terms, and who sees how much of it."""
    scope, query = plan.scope, plan.query
    parts: dict[str, Said] = {}
    for metric in query.metrics:
        for measure in CATALOGUE.measures_of(metric, orders=scope.orders):
            parts.setdefault(measure.says.en, measure.says)
    money = any(CATALOGUE.metrics[metric].unit is Unit.MONEY for metric in query.metrics)
    en = ["; ".join(part.en for part in parts.values())]
    zh = ["；".join(part.zh for part in parts.values())]
    on_orders = scope.orders and any(
        CATALOGUE.metrics[part].on_orders is not None
        for metric in query.metrics
        for part in (metric, *CATALOGUE.metrics[metric].parts)
    )
    if on_orders:
        en.append("counted on orders, as the history brought here has no invoices")
        zh.append("导入的历史没有发票，因此按订单统计")
    if money:
        en.append(scope.currency)
        zh.append(scope.currency)
    en.append(f"{source:,} rows")
    zh.append(f"{source:,} 行")
    if all(CATALOGUE.is_snapshot(metric, orders=scope.orders) for metric in query.metrics):
        en.append(f"as of {day_said(plan.now.as_of, 'en')}")
        zh.append(f"截至{day_said(plan.now.as_of, 'zh')}")
    else:
        en.append(span_said(plan.now.span, "en"))
        zh.append(span_said(plan.now.span, "zh"))
    if scope.own:
        en.append("you see your own figures only")
        zh.append("您只能看到自己的数据")
    return Said("; ".join(en), "；".join(zh))


def _read_back(plan: Compiled) -> Said:
    """Say the question back, with the days that its period was."""
    said = read_back(plan.query)
    period = plan.query.period
    if period is None or isinstance(period, AsOf) or period.kind == "range":
        return said
    return Said(
        f"{said.en} ({span_said(plan.now.span, 'en')})",
        f"{said.zh}（{span_said(plan.now.span, 'zh')}）",
    )


def _notes(plan: Compiled) -> list[Said]:
    notes = []
    now, before = plan.now.span, plan.before.span if plan.before else None
    if now.cut and now.end is not None:
        en, zh = day_said(now.end, "en"), day_said(now.end, "zh")
        notes.append(Said(f"the period is not over: counted up to {en}", f"期间未结束：统计至{zh}"))
    if now.start is not None and resolve(plan.query.period, plan.scope.today).start is None:
        en, zh = day_said(now.start, "en"), day_said(now.start, "zh")
        notes.append(Said(f"shown from {en} on", f"自{zh}起显示"))
    if before is not None:
        en, zh = span_said(before, "en"), span_said(before, "zh")
        compare = plan.query.compare
        same = now.cut and compare is not None and compare.align == "to_date"
        notes.append(
            Said(
                f"compared with {en}" + (", up to the same day" if same else ""),
                f"对比期间：{zh}" + ("（截至同一天）" if same else ""),
            )
        )
    if plan.query.limit is not None and not plan.query.others:
        notes.append(Said("the total is of all, also what is not shown", "合计包含未显示的部分"))
    return notes


def _cut_off(body: Sequence[Any], rows_max: int) -> list[Said]:
    """Say it where there are more rows than are shown: no row is left out in silence."""
    if len(body) <= rows_max:
        return []
    return [
        Said(
            f"only the first {rows_max:,} rows are shown; the total is of all of them",
            f"仅显示前{rows_max:,}行；合计包含全部行",
        )
    ]


def _why_empty(session: Session, plan: Compiled) -> Emptiness:
    """Say why no row was found, or nothing where none is the answer: no overdue invoice, say."""
    if plan.scope.own and not _has_own(session, plan):
        # Not what others have, nor whether they have any: only that this is not all there may be.
        return "hidden"
    # A customer is not told which names exist besides the own.
    for one in () if plan.scope.own else plan.query.filters:
        if one.op == "in" and not is_known(session, one):
            return "unknown_member"
    whole = plan.query.model_copy(update=_ungrouped())
    within = whole.model_copy(update={"filters": ()})
    ever = within.model_copy(update={"period": None})
    matches, in_period, on_file = session.execute(
        select(_exists(plan, whole), _exists(plan, within), _exists(plan, ever))
    ).one()
    if matches:
        return ""
    if in_period:
        return "nothing_matches"
    return "nothing_in_period" if on_file else "nothing_on_file"


def _has_own(session: Session, plan: Compiled) -> bool:
    """Tell whether a customer has anything of what is asked for, in whichever period."""
    ever = plan.query.model_copy(update={**_ungrouped(), "filters": (), "period": None})
    return bool(session.scalar(select(_exists(plan, ever))))


def _exists(plan: Compiled, query: ReportQuery) -> ColumnElement[bool]:
    """Tell whether the sources have a row for a question, whatever the measures take of it."""
    found = []
    for metric in query.metrics:
        for measure in CATALOGUE.measures_of(metric, orders=plan.scope.orders):
            source, _, conditions = source_rows(query, plan.scope, replace(measure, where=None))
            found.append(select(literal(1)).select_from(source).where(*conditions).exists())
    return or_(*found)


def _ungrouped() -> dict[str, Any]:
    return {
        "dimensions": (), "grain": None, "having": (), "order": (), "limit": None,
        "limit_per": None, "others": False, "share_of": None, "cumulative": None, "compare": None,
    }  # fmt: skip


def is_known(session: Session, one: Filter) -> bool:
    """Tell whether at least one of the members a filter asks for exists."""
    dimension = CATALOGUE.dimensions[one.dimension]
    if dimension.members is None:
        return True
    members = dimension.members.subquery()
    asked = [
        (value.id if isinstance(value, Ref) else str(value)).casefold() for value in one.values
    ]
    called = [
        key for key, words in dimension.words.items() for word in words if word.casefold() in asked
    ]
    names = [
        cast(members.c[name], String)
        for name in ("key", "label", "label_zh", "also", "also_label", "also_label_zh")
        if name in members.c
    ]
    matches = or_(
        *(func.lower(name).in_(asked) for name in names),
        cast(members.c.key, String).in_(called),
    )
    found = session.scalar(select(select(literal(1)).where(matches).exists()))
    return bool(found)
