"""The typed question: metrics by dimensions over a period, and what to do with the result.

One object serves chat, dashboards, programs, exports and alerts. It is symbolic: "last month" stays
last month in a saved report. `resolve` says which days that is on a business date.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from core.kernel.money import NotAnAmount, exact
from core.reporting.periods import (
    DAYS_OF,
    Grain,
    Span,
    add_days,
    add_months,
    bucket_end,
    bucket_start,
    next_bucket,
    shift_back,
    shift_years,
)

__all__ = [
    "AsOf",
    "Compare",
    "Filter",
    "Grain",
    "Having",
    "Order",
    "Period",
    "Range",
    "Ref",
    "Relative",
    "ReportQuery",
    "Span",
    "resolve",
    "resolve_comparison",
]

METRICS_MAX, DIMENSIONS_MAX, FILTERS_MAX, VALUES_MAX, ROWS_MAX = 6, 3, 12, 200, 5_000
# The name that stands for the buckets of time in `order`.
TIME = "date"


def _printable(text: str) -> str:
    if any(ord(sign) < 32 for sign in text):  # noqa: PLR2004  # What ASCII calls control signs.
        problem = "control characters are not allowed"
        raise ValueError(problem)
    return text


Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Number = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=28, decimal_places=10)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]


class Part(BaseModel):
    """A part of a question: never changed, and nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(Part):
    """From a day to a day, both included; a missing one leaves that side open."""

    kind: Literal["range"] = "range"
    start: Day | None = None
    end: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.start > self.end:
            problem = "the period ends before it starts"
            raise ValueError(problem)
        return self


class Relative(Part):
    """`count` units of time, the first one `offset` units from the present one.

    This month is `Relative(unit="month")`, last month has offset -1, the last three months are
    offset -3 and count 3. `to_date` ends each at the day that today is in its unit: the year to
    date, or with offset -1 last year up to the same day. `through_today` counts `count` units
    back from today, today included: the last 30 days.
    """

    kind: Literal["relative"] = "relative"
    unit: Grain
    offset: int = Field(default=0, ge=-1_000, le=1_000)
    count: int = Field(default=1, ge=1, le=1_000)
    to_date: bool = False
    through_today: bool = False

    @model_validator(mode="after")
    def _one_ending(self) -> Self:
        if self.to_date and self.through_today:
            problem = "a period is to_date or through_today, not both"
            raise ValueError(problem)
        return self


class AsOf(Part):
    """The state at the end of a day; without a day, at the end of today."""

    kind: Literal["as_of"] = "as_of"
    day: Day | None = None


def _kind_of(period: Any) -> str:  # noqa: ANN401  # What outsiders wrote, before it is checked.
    if isinstance(period, Part):
        return str(getattr(period, "kind", ""))
    if not isinstance(period, dict):
        return ""
    if "kind" in period:
        return str(period["kind"])
    if "unit" in period:
        return "relative"
    return "as_of" if "day" in period else "range"


Period = Annotated[
    Annotated[Range, Tag("range")]
    | Annotated[Relative, Tag("relative")]
    | Annotated[AsOf, Tag("as_of")],
    Discriminator(_kind_of),
]


class Ref(Part):
    """A member of a dimension: the key people know it by (C-00001, a SKU, a code), and its name."""

    id: Word
    label: Annotated[str, Field(max_length=200), AfterValidator(_printable)] = ""


class Filter(Part):
    """Only rows whose dimension is, or is not, one of some values.

    A plain text stands for a key or a name. `between` takes two numbers or two days.
    """

    dimension: Name
    op: Literal["in", "not_in", "is_null", "not_null", "contains", "between"] = "in"
    values: tuple[Ref | Word | Day | Number, ...] = Field(default=(), max_length=VALUES_MAX)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:  # noqa: ANN401
        # Texts and numbers have one form each, so that a question read back is the same one.
        if not isinstance(given, dict) or not isinstance(given.get("values"), list | tuple):
            return given
        read = as_bound if given.get("op") == "between" else as_text
        return {**given, "values": tuple(read(value) for value in given["values"])}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        wanted = {"is_null": (0, 0), "not_null": (0, 0), "contains": (1, 1), "between": (2, 2)}
        least, most = wanted.get(self.op, (1, VALUES_MAX))
        if not least <= len(self.values) <= most:
            problem = f"{self.op} takes {least}" + ("" if least == most else " or more")
            raise ValueError(f"{problem} values")
        return self


def as_text(value: Any) -> Any:  # noqa: ANN401
    """Return a key or a name as the text it is, however it was written."""
    if isinstance(value, bool) or not isinstance(value, date | Decimal | int):
        return value
    return value.isoformat() if isinstance(value, date) else f"{value:f}"


