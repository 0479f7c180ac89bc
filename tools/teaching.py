"""Tools of teaching: words of people's own, and questions whose reading they confirmed."""

from typing import Annotated, Any, TypeVar

from pydantic import Field
from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.reporting import teaching
from core.reporting.query import ReportQuery
from core.reporting.readback import readback
from core.reporting.saved import Question, asker, said_of
from core.reporting.teaching import VerifiedView, WordView
from tools.base import Answer, Arguments, Call, Column, Grid, Ref, Text, Tool, Undoing

TEACH, FORGET = "teaching.teach_word", "teaching.forget_word"
SHARE, UNSHARE = "teaching.share_word", "teaching.unshare_word"
LIST = "teaching.list_words"
VERIFY, FORGET_QUESTION = "teaching.verify_question", "teaching.forget_question"
PEOPLE = frozenset(Role) - {Role.WATCHER}

Owner = Annotated[
    Text | None, Ref("person"), Field(description="Whose word it is; empty for one's own.")
]
Sentence = Annotated[Text, Field(description="The question in the person's own words.")]


class TeachWord(Arguments):
    """Let a word stand for other words whenever the asking person says it."""

    word: Text
    meaning: Text = Field(description="The words that it stands for.")


class ForgetWord(Arguments):
    """Forget a word that the asking person taught."""

    word: Text


class ShareWord(Arguments):
    """Let a word that somebody taught mean the same for everybody."""

    word: Text
    owner: Owner = None


class UnshareWord(Arguments):
    """Let a shared word mean something for the person alone who taught it."""

    word: Text
    owner: Owner = None


OfWord = TypeVar("OfWord", ShareWord, UnshareWord)


class ListWords(Arguments):
    """List the words that were taught, and the questions whose reading was confirmed."""


class VerifyQuestion(Arguments):
    """Keep how a question is read: the same words will mean this question again."""

    said: Sentence
    query: Question = Field(description="About figures, or for records.")


class ForgetQuestion(Arguments):
    """Read a confirmed question like any other again."""

    said: Sentence


class WordAnswer(Answer):
    """What became of a word."""

    word: str
    meaning: str
    did: str
    owner: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        en, zh = {
            "taught": ("When you say “{w}”, I read “{m}”.", "您说“{w}”时，我理解为“{m}”。"),
            "forgotten": ("I forgot “{w}”.", "已忘记“{w}”。"),
            "shared": ("For everybody, “{w}” means “{m}” now.", "“{w}”现在对所有人都表示“{m}”。"),
            "unshared": ("“{w}” is {o}'s own word again.", "“{w}”重新只属于 {o}。"),
        }[self.did]
        said = zh if language == "zh" else en
        return said.format(w=self.word, m=self.meaning, o=self.owner)


class QuestionAnswer(Answer):
    """What became of a confirmed question."""

    said: str
    meant: str = ""
    meant_zh: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if not self.meant:
            zh, en = (
                f"“{self.said}”不再是已确认的问题。",
                f"“{self.said}” is read anew from now on.",
            )
            return zh if language == "zh" else en
        if language == "zh":
            return f"已记住：“{self.said}”表示：{self.meant_zh}。"
        return f"I keep that “{self.said}” means: {self.meant}."


class WordsListed(Answer):
    """Words and questions."""

    words: tuple[WordView, ...]
    questions: tuple[VerifiedView, ...]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        words, questions = len(self.words), len(self.questions)
        if language == "zh":
            return f"已教的词 {words} 个，已确认的问题 {questions} 个。"
        return f"{words} taught words and {questions} confirmed questions."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("said", "说法"), Column("means", "含义"), Column("taught by", "教的人"),
            Column("for", "适用于"),
        )  # fmt: skip
        words = (
            (one.word, one.meaning, one.owner, "everybody" if one.shared else one.owner)
            for one in self.words
        )
        questions = ((one.said, _means(one.query), one.owner, one.owner) for one in self.questions)
        return Grid(columns, (*words, *questions))


def _means(query: Question) -> str:
    if isinstance(query, ReportQuery):
        return readback(query, "en")
    return query.model_dump_json(exclude_defaults=True)


def teach(session: Session, arguments: TeachWord) -> WordAnswer:
    """Teach it."""
    row = teaching.teach_word(session, arguments.word, arguments.meaning)
    return WordAnswer(word=row.word, meaning=row.meaning, did="taught")


def forget(session: Session, arguments: ForgetWord) -> WordAnswer:
    """Forget it."""
    row = teaching.forget_word(session, arguments.word)
    return WordAnswer(word=row.word, meaning=row.meaning, did="forgotten")


