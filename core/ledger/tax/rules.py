"""The arithmetic of tax: exact until it is rounded, once; no database, no clock."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from core.kernel.company import TaxRounding
from core.kernel.money import Money, Rounding, digits_of, rounded
from core.ledger.chart import (
    TAX_INPUT,
    TAX_INPUT_NOT_DUE,
    TAX_OUTPUT,
    TAX_OUTPUT_NOT_DUE,
    TAX_WITHHELD,
    TAX_WITHHELD_BY_CUSTOMERS,
)
from core.ledger.tables import Side
from core.ledger.tax.errors import FixedTaxInOtherCurrency
from core.ledger.tax.tables import ComponentKind, TaxUse

HUNDRED = Decimal(100)
# So many digits that no fraction of ours looks like a half that it is not.
_DIGITS = 60
_ADDED = {ComponentKind.PERCENT, ComponentKind.FIXED, ComponentKind.DIVISION}

Round = Callable[[Fraction], Fraction]


@dataclass(frozen=True)
class Component:
    """One tax of a code as it is on a day; what `TaxComponent` says, apart from its dates."""

    name: str
    kind: ComponentKind = ComponentKind.PERCENT
    rate: Decimal = Decimal(0)
    included: bool = False
    affects_next: bool = False
    cash_basis: bool = False
    deductible_percent: Decimal = HUNDRED
    sale_account: str | None = None
    purchase_account: str | None = None
    currency: str | None = None
    name_zh: str = ""
    code: str = ""
    id: uuid.UUID | None = None

    @property
    def adds(self) -> bool:
        """Whether what is paid grows by it."""
        return self.kind in _ADDED

    def account(self, use: TaxUse, *, due: bool = True) -> str:
        """Return the account of one of its uses; until a payment makes it due, another one."""
        if not due:
            return TAX_OUTPUT_NOT_DUE if use is TaxUse.OUTPUT else TAX_INPUT_NOT_DUE
        given = self.sale_account if use in _OF_SALES else self.purchase_account
        if use is TaxUse.REVERSE_OUTPUT:
            given = self.sale_account
        return given or _USUAL[use]


_OF_SALES = {TaxUse.OUTPUT, TaxUse.WITHHELD_BY_CUSTOMERS}
_USUAL = {
    TaxUse.OUTPUT: TAX_OUTPUT,
    TaxUse.INPUT: TAX_INPUT,
    TaxUse.REVERSE_OUTPUT: TAX_OUTPUT,
    TaxUse.WITHHELD: TAX_WITHHELD,
    TaxUse.WITHHELD_BY_CUSTOMERS: TAX_WITHHELD_BY_CUSTOMERS,
}
SIDES = {
    TaxUse.OUTPUT: Side.CREDIT,
    TaxUse.INPUT: Side.DEBIT,
    TaxUse.NOT_DEDUCTIBLE: Side.DEBIT,
    TaxUse.REVERSE_OUTPUT: Side.CREDIT,
    TaxUse.WITHHELD: Side.CREDIT,
    TaxUse.WITHHELD_BY_CUSTOMERS: Side.DEBIT,
}


@dataclass(frozen=True)
class Taxable:
    """A line before tax: its price as it is said, how many units that is for, and its taxes."""

    price: Money
    components: tuple[Component, ...] = ()
    quantity: Decimal = Decimal(1)
    # Where the tax goes that may not be taken off: the account of the line.
    cost_account: str = ""


@dataclass(frozen=True)
class TaxPart:
    """The tax of one component in a line, in one of its uses, and where it is booked."""

    component: Component
    use: TaxUse
    account: str
    taxable: Money
    tax: Money
    exigible: bool = True

    @property
    def side(self) -> Side:
        """The side of the account that it stands on."""
        return SIDES[self.use]

    def effect(self, *, sale: bool) -> Money:
        """Return what it adds to the total of the document."""
        return self.tax if self.side is (Side.CREDIT if sale else Side.DEBIT) else -self.tax

    def negated(self) -> "TaxPart":
        """Return the same, taken back."""
        return replace(self, taxable=-self.taxable, tax=-self.tax)


@dataclass(frozen=True)
class TaxedLine:
    """A line with the amount before tax, and the tax by component."""

    price: Money
    base: Money
    parts: tuple[TaxPart, ...]
    sale: bool

    @property
    def tax(self) -> Money:
        """What tax adds to the line, or takes off."""
        minor = sum(part.effect(sale=self.sale).minor for part in self.parts)
        return Money(minor, self.base.currency)

    @property
    def total(self) -> Money:
        """What is to be paid for the line."""
        return self.base + self.tax


def taxed(
    lines: Sequence[Taxable],
    *,
    sale: bool = True,
    rounding: Rounding = Rounding.HALF_UP,
    per: TaxRounding = TaxRounding.LINE,
) -> list[TaxedLine]:
    """Reckon the tax of the lines of one document; they add up to its total exactly.

    By the line every amount is rounded for itself. By the document the sum of each component is,
    and the cents are shared out so that the lines add up to it.
    """

    def whole(exact: Fraction) -> Fraction:
        return Fraction(rounded_fraction(exact, rounding))

    by_line = per is TaxRounding.LINE
    solved = [_solved(line, whole if by_line else Fraction) for line in lines]
    amounts = [[int(amount) for amount in line] for line in solved] if by_line else []
    if not by_line:
        amounts = _shared_out(lines, solved, whole)
    return [
        _line(line, found, sale=sale, rounding=rounding)
        for line, found in zip(lines, amounts, strict=True)
    ]


def as_gross(components: Sequence[Component]) -> tuple[Component, ...]:
    """Return components as they are where the price is what is paid in the end."""
    return tuple(replace(each, included=each.adds) for each in components)


def rounded_fraction(exact: Fraction, rounding: Rounding) -> int:
    """Round an exact number to a whole one."""
    with localcontext() as context:
        context.prec = _DIGITS
        close = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(rounded(close, 0, rounding))


def apportioned(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Share out a rounded sum so that each share is next to its exact one, and all are the sum.

    The shares that are cut off most get the units that are left, of equal ones the largest.
    """
    shares = [each.numerator // each.denominator for each in exact]
    left = total - sum(shares)
    assert 0 <= left <= len(shares), "the sum is rounded from its parts"
    by_need = sorted(
        range(len(shares)),
        key=lambda place: (exact[place] - shares[place], abs(exact[place]), place),
        reverse=True,
    )
    for place in by_need[:left]:
        shares[place] += 1
    return shares


def spread(amount: Money, prices: Sequence[Money]) -> list[Money]:
    """Share out a discount of a document over its lines, in proportion to what they cost."""
    whole = sum(price.minor for price in prices)
    assert whole, "there is something to spread over"
    # As `apportioned` does, in whole numbers: all shares are parts of the same whole.
    cut = [divmod(amount.minor * price.minor, whole) for price in prices]
    by_need = sorted(
        range(len(cut)),
        key=lambda place: (abs(cut[place][1]), abs(prices[place].minor), place),
        reverse=True,
    )
    shares = [share for share, _ in cut]
    for place in by_need[: amount.minor - sum(shares)]:
        shares[place] += 1
    return [Money(minor, amount.currency) for minor in shares]


def income_tax(
    income: Money,
    bands: Sequence[tuple[Decimal | None, Decimal]],
    rounding: Rounding = Rounding.HALF_UP,
) -> Money:
    """Return the tax by progressive bands: each taxes what lies above the one before.

    A band is its upper end in major units, None for the last, and its percent.
    """
    left_out, tax = Decimal(0), Decimal(0)
    for upper, percent in bands:
        end = income.amount if upper is None else min(income.amount, upper)
        if end > left_out:
            tax += (end - left_out) * percent / HUNDRED
            left_out = end
    return Money.rounding(tax, income.currency, rounding)


def _solved(line: Taxable, whole: Round) -> list[Fraction]:
    """Return the amount of each component in minor units, rounded by `whole`.

    Each amount is a multiple of the amount before tax, and something for the units. So the
    included ones are solved together; what is added is then reckoned on what is left.
    """
    price = Fraction(line.price.minor)
    multiples = _amounts(line, Fraction(1), fixed=False)
    constants = _amounts(line, Fraction(0), fixed=True)
    inside = [place for place, each in enumerate(line.components) if each.included]
    if not inside:
        return _amounts(line, price, fixed=True, whole=whole)
    base = (price - sum(constants[place] for place in inside)) / (
        1 + sum(multiples[place] for place in inside)
    )
    given = {place: whole(multiples[place] * base + constants[place]) for place in inside}
    net = price - sum(given.values())
    return _amounts(line, net, fixed=True, whole=whole, given=given)


def _amounts(
    line: Taxable,
    base: Fraction,
    *,
    fixed: bool,
    whole: Round = Fraction,
    given: dict[int, Fraction] | None = None,
) -> list[Fraction]:
    """Return the amounts on an amount before tax, in the order of the components."""
    amounts: list[Fraction] = []
    reached = base
    for place, component in enumerate(line.components):
        if given is not None and place in given:
            amount = given[place]
        else:
            amount = whole(_amount(line, place, reached, fixed=fixed))
        amounts.append(amount)
        if component.affects_next:
            reached += amount
    return amounts


def _amount(line: Taxable, place: int, reached: Fraction, *, fixed: bool) -> Fraction:
    component = line.components[place]
    rate = Fraction(component.rate)
    if component.kind is ComponentKind.FIXED:
        if component.currency not in {None, line.price.currency}:
            raise FixedTaxInOtherCurrency(
                code=component.code, currency=component.currency, given=line.price.currency
            )
        units = Fraction(line.quantity) * 10 ** digits_of(line.price.currency)
        return rate * units if fixed else Fraction(0)
    if component.kind is ComponentKind.DIVISION:
        # Shares of one and the same total: those side by side are solved together.
        return reached * rate / (100 - _division_rates(line.components, place))
    return reached * rate / 100


def _division_rates(components: Sequence[Component], place: int) -> Fraction:
    """Return the sum of the rates of the division components that share one total."""
    first = place
    while first and _shares_total(components[first - 1]):
        first -= 1
    total = Fraction(0)
    for component in components[first:]:
        if component.kind is not ComponentKind.DIVISION:
            break
        total += Fraction(component.rate)
        if component.affects_next:
            break
    return total


def _shares_total(component: Component) -> bool:
    return component.kind is ComponentKind.DIVISION and not component.affects_next


def _shared_out(
    lines: Sequence[Taxable], solved: Sequence[Sequence[Fraction]], whole: Round
) -> list[list[int]]:
    amounts = [[0] * len(line.components) for line in lines]
    places: dict[Component, list[tuple[int, int]]] = {}
    for row, line in enumerate(lines):
        for column, component in enumerate(line.components):
            places.setdefault(component, []).append((row, column))
    for cells in places.values():
        exact = [solved[row][column] for row, column in cells]
        shares = apportioned(int(whole(sum(exact, Fraction(0)))), exact)
        for (row, column), share in zip(cells, shares, strict=True):
            amounts[row][column] = share
    return amounts


def _line(line: Taxable, amounts: Sequence[int], *, sale: bool, rounding: Rounding) -> TaxedLine:
    currency = line.price.currency
    included = sum(
        amount for amount, each in zip(amounts, line.components, strict=True) if each.included
    )
    base = Money(line.price.minor - included, currency)
    parts: list[TaxPart] = []
    reached = base
    for component, minor in zip(line.components, amounts, strict=True):
        amount = Money(minor, currency)
        parts.extend(_parts(line, component, reached, amount, sale=sale, rounding=rounding))
        if component.affects_next:
            reached += amount
    return TaxedLine(line.price, base, tuple(parts), sale)


def _parts(
    line: Taxable,
    component: Component,
    taxable: Money,
    amount: Money,
    *,
    sale: bool,
    rounding: Rounding,
) -> list[TaxPart]:
    """Return what a component is to us: what is owed, taken off, kept back, or simply a cost."""
    reverse = component.kind is ComponentKind.REVERSE_CHARGE
    withheld = component.kind is ComponentKind.WITHHOLDING
    if sale:
        use = TaxUse.WITHHELD_BY_CUSTOMERS if withheld else TaxUse.OUTPUT
        # The customer owes it: we report what it is reckoned on.
        owed = Money(0, amount.currency) if reverse else amount
        return [_part(component, use, taxable, owed)]
    if withheld:
        return [_part(component, TaxUse.WITHHELD, taxable, amount)]
    parts = [_part(component, TaxUse.REVERSE_OUTPUT, taxable, amount)] if reverse else []
    off = amount.times(component.deductible_percent / HUNDRED, rounding)
    share = taxable.times(component.deductible_percent / HUNDRED, rounding)
    parts.append(_part(component, TaxUse.INPUT, share, off))
    if off != amount:
        cost = TaxPart(
            component, TaxUse.NOT_DEDUCTIBLE, line.cost_account, taxable - share, amount - off
        )
        parts.append(cost)
    return parts


def _part(component: Component, use: TaxUse, taxable: Money, tax: Money) -> TaxPart:
    due = not component.cash_basis
    return TaxPart(component, use, component.account(use, due=due), taxable, tax, due)
