"""How likely a reading is right: fitted on the development part of the blind sets, kept as data."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Calibration:
    """The weights of the signs, and from which chance on a reading is acted on."""

    weights: Mapping[str, float]
    bias: float
    # From where on a reading is acted on without asking.
    answer_from: float

    def chance(self, names: Sequence[str], signs: Sequence[float]) -> float:
        """Return how likely a reading with these signs is right."""
        said = self.bias + sum(
            self.weights.get(name, 0.0) * sign for name, sign in zip(names, signs, strict=True)
        )
        return 1 / (1 + math.exp(-max(min(said, 30.0), -30.0)))


@cache
def calibration() -> Calibration:
    """Read what was fitted."""
    said = json.loads(files(__package__).joinpath("calibration.json").read_text("utf-8"))
    return Calibration(said["weights"], said["bias"], said["answer_from"])
