"""Fit how likely a reading is right, on the development part of the blind sets and later ones.

`python -m evals.blind.calibrating` writes the file that the interpreter reads; the frozen third is
never looked at.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.interpreter import second
from agents.interpreter.reading import Calls, Reading, Turned
from agents.interpreter.second import Keeper
from agents.interpreter.second.agreement import SIGNS
from agents.interpreter.second.judge import Judge, weighs
from core.kernel.settings import Settings
from evals.blind.running import Run, open_places
from evals.blind.sets import LATE, chosen
from evals.blind.sureness import error_of_chances, sureness

FILE = Path(second.__file__).with_name("calibration.json")
FOLDS, STEPS, EVEN = 10, 30, 20.0
# So many of the late sentences, for which no rule was made, are answered at once; the others are
# read back, one click away.
AT_ONCE = 0.8
Numbers = NDArray[np.float64]
# Signs that can speak for a reading as well as against it; the others are doubts.
EITHER = frozenset(
    {"zh", "action", "report", "record", "follows", "has context", "length", "several calls"}
)
DOUBTS = tuple(name not in EITHER for name in SIGNS)


@dataclass
class Noting:
    """Looks at every reading like a judge, and lets all of them pass."""

    judge: Judge
    seen: list[tuple[Calls, list[float]]] = field(default_factory=list)

    def settle(self, reading: Reading, turn: Turned, again: Callable[[str], Reading]) -> Reading:
        """Note what speaks for a reading."""
        if isinstance(reading, Calls) and weighs(reading):
            self.seen.append((reading, self.judge.signs(reading, turn)))
        return reading


@dataclass(frozen=True)
class Example:
    """A reading that would have been acted on: its signs, and whether it was meant."""

    thread: str
    signs: list[float]
    is_right: bool
    # It was put on a card, which is shown whatever its chance.
    is_card: bool = False
    # It is of the late sentences.
    is_late: bool = False


def examples(judge: Judge) -> list[Example]:
    """Read the development part without caution."""
    noting = Noting(judge)
    questions = chosen("development")
    found = []
    for question, outcome in zip(
        questions, Run(open_places(), noting).outcomes(questions), strict=True
    ):
        if noting.seen and outcome.verdict in {"right", "wrong", "missed"}:
            is_right = outcome.verdict == "right"
            found.append(
                Example(
                    question.thread, noting.seen[-1][1], is_right, outcome.is_card,
                    question.set in LATE,
                )
            )  # fmt: skip
        noting.seen.clear()
    return found


def fitted(signs: Numbers, right: Numbers, against: Sequence[bool] = ()) -> tuple[Numbers, float]:
    """Fit how likely readings are right; what speaks `against` one never gets a weight for it.

    With few examples a doubt would now and then seem to be a good sign: it is left out then.
    """
    kept = list(range(signs.shape[1]))
    while True:
        weights, bias = _newton(signs[:, kept], right)
        wrong = [
            (weight, place)
            for weight, place in zip(weights, kept, strict=True)
            if place < len(against) and against[place] and weight > 0
        ]
        if not wrong:
            break
        kept.remove(max(wrong)[1])
    whole = np.zeros(signs.shape[1])
    whole[kept] = weights
    return whole, bias


def _newton(signs: Numbers, right: Numbers, even: float = EVEN) -> tuple[Numbers, float]:
    """Fit a logistic regression; `even` keeps its weights small."""
    mean, spread = signs.mean(axis=0), signs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x = np.hstack([(signs - mean) / spread, np.ones((len(signs), 1))])
    small = np.diag([*[even] * signs.shape[1], 1e-6])
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (right - chances) - small @ weights
        bend = (x * (chances * (1 - chances))[:, None]).T @ x + small
        weights += np.linalg.solve(bend, slope)
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ mean)


def crossed(found: Sequence[Example]) -> list[tuple[float, bool]]:
    """Return the chance of every example, fitted on the conversations of the others only."""
    signs, right = _numbers(found)
    threads = sorted({one.thread for one in found})
    fold = np.array([threads.index(one.thread) % FOLDS for one in found])
    chances = np.empty(len(found))
    for part in range(FOLDS):
        weights, bias = fitted(signs[fold != part], right[fold != part], DOUBTS)
        chances[fold == part] = 1 / (1 + np.exp(-(signs[fold == part] @ weights + bias)))
    return [(float(chance), one.is_right) for chance, one in zip(chances, found, strict=True)]


def _numbers(found: Sequence[Example]) -> tuple[Numbers, Numbers]:
    signs = np.array([one.signs for one in found], np.float64)
    return signs, np.array([one.is_right for one in found], np.float64)


def main() -> int:
    """Fit on what would be answered, say how well, and write the file."""
    judge = Keeper(Settings().learned).learned()
    found = [one for one in examples(judge) if not one.is_card]
    weighed = crossed(found)
    late = [pair for pair, one in zip(weighed, found, strict=True) if one.is_late]
    threshold = float(np.quantile([chance for chance, _ in late], 1 - AT_ONCE))
    weights, bias = fitted(*_numbers(found), DOUBTS)
    kept = {
        "examples": len(found),
        "right": sum(one.is_right for one in found),
        "error": round(error_of_chances(weighed), 4),
        "weights": {name: round(float(w), 4) for name, w in zip(SIGNS, weights, strict=True)},
        "bias": round(bias, 4),
        "answer_from": round(threshold, 4),
    }
    FILE.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print("\n".join(["all:", *sureness(weighed), "late:", *sureness(late)]))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
