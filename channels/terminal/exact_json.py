"""JSON whose numbers are the decimals that were computed, not the nearest binary fraction."""

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.kernel.money import Money, plain

# A decimal travels through the encoder between two signs that no text of ours may contain.
_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def to_json(value: object, *, indent: int | None = None) -> str:
    """Write a value of ours as JSON; decimals become plain numbers, days and ids text."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False)
    return _MARKED.sub(r"\1", text)


def _plain(value: object) -> Any:  # noqa: ANN401  # Whatever JSON can hold.
    match value:
        case Enum():
            return value.value
        case None | bool() | int():
            return value
        case str():
            return value.replace(_MARK, "")
        case Decimal():
            return f"{_MARK}{plain(value)}{_MARK}"
        case Money():
            return {"amount": _plain(value.amount), "currency": value.currency}
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case BaseModel():
            return _plain(value.model_dump())
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case set() | frozenset():
            return [_plain(each) for each in sorted(value, key=str)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)
