"""Why a figure changed: an exact split of its change, the same however it is asked.

`explain` takes an `ExplainChange` and returns an `Explanation`: the change by the members of the
dimension that tells most, an amount of items also by price, volume and mix, a formula also by the
figures it is made of. Each split adds up to the change, to the cent.
"""

from core.reporting.explaining.explain import explain
from core.reporting.explaining.explanation import Breakdown, Contribution, Effect, Explanation
from core.reporting.explaining.question import ExplainChange

__all__ = ["Breakdown", "Contribution", "Effect", "ExplainChange", "Explanation", "explain"]
