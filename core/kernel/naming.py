"""From what people say to the one record that they mean, or to a refusal that helps them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process
from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from core.kernel.database import Record
from core.kernel.errors import DomainError, Language

CANDIDATES_MAX = 5
# Names are compared one by one only to suggest, after the database found nothing.
COMPARED_MAX = 25_000
SIMILAR_PERCENT = 60

R = TypeVar("R", bound=Record)

_NUMBER = re.compile(r"([a-z]{1,4})[- ]?0*(\d{1,12})", re.IGNORECASE)


# A select of what records are called: number, name, Chinese name.
Names = Select[str, str, str] | Select[str, str, str | None]


@dataclass(frozen=True)
class Candidate:
    """A record that may be meant."""

    number: str
    name: str
    name_zh: str | None = None

    def called(self, language: Language = "en") -> str:
        """Return its number and its name."""
        return f"{self.number} {(language == 'zh' and self.name_zh) or self.name}"


class UnknownName(DomainError):
    """Nothing is called "{text}"."""

    zh = "没有名为“{text}”的记录。"

    def __init__(self, *, text: str, nearest: Iterable[Candidate] = ()) -> None:
        self.nearest = tuple(nearest)
        super().__init__(text=text)

    def message(self, language: Language) -> str:
        """Add what is called nearly so."""
        said = super().message(language)
        if not self.nearest:
            return said
        if language == "zh":
            return f"{said}您是否指：{_listed(self.nearest, language)}？"
        return f"{said} Did you mean {_listed(self.nearest, language)}?"


class AmbiguousName(DomainError):
    """The name "{text}" fits more than one. Which one do you mean?"""

    zh = "“{text}”对应多条记录，您指的是哪一条？"

    def __init__(self, *, text: str, candidates: Iterable[Candidate]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(text=text)

    def message(self, language: Language) -> str:
        """Add what may be meant."""
        gap = "" if language == "zh" else " "
        return f"{super().message(language)}{gap}{_listed(self.candidates, language)}"


def canonical_number(text: str) -> str:
    """Write the number of a document or party as we give it out: "po 42" is PO-00042."""
    said = text.strip()
    match = _NUMBER.fullmatch(said)
    return f"{match[1].upper()}-{int(match[2]):05d}" if match else said


def find_numbered(
    session: Session,
    table: type[R],
    said: str,
    *options: ExecutableOption,
    unknown: DomainError,
    locked: bool = False,
) -> R:
    """Return the record of a table that has a number, as it is stored now, or say it is unknown.

    Locked, nobody else changes it until the transaction ends. `options` say what comes with it.
    """
    wanted = (
        select(table)
        .where(table.__table__.c.number.in_({said, canonical_number(said)}))
        .options(*options)
        .execution_options(populate_existing=True)
    )
    if locked:
        wanted = wanted.with_for_update(of=table)
    found = session.scalars(wanted).unique().one_or_none()
    if found is None:
        raise unknown
    return found


def resolved(
    session: Session,
    among: Names,
    text: str,
    unknown: type[UnknownName],
) -> str:
    """Return the number of the one record that is called so, among (number, name, Chinese name).

    An exact name wins over a beginning, and a beginning over a part; of the best kind there has
    to be exactly one.
    """
    said = " ".join(text.split()).lower()
    number, *names = (func.lower(column) for column in among.selected_columns)
    rank = case(
        (number == said, 0),
        (or_(*(name == said for name in names)), 1),
        (or_(*(name.startswith(said, autoescape=True) for name in (number, *names))), 2),
        (or_(*(name.contains(said, autoescape=True) for name in names)), 3),
    )
    found = session.execute(
        among.add_columns(rank)
        .where(rank.is_not(None))
        .order_by(rank, among.selected_columns[0])
        .limit(CANDIDATES_MAX)
    ).all()
    # A record may be called so by more than one of its names: it is meant once.
    best = list({row[0]: Candidate(*row[:3]) for row in found if row[3] == found[0][3]}.values())
    if not said or not best:
        raise unknown(text=text, nearest=_nearest(session, among, said))
    if len(best) > 1:
        raise AmbiguousName(text=text, candidates=best)
    return best[0].number


def _nearest(session: Session, among: Names, said: str) -> list[Candidate]:
    known = [Candidate(*row) for row in session.execute(among.limit(COMPARED_MAX))]
    spoken = [
        (place, name.lower())
        for place, record in enumerate(known)
        for name in (record.number, record.name, record.name_zh)
        if name
    ]
    alike = process.extract(
        said,
        [name for _, name in spoken],
        scorer=fuzz.ratio,
        score_cutoff=SIMILAR_PERCENT,
        limit=3 * CANDIDATES_MAX,
    )
    # A record may be alike by more than one of its names: it is suggested once.
    places = {known[place].number: place for _, _, index in alike for place in [spoken[index][0]]}
    return [known[place] for place in list(places.values())[:CANDIDATES_MAX]]


def _listed(candidates: Sequence[Candidate], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(c.called(language) for c in candidates)
