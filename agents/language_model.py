"""A language model behind an OpenAI-compatible address, if the installation names one."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel

from core.kernel.settings import Settings
from tools import Tool
from tools.base import Arguments

ANSWER_TOKENS_MAX = 2_000
RETRIES_MAX = 2


def language_model_or_none(settings: Settings) -> BaseChatModel | None:
    """Return the configured model; none is needed for anything."""
    if settings.model is None:
        return None
    # A third of a second to import: only who has a model pays for it.
    from langchain_openai import ChatOpenAI  # noqa: PLC0415

    return ChatOpenAI(
        model=settings.model,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key or "none",  # type: ignore[arg-type]
        timeout=settings.model_timeout_seconds,
        max_retries=RETRIES_MAX,
        max_completion_tokens=ANSWER_TOKENS_MAX,
        temperature=0,
        stream_usage=True,
    )


def function_name(tool_name: str) -> str:
    """Return a tool's name as models can say it: they allow no dots."""
    return tool_name.replace(".", "__")


def tool_name(function: str) -> str:
    """Return the tool that a model means by a function's name."""
    return function.replace("__", ".", 1)


def as_functions(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """Describe tools the way that every OpenAI-compatible model reads."""
    return [
        {
            "type": "function",
            "function": {
                "name": function_name(tool.name),
                "description": tool.purpose
                + (" Makes a proposal that a person decides on." if tool.writes else ""),
                "parameters": _schema_of(tool.arguments),
            },
        }
        for tool in tools
    ]


@cache
def _schema_of(arguments: type[Arguments]) -> dict[str, Any]:
    """Return the schema of a tool's arguments; those of all tools take half a second to make."""
    return arguments.model_json_schema()
