"""Business cases with expected numbers, as they are written in a file of JSON lines."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.conftest import SHARED

DEFAULT = SHARED / "scenarios" / "scenarios.jsonl"
# Cases of our own, with the words of steps that no shared case uses.
OWN = Path(__file__).parent / "own.jsonl"
_DAY = re.compile(r'"(\d{4}-\d{2}-\d{2})"')


@dataclass(frozen=True)
class Case:
    """What exists, what is done, and which numbers must come out."""

    id: str
    area: str
    title: str
    given: dict[str, Any]
    when: list[dict[str, Any]]
    expect: dict[str, Any]

    @property
    def days(self) -> list[date]:
        """Every date that is mentioned anywhere, in order."""
        said = _DAY.findall(json.dumps([self.given, self.when, self.expect]))
        return sorted({date.fromisoformat(day) for day in said})

    def parts(self) -> "list[tuple[str, Case]]":
        """Return the separate worlds of a case, by their names; each starts from nothing.

        They stand in `given` under `cases`, or are steps of their own with the word `case`.
        """
        named = self.given.get("cases", {})
        worlds = named.items() if isinstance(named, dict) else ((_name(w), w) for w in named)
        found = dict(worlds)
        for step in self.when:
            if step["op"] == "case":
                name = _name(step)
                found[name] = {**found.get(name, {}), **step, **step.get("given", {})}
        steps = [step for step in self.when if step["op"] != "case"]
        # Steps that name the case they are of each start from nothing by themselves.
        if any(step.get("case") in found for step in steps):
            return []
        return [(name, self._part(world, steps)) for name, world in found.items()]

    def _part(self, world: dict[str, Any], steps: list[dict[str, Any]]) -> "Case":
        own = world.get("when") or world.get("steps") or steps
        numbered = [{"step": place, **step} for place, step in enumerate(own, start=1)]
        given = {name: said for name, said in self.given.items() if name != "cases"}
        given |= {name: said for name, said in world.items() if name not in {"when", "steps"}}
        return replace(self, given=given, when=numbered, expect=world.get("expect", {}))


def _name(world: dict[str, Any]) -> str:
    return str(world.get("ref") or world.get("name") or world.get("case") or world.get("id"))


def file_of_cases() -> Path:
    """Return the file named by PROKURIST_SCENARIOS, or else the shared one."""
    return Path(os.environ.get("PROKURIST_SCENARIOS") or DEFAULT)


def load_cases() -> Iterator[Case]:
    """Read the cases of a file, none where it is missing; and ours, where no file was named."""
    yield from _read(file_of_cases())
    if "PROKURIST_SCENARIOS" not in os.environ:
        yield from _read(OWN)


def _read(path: Path) -> Iterator[Case]:
    if not path.is_file():
        return
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            fields = ("id", "area", "title", "given", "when", "expect")
            yield Case(**{name: row[name] for name in fields})
