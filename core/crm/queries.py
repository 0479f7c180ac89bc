"""Questions about customer relations."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.crm.tables import Activity, ActivityKind, Direction

LISTED_MAX = 200


@dataclass(frozen=True)
class ActivityView:
    """An activity, as people read it; subject and body are somebody's words."""

    kind: ActivityKind
    direction: Direction
    happened_at: datetime
    subject: str
    body: str
    author: str


def list_activities(
    session: Session,
    party_id: uuid.UUID,
    *,
    kind: ActivityKind | None = None,
    limit: int = 20,
) -> list[ActivityView]:
    """Return the activities of a party, the newest first."""
    wanted = (
        select(Activity)
        .where(Activity.party_id == party_id)
        .order_by(Activity.happened_at.desc(), Activity.id.desc())
        .limit(min(limit, LISTED_MAX))
    )
    if kind is not None:
        wanted = wanted.where(Activity.kind == kind)
    return [
        ActivityView(
            kind=activity.kind,
            direction=activity.direction,
            happened_at=activity.happened_at,
            subject=activity.subject,
            body=activity.body,
            author=activity.author,
        )
        for activity in session.scalars(wanted)
    ]
