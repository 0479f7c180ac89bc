"""What a check says when a promise does not hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# A broken promise is usually broken many times over; this many are enough to see it.
SHOWN_MAX = 50


@dataclass(frozen=True)
class Finding:
    """A promise that does not hold: which one, for what, and what is wrong."""

    invariant: str
    subject: str
    problem: str


def found(
    session: Session, invariant: str, sql: str, values: Mapping[str, Any] | None = None
) -> Iterator[Finding]:
    """Return the rows of a question for what breaks a promise: each a subject and a problem."""
    for subject, problem in session.execute(text(sql), dict(values or {})).fetchmany(SHOWN_MAX):
        yield Finding(invariant, str(subject), str(problem))
