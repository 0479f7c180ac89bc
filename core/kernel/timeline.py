"""What a room declares for the timeline of a party: what happened with it, and when.

A *strand* is one kind of event: orders, invoices, calls. `core.reporting.timeline` collects the
strands of all rooms and reads a page of them together, newest first. A room declares its own in a
module `timeline.py`, and a party's page tells of it without knowing the room.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, String, cast, func, null

from core.kernel.identity.roles import Role
from core.kernel.semantics import EVERYDAY, Names

# Where an event has no document, or no amount.
NOTHING, NO_AMOUNT = cast(null(), String), cast(null(), BigInteger)


def midnight(day: Any) -> ColumnElement[datetime]:  # noqa: ANN401  # A column of any date.
    """Return a day as a point in time, so that days and hours stand in one order."""
    return func.timezone("UTC", cast(day, DateTime))


@dataclass(frozen=True, eq=False)
class Strand:
    """One kind of event of a party.

    `rows` selects, for all parties: `party_id`, `at` (a point in time), `id` (unique in the
    strand), `number` (of the document, or of what it belongs to), `title`, `detail`, `state`,
    `minor` and `currency` (none where there is no amount). It must have an index that begins with
    the party. `party_id` is the party it was written for: what was merged is told with it.
    """

    id: str
    names: Names
    # Of nine columns, which a type says less well than their names.
    rows: Any
    roles: frozenset[Role] = EVERYDAY
