"""Stretches of time as people say them, in English and Chinese, kept symbolic where they can be.

Conventions, which the read-back states: a bare month, quarter or weekday is the latest one that
has begun (for actions a weekday is the next one); "last 3 months" are the three whole months
before this one; "last 30 days" end today; weeks start on Monday; "until" includes its day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from agents.interpreter.numbers import scan_numbers
from core.reporting.periods import Grain, add_days, add_months, bucket_start
from core.reporting.query import AsOf, Period, Range, Relative, resolve

YEAR_FIRST, YEAR_LAST = 1950, 2149


@dataclass(frozen=True)
class TimeSpan:
    """A stretch of time and its place in the plain text.

    `ahead` is how somebody who orders something would mean it, where that differs. `unclear`
    says that day and month could be the other way round.
    """

    start: int
    end: int
    period: Period
    ahead: Period | None = None
    unclear: bool = False
    # Only four digits: where a quantity is wanted, they may be that.
    bare: bool = False
    # The year that was named, and the same part of another year where none was.
    year: int | None = None
    at: Callable[[int], Period] | None = None
    # The one day that is meant of a state: a year ago today.
    point: date | None = None

    def day(self, today: date, *, ahead: bool = True) -> date | None:
        """Return the one day that is meant, ahead of today or behind it; None if it is more."""
        span = resolve((ahead and self.ahead) or self.period, today)
        if isinstance(self.period, AsOf):
            return span.end
        if span.start is not None and span.start == (span.full_end or span.end):
            return span.start
        return None


@dataclass(frozen=True)
class _Atom:
    """A stretch before it is joined with others; `at` builds it again in another year."""

    start: int
    end: int
    period: Period
    at: Callable[[int], Period] | None = None
    year: int | None = None
    ahead: Period | None = None
    unclear: bool = False
    bare: bool = False
    # A part of a year that was said beside it: what is before it begins with that year.
    of_year: bool = False
    point: date | None = None

    def first(self, today: date) -> date | None:
        return _edge(self.period, today)[0]

    def last(self, today: date) -> date | None:
        return _edge(self.period, today)[1]


def scan_times(text: str, today: date) -> list[TimeSpan]:
    """Find the stretches of time in a plain text; overlapping readings are the lattice's choice."""
    atoms = list(_atoms(text, today))
    found = {(atom.start, atom.end): _plain(atom) for atom in atoms}
    for span in _joined(text, atoms, today):
        found[span.start, span.end] = span
    return sorted(found.values(), key=lambda span: (span.start, span.end))


def _plain(atom: _Atom) -> TimeSpan:
    at = atom.at if atom.year is None else None
    year = atom.year
    return TimeSpan(
        atom.start, atom.end, atom.period, atom.ahead, atom.unclear, atom.bare, year, at, atom.point
    )


def _edge(period: Period, today: date) -> tuple[date | None, date | None]:
    if isinstance(period, Range):
        return period.start, period.end
    span = resolve(period, today)
    if isinstance(period, Relative) and not period.to_date and span.full_end:
        return span.start, span.full_end
    return span.start, span.end


# Atoms.

_MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?",
    "aug(?:ust)?", "sep(?:t(?:ember)?)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\.?(?![a-z])"
_WEEKDAYS = ("mon(?:day)?", "tue(?:s(?:day)?)?", "wed(?:nesday)?", "thu(?:r(?:s(?:day)?)?)?",
             "fri(?:day)?", "sat(?:urday)?", "sun(?:day)?")  # fmt: skip
_LONG_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_YEAR = r"(?:19|20|21)\d\d(?!\d|[.,]\d|-\d(?!\d\d\d)|%)"
_YEAR_EN = (
    rf"(?P<year>{_YEAR}|'\d\d|(?:the )?(?:this|last|current|previous|prior|next) year(?:'s)?"
    r"|the year before(?: last)?|year before last)"
)
_YEAR_ZH = (
    r"(?P<year>(?:19|20)\d\d年?|[一二〇零][〇零一二三四五六七八九]{3}年|(?<!\d)\d\d年"
    r"|今年|去年|前年|明年|本年|上年|上一年|同年)(?:度|的)?"
)
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d)"
_COUNT = (
    r"(?P<count>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|eighteen"
    r"|twenty|thirty|sixty|ninety|couple of|few)"
)
_UNIT = (
    r"(?P<unit>day|week|month|quarter|half[- ]year|year|fiscal year|fiscal quarter|business year"
    r"|qtr|yr|mth|wk)s?"
)
_COUNT_ZH = r"(?P<count>\d{1,4}|[一二两三四五六七八九十百]+|几|半)"
_UNIT_ZH = r"(?P<unit>天|日|周|个?星期|个?礼拜|个?月|个?季度|个?季|年|个?半年)"
_THIS = r"(?P<which>(?:the )?(?:current|last|previous|past|next|coming)|this|prior)"
_ORDINAL = r"(?P<ordinal>first|second|third|fourth|last|final|1st|2nd|3rd|4th)"
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
    "一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4,
}  # fmt: skip
_E = r"(?![a-z0-9])"
_UNITS: dict[str, Grain] = {
    "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
    "wk": "week", "mth": "month", "qtr": "quarter", "yr": "year",
    "half-year": "half", "half year": "half", "fiscal year": "fiscal_year",
    "fiscal quarter": "fiscal_quarter", "business year": "fiscal_year", "天": "day", "日": "day",
    "周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter", "季": "quarter",
    "年": "year", "半年": "half",
}  # fmt: skip
_MONTH_ZH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_QUARTER_ZH = r"(?P<part>第?[一二三四1-4]季度?|q[1-4])"

