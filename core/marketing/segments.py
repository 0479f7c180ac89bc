"""Segments: groups of customers, by name or by filters."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.naming import resolved
from core.kernel.numbering import next_number
from core.kernel.words import word
from core.marketing.errors import (
    MemberAlready,
    MembersOrFilters,
    NotAMember,
    NotByName,
    SegmentTaken,
    UnknownSegment,
)
from core.marketing.events import SegmentChanged, SegmentMade
from core.marketing.rules import Criteria
from core.marketing.tables import Segment, SegmentKind, SegmentMember
from core.parties import Customer

LISTED_MAX = 200
_CRITERIA: TypeAdapter[Criteria] = TypeAdapter(Criteria)


def make_segment(
    session: Session,
    *,
    name: str,
    criteria: Criteria,
    members: Sequence[Customer] = (),
    contacts: bool = False,
    count: int = 0,
) -> Segment:
    """Give a group of customers a name; `count` is how many the filters find now.

    With members it is static; without, it is dynamic, and without any filter it is everybody.
    """
    if members and criteria.asks_something:
        raise MembersOrFilters
    taken = select(Segment.number).where(func.lower(Segment.name) == name.lower())
    if known := session.scalar(taken):
        raise SegmentTaken(name=name, number=known)
    kind = SegmentKind.STATIC if members else SegmentKind.DYNAMIC
    segment = Segment(
        number=next_number(session, "SEG"),
        name=name,
        kind=kind,
        criteria=_as_json(criteria),
        contacts=contacts,
    )
    session.add(segment)
    session.flush()
    chosen = list({one.party_id: one for one in members})
    session.add_all(SegmentMember(segment_id=segment.id, party_id=one) for one in chosen)
    fact = SegmentMade(
        number=segment.number,
        called=name,
        kind=kind,
        filters=tuple(said(session, criteria)),
        members=len(chosen) if members else count,
        contacts=contacts,
    )
    events.record(session, fact)
    session.flush()
    return segment


def add_member(session: Session, segment: Segment, customer: Customer) -> None:
    """Put a customer into a static segment."""
    _require_static(segment)
    if session.get(SegmentMember, (segment.id, customer.party_id)) is not None:
        raise MemberAlready(party=customer.party.name, name=segment.name)
    session.add(SegmentMember(segment_id=segment.id, party_id=customer.party_id))
    called = f"{customer.party.number} {customer.party.name}"
    events.record(session, SegmentChanged(segment.number, segment.name, "added", called))
    session.flush()


def remove_member(session: Session, segment: Segment, customer: Customer) -> None:
    """Take a customer out of a static segment."""
    _require_static(segment)
    gone = delete(SegmentMember).where(
        SegmentMember.segment_id == segment.id, SegmentMember.party_id == customer.party_id
    )
    if not session.execute(gone.returning(SegmentMember.party_id)).all():
        raise NotAMember(party=customer.party.name, name=segment.name)
    called = f"{customer.party.number} {customer.party.name}"
    events.record(session, SegmentChanged(segment.number, segment.name, "removed", called))
    session.flush()


def find_segment(session: Session, text: str) -> Segment:
    """Return the segment that a number or name means."""
    among = select(Segment.number, Segment.name, Segment.name)
    number = resolved(session, among, text, UnknownSegment)
    return session.scalars(select(Segment).where(Segment.number == number)).one()


def list_segments(session: Session) -> list[Segment]:
    """Return the segments by name."""
    return list(session.scalars(select(Segment).order_by(Segment.name).limit(LISTED_MAX)))


def criteria_of(segment: Segment) -> Criteria:
    """Return the filters of a segment."""
    return _CRITERIA.validate_python(segment.criteria)


def said(session: Session, criteria: Criteria, language: Language = "en") -> list[str]:
    """Say filters in words, each by itself."""
    told: list[str] = []
    for name, value in _as_json(criteria).items():
        shown = value
        if name == "revenue_over_minor":
            shown = Money(value, company(session).currency)
        label = word(f"segment_{name}", language)
        told.append(label if value is True else f"{label} {word(str(shown), language)}")
    return told


def _require_static(segment: Segment) -> None:
    if segment.kind is not SegmentKind.STATIC:
        raise NotByName(name=segment.name)


def _as_json(criteria: Criteria) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(criteria).items()
        if value is not None and value is not False
    }
