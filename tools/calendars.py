"""Tools of business calendars: hours, holidays, and when we are open."""

from datetime import date, time
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import support
from core.kernel import calendars, clock
from core.kernel.calendars import Hours
from core.kernel.company import company
from core.kernel.errors import Language
from core.reporting import saved
from tools.base import Answer, Arguments, Call, Column, Day, Grid, Text, Tool, Undoing
from tools.trade import LEADERS, READERS

STANDARD = "STANDARD"
ADD = "calendars.add_holiday"
SHOWN_MAX = 40
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Such as 09:00.")]


class SetHours(Arguments):
    """Set from when to when we are open on which weekdays; other weekdays are closed."""

    opens: Hour = "09:00"
    closes: Hour = "17:00"
    first_weekday: int = Field(default=1, ge=1, le=7, description="Monday is 1.")
    last_weekday: int = Field(default=5, ge=1, le=7)
    calendar: Text | None = Field(
        default=None, description="Its code; left out: the one that counts everywhere."
    )
    time_zone: Text | None = Field(default=None, description="Such as Europe/Berlin, if new.")
    region: Text | None = Field(
        default=None, description="Whose holidays count, if new: DE, DE-BE, CN."
    )


class AddHoliday(Arguments):
    """Say that a day is a holiday of a region, a half day, or worked like another weekday."""

    day: Day
    name: Text
    name_zh: Text | None = Field(default=None, description="Its Chinese name, if another.")
    region: Text | None = Field(default=None, description="Left out: that of the calendar.")
    open_from: Hour | None = Field(default=None, description="A half day: from then on.")
    open_until: Hour | None = Field(default=None, description="A half day: until then.")
    works_as: int | None = Field(default=None, ge=1, le=7, description="Monday is 1.")


class CallOffHoliday(Arguments):
    """Let a day of a region be like other days again."""

    day: Day
    region: Text | None = None


class ShowHours(Arguments):
    """Show when we are open, and the next holidays."""

    calendar: Text | None = None


