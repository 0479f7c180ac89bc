"""`prokurist call` and `prokurist tools`: any tool through the one road, for scripts."""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from channels.terminal.answers import outcome_json, proposal_json, table_json
from core.kernel.errors import DomainError, Language
from core.kernel.identity.acting import Acting
from tools import TOOLBOX
from tools.base import Tool


class NotJson(DomainError):
    """The arguments are not a JSON object: {problem}."""

    zh = "参数不是 JSON 对象：{problem}。"


class FileNotWritten(DomainError):
    """The file {file} cannot be written: {problem}. Choose another place."""

    zh = "无法写入文件 {file}：{problem}。请换一个位置。"


class UnknownLanguage(DomainError):
    """We speak en and zh, and not {language}."""

    zh = "支持 en 和 zh，不支持 {language}。"


def spoken(acting: Acting, language: str | None) -> Acting:
    """Return the same person, spoken to in a language; in their own where none is asked for."""
    chosen = language_named(language)
    if chosen is None:
        return acting
    return replace(acting, actor=replace(acting.actor, language=chosen))


def language_named(language: str | None) -> Language | None:
    """Return the language that is asked for, if any; refuse one that is not spoken here."""
    if language is None:
        return None
    if language not in {"en", "zh"}:
        raise UnknownLanguage(language=language)
    return "zh" if language == "zh" else "en"


def read_arguments(text: str) -> dict[str, Any]:
    """Read the arguments of a call; refuse anything but one JSON object."""
    try:
        given = json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise NotJson(problem=error) from None
    if not isinstance(given, dict):
        raise NotJson(problem=f"{type(given).__name__} {text[:40]}")
    return given


def call_tool(
    engine: Engine, acting: Acting, name: str, arguments: dict[str, Any], *, approve: bool
) -> dict[str, Any]:
    """Read at once, or propose and, where asked for, approve; return the answer as plain values."""
    language = acting.actor.language
    plan = TOOLBOX.parse([{"tool": name, "arguments": arguments}])
    if not TOOLBOX.writes(plan):
        answer = TOOLBOX.read(engine, acting, plan[0])
        return {
            "kind": "answer",
            "text": answer.sentence(language),
            "answer": answer,
            "table": table_json(answer.grid(), language),
        }
    card = TOOLBOX.propose(engine, acting, plan, reason={"words": f"prokurist call {name}"})
    if not approve:
        said = card.title(language)
        return {"kind": "proposal", "text": said, "proposal": proposal_json(card, language)}
    outcome = TOOLBOX.decide(engine, acting, card.id, "approve", seen=card.digest)
    return {**outcome_json(outcome, language), "answers": outcome.proposal.answers}


def list_tools(language: Language) -> list[dict[str, Any]]:
    """Return every tool: what it is for, who may use it, and the schema of its arguments."""
    return [_described(tool, language) for tool in TOOLBOX.tools.values()]


def _described(tool: Tool, language: Language) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.called(language),
        "purpose": tool.purpose,
        "writes": tool.writes,
        "roles": sorted(tool.roles),
        "arguments": tool.arguments.model_json_schema(),
    }
