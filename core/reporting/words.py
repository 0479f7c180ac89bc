"""How figures, periods and buckets are written for people, in both languages."""

from datetime import date
from decimal import Decimal

from core.kernel.errors import Language
from core.kernel.money import digits_of, plain, rounded
from core.kernel.semantics import Unit
from core.reporting.periods import Grain, Span, bucket_end, bucket_start, is_month_end

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written(value: Decimal | None, unit: Unit | None, sign: str, undefined: str = "n/a") -> str:
    """Write a figure: 43,622,479.05 USD, 12.34 %, 1,204, 35.2 days."""
    if value is None:
        return undefined
    if unit is Unit.MONEY:
        digits = digits_of(sign)
        return f"{rounded(value, digits):,.{digits}f} {sign}"
    if unit is Unit.PERCENT:
        return f"{rounded(value, 2):,.2f} {sign or '%'}"
    if unit is Unit.DAYS:
        return f"{rounded(value, 1):,.1f}"
    whole, dot, decimals = plain(value).partition(".")
    return f"{Decimal(whole):,}{dot}{decimals}"


def day_said(day: date, language: Language) -> str:
    """Write a day: 1 Jul 2026, 2026年7月1日."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def bucket_said(start: date, grain: Grain) -> str:
    """Write a bucket the same way everywhere: 2013-05, 2013-Q2, 2013-H1, 2013, 2013-05-06."""
    if grain in {"day", "week"}:
        return start.isoformat()
    if grain in {"month", "fiscal_month"}:
        return f"{start.year}-{start.month:02d}"
    if grain in {"quarter", "fiscal_quarter"}:
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if grain == "half":
        return f"{start.year}-H{1 if start.month == 1 else 2}"
    return str(start.year)


def span_said(span: Span, language: Language) -> str:
    """Write a span as briefly as it can be said: 2013, Q3 2026, May 2014, 1 Jul – 30 Sep 2026."""
    start, end = span.start, span.end
    zh = language == "zh"
    if start is None and end is None:
        return "全部日期" if zh else "all dates"
    if start is None:
        assert end is not None, "one side is there"
        return f"截至{day_said(end, language)}" if zh else f"up to {day_said(end, language)}"
    if end is None:
        return f"自{day_said(start, language)}起" if zh else f"from {day_said(start, language)}"
    if start == end:
        return day_said(start, language)
    whole = _whole(start, end, language)
    if whole is not None:
        return whole
    if zh:
        return f"{day_said(start, language)}至{day_said(end, language)}"
    first = f"{start.day} {MONTHS[start.month - 1]}"
    if start.year != end.year:
        first += f" {start.year}"
    return f"{first} – {day_said(end, language)}"


def _whole(start: date, end: date, language: Language) -> str | None:
    if not is_month_end(end):
        return None
    names: tuple[tuple[Grain, str, str], ...] = (
        ("year", "{y}", "{y}年"),
        ("half", "H{h} {y}", "{y}年{half}半年"),
        ("quarter", "Q{q} {y}", "{y}年第{q}季度"),
        ("month", "{m} {y}", "{y}年{n}月"),
    )
    for grain, en, zh in names:
        if bucket_start(start, grain) == start and bucket_end(start, grain) == end:
            first = start.month == 1
            return (zh if language == "zh" else en).format(
                y=start.year,
                h=1 if first else 2,
                half="上" if first else "下",
                q=(start.month + 2) // 3,
                m=MONTHS[start.month - 1],
                n=start.month,
            )
    return None
