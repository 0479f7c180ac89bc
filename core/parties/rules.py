"""What must hold for the terms that we agree with a party."""

from core.kernel.money import Money
from core.parties.errors import CreditLimitNegative, PartyBlocked, PaymentDaysOutOfRange
from core.parties.tables import Party

PAYMENT_DAYS_MAX = 365


def require_sensible_terms(*, payment_days: int, credit_limit: Money | None = None) -> None:
    """Refuse terms of payment that can only be a mistake."""
    if not 0 <= payment_days <= PAYMENT_DAYS_MAX:
        raise PaymentDaysOutOfRange(days=payment_days, most=PAYMENT_DAYS_MAX)
    require_sensible_limit(credit_limit)


def require_sensible_limit(credit_limit: Money | None) -> None:
    """Refuse a limit below zero."""
    if credit_limit is not None and credit_limit.minor < 0:
        raise CreditLimitNegative(limit=credit_limit)


def require_unblocked(party: Party) -> None:
    """Refuse new business with a party that is blocked."""
    if party.blocked:
        raise PartyBlocked(name=party.name, number=party.number)
