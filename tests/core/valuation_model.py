"""A second, dumb reckoning of what stock is worth, to hold the kernel against.

Written from the promises alone: it plays everything that happened from the very beginning, on plain
lists. Goods lie in piles, the oldest first; at average there is one pile. What left before it came
stands in a list of debts.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal


def cents(amount: Decimal) -> int:
    """Round to whole cents, ties away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def part_of(value: int, part: Decimal, whole: Decimal) -> int:
    """Return what a part is worth; the whole takes everything."""
    return value if part == whole else cents(Decimal(value) * part / whole)


@dataclass
class Happening:
    """Something that happened: `day` and `order` say when, `kind` what.

    in: `quantity` for `value` | out | back: some of `of` comes back | sent: some of `of` goes
    back to its supplier | cost: `of` costs `value` more | set: all that is there is worth `value` |
    found: more is there than there should be, at what such goods are worth.
    """

    name: int
    day: int
    kind: str
    quantity: Decimal = Decimal(0)
    value: int = 0
    of: int = 0
    place: int = 0


@dataclass
class Places:
    """How much lies where, on which day, and what was counted: that stays as it was counted."""

    moves: list[tuple[int, int, Decimal]] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)

    def at(self, place: int, day: int) -> Decimal:
        """Return what lies in a place at the end of a day."""
        there = (much for on, where, much in self.moves if where == place and on <= day)
        return sum(there, Decimal(0))

    def move(self, place: int, day: int, much: Decimal) -> Decimal | None:
        """Bring so much into a place, or take it out.

        A count after that day found what it found: return what it then found more, or less, than
        it was told at the time.
        """
        self.moves.append((day, place, much))
        later = [on for on, where in self.counts if where == place and on > day]
        if not later:
            return None
        self.moves.append((min(later) - 1, place, -much))
        return -much

    def next_count(self, place: int, day: int) -> int:
        """Return the day of the first count of a place after a day."""
        return min(on for on, where in self.counts if where == place and on > day)


def following(places: Places, each: Happening, *, name: int) -> list[Happening]:
    """Return what happens, and by which difference of a later count it is made up for."""
    came = each.kind in ("in", "back", "found")
    kept = places.move(each.place, each.day, each.quantity if came else -each.quantity)
    if kept is None:
        return [each]
    evening = places.next_count(each.place, each.day) - 1
    kind = "found" if kept > 0 else "out"
    return [each, Happening(name, evening, kind, each.quantity, place=each.place)]


def counted(places: Places, *, name: int, day: int, place: int, much: Decimal) -> Happening | None:
    """Return what a count does: what is missing leaves, what is found comes in."""
    difference = much - places.at(place, day)
    if not difference:
        return None
    kind = "found" if difference > 0 else "out"
    return Happening(name, day, kind, abs(difference), place=place)


