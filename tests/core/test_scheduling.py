"""The shop floor's timetable: no place does more than it can, and the same orders fall the same."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog
from core.kernel import calendars
from core.kernel.calendars import Hours
from core.manufacturing import boms, orders, routings, scheduling
from core.manufacturing.boms import ComponentDraft
from core.manufacturing.orders import Output, WorkOrder
from core.manufacturing.orders.errors import WorkOrderIs
from core.manufacturing.routings import OperationDraft
from core.manufacturing.routings.errors import NoRouting
from core.manufacturing.scheduling import Extra
from core.manufacturing.scheduling.errors import (
    EndsBeforeItStarts,
    NeverWorks,
    NotItsSteps,
    ScheduleTooFar,
)
from core.manufacturing.scheduling.rules import Job, Place, Task, timetable
from core.reporting import ReportQuery, answer
from tests.conftest import TODAY
from tests.core.workshop import Workshop, open_workshop, released

MONDAY = date(2026, 6, 15)


def test_tasks_go_on_after_the_place_was_closed_and_gaps_are_used() -> None:
    saw, paint = Place("SAW", [(0, 60), (100, 160), (200, 260)]), Place("PAINT", [(0, 1000)], 2)
    jobs = [
        Job("A", 0, 200, [Task("SAW", 90), Task("PAINT", 50)]),
        Job("B", 0, 300, [Task("PAINT", 10), Task("SAW", 30)]),
        Job("C", 0, 100, [Task("PAINT", 100)]),
        # It was begun: it keeps its place, whatever is due before it.
        Job("D", 0, 900, [Task("SAW", 20)], is_begun=True),
    ]

    found = timetable([saw, paint], jobs)

    slots = {(slot.job, slot.place): (slot.start, slot.end) for slot in found.slots}
    # D 0–20; A takes 90 of the minutes that are left: 20–60, 100–150; then B 150–160, 200–220.
    assert slots["D", "SAW"] == (0, 20)
    assert slots["A", "SAW"] == (20, 150)
    assert slots["A", "PAINT"] == (150, 200)
    assert slots["B", "SAW"] == (150, 220)
    assert slots["C", "PAINT"] == (0, 100)
    assert found.ends == {"A": 200, "B": 220, "C": 100, "D": 20}
    assert timetable([saw], [Job("E", 0, 9, [Task("SAW", 181)])]).beyond == ("E",)


TASKS = st.lists(
    st.builds(Task, st.sampled_from(["P", "Q"]), st.integers(1, 90)), min_size=1, max_size=3
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(50, 900), TASKS), max_size=8),
    st.integers(1, 2),
)
def test_no_place_is_taken_twice_and_tasks_follow_one_another(
    drawn: list[tuple[int, int, list[Task]]], stations: int
) -> None:
    places = [
        Place("P", [(start, start + 80) for start in range(0, 5000, 200)], stations),
        Place("Q", [(0, 5000)]),
    ]
    windows = {place.key: place.windows for place in places}
    jobs = [Job(f"J{n}", ready, due, tasks) for n, (ready, due, tasks) in enumerate(drawn)]

    found = timetable(places, jobs)

    assert found == timetable(places, list(reversed(jobs)))
    taken: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    before: dict[str, int] = {job.key: job.ready for job in jobs}
    for slot in found.slots:
        [job] = [job for job in jobs if job.key == slot.job]
        assert slot.start >= before[slot.job]
        before[slot.job] = slot.end
        open_for = sum(
            max(min(end, slot.end) - max(start, slot.start), 0)
            for start, end in windows[slot.place]
        )
        # It works all the time that its place is open, and exactly so long as it takes.
        assert open_for == job.tasks[slot.task].minutes
        taken[slot.place, slot.station].append(slot.worked)
    for spans in taken.values():
        spans.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
    due = {job.key: job.due for job in jobs}
    assert len(found.ends) + len(found.beyond) == len(jobs)
    by_due = timetable(places, sorted(jobs, key=lambda job: job.due))
    late = sum(max(end - due[key], 0) for key, end in found.ends.items())
    assert late == sum(max(end - due[key], 0) for key, end in by_due.ends.items())


@pytest.fixture
def workshop(session: Session) -> Workshop:
    return open_workshop(session)


def open_calendar(session: Session, code: str, week: Mapping[int, tuple[Hours, ...]]) -> None:
    calendars.open_calendar(session, code=code, name=code.title(), name_zh=code, week=week)


def days(found: scheduling.Schedule) -> dict[str, tuple[date, date]]:
    return {each.number: (each.starts_on, each.ends_on) for each in found.orders}


def test_orders_wait_for_one_another_and_for_the_morning(
    session: Session, workshop: Workshop
) -> None:
    # 10 + 6 × 70 minutes are 430 of the 480 of a day; the bench is open from Monday to Friday.
    first, second = (released(session, workshop.lamp, "70") for _ in range(2))
    orders.change_order(session, first.number, due_on=MONDAY + timedelta(days=7))
    orders.change_order(session, second.number, due_on=MONDAY + timedelta(days=8))
    opens = calendars.find_calendar(session).business_day_from(TODAY)
    following = calendars.find_calendar(session).add_business_days(opens, 1)

    found = scheduling.schedule(session)
    asked = scheduling.schedule(session, extra=[Extra(workshop.lamp, Decimal(10), TODAY)])

    assert days(found) == {first.number: (opens, opens), second.number: (opens, following)}
    assert [each.days_late for each in found.orders] == [0, 0]
    [load] = [each for each in found.load if each.week <= opens][:1]
    assert (load.code, load.capacity % 480) == ("BENCH", 0)
    assert sum(each.load for each in found.load) == 860
    # What is asked about is due first and begins at once: the others wait for it.
    assert days(asked)["?"] == (opens, opens)
    assert days(asked)[first.number] == (opens, following)
    assert session.scalars(select(WorkOrder.id)).all() != []
    assert first.operations[0].starts_on is None
    # What was worked on already needs no time any more.
    orders.report_work(session, first.number, minutes=Decimal(400))
    assert days(scheduling.schedule(session))[second.number] == (opens, opens)


def test_a_work_centre_is_open_in_the_shifts_of_its_calendar(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "70")
    every_day = {day: (Hours(time(6), time(10)), Hours(time(22), time(2))) for day in range(1, 8)}
    open_calendar(session, "STANDARD", dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),)))
    open_calendar(session, "NIGHT", every_day)

    before = routings.change_work_centre(session, workshop.bench, calendar="night")

    assert dict(before)["calendar"] == "STANDARD"
    # 4 hours in the morning, and 190 minutes of those from ten in the evening on.
    assert days(scheduling.schedule(session)) == {order.number: (TODAY, TODAY + timedelta(days=1))}
    routings.change_work_centre(session, workshop.bench, calendar="STANDARD", stations=2)
    assert scheduling.schedule(session).load[0].capacity % (2 * 480) == 0


def test_a_schedule_is_written_down_and_taken_off_again(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "70")
    [shown] = scheduling.schedule(session).orders
    assert shown.is_news
    span = {step.position: (step.starts_on, step.ends_on) for step in shown.steps}

    scheduling.write_schedule(session, order.number, span)  # type: ignore[arg-type]

    assert not scheduling.schedule(session).orders[0].is_news
    scheduling.write_schedule(session, order.number, {10: None})
    assert order.operations[0].ends_on is None
    with pytest.raises(NotItsSteps, match="has no operation 20 to schedule; it has 10 assemble"):
        scheduling.write_schedule(session, order.number, {20: (TODAY, TODAY)})
    with pytest.raises(EndsBeforeItStarts, match="Operation 10 of WO-00001 cannot end on"):
        scheduling.write_schedule(session, order.number, {10: (TODAY, TODAY - timedelta(days=1))})
    with pytest.raises(IntegrityError, match="scheduled"), session.begin_nested():
        session.execute(text("UPDATE work_order_operation SET starts_on = '2026-01-01'"))
    orders.cancel(session, order.number, because="not wanted")
    with pytest.raises(WorkOrderIs, match="WO-00001 is cancelled"):
        scheduling.write_schedule(session, order.number, {10: None})


def test_what_cannot_be_scheduled_says_why(session: Session, workshop: Workshop) -> None:
    box = catalog.add_item(session, sku="BOX", name="Box")
    boms.define_bill(session, box, [ComponentDraft(workshop.foot, Decimal(1))])
    loose = orders.make_order(session, box, Decimal(1))

    assert scheduling.schedule(session).without_routing == (loose.number,)
    with pytest.raises(NoRouting, match="BOX has no routing that holds on"):
        scheduling.schedule(session, extra=[Extra(box, Decimal(1))])
    with pytest.raises(ScheduleTooFar, match="not 731"):
        scheduling.schedule(session, days=731)
    # 9,000 minutes are more than the working days of a week.
    large = orders.make_order(session, workshop.lamp, Decimal(1500))
    assert scheduling.schedule(session, days=7).beyond == (large.number,)
    open_calendar(session, "USUAL", dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),)))
    open_calendar(session, "NEVER", {})
    routings.change_work_centre(session, workshop.bench, calendar="NEVER")
    with pytest.raises(NeverWorks, match="Work centre BENCH is not open within 182 days"):
        scheduling.schedule(session)


def test_a_step_at_another_place_follows(session: Session, workshop: Workshop) -> None:
    oven = routings.open_work_centre(session, code="OVEN", name="Oven", hours_per_day=Decimal(24))
    vase = catalog.add_item(session, sku="VASE", name="Vase")
    boms.define_bill(session, vase, [ComponentDraft(workshop.foot, Decimal(1))])
    routings.define_routing(
        session,
        vase,
        [
            OperationDraft(workshop.bench, "form", run_minutes=Decimal(480)),
            OperationDraft(oven, "fire", setup_minutes=Decimal(600)),
        ],
    )
    order = released(session, vase, "1")

    [shown] = scheduling.schedule(session).orders

    opens = calendars.find_calendar(session).business_day_from(TODAY)
    # Formed until five in the afternoon, fired for ten hours from then on: seven, and three more.
    following = calendars.find_calendar(session).add_business_days(opens, 1)
    assert [(step.name, step.starts_on, step.ends_on) for step in shown.steps] == [
        ("form", opens, opens),
        ("fire", opens, following),
    ]
    assert shown.number == order.number


def test_hours_are_told_against_capacity_by_work_centre(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "10")
    orders.report_work(session, order.number, minutes=Decimal(120))
    orders.report(session, order.number, Output(scrapped=Decimal(1), reason="bent"))
    query = ReportQuery(
        metrics=["production_hours", "capacity_hours", "capacity_utilisation"],
        dimensions=["work_centre"],
    )
    scrap = ReportQuery(metrics=["scrapped_in_production"], dimensions=["scrap_reason"])

    [row] = answer(session, query).rows
    [bent] = answer(session, scrap).rows

    assert row.figures == (2, 8, 25)
    assert bent.figures == (1,)
