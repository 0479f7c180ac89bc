"""Material requirements: what is wanted is netted level by level; no session, no clock.

Days are counted from today. What is on hand and what is scheduled is used up once, by the first
day that wants it; only what is then missing is ordered, in the lots that an item is made or bought
in. Every quantity of supply is pegged to the requirement that it serves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction

from core.kernel.money import QUANTITY_DIGITS
from core.manufacturing.boms.rules import rounded_up
from core.manufacturing.routings.rules import days_for
from core.processes.planning.errors import MadeOfItself, TooManyLots

_ZERO = Decimal(0)
LOTS_MAX = 1_000
Key = str


@dataclass(frozen=True, slots=True)
class Lots:
    """How an item is planned: how long it takes, what is kept, and in which quantities it comes."""

    # In days: whatever the quantity, and of the work, its setup and each piece.
    lead_days: int = 0
    setup_days: Fraction = Fraction(0)
    piece_days: Fraction = Fraction(0)
    safety_stock: Decimal = _ZERO
    fixed: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    multiple: Decimal | None = None
    # Needs of so many days, counted from the first of them, come together.
    period_days: int = 0

    def lead_of(self, quantity: Decimal) -> int:
        """Return how many days a quantity takes."""
        return self.lead_days + days_for(self.setup_days, self.piece_days, quantity)


@dataclass(frozen=True, slots=True)
class Part:
    """How much of an item one of another takes, exactly, and how much each order of it besides."""

    key: Key
    each: Decimal | Fraction
    an_order: Decimal | Fraction = _ZERO


@dataclass(frozen=True, slots=True)
class Demand:
    """A quantity that is wanted by a day, and by what document."""

    day: int
    quantity: Decimal
    document: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A quantity that is on its way, with what document, for which day."""

    day: int
    quantity: Decimal
    document: str


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a plan is made from; items are known by their keys."""

    on_hand: Mapping[Key, Decimal]
    lots: Mapping[Key, Lots] = field(default_factory=dict)
    parts: Mapping[Key, Sequence[Part]] = field(default_factory=dict)
    demands: Mapping[Key, Sequence[Demand]] = field(default_factory=dict)
    receipts: Mapping[Key, Sequence[Receipt]] = field(default_factory=dict)
    # Decimals of an item's unit.
    digits: Mapping[Key, int] = field(default_factory=dict)
    # Never ordered: somebody else sees to it.
    left_alone: frozenset[Key] = frozenset()
    # A receipt that comes so many days too early is let be.
    patience_days: int = 3


class Source(StrEnum):
    """Where a supply comes from."""

    STOCK = "stock"
    RECEIPT = "receipt"
    ORDER = "order"
    # Nothing will be there.
    NONE = "none"


class Message(StrEnum):
    """What to do about what is on its way, or about what is late."""

    SOONER = "reschedule_in"
    LATER = "reschedule_out"
    CANCEL = "cancel_supply"
    QUANTITY = "change_quantity"
    LATE = "starts_in_the_past"


@dataclass(slots=True)
class Requirement:
    """A quantity that is needed by a day: for a document, an order of the plan, or to be kept."""

    key: Key
    day: int
    quantity: Decimal
    document: str = ""
    # The order of the plan that takes it.
    order: "Planned | None" = None
    pegs: list["Peg"] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Whether it is the safety stock."""
        return not self.document and self.order is None


@dataclass(slots=True)
class Planned:
    """A quantity of an item to order so that it is there by a day."""

    key: Key
    place: int
    quantity: Decimal
    due: int
    start: int
    takes: list[Requirement] = field(default_factory=list)
    pegs: list["Peg"] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Whether it would have had to start before today."""
        return self.start < 0


@dataclass(frozen=True, slots=True)
class Peg:
    """So much of a requirement is served from there."""

    requirement: Requirement
    source: Source
    quantity: Decimal
    receipt: Receipt | None = None
    order: Planned | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A message about a receipt or an order: what, why, and what it should be."""

    message: Message
    key: Key
    document: str
    quantity: Decimal
    day: int
    to_day: int | None = None
    to_quantity: Decimal | None = None
    # The documents that make it so.
    because: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """A plan: what to order, what to say about what is on its way, and what serves what."""

    orders: list[Planned] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)
    requirements: dict[Key, list[Requirement]] = field(default_factory=dict)
    levels: dict[Key, int] = field(default_factory=dict)