Build = Callable[[re.Match[str], date], "_Atom | None"]
_RULES: list[tuple[re.Pattern[str], Build]] = []


def _rule(pattern: str) -> Callable[[Build], Build]:
    def add(build: Build) -> Build:
        _RULES.append((re.compile(pattern), build))
        return build

    return add


def _atoms(text: str, today: date) -> Iterator[_Atom]:
    for place, sign in enumerate(text):
        before = text[place - 1] if place else " "
        if sign == " " or (
            before.isascii() and before.isalnum() and sign.isascii() and sign.isalnum()
        ):
            continue
        best: _Atom | None = None
        for pattern, build in _RULES:
            match = pattern.match(text, place)
            if match and (best is None or match.end() > best.end):
                best = build(match, today) or best
        if best is not None:
            yield best


def _group(match: re.Match[str], name: str) -> str | None:
    return match.groupdict().get(name)


def _atom(match: re.Match[str], period: Period, **more: object) -> _Atom:
    return replace(_Atom(match.start(), match.end(), period), **more)  # type: ignore[arg-type]


def _year_of(words: str | None, today: date) -> int | None:
    if words is None:
        return None
    words = words.removesuffix("'s").removesuffix("的").removesuffix("度").removeprefix("the ")
    relative = {
        "this year": 0, "current year": 0, "last year": -1, "previous year": -1, "prior year": -1,
        "next year": 1, "year before": -1, "year before last": -2, "今年": 0, "本年": 0, "去年": -1,
        "上年": -1, "上一年": -1, "前年": -2, "明年": 1, "同年": 0,
    }  # fmt: skip
    if words in relative:
        return today.year + relative[words]
    digits = "".join(_ZH_DIGIT.get(sign, sign) for sign in words.strip("'年"))
    if not digits.isdigit():
        return None
    return int(digits) if len(digits) > 2 else 2000 + int(digits)  # noqa: PLR2004


_ZH_DIGIT = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))


def _number(words: str) -> int:
    fixed = {"couple of": 2, "few": 3, "几": 3, "半": 0}
    if words in fixed:
        return fixed[words]
    spans = scan_numbers(words)
    return int(spans[0].number.value) if spans else 1


def _months(first: int, count: int, year: int) -> Range:
    start = date(year, first, 1)
    return Range(start=start, end=add_days(add_months(start, count), -1))


def _part_of_year(
    match: re.Match[str], today: date, build: Callable[[int], Range], **more: object
) -> _Atom | None:
    year = _year_of(_group(match, "year"), today)
    if year is not None:
        if not YEAR_FIRST <= year <= YEAR_LAST:
            return None
        said = re.search(r"\b(?:this|last|current|previous) year|[今去本]年", match[0]) is not None
        return _atom(match, build(year), at=build, year=year, of_year=said, **more)
    latest = build(today.year)
    if latest.start is not None and latest.start > today:
        latest = build(today.year - 1)
    upcoming = build(today.year)
    if upcoming.end is not None and upcoming.end < today:
        upcoming = build(today.year + 1)
    return _atom(match, latest, at=build, ahead=upcoming, **more)


def _month_number(words: str) -> int:
    words = words.removesuffix("份").removesuffix("月").rstrip(".")
    for number, pattern in enumerate(_MONTHS, 1):
        if re.fullmatch(pattern, words):
            return number
    return _number(words)


def _day_of(month: int, day: int, year: int) -> Range | None:
    try:
        there = date(year, month, day)
    except ValueError:
        return None
    return Range(start=there, end=there)


