"""What the figures mean, for people: formulas in words, parts, sources, and the handbook of them.

Nothing here is written twice: a formula is read from what computes it, and a definition's version
is a hash of its declaration, so that it changes when, and only when, the figure's meaning does.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Date, column, literal_column
from sqlalchemy.dialects import postgresql

from core.kernel.errors import Language
from core.kernel.semantics import (
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Rows,
    Said,
    Timing,
    Unit,
)
from core.reporting.catalogue import CATALOGUE, ROOMS

VERSION_LENGTH = 8
UNITS = {
    Unit.MONEY: Said("money", "金额"),
    Unit.QUANTITY: Said("quantity", "数量"),
    Unit.PERCENT: Said("percent", "百分比"),
    Unit.COUNT: Said("count", "计数"),
    Unit.DAYS: Said("days", "天数"),
}
KINDS = {
    Kind.FLOW: Said("adds up over a period", "期间累计"),
    Kind.SNAPSHOT: Said("a level at the end of a day", "时点数"),
    Kind.RATIO: Said("a quotient of sums", "合计数之比"),
    Kind.DERIVED: Said("a sum or difference of others", "由其他指标加减得出"),
}
_ADDED = {
    Adding.SUM: Said("sum", "合计"),
    Adding.COUNT: Said("count of rows", "行数"),
    Adding.DISTINCT: Said("count of different ones", "去重计数"),
}
_TIMED = {
    Timing.WITHIN: Said("dated in the period", "日期在期间内"),
    Timing.UP_TO: Said("all up to the end of the day", "截至当日终了"),
    Timing.PRESENT: Said("as of now", "当前"),
}
_PREFACE = """\
`prokurist metrics --markdown` writes this page from what the rooms declare: do not edit it. Every
answer names its definition with the version that stands here. The version is a hash of the
declaration: it changes when the meaning of the figure does."""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
# What SQL needs and a reader does not.
_CAST = re.compile(r"CAST\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*) AS NUMERIC\)")
_HUNDRED = re.compile(r"^\((\d+ \* [^()]+)\) /")
_SAFE_DIVISOR = re.compile(r"nullif\(((?:[^()]|\([^()]*\))*), 0\)")
_ONLY_IF = re.compile(r"CASE WHEN \(?[^()]*\)? THEN ([^()]+) END")
_LONE = re.compile(r"\((\[[^\]]*\])\)")


def formula_of(metric: Metric, language: Language) -> str:
    """Return how a metric is computed from its parts, in their names; nothing for a measure."""
    if metric.formula is None:
        return ""
    named: list[ColumnElement[Any]] = [
        literal_column(f"[{CATALOGUE.metrics[part].names.in_(language)}]") for part in metric.parts
    ]
    text = " ".join(_sql(metric.formula(*named), plain=True).split())
    for pattern, instead in (
        (_SAFE_DIVISOR, r"(\1)"),
        (_ONLY_IF, r"(\1)"),
        (_CAST, r"\1"),
        (_CAST, r"\1"),
        (_LONE, r"\1"),
        (_HUNDRED, r"\1 /"),
    ):
        text = pattern.sub(instead, text)
    return text.replace("[", "").replace("]", "").replace(" * ", " × ").replace(" - ", " − ")


def summed(measure: Measure, language: Language) -> str:
    """Say what a measure adds up, how, and of which days."""
    how, timed = _ADDED[measure.adding], _TIMED.get(measure.timing)
    if timed is None:
        many = measure.months or measure.days
        timed = (
            Said(f"of the last {many} months", f"最近{many}个月")
            if measure.months
            else Said(f"of the last {many} days", f"最近{many}天")
        )
    if language == "zh":
        return f"{how.zh}：{measure.says.zh}（{timed.zh}）"
    return f"{how.en} over {measure.says.en} ({timed.en})"


def sources_of(metric: Metric, language: Language, *, orders: bool) -> list[str]:
    """Say each of the things that a metric is added up from, once."""
    measures = CATALOGUE.measures_of(metric.id, orders=orders)
    return list(dict.fromkeys(summed(measure, language) for measure in measures))


@cache
def version_of(name: str) -> str:
    """Return the version of a metric's definition: a hash of all that its figure depends on."""
    said = declaration_of(CATALOGUE.metrics[name])
    return hashlib.sha256(said.encode()).hexdigest()[:VERSION_LENGTH]


