"""How long it takes to plan: a company of many items, levels and demands, and twice as many."""

import random
from decimal import Decimal
from time import perf_counter

from core.processes.planning.rules import Demand, Lots, Part, Problem, Receipt, solve

ITEMS, LEVELS, DEMANDS = 50_000, 8, 200_000
GROWTH = (8, 4, 2, 1)


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


def measured() -> list[tuple[int, int, float, int]]:
    """Return items, demands, seconds and orders of each size of the growth curve."""
    found = []
    for part in GROWTH:
        problem = generated(ITEMS // part, levels=LEVELS, demands=DEMANDS // part)
        begun = perf_counter()
        result = solve(problem)
        seconds = perf_counter() - begun
        found.append((ITEMS // part, DEMANDS // part, seconds, len(result.orders)))
    return found


def main() -> None:
    """Print the growth curve."""
    for items, demands, seconds, orders in measured():
        print(f"{items:>7} items {demands:>8} demands {orders:>8} orders {seconds:8.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
