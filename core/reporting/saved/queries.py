"""Which reports are kept and which orders stand, as those may see them whose they are."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, null, or_, select
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.calendars import find_calendar
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.identity.tables import Person
from core.kernel.naming import canonical_number, resolved
from core.kernel.semantics import Said
from core.reporting.saved.asked import Condition, Question, question_from
from core.reporting.saved.asking import said_of
from core.reporting.saved.errors import UnknownReport, UnknownStandingOrder
from core.reporting.saved.rules import Cadence, next_due
from core.reporting.saved.tables import (
    OrderKind,
    OrderState,
    SavedReport,
    StandingOrder,
)

LISTED_MAX = 200


@dataclass(frozen=True)
class ReportView:
    """A saved report as somebody may see it who may run it."""

    number: str
    name: str
    owner: str
    is_own: bool
    shared_with: tuple[str, ...]
    query: Question
    says: Said
    version: int
    saved_at: datetime


@dataclass(frozen=True)
class OrderView:
    """A schedule or alert as its owner sees it."""

    number: str
    kind: OrderKind
    name: Said
    owner: str
    state: OrderState
    cadence: Cadence
    next_at: datetime | None
    paused_because: Said | None
    query: Question | None
    report: str | None
    condition: Condition | None
    on_change: bool
    is_met: bool


def visible_to(person: Person) -> ColumnElement[bool]:
    """Return the condition for the reports that a person may run: own ones, and shared ones."""
    shared = SavedReport.shared_with.overlap(list(person.roles))
    return or_(SavedReport.owner_id == person.id, shared) & SavedReport.retired.is_(False)


def find_report(session: Session, person: Person, text: str) -> SavedReport:
    """Return the report that a person means by a name or number; an own one before a shared one."""
    exact = select(SavedReport).where(
        SavedReport.owner_id == person.id,
        SavedReport.retired.is_(False),
        func.lower(SavedReport.name) == " ".join(text.split()).lower(),
    )
    if (own := session.scalar(exact)) is not None:
        return own
    among = select(SavedReport.number, SavedReport.name, null()).where(visible_to(person))
    number = resolved(session, among, canonical_number(text), UnknownReport)
    return session.scalars(
        select(SavedReport).where(SavedReport.number == number, visible_to(person))
    ).one()


def list_reports(session: Session, person: Person) -> list[ReportView]:
    """Return the reports that a person may run: the own ones first, by name."""
    wanted = (
        select(SavedReport, Person.name)
        .join(Person, Person.id == SavedReport.owner_id)
        .where(visible_to(person))
        .order_by(SavedReport.owner_id != person.id, func.lower(SavedReport.name))
        .limit(LISTED_MAX)
    )
    return [_report(session, row, owner, person) for row, owner in session.execute(wanted)]


def names_for(session: Session) -> dict[str, str]:
    """Return what the reports are called that the acting person may run, and their numbers."""
    person_id = acting(session).actor.person_id
    person = None if person_id is None else session.get(Person, person_id)
    if person is None:
        return {}
    wanted = (
        select(SavedReport.name, SavedReport.number)
        .where(visible_to(person))
        # An own name wins over the same one of somebody else's.
        .order_by(SavedReport.owner_id == person.id, SavedReport.number)
        .limit(LISTED_MAX)
    )
    return dict(iter(session.execute(wanted)))


def view_report(session: Session, person: Person, text: str) -> ReportView:
    """Return what is known of a report that a person may run."""
    row = find_report(session, person, text)
    return _report(session, row, session.get_one(Person, row.owner_id).name, person)


def question_once(session: Session, number: str) -> Question:
    """Return the question of a report, also of one that was deleted meanwhile."""
    wanted = select(SavedReport.asked).where(SavedReport.number == number)
    return question_from(session.scalars(wanted).one())


def find_order(
    session: Session, person: Person, number: str, *, lock: bool = False
) -> StandingOrder:
    """Return a person's own schedule or alert; another's is as if there were none."""
    wanted = select(StandingOrder).where(
        StandingOrder.number == canonical_number(number), StandingOrder.owner_id == person.id
    )
    order = session.scalar(wanted.with_for_update() if lock else wanted)
    if order is None:
        raise UnknownStandingOrder(number=number[:80])
    return order


def list_orders(
    session: Session, person: Person, *, kind: OrderKind | None = None, include_ended: bool = False
) -> list[OrderView]:
    """Return a person's schedules and alerts, the oldest first."""
    wanted = select(StandingOrder).where(StandingOrder.owner_id == person.id)
    if kind is not None:
        wanted = wanted.where(StandingOrder.kind == kind)
    if not include_ended:
        wanted = wanted.where(StandingOrder.state != OrderState.ENDED)
    rows: Sequence[StandingOrder] = session.scalars(
        wanted.order_by(StandingOrder.number).limit(LISTED_MAX)
    ).all()
    return [view_order(session, row) for row in rows]


def view_order(session: Session, order: StandingOrder) -> OrderView:
    """Return what is known of an order."""
    because = None
    if order.paused_because is not None:
        because = Said(order.paused_because, order.paused_because_zh or order.paused_because)
    report = None if order.report_id is None else session.get_one(SavedReport, order.report_id)
    return OrderView(
        number=order.number,
        kind=order.kind,
        name=Said(order.name, order.name_zh),
        owner=session.get_one(Person, order.owner_id).login,
        state=order.state,
        cadence=cadence_of(order),
        next_at=order.next_at,
        paused_because=because,
        query=None if order.asked is None else question_from(order.asked),
        report=None if report is None else report.number,
        condition=condition_of(order),
        on_change=order.on_change,
        is_met=order.is_met,
    )


def cadence_of(order: StandingOrder) -> Cadence:
    """Return when an order is due."""
    return Cadence(order.every, order.on_day, order.at)


def due_next(session: Session, cadence: Cadence) -> datetime:
    """Return when something is due next, on the working days of the standard calendar."""
    works = find_calendar(session).is_business_day
    return next_due(cadence, clock.now(), company(session).zone, works)


def condition_of(order: StandingOrder) -> Condition | None:
    """Return when an alert speaks; a schedule always does."""
    return None if order.condition is None else Condition.model_validate(order.condition)


def report_of(session: Session, order: StandingOrder) -> SavedReport | None:
    """Return the saved report that an order runs, if it does not keep a question of its own."""
    report_id: uuid.UUID | None = order.report_id
    return None if report_id is None else session.get_one(SavedReport, report_id)


def _report(session: Session, row: SavedReport, owner: str, person: Person) -> ReportView:
    query = question_from(row.asked)
    return ReportView(
        number=row.number,
        name=row.name,
        owner=owner,
        is_own=row.owner_id == person.id,
        shared_with=tuple(row.shared_with),
        query=query,
        says=said_of(session, query),
        version=row.version,
        saved_at=row.created_at,
    )
