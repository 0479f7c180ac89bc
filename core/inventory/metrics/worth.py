"""What stock is worth: its value on any day, what was lost or found, and what lies dead."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Numeric, and_, cast, extract, func

from core.inventory.metrics.sources import DEAD, DEAD_DAYS, GAINS, LOSSES, VALUES
from core.kernel.identity.roles import Role
from core.kernel.semantics import (
    COSTS,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Timing,
    Unit,
)

# The day looked at, and the ends of the twelve months before its own.
MEAN_OF = 13


def _month(day: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(extract("year", day) * 12 + extract("month", day), Integer)


def _share_of_mean(rows: Rows) -> ColumnElement[Decimal]:
    """Weigh a change of value by on how many of the days it counts already."""
    ends = func.least(_month(rows.as_of) - _month(rows.day), MEAN_OF - 1)
    weighed: ColumnElement[Decimal] = cast(rows["value_minor"] * (1 + ends), Numeric)
    return cast(weighed / MEAN_OF, Numeric)


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="stock_losses",
            names=Names(
                "stock losses",
                "库存损失",
                ("shrinkage", "inventory losses", "inventory shrinkage", "stock write-offs"),
                ("盘亏", "库存损耗", "报损金额", "损耗"),
            ),
            definition=Said(
                "Value, at cost, of what was counted short or written off in the period; what was"
                " found is not taken off.",
                "期间内盘亏或报损库存的成本价值；盘盈不予抵减。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(LOSSES, lambda rows: rows["value_minor"], minor=True),
            more_is_better=False,
        ),
        Metric(
            id="stock_value",
            names=Names(
                "stock value",
                "库存金额",
                ("inventory value", "value of stock", "inventory valuation", "worth of stock"),
                ("库存价值", "存货金额", "存货价值", "库存总值"),
            ),
            definition=Said(
                "Value of what lies in our own locations at the end of the day, by each item's"
                " valuation method: all that was booked up to it, later cost included.",
                "当日终了自有库位存货的价值，按各物料的计价方法：截至当日的全部记账金额，含后续成本。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS | {Role.WAREHOUSE},
            measure=Measure(
                VALUES, lambda rows: rows["value_minor"], timing=Timing.UP_TO, minor=True
            ),
        ),
        Metric(
            id="stock_gains",
            names=Names(
                "stock gains",
                "盘盈金额",
                ("inventory gains", "stock found", "found in counts"),
                ("盘盈", "库存盘盈", "盘点盈余"),
            ),
            definition=Said(
                "Value, at cost, of what was counted long in the period.",
                "期间内盘盈库存的成本价值。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=COSTS,
            measure=Measure(GAINS, lambda rows: rows["value_minor"], minor=True),
        ),
        Metric(
            id="average_unit_cost",
            names=Names(
                "average unit cost",
                "平均单位成本",
                ("average cost per unit", "cost per unit on hand", "mean unit cost"),
                ("单位成本", "平均成本", "库存单位成本"),
            ),
            definition=Said(
                "Stock value divided by stock on hand at the end of the day.",
                "当日终了的库存金额除以现有库存数量。",
            ),
            unit=Unit.MONEY,
            kind=Kind.RATIO,
            roles=COSTS | {Role.WAREHOUSE},
            parts=("stock_value", "stock_on_hand"),
            formula=lambda value, quantity: value / func.nullif(quantity, 0),
            undefined=Said("n/a (nothing on hand)", "不适用（无库存）"),
        ),
        Metric(
            id="stock_value_mean",
            names=Names("mean stock value", "平均库存金额"),
            definition=Said(
                f"Mean of the stock value on {MEAN_OF} days: the day looked at and the ends of"
                " the 12 months"
                " before.",
                f"{MEAN_OF}个时点（查看日及之前12个月月末）库存金额的平均值。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS | {Role.WAREHOUSE},
            measure=Measure(
                VALUES,
                _share_of_mean,
                timing=Timing.UP_TO,
                minor=True,
                basis=Said("stock value at 13 month ends", "13个月末时点的库存金额"),
            ),
            inner=True,
        ),
        Metric(
            id="dead_stock_value",
            names=Names(
                "dead stock value",
                "呆滞库存金额",
                (
                    "dead stock",
                    "value of dead stock",
                    "obsolete stock value",
                    "slow moving stock value",
                ),
                ("呆滞库存", "呆滞料金额", "死库存"),
            ),
            definition=Said(
                "Value of the stock of items that were not issued to customers or production"
                f" for {DEAD_DAYS}"
                " days, nor came for the first time in them.",
                f"{DEAD_DAYS}天内既没有发给客户或生产、也不是首次入库的物料的库存金额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=COSTS | {Role.WAREHOUSE},
            measure=Measure(
                DEAD,
                lambda rows: rows["value_minor"],
                where=lambda rows: and_(rows["since"] <= rows.as_of, rows["until"] > rows.as_of),
                timing=Timing.UP_TO,
                minor=True,
            ),
            more_is_better=False,
        ),
    ),
)
