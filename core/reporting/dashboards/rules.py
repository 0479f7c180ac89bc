"""What a dashboard is: tiles, each a typed question with how it is drawn. No session, no clock."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Rounding
from core.kernel.semantics import Dimension, Metric
from core.reporting.catalogue import CATALOGUE
from core.reporting.issues import dimensions_in, issues_with, metrics_in
from core.reporting.query import Relative, ReportQuery
from core.reporting.scope import Scope

TILES_MAX = 24
NAME_MAX, TITLE_MAX = 80, 120
# More bars than these are not read, and more lines are not told apart.
BARS_MAX, LINES_MAX = 24, 6
ANY_DAY = date(2026, 6, 15)

# What a page can be switched to; a tile with a period of its own keeps it.
PERIODS: Mapping[str, Relative] = MappingProxyType(
    {
        "this_month": Relative(unit="month"),
        "last_month": Relative(unit="month", offset=-1),
        "this_quarter": Relative(unit="quarter"),
        "last_quarter": Relative(unit="quarter", offset=-1),
        "this_year": Relative(unit="year"),
        "last_year": Relative(unit="year", offset=-1),
        "last_12_months": Relative(unit="month", offset=-11, count=12),
    }
)

# figures: one card for each metric. line: over time, one line a metric or member. columns: over
# time, members on one another. bars: members, the longest first. table: as it is.
Chart = Literal["figures", "line", "columns", "bars", "table"]
Size = Literal["small", "medium", "large", "full"]
PeriodName = Literal[
    "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year",
    "last_12_months",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Part):
    """A title in both languages; what a person wrote is the same in both."""

    en: Annotated[str, Field(min_length=1, max_length=TITLE_MAX)]
    zh: Annotated[str, Field(min_length=1, max_length=TITLE_MAX)]

    def in_(self, language: Language) -> str:
        """Return it in one of them."""
        return self.zh if language == "zh" else self.en


class Tile(_Part):
    """One question on a dashboard, how it is drawn, and how much room it takes."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Title
    chart: Chart
    size: Size = "medium"
    query: ReportQuery

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        grouped = bool(self.query.dimensions or self.query.grain)
        if self.chart == "figures" and grouped:
            problem = "figures take a question without dimensions and grain"
        elif self.chart in {"line", "columns"} and self.query.grain is None:
            problem = f"{self.chart} need a grain"
        elif self.chart == "bars" and (len(self.query.dimensions) != 1 or self.query.grain):
            problem = "bars need one dimension and no grain"
        elif self.chart == "table" and not grouped:
            problem = "a table needs a dimension or a grain"
        else:
            return self
        raise ValueError(problem)

    @property
    def follows(self) -> bool:
        """Whether it shows the period that the page is switched to."""
        return self.query.period is None

    def asked(self, period: PeriodName) -> ReportQuery:
        """Return its question, over its own period or the one the page shows."""
        if not self.follows:
            return self.query
        return self.query.model_copy(update={"period": PERIODS[period]})


class Board(_Part):
    """A dashboard: what it is called, whose work it is for, and its tiles in their order."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Title
    roles: frozenset[Role] = frozenset()
    period: PeriodName = "this_month"
    tiles: tuple[Tile, ...] = Field(default=(), max_length=TILES_MAX)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if len({tile.id for tile in self.tiles}) < len(self.tiles):
            problem = "two tiles have the same id"
            raise ValueError(problem)
        return self


def chart_for(query: ReportQuery) -> Chart:
    """Return how a question is best drawn where nobody said so."""
    if not query.dimensions and query.grain is None:
        return "figures"
    if query.grain is not None and len(query.dimensions) <= 1:
        return "columns" if query.dimensions else "line"
    if query.grain is None and len(query.dimensions) == 1 and len(query.metrics) == 1:
        return "bars"
    return "table"


def faults_of(board: Board) -> list[str]:
    """Say what in a board of the house cannot be answered for those whose work it is for.

    Whatever a company counts its revenue on, and whoever of them looks.
    """
    periods: tuple[PeriodName, ...] = get_args(PeriodName)
    found = [
        f"{board.id}.{tile.id} for {role}: {fault}"
        for tile in board.tiles
        for role in sorted(board.roles)
        for period in (periods if tile.follows else periods[:1])
        for fault in _faults(tile.asked(period), role)
    ]
    return list(dict.fromkeys(found))


def _faults(query: ReportQuery, role: Role) -> Iterable[str]:
    for on_orders in (False, True):
        scope = Scope(ANY_DAY, "EUR", Rounding.HALF_UP, on_orders, frozenset({role}))
        issues = issues_with(query, scope)
        if issues:
            yield from (issue.en for issue in issues)
            continue
        declared: list[Metric | Dimension] = [
            *(CATALOGUE.metrics[name] for name in metrics_in(query)),
            *(CATALOGUE.dimensions[name] for name in dimensions_in(query)),
        ]
        yield from (f"{one.id} is hidden" for one in declared if not scope.may_see(one.roles))
