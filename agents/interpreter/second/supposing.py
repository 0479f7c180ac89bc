"""Suppose what a message asks for, although some of its words are not known.

The second reader says which figure or tool it sounds like; what the known words give, the first
reader's own assembler puts into it. What comes of it is only ever offered, and shown whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from agents.interpreter.actions import is_question
from agents.interpreter.clauses import Clause
from agents.interpreter.dialogue import continued
from agents.interpreter.draft import DIMENSION_OF, Draft, fits, is_reached, to_query
from agents.interpreter.reading import ANSWER, Turned, usual_figures
from agents.interpreter.records import Spoken, prefixes_of
from agents.interpreter.reports import read_report
from agents.interpreter.second.model import Opinion
from agents.interpreter.slots import slots_of
from agents.interpreter.spans import (
    DocumentSense,
    EntitySense,
    NumberSense,
    Piece,
    TextSense,
    TimeSense,
)
from agents.interpreter.things import Filled
from agents.interpreter.tokens import stems
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from tools.base import Arguments, Tool

# How many tools are tried, and how many figures; less likely ones are not offered.
TOOLS_TRIED, FIGURES_TRIED, LEAST = 12, 4, 0.01
# From where on the second reader alone is believed about a group or an order.
BELIEVED = 0.6
# What each word that found no place makes a supposition worth less.
LEFT = 0.85
_THINGS = (NumberSense, DocumentSense, EntitySense, TextSense)
# What a question can be parted by that is no record: a word for it may as well belong to a name.
_RECORDS = frozenset(DIMENSION_OF.values())


@dataclass(frozen=True)
class Supposed:
    """Calls that a message may ask for, and how likely that is."""

    chance: float
    calls: tuple[Mapping[str, Any], ...]


def supposed(turn: Turned, opinion: Opinion, most: int) -> list[Supposed]:
    """Return the likeliest that a message may ask for, the best first, each of them once.

    Tools come in the order of how likely they are, and what is filled in makes none likelier: once
    enough is found that is at least as likely as the next one, it need not be tried.
    """
    found: list[Supposed] = []
    for one in _figures(turn, opinion):
        _add(found, one)
    for chance, clause in _tools(turn, opinion):
        if sum(one.chance >= chance for one in found) >= most:
            break
        filled = clause.fill()
        if _is_whole(filled):
            _add(found, Supposed(chance * LEFT ** len(filled.left), tuple(filled.calls)))
    return sorted(found, key=lambda one: -one.chance)[:most]


def _add(found: list[Supposed], one: Supposed) -> None:
    if one.calls not in [known.calls for known in found]:
        found.append(one)


# Questions about figures.


def _figures(turn: Turned, opinion: Opinion) -> Iterator[Supposed]:
    likely = [
        (metric, chance)
        for metric, chance in opinion.best("target", len(opinion.choices["target"]))
        if metric in turn.lexicon.metrics and chance >= LEAST
    ]
    draft = read_report(turn.paths[0], turn.lexicon, turn.today)
    usual = usual_figures(draft)
    likely = likely[:FIGURES_TRIED]
    likely += [(metric, LEAST) for metric in usual[:FIGURES_TRIED] if metric not in dict(likely)]
    for metric, chance in likely:
        query = _asked_of(metric, draft, turn, opinion)
        if query is not None:
            written = query.model_dump(mode="json", exclude_defaults=True)
            yield Supposed(chance, ({"tool": ANSWER, "arguments": {"query": written}},))


def _asked_of(metric: str, said: Draft, turn: Turned, opinion: Opinion) -> ReportQuery | None:
    """Put a figure into what the known words ask for: its period, groups and filters."""
    having = [one.model_copy(update={"metric": metric}) for one in said.having]
    draft = replace(said, metrics=[metric], issues=[], supposed=False, having=having)
    _fit(draft)
    _believe(draft, opinion)
    last = turn.context.last_query
    if last is not None and draft.follows:
        draft = continued(last, draft)
    if not fits(draft):
        return None
    query = to_query(draft)
    return query if isinstance(query, ReportQuery) else None


def _fit(draft: Draft) -> None:
    """Leave out what a figure cannot be told by, unless a record was named; it is shown whole."""
    metric = draft.metrics[0]
    named = {*stems(CATALOGUE.metrics[metric].names.en)}
    draft.filters = {
        (dimension, no): refs
        for (dimension, no), refs in draft.filters.items()
        if dimension in _RECORDS
        or (is_reached(metric, dimension) and not {w for r in refs for w in stems(r.id)} & named)
    }


def _believe(draft: Draft, opinion: Opinion) -> None:
    """Take from the second reader what no known word said: a group, an order."""
    if not draft.dimensions:
        metric = draft.metrics[0]
        groups = [
            dimension
            for dimension, chance in opinion.by.items()
            if chance >= BELIEVED and is_reached(metric, dimension)
        ]
        draft.dimensions = groups[:1]
    direction, chance = opinion.best("direction")[0]
    if not draft.direction and draft.dimensions and chance >= BELIEVED:
        draft.direction = direction if direction in {"asc", "desc"} else ""


# Requests.


def _tools(turn: Turned, opinion: Opinion) -> Iterator[tuple[float, Clause]]:
    """Yield how likely the tools to try are, the likeliest first, and what they would be given."""
    path = next(iter(turn.acting), None)
    if path is None:
        return
    # A day alone is a thing only for what is likely to be asked: "who's away next week".
    named = any(piece.sense(kind) for piece in path.pieces for kind in _THINGS)
    if not named and not any(piece.sense(TimeSense) for piece in path.pieces):
        return
    asks = is_question(path.pieces)
    focus = [Spoken.of(number) for number in turn.context.focus]
    for tool in _likely(turn, path.pieces, opinion):
        if tool.writes and asks:
            continue
        chance = opinion.chance("target", tool.name)
        if not named and chance < LEAST:
            continue
        clause = Clause(path.pieces, turn.norm, tool, turn.lexicon, turn.today, focus, turn.context)
        yield chance, clause


def _likely(turn: Turned, pieces: tuple[Piece, ...], opinion: Opinion) -> list[Tool]:
    """Return the tools that a message sounds like and that take every document in it."""
    named = {s.prefix for p in pieces if isinstance(s := p.sense(DocumentSense), DocumentSense)}
    fitting = [tool for tool in turn.lexicon.tools.values() if named <= _prefixes(tool.arguments)]
    fitting.sort(key=lambda tool: -opinion.chance("target", tool.name))
    return fitting[:TOOLS_TRIED]


@cache
def _prefixes(arguments: type[Arguments]) -> frozenset[str]:
    return frozenset(prefix for slot in slots_of(arguments) for prefix in prefixes_of(slot))


def _is_whole(filled: Filled) -> bool:
    """Tell whether nothing is missing, and whatever was named has found its place."""
    doubtful = filled.missing or filled.ambiguous or filled.wrong or filled.about
    kinds = (NumberSense, DocumentSense, TimeSense, TextSense)
    lost = any(piece.sense(kind) for piece in filled.left for kind in kinds) or any(
        _is_name(piece) for piece in filled.left
    )
    return bool(filled.known) and not (doubtful or filled.negated or lost)


def _is_name(piece: Piece) -> bool:
    named = piece.sense(EntitySense)
    return isinstance(named, EntitySense) and not named.short


__all__ = ["Supposed", "supposed"]
