"""How far the chances that are given to readings can be trusted, and what caution costs."""

import math
from collections.abc import Sequence

# A reading with the chance it was given, and whether it was meant.
Weighed = tuple[float, bool]
BINS, RISKS = 10, (0.005, 0.01, 0.02, 0.05, 0.1)


def error_of_chances(weighed: Sequence[Weighed], bins: int = BINS) -> float:
    """Return by how much the chances are off on average (the expected calibration error)."""
    ordered = sorted(weighed)
    size = math.ceil(len(ordered) / bins)
    groups = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return sum(abs(sum(c for c, _ in g) - sum(r for _, r in g)) for g in groups) / len(ordered)


def coverage_at(weighed: Sequence[Weighed], risk: float) -> tuple[float, float]:
    """Return the largest share that can be answered at a risk, and from which chance on."""
    ordered = sorted(weighed, key=lambda each: -each[0])
    best, threshold, wrong = 0, 1.0, 0
    for place, (chance, is_right) in enumerate(ordered, 1):
        wrong += not is_right
        is_last = place == len(ordered) or ordered[place][0] < chance
        if is_last and wrong <= risk * place:
            best, threshold = place, chance
    return best / len(ordered), threshold


def sureness(weighed: Sequence[Weighed]) -> list[str]:
    """Return the lines of a report: the error of the chances, and the risk-coverage curve."""
    off = f"{100 * error_of_chances(weighed):.1f} points"
    lines = [f"{len(weighed)} readings weighed; their chances are off by {off} on average (ECE)"]
    for risk in RISKS:
        share, threshold = coverage_at(weighed, risk)
        lines.append(
            f"at most {100 * risk:.1f} % silently wrong: {100 * share:.1f} % of them answered,"
            f" from a chance of {threshold:.3f} on"
        )
    return lines
