"""Reporting held against SQL: what the demo company answers, computed twice by different people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.reporting import Report, ReportQuery, answer
from evals.blind.sets import HERE

# Half of what is shown last: SQL does not round, reporting rounds once.
CLOSE = Decimal("0.005")


@dataclass(frozen=True)
class Answer:
    """A question, and the SQL that answers it."""

    id: str
    query: ReportQuery
    sql: str


@dataclass(frozen=True)
class Line:
    """A row of an answer: the keys of its members and its bucket, and its figures."""

    keys: tuple[str, ...]
    figures: tuple[Decimal, ...]

    def is_close_to(self, other: "Line") -> bool:
        """Tell whether it says the same."""
        return (
            self.keys == other.keys
            and len(self.figures) == len(other.figures)
            and all(abs(a - b) <= CLOSE for a, b in zip(self.figures, other.figures, strict=True))
        )


def answers() -> list[Answer]:
    """Read all questions that have an answer written by hand."""
    said: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        (HERE / "answers.yaml").read_text("utf-8")
    )["answers"]
    return [
        Answer(name, ReportQuery.model_validate(one["query"]), one["sql"])
        for name, one in said.items()
    ]


def differences(session: Session) -> list[str]:
    """Return every question that reporting answers otherwise than its SQL does."""
    found = []
    for one in answers():
        got = _of_report(answer(session, one.query))
        want = _of_rows(session.execute(text(one.sql)).all(), _keys_in(one.query))
        if one.query.limit is None:
            got, want = (sorted(lines, key=lambda line: line.keys) for lines in (got, want))
        same = len(got) == len(want) and all(
            a.is_close_to(b) for a, b in zip(got, want, strict=True)
        )
        if not same:
            found.append(f"{one.id}: reporting says {got[:3]}, SQL says {want[:3]}")
    return found


def _keys_in(query: ReportQuery) -> int:
    return len(query.dimensions) + (query.grain is not None)


def _of_report(report: Report) -> list[Line]:
    return _kept(
        Line(
            (*(str(m.key) for m in row.members), *([str(row.bucket)] if row.bucket else ())),
            tuple(figure or Decimal(0) for figure in row.figures),
        )
        for row in report.rows
    )


def _of_rows(rows: Sequence[Sequence[Any]], keys: int) -> list[Line]:
    return _kept(
        Line(
            tuple(str(key) for key in row[:keys]),
            tuple(Decimal(str(figure or 0)) for figure in row[keys:]),
        )
        for row in rows
    )


def _kept(lines: Iterable[Line]) -> list[Line]:
    """Leave out rows of nothing: a report shows empty months, SQL has none."""
    return [line for line in lines if any(line.figures)]