def declaration_of(metric: Metric) -> str:
    """Return all that a figure depends on; what it is called and who may see it is not of it."""
    said = [metric.id, metric.definition.en, metric.unit.value, metric.kind.value]
    for measure in (metric.measure, metric.on_orders):
        said += [] if measure is None else _declared(measure)
    if metric.formula is not None:
        said.append(_sql(metric.formula(*(literal_column(part) for part in metric.parts))))
        said += [version_of(part) for part in metric.parts]
    return "\n".join(said)


def _declared(measure: Measure) -> list[str]:
    columns = measure.source.rows.subquery(measure.source.id)
    day: ColumnElement[object] = column("day", Date)
    rows = Rows(columns, day, column("as_of", Date))  # type: ignore[arg-type]
    return [
        _sql(measure.source.rows),
        "" if measure.value is None else _sql(measure.value(rows)),
        "" if measure.where is None else _sql(measure.where(rows)),
        measure.adding.value,
        measure.timing.value,
        f"{measure.months} {measure.days} {measure.minor}",
    ]


def _sql(clause: ClauseElement, *, plain: bool = False) -> str:
    how = {"literal_binds": True} if plain else {}
    made = clause.compile(dialect=_DIALECT, compile_kwargs=how)
    bound = "" if plain else repr(sorted((name, str(one)) for name, one in made.params.items()))
    return f"{made}{bound}"


def handbook() -> str:
    """Return the handbook of all figures and of what they can be asked by, as Markdown."""
    counted = f"{len(CATALOGUE.asked())} figures, {len(CATALOGUE.dimensions)} dimensions."
    parts = ["# The figures, and what they can be asked by", _PREFACE, counted]
    for named, room in ROOMS:
        asked = [metric for metric in room.metrics if not metric.inner]
        if asked:
            parts.append(f"## {named.en} · {named.zh}")
            parts += [_chapter(metric) for metric in asked]
    parts += ["## Dimensions · 维度", _dimensions(CATALOGUE.dimensions.values())]
    return "\n\n".join(parts) + "\n"


def _chapter(metric: Metric) -> str:
    lines = [
        f"### {metric.names.en} · {metric.names.zh}",
        (
            f"`{metric.id}` · {UNITS[metric.unit].en} · {KINDS[metric.kind].en}"
            f" · version `{version_of(metric.id)}`"
        ),
        metric.definition.en,
        metric.definition.zh,
    ]
    facts = []
    if metric.formula is not None:
        facts.append(f"- Formula: {formula_of(metric, 'en')}")
    facts += [f"- From: {source}" for source in sources_of(metric, "en", orders=False)]
    if metric.on_orders is not None:
        on_orders = sources_of(metric, "en", orders=True)
        facts += [f"- Without invoices: {source}" for source in on_orders]
    facts.append(f"- By: {_listed(CATALOGUE.dimensions_of(metric.id))}")
    facts.append(f"- Also called: {', '.join((*metric.names.also_en, *metric.names.also_zh))}")
    facts.append(f"- Seen by: {', '.join(sorted(role.value for role in metric.roles))}")
    return "\n\n".join([*lines, "\n".join(facts)])


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in ids) or "nothing: it is one figure"


def _dimensions(dimensions: Iterable[Dimension]) -> str:
    rows = ["| id | name | 名称 | above it | also called |", "|---|---|---|---|---|"]
    rows += [
        f"| `{one.id}` | {one.names.en} | {one.names.zh}"
        f" | {'' if one.parent is None else f'`{one.parent}`'}"
        f" | {', '.join((*one.names.also_en, *one.names.also_zh))} |"
        for one in dimensions
    ]
    return "\n".join(rows)
