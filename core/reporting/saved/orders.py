"""Start, pause, resume and end what the house asks by itself."""

from collections.abc import Collection
from datetime import time, timedelta

from sqlalchemy import Interval, func, literal, select, update
from sqlalchemy.orm import Session

from core import notifications
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.events import Fact
from core.kernel.identity.tables import Person
from core.kernel.numbering import next_number
from core.kernel.semantics import Said, Unit
from core.notifications import Channel
from core.reporting.answering import answer
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from core.reporting.report import Report
from core.reporting.saved import errors
from core.reporting.saved.asked import Condition, Question, as_json, question_from
from core.reporting.saved.asking import ask, said_of
from core.reporting.saved.events import OrderChanged, OrderStarted
from core.reporting.saved.queries import cadence_of, due_next, find_order, find_report
from core.reporting.saved.rules import Cadence
from core.reporting.saved.service import asker
from core.reporting.saved.tables import Every, OrderKind, OrderState, StandingOrder
from core.reporting.saved.words import cadence_said, condition_said

ORDERS_MAX = 50
# An alert that watches changes is looked at no more often than this, and once a day besides:
# "overdue" changes with the calendar, and nothing is written then.
CHANGE_PAUSE = timedelta(seconds=60)
EARLY = time(6)
WATCHER = "standing"
# What the orders themselves tell would wake them again and again.
_OWN_FACTS = ("notifications.", "reporting.", "tools.", "approvals.")


def start_schedule(
    session: Session,
    *,
    cadence: Cadence,
    query: Question | None = None,
    report: str | None = None,
    channels: Collection[Channel] = (Channel.APP,),
) -> StandingOrder:
    """Tell the asking person again and again what a question, or a saved report, says then."""
    assert (query is None) != (report is None), "a schedule runs one question"
    notifications.require_open(channels)
    owner = asker(session)
    kept = None if report is None else find_report(session, owner, report)
    question = query if kept is None else question_from(kept.asked)
    assert question is not None, "one of both is given"
    said = said_of(session, question)
    # Whoever cannot ask it now is told so now, and not by a pause on Monday.
    ask(session, question)
    return _start(
        session,
        owner,
        StandingOrder(
            kind=OrderKind.SCHEDULE,
            name=said.en if kept is None else kept.name,
            name_zh=said.zh if kept is None else kept.name,
            report_id=None if kept is None else kept.id,
            asked=as_json(question) if kept is None else None,
            next_at=due_next(session, cadence),
        ),
        cadence,
        said,
        cadence_said(cadence, company(session).zone.key),
    )


def start_alert(
    session: Session,
    *,
    query: ReportQuery,
    condition: Condition,
    unit: str = "",
    cadence: Cadence | None = None,
    channels: Collection[Channel] = (Channel.APP,),
) -> StandingOrder:
    """Tell the asking person when a figure passes a threshold.

    Without a cadence it is looked at whenever something changed; with one, only then.
    """
    notifications.require_open(channels)
    owner = asker(session)
    report = require_figure(session, query, condition, unit)
    chosen = cadence or Cadence(Every.DAY, at=EARLY)
    said = condition_said(condition, query, report.figures[0].sign)
    zone = company(session).zone
    when = cadence_said(chosen, zone.key) if cadence else Said("on every change", "有变化时")
    return _start(
        session,
        owner,
        StandingOrder(
            kind=OrderKind.ALERT,
            name=said.en,
            name_zh=said.zh,
            asked=as_json(query),
            condition=condition.model_dump(mode="json"),
            on_change=cadence is None,
            next_at=clock.now() if cadence is None else due_next(session, chosen),
        ),
        chosen,
        said,
        when,
    )


