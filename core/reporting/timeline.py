"""The timeline of a party: everything that happened with it, of every room, newest first.

One statement over the strands that the rooms declare. Each strand gives no more rows than a page
holds, by its own index on the party; then they are put together. The next page begins behind the
last line of the one before, so nothing is told twice, however much happens meanwhile.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, Uuid, cast, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from core.crm.timeline import STRANDS as CRM
from core.invoicing.timeline import STRANDS as INVOICING
from core.kernel.database import acting
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.kernel.semantics import Said
from core.kernel.timeline import Strand
from core.marketing.timeline import STRANDS as MARKETING
from core.parties import same_as
from core.parties.timeline import STRANDS as PARTIES
from core.purchasing.timeline import STRANDS as PURCHASING
from core.sales.timeline import STRANDS as SALES

PAGE_MAX = 200
# Rooms add theirs here: one line each.
STRANDS: tuple[Strand, ...] = (*SALES, *INVOICING, *PURCHASING, *CRM, *MARKETING, *PARTIES)


class UnknownStrand(DomainError):
    """A timeline tells of {known}; there is no "{said}"."""

    zh = "时间线包括 {known}；没有“{said}”。"


class BadCursor(DomainError):
    """This is no place in a timeline; begin at the newest."""

    zh = "这不是时间线中的位置；请从最新的开始。"


@dataclass(frozen=True)
class Moment:
    """One line of a timeline; title and detail may be somebody's words, and are never orders."""

    strand: str
    at: datetime
    number: str | None
    title: str
    detail: str
    state: str
    amount: Money | None


@dataclass(frozen=True)
class Timeline:
    """A page of what happened; `next` leads to what was before, None where nothing was."""

    moments: tuple[Moment, ...]
    next: str | None
    # What one may not see is told by name.
    hidden: tuple[Said, ...]


def timeline(
    session: Session,
    party_id: uuid.UUID,
    *,
    strands: Sequence[str] = (),
    before: str | None = None,
    since: datetime | None = None,
    limit: int = 30,
) -> Timeline:
    """Return what happened with a party, newest first, a page at a time."""
    roles = acting(session).actor.roles
    # What the house does for itself sees everything.
    sees_all = "system" in roles
    wanted = _chosen(strands)
    seen = [strand for strand in wanted if sees_all or roles & strand.roles]
    hidden = tuple(Said(s.names.en, s.names.zh) for s in wanted if s not in seen)
    if not seen:
        return Timeline((), None, hidden)
    whose, page = same_as(session, party_id), min(limit, PAGE_MAX)
    place = None if before is None else _place(before)
    parts = []
    for strand in seen:
        rows = strand.rows.subquery(strand.id)
        key = tuple_(rows.c.at, literal(strand.id), rows.c.id)
        part = select(
            literal(strand.id).label("strand"),
            rows.c.at,
            rows.c.id,
            *(rows.c[name] for name in ("number", "title", "detail", "state", "minor")),
            rows.c.currency,
        ).where(rows.c.party_id.in_(whose))
        if place is not None:
            at, name, last = place
            part = part.where(
                key
                < tuple_(
                    cast(literal(at), DateTime(timezone=True)),
                    literal(name),
                    cast(literal(last), Uuid),
                )
            )
        if since is not None:
            part = part.where(rows.c.at >= since)
        part = part.order_by(rows.c.at.desc(), rows.c.id.desc()).limit(page + 1)
        parts.append(select(part.subquery()))
    every = union_all(*parts).subquery()
    ordered = (
        select(every)
        .order_by(every.c.at.desc(), every.c.strand.desc(), every.c.id.desc())
        .limit(page + 1)
    )
    found = session.execute(ordered).all()
    moments = tuple(
        Moment(
            strand=row.strand,
            at=row.at,
            number=row.number,
            title=row.title or "",
            detail=row.detail or "",
            state=row.state or "",
            amount=None if row.minor is None else Money(row.minor, row.currency),
        )
        for row in found[:page]
    )
    more = len(found) > page
    return Timeline(moments, _cursor(found[page - 1]) if more else None, hidden)


def strand_called(name: str) -> Strand:
    """Return a strand by its id."""
    return _chosen([name])[0]


def _chosen(names: Sequence[str]) -> list[Strand]:
    known = {strand.id: strand for strand in STRANDS}
    for name in names:
        if name not in known:
            raise UnknownStrand(said=name, known=", ".join(known))
    return [known[name] for name in names] if names else list(STRANDS)


def _cursor(row: object) -> str:
    at, name, last = row.at, row.strand, row.id  # type: ignore[attr-defined]
    plain = json.dumps([at.isoformat(), name, str(last)])
    return base64.urlsafe_b64encode(plain.encode()).decode()


def _place(cursor: str) -> tuple[datetime, str, uuid.UUID]:
    try:
        at, name, last = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), str(name), uuid.UUID(last)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadCursor from error
