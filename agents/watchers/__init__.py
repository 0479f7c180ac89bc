"""Watchers: each turns one kind of change into at most one suggestion a case."""

from agents.watchers.at_risk import AT_RISK
from agents.watchers.base import Alternative, Suggestion, Watcher, run_forever, run_once
from agents.watchers.desk import DESK, take_in_messages
from agents.watchers.duplicates import DUPLICATES
from agents.watchers.expiring import EXPIRING
from agents.watchers.held import HELD
from agents.watchers.messages import MESSAGES
from agents.watchers.overdue import OVERDUE
from agents.watchers.production import PRODUCTION
from agents.watchers.promise_due import PROMISE_DUE
from agents.watchers.promised import PROMISED
from agents.watchers.reorder import REORDER
from agents.watchers.shopfloor import LATE_WORK, SHORTAGE
from agents.watchers.stalled import STALLED
from agents.watchers.standing import carry_out_due
from agents.watchers.telling import TELLER, tell_of_messages
from agents.watchers.tickets import NOBODY_HAS, TIME_RUNS_OUT
from agents.watchers.unassigned import UNASSIGNED

WATCHERS = (
    REORDER,
    DUPLICATES,
    OVERDUE,
    EXPIRING,
    HELD,
    STALLED,
    UNASSIGNED,
    MESSAGES,
    PROMISED,
    PROMISE_DUE,
    AT_RISK,
    NOBODY_HAS,
    TIME_RUNS_OUT,
    PRODUCTION,
    SHORTAGE,
    LATE_WORK,
)

# Whoever reads the change log, by the name of the cursor: history is news to none of them.
READERS = (*(watcher.name for watcher in WATCHERS), DESK, TELLER)

__all__ = [
    "READERS",
    "WATCHERS",
    "Alternative",
    "Suggestion",
    "Watcher",
    "carry_out_due",
    "run_forever",
    "run_once",
    "take_in_messages",
    "tell_of_messages",
]
