"""What one can do in customer relations."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.crm.errors import HappenedInTheFuture
from core.crm.events import ActivityLogged
from core.crm.tables import Activity, ActivityKind, Direction
from core.kernel import clock, events
from core.kernel.database import acting
from core.parties import Party


def log_activity(
    session: Session,
    *,
    party: Party,
    kind: ActivityKind,
    subject: str,
    body: str = "",
    direction: Direction = Direction.OUT,
    happened_at: datetime | None = None,
    author: str | None = None,
) -> Activity:
    """Note a mail, call, meeting or note about a party; its text is kept as it was written."""
    now = clock.now()
    when = happened_at or now
    if when > now:
        raise HappenedInTheFuture(happened_at=f"{when:%Y-%m-%d %H:%M}")
    activity = Activity(
        party_id=party.id,
        kind=kind,
        direction=direction,
        happened_at=when,
        subject=subject,
        body=body,
        author=author or acting(session).name,
    )
    session.add(activity)
    fact = ActivityLogged(
        party_number=party.number,
        party=party.name,
        kind=kind,
        direction=direction,
        subject=subject,
    )
    events.record(session, fact)
    session.flush()
    return activity