def require_figure(
    session: Session, query: ReportQuery, condition: Condition, unit: str = ""
) -> Report:
    """Refuse what has no one figure to compare with a threshold, or one of another unit."""
    if query.dimensions or query.grain or len(query.metrics) > 1:
        by = ", ".join((*query.dimensions, *((query.grain,) if query.grain else ())))
        raise errors.OneFigureNeeded(by=by or "–")
    if condition.on != "value" and query.compare is None:
        raise errors.NoComparison
    report = answer(session, query)
    metric = CATALOGUE.metrics[query.metrics[0]]
    counted = {Unit.MONEY: report.currency, Unit.PERCENT: "%"}.get(metric.unit, metric.unit.value)
    counted = "%" if condition.on == "growth" else counted
    if unit and unit != counted:
        raise errors.ThresholdInAnotherUnit(
            metric=Both(metric.names.en, metric.names.zh), unit=counted, given=unit
        )
    return report


def pause(session: Session, number: str) -> StandingOrder:
    """Leave an order until it is resumed."""
    order = find_order(session, asker(session), number, lock=True)
    return _move(session, order, OrderState.PAUSED)


def resume(session: Session, number: str) -> StandingOrder:
    """Let a paused or ended order go on from now; what fell due meanwhile is left out."""
    order = find_order(session, asker(session), number, lock=True)
    return _move(session, order, OrderState.ACTIVE)


def end(session: Session, number: str) -> StandingOrder:
    """End an order; what it told stays."""
    order = find_order(session, asker(session), number, lock=True)
    return _move(session, order, OrderState.ENDED)


def plan_anew(session: Session) -> int:
    """Work out anew when everything is due, after the company's clock became another one."""
    active = select(StandingOrder).where(StandingOrder.state == OrderState.ACTIVE)
    orders = session.scalars(active.order_by(StandingOrder.id).with_for_update()).all()
    for order in orders:
        order.next_at = due_next(session, cadence_of(order))
    session.flush()
    return len(orders)


def notice_news(session: Session) -> int:
    """Let the alerts that watch changes be looked at soon, if anything changed; tell how many."""
    names = [name for name in Fact.kinds if not name.startswith(_OWN_FACTS)]
    if not events.unread(session, WATCHER, names, limit=1):
        return 0
    events.skip_to_now(session, WATCHER)
    now = clock.now()
    soon = func.greatest(now, StandingOrder.looked_at + literal(CHANGE_PAUSE, Interval))
    moved = (
        update(StandingOrder)
        .where(StandingOrder.on_change, StandingOrder.next_at > soon)
        .values(next_at=soon)
        .returning(StandingOrder.id)
    )
    return len(session.scalars(moved).all())


def _start(
    session: Session,
    owner: Person,
    order: StandingOrder,
    cadence: Cadence,
    asked: Said,
    when: Said,
) -> StandingOrder:
    standing = select(func.count()).where(
        StandingOrder.owner_id == owner.id, StandingOrder.state != OrderState.ENDED
    )
    if (session.scalar(standing) or 0) >= ORDERS_MAX:
        raise errors.TooManyOrders(most=ORDERS_MAX)
    order.number = next_number(session, "SCH" if order.kind is OrderKind.SCHEDULE else "ALR")
    order.owner_id = owner.id
    order.every, order.on_day, order.at = cadence.every, cadence.on, cadence.at
    order.state = OrderState.ACTIVE
    session.add(order)
    session.flush()
    events.record(
        session,
        OrderStarted(order.number, order.kind, owner.login, asked.en, asked.zh, when.en, when.zh),
    )
    return order


def _move(session: Session, order: StandingOrder, state: OrderState) -> StandingOrder:
    before = order.state
    if before is state:
        raise errors.StaysAsItIs(number=order.number, state=state)
    next_at = None
    if state is OrderState.ACTIVE:
        now = clock.now()
        next_at = now if order.on_change else due_next(session, cadence_of(order))
    order.state, order.next_at = state, next_at
    order.paused_because = order.paused_because_zh = None
    session.flush()
    events.record(session, OrderChanged(order.number, order.kind, before, state))
    return order
