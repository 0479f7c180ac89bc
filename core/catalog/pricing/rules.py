"""Which rule makes a price, and what promotions leave of it: written once, for people to read.

The rules of a customer's own are asked first, then those of the customer's list, and then the list
prices. On a list, in this order: the lower priority; the narrower target (the item, its template,
its nearest category, everything); the larger quantity that is reached; a rule before a mere list
price; the newer one. The first that fits makes the price.

Of promotions that stand alone the best one is given, or all of those together that may be
combined, whichever is better for the customer. Those combined apply one after another: percents,
then amounts, then free goods, by their codes. None goes below cost that was not allowed to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from core.catalog.pricing.tables import PromotionKind, RuleKind
from core.catalog.rules import PRICE_DIGITS
from core.kernel.errors import Both
from core.kernel.money import Rounding, digits_of, plain, rounded

# More than the digits of a price, a factor and a quantity together.
_EXACT = 60
# How near a target is: the item, its template, then its categories from the nearest on.
ITEM, TEMPLATE, CATEGORY, EVERYTHING = 0, 1, 2, 1_000
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Rule:
    """A rule as it stands for one item: where its list stands, and how near its target is."""

    place: int
    source: str
    kind: RuleKind
    value: Decimal
    currency: str
    minimum_quantity: Decimal
    valid_from: date
    valid_until: date | None = None
    priority: int = 0
    target: int = ITEM
    target_name: str = ""
    # A plain price on a list, which rules take as their base.
    listed: bool = False

    @property
    def precedence(self) -> tuple[int, int, int, Decimal, bool, int, str]:
        """What sorts rules: the first that fits makes the price."""
        return (
            self.place,
            self.priority,
            self.target,
            -self.minimum_quantity,
            self.listed,
            -self.valid_from.toordinal(),
            self.kind,
        )

    def fits(self, quantity: Decimal, on: date, currency: str | None) -> bool:
        """Tell whether it is about such a quantity on such a day, in a currency or in any.

        Less than one is a part of one, and costs that part.
        """
        return (
            self.minimum_quantity <= max(quantity, Decimal(1))
            and self.valid_from <= on
            and (self.valid_until is None or on <= self.valid_until)
            and currency in {None, self.currency}
        )


@dataclass(frozen=True)
class Priced:
    """A price, the rule that made it, and what the rule began with."""

    unit_price: Decimal
    rule: Rule
    base: Decimal | None = None

    def because(self, *, costs_shown: bool = True) -> Both:
        """Say in both languages which rule it was, and its arithmetic."""
        rule, value = self.rule, plain(self.rule.value)
        base = "" if self.base is None else plain(self.base)
        if not costs_shown and rule.kind in {RuleKind.COST_PLUS, RuleKind.MARGIN}:
            base = "…"
        how = {
            RuleKind.FIXED: Both("list price" if rule.listed else "fixed price", "标价"),
            RuleKind.FACTOR: Both(f"{value} × list price {base}", f"标价 {base} × {value}"),
            RuleKind.DISCOUNT: Both(
                f"list price {base} less {value} %", f"标价 {base} 减 {value}%"
            ),
            RuleKind.COST_PLUS: Both(f"cost {base} plus {value} %", f"成本 {base} 加 {value}%"),
            RuleKind.MARGIN: Both(
                f"cost {base} at a margin of {value} %", f"成本 {base}，毛利率 {value}%"
            ),
        }[rule.kind]
        least = plain(rule.minimum_quantity)
        from_en = f" from {least}" if rule.minimum_quantity != 1 else ""
        from_zh = f"满 {least}" if rule.minimum_quantity != 1 else ""
        about = f"{rule.target_name}" if rule.target_name else ""
        en = f"{rule.source}: {about}{from_en}, {how.en}" if about else f"{rule.source}: {how.en}"
        zh = f"{rule.source}：{about}{from_zh}，{how.zh}" if about else f"{rule.source}：{how.zh}"
        return Both(en, zh)


def price_by_rules(
    rules: Iterable[Rule],
    *,
    quantity: Decimal,
    on: date,
    cost: Decimal | None = None,
    currency: str | None = None,
    standard: str = "",
    rounding: Rounding = Rounding.HALF_UP,
) -> Priced | None:
    """Return the price that the first fitting rule makes which has what it begins with."""
    fitting = sorted(
        (rule for rule in rules if rule.fits(quantity, on, currency)),
        key=lambda rule: rule.precedence,
    )
    for rule in fitting:
        base = _base(rule, fitting, cost, standard)
        if base is not None or rule.kind is RuleKind.FIXED:
            return Priced(_made(rule, base, rounding), rule, base)
    return None


def _base(
    rule: Rule, fitting: Sequence[Rule], cost: Decimal | None, standard: str
) -> Decimal | None:
    """Return what a rule begins with: the cost, or the price on its list or on the standard one."""
    if rule.kind is RuleKind.FIXED:
        return None
    if rule.kind in {RuleKind.COST_PLUS, RuleKind.MARGIN}:
        return cost
    prices = [each for each in fitting if each.listed and each.currency == rule.currency]
    for source in (rule.source, standard):
        for each in prices:
            if each.source == source:
                return each.value
    return None


def _made(rule: Rule, base: Decimal | None, rounding: Rounding) -> Decimal:
    if base is None:
        return rule.value
    with localcontext(prec=_EXACT):
        if rule.kind is RuleKind.FACTOR:
            exact = base * rule.value
        elif rule.kind is RuleKind.DISCOUNT:
            exact = base * (_HUNDRED - rule.value) / _HUNDRED
        elif rule.kind is RuleKind.COST_PLUS:
            exact = base * (_HUNDRED + rule.value) / _HUNDRED
        else:
            exact = base * _HUNDRED / (_HUNDRED - rule.value)
        return rounded(exact, kept_digits(base, rule.currency), rounding)


def kept_digits(base: Decimal, currency: str) -> int:
    """Return the decimals of a price that is reckoned: those of its base, or of the currency."""
    exponent = base.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "prices are finite"
    return min(PRICE_DIGITS, max(digits_of(currency), -exponent))


@dataclass(frozen=True)
class Offer:
    """A promotion as it stands for one line."""

    code: str
    kind: PromotionKind
    value: Decimal = Decimal(0)
    buy_quantity: Decimal = Decimal(0)
    free_quantity: Decimal = Decimal(0)
    stackable: bool = False
    below_cost: bool = False

    @property
    def said(self) -> Both:
        """What it gives."""
        value = plain(self.value)
        if self.kind is PromotionKind.PERCENT:
            return Both(f"{self.code}: {value} % off", f"{self.code}：减 {value}%")
        if self.kind is PromotionKind.AMOUNT:
            return Both(f"{self.code}: {value} off each", f"{self.code}：每件减 {value}")
        buy, free = plain(self.buy_quantity), plain(self.free_quantity)
        return Both(
            f"{self.code}: {free} free with every {buy}", f"{self.code}：买 {buy} 赠 {free}"
        )


@dataclass(frozen=True)
class Promoted:
    """What promotions leave of a price, what they give along, and which were kept above cost."""

    unit_price: Decimal
    free_quantity: Decimal = Decimal(0)
    applied: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    said: tuple[Both, ...] = field(default=(), compare=False)

    def gain(self, unit_price: Decimal, quantity: Decimal) -> Decimal:
        """Return what the customer saves, with free goods at the price before."""
        return unit_price * (quantity + self.free_quantity) - self.unit_price * quantity


def promoted(
    unit_price: Decimal,
    *,
    quantity: Decimal,
    offers: Iterable[Offer],
    cost: Decimal | None,
    digits: int,
    rounding: Rounding = Rounding.HALF_UP,
) -> Promoted:
    """Return the best that promotions give for a line: one alone, or all that may be combined."""
    known = sorted(offers, key=lambda offer: (_ORDER[offer.kind], offer.code))
    together = [offer for offer in known if offer.stackable]
    choices = [[offer] for offer in known if not offer.stackable]
    if together:
        choices.append(together)
    best = Promoted(unit_price)
    for choice in choices:
        outcome = _combined(unit_price, quantity, choice, cost, digits, rounding)
        better = outcome.gain(unit_price, quantity) - best.gain(unit_price, quantity)
        # What gives nothing is worth naming only for why it gives nothing.
        if better > 0 or (better == 0 and not best.applied and outcome.held and not best.held):
            best = outcome
    return best


_ORDER = {PromotionKind.PERCENT: 0, PromotionKind.AMOUNT: 1, PromotionKind.FREE_GOODS: 2}


def _combined(
    unit_price: Decimal,
    quantity: Decimal,
    offers: Sequence[Offer],
    cost: Decimal | None,
    digits: int,
    rounding: Rounding,
) -> Promoted:
    floor = Decimal(0) if cost is None else min(cost, unit_price)
    price, free = unit_price, Decimal(0)
    applied: list[str] = []
    held: list[str] = []
    said: list[Both] = []
    for offer in offers:
        lowest = Decimal(0) if offer.below_cost else floor
        if offer.kind is PromotionKind.FREE_GOODS:
            more = quantity // offer.buy_quantity * offer.free_quantity
            with localcontext(prec=_EXACT):
                given = (
                    more if price * quantity >= lowest * (quantity + free + more) else Decimal(0)
                )
            changed, free, too_low = bool(given), free + given, given != more
        else:
            wanted = _reduced(price, offer, digits, rounding)
            lower = min(price, max(wanted, lowest))
            changed, price, too_low = lower < price, lower, wanted < lowest
        if changed:
            applied.append(offer.code)
            said.append(offer.said)
        if too_low:
            held.append(offer.code)
    return Promoted(price, free, tuple(applied), tuple(held), tuple(said))


def _reduced(price: Decimal, offer: Offer, digits: int, rounding: Rounding) -> Decimal:
    with localcontext(prec=_EXACT):
        if offer.kind is PromotionKind.AMOUNT:
            return max(price - offer.value, Decimal(0))
        return rounded(price * (_HUNDRED - offer.value) / _HUNDRED, digits, rounding)
