"""Schedule open work orders over work centres that do no more than they can."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.catalog import Item
from core.kernel import calendars, events
from core.kernel.calendars import Calendar
from core.kernel.company import company
from core.kernel.errors import Both
from core.manufacturing.orders import (
    OPEN,
    WorkOrder,
    WorkOrderOperation,
    WorkOrderState,
    find_work_order,
    open_orders,
)
from core.manufacturing.orders.errors import WorkOrderIs
from core.manufacturing.routings import WorkCentre, planned_minutes, routing_of
from core.manufacturing.scheduling import rules
from core.manufacturing.scheduling.errors import (
    EndsBeforeItStarts,
    NeverWorks,
    NotItsSteps,
    ScheduleTooFar,
)
from core.manufacturing.scheduling.events import OrderScheduled
from core.manufacturing.scheduling.rules import Job, Place, Task, Timetable

HORIZON_DAYS, HORIZON_MAX = 182, 730
NOT_ENDED = Both("not finished, closed or cancelled", "未完工、未关闭且未取消")
SCHEDULED = Both("scheduled", "排程")
DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES
WHAT_IF = "?"
Days = tuple[date, date]


@dataclass(frozen=True)
class ScheduledStep:
    """When an operation is done: from day to day, and where."""

    position: int
    name: str
    work_centre: str
    starts_on: date
    ends_on: date
    # As it was written down before.
    before: Days | None


@dataclass(frozen=True)
class ScheduledOrder:
    """When an open order is made, if nothing is done in two places at once."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    due_on: date
    starts_on: date
    ends_on: date
    steps: tuple[ScheduledStep, ...]
    # Not one that somebody only asks about.
    is_known: bool = True

    @property
    def days_late(self) -> int:
        """How many days after it is due it ends."""
        return max((self.ends_on - self.due_on).days, 0)

    @property
    def is_news(self) -> bool:
        """Whether it is written down otherwise, or not at all."""
        return self.is_known and any(
            step.before != (step.starts_on, step.ends_on) for step in self.steps
        )


@dataclass(frozen=True)
class CentreLoad:
    """How many minutes a work centre can work in a week, and how many it has to."""

    code: str
    name: str
    name_zh: str | None
    week: date
    capacity: int
    load: int


@dataclass(frozen=True)
class Schedule:
    """A timetable of the open orders: nothing is written."""

    today: date
    until: date
    orders: tuple[ScheduledOrder, ...]
    load: tuple[CentreLoad, ...]
    # Orders that no operation is known of: their days are as planned.
    without_routing: tuple[str, ...]
    # Orders that do not end in the days that were looked at.
    beyond: tuple[str, ...]


@dataclass(frozen=True)
class Extra:
    """A quantity that nobody ordered yet: what if so many were made besides?"""

    item: Item
    quantity: Decimal
    due_on: date | None = None


@dataclass(frozen=True)
class _Step:
    centre: WorkCentre
    position: int
    name: str
    minutes: int
    before: Days | None


def schedule(
    session: Session, *, days: int = HORIZON_DAYS, extra: Sequence[Extra] = ()
) -> Schedule:
    """Return when each open order is made: those that are begun first, and as few late as can be.

    Who is released may start today; who is not, on the day planned, since what it takes may come
    only then. Nothing is written.
    """
    if not 1 <= days <= HORIZON_MAX:
        raise ScheduleTooFar(days=days)
    today = company(session).today
    orders = [order for order, _ in open_orders(session)]
    steps = {order.number: _steps_left(order) for order in orders}
    # What is reported to the last minute and not finished needs no place any more.
    routed = [order for order in orders if order.operations]
    jobs = [_job(order, steps[order.number], today) for order in routed if steps[order.number]]
    for place, more in enumerate(extra, start=1):
        number = WHAT_IF * place
        steps[number] = _steps_of(session, more)
        due = more.due_on or today + timedelta(days=days)
        tasks = [Task(step.centre.code, step.minutes) for step in steps[number]]
        jobs.append(Job(number, 0, _end_of(due, today), tasks))
    centres = {step.centre.code: step.centre for some in steps.values() for step in some}
    places = _places(session, centres.values(), today, days)
    found = rules.timetable(places.values(), jobs)
    return Schedule(
        today=today,
        until=today + timedelta(days=days),
        orders=tuple(
            _shown(number, steps[number], found, today, subject)
            for number, subject in _subjects(routed, extra, today + timedelta(days=days))
            if found.ends.get(number) and steps[number]
        ),
        load=tuple(_load(places, centres, found, today)),
        without_routing=tuple(order.number for order in orders if not order.operations),
        beyond=found.beyond,
    )


