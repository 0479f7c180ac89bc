"""The second reader: learned the same way every time, and asking before what is doubtful."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.reading import ANSWER, CHANGE, Ask, Calls, Reader, Reading, Refuse
from agents.interpreter.second import Keeper
from agents.interpreter.second.agreement import SIGNS
from agents.interpreter.second.calibration import Calibration, calibration
from agents.interpreter.second.features import SIZE, places_of
from agents.interpreter.second.judge import Judge
from agents.interpreter.second.keeping import file_in
from agents.interpreter.second.model import SecondReader
from agents.interpreter.second.synthetic import utterances
from agents.interpreter.second.train import train
from evals.blind.calibrating import fitted
from evals.blind.sureness import coverage_at, error_of_chances
from evals.understanding import after, load_lexicon, load_world
from tools import TOOLBOX

ALWAYS = Calibration({}, 5.0, 0.0)
NEVER = Calibration({}, -5.0, 0.9)


@cache
def taught() -> SecondReader:
    return train(utterances(7, share=0.15))


@cache
def words() -> Lexicon:
    return load_lexicon(load_world()[0])


def read(text: str, judge: Judge | None, context: DialogueContext | None = None) -> Reading:
    return Reader(judge).read(
        text,
        language_hint="en",
        context=context or DialogueContext(),
        lexicon=words(),
        today=load_world()[1],
    )


# What it learns.


def test_the_same_seed_teaches_the_same() -> None:
    few = utterances(3, share=0.05)[:200]

    first, second = train(few), train(few)

    assert utterances(3, share=0.05)[:200] == few
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.bias, second.bias)


def test_what_was_learned_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "there" / "weights.npz"

    taught().keep(file)

    found = SecondReader.kept(file)
    assert found.opinion("revenue by customer") == taught().opinion("revenue by customer")
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("text", "choice", "answer"),
    [
        ("各客户的毛利率", "target", "gross_margin_pct"),
        ("why did revenue fall", "kind", "why"),
        ("收入为什么下降", "kind", "why"),
        ("revenue by month", "grain", "month"),
    ],
)
def test_it_reads_what_it_was_never_shown(text: str, choice: str, answer: str) -> None:
    # Learned from a seventh of what it learns from in a house: likely among hundreds, and not
    # always first.
    likely = dict(taught().opinion(text).best(choice, 5))

    assert answer in likely
    assert 0 < likely[answer] <= 1


def test_chances_of_one_question_add_up_to_one() -> None:
    opinion = taught().opinion("")

    for chances in opinion.choices.values():
        assert sum(chances.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "!!!", "🙂", "a" * 5000, "收" * 5000, "\ue001\ue002"])
def test_stretches_of_anything_lie_in_the_table(text: str) -> None:
    assert all(0 <= place < SIZE for place in places_of(text))


# What is done with it.


def test_a_sure_reading_is_answered_with_its_chance() -> None:
    found = read("revenue by customer last year", Judge(taught(), ALWAYS))

    assert isinstance(found, Calls)
    assert found.calls[0]["tool"] == ANSWER
    assert found.confidence == pytest.approx(0.9933, abs=1e-4)


def test_a_doubtful_reading_is_read_back_and_run_on_a_click() -> None:
    judge = Judge(taught(), NEVER)

    asked = read("revenue by customer last year", judge)

    assert isinstance(asked, Ask)
    assert asked.question.en == "I read it as: Revenue, by customer, last year. Shall I?"
    shown = [option.says.en for option in asked.options]
    assert (shown[0], shown[-1]) == ("Run", "Change")
    assert all(each.startswith("Rather: ") for each in shown[1:-1])
    waiting = after(asked, DialogueContext())
    plain = read("revenue by customer last year", None)
    assert isinstance(plain, Calls)
    for said in ("Run", "执行", "yes", "ok"):
        ran = read(said, judge, waiting)
        assert isinstance(ran, Calls)
        assert ran.calls == plain.calls
    assert isinstance(read(CHANGE, judge, waiting), Ask)
    assert isinstance(read("no", judge, waiting), Refuse)


def test_a_change_said_exactly_becomes_a_card_whatever_the_chance() -> None:
    found = read("order 40 LAMP-01 from Lumen & Co", Judge(taught(), NEVER))

    assert isinstance(found, Calls)


def test_a_change_with_a_misspelt_word_is_asked_about_first() -> None:
    asked = read("ordr 40 LAMP-01 from Lumen & Co", Judge(taught(), ALWAYS))

    assert isinstance(asked, Ask)
    assert asked.frame is not None
    assert [call["tool"] for call in asked.frame.calls] == ["purchasing.order_item"]
    assert "ordr" in asked.question.en


def test_a_change_that_the_second_reader_takes_for_a_question_is_asked_about_first() -> None:
    reader = taught()
    others = replace(reader, bias=reader.bias + _against(reader, ("kind", "action")))

    asked = read("order 40 LAMP-01 from Lumen & Co", Judge(others, ALWAYS))

    assert isinstance(asked, Ask)
    assert "LAMP-01" in asked.question.en


def _against(reader: SecondReader, answer: tuple[str, str]) -> np.ndarray:
    return np.array([-20.0 if one == answer else 0.0 for one in reader.answers], np.float32)


def test_an_unknown_word_can_be_left_out_with_a_click() -> None:
    asked = read("revenue by customer last year frobnicated", Judge(taught(), ALWAYS))

    assert isinstance(asked, Ask)
    assert "frobnicated" in asked.question.en
    assert asked.frame is not None
    plain = read("revenue by customer last year", None)
    assert isinstance(plain, Calls)
    assert asked.frame.calls == plain.calls


def test_what_cannot_be_done_stays_refused() -> None:
    for text in ("delete all customers", "what will revenue be next year"):
        assert read(text, Judge(taught(), ALWAYS)) == read(text, None)


def test_nobody_is_offered_a_figure_that_is_not_theirs() -> None:
    less = replace(words(), metrics={"orders": words().metrics["orders"]})
    judge = Judge(taught(), ALWAYS)

    found = Reader(judge).read(
        "zzqx profitability per client",
        language_hint="en",
        context=DialogueContext(),
        lexicon=less,
        today=load_world()[1],
    )

    assert not isinstance(found, Calls)
    assert "gross profit" not in str(found).casefold()


def test_without_weights_there_is_no_judge(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)

    assert keeper.judge() is None
    taught().keep(file_in(tmp_path))
    assert keeper.judge() is not None
    assert keeper.start() is None


def test_what_was_fitted_weighs_every_sign() -> None:
    fit = calibration()

    assert set(fit.weights) == set(SIGNS)
    assert 0 < fit.answer_from < 1
    assert all(name in TOOLBOX.tools for name in (ANSWER,))


# How chances are judged.


def test_the_error_of_chances_is_how_far_they_are_off() -> None:
    assert error_of_chances([(0.9, True)] * 9 + [(0.9, False)], bins=1) == pytest.approx(0)
    assert error_of_chances([(0.9, False)] * 10, bins=2) == pytest.approx(0.9)


def test_as_much_is_answered_as_the_risk_allows() -> None:
    weighed = [(0.9, True), (0.8, True), (0.7, False), (0.6, True), (0.5, False)]

    assert coverage_at(weighed, 0.0) == (0.4, 0.8)
    assert coverage_at(weighed, 0.25) == (0.8, 0.6)
    assert coverage_at(weighed, 1.0) == (1.0, 0.5)
    # Readings with the same chance are answered together or not at all.
    assert coverage_at([(0.9, True), (0.9, False)], 0.0) == (0.0, 1.0)


def test_a_sign_that_goes_with_right_readings_gets_a_weight_above_nothing() -> None:
    signs = np.array([[0.0], [0.1], [0.9], [1.0]] * 10)
    right = np.array([0.0, 0.0, 1.0, 1.0] * 10)

    weights, bias = fitted(signs, right)

    assert weights[0] > 0 > bias


# What running the sets has found.


@pytest.mark.parametrize(
    "text", ["the latest 2013 orders", "newest 5000 invoices", "最新的2013个订单"]
)
def test_a_number_too_large_to_count_rows_is_no_crash(text: str) -> None:
    assert read(text, None) is not None
