"""Counts: what really lies on the shelves, and the books that follow it.

Only real differences are booked, in one entry for a count. Every round of counting is kept. One
shelf is in one open count at most. What was counted when is known (`last_counted`).
"""

from core.inventory.counting.planning import DueCount, cycle_classes, plan_counts
from core.inventory.counting.queries import (
    Anchor,
    CountLineView,
    CountRound,
    CountView,
    count_view,
    find_count,
    last_counted,
)
from core.inventory.counting.rules import EVERY_DAYS, CycleClass
from core.inventory.counting.service import (
    CountTerms,
    cancel_count,
    confirm_count,
    count_at_once,
    enter_count,
    start_count,
)
from core.inventory.counting.tables import (
    CountBasis,
    CountState,
    StockCount,
    StockCountEntry,
    StockCountLine,
)

__all__ = [
    "EVERY_DAYS",
    "Anchor",
    "CountBasis",
    "CountLineView",
    "CountRound",
    "CountState",
    "CountTerms",
    "CountView",
    "CycleClass",
    "DueCount",
    "StockCount",
    "StockCountEntry",
    "StockCountLine",
    "cancel_count",
    "confirm_count",
    "count_at_once",
    "count_view",
    "cycle_classes",
    "enter_count",
    "find_count",
    "last_counted",
    "plan_counts",
    "start_count",
]
