"""What a file of a bank says, before anything is known of our books; no database, no clock."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.invoicing.banking.errors import FieldUnreadable
from core.kernel.errors import Both
from core.kernel.money import Money, TooManyDecimals

LINES_MAX = 20_000
TOO_MANY = Both(f"more than {LINES_MAX} lines", f"超过 {LINES_MAX} 行")
TEXT_MAX = 1_000
_BLANKS = re.compile(r"\s+")
_NOTHING = {"NOTPROVIDED", "NOT PROVIDED", "NONREF", "N/A", "-"}


@dataclass(frozen=True)
class LineDraft:
    """One movement: positive came in, negative went out."""

    booked_on: date
    amount: Money
    text: str = ""
    value_on: date | None = None
    counterparty: str = ""
    counterparty_account: str = ""
    reference: str = ""
    end_to_end_id: str = ""
    # The bank's own id of the movement.
    bank_reference: str = ""
    foreign: Money | None = None
    charges: Money | None = None
    balance: Money | None = None


@dataclass(frozen=True)
class StatementDraft:
    """A stretch of movements of one account, and the balances around them, where they are said."""

    lines: tuple[LineDraft, ...]
    # The IBAN or number of the account, and the currency; empty where the file does not say.
    account: str = ""
    currency: str = ""
    reference: str = ""
    from_on: date | None = None
    until_on: date | None = None
    opening: Money | None = None
    closing: Money | None = None

    @property
    def moved(self) -> int:
        """The sum of the lines, in minor units."""
        return sum(line.amount.minor for line in self.lines)


def tidy(text: str | None) -> str:
    """Return a text on one line, without what banks write for nothing."""
    said = _BLANKS.sub(" ", text or "").strip()[:TEXT_MAX]
    return "" if said.upper() in _NOTHING else said


def account_number(text: str | None) -> str:
    """Return an IBAN or account number as it is compared."""
    return _BLANKS.sub("", text or "").upper()


def money(text: str, currency: str, *, line: int, field: str = "amount") -> Money:
    """Read an amount with a decimal point or comma and no groups, exactly."""
    said = text.strip().replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)", said):
        raise FieldUnreadable(line=line, text=text[:40], field=field)
    try:
        return Money.of(Decimal(said), currency)
    except TooManyDecimals:
        raise FieldUnreadable(line=line, text=text[:40], field=field) from None
