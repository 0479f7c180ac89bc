"""Watchers: each turns one kind of change into at most one suggestion a case."""

from agents.watchers.base import Alternative, Suggestion, Watcher, run_forever, run_once
from agents.watchers.duplicates import DUPLICATES
from agents.watchers.expiring import EXPIRING
from agents.watchers.held import HELD
from agents.watchers.overdue import OVERDUE
from agents.watchers.production import PRODUCTION
from agents.watchers.reorder import REORDER
from agents.watchers.standing import carry_out_due

WATCHERS = (REORDER, DUPLICATES, OVERDUE, EXPIRING, HELD, PRODUCTION)

__all__ = [
    "WATCHERS",
    "Alternative",
    "Suggestion",
    "Watcher",
    "carry_out_due",
    "run_forever",
    "run_once",
]