def as_bound(value: Any) -> Any:  # noqa: ANN401
    """Return a day or a number as what it is, where a text says one."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        return exact(value)
    except NotAnAmount:
        return value


class Having(Part):
    """Only rows whose figure passes a threshold; tested after adding up."""

    metric: Name
    op: Literal["gt", "ge", "lt", "le", "between"] = "gt"
    value: Number
    value2: Number | None = None
    on: Literal["value", "delta", "growth", "share"] = "value"

    @model_validator(mode="after")
    def _second_value(self) -> Self:
        if (self.op == "between") != (self.value2 is not None):
            problem = "value2 belongs to between, and only to it"
            raise ValueError(problem)
        return self


class Compare(Part):
    """What the figures are compared with.

    A period that is not over is compared up to the same day, unless `align` is full.
    """

    to: Literal[
        "prior_period", "prior_year", "same_period_n_years_ago",
        "budget", "forecast", "target", "period",
    ]  # fmt: skip
    period: Period | None = None
    years: int = Field(default=1, ge=1, le=50)
    align: Literal["full", "to_date"] = "to_date"

    @model_validator(mode="after")
    def _own_period(self) -> Self:
        if (self.to == "period") != (self.period is not None):
            problem = "compare to period needs that period, and nothing else takes one"
            raise ValueError(problem)
        return self


class Order(Part):
    """By what the rows are sorted: a metric's figure, or a dimension's (or `date`'s) label."""

    by: Name
    what: Literal["value", "delta", "growth", "share", "label"] = "value"
    dir: Literal["asc", "desc"] = "desc"


class ReportQuery(Part):
    """A question about figures: which metrics, by what, when, of what, compared with what."""

    metrics: tuple[Name, ...] = Field(min_length=1, max_length=METRICS_MAX)
    dimensions: tuple[Name, ...] = Field(default=(), max_length=DIMENSIONS_MAX)
    grain: Grain | None = None
    period: Period | None = None
    time_dimension: Name | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=FILTERS_MAX)
    having: tuple[Having, ...] = Field(default=(), max_length=FILTERS_MAX)
    compare: Compare | None = None
    share_of: Literal["total", "row", "column", "parent"] | None = None
    cumulative: Literal["period", "all"] | None = None
    order: tuple[Order, ...] = Field(default=(), max_length=4)
    limit: int | None = Field(default=None, ge=1, le=ROWS_MAX)
    limit_per: Name | None = None
    others: bool = False
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    total: bool = True
    display: Literal["auto", "number", "table", "bar", "line", "pivot"] = "auto"

    @model_validator(mode="after")
    def _shape(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> list[str]:
        grouped = bool(self.dimensions or self.grain)
        broken = {
            "a metric is asked for twice": len(set(self.metrics)) < len(self.metrics),
            "a dimension is asked for twice": len(set(self.dimensions)) < len(self.dimensions),
            "limit needs a dimension or a grain": self.limit is not None and not grouped,
            "limit_per must be one of the dimensions": (
                self.limit_per is not None and self.limit_per not in self.dimensions
            ),
            "limit_per needs a limit": self.limit_per is not None and self.limit is None,
            "others needs a limit and a dimension": (
                self.others and (self.limit is None or not self.dimensions)
            ),
            "share_of needs a dimension or a grain": self.share_of is not None and not grouped,
            "cumulative needs a grain": self.cumulative is not None and self.grain is None,
            "having needs a dimension or a grain": bool(self.having) and not grouped,
            "having on a change needs compare": self.compare is None
            and any(having.on in {"delta", "growth"} for having in self.having),
            "having on a share needs share_of": self.share_of is None
            and any(having.on == "share" for having in self.having),
            "order by a change needs compare": self.compare is None
            and any(order.what in {"delta", "growth"} for order in self.order),
            "order by a share needs share_of": self.share_of is None
            and any(order.what == "share" for order in self.order),
        }
        return [problem for problem, is_so in broken.items() if is_so]


def resolve(period: Period | None, today: date, *, ahead: bool = False) -> Span:
    """Return the days of a period on a business date.

    What is dated after today counts only when it is asked for: by a period that begins after
    today, or `ahead`, for dates that lie in the future by nature such as a promised day.
    Every other period ends today.
    """
    if period is None:
        return Span(None, None if ahead else today)
    if isinstance(period, AsOf):
        return Span(None, period.day or today)
    span = _days_of(period, today)
    if ahead or span.end is None or span.end <= today or (span.start and span.start > today):
        return span
    return Span(span.start, today, cut=True, full_end=span.full_end or span.end)


def _days_of(period: Range | Relative, today: date) -> Span:
    if isinstance(period, Range):
        return Span(period.start, period.end or max(today, period.start or today))
    if period.through_today:
        end = _moved(today, period.unit, period.offset)
        return Span(add_days(_moved(end, period.unit, -period.count), 1), end)
    first = next_bucket(bucket_start(today, period.unit), period.unit, period.offset)
    last = next_bucket(first, period.unit, period.count - 1)
    end = bucket_end(last, period.unit)
    if period.to_date:
        day = min(_same_day_in(today, last, period.unit), end)
        return Span(first, day, cut=day < end, full_end=end)
    return Span(first, end)


def resolve_comparison(compare: Compare, span: Span, today: date) -> Span:
    """Return the days that a bounded span is compared with."""
    if compare.to == "period":
        other = resolve(compare.period, today)
        return other.whole if compare.align == "full" else other
    base = span.whole if compare.align == "full" else span
    if compare.to == "prior_period":
        return shift_back(base)
    moved = shift_years(base, -1 if compare.to == "prior_year" else -compare.years)
    return Span(moved.start, moved.end)


def _moved(day: date, unit: Grain, count: int) -> date:
    if unit in DAYS_OF:
        return add_days(day, DAYS_OF[unit] * count)
    return next_bucket(day, unit, count)


def _same_day_in(today: date, first: date, unit: Grain) -> date:
    """Return the day of the unit beginning on `first` that today is in its own unit."""
    own = bucket_start(today, unit)
    if unit in DAYS_OF:
        return first + (today - own)
    months = (today.year - own.year) * 12 + today.month - own.month
    month = add_months(first, months)
    return min(month + timedelta(days=today.day - 1), add_days(add_months(month, 1), -1))
