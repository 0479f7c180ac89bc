"""Figures as tools: what is said and laid out, what it means, and the way to what stands behind."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.kernel.company import RevenueBasis, found_company
from core.kernel.database import unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.identity.acting import Acting, Actor
from core.reporting import CannotAnswer, NotYoursToSee
from tests.core.test_reporting_orders import TODAY, YEAR, fill
from tools import TOOLBOX, Answer
from tools.errors import BadArguments
from tools.reporting import UnknownTerm

MANAGER = Acting(Actor("manager", roles=frozenset({"manager"})))
CLERK = Acting(Actor("clerk", roles=frozenset({"warehouse"})))
EMPLOYEE = Acting(Actor("worker", roles=frozenset({"employee"})))

Use = Callable[..., Answer]


@pytest.fixture(scope="module")
def history(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """The orders of three years."""
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


@pytest.fixture
def use(history: Engine) -> Use:
    """Use a tool that reads, by its plain arguments."""

    def used(tool: str, acting: Acting = MANAGER, **arguments: Any) -> Answer:
        [call] = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
        return TOOLBOX.read(history, acting, call)

    return used


REVENUE_2013 = {"metrics": ["revenue"], "period": YEAR}


def test_a_figure_is_said_with_its_basis_in_both_languages(use: Use) -> None:
    answer = use("reporting.answer", query=REVENUE_2013)

    [figure] = answer.figures()
    written = f"{figure['value']:,.2f} USD"
    assert answer.sentence("en").startswith(f"Revenue, 2013: {written}. Basis: sales order lines")
    assert answer.sentence("zh").startswith(f"2013年，收入：{written}。口径：")
    assert figure["unit"] == "USD"
    assert figure["as_of"] == date(2013, 12, 31)
    assert figure["rows"] > 0


def test_the_rows_that_are_laid_out_add_up_to_the_figure(use: Use) -> None:
    answer = use("reporting.answer", query={**REVENUE_2013, "dimensions": ["territory"]})

    grid = answer.grid()
    assert grid is not None
    assert [column.name for column in grid.columns] == ["territory", "revenue"]
    assert [column.unit for column in grid.columns] == ["", "USD"]
    total = sum(row[-1] for row in grid.rows)
    assert round(total, 2) == answer.figures()[0]["value"]
    assert all(isinstance(row[-1], Decimal) for row in grid.rows)


def test_labels_are_in_the_language_of_who_asks(use: Use) -> None:
    chinese = Acting(Actor("经理", roles=frozenset({"manager"}), language="zh"))

    answer = use("reporting.answer", chinese, query={**REVENUE_2013, "dimensions": ["territory"]})

    grid = answer.grid()
    assert grid is not None
    assert {row[0] for row in grid.rows} == {"西北", "德国", "法国", "（无）"}


def test_the_question_comes_back_as_it_was_asked(use: Use) -> None:
    answer = use("reporting.answer", query=REVENUE_2013)

    asked = answer.query()
    assert asked is not None
    again = use("reporting.answer", query=asked)
    assert again.figures()[0]["value"] == answer.figures()[0]["value"]


def test_a_comparison_says_the_difference(use: Use) -> None:
    compared = {**REVENUE_2013, "compare": {"to": "prior_year"}}

    said = use("reporting.answer", query=compared).sentence()

    assert "compared with" in said
    assert "%" in said
    assert "Compared with 2012." in said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            {"metrics": ["revenue"], "filters": [{"dimension": "item", "values": ["Nothing"]}]},
            "Nothing is called",
        ),
        ({"metrics": ["ar_balance"]}, "on file"),
        ({"metrics": ["revenue"], "period": {"end": "2001-01-01"}}, "nothing in this period"),
    ],
)
def test_nothing_is_said_to_be_nothing_and_why(
    use: Use, question: dict[str, Any], said: str
) -> None:
    assert said in use("reporting.answer", query=question).sentence()


@pytest.mark.parametrize("term", ["gross margin", "GM%", "毛利率", "gross_margin_pct", "利润率"])
def test_a_term_is_defined_by_any_of_its_names(use: Use, term: str) -> None:
    answer = use("reporting.define", term=term)

    assert "percentage of revenue" in answer.sentence("en")
    assert "占收入的百分比" in answer.sentence("zh")


def test_an_unknown_term_gets_the_nearest_ones(use: Use) -> None:
    with pytest.raises(UnknownTerm) as refused:
        use("reporting.define", term="gros margn")

    assert "gross_margin_pct" in refused.value.message("en")


def test_only_figures_one_may_see_are_listed(use: Use) -> None:
    listed = {
        who.name: {row[0] for row in (use("reporting.list_metrics", who).grid() or ()).rows}
        for who in (MANAGER, CLERK, EMPLOYEE)
    }

    assert {"revenue", "gross_margin_pct", "net_profit", "headcount"} <= listed["manager"]
    assert "gross_margin_pct" not in listed["clerk"]
    assert "revenue" not in listed["worker"]
    assert "headcount" in listed["worker"]
    about = use("reporting.list_metrics", about="margin").grid()
    assert about is not None
    assert "gross_margin_pct" in {row[0] for row in about.rows}


def test_a_row_leads_to_its_documents_by_the_name_it_shows(use: Use) -> None:
    query = {**REVENUE_2013, "dimensions": ["territory"]}
    grid = use("reporting.answer", query=query).grid()
    assert grid is not None
    [first, *_] = grid.rows

    behind = use(
        "reporting.rows_behind", query=query, members={"territory": first[0]}, limit=1000
    ).grid()

    assert behind is not None
    assert sum(row[3] for row in behind.rows) == first[1]
    assert all(row[0].startswith("SO-") for row in behind.rows)


def test_a_document_is_traced_only_by_who_may_read_the_books(use: Use) -> None:
    traced = use("reporting.trace", document="so 17")

    assert "SO-00017" in traced.sentence()
    with pytest.raises(NotPermitted):
        use("reporting.trace", CLERK, document="SO-00017")


@pytest.mark.parametrize(
    "question",
    [
        {"metrics": ["revenue"], "approved": True},
        {"metrics": ["revenue"], "dimensions": ["territory; --"]},
        {"metrics": "revenue" * 5_000},
        {"metrics": ["revenue"], "limit": 10**9, "dimensions": ["item"]},
        {"metrics": ["revenue"], "filters": [{"dimension": "item", "values": ["x" * 5_000]}]},
        {"metrics": ["revenue"], "filters": [{"dimension": "item", "values": ["\u0000"]}]},
    ],
)
def test_hostile_questions_are_refused_before_they_reach_the_database(
    use: Use, question: dict[str, Any]
) -> None:
    with pytest.raises(BadArguments):
        use("reporting.answer", query=question)


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE party; --", "%", "_", "' OR 1=1", "\\", "$1", ":x", "%(x)s", "𝕏"]
)
def test_text_in_a_filter_is_only_text(use: Use, text: str) -> None:
    for op in ("in", "contains"):
        one = {"dimension": "customer", "op": op, "values": [text]}
        answer = use("reporting.answer", query={"metrics": ["revenue"], "filters": [one]})
        assert answer.figures()[0]["value"] == 0


def test_rights_hold_for_every_part_of_a_question(use: Use) -> None:
    hidden = (
        {"metrics": ["gross_profit"]},
        {"metrics": ["orders"], "dimensions": ["customer"],
         "having": [{"metric": "gross_profit", "value": 0}]},
        {"metrics": ["orders"], "dimensions": ["customer"], "order": [{"by": "gross_margin_pct"}]},
    )  # fmt: skip
    for query in hidden:
        with pytest.raises(NotYoursToSee):
            use("reporting.answer", CLERK, query=query)
        with pytest.raises(NotYoursToSee):
            use("reporting.rows_behind", CLERK, query=query)
    with pytest.raises(CannotAnswer):
        use("reporting.rows_behind", query=REVENUE_2013, metric="cogs")


def test_an_answer_is_one_statement_besides_who_and_what_the_company_is(
    history: Engine, use: Use
) -> None:
    sent: list[str] = []
    event.listen(history, "before_cursor_execute", lambda *args: sent.append(args[2]))

    use("reporting.answer", query={**REVENUE_2013, "dimensions": ["item"], "grain": "month"})

    selects = [one for one in sent if not one.startswith("SET ")]
    assert len(selects) == 2
    assert "FROM company" in selects[0]
