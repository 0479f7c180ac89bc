"""How long questions take, beside the same sums in SQL by hand, and in DuckDB on the same tables.

All three answer each question in turn, so that a busy machine is as busy for each; that they
answer the same is checked. DuckDB keeps columns, and shows what would be possible: only its query
is measured, not how its tables were filled.
"""

import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core.kernel.database import reading
from core.reporting import ReportQuery, answer
from core.reporting.explaining import ExplainChange, explain
from evals.bench.measures import Sample
from evals.bench.questions import QUESTIONS, TABLES, Asked

ROUNDS = 7
_CLOSE = Decimal("0.01")
WHY = ExplainChange.model_validate(
    {"metric": "revenue", "period": {"start": "2014-05-01", "end": "2014-05-31"}}
)


def bench_questions(engine: Engine) -> list[tuple[str, str]]:
    """Ask every question some times in three ways; return what was measured."""
    whole = {way: Sample(way) for way in ("ours", "by hand", "duckdb")}
    slowest = ("", 0.0)
    with in_columns(engine) as columns:
        for asked in QUESTIONS:
            each = _measured(engine, columns, asked)
            for way, sample in each.items():
                whole[way].seconds += sample.seconds
            slowest = max(slowest, (asked.name, each["ours"].p50), key=lambda one: one[1])
    why = Sample("why")
    with reading(engine) as session:
        explain(session, WHY)
        for _ in range(ROUNDS):
            why.add(lambda: explain(session, WHY))
    ratio = whole["ours"].p50 / whole["by hand"].p50
    return [
        ("questions", f"{whole['ours'].line()}; {ratio:.2f} of SQL by hand at p50"),
        ("the same by hand", whole["by hand"].line()),
        ("the same in DuckDB", whole["duckdb"].line()),
        ("the slowest question", f"{slowest[0]}, p50 {1000 * slowest[1]:,.0f} ms"),
        ("why revenue changed", why.line()),
    ]


def _measured(
    engine: Engine, columns: duckdb.DuckDBPyConnection, asked: Asked
) -> dict[str, Sample]:
    query = ReportQuery.model_validate(asked.query)
    samples = {way: Sample(way) for way in ("ours", "by hand", "duckdb")}
    with reading(engine) as session:
        ways: dict[str, Callable[[], Any]] = {
            "ours": lambda: answer(session, query),
            "by hand": lambda: session.execute(text(asked.sql)).all(),
            "duckdb": lambda: columns.execute(asked.sql).fetchall(),
        }
        report, by_hand, by_columns = (work() for work in ways.values())
        figures = [row.figures[0] for row in report.rows]
        for rows in (by_hand, by_columns):
            assert _alike(figures, [row[-1] for row in rows]), f"{asked.name}: {figures} {rows}"
        for _ in range(ROUNDS):
            for way, work in ways.items():
                samples[way].add(work)
    return samples


def _alike(ours: list[Decimal | None], theirs: list[Any]) -> bool:
    """Tell whether the same figures were found, in whichever order equal ones stand."""
    found = sorted(one or Decimal(0) for one in ours)
    wanted = sorted(Decimal(str(one or 0)) for one in theirs)
    return len(found) == len(wanted) and all(
        abs(one - other) <= _CLOSE for one, other in zip(found, wanted, strict=True)
    )


class in_columns:  # noqa: N801  # Used like a function: with in_columns(engine) as columns.
    """Our tables in DuckDB, copied through files that are gone afterwards."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.connection = duckdb.connect()

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        with (
            tempfile.TemporaryDirectory(prefix="prokurist-bench-") as folder,
            reading(self.engine) as session,
        ):
            for table in TABLES:
                self._fill(session, table, Path(folder) / f"{table}.csv")
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _fill(self, session: Session, table: str, file: Path) -> None:
        types = session.execute(
            text(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped"
            ),
            {"name": table},
        ).all()
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types)
        self.connection.execute(f"CREATE TABLE {table} ({columns})")
        driver: Any = session.connection().connection.cursor()
        with file.open("wb") as out, driver.copy(f"COPY {table} TO STDOUT (FORMAT csv)") as copy:
            for block in copy:
                out.write(block)
        self.connection.execute(f"COPY {table} FROM '{file}' (FORMAT csv, HEADER false)")
