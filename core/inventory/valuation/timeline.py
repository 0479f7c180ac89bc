"""The kernel of valuation: what every move of one item costs; no database, no clock.

The timeline of an item is what happened to it, in the order of its days. From an opening, `replay`
tells what each step is worth and what is left. Goods lie in layers: first in, first out keeps one
for everything that came in, the other methods keep a single one, so that the same way of taking
from the oldest layer is FIFO with many and the average with one.

Where goods may leave before they came, what is missing is owed: it leaves at the last known cost,
and what comes in next settles it at its own.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from core.catalog import ValuationMethod
from core.kernel.money import Rounding, rounded

_ZERO = Decimal(0)


class Way(StrEnum):
    """What a step does to the stock, and where its value comes from."""

    # In, at what it cost with everything that was added later.
    RECEIPT = "receipt"
    # In, at what such goods are worth here.
    FOUND = "found"
    # In again, at what the issue cost that it takes back.
    RETURNED = "returned"
    # Out, at what the method says.
    ISSUE = "issue"
    # Out, back to where it came from, at the cost of its own receipt.
    SENT_BACK = "sent_back"
    # Nothing moves: the stock gets another value, another method or another standard.
    REVALUATION = "revaluation"


class Step(NamedTuple):
    """One thing that happened to an item; a tuple, as there are hundreds of thousands.

    `value` is the cost of a receipt; of goods that are sent back without naming their receipt,
    their original value; of goods that left before any cost was known, the guess; of a
    revaluation, what its `quantity` was worth from then on, and None where all keeps its value.
    """

    key: uuid.UUID
    way: Way
    quantity: Decimal
    value: int | None = None
    of: uuid.UUID | None = None
    method: ValuationMethod | None = None
    standard: Decimal | None = None

    @property
    def incoming(self) -> bool:
        """Whether its value is more stock, and not less."""
        return self.way not in (Way.ISSUE, Way.SENT_BACK)


@dataclass
class Layer:
    """Goods that leave together, and what is left of their value."""

    key: uuid.UUID | None
    quantity: Decimal
    value: int


@dataclass
class _Owed:
    key: uuid.UUID
    quantity: Decimal
    value: int


@dataclass
class Original:
    """A step that others may take back: how much of it, and what of its value, is back."""

    quantity: Decimal
    value: int
    back_quantity: Decimal = _ZERO
    back_value: int = 0


def share(value: int, part: Decimal, whole: Decimal, rounding: Rounding) -> int:
    """Return the value of a part; the whole is worth all of it."""
    return value if part == whole else int(rounded(value * part / whole, 0, rounding))


def spread(amount: int, weights: list[Decimal]) -> list[int]:
    """Share an amount out by weights: exact in all, and nobody gets less than nothing.

    What rounding down leaves goes, one by one, to those who lost most by it.
    """
    whole = sum(weights, _ZERO)
    assert amount >= 0, "what is shared out is shared out by nobody paying"
    assert whole > 0, "an amount is shared out among somebody"
    exact = [amount * weight / whole for weight in weights]
    shares = [int(each) for each in exact]
    order = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: amount - sum(shares)]:
        shares[place] += 1
    return shares


@dataclass
class Stock:
    """What there is of an item at a point of its timeline."""

    method: ValuationMethod
    rounding: Rounding = Rounding.HALF_UP
    # The standard cost of one unit, and how many minor units its currency has.
    standard: Decimal | None = None
    scale: int = 100
    layers: list[Layer] = field(default_factory=list)
    quantity: Decimal = _ZERO
    value: int = 0
    owed: list[_Owed] = field(default_factory=list)
    # The newest cost that is known: so much, for so many.
    last: tuple[int, Decimal] | None = None

    @classmethod
    def holding(
        cls,
        method: ValuationMethod,
        layers: Iterable[Layer],
        *,
        rounding: Rounding = Rounding.HALF_UP,
        standard: Decimal | None = None,
        scale: int = 100,
    ) -> "Stock":
        """Return a stock of some layers, the oldest first."""
        kept = [layer for layer in layers if layer.quantity]
        stock = cls(method, rounding, standard, scale, kept)
        stock.quantity = sum((layer.quantity for layer in kept), _ZERO)
        stock.value = sum(layer.value for layer in kept)
        if kept:
            stock.last = (kept[-1].value, kept[-1].quantity)
        return stock

    def worth(self, quantity: Decimal) -> int | None:
        """Return what a quantity is worth on average; None while there is nothing."""
        if self.method is ValuationMethod.STANDARD:
            return self.at_standard(quantity)
        if self.quantity <= 0:
            return None
        return int(rounded(self.value * quantity / self.quantity, 0, self.rounding))

    def at_standard(self, quantity: Decimal) -> int:
        """Return what a quantity is worth at standard cost."""
        assert self.standard is not None, "who values at standard cost has one"
        return self.of_unit(self.standard, quantity)

    def of_unit(self, unit_cost: Decimal, quantity: Decimal) -> int:
        """Return the value of a quantity of which one unit costs so much."""
        return int(rounded(unit_cost * quantity * self.scale, 0, self.rounding))

    def put(self, key: uuid.UUID, quantity: Decimal, value: int) -> dict[uuid.UUID, int]:
        """Take goods in; return by how much they change the cost of those that were owed."""
        self.last = (value, quantity)
        settled = min(quantity, -self.quantity) if self.owed else _ZERO
        changes: dict[uuid.UUID, int] = {}
        if settled:
            cost = share(value, settled, quantity, self.rounding)
            quantity, value = quantity - settled, value - cost
            changes = self._settle(settled, cost)
        if quantity:
            self._lay(key, quantity, value)
        return changes

    def take(self, quantity: Decimal, *, first: uuid.UUID | None = None) -> int:
        """Take goods out of the oldest layers, or `first` out of that of one receipt."""
        assert 0 < quantity <= self.quantity, "only what is there can leave"
        left, cost = quantity, 0
        for layer in [each for each in self.layers if first and each.key == first]:
            left, cost = self._from(layer, left, cost)
        while left:
            left, cost = self._from(self.layers[0], left, cost)
        return cost

    def owe(self, key: uuid.UUID, quantity: Decimal, value: int) -> None:
        """Let goods leave that have not come yet, at a cost that is a guess."""
        assert not self.layers, "what is there leaves first"
        self.owed.append(_Owed(key, quantity, value))
        self.quantity -= quantity
        self.value -= value

    def send_back(self, quantity: Decimal, *, of: uuid.UUID | None, original: int | None) -> int:
        """Take out goods that go back to their supplier; return what the stock loses by it.

        With layers that is their own, as far as it is still there. At average it is what they
        cost; never more than there is, and all of it with the last unit.
        """
        if self.method is ValuationMethod.FIFO or original is None:
            return self.take(quantity, first=of)
        value = self.value if quantity == self.quantity else min(original, self.value)
        pool = self.layers[0]
        pool.quantity, pool.value = pool.quantity - quantity, pool.value - value
        self.quantity, self.value = self.quantity - quantity, self.value - value
        self.layers = [layer for layer in self.layers if layer.quantity]
        return value

    def revalue(
        self,
        key: uuid.UUID,
        *,
        value: int | None,
        method: ValuationMethod,
        standard: Decimal | None,
    ) -> int:
        """Give what is there another value, or method; return by how much it is worth more."""
        before = self.value
        if value is not None and self.layers:
            weights = [Decimal(layer.value) for layer in self.layers]
            if not any(weights):
                weights = [layer.quantity for layer in self.layers]
            for layer, worth in zip(self.layers, spread(value, weights), strict=True):
                layer.value = worth
            self.value = value
        if self.layers and (method is not self.method or method is not ValuationMethod.FIFO):
            self.layers = [Layer(key, self.quantity, self.value)]
        if self.layers:
            self.last = (self.layers[-1].value, self.layers[-1].quantity)
        self.method, self.standard = method, standard
        return self.value - before

    def _lay(self, key: uuid.UUID, quantity: Decimal, value: int) -> None:
        self.quantity += quantity
        self.value += value
        if self.method is ValuationMethod.FIFO or not self.layers:
            self.layers.append(Layer(key, quantity, value))
            return
        pool = self.layers[0]
        pool.quantity, pool.value = pool.quantity + quantity, pool.value + value

    def _from(self, layer: Layer, left: Decimal, cost: int) -> tuple[Decimal, int]:
        part = min(left, layer.quantity)
        if part:
            # What leaves tells the last known cost, should the shelf be empty then.
            self.last = (layer.value, layer.quantity)
        value = share(layer.value, part, layer.quantity, self.rounding)
        layer.quantity, layer.value = layer.quantity - part, layer.value - value
        self.quantity, self.value = self.quantity - part, self.value - value
        if not layer.quantity:
            self.layers.remove(layer)
        return left - part, cost + value

    def _settle(self, quantity: Decimal, cost: int) -> dict[uuid.UUID, int]:
        """Give what is owed its real cost, the oldest first."""
        changes: dict[uuid.UUID, int] = {}
        while quantity:
            owed = self.owed[0]
            part = min(quantity, owed.quantity)
            guess = share(owed.value, part, owed.quantity, self.rounding)
            real = share(cost, part, quantity, self.rounding)
            changes[owed.key] = changes.get(owed.key, 0) + real - guess
            owed.quantity, owed.value = owed.quantity - part, owed.value - guess
            self.quantity, self.value = self.quantity + part, self.value + guess
            quantity, cost = quantity - part, cost - real
            if not owed.quantity:
                self.owed.pop(0)
        return changes


@dataclass
class Replay:
    """A stock that steps are played on, and what each of them was worth."""

    stock: Stock
    # Steps that are taken back: at first those from before the opening, whose cost is at rest.
    originals: dict[uuid.UUID, Original] = field(default_factory=dict)
    values: dict[uuid.UUID, int] = field(default_factory=dict)
    lowest: Decimal = _ZERO
    _quantities: dict[uuid.UUID, Decimal] = field(default_factory=dict)
    # What of each step came or went back so far.
    _returns: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))

    def play(self, steps: Iterable[Step]) -> "Replay":
        """Play steps in their order."""
        for step in steps:
            if step.way is Way.REVALUATION:
                self.values[step.key] = self._revalue(step)
                continue
            self._quantities[step.key] = step.quantity
            if not step.incoming:
                self.values[step.key] = self._leave(step)
            else:
                self.values[step.key] = value = self._incoming(step)
                for key, change in self.stock.put(step.key, step.quantity, value).items():
                    self.values[key] += change
            if step.of is not None:
                self._returns[step.of].append(step.key)
            self.lowest = min(self.lowest, self.stock.quantity)
        return self

    def _incoming(self, step: Step) -> int:
        stock = self.stock
        back = self._back(step) if step.way is Way.RETURNED else None
        if stock.method is ValuationMethod.STANDARD:
            return stock.at_standard(step.quantity)
        if back is not None:
            return back
        if step.way is Way.FOUND:
            worth = stock.worth(step.quantity)
            return worth if worth is not None else self._guess(step.quantity, step)
        assert step.value is not None, "a receipt has a cost of its own"
        return step.value

    def _leave(self, step: Step) -> int:
        stock = self.stock
        there = min(step.quantity, max(stock.quantity, _ZERO))
        cost = 0
        if there:
            back = self._back(step) if step.of else step.value
            if step.way is Way.SENT_BACK and stock.method is not ValuationMethod.STANDARD:
                cost = stock.send_back(there, of=step.of, original=back)
            else:
                cost = stock.take(there)
        missing = step.quantity - there
        if missing:
            guess = self._guess(missing, step)
            stock.owe(step.key, missing, guess)
            cost += guess
        return cost

    def _guess(self, quantity: Decimal, step: Step) -> int:
        stock = self.stock
        if stock.method is ValuationMethod.STANDARD:
            return stock.at_standard(quantity)
        if stock.last is not None:
            value, known = stock.last
            return int(rounded(value * quantity / known, 0, stock.rounding))
        return share(step.value or 0, quantity, step.quantity, stock.rounding)

    def _back(self, step: Step) -> int:
        """Return what of the original's cost goes with what of it comes or goes back.

        That is its share, together with those before it and less what they really cost: a
        supplier that gets everything back gets all of its cost back.
        """
        key = step.of
        assert key is not None, "only what refers to another step takes it back"
        known = self.originals.get(key) or Original(self._quantities[key], 0)
        before = self._returns[key]
        gone = known.back_quantity + sum((self._quantities[each] for each in before), _ZERO)
        paid = known.back_value + sum(self.values[each] for each in before)
        back = min(gone + step.quantity, known.quantity)
        value = self.values.get(key, known.value)
        return max(share(value, back, known.quantity, self.stock.rounding) - paid, 0)

    def _revalue(self, step: Step) -> int:
        stock, value = self.stock, step.value
        if stock.quantity <= 0:
            value = None
        elif value is not None and stock.quantity != step.quantity:
            value = int(rounded(value * stock.quantity / step.quantity, 0, stock.rounding))
        assert step.method is not None, "a revaluation says how the item is valued from then on"
        return stock.revalue(step.key, value=value, method=step.method, standard=step.standard)
