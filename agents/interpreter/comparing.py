"""What somebody means who sets one stretch of time against another."""

from core.reporting.query import Compare, Period, Relative


def compare_with(period: Period, other: Period) -> Compare:
    """Return how a period is compared with another that was named beside it."""
    if other == period:
        # "March against last March": the latter is the one a year before.
        return Compare(to="prior_year")
    if not isinstance(period, Relative) or not isinstance(other, Relative):
        return Compare(to="period", period=other)
    if period.count == other.count == 1 and other.offset == period.offset - 1:
        if other.unit == period.unit == "year":
            return Compare(to="prior_year")
        if other.unit == period.unit:
            return Compare(to="prior_period")
    if other.unit == "year" and other.offset == -1 and period.unit != "year":
        # "this quarter vs last year" means the same quarter of it.
        return Compare(to="prior_year")
    return Compare(to="period", period=other)


def compare_alone(other: Period) -> tuple[Period | None, Compare]:
    """Return the period and the comparison that are meant where only the other one was named.

    "Against last year": this year up to today against last year up to the same day.
    """
    if isinstance(other, Relative) and other.offset == -1 and other.count == 1:
        to = "prior_year" if other.unit == "year" else "prior_period"
        return Relative(unit=other.unit), Compare.model_validate({"to": to})
    return None, Compare(to="period", period=other)
