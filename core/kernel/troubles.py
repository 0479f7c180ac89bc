"""Troubles: what works by itself and does not work now, for whoever looks after the house to see.

Each piece of work has a name. Trouble with it is written down once and counted; it is gone when the
work goes well again. What failed waits longer each time, and keeps nothing else from its turn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel import clock
from core.kernel.database import DatabaseUnavailable, Table, reading, unit_of_work
from core.kernel.errors import DomainError

WAIT_SECONDS, WAIT_SECONDS_MAX = 2, 300
SECOND_NS = 1_000_000_000
LISTED_MAX, PROBLEM_MAX = 100, 300

log = structlog.get_logger(__name__)


class Trouble(Table):
    """A piece of work that fails, since when, how often, and what was wrong the last time."""

    __tablename__ = "trouble"

    name: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    problem: Mapped[str]


def note(session: Session, name: str, problem: str) -> None:
    """Write down that something does not work."""
    now, said = clock.now(), " ".join(problem.split())[:PROBLEM_MAX]
    values = {"name": name, "began_at": now, "last_at": now, "times": 1, "problem": said}
    again = {"last_at": now, "times": Trouble.times + 1, "problem": said}
    row = insert(Trouble).values(**values)
    session.execute(row.on_conflict_do_update(index_elements=[Trouble.name], set_=again))


def is_over(session: Session, name: str) -> None:
    """Forget the trouble with something that works again."""
    session.execute(delete(Trouble).where(Trouble.name == name))


def list_troubles(session: Session) -> list[Trouble]:
    """Return what does not work now, the oldest trouble first."""
    wanted = select(Trouble).order_by(Trouble.began_at, Trouble.name).limit(LISTED_MAX)
    return list(session.scalars(wanted))


@dataclass
class _Failing:
    """How often something has failed in a row, and before when it is not tried again."""

    times: int = 0
    not_before_ns: int = 0


@dataclass
class Rounds:
    """Work that is done again and again: what fails waits, and what does not goes on."""

    engine: Engine
    _failing: dict[str, _Failing] = field(default_factory=dict)
    # What an earlier run has left; nobody knows before the first piece of work.
    _left: set[str] | None = None

    def attempt(self, name: str, work: Callable[[], object]) -> bool:
        """Do a piece of work if it is its turn; tell whether it went well or had to wait.

        A database that is gone is everybody's trouble: whoever goes the rounds waits for it.
        """
        failing = self._failing.get(name)
        if failing is not None and time.monotonic_ns() < failing.not_before_ns:
            return False
        try:
            work()
        except DatabaseUnavailable:
            raise
        except DomainError as refusal:
            log.warning("a piece of work has to wait", work=name, why=str(refusal))
            self._failed(name, str(refusal))
            return False
        except Exception as problem:
            log.exception("a piece of work failed", work=name)
            # Its kind is enough: what it says may hold somebody's words.
            self._failed(name, type(problem).__name__)
            return False
        if self._left is None:
            with reading(self.engine) as session:
                self._left = set(session.scalars(select(Trouble.name)))
        if failing is not None or name in self._left:
            self._failing.pop(name, None)
            self._left.discard(name)
            self._write(lambda session: is_over(session, name))
        return True

    def _failed(self, name: str, problem: str) -> None:
        failing = self._failing.setdefault(name, _Failing())
        wait = min(WAIT_SECONDS * 2**failing.times, WAIT_SECONDS_MAX)
        failing.times = min(failing.times + 1, 10)
        failing.not_before_ns = time.monotonic_ns() + wait * SECOND_NS
        self._write(lambda session: note(session, name, problem))

    def _write(self, change: Callable[[Session], None]) -> None:
        try:
            with unit_of_work(self.engine) as session:
                change(session)
        except SQLAlchemyError:
            # That it fails is in the log; not even being able to say so must not stop the others.
            log.exception("trouble could not be written down")
