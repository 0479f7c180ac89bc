"""What the interpreter makes of messages: the labelled sets, its manners, and bad input."""

import random
from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.explaining import EXPLAIN
from agents.interpreter.lexicon import LANGUAGES, Lexicon, tools_without_phrases
from agents.interpreter.reading import (
    ANSWER,
    DEFINE,
    LIST,
    ApprovalReply,
    Ask,
    Calls,
    Reader,
    Reading,
    Refuse,
    Reply,
)
from agents.interpreter.reports import is_of_now
from core.kernel.errors import Language
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import (
    Compare,
    Filter,
    Order,
    Period,
    Range,
    Ref,
    Relative,
    ReportQuery,
)
from core.reporting.readback import readback
from evals.understanding import load_lexicon, load_world, plain, run, short
from tools import TOOLBOX

WORDS = [
    "order",
    "40",
    "LAMP-01",
    "from",
    "Lumen",
    "by",
    "and",
    "revenue",
    "last",
    "year",
    "not",
    "top",
    "10",
    "customers",
    "in",
    "2013",
    "vs",
    "订购",
    "收入",
    "去年",
    "按",
    "地区",
    "不",
    "PO-00012",
    "because",
    "undo",
    ",",
    "50%",
    "at",
    "8.15",
    "pay",
    "who",
    "why",
]


@cache
def _lexicon() -> Lexicon:
    return load_lexicon(load_world()[0])


def read(text: str, context: DialogueContext | None = None) -> Reading:
    return Reader().read(
        text,
        language_hint="en",
        context=context or DialogueContext(),
        lexicon=_lexicon(),
        today=load_world()[1],
    )


def test_the_labelled_questions_are_understood_and_none_silently_wrong() -> None:
    outcomes = run()

    counts = Counter(outcome.verdict for outcome in outcomes)

    assert [o.text for o in outcomes if o.verdict == "wrong"] == []
    assert counts["right"] / len(outcomes) >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_can_be_called_by_words(language: Language) -> None:
    # These are reached by questions about figures, words and records, and for a cause.
    reached = {ANSWER, DEFINE, EXPLAIN, LIST}

    without = tools_without_phrases(TOOLBOX.tools.values(), language)

    assert set(without) <= reached


def test_what_stands_in_the_phrase_files_exists() -> None:
    known = _lexicon().settings

    for language in LANGUAGES:
        assert set(known[language]["tools"]) <= set(TOOLBOX.tools)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "!!! ??? ...",
        "🙂🙂🙂 👍",
        "'; DROP TABLE party; --",
        "SELECT * FROM customer WHERE 1=1",
        "\x00\x07\x1b[31m",
        "مرحبا كيف الحال",
        "\u202eevil\u202c revenue",
        "a" * 100_000,
        "收" * 100_000,
        "revenue\tby\tmonth\n2013\t100\n2014\t200",
        "(((((((((((",
        "9" * 5_000,
        "order " * 500,
        "one two three four five six seven eight nine ten",
    ],
)
def test_bad_input_gets_a_sensible_answer(text: str) -> None:
    reading = read(text)

    assert isinstance(reading, Calls | Ask | Refuse | Reply | ApprovalReply)
    if isinstance(reading, Calls):
        assert not any(TOOLBOX.tools[call["tool"]].writes for call in reading.calls)


@given(st.text(max_size=120))
def test_no_text_makes_it_stumble(text: str) -> None:
    read(text)


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    )
)
def test_no_order_of_known_words_makes_it_stumble(words: list[str]) -> None:
    reading = read(" ".join(words))

    if isinstance(reading, Calls) and reading.calls[0]["tool"] == ANSWER:
        ReportQuery.model_validate(reading.calls[0]["arguments"]["query"])


@pytest.mark.parametrize(
    ("plain_text", "other"),
    [
        (
            "revenue by territory in 2013",
            "Could you please show me the revenue by territory in 2013?",
        ),
        ("revenue by territory in 2013", "REVENUE BY TERRITORY IN 2013"),
        ("revenue by territory in 2013", "in 2013, revenue by territory"),
        ("revenue by territory in 2013", "ｒｅｖｅｎｕｅ by territory in ２０１３"),
        ("revenue by territory in 2013", "sales per territory 2013"),
        ("2013年各地区收入", "请帮我查一下2013年各地区的收入，谢谢"),
        ("2013年各地区收入", "2013年按地区的销售额"),
        ("应收账款", "應收賬款"),
    ],
)
def test_politeness_case_order_and_synonyms_change_nothing(plain_text: str, other: str) -> None:
    assert plain(read(other)) == plain(read(plain_text))


@pytest.mark.parametrize(
    ("text", "with_no"),
    [
        ("revenue of Germany in 2013", "revenue not of Germany in 2013"),
        ("online revenue this year", "revenue without online this year"),
        ("线上渠道今年的收入", "不含线上渠道今年的收入"),
        ("order 40 LAMP-01", "don't order 40 LAMP-01"),
        ("订购40个LAMP-01", "不要订购40个LAMP-01"),
    ],
)
def test_a_no_changes_the_reading_or_is_asked_about(text: str, with_no: str) -> None:
    assert plain(read(with_no)) != plain(read(text))


def test_a_word_that_is_not_known_is_asked_about_and_not_dropped() -> None:
    reading = read("revenue by flimflam in 2013")

    assert isinstance(reading, Ask)
    assert "flimflam" in reading.question.en


