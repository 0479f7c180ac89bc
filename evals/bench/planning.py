"""How long it takes to plan: companies of many items, levels and demands, each twice as large."""

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from time import perf_counter

from core.processes.planning.rules import Demand, Lots, Part, Problem, Receipt, solve

LEVELS, DEMANDS_AN_ITEM = 8, 4


def generated(items: int, *, levels: int, demands: int, seed: int = 7) -> Problem:
    """Make a company up: each item takes two to four of the level below; half of all are sold."""
    chance = random.Random(seed)  # noqa: S311
    width = items // levels
    keys = [[f"{level}-{place}" for place in range(width)] for level in range(levels)]
    parts = {
        key: [
            Part(chance.choice(keys[level + 1]), Decimal(chance.randint(1, 4)))
            for _ in range(chance.randint(2, 4))
        ]
        for level in range(levels - 1)
        for key in keys[level]
    }
    every = [key for row in keys for key in row]
    sold: dict[str, list[Demand]] = {}
    for number in range(demands):
        key = chance.choice(keys[0] if number % 2 else every)
        quantity = Decimal(chance.randint(1, 20))
        sold.setdefault(key, []).append(Demand(chance.randint(0, 180), quantity, f"SO-{number}"))
    return Problem(
        on_hand={key: Decimal(chance.randint(0, 60)) for key in every},
        lots={
            key: Lots(lead_days=chance.randint(1, 10), multiple=Decimal(10), period_days=7)
            for key in every
        },
        parts=parts,
        demands=sold,
        receipts={
            key: [Receipt(chance.randint(0, 60), Decimal(chance.randint(1, 90)), f"PO-{key}")]
            for key in every[::5]
        },
        digits=dict.fromkeys(every, 0),
    )


def bench_planning(*, sizes: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Return how long the netting of each number of items takes, and what it orders."""
    for items in sizes:
        demands = DEMANDS_AN_ITEM * items
        problem = generated(items, levels=LEVELS, demands=demands)
        begun = perf_counter()
        orders = len(solve(problem).orders)
        seconds = perf_counter() - begun
        yield f"plan, {items:,} items", f"{seconds:.1f} s, {demands:,} demands, {orders:,} orders"
