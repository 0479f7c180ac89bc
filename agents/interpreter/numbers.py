"""Numbers as people write them, in English and Chinese, always exact.

A number knows whether it is a percentage, an amount of money or only about right; who acts on
it decides what that allows.
"""

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Number:
    """A number, what it counts if the words say so, and whether it is only approximate."""

    value: Decimal
    percent: bool = False
    currency: str | None = None
    approximate: bool = False
    # A factor rather than a count: 八折 is 0.8 of the price, "half".
    factor: bool = False


@dataclass(frozen=True)
class NumberSpan:
    """A number and its place in the plain text."""

    start: int
    end: int
    number: Number


_MAGNITUDES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "millions": 6, "bn": 9,
    "billion": 9, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "百": 2,
}  # fmt: skip
_CURRENCIES = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "美元": "USD", "us$": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "£": "GBP",
    "gbp": "GBP", "pounds": "GBP", "英镑": "GBP", "¥": "CNY", "cny": "CNY", "rmb": "CNY",
    "人民币": "CNY", "chf": "CHF", "jpy": "JPY", "日元": "JPY",
    # Money of whatever the company counts in.
    "元": "", "块": "", "块钱": "",
}  # fmt: skip
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_DIGITS = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9,
}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000}

_ALTERNATIVES = "|".join
_DIGITAL = r"\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+"
_MAGNITUDE = (
    r"(?:\s?(?:thousand|millions?|mn|mio|billion|bn|k|m)(?![a-z\d])"
    r"|\s?(?:十万|百万|千万|百|千|万|亿))"
)
_MONEY_BEFORE = r"us\$|[$€£¥]|(?<![a-z])(?:usd|eur|gbp|cny|rmb|chf|jpy)"
_MONEY_AFTER = (
    r"[€$£]|(?:usd|eur|euros?|dollars?|gbp|pounds|cny|rmb|chf|jpy)(?![a-z])"
    r"|美元|欧元|英镑|日元|人民币|块钱|块|元"
)
_ABOUT = (
    r"(?:about|around|roughly|approximately|approx\.?|circa|some|~)\s?|大概|大约|约|左右|差不多"
)
_OR_SO = r"\s?(?:or so|ish)(?![a-z])|(?:多|来|几)?(?:左右|上下)|\s?-ish"
_ENGLISH = (
    r"(?:a (?=hundred|thousand|million|billion))?"
    rf"(?:(?:{_ALTERNATIVES(sorted(_WORDS, key=len, reverse=True))})(?:-| and | )?"
    rf"|hundred(?: and)?(?: |-)?|thousand(?: and)? ?|million ?|billion ?)+"
)
_CHINESE = r"(?!一[下共些起直定样般])[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"

_NUMBER = re.compile(
    rf"(?P<about>{_ABOUT})?\s?(?P<before>{_MONEY_BEFORE})?\s?"
    rf"(?P<minus>(?<![\w)])-\s?|负|(?:minus|negative)\s)?"
    rf"(?:百分之(?P<hundredths>\d+(?:\.\d+)?|{_CHINESE})"
    rf"|(?<![a-z\d.])(?P<digits>{_DIGITAL})(?P<magnitude>{_MAGNITUDE}(?:\s?(?:万|亿))?)?(?P<rest>\d{{1,4}}万)?"
    rf"|(?P<dozen>(?<![a-z])(?:half a dozen|half dozen|a dozen|(?:\w+ )?dozens?)(?![a-z]))"
    rf"|(?P<halfof>(?<![a-z])half a (?:million|thousand|billion)(?![a-z]))"
    rf"|(?<![a-z])(?P<english>{_ENGLISH})(?<![ -])(?![a-z])"
    rf"|(?P<chinese>{_CHINESE}|几[十百千万]|十几))"
    rf"(?P<more>多|几|余)?"
    rf"(?P<percent>\s?%|\s?percent(?![a-z])|\s?pct(?![a-z])|成(?!本)|折)?"
    rf"(?:\s?(?P<after>{_MONEY_AFTER}))?(?P<orso>{_OR_SO})?"
)
_VAGUE = re.compile(r"([一二两三四五六七八九])([二两三四五六七八九])(?=[十百千万])|几")


def currency_named(text: str) -> str | None:
    """Return the code of a currency by what people call it."""
    return _CURRENCIES.get(text.strip().lower()) or None


