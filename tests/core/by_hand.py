"""Questions beside their answers in SQL by hand: reads both, runs both, and says what differs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.kernel.money import rounded
from core.kernel.semantics import Unit
from core.reporting import CATALOGUE, ReportQuery, answer

QUESTIONS = Path(__file__).parents[2] / "evals" / "questions" / "reports_sql.yaml"
TODAY = {"demo": "'2026-06-15'", "aw": "'2014-06-30'"}
_FRAGMENT = re.compile(r"\{(\w+)(?::([^}]+))?\}")
DIGITS = 6

Rows = dict[tuple[Any, ...], tuple[Decimal, ...]]


@dataclass(frozen=True)
class Question:
    """What is asked, as a typed question and as SQL."""

    name: str
    company: str
    query: ReportQuery
    sql: str


def questions(company: str) -> list[Question]:
    """Return the questions about one company."""
    read = yaml.safe_load(QUESTIONS.read_text("utf-8"))

    def filled(sql: str, day: str = "") -> str:
        def instead(found: re.Match[str]) -> str:
            name, given = found.group(1), found.group(2)
            if name == "today":
                return TODAY[company]
            return day if name == "day" else filled(read["rows"][name], given or "")

        return _FRAGMENT.sub(instead, sql)

    return [
        Question(name, company, ReportQuery.model_validate(_plain(asked)), filled(sql))
        for name, asked, sql in read[company]
    ]


def _plain(asked: Any) -> Any:
    """Write days as text, which is how programs send a question."""
    if isinstance(asked, dict):
        return {key: _plain(value) for key, value in asked.items()}
    if isinstance(asked, list):
        return [_plain(value) for value in asked]
    return asked.isoformat() if isinstance(asked, date) else asked


def differences(session: Session, question: Question) -> Iterator[str]:
    """Return the rows in which the report and the SQL differ; those of nothing count as missing."""
    report = answer(session, question.query)
    units = [CATALOGUE.metrics[metric].unit for metric in question.query.metrics]
    if report.keys:
        told = [
            ((*(member.key for member in row.members), *_bucket(row.bucket)), row.figures)
            for row in report.rows
        ]
    else:
        told = [((), report.totals)]
    found = [tuple(row) for row in session.execute(text(question.sql))]
    wanted = [(row[: report.keys], row[report.keys :]) for row in found]
    ours, theirs = _rows(told, units, report.keys), _rows(wanted, units, report.keys)
    if not found:
        yield f"{question.name}: the SQL found nothing"
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key) != theirs.get(key):
            yield f"{question.name} {key}: report {ours.get(key)}, SQL {theirs.get(key)}"


def _bucket(day: date | None) -> tuple[date, ...]:
    return () if day is None else (day,)


def _rows(rows: list[Any], units: list[Unit], keys: int) -> Rows:
    made: Rows = {}
    for key, figures in rows:
        shown = tuple(
            _shown(figure, whole=unit is Unit.MONEY and not keys)
            for figure, unit in zip(figures, units, strict=True)
        )
        if any(shown) or not keys:
            made[tuple(key)] = shown
    return made


def _shown(figure: Any, *, whole: bool) -> Decimal:
    """Return a figure as reports tell it: a whole is rounded to the currency, a part is exact."""
    return rounded(Decimal(figure or 0), 2 if whole else DIGITS)
