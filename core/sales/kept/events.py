"""What happens to what is kept."""

from dataclasses import dataclass

from core.kernel.events import Fact


@dataclass(frozen=True)
class OrderTotalsRebuilt(Fact, name="sales.totals_rebuilt"):
    """The kept totals of orders were added up anew from their lines; so many had been wrong."""

    wrong: int
