"""What taught words and verified questions tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class WordTaught(Fact, name="reporting.word_taught"):
    """A word means other words from now on, for one person."""

    owner: str
    word: str
    meaning: str

    def changes(self) -> tuple[Change, ...]:
        """Show for whom, the word and what it stands for."""
        detail = f"“{self.word}” = “{self.meaning}”"
        return (Change(Kind.RECORD, f"taught_word {self.owner}", "new", detail=detail),)


@dataclass(frozen=True)
class WordShared(Fact, name="reporting.word_shared"):
    """A word means the same for everybody, or for its owner alone again."""

    owner: str
    word: str
    meaning: str
    shared: bool

    def changes(self) -> tuple[Change, ...]:
        """Show for whom it is read so, before and after."""
        states = ("everybody", self.owner)
        after, before = states if self.shared else states[::-1]
        detail = f"“{self.word}” = “{self.meaning}”"
        return (Change(Kind.RECORD, "taught_word", after, before=before, detail=detail),)


@dataclass(frozen=True)
class WordForgotten(Fact, name="reporting.word_forgotten"):
    """A word means nothing of its own any more."""

    owner: str
    word: str
    meaning: str

    def changes(self) -> tuple[Change, ...]:
        """Show what it stood for."""
        subject = f"taught_word {self.owner} “{self.word}”"
        return (Change(Kind.RECORD, subject, "–", before=f"“{self.meaning}”"),)


@dataclass(frozen=True)
class QuestionVerified(Fact, name="reporting.question_verified"):
    """A person confirmed how a question of theirs is read."""

    owner: str
    said: str
    asked: str
    asked_zh: str

    def changes(self) -> tuple[Change, ...]:
        """Show the words, and the question that they are."""
        detail = f"“{self.said}” = {self.asked} / {self.asked_zh}"
        return (Change(Kind.RECORD, f"verified_question {self.owner}", "new", detail=detail),)


@dataclass(frozen=True)
class QuestionForgotten(Fact, name="reporting.question_forgotten"):
    """A confirmed question is read like any other again."""

    owner: str
    said: str

    def changes(self) -> tuple[Change, ...]:
        """Show which one."""
        subject = f"verified_question {self.owner}"
        return (Change(Kind.RECORD, subject, "–", before=f"“{self.said}”"),)
