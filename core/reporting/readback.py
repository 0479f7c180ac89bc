"""Says a question back in one sentence, so that a person sees how it was understood."""

from collections.abc import Iterable
from decimal import Decimal

from core.kernel.errors import Language
from core.kernel.semantics import Said
from core.kernel.words import capital
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain
from core.reporting.query import (
    TIME,
    AsOf,
    Compare,
    Filter,
    Having,
    Order,
    Period,
    Range,
    Ref,
    Relative,
    ReportQuery,
    Span,
)
from core.reporting.words import day_said, span_said

UNITS: dict[Grain, tuple[str, str, str]] = {
    "day": ("day", "天", "日"),
    "week": ("week", "周", "周"),
    "month": ("month", "个月", "月"),
    "quarter": ("quarter", "个季度", "季度"),
    "half": ("half-year", "个半年", "半年"),
    "year": ("year", "年", "年"),
    "fiscal_month": ("fiscal month", "个会计月", "会计月"),
    "fiscal_quarter": ("fiscal quarter", "个财季", "财季"),
    "fiscal_year": ("fiscal year", "个财年", "财年"),
}
_NEAR_ZH: dict[Grain, tuple[str, str, str]] = {
    "day": ("昨天", "今天", "明天"),
    "week": ("上周", "本周", "下周"),
    "month": ("上个月", "本月", "下个月"),
    "quarter": ("上季度", "本季度", "下季度"),
    "half": ("上个半年", "本半年", "下个半年"),
    "year": ("去年", "今年", "明年"),
    "fiscal_month": ("上个会计月", "本会计月", "下个会计月"),
    "fiscal_quarter": ("上财季", "本财季", "下财季"),
    "fiscal_year": ("上财年", "本财年", "下财年"),
}
_NEAR_DAY = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_OPERATORS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_CHANGES = {
    "value": Said("", ""),
    "delta": Said("change of ", "变化额"),
    "growth": Said("growth of ", "增长率"),
    "share": Said("share of ", "占比"),
}


def readback(query: ReportQuery, language: Language) -> str:
    """Say a question in one sentence of one language."""
    said = _zh if language == "zh" else _en
    separator = "，" if language == "zh" else ", "
    return separator.join(part for part in said(query) if part)


def read_back(query: ReportQuery) -> Said:
    """Say a question in both languages."""
    return Said(readback(query, "en"), readback(query, "zh"))


def period_said(period: Period, language: Language) -> str:
    """Say a period as it was asked for: "last month" stays last month."""
    if isinstance(period, Range):
        return span_said(Span(period.start, period.end), language)
    if isinstance(period, AsOf):
        if period.day is None:
            return "截至今天" if language == "zh" else "as of today"
        day = day_said(period.day, language)
        return f"截至{day}" if language == "zh" else f"as of {day}"
    return _relative_zh(period) if language == "zh" else _relative_en(period)


def _en(query: ReportQuery) -> Iterable[str]:
    cumulative = {
        None: "",
        "period": "cumulative ",
        "all": "cumulative since the beginning ",
    }[query.cumulative]
    share = f"share of {query.share_of} of " if query.share_of else ""
    metrics = " and ".join(_metric(metric, "en") for metric in query.metrics)
    yield capital(f"{cumulative}{share}{metrics}")
    by = [_dimension(name, "en") for name in query.dimensions]
    if query.grain:
        by.append(UNITS[query.grain][0])
    yield f"by {' and '.join(by)}" if by else ""
    if query.period is not None:
        yield period_said(query.period, "en")
    yield f"by the date {query.time_dimension}" if query.time_dimension else ""
    for one in query.filters:
        yield _filter(one, "en")
    for having in query.having:
        yield _having(having, "en")
    yield _compare(query.compare, "en") if query.compare else ""
    yield from _order(query, "en")


def _zh(query: ReportQuery) -> Iterable[str]:
    if query.period is not None:
        yield period_said(query.period, "zh")
    by = [_dimension(name, "zh") for name in query.dimensions]
    if query.grain:
        by.append(UNITS[query.grain][2])
    yield f"按{'和'.join(by)}" if by else ""
    cumulative = {None: "", "period": "累计", "all": "自期初累计"}[query.cumulative]
    shares = {"total": "总计", "row": "行", "column": "列", "parent": "上级"}
    metrics = "和".join(_metric(metric, "zh") for metric in query.metrics)
    share = f"占{shares[query.share_of]}的比例" if query.share_of else ""
    yield f"{cumulative}{metrics}{share}"
    yield f"按日期 {query.time_dimension}" if query.time_dimension else ""
    for one in query.filters:
        yield _filter(one, "zh")
    for having in query.having:
        yield _having(having, "zh")
    yield _compare(query.compare, "zh") if query.compare else ""
    yield from _order(query, "zh")


def _metric(metric: str, language: Language) -> str:
    known = CATALOGUE.metrics.get(metric)
    return metric if known is None else known.names.in_(language)


def _dimension(dimension: str, language: Language) -> str:
    known = CATALOGUE.dimensions.get(dimension)
    return dimension if known is None else known.names.in_(language)