class CalendarTold(Answer):
    """When we are open."""

    code: str
    hours: str
    zone: str
    open_now: bool
    opens_next: str
    holidays: list[tuple[str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say the hours, whether we are open, and when next."""
        if language == "zh":
            now = "现在营业" if self.open_now else f"现在休息，下次营业 {self.opens_next}"
            return f"营业时间：{self.hours or '无'}（{self.zone}）；{now}。"
        now = "open now" if self.open_now else f"closed now, open next {self.opens_next}"
        return f"Open {self.hours or 'never'} ({self.zone}); {now}."

    def grid(self) -> Grid | None:
        """Return the days unlike others that are to come."""
        columns = (
            Column("day", "日期", "date"),
            Column("holiday", "节假日"),
            Column("kind", "类型"),
        )
        return Grid(columns, tuple(self.holidays)) if self.holidays else None


class HolidayTold(Answer):
    """A day that is unlike others, or no longer."""

    day: date
    region: str
    name: str
    tickets: int
    is_off: bool
    # What the region said of the day before, if anything.
    before: AddHoliday | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say so, and how many tickets are due at another time."""
        if language == "zh":
            what = "已设为特殊日期" if self.is_off else "恢复为普通日"
            return f"{self.region} {self.day} {self.name}{what}；已重新计算 {self.tickets} 个工单。"
        what = f"is {self.name}" if self.is_off else "is like other days again"
        return (
            f"{self.day} {what} in {self.region}; {self.tickets} open tickets were worked out anew."
        )


def _told(session: Session, code: str | None) -> CalendarTold:
    calendar = calendars.find_calendar(session, code)
    today, now = company(session).today, clock.now()
    hours = ""
    if calendar.code:
        hours = calendars.hours_said(calendars.find_row(session, calendar.code))
    else:
        hours = "Mon-Fri 09:00-17:00"
    is_open = bool(calendar.week) and calendar.is_open(now)
    opens = None if is_open or not calendar.week else calendar.next_opening(now)
    ahead = sorted(day for day in calendar.special if day >= today)[:SHOWN_MAX]
    return CalendarTold(
        code=calendar.code,
        hours=hours,
        zone=calendar.zone.key,
        open_now=is_open,
        opens_next=f"{opens.astimezone(calendar.zone):%Y-%m-%d %H:%M}" if opens else "",
        holidays=[
            (
                day.isoformat(),
                calendar.special[day].name,
                "" if calendar.special[day].is_holiday else str(calendar.worth(day)),
            )
            for day in ahead
        ],
    )


def set_hours(session: Session, arguments: SetHours) -> CalendarTold:
    """Set them; what is due is worked out anew."""
    span = Hours(time.fromisoformat(arguments.opens), time.fromisoformat(arguments.closes))
    first, last = arguments.first_weekday, arguments.last_weekday
    days = range(first, (last if last >= first else last + 7) + 1)
    week = {(day - 1) % 7 + 1: (span,) for day in days}
    known = {each.code for each in calendars.list_calendars(session)}
    code = (arguments.calendar or calendars.code_of_standard(session) or STANDARD).strip().upper()
    if code in known:
        calendars.set_hours(session, code, week)
    else:
        calendars.open_calendar(
            session,
            code=code,
            name=code.title(),
            name_zh=code.title(),
            week=week,
            time_zone=arguments.time_zone,
            holiday_region=arguments.region or company(session).country,
        )
    _plan_anew(session)
    return _told(session, code)


def _plan_anew(session: Session) -> int:
    """Work out anew what is due by business time; return how many tickets there are."""
    # Schedules and alerts of every working day follow the hours and holidays as well.
    saved.plan_anew(session)
    return support.plan_anew(session)


def _said_of(session: Session, region: str, day: date) -> AddHoliday | None:
    """Return what a region says of a day, as one would say it again."""
    known = calendars.find_holiday(session, region=region, day=day)
    if known is None:
        return None
    return AddHoliday(
        day=day,
        region=known.region,
        name=known.name,
        name_zh=known.name_zh if known.name_zh != known.name else None,
        open_from=None if known.open_from is None else f"{known.open_from:%H:%M}",
        open_until=None if known.open_until is None else f"{known.open_until:%H:%M}",
        works_as=known.works_as,
    )


def pin_holiday(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write down of which region the day is."""
    return arguments.model_copy(update={"region": _region(session, arguments.region)})


def _region(session: Session, region: str | None) -> str:
    if region is not None:
        return region.strip().upper()
    code = calendars.code_of_standard(session)
    own = None if code is None else calendars.find_row(session, code).holiday_region
    return own or company(session).country


def add_holiday(session: Session, arguments: AddHoliday) -> HolidayTold:
    """Say it; what is due is worked out anew."""
    region = _region(session, arguments.region)
    before = _said_of(session, region, arguments.day)
    row = calendars.set_holiday(
        session,
        region=region,
        day=arguments.day,
        name=arguments.name,
        name_zh=arguments.name_zh or "",
        open_from=_time(arguments.open_from),
        open_until=_time(arguments.open_until),
        works_as=arguments.works_as,
    )
    tickets = _plan_anew(session)
    return HolidayTold(
        day=row.day, region=row.region, name=row.name, tickets=tickets, is_off=True, before=before
    )


def _time(said: str | None) -> time | None:
    return None if said is None else time.fromisoformat(said)


def undo_holiday(_session: Session, arguments: AddHoliday, answer: dict[str, Any]) -> Undoing:
    """Let it be what it was before: like others again, or what had been said of it then."""
    if answer.get("before") is not None:
        return Undoing((Call(ADD, AddHoliday.model_validate(answer["before"])),))
    call = CallOffHoliday(day=arguments.day, region=answer["region"])
    return Undoing((Call("calendars.call_off_holiday", call),))


def call_off(session: Session, arguments: CallOffHoliday) -> HolidayTold:
    """Let it be like others again; what is due is worked out anew."""
    region = _region(session, arguments.region)
    before = _said_of(session, region, arguments.day)
    calendars.call_off_holiday(session, region=region, day=arguments.day)
    tickets = _plan_anew(session)
    return HolidayTold(
        day=arguments.day, region=region, name="", tickets=tickets, is_off=False, before=before
    )


def undo_call_off(_session: Session, _arguments: object, answer: dict[str, Any]) -> Undoing:
    """Say again what had been said of the day."""
    return Undoing((Call(ADD, AddHoliday.model_validate(answer["before"])),))


def undo_setting(_session: Session, _arguments: object, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("set it again instead", "请改为重新设置"))


def show_hours(session: Session, arguments: ShowHours) -> CalendarTold:
    """Read them."""
    return _told(session, arguments.calendar)


TOOLS = [
    Tool("calendars.set_hours", SetHours, set_hours, writes=True,
         title="Set business hours", title_zh="设置营业时间", roles=LEADERS, undo=undo_setting),
    Tool(ADD, AddHoliday, add_holiday, writes=True,
         title="Add holiday", title_zh="登记节假日", roles=LEADERS,
         pin=pin_holiday, undo=undo_holiday),
    Tool("calendars.call_off_holiday", CallOffHoliday, call_off, writes=True,
         title="Call off holiday", title_zh="取消节假日", roles=LEADERS,
         pin=pin_holiday, undo=undo_call_off),
    Tool("calendars.show_hours", ShowHours, show_hours, writes=False,
         title="Business hours", title_zh="营业时间", roles=READERS),
]  # fmt: skip
