"""Says cadences and conditions in both languages."""

from core.kernel.semantics import Said, Unit
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from core.reporting.readback import read_back
from core.reporting.saved.asked import Condition
from core.reporting.saved.rules import Cadence
from core.reporting.saved.tables import Every

_WEEKDAYS = (
    ("Monday", "一"), ("Tuesday", "二"), ("Wednesday", "三"), ("Thursday", "四"),
    ("Friday", "五"), ("Saturday", "六"), ("Sunday", "日"),
)  # fmt: skip
_DAYS = {
    Every.DAY: Said("every day", "每天"),
    Every.WORKDAY: Said("every working day", "每个工作日"),
    Every.FIRST_WORKDAY: Said("on the first working day of the month", "每月第一个工作日"),
    Every.LAST_WORKDAY: Said("on the last working day of the month", "每月最后一个工作日"),
}
_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_ON = {
    "value": Said("", ""),
    "delta": Said("change ", "变化额"),
    "growth": Said("change in percent ", "变化率"),
}


def cadence_said(cadence: Cadence, zone: str) -> Said:
    """Say when something is due: every Monday at 08:00 (Europe/Berlin)."""
    if cadence.every is Every.WEEK:
        en, zh = _WEEKDAYS[(cadence.on or 1) - 1]
        days = Said(f"every {en}", f"每周{zh}")
    elif cadence.every is Every.MONTH:
        last = cadence.on == 31  # noqa: PLR2004
        days = Said(
            "on the last day of the month" if last else f"on day {cadence.on} of the month",
            "每月最后一天" if last else f"每月{cadence.on}日",
        )
    else:
        days = _DAYS[cadence.every]
    at = f"{cadence.at:%H:%M}"
    return Said(f"{days.en} at {at} ({zone})", f"{days.zh} {at}（{zone}）")


def condition_said(condition: Condition, query: ReportQuery, sign: str = "") -> Said:
    """Say when an alert speaks: overdue receivables, customer = Acme: > 50,000 EUR."""
    metric = CATALOGUE.metrics[query.metrics[0]]
    counted = "%" if condition.on == "growth" or metric.unit is Unit.PERCENT else sign
    limit = f"{_SIGNS[condition.op]} {condition.threshold:,f} {counted}".strip()
    way, asked, on = "±" if condition.either_way else "", read_back(query), _ON[condition.on]
    return Said(f"{asked.en}: {on.en}{way}{limit}", f"{asked.zh}：{on.zh}{way}{limit}")
