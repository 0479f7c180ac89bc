"""Reporting: one semantic layer for every question.

A `ReportQuery` asks for metrics by dimensions over a period; `answer` compiles it to one select in
the reading transaction it is given, as the person for whom that acts, and returns a `Report` with
exact figures, what they are made of, and where they come from. `rows_behind` leads from a figure to
documents, `trace` from a document to its entries and approvals.

Invariants: sources are added up before they are joined; ratios are computed from sums; totals are
never added up from rounded rows; what somebody may not see is refused, not left out.
"""

from core.reporting.answering import TookTooLong, answer
from core.reporting.catalogue import CATALOGUE
from core.reporting.describing import formula_of, handbook, sources_of, version_of
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.provenance import Cell, rows_behind, trace
from core.reporting.query import ReportQuery
from core.reporting.readback import readback
from core.reporting.report import Report
from core.reporting.scope import NotYoursToSee

__all__ = [
    "CATALOGUE",
    "CannotAnswer",
    "Cell",
    "Issue",
    "NotYoursToSee",
    "Report",
    "ReportQuery",
    "TookTooLong",
    "answer",
    "formula_of",
    "handbook",
    "readback",
    "rows_behind",
    "sources_of",
    "trace",
    "version_of",
]
