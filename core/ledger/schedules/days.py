"""On which day something is posted whose own day lies in a closed period."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ledger.errors import NoPeriodForDay
from core.ledger.tables import Journal, Period, PeriodState

_PERIODS_MAX = 1_200


class OpenDays:
    """The days that take entries; the periods are read once, when first asked for."""

    def __init__(self, session: Session, journal: Journal = Journal.GENERAL) -> None:
        self._session = session
        self._journal = journal
        self._periods: list[Period] | None = None

    def first(self, day: date) -> date:
        """Return a day itself if its period takes entries, or else the first open day after it."""
        for period in self._known():
            if period.ends_on < day or period.state is not PeriodState.OPEN:
                continue
            if not period.locked_for(self._journal):
                return max(day, period.starts_on)
        raise NoPeriodForDay(day=day, year=day.year)

    def _known(self) -> list[Period]:
        if self._periods is None:
            wanted = select(Period).order_by(Period.starts_on).limit(_PERIODS_MAX)
            # Locks and states as they are now, not as an earlier call of the transaction saw them.
            fresh = wanted.execution_options(populate_existing=True)
            self._periods = list(self._session.scalars(fresh))
        return self._periods