def test_a_misspelt_name_is_announced_when_it_is_only_read() -> None:
    reading = read("revenue of Globx Retail last year")

    assert isinstance(reading, Calls)
    assert any("Globex Retail" in notice.en for notice in reading.notices)


def test_a_misspelt_name_is_confirmed_before_anything_is_done() -> None:
    asked = read("pay Lumemn & Co 500")
    assert isinstance(asked, Ask)
    assert asked.frame is not None

    done = read("yes", DialogueContext(pending=asked.frame))

    assert isinstance(done, Calls)
    assert done.calls[0]["arguments"] == {"supplier": "S-00001", "amount": "500"}


def test_digits_of_a_code_are_never_guessed() -> None:
    reading = read("order 40 LAMP-11")

    assert isinstance(reading, Ask | Refuse)


def test_a_name_that_fits_two_is_asked_about_and_the_answer_is_put_in_its_place() -> None:
    asked = read("revenue of Riverside last year")
    assert isinstance(asked, Ask)
    assert [option.reply for option in asked.options] == ["C-00006", "C-00007"]

    for answer in ("the second one", "C-00007", "Riverside Cycles"):
        reading = read(answer, DialogueContext(pending=asked.frame))
        assert plain(reading) == plain(read("revenue of C-00007 last year"))


def test_a_new_question_is_not_an_answer_to_the_open_one() -> None:
    asked = read("order some LAMP-01")
    assert isinstance(asked, Ask)

    reading = read("revenue in 2013", DialogueContext(pending=asked.frame))

    assert plain(reading) == {"report": {"metrics": ["revenue"], "period": "2013"}}


@pytest.mark.parametrize("text", ["why is Lumen & Co late", "为什么会下降"])
def test_why_is_refused_kindly_where_no_figure_is_meant(text: str) -> None:
    reading = read(text)

    assert isinstance(reading, Refuse)
    assert reading.kind == "why"


@pytest.mark.parametrize(
    "text", ["is INV-00004 paid?", "has SO-00010 been shipped?", "how many LAMP-01 did we order"]
)
def test_a_question_changes_nothing(text: str) -> None:
    reading = read(text)

    if isinstance(reading, Calls):
        assert not any(TOOLBOX.tools[call["tool"]].writes for call in reading.calls)


def test_a_breakdown_that_is_not_known_is_refused_with_those_that_are() -> None:
    reading = read("purchase spend by channel")

    assert isinstance(reading, Refuse)
    assert "supplier" in reading.says.en


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_understood_is_understood_again_when_it_is_read_back(language: Language) -> None:
    chance = random.Random(7)
    asked = [_random_query(chance) for _ in range(150)]

    lost = [
        said
        for query in asked
        if plain(read(said := readback(query, language))) != {"report": short(query)}
    ]

    assert len(lost) <= 3, lost


def _random_query(chance: random.Random) -> ReportQuery:
    # Metrics that count the members of a dimension share its name, and are left to the person.
    counts = {"customers", "suppliers", "items", "headcount"}
    metric = chance.choice([m.id for m in CATALOGUE.asked() if m.id not in counts])
    known = CATALOGUE.dimensions_of(metric)
    by = tuple(chance.sample(known, min(len(known), chance.choice([0, 1, 1, 2]))))
    # What is known of today only has no figures of other days to ask for.
    period = None if is_of_now(metric) else chance.choice([*PERIODS, None])
    parts: dict[str, Any] = {
        "metrics": (metric,),
        "dimensions": by,
        "grain": chance.choice([None, None, "month", "quarter", "year"]),
        "period": period,
    }
    if period is not None and chance.random() < 0.3:
        parts["compare"] = Compare(to=chance.choice(["prior_year", "prior_period"]))
    if "territory" in known and chance.random() < 0.3:
        where = (Ref(id="NW", label="Northwest"),)
        operator = chance.choice(["in", "not_in"])
        parts["filters"] = (Filter(dimension="territory", op=operator, values=where),)
    if by and chance.random() < 0.3:
        parts["order"] = (Order(by=metric, dir=chance.choice(["asc", "desc"])),)
        parts["limit"] = chance.choice([3, 5, 10])
    return ReportQuery(**parts)


PERIODS: tuple[Period, ...] = (
    Range(start=date(2013, 1, 1), end=date(2013, 12, 31)),
    Range(start=date(2014, 5, 1), end=date(2014, 5, 31)),
    Range(start=date(2026, 3, 1), end=date(2026, 4, 15)),
    Relative(unit="month", offset=-1),
    Relative(unit="quarter", offset=-1),
    Relative(unit="year"),
    Relative(unit="month", offset=-3, count=3),
)


@pytest.mark.parametrize(
    "text",
    [
        "undo the depreciation", "cancel the payment run", "undo dunning", "撤销折旧",
        "取消付款批次", "撤销催收", "撤销预提 5000 租金", "cancel the rent",
    ],
)  # fmt: skip
def test_who_wants_something_undone_does_not_get_it_done(text: str) -> None:
    reading = read(text)

    assert not isinstance(reading, Calls), reading


def test_what_a_statement_cannot_be_split_by_is_asked_about() -> None:
    assert isinstance(read("income statement for May by cost centre"), Ask)
    assert isinstance(read("income statement for May"), Calls)
