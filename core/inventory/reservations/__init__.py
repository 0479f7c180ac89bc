"""Reservations: what of the stock is promised to whom, how firmly, and until when.

What is promised is never more than what is on hand, and nobody else's issue takes it. What cannot
be promised waits, and is promised when goods come: by priority, then by age.
"""

from core.inventory.reservations.asides import (
    extend,
    find_set_aside,
    give_back,
    set_aside,
)
from core.inventory.reservations.errors import (
    ExpiresInThePast,
    NothingSetAside,
    PriorityOutOfRange,
    UnknownSetAside,
)
from core.inventory.reservations.expiry import expire_reservations, has_expired
from core.inventory.reservations.issuing import promised_to, take_lots, use_up
from core.inventory.reservations.picking import pick_lot, unpick_lot
from core.inventory.reservations.queries import (
    PromiseView,
    SetAsideView,
    list_promises,
    set_aside_of,
)
from core.inventory.reservations.rules import SOFT_PRIORITY, USUAL_PRIORITY
from core.inventory.reservations.service import Request, prioritise, release, reserve
from core.inventory.reservations.tables import SetAside
from core.inventory.reservations.waiting import Served, allocate
from core.inventory.reservations.yielding import let_wait

__all__ = [
    "SOFT_PRIORITY",
    "USUAL_PRIORITY",
    "ExpiresInThePast",
    "NothingSetAside",
    "PriorityOutOfRange",
    "PromiseView",
    "Request",
    "Served",
    "SetAside",
    "SetAsideView",
    "UnknownSetAside",
    "allocate",
    "expire_reservations",
    "extend",
    "find_set_aside",
    "give_back",
    "has_expired",
    "let_wait",
    "list_promises",
    "pick_lot",
    "prioritise",
    "promised_to",
    "release",
    "reserve",
    "set_aside",
    "set_aside_of",
    "take_lots",
    "unpick_lot",
    "use_up",
]
