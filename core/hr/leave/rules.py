"""How days of leave are counted and credited; no database, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from core.hr.leave.tables import Accrual, CreditDay, RoundDays
from core.kernel.money import rounded
from core.kernel.months import add_months, month_end

MONTHS = 12
DECIMALS = 3
HALF = Decimal("0.5")
WORKING_WEEKDAYS = frozenset({1, 2, 3, 4, 5})
_WAYS = {
    RoundDays.NEAREST: ROUND_HALF_UP,
    RoundDays.UP: ROUND_CEILING,
    RoundDays.DOWN: ROUND_FLOOR,
}


@dataclass(frozen=True)
class Policy:
    """How many days people get in a year, and when they are credited."""

    annual: Decimal
    accrual: Accrual = Accrual.YEAR
    credited_on: CreditDay = CreditDay.FIRST
    round_to: Decimal | None = None
    round_way: RoundDays = RoundDays.NEAREST
    cap: Decimal | None = None
    max_carry: Decimal | None = None
    carried_months: int | None = None
    negative: Decimal = Decimal(0)
    encash_max: Decimal = Decimal(0)

    @property
    def most(self) -> Decimal:
        """What is credited in a year at most."""
        return self.annual if self.cap is None else self.cap


@dataclass(frozen=True)
class Credit:
    """Days that are due on a day, for a period."""

    period: str
    day: date
    days: Decimal


@dataclass(frozen=True)
class Stretch:
    """From a day, or its noon, to a day, or its noon."""

    starts_on: date
    ends_on: date
    starts_at_noon: bool = False
    ends_at_noon: bool = False

    def said(self) -> tuple[str, str]:
        """Write both edges."""
        first, last = self.starts_on.isoformat(), self.ends_on.isoformat()
        noon = " 12:00"
        return (
            first + noon if self.starts_at_noon else first,
            last + noon if self.ends_at_noon else last,
        )


def credits_due(
    policy: Policy, *, joined: date, left: date | None, year: int, until: date
) -> list[Credit]:
    """Return what is credited for a year by a day, oldest first, never above the most of a year.

    Who comes or goes within a period gets the share of it that they work here.
    """
    due: list[Credit] = []
    so_far = Decimal(0)
    for period, first, last in _periods(policy, year):
        share = _share(first, last, joined, left)
        if not share:
            continue
        day = last if policy.credited_on is CreditDay.LAST else max(first, joined)
        if day > until:
            break
        whole = policy.annual / (MONTHS if policy.accrual is Accrual.MONTH else 1)
        # Who is here for a part of a period gets that part to the decimal, not the next whole day.
        days = stepped(whole, policy) if share == 1 else rounded(whole * share, DECIMALS)
        days = min(days, policy.most - so_far)
        if days > 0:
            so_far += days
            due.append(Credit(period, day, days))
    return due


def _periods(policy: Policy, year: int) -> Iterable[tuple[str, date, date]]:
    if policy.accrual is Accrual.YEAR:
        yield str(year), date(year, 1, 1), date(year, 12, 31)
        return
    for month in range(1, MONTHS + 1):
        first = date(year, month, 1)
        yield f"{year}-{month:02d}", first, month_end(first)


def _share(first: date, last: date, joined: date, left: date | None) -> Decimal:
    come, gone = max(first, joined), min(last, left or last)
    if come > gone:
        return Decimal(0)
    return Decimal((gone - come).days + 1) / ((last - first).days + 1)


def stepped(days: Decimal, policy: Policy) -> Decimal:
    """Round days to the step of a policy, or to three decimals where it has none."""
    if policy.round_to is None:
        return rounded(days, DECIMALS)
    steps = (days / policy.round_to).quantize(Decimal(1), _WAYS[policy.round_way])
    return steps * policy.round_to


def carried(unused: Decimal, policy: Policy) -> Decimal:
    """Return what of the days left goes on into the next year; what is owed goes on whole."""
    return unused if policy.max_carry is None else min(unused, policy.max_carry)


def lapsed(carried_days: Decimal, used: Decimal) -> Decimal:
    """Return what lapses of carried days of which some were used; they are used first."""
    return max(carried_days - used, Decimal(0))


def weights(first: date, last: date, special: Mapping[date, Decimal]) -> list[tuple[date, Decimal]]:
    """Return the days from one to another that are worked, each with how much of it is."""
    found = []
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        usual = Decimal(1) if day.isoweekday() in WORKING_WEEKDAYS else Decimal(0)
        weight = special.get(day, usual)
        if weight:
            found.append((day, weight))
    return found


def leave_days(away: Stretch, special: Mapping[date, Decimal]) -> list[tuple[date, Decimal]]:
    """Return the days that somebody is away, each with how much of it they would have worked."""
    first, last = away.starts_on, away.ends_on
    halves = {first: away.starts_at_noon, last: away.ends_at_noon}
    if first == last:
        halves = {first: away.starts_at_noon or away.ends_at_noon}
    return [
        (day, min(weight, HALF) if halves.get(day) else weight)
        for day, weight in weights(first, last, special)
    ]


def by_month(days: Iterable[tuple[date, Decimal]]) -> list[tuple[date, Decimal]]:
    """Add days up by month; each month stands under the first of them."""
    months: dict[tuple[int, int], tuple[date, Decimal]] = {}
    for day, weight in days:
        key = (day.year, day.month)
        first, so_far = months.get(key, (day, Decimal(0)))
        months[key] = (first, so_far + weight)
    return list(months.values())


def months_after(day: date, months: int) -> date:
    """Return the last day of some months that begin with a day."""
    return add_months(day, months) - timedelta(days=1)