def write_schedule(session: Session, number: str, steps: Mapping[int, Days | None]) -> WorkOrder:
    """Write down on which days operations of an open order are done; None takes them off again."""
    order = find_work_order(session, number, lock=True)
    if order.state not in OPEN:
        raise WorkOrderIs(number=order.number, state=order.state, needed=NOT_ENDED, verb=SCHEDULED)
    known = {step.position: step for step in order.operations}
    before = tuple((_named(step), _said(_days_of(step))) for step in order.operations)
    for position, days in steps.items():
        if position not in known:
            operations = ", ".join(_named(step) for step in order.operations) or "-"
            raise NotItsSteps(number=order.number, position=position, operations=operations)
        if days is not None and days[1] < days[0]:
            raise EndsBeforeItStarts(
                number=order.number, position=position, starts_on=days[0], ends_on=days[1]
            )
        known[position].starts_on, known[position].ends_on = days or (None, None)
    after = tuple((_named(step), _said(_days_of(step))) for step in order.operations)
    events.record(session, OrderScheduled(order.number, order.item.sku, before, after))
    session.flush()
    return order


def _subjects(
    orders: Iterable[WorkOrder], extra: Sequence[Extra], until: date
) -> list[tuple[str, tuple[Item, Decimal, date]]]:
    found = [(each.number, (each.item, each.quantity, each.due_on)) for each in orders]
    found += [
        (WHAT_IF * place, (more.item, more.quantity, more.due_on or until))
        for place, more in enumerate(extra, start=1)
    ]
    return found


def _steps_left(order: WorkOrder) -> list[_Step]:
    """Return what is still to be worked on an order: what was reported is done."""
    found = []
    for step in order.operations:
        planned = step.setup_minutes + step.run_minutes * order.begun_quantity
        left = math.ceil(planned - step.reported_minutes)
        if left > 0:
            found.append(_Step(step.work_centre, step.position, step.name, left, _days_of(step)))
    return found


def _steps_of(session: Session, more: Extra) -> list[_Step]:
    routing = routing_of(session, more.item)
    return [
        _Step(
            step.work_centre,
            step.position,
            step.name,
            max(
                math.ceil(
                    planned_minutes(
                        step.setup_minutes,
                        step.run_minutes,
                        more.quantity,
                        efficiency_percent=step.work_centre.efficiency_percent,
                    )
                ),
                1,
            ),
            None,
        )
        for step in routing.operations
    ]


def _job(order: WorkOrder, steps: Sequence[_Step], today: date) -> Job:
    waits = order.state is WorkOrderState.FIRM
    first = max((order.starts_on - today).days, 0) if waits else 0
    return Job(
        order.number,
        first * DAY_MINUTES,
        _end_of(order.due_on, today),
        [Task(step.centre.code, step.minutes) for step in steps],
        is_begun=order.state is WorkOrderState.STARTED,
    )


def _end_of(day: date, today: date) -> int:
    return ((day - today).days + 1) * DAY_MINUTES


def _places(
    session: Session, centres: Iterable[WorkCentre], today: date, days: int
) -> dict[str, Place]:
    standard = calendars.find_calendar(session)
    rows = session.scalars(
        select(WorkCentre)
        .where(WorkCentre.id.in_([centre.id for centre in centres]))
        .options(selectinload(WorkCentre.calendar))
    )
    own = {row.id: row.calendar.code for row in rows if row.calendar is not None}
    known = {code: calendars.find_calendar(session, code) for code in set(own.values())}
    found = {}
    for centre in centres:
        calendar = known.get(own.get(centre.id, ""))
        windows = _windows(centre, calendar, standard, today, days)
        if not windows:
            raise NeverWorks(code=centre.code, days=days)
        found[centre.code] = Place(centre.code, windows, centre.stations)
    return found


