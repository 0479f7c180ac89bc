"""Asks a kept question, says it, and tells whether somebody may still ask it."""

from sqlalchemy.orm import Session

from core.kernel.semantics import Said
from core.reporting.answering import answer
from core.reporting.catalogue import CATALOGUE
from core.reporting.issues import CannotAnswer, dimensions_in, metrics_in
from core.reporting.lists import RECORDS, Listing, ListQuery, list_records
from core.reporting.lists import saying as lists_saying
from core.reporting.lists.checking import checked
from core.reporting.readback import read_back
from core.reporting.report import Report
from core.reporting.saved.asked import Question
from core.reporting.scope import NotYoursToSee, require_sight, scope_of


def ask(session: Session, query: Question) -> Report | Listing:
    """Answer a question of any kind as the person for whom the transaction acts."""
    if isinstance(query, ListQuery):
        return list_records(session, query)
    return answer(session, query)


def said_of(session: Session, query: Question) -> Said:
    """Say a question in words; of records that somebody may not see, only which they are."""
    if not isinstance(query, ListQuery):
        return read_back(query)
    scope = scope_of(session)
    try:
        kind, fields = checked(query, scope)
    except (CannotAnswer, NotYoursToSee):
        known = RECORDS.kinds.get(query.records)
        return Said(query.records, query.records) if known is None else known.names
    return lists_saying.read_back(query, kind, fields, scope)


def may_still_see(session: Session, query: Question) -> bool:
    """Tell whether who looks may see what a question is about, whatever they once were told."""
    scope = scope_of(session)
    try:
        if isinstance(query, ListQuery):
            checked(query, scope)
            return True
        metrics = [CATALOGUE.metrics.get(name) for name in metrics_in(query)]
        dimensions = [CATALOGUE.dimensions.get(name) for name in dimensions_in(query)]
        known = [one for one in (*metrics, *dimensions) if one is not None]
        require_sight(scope, known)
    except (CannotAnswer, NotYoursToSee):
        return False
    return len(known) == len(metrics) + len(dimensions)
