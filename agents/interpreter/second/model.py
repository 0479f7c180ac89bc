"""The second reader: linear scores over short stretches of a message, one set for every question.

Reading needs numpy alone and takes a fraction of a millisecond. The weights are whole numbers with
one scale for each answer: some megabytes, made in seconds where the program is installed.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.interpreter.second.features import places_of
from agents.interpreter.second.labels import CHOICES

BY = "by"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Opinion:
    """What the second reader makes of a message: how likely each answer is."""

    choices: Mapping[str, Mapping[str, float]]
    by: Mapping[str, float]

    def chance(self, choice: str, answer: str) -> float:
        """Return how likely an answer is; one that it never learned is not likely at all."""
        return self.choices[choice].get(answer, 0.0)

    def best(self, choice: str, most: int = 1) -> list[tuple[str, float]]:
        """Return the likeliest answers, the best first."""
        return sorted(self.choices[choice].items(), key=lambda each: -each[1])[:most]


@dataclass(frozen=True)
class SecondReader:
    """Weights for every stretch and every answer."""

    answers: tuple[tuple[str, str], ...]
    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats

    def opinion(self, text: str) -> Opinion:
        """Read a message whose values are masked."""
        places = places_of(text)
        added = self.weights[places].sum(axis=0, dtype=np.int32).astype(np.float32)
        scores = added * self.scales / math.sqrt(max(len(places), 1)) + self.bias
        choices = {}
        for name, (first, last) in self._ranges.items():
            mine = scores[first:last]
            names = [answer for _, answer in self.answers[first:last]]
            if name == BY:
                chances = 1 / (1 + np.exp(-mine))
            else:
                chances = np.exp(mine - mine.max())
                chances /= chances.sum()
            choices[name] = dict(zip(names, map(float, chances), strict=True))
        return Opinion(choices, choices.pop(BY))

    @cached_property
    def _ranges(self) -> dict[str, tuple[int, int]]:
        return ranges(self.answers)

    def keep(self, file: Path) -> None:
        """Write the weights to a file, all of them or nothing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        with new.open("wb") as open_file:
            np.savez_compressed(
                open_file,
                answers=np.frombuffer(json.dumps(self.answers).encode(), np.uint8),
                weights=self.weights,
                scales=self.scales,
                bias=self.bias,
            )
        new.replace(file)

    @classmethod
    def kept(cls, file: Path) -> "SecondReader":
        """Read weights from a file that `keep` wrote."""
        with np.load(file, allow_pickle=False) as found:
            answers = json.loads(found["answers"].tobytes())
            return cls(
                tuple((str(one), str(answer)) for one, answer in answers),
                found["weights"],
                found["scales"],
                found["bias"],
            )


def ranges(answers: Sequence[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return from where to where the answers to each question stand."""
    found: dict[str, tuple[int, int]] = {}
    for place, (name, _) in enumerate(answers):
        first, _last = found.get(name, (place, place))
        found[name] = (first, place + 1)
    assert set(found) == {*CHOICES, BY}, "every question has answers"
    return found
