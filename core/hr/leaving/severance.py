"""What somebody is due who leaves after years of service; no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from core.hr.employment.errors import EndsBeforeStart
from core.kernel.money import Money, Rounding, rounded

DAYS_OF_A_YEAR = 365


class YearsCounted(StrEnum):
    """How years of service are counted."""

    COMPLETED = "completed"
    ROUNDED = "rounded"
    EXACT = "exact"


class SlabsCounted(StrEnum):
    """Whether the slab that the years end in counts for all of them, or each for its own."""

    LAST = "last_slab"
    EACH = "each_slab"


@dataclass(frozen=True)
class Slab:
    """From more than some years up to others: which share of a month's pay each of them is due."""

    from_years: Decimal
    to_years: Decimal | None
    share: Decimal


def years_of_service(
    joined: date,
    left: date,
    *,
    counted: YearsCounted = YearsCounted.COMPLETED,
    days_of_a_year: int = DAYS_OF_A_YEAR,
) -> Decimal:
    """Return for how many years somebody worked here, both days included."""
    if left < joined:
        raise EndsBeforeStart(starts_on=joined, ends_on=left)
    years = Decimal((left - joined).days + 1) / days_of_a_year
    if counted is YearsCounted.EXACT:
        return years
    if counted is YearsCounted.ROUNDED:
        return rounded(years, 0)
    return years.to_integral_value(ROUND_FLOOR)


def end_of_service(
    pay: Money,
    years: Decimal,
    slabs: Sequence[Slab],
    *,
    counted: SlabsCounted = SlabsCounted.LAST,
    mode: Rounding = Rounding.HALF_UP,
) -> Money:
    """Return what the years of service are worth by the pay of a month, rounded once."""
    if counted is SlabsCounted.LAST:
        fits = [
            slab
            for slab in slabs
            if slab.from_years <= years and (slab.to_years is None or years < slab.to_years)
        ]
        months = years * fits[-1].share if fits else Decimal(0)
    else:
        months = sum(
            (
                slab.share * (min(years, slab.to_years or years) - slab.from_years)
                for slab in slabs
                if years > slab.from_years
            ),
            Decimal(0),
        )
    return Money.rounding(pay.amount * months, pay.currency, mode)
