"""Days and amounts in somebody's words, exactly as they stand there, in English and Chinese."""
# ruff: noqa: E501, PLR2004  # A pattern is read in one piece, and a year has twelve months.

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.kernel.months import month_end

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu",
         "friday fri", "saturday sat", "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
_CJK_DAYS = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))
_CJK_DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_FULL_DAY = "|".join(name for name in _DAYS if name.endswith("day"))
_N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_YEAR = r"(?:19|20)\d{2}"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("iso", rf"(?<![\d-])({_YEAR})[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?![\d])"),
        ("cjk", rf"(?:({_YEAR})\s*年\s*)?(?<![\d.])({_N})\s*月\s*({_N})\s*[日号]"),
        ("dmy", rf"(?<![\d.])(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({_MONTH})\b\.?,?(?:\s+({_YEAR}))?"),
        ("mdy", rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|percent|pieces|pcs))(?:,?\s+({_YEAR}))?"),
        ("dots", rf"(?<![\d.])(\d{{1,2}})\.(\d{{1,2}})\.({_YEAR})(?!\d)"),
        ("slashes", rf"(?<![\d/])(\d{{1,2}})/(\d{{1,2}})/({_YEAR})(?![\d/])"),
        ("end_month", rf"\b(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(month|year|{_MONTH})\b(?:\s+({_YEAR}))?"),
        ("cjk_end_month", rf"(?:({_YEAR})\s*年\s*)?({_N})\s*月底"),
        ("cjk_end", r"(?<!\d)(?<![一二三四五六七八九十个])(本|这个|下个?)?(月底|年底)"),
        ("weekday", rf"\b(?:(next|last|this|coming)\s+)?({_FULL_DAY})\b"),
        ("cjk_weekday", r"(下下|下个?|上个?|本|这个?)?(?:周|星期|礼拜)([一二三四五六日天])"),
        ("near", r"\b(today|tomorrow|yesterday|the day after tomorrow)\b"),
        ("cjk_near", r"(大后天|后天|明天|明日|今天|今日|昨天|昨日|前天)"),
        ("nth", r"\b(?:on|by|before|until|till)\s+the\s+(\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of\b|floor))"),
        ("cjk_nth", r"(?:(?<=[，。、；：\s在于到至月])|^)(?<!\d月)(\d{1,2})号(?=[之以]?前|[，。、；\s上下发交到付开会前]|$)"),
    )
)  # fmt: skip
_PAST = re.compile(
    r"\b(?:was|were|had|did|received|arrived|paid|bought|sent|wrote|called|ordered|came)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|shall|'ll|going to|by|before|until|please|can|could)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class DayFound:
    """A day and where it is said."""

    start: int
    end: int
    day: date


@dataclass(frozen=True)
class AmountFound:
    """An amount of money and where it is said."""

    start: int
    end: int
    value: Decimal
    currency: str

    @property
    def said(self) -> str:
        """Return it as we write amounts."""
        return f"{self.value:.2f} {self.currency}"


def days_in(text: str, said_on: date) -> list[DayFound]:
    """Return the days that a text names; what is no one day, such as "next week", is none."""
    found: list[DayFound] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            day = _day(name, match, text, said_on)
            if day is not None:
                found.append(DayFound(match.start(), match.end(), day))
    return sorted(_without_doubles(found, text), key=lambda each: each.start)


def _without_doubles(found: list[DayFound], text: str) -> Iterator[DayFound]:
    """Leave out the name of a weekday that stands beside the day: "Wednesday, 4 November"."""
    for each in found:
        word = text[each.start : each.end].lower()
        is_name = word.rsplit(" ", 1)[-1] in _DAYS or word.startswith(("周", "星期", "礼拜"))
        beside = any(
            other is not each
            and (0 <= other.start - each.end <= 3 or 0 <= each.start - other.end <= 3)
            for other in found
        )
        if not (is_name and beside):
            yield each


def _day(name: str, match: re.Match[str], text: str, said_on: date) -> date | None:
    groups = match.groups()
    try:
        match name:
            case "iso":
                return date(int(groups[0]), int(groups[1]), int(groups[2]))
            case "cjk":
                return _dated(groups[0], _number(groups[1]), _number(groups[2]), said_on)
            case "dmy":
                return _dated(groups[2], _MONTHS[groups[1].lower()], int(groups[0]), said_on)
            case "mdy":
                return _dated(groups[2], _MONTHS[groups[0].lower()], int(groups[1]), said_on)
            case "dots":
                return date(int(groups[2]), int(groups[1]), int(groups[0]))
            case "slashes":
                return _slashes(int(groups[0]), int(groups[1]), int(groups[2]))
            case "end_month" | "cjk_end_month" | "cjk_end":
                return _end(name, groups, said_on)
            case "weekday":
                return _weekday(groups[0], _DAYS[groups[1].lower()], text, said_on)
            case "cjk_weekday":
                return _cjk_weekday(groups[0], _CJK_DAYS[groups[1]], said_on)
            case "near" | "cjk_near":
                return said_on + timedelta(_NEAR[groups[0].lower()])
            case _:
                return _nth(int(groups[0]), said_on)
    except ValueError:
        # "31 June" is a day that there is not.
        return None


_NEAR = {
    "today": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2, "今天": 0, "今日": 0,
    "明天": 1, "明日": 1, "后天": 2, "大后天": 3, "昨天": -1, "昨日": -1, "前天": -2,
}  # fmt: skip


def _number(said: str) -> int:
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.rpartition("十") if "十" in said else ("", "", said)
    value = _CJK_DIGITS.get(ones, 0)
    return value + (10 * _CJK_DIGITS.get(tens, 1) if ten else 0)


def _dated(year: str | None, month: int, day: int, said_on: date) -> date:
    if year:
        return date(int(year), month, day)
    near = []
    for guess in (said_on.year - 1, said_on.year, said_on.year + 1):
        try:
            near.append(date(guess, month, day))
        except ValueError:
            continue
    if not near:
        raise ValueError
    return min(near, key=lambda each: abs((each - said_on).days))


def _slashes(first: int, second: int, year: int) -> date | None:
    # Day and month the other way round would be another day: then it is not said.
    if first == second or second > 12:
        return date(year, first, second)
    return date(year, second, first) if first > 12 else None


def _end(name: str, groups: tuple[str | None, ...], said_on: date) -> date:
    year, month = said_on.year, said_on.month
    if name == "cjk_end":
        ahead, what = groups
        if what == "年底":
            return date(year, 12, 31)
        month += 1 if ahead and ahead.startswith("下") else 0
    elif name == "cjk_end_month":
        return month_end(_dated(groups[0], _number(groups[1] or ""), 1, said_on))
    else:
        what, said_year = (groups[0] or "").lower(), groups[1]
        if what == "year":
            return date(year, 12, 31)
        if what != "month":
            return month_end(_dated(said_year, _MONTHS[what], 1, said_on))
    return month_end(date(year + month // 13, (month - 1) % 12 + 1, 1))


def _weekday(ahead: str | None, wanted: int, text: str, said_on: date) -> date:
    said = (ahead or "").lower()
    if said == "last" or (not said and _PAST.search(text) and not _FUTURE.search(text)):
        return said_on - timedelta((said_on.weekday() - wanted - 1) % 7 + 1)
    if said == "next":
        return said_on + timedelta(7 - said_on.weekday() + wanted)
    return said_on + timedelta((wanted - said_on.weekday() - 1) % 7 + 1)


def _cjk_weekday(ahead: str | None, wanted: int, said_on: date) -> date:
    monday = said_on - timedelta(said_on.weekday())
    if ahead is None:
        day = monday + timedelta(wanted)
        return day if day >= said_on else day + timedelta(7)
    weeks = {"下": 1, "上": -1}.get(ahead[0], 0) + (1 if ahead == "下下" else 0)
    return monday + timedelta(7 * weeks + wanted)


def _nth(day: int, said_on: date) -> date | None:
    for months in range(3):
        month = said_on.month + months
        first = date(said_on.year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
        if day <= month_end(first).day:
            found = first.replace(day=day)
            if found >= said_on:
                return found
    return None


_CURRENCIES = {
    "eur": "EUR", "€": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR",
    "usd": "USD", "$": "USD", "us$": "USD", "dollar": "USD", "dollars": "USD", "美元": "USD",
    "美金": "USD", "gbp": "GBP", "£": "GBP", "pounds": "GBP", "英镑": "GBP", "chf": "CHF",
    "francs": "CHF", "cny": "CNY", "rmb": "CNY", "yuan": "CNY", "¥": "CNY", "￥": "CNY",
    "元": "CNY", "块钱": "CNY", "人民币": "CNY", "元人民币": "CNY", "jpy": "JPY", "yen": "JPY",
    "日元": "JPY", "hkd": "HKD", "港元": "HKD", "港币": "HKD",
}  # fmt: skip
_MAGNITUDES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "bn": 9, "billion": 9,
    "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8,
}  # fmt: skip
_NUMBER = r"\d+(?:[.,'’\u00a0 ](?=\d{3}(?!\d))\d{3})*(?:[.,]\d{1,4})?(?!\d)"
_MAGNITUDE = r"(?:\s?(million|billion|thousand|mio|bn|mn|百万|千万|千|万|亿|k|m)(?![a-z]))?"
_BEFORE = "|".join(
    map(
        re.escape,
        (
            "EUR",
            "USD",
            "GBP",
            "CHF",
            "CNY",
            "RMB",
            "JPY",
            "HKD",
            "US$",
            "€",
            "$",
            "£",
            "¥",
            "￥",
            "人民币",
        ),
    )
)
_AFTER = "|".join(
    map(
        re.escape,
        sorted((name for name in _CURRENCIES if name not in {"$", "us$"}), key=len, reverse=True),
    )
)
_AMOUNTS = (
    re.compile(rf"(?<![A-Za-z0-9_-])({_BEFORE})\s?(-?{_NUMBER}){_MAGNITUDE}(?:元)?", re.IGNORECASE),
    re.compile(
        rf"(?<![A-Za-z0-9_.,-])({_NUMBER}){_MAGNITUDE}\s?({_AFTER}|\$)(?![a-z])", re.IGNORECASE
    ),
)
_COMPOSED = re.compile(rf"(\d+(?:\.\d+)?)亿(\d+(?:\.\d+)?)万({_AFTER})")


def amounts_in(text: str) -> list[AmountFound]:
    """Return the amounts of money that a text names, with their currencies."""
    found: list[AmountFound] = []
    for match in _COMPOSED.finditer(text):
        value = Decimal(match[1]) * 10**8 + Decimal(match[2]) * 10**4
        found.append(AmountFound(match.start(), match.end(), value, _CURRENCIES[match[3].lower()]))
    for place, pattern in enumerate(_AMOUNTS):
        for match in pattern.finditer(text):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            sign, number, size = (
                (match[1], match[2], match[3]) if place == 0 else (match[3], match[1], match[2])
            )
            value = _value(number) * Decimal(10) ** _MAGNITUDES.get((size or "").lower(), 0)
            currency = _CURRENCIES[sign.lower()]
            found.append(AmountFound(match.start(), match.end(), value, currency))
    return sorted(found, key=lambda each: each.start)


def _value(said: str) -> Decimal:
    digits = re.sub(r"['’\u00a0 ]", "", said)
    marks = [sign for sign in digits if sign in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        digits = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif marks:
        tail = len(digits) - digits.rindex(marks[0]) - 1
        is_thousands = len(marks) > 1 or (tail == 3 and not digits.startswith("0"))
        digits = digits.replace(marks[0], "" if is_thousands else ".")
    return Decimal(digits)
