"""Business cases with expected numbers, as they are written in a file of JSON lines."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
