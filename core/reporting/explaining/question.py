"""The question why: which figure, between which stretches of time, of what."""

from typing import Literal

from pydantic import Field

from core.reporting.query import (
    DIMENSIONS_MAX,
    FILTERS_MAX,
    Compare,
    Filter,
    Name,
    Part,
    Period,
)

LISTED_MAX = 50


class ExplainChange(Part):
    """Why a figure changed: what each member, part, price and quantity adds to its change.

    Without a period it is the last month, or today for what is a state; without a comparison the
    period right before. `by` names the dimensions to look at; without it, all that the figure is
    known by are looked at, and the one that tells most is shown. `said` is what the question
    takes for granted, that it rose or fell; where it did not, the answer says so.
    """

    metric: Name
    period: Period | None = None
    compare: Compare = Compare(to="prior_period")
    filters: tuple[Filter, ...] = Field(default=(), max_length=FILTERS_MAX)
    by: tuple[Name, ...] = Field(default=(), max_length=DIMENSIONS_MAX)
    said: Literal["rose", "fell"] | None = None
    top: int = Field(default=5, ge=1, le=LISTED_MAX)
