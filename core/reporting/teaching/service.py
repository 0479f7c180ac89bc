"""Teach a word, share it, forget it; confirm a question, and take that back."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.identity import service as identity
from core.kernel.identity.tables import Person
from core.reporting.saved import Question, asker, said_of
from core.reporting.saved.asked import as_json
from core.reporting.teaching import errors
from core.reporting.teaching.events import (
    QuestionForgotten,
    QuestionVerified,
    WordForgotten,
    WordShared,
    WordTaught,
)
from core.reporting.teaching.queries import find_word
from core.reporting.teaching.rules import (
    SAID_MAX,
    TAUGHT_MAX,
    checked_meaning,
    checked_word,
    plain_word,
)
from core.reporting.teaching.tables import TaughtWord, VerifiedQuestion


def teach_word(session: Session, word: str, meaning: str) -> TaughtWord:
    """Let a word of the asking person's stand for other words."""
    owner = asker(session)
    _one_at_a_time(session, owner)
    called = checked_word(word)
    means = checked_meaning(called, meaning)
    if (known := find_word(session, owner.id, called)) is not None:
        raise errors.AlreadyTaught(word=called, meaning=known.meaning)
    _room_for_one_more(session, owner, TaughtWord)
    row = TaughtWord(owner_id=owner.id, word=called, meaning=means, shared=False)
    session.add(row)
    session.flush()
    events.record(session, WordTaught(owner.login, called, means))
    return row


def share_word(session: Session, word: str, owner: str) -> TaughtWord:
    """Let a word of somebody's mean the same for everybody."""
    row, whose = _named(session, word, owner)
    same = select(TaughtWord).where(TaughtWord.word == row.word, TaughtWord.shared)
    if (known := session.scalar(same)) is not None:
        raise errors.AlreadyTaught(word=known.word, meaning=known.meaning)
    return _set_shared(session, row, whose, shared=True)


def unshare_word(session: Session, word: str, owner: str) -> TaughtWord:
    """Let a shared word mean something for its owner alone again."""
    row, whose = _named(session, word, owner)
    if not row.shared:
        raise errors.UnknownWord(word=row.word)
    return _set_shared(session, row, whose, shared=False)


def forget_word(session: Session, word: str) -> TaughtWord:
    """Forget a word of the asking person's; a shared one is forgotten for all."""
    owner = asker(session)
    row = find_word(session, owner.id, plain_word(word))
    if row is None:
        raise errors.UnknownWord(word=word.strip()[:60])
    session.delete(row)
    session.flush()
    events.record(session, WordForgotten(owner.login, row.word, row.meaning))
    return row


def verify_question(session: Session, said: str, query: Question) -> VerifiedQuestion:
    """Keep how a question of the asking person's is read; a newer reading takes its place."""
    owner = asker(session)
    _one_at_a_time(session, owner)
    words = plain_word(said)
    if not 1 < len(words) <= SAID_MAX:
        raise errors.NotAWord(word=said.strip()[:60], most=SAID_MAX)
    meant = said_of(session, query)
    row = _verified(session, owner, words)
    if row is None:
        _room_for_one_more(session, owner, VerifiedQuestion)
        row = VerifiedQuestion(owner_id=owner.id, said=words, asked=as_json(query))
        session.add(row)
    row.asked = as_json(query)
    session.flush()
    events.record(session, QuestionVerified(owner.login, words, meant.en, meant.zh))
    return row


def forget_question(session: Session, said: str) -> VerifiedQuestion:
    """Read a question of the asking person's like any other again."""
    owner = asker(session)
    row = _verified(session, owner, plain_word(said))
    if row is None:
        raise errors.UnknownVerified(said=said.strip()[:60])
    session.delete(row)
    session.flush()
    events.record(session, QuestionForgotten(owner.login, row.said))
    return row


def _verified(session: Session, owner: Person, words: str) -> VerifiedQuestion | None:
    return session.scalar(
        select(VerifiedQuestion).where(
            VerifiedQuestion.owner_id == owner.id, VerifiedQuestion.said == words
        )
    )


def _named(session: Session, word: str, owner: str) -> tuple[TaughtWord, Person]:
    whose = identity.find_person(session, owner)
    _one_at_a_time(session, whose)
    row = find_word(session, whose.id, plain_word(word))
    if row is None:
        raise errors.UnknownWord(word=word.strip()[:60])
    return row, whose


def _set_shared(session: Session, row: TaughtWord, whose: Person, *, shared: bool) -> TaughtWord:
    row.shared = shared
    session.flush()
    events.record(session, WordShared(whose.login, row.word, row.meaning, shared=shared))
    return row


def _room_for_one_more(
    session: Session, owner: Person, table: type[TaughtWord] | type[VerifiedQuestion]
) -> None:
    count = session.scalar(
        select(func.count()).select_from(table).where(table.owner_id == owner.id)
    )
    if (count or 0) >= TAUGHT_MAX:
        raise errors.TooMuchTaught(most=TAUGHT_MAX)


def _one_at_a_time(session: Session, owner: Person) -> None:
    """Let nobody teach two things at once: the second one sees the first."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('teaching'), hashtext(:owner))"),
        {"owner": owner.login},
    )