def _windows(
    centre: WorkCentre, own: Calendar | None, standard: Calendar, today: date, days: int
) -> list[tuple[int, int]]:
    """Return when a work centre is open: in the shifts of its calendar, or so many hours a day.

    Without a calendar of its own it works on the days of the standard one, from its opening on.
    """
    midnight = datetime.combine(today, time())
    hours = int(centre.hours_per_day * 60)
    found: list[tuple[int, int]] = []
    for day in (today + timedelta(days=place) for place in range(days)):
        shifts = [
            tuple(
                int((at.replace(tzinfo=None) - midnight).total_seconds()) // 60
                for at in (start.astimezone(zone), end.astimezone(zone))
            )
            for calendar in (own or standard,)
            for zone in (calendar.zone,)
            for start, end in calendar.hours_on(day)
        ]
        if own is None and shifts:
            length = int(hours * standard.worth(day))
            opens = (day - today).days * DAY_MINUTES
            start = min(shifts[0][0], opens + DAY_MINUTES - length)
            shifts = [(start, start + length)]
        found += [(start, end) for start, end in shifts if end > start]
    return _apart(found)


def _apart(windows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return windows one after the other; those that overlap or touch become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _shown(
    number: str,
    steps: Sequence[_Step],
    found: Timetable,
    today: date,
    subject: tuple[Item, Decimal, date],
) -> ScheduledOrder:
    item, quantity, due_on = subject
    slots = {slot.task: slot for slot in found.slots if slot.job == number}
    shown = tuple(
        ScheduledStep(
            position=step.position,
            name=step.name,
            work_centre=step.centre.code,
            starts_on=today + timedelta(days=slots[place].start // DAY_MINUTES),
            # What is done at midnight is done on the day before.
            ends_on=today + timedelta(days=(slots[place].end - 1) // DAY_MINUTES),
            before=step.before,
        )
        for place, step in enumerate(steps)
    )
    return ScheduledOrder(
        number=number,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        quantity=quantity,
        due_on=due_on,
        starts_on=shown[0].starts_on,
        ends_on=shown[-1].ends_on,
        steps=shown,
        is_known=not number.startswith(WHAT_IF),
    )


def _load(
    places: Mapping[str, Place],
    centres: Mapping[str, WorkCentre],
    found: Timetable,
    today: date,
) -> Iterable[CentreLoad]:
    """Yield what each work centre can do and has to do, for the weeks in which it works."""
    loads: dict[str, dict[int, int]] = {code: defaultdict(int) for code in places}
    first = -today.weekday() * DAY_MINUTES
    for slot in found.slots:
        for start, end in places[slot.place].windows:
            # Within its slot a task works while its place is open.
            for number, minutes in _by_week(max(start, slot.start), min(end, slot.end), first):
                loads[slot.place][number] += minutes
    for code in sorted(places):
        place, centre = places[code], centres[code]
        capacity: dict[int, int] = defaultdict(int)
        for start, end in place.windows:
            for number, minutes in _by_week(start, end, first):
                capacity[number] += minutes * place.stations
        last = max(loads[code], default=-1)
        for number in range(last + 1):
            yield CentreLoad(
                code=code,
                name=centre.name,
                name_zh=centre.name_zh,
                week=today + timedelta(minutes=first + number * WEEK_MINUTES),
                capacity=capacity[number],
                load=loads[code][number],
            )


def _by_week(start: int, end: int, first: int) -> Iterable[tuple[int, int]]:
    while start < end:
        number = (start - first) // WEEK_MINUTES
        until = min(end, first + (number + 1) * WEEK_MINUTES)
        yield number, until - start
        start = until


def _days_of(step: WorkOrderOperation) -> Days | None:
    if step.starts_on is None or step.ends_on is None:
        return None
    return step.starts_on, step.ends_on


def _named(step: WorkOrderOperation) -> str:
    return f"{step.position} {step.name}"


def _said(days: Days | None) -> str:
    return "none" if days is None else f"{days[0]} – {days[1]}"
