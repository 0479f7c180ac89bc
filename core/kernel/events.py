"""The change log: typed facts, written in the same transaction as the change itself."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Engine, Identity, Index, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel import clock
from core.kernel.database import Table, after_create, append_only
from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Effect, Worth, merged
from core.kernel.money import Money


@dataclass(frozen=True)
class Fact:
    """Something that happened, in the past tense; each domain declares its own kinds."""

    name: ClassVar[str]
    kinds: ClassVar[dict[str, "type[Fact]"]] = {}
    _adapter: ClassVar[TypeAdapter[Any] | None] = None

    def __init_subclass__(cls, *, name: str) -> None:
        assert name not in Fact.kinds, f"two facts are called {name}"
        cls.name = name
        Fact.kinds[name] = cls

    @classmethod
    def adapter(cls) -> TypeAdapter[Any]:
        """Return what reads and writes this kind of fact; made once, it is slow to make."""
        if "_adapter" not in cls.__dict__:
            cls._adapter = TypeAdapter(cls)
        assert cls._adapter is not None
        return cls._adapter

    def changes(self) -> tuple[Change, ...]:
        """Say what a person who approves this should see; by default nothing."""
        return ()

    def amount(self) -> Money | None:
        """Return the amount that the person who approves this answers for, if any."""
        return None

    def decided_as(self) -> DecisionKind | None:
        """Return what somebody decides on who approves this, if it may have limits of its own."""
        return None

    def is_beyond_limits(self) -> bool:
        """Tell whether there is no end to what this allows, so that it is above any limit."""
        return False

    def new_number(self) -> str | None:
        """Return the number of the document that this fact created, if it did."""
        return None


# A reader that remembers the highest sequence it saw loses every event whose transaction took a
# lower sequence and committed later. So each event carries its transaction, readers stop before
# the oldest transaction still running, and their cursor is the pair (transaction, sequence).
_THIS_TRANSACTION = "(pg_current_xact_id()::text::bigint)"
_BEFORE_ALL = -(2**62)
_OLDEST_RUNNING = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"


class ChangeEvent(Table):
    """A fact as it stands in the change log; never updated, never deleted."""

    __tablename__ = "change_event"
    __table_args__ = (Index(None, "transaction", "sequence"),)

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text(_THIS_TRANSACTION))
    name: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def fact(self) -> Fact:
        """The typed fact that was recorded."""
        fact: Fact = Fact.kinds[self.name].adapter().validate_python(self.facts)
        return fact


class WatchCursor(Table):
    """How far one watcher has read the change log."""

    __tablename__ = "watch_cursor"

    watcher: Mapped[str] = mapped_column(primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, default=_BEFORE_ALL)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)


append_only(ChangeEvent.__table__)
# A trigger, so that no writer can forget to ring. The bell is part of the transaction: it rings
# at commit, once, and never for what is rolled back.
after_create(
    ChangeEvent.__table__,
    """
    CREATE OR REPLACE FUNCTION ring() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('change_event', ''); RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER ring AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ring()
    """,
)


def record(session: Session, fact: Fact) -> None:
    """Add a fact to the change log; it becomes visible if and only if the change does.

    Whatever was recorded is written, and sealed in the audit trail, when the unit of work
    commits: all in one statement, and none in a rehearsal.
    """
    row = {"name": fact.name, "facts": as_json(fact), "occurred_at": clock.now()}
    session.info.setdefault("event_rows", []).append(row)
    recorded(session).append(fact)


def as_json(fact: Fact) -> dict[str, Any]:
    """Return a fact as plain values, ready to be stored."""
    plain: dict[str, Any] = type(fact).adapter().dump_python(fact, mode="json")
    return plain


def recorded(session: Session) -> list[Fact]:
    """Return the facts recorded in this session so far."""
    facts: list[Fact] = session.info.setdefault("facts", [])
    return facts


def effect_of(
    facts: Sequence[Fact], in_base: Callable[[Money], Money] = lambda amount: amount
) -> Effect:
    """Gather what the facts changed into one effect.

    `in_base` says what an amount is worth in the company's currency. What it leaves in another
    currency cannot be compared with a limit, and counts as above any.
    """
    return Effect(
        changes=merged(
            (change for fact in facts for change in fact.changes()),
            new_numbers=[number for fact in facts if (number := fact.new_number())],
        ),
        amounts=tuple(amount for fact in facts if (amount := fact.amount())),
        worths=tuple(worth for fact in facts if (worth := _worth_of(fact, in_base))),
    )


def _worth_of(fact: Fact, in_base: Callable[[Money], Money]) -> Worth | None:
    amount, kind = fact.amount(), fact.decided_as()
    if amount is None and kind is None:
        return None
    return Worth(
        kind=kind or "",
        amount=None if amount is None else in_base(amount),
        is_beyond_limits=fact.is_beyond_limits(),
    )


def unread(
    session: Session, watcher: str, names: Iterable[str], *, limit: int = 200
) -> Sequence[ChangeEvent]:
    """Return the next events of some kinds for a watcher, oldest first; move its cursor past them.

    The cursor stays locked until the unit of work ends: two workers never read the same. It also
    moves past events of other kinds, so that nobody looks at them twice; where there is nothing
    at all behind it, as nearly always, nothing is locked.
    """
    place = select(WatchCursor.transaction, WatchCursor.sequence)
    known = session.execute(place.where(WatchCursor.watcher == watcher)).one_or_none()
    # Asked before the events are: what is behind it can only have come since.
    end = _end_of_log(session)
    if known is not None and (end is None or end <= tuple(known)):
        return []
    session.execute(insert(WatchCursor).values(watcher=watcher).on_conflict_do_nothing())
    cursor = session.get_one(WatchCursor, watcher, with_for_update=True)
    if end is None or end <= (cursor.transaction, cursor.sequence):
        return []
    position = tuple_(ChangeEvent.transaction, ChangeEvent.sequence)
    news = (
        select(ChangeEvent)
        .where(position > tuple_(cursor.transaction, cursor.sequence), position <= tuple_(*end))
        .where(ChangeEvent.name.in_(list(names)))
        .order_by(ChangeEvent.transaction, ChangeEvent.sequence)
        .limit(limit)
    )
    events = session.scalars(news).all()
    cursor.transaction, cursor.sequence = (
        (events[-1].transaction, events[-1].sequence) if len(events) == limit else end
    )
    return events


def have_news(session: Session, watchers: Collection[str]) -> set[str]:
    """Return before which of some watchers anything lies that they have not read, at one look.

    It may be of no concern to them; before the others there is nothing, and `unread` says no more.
    """
    end = _end_of_log(session)
    if end is None:
        return set(watchers)
    place = tuple_(WatchCursor.transaction, WatchCursor.sequence)
    done = select(WatchCursor.watcher).where(place >= tuple_(*end))
    return set(watchers).difference(session.scalars(done))


def _end_of_log(session: Session) -> tuple[int, int] | None:
    """Return the place of the last event that may be read by now."""
    wanted = (
        select(ChangeEvent.transaction, ChangeEvent.sequence)
        .where(ChangeEvent.transaction < text(_OLDEST_RUNNING))
        .order_by(ChangeEvent.transaction.desc(), ChangeEvent.sequence.desc())
        .limit(1)
    )
    end = session.execute(wanted).one_or_none()
    return None if end is None else (end.transaction, end.sequence)


def skip_to_now(session: Session, watcher: str) -> None:
    """Move a watcher's cursor past everything that is in the log: history was not news."""
    session.execute(insert(WatchCursor).values(watcher=watcher).on_conflict_do_nothing())
    cursor = session.get_one(WatchCursor, watcher, with_for_update=True)
    cursor.transaction = session.scalars(select(text(_OLDEST_RUNNING))).one() - 1
    cursor.sequence = 2**62
    session.flush()


