"""Metrics whose parts come from several rooms, and the dimensions that every dated row has."""

from sqlalchemy import Integer, String, cast, extract, func

from core.kernel.semantics import (
    BOOKS,
    COSTS,
    Dimension,
    Kind,
    Metric,
    Names,
    Said,
    Semantics,
    Unit,
)

# The handle of what can be told from the date of a row alone.
DAY = "day"
# Over so many days, ending on the day looked at, cost of sales is compared with a level.
DAYS = 90

_NO_COST = Said("n/a (nothing sold)", "不适用（无销售成本）")

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="operating_profit",
            names=Names(
                "operating profit",
                "营业利润",
                ("EBIT", "operating income", "profit from operations", "operating result"),
                ("EBIT", "息税前利润", "经营利润"),
            ),
            definition=Said(
                "Revenue less cost of goods sold, other cost of sales (inventory adjustments"
                " and purchase"
                " price variances) and operating expenses.",
                "收入减去销售成本、其他销售成本（存货调整与采购价差）和营业费用。",
            ),
            unit=Unit.MONEY,
            kind=Kind.DERIVED,
            roles=BOOKS,
            parts=("revenue", "cogs", "other_cost_of_sales", "opex"),
            formula=lambda revenue, cogs, other, opex: revenue - cogs - other - opex,
            more_is_better=True,
        ),
        Metric(
            id="operating_margin_pct",
            names=Names(
                "operating margin",
                "营业利润率",
                ("EBIT margin", "operating profit margin", "operating margin percent"),
                ("EBIT率", "经营利润率", "营业利润百分比"),
            ),
            definition=Said(
                "Operating profit as a percentage of revenue, computed from the sums.",
                "营业利润占收入的百分比，由合计数计算。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=BOOKS,
            parts=("operating_profit", "revenue"),
            formula=lambda profit, revenue: 100 * profit / func.nullif(revenue, 0),
            undefined=Said("n/a (no revenue)", "不适用（无收入）"),
            more_is_better=True,
        ),
        Metric(
            id="ebitda",
            names=Names(
                "EBITDA",
                "息税折旧摊销前利润",
                (
                    "earnings before depreciation",
                    "operating profit before depreciation",
                    "cash profit from operations",
                ),
                ("EBITDA", "税息折旧及摊销前利润", "折旧前营业利润"),
            ),
            definition=Said(
                "Operating profit before depreciation and amortisation.",
                "营业利润加回折旧与摊销。",
            ),
            unit=Unit.MONEY,
            kind=Kind.DERIVED,
            roles=BOOKS,
            parts=("operating_profit", "depreciation"),
            formula=lambda profit, depreciation: profit + depreciation,
            more_is_better=True,
        ),
        Metric(
            id="dpo",
            names=Names(
                "days payables outstanding",
                "应付账款周转天数",
                ("DPO", "days payable outstanding", "payables days", "average payment days"),
                ("应付周转天数", "应付天数", "DPO"),
            ),
            definition=Said(
                "Payables at the end of the day, divided by the cost of goods sold in the last"
                f" {DAYS} days,"
                f" times {DAYS}.",
                f"当日终了的应付账款除以最近{DAYS}天的销售成本，再乘以{DAYS}。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("ap_balance", "cogs_trailing"),
            formula=lambda owed, cost: DAYS * owed / func.nullif(cost, 0),
            undefined=_NO_COST,
        ),
        Metric(
            id="dsi",
            names=Names(
                "days sales of inventory",
                "存货周转天数",
                ("DSI", "days inventory outstanding", "DIO", "inventory days"),
                ("存货天数", "库存周转天数", "DSI"),
            ),
            definition=Said(
                "Stock value at the end of the day, divided by the cost of goods sold in the"
                f" last {DAYS} days,"
                f" times {DAYS}.",
                f"当日终了的库存金额除以最近{DAYS}天的销售成本，再乘以{DAYS}。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("stock_value", "cogs_trailing"),
            formula=lambda value, cost: DAYS * value / func.nullif(cost, 0),
            undefined=_NO_COST,
            more_is_better=False,
        ),
        Metric(
            id="cash_conversion_cycle",
            names=Names(
                "cash conversion cycle",
                "现金转换周期",
                ("CCC", "cash cycle", "cash to cash cycle"),
                ("现金周转期", "现金循环周期", "现金周转天数"),
            ),
            definition=Said(
                "Days sales of inventory plus days sales outstanding less days payables"
                " outstanding.",
                "存货周转天数加应收账款周转天数减应付账款周转天数。",
            ),
            unit=Unit.DAYS,
            kind=Kind.DERIVED,
            roles=COSTS,
            parts=("dsi", "dso", "dpo"),
            formula=lambda dsi, dso, dpo: dsi + dso - dpo,
            undefined=Said("n/a (nothing sold or billed)", "不适用（无销售或开票）"),
            more_is_better=False,
        ),
        Metric(
            id="inventory_turns",
            names=Names(
                "inventory turns",
                "存货周转率",
                ("stock turnover", "inventory turnover", "stock turns", "turns of inventory"),
                ("库存周转率", "周转次数", "存货周转次数"),
            ),
            definition=Said(
                "Cost of goods sold in the last 12 months, divided by the mean of the stock"
                " value on the day"
                " and at the ends of the 12 months before.",
                "最近12个月的销售成本除以查看日及之前12个月月末库存金额的平均值。",
            ),
            unit=Unit.COUNT,
            kind=Kind.RATIO,
            roles=COSTS,
            parts=("cogs_trailing_year", "stock_value_mean"),
            formula=lambda cost, value: cost / func.nullif(value, 0),
            undefined=Said("n/a (no stock)", "不适用（无库存）"),
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="weekday",
            names=Names(
                "weekday",
                "星期",
                ("day of the week", "day of week", "week day"),
                ("星期几", "周几", "礼拜几"),
            ),
            handle=DAY,
            bucket=lambda rows: cast(cast(extract("isodow", rows.day), Integer), String),
            words={
                "1": ("Monday", "星期一"),
                "2": ("Tuesday", "星期二"),
                "3": ("Wednesday", "星期三"),
                "4": ("Thursday", "星期四"),
                "5": ("Friday", "星期五"),
                "6": ("Saturday", "星期六"),
                "7": ("Sunday", "星期日"),
            },
            ordered=True,
        ),
        Dimension(
            id="fiscal_period",
            names=Names(
                "fiscal period",
                "会计期间",
                ("accounting period", "period of the fiscal year", "fiscal month number"),
                ("期间", "财务期间", "会计月份"),
            ),
            handle=DAY,
            bucket=lambda rows: func.concat("P", func.to_char(rows.day, "MM")),
            words={f"P{month:02d}": (f"period {month}", f"第{month}期") for month in range(1, 13)},
            ordered=True,
            parent="quarter_of_year",
        ),
        Dimension(
            id="quarter_of_year",
            names=Names(
                "quarter of the year",
                "季度（跨年）",
                ("season", "quarter of year", "seasonal quarter"),
                ("季节", "年内季度", "第几季度"),
            ),
            handle=DAY,
            bucket=lambda rows: func.concat("Q", func.to_char(rows.day, "Q")),
            words={f"Q{quarter}": (f"Q{quarter}", f"第{quarter}季度") for quarter in range(1, 5)},
            ordered=True,
        ),
    ),
)
