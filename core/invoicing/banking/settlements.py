"""The arithmetic of a line and the documents that it pays: exact, partial, or explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from core.invoicing.banking.evidence import fits
from core.invoicing.banking.rules import (
    ROUNDING_MINOR,
    TRIED_MAX,
    Document,
    Gap,
    Line,
    Open,
    Part,
    Rule,
)
from core.invoicing.banking.tables import Way
from core.kernel.money import Money

T = TypeVar("T")


@dataclass(frozen=True)
class Settlement:
    """What a line settles: how much of which document, what stays over, what was taken off."""

    parts: tuple[Part, ...]
    rest: Money = field(default_factory=lambda: Money(0, ""))
    gap: Money | None = None
    cause: Gap = Gap.NONE
    target: str = ""
    rule: str = ""
    partial: bool = False


def amount_of(line: Line, currency: str) -> Money | None:
    """Return the amount of a line in a currency, if the bank says it; never by a rate."""
    for amount in (line.amount, line.foreign):
        if amount is not None and amount.currency == currency:
            return Money(abs(amount.minor), currency)
    return None


def paid_in(line: Line, document: Document) -> str:
    """Return the currency that a document can be compared with a line in; empty where none."""
    found = amount_of(line, document.open.currency)
    return "" if found is None else found.currency


def settled(line: Line, documents: Sequence[Document], still: Open) -> Settlement | None:
    """Return how a line settles documents of one party, in their order; None across currencies."""
    currency = documents[0].open.currency
    amount = amount_of(line, currency)
    if amount is None or any(each.open.currency != currency for each in documents):
        return None
    whole = tuple(Part(each.number, still.still(each)) for each in documents)
    asked = Money(sum(part.amount.minor for part in whole), currency)
    nothing = Money(0, currency)
    if amount == asked:
        return Settlement(whole, nothing)
    if explained := _explained(line, documents, whole, asked, amount, still):
        return explained
    if asked < amount:
        return Settlement(whole, amount - asked)
    parts, left = [], amount.minor
    for part in whole:
        taken = min(left, part.amount.minor)
        left -= taken
        if taken:
            parts.append(Part(part.number, Money(taken, currency)))
    return Settlement(tuple(parts), nothing, partial=True)


def combinations(
    among: Sequence[T], wanted: int, minor_of: Callable[[T], int], *, most: int
) -> list[tuple[T, ...]]:
    """Return up to `most` ways in which two or more add up to an amount, the earliest first.

    Where the search would take too long it counts as ambiguous: as if there were several.
    """
    amounts = [abs(minor_of(each)) for each in among]
    behind = [sum(amounts[place:]) for place in range(len(amounts) + 1)]
    found: list[tuple[T, ...]] = []
    tried = 0

    def search(place: int, left: int, chosen: tuple[int, ...]) -> None:
        nonlocal tried
        tried += 1
        if left == 0:
            if len(chosen) > 1:
                found.append(tuple(among[each] for each in chosen))
            return
        for each in range(place, len(amounts)):
            if len(found) >= most or tried > TRIED_MAX or behind[each] < left:
                return
            if amounts[each] <= left:
                search(each + 1, left - amounts[each], (*chosen, each))

    search(0, abs(wanted), ())
    return found * most if tried > TRIED_MAX and found else found[:most]


def _explained(
    line: Line,
    documents: Sequence[Document],
    whole: tuple[Part, ...],
    asked: Money,
    amount: Money,
    still: Open,
) -> Settlement | None:
    """Return the settlement in full, if we know why the line is not all that was asked."""
    gap, nothing = asked - amount, Money(0, asked.currency)
    if gap == _discounts(line, documents, still, asked.currency) and gap.minor > 0:
        return Settlement(whole, nothing, gap, Gap.DISCOUNT)
    charges = line.charges
    if charges is not None and amount.currency == line.amount.currency:
        owed = gap if line.way is Way.IN else -gap
        if owed == charges:
            return Settlement(whole, nothing, charges, Gap.FEE)
    if 0 < gap.minor <= ROUNDING_MINOR:
        return Settlement(whole, nothing, gap, Gap.ROUNDING)
    for rule in still.world.rules:
        if gap.minor > 0 and rule.settles and fits(rule, line) and _tolerates(rule, gap, asked):
            target = rule.target
            return Settlement(whole, nothing, gap, Gap.WRITE_OFF, target, rule.number)
    return None


def _tolerates(rule: Rule, gap: Money, asked: Money) -> bool:
    """Tell whether a rule lets so much be missing: the amount that it names, or its share."""
    share = rule.tolerance_percent * asked.minor / 100
    return gap.minor <= rule.tolerance_minor or gap.minor <= share


def _discounts(line: Line, documents: Sequence[Document], still: Open, currency: str) -> Money:
    """Return what need not be paid on the day of a line of documents that are open as a whole."""
    minor = sum(
        each.discount.minor
        for each in documents
        if each.discount is not None
        and each.discount_until is not None
        and line.booked_on <= each.discount_until
        and still.still(each) == each.open
    )
    return Money(minor, currency)
