"""How we talk to PostgreSQL by psycopg: what was prepared stays, nothing is described for nobody.

Most of our statements are short and always the same, so what surrounds them is most of the cost.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

from psycopg import Column, Connection, Cursor
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event

# The statements of the services and their reports together; psycopg's own limit is 100, and a
# connection that does a bit of everything would prepare each of them again and again.
PREPARED_MAX = 500


class _Described(Sequence[Column]):
    """The columns of a result, described once somebody looks: SQLAlchemy knows most by heart."""

    def __init__(self, cursor: Cursor[Any], count: int) -> None:
        self._cursor, self._count = cursor, count

    @overload
    def __getitem__(self, place: int) -> Column: ...
    @overload
    def __getitem__(self, place: slice) -> list[Column]: ...
    def __getitem__(self, place: int | slice) -> Column | list[Column]:
        whole = [Column(self._cursor, at) for at in range(self._count)]
        return whole[place]

    def __iter__(self) -> Iterator[Column]:
        return iter(self[:])

    def __len__(self) -> int:
        return self._count


class ThriftyCursor(Cursor[Any]):
    """A cursor that makes no description of a result that nobody reads."""

    @property
    def description(self) -> Any:  # noqa: ANN401  # A sequence, where psycopg promises a list.
        """The columns of the result, or None where it has none."""
        result = self.pgresult
        if result is None or result.status != ExecStatus.TUPLES_OK:
            return super().description
        return _Described(self, result.nfields)


def keep_prepared(engine: Engine) -> None:
    """Let the connections of an engine keep what they prepared, also when they roll back.

    psycopg forgets all of it at every rollback, as the tables might have been made in what is
    undone. Ours are not; and every question and every rehearsal ends with one.
    """
    # mypy takes the methods of an instance for its class's own.
    vars(engine.dialect)["do_rollback"] = _roll_back

    @event.listens_for(engine, "connect")
    def opened(connection: Connection[Any], _record: object) -> None:
        connection.prepared_max = PREPARED_MAX


def _roll_back(connection: Any) -> None:  # noqa: ANN401  # The pool's proxy of a connection.
    server = connection.pgconn
    if server.transaction_status == TransactionStatus.INTRANS:
        server.exec_(b"ROLLBACK")
    # After an error psycopg forgets on purpose: what was prepared may be what failed.
    connection.rollback()
