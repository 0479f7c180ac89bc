"""The arithmetic of double entry; no database, no clock."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.kernel.money import Money
from core.ledger.tables import Side

# Pairs of the code of a dimension and the code of one of its members.
Dimensions = tuple[tuple[str, str], ...]

_OTHER = {Side.DEBIT: Side.CREDIT, Side.CREDIT: Side.DEBIT}


@dataclass(frozen=True)
class Line:
    """One side of one account, by a positive amount.

    `account` is a role of the chart ("inventory") or a code ("1400"). `base` is the value in the
    company's currency, where the amount is in another.
    """

    account: str
    side: Side
    amount: Money
    party_id: uuid.UUID | None = None
    base: Money | None = None
    # Codes of a dimension and of a member of it: (("cost_centre", "SALES"),).
    dimensions: Dimensions = ()

    @property
    def value(self) -> Money:
        """The value in the books."""
        return self.base or self.amount

    def reversed(self) -> "Line":
        """Return the line that undoes this one."""
        return replace(self, side=_OTHER[self.side])


def debit(
    account: str,
    amount: Money,
    *,
    party_id: uuid.UUID | None = None,
    base: Money | None = None,
    dimensions: Dimensions = (),
) -> Line:
    """Write an amount on the debit side of an account."""
    return Line(account, Side.DEBIT, amount, party_id, base, dimensions)


def credit(
    account: str,
    amount: Money,
    *,
    party_id: uuid.UUID | None = None,
    base: Money | None = None,
    dimensions: Dimensions = (),
) -> Line:
    """Write an amount on the credit side of an account."""
    return Line(account, Side.CREDIT, amount, party_id, base, dimensions)


def valued(line: Line, worth: Money) -> Line:
    """Return a line with its value in the books, unless it has one already."""
    if line.base is not None or line.amount == worth:
        return line
    return replace(line, base=worth)


def excess_of_debits(lines: Iterable[Line], base_currency: str) -> list[Money]:
    """Return, for each currency out of balance and for the books, debits less credits."""
    excess: Counter[str] = Counter()
    booked = 0
    for line in lines:
        sign = 1 if line.side is Side.DEBIT else -1
        excess[line.amount.currency] += sign * line.amount.minor
        booked += sign * line.value.minor
    different = [Money(minor, currency) for currency, minor in excess.items() if minor != 0]
    if not different and booked != 0:
        different.append(Money(booked, base_currency))
    return different
