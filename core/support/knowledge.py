"""What is known about problems: articles in versions and languages, and replies that are kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.support import errors, rules
from core.support.events import ArticleRated, ArticleTurned, ArticleWritten, ReplySaved
from core.support.tables import (
    Article,
    ArticleState,
    ArticleVersion,
    ArticleVote,
    SavedReply,
    TicketLink,
)

FOUND_MAX = 20
WORDS_MAX = 12
INTERNAL, PUBLIC = "internal", "everybody"


@dataclass(frozen=True)
class ArticleView:
    """An article in one language, as somebody may read it."""

    number: str
    title: str
    body: str
    language: str
    version: int
    state: ArticleState
    internal: bool
    tags: tuple[str, ...]
    helped: int
    did_not_help: int
    tickets: int
    author: str
    written_at: datetime


def write_article(
    session: Session,
    *,
    title: str,
    body: str,
    language: Language = "en",
    internal: bool = False,
    tags: Collection[str] = (),
) -> Article:
    """Write an article: a draft until it is published."""
    article = Article(
        number=next_number(session, "KB"),
        state=ArticleState.DRAFT,
        internal=internal,
        tags=sorted({rules.tag_of(each) for each in tags} - {""}),
    )
    session.add(article)
    session.flush()
    _add_version(session, article, title=title, body=body, language=language, is_new=True)
    return article


def revise_article(
    session: Session, number: str, *, body: str, title: str | None = None, language: Language = "en"
) -> Article:
    """Give an article other words in a language, or its first ones there; the old ones stay."""
    article = find_article(session, number)
    if title is None:
        newest = _newest(session, article, language) or _newest(session, article, None)
        assert newest is not None, "an article has words in one language at least"
        title = newest.title
    _add_version(session, article, title=title, body=body, language=language, is_new=False)
    return article


def turn_article(session: Session, number: str, state: ArticleState) -> Article:
    """Publish an article, or take it back."""
    article = find_article(session, number)
    before = article.state
    if before is state:
        raise errors.StaysAsItIs(number=article.number, what=state)
    article.state = state
    session.flush()
    newest = _newest(session, article, None)
    events.record(
        session, ArticleTurned(article.number, newest.title if newest else "", before, state)
    )
    return article


def rate_article(session: Session, number: str, *, helped: bool, for_customers: bool) -> Article:
    """Note whether an article helped whoever asks; who votes again changes their vote."""
    article = find_article(session, number, for_customers=for_customers, lock=False)
    vote = insert(ArticleVote).values(
        article_id=article.id, voter=acting(session).actor.human, helped=helped
    )
    session.execute(
        vote.on_conflict_do_update(index_elements=["article_id", "voter"], set_={"helped": helped})
    )
    events.record(session, ArticleRated(article.number, helped))
    return article


def find_article(
    session: Session, number: str, *, for_customers: bool = False, lock: bool = True
) -> Article:
    """Return an article; what is not for customers is as if there were none for them."""
    unknown = errors.UnknownArticle(number=number[:40])
    article = find_numbered(session, Article, number, unknown=unknown, locked=lock)
    if for_customers and (article.internal or article.state is not ArticleState.PUBLISHED):
        raise unknown
    return article


def view_article(
    session: Session, number: str, *, language: Language = "en", for_customers: bool = False
) -> ArticleView:
    """Return an article in a language, or in the one that it is written in."""
    article = find_article(session, number, for_customers=for_customers, lock=False)
    return _views(session, [article], language)[0]


def search_articles(
    session: Session,
    words: str,
    *,
    language: Language = "en",
    for_customers: bool = False,
    limit: int = FOUND_MAX,
) -> list[ArticleView]:
    """Return the articles in which words stand, those with most of them first, titles before texts.

    Chinese is looked up by its signs, other languages by words and their beginnings.
    """
    said = [each.casefold() for each in words.split()][:WORDS_MAX]
    newest = _newest_versions().subquery()
    title, body = func.lower(newest.c.title), func.lower(newest.c.body)
    parts = [part for each in said for part in _parts(each)]
    if not parts:
        return []
    score: ColumnElement[Any] = literal(0)
    for part in parts:
        score += 3 * func.sign(func.strpos(title, part)) + func.sign(func.strpos(body, part))
    hits = or_(*(or_(title.contains(part), body.contains(part)) for part in parts))
    best = (
        select(newest.c.article_id, func.max(score).label("score"))
        .where(hits)
        .group_by(newest.c.article_id)
        .subquery()
    )
    wanted = (
        select(Article)
        .join(best, best.c.article_id == Article.id)
        .where(readable(for_customers=for_customers))
        .order_by(best.c.score.desc(), Article.number)
        .limit(min(limit, FOUND_MAX))
    )
    return _views(session, list(session.scalars(wanted)), language)


def readable(*, for_customers: bool) -> ColumnElement[bool]:
    """Return the condition for the articles that somebody may read."""
    if for_customers:
        return and_(Article.state == ArticleState.PUBLISHED, Article.internal.is_(False))
    return Article.state != ArticleState.RETIRED


def save_reply(session: Session, *, code: str, body: str, language: Language = "en") -> SavedReply:
    """Keep words that are said again and again; {customer} and {ticket} are filled in."""
    code = code.strip().upper()
    if not body.strip():
        raise errors.NothingSaid
    wanted = select(SavedReply).where(SavedReply.code == code, SavedReply.language == language)
    row = session.scalar(wanted.with_for_update())
    before = "" if row is None else row.body
    if row is None:
        row = SavedReply(code=code, language=language)
        session.add(row)
    row.body = body.strip()
    session.flush()
    events.record(session, ReplySaved(code, language, before, row.body))
    return row


def find_reply(session: Session, code: str, *, language: Language = "en") -> SavedReply:
    """Return kept words in a language."""
    code = code.strip().upper()
    wanted = select(SavedReply).where(SavedReply.code == code, SavedReply.language == language)
    row = session.scalar(wanted)
    if row is None:
        known = session.scalars(
            select(SavedReply.code).where(SavedReply.language == language).order_by(SavedReply.code)
        )
        raise errors.UnknownReply(code=code[:40], known=", ".join(known) or "–")
    return row


def list_replies(session: Session) -> list[SavedReply]:
    """Return all kept words."""
    return list(session.scalars(select(SavedReply).order_by(SavedReply.code, SavedReply.language)))


def _parts(word: str) -> list[str]:
    """Return what of a word is looked for: Chinese by pairs of signs, others as they are."""
    if word.isascii() or len(word) <= 2:  # noqa: PLR2004
        return [word]
    return [word[place : place + 2] for place in range(len(word) - 1)]


def _newest_versions() -> Select[ArticleVersion]:
    newest = select(
        ArticleVersion.article_id,
        ArticleVersion.language,
        func.max(ArticleVersion.version).label("version"),
    ).group_by(ArticleVersion.article_id, ArticleVersion.language)
    last = newest.subquery()
    return select(ArticleVersion).join(
        last,
        and_(
            last.c.article_id == ArticleVersion.article_id,
            last.c.language == ArticleVersion.language,
            last.c.version == ArticleVersion.version,
        ),
    )


def _newest(session: Session, article: Article, language: str | None) -> ArticleVersion | None:
    wanted = _newest_versions().where(ArticleVersion.article_id == article.id)
    if language is not None:
        wanted = wanted.where(ArticleVersion.language == language)
    return session.scalar(wanted.order_by(ArticleVersion.language).limit(1))


def _add_version(
    session: Session, article: Article, *, title: str, body: str, language: str, is_new: bool
) -> None:
    if not body.strip() or not title.strip():
        raise errors.NothingSaid
    before = _newest(session, article, language)
    version = ArticleVersion(
        article_id=article.id,
        language=language,
        version=1 if before is None else before.version + 1,
        title=title.strip(),
        body=body.strip(),
        author=acting(session).name,
    )
    session.add(version)
    session.flush()
    events.record(
        session,
        ArticleWritten(
            number=article.number,
            is_new=is_new,
            language=language,
            version=version.version,
            title=version.title,
            body=version.body,
            reach=_reach(internal=article.internal),
        ),
    )


def _reach(*, internal: bool) -> str:
    return INTERNAL if internal else PUBLIC


def _views(session: Session, articles: list[Article], language: str) -> list[ArticleView]:
    ids = [article.id for article in articles]
    words: dict[object, ArticleVersion] = {}
    for version in session.scalars(
        _newest_versions()
        .where(ArticleVersion.article_id.in_(ids))
        .order_by(ArticleVersion.language == language)
    ):
        words[version.article_id] = version
    votes = {
        (article_id, helped): count
        for article_id, helped, count in session.execute(
            select(ArticleVote.article_id, ArticleVote.helped, func.count())
            .where(ArticleVote.article_id.in_(ids))
            .group_by(ArticleVote.article_id, ArticleVote.helped)
        )
    }
    linked = dict(
        iter(
            session.execute(
                select(TicketLink.key, func.count())
                .where(
                    TicketLink.kind == "article",
                    TicketLink.key.in_([article.number for article in articles]),
                )
                .group_by(TicketLink.key)
            )
        )
    )
    return [
        ArticleView(
            number=article.number,
            title=words[article.id].title,
            body=words[article.id].body,
            language=words[article.id].language,
            version=words[article.id].version,
            state=article.state,
            internal=article.internal,
            tags=tuple(article.tags),
            helped=votes.get((article.id, True), 0),
            did_not_help=votes.get((article.id, False), 0),
            tickets=linked.get(article.number, 0),
            author=words[article.id].author,
            written_at=words[article.id].created_at,
        )
        for article in articles
    ]
