"""What timesheets refuse."""

from core.kernel.errors import DomainError


class NoHours(DomainError):
    """Hours are above nothing and up to 24, not {hours}."""

    zh = "工时须大于零且不超过 24 小时，不能是 {hours}。"


class TimeOverlaps(DomainError):
    """{who} worked on {what} from {start} to {end} already ({entry}); hours cannot overlap."""

    zh = "{who} 在 {start} 至 {end} 已登记“{what}”的工时（{entry}）；时间不能重叠。"


class DayTooLong(DomainError):
    """{who} would have worked {hours} hours on {day}; a day has 24."""

    zh = "{who} 在 {day} 的工时合计将为 {hours} 小时；一天只有 24 小时。"


class WorkedInFuture(DomainError):
    """Nobody can have worked on {day}: today is {today}."""

    zh = "{day} 晚于今天（{today}），不能登记工时。"


class UnknownTime(DomainError):
    """There is no time entry {number}."""

    zh = "没有工时记录 {number}。"


class TimeBilled(DomainError):
    """{entries} was billed with {invoice} already; credit that invoice to bill it anew."""

    zh = "{entries} 已由 {invoice} 开票；如需重新开票，请先冲销该发票。"
