"""Reports of a company that counts revenue on orders, beside answers written by hand in SQL."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.catalog.tables import Item, ItemCategory, Unit
from core.kernel.company import RevenueBasis, found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import SYSTEM, Acting, Actor
from core.parties.tables import Customer, Party, PartyKind, Territory
from core.reporting.answering import TookTooLong, answer
from core.reporting.issues import CannotAnswer
from core.reporting.query import ReportQuery
from core.reporting.report import Report
from core.reporting.scope import NotYoursToSee
from core.sales.tables import OrderState, SalesOrder, SalesOrderLine

TODAY = date(2014, 6, 30)
TERRITORIES = (("NW", "Northwest", "西北", "US", "North America"),
               ("DE", "Germany", "德国", "DE", "Europe"),
               ("FR", "France", "法国", "FR", "Europe"))  # fmt: skip

Ask = Callable[..., Report]


@pytest.fixture(scope="module")
def history(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """600 orders over three years, by 12 customers in three territories, of 8 items."""
    engine = databases("schema")
    with unit_of_work(engine) as session:
        found_company(
            session,
            name="Old Books",
            name_zh="旧账公司",
            country="US",
            currency="USD",
            business_date=TODAY,
            revenue_basis=RevenueBasis.ORDERS,
        )
        fill(session)
    yield engine
    engine.dispose()


def fill(session: Session) -> None:
    chance = random.Random(7)
    places = [
        Territory(code=code, name=name, name_zh=zh, country=country, region=region)
        for code, name, zh, country, region in TERRITORIES
    ]
    bikes = ItemCategory(code="BIKES", name="Bikes", name_zh="自行车")
    parts = ItemCategory(code="PARTS", name="Parts", name_zh="零件")
    session.add_all([*places, bikes, parts, Unit(code="PCS", name="piece", name_zh="件")])
    session.flush()
    road = ItemCategory(code="ROAD", name="Road bikes", name_zh="公路车", parent_id=bikes.id)
    session.add(road)
    session.flush()
    items = [
        Item(
            sku=f"I-{place}",
            name=f"Item {place}",
            name_zh=f"物料{place}",
            unit_code="PCS",
            category_id=(bikes.id, road.id, parts.id, None)[place % 4],
            standard_cost=Decimal(3 + place),
        )
        for place in range(8)
    ]
    people = [
        Party(
            number=f"C-{place:05d}",
            kind=PartyKind.COMPANY,
            name=f"Customer {place}",
            name_zh=f"客户{place}",
            city=("Berlin", "Paris", None)[place % 3],
        )
        for place in range(12)
    ]
    session.add_all([*items, *people])
    session.flush()
    for place, person in enumerate(people):
        where = places[place % 3].id if place != 11 else None
        session.add(Customer(party_id=person.id, territory_id=where, customer_group="store"))
    session.flush()
    states = [OrderState.DELIVERED] * 8 + [OrderState.CONFIRMED, OrderState.CANCELLED]
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for place in range(600):
        ordered_on = date(2012, 1, 1) + timedelta(days=chance.randrange(915))
        customer = chance.randrange(12)
        order_id = new_id()
        orders.append(
            {
                "id": order_id,
                "number": f"SO-{place:05d}",
                "customer_id": people[customer].id,
                "state": chance.choice(states),
                "ordered_on": ordered_on,
                "promised_on": ordered_on + timedelta(days=7),
                "currency": "USD",
                "net_minor": 0,
                "total_minor": 0,
                "channel": chance.choice(["online", "reseller"]),
                "territory_id": chance.choice([None, places[chance.randrange(3)].id]),
                "imported": True,
            }
        )
        for position in range(chance.randrange(1, 5)):
            quantity = Decimal(chance.randrange(1, 20))
            price = Decimal(chance.randrange(100, 999_999)) / 10_000
            discount = chance.choice([Decimal(0), Decimal("2.5"), Decimal(15)])
            lines.append(
                {
                    "order_id": order_id,
                    "position": position,
                    "item_id": items[chance.randrange(8)].id,
                    "quantity": quantity,
                    "list_price": price,
                    "unit_price": price,
                    "discount_percent": discount,
                    "net_amount": (quantity * price * (1 - discount / 100)).quantize(
                        Decimal("0.000001")
                    ),
                    "unit_cost": chance.choice([None, Decimal("4.25")]),
                    "delivered_quantity": 0,
                }
            )
    session.execute(insert(SalesOrder), orders)
    session.execute(insert(SalesOrderLine), lines)


@pytest.fixture
def ask(history: Engine) -> Ask:
    """Ask a question in the books of this company."""

    def asked(acting: Acting = SYSTEM, **parts: Any) -> Report:
        with reading(history, acting) as session:
            return answer(session, ReportQuery.model_validate(parts))

    return asked


@pytest.fixture
def by_hand(history: Engine) -> Callable[[str], list[Any]]:
    """Answer in SQL that somebody wrote by hand."""

    def run(sql: str) -> list[Any]:
        with history.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    return run


YEAR = {"start": "2013-01-01", "end": "2013-12-31"}
LINES = """
    sales_order_line l JOIN sales_order o ON o.id = l.order_id
    JOIN item i ON i.id = l.item_id
    LEFT JOIN customer c ON c.party_id = o.customer_id
    LEFT JOIN territory t ON t.id = coalesce(o.territory_id, c.territory_id)
    WHERE o.state NOT IN ('draft', 'cancelled') AND o.ordered_on <= '2014-06-30'
