"""All that the rooms declare, in one place, checked: the metrics and dimensions one can ask for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from core.catalog.metrics import SEMANTICS as CATALOG
from core.crm.metrics import SEMANTICS as CRM
from core.crm.opportunities.metrics import SEMANTICS as OPPORTUNITIES
from core.hr.metrics import SEMANTICS as HR
from core.hr.payroll.metrics import SEMANTICS as PAYROLL
from core.hr.recruiting.metrics import SEMANTICS as RECRUITING
from core.inventory.counting.metrics import SEMANTICS as COUNTING
from core.inventory.lots.metrics import SEMANTICS as LOTS
from core.inventory.metrics import SEMANTICS as INVENTORY
from core.invoicing.metrics import SEMANTICS as INVOICING
from core.kernel.semantics import (
    SYNONYMS_MIN,
    Dimension,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Timing,
)
from core.ledger.assets.metrics import SEMANTICS as ASSETS
from core.ledger.budgets.metrics import SEMANTICS as BUDGETS
from core.ledger.metrics import SEMANTICS as LEDGER
from core.manufacturing.metrics import SEMANTICS as MANUFACTURING
from core.marketing.metrics import SEMANTICS as MARKETING
from core.parties.metrics import SEMANTICS as PARTIES
from core.purchasing.metrics import SEMANTICS as PURCHASING
from core.reporting.across import DAY
from core.reporting.across import SEMANTICS as ACROSS
from core.sales.metrics import SEMANTICS as SALES
from core.sales.quoting.metrics import SEMANTICS as QUOTING
from core.sales.returning.metrics import SEMANTICS as RETURNING
from core.support.metrics import SEMANTICS as SUPPORT

__all__ = ["CATALOGUE", "DAY", "ROOMS", "Catalogue", "collected"]


@dataclass(frozen=True)
class Catalogue:
    """The metrics and dimensions by id, in the order they were declared."""

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    _base: dict[tuple[str, bool], tuple[Measure, ...]] = field(default_factory=dict, repr=False)

    def asked(self) -> list[Metric]:
        """Return the metrics people ask for; parts of others are left out."""
        return [metric for metric in self.metrics.values() if not metric.inner]

    def measures_of(self, metric: str, *, orders: bool) -> tuple[Measure, ...]:
        """Return the measures a metric comes down to, on one basis of revenue."""
        known = self._base.get((metric, orders))
        if known is None:
            declared = self.metrics[metric]
            own = declared.measure_on(orders=orders)
            known = (
                (own,)
                if own is not None
                else tuple(
                    measure
                    for part in declared.parts
                    for measure in self.measures_of(part, orders=orders)
                )
            )
            self._base[metric, orders] = known
        return known

    def reaches(self, metric: str, dimension: str, *, orders: bool) -> bool:
        """Tell whether a metric can be asked by a dimension."""
        handle = self.dimensions[dimension].handle
        return all(
            measure.timing is Timing.WITHIN and bool(measure.source.dates)
            if handle == DAY
            else handle in measure.source.handles
            for measure in self.measures_of(metric, orders=orders)
        )

    def dimensions_of(self, metric: str, *, orders: bool = False) -> list[str]:
        """Return the dimensions that a metric can be asked by."""
        return [
            dimension
            for dimension in self.dimensions
            if self.reaches(metric, dimension, orders=orders)
        ]

    def is_snapshot(self, metric: str, *, orders: bool = False) -> bool:
        """Tell whether a metric is a state at the end of a day, or made of such only."""
        timings = {m.timing for m in self.measures_of(metric, orders=orders)}
        return Timing.WITHIN not in timings


def collected(rooms: Iterable[Semantics]) -> Catalogue:
    """Put the rooms' declarations together; what contradicts itself is a programmer's mistake."""
    known = list(rooms)
    metrics = [metric for room in known for metric in room.metrics]
    dimensions = [dimension for room in known for dimension in room.dimensions]
    for ids in ([m.id for m in metrics], [d.id for d in dimensions]):
        doubled = [name for name, count in Counter(ids).items() if count > 1]
        assert not doubled, f"declared twice: {doubled}"
    catalogue = Catalogue(
        MappingProxyType({metric.id: metric for metric in metrics}),
        MappingProxyType({dimension.id: dimension for dimension in dimensions}),
    )
    for metric in metrics:
        _check_metric(catalogue, metric)
    _check_coarse(metrics)
    for dimension in dimensions:
        if dimension.parent is not None:
            assert dimension.parent in catalogue.dimensions, f"{dimension.id}: unknown parent"
        _check_names(dimension.id, dimension.names)
    return catalogue


def _check_metric(catalogue: Catalogue, metric: Metric) -> None:
    assert (metric.measure is None) != (metric.formula is None), f"{metric.id}: measure or formula"
    for part in metric.parts:
        assert part in catalogue.metrics, f"{metric.id}: unknown part {part}"
        missing = metric.roles - catalogue.metrics[part].roles
        assert not missing, f"{metric.id} shows {part} to {sorted(missing)}"
    if not metric.inner:
        _check_names(metric.id, metric.names)


def _check_coarse(metrics: Iterable[Metric]) -> None:
    """Refuse coarse rows that count by another day, or that are not the same for a whole source."""
    coarser: dict[str, str] = {}
    for metric in metrics:
        for measure in (metric.measure, metric.on_orders):
            for fine, less in pairwise(measure.and_coarser() if measure is not None else ()):
                source, other = fine.source, less.source
                assert source.dates[:1] == other.dates[:1], (
                    f"{metric.id}: coarse rows count by another day"
                )
                assert coarser.setdefault(source.id, other.id) == other.id, (
                    f"{metric.id}: other coarse rows than the rest of {source.id}"
                )


def _check_names(name: str, names: Names) -> None:
    for also in (names.also_en, names.also_zh):
        assert len(also) >= SYNONYMS_MIN, f"{name} needs {SYNONYMS_MIN} synonyms a language"


# Who and what there is comes first: it is what figures are mostly asked by.
ROOMS = (
    (Said("Customers and suppliers", "客户与供应商"), PARTIES),
    (Said("Items", "物料"), CATALOG),
    (Said("Sales", "销售"), SALES),
    (Said("Quotations", "报价"), QUOTING),
    (Said("Returns", "退货"), RETURNING),
    (Said("Invoices and payments", "发票与收付款"), INVOICING),
    (Said("Ledger", "总账"), LEDGER),
    (Said("Fixed assets", "固定资产"), ASSETS),
    (Said("Budgets", "预算"), BUDGETS),
    (Said("Stock", "库存"), INVENTORY),
    (Said("Lots", "批次"), LOTS),
    (Said("Counts", "盘点"), COUNTING),
    (Said("Purchasing", "采购"), PURCHASING),
    (Said("Production", "生产"), MANUFACTURING),
    (Said("Customer relations", "客户关系"), CRM),
    (Said("Leads and opportunities", "线索与商机"), OPPORTUNITIES),
    (Said("Marketing", "营销"), MARKETING),
    (Said("Service", "客户服务"), SUPPORT),
    (Said("People", "人员"), HR),
    (Said("Payroll", "薪资"), PAYROLL),
    (Said("Recruiting", "招聘"), RECRUITING),
    (Said("The company as a whole", "公司整体"), ACROSS),
)
CATALOGUE = collected(room for _, room in ROOMS)
