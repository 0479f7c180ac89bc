"""Arithmetic of projects: what is planned, what it cost, what may be billed."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.kernel.money import Money, Rounding

ALL = Decimal(100)


@dataclass(frozen=True)
class Plan:
    """Hours at a price, or a fixed price, and how much of it is done."""

    hours: Decimal
    hourly_price: Decimal | None
    fixed: Money | None = None
    progress: Decimal = Decimal(0)


def planned_revenue(plan: Plan, currency: str, rounding: Rounding) -> Money:
    """Return what a part of a project brings when it is done as planned."""
    if plan.fixed is not None:
        return plan.fixed
    return Money.rounding(plan.hours * (plan.hourly_price or Decimal(0)), currency, rounding)


def earned(plan: Plan, currency: str, rounding: Rounding) -> Money:
    """Return what of the planned revenue its progress has earned so far."""
    planned = planned_revenue(plan, currency, rounding)
    return planned.times(plan.progress / ALL, rounding)


def at_rates(
    worked: Iterable[tuple[Decimal, Decimal | None]], currency: str, rounding: Rounding
) -> Money:
    """Return what hours amount to at their rates: added up exactly, rounded once."""
    whole = sum((hours * rate for hours, rate in worked if rate is not None), Decimal(0))
    return Money.rounding(whole, currency, rounding)
