"""Business time is exact: over weekends, holidays, night shifts and both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel import calendars
from core.kernel.calendars import Calendar, Hours, SpecialDay, instant_at
from core.kernel.calendars.errors import (
    CalendarExists,
    HalfDayEmpty,
    HoursOverlap,
    NeverOpens,
    NoSuchHoliday,
    NotARegion,
    NotAWeekday,
    UnknownCalendar,
)
from core.kernel.company import UnknownTimeZone

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE = dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),))
NIGHTS = dict.fromkeys(range(1, 8), (Hours(time(22), time(6)),))
ALWAYS = dict.fromkeys(range(1, 8), (Hours(time(0), time(0)),))
# In 2026 the clock of Berlin leaps from 2 to 3 on 29 March and goes back from 3 to 2 on 25 October.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def is_open_minute_by_minute(calendar: Calendar, first: datetime, minutes: int) -> list[bool]:
    """Walk through the minutes with a clock on the wall that never goes back, as one who waits.

    A minute counts if a shift of that day, or of the one before, has begun and not ended by the
    latest time that the wall has shown.
    """
    shown, told = datetime.min, []  # noqa: DTZ901
    for minute in range(-2 * 24 * 60, minutes):
        wall = (first + minute * MINUTE).astimezone(calendar.zone).replace(tzinfo=None, fold=0)
        shown = max(shown, wall)
        if minute < 0:
            continue
        told.append(any(_covers(calendar, shown.date() - back * DAY, shown) for back in range(2)))
    return told


def _covers(calendar: Calendar, day: date, shown: datetime) -> bool:
    special = calendar.special.get(day)
    weekday = day.isoweekday()
    if special is not None:
        if special.is_holiday:
            return False
        weekday = special.works_as or weekday
        if special.open_from and shown < datetime.combine(day, special.open_from):
            return False
        if special.open_until and shown >= datetime.combine(day, special.open_until):
            return False
    for hours in calendar.week.get(weekday, ()):
        begins = datetime.combine(day, hours.opens)
        over = hours.closes <= hours.opens
        ends = datetime.combine(day + DAY if over else day, hours.closes)
        if begins <= shown < ends:
            return True
    return False


quarter = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
hours = st.builds(Hours, quarter, quarter)
weeks = st.dictionaries(st.integers(1, 7), hours.map(lambda one: (one,)), min_size=1)
special_days = st.dictionaries(
    st.sampled_from((SPRING, SPRING - DAY, SPRING + DAY, AUTUMN, AUTUMN - DAY, AUTUMN + DAY)),
    st.one_of(
        st.just(SpecialDay("off", "休")),
        quarter.map(lambda at: SpecialDay("half", "半", open_until=at)),
        quarter.map(lambda at: SpecialDay("half", "半", open_from=at)),
        st.integers(1, 7).map(lambda day: SpecialDay("instead", "调休", works_as=day)),
    ),
    max_size=3,
)
# New York changes on other days, Lord Howe by half an hour, Casablanca at odd times.
zones = st.sampled_from(("Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "UTC"))


@settings(max_examples=25)
@given(
    week=weeks,
    special=special_days,
    zone=zones,
    around=st.sampled_from((SPRING, AUTUMN)),
    start=st.integers(0, 60 * 24 * 2),
    length=st.integers(0, 60 * 24 * 2),
)
@example(NIGHTS, {}, "Europe/Berlin", SPRING, 0, 2880)
@example(NIGHTS, {}, "Europe/Berlin", AUTUMN, 0, 2880)
@example({7: (Hours(time(2, 30), time(5)),)}, {}, "Europe/Berlin", SPRING, 1300, 1500)
@example({7: (Hours(time(2, 30), time(5)),)}, {}, "Europe/Berlin", AUTUMN, 1300, 1500)
@example({7: (Hours(time(0), time(2, 30)),)}, {}, "Europe/Berlin", AUTUMN, 1300, 1500)
@example(ALWAYS, {}, "Australia/Lord_Howe", date(2026, 4, 5), 0, 2880)
def test_business_time_is_what_a_walk_through_the_minutes_counts(
    week: dict[int, tuple[Hours, ...]],
    special: dict[date, SpecialDay],
    zone: str,
    around: date,
    start: int,
    length: int,
) -> None:
    calendar = Calendar(ZoneInfo(zone), week, special)
    since = datetime.combine(around, time(0), tzinfo=UTC) - DAY + start * MINUTE
    walked = is_open_minute_by_minute(calendar, since, length)

    passed = calendar.time_between(since, since + length * MINUTE)

    assert passed == sum(walked) * MINUTE
    if any(walked):
        first = since + walked.index(True) * MINUTE
        assert calendar.next_opening(since) == first
        assert calendar.is_open(first)
        # What was counted leads back to the end of the last minute that was open.
        last = len(walked) - walked[::-1].index(True)
        assert calendar.add_time(since, passed) == since + last * MINUTE
        assert calendar.add_time(since, MINUTE) == first + MINUTE


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 400))
def test_time_added_is_the_time_that_lies_between(start: int, first: int, second: int) -> None:
    calendar = Calendar(BERLIN, OFFICE, {date(2026, 5, 1): SpecialDay("Labour Day", "劳动节")})
    since = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=start)
    one, two = timedelta(seconds=first), timedelta(hours=second)

    due = calendar.add_time(since, one + two)

    assert calendar.time_between(since, due) == one + two
    assert calendar.add_time(calendar.add_time(since, one), two) == due


@pytest.mark.parametrize(
    ("since", "hours_added", "due"),
    [
        # Friday 16:00 and eight hours: one on Friday, seven on Monday.
        ("2026-06-12T16:00", 8, "2026-06-15T16:00"),
        # The clock leaps on Sunday: Friday 16:00 and two hours are still Monday 10:00.
        ("2026-03-27T16:00", 2, "2026-03-30T10:00"),
        ("2026-10-23T16:00", 2, "2026-10-26T10:00"),
        # Before it opens, and after it has closed.
        ("2026-06-15T03:00", 4, "2026-06-15T13:00"),
        ("2026-06-15T20:00", 4, "2026-06-16T13:00"),
        # All of a day's hours end with that day, not with the next one's first moment.
        ("2026-06-15T09:00", 8, "2026-06-15T17:00"),
        ("2026-06-13T12:00", 0, "2026-06-13T12:00"),
    ],
)
def test_office_hours_go_over_weekends(since: str, hours_added: int, due: str) -> None:
    calendar = Calendar(BERLIN, OFFICE)

    assert calendar.add_time(local(since), hours_added * HOUR) == local(due)


def test_a_night_shift_is_shorter_in_spring_and_longer_in_autumn() -> None:
    calendar = Calendar(BERLIN, NIGHTS)

    lengths = [
        calendar.time_between(local(f"{day - DAY}T12:00"), local(f"{day}T12:00"))
        for day in (SPRING, AUTUMN, date(2026, 6, 15))
    ]

    assert lengths == [7 * HOUR, 9 * HOUR, 8 * HOUR]


def test_around_the_clock_a_day_has_as_many_hours_as_it_has() -> None:
    calendar = Calendar(BERLIN, ALWAYS)

    assert calendar.time_between(local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 23 * HOUR
    assert calendar.time_between(local("2026-10-25T00:00"), local("2026-10-26T00:00")) == 25 * HOUR
    assert calendar.add_time(local("2026-03-28T12:00"), 24 * HOUR) == local("2026-03-29T13:00")
    assert calendar.add_time(local("2026-10-24T12:00"), 24 * HOUR) == local("2026-10-25T11:00")


def test_a_time_that_the_clock_leaps_over_is_the_leap() -> None:
    assert instant_at(datetime(2026, 3, 29, 2, 30), BERLIN) == datetime(  # noqa: DTZ001
        2026, 3, 29, 1, tzinfo=UTC
    )
    # Of a time that comes twice it is the first.
    assert instant_at(datetime(2026, 10, 25, 2, 30), BERLIN) == datetime(  # noqa: DTZ001
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    # Samoa had no 30 December 2011 at all.
    apia = ZoneInfo("Pacific/Apia")
    assert instant_at(datetime(2011, 12, 30, 12), apia) == datetime(  # noqa: DTZ001
        2011, 12, 30, 10, tzinfo=UTC
    )


def test_holidays_half_days_and_days_worked_instead() -> None:
    special = {
        date(2026, 12, 24): SpecialDay("Christmas Eve", "平安夜", open_until=time(12)),
        date(2026, 12, 25): SpecialDay("Christmas Day", "圣诞节"),
        # A Saturday on which a Friday's work is done.
        date(2026, 12, 26): SpecialDay("Make-up day", "补班", works_as=5),
    }
    calendar = Calendar(SHANGHAI, OFFICE, special)

    due = calendar.add_time(local("2026-12-24T10:00", SHANGHAI), 6 * HOUR)

    # Two hours on Thursday until noon, none on Friday, four on Saturday.
    assert due == local("2026-12-26T13:00", SHANGHAI)
    assert [calendar.worth(date(2026, 12, day)) for day in range(23, 29)] == [
        Decimal(1), Decimal("0.5"), Decimal(0), Decimal(1), Decimal(0), Decimal(1),
    ]  # fmt: skip
    assert calendar.working_days(date(2026, 12, 23), date(2026, 12, 28)) == Decimal("3.5")
    assert calendar.business_days_between(date(2026, 12, 23), date(2026, 12, 28)) == 3
    assert calendar.business_days_between(date(2026, 12, 28), date(2026, 12, 23)) == -3
    assert calendar.add_business_days(date(2026, 12, 24), 2) == date(2026, 12, 28)
    assert calendar.add_business_days(date(2026, 12, 28), -3) == date(2026, 12, 23)
    assert calendar.business_day_from(date(2026, 12, 25)) == date(2026, 12, 26)


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    calendar = Calendar(BERLIN, NIGHTS, {date(2026, 6, 16): SpecialDay("Off", "休息")})

    # Monday night's shift goes on into the holiday; Tuesday night's does not begin.
    assert calendar.is_open(local("2026-06-16T05:00"))
    assert not calendar.is_open(local("2026-06-16T23:00"))
    assert calendar.next_opening(local("2026-06-16T06:00")) == local("2026-06-17T22:00")


def test_what_never_opens_is_said_and_not_waited_for() -> None:
    shut = Calendar(BERLIN, {}, name="Closed")

    for asked in (
        lambda: shut.next_opening(local("2026-06-15T09:00")),
        lambda: shut.add_time(local("2026-06-15T09:00"), HOUR),
        lambda: shut.add_business_days(date(2026, 6, 15), 1),
        lambda: shut.business_day_from(date(2026, 6, 15)),
    ):
        with pytest.raises(NeverOpens, match="Closed"):
            asked()
    assert shut.time_between(local("2020-01-01T00:00"), local("2026-01-01T00:00")) == 0 * HOUR


def test_a_long_time_is_counted_to_its_end() -> None:
    calendar = Calendar(ZoneInfo("UTC"), ALWAYS)
    since = datetime(2000, 1, 1, tzinfo=UTC)

    assert calendar.time_between(since, since + 9_000 * DAY) == 9_000 * DAY


def test_a_calendar_takes_the_holidays_of_its_region_and_country(session: Session) -> None:
    calendars.open_calendar(
        session, code="be", name="Berlin", name_zh="柏林", week=OFFICE,
        time_zone="europe/berlin", holiday_region="DE-BE",
    )  # fmt: skip
    calendars.open_calendar(
        session, code="CN", name="Shanghai", name_zh="上海", week=OFFICE,
        time_zone="Asia/Shanghai", holiday_region="CN",
    )  # fmt: skip
    for region, day, name in (
        ("DE", date(2026, 5, 1), "Labour Day"),
        ("DE-BE", date(2026, 3, 8), "Women's Day"),
        ("DE-BY", date(2026, 1, 6), "Epiphany"),
        ("CN", date(2026, 10, 1), "National Day"),
    ):
        calendars.set_holiday(session, region=region, day=day, name=name)

    berlin, standard = calendars.find_calendar(session, "BE"), calendars.find_calendar(session)

    assert sorted(berlin.special) == [date(2026, 3, 8), date(2026, 5, 1)]
    # The first calendar is the standard one.
    assert standard == berlin
    assert berlin.zone == BERLIN
    assert [each.code for each in calendars.list_calendars(session)] == ["BE", "CN"]
    assert calendars.hours_said(calendars.find_row(session, "be")) == "Mon-Fri 09:00-17:00"
    calendars.call_off_holiday(session, region="DE", day=date(2026, 5, 1))
    calendars.set_hours(session, "BE", {6: (Hours(time(10), time(14)), Hours(time(15), time(0)))})
    assert sorted(calendars.find_calendar(session, "BE").special) == [date(2026, 3, 8)]
    assert calendars.hours_said(calendars.find_row(session, "BE")) == (
        "Sat 10:00-14:00, 15:00-00:00"
    )


def test_without_a_calendar_there_are_office_hours(session: Session) -> None:
    usual = calendars.find_calendar(session)

    assert usual.is_business_day(date(2026, 6, 15))
    assert not usual.is_business_day(date(2026, 6, 14))


def test_what_makes_no_sense_is_refused(session: Session) -> None:
    def opened(code: str, week: calendars.Week, **more: str) -> None:
        calendars.open_calendar(session, code=code, name=code, name_zh=code, week=week, **more)

    opened("A", OFFICE)
    with pytest.raises(CalendarExists):
        opened("a", OFFICE)
    with pytest.raises(HoursOverlap, match="09:00-17:00 and 16:00-18:00"):
        opened("B", {1: (Hours(time(9), time(17)), Hours(time(16), time(18)))})
    with pytest.raises(HoursOverlap, match="22:00-06:00 and 05:00-08:00"):
        opened("B", {7: (Hours(time(22), time(6)),), 1: (Hours(time(5), time(8)),)})
    with pytest.raises(NotAWeekday):
        opened("B", {8: (Hours(time(9), time(17)),)})
    with pytest.raises(UnknownTimeZone):
        opened("B", OFFICE, time_zone="Europe/Berln")
    with pytest.raises(NotARegion):
        opened("B", OFFICE, holiday_region="Germany")
    with pytest.raises(UnknownCalendar, match="there are: A"):
        calendars.find_calendar(session, "B")
    with pytest.raises(HalfDayEmpty):
        calendars.set_holiday(
            session, region="DE", day=SPRING, name="x", open_from=time(12), open_until=time(12)
        )
    with pytest.raises(NoSuchHoliday):
        calendars.call_off_holiday(session, region="DE", day=SPRING)


@pytest.mark.parametrize(
    "broken",
    [
        {"works_as": 8},
        {"works_as": 1, "open_from": time(9)},
        {"open_from": time(9), "open_until": time(8)},
        {"region": "germany"},
    ],
)
def test_the_database_refuses_days_that_make_no_sense(
    session: Session, broken: dict[str, object]
) -> None:
    values = {"region": "DE", "day": SPRING, "name": "x", "name_zh": "x"} | broken

    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(calendars.Holiday(**values))
