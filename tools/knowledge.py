"""Tools of knowledge: write, publish, find and rate articles about problems."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import support
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.words import word
from core.support import ArticleState, ArticleView
from tools.base import Answer, Arguments, Call, Column, Grid, Ref, Text, Tool, Undoing, Words
from tools.support import HANDS
from tools.trade import AND_CUSTOMERS, own_party

ArticleRef = Annotated[Text, Ref("article"), Field(description="Such as KB-00042.")]
STAYS = ("its versions stay on record", "各版本将保留在案")
TURN = "knowledge.publish"


class WriteArticle(Arguments):
    """Write a knowledge article about a problem; it is a draft until it is published."""

    title: Text
    body: Words = Field(min_length=1)
    language: Language = "en"
    internal: bool = Field(default=False, description="Only for ourselves.")


class ReviseArticle(Arguments):
    """Give an article other words in a language, or its first ones there."""

    article: ArticleRef
    body: Words = Field(min_length=1)
    title: Text | None = None
    language: Language = "en"


class PublishArticle(Arguments):
    """Publish an article, or retire it."""

    article: ArticleRef
    retire: bool = False


class FindArticles(Arguments):
    """Find knowledge articles by words."""

    words: Words = Field(min_length=1)


class ShowArticle(Arguments):
    """Show a knowledge article."""

    article: ArticleRef


class RateArticle(Arguments):
    """Note whether an article helped."""

    article: ArticleRef
    not_helpful: bool = False


class ArticleShown(Answer):
    """An article; its text is somebody's own words."""

    article: ArticleView

    def sentence(self, language: Language = "en") -> str:
        """Say its title, how it stands, and its text."""
        view = self.article
        state = word(view.state, language)
        if language == "zh":
            body = view.body.rstrip("。")
            return f"{view.number}“{view.title}”（{state}，第{view.version}版）：{body}。"
        return f"{view.number} “{view.title}” ({state}, version {view.version}): {view.body}"


class ArticlesFound(Answer):
    """Articles in which words stand."""

    articles: list[ArticleView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many, and the best."""
        if language == "zh":
            if not self.articles:
                return "没有找到知识文章。"
            best = self.articles[0]
            return f"找到 {len(self.articles)} 篇，最相关：{best.number}“{best.title}”。"
        if not self.articles:
            return "No article was found."
        best = self.articles[0]
        return f"{len(self.articles)} found; the best: {best.number} “{best.title}”."

    def grid(self) -> Grid | None:
        """Return a row for each."""
        columns = (
            Column("number", "编号"),
            Column("title", "标题"),
            Column("state", "状态"),
            Column("helped", "有帮助", "number"),
            Column("tickets", "工单数", "number"),
        )
        rows = tuple(
            (each.number, each.title, word(each.state), each.helped, each.tickets)
            for each in self.articles
        )
        return Grid(columns, rows) if rows else None


def _shown(session: Session, number: str, language: Language | None = None) -> ArticleShown:
    view = support.view_article(
        session,
        number,
        language=language or acting(session).actor.language,
        for_customers=own_party(session) is not None,
    )
    return ArticleShown(article=view)


def write_article(session: Session, arguments: WriteArticle) -> ArticleShown:
    """Write it."""
    article = support.write_article(
        session,
        title=arguments.title,
        body=arguments.body,
        language=arguments.language,
        internal=arguments.internal,
    )
    return _shown(session, article.number, arguments.language)


def revise_article(session: Session, arguments: ReviseArticle) -> ArticleShown:
    """Give it other words."""
    article = support.revise_article(
        session,
        arguments.article,
        body=arguments.body,
        title=arguments.title,
        language=arguments.language,
    )
    return _shown(session, article.number, arguments.language)


def publish_article(session: Session, arguments: PublishArticle) -> ArticleShown:
    """Publish it, or take it out of the way."""
    state = ArticleState.RETIRED if arguments.retire else ArticleState.PUBLISHED
    return _shown(session, support.turn_article(session, arguments.article, state).number)


def find_articles(session: Session, arguments: FindArticles) -> ArticlesFound:
    """Find those that the asking person may read."""
    own, language = own_party(session) is not None, acting(session).actor.language
    return ArticlesFound(
        articles=support.search_articles(
            session, arguments.words, language=language, for_customers=own
        )
    )


def show_article(session: Session, arguments: ShowArticle) -> ArticleShown:
    """Read it, if it is theirs to read."""
    return _shown(session, arguments.article)


def rate_article(session: Session, arguments: RateArticle) -> ArticleShown:
    """Note it."""
    support.rate_article(
        session,
        arguments.article,
        helped=not arguments.not_helpful,
        for_customers=own_party(session) is not None,
    )
    return _shown(session, arguments.article)


def undo_words(_session: Session, _arguments: object, _answer: object) -> Undoing:
    """Say that they stay."""
    return Undoing(impossible=STAYS)


def undo_publish(_session: Session, arguments: PublishArticle, _answer: object) -> Undoing:
    """Do the contrary."""
    call = arguments.model_copy(update={"retire": not arguments.retire})
    return Undoing((Call(TURN, call),))


def undo_rate(_session: Session, arguments: RateArticle, _answer: object) -> Undoing:
    """Say the contrary."""
    call = arguments.model_copy(update={"not_helpful": not arguments.not_helpful})
    return Undoing((Call("knowledge.rate", call),))


TOOLS = [
    Tool("knowledge.write", WriteArticle, write_article, writes=True,
         title="Write article", title_zh="撰写知识文章", roles=HANDS, undo=undo_words),
    Tool("knowledge.revise", ReviseArticle, revise_article, writes=True,
         title="Revise article", title_zh="修改知识文章", roles=HANDS, undo=undo_words),
    Tool(TURN, PublishArticle, publish_article, writes=True,
         title="Publish article", title_zh="发布知识文章", roles=HANDS, undo=undo_publish),
    Tool("knowledge.find", FindArticles, find_articles, writes=False,
         title="Find articles", title_zh="查找知识文章", roles=AND_CUSTOMERS),
    Tool("knowledge.show", ShowArticle, show_article, writes=False,
         title="Show article", title_zh="查看知识文章", roles=AND_CUSTOMERS),
    Tool("knowledge.rate", RateArticle, rate_article, writes=True,
         title="Rate article", title_zh="评价知识文章",
         roles=HANDS | {Role.CUSTOMER}, undo=undo_rate),
]  # fmt: skip