@_rule(rf"{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR_EN}{_E})?")
@_rule(
    rf"{_MONTH} {_DAY}(?!\s?(?:%|customers|items|products|orders|suppliers))(?:,? {_YEAR_EN}{_E})?"
)
@_rule(
    rf"(?:{_YEAR_ZH})?{_MONTH_ZH}(?P<day>3[01]|[12]\d|0?[1-9](?!\d)|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]?"
)
def _month_and_day(match: re.Match[str], today: date) -> _Atom | None:
    month, day = _month_number(match["month"]), _number(match["day"])
    if _day_of(month, day, 2024) is None or (
        match["month"].endswith("月") and match[0][-1] not in "日号"
    ):
        return None

    def build(year: int) -> Range:
        return _day_of(month, day, year) or _months(month, 1, year)

    return _part_of_year(match, today, build)


# Behind a day without a month nothing may follow that it would count: "the 3rd customer".
_DAY_ENDS = r"(?= *(?:$|[.,;:!?\u241e\u241f]|(?:by|for|at|please|and|because|if|then)(?![a-z])))"
_DAY_ENDS_ZH = r"(?= *(?:$|[.,;:!?\u241e\u241f]|[发交付到再吧了送来]))"


@_rule(rf"the (?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th){_DAY_ENDS}")
@_rule(
    rf"(?<![0-9月#一二三四五六七八九十])(?P<day>3[01]|[12]\d|0?[1-9])[号日](?:之?前|以前)?{_DAY_ENDS_ZH}"
)
def _day_of_month(match: re.Match[str], today: date) -> _Atom | None:
    """Read "the 30th": the last such day, or the next one of who has something to do."""
    first, number = today.replace(day=1), int(match["day"])
    days = [
        found.start
        for months in (-2, -1, 0, 1, 2)
        for month in [add_months(first, months)]
        if (found := _day_of(month.month, number, month.year)) is not None and found.start
    ]
    past = max(day for day in days if day <= today)
    ahead = min(day for day in days if day >= today)
    return _atom(match, Range(start=past, end=past), ahead=Range(start=ahead, end=ahead))


_MONTH_SAID = {
    "this": 0, "next": 1, "last": -1, "previous": -1, "本": 0, "这": 0, "下": 1, "上": -1,
}  # fmt: skip


@_rule(
    r"(?:the )?(?P<edge>first|1st|last)(?: day)? of (?:the )?(?P<which>this|next|last|previous)"
    rf" month{_E}"
)
@_rule(r"(?P<which>[本这下上])个?月(?:的)?(?P<edge>[1一][号日]|最后一天)")
def _edge_of_month(match: re.Match[str], today: date) -> _Atom | None:
    month = add_months(today.replace(day=1), _MONTH_SAID[match["which"]])
    is_last = match["edge"] in {"last", "最后一天"}
    day = add_days(add_months(month, 1), -1) if is_last else month
    return _atom(match, Range(start=day, end=day))


@_rule(r"(?<![0-9一二三四五六七八九十个上下本这])月(?:底|末)(?!前|之前|以前)")
def _end_of_month(match: re.Match[str], today: date) -> _Atom:
    day = add_days(add_months(today.replace(day=1), 1), -1)
    return _atom(match, Range(start=day, end=day))


@_rule(r"(?<![0-9一二三四五六七八九十个上下本这])月(?:底|末)(?:之前|以前|前)")
@_rule(r"by (?:the )?(?:end of (?:the |this )?month|month[- ]end)(?![a-z])")
def _by_end_of_month(match: re.Match[str], today: date) -> _Atom:
    day = add_days(add_months(today.replace(day=1), 1), -1)
    return _atom(match, Range(end=day), ahead=Range(start=day, end=day))


@_rule(rf"(?:the )?(?P<edge>first|last)(?: day)? of {_MONTH}(?:,? {_YEAR_EN}{_E})?")
def _edge_of_named_month(match: re.Match[str], today: date) -> _Atom | None:
    month = _month_number(match["month"])

    def build(year: int) -> Range:
        whole = _months(month, 1, year)
        day = whole.end if match["edge"] == "last" else whole.start
        return Range(start=day, end=day)

    return _part_of_year(match, today, build)


@_rule(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\d-])")
def _iso_day(match: re.Match[str], _today: date) -> _Atom | None:
    day = _day_of(int(match["month"]), int(match["day"]), int(match["year"]))
    return None if day is None else _atom(match, day, year=int(match["year"]))


