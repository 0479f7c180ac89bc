"""JSON whose numbers are the decimals that were computed, not the nearest binary fraction."""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.kernel.money import Money, exact, plain

# A decimal travels through the encoder between two signs that no text of ours may contain.
_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def to_json(value: object, *, indent: int | None = None) -> str:
    """Write a value of ours as JSON; decimals become plain numbers, days and ids text."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False)
    return _MARKED.sub(r"\1", text)


def _plain(value: object) -> Any:  # noqa: ANN401  # Whatever JSON can hold.
    if value is None or isinstance(value, bool | int):
        return value.value if isinstance(value, Enum) else value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


# In this order: a StrEnum is a text too, an amount of money a dataclass.
_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    (str, lambda value: value.replace(_MARK, "")),
    # Bounds of a schema; nothing that we compute is one.
    (float, lambda value: _plain(exact(repr(value)))),
    (Decimal, lambda value: f"{_MARK}{plain(value)}{_MARK}"),
    (Money, lambda value: {"amount": _plain(value.amount), "currency": value.currency}),
    (date, lambda value: value.isoformat()),
    (UUID, str),
    (BaseModel, lambda value: _plain(value.model_dump())),
    (Mapping, lambda value: {str(key): _plain(each) for key, each in value.items()}),
    ((list, tuple), lambda value: [_plain(each) for each in value]),
    ((set, frozenset), lambda value: [_plain(each) for each in sorted(value, key=str)]),
)
