"""Quality holds: goods of ours that nobody is promised until somebody has looked at them.

Every hold says why, and what became of each part of it: released back to storage, or scrapped.
What lies in a hold place is what its open holds say.
"""

from core.inventory.holding.queries import HoldView, find_hold, hold_view
from core.inventory.holding.service import hold_goods, release_held, scrap_goods, scrap_held
from core.inventory.holding.tables import StockHold, StockHoldState

__all__ = [
    "HoldView",
    "StockHold",
    "StockHoldState",
    "find_hold",
    "hold_goods",
    "hold_view",
    "release_held",
    "scrap_goods",
    "scrap_held",
]
