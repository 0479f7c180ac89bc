"""What one can do in customer relations."""

import uuid
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
    party: Party | None,
    kind: ActivityKind,
    subject: str,
    body: str = "",
    direction: Direction = Direction.OUT,
    happened_at: datetime | None = None,
    author: str | None = None,
    contact_id: uuid.UUID | None = None,
    lead_id: uuid.UUID | None = None,
    opportunity_id: uuid.UUID | None = None,
    document: str | None = None,
) -> Activity:
    """Note a mail, call, meeting or note about a party or lead; its text stays as written."""
    now = clock.now()
    when = happened_at or now
    if when > now:
        raise HappenedInTheFuture(happened_at=f"{when:%Y-%m-%d %H:%M}")
    activity = Activity(
        party_id=party.id if party else None,
        contact_id=contact_id,
        lead_id=lead_id,
        opportunity_id=opportunity_id,
        document=document,
        kind=kind,
        direction=direction,
        happened_at=when,
        subject=subject,
        body=body,
        author=author or acting(session).name,
    )
    session.add(activity)
    fact = ActivityLogged(
        party_number=party.number if party else "",
        party=party.name if party else "",
        kind=kind,
        direction=direction,
        subject=subject,
    )
    events.record(session, fact)
    session.flush()
    return activity
