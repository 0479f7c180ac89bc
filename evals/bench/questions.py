"""Thirty questions about AdventureWorks, each beside the SQL that somebody would write by hand.

The SQL is plain enough for DuckDB as well. It answers for that one company only: it knows that
nothing was credited, reversed or priced in another currency, which no question may take for
granted.
"""

# ruff: noqa: S608  # All of it is written here, and nothing in it comes from anybody.

from dataclasses import dataclass
from typing import Any

YEAR: dict[str, Any] = {"start": "2013-01-01", "end": "2013-12-31"}
_OPEN = "o.state NOT IN ('draft', 'held', 'cancelled')"
_IN_2013 = "o.ordered_on BETWEEN DATE '2013-01-01' AND DATE '2013-12-31'"
_LINES = "FROM sales_order_line AS l JOIN sales_order AS o ON o.id = l.order_id"
_PLACES = """LEFT JOIN customer AS c ON c.party_id = o.customer_id
    LEFT JOIN territory AS t ON t.id = coalesce(o.territory_id, c.territory_id)"""
_GROUPS = """LEFT JOIN item_category AS s ON s.id = i.category_id
    LEFT JOIN item_category AS g ON g.id = coalesce(s.parent_id, s.id)"""
_ITEMS = f"JOIN item AS i ON i.id = l.item_id {_GROUPS}"
_MONTH = "date_trunc('month', o.ordered_on)"
_COST = "sum(l.quantity * coalesce(l.unit_cost, i.standard_cost))"
_STOCK = """FROM (SELECT item_id, {value} AS value, {day} AS day FROM stock_move
    JOIN location ON location.id = to_location_id WHERE location.kind = 'internal'
    UNION ALL SELECT item_id, -{value}, {day} FROM stock_move
    JOIN location ON location.id = from_location_id WHERE location.kind = 'internal') AS m
    JOIN item AS i ON i.id = m.item_id"""
_OWED = """FROM (SELECT party_id, base_total_minor AS minor, posted_on AS day FROM invoice
    WHERE kind = 'customer_invoice' UNION ALL
    SELECT party_id, -base_amount_minor, paid_on FROM payment WHERE kind = 'customer_payment') AS r
    JOIN party AS p ON p.id = r.party_id WHERE r.day <= DATE '2014-06-30'"""
_ENTRIES = """FROM posting AS p JOIN journal_entry AS e ON e.id = p.entry_id
    JOIN account AS a ON a.id = p.account_id"""
_SIDE = "CASE p.side WHEN 'debit' THEN p.base_minor ELSE -p.base_minor END"


@dataclass(frozen=True)
class Asked:
    """A question, and the SQL by hand whose last column is its first figure, row by row."""

    name: str
    query: dict[str, Any]
    sql: str


def _lines(chosen: str, joins: str = "", where: str = _IN_2013, rest: str = "") -> str:
    return f"SELECT {chosen} {_LINES} {joins} WHERE {_OPEN} AND {where} {rest}"


def _sum(*metrics: str, **asked: object) -> dict[str, Any]:
    return {"metrics": list(metrics), "period": YEAR, **asked}


def _top(metric: str, by: str, limit: int = 10, **asked: object) -> dict[str, Any]:
    return _sum(metric, dimensions=[by], order=[{"by": metric}], limit=limit, **asked)


_NET = "sum(l.net_amount)"
_THIS_YEAR = "o.ordered_on BETWEEN DATE '2014-01-01' AND DATE '2014-06-30'"
_BEFORE = "o.ordered_on BETWEEN DATE '2013-01-01' AND DATE '2013-06-30'"
_LAST_QUARTER = "o.ordered_on BETWEEN DATE '2014-01-01' AND DATE '2014-03-31'"
_QUARTER_BEFORE = "o.ordered_on BETWEEN DATE '2013-01-01' AND DATE '2013-03-31'"

