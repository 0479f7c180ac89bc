"""What a message may ask for although some words are not known: shown whole, never done at once."""

from collections.abc import Callable, Mapping
from functools import cache

import pytest

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.reading import ANSWER, Reader, Reading, Turned
from agents.interpreter.second.model import Opinion
from agents.interpreter.second.supposing import LEAST, LEFT, Supposed, supposed
from evals.understanding import load_lexicon, load_world
from tools import TOOLBOX

MOST = 3


class Keeping:
    """Keeps how a message was cut up, and leaves its reading as it is."""

    turn: Turned

    def settle(self, reading: Reading, turn: Turned, again: Callable[[str], Reading]) -> Reading:
        self.turn = turn
        return reading


@cache
def words() -> Lexicon:
    return load_lexicon(load_world()[0])


def supposing(
    text: str,
    targets: Mapping[str, float],
    by: Mapping[str, float] | None = None,
    direction: tuple[str, float] = ("", 1.0),
) -> list[Supposed]:
    keeping = Keeping()
    Reader(keeping).read(
        text,
        language_hint="en",
        context=DialogueContext(),
        lexicon=words(),
        today=load_world()[1],
    )
    opinion = Opinion({"target": targets, "direction": dict([direction])}, by or {})
    return supposed(keeping.turn, opinion, MOST)


def query_of(one: Supposed) -> dict[str, object]:
    [call] = one.calls
    assert call["tool"] == ANSWER
    return dict(call["arguments"]["query"])


def test_the_likeliest_figures_are_put_into_what_the_known_words_ask_for() -> None:
    [first, second] = supposing(
        "zzqx by customer last year", {"orders": 0.2, "revenue": 0.7, "hires": 0.09, "cogs": 0.005}
    )

    assert (first.chance, second.chance) == (0.7, 0.2)
    wanted = {"dimensions": ["customer"], "period": {"unit": "year", "offset": -1}}
    assert {name: query_of(first)[name] for name in wanted} == wanted
    assert query_of(first) == {**query_of(second), "metrics": ["revenue"]}


def test_a_figure_that_is_usual_for_a_group_is_supposed_though_nothing_sounds_like_it() -> None:
    found = supposing("zzqx by supplier", {"purchase_spend": 0.0})

    assert [(one.chance, query_of(one)["metrics"]) for one in found] == [
        (LEAST, ["purchase_spend"]),
        (LEAST, ["ap_balance"]),
    ]


def test_a_group_and_an_order_are_believed_only_where_they_are_likely() -> None:
    [sure] = supposing("zzqx last year", {"revenue": 0.7}, {"customer": 0.6}, ("desc", 0.6))
    [unsure] = supposing("zzqx last year", {"revenue": 0.7}, {"customer": 0.5}, ("desc", 0.9))

    assert query_of(sure)["dimensions"] == ["customer"]
    assert query_of(sure)["order"] == [{"by": "revenue"}]
    assert not query_of(unsure).keys() & {"dimensions", "order"}


def test_a_tool_gets_what_was_named_and_is_worth_less_for_each_word_that_found_no_place() -> None:
    [found] = supposing("zzqx 40 LAMP-01 from Lumen & Co", {"purchasing.order_item": 0.8})[:1]

    [call] = found.calls
    assert call["tool"] == "purchasing.order_item"
    assert found.chance == pytest.approx(0.8 * LEFT)


def test_a_question_is_never_supposed_to_change_anything() -> None:
    found = supposing("how many zzqx 40 LAMP-01 from Lumen & Co?", {"purchasing.order_item": 0.8})

    assert not [
        call for one in found for call in one.calls if TOOLBOX.tools[str(call["tool"])].writes
    ]


def test_a_document_goes_to_tools_that_take_its_kind() -> None:
    targets = {"sales.deliver_order": 0.6, "purchasing.receive_order": 0.3}

    found = supposing("zzqx SO-00012", targets)

    assert found[0].calls[0]["tool"] == "sales.deliver_order"
    assert "purchasing.receive_order" not in {call["tool"] for one in found for call in one.calls}
