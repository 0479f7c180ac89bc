"""Learn the second reader from made messages: seconds, always the same, without a network.

`python -m agents.interpreter.second.train [DIRECTORY]` makes the weights for the words of this
version; where they are there already it does nothing, and what older words taught is cleared away.
"""

import fcntl
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# More threads than one gain little here, and would take the machine from those who wait for it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from agents.interpreter.second.features import SIZE, places_of
from agents.interpreter.second.keeping import NAME, file_in
from agents.interpreter.second.labels import CHOICES, NONE
from agents.interpreter.second.model import BY, Floats, SecondReader, ranges
from agents.interpreter.second.synthetic import Utterance, utterances
from core.kernel.settings import Settings

SEED, ROUNDS, BATCH = 20261127, 3, 128
RATE, CALM = 0.6, 1e-4
SMALLEST = 127


def train(made: Sequence[Utterance] | None = None, seed: int = SEED) -> SecondReader:
    """Learn from messages; with a seed the outcome is always the same."""
    learned = list(made) if made is not None else utterances(seed)
    answers = _answers(learned)
    wanted, counted = _targets(learned, answers)
    places = [np.array(places_of(one.text), np.int64) for one in learned]
    spans = ranges(answers)
    weights = np.zeros((SIZE, len(answers)), np.float32)
    bias = np.zeros(len(answers), np.float32)
    moved = np.full_like(weights, CALM)
    dice = np.random.default_rng(seed)
    for round_ in range(ROUNDS):
        order = dice.permutation(len(learned))
        rate = RATE * (1 - round_ / ROUNDS)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            there, dense = _dense([places[one] for one in chosen])
            wrong = _chances(dense @ weights[there] + bias, spans) - wanted[chosen]
            wrong *= counted[chosen]
            step = dense.T @ wrong
            so_far = moved[there] + np.square(step)
            moved[there] = so_far
            weights[there] -= rate * step / np.sqrt(so_far)
            bias -= rate * wrong.mean(axis=0)
    scales = np.maximum(np.abs(weights).max(axis=0), CALM) / SMALLEST
    small = np.rint(weights / scales).astype(np.int8)
    return SecondReader(tuple(answers), small, scales.astype(np.float32), bias)


def _answers(learned: Sequence[Utterance]) -> list[tuple[str, str]]:
    found = {(name, one.label.choice(name)) for one in learned for name in CHOICES}
    found |= {(BY, dimension) for one in learned for dimension in one.label.by}
    names = [*CHOICES, BY]
    return sorted(found, key=lambda each: (names.index(each[0]), each[1]))


def _targets(
    learned: Sequence[Utterance], answers: Sequence[tuple[str, str]]
) -> tuple[Floats, Floats]:
    """Return what is wanted of every message, and which of its answers count."""
    at = {answer: place for place, answer in enumerate(answers)}
    spans = ranges(answers)
    wanted = np.zeros((len(learned), len(answers)), np.float32)
    counted = np.ones_like(wanted)
    for row, one in enumerate(learned):
        for name in CHOICES:
            wanted[row, at[name, one.label.choice(name)]] = 1
        for dimension in one.label.by:
            wanted[row, at[BY, dimension]] = 1
        if one.label.kind != "report":
            # Only a question about figures has groups, buckets and the like.
            for name in (BY, *CHOICES[2:]):
                first, last = spans[name]
                counted[row, first:last] = 0
        if one.label.target == NONE:
            first, last = spans["target"]
            counted[row, first:last] = 0
    return wanted, counted


def _dense(places: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], Floats]:
    """Return the stretches of some messages, and how much of each every message has."""
    there, column = np.unique(np.concatenate(places), return_inverse=True)
    lengths = np.array([max(len(one), 1) for one in places])
    rows = np.repeat(np.arange(len(places)), [len(one) for one in places])
    dense = np.zeros((len(places), len(there)), np.float32)
    dense[rows, column] = (1 / np.sqrt(lengths))[rows]
    return there, dense


def _chances(scores: Floats, spans: dict[str, tuple[int, int]]) -> Floats:
    chances = np.empty_like(scores)
    for name, (first, last) in spans.items():
        mine = scores[:, first:last]
        if name == BY:
            chances[:, first:last] = 1 / (1 + np.exp(-mine))
            continue
        powers = np.exp(mine - mine.max(axis=1, keepdims=True))
        chances[:, first:last] = powers / powers.sum(axis=1, keepdims=True)
    return chances


def learn(directory: Path) -> Path:
    """Make the weights of this version in a directory, if they are not there; return their file."""
    file = file_in(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        # Who comes while another learns has nothing left to do when its turn comes.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            train().keep(file)
            for older in set(file.parent.glob(f"{NAME}*")) - {file, file.with_suffix(".lock")}:
                older.unlink(missing_ok=True)
    return file


def main(arguments: Sequence[str]) -> int:
    """Make the weights in a directory, or where this installation keeps them."""
    print(learn(Path(arguments[0]) if arguments else Settings().learned))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