def _filter(one: Filter, language: Language) -> str:
    zh = language == "zh"
    name = _dimension(one.dimension, language)
    if one.op == "is_null":
        return f"没有{name}" if zh else f"without {name}"
    if one.op == "not_null":
        return f"有{name}" if zh else f"with {name}"
    values = [
        value.label or value.id if isinstance(value, Ref) else _plain(value) for value in one.values
    ]
    known = CATALOGUE.dimensions.get(one.dimension)
    if known is not None:
        values = [known.says(value, language) for value in values]
    if one.op == "contains":
        return f"{name}包含“{values[0]}”" if zh else f'{name} contains "{values[0]}"'
    if one.op == "between":
        low, high = values
        return f"{name}在{low}与{high}之间" if zh else f"{name} between {low} and {high}"
    sign = "=" if one.op == "in" else "≠"
    return f"{name} {sign} {('、' if zh else ' or ').join(values)}"


def _having(having: Having, language: Language) -> str:
    name = _changed(having.metric, having.on, language)
    if having.op == "between":
        low, high = _plain(having.value), _plain(having.value2 or Decimal(0))
        return (
            f"{name}在{low}与{high}之间" if language == "zh" else f"{name} between {low} and {high}"
        )
    return f"{name} {_OPERATORS[having.op]} {_plain(having.value)}"


def _changed(metric: str, what: str, language: Language) -> str:
    name = _metric(metric, language)
    prefix = _CHANGES.get(what, _CHANGES["value"])
    return f"{name}{prefix.zh}" if language == "zh" else f"{prefix.en}{name}"


def _compare(compare: Compare, language: Language) -> str:
    zh = language == "zh"
    if compare.period is not None:
        other = period_said(compare.period, language)
    else:
        other = {
            "prior_period": Said("the prior period", "上一期间"),
            "prior_year": Said("the prior year", "上年同期"),
            "budget": Said("the budget", "预算"),
            "forecast": Said("the forecast", "预测"),
            "target": Said("the target", "目标"),
            "same_period_n_years_ago": Said(
                f"the same period {compare.years} years ago", f"{compare.years}年前同期"
            ),
        }[compare.to].in_(language)
    whole = ""
    if compare.align == "full":
        whole = "（整期）" if zh else " as a whole"
    return f"与{other}相比{whole}" if zh else f"compared with {other}{whole}"


def _order(query: ReportQuery, language: Language) -> Iterable[str]:
    zh = language == "zh"
    orders = list(query.order)
    if query.limit is not None:
        first = orders.pop(0) if orders else None
        yield _limited(query, first, language)
    for order in orders:
        direction = {"asc": Said("ascending", "升序"), "desc": Said("descending", "降序")}
        by, way = _ordered_by(order, language), direction[order.dir].in_(language)
        yield f"按{by}{way}排列" if zh else f"sorted by {by} {way}"


def _limited(query: ReportQuery, order: Order | None, language: Language) -> str:
    zh = language == "zh"
    end = ("后" if zh else "bottom") if order and order.dir == "asc" else ("前" if zh else "top")
    by = _ordered_by(order, language) if order else ""
    per = _dimension(query.limit_per, language) if query.limit_per else ""
    if zh:
        text = f"{f'按{by}' if by else ''}{f'每个{per}' if per else ''}{end}{query.limit}名"
        return f"{text}，其余合并" if query.others else text
    text = f"{end} {query.limit}{f' by {by}' if by else ''}{f' per {per}' if per else ''}"
    return f"{text}, the rest as others" if query.others else text


def _ordered_by(order: Order, language: Language) -> str:
    if order.by == TIME:
        return "日期" if language == "zh" else "date"
    if order.what == "label" or order.by in CATALOGUE.dimensions:
        return _dimension(order.by, language)
    return _changed(order.by, order.what, language)


def _relative_en(period: Relative) -> str:
    unit, count, offset = UNITS[period.unit][0], period.count, period.offset
    units = unit if count == 1 else f"{count} {unit}s"
    if period.through_today:
        said = f"the last {units} through today"
        return said if not offset else f"{said}, {_ago_en(unit, offset)}"
    if count == 1 and abs(offset) <= 1:
        said = f"{('last', 'this', 'next')[offset + 1]} {unit}"
        said = _NEAR_DAY[offset] if period.unit == "day" else said
    elif offset == -count:
        said = f"the last {units}"
    elif offset == 1:
        said = f"the next {units}"
    elif count == 1:
        said = f"the {unit} {_ago_en(unit, offset)}"
    else:
        said = f"{units} from {_ago_en(unit, offset)}"
    return f"{said} to date" if period.to_date else said


def _ago_en(unit: str, offset: int) -> str:
    if offset == 0:
        return f"this {unit}"
    units = unit if abs(offset) == 1 else f"{unit}s"
    return f"{abs(offset)} {units} {'ago' if offset < 0 else 'ahead'}"


def _relative_zh(period: Relative) -> str:
    _, counter, _ = UNITS[period.unit]
    count, offset = period.count, period.offset
    if period.through_today:
        said = f"截至今天的{count}{counter}"
        return said if not offset else f"{_ago_zh(counter, offset)}{said}"
    if count == 1 and abs(offset) <= 1:
        said = _NEAR_ZH[period.unit][offset + 1]
    elif offset == -count:
        said = f"最近{count}{counter}"
    elif offset == 1:
        said = f"未来{count}{counter}"
    else:
        said = f"从{_ago_zh(counter, offset)}起的{count}{counter}"
    return f"{said}至今" if period.to_date else said


def _ago_zh(counter: str, offset: int) -> str:
    if offset == 0:
        return "本期"
    return f"{abs(offset)}{counter}{'前' if offset < 0 else '后'}"


def _plain(value: object) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else str(value)
