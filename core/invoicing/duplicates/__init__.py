"""Duplicates: a bill that may have been booked before is booked with a warning, and found again.

The very same number of a supplier is refused where bills are posted; what only looks like it is
for a person to judge.
"""

from core.invoicing.duplicates.rules import NEAR, Likeness
from core.invoicing.duplicates.service import (
    Alike,
    Pair,
    alike_bills,
    attach_file,
    list_alike,
    warn_of_alike,
)
from core.invoicing.duplicates.tables import BillFile

__all__ = [
    "NEAR",
    "Alike",
    "BillFile",
    "Likeness",
    "Pair",
    "alike_bills",
    "attach_file",
    "list_alike",
    "warn_of_alike",
]