@_rule(r"(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)")
def _day_month_year(match: re.Match[str], _today: date) -> _Atom | None:
    a, b, year = int(match["a"]), int(match["b"]), int(match["year"])
    day_first, month_first = _day_of(b, a, year), _day_of(a, b, year)
    # With dots the day always comes first; with slashes it depends on who writes.
    unclear = match["mark"] == "/" and None not in (day_first, month_first) and a != b
    day = day_first or month_first
    return None if day is None else _atom(match, day, year=year, unclear=unclear)


@_rule(r"(?P<month>0?[1-9]|1[0-2])/(?P<year>20\d\d)(?![-/.\d])")
@_rule(r"(?P<year>20\d\d)\.(?P<month>0[1-9]|1[0-2])(?![-/.\d])")
@_rule(r"(?P<year>(?:19|20)\d\d)[-/](?P<month>0[1-9]|1[0-2])(?![-/\d])")
@_rule(rf"{_MONTH}(?: of| in|,)? ?{_YEAR_EN}{_E}")
@_rule(rf"{_YEAR_EN},? {_MONTH}")
@_rule(rf"{_YEAR_ZH}{_MONTH_ZH}")
@_rule(
    r"(?:last |this |in |of |does |did |was |how was |since |until |from |to |by |for |during "
    r"|and |before |after "
    r"|through |till |up to |as of |vs\.? "
    rf"|between |month of )?{_MONTH}"
)
@_rule(_MONTH_ZH)
def _month(match: re.Match[str], today: date) -> _Atom | None:
    name = match["month"]
    month = int(name) if name.isdigit() else _month_number(name)
    words = match[0]
    if name == "may" and words == "may":
        return None
    atom = _part_of_year(match, today, partial(_months, month, 1))
    if atom is not None and re.fullmatch(r"20\d\d\.\d\d", words):
        # Where an amount is wanted, it may be that.
        return replace(atom, bare=True)
    if atom is None or not words.endswith(name) or words.startswith(name) or _group(match, "year"):
        return atom
    # The preposition helped to know a month by, but it is an operator's: leave it outside.
    lead = len(words) - len(name) if not words.startswith(("last ", "this ")) else 0
    start = match.start() + lead
    return replace(atom, start=start)


@_rule(
    rf"(?:{_YEAR_ZH})?(?P<month>1[0-2]|0?[1-9]|[一二三四五六七八九]|十[一二]?)月?[-~到至](?P<last>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?!\d)"
)
def _months_zh(match: re.Match[str], today: date) -> _Atom | None:
    first, last = _number(match["month"]), _number(match["last"])
    if not 1 <= first <= last <= 12:  # noqa: PLR2004
        return None
    return _part_of_year(match, today, partial(_months, first, last - first + 1))


@_rule(rf"{_YEAR_ZH}{_QUARTER_ZH}")
@_rule(rf"q(?P<part>[1-4])(?:[ -]?(?:of |in )?{_YEAR_EN})?{_E}")
@_rule(rf"{_YEAR_EN}[ -]?q(?P<part>[1-4]){_E}")
@_rule(_QUARTER_ZH)
@_rule(r"(?P<part>[1-4])q(?P<year>\d\d(?:\d\d)?)")
def _quarter(match: re.Match[str], today: date) -> _Atom | None:
    digit = re.search(r"[1-4一二三四]", match["part"])
    assert digit is not None
    return _part_of_year(match, today, partial(_months, _ORDINALS[digit[0]] * 3 - 2, 3))


@_rule(
    rf"(?:the )?{_ORDINAL} (?P<unit>quarter|half|month|week)(?: (?:of|in) (?:the )?{_YEAR_EN}{_E})?"
)
def _ordinal_part(match: re.Match[str], today: date) -> _Atom | None:
    months = {"quarter": 3, "half": 6, "month": 1}.get(match["unit"])
    ordinal = match["ordinal"]
    if months is None or (ordinal in {"last", "final"} and not _group(match, "year")):
        return None
    number = 12 // months if ordinal in {"last", "final"} else _ORDINALS[ordinal]
    if number * months > 12:  # noqa: PLR2004
        return None
    return _part_of_year(match, today, partial(_months, (number - 1) * months + 1, months))


@_rule(rf"h(?P<half>[12])(?:[ -]?(?:of )?{_YEAR_EN})?{_E}")
@_rule(rf"{_YEAR_EN}[ -]?h(?P<half>[12]){_E}")
@_rule(rf"(?:{_YEAR_ZH})?(?P<half>[上下])半年度?")
def _half(match: re.Match[str], today: date) -> _Atom | None:
    first = 1 if match["half"] in {"1", "上"} else 7
    return _part_of_year(match, today, partial(_months, first, 6))


