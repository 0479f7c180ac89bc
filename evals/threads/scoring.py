"""Compare the digests of labelled threads with their labels: found, invented, contradicted."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from core.communications.summaries import Act, Digest, Said, digest

FOLDER = Path(__file__).parent
KINDS = {
    "asks": Act.ASK, "promises": Act.PROMISE, "decisions": Act.DECISION, "questions": Act.QUESTION,
}  # fmt: skip
FIGURES = ("dates", "amounts")
# What is asked of the figures, and of asks and promises, in percent.
FIGURES_MIN, ACTS_MIN = 90, 80


@dataclass
class Score:
    """How much of what is there was found, and how much of what was found is there."""

    right: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    threads: int = 0

    def recall(self, kind: str) -> int:
        """Return the share of the labels that were found, in tenths of a percent."""
        return _share(self.right[kind], self.missed[kind])

    def precision(self, kind: str) -> int:
        """Return the share of what was found that is labelled, in tenths of a percent."""
        return _share(self.right[kind], self.invented[kind])


def _share(right: int, wrong: int) -> int:
    return 1_000 if right + wrong == 0 else 1_000 * right // (right + wrong)


def threads(path: Path) -> Iterator[dict[str, Any]]:
    """Return the labelled threads of a file."""
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def said_in(thread: dict[str, Any]) -> list[Said]:
    """Return the messages of a labelled thread."""
    return [
        Said(
            number=f"M{place}",
            side=message["side"],
            speaker=message["name"],
            on=date.fromisoformat(message["at"][:10]),
            text=message["text"],
        )
        for place, message in enumerate(thread["messages"])
    ]


def score(given: Iterable[dict[str, Any]]) -> Score:
    """Return how well the threads are summarised."""
    total = Score()
    for thread in given:
        found = digest(said_in(thread))
        total.threads += 1
        for kind in KINDS:
            _acts(total, thread, found, kind)
        for kind in FIGURES:
            _figures(total, thread, found, kind)
        _contradictions(total, thread, found)
    return total


def _acts(total: Score, thread: dict[str, Any], found: Digest, kind: str) -> None:
    labels = list(thread.get(kind, []))
    lines = found.of(KINDS[kind])
    if kind == "questions":
        # Labelled are only those that nobody has answered.
        lines = [line for line in lines if line.open]
    left = list(lines)
    for label in labels:
        hit = next((line for line in left if _is_it(line, label)), None)
        taken = hit or next((line for line in lines if _is_it(line, label)), None)
        if taken is None:
            total.missed[kind] += 1
            total.mistakes.append(f"{thread['id']} {kind} missed: {label['has']}")
            continue
        total.right[kind] += 1
        if hit is not None:
            left.remove(hit)
        if label.get("due") and str(taken.due) != label["due"]:
            total.mistakes.append(f"{thread['id']} {kind} due {taken.due}: {taken.text}")
            if taken.due is not None:
                # A day that is not said is missed; another day would be wrong.
                total.contradictions.append(f"{thread['id']} due {taken.due} is {label['due']}")
    total.invented[kind] += len(left)
    total.mistakes += [f"{thread['id']} {kind} invented: {line.text}" for line in left]


def _is_it(line: Any, label: dict[str, Any]) -> bool:  # noqa: ANN401
    return line.side == label["side"] and label["has"].lower() in line.text.lower()


def _figures(total: Score, thread: dict[str, Any], found: Digest, kind: str) -> None:
    labels = set(thread.get(kind, []))
    said = {each.said for each in (found.days if kind == "dates" else found.amounts)}
    total.right[kind] += len(labels & said)
    total.missed[kind] += len(labels - said)
    total.invented[kind] += len(said - labels)
    total.mistakes += [f"{thread['id']} {kind} missed: {each}" for each in sorted(labels - said)]
    total.mistakes += [f"{thread['id']} {kind} invented: {each}" for each in sorted(said - labels)]


def _contradictions(total: Score, thread: dict[str, Any], found: Digest) -> None:
    """Count what turns the source round: a refusal as a promise, words put into other mouths."""
    texts = {f"M{place}": message for place, message in enumerate(thread["messages"])}
    for label in thread.get("no_promises", []):
        total.contradictions += [
            f"{thread['id']} no promise: {line.text}"
            for line in found.of(Act.PROMISE)
            if _is_it(line, label)
        ]
    for line in (*found.lines, *found.points):
        source = texts[line.message]
        if line.side != source["side"] or not _stands_in(line.text, source["text"]):
            total.contradictions.append(f"{thread['id']} not in its source: {line.text}")
    if thread.get("automatic") and found.lines:
        total.contradictions.append(f"{thread['id']} a program was taken for a person")


def _stands_in(text: str, source: str) -> bool:
    return "".join(text.split()) in "".join(source.split())


def main(told: Any = print) -> int:  # noqa: ANN401
    """Print the figures of every file; return 1 where they are below what is asked."""
    failed = False
    for path in sorted(FOLDER.glob("*.jsonl")):
        total = score(threads(path))
        told(f"{path.stem}: {total.threads} threads, {len(total.contradictions)} contradictions")
        for kind in (*FIGURES, *KINDS):
            recall, precision = total.recall(kind), total.precision(kind)
            least = {
                "dates": FIGURES_MIN,
                "amounts": FIGURES_MIN,
                "asks": ACTS_MIN,
                "promises": ACTS_MIN,
            }.get(kind)
            asked = "" if least is None else f"  asked {least}.0"
            told(f"  {kind:<10} recall {_said(recall)}  precision {_said(precision)}{asked}")
            failed |= least is not None and min(recall, precision) < 10 * least
        failed |= bool(total.contradictions)
    return int(failed)


def _said(share: int) -> str:
    return f"{share // 10:>3}.{share % 10}"