"""
IN_2013 = "AND o.ordered_on BETWEEN '2013-01-01' AND '2013-12-31'"


def test_revenue_is_the_exact_sum_of_the_lines_rounded_once(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(metrics=["revenue"], period=YEAR)

    [(total, rows)] = by_hand(
        f"SELECT round(sum(l.net_amount), 2), count(*) FROM {LINES} {IN_2013}"
    )
    assert report.totals == (total,)
    assert report.source_rows == rows
    assert "orders" in report.basis.en


def test_rows_by_territory_add_up_to_the_total_to_the_cent(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(metrics=["revenue"], dimensions=["territory"], period=YEAR)

    wanted = by_hand(f"SELECT t.code, sum(l.net_amount) FROM {LINES} {IN_2013} GROUP BY 1")
    assert {row.members[0].key: row.figures[0] for row in report.rows} == dict(wanted)
    exact = sum(row.figures[0] or 0 for row in report.rows)
    assert abs(exact - (report.totals[0] or 0)) < Decimal("0.005")
    shown = report.shown(2)
    assert sum(figures[0] or 0 for figures in shown) == report.totals[0]


@pytest.mark.parametrize(
    "dimension",
    [
        "category", "subcategory", "item", "item_kind", "customer", "customer_group", "channel",
        "territory", "region", "country", "city", "weekday", "order_status", "payment_terms",
        "salesperson", "currency",
    ],
)  # fmt: skip
def test_the_sum_over_any_dimension_is_the_total(ask: Ask, dimension: str) -> None:
    whole = ask(metrics=["revenue", "units_sold"])

    report = ask(metrics=["revenue", "units_sold"], dimensions=[dimension])

    assert report.totals == whole.totals
    for place in range(2):
        parts = sum(row.figures[place] or 0 for row in report.rows)
        assert abs(parts - (whole.totals[place] or 0)) < Decimal("0.005")
    assert sum(row.source_rows for row in report.rows) == whole.source_rows


def test_a_category_holds_its_whole_branch(ask: Ask, by_hand: Callable[[str], list[Any]]) -> None:
    bikes = {"dimension": "category", "values": ["Bikes"]}

    report = ask(metrics=["revenue"], filters=[bikes])

    [(wanted,)] = by_hand(
        f"SELECT round(sum(l.net_amount), 2) FROM {LINES} AND i.category_id IN"
        " (SELECT id FROM item_category WHERE code IN ('BIKES', 'ROAD'))"
    )
    assert report.totals == (wanted,)


def test_a_ratio_is_one_of_sums_and_never_a_mean(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(metrics=["gross_margin_pct", "aov"], dimensions=["channel"], period=YEAR)

    wanted = by_hand(
        "SELECT o.channel, round(100 * (sum(l.net_amount)"
        " - sum(l.quantity * coalesce(l.unit_cost, i.standard_cost)))"
        " / sum(l.net_amount), 6), round(sum(l.net_amount) / count(DISTINCT o.id), 6)"
        f" FROM {LINES} {IN_2013} GROUP BY 1"
    )
    assert {(row.members[0].key, *row.figures) for row in report.rows} == set(wanted)


def test_different_sources_are_added_up_before_they_meet(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(
        metrics=["revenue", "orders", "new_customers", "buying_customers", "customers"],
        dimensions=["territory"],
    )

    alone = {
        metric: ask(metrics=[metric], dimensions=["territory"])
        for metric in ("revenue", "orders", "new_customers", "buying_customers", "customers")
    }
    for place, single in enumerate(alone.values()):
        wanted = {row.members[0].key: row.figures[0] for row in single.rows}
        found = {row.members[0].key: row.figures[place] for row in report.rows}
        assert {key: value for key, value in found.items() if value or key in wanted} == wanted
    [(orders,)] = by_hand(f"SELECT count(DISTINCT o.id) FROM {LINES}")
    assert report.totals[1] == orders
    assert report.totals[4] == 12


def test_months_are_compared_with_the_same_months_a_year_before(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(metrics=["revenue"], grain="month", period=YEAR, compare={"to": "prior_year"})

    wanted = dict(
        by_hand(
            f"SELECT to_char(o.ordered_on, 'YYYY-MM'), sum(l.net_amount) FROM {LINES} GROUP BY 1"
        )
    )
    assert len(report.rows) == 12
    for row in report.rows:
        assert row.bucket is not None
        month = row.bucket.strftime("%m")
        now, before = wanted[f"2013-{month}"], wanted[f"2012-{month}"]
        growth = (100 * (now - before) / before).quantize(Decimal("0.000001"))
        assert row.figures[:3] == (now, before, now - before)
        assert abs((row.figures[3] or 0) - growth) <= Decimal("0.000001")


def test_a_period_that_is_not_over_is_compared_up_to_the_same_day(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(
        metrics=["revenue"],
        period={"start": "2014-01-01", "end": "2014-12-31"},
        compare={"to": "prior_year"},
    )

    wanted = [
        by_hand(
            f"SELECT round(sum(l.net_amount), 2) FROM {LINES}"
            f" AND o.ordered_on BETWEEN '{year}-01-01' AND '{year}-06-30'"
        )[0][0]
        for year in (2014, 2013)
    ]
    assert list(report.totals[:2]) == wanted
    assert any("not over" in note.en for note in report.notes)


def test_what_is_dated_after_today_counts_only_when_asked_for(ask: Ask) -> None:
    everything = ask(metrics=["orders"])
    later = ask(metrics=["orders"], period={"start": "2014-07-01", "end": "2014-07-31"})

    assert everything.as_of == TODAY
    assert later.totals[0] is not None
    assert later.totals[0] > 0


def test_the_best_few_and_the_others_add_up(ask: Ask) -> None:
    whole = ask(metrics=["revenue"])

    report = ask(
        metrics=["revenue"],
        dimensions=["customer"],
        order=[{"by": "revenue"}],
        limit=3,
        others=True,
        share_of="total",
    )

    assert [row.members[0].kind for row in report.rows] == ["member"] * 3 + ["others"]
    figures = [row.figures[0] or Decimal(0) for row in report.rows]
    assert figures[:3] == sorted(figures[:3], reverse=True)
    assert abs(sum(figures) - (whole.totals[0] or 0)) < Decimal("0.005")
    assert abs(sum(row.figures[1] or 0 for row in report.rows) - 100) < Decimal("0.00001")


def test_a_limit_per_member_counts_within_each(ask: Ask) -> None:
    report = ask(
        metrics=["revenue"],
        dimensions=["territory", "item"],
        order=[{"by": "revenue"}],
        limit=2,
        limit_per="territory",
    )

    keys = [row.members[0].key for row in report.rows]
    assert all(keys.count(key) == 2 for key in keys)


def test_a_threshold_is_tested_after_adding_up(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(
        metrics=["revenue"],
        dimensions=["customer"],
        period=YEAR,
        having=[{"metric": "orders", "op": "ge", "value": 18}],
    )

    wanted = by_hand(
        "SELECT p.number, sum(l.net_amount) FROM party p JOIN (SELECT * FROM sales_order) o2"
        " ON o2.customer_id = p.id JOIN sales_order_line l ON l.order_id = o2.id"
        " JOIN sales_order o ON o.id = o2.id WHERE o.state NOT IN ('draft', 'cancelled')"
        f" {IN_2013} GROUP BY 1 HAVING count(DISTINCT o.id) >= 18"
    )
    assert {(row.members[0].key, row.figures[0]) for row in report.rows} == set(wanted)
    assert 0 < len(wanted) < 12


def test_running_sums_end_at_the_total(ask: Ask) -> None:
    within = ask(metrics=["revenue"], grain="quarter", period=YEAR, cumulative="period")
    since = ask(metrics=["revenue"], grain="quarter", period=YEAR, cumulative="all")
    year = ask(metrics=["revenue"], period=YEAR)
    ever = ask(metrics=["revenue"], period={"end": "2013-12-31"})

    assert abs((within.rows[-1].figures[0] or 0) - (year.totals[0] or 0)) < Decimal("0.005")
    assert abs((since.rows[-1].figures[0] or 0) - (ever.totals[0] or 0)) < Decimal("0.005")


def test_empty_buckets_are_shown_as_nothing(ask: Ask) -> None:
    report = ask(
        metrics=["revenue", "aov"],
        grain="day",
        period={"start": "2013-01-01", "end": "2013-01-31"},
        filters=[{"dimension": "customer", "values": ["Customer 1"]}],
    )

    assert len(report.rows) == 31
    empty = [row for row in report.rows if row.source_rows == 0]
    assert empty
    assert all(row.figures == (0, None) for row in empty)


def test_active_customers_are_those_of_the_twelve_months_before_each_month_end(
    ask: Ask, by_hand: Callable[[str], list[Any]]
) -> None:
    report = ask(metrics=["active_customers"], grain="month", period=YEAR)

    for row in report.rows:
        assert row.bucket is not None
        [(wanted,)] = by_hand(
            f"SELECT count(DISTINCT o.customer_id) FROM {LINES}"
            f" AND o.ordered_on <= date '{row.bucket}' + interval '1 month' - interval '1 day'"
            f" AND o.ordered_on > date '{row.bucket}' + interval '1 month' - interval '1 day'"
            " - interval '12 months'"
        )
        assert row.figures == (wanted,)


def test_what_is_left_out_and_what_has_none(ask: Ask) -> None:
    whole = ask(metrics=["revenue"])
    europe = {"dimension": "region", "op": "not_in", "values": ["Europe"]}

    without = ask(metrics=["revenue"], filters=[europe])
    only = ask(metrics=["revenue"], filters=[{**europe, "op": "in", "values": ["欧洲"]}])
    none = ask(metrics=["revenue"], filters=[{"dimension": "category", "op": "is_null"}])

    parts = (without.totals[0] or 0) + (only.totals[0] or 0)
    assert abs(parts - (whole.totals[0] or 0)) <= Decimal("0.01")
    assert none.totals[0]


def test_a_report_is_one_statement(history: Engine) -> None:
    query = ReportQuery.model_validate(
        {
            "metrics": ["revenue", "gross_margin_pct", "orders", "new_customers"],
            "dimensions": ["territory"],
            "grain": "month",
            "period": YEAR,
            "compare": {"to": "prior_year"},
            "filters": [{"dimension": "category", "values": ["Bikes"]}],
        }
    )
    query = query.model_copy(update={"metrics": query.metrics[:3]})
    statements: list[str] = []

    with reading(history) as session:
        answer(session, ReportQuery(metrics=("orders",)))
        event.listen(history, "before_cursor_execute", lambda *args: statements.append(args[2]))
        answer(session, query)

    assert len(statements) == 1


def test_a_customer_sees_own_figures_only_and_no_cost(history: Engine, ask: Ask) -> None:
    with reading(history) as session:
        party = session.scalars(text("SELECT id FROM party WHERE number = 'C-00003'")).one()
    shopper = Acting(Actor("shopper", roles=frozenset({"customer"}), party_id=party))

    own = ask(shopper, metrics=["revenue"], dimensions=["customer"])
    all_customers = ask(metrics=["revenue"], dimensions=["customer"])

    assert [row.members[0].key for row in own.rows] == ["C-00003"]
    wanted = {row.members[0].key: row.figures[0] for row in all_customers.rows}
    assert own.rows[0].figures[0] == wanted["C-00003"]
    for metric in ("cogs", "gross_margin_pct", "stock_value", "net_profit", "headcount"):
        with pytest.raises(NotYoursToSee):
            ask(shopper, metrics=[metric])
    with pytest.raises(NotYoursToSee):
        ask(Acting(Actor("clerk", roles=frozenset({"employee"}))), metrics=["gross_profit"])


@pytest.mark.parametrize(
    ("question", "code", "suggestion"),
    [
        ({"metrics": ["revenu"]}, "unknown_metric", "revenue"),
        ({"metrics": ["revenue"], "dimensions": ["teritory"]}, "unknown_dimension", "territory"),
        ({"metrics": ["revenue"], "dimensions": ["supplier"]}, "not_reachable", "customer"),
        ({"metrics": ["revenue"], "period": {"kind": "as_of"}}, "flow_needs_period", "range"),
        ({"metrics": ["stock_available"], "grain": "month"}, "only_now", "stock_on_hand"),
        (
            {"metrics": ["aov"], "dimensions": ["customer"], "share_of": "total"},
            "share_of_what",
            None,
        ),
        (
            {"metrics": ["revenue"], "compare": {"to": "budget"}},
            "nothing_to_compare",
            "budget_variance",
        ),
        ({"metrics": ["revenue"], "compare": {"to": "prior_year"}}, "compare_needs_period", None),
        ({"metrics": ["revenue"], "currency": "EUR"}, "other_currency", "USD"),
        ({"metrics": ["revenue"], "time_dimension": "due_on"}, "unknown_date", "promised_on"),
    ],
)
def test_what_cannot_be_answered_says_what_could(
    ask: Ask, question: dict[str, Any], code: str, suggestion: str | None
) -> None:
    with pytest.raises(CannotAnswer) as refused:
        ask(**question)

    issues = {issue.code: issue for issue in refused.value.issues}
    assert code in issues
    assert suggestion is None or suggestion in issues[code].suggestions
    assert refused.value.message("zh") != refused.value.message("en")


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"filters": [{"dimension": "territory", "values": ["Atlantis"]}]}, "unknown_member"),
        ({"period": {"start": "1999-01-01", "end": "1999-12-31"}}, "nothing_in_period"),
        ({"filters": [{"dimension": "salesperson", "op": "not_null"}]}, "nothing_matches"),
    ],
)
def test_nothing_found_says_why(ask: Ask, question: dict[str, Any], why: str) -> None:
    report = ask(metrics=["revenue"], **question)

    assert report.emptiness == why
    assert report.source_rows == 0


def test_nothing_on_file_says_so(ask: Ask) -> None:
    assert ask(metrics=["ar_balance"]).emptiness == "nothing_on_file"


def test_a_question_writes_nothing_and_ends_in_time(history: Engine) -> None:
    query = ReportQuery(metrics=("revenue",), dimensions=("customer", "item"), grain="day")

    with reading(history) as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("DELETE FROM sales_order_line"))
    with reading(history) as session, pytest.raises(TookTooLong) as ended:
        session.execute(text("SET LOCAL statement_timeout = 1"))
        answer(session, query)

    assert ended.value.nothing == "failed"
    assert "维度" in ended.value.message("zh")


def test_rows_beyond_the_limit_are_said_to_be_missing_and_count_in_the_total(
    history: Engine,
) -> None:
    query = ReportQuery(metrics=("revenue",), dimensions=("customer",))

    with reading(history) as session:
        every, few = answer(session, query), answer(session, query, rows_max=3)

    assert (every.cut_off, few.cut_off) == (False, True)
    assert few.rows == every.rows[:3]
    assert few.totals == every.totals
    assert few.notes[-1].en.startswith("only the first 3 rows are shown")


def test_others_are_what_is_not_shown_to_the_cent(history: Engine) -> None:
    query = ReportQuery(metrics=("revenue",), dimensions=("customer",), limit=4, others=True)

    with reading(history) as session:
        report = answer(session, query)
        every = answer(session, query.model_copy(update={"limit": None, "others": False}))

    others = [row for row in report.rows if row.members[0].kind == "others"]
    assert len(others) == 1
    rest = sum((row.figures[0] or Decimal(0)) for row in every.rows[4:])
    assert abs((others[0].figures[0] or Decimal(0)) - rest) < Decimal("0.0001")
    assert sum(row.source_rows for row in report.rows) == report.source_rows


def test_why_there_is_no_figure_is_a_kind_of_its_own_and_never_zero(
    history: Engine, ask: Ask
) -> None:
    with reading(history) as session:
        nobody = session.scalars(select(Party.id).where(Party.number == "C-00011")).one()
        other = Party(number="C-99999", kind=PartyKind.COMPANY, name="Nobody", id=new_id())
    stranger = Acting(Actor("eve", roles=frozenset({"customer"}), party_id=other.id))
    known = Acting(Actor("kim", roles=frozenset({"customer"}), party_id=nobody))
    never = {"start": "2001-01-01", "end": "2001-12-31"}

    assert ask(metrics=["revenue"], period=never).nothing == "no_data"
    assert ask(stranger, metrics=["revenue"]).nothing == "hidden"
    assert ask(known, metrics=["revenue"]).nothing is None
    assert ask(known, metrics=["revenue"], period=never).nothing == "no_data"
    assert ask(metrics=["gross_margin_pct"], period=never).totals == (None,)
    with pytest.raises(CannotAnswer) as outside:
        ask(metrics=["revenue"], dimensions=["supplier"])
    with pytest.raises(NotYoursToSee) as hidden:
        ask(Acting(Actor("clerk", roles=frozenset({"employee"}))), metrics=["gross_profit"])
    assert (outside.value.nothing, hidden.value.nothing) == ("not_modelled", "hidden")
