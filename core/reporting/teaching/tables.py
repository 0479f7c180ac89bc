"""Tables of taught words and verified questions."""

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record


class TaughtWord(Record):
    """A word of somebody's, and the words that it stands for."""

    __tablename__ = "taught_word"
    __table_args__ = (
        CheckConstraint("btrim(word) <> '' AND word = lower(word)", name="word"),
        CheckConstraint("btrim(meaning) <> ''", name="meaning"),
        Index("uq_taught_word_own", "owner_id", "word", unique=True),
        # Whose it is does not matter any more: it means one thing for everybody.
        Index("uq_taught_word_shared", "word", unique=True, postgresql_where=text("shared")),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    word: Mapped[str]
    meaning: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)


class VerifiedQuestion(Record):
    """A question in somebody's words, with the reading that they confirmed."""

    __tablename__ = "verified_question"
    __table_args__ = (
        CheckConstraint("btrim(said) <> ''", name="said"),
        CheckConstraint("jsonb_typeof(asked) = 'object'", name="asked"),
        Index("uq_verified_question_said", "owner_id", "said", unique=True),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    said: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