def low_level_codes(parts: Mapping[Key, Sequence[Part]], keys: Iterable[Key]) -> dict[Key, int]:
    """Return for each item the deepest level at which it goes into anything."""
    above: dict[Key, int] = dict.fromkeys(keys, 0)
    for made, takes in parts.items():
        above.setdefault(made, 0)
        for each in takes:
            above[each.key] = above.get(each.key, 0) + 1
    levels, ready = dict.fromkeys(above, 0), [key for key, count in above.items() if count == 0]
    seen = 0
    while ready:
        key = ready.pop()
        seen += 1
        below = levels[key] + 1
        for each in parts.get(key, ()):
            levels[each.key] = max(levels[each.key], below)
            above[each.key] -= 1
            if above[each.key] == 0:
                ready.append(each.key)
    if seen != len(above):
        raise MadeOfItself(sku=min(key for key, count in above.items() if count))
    return levels


def lots_of(quantity: Decimal, lots: Lots) -> list[Decimal]:
    """Return the orders that cover a quantity: fixed, or not under a minimum nor over a maximum."""
    if lots.fixed:
        count = int((quantity / lots.fixed).to_integral_value(rounding=ROUND_CEILING))
        return [lots.fixed] * _bounded(count, quantity)
    found: list[Decimal] = []
    if lots.maximum and quantity > lots.maximum:
        most = lots.maximum
        if lots.multiple and most >= lots.multiple:
            most = (most / lots.multiple).to_integral_value(rounding=ROUND_FLOOR) * lots.multiple
        whole = int((quantity / most).to_integral_value(rounding=ROUND_FLOOR))
        found = [most] * _bounded(whole, quantity)
        quantity -= most * whole
    if quantity > 0:
        quantity = max(quantity, lots.minimum or _ZERO)
        if lots.multiple:
            times = (quantity / lots.multiple).to_integral_value(rounding=ROUND_CEILING)
            quantity = times * lots.multiple
        found.append(quantity)
    return found


def _bounded(count: int, quantity: Decimal) -> int:
    if count > LOTS_MAX:
        raise TooManyLots(quantity=f"{quantity:f}", count=count)
    return count


def solve(problem: Problem) -> Result:
    """Plan everything, from what is sold down to what is bought."""
    keys = {*problem.on_hand, *problem.demands, *problem.receipts, *problem.parts}
    result = Result(levels=low_level_codes(problem.parts, keys))
    waiting: dict[Key, list[Requirement]] = defaultdict(list)
    for key, demands in problem.demands.items():
        waiting[key] += [
            Requirement(key, each.day, each.quantity, each.document)
            for each in demands
            if each.quantity > 0
        ]
    for key in sorted(result.levels, key=lambda key: (result.levels[key], key)):
        lots = problem.lots.get(key, _PLAIN)
        needed = waiting.pop(key, [])
        if lots.safety_stock > 0:
            needed.append(Requirement(key, 0, lots.safety_stock))
        if not needed and key not in problem.receipts:
            continue
        # What is kept is kept first, and what was wanted longest is served before it is late.
        needed.sort(key=lambda each: (each.day, not each.is_kept, each.document))
        result.requirements[key] = needed
        missing = _net(problem, key, needed, result)
        for order in _ordered(problem, key, lots, missing, first=len(result.orders)):
            result.orders.append(order)
            _take(problem, order, waiting)
            if order.is_late:
                result.advice.append(_late(order))
    return result


_PLAIN = Lots()


def _net(
    problem: Problem, key: Key, needed: Sequence[Requirement], result: Result
) -> list[tuple[Requirement, Decimal]]:
    """Serve requirements from what is there and what is coming; return what is left of each."""
    on_hand = problem.on_hand.get(key, _ZERO)
    receipts = sorted(problem.receipts.get(key, ()), key=lambda each: (each.day, each.document))
    left = [each.quantity for each in receipts]
    serves: list[list[Requirement]] = [[] for _ in receipts]
    place, missing = 0, []
    for each in needed:
        open_quantity = each.quantity
        if on_hand > 0:
            part = min(on_hand, open_quantity)
            on_hand -= part
            open_quantity -= part
            each.pegs.append(Peg(each, Source.STOCK, part))
        while open_quantity > 0 and place < len(receipts):
            part = min(left[place], open_quantity)
            if part > 0:
                left[place] -= part
                open_quantity -= part
                serves[place].append(each)
                each.pegs.append(Peg(each, Source.RECEIPT, part, receipt=receipts[place]))
            if left[place] == 0:
                place += 1
        if open_quantity > 0:
            missing.append((each, open_quantity))
    for receipt, rest, served in zip(receipts, left, serves, strict=True):
        if (advice := _advice(problem, key, receipt, rest, served)) is not None:
            result.advice.append(advice)
    return missing