QUESTIONS = (
    Asked("revenue of a year", _sum("revenue"), _lines(_NET)),
    Asked(
        "revenue by month",
        _sum("revenue", grain="month"),
        _lines(f"{_MONTH}, {_NET}", rest="GROUP BY 1 ORDER BY 1"),
    ),
    Asked(
        "revenue by territory",
        _sum("revenue", dimensions=["territory"]),
        _lines(f"t.name, {_NET}", _PLACES, rest="GROUP BY 1 ORDER BY 2 DESC"),
    ),
    Asked(
        "revenue by category and quarter",
        _sum("revenue", dimensions=["category"], grain="quarter"),
        _lines(
            f"g.name, date_trunc('quarter', o.ordered_on), {_NET}", _ITEMS, rest="GROUP BY 1, 2"
        ),
    ),
    Asked(
        "top 10 customers",
        _top("revenue", "customer"),
        _lines(
            f"p.name, {_NET}", "JOIN party AS p ON p.id = o.customer_id",
            rest="GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 10",
        ),
    ),
    Asked(
        "top 10 items, and their quantity",
        _top("revenue", "item", metrics=["revenue", "units_sold"]),
        _lines(
            f"i.sku, sum(l.quantity), {_NET}", "JOIN item AS i ON i.id = l.item_id",
            rest="GROUP BY 1 ORDER BY 3 DESC LIMIT 10",
        ),
    ),
    Asked(
        "revenue by salesperson this quarter",
        _sum("revenue", dimensions=["salesperson"], period={"unit": "quarter"}),
        _lines(
            f"p.name, {_NET}", "LEFT JOIN party AS p ON p.id = o.salesperson_id",
            "o.ordered_on BETWEEN DATE '2014-04-01' AND DATE '2014-06-30'",
            "GROUP BY p.id, p.name ORDER BY 2 DESC",
        ),
    ),
    Asked(
        "revenue this month",
        _sum("revenue", period={"unit": "month"}),
        _lines(_NET, where="o.ordered_on BETWEEN DATE '2014-06-01' AND DATE '2014-06-30'"),
    ),
    Asked(
        "revenue this year against last",
        _sum("revenue", period={"unit": "year"}, compare={"to": "prior_year"}),
        _lines(
            f"{_NET} FILTER (WHERE {_BEFORE}), {_NET} FILTER (WHERE {_THIS_YEAR})",
            where=f"(({_THIS_YEAR}) OR ({_BEFORE}))",
        ),
    ),
    Asked(
        "revenue by month against last year",
        _sum("revenue", grain="month", compare={"to": "prior_year"}),
        _lines(
            f"extract(month FROM o.ordered_on), {_NET} FILTER (WHERE NOT ({_IN_2013})),"
            f" {_NET} FILTER (WHERE {_IN_2013})",
            where="o.ordered_on BETWEEN DATE '2012-01-01' AND DATE '2013-12-31'",
            rest="GROUP BY 1 ORDER BY 1",
        ),
    ),
    Asked(
        "share by channel",
        _sum("revenue", dimensions=["channel"], share_of="total"),
        _lines(f"o.channel, 100 * {_NET} / sum({_NET}) OVER (), {_NET}", rest="GROUP BY 1"),
    ),
    Asked(
        "running revenue by month",
        _sum("revenue", grain="month", cumulative="period", period={"unit": "year"}),
        _lines(
            f"{_MONTH}, sum({_NET}) OVER (ORDER BY {_MONTH})", where=_THIS_YEAR, rest="GROUP BY 1"
        ),
    ),
    Asked(
        "revenue of a country by subcategory",
        _sum(
            "revenue",
            dimensions=["subcategory"],
            filters=[{"dimension": "territory", "values": ["Germany"]}],
        ),
        _lines(
            f"s.name, {_NET}", f"{_PLACES} {_ITEMS}", f"{_IN_2013} AND t.name = 'Germany'",
            "GROUP BY 1 ORDER BY 2 DESC",
        ),
    ),
    Asked(
        "gross margin by category",
        _sum("gross_margin_pct", dimensions=["category"]),
        _lines(f"g.name, 100 * ({_NET} - {_COST}) / {_NET}", _ITEMS, rest="GROUP BY 1"),
    ),
    Asked(
        "gross profit by month",
        _sum("gross_profit", grain="month"),
        _lines(f"{_MONTH}, {_NET} - {_COST}", _ITEMS, rest="GROUP BY 1 ORDER BY 1"),
    ),
    Asked(
        "orders by channel and month",
        _sum("orders", dimensions=["channel"], grain="month"),
        f"SELECT o.channel, {_MONTH}, count(*) FROM sales_order AS o"
        f" WHERE {_OPEN} AND {_IN_2013} GROUP BY 1, 2",
    ),
    Asked(
        "average order value by territory",
        _sum("aov", dimensions=["territory"]),
        _lines(f"t.name, {_NET} / count(DISTINCT o.id)", _PLACES, rest="GROUP BY 1"),
    ),
    Asked(
        "discount rate by category",
        _sum("discount_pct", dimensions=["category"]),
        _lines(
            "g.name, 100 * (sum(l.quantity * l.unit_price) - sum(l.net_amount))"
            " / sum(l.quantity * l.unit_price)",
            _ITEMS, rest="GROUP BY 1",
        ),
    ),
    Asked(
        "new customers by quarter",
        _sum("new_customers", grain="quarter"),
        "SELECT date_trunc('quarter', first_on), count(*) FROM (SELECT min(ordered_on) AS first_on"
        f" FROM sales_order AS o WHERE {_OPEN} GROUP BY customer_id) AS f"
        " WHERE first_on BETWEEN DATE '2013-01-01' AND DATE '2013-12-31' GROUP BY 1",
    ),
    Asked(
        "active customers",
        {"metrics": ["active_customers"]},
        f"SELECT count(DISTINCT customer_id) FROM sales_order AS o WHERE {_OPEN}"
        " AND o.ordered_on > DATE '2013-06-30' AND o.ordered_on <= DATE '2014-06-30'",
    ),
    Asked(
        "items that fell most",
        _top(
            "revenue", "item", period={"unit": "quarter", "offset": -1},
            compare={"to": "prior_year"} )
        | {"order": [{"by": "revenue", "what": "delta", "dir": "asc"}]},
        _lines(
            f"i.sku, coalesce({_NET} FILTER (WHERE {_LAST_QUARTER}), 0)"
            f" - coalesce({_NET} FILTER (WHERE {_QUARTER_BEFORE}), 0) AS delta,"
            f" coalesce({_NET} FILTER (WHERE {_LAST_QUARTER}), 0)",
            "JOIN item AS i ON i.id = l.item_id",
            f"(({_LAST_QUARTER}) OR ({_QUARTER_BEFORE}))",
            "GROUP BY 1 ORDER BY 2 LIMIT 10",
        ),
    ),
    Asked(
        "customers above 100,000",
        _sum(
            "revenue",
            dimensions=["customer"],
            having=[{"metric": "revenue", "op": "gt", "value": 100_000}],
        ),
        _lines(
            f"p.name, {_NET}", "JOIN party AS p ON p.id = o.customer_id",
            rest=f"GROUP BY p.id, p.name HAVING {_NET} > 100000 ORDER BY 2 DESC",
        ),
    ),
    Asked("receivables", {"metrics": ["ar_balance"]}, f"SELECT sum(minor) / 100.0 {_OWED}"),
    Asked(
        "receivables of the 10 largest debtors",
        _top("ar_balance", "customer", period=None),
        f"SELECT p.name, sum(minor) / 100.0 {_OWED} GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 10",
    ),
    Asked(
        "stock value by category",
        {"metrics": ["stock_value"], "dimensions": ["category"]},
        f"SELECT g.name, sum(m.value) / 100.0"
        f" {_STOCK.format(value='value_minor', day='booked_on')} {_GROUPS}"
        " WHERE m.day <= DATE '2014-06-30' GROUP BY 1",
    ),
    Asked(
        "stock on hand of 20 items",
        _top("stock_on_hand", "item", 20, period=None),
        f"SELECT i.sku, sum(m.value) {_STOCK.format(value='quantity', day='moved_on')}"
        " WHERE m.day <= DATE '2014-06-30' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    ),
    Asked(
        "purchase spend by supplier",
        _top("purchase_spend", "supplier"),
        "SELECT p.name, sum(l.net_amount) FROM purchase_order_line AS l"
        " JOIN purchase_order AS o ON o.id = l.order_id JOIN party AS p ON p.id = o.supplier_id"
        f" WHERE o.state NOT IN ('draft', 'cancelled') AND {_IN_2013}"
        " GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 10",
    ),
    Asked(
        "net profit by month",
        _sum("net_profit", grain="month"),
        f"SELECT date_trunc('month', e.posted_on), -sum({_SIDE}) / 100.0 {_ENTRIES}"
        " WHERE a.kind IN ('income', 'expense') AND e.journal <> 'closing'"
        " AND e.posted_on BETWEEN DATE '2013-01-01' AND DATE '2013-12-31' GROUP BY 1",
    ),
    Asked(
        "assets at the end of each month",
        _sum(
            "account_balance",
            grain="month",
            period={"start": "2013-07-01", "end": "2014-06-30"},
            filters=[{"dimension": "account_type", "values": ["asset"]}],
        ),
        f"SELECT month, sum(sum(minor)) OVER (ORDER BY month) / 100.0 FROM (SELECT"
        f" greatest(date_trunc('month', e.posted_on), DATE '2013-07-01') AS month,"
        f" {_SIDE} AS minor {_ENTRIES} WHERE a.kind = 'asset'"
        " AND e.posted_on <= DATE '2014-06-30') AS m GROUP BY month ORDER BY month",
    ),
    Asked(
        "on-time delivery by month",
        _sum("on_time_delivery", grain="month"),
        "SELECT date_trunc('month', o.promised_on), 100.0 * count(*) FILTER (WHERE d.in_time >="
        f" l.quantity) / count(*) {_LINES} JOIN (SELECT d.order_line_id, sum(d.quantity) FILTER"
        " (WHERE h.delivered_on <= so.promised_on) AS in_time FROM delivery_line AS d"
        " JOIN delivery AS h ON h.id = d.delivery_id JOIN sales_order AS so ON so.id = h.order_id"
        " GROUP BY 1) AS d ON d.order_line_id = l.id"
        f" WHERE {_OPEN} AND o.promised_on BETWEEN DATE '2013-01-01' AND DATE '2013-12-31'"
        " GROUP BY 1",
    ),
)  # fmt: skip

# The tables that these questions read.
TABLES = (
    "sales_order", "sales_order_line", "customer", "territory", "item", "item_category", "party",
    "location", "stock_move", "invoice", "payment", "purchase_order", "purchase_order_line",
    "posting", "journal_entry",
    "account", "delivery", "delivery_line",
)  # fmt: skip
