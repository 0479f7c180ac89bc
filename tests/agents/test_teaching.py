"""People teach words of their own, and confirm how a question is read."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from agents.assistant import Assistant
from agents.interpreter.taught import Taught
from agents.turns import TurnResult
from core.kernel.database import unit_of_work
from core.kernel.settings import Settings
from core.reporting import teaching
from core.reporting.teaching import NotAWord, NotTeachable
from evals.understanding import load_lexicon, load_world
from tests.shop import as_person
from tools import TOOLBOX

Say = Callable[..., TurnResult]


@pytest.fixture
def say(shop: Engine, settings_of: Callable[[Engine], Settings]) -> Iterator[Say]:
    """Say something to the assistant, by default as the buyer."""
    assistant = Assistant(shop, settings_of(shop), TOOLBOX)

    def said(words: str, login: str = "buyer", thread: str = "t") -> TurnResult:
        return assistant.answer(as_person(shop, login), thread, words)

    yield said
    assistant.close()


@pytest.mark.parametrize(
    ("lesson", "question"),
    [
        ("when I say runner I mean LAMP-01", "how many runners are in stock?"),
        ("by “glowy thing” I mean “LAMP-01”.", "how many glowy things are in stock?"),
        ("我说“爆款”是指LAMP-01", "爆款还有多少库存？"),
        ("当我说“小亮”的时候，我指的是“LAMP-01”。", "小亮还有多少库存？"),
    ],
)
def test_a_taught_word_is_read_for_its_person_after_their_yes(
    say: Say, lesson: str, question: str
) -> None:
    assert "12" not in say(question).text

    card = say(lesson)
    assert card.proposal is not None, card
    say("yes")

    assert "12" in say(question).text
    assert "12" not in say(question, login="sales").text


def test_a_word_is_shared_by_an_administrator_and_by_nobody_else(say: Say) -> None:
    say("when I say runner I mean LAMP-01")
    say("yes")

    assert say("share my word runner with everybody").kind in {"denied", "refuse"}
    card = say("share buyer's word runner with everybody", login="admin")
    assert card.proposal is not None, card
    say("yes", login="admin")
    assert "12" in say("how many runners are in stock?", login="sales").text
    say("undo that", login="admin")
    say("yes", login="admin")
    assert "12" not in say("how many runners are in stock?", login="sales", thread="u").text


def test_words_are_listed_and_forgotten(say: Say) -> None:
    say("when I say runner I mean LAMP-01")
    say("yes")

    listed = say("which words did I teach you?")
    assert listed.grid is not None
    assert listed.grid.rows[0][:2] == ("runner", "LAMP-01")
    assert say("forget the word runner").proposal is not None
    say("yes")
    assert "12" not in say("how many runners are in stock?").text


@pytest.mark.parametrize(
    "lesson",
    [
        "when I say no I mean approve",
        "when I say “by” I mean revenue",
        "when I say not I mean LAMP-01",
        "when I say blurb I mean approve",
        "when I say blurb I mean yes",
        "when I say revenue I mean cost of goods sold",
        "when I say LAMP-01 I mean BULB-03",
        "when I say Nordwind GmbH I mean Acme Bikes",
        "when I say last year I mean this year",
        "我说“不”是指批准",
        "我说“好的”是指驳回",
        "我说“收入”是指成本",
        "我说“爆款”是指批准",
    ],
)
def test_what_has_a_meaning_keeps_it(say: Say, lesson: str) -> None:
    answer = say(lesson)

    assert answer.proposal is None, answer.text
    assert answer.kind in {"refuse", "clarify"}


@pytest.mark.parametrize(
    ("word", "refusal"),
    [("yes", NotTeachable), ("不", NotAWord), ("批准", NotTeachable), ("PO-00012", NotAWord),
     ("12", NotAWord), ("", NotAWord), ("x" * 41, NotAWord), ("a\u202eb", NotAWord)],
)  # fmt: skip
def test_no_door_teaches_what_decides(shop: Engine, word: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal), unit_of_work(shop, as_person(shop, "buyer")) as session:
        teaching.teach_word(session, word, "LAMP-01")


def test_the_database_refuses_a_second_meaning(shop: Engine) -> None:
    with unit_of_work(shop, as_person(shop, "buyer")) as session:
        row = teaching.teach_word(session, "runner", "LAMP-01")
        owner = row.owner_id
    twice = text(
        "INSERT INTO taught_word SELECT :owner, 'runner', 'x', false, gen_random_uuid(), now()"
    )
    with pytest.raises(IntegrityError), unit_of_work(shop) as session:
        session.execute(twice, {"owner": owner})


def test_a_taught_word_gives_no_right(say: Say) -> None:
    say("when I say glimmer I mean order 40 LAMP-01", login="sales")
    say("yes", login="sales")

    assert say("glimmer", login="sales").kind in {"denied", "refuse", "clarify"}


def test_quoted_words_stay_as_they_were_written() -> None:
    lexicon = load_lexicon(load_world()[0])
    taught = Taught({"runner": "LAMP-01", "no": "approve", "grand": "approve"})

    read, replaced = taught.rewritten('Note "the runner is late": no Runners', lexicon)

    assert read == 'Note "the runner is late": no LAMP-01'
    assert dict(replaced) == {"runner": "LAMP-01"}
    # Whatever stands in the table, nobody decides by it.
    assert taught.rewritten("grand", lexicon) == ("grand", ())


@pytest.mark.parametrize(
    ("question", "confirm", "again"),
    [
        (
            "revenue by month this year",
            "that was right, remember it",
            "Revenue by month this year, please",
        ),
        ("今年各月收入", "记住这个问法", "请问今年各月收入"),
    ],
)
def test_a_confirmed_question_is_verified_the_next_time(
    say: Say, question: str, confirm: str, again: str
) -> None:
    first = say(question, login="manager")
    assert (first.query is not None, first.verified) == (True, False)
    card = say(confirm, login="manager")
    assert card.proposal is not None, card.text
    say("yes", login="manager")

    second = say(question, login="manager", thread="other")
    assert (second.verified, second.query) == (True, first.query)
    assert say(again, login="manager", thread="third").verified
    assert not say(question, login="allrounder").verified
    assert not say(f"{question} not", login="manager", thread="fourth").verified
