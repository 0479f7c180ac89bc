"""Document numbers without doubles and without gaps."""

from sqlalchemy import Integer, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel.database import Table, plain_table


class NumberSeries(Table):
    """The last number given out in one series of documents."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


_series, _count = bindparam("series", type_=String), bindparam("count", type_=Integer)
_SERIES = plain_table(NumberSeries)
# Two that take several numbers, one an invoice's first and then an entry's and the other the
# other way round, would wait for each other: so all series are locked together.
_LOCK = func.pg_advisory_xact_lock(func.hashtext("number_series")).table_valued("held")
_NEXT = (
    insert(_SERIES)
    .from_select(["series", "last"], select(_series, _count).select_from(_LOCK))
    .on_conflict_do_update(
        index_elements=[_SERIES.c.series], set_={"last": _SERIES.c.last + _count}
    )
    .returning(_SERIES.c.last)
)


def next_number(session: Session, series: str) -> str:
    """Return the next number of a series, such as PO-00042.

    The counters stay locked until the transaction ends, so a number that is rolled back is
    given to the next in line. A database sequence is faster and leaves gaps: use one
    where nobody audits the numbers.
    """
    return next_numbers(session, series, 1)[0]


def next_numbers(session: Session, series: str, count: int) -> list[str]:
    """Return several numbers in a row, for documents that are written together."""
    last: int = session.scalars(_NEXT, {"series": series, "count": count}).one()
    return [f"{series}-{number:05d}" for number in range(last - count + 1, last + 1)]


class NumbersInARow:
    """Gives out numbers without asking the database for each; `close` notes the last of them.

    The counters are locked from the first number on: nobody else takes one meanwhile.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def next(self, series: str) -> str:
        """Return the next number of a series."""
        if series not in self._last:
            last: int = self._session.scalars(_NEXT, {"series": series, "count": 0}).one()
            self._first[series], self._last[series] = last + 1, last
        self._last[series] += 1
        return f"{series}-{self._last[series]:05d}"

    def given(self) -> dict[str, tuple[str, str]]:
        """Return the first and the last number that was given out of each series."""
        return {
            series: (f"{series}-{self._first[series]:05d}", f"{series}-{last:05d}")
            for series, last in self._last.items()
        }

    def close(self) -> None:
        """Count what was given out."""
        for series, last in self._last.items():
            taken = last - self._first[series] + 1
            counted = self._session.scalars(_NEXT, {"series": series, "count": taken}).one()
            assert counted == last, f"numbers of {series} were taken meanwhile"
        self._first, self._last = {}, {}
