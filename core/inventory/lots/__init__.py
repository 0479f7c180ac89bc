"""Lots and serial numbers: which goods lie where, until when they are good, and who got them.

What lies in the lots of a tracked item is what lies on its shelf; the goods that expire first
leave first, and what is held or has expired leaves to customers only when somebody entitled says
why.
"""

from core.inventory.lots.carrying import (
    ONLY_FIT,
    Carried,
    PromisedLot,
    carry_lots,
    lots_back,
    require_fit,
)
from core.inventory.lots.errors import (
    LotIsFree,
    LotIsHeld,
    LotNotFit,
    LotsDoNotAddUp,
    LotsMissing,
    LotTooSmall,
    NoLotFit,
    NotTracked,
    SerialInStock,
    StockUntracked,
    UnknownLot,
)
from core.inventory.lots.promising import promise_lots, unfit_at
from core.inventory.lots.queries import (
    LotView,
    Trace,
    TraceView,
    expiring,
    find_lot,
    lots_of,
    lots_of_move,
    trace_lot,
    view_of,
)
from core.inventory.lots.rules import LotPart, serials_between
from core.inventory.lots.service import change_expiry, free_lot, hold_lot, set_tracking
from core.inventory.lots.tables import Lot, LotLevel, LotMove, LotStatus

__all__ = [
    "ONLY_FIT",
    "Carried",
    "Lot",
    "LotIsFree",
    "LotIsHeld",
    "LotLevel",
    "LotMove",
    "LotNotFit",
    "LotPart",
    "LotStatus",
    "LotTooSmall",
    "LotView",
    "LotsDoNotAddUp",
    "LotsMissing",
    "NoLotFit",
    "NotTracked",
    "PromisedLot",
    "SerialInStock",
    "StockUntracked",
    "Trace",
    "TraceView",
    "UnknownLot",
    "carry_lots",
    "change_expiry",
    "expiring",
    "find_lot",
    "free_lot",
    "hold_lot",
    "lots_back",
    "lots_of",
    "lots_of_move",
    "promise_lots",
    "require_fit",
    "serials_between",
    "set_tracking",
    "trace_lot",
    "unfit_at",
    "view_of",
]
