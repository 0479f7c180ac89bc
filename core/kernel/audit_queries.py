"""Questions to the audit trail: who changed what, when, why, and by which proposal."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.kernel.audit import AuditRecord
from core.kernel.effects import Change
from core.kernel.events import Fact

LISTED_MAX = 200


@dataclass(frozen=True)
class ChangeView:
    """One fact of the trail, with who stands behind it."""

    sequence: int
    at: datetime
    person: str
    on_behalf_of: str
    door: str
    why: str
    name: str
    proposal_id: uuid.UUID | None
    facts: dict[str, Any]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changed, before and after; nothing for a fact of a kind that is no more."""
        kind = Fact.kinds.get(self.name)
        if kind is None:
            return ()
        fact: Fact = kind.adapter().validate_python(self.facts)
        return fact.changes()


def list_changes(
    session: Session,
    *,
    about: str | None = None,
    person: str | None = None,
    names: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    limit: int = LISTED_MAX,
) -> list[ChangeView]:
    """Return the newest facts first: those that mention a record, by somebody, of some kinds.

    `names` are beginnings of the names of facts: "ledger." for a room, or one kind in full.
    """
    wanted = select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(limit)
    if about:
        wanted = wanted.where(AuditRecord.body.icontains(about, autoescape=True))
    if person is not None:
        wanted = wanted.where(AuditRecord.person == person)
    if names:
        begins = (AuditRecord.name.startswith(name, autoescape=True) for name in names)
        wanted = wanted.where(or_(*begins))
    if since is not None:
        wanted = wanted.where(AuditRecord.at >= _start_of(since))
    if until is not None:
        wanted = wanted.where(AuditRecord.at < _start_of(until + timedelta(days=1)))
    return [_view(record) for record in session.scalars(wanted)]


def _view(record: AuditRecord) -> ChangeView:
    sealed: dict[str, Any] = json.loads(record.body)
    return ChangeView(
        sequence=record.sequence,
        at=record.at,
        person=record.person,
        on_behalf_of=sealed["on_behalf_of"],
        door=sealed["door"],
        why=sealed["why"],
        name=record.name,
        proposal_id=record.proposal_id,
        facts=sealed["facts"],
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
