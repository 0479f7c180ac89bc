"""`prokurist ask`: a question or a batch of them, answered for people or, in JSON, for programs."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine

from agents.assistant import Assistant
from agents.turns import Final, Progress, TurnResult
from channels.terminal.answers import effect_json, table_json
from channels.terminal.opening import acting_as
from core.kernel.errors import DomainError, Language
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting

FIELDS = {"id", "text", "thread", "as"}


class BadLine(DomainError):
    """This is not a question: {problem}. A line is {{"id", "text", "thread"?, "as"?}}."""

    zh = '这不是一个问题：{problem}。每行应为 {{"id", "text", "thread"?, "as"?}}。'


@dataclass(frozen=True)
class Question:
    """What somebody asks, in which thread, as whom."""

    id: Any
    text: str
    thread: str | None = None
    person: str | None = None


def read_line(line: str) -> dict[str, Any]:
    """Read one line of a batch; refuse anything but one JSON object."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(problem=error) from None
    if not isinstance(given, dict):
        raise BadLine(problem="not an object")
    return given


def question_of(given: dict[str, Any]) -> Question:
    """Turn a line into a question; refuse what it does not say, or says too much."""
    if not isinstance(given.get("text"), str):
        raise BadLine(problem="no text")
    if unknown := set(given) - FIELDS:
        raise BadLine(problem=f"unknown {', '.join(sorted(unknown))}")
    for name in ("thread", "as"):
        if given.get(name) is not None and not isinstance(given[name], str):
            raise BadLine(problem=f"{name} is not a text")
    return Question(given.get("id"), given["text"], given.get("thread"), given.get("as"))


def answer_lines(
    engine: Engine, assistant: Assistant, lines: Iterable[str], *, person: str | None
) -> Iterator[dict[str, Any]]:
    """Answer a batch line by line; a line that cannot be used gets its own answer and no more."""
    known: dict[str | None, Acting] = {}
    for line in lines:
        if not line.strip():
            continue
        given: dict[str, Any] = {}
        try:
            given = read_line(line)
            asked = question_of(given)
            login = asked.person or person
            if login not in known:
                known[login] = acting_as(engine, login)
            yield answer_question(assistant, known[login], asked)
        except DomainError as refusal:
            yield refused(given.get("id"), refusal, "en")


def answer_question(assistant: Assistant, acting: Acting, asked: Question) -> dict[str, Any]:
    """Answer one question in the shape that programs rely on."""
    result = ask(assistant, acting, asked)
    return answer_json(asked.id, result, result.language)


def ask(
    assistant: Assistant,
    acting: Acting,
    asked: Question,
    *,
    told: Callable[[str], None] = lambda _text: None,
) -> TurnResult:
    """Ask, in a thread of its own where none is named; tell what is being done meanwhile."""
    thread = asked.thread or f"ask-{new_id()}"
    for event in assistant.turn(acting, thread, asked.text):
        if isinstance(event, Final):
            return event.result
        if isinstance(event, Progress):
            told(event.text)
    message = "a turn ends with its result"
    raise AssertionError(message)


def answer_json(asked: Any, result: TurnResult, language: Language) -> dict[str, Any]:  # noqa: ANN401
    """Return the outcome of a turn in the shape that programs rely on."""
    card = result.proposal
    return {
        "id": asked,
        "kind": result.kind,
        "text": result.text,
        "table": table_json(result.grid, language),
        "query": result.query,
        "figures": result.figures,
        "proposal": None
        if card is None
        else {
            "id": card.id,
            "number": card.number,
            "calls": card.calls,
            "effect": effect_json(card.effect, language),
            "needs": card.needs(language),
        },
        "ms": result.ms,
    }


def refused(asked: Any, refusal: DomainError, language: Language) -> dict[str, Any]:  # noqa: ANN401
    """Return a refusal that came before the question was asked, in the same shape."""
    text = refusal.message(language)
    return answer_json(asked, replace(_NOTHING, text=text), language)


_NOTHING = TurnResult(kind="error", text="")
