"""A question on its way to SQL: its windows, and the measures that it comes down to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select

from core.kernel.semantics import Adding, Dimension, Measure, Metric, Timing
from core.reporting.catalogue import CATALOGUE, DAY
from core.reporting.issues import dimensions_in, metrics_in
from core.reporting.query import ReportQuery
from core.reporting.scope import Scope
from core.reporting.windows import Window, windows_of

NOW, BEFORE = "", "_before"
Any_ = ColumnElement[Any]
Number = ColumnElement[Decimal]
Chosen = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Group:
    """Measures that are added up from one source over the same rows."""

    measures: tuple[tuple[str, Measure], ...]

    @property
    def first(self) -> Measure:
        """Any of them: they all read the same rows."""
        return self.measures[0][1]


@dataclass(frozen=True)
class Work:
    """A question on its way to SQL."""

    query: ReportQuery
    scope: Scope
    now: Window
    before: Window | None
    dimensions: tuple[Dimension, ...]
    slots: Mapping[int, str]
    groups: tuple[Group, ...]
    metrics: tuple[Metric, ...]
    ahead: bool
    # The slots whose figures do not add up: different values were counted.
    distinct: frozenset[str]
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


def work_of(query: ReportQuery, scope: Scope) -> Work:
    """Return the measures of a question by source, and the windows it looks at."""
    metrics = tuple(CATALOGUE.metrics[metric] for metric in metrics_in(query))
    slots: dict[int, str] = {}
    distinct: set[str] = set()
    groups: dict[tuple[Any, ...], list[tuple[str, Measure]]] = {}
    for metric in metrics:
        for measure in CATALOGUE.measures_of(metric.id, orders=scope.orders):
            if id(measure) not in slots:
                slot = slots[id(measure)] = f"part{len(slots)}"
                if measure.adding is Adding.DISTINCT:
                    distinct.add(slot)
                same = (measure.source.id, measure.timing, measure.months, measure.days)
                groups.setdefault(same, []).append((slot, measure))
    read = [_coarsest(query, measures) for measures in groups.values()]
    levels = any(group[0][1].timing is not Timing.WITHIN for group in read)
    # A day that is not the first of its source's dates is a promise: it may lie ahead.
    ahead = query.time_dimension is not None and any(
        group[0][1].source.dates[:1] != (query.time_dimension,) for group in groups.values()
    )
    now, before = windows_of(query, scope.today, levels=levels, ahead=ahead)
    return Work(
        query=query,
        scope=scope,
        now=now,
        before=before,
        dimensions=tuple(CATALOGUE.dimensions[name] for name in query.dimensions),
        slots=slots,
        groups=tuple(Group(tuple(group)) for group in read),
        metrics=metrics,
        ahead=ahead,
        distinct=frozenset(distinct),
        tags=(NOW, BEFORE) if before is not None else (NOW,),
    )


def _coarsest(
    query: ReportQuery, measures: Sequence[tuple[str, Measure]]
) -> Sequence[tuple[str, Measure]]:
    """Read fewer rows that say less, where they say all that is asked of some measures."""
    dimensions = (CATALOGUE.dimensions[name] for name in dimensions_in(query))
    handles = {dimension.handle for dimension in dimensions} - {DAY}
    coarse = []
    for slot, measure in measures:
        if measure.coarse is None or not handles <= measure.coarse.source.handles:
            return measures
        if query.time_dimension not in {None, *measure.coarse.source.dates}:
            return measures
        coarse.append((slot, measure.coarse))
    # What is coarse may be the same as what is coarser still.
    return _coarsest(query, coarse)
