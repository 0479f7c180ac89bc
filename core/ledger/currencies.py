"""Rates of exchange, and what an amount is worth in the company's currency."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.money import Money, plain
from core.ledger.errors import NoRate, RateNotPositive, RateOfOwnCurrency
from core.ledger.events import RateSet
from core.ledger.tables import ExchangeRate

RATES_MAX = 500


def set_rate(
    session: Session,
    currency: str,
    *,
    valid_from: date,
    foreign_units: Decimal = Decimal(1),
    base_units: Decimal = Decimal(1),
) -> ExchangeRate:
    """Set what a currency is worth from a day on; a rate of the same day is replaced.

    1.20 EUR for one USD of ours is `foreign_units=1.20`; 80 INR of ours for one USD is
    `base_units=80`. What is posted already keeps the rate that it was posted at.
    """
    ours = company(session).currency
    if currency == ours:
        raise RateOfOwnCurrency(currency=currency)
    if foreign_units <= 0 or base_units <= 0:
        raise RateNotPositive(rate=min(foreign_units, base_units))
    known = rate_or_none(session, currency, valid_from)
    before = "" if known is None else _said(known, ours)
    wanted = select(ExchangeRate).where(
        ExchangeRate.currency == currency, ExchangeRate.valid_from == valid_from
    )
    rate = session.scalars(wanted.with_for_update()).one_or_none()
    if rate is None:
        rate = ExchangeRate(currency=currency, valid_from=valid_from)
        session.add(rate)
    rate.foreign_units, rate.base_units = foreign_units, base_units
    session.flush()
    session.info.pop("ledger.rates", None)
    events.record(session, RateSet(currency, valid_from.isoformat(), _said(rate, ours), before))
    return rate


def rate_or_none(session: Session, currency: str, day: date) -> ExchangeRate | None:
    """Return the rate that is valid on a day, if one was ever set by then."""
    wanted = (
        select(ExchangeRate)
        .where(ExchangeRate.currency == currency, ExchangeRate.valid_from <= day)
        .order_by(ExchangeRate.valid_from.desc())
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def find_rate(session: Session, currency: str, day: date) -> ExchangeRate:
    """Return the rate that is valid on a day: the newest one from then or earlier."""
    known: dict[tuple[str, date], ExchangeRate] = session.info.setdefault("ledger.rates", {})
    if (currency, day) not in known:
        found = rate_or_none(session, currency, day)
        if found is None:
            raise NoRate(currency=currency, day=day)
        known[currency, day] = found
    return known[currency, day]


def worth_of_one(session: Session, currency: str, day: date) -> Decimal:
    """Return what one of a currency is worth in the company's on a day."""
    base, foreign = _alike(session, currency, day)
    return base / foreign


def at_rate(amount: Money, rate: Decimal, ours: Company) -> Money:
    """Return what an amount is worth in the company's currency, at what one of its own is."""
    if amount.currency == ours.currency:
        return amount
    return Money.rounding(amount.amount * rate, ours.currency, ours.rounding)


def worth_of_foreign(amount: Money, rate: Decimal, ours: Company) -> Money | None:
    """Return what an amount in another currency comes to in ours; None where it is in ours."""
    return None if amount.currency == ours.currency else at_rate(amount, rate, ours)


def price_in(session: Session, price: Decimal, kept_in: str, currency: str) -> Decimal:
    """Return what a price is in another currency at the rates of today, not rounded yet."""
    if kept_in == currency:
        return price
    today = company(session).today
    (base, foreign), (paid, bought) = (_alike(session, each, today) for each in (kept_in, currency))
    # Divided once and last: the worth of one may have no end, and that of a price still has one.
    return price * base * bought / (foreign * paid)


def in_base(session: Session, amount: Money, day: date) -> Money:
    """Return what an amount is worth in the company's currency on a day, rounded once."""
    ours = company(session)
    if amount.currency == ours.currency:
        return amount
    rate = find_rate(session, amount.currency, day)
    worth = amount.amount * rate.base_units / rate.foreign_units
    return Money.rounding(worth, ours.currency, ours.rounding)


def from_base(session: Session, amount: Money, currency: str, day: date) -> Money:
    """Return how much of a currency an amount of ours buys on a day, rounded once."""
    ours = company(session)
    if currency == ours.currency:
        return amount
    rate = find_rate(session, currency, day)
    worth = amount.amount * rate.foreign_units / rate.base_units
    return Money.rounding(worth, currency, ours.rounding)


def list_rates(session: Session, currency: str | None = None) -> list[ExchangeRate]:
    """Return the rates that were set, of one currency or of all, the newest first."""
    wanted = select(ExchangeRate).order_by(ExchangeRate.valid_from.desc(), ExchangeRate.currency)
    if currency is not None:
        wanted = wanted.where(ExchangeRate.currency == currency)
    return list(session.scalars(wanted.limit(RATES_MAX)))


def _alike(session: Session, currency: str, day: date) -> tuple[Decimal, Decimal]:
    """Return how many of the company's units and how many of a currency's are worth the same."""
    if currency == company(session).currency:
        return Decimal(1), Decimal(1)
    rate = find_rate(session, currency, day)
    return rate.base_units, rate.foreign_units


def _said(rate: ExchangeRate, ours: str) -> str:
    return f"{plain(rate.foreign_units)} {rate.currency} = {plain(rate.base_units)} {ours}"
