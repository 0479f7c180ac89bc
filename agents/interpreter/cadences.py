"""When something is to be asked again and again, as people say it: every Monday at 8."""

import re
from dataclasses import dataclass

from agents.interpreter.normalise import BREAK, STOP
from agents.interpreter.numbers import scan_numbers
from core.reporting.saved import Every

HOUR_MAX, NOON = 23, 12

_WEEKDAYS = {
    "monday": 1, "mon": 1, "tuesday": 2, "tue": 2, "wednesday": 3, "wed": 3, "thursday": 4,
    "thu": 4, "friday": 5, "fri": 5, "saturday": 6, "sat": 6, "sunday": 7, "sun": 7,
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7,
}  # fmt: skip
_DAY_EN = rf"(?P<weekday>{'|'.join(day for day in _WEEKDAYS if day.isascii())})s?\b"
_MONTH_EN = r"(?:of (?:each|every|the|a) month|every month|each month|monthly)"
_ANY_EN = r"(?:every|each)"

# Tried in order: what says more comes first.
_SPOKEN: tuple[tuple[Every, str], ...] = (
    (Every.FIRST_WORKDAY, rf"{_ANY_EN} month,? on the first (?:working|business) day"),
    (Every.FIRST_WORKDAY, rf"(?:on )?(?:the )?first (?:working|business|work) ?day {_MONTH_EN}"),
    (Every.FIRST_WORKDAY, rf"(?:on )?{_ANY_EN} month'?s first (?:working|business) day"),
    (Every.LAST_WORKDAY, rf"{_ANY_EN} month,? on the last (?:working|business) day"),
    (Every.LAST_WORKDAY, rf"(?:on )?(?:the )?last (?:working|business|work) ?day {_MONTH_EN}"),
    (Every.MONTH, rf"(?:on )?(?:the )?(?P<last>last day) {_MONTH_EN}"),
    (Every.MONTH, rf"at (?:the )?(?P<last>end) {_MONTH_EN}"),
    (Every.MONTH, r"at (?:each |every )?(?P<last>month end)"),
    (Every.MONTH, rf"(?:on )?(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH_EN}"),
    (Every.MONTH, rf"{_MONTH_EN},? on (?:the |day )(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"),
    (Every.WORKDAY, rf"{_ANY_EN} (?:working day|workday|business day|weekday)"),
    (Every.WORKDAY, r"on (?:workdays|weekdays|working days)"),
    (Every.WEEK, rf"(?:{_ANY_EN} week|weekly),? on (?:a )?{_DAY_EN}"),
    (Every.WEEK, rf"(?:{_ANY_EN}|on) {_DAY_EN}"),
    (Every.WEEK, rf"{_ANY_EN} week\b"),
    (Every.WEEK, r"\bweekly$|^weekly\b"),
    (Every.MONTH, rf"{_ANY_EN} month\b"),
    (Every.MONTH, r"\bmonthly$|^monthly\b"),
    (Every.DAY, rf"{_ANY_EN} (?:day|morning|evening|afternoon)\b"),
    (Every.DAY, r"\bdaily$|^daily\b"),
    (Every.FIRST_WORKDAY, r"每个?月的?(?:第一|首)个?工作日"),
    (Every.LAST_WORKDAY, r"每个?月的?最后一?个?工作日"),
    (Every.MONTH, r"每个?月的?(?P<last>最后一天|月底|底|末)"),
    (Every.MONTH, r"每个?月的?(?P<day>\d{1,2}|[一二三]?十?[一二三四五六七八九十])[号日]"),
    (Every.WORKDAY, r"每个?工作日"),
    (Every.WEEK, r"每个?(?:周|星期|礼拜)的?(?:周|星期)?(?P<weekday>[一二三四五六日天])"),
    (Every.WEEK, r"每个?(?:周|星期|礼拜)"),
    (Every.MONTH, r"每个?月"),
    (Every.DAY, r"每天|每日"),
)  # fmt: skip
_CADENCES = tuple((every, re.compile(pattern)) for every, pattern in _SPOKEN)
_TIME_EN = re.compile(
    r"\b(?:at|around) (?:(?P<noon>noon)|(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?"
    r"\s*(?P<half>am|pm|a\.m\.|p\.m\.)?(?: ?o'?clock)?)(?: sharp)?(?: in the (?:morning|evening))?"
)
_TIME_ZH = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|晚上)?的?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"|(?P<hour_>\d{1,2}|[一二三四五六七八九十两]{1,3})[点时](?:(?P<half>半)|(?P<minute_>\d{1,2})分?)?钟?)"
)

_PARTS_OF_DAY = tuple(
    (at, re.compile(pattern))
    for at, pattern in (
        ("08:00", r"in the morning|早上|早晨|上午"),
        ("12:00", r"at midday|中午"),
        ("14:00", r"in the afternoon|下午"),
        ("18:00", r"in the evening|晚上|傍晚"),
    )
)


@dataclass(frozen=True)
class SaidCadence:
    """When, as it was said, and what is left of the words."""

    every: Every
    on_day: int | None
    at: str
    rest: str
    # Whether the words say anything that cannot be: a 25th hour, a 40th day.
    is_odd: bool = False


def cadence_in(text: str) -> SaidCadence | None:
    """Take a cadence and a time of day out of a plain text."""
    for every, pattern in _CADENCES:
        found = pattern.search(text)
        if found is None:
            continue
        named = {name: value for name, value in found.groupdict().items() if value}
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        at, rest, odd = _time_in(rest)
        on_day, odd_day = _day_of(every, named)
        return SaidCadence(every, on_day, at, _tidy(rest), odd or odd_day)
    return None


def _day_of(every: Every, named: dict[str, str]) -> tuple[int | None, bool]:
    if every is Every.WEEK and "weekday" in named:
        return _WEEKDAYS[named["weekday"]], False
    if every is not Every.MONTH:
        return None, False
    if "last" in named:
        return 31, False
    if "day" not in named:
        return None, False
    numbers = scan_numbers(named["day"])
    day = int(numbers[0].number.value) if numbers else 0
    return day, not 1 <= day <= 31  # noqa: PLR2004


def _time_in(text: str) -> tuple[str, str, bool]:
    for pattern in (_TIME_EN, _TIME_ZH):
        found = pattern.search(text)
        if found is None:
            continue
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        named = {name: value for name, value in found.groupdict().items() if value}
        if "noon" in named:
            return "12:00", rest, False
        hour = _number(named.get("hour") or named.get("hour_") or "0")
        minute = _number(named.get("minute") or named.get("minute_") or "0")
        later = named.get("half") in {"pm", "p.m."} or named.get("part") in {"下午", "晚上"}
        if later and hour < NOON:
            hour += NOON
        if named.get("half") == "半":
            minute = 30
        if named.get("half") in {"am", "a.m."} and hour == NOON:
            hour = 0
        odd = hour > HOUR_MAX or minute > 59  # noqa: PLR2004
        return f"{hour:02d}:{minute:02d}", rest, odd
    for at, pattern in _PARTS_OF_DAY:
        found = pattern.search(text)
        if found is not None:
            return at, f"{text[: found.start()]} {text[found.end() :]}", False
    return "08:00", text, False


def _number(written: str) -> int:
    if written.isdigit():
        return int(written)
    numbers = scan_numbers(written)
    return int(numbers[0].number.value) if numbers else 0


def _tidy(text: str) -> str:
    for mark in (BREAK, STOP):
        text = text.replace(mark, " ")
    return " ".join(text.split()).strip(" ,.")
