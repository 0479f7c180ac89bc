"""What time refuses."""

from core.kernel.errors import DomainError


class HereAlready(DomainError):
    """{employee} is checked in since {since}; check out first."""

    zh = "{employee} 已于 {since} 签到；请先签退。"


class NotHere(DomainError):
    """{employee} is not checked in."""

    zh = "{employee} 尚未签到。"


class NotTheirTime(DomainError):
    """Time is logged by oneself, or by human resources."""

    zh = "工时由本人或人力资源部登记。"


class ShiftsOverlap(DomainError):
    """{employee} has a shift from {starts_on} to {ends_on} already."""

    zh = "{employee} 在 {starts_on} 至 {ends_on} 已有班次。"


class ShiftExists(DomainError):
    """There already is a shift {code}; choose another code."""

    zh = "已有班次 {code}；请换一个代码。"
