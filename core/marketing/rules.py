"""Arithmetic of marketing: who is in a segment and why, what a text says, whose click it was."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from core.kernel.money import Money, rounded
from core.parties.contacts import Purpose

# What a customer is worth is what it ordered in the last year, before tax.
WORTH_DAYS = 365
# Who follows all links at once, or the only one right after the mail, is a program.
BURST_SECONDS, TOO_SOON_SECONDS = 5, 10
CLICKS_MAX = 50

Reason = tuple[str, str]


class RfmClass(StrEnum):
    """Customers by how lately, how often and for how much they order."""

    CHAMPION = "champion"
    LOYAL = "loyal"
    RECENT = "recent"
    STEADY = "steady"
    AT_RISK = "at_risk"
    LOST = "lost"


@dataclass(frozen=True)
class Criteria:
    """Which customers: all that is said has to be true of somebody."""

    country: str | None = None
    group: str | None = None
    territory: str | None = None
    # Ordered within the last so many days.
    ordered_days: int | None = None
    # Has ordered, but not within the last so many days.
    quiet_days: int | None = None
    # Ordered for more than this in a year, in the company's currency.
    revenue_over_minor: int | None = None
    rfm: RfmClass | None = None
    consent: Purpose | None = None
    open_opportunity: bool = False
    open_ticket: bool = False

    @property
    def asks_something(self) -> bool:
        """Tell whether it is not simply everybody."""
        return any(getattr(self, one.name) not in {None, False} for one in fields(self))


@dataclass(frozen=True)
class Facts:
    """What is known of a customer at the moment that a segment is asked."""

    country: str | None = None
    group: str | None = None
    territory: str | None = None
    last_ordered_on: date | None = None
    orders: int = 0
    worth: Money | None = None
    rfm: RfmClass | None = None
    consents: frozenset[Purpose] = frozenset()
    opportunities: int = 0
    tickets: int = 0


def reasons(wanted: Criteria, known: Facts, today: date) -> tuple[Reason, ...] | None:
    """Return why somebody is in a segment, in both languages; None for who is not."""
    found: list[Reason] = []
    for check in (_of_place, _of_orders, _of_worth, _of_dealings):
        told = check(wanted, known, today)
        if told is None:
            return None
        found += told
    return tuple(found) or (("every customer", "全部客户"),)


def _of_place(wanted: Criteria, known: Facts, _today: date) -> list[Reason] | None:
    found: list[Reason] = []
    for asked, is_so, name, name_zh in (
        (wanted.country, known.country, "country", "国家"),
        (wanted.group, known.group, "group", "分组"),
        (wanted.territory, known.territory, "territory", "地区"),
    ):
        if asked is None:
            continue
        if is_so is None or asked.casefold() != is_so.casefold():
            return None
        found.append((f"{name} {is_so}", f"{name_zh}为{is_so}"))
    return found


def _of_orders(wanted: Criteria, known: Facts, today: date) -> list[Reason] | None:
    found: list[Reason] = []
    last = known.last_ordered_on
    said = (f"last ordered on {last}", f"最近下单于 {last}")
    if wanted.ordered_days is not None:
        if last is None or last < today - timedelta(days=wanted.ordered_days):
            return None
        found.append(said)
    if wanted.quiet_days is not None:
        if last is None or last >= today - timedelta(days=wanted.quiet_days):
            return None
        found.append(said)
    return list(dict.fromkeys(found))


def _of_worth(wanted: Criteria, known: Facts, _today: date) -> list[Reason] | None:
    found: list[Reason] = []
    if wanted.revenue_over_minor is not None:
        worth = known.worth
        if worth is None or worth.minor <= wanted.revenue_over_minor:
            return None
        found.append((f"ordered for {worth} in a year", f"一年内订购 {worth}"))
    if wanted.rfm is not None:
        if known.rfm is not wanted.rfm:
            return None
        found.append((f"RFM class {wanted.rfm}", f"RFM 类别 {wanted.rfm}"))
    return found


def _of_dealings(wanted: Criteria, known: Facts, _today: date) -> list[Reason] | None:
    found: list[Reason] = []
    if wanted.consent is not None:
        if wanted.consent not in known.consents:
            return None
        found.append((f"agreed to {wanted.consent}", f"同意接收 {wanted.consent}"))
    if wanted.open_opportunity:
        if not known.opportunities:
            return None
        found.append(
            (f"{known.opportunities} open opportunities", f"未结商机 {known.opportunities} 个")
        )
    if wanted.open_ticket:
        if not known.tickets:
            return None
        found.append((f"{known.tickets} open tickets", f"未结工单 {known.tickets} 个"))
    return found


@dataclass(frozen=True)
class Buying:
    """How lately, how often and for how much somebody ordered in a year."""

    last_on: date
    orders: int
    minor: int


def fifths(values: Sequence[int]) -> list[int]:
    """Return 1 to 5 for each: 5 for the best fifth; equal values get equal points.

    The points of one are one more than five times the share of those that are less.
    """
    order = sorted(values)
    below: dict[int, int] = {}
    for place, value in enumerate(order):
        below.setdefault(value, place)
    return [1 + 5 * below[value] // len(order) for value in values]


def rfm_classes(buying: Mapping[uuid.UUID, Buying]) -> dict[uuid.UUID, RfmClass]:
    """Return the class of each who ever ordered, measured against all the others."""
    if not buying:
        return {}
    every = list(buying.values())
    points = zip(
        fifths([one.last_on.toordinal() for one in every]),
        fifths([one.orders for one in every]),
        fifths([one.minor for one in every]),
        strict=True,
    )
    return {key: rfm_class(*three) for key, three in zip(buying, points, strict=True)}


def rfm_class(recency: int, frequency: int, monetary: int) -> RfmClass:
    """Return the class that three points between 1 and 5 make; the first rule that fits counts."""
    high, middle = 4, 3
    if recency >= high and frequency >= high and monetary >= high:
        return RfmClass.CHAMPION
    if recency >= middle and frequency >= middle:
        return RfmClass.LOYAL
    if recency >= high:
        return RfmClass.RECENT
    if recency >= middle:
        return RfmClass.STEADY
    return RfmClass.AT_RISK if frequency >= middle or monetary >= high else RfmClass.LOST


# What may stand in braces in a text: who is written to, their customer, us, today, who sells.
FIELDS = ("name", "customer", "company", "day", "salesperson")
_FIELD = re.compile(r"\{([^{}]*)\}")
_LINK = re.compile(r"https?://[^\s<>\"'{}，。；、！？）]+")
_TRAILING = ".,;:!?)]"


def unknown_fields(text: str) -> list[str]:
    """Return what stands in braces and is no field of ours."""
    return sorted({each for each in _FIELD.findall(text) if each not in FIELDS})


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Put values into a text; each is put in as it is, never read as a template."""
    return _FIELD.sub(lambda match: values.get(match[1], ""), text)


