"""How low stock may fall before an order: the reorder point that keeps a level of service.

Everything counts in whole smallest units of an item, so that nothing is lost. What may be wanted
while goods are on their way is drawn from the days and the lead times that were seen; the seed
makes the same question give the same answer.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from random import Random

from core.inventory import ServiceKind

SAMPLES = 2_000
# Samples begin so many days apart in one long drawn history: nearly independent, and quick.
_APART = 4
_STORIES = 20
_FIFTH_ROOT, _NARROW = Decimal("-0.2"), Decimal("0.15")
# Where the classes of Syntetos and Boylan meet: days between demands, squared variation of sizes.
_ADI, _CV2 = Decimal("1.32"), Decimal("0.49")
_ALL = Decimal(100)


class DemandClass(StrEnum):
    """How an item is wanted."""

    NONE = "no_demand"
    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"


@dataclass(frozen=True)
class Spread:
    """The mean of some figures, and how far they lie from it: their standard deviation."""

    mean: Decimal
    deviation: Decimal

    @classmethod
    def of(cls, figures: Sequence[int]) -> "Spread":
        """Measure some figures; of none, nothing."""
        if not figures:
            return cls(Decimal(0), Decimal(0))
        mean = Decimal(sum(figures)) / len(figures)
        squares = Decimal(sum(each * each for each in figures)) / len(figures)
        return cls(mean, max(squares - mean * mean, Decimal(0)).sqrt())


def class_of(history: Sequence[int]) -> DemandClass:
    """Say how an item is wanted, from its demand of each day."""
    sizes = [each for each in history if each > 0]
    if not sizes:
        return DemandClass.NONE
    often = Decimal(len(history)) / len(sizes) < _ADI
    spread = Spread.of(sizes)
    alike = (spread.deviation / spread.mean) ** 2 < _CV2
    if often:
        return DemandClass.SMOOTH if alike else DemandClass.ERRATIC
    return DemandClass.INTERMITTENT if alike else DemandClass.LUMPY


@dataclass(frozen=True)
class Exposure:
    """What may be wanted while an order is on its way, as sampled: from the least to the most.

    `with_undershoot` adds how far stock has fallen below the reorder point when it is noticed.
    """

    demand: tuple[int, ...]
    with_undershoot: tuple[int, ...]
    undershoot: Decimal

    def risk_percent(self, stock: int) -> Decimal:
        """Return how often more is wanted than there is, in percent."""
        if not self.demand:
            return Decimal(0)
        enough = bisect_right(self.demand, stock)
        return _ALL * (len(self.demand) - enough) / len(self.demand)


def sampled(
    history: Sequence[int], lead_times: Sequence[int], *, review_days: int, seed: str
) -> Exposure:
    """Draw what may be wanted while an order is on its way."""
    assert lead_times, "something is known of the lead time"
    if not any(history):
        return Exposure((), (), Decimal(0))
    random = Random(seed)  # noqa: S311
    length = SAMPLES * _APART + max(lead_times) + max(review_days, 1)
    sums = [0, *accumulate(_retold(random, history, length))]
    leads = _retold(random, lead_times, SAMPLES)
    starts = range(0, SAMPLES * _APART, _APART)
    demand = [sums[start + lead] - sums[start] for start, lead in zip(starts, leads, strict=True)]
    # Between two looks this much leaves; the look that finds too little lies anywhere within it,
    # and the more a look finds gone, the more likely it is the one that crosses the line.
    step = max(review_days, 1)
    gone = [each for start in starts if (each := sums[start + step] - sums[start]) > 0]
    if not gone:
        gone = [each for each in history if each > 0]
    crossing = random.choices(gone, weights=gone, k=SAMPLES)
    below = [int(random.random() * each) + 1 for each in crossing]
    exposed = sorted(map(int.__add__, demand, below))
    return Exposure(tuple(sorted(demand)), tuple(exposed), Decimal(sum(below)) / len(below))


def _retold(random: Random, seen: Sequence[int], length: int) -> list[int]:
    """Draw as many figures as asked from what was seen, told anew for each stretch of them.

    What was seen is itself a sample, and another two years would have told another story: where
    little was seen, more may come than ever did. Each stretch is drawn from one such story, in
    which sizes lie about those that were seen, the wider the fewer and the more unlike they are.
    """
    width = _width([each for each in seen if each > 0])
    drawn: list[int] = []
    while len(drawn) < length:
        story = random.choices(seen, k=len(seen))
        if width:
            story = [
                each
                and (each * (1000 - width + int(random.random() * (2 * width + 1))) + 500) // 1000
                for each in story
            ]
        drawn += random.choices(story, k=-(-length // _STORIES))
    return drawn[:length]


def _width(sizes: Sequence[int]) -> int:
    """Return how far from a size that was seen others may lie, in thousandths of it.

    A kernel's width by the usual rule; where it is narrow, what was seen is all there is.
    """
    spread = Spread.of(sizes)
    if not spread.mean:
        return 0
    width = spread.deviation / spread.mean * Decimal(len(sizes)) ** _FIFTH_ROOT
    return 0 if width < _NARROW else min(int(width * 1000), 1000)


def reorder_point(
    exposure: Exposure, *, service_percent: Decimal, kind: ServiceKind, order_quantity: int
) -> int:
    """Return the least reorder point that reaches a level of service.

    Of cycles: so many of them end before nobody has to wait. Of the quantity: what is missing in
    a cycle is no more than its share of what is ordered in one.
    """
    exposed = exposure.with_undershoot
    if not exposed:
        return 0
    share = service_percent / _ALL
    if kind is ServiceKind.CYCLE:
        enough = int((share * len(exposed)).to_integral_value(rounding="ROUND_CEILING"))
        return exposed[min(enough, len(exposed)) - 1]
    may_miss = (1 - share) * (order_quantity + exposure.undershoot) * len(exposed)
    return _point_by_missing(exposed, may_miss)


def _point_by_missing(exposed: Sequence[int], may_miss: Decimal) -> int:
    """Return the least level above which the exposures miss no more than that in all."""
    missed = 0
    falling = sorted(exposed, reverse=True)
    for above, (here, lower) in enumerate(zip(falling, [*falling[1:], 0], strict=True), start=1):
        # From this exposure down to the next one, each unit less is missed by all above.
        if missed + above * (here - lower) > may_miss:
            return here - int((may_miss - missed) / above)
        missed += above * (here - lower)
    return 0