@_rule(rf"(?:{_YEAR_ZH})前(?P<count>[二两三23])个?季度")
@_rule(r"前(?P<count>三|3)季度")
def _first_quarters(match: re.Match[str], today: date) -> _Atom | None:
    return _part_of_year(match, today, partial(_months, 1, _number(match["count"]) * 3))


@_rule(
    rf"(?:the )?(?P<which>first|last) {_COUNT} (?P<unit>months|quarters) (?:of|in) (?:the )?"
    rf"{_YEAR_EN}{_E}"
)
@_rule(rf"{_YEAR_ZH}(?P<which>前|最后|头){_COUNT_ZH}(?P<unit>个月|个季度)")
def _some_of_year(match: re.Match[str], today: date) -> _Atom | None:
    months = _number(match["count"]) * (1 if match["unit"] in {"months", "个月"} else 3)
    if not 0 < months <= 12:  # noqa: PLR2004
        return None
    first = 1 if match["which"] in {"first", "前", "头"} else 13 - months
    return _part_of_year(match, today, partial(_months, first, months))


@_rule(rf"(?:the )?(?:year |fiscal year |fiscal |fy ?|calendar year )?(?P<year>{_YEAR}){_E}")
@_rule(r"fy ?'?(?P<year>\d\d)(?!\d)")
@_rule(r"(?P<year>'\d\d)(?!\d)")
@_rule(
    r"(?P<year>(?:19|20)\d\d年|[一二][〇零一二三四五六七八九]{3}年|(?<![\d近])\d\d年)度?全?(?!前|后|内|以内)"
)
@_rule(r"(?P<year>(?:19|20)\d\d)财年")
def _year(match: re.Match[str], today: date) -> _Atom | None:
    year = _year_of(match["year"], today)
    if year is None or not YEAR_FIRST <= year <= YEAR_LAST:
        return None
    return _atom(match, _months(1, 12, year), year=year, bare=match[0].isdigit())


_OFFSETS = {"this": 0, "current": 0, "last": -1, "previous": -1, "prior": -1, "past": -1,
            "next": 1, "coming": 1}  # fmt: skip


@_rule(rf"{_THIS} {_UNIT}(?:'s)?(?: (?P<sofar>so far|to date))?{_E}")
@_rule(rf"(?P<sofar>so far|year to date) {_THIS} {_UNIT}{_E}")
def _this_unit(match: re.Match[str], _today: date) -> _Atom | None:
    unit = _UNITS[match["unit"]]
    offset = _OFFSETS[match["which"].removeprefix("the ")]
    return _atom(match, Relative(unit=unit, offset=offset, to_date=bool(_group(match, "sofar"))))


@_rule(r"(?:the )?(?P<unit>month|quarter|year|week) before last")
def _before_last(match: re.Match[str], _today: date) -> _Atom:
    return _atom(match, Relative(unit=_UNITS[match["unit"]], offset=-2))


@_rule(
    r"(?:over |in |within )?(?:the )?"
    r"(?P<which>last|past|previous|prior|trailing|rolling|latest|next|coming) "
    rf"{_COUNT} {_UNIT}{_E}"
)
@_rule(rf"(?P<which>最近|近|过去|前|未来|接下来|今后)的?{_COUNT_ZH}{_UNIT_ZH}(?:以?来|内|里)?")
def _some_units(match: re.Match[str], _today: date) -> _Atom | None:
    which, unit = match["which"], _UNITS[match["unit"].removeprefix("个").rstrip("s")]
    if match["unit"] == "季":
        return None
    count = _number(match["count"])
    if match["count"] == "半":
        unit, count = ("month", 6) if unit == "year" else ("day", 15)
    if not 0 < count <= 1000:  # noqa: PLR2004
        return None
    if which in {"next", "coming", "未来", "接下来", "今后"}:
        return _atom(match, Relative(unit=unit, offset=1, count=count))
    if unit == "day" or which in {"trailing", "rolling"}:
        return _atom(match, Relative(unit=unit, count=count, through_today=True))
    return _atom(match, Relative(unit=unit, offset=-count, count=count))


@_rule(r"(?:ttm|ltm|trailing twelve months|rolling year|past year(?! to))(?![a-z])")
@_rule(r"近一年|过去一年|最近一年")
def _trailing_year(match: re.Match[str], _today: date) -> _Atom:
    return _atom(match, Relative(unit="month", count=12, through_today=True))


