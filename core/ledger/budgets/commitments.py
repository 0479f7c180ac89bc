"""What is promised and not in the books yet: rooms above the ledger tell of it."""

import uuid
from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from core.kernel.database import total
from core.ledger.dimensions import dimensions_of
from core.ledger.rules import Dimensions

# Selects account, key of the dimensions (or null), day, minor units, and the document.
Source = Callable[[Session], Select[uuid.UUID, str | None, date, int, str]]

_SOURCES: list[Source] = []


def tell_commitments(source: Source) -> Source:
    """Let a room tell what it has promised; once, when it is loaded."""
    _SOURCES.append(source)
    return source


def committed(
    session: Session, accounts: Collection[uuid.UUID], since: date, until: date
) -> list[tuple[uuid.UUID, Dimensions, int]]:
    """Return what is promised for some accounts in a stretch of days, by their dimensions."""
    if not _SOURCES or not accounts:
        return []
    told = union_all(*(source(session) for source in _SOURCES)).subquery("told")
    account, key, day, minor, _ = told.c
    wanted = (
        select(account, key, total(minor))
        .where(account.in_(list(accounts)), day >= since, day <= until)
        .group_by(account, key)
    )
    return [(each, dimensions_of(said), sum_) for each, said, sum_ in session.execute(wanted)]
