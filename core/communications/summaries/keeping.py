"""Summaries that are kept: made when something new arrives, read many times, never out of date."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.communications.queries import MessageText, ThreadView, view_thread
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


def summary_of(session: Session, thread: MessageThread) -> Digest:
    """Return what a conversation says in short, to whom may see it: the kept one if it still holds.

    Who may see only some of its messages gets a summary of those alone.
    """
    view = view_thread(session, thread)
    messages = _that_count(view)
    kept = session.get(ThreadSummary, thread.id)
    if kept is not None and kept.digest.get("of") == _fingerprint(messages):
        return Digest.model_validate(kept.digest["digest"])
    return digest(_said(messages, company(session).zone))


def keep_summary(session: Session, thread: MessageThread) -> Digest:
    """Make the summary of a conversation anew if something changed, and keep it."""
    messages = _that_count(view_thread(session, thread))
    all_of_them = session.scalar(
        select(func.count()).where(
            Communication.thread_id == thread.id, Communication.standing == Standing.KEPT
        )
    )
    found = summary_of(session, thread)
    if all_of_them == len(messages):
        values: dict[str, Any] = {
            "covers": len(messages),
            "digest": {"of": _fingerprint(messages), "digest": found.model_dump(mode="json")},
            "made_at": clock.now(),
        }
        row = insert(ThreadSummary).values(thread_id=thread.id, **values)
        session.execute(
            row.on_conflict_do_update(index_elements=[ThreadSummary.thread_id], set_=values)
        )
    return found


def _that_count(view: ThreadView) -> list[MessageText]:
    return [one for one in view.messages if one.view.standing is Standing.KEPT]


def _fingerprint(messages: Sequence[MessageText]) -> str:
    # Messages never change once they are kept; which of them count can.
    last = messages[-1].view.number if messages else ""
    return f"{len(messages)} {last}"


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
