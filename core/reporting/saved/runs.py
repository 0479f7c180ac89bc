"""Carry out what is due: once a day of the company's calendar, whoever does it, and all or nothing.

The row of an order is locked while it is carried out; its run, its notification and its next time
are written in that same transaction, so that a process that dies leaves the order due, and another
one finds it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import notifications
from core.kernel import clock, events
from core.kernel.calendars import find_calendar
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.identity.tables import Person
from core.kernel.semantics import Said
from core.notifications import Notification, NotificationKind
from core.reporting.saved.asked import Condition, Question, question_from
from core.reporting.saved.errors import UnknownReport
from core.reporting.saved.events import OrderCarriedOut, OrderChanged
from core.reporting.saved.queries import (
    cadence_of,
    condition_of,
    due_next,
    report_of,
    visible_to,
)
from core.reporting.saved.rules import due_through
from core.reporting.saved.tables import (
    OrderKind,
    OrderState,
    Outcome,
    SavedReport,
    StandingOrder,
    StandingRun,
)

# After a failure on our side, the same order is tried again so much later.
TRY_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Due:
    """An order whose time has come, locked for whoever carries it out."""

    order: StandingOrder
    owner: Person
    # The day of the company's calendar that it is carried out for, and how many before it count.
    due_on: date
    missed: int
    condition: Condition | None


@dataclass(frozen=True)
class Told:
    """What is told to the owner of an order."""

    title: Said
    body: Said
    content: Mapping[str, Any]
    outcome: Outcome = Outcome.TOLD


def claim(session: Session) -> Due | None:
    """Take the order that has been due longest, unless another process has it already."""
    now, zone = clock.now(), company(session).zone
    wanted = (
        select(StandingOrder)
        .where(StandingOrder.next_at <= now)
        .order_by(StandingOrder.next_at, StandingOrder.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    order = session.scalar(wanted)
    if order is None or order.next_at is None:
        return None
    works = find_calendar(session).is_business_day
    days = due_through(cadence_of(order), order.next_at, now, zone, works)
    days = days or [now.astimezone(zone).date()]
    return Due(
        order=order,
        owner=session.get_one(Person, order.owner_id),
        due_on=days[-1],
        missed=len(days) - 1,
        condition=condition_of(order),
    )


def question_of(session: Session, due: Due) -> Question:
    """Return the question of an order; refuse where its report is not the owner's to run (now)."""
    report = report_of(session, due.order)
    if report is None:
        return question_from(due.order.asked)
    may = select(SavedReport.id).where(SavedReport.id == report.id, visible_to(due.owner))
    if session.scalar(may) is None:
        raise UnknownReport(text=report.name)
    return question_from(report.asked)


def was_carried_out(session: Session, due: Due) -> bool:
    """Tell whether an order was carried out for that day already."""
    run = select(StandingRun.id).where(
        StandingRun.order_id == due.order.id, StandingRun.due_on == due.due_on
    )
    return session.scalar(run) is not None


def settle(
    session: Session, due: Due, told: Told | None, *, is_met: bool = False
) -> Notification | None:
    """Note what came of an order, tell its owner, and move on to its next time.

    Nothing told is nothing noted: an alert that does not hold leaves no trace but its next look.
    """
    order = due.order
    order.looked_at = clock.now()
    order.is_met = is_met
    order.next_at = due_next(session, cadence_of(order))
    if told is None:
        session.flush()
        return None
    return _tell(session, due, told)


def pause_because(session: Session, due: Due, refusal: DomainError) -> Notification:
    """Leave an order that its owner can no longer ask, and say why."""
    order = due.order
    order.state, order.next_at = OrderState.PAUSED, None
    order.paused_because = refusal.message("en")
    order.paused_because_zh = refusal.message("zh")
    events.record(
        session,
        OrderChanged(order.number, order.kind, OrderState.ACTIVE, OrderState.PAUSED, refusal.code),
    )
    told = Told(
        Said(f"{order.number} is paused: {order.name}", f"{order.number} 已暂停：{order.name_zh}"),
        Said(
            f"{refusal.message('en')} Say “resume {order.number}” once that is settled.",
            f"{refusal.message('zh')}解决后请说“恢复 {order.number}”。",
        ),
        {},
        Outcome.PAUSED,
    )
    return _tell(session, due, told)


def put_off(session: Session, due: Due) -> Notification:
    """Try an order again a little later, after a failure on our side; tell that once a day."""
    order = due.order
    order.next_at = clock.now() + TRY_AGAIN
    return notifications.notify(
        session,
        person=due.owner,
        kind=NotificationKind.FAILED,
        source=order.number,
        cause=f"{order.number} {due.due_on} failed",
        title=Said(
            f"{order.number} could not be worked out: {order.name}",
            f"{order.number} 暂时无法计算：{order.name_zh}",
        ),
        body=Said(
            "Something went wrong on our side. It is tried again every ten minutes.",
            "系统出错。每十分钟会重试一次。",
        ),
    )


def last_content(session: Session, order: StandingOrder) -> Mapping[str, Any] | None:
    """Return what an order told the last time, for comparison."""
    told = (
        select(Notification.content)
        .join(StandingRun, StandingRun.notification_id == Notification.id)
        .where(StandingRun.order_id == order.id, StandingRun.outcome == Outcome.TOLD)
        .order_by(StandingRun.due_on.desc())
        .limit(1)
    )
    return session.scalar(told)


def due_days(session: Session, number: str) -> list[tuple[date, Outcome, int]]:
    """Return the days that an order was carried out for, and what came of it."""
    wanted = (
        select(StandingRun.due_on, StandingRun.outcome, StandingRun.missed)
        .join(StandingOrder, StandingOrder.id == StandingRun.order_id)
        .where(StandingOrder.number == number)
        .order_by(StandingRun.due_on)
    )
    return [(row.due_on, row.outcome, row.missed) for row in session.execute(wanted)]


def _tell(session: Session, due: Due, told: Told) -> Notification:
    order = due.order
    usual = NotificationKind.ALERT if order.kind is OrderKind.ALERT else NotificationKind.REPORT
    told_once = notifications.notify(
        session,
        person=due.owner,
        kind=NotificationKind.PAUSED if told.outcome is Outcome.PAUSED else usual,
        source=order.number,
        cause=f"{order.number} {due.due_on} {told.outcome}",
        title=told.title,
        body=told.body,
        content=told.content,
    )
    # A pause may come on a day that was told already: it is no second run of that day.
    if not was_carried_out(session, due):
        session.add(
            StandingRun(
                order_id=order.id,
                due_on=due.due_on,
                missed=due.missed,
                outcome=told.outcome,
                notification_id=told_once.id,
            )
        )
    session.flush()
    events.record(
        session,
        OrderCarriedOut(
            order.number, due.owner.login, due.due_on.isoformat(), due.missed, told.outcome
        ),
    )
    return told_once


def waits(session: Session, now: datetime) -> bool:
    """Tell whether any order is due: the cheap look before the work."""
    due = select(StandingOrder.id).where(StandingOrder.next_at <= now).limit(1)
    found: uuid.UUID | None = session.scalar(due)
    return found is not None


def any_watches_changes(session: Session) -> bool:
    """Tell whether any alert is looked at whenever something changed."""
    watching = select(StandingOrder.id).where(
        StandingOrder.on_change, StandingOrder.state == OrderState.ACTIVE
    )
    return session.scalar(watching.limit(1)) is not None
