"""What must hold for the terms that we agree with a party, and for its bank account."""

import re

from core.kernel.money import Money
from core.parties.errors import (
    CreditLimitNegative,
    NotABic,
    NotAnIban,
    PartyBlocked,
    PaymentDaysOutOfRange,
)
from core.parties.tables import Party

PAYMENT_DAYS_MAX = 365
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
# How long an IBAN of a country is, where SEPA reaches; elsewhere the check digits have to do.
IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "VA": 22,
}  # fmt: skip


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


def iban_of(text: str) -> str:
    """Return an IBAN without its spaces; refuse one whose length or check digits are wrong."""
    iban = "".join(text.split()).upper()
    if not _IBAN.fullmatch(iban):
        raise NotAnIban(iban=iban, problem="XX00 …")
    length = IBAN_LENGTHS.get(iban[:2], len(iban))
    if len(iban) != length:
        raise NotAnIban(iban=iban, problem=f"{len(iban)} ≠ {length}")
    # ISO 7064: letters count from ten, and the whole, its head at the end, leaves one of 97.
    turned = iban[4:] + iban[:4]
    if int("".join(str(int(sign, 36)) for sign in turned)) % 97 != 1:
        raise NotAnIban(iban=iban, problem="mod 97 ≠ 1")
    return iban


def bic_of(text: str) -> str:
    """Return a BIC without its spaces; refuse what cannot be one."""
    bic = "".join(text.split()).upper()
    if not _BIC.fullmatch(bic):
        raise NotABic(bic=bic)
    return bic
