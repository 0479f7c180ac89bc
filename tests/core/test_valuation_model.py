"""The kernel of valuation reckons as a second, dumb reckoning does, whatever happens, and when."""

import random
import uuid
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest

from core.catalog import ValuationMethod
from core.inventory.valuation.timeline import Replay, Step, Stock, Way, spread
from tests.core.valuation_model import Happening, Outcome, Places, counted, following, reckon

# A tenth every day, all of them in the long run.
SEQUENCES, SEQUENCES_LONG = 1_000, 10_000
PLACES = 3
WAYS = {
    "in": Way.RECEIPT,
    "found": Way.FOUND,
    "out": Way.ISSUE,
    "back": Way.RETURNED,
    "sent": Way.SENT_BACK,
}
KINDS = ("in", "in", "out", "out", "out", "back", "sent", "cost", "set", "count", "count")


def a_story(chance: random.Random, method: ValuationMethod, *, negative: bool) -> list[Happening]:
    """Tell a story of one item: most things happen in order, some come to light later.

    Both reckonings agree on what is found when it is found; it is worth that from then on.
    """
    story: list[Happening] = []
    places, left = Places(), dict[int, Decimal]()
    for name in range(1, 2 * chance.randint(3, 14), 2):
        late = chance.random() < 0.25
        day = chance.randint(2, 10) if late else max((each.day for each in story), default=2)
        kind, place = chance.choice(KINDS), chance.randrange(PLACES)
        whole = chance.random() < 0.8
        much = Decimal(chance.randint(1, 9)) if whole else Decimal(chance.randint(1, 9000)) / 1000
        before = deepcopy(places)
        if kind == "count":
            each = counted(places, name=name, day=day, place=place, much=much)
            if each is None:
                continue
            more = following(places, each, name=name + 1)
            places.counts.append((day, place))
        else:
            each = something(chance, story, left, Happening(name, day, kind, much, place=place))
            moves = each.kind not in ("cost", "set")
            more = following(places, each, name=name + 1) if moves else [each]
        told = [*story, *more]
        if not negative and reckon(told, fifo=True).lowest < 0:
            places = before
            continue
        if each.of and each.kind != "cost":
            left[each.of] -= each.quantity
        left[name] = each.quantity
        story = at_rest(told, method)
    return story


def something(
    chance: random.Random, story: list[Happening], left: dict[int, Decimal], each: Happening
) -> Happening:
    """Fill in what happens: what refers to something earlier needs something earlier."""
    each.value = chance.choice([0, 1, chance.randint(1, 9999)])
    wanted = {"back": "out", "sent": "in", "cost": "in"}.get(each.kind)
    earlier = [one for one in story if one.kind == wanted and left.get(one.name)]
    if each.kind in ("back", "sent"):
        earlier = [one for one in earlier if one.day <= each.day]
    if wanted and not earlier:
        each.kind = "in"
    elif wanted:
        original = chance.choice(earlier)
        each.of = original.name
        if each.kind == "cost":
            each.value = chance.randint(-costs_of(story, original.name), 500)
        else:
            each.quantity = min(each.quantity, left[original.name])
    return each


def at_rest(story: list[Happening], method: ValuationMethod) -> list[Happening]:
    """Return a story in which what was found has the worth that it was found at."""
    if not any(each.kind == "found" for each in story):
        return story
    dumb = agrees(story, method)
    return [
        replace(each, kind="in", value=dumb.costs[each.name]) if each.kind == "found" else each
        for each in story
    ]


def costs_of(story: list[Happening], name: int) -> int:
    """Return what a receipt costs with all that was added to it."""
    return sum(e.value for e in story if e.name == name or (e.kind == "cost" and e.of == name))


def steps_of(story: list[Happening], method: ValuationMethod) -> list[Step]:
    """Tell the same to the kernel."""
    order = sorted((each for each in story if each.kind != "cost"), key=lambda each: each.day)
    steps = []
    for each in order:
        key, of = uuid.UUID(int=each.name), uuid.UUID(int=each.of) if each.of else None
        if each.kind == "set":
            steps.append(Step(key, Way.REVALUATION, each.quantity, each.value, method=method))
            continue
        value = costs_of(story, each.name) if each.kind == "in" else None
        steps.append(Step(key, WAYS[each.kind], each.quantity, value, of))
    return steps


def agrees(story: list[Happening], method: ValuationMethod) -> Outcome:
    """Hold both reckonings of a story against each other."""
    dumb = reckon(story, fifo=method is ValuationMethod.FIFO)

    played = Replay(Stock(method)).play(steps_of(story, method))

    assert {key.int: value for key, value in played.values.items()} == dumb.costs, story
    stock = played.stock
    assert (stock.quantity, stock.value) == (dumb.quantity, dumb.value), story
    layers = [[layer.quantity, layer.value] for layer in stock.layers]
    assert layers == [pile[1:] for pile in dumb.piles], story
    return dumb


@pytest.mark.parametrize("method", [ValuationMethod.FIFO, ValuationMethod.MOVING_AVERAGE])
@pytest.mark.parametrize("negative", [False, True], ids=["refused", "allowed"])
def test_a_thousand_stories_cost_the_same_in_both_reckonings(
    method: ValuationMethod, *, negative: bool
) -> None:
    reckon_twice(SEQUENCES // 4, 20261127, method, negative=negative)


@pytest.mark.long
@pytest.mark.parametrize("method", [ValuationMethod.FIFO, ValuationMethod.MOVING_AVERAGE])
@pytest.mark.parametrize("negative", [False, True], ids=["refused", "allowed"])
def test_ten_thousand_stories_cost_the_same_in_both_reckonings(
    method: ValuationMethod, *, negative: bool
) -> None:
    reckon_twice(SEQUENCES_LONG // 4, 4, method, negative=negative)


def reckon_twice(stories: int, seed: int, method: ValuationMethod, *, negative: bool) -> None:
    """Tell stories, and hold both reckonings of each against each other."""
    chance = random.Random(seed)

    for _ in range(stories):
        story = a_story(chance, method, negative=negative)
        dumb = agrees(story, method)

        into = sum(dumb.costs[e.name] for e in story if e.kind in ("in", "back", "set"))
        out = sum(dumb.costs[e.name] for e in story if e.kind in ("out", "sent"))
        assert into - out == dumb.value, "nothing is lost between the moves and the stock"
        assert dumb.quantity or not dumb.value, "an empty shelf is worth nothing"


def test_what_is_shared_out_adds_up_and_nobody_gets_less_than_nothing() -> None:
    chance = random.Random(7)

    for _ in range(2_000):
        amount = chance.randint(0, 10**9)
        weights = [Decimal(chance.randint(0, 10**6)) / 1000 for _ in range(chance.randint(1, 9))]
        if not any(weights):
            continue
        shares = spread(amount, weights)

        assert sum(shares) == amount
        assert min(shares) >= 0
        exact = [amount * weight / sum(weights) for weight in weights]
        assert all(abs(s - e) < 1 for s, e in zip(shares, exact, strict=True))


def test_four_cents_over_seven_equal_lines_give_three_of_them_nothing() -> None:
    assert spread(4, [Decimal(1)] * 7) == [1, 1, 1, 1, 0, 0, 0]
