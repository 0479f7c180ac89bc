"""The blind sets: what is asked, what is expected, and which third nobody may tune on."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.kernel.errors import Language

HERE = Path(__file__).parent
FILES = ("reports_en", "reports_zh", "actions_en", "actions_zh")
# Written later, before looking at how they are read, to see how well that carries over; all of
# them may be looked at since they were first measured.
FRESH = tuple(f"fresh_{name}" for name in FILES)
# Written later still, to measure how sure a reading is on sentences that no rule was made for.
LATE = tuple(f"late_{name}" for name in FILES)
FROZEN = HERE / "frozen.json"
# One of so many is frozen: a conversation as a whole, or not at all.
FROZEN_OF = 3
World = Literal["demo", "adventureworks"]


@dataclass(frozen=True)
class Question:
    """One sentence: who could say it, and what may become of it, the best first."""

    set: str
    id: str
    world: World
    text: str
    tags: tuple[str, ...]
    expected: tuple[Mapping[str, Any], ...]
    thread: str
    line: str = field(repr=False)

    @property
    def language(self) -> Language:
        """The language of the set that it belongs to."""
        return "zh" if self.set.endswith("zh") else "en"

    @property
    def is_frozen(self) -> bool:
        """Whether it belongs to the third that is looked at for releases only."""
        return self.set in FILES and int(_hash(self.thread), 16) % FROZEN_OF == 0


def load(name: str) -> Iterator[Question]:
    """Read the sentences of one file in their order."""
    for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        yield Question(
            name,
            said["id"],
            said["world"],
            said["text"],
            tuple(said["tags"]),
            (said["expect"], *said.get("also", ())),
            said.get("thread", said["id"]),
            line,
        )


def everything() -> list[Question]:
    """Read all files."""
    return [question for name in (*FILES, *FRESH, *LATE) for question in load(name)]


def chosen(name: str) -> list[Question]:
    """Return the sentences of `frozen`, those of `blind`, which are its others, `fresh` or `late`.

    What may be looked at, `blind`, `fresh` and `late`, is `development` together.
    """
    return [question for question in everything() if name in _sets_of(question)]


def _sets_of(question: Question) -> tuple[str, ...]:
    if question.is_frozen:
        return ("frozen",)
    kind = "blind" if question.set in FILES else question.set.partition("_")[0]
    return (kind, "development")


def frozen_hashes() -> dict[str, str]:
    """Return what was noted of the frozen lines: the SHA-256 of each by its id."""
    hashes: dict[str, str] = json.loads(FROZEN.read_text("utf-8"))
    return hashes


def changed_since_frozen() -> list[str]:
    """Return the ids of frozen lines that were changed, added or taken away."""
    noted = frozen_hashes()
    now = {question.id: _hash(question.line) for question in chosen("frozen")}
    return sorted(one for one in noted.keys() | now.keys() if noted.get(one) != now.get(one))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
