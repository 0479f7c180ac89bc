"""Splits a change into parts that add up to it: pure arithmetic, exact, and in no order.

Three splits. By *members*: what each customer, item, place adds to the change. By *parts*: what
each of the figures that a formula is made of adds. By *price, volume and mix*: what an amount of
items changed by since prices, quantities and their mixture changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations
from math import factorial
from typing import Literal

ZERO = Decimal(0)
LEADERS_MAX = 3

Kind = Literal["changed", "new", "lost"]


@dataclass(frozen=True)
class Moved:
    """One member's figure before and now."""

    key: str | None
    before: Decimal
    now: Decimal

    @property
    def change(self) -> Decimal:
        """How much it moved."""
        return self.now - self.before


@dataclass(frozen=True)
class Share:
    """What one member adds to the change of a whole.

    Of a ratio it is the member's own `rate` and its weight in the whole, the `mix`.
    """

    key: str | None
    amount: Decimal
    rate: Decimal | None = None
    mix: Decimal | None = None


@dataclass(frozen=True)
class Sold:
    """One item before and now: quantity, amount and what it cost, in one unit of measure."""

    key: str | None
    unit: str
    quantity_before: Decimal
    quantity_now: Decimal
    amount_before: Decimal
    amount_now: Decimal
    cost_before: Decimal = ZERO
    cost_now: Decimal = ZERO

    @property
    def kind(self) -> Literal["changed", "new", "lost", "other"]:
        """Whether it can be told from its prices, or only that it came, went, or has none."""
        had = bool(self.quantity_before or self.amount_before or self.cost_before)
        has = bool(self.quantity_now or self.amount_now or self.cost_now)
        if self.key is None:
            return "other"
        if self.quantity_before > 0 and self.quantity_now > 0:
            return "changed"
        if has and not had:
            return "new"
        return "lost" if had and not has else "other"


def kind_of(before: Decimal | None, now: Decimal | None) -> Kind:
    """Tell a member that came or went from one that changed."""
    if not before and now:
        return "new"
    return "lost" if before and not now else "changed"


def ratio_shares(
    numerators: Mapping[str | None, Moved], denominators: Mapping[str | None, Moved]
) -> list[Share] | None:
    """Split the change of a ratio of sums by members; nothing where the ratio has no figure.

    A member adds what its own ratio changed by, at its mean weight, and what its weight changed
    by, at how far its ratio lies from that of the whole. All of them add up to the change.
    """
    over_before = sum((each.before for each in denominators.values()), ZERO)
    over_now = sum((each.now for each in denominators.values()), ZERO)
    if not over_before or not over_now:
        return None
    whole_before = sum((each.before for each in numerators.values()), ZERO) / over_before
    whole_now = sum((each.now for each in numerators.values()), ZERO) / over_now
    middle = (whole_before + whole_now) / 2
    shares = []
    for key, below in denominators.items():
        above = numerators.get(key, Moved(key, ZERO, ZERO))
        weight_before, weight_now = below.before / over_before, below.now / over_now
        amount = above.now / over_now - above.before / over_before
        amount -= middle * (weight_now - weight_before)
        rate = ZERO
        if below.before and below.now:
            changed = above.now / below.now - above.before / below.before
            rate = (weight_before + weight_now) / 2 * changed
        shares.append(Share(key, amount, rate, amount - rate))
    return shares


def part_effects(
    value: Callable[[frozenset[int]], Decimal | None], count: int
) -> list[Decimal] | None:
    """Return what each of the parts of a formula adds to its change, whichever changed first.

    `value` computes the formula with the named parts as they are now and the others as they were.
    Each part gets the mean of what it changes over all orders in which the parts could change
    (Shapley's value); they add up to the whole change. Nothing where one of these has no figure.
    """
    effects = []
    for part in range(count):
        others = [other for other in range(count) if other != part]
        effect = ZERO
        for size in range(count):
            weight = Decimal(factorial(size) * factorial(count - 1 - size))
            for changed in combinations(others, size):
                before, now = value(frozenset(changed)), value(frozenset((*changed, part)))
                if before is None or now is None:
                    return None
                effect += weight * (now - before)
        effects.append(effect / factorial(count))
    return effects


def price_volume_mix(sold: Iterable[Sold], *, with_cost: bool) -> dict[str, Decimal]:
    """Split the change of an amount, or of what is earned on it, by price, volume and mix.

    Price is the change of price at today's quantity, cost that of cost. Volume is the change of
    the whole quantity at the mean that one unit brought before; mix is what is left: that more or
    less of dearer items was among it. Quantities in different units are never added. Items that
    came or went are named apart, and so is what has no item or no quantity. It adds up exactly.
    """
    effects = dict.fromkeys(("price", "cost", "volume", "mix", "new", "lost", "other"), ZERO)
    units: dict[str, list[Decimal]] = {}
    for each in sold:
        before, now = each.amount_before, each.amount_now
        if with_cost:
            before, now = before - each.cost_before, now - each.cost_now
        kind = each.kind
        if kind != "changed":
            effects[kind] += now - before
            continue
        grown = each.quantity_now / each.quantity_before
        price = each.amount_now - each.amount_before * grown
        cost = each.cost_before * grown - each.cost_now if with_cost else ZERO
        effects["price"] += price
        effects["cost"] += cost
        sums = units.setdefault(each.unit, [ZERO, ZERO, ZERO, ZERO])
        left = now - before - price - cost
        for place, figure in enumerate((each.quantity_before, each.quantity_now, before, left)):
            sums[place] += figure
    for quantity_before, quantity_now, before, left in units.values():
        volume = (quantity_now - quantity_before) * before / quantity_before
        effects["volume"] += volume
        effects["mix"] += left - volume
    return effects


def told_apart(moved: Sequence[Moved], shares: Mapping[str | None, Decimal]) -> Decimal:
    """Return how much a dimension explains: 0 where every member changed as the whole did.

    It is by how much the leading members, three at most, make more of the movement in the
    direction of the change than they make of the figure itself. A member that makes a tenth of
    the figure and nine tenths of its fall explains 0.8. It depends on no order of the members.
    """
    change = sum(shares.values(), ZERO)
    along = {
        key: amount for key, amount in shares.items() if amount and (amount > 0) == (change > 0)
    }
    gross = sum(along.values(), ZERO)
    size = sum((abs(each.before) + abs(each.now) for each in moved), ZERO)
    if not change or not gross or not size:
        return ZERO
    excess = [
        along[each.key] / gross - (abs(each.before) + abs(each.now)) / size
        for each in moved
        if each.key in along
    ]
    leaders = sorted((one for one in excess if one > 0), reverse=True)[:LEADERS_MAX]
    return sum(leaders, ZERO)


def rounded_to(exact: Sequence[Decimal], digits: int, wanted: Decimal) -> list[Decimal]:
    """Round parts to so many decimals such that they add up to what is wanted.

    All are rounded down; what is then missing goes to those that lost most, one unit each.
    """
    unit = Decimal(1).scaleb(-digits)
    down = [value.quantize(unit, rounding=ROUND_FLOOR) for value in exact]
    if not down:
        return down
    missing = int((wanted - sum(down, ZERO)) / unit)
    by_loss = sorted(range(len(down)), key=lambda place: (down[place] - exact[place], place))
    each, rest = divmod(abs(missing), len(down))
    step = unit if missing > 0 else -unit
    if missing < 0:
        by_loss.reverse()
    for rank, place in enumerate(by_loss):
        down[place] += step * (each + (rank < rest))
    return down
