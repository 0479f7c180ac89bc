"""Search the catalogue of figures: which ids a typed question may name, by what they are called."""

import re
from typing import Annotated, TypeVar

from pydantic import Field
from sqlalchemy.orm import Session

from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.semantics import Dimension, Metric
from core.reporting import CATALOGUE
from core.reporting.issues import nearest
from core.reporting.scope import scope_of
from tools.base import Answer, Arguments, Column, Grid, Text, Tool

NAME = "reporting.search_catalogue"
One = TypeVar("One", Metric, Dimension)
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


class SearchCatalogue(Arguments):
    """Find the metrics and dimensions that a question about figures may name, by any words."""

    words: Text
    limit: Annotated[int, Field(ge=1, le=40)] = 12


class CatalogueFound(Answer):
    """What is called so, the nearest first."""

    words: str
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]

    def sentence(self, language: Language = "en") -> str:
        """Say how much was found."""
        metrics, dimensions = len(self.metrics), len(self.dimensions)
        if language == "zh":
            return f"与“{self.words}”有关的指标 {metrics} 个、维度 {dimensions} 个。"
        return f"{metrics} metrics and {dimensions} dimensions for “{self.words}”."

    def grid(self) -> Grid:
        """Return one row for each, with its id, its names and by what it can be asked."""
        columns = (
            Column("kind", "类型"),
            Column("id", "标识"),
            Column("name", "名称"),
            Column("name in Chinese", "中文名称"),
            Column("meaning", "含义"),
            Column("can be asked by", "可按"),
        )
        metrics = (
            (
                *("metric", one.id, one.names.en, one.names.zh, one.definition.en),
                ", ".join(CATALOGUE.dimensions_of(one.id)),
            )
            for one in self.metrics
        )
        dimensions = (
            ("dimension", one.id, one.names.en, one.names.zh, ", ".join(list(one.words)[:12]), "")
            for one in self.dimensions
        )
        return Grid(columns, (*metrics, *dimensions))


def search(session: Session, arguments: SearchCatalogue) -> CatalogueFound:
    """Find what is called so among what the asking person may see."""
    scope = scope_of(session)
    metrics = [one for one in CATALOGUE.asked() if scope.may_see(one.roles)]
    dimensions = [one for one in CATALOGUE.dimensions.values() if scope.may_see(one.roles)]
    return CatalogueFound(
        words=arguments.words,
        metrics=tuple(_best(arguments.words, metrics, arguments.limit)),
        dimensions=tuple(_best(arguments.words, dimensions, arguments.limit)),
    )


def _best(words: str, known: list[One], limit: int) -> list[One]:
    said = set(_WORD.findall(words.lower().replace("_", " ")))

    def shared(one: One) -> tuple[int, int]:
        names = (one.id.replace("_", " "), *one.names.all_in("en"), *one.names.all_in("zh"))
        parts = [set(_WORD.findall(name.lower())) for name in names]
        whole = max((len(part) for part in parts if part <= said), default=0)
        return whole, max(len(part & said) for part in parts)

    alike = nearest(words, known)
    ranked = sorted(known, key=lambda one: (shared(one), one.id in alike), reverse=True)
    return [one for one in ranked if shared(one)[1] or one.id in alike][:limit]


TOOLS = [
    Tool(
        name=NAME,
        arguments=SearchCatalogue,
        run=search,
        writes=False,
        title="Search the catalogue of figures",
        title_zh="搜索指标目录",
        roles=frozenset(Role),
    )
]
