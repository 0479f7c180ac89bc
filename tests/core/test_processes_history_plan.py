"""The stock that a company must have begun with is as little as its documents need."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.processes.history import Course, planned

FIRST = date(2013, 1, 1)
some = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 50)), max_size=8)


def course_of(
    came: list[tuple[int, int]], went: list[tuple[int, int]], wanted: list[tuple[int, int]]
) -> Course:
    course = Course()
    for of, rows in ((course.came, came), (course.went, went), (course.wanted, wanted)):
        for day, quantity in rows:
            of[FIRST + timedelta(days=day)] += quantity
    return course


def levels(course: Course, start: Decimal, used: dict[date, Decimal]) -> list[Decimal]:
    level, found = start, []
    for day in sorted({*course.came, *course.went, *used}):
        level += course.came.get(day, 0) - course.went.get(day, 0) - used.get(day, 0)
        found.append(level)
    return found or [start]


def test_what_left_before_it_came_was_there_from_the_beginning() -> None:
    # 3 leave on the first day and 10 come on the second; 4 were counted in the end.
    course = course_of([(1, 10)], [(0, 3)], [])

    plan = planned(course, on_hand=Decimal(0), counted=Decimal(4))

    assert (plan.opening, plan.missing) == (Decimal(3), Decimal(6))
    assert plan.used == {}


def test_what_came_and_is_gone_was_used_in_step_with_what_production_wanted() -> None:
    # Of 100 that came 10 were counted; production wanted 10 early and 20 late: a third of the 90
    # is used early.
    course = course_of([(0, 95), (9, 5)], [], [(2, 10), (6, 20)])

    plan = planned(course, on_hand=Decimal(0), counted=Decimal(10))

    assert plan.used == {
        FIRST + timedelta(days=2): Decimal(30),
        FIRST + timedelta(days=6): Decimal(60),
    }
    assert plan.missing == Decimal(0)


def test_what_comes_after_the_last_production_is_missing_at_the_count() -> None:
    course = course_of([(0, 8), (9, 5)], [], [(2, 3)])

    plan = planned(course, on_hand=Decimal(0), counted=Decimal(1))

    assert (plan.used, plan.missing) == ({FIRST + timedelta(days=2): Decimal(8)}, Decimal(4))


def test_material_that_came_too_late_is_used_when_more_is_wanted() -> None:
    course = course_of([(3, 10)], [], [(1, 4), (5, 4)])

    plan = planned(course, on_hand=Decimal(0), counted=None)

    assert plan.used == {FIRST + timedelta(days=5): Decimal(8)}


def test_production_uses_no_more_than_what_later_deliveries_leave() -> None:
    # Of the 10 that came, 8 are delivered later: only 2 can have been used.
    course = course_of([(0, 10)], [(5, 8)], [(1, 9)])

    plan = planned(course, on_hand=Decimal(0), counted=Decimal(0))

    assert (plan.opening, plan.missing) == (Decimal(0), Decimal(0))
    assert list(plan.used.values()) == [Decimal(2)]


def test_without_a_count_nothing_is_missing() -> None:
    plan = planned(course_of([(0, 10)], [], []), on_hand=Decimal(0), counted=None)

    assert (plan.opening, plan.missing) == (Decimal(0), Decimal(0))


@given(some, some, some, st.integers(0, 30), st.integers(0, 60))
def test_the_shelf_is_never_below_zero_and_holds_in_the_end_what_was_counted(
    came: list[tuple[int, int]],
    went: list[tuple[int, int]],
    wanted: list[tuple[int, int]],
    on_hand: int,
    counted: int,
) -> None:
    course = course_of(came, went, wanted)

    plan = planned(course, on_hand=Decimal(on_hand), counted=Decimal(counted))

    found = levels(course, on_hand + plan.opening, dict(plan.used))
    assert min(found) >= 0
    assert plan.missing >= 0
    assert found[-1] - plan.missing == counted
    assert set(plan.used) <= set(course.wanted)
    if not course.came and wanted:
        assert plan.missing == 0
    # As little as possible: less of it, and the shelf were once empty too early or too late.
    bare = levels(course, Decimal(on_hand), {})
    assert plan.opening == max(-min(bare), counted - bare[-1], 0)