class Bell(Protocol):
    """What wakes a reader of the change log."""

    def __call__(self, *, timeout_seconds: float) -> bool:
        """Wait for the next change, and tell whether there was one."""
        ...


@contextmanager
def listening(engine: Engine) -> Iterator[Bell]:
    """Listen for changes from now on; read the log once before the first wait.

    Keep the timeout short, some seconds: an event that an older, silent transaction held back
    becomes readable without a ring.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("LISTEN change_event")
        driver: Any = connection.connection.driver_connection

        def wait(*, timeout_seconds: float) -> bool:
            return bool(list(driver.notifies(timeout=timeout_seconds, stop_after=1)))

        try:
            yield wait
        finally:
            connection.exec_driver_sql("UNLISTEN change_event")


def rebase(session: Session) -> None:
    """Make the log readable after a dump was restored into another server, before any new event.

    Transaction ids belong to a server. A server that starts again from low ids would write
    new events behind every cursor; so the past is moved below zero, in its order.
    """
    session.execute(
        text(
            """
            ALTER TABLE change_event DISABLE TRIGGER append_only;
            UPDATE watch_cursor SET transaction = transaction - (
                SELECT 1 + coalesce(max(transaction), 0) FROM change_event);
            UPDATE change_event SET transaction = transaction - (
                SELECT 1 + coalesce(max(transaction), 0) FROM change_event);
            ALTER TABLE change_event ENABLE TRIGGER append_only;
            """
        )
    )
