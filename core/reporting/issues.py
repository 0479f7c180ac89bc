"""What is wrong with a question that is well formed, and what could be asked instead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from core.kernel.errors import DomainError, Language
from core.kernel.semantics import Adding, Dimension, Metric, Timing
from core.reporting.catalogue import CATALOGUE, DAY
from core.reporting.periods import buckets
from core.reporting.query import TIME, AsOf, ReportQuery, resolve
from core.reporting.report import Nothing
from core.reporting.scope import Scope
from core.reporting.windows import BUCKETS_MAX

SUGGESTIONS_MAX = 5
_ALIKE_PERCENT = 55
# The figures that set what happened against what was planned.
_PLANS = {
    "budget": ("budget_variance", "budget_amount"),
    "forecast": (),
    "target": ("quota_attainment",),
}


@dataclass(frozen=True)
class Issue:
    """One reason why a question cannot be answered as it is.

    `about` names the part of the question, `suggestions` what would be possible in its place.
    """

    code: str
    en: str
    zh: str
    about: str = ""
    suggestions: tuple[str, ...] = ()

    def says(self, language: Language) -> str:
        """Say it, with what could be asked instead."""
        if language == "zh":
            hint = f" 可选：{'、'.join(self.suggestions)}。" if self.suggestions else ""
            return f"{self.zh}{hint}"
        hint = f" Possible: {', '.join(self.suggestions)}." if self.suggestions else ""
        return f"{self.en}{hint}"


class CannotAnswer(DomainError):
    """This question cannot be answered as it is."""

    zh = "这个问题无法按原样回答。"
    # Why there is no figure: what is asked for lies outside of what is modelled.
    nothing: Nothing = "not_modelled"

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__()

    def message(self, language: Language) -> str:
        """Say every issue, with what could be asked instead."""
        gap = "" if language == "zh" else " "
        return gap.join(issue.says(language) for issue in self.issues)


def issues_with(query: ReportQuery, scope: Scope) -> list[Issue]:
    """Return why a question cannot be answered, or nothing."""
    unknown = list(_unknown(query))
    if unknown:
        return unknown
    return [
        *_unreachable(query, scope),
        *_about_time(query, scope),
        *_about_adding(query, scope),
        *_about_comparison(query, scope),
        *_about_filters(query),
        *_about_currency(query, scope),
    ]


def metrics_in(query: ReportQuery) -> list[str]:
    """Return the metrics of a question, shown ones first, then those only tested or sorted by."""
    besides = [having.metric for having in query.having]
    besides += [order.by for order in query.order if order.by in CATALOGUE.metrics]
    return list(dict.fromkeys([*query.metrics, *besides]))


def dimensions_in(query: ReportQuery) -> list[str]:
    """Return the dimensions of a question, grouped ones first, then those only filtered by."""
    return list(dict.fromkeys([*query.dimensions, *(one.dimension for one in query.filters)]))


def nearest(text: str, declared: Iterable[Metric | Dimension]) -> tuple[str, ...]:
    """Return the ids of what is called nearly so, in either language."""
    spoken: list[str] = []
    ids: list[str] = []
    for one in declared:
        for name in (one.id, *one.names.all_in("en"), *one.names.all_in("zh")):
            spoken.append(name.lower().replace("_", " "))
            ids.append(one.id)
    found = process.extract(
        text.lower().replace("_", " "),
        spoken,
        scorer=fuzz.WRatio,
        score_cutoff=_ALIKE_PERCENT,
        limit=4 * SUGGESTIONS_MAX,
    )
    return tuple(dict.fromkeys(ids[index] for _, _, index in found))[:SUGGESTIONS_MAX]


def _unknown(query: ReportQuery) -> Iterator[Issue]:
    sorted_by = [
        order.by
        for order in query.order
        if order.by != TIME and order.by not in query.dimensions and order.what != "label"
    ]
    for metric in dict.fromkeys(
        [*query.metrics, *(having.metric for having in query.having), *sorted_by]
    ):
        if metric not in CATALOGUE.metrics or CATALOGUE.metrics[metric].private:
            yield Issue(
                "unknown_metric",
                f"There is no metric called {metric}.",
                f"没有名为 {metric} 的指标。",
                metric,
                nearest(metric, CATALOGUE.asked()),
            )
    by_label = [order.by for order in query.order if order.what == "label" and order.by != TIME]
    for dimension in dict.fromkeys([*dimensions_in(query), *by_label]):
        if dimension not in CATALOGUE.dimensions:
            yield Issue(
                "unknown_dimension",
                f"There is no dimension called {dimension}.",
                f"没有名为 {dimension} 的维度。",
                dimension,
                nearest(dimension, CATALOGUE.dimensions.values()),
            )
        elif dimension in by_label and dimension not in query.dimensions:
            yield Issue(
                "order_not_shown",
                f"The rows cannot be sorted by {dimension}, which is not asked for.",
                f"未按 {dimension} 分组，不能按其排序。",
                dimension,
                query.dimensions,
            )
    if query.grain is None and any(order.by == TIME for order in query.order):
        yield Issue(
            "order_not_shown",
            "The rows cannot be sorted by date without a grain.",
            "未指定时间粒度，不能按日期排序。",
            TIME,
            ("month", "quarter", "year"),
        )


def _unreachable(query: ReportQuery, scope: Scope) -> Iterator[Issue]:
    for dimension in dimensions_in(query):
        for metric in metrics_in(query):
            if CATALOGUE.reaches(metric, dimension, orders=scope.orders):
                continue
            named, by = CATALOGUE.metrics[metric].names, CATALOGUE.dimensions[dimension].names
            yield Issue(
                "not_reachable",
                f"{named.en} is not known by {by.en}.",
                f"{named.zh}无法按{by.zh}统计。",
                dimension,
                tuple(CATALOGUE.dimensions_of(metric, orders=scope.orders)),
            )
    if scope.own:
        for metric in metrics_in(query):
            measures = CATALOGUE.measures_of(metric, orders=scope.orders)
            if any(measure.source.owner is None for measure in measures):
                names = CATALOGUE.metrics[metric].names
                yield Issue(
                    "not_by_customer",
                    f"{names.en} is not known customer by customer.",
                    f"{names.zh}无法按客户区分。",
                    metric,
                )


def _about_time(query: ReportQuery, scope: Scope) -> Iterator[Issue]:
    for metric in metrics_in(query):
        names = CATALOGUE.metrics[metric].names
        measures = CATALOGUE.measures_of(metric, orders=scope.orders)
        if isinstance(query.period, AsOf) and any(m.timing is Timing.WITHIN for m in measures):
            yield Issue(
                "flow_needs_period",
                f"{names.en} adds up over a period; a single day's end is not one.",
                f"{names.zh}需要一个期间，不能只看某日终了。",
                metric,
                ("range", "relative"),
            )
        if any(measure.timing is Timing.PRESENT for measure in measures):
            yield from _only_now(query, scope, metric)
        if query.time_dimension is not None:
            yield from _other_date(query.time_dimension, metric, scope)
    if query.grain is not None:
        span = resolve(query.period, scope.today)
        bounded = span.start is not None and span.end is not None
        if bounded and len(buckets(span, query.grain, BUCKETS_MAX)) > BUCKETS_MAX:
            yield Issue(
                "too_many_buckets",
                f"The period has more than {BUCKETS_MAX:,} of the unit {query.grain}.",
                f"该期间的时间段超过 {BUCKETS_MAX:,} 个。",
                "grain",
                ("month", "quarter", "year"),
            )


def _only_now(query: ReportQuery, scope: Scope, metric: str) -> Iterator[Issue]:
    names = CATALOGUE.metrics[metric].names
    span = resolve(query.period, scope.today)
    if query.grain is not None or query.compare is not None or span.end != scope.today:
        past = ("stock_on_hand",) if metric.startswith("stock_") else ()
        yield Issue(
            "only_now",
            f"{names.en} is known as it is today, not as it was or will be.",
            f"{names.zh}只有当前值，没有历史或未来的值。",
            metric,
            past,
        )


def _other_date(date_column: str, metric: str, scope: Scope) -> Iterator[Issue]:
    for measure in CATALOGUE.measures_of(metric, orders=scope.orders):
        if date_column not in measure.source.dates or measure.timing is not Timing.WITHIN:
            names = CATALOGUE.metrics[metric].names
            yield Issue(
                "unknown_date",
                f"{names.en} has no date called {date_column}.",
                f"{names.zh}没有名为 {date_column} 的日期。",
                date_column,
                measure.source.dates if measure.timing is Timing.WITHIN else (),
            )
            return


def _adds_up(metric: str, scope: Scope) -> bool:
    return CATALOGUE.metrics[metric].additive and all(
        measure.adding is not Adding.DISTINCT
        for measure in CATALOGUE.measures_of(metric, orders=scope.orders)
    )


def _about_adding(query: ReportQuery, scope: Scope) -> Iterator[Issue]:
    for metric in metrics_in(query):
        names = CATALOGUE.metrics[metric].names
        if query.share_of is not None and not _adds_up(metric, scope):
            yield Issue(
                "share_of_what",
                f"The parts of {names.en} do not add up to a whole, so they have no shares.",
                f"{names.zh}的各部分不能相加为整体，因此没有占比。",
                metric,
            )
        timings = {m.timing for m in CATALOGUE.measures_of(metric, orders=scope.orders)}
        distinct = any(
            measure.adding is Adding.DISTINCT
            for measure in CATALOGUE.measures_of(metric, orders=scope.orders)
        )
        if query.cumulative is not None and (timings != {Timing.WITHIN} or distinct):
            yield Issue(
                "not_cumulative",
                f"{names.en} cannot be added up over time.",
                f"{names.zh}不能按时间累计。",
                metric,
            )
    keys = len(query.dimensions) + (query.grain is not None)
    if query.share_of in {"row", "column", "parent"} and keys < 2:  # noqa: PLR2004
        yield Issue(
            "share_of_what",
            f"A share of the {query.share_of} needs two dimensions, or one and a grain.",
            "行、列或上级占比需要两个维度，或一个维度加时间粒度。",
            "share_of",
            ("total",),
        )


def _about_comparison(query: ReportQuery, scope: Scope) -> Iterator[Issue]:
    if query.compare is None:
        return
    if query.compare.to in {"budget", "forecast", "target"}:
        instead = tuple(name for name in _PLANS[query.compare.to] if name in CATALOGUE.metrics)
        yield Issue(
            "nothing_to_compare",
            f"A {query.compare.to} is no period to compare with; ask for a figure of its own.",
            "预算、预测或目标不是可对比的期间；请直接查询相应的指标。",
            "compare",
            (*instead, "prior_period", "prior_year", "period"),
        )
    flows = [m for m in metrics_in(query) if not CATALOGUE.is_snapshot(m, orders=scope.orders)]
    if flows and query.compare.to != "period":
        span = resolve(query.period, scope.today)
        if span.start is None:
            yield Issue(
                "compare_needs_period",
                "A comparison needs a period that has a beginning.",
                "比较需要一个有起始日期的期间。",
                "period",
                ("this year", "last month"),
            )
    if query.compare.period is not None and (flows or query.grain is not None):
        other = resolve(query.compare.period, scope.today)
        if other.start is None:
            yield Issue(
                "compare_needs_period",
                "The period that is compared with needs a beginning.",
                "对比期间需要起始日期。",
                "compare",
                ("prior_period", "prior_year"),
            )
    if query.cumulative == "all":
        yield Issue(
            "compare_from_beginning",
            "What is added up from the beginning has no period to compare with.",
            "从期初累计的数字没有可比较的期间。",
            "cumulative",
            ("period",),
        )


def _about_filters(query: ReportQuery) -> Iterator[Issue]:
    for one in query.filters:
        if one.op == "between":
            names = CATALOGUE.dimensions[one.dimension].names
            yield Issue(
                "between_names",
                f"{names.en} has no order in which one is between two others; name its members.",
                f"{names.zh}没有大小顺序，请列出具体成员。",
                one.dimension,
                ("in", "period", "having"),
            )
        day_only = CATALOGUE.dimensions[one.dimension].handle == DAY
        if day_only and one.op in {"is_null", "not_null"}:
            yield Issue(
                "always_there",
                "Every date has a weekday.",
                "每个日期都有星期。",
                one.dimension,
                ("in",),
            )


def _about_currency(query: ReportQuery, scope: Scope) -> Iterator[Issue]:
    if query.currency not in {None, scope.currency}:
        yield Issue(
            "other_currency",
            f"Figures are kept in {scope.currency}, each document at the rate of its own day; they"
            f" are not converted to {query.currency}. Documents in {query.currency} can be asked"
            " for by the dimension currency.",
            f"数字以 {scope.currency} 记账（按单据日汇率折算），不再折算为 {query.currency}。"
            f"可按币种维度查询 {query.currency} 的单据。",
            "currency",
            (scope.currency,),
        )
