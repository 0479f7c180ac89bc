"""Where a language model has a change from: the person's own words, or a text that others wrote."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage

from agents.router import words_of
from core.approvals import Reason
from tools import Call, Toolbox
from tools.base import FreeText, Ref

QUOTED_MAX = 160
# Shorter cells are codes and states.
TEXT_MIN = 12
VALUE_MIN = 4


def reason_of_model(
    toolbox: Toolbox, messages: Sequence[AnyMessage], calls: Sequence[Call], model: str
) -> Reason:
    """Say on the card that a model chose the calls, which words are its own, and after what.

    It has read texts of the records, and the person's words alone do not say the same: so what
    stands in them may have caused it, and the text that speaks of it most is named.
    """
    facts = {"read by": model}
    if own := words_of_its_own(toolbox, messages, calls):
        facts["worded by the model"] = ", ".join(own)
    reason: Reason = {"facts": facts}
    if source := source_of(messages, calls):
        reason["source"] = source
    return reason


def words_of_its_own(
    toolbox: Toolbox, messages: Sequence[AnyMessage], calls: Sequence[Call]
) -> list[str]:
    """Return the arguments whose words no person of this conversation used."""
    said = "\n".join(str(m.content) for m in messages if isinstance(m, HumanMessage)).casefold()
    found = []
    for call in calls:
        for name, field in toolbox.tools[call.tool].arguments.model_fields.items():
            value = getattr(call.arguments, name)
            is_text = str in _kinds(field.annotation)
            named = any(isinstance(mark, Ref) for mark in field.metadata)
            written = any(isinstance(mark, FreeText) for mark in field.metadata)
            if (written or (is_text and not named)) and isinstance(value, str) and value:
                found += [] if value.casefold() in said else [name]
    return list(dict.fromkeys(found))


def _kinds(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return (annotation, *getattr(annotation, "__args__", ()))


def source_of(messages: Sequence[AnyMessage], calls: Sequence[Call]) -> str | None:
    """Return the text of the records that speaks most of the calls; nothing if none was read."""
    said = max(place for place, m in enumerate(messages) if isinstance(m, HumanMessage))
    now = _texts(messages[said:])
    # What was read in earlier turns counts where the calls take something from it.
    own = "\n".join(str(m.content) for m in messages if isinstance(m, HumanMessage)).casefold()
    values = [value for call in calls for value in _values(call) if value not in own]
    before = [t for t in _texts(messages[:said]) if any(value in t.casefold() for value in values)]
    texts = [*now, *before]
    if not texts:
        return None
    wanted = {word for call in calls for word in _words(call)}
    text = max(texts, key=lambda each: len(wanted & set(words_of(each))))
    quoted = " ".join(text.split())
    return f"“{quoted[:QUOTED_MAX]}{'…' if len(quoted) > QUOTED_MAX else ''}”"


def _words(call: Call) -> Iterable[str]:
    yield from words_of(call.tool.replace(".", " ").replace("_", " "))
    for value in call.arguments.model_dump(mode="json").values():
        yield from words_of(str(value)[:2_000])


def _values(call: Call) -> Iterable[str]:
    yield call.tool
    for value in call.arguments.model_dump(mode="json").values():
        if len(said := str(value).casefold()) >= VALUE_MIN:
            yield said


def _texts(messages: Sequence[AnyMessage]) -> list[str]:
    results = [m for m in messages if isinstance(m, ToolMessage) and m.status != "error"]
    return [text for message in results for text in _texts_of(str(message.content))]


def _texts_of(content: str) -> Iterable[str]:
    try:
        kept = json.loads(content)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        yield content
        return
    yield str(kept.get("sentence", ""))
    for row in kept.get("rows", ()):
        yield from (cell for cell in row if isinstance(cell, str) and len(cell) >= TEXT_MIN)
