"""The same meaning in other words is read the same, and another meaning never is."""

from datetime import date
from functools import cache

import pytest

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.reading import ApprovalReply, Ask, Calls, Reader, Reading, Refuse
from evals.understanding import after, load_lexicon, load_world, plain

QUESTIONS = (
    "revenue by category last year",
    "top 5 customers by gross profit this year",
    "stock value by category at the end of march",
    "overdue receivables by salesperson",
    "orders per month last year",
    "average order value by channel this quarter",
    "purchase spend by supplier last quarter",
    "units sold of LAMP-01 in march",
)
FRAGEN = (
    "去年各类别收入",
    "今年毛利前5的客户",
    "各客户逾期应收",
    "去年每月订单数",
    "上季度采购额按供应商",
    "三月LAMP-01的销量",
)


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


def talk(*messages: str) -> Reading:
    """Read messages as one conversation, and return what became of the last."""
    context = DialogueContext()
    for message in messages[:-1]:
        context = after(read(message, context), context)
    return read(messages[-1], context)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    "said",
    [
        "please show me {}",
        "hi, could you give me {}? thanks",
        "sorry to bother you again, {} please",
        "quick one: {}",
        "{}, if possible",
    ],
)
def test_courtesies_change_nothing(question: str, said: str) -> None:
    assert plain(read(said.format(question))) == plain(read(question))


@pytest.mark.parametrize("question", FRAGEN)
@pytest.mark.parametrize(
    "said", ["请帮我查一下{}", "你好，麻烦看下{}，谢谢", "{}，急！", "老板要开会，{}"]
)
def test_chinese_courtesies_change_nothing(question: str, said: str) -> None:
    assert plain(read(said.format(question))) == plain(read(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_letter_case_and_full_width_signs_change_nothing(question: str) -> None:
    wide = "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in question)

    assert plain(read(question.upper())) == plain(read(question))
    assert plain(read(wide)) == plain(read(question))


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("revenu by catgory last yaer", "revenue by category last year"),
        ("top 5 cutomers by gross proft this year", "top 5 customers by gross profit this year"),
        ("overdu recievables by saleperson", "overdue receivables by salesperson"),
        ("purchse spend by suplier last qurter", "purchase spend by supplier last quarter"),
        ("stok value by categroy", "stock value by category"),
        ("avrage order value by chanel", "average order value by channel"),
    ],
)
def test_a_misspelt_word_is_read_as_the_one_that_was_meant(misspelt: str, right: str) -> None:
    reading = read(misspelt)

    assert plain(reading) == plain(read(right))
    assert isinstance(reading, Calls)
    assert reading.notices


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("revenue by territory in 2013", "in 2013 by territory: revenue"),
        ("first half of last year, revenue", "revenue in the first half of last year"),
        ("revenue in the first half, last year", "revenue in the first half of last year"),
        ("上半年采购额，去年的", "去年上半年采购额"),
        ("收入 前三季度 去年", "去年前三季度收入"),
        ("sales 12/2013", "revenue in december 2013"),
        ("2013.11 收入", "2013年11月收入"),
    ],
)
def test_the_order_of_the_words_changes_nothing(text: str, other: str) -> None:
    assert plain(read(text)) == plain(read(other))


@pytest.mark.parametrize(
    ("text", "with_no"),
    [
        ("revenue by category without LAMP-01", "revenue by category of LAMP-01"),
        ("customers with more than 500 revenue", "customers with not more than 500 revenue"),
        ("cancel PO-00012", "don't cancel PO-00012"),
        ("pay BILL-00003", "do not pay BILL-00003"),
        ("收入超过500的客户", "收入不超过500的客户"),
        ("取消PO-00012", "不要取消PO-00012"),
        ("发货SO-00010", "先不要发货SO-00010"),
    ],
)
def test_a_no_is_never_overheard(text: str, with_no: str) -> None:
    assert plain(read(text)) != plain(read(with_no))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("top 5 customers 2013", "make it 10"), "top 10 customers 2013"),
        (("orders by channel 2013", "no, by salesperson"), "orders by salesperson 2013"),
        (("2013年各渠道订单数", "不是，按业务员"), "2013年各业务员订单数"),
        (("revenue by month this year", "quarterly please"), "revenue by quarter this year"),
        (("今年每月收入", "改成按季度"), "今年每季度收入"),
        (("top 5 customers 2013", "2012 instead"), "top 5 customers 2012"),
    ],
)
def test_a_correction_goes_on_from_the_last_question(said: tuple[str, ...], meant: str) -> None:
    assert plain(talk(*said)) == plain(read(meant))


@pytest.mark.parametrize("text", ["make it 10", "no, by salesperson"])
def test_a_correction_of_a_proposal_stays_one(text: str) -> None:
    context = after(read("order 40 LAMP-01 from Lumen"), DialogueContext())

    assert context.proposal_open
    assert isinstance(read(text, context), ApprovalReply)


def test_what_may_be_a_correction_or_a_question_calls_nothing_beside_a_proposal() -> None:
    context = after(read("order 40 LAMP-01 from Lumen"), DialogueContext())

    assert isinstance(read("不是，按业务员", context), Ask)


def test_what_was_understood_is_one_click_away_where_a_word_was_not() -> None:
    asked = read("revenue by territory in 2013 flimflam")
    assert isinstance(asked, Ask)
    assert "flimflam" in asked.question.en

    for answer in ("yes", "是"):
        reading = read(answer, DialogueContext(pending=asked.frame))
        assert plain(reading) == plain(read("revenue by territory in 2013"))
    assert isinstance(read("no", DialogueContext(pending=asked.frame)), Refuse)


def test_a_price_that_begins_on_a_day_begins_on_the_next_such_day() -> None:
    reading = read("new price for LAMP-01: 38.50 from 1 July")

    assert isinstance(reading, Calls)
    said = date.fromisoformat(reading.calls[0]["arguments"]["valid_from"])
    assert (said.month, said.day) == (7, 1)
    assert said >= load_world()[1]


def test_what_happens_every_month_needs_something_to_happen() -> None:
    assert plain(read("今年每月收入")) == plain(read("revenue by month this year"))
    assert not isinstance(read("quarterly please"), Calls)


def test_which_ones_fell_leaves_out_those_that_rose() -> None:
    reading = plain(read("which territories shrank in 2013"))["report"]

    assert reading["having"] == ["revenue lt 0"]
    assert reading["compare"] == "prior_year"


def test_the_best_of_each_are_so_many_of_each() -> None:
    reading = read("top 3 customers per territory by revenue in 2013")

    assert isinstance(reading, Calls)
    query = reading.calls[0]["arguments"]["query"]
    assert (query["limit"], query["limit_per"]) == (3, "territory")
