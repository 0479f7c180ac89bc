"""The promise that numbers of documents have no gaps and no doubles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Numeric, Select, cast, func, select, union_all
from sqlalchemy.orm import Session

from core.compliance.findings import SHOWN_MAX, Finding
from core.inventory.counting import StockCount
from core.inventory.tables import StockMove
from core.inventory.transfers import StockTransfer
from core.kernel.database import Table
from core.kernel.numbering import NumberSeries
from core.kernel.privacy import as_the_house

_NUMBER = r"^[A-Z]+-[0-9]{5,}$"
# Whoever made the goods numbered the lots.
_NOT_OURS = frozenset({"lot"})
# What happens at once, and a count of old, are no rows of their own: their moves bear the numbers.
_BY_MOVES = r"^(CT|TR|RP)-[0-9]{5,}$"


@dataclass(frozen=True)
class SeriesView:
    """A series, how many numbers it gave out, and which of them are nowhere or twice."""

    series: str
    given: int
    borne: int
    missing: tuple[str, ...]
    doubled: tuple[str, ...]


def list_series(session: Session) -> list[SeriesView]:
    """Return every series of numbers, compared with the documents that bear them.

    Nobody is told of gaps where there are documents that only others may see.
    """
    borne = _borne().subquery()
    given = (borne.c.series == NumberSeries.series) & (borne.c.place <= NumberSeries.last)
    counted = (
        select(
            NumberSeries.series,
            NumberSeries.last,
            func.count(borne.c.number),
            func.count(borne.c.number.distinct()),
        )
        .outerjoin(borne, given)
        .group_by(NumberSeries.series, NumberSeries.last)
        .order_by(NumberSeries.series)
    )
    with as_the_house(session):
        return [
            SeriesView(
                series,
                last,
                distinct,
                () if distinct == last else _missing(session, series, last),
                () if distinct == count else _doubled(session, series),
            )
            for series, last, count, distinct in session.execute(counted).all()
        ]


def numbers_have_no_gaps(session: Session) -> Iterator[Finding]:
    """Every number that was given out is on one document: none is missing, none there twice."""
    for view in list_series(session):
        for number in view.missing:
            yield Finding("numbers", number, "it was given out, and no document has it")
        for number in view.doubled:
            yield Finding("numbers", number, "more than one document has it")


def _missing(session: Session, series: str, last: int) -> tuple[str, ...]:
    borne = _borne().subquery()
    place = func.generate_series(1, last).column_valued("place")
    there = select(borne.c.place).where(borne.c.series == series)
    wanted = select(place).where(place.not_in(there)).order_by(place).limit(SHOWN_MAX)
    return tuple(f"{series}-{missing:05d}" for missing in session.scalars(wanted))


def _doubled(session: Session, series: str) -> tuple[str, ...]:
    borne = _borne().subquery()
    wanted = (
        select(borne.c.number)
        .where(borne.c.series == series)
        .group_by(borne.c.number)
        .having(func.count() > 1)
        .order_by(borne.c.number)
        .limit(SHOWN_MAX)
    )
    return tuple(session.scalars(wanted))


def _borne() -> Select[Any]:
    """Select every number that a document bears, with its series and its place in it."""
    tables = sorted(Table.metadata.tables.values(), key=lambda table: table.name)
    every: list[Select[Any]] = [
        select(table.c.number)
        for table in tables
        if "number" in table.columns and table.name not in _NOT_OURS
    ]
    documents = union_all(select(StockCount.number), select(StockTransfer.number))
    moved = (
        select(StockMove.origin)
        .where(StockMove.origin.regexp_match(_BY_MOVES), StockMove.origin.not_in(documents))
        .distinct()
    )
    document = union_all(*every, moved).subquery("document")
    number = document.c.number
    return select(
        number.label("number"),
        func.substring(number, "^(.*)-[0-9]+$").label("series"),
        cast(func.substring(number, "[0-9]+$"), Numeric).label("place"),
    ).where(number.regexp_match(_NUMBER))