def pin_owner(session: Session, arguments: OfWord) -> OfWord:
    """Name whose word it is."""
    return arguments.model_copy(update={"owner": arguments.owner or asker(session).login})


def share(session: Session, arguments: ShareWord) -> WordAnswer:
    """Share it."""
    owner = arguments.owner or asker(session).login
    row = teaching.share_word(session, arguments.word, owner)
    return WordAnswer(word=row.word, meaning=row.meaning, did="shared", owner=owner)


def unshare(session: Session, arguments: UnshareWord) -> WordAnswer:
    """Take it back."""
    owner = arguments.owner or asker(session).login
    row = teaching.unshare_word(session, arguments.word, owner)
    return WordAnswer(word=row.word, meaning=row.meaning, did="unshared", owner=owner)


def list_words(session: Session, _arguments: ListWords) -> WordsListed:
    """Read them; who shares words sees those of all people."""
    person, is_admin = asker(session), Role.ADMIN in acting(session).actor.roles
    return WordsListed(
        words=tuple(teaching.list_words(session, person, everybodys=is_admin)),
        questions=tuple(teaching.list_verified(session, person)),
    )


def verify(session: Session, arguments: VerifyQuestion) -> QuestionAnswer:
    """Keep it."""
    row = teaching.verify_question(session, arguments.said, arguments.query)
    meant = said_of(session, arguments.query)
    return QuestionAnswer(said=row.said, meant=meant.en, meant_zh=meant.zh)


def forget_question(session: Session, arguments: ForgetQuestion) -> QuestionAnswer:
    """Forget it."""
    return QuestionAnswer(said=teaching.forget_question(session, arguments.said).said)


def undo_teach(_session: Session, arguments: TeachWord, _answer: dict[str, Any]) -> Undoing:
    """Forget it again."""
    return Undoing((Call(FORGET, ForgetWord(word=arguments.word)),))


def undo_forget(_session: Session, _arguments: ForgetWord, answer: dict[str, Any]) -> Undoing:
    """Teach it again."""
    word, meaning = str(answer["word"]), str(answer["meaning"])
    return Undoing((Call(TEACH, TeachWord(word=word, meaning=meaning)),))


def undo_share(_session: Session, arguments: ShareWord, _answer: dict[str, Any]) -> Undoing:
    """Take it back."""
    back = UnshareWord(word=arguments.word, owner=arguments.owner)
    return Undoing((Call(UNSHARE, back),))


def undo_unshare(_session: Session, arguments: UnshareWord, _answer: dict[str, Any]) -> Undoing:
    """Share it again."""
    return Undoing((Call(SHARE, ShareWord(word=arguments.word, owner=arguments.owner)),))


def undo_verify(_session: Session, arguments: VerifyQuestion, _answer: dict[str, Any]) -> Undoing:
    """Forget it again."""
    return Undoing((Call(FORGET_QUESTION, ForgetQuestion(said=arguments.said)),))


TOOLS = (
    Tool(
        TEACH,
        TeachWord,
        teach,
        writes=True,
        title="Teach a word",
        title_zh="教一个词",
        roles=PEOPLE,
        undo=undo_teach,
    ),
    Tool(
        FORGET,
        ForgetWord,
        forget,
        writes=True,
        title="Forget a word",
        title_zh="忘记一个词",
        roles=PEOPLE,
        undo=undo_forget,
    ),
    Tool(
        SHARE,
        ShareWord,
        share,
        writes=True,
        title="Share a word with everybody",
        title_zh="与所有人共享词语",
        roles=frozenset({Role.ADMIN}),
        pin=pin_owner,
        undo=undo_share,
    ),
    Tool(
        UNSHARE,
        UnshareWord,
        unshare,
        writes=True,
        title="Take a word back from everybody",
        title_zh="取消共享词语",
        roles=frozenset({Role.ADMIN}),
        pin=pin_owner,
        undo=undo_unshare,
    ),
    Tool(
        LIST,
        ListWords,
        list_words,
        writes=False,
        title="List taught words",
        title_zh="已教词语列表",
        roles=PEOPLE,
    ),
    Tool(
        VERIFY,
        VerifyQuestion,
        verify,
        writes=True,
        title="Keep how a question is read",
        title_zh="记住问题的理解",
        roles=PEOPLE,
        undo=undo_verify,
    ),
    Tool(
        FORGET_QUESTION,
        ForgetQuestion,
        forget_question,
        writes=True,
        title="Forget a confirmed question",
        title_zh="忘记已确认的问题",
        roles=PEOPLE,
    ),
)
