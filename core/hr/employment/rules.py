"""What employment allows; no database, no clock."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from core.hr.employment import errors
from core.hr.employment.tables import Contract, PayPeriod
from core.kernel.money import plain

FULL_TIME = Decimal(1)
# A year of full time has 52 weeks of 40 hours.
PERIODS_OF_A_YEAR = {PayPeriod.HOUR: 2080, PayPeriod.MONTH: 12, PayPeriod.YEAR: 1}


@dataclass(frozen=True)
class Terms:
    """The terms that somebody works under."""

    job_title: str
    department_id: UUID
    manager_id: UUID | None = None
    cost_centre: str | None = None
    contract: Contract = Contract.PERMANENT
    hours_share: Decimal = FULL_TIME
    location: str | None = None
    country: str = ""

    def with_changes(self, **changes: object) -> "Terms":
        """Return the terms with what is changed of them."""
        return replace(self, **changes)  # type: ignore[arg-type]


def require_usable(terms: Terms, *, starts_on: date, ends_on: date | None) -> None:
    """Refuse terms that nobody can work under."""
    if not 0 < terms.hours_share <= 1:
        raise errors.HoursShareOutOfRange(percent=f"{plain(100 * terms.hours_share)}%")
    if ends_on is not None and ends_on < starts_on:
        raise errors.EndsBeforeStart(starts_on=starts_on, ends_on=ends_on)
    if terms.contract is Contract.FIXED_TERM and ends_on is None:
        raise errors.FixedTermNeedsEnd


def yearly(amount: Decimal, period: PayPeriod) -> Decimal:
    """Return what an amount of pay comes to in a year of full time."""
    return amount * PERIODS_OF_A_YEAR[period]
