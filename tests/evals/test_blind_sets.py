"""The blind sets stay what they were, and every expectation in them is one that can be met."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from channels.demo.finance import COST_CENTRES
from channels.demo.folk import BUYERS, SELLERS, TERRITORIES, WORKERS
from channels.demo.goods import CATEGORIES, ITEMS
from channels.terminal.opening import acting_as
from core.kernel.database import reading
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from evals.blind.answers import answers, differences
from evals.blind.running import Run, kept, open_place, summary
from evals.blind.scoring import Names, same_calls, same_query, same_words
from evals.blind.sets import HERE, Question, changed_since_frozen, everything
from tools import TOOLBOX

QUESTIONS = everything()


def wanted(kind: str) -> list[tuple[Question, Any]]:
    return [(q, want) for q in QUESTIONS for want in q.expected if kind in want]


def test_the_frozen_third_is_as_it_was() -> None:
    assert changed_since_frozen() == []


def test_there_are_enough_of_every_kind() -> None:
    counts = Counter(question.set for question in QUESTIONS)
    refused = Counter(q.set for q in QUESTIONS if "refuse" in q.expected[0])
    asked = Counter(q.set for q in QUESTIONS if "ask" in q.expected[0])

    for language in ("en", "zh"):
        reports, actions = f"reports_{language}", f"actions_{language}"
        assert counts[reports] >= 300
        assert counts[actions] >= 150
        assert refused[reports] >= 0.13 * counts[reports]
        assert asked[reports] >= 0.09 * counts[reports]
        assert refused[actions] >= 0.04 * counts[actions]
        assert asked[actions] >= 0.13 * counts[actions]
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)


def test_every_expected_query_can_be_asked() -> None:
    for question, want in wanted("query"):
        query = ReportQuery.model_validate(want["query"])
        dimensions = {*query.dimensions, *(one.dimension for one in query.filters)}
        for metric in query.metrics:
            for dimension in dimensions:
                assert any(
                    CATALOGUE.reaches(metric, dimension, orders=orders) for orders in (True, False)
                ), (question.id, metric, dimension)


def test_every_expected_call_can_be_made() -> None:
    for question, want in wanted("calls"):
        for call in want["calls"]:
            tool = TOOLBOX.tools[call["tool"]]
            assert tool.arguments.model_validate(call["arguments"]), question.id


def test_the_names_are_those_of_the_demo_company() -> None:
    world = yaml.safe_load((HERE / "demo.yaml").read_text("utf-8"))

    assert [row[:2] for row in world["items"]] == [[one.sku, one.name] for one in ITEMS]
    assert [row[1] for row in world["customers"]] == [one.name for one in BUYERS]
    assert [row[1] for row in world["suppliers"]] == [one.name for one in SELLERS]
    assert [row[1] for row in world["employees"]] == [one.name for one in WORKERS]
    assert [row[0] for row in world["territories"]] == list(TERRITORIES)
    assert [row[0] for row in world["categories"]] == list(CATEGORIES)
    assert [row[1] for row in world["dimension_members"]] == list(COST_CENTRES)


def test_sentences_name_the_answers_of_their_queries() -> None:
    known = {one.id: one.query for one in answers()}
    named = [want for _, want in wanted("query") if "gold" in want]

    assert {want["gold"] for want in named} == set(known)
    assert all(ReportQuery.model_validate(want["query"]) == known[want["gold"]] for want in named)


@pytest.mark.long
def test_reporting_answers_what_sql_written_by_hand_does(demo: Engine) -> None:
    with reading(demo, acting_as(demo, "maria")) as session:
        assert differences(session) == []


# How a reading is judged.

TODAY = date(2026, 6, 15)
NAMES = Names.of(yaml.safe_load((HERE / "demo.yaml").read_text("utf-8")))


def is_same(got: dict[str, Any], want: dict[str, Any], *free: str) -> bool:
    mine, theirs = (
        ReportQuery.model_validate({"metrics": ["revenue"], **one}) for one in (got, want)
    )
    return same_query(mine, theirs, free, NAMES, TODAY)


MAY = {"kind": "range", "start": "2026-05-01", "end": "2026-05-31"}
LAST_MONTH = {"kind": "relative", "unit": "month", "offset": -1}


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        ({"period": LAST_MONTH}, {"period": MAY}, True),
        ({"period": {"kind": "relative", "unit": "month"}}, {"period": MAY}, False),
        (
            {"period": MAY, "compare": {"to": "prior_year"}},
            {
                "period": MAY,
                "compare": {
                    "to": "period",
                    "period": {"kind": "range", "start": "2025-05-01", "end": "2025-05-31"},
                },
            },
            True,
        ),
        (
            {"filters": [{"dimension": "customer", "values": ["Acme Bikes"]}]},
            {"filters": [{"dimension": "customer", "values": ["C-00001"]}]},
            True,
        ),
        (
            {"filters": [{"dimension": "customer", "op": "not_in", "values": ["C-00001"]}]},
            {"filters": [{"dimension": "customer", "values": ["C-00001"]}]},
            False,
        ),
        (
            {"filters": [{"dimension": "country", "values": ["德国"]}]},
            {"filters": [{"dimension": "country", "values": ["DE"]}]},
            True,
        ),
        ({"dimensions": ["item"], "order": [{"by": "revenue"}]}, {"dimensions": ["item"]}, True),
        ({"dimensions": ["item"]}, {}, False),
    ],
)
def test_the_same_question_is_one_with_the_same_answer(
    got: dict[str, Any],
    want: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    assert is_same(got, want) is same


def test_a_state_is_compared_by_its_day() -> None:
    owed = {"metrics": ["ar_balance"]}
    year_ago = {"to": "period", "period": {"kind": "as_of", "day": "2025-06-15"}}
    want = {**owed, "compare": year_ago}

    assert is_same({**owed, "compare": {"to": "prior_year"}}, want)
    assert is_same(
        {**owed, "period": {"kind": "relative", "unit": "day"}, "compare": {"to": "prior_year"}},
        want,
    )
    assert not is_same({**owed, "compare": {"to": "prior_period"}}, want)


def test_a_number_that_nobody_said_is_free_and_one_that_was_said_is_not() -> None:
    best = {"dimensions": ["item"], "order": [{"by": "revenue"}]}

    assert is_same({**best, "limit": 10}, best, "limit")
    assert not is_same({**best, "limit": 10}, {**best, "limit": 5})


def test_calls_are_the_same_by_what_they_name() -> None:
    def order(**arguments: object) -> list[dict[str, Any]]:
        return [{"tool": "purchasing.order_item", "arguments": arguments}]

    want = order(item="LAMP-01", quantity="40", supplier="S-00001")

    assert same_calls(order(item="LAMP-01", quantity="40.0", supplier="Lumen & Co"), want, NAMES)
    assert not same_calls(order(item="LAMP-01", quantity="40"), want, NAMES)
    assert not same_calls(order(item="LAMP-02", quantity="40", supplier="S-00001"), want, NAMES)


def test_own_words_may_lose_a_word_at_the_ends_and_no_more() -> None:
    assert same_words("because they never pay", "they never pay")
    assert same_words("“客户破产”", "客户破产了")
    assert not same_words("they", "they never pay")
    assert not same_words("", "they never pay")


def test_a_conversation_is_judged_message_by_message() -> None:
    said: list[tuple[str, dict[str, Any]]] = [
        ("hello there", {"refuse": True}),
        ("revenue of 2024 by item", {"query": {"metrics": ["revenue"], "dimensions": ["item"]}}),
    ]
    questions = [
        Question("reports_en", f"x{n}", "demo", text, ("own",), (want,), "x", "")
        for n, (text, want) in enumerate(said)
    ]

    outcomes = list(Run({"demo": open_place("demo")}).outcomes(questions))

    assert [outcome.verdict for outcome in outcomes] == ["right", "wrong"]
    assert "silent %" in summary(outcomes, with_each=True)
    assert kept("blind", outcomes, TODAY)["shares"]["en"]["silent_wrong"] == "100.0"
