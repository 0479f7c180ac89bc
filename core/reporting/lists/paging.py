"""Pages that begin exactly where the last one ended: by the values of its last record."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Integer, Numeric, String, and_, cast, func, literal, or_

from core.kernel.listing import Holds
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.lists.query import ListQuery

_WRONG = Issue(
    "unknown_page",
    "This page does not belong to the list; please begin with the first one.",
    "此页不属于该列表，请从第一页开始。",
)


@dataclass(frozen=True, eq=False)
class Key:
    """Something that records are sorted by."""

    value: ColumnElement[Any]
    holds: Holds
    descending: bool


def sorted_by(key: Key) -> ColumnElement[Any]:
    """Return the order of a key: what has no value comes last, whichever way it is sorted."""
    way = key.value.desc() if key.descending else key.value.asc()
    return way.nulls_last()


def sortable(value: ColumnElement[Any], holds: Holds) -> ColumnElement[Any]:
    """Return what a field is sorted by: names whatever their letters' size, flags as 0 and 1."""
    if holds in {Holds.TEXT, Holds.RECORD, Holds.WORD}:
        return func.lower(cast(value, String)).collate("C")
    if holds is Holds.FLAG:
        return cast(func.coalesce(value, False), Integer)
    return value if holds is Holds.DATE else cast(value, Numeric)


def token_of(query: ListQuery, values: Sequence[Any]) -> str:
    """Return where a page ended, to be given back with the same question."""
    plain = [value if value is None or isinstance(value, str) else str(value) for value in values]
    text = json.dumps([_mark(query), *plain], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode()


def behind(query: ListQuery, keys: Sequence[Key]) -> ColumnElement[bool] | None:
    """Return which records come behind the page that a question goes on from."""
    if query.after is None:
        return None
    values = _values(query, keys)
    ways: list[ColumnElement[bool]] = []
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [
            before.value.is_not_distinct_from(_literal(there, before.holds))
            for before, there in zip(keys[:place], values[:place], strict=True)
        ]
        if value is None:
            # Nothing comes behind what has no value, but the next key may.
            continue
        there = _literal(value, key.holds)
        further = key.value < there if key.descending else key.value > there
        ways.append(and_(*same, or_(further, key.value.is_(None))))
    return or_(*ways)


def _mark(query: ListQuery) -> str:
    """Return what a page must have in common with the next one: all but columns and size."""
    plain = query.model_dump(mode="json", include={"records", "filters", "order"})
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def _values(query: ListQuery, keys: Sequence[Key]) -> list[Any]:
    assert query.after is not None, "a page goes on from another"
    try:
        mark, *given = json.loads(base64.urlsafe_b64decode(query.after.encode()))
    except (ValueError, TypeError, binascii.Error):
        raise CannotAnswer([_WRONG]) from None
    if mark != _mark(query) or len(given) != len(keys):
        raise CannotAnswer([_WRONG])
    try:
        return [_read(value, key.holds) for value, key in zip(given, keys, strict=True)]
    except (ValueError, InvalidOperation):
        raise CannotAnswer([_WRONG]) from None


def _read(value: Any, holds: Holds) -> Any:  # noqa: ANN401  # What came back from outside.
    if value is None:
        return None
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    if holds is Holds.DATE:
        return date.fromisoformat(value)
    if holds in {Holds.TEXT, Holds.RECORD, Holds.WORD}:
        return value
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= Decimal(10) ** 30:
        raise ValueError(value)
    return int(number) if holds is Holds.FLAG else number


def _literal(value: Any, holds: Holds) -> ColumnElement[Any]:  # noqa: ANN401
    if holds in {Holds.TEXT, Holds.RECORD, Holds.WORD}:
        return literal(value, String)
    if holds is Holds.FLAG:
        return literal(value, Integer)
    return literal(value) if holds is Holds.DATE else literal(value, Numeric)
