"""An explained change: what the figure was and is, and the parts that add up to the difference."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.kernel.semantics import Dimension, Metric, Said, Unit
from core.reporting.explaining.question import ExplainChange
from core.reporting.explaining.splitting import Kind
from core.reporting.provenance import Cell
from core.reporting.query import ReportQuery
from core.reporting.readback import read_back
from core.reporting.report import Emptiness, Member, Report

EFFECTS = {
    "price": Said("price", "价格"),
    "cost": Said("unit cost", "单位成本"),
    "volume": Said("volume", "数量"),
    "mix": Said("mix", "结构"),
    "new": Said("new items", "新增物料"),
    "lost": Said("items no longer sold", "不再销售的物料"),
    "other": Said("without item or quantity", "无物料或数量"),
}


@dataclass(frozen=True)
class Effect:
    """One part of the change that is no member: a price effect, or a part of a formula."""

    id: str
    names: Said
    amount: Decimal
    # What the part itself was and is, where it is a metric of its own.
    before: Decimal | None = None
    now: Decimal | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Contribution:
    """What one member adds to the change; `rate` and `mix` tell that of a ratio apart."""

    member: Member
    before: Decimal | None
    now: Decimal | None
    amount: Decimal
    kind: Kind = "changed"
    rate: Decimal | None = None
    mix: Decimal | None = None


@dataclass(frozen=True)
class Breakdown:
    """The change by the members of one dimension: the largest first, the rest as others.

    `tells` is how much the dimension explains, by the rule of `told_apart`.
    """

    dimension: Dimension
    query: ReportQuery
    contributions: tuple[Contribution, ...]
    members: int
    new: int
    lost: int
    tells: Decimal

    def cell(self, contribution: Contribution, *, compared: bool = False) -> Cell:
        """Return the cell of `query` that a contribution comes from, to drill into."""
        return Cell(
            self.query.metrics[0],
            {self.dimension.id: contribution.member.key},
            compared=compared,
        )


@dataclass(frozen=True)
class Explanation:
    """Why a figure changed.

    `effects` split an amount of items by price, volume and mix, `parts` a formula by what it is
    made of, `breakdowns` the change by members, the dimension that tells most first. Each of these
    adds up to `change`, to the last decimal shown.
    """

    question: ExplainChange
    metric: Metric
    report: Report
    before: Decimal | None
    now: Decimal | None
    change: Decimal | None
    growth: Decimal | None
    digits: int
    sign: str
    effects: tuple[Effect, ...] = ()
    parts: tuple[Effect, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    notes: tuple[Said, ...] = ()
    emptiness: Emptiness = ""

    @property
    def read_back(self) -> Said:
        """The question said back, without the parts that were asked for beside the figure."""
        query = self.report.query.model_copy(update={"metrics": (self.metric.id,)})
        return read_back(query)

    @property
    def direction(self) -> Literal["rose", "fell", "stayed", "unknown"]:
        """What the figure did."""
        if self.change is None:
            return "unknown"
        if not self.change:
            return "stayed"
        return "rose" if self.change > 0 else "fell"

    @property
    def contradicts(self) -> bool:
        """Whether the figure did not do what the question takes for granted."""
        return self.question.said is not None and self.direction != self.question.said
