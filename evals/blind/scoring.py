"""Whether a reading is the one that was meant: by what it asks for, not by how it says it.

Two questions are the same when they ask for the same figures over the same days: "last month" and
the first to the thirty-first of May are, on a day in June. Names count as the records they name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.kernel.money import NotAnAmount, exact
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import (
    Compare,
    Filter,
    Order,
    Period,
    ReportQuery,
    Span,
    resolve,
    resolve_comparison,
)
from tools import TOOLBOX

# What somebody said in their own words need not be cut out to the letter.
OWN_WORDS = frozenset(
    {
        "because", "body", "description", "memo", "name", "name_zh", "needed_for", "notes",
        "reason", "rejected_because", "subject",
    }
)  # fmt: skip
# Own words are the same when the shorter ones are at least this share of the longer ones.
SHARE_OF_WORDS = 0.5


@dataclass(frozen=True)
class Names:
    """What records are called in a world: their keys by every name, in small letters."""

    keys: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, world: Mapping[str, Any]) -> "Names":
        """Collect the names of a world file."""
        keys: dict[str, set[str]] = {}
        for many, rows in world.items():
            for row in rows if isinstance(rows, list) else ():
                # A member of a dimension is named below it.
                key, *names = row[1:] if many == "dimension_members" else row[:3]
                for name in (key, *names):
                    if name:
                        keys.setdefault(str(name).casefold(), set()).add(str(key).casefold())
        return cls({name: frozenset(found) for name, found in keys.items()})

    def same(self, one: str, other: str) -> bool:
        """Tell whether two texts name the same record."""
        one, other = one.casefold(), other.casefold()
        return one == other or bool(self._keys(one) & self._keys(other))

    def key(self, name: str) -> str:
        """Return one key for a name, or the name itself."""
        return min(self._keys(name.casefold()))

    def _keys(self, name: str) -> frozenset[str]:
        return self.keys.get(name, frozenset({name}))


# Questions about figures.


def same_query(
    got: ReportQuery, want: ReportQuery, free: Iterable[str], names: Names, today: date
) -> bool:
    """Tell whether two questions have the same answer; what is `free` was not said."""
    mine, theirs = (_essence(query, names, today) for query in (got, want))
    left_open = set(free)
    if want.limit is None and not want.order:
        left_open.add("order")
    return all(mine[part] == theirs[part] for part in theirs if part not in left_open)


def _essence(query: ReportQuery, names: Names, today: date) -> dict[str, Any]:
    return {
        "metrics": frozenset(query.metrics),
        "by": frozenset(query.dimensions),
        "grain": query.grain and query.grain.removeprefix("fiscal_"),
        "days": _days(query, query.period, today),
        "filters": frozenset(_filter(one, names) for one in query.filters),
        "having": frozenset((h.metric, h.op, h.value, h.value2, h.on) for h in query.having),
        "compare": query.compare and _compared(query, query.compare, today),
        "share": query.share_of is not None,
        "cumulative": query.cumulative is not None,
        "order": tuple(_order(one) for one in query.order[:1]),
        "limit": query.limit,
        "limit_per": query.limit_per,
        "currency": query.currency,
    }


def _days(query: ReportQuery, period: Period | None, today: date) -> tuple[date | None, ...]:
    """Return the days that count; of a state, without buckets, only the last one does."""
    span = resolve(period, today)
    return (span.end,) if _is_state(query) else (span.start, span.end)


def _is_state(query: ReportQuery) -> bool:
    return query.grain is None and all(CATALOGUE.is_snapshot(metric) for metric in query.metrics)


def _compared(query: ReportQuery, compare: Compare, today: date) -> tuple[Any, ...]:
    if compare.to in {"budget", "forecast", "target"}:
        return (compare.to,)
    span = resolve(query.period, today)
    if _is_state(query):
        # A state is looked at on its last day, however long the period was that leads up to it.
        span = Span(span.end, span.end)
        return (resolve_comparison(compare, span, today).end,)
    if span.start is None:
        return (compare.to, compare.years)
    other = resolve_comparison(compare, span, today)
    return (other.start, other.end)


def _filter(one: Filter, names: Names) -> tuple[str, str, frozenset[str]]:
    # What lies below a category is found by the category's name too.
    dimension = "category" if one.dimension == "subcategory" else one.dimension
    return dimension, one.op, frozenset(_member(one.dimension, v, names) for v in one.values)


def _member(dimension: str, value: Any, names: Names) -> str:  # noqa: ANN401
    said = str(getattr(value, "id", value))
    words = CATALOGUE.dimensions[dimension].words
    for key, pair in words.items():
        if said.casefold() in {str(key).casefold(), *(word.casefold() for word in pair)}:
            return str(key).casefold()
    return names.key(said)


def _order(one: Order) -> tuple[str, str, str]:
    return one.by, one.what, one.dir


# Calls of tools.


def same_calls(
    got: Iterable[Mapping[str, Any]], want: Iterable[Mapping[str, Any]], names: Names
) -> bool:
    """Tell whether the same tools are called in the same order with the same arguments."""
    mine, theirs = list(got), list(want)
    return len(mine) == len(theirs) and all(
        one["tool"] == other["tool"] and _same(_arguments(one), _arguments(other), names, field="")
        for one, other in zip(mine, theirs, strict=True)
    )


def _arguments(call: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return what was filled in, in the form that the tool itself gives it."""
    tool = TOOLBOX.tools.get(call["tool"])
    if tool is None:
        return call["arguments"]
    filled = tool.arguments.model_validate(call["arguments"], strict=False)
    return filled.model_dump(mode="json", exclude_defaults=True)


def _same(one: Any, other: Any, names: Names, field: str) -> bool:  # noqa: ANN401
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(
            _same(one[key], other[key], names, key) for key in one
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _same(a, b, names, field) for a, b in zip(one, other, strict=True)
        )
    if field in OWN_WORDS:
        return same_words(str(one), str(other))
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return first == second
    return names.same(str(one), str(other))


def _number(value: Any) -> Decimal | None:  # noqa: ANN401
    try:
        return exact(str(value))
    except NotAnAmount:
        return None


def same_words(one: str, other: str) -> bool:
    """Tell whether somebody's own words were taken over, give or take a word at the ends."""
    first, second = (re.sub(r"\W+", "", text.casefold()) for text in (one, other))
    short, long = sorted((first, second), key=len)
    return bool(short) and short in long and len(short) >= SHARE_OF_WORDS * len(long)


# Replies to a proposal.


def same_decision(got: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    """Tell whether an answer to a proposal says the same: yes, no and why, or what instead."""
    if got.keys() != want.keys():
        return False
    return all(
        same_words(str(got[key]), str(want[key]))
        if key in OWN_WORDS
        else str(got[key]) == str(want[key])
        for key in want
    )
