"""Where two readings of the same words differ: both are shown, and the person chooses.

The reader inside and a language model read the same message. What they would call is compared
after every open choice is made, so that a name and a number of the same record are no difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall
from pydantic import ValidationError
from sqlalchemy import Engine

from agents.interpreter.normalise import normalise
from agents.language_model import function_name, tool_name
from core.kernel.database import reading
from core.kernel.errors import DomainError, Language
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting
from core.reporting.query import ReportQuery
from core.reporting.readback import readback
from tools import Call, Toolbox

REPORT = "reporting.answer"
_FIRST = {"1", "first", "the first", "the first one", "一", "第一个", "前者"}
_SECOND = {"2", "second", "the second", "the second one", "二", "第二个", "后者"}


@dataclass(frozen=True)
class Way:
    """One reading: who reads so, and what would be called."""

    by: str
    calls: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, to be kept in a message."""
        return {"by": self.by, "calls": [dict(call) for call in self.calls]}


def ways_of(message: AIMessage, by: str) -> Way:
    """Return what a message would call."""
    calls = tuple(
        {"tool": tool_name(call["name"]), "arguments": call["args"]} for call in message.tool_calls
    )
    return Way(by, calls)


def exactly(
    toolbox: Toolbox, engine: Engine, acting: Acting, way: Way
) -> list[tuple[str, dict[str, Any]]] | None:
    """Return the calls with every open choice made; nothing where they cannot be read."""
    try:
        plan = toolbox.parse(way.calls)
        with reading(engine, acting) as session:
            return [(call.tool, _pinned(toolbox, session, call)) for call in plan]
    except DomainError:
        return None


def _pinned(toolbox: Toolbox, session: Any, call: Call) -> dict[str, Any]:  # noqa: ANN401
    pinned = toolbox.tools[call.tool].pin(session, call.arguments)
    return pinned.model_dump(mode="json", exclude_defaults=True)


def differ(toolbox: Toolbox, engine: Engine, acting: Acting, ours: Way, theirs: Way) -> bool:
    """Tell whether two readings would do different things."""
    mine = exactly(toolbox, engine, acting, ours)
    return mine is None or mine != exactly(toolbox, engine, acting, theirs)


def offer(toolbox: Toolbox, language: Language, ours: Way, theirs: Way) -> AIMessage:
    """Ask which of two readings is meant."""
    zh = language == "zh"
    options = [_says(toolbox, way, language) for way in (ours, theirs)]
    if options[0] == options[1]:
        options[1] += "（2）" if zh else " (2)"
    question = (
        f"这句话有两种理解，请选择：\n1. 内置解释器：{options[0]}\n2. 语言模型：{options[1]}"
        if zh
        else "Two readings of this differ; which one do you mean?\n"
        f"1. As I read it: {options[0]}\n2. As the language model reads it: {options[1]}"
    )
    kept = {
        "kind": "clarify",
        "options": options,
        "ways": [ours.to_json(), theirs.to_json()],
    }
    return AIMessage(question, additional_kwargs=kept)


def chosen(messages: Sequence[AnyMessage]) -> tuple[str, AIMessage] | None:
    """Return who read so, and the calls, where the last message chooses one of two readings."""
    said = messages[-1]
    asked = next((m for m in reversed(messages[:-1]) if isinstance(m, AIMessage)), None)
    if not isinstance(said, HumanMessage) or asked is None:
        return None
    ways = asked.additional_kwargs.get("ways")
    if not ways:
        return None
    text = normalise(str(said.content)).text.strip(" .!?\u241e")
    options = [normalise(option).text.strip(" .!?\u241e") for option in
               asked.additional_kwargs["options"]]  # fmt: skip
    place = 0 if text in {*_FIRST, options[0]} else 1 if text in {*_SECOND, options[1]} else None
    if place is None:
        return None
    calls = [
        ToolCall(name=function_name(c["tool"]), args=c["arguments"], id=f"call-{new_id()}")
        for c in ways[place]["calls"]
    ]
    return str(ways[place]["by"]), AIMessage("", tool_calls=calls)


def _says(toolbox: Toolbox, way: Way, language: Language) -> str:
    return ("；" if language == "zh" else "; ").join(
        _call_says(toolbox, call, language) for call in way.calls
    )


def _call_says(toolbox: Toolbox, call: Mapping[str, Any], language: Language) -> str:
    if call["tool"] == REPORT:
        try:
            return readback(ReportQuery.model_validate(call["arguments"]["query"]), language)
        except (ValidationError, KeyError):
            pass
    tool = toolbox.tools.get(call["tool"])
    title = tool.called(language) if tool else str(call["tool"])
    arguments = ", ".join(f"{name}: {value}" for name, value in call["arguments"].items())
    return f"{title} ({arguments})"[:300]
