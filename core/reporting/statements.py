"""A select as the text that is sent, with its values: what is kept of a question for the next time.

Making a select and its text out of objects takes longer than most questions take to answer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Dialect, Row, SelectBase
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

_DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
# What the driver sends as it is.
_PLAIN = (str, int, Decimal, date, uuid.UUID)


@dataclass(frozen=True)
class Statement:
    """A select, ready to be sent: its text, and its values by name."""

    sql: str
    values: Mapping[str, Any]

    def rows(self, session: Session) -> list[Row[Any]]:
        """Run it in a transaction, behind what is pending there."""
        session.flush()
        return list(session.connection().exec_driver_sql(self.sql, dict(self.values)).all())


def statement_of(chosen: SelectBase) -> Statement:
    """Write a select down."""
    made = chosen.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return Statement(str(made), {name: _sent(value) for name, value in made.params.items()})


def _sent(value: Any) -> Any:  # noqa: ANN401  # Any value that a question holds.
    if isinstance(value, list | tuple):
        return [_sent(each) for each in value]
    # The words of a list are stored as people see them.
    plain = value.value if isinstance(value, Enum) else value
    assert plain is None or isinstance(plain, _PLAIN), f"cannot be sent as it is: {plain!r}"
    return plain
