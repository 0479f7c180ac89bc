"""How many points a lead has, and what for: the same facts give the same points every time."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.crm.sources import LeadSource
from core.kernel.errors import Both
from core.parties.contacts import mail_domain


@dataclass(frozen=True)
class LeadFacts:
    """What is known of a lead, as far as it says how promising it is."""

    contact_name: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    country: str | None
    source: LeadSource
    interest: str | None
    budget_minor: int | None
    # Whether a customer of ours has the same mail domain.
    is_known: bool = False


@dataclass(frozen=True)
class Points:
    """Some points, and what they are for."""

    points: int
    because: Both


_SOURCES = {
    LeadSource.REFERRAL: 20, LeadSource.PARTNER: 15, LeadSource.TRADE_FAIR: 12,
    LeadSource.CALL: 10, LeadSource.WEB: 8, LeadSource.CAMPAIGN: 6, LeadSource.EMAIL: 5,
    LeadSource.OTHER: 0,
}  # fmt: skip
_DECIDERS = (
    "ceo", "cfo", "coo", "cto", "owner", "founder", "director", "head", "chief", "president",
    "geschäftsführer", "总经理", "经理", "总监", "老板", "主管", "董事", "负责人",
)  # fmt: skip
SCORE_MAX = 100


def score(facts: LeadFacts) -> list[Points]:
    """Return the points of a lead and what each are for; together no more than a hundred."""
    given: list[tuple[int, str, str]] = [
        (_SOURCES[facts.source], f"source {facts.source}", f"来源 {facts.source}"),
    ]
    if mail_domain(facts.email):
        given.append((20, "mail address of a company", "企业邮箱"))
    elif facts.email:
        given.append((5, "mail address", "邮箱"))
    if facts.phone:
        given.append((10, "phone number", "电话"))
    if facts.contact_name:
        given.append((5, "contact by name", "有联系人"))
    title = (facts.job_title or "").lower()
    if any(word in title for word in _DECIDERS):
        given.append((15, "decides", "决策人"))
    if facts.interest:
        given.append((10, "says what it wants", "说明了需求"))
    if facts.budget_minor:
        given.append((15, "has a budget", "有预算"))
    if facts.country:
        given.append((3, "country known", "已知国家"))
    if facts.is_known:
        given.append((20, "same company as a customer", "与现有客户同一公司"))
    left, told = SCORE_MAX, []
    for points, en, zh in given:
        if taken := min(points, left):
            told.append(Points(taken, Both(en, zh)))
            left -= taken
    return told


def total(points: Sequence[Points]) -> int:
    """Add the points up."""
    return sum(each.points for each in points)