def links_of(text: str) -> list[str]:
    """Return the addresses that a text leads to, each once, in their order."""
    found = (match[0].rstrip(_TRAILING) for match in _LINK.finditer(text))
    return list(dict.fromkeys(found))


def with_links(text: str, replaced: Mapping[str, str]) -> str:
    """Put other addresses in the place of those that a text leads to."""

    def other(match: re.Match[str]) -> str:
        link = match[0].rstrip(_TRAILING)
        return replaced.get(link, link) + match[0][len(link) :]

    return _LINK.sub(other, text)


@dataclass(frozen=True)
class Click:
    """That a link was followed."""

    link: int
    at: datetime
    is_head: bool


def counted(clicks: Sequence[Click], sent_at: datetime) -> list[bool]:
    """Tell of each click whether a person seems to have made it.

    Programs that look for dangers ask without wanting the page (HEAD), follow a link within
    seconds of the mail, or follow two links within seconds; none of that counts.
    """
    burst = timedelta(seconds=BURST_SECONDS)
    soon = sent_at + timedelta(seconds=TOO_SOON_SECONDS)
    return [
        not one.is_head
        and one.at >= soon
        and not any(other.link != one.link and abs(other.at - one.at) <= burst for other in clicks)
        for one in clicks
    ]


class Touch(StrEnum):
    """Which of several campaigns an order counts for."""

    FIRST = "first_touch"
    LAST = "last_touch"


@dataclass(frozen=True)
class Touched:
    """That a campaign wrote to a customer."""

    campaign: uuid.UUID
    account: uuid.UUID
    on: date
    window_days: int


@dataclass(frozen=True)
class Gained:
    """An order or opportunity of a customer."""

    account: uuid.UUID
    on: date
    minor: int


def attributed(
    gained: Iterable[Gained], touches: Iterable[Touched], by: Touch
) -> dict[uuid.UUID, list[Gained]]:
    """Give each order to one campaign: the first or the last that wrote to its customer before it.

    Only a campaign whose window the order lies in counts: from the day it wrote to the customer
    until so many days later, both included. Of two on one day, the one named later counts as last.
    """
    told: dict[uuid.UUID, list[Touched]] = {}
    for touch in touches:
        told.setdefault(touch.account, []).append(touch)
    for those in told.values():
        those.sort(key=lambda touch: touch.on)
    found: dict[uuid.UUID, list[Gained]] = {}
    for one in gained:
        within = [
            touch
            for touch in told.get(one.account, ())
            if touch.on <= one.on <= touch.on + timedelta(days=touch.window_days)
        ]
        if within:
            chosen = within[0 if by is Touch.FIRST else -1]
            found.setdefault(chosen.campaign, []).append(one)
    return found


def percent_of(part: int, whole: int) -> Decimal | None:
    """Return a part as a percentage of a whole, or None of nothing."""
    return None if not whole else rounded(Decimal(100 * part) / Decimal(whole), 2)