@_rule(rf"(?:{_COUNT}|an?) {_UNIT} ago(?P<exactly> today)?{_E}")
@_rule(rf"{_COUNT_ZH}{_UNIT_ZH}(?:以前|之前|前)(?P<exactly>的?今天)?")
@_rule(r"(?P<count>半)(?P<unit>年)(?:以前|之前|前)(?P<exactly>的?今天)?")
def _ago(match: re.Match[str], today: date) -> _Atom:
    count = _number(match["count"]) if match["count"] else 1
    unit = _UNITS[match["unit"].removeprefix("个").rstrip("s")]
    months = count * _MONTHS_OF.get(unit, 0) or (6 if match["count"] == "半" else 0)
    days = count * (7 if unit == "week" else 1)
    point = add_months(today, -months) if months else add_days(today, -days)
    if match["exactly"] or match["count"] == "半":
        return _atom(match, AsOf(day=point))
    return _atom(match, Relative(unit=unit, offset=-count), point=point)


_MONTHS_OF: dict[Grain, int] = {
    "month": 1, "quarter": 3, "half": 6, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12,
}  # fmt: skip


@_rule(rf"(?:in|within) {_COUNT} (?P<unit>day|week|month)s?{_E}")
@_rule(rf"{_COUNT_ZH}(?P<unit>天|日|周|个?星期|个?月)(?:以?后|之后|内|以内)")
def _from_now(match: re.Match[str], today: date) -> _Atom:
    count, unit = _number(match["count"]), _UNITS[match["unit"].removeprefix("个")]
    there = (
        add_months(today, count)
        if unit == "month"
        else add_days(today, count * (7 if unit == "week" else 1))
    )
    return _atom(match, Range(start=there, end=there), ahead=Range(start=there, end=there))


# Stretches of time that have names of their own: unit, offset, up to today, and the names.
_NAMED: tuple[tuple[Grain, int, bool, str], ...] = (
    ("day", 0, False, "today|今天|今日|当天"),
    ("day", -1, False, "yesterday|昨天|昨日"),
    ("day", 1, False, "tomorrow|明天"),
    ("day", -2, False, "day before yesterday|the day before yesterday|前天"),
    ("day", 2, False, "day after tomorrow|the day after tomorrow|后天"),
    (
        "year", 0, True,
        ("ytd|year to date|year-to-date|since the beginning of the year|"
        "since the start of the year|so far this year|年初至今|今年以来|今年至今|"
        "今年到现在|年初以来"),
    ),
    (
        "month", 0, True,
        "mtd|month to date|month-to-date|so far this month|本月至今|本月以来",
    ),
    (
        "quarter", 0, True,
        "qtd|quarter to date|quarter-to-date|so far this quarter|本季度至今",
    ),
    ("year", 0, False, "the year|今年|本年|本年度|当年|今年度|今年全年"),
    ("month", 0, False, "the month|本月|这个月|这月|当月"),
    ("quarter", 0, False, "the quarter|本季|本季度|这个季度|这季度|当季"),
    ("week", 0, False, "the week|本周|这周|这个星期|这星期|本星期|这一周"),
    ("fiscal_year", 0, False, "this fiscal year|本财年"),
    ("fiscal_year", -1, False, "last fiscal year|上财年|上个财年"),
    ("fiscal_quarter", 0, False, "本财季|这个财季"),
    ("fiscal_quarter", -1, False, "上财季|上个财季|上一财季"),
    ("year", -3, False, "大前年"),
    ("day", 3, False, "大后天"),
    ("week", -1, False, "上周|上星期|上个星期|上一周|上个周"),
    ("week", -2, False, "上上周"),
    ("week", 1, False, "下周|下星期|下个星期"),
    ("month", -1, False, "上月|上个月|上一个月"),
    ("month", -2, False, "上上个月|上上月"),
    ("month", 1, False, "下月|下个月"),
    ("quarter", -1, False, "上季|上季度|上个季度|上一季度"),
    ("quarter", -2, False, "上上个季度"),
    ("quarter", 1, False, "下季度|下个季度|下一季度"),
    ("year", -1, False, "去年|去年度|上年|上年度|上一年|去年全年"),
    ("year", -2, False, "前年"),
    ("year", 1, False, "明年"),
)  # fmt: skip
_FIXED: dict[str, tuple[Grain, int, bool]] = {
    name: (unit, offset, to_date)
    for unit, offset, to_date, names in _NAMED
    for name in names.split("|")
}


@_rule("(?:" + "|".join(sorted(map(re.escape, _FIXED), key=len, reverse=True)) + rf")(?:'s)?{_E}")
def _fixed(match: re.Match[str], _today: date) -> _Atom:
    unit, offset, to_date = _FIXED[match[0].removesuffix("'s")]
    return _atom(match, Relative(unit=unit, offset=offset, to_date=to_date))


