"""What was taught: for the reader of one person, and for people to look at."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.identity.tables import Person
from core.reporting.saved import Question, question_from
from core.reporting.teaching.tables import TaughtWord, VerifiedQuestion

LISTED_MAX = 500


@dataclass(frozen=True)
class WordView:
    """A taught word as people see it."""

    word: str
    meaning: str
    owner: str
    shared: bool


@dataclass(frozen=True)
class VerifiedView:
    """A confirmed question as people see it."""

    said: str
    query: Question
    owner: str


def words_for(session: Session) -> dict[str, str]:
    """Return the taught words that the acting person is read with; their own come first."""
    person_id = acting(session).actor.person_id
    rows = session.execute(
        select(TaughtWord.word, TaughtWord.meaning, TaughtWord.owner_id)
        .where(or_(TaughtWord.owner_id == person_id, TaughtWord.shared))
        .order_by(TaughtWord.owner_id == person_id)
        .limit(LISTED_MAX)
    )
    return {word: meaning for word, meaning, _ in rows}


def verified_for(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Return the acting person's confirmed questions: the words, and the stored question."""
    person_id = acting(session).actor.person_id
    rows = session.execute(
        select(VerifiedQuestion.said, VerifiedQuestion.asked)
        .where(VerifiedQuestion.owner_id == person_id)
        .limit(LISTED_MAX)
    )
    return [(said, asked) for said, asked in rows]


def list_words(session: Session, person: Person, *, everybodys: bool) -> list[WordView]:
    """Return somebody's words and the shared ones, or those of all people."""
    wanted = (
        select(TaughtWord, Person.login)
        .join(Person, Person.id == TaughtWord.owner_id)
        .order_by(TaughtWord.word, Person.login)
        .limit(LISTED_MAX)
    )
    if not everybodys:
        wanted = wanted.where(or_(TaughtWord.owner_id == person.id, TaughtWord.shared))
    return [WordView(row.word, row.meaning, login, row.shared)
            for row, login in session.execute(wanted)]  # fmt: skip


def list_verified(session: Session, person: Person) -> list[VerifiedView]:
    """Return somebody's confirmed questions."""
    rows = session.scalars(
        select(VerifiedQuestion)
        .where(VerifiedQuestion.owner_id == person.id)
        .order_by(VerifiedQuestion.said)
        .limit(LISTED_MAX)
    )
    return [VerifiedView(row.said, question_from(row.asked), person.login) for row in rows]


def find_word(session: Session, owner_id: uuid.UUID, word: str) -> TaughtWord | None:
    """Return a word of somebody's."""
    return session.scalar(
        select(TaughtWord).where(TaughtWord.owner_id == owner_id, TaughtWord.word == word)
    )
