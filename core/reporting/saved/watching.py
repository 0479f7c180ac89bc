"""The one figure that an alert watches, in the answer to its question."""

from decimal import Decimal

from sqlalchemy.orm import Session

from core.reporting.answering import answer
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from core.reporting.report import Column, Report
from core.reporting.saved.asked import Condition
from core.reporting.words import written


def figure_in(report: Report, condition: Condition) -> Decimal | None:
    """Return the figure of a report that is compared with a threshold.

    Where nothing was sold, "less than 5 sold" is true: of what adds up, nothing is zero. A ratio
    of nothing, and a change from nothing, is no figure.
    """
    place, column = _column(report, condition)
    figure = report.totals[place]
    if figure is None and column.additive and condition.on != "growth":
        return None if report.emptiness == "unknown_member" else Decimal(0)
    return figure


def figure_said(session: Session, query: ReportQuery, condition: Condition) -> str:
    """Write what a watched figure is now."""
    return figure_written(answer(session, query), condition)


def figure_written(report: Report, condition: Condition) -> str:
    """Write the watched figure of a report, with what it counts."""
    _, column = _column(report, condition)
    figure = figure_in(report, condition)
    sign = "+" if condition.on != "value" and figure is not None and figure > 0 else ""
    return sign + written(figure, column.unit, column.sign)


def is_state(metric: str) -> bool:
    """Tell whether a metric is a state at a day's end rather than what a period brought."""
    return CATALOGUE.is_snapshot(metric)


def _column(report: Report, condition: Condition) -> tuple[int, Column]:
    columns = report.figure_columns()
    return next(
        (place, column) for place, column in enumerate(columns) if column.what == condition.on
    )
