"""Which words of steps are understood, and by what."""

from collections.abc import Callable
from typing import Any

from tests.scenarios.world import World

Step = dict[str, Any]
Operation = Callable[[World, Step], None]

OPERATIONS: dict[str, Operation] = {}

# Areas whose rooms other issues build: their cases are skipped, and the table says so.
LATER = frozenset(
    {
        "bom_explosion", "crm", "forecast", "manufacturing", "mrp",
        "payroll", "sla",
    }
)  # fmt: skip


def operation(*words: str) -> Callable[[Operation], Operation]:
    """Say which words of steps a function takes."""

    def kept(take: Operation) -> Operation:
        OPERATIONS.update(dict.fromkeys(words, take))
        return take

    return kept
