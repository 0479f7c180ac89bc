"""What a document in another currency is worth in the books, and the entry that says so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import Money, Rounding
from core.ledger import Dimensions, Line, Side, from_base, in_base

Worth = Callable[[Money], Money]


def at_rate_of(session: Session, day: date) -> Worth:
    """Return what turns an amount into the company's currency at the rate of a day."""
    return lambda amount: in_base(session, amount, day)


def in_proportion(whole: Money, worth: Money, rounding: Rounding) -> Worth:
    """Return what turns a part of an amount into the same part of what all of it is worth."""

    def share(part: Money) -> Money:
        return Money(part_of(worth.minor, part.minor, whole.minor, rounding), worth.currency)

    return share


def part_of(value: int, part: int, whole: int, rounding: Rounding) -> int:
    """Return a part of a value, rounded once; the whole of it is all of it."""
    if part == whole:
        return value
    exact = Decimal(value) * part / whole
    return Money(1, "").times(exact, rounding).minor


def in_books(lines: Sequence[Line], worth: Worth, *, kept: str) -> list[Line]:
    """Give every line its value in the books; what rounding leaves goes to the largest of them.

    The lines of `kept`, an account that must agree with documents, keep their own value.
    """
    valued = [replace(line, base=worth(line.amount)) for line in lines]
    if all(line.base == line.amount for line in valued):
        return list(lines)
    excess = sum(
        line.value.minor if line.side is Side.DEBIT else -line.value.minor for line in valued
    )
    if excess == 0:
        return valued
    lacking = Side.CREDIT if excess > 0 else Side.DEBIT

    def fitness(place: int) -> tuple[bool, int, str, Dimensions]:
        # By name at last, so that an entry and the one that takes it back choose the same line.
        line = valued[place]
        return line.side is lacking, line.amount.minor, line.account, line.dimensions

    free = [place for place, line in enumerate(valued) if line.account != kept]
    place = max(free, key=fitness)
    line = valued[place]
    more = abs(excess) if line.side is lacking else -abs(excess)
    valued[place] = replace(line, base=Money(line.value.minor + more, line.value.currency))
    return valued


def converted(session: Session, amount: Money, currency: str, day: date) -> Money:
    """Return what an amount is in another currency on a day, by way of the company's."""
    if amount.currency == currency:
        return amount
    ours = company(session).currency
    worth = in_base(session, amount, day)
    return worth if currency == ours else from_base(session, worth, currency, day)
