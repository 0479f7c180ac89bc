"""What calendars refuse."""

from core.kernel.errors import DomainError


class NeverOpens(DomainError):
    """The calendar {calendar} is not open within a year; give it hours first."""

    zh = "日历“{calendar}”一年内没有营业时间；请先设置营业时间。"


class UnknownCalendar(DomainError):
    """There is no calendar {code}; there are: {known}."""

    zh = "没有日历 {code}；现有：{known}。"


class CalendarExists(DomainError):
    """There is a calendar {code} already; change its hours instead."""

    zh = "日历 {code} 已存在；请更改其营业时间。"


class HoursOverlap(DomainError):
    """{first} and {second} on weekday {weekday} overlap; say them as one, or apart."""

    zh = "星期{weekday}的时段 {first} 与 {second} 重叠；请合并或分开。"


class NotAWeekday(DomainError):
    """{weekday} is no weekday; Monday is 1 and Sunday 7."""

    zh = "{weekday} 不是星期几；星期一为 1，星期日为 7。"


class NotARegion(DomainError):
    """There is no region called {region}; regions are called like DE, DE-BE or CN."""

    zh = "没有地区“{region}”；地区代码形如 DE、DE-BE、CN。"


class HalfDayEmpty(DomainError):
    """Nothing is left of a half day from {open_from} until {open_until}; correct it."""

    zh = "半天的时段 {open_from} 至 {open_until} 为空；请更正。"


class NoSuchHoliday(DomainError):
    """{day} is no special day in {region}."""

    zh = "{day} 在 {region} 不是特殊日期。"
