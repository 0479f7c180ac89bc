"""Summaries that are kept: made when something new arrives, read many times, never out of date."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from core.communications.queries import MessageText, ThreadView, view_thread
from core.communications.sight import may_read
from core.communications.summaries.acts import Act
from core.communications.summaries.digest import Digest, Said, digest
from core.communications.tables import (
    Communication,
    Direction,
    MessageThread,
    Standing,
    ThreadSummary,
)
from core.kernel import clock
from core.kernel.company import company


def summary_of(
    session: Session, thread: MessageThread, *, view: ThreadView | None = None
) -> Digest:
    """Return what a conversation says in short, to whom may see it: the kept one if it still holds.

    Who may see only some of its messages gets a summary of those alone. `view` is the conversation
    as the asking person sees it, where it has been read already.
    """
    return summaries_of(session, [thread], views=() if view is None else (view,))[0]


def summaries_of(
    session: Session, threads: Sequence[MessageThread], *, views: Sequence[ThreadView] = ()
) -> list[Digest]:
    """Return what each of some conversations says in short; only what is not kept is read."""
    read = {view.id: view for view in views}
    ids = [thread.id for thread in threads]
    wanted = select(ThreadSummary).where(ThreadSummary.thread_id.in_(ids))
    kept = {summary.thread_id: summary.digest for summary in session.scalars(wanted)}
    seen = _fingerprints(session, kept, may_read(session, Communication.party_id))
    return [
        Digest.model_validate(kept[thread.id]["digest"])
        if thread.id in kept and kept[thread.id].get("of") == seen.get(thread.id)
        else _made(session, read.get(thread.id) or view_thread(session, thread))
        for thread in threads
    ]


def keep_summary(session: Session, thread: MessageThread) -> Digest:
    """Make the summary of a conversation anew if something changed, and keep it."""
    seen = _fingerprints(session, [thread.id], may_read(session, Communication.party_id))
    found = summary_of(session, thread)
    # Kept for everybody is only what was made of all of it.
    if seen and seen == _fingerprints(session, [thread.id]):
        values: dict[str, Any] = {
            "covers": found.messages,
            "digest": {"of": seen[thread.id], "digest": found.model_dump(mode="json")},
            "made_at": clock.now(),
            "promised_on": max(
                (line.due for line in found.of(Act.PROMISE) if line.due is not None), default=None
            ),
        }
        row = insert(ThreadSummary).values(thread_id=thread.id, **values)
        session.execute(
            row.on_conflict_do_update(index_elements=[ThreadSummary.thread_id], set_=values)
        )
    return found


def _made(session: Session, view: ThreadView) -> Digest:
    messages = [one for one in view.messages if one.view.standing is Standing.KEPT]
    return digest(_said(messages, company(session).zone))


def _fingerprints(
    session: Session, threads: Collection[uuid.UUID], *seen: ColumnElement[bool]
) -> dict[uuid.UUID, str]:
    """Return by which messages a summary of each conversation is known: no other set has it."""
    # Messages never change once they are kept; which of them count, and for whom, can.
    names = func.string_agg(
        Communication.number, aggregate_order_by(literal(" "), Communication.number)
    )
    wanted = (
        select(Communication.thread_id, func.md5(names))
        .where(Communication.thread_id.in_(threads), Communication.standing == Standing.KEPT, *seen)
        .group_by(Communication.thread_id)
    )
    return dict(session.execute(wanted).all())


def _said(messages: Sequence[MessageText], zone: ZoneInfo) -> list[Said]:
    return [
        Said(
            number=one.view.number,
            side="them" if one.view.direction is Direction.IN else "us",
            speaker=speaker_of(one),
            on=_day(one.view.happened_at, zone),
            text=f"{one.view.subject}\n{one.body}" if not one.body.strip() else one.body,
            automatic=one.view.automatic,
        )
        for one in messages
    ]


def speaker_of(one: MessageText) -> str:
    """Return who says something: a name as it was given, else the address."""
    if one.view.direction is Direction.OUT:
        return ""
    return one.view.sender_name or one.view.sender or one.view.party


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