@_rule(rf"(?:(?P<which>last|this|next|on|coming|by) )?(?P<weekday>{_LONG_WEEKDAYS}){_E}")
@_rule(rf"(?P<which>last|this|next|on|by) (?P<weekday>{'|'.join(_WEEKDAYS)}){_E}")
def _weekday_en(match: re.Match[str], today: date) -> _Atom:
    number = next(
        n for n, pattern in enumerate(_WEEKDAYS) if re.fullmatch(pattern, match["weekday"])
    )
    return _weekday(match, today, number, _group(match, "which") or "")


@_rule(r"(?P<which>上上|上个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])")
def _weekday_zh(match: re.Match[str], today: date) -> _Atom:
    number = {"日": 6, "天": 6}.get(match["weekday"])
    number = "一二三四五六".index(match["weekday"]) if number is None else number
    which = (match["which"] or "").removesuffix("个")
    weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1}.get(which)
    if weeks is None:
        return _weekday(match, today, number, "")
    there = bucket_start(today, "week") + timedelta(days=7 * weeks + number)
    return _atom(match, Range(start=there, end=there))


def _weekday(match: re.Match[str], today: date, number: int, which: str) -> _Atom:
    back = (today.weekday() - number) % 7
    past = today - timedelta(days=back or (7 if which == "last" else 0))
    ahead = today + timedelta(days=(number - today.weekday()) % 7 or 7)
    if which == "next":
        ahead = bucket_start(today, "week") + timedelta(days=7 + number)
        return _atom(match, Range(start=ahead, end=ahead))
    return _atom(match, Range(start=past, end=past), ahead=Range(start=ahead, end=ahead))


# What joins them.

_BEFORE_RANGE = re.compile(r"(?:between|from|自|从|在)?\s?$")
_TO = re.compile(r"\s?(?:to|until|till|through|thru|-|~|到|至|and)\s?")
_AND = re.compile(r"\s?(?:and|&|和|与|及|\+)\s?")
_SINCE = (
    r"(?:ever since|since|from|starting(?: in| from)?|as from|自从|自|从)\s?"
    r"(?:the (?:start|beginning) of )?$"
)
_AS_OF = (
    r"(?:as of|as at|(?:at|by|on|as of) (?:the )?end of|(?:the )?end of|截至到?|截止到?)\s?"
    r"(?:the end of )?$"
)
_PREFIXES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("since", _SINCE),
        ("until", r"(?:until|till|through|up to(?: and including)?|up until)\s$"),
        ("before", r"(?:before|prior to|earlier than|早于)\s?$"),
        ("after", r"(?:after|later than|晚于)\s?$"),
        ("as_of", _AS_OF),
    )
)
_SUFFIXES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("since", r"\s?(?:以来|之?后?起|开始|onwards?|on(?= |$)(?! the)|and (?:later|after))"),
        ("until", r"\s?(?:为止|止)"),
        ("until_end", r"(?:底|末)(?:之前|以前|前)"),
        ("before", r"(?:之前|以前|前)"),
        ("after", r"(?:之后|以后)"),
        ("as_of", r"\s?(?:底|末|结束时|年底|年末|月底|月末|year[- ]end)"),
        ("so_far", r",? (?:so far|to date)|至今|到目前为止|到现在为止|到目前|到现在|截至目前"),
    )
)


def _joined(text: str, atoms: list[_Atom], today: date) -> Iterator[TimeSpan]:
    by_start = {atom.start: atom for atom in atoms}
    for atom in atoms:
        yield from _ranges(text, atom, by_start, today)
        yield from _opened(text, atom, today)


def _ranges(text: str, left: _Atom, by_start: dict[int, _Atom], today: date) -> Iterator[TimeSpan]:
    link = _TO.match(text, left.end)
    if link is None or (right := by_start.get(link.end())) is None:
        return
    lead = _BEFORE_RANGE.search(text[: left.start])
    words = (lead[0] if lead else "").strip()
    plain_and = link[0].strip() == "and"
    if plain_and and words != "between":
        joined = _adjacent(left, right, today)
        if joined is not None:
            yield TimeSpan(left.start, right.end, joined)
        return
    ahead = _ahead_of(left, right, today)
    left, right = _same_year(left, right, today)
    first, last = left.first(today), right.last(today)
    if first is None or last is None:
        return
    if first > last:
        if ahead is None:
            return
        # "From Monday to Wednesday", said on a Tuesday: only ahead do they follow each other.
        first, last = ahead.start, ahead.end
    start = left.start - (len(lead[0]) if lead and words else 0)
    unclear = left.unclear or right.unclear
    yield TimeSpan(start, right.end, Range(start=first, end=last), ahead, unclear=unclear)


