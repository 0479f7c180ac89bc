"""What a tool's arguments may be filled with, read from its own pydantic model."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from core.reporting.query import AsOf, Compare, Range, Relative
from tools.base import FreeText, InCurrency, PerUnit, Ref

SlotKind = Literal[
    "ref", "quantity", "price", "amount", "percent", "day", "integer", "flag", "choice", "words",
    "text", "lines", "period", "compare", "other",
]  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One argument: what kind of thing it takes, and whether the tool needs it."""

    name: str
    kind: SlotKind
    required: bool
    # Of a ref: the kind of record.
    ref: str = ""
    # Of a choice: the values it can have.
    values: tuple[str, ...] = ()
    # Of lines: the arguments of each.
    lines: tuple["Slot", ...] = ()
    many: bool = False


@cache
def slots_of(model: type[BaseModel]) -> tuple[Slot, ...]:
    """Return the slots of a tool's arguments, in the order they are declared."""
    found = []
    for name, declared in model.model_fields.items():
        kinds, marks, many = _unwrapped(declared.annotation)
        found.append(
            _slot(
                name,
                kinds,
                (*marks, *declared.metadata),
                required=declared.is_required(),
                many=many,
            )
        )
    return tuple(found)


def _unwrapped(annotation: Any) -> tuple[list[Any], list[Any], bool]:  # noqa: ANN401
    """Take Annotated, Optional and containers off a type: what is inside, and its marks."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        kinds, more, many = _unwrapped(inner)
        return kinds, [*marks, *more], many
    if origin in {Union, types.UnionType}:
        kinds, marks, many = [], [], False
        for part in get_args(annotation):
            if part is not type(None):
                inner, more, also = _unwrapped(part)
                kinds, marks, many = kinds + inner, marks + more, many or also
        return kinds, marks, many
    if origin in {list, tuple, set, frozenset}:
        parts = [part for part in get_args(annotation) if part is not Ellipsis]
        kinds, marks, _ = _unwrapped(parts[0]) if parts else ([str], [], False)
        return kinds, marks, True
    return [annotation], [], False


def _slot(
    name: str, kinds: list[Any], marks: tuple[Any, ...], *, required: bool, many: bool
) -> Slot:
    kind = kinds[0]
    ref = next((mark.kind for mark in marks if isinstance(mark, Ref)), "")
    if set(kinds) == {Range, Relative, AsOf}:
        return Slot(name, "period", required)
    if kind is Compare:
        return Slot(name, "compare", required)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Slot(name, "lines" if many else "other", required, lines=slots_of(kind), many=many)
    if ref:
        return Slot(name, "ref", required, ref=ref, many=many)
    if any(isinstance(mark, FreeText) for mark in marks):
        return Slot(name, "words", required)
    values = tuple(_values(kind))
    if values:
        return Slot(name, "choice", required, values=values, many=many)
    if kind is bool:
        return Slot(name, "flag", required)
    if kind is date:
        return Slot(name, "day", required)
    if kind is int:
        return Slot(name, "integer", required)
    if kind is Decimal:
        return Slot(name, _decimal(name, marks), required)
    return Slot(name, "text" if kind is str else "other", required, many=many)


def _values(kind: Any) -> Iterator[str]:  # noqa: ANN401
    if get_origin(kind) is Literal:
        yield from (str(value) for value in get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(member.value) for member in kind)


def _decimal(name: str, marks: tuple[Any, ...]) -> SlotKind:
    if any(isinstance(mark, PerUnit) for mark in marks):
        return "price"
    if any(isinstance(mark, InCurrency) for mark in marks):
        return "amount"
    return "percent" if "percent" in name or "rate" in name else "quantity"
