"""Tools: the typed verbs, one file per room, and the one road to the core."""

import importlib
import pkgutil

from tools.base import Answer, Arguments, Call, Column, Grid, Plan, Tool, Undoing
from tools.toolbox import Outcome, ProposalView, Toolbox

# Every module of this package that declares `TOOLS` is a room's; a new room needs no list here.
_ROOMS = [importlib.import_module(f"tools.{room.name}") for room in pkgutil.iter_modules(__path__)]

TOOLBOX = Toolbox(tool for room in _ROOMS for tool in getattr(room, "TOOLS", ()))

__all__ = [
    "TOOLBOX",
    "Answer",
    "Arguments",
    "Call",
    "Column",
    "Grid",
    "Outcome",
    "Plan",
    "ProposalView",
    "Tool",
    "Toolbox",
    "Undoing",
]
