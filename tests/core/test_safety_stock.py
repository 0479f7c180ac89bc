"""The reorder point keeps the level of service that was asked for, on every class of demand."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest

from core.inventory import ServiceKind
from core.processes.replenishment.safety import (
    DemandClass,
    Spread,
    class_of,
    reorder_point,
    sampled,
)

Drawn = Callable[[Random], int]


def smooth(random: Random) -> int:
    return max(0, round(random.gauss(20, 5)))


def erratic(random: Random) -> int:
    return 1 + round(random.lognormvariate(2.4, 0.75))


def intermittent(random: Random) -> int:
    return random.randint(3, 7) if random.random() < 0.2 else 0


def lumpy(random: Random) -> int:
    return max(1, round(random.lognormvariate(2.5, 1.0))) if random.random() < 0.1 else 0


CLASSES = {
    DemandClass.SMOOTH: smooth,
    DemandClass.ERRATIC: erratic,
    DemandClass.INTERMITTENT: intermittent,
    DemandClass.LUMPY: lumpy,
}


def lead(random: Random) -> int:
    return max(1, round(random.gauss(10, 3)))


@dataclass
class Outcome:
    """What came of living by a reorder point."""

    cycles: int = 0
    unharmed: int = 0
    wanted: int = 0
    missed: int = 0
    stock: int = 0

    @property
    def cycle_service(self) -> float:
        return self.unharmed / self.cycles

    @property
    def fill_rate(self) -> float:
        return 1 - self.missed / self.wanted


def live(drawn: Drawn, point: int, quantity: int, random: Random, days: int, into: Outcome) -> None:
    """Order up to the target at the end of each day below the point; goods come days later."""
    stock = position = point + quantity
    coming: list[tuple[int, int]] = []
    for day in range(days):
        gone = drawn(random)
        into.wanted += gone
        into.missed += max(gone - max(stock, 0), 0)
        stock, position = stock - gone, position - gone
        for due, many in [each for each in coming if each[0] <= day]:
            into.cycles += 1
            into.unharmed += stock >= 0
            stock += many
            coming.remove((due, many))
        if position < point:
            many = point + quantity - position
            coming.append((day + lead(random), many))
            position += many
        into.stock += max(stock, 0)


@dataclass
class Trial:
    """The outcomes of the sampled points and of the textbook's, on the same kinds of days."""

    cycle: Outcome
    fill: Outcome
    textbook: Outcome


def trial(kind: DemandClass, *, replications: int, days: int) -> Trial:
    tried, drawn = Trial(Outcome(), Outcome(), Outcome()), CLASSES[kind]
    for place in range(replications):
        random = Random(f"{kind} {place}")
        history = [drawn(random) for _ in range(730)]
        leads = [lead(random) for _ in range(50)]
        demand, times = Spread.of(history), Spread.of(leads)
        quantity = round(demand.mean * 30)
        exposure = sampled(history, leads, review_days=1, seed=f"{place}")
        for service, into in ((ServiceKind.CYCLE, tried.cycle), (ServiceKind.FILL, tried.fill)):
            point = reorder_point(
                exposure, service_percent=Decimal(95), kind=service, order_quantity=quantity
            )
            live(drawn, point, quantity, random, days, into)
        spread = times.mean * demand.deviation**2 + demand.mean**2 * times.deviation**2
        normal = demand.mean * times.mean + Decimal("1.645") * spread.sqrt()
        live(drawn, round(normal), quantity, random, days, tried.textbook)
    return tried


def check(tried: Trial, kind: DemandClass, points: float) -> None:
    assert abs(tried.cycle.cycle_service - 0.95) <= points, tried
    # A share of the quantity takes far less stock than a share of the cycles.
    assert abs(tried.fill.fill_rate - 0.95) <= points, tried
    assert tried.fill.stock < tried.cycle.stock
    if kind in {DemandClass.SMOOTH, DemandClass.ERRATIC}:
        assert tried.cycle.stock <= tried.textbook.stock * 1.10


@pytest.mark.parametrize("kind", CLASSES)
def test_the_service_that_is_asked_for_is_reached(kind: DemandClass) -> None:
    check(trial(kind, replications=16, days=1_500), kind, 0.02)


@pytest.mark.long
@pytest.mark.parametrize("kind", CLASSES)
def test_the_service_is_reached_in_the_long_run(kind: DemandClass) -> None:
    check(trial(kind, replications=100, days=2_500), kind, 0.02)


@pytest.mark.parametrize("kind", CLASSES)
def test_the_class_of_a_demand_is_recognised(kind: DemandClass) -> None:
    random = Random(f"{kind}")
    assert class_of([CLASSES[kind](random) for _ in range(730)]) is kind
    assert class_of([0] * 30) is DemandClass.NONE


def test_the_same_question_has_the_same_answer() -> None:
    history, leads = [0, 3, 0, 5, 1, 0, 9], [4, 7, 10]

    first = sampled(history, leads, review_days=2, seed="LAMP-01 2026-06-15")

    assert first == sampled(history, leads, review_days=2, seed="LAMP-01 2026-06-15")
    assert first != sampled(history, leads, review_days=2, seed="LAMP-01 2026-06-16")


def test_what_nobody_wants_needs_no_stock() -> None:
    exposure = sampled([0] * 60, [7], review_days=1, seed="x")

    for kind in ServiceKind:
        point = reorder_point(exposure, service_percent=Decimal(99), kind=kind, order_quantity=0)
        assert point == 0
    assert exposure.risk_percent(0) == 0


def test_certain_demand_takes_what_the_lead_time_takes_and_one_look() -> None:
    exposure = sampled([4] * 60, [5], review_days=1, seed="x")

    # Twenty go while the order is on its way; the look that finds less finds one to four less.
    point = reorder_point(
        exposure, service_percent=Decimal("99.9"), kind=ServiceKind.CYCLE, order_quantity=40
    )
    assert point == 24
    assert exposure.risk_percent(19) == 100
    assert exposure.risk_percent(20) == 0