def _ahead_of(left: _Atom, right: _Atom, today: date) -> Range | None:
    """Return from when to when somebody means who orders something; None if as for the past.

    The end is the first that does not come before the beginning: the same week's, or year's.
    """
    if left.ahead is None and right.ahead is None:
        return None
    first = _edge(left.ahead or left.period, today)[0]
    last = _edge(right.ahead or right.period, today)[1]
    if first is None or last is None:
        return None
    if last < first and right.at is not None and right.year is None:
        last = _edge(right.at(first.year), today)[1] or last
        if last < first:
            last = _edge(right.at(first.year + 1), today)[1] or last
    elif last < first and right.ahead is not None:
        last += timedelta(days=7 * -((last - first).days // 7))
    return Range(start=first, end=last) if first <= last else None


def _same_year(left: _Atom, right: _Atom, today: date) -> tuple[_Atom, _Atom]:
    if left.at and left.year is None and right.year is not None:
        left = replace(left, period=left.at(right.year))
        if (left.first(today) or today) > (right.last(today) or today) and left.at:
            left = replace(left, period=left.at((right.year or 1) - 1))
    elif right.at and right.year is None and left.year is not None:
        right = replace(right, period=right.at(left.year))
        if (left.first(today) or today) > (right.last(today) or today) and right.at:
            right = replace(right, period=right.at((left.year or 0) + 1))
    elif left.at and right.at and left.year is None:
        end = right.last(today) or today
        left = replace(left, period=left.at(end.year))
        if (left.first(today) or today) > end and left.at:
            left = replace(left, period=left.at(end.year - 1))
    return left, right


def _adjacent(left: _Atom, right: _Atom, today: date) -> Range | None:
    """Return "Q1 and Q2" as one stretch, where they follow each other; else they are two."""
    left, right = _same_year(left, right, today)
    first, middle = _edge(left.period, today)
    then, last = _edge(right.period, today)
    if None in (first, middle, then, last):
        return None
    assert middle is not None
    if middle + timedelta(days=1) != then or (left.at is None and left.year is not None):
        return None
    return Range(start=first, end=last)


def _opened(text: str, atom: _Atom, today: date) -> Iterator[TimeSpan]:
    before = text[max(0, atom.start - 40) : atom.start]
    for kind, pattern in _PREFIXES:
        match = pattern.search(before)
        if match and not before[: match.start()][-1:].isalpha() | (match[0] == ""):
            span = _turned(kind, atom, today)
            if span is not None:
                start = atom.start - len(match[0])
                tail = re.compile(r"(?:以来|起|开始| onwards?| on\b)?(?:的)?").match(text, atom.end)
                more = len(tail[0].rstrip("的")) if tail and kind == "since" else 0
                yield replace(span, start=start, end=atom.end + more)
    for kind, pattern in _SUFFIXES:
        match = pattern.match(text, atom.end)
        if match and not (
            kind == "before" and match[0] == "前" and not isinstance(atom.period, Range)
        ):
            span = _turned(kind, atom, today)
            if span is not None:
                yield replace(span, start=atom.start, end=match.end())


def _turned(kind: str, atom: _Atom, today: date) -> TimeSpan | None:
    first, last = _edge(atom.period, today)
    if first is None or last is None:
        return None
    period: Period
    ahead: Period | None = None
    if kind == "since":
        period = Range(start=first)
        ahead = atom.ahead and Range(start=_edge(atom.ahead, today)[0])
    elif kind == "until":
        period, ahead = Range(end=last), atom.ahead or atom.period
    elif kind == "until_end":
        whole = atom.ahead or atom.period
        end = _edge(whole, today)[1]
        period, ahead = Range(end=last), Range(start=end, end=end)
    elif kind == "before":
        start = date(first.year, 1, 1) if atom.of_year and first.month > 1 else None
        period, ahead = Range(start=start, end=add_days(first, -1)), atom.ahead or atom.period
    elif kind == "after":
        period = Range(start=add_days(last, 1))
    elif kind == "as_of":
        ahead = atom.ahead and AsOf(day=_edge(atom.ahead, today)[1])
        return TimeSpan(0, 0, AsOf(day=last), ahead, atom.unclear, atom.bare)
    else:
        begun = first <= today <= last
        period = Range(start=first, end=today) if begun else Range(start=first, end=last)
        if begun and atom.year is not None and atom.at is None:
            period = Relative(unit="year", to_date=True)
        elif isinstance(atom.period, Relative):
            period = atom.period.model_copy(update={"to_date": True})
    return TimeSpan(0, 0, period, ahead, atom.unclear, atom.bare)