def scan_numbers(text: str) -> list[NumberSpan]:
    """Find the numbers of a plain text, from left to right, without overlaps."""
    found: list[NumberSpan] = []
    place = 0
    while match := _NUMBER.search(text, place):
        place = max(match.end(), place + 1)
        number = _read(match)
        if number is None:
            continue
        end = match.end()
        start = match.start() + (len(match[0]) - len(match[0].lstrip()))
        while end > start and text[end - 1] == " ":
            end -= 1
        found.append(NumberSpan(start, end, number))
    return found


def _read(match: re.Match[str]) -> Number | None:
    value, vague = _value(match)
    if value is None:
        return None
    sign = -1 if match["minus"] else 1
    mark = (match["percent"] or "").strip()
    percent, factor = bool(mark) or bool(match["hundredths"]), False
    if mark == "成":
        value *= 10
    if mark == "折":
        # 八折: one pays eight tenths; 八五折: 85 hundredths.
        value, factor = (value * 10 if value < 10 else value), True  # noqa: PLR2004
    before, after = match["before"], match["after"]
    currency = _CURRENCIES.get((before or after or "").strip()) if before or after else None
    about = bool(match["about"] or match["orso"] or match["more"] or vague)
    return Number(sign * value, percent, currency, about, factor)


def _value(match: re.Match[str]) -> tuple[Decimal | None, bool]:
    if match["hundredths"]:
        written = match["hundredths"]
        return (
            Decimal(written) if written[0].isdigit() and written.isascii() else _chinese(written)
        ), False
    if match["digits"]:
        value = Decimal(re.sub(r"[,'’]", "", match["digits"]))
        for word in re.findall(r"[a-z]+|十万|百万|千万|百|千|万|亿", match["magnitude"] or ""):
            value *= 10 ** Decimal(_MAGNITUDES[word])
        if match["rest"]:
            value += Decimal(match["rest"][:-1]) * 10_000
        return value, False
    if match["dozen"]:
        words = match["dozen"].split()
        if words[0] == "half":
            return Decimal(6), False
        count = _WORDS.get(words[0], 1 if words[0] in {"a", "dozen"} else None)
        if len(words) > 1 and words[0].isdigit():
            count = int(words[0])
        return (None if count is None else Decimal(12 * count)), words[-1] == words[0] == "dozens"
    if match["halfof"]:
        return Decimal(10) ** _MAGNITUDES[match["halfof"].split()[-1]] / 2, False
    if match["english"]:
        return _english(match["english"]), False
    written = match["chinese"]
    vague = bool(_VAGUE.search(written))
    return _chinese(_VAGUE.sub(lambda m: m[1] or "三", written)), vague


def _english(words: str) -> Decimal | None:
    total, group, any_seen = Decimal(0), Decimal(0), False
    for word in re.findall(r"[a-z]+", words):
        if word in {"and", "a"}:
            continue
        any_seen = True
        if word in _WORDS:
            group += _WORDS[word]
        elif word == "hundred":
            group = (group or Decimal(1)) * 100
        else:
            total += (group or Decimal(1)) * Decimal(10) ** _MAGNITUDES[word]
            group = Decimal(0)
    return total + group if any_seen else None


def _chinese(written: str) -> Decimal | None:
    whole, _, decimals = written.partition("点")
    value = _chinese_whole(whole)
    if value is None:
        return None
    if decimals:
        value += Decimal("0." + "".join(str(_DIGITS[sign]) for sign in decimals))
    return value


def _chinese_whole(written: str) -> Decimal | None:
    if all(sign in _DIGITS for sign in written):
        # 二〇二六: digits in a row.
        return Decimal("".join(str(_DIGITS[sign]) for sign in written))
    total, section, digit = Decimal(0), Decimal(0), Decimal(0)
    last_unit = 1
    for sign in written:
        if sign in _DIGITS:
            digit = Decimal(_DIGITS[sign])
            last_unit = 1 if sign == "零" else last_unit
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            last_unit, digit = _TENS[sign], Decimal(0)
        else:
            unit = Decimal(10_000 if sign == "万" else 100_000_000)
            if sign == "亿":
                total = (total + section + digit or Decimal(1)) * unit
            else:
                total += (section + digit or Decimal(1)) * unit
            last_unit, section, digit = int(unit), Decimal(0), Decimal(0)
    # 三百五 is 350, 一万二 is 12,000.
    return total + section + digit * (last_unit // 10 if last_unit >= 100 else 1)  # noqa: PLR2004