@dataclass
class Outcome:
    """What everything cost, and what is left."""

    fifo: bool
    costs: dict[int, int] = field(default_factory=dict)
    piles: list[list] = field(default_factory=list)
    debts: list[list] = field(default_factory=list)
    lowest: Decimal = Decimal(0)
    known: tuple[int, Decimal] | None = None
    sizes: dict[int, Decimal] = field(default_factory=dict)
    returned: dict[int, list[int]] = field(default_factory=dict)

    @property
    def quantity(self) -> Decimal:
        """How many there are, less what is owed."""
        there = sum((pile[1] for pile in self.piles), Decimal(0))
        return there - sum((debt[1] for debt in self.debts), Decimal(0))

    @property
    def value(self) -> int:
        """What they are worth, less what is owed."""
        return sum(pile[2] for pile in self.piles) - sum(debt[2] for debt in self.debts)

    def original(self, each: Happening) -> int:
        """Return what of the cost of the original goes with this part: what is left by then."""
        before = self.returned.setdefault(each.of, [])
        paid = sum(self.costs[name] for name in before)
        before.append(each.name)
        so_far = sum((self.sizes[name] for name in before), Decimal(0))
        return max(part_of(self.costs[each.of], so_far, self.sizes[each.of]) - paid, 0)

    def come(self, each: Happening, value: int) -> None:
        """Goods come in: first they settle what is owed."""
        self.costs[each.name] = value
        self.known = (value, each.quantity)
        owed = sum((debt[1] for debt in self.debts), Decimal(0))
        settled = min(owed, each.quantity)
        spent = part_of(value, settled, each.quantity) if settled else 0
        quantity, value = each.quantity - settled, value - spent
        while settled:
            debt = self.debts[0]
            much = min(settled, debt[1])
            guess, real = part_of(debt[2], much, debt[1]), part_of(spent, much, settled)
            self.costs[debt[0]] += real - guess
            debt[1], debt[2] = debt[1] - much, debt[2] - guess
            settled, spent = settled - much, spent - real
            self.debts = [each for each in self.debts if each[1]]
        if quantity and (self.fifo or not self.piles):
            self.piles.append([each.name, quantity, value])
        elif quantity:
            self.piles[0][1] += quantity
            self.piles[0][2] += value

    def found(self, each: Happening) -> int:
        """Return what goods are worth that somebody finds: as much as the others, or the last."""
        if self.quantity > 0:
            return cents(Decimal(self.value) * each.quantity / self.quantity)
        return cents(self.known[0] * each.quantity / self.known[1]) if self.known else 0

    def go(self, each: Happening, original: int) -> None:
        """Goods leave: what is missing is owed."""
        there = sum((pile[1] for pile in self.piles), Decimal(0))
        taken = min(there, each.quantity)
        if each.kind == "sent" and not self.fifo and taken:
            pile = self.piles[0]
            spent = pile[2] if taken == there else min(original, pile[2])
            pile[1], pile[2] = pile[1] - taken, pile[2] - spent
        else:
            spent = self.take(each, taken)
        self.piles = [pile for pile in self.piles if pile[1]]
        missing = each.quantity - taken
        if missing:
            guess = cents(self.known[0] * missing / self.known[1]) if self.known else 0
            self.debts.append([each.name, missing, guess])
            spent += guess
        self.costs[each.name] = spent
        self.lowest = min(self.lowest, self.quantity)

    def take(self, each: Happening, left: Decimal) -> int:
        """Take from the piles, the oldest first; what goes back, from its own before."""
        queue = [pile for pile in self.piles if each.kind == "sent" and pile[0] == each.of]
        spent = 0
        for pile in queue + [pile for pile in self.piles if pile not in queue]:
            much = min(left, pile[1])
            if much:
                self.known = (pile[2], pile[1])
                value = part_of(pile[2], much, pile[1])
                pile[1], pile[2] = pile[1] - much, pile[2] - value
                left, spent = left - much, spent + value
        return spent

    def set_worth(self, each: Happening) -> None:
        """All that is there is worth something else now."""
        self.costs[each.name] = 0
        if not self.piles:
            return
        before, there = self.value, self.quantity
        target = part_of(each.value, there, each.quantity)
        weights = [pile[2] for pile in self.piles]
        if not any(weights):
            weights = [pile[1] for pile in self.piles]
        exact = [Decimal(target) * weight / sum(weights) for weight in weights]
        shares = [int(share) for share in exact]
        order = sorted(range(len(shares)), key=lambda place: (shares[place] - exact[place], place))
        for place in order[: target - sum(shares)]:
            shares[place] += 1
        for pile, share in zip(self.piles, shares, strict=True):
            pile[2] = share
        self.costs[each.name] = target - before
        self.known = (self.piles[-1][2], self.piles[-1][1])


def reckon(happenings: list[Happening], *, fifo: bool) -> Outcome:
    """Play everything, the earliest day first, on one day in the order of telling."""
    outcome, extra = Outcome(fifo), Counter()
    for each in happenings:
        if each.kind == "cost":
            extra[each.of] += each.value
    moving = [each for each in happenings if each.kind != "cost"]
    for each in sorted(moving, key=lambda one: one.day):
        outcome.sizes[each.name] = each.quantity
        original = outcome.original(each) if each.kind in ("back", "sent") else 0
        if each.kind == "set":
            outcome.set_worth(each)
        elif each.kind == "in":
            outcome.come(each, each.value + extra[each.name])
        elif each.kind == "back":
            outcome.come(each, original)
        elif each.kind == "found":
            outcome.come(each, outcome.found(each))
        else:
            outcome.go(each, original)
    return outcome
