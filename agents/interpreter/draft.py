"""A question on its way: what the words give so far, what is doubtful, and the typed question."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from core.kernel.semantics import Said
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain
from core.reporting.query import (
    Compare,
    Filter,
    Having,
    Order,
    Period,
    Ref,
    ReportQuery,
)

LIMIT = 10
DIMENSION_OF = {
    "item": "item", "customer": "customer", "supplier": "supplier", "category": "category",
    "subcategory": "subcategory", "territory": "territory", "employee": "salesperson",
    "location": "location", "account": "gl_account",
    "department": "department",
}  # fmt: skip
IssueKind = Literal["unknown", "unused", "ambiguous", "impossible", "many"]


@dataclass(frozen=True)
class Issue:
    """Why a reading may not be what was meant, said so that a person can help."""

    kind: IssueKind
    says: Said
    # What it could be instead: what to show, and the words to take for it.
    options: tuple[tuple[Said, str], ...] = ()
    words: str = ""


@dataclass
class Draft:
    """A question as far as the words give it; parts that are missing may come from the last one."""

    metrics: list[str] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    grain: Grain | None = None
    period: Period | None = None
    # The day that the period means for a state: "a year ago".
    point: date | None = None
    compare: Compare | None = None
    filters: dict[tuple[str, bool], list[Ref]] = field(default_factory=dict)
    # Parts of item names that are shared by too many to list.
    containing: list[str] = field(default_factory=list)
    having: list[Having] = field(default_factory=list)
    direction: str = ""
    order_what: str = "value"
    limit: int | None = None
    # Only the first so many of each member of this dimension.
    limit_per: str = ""
    # Nothing but a number was said: how many rows, where the last question was for some.
    rows: int | None = None
    share: bool = False
    cumulative: bool = False
    growth: bool = False
    display: str = "auto"
    others: bool = False
    metric_named: bool = False
    follows: bool = False
    adds: bool = False
    drops: bool = False
    # "And the month before?": the last period, moved back by one.
    shifts: bool = False
    # The metric is what a superlative usually means, and was not named itself.
    supposed: bool = False
    issues: list[Issue] = field(default_factory=list)
    notices: list[Said] = field(default_factory=list)
    cost: float = 0.0
    # It asks for another figure than the one that was named, which is not known by that.
    is_instead: bool = False

    @property
    def empty(self) -> bool:
        """Whether the words gave no part of a question at all."""
        return not (
            self.metrics or self.dimensions or self.grain or self.period or self.compare
            or self.filters or self.containing or self.having or self.direction or self.limit
            or self.share or self.cumulative or self.growth or self.drops or self.shifts
            or self.display != "auto"
        )  # fmt: skip


def which_one(name: str) -> Said:
    """Ask which of several records a name means."""
    return Said(f"Which “{name}” do you mean?", f"您指的是哪一个“{name}”？")


def fits(draft: Draft) -> bool:
    """Tell whether the catalogue knows every metric of a draft by every dimension of it."""
    named = {*draft.dimensions, *(d for d, _ in draft.filters)}
    return all(is_reached(metric, dimension) for metric in draft.metrics for dimension in named)


def is_reached(metric: str, dimension: str) -> bool:
    """Tell whether a metric can be asked by a dimension, on one basis of revenue or the other."""
    return dimension in CATALOGUE.dimensions and any(
        CATALOGUE.reaches(metric, dimension, orders=orders) for orders in (False, True)
    )


def to_query(draft: Draft) -> ReportQuery | Issue:
    """Make the typed question of a draft, or say what does not fit together."""
    parts: dict[str, Any] = {
        "metrics": tuple(draft.metrics),
        "dimensions": tuple(draft.dimensions),
        "grain": draft.grain,
        "period": draft.period,
        "compare": draft.compare,
        "filters": tuple(
            Filter(dimension=d, op="not_in" if negative else "in", values=tuple(refs))
            for (d, negative), refs in draft.filters.items()
        )
        + tuple(
            Filter(dimension="item", op="contains", values=(part,)) for part in draft.containing
        ),
        "having": tuple(draft.having),
        "share_of": "total" if draft.share and (draft.dimensions or draft.grain) else None,
        "cumulative": "period" if draft.cumulative and draft.grain else None,
        "limit": draft.limit if draft.dimensions or draft.grain else None,
        "limit_per": (draft.limit and draft.limit_per) or None,
        "others": draft.others and draft.limit is not None and bool(draft.dimensions),
        "display": draft.display,
    }
    if draft.direction and draft.metrics and (draft.dimensions or draft.grain):
        what = draft.order_what if draft.compare or draft.order_what == "value" else "value"
        parts["order"] = (Order(by=draft.metrics[0], what=what, dir=draft.direction),)  # type: ignore[arg-type]
    try:
        return ReportQuery(**parts)
    except ValidationError as error:
        problem = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        return Issue("impossible", Said(problem, problem))
