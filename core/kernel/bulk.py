"""Rows by the ten thousand: PostgreSQL's COPY inside the transaction of a session."""

import gc
import operator
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.database import Table, plain_table
from core.kernel.identifiers import ids_in_a_row

ROWS_AT_ONCE = 500
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(
    session: Session,
    table: type[Table],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Write rows of plain values and return how many.

    A column that is not given gets the default that its table declares: an id, the time, a plain
    value. What the database itself checks is checked. Several times faster than any INSERT, and
    only for rows that nobody reads before they are written.
    """
    # What is still pending may be what the rows refer to.
    session.flush()
    declared = plain_table(table).columns
    unknown = set(columns) - set(declared.keys())
    assert not unknown, f"{table.__tablename__} has no {unknown}"
    defaults = {
        column.name: column.default
        for column in declared
        if column.name not in columns and column.default is not None
    }
    fixed = _fixed(defaults)
    ids = ids_in_a_row() if "id" in defaults else None
    named = [*(["id"] if ids else []), *columns, *fixed]
    listed = ", ".join(f'"{column}"' for column in named)
    rest = tuple(fixed.values())
    driver: Any = session.connection().connection.driver_connection
    written = 0
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.__tablename__}" ({listed}) FROM STDIN') as copying,
    ):
        waiting: list[str] = []
        for row in rows:
            values = (next(ids), *row, *rest) if ids else (*row, *rest)
            waiting.append("\t".join([_WRITTEN[value.__class__](value) for value in values]))
            if len(waiting) == ROWS_AT_ONCE:
                copying.write("\n".join(waiting) + "\n")
                written += len(waiting)
                waiting.clear()
        if waiting:
            copying.write("\n".join(waiting) + "\n")
            written += len(waiting)
    return written


def analyze(session: Session) -> None:
    """Let the database learn of what was written, so that it reads it well from the first time.

    All of it: a plan that takes one table for empty can take hours over the others.
    """
    session.flush()
    session.execute(text("ANALYZE"))


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the garbage collector out, and let it go on afterwards.

    What a large import makes it keeps to its end: to look for garbage among millions of rows takes
    a tenth of its time, and finds none. Also a decorator.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _fixed(defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the defaults that are the same in every row; the time is, since it is one change."""
    fixed: dict[str, Any] = {}
    for name, default in defaults.items():
        if name == "id":
            continue
        value = default.arg
        if default.is_callable:
            assert name.endswith("_at"), f"the default of {name} cannot be told once for all rows"
            # Written once: one instant need not be formatted in a hundred thousand rows.
            value = clock.now().isoformat()
        fixed[name] = value.value if isinstance(value, Enum) else value
    return fixed


def _text(value: str) -> str:
    return value.translate(_ESCAPED) if _SPECIAL.search(value) else value


# How COPY reads each kind of value.
_WRITTEN: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    Decimal: str,
    bool: str,
    uuid.UUID: operator.attrgetter("hex"),
    date: lru_cache(maxsize=10_000)(date.isoformat),
    datetime: datetime.isoformat,
    type(None): lambda _: "\\N",
}