def _advice(
    problem: Problem, key: Key, receipt: Receipt, rest: Decimal, served: Sequence[Requirement]
) -> Advice | None:
    because = tuple(dict.fromkeys(each.document or _named(each) for each in served))
    said = (key, receipt.document, receipt.quantity, receipt.day)
    used = receipt.quantity - rest
    if used == 0:
        return Advice(Message.CANCEL, *said)
    first = max(min(each.day for each in served), 0)
    if first < receipt.day:
        return Advice(Message.SOONER, *said, to_day=first, because=because)
    enough = sum(lots_of(used, problem.lots.get(key, _PLAIN)), _ZERO)
    if enough < receipt.quantity:
        return Advice(Message.QUANTITY, *said, to_quantity=enough, because=because)
    if first > max(receipt.day, 0) + problem.patience_days:
        return Advice(Message.LATER, *said, to_day=first, because=because)
    return None


def _ordered(
    problem: Problem,
    key: Key,
    lots: Lots,
    missing: Sequence[tuple[Requirement, Decimal]],
    *,
    first: int,
) -> list[Planned]:
    """Order what is missing, in lots; what a lot brings too much serves what comes after it."""
    if key in problem.left_alone:
        for each, quantity in missing:
            each.pegs.append(Peg(each, Source.NONE, quantity))
        return []
    orders: list[Planned] = []
    free: list[tuple[Planned, Decimal]] = []
    for place, (each, quantity) in enumerate(missing):
        there = sum((rest for _, rest in free), _ZERO)
        if there < quantity:
            wanted = _together(missing, place, lots.period_days) - there
            for lot in lots_of(wanted, lots):
                start = each.day - lots.lead_of(lot)
                order = Planned(key, first + len(orders), lot, each.day, start)
                orders.append(order)
                free.append((order, lot))
        free = _peg(each, quantity, free)
    return orders


def _together(
    missing: Sequence[tuple[Requirement, Decimal]], place: int, period_days: int
) -> Decimal:
    """Return what is missing from a place on that comes together: of a day, or of a period."""
    total, first = missing[place][1], missing[place][0].day
    for following in range(place + 1, len(missing)):
        each, quantity = missing[following]
        if each.day >= first + max(period_days, 1):
            break
        total += quantity
    return total


def _peg(
    each: Requirement, quantity: Decimal, free: Sequence[tuple[Planned, Decimal]]
) -> list[tuple[Planned, Decimal]]:
    left: list[tuple[Planned, Decimal]] = []
    for order, rest in free:
        part = min(rest, quantity)
        if part > 0:
            peg = Peg(each, Source.ORDER, part, order=order)
            each.pegs.append(peg)
            order.pegs.append(peg)
            quantity -= part
        if rest > max(part, _ZERO):
            left.append((order, rest - max(part, _ZERO)))
    assert quantity == 0, "what is ordered covers what is missing"
    return left


def _take(problem: Problem, order: Planned, waiting: dict[Key, list[Requirement]]) -> None:
    """Let an order want what it is made of, on the day that it starts."""
    day, quantity = max(order.start, 0), Fraction(order.quantity)
    for part in problem.parts.get(order.key, ()):
        exactly = quantity * Fraction(part.each) + Fraction(part.an_order)
        needed = rounded_up(exactly, problem.digits.get(part.key, QUANTITY_DIGITS))
        takes = Requirement(part.key, day, needed, order=order)
        order.takes.append(takes)
        waiting[part.key].append(takes)


def _late(order: Planned) -> Advice:
    because = tuple(dict.fromkeys(peg.requirement.document for peg in order.pegs))
    return Advice(
        Message.LATE,
        order.key,
        "",
        order.quantity,
        order.due,
        to_day=order.due - order.start,
        because=tuple(each for each in because if each),
    )


def _named(each: Requirement) -> str:
    return each.order.key if each.order is not None else "safety_stock"
