"""When something is due on the company's clock, through its changes and the ends of months."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.interpreter.cadences import cadence_in
from core.reporting.saved import Cadence, Condition, Every, is_met, next_due
from core.reporting.saved.errors import NotADay
from core.reporting.saved.rules import due_through, instant_of

BERLIN, NEW_YORK, SHANGHAI = (
    ZoneInfo(zone) for zone in ("Europe/Berlin", "America/New_York", "Asia/Shanghai")
)

START = datetime(2024, 1, 1, tzinfo=UTC)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_eight_on_a_monday_is_eight_on_the_companys_clock_in_winter_and_in_summer() -> None:
    monday = Cadence(Every.WEEK, 1, time(8))

    assert next_due(monday, at(2026, 3, 23, 7), BERLIN) == at(2026, 3, 30, 6)
    assert next_due(monday, at(2026, 3, 22), BERLIN) == at(2026, 3, 23, 7)
    assert next_due(monday, at(2026, 6, 15, 0), SHANGHAI) == at(2026, 6, 22, 0)
    assert next_due(monday, at(2026, 6, 14, 23), SHANGHAI) == at(2026, 6, 15, 0)


def test_an_hour_that_the_clock_leaps_over_and_one_that_comes_twice_are_due_once() -> None:
    daily = Cadence(Every.DAY, at=time(2, 30))

    spring = due_through(daily, at(2026, 3, 28, 0), at(2026, 3, 30, 12), BERLIN)
    autumn = due_through(daily, at(2026, 10, 24, 0), at(2026, 10, 26, 12), BERLIN)

    assert spring == [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    assert autumn == [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
    # Half past two does not exist on this day; the clock then shows half past three.
    assert instant_of(date(2026, 3, 29), time(2, 30), BERLIN) == at(2026, 3, 29, 1, 30)
    assert instant_of(date(2026, 10, 25), time(2, 30), BERLIN) == at(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence(Every.MONTH, 31), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (Cadence(Every.MONTH, 1), ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"]),
        # 1 January 2027 is a Friday, 1 May 2027 a Saturday.
        (Cadence(Every.FIRST_WORKDAY), ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"]),
        (Cadence(Every.LAST_WORKDAY), ["2027-01-29", "2027-02-26", "2027-03-31", "2027-04-30"]),
    ],
)
def test_the_ends_and_first_working_days_of_months(cadence: Cadence, days: list[str]) -> None:
    found = due_through(cadence, at(2027, 1, 1, 0), at(2027, 4, 30, 23), NEW_YORK)

    assert [day.isoformat() for day in found] == days


def test_a_month_that_begins_on_a_weekend_has_its_first_working_day_on_monday() -> None:
    assert next_due(Cadence(Every.FIRST_WORKDAY), at(2027, 4, 30, 23), BERLIN) == at(2027, 5, 3, 6)
    assert next_due(Cadence(Every.MONTH, 31), at(2028, 2, 1), BERLIN) == at(2028, 2, 29, 7)


CADENCES = st.one_of(
    st.builds(Cadence, st.just(Every.WEEK), st.integers(1, 7), st.times()),
    st.builds(Cadence, st.just(Every.MONTH), st.integers(1, 31), st.times()),
    st.builds(
        Cadence,
        st.sampled_from([Every.DAY, Every.WORKDAY, Every.FIRST_WORKDAY, Every.LAST_WORKDAY]),
        st.none(),
        st.times(),
    ),
)


@settings(max_examples=30)
@given(
    CADENCES,
    st.integers(0, 6 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from([BERLIN, NEW_YORK, SHANGHAI]),
)
def test_what_follows_one_after_another_is_what_falls_due_meanwhile(
    cadence: Cadence, start: datetime, zone: ZoneInfo
) -> None:
    instants, after = [], start
    for _ in range(5):
        after = next_due(cadence, after, zone)
        instants.append(after)
    through = due_through(cadence, start + timedelta(microseconds=1), instants[-1], zone)

    assert instants == sorted(set(instants))
    assert [each.astimezone(zone).date() for each in instants] == through
    assert all(cadence.is_due_on(day) for day in through)


def test_of_years_that_nobody_was_there_only_the_last_is_counted() -> None:
    found = due_through(Cadence(Every.DAY), at(2000, 1, 1), at(2026, 1, 1, 12), BERLIN)

    assert found[-1] == date(2026, 1, 1)
    assert len(found) <= 367


def test_a_day_that_is_none_is_refused() -> None:
    for every, on in ((Every.WEEK, 8), (Every.WEEK, None), (Every.MONTH, 32), (Every.MONTH, 0)):
        with pytest.raises(NotADay):
            Cadence(every, on)


def test_a_threshold_is_passed_on_the_side_that_is_spoken_of() -> None:
    above = Condition(op="gt", threshold=Decimal(50))
    moved = Condition(on="growth", op="gt", threshold=Decimal(10), either_way=True)

    assert [is_met(above, Decimal(n)) for n in (49, 50, 51)] == [False, False, True]
    assert [is_met(moved, Decimal(n)) for n in (-11, -10, 0, 11)] == [True, False, False, True]
    assert not is_met(above, None)


@pytest.mark.parametrize(
    ("said", "every", "on", "hour"),
    [
        ("every monday at 8", Every.WEEK, 1, "08:00"),
        ("on fridays at 5:15 pm", Every.WEEK, 5, "17:15"),
        ("every day at 12 am", Every.DAY, None, "00:00"),
        ("every day at noon", Every.DAY, None, "12:00"),
        ("on the last day of each month", Every.MONTH, 31, "08:00"),
        ("every month on the 5th at 9", Every.MONTH, 5, "09:00"),
        ("on the first working day of every month", Every.FIRST_WORKDAY, None, "08:00"),
        ("on weekdays in the evening", Every.WORKDAY, None, "18:00"),
        ("每周一早上8点", Every.WEEK, 1, "08:00"),
        ("每星期天晚上十一点半", Every.WEEK, 7, "23:30"),
        ("每月十五号", Every.MONTH, 15, "08:00"),
        ("每个月第一个工作日下午3点", Every.FIRST_WORKDAY, None, "15:00"),
        ("每月底", Every.MONTH, 31, "08:00"),
        ("每天 18:05", Every.DAY, None, "18:05"),
    ],
)
def test_cadences_are_read_as_people_say_them(
    said: str, every: Every, on: int | None, hour: str
) -> None:
    read = cadence_in(said)

    assert read is not None
    assert (read.every, read.on_day, read.at, read.rest) == (every, on, hour, "")


@pytest.mark.parametrize(
    "said", ["every day at 25", "every day at 8:75", "on the 32nd of each month"]
)
def test_a_time_that_is_none_is_noticed(said: str) -> None:
    read = cadence_in(said)

    assert read is not None
    assert read.is_odd
