"""What a room declares for lists of records: its kinds of records, and what is known of each.

A *kind* of record is what people list: sales orders, items, customers. A *field* is something known
of each of them: a column that can be shown, filtered and sorted by, or rows that lie below it (the
items of an order, the moves of an item) by which it can be filtered. `core.reporting.lists`
collects the kinds of all rooms and compiles typed questions over them; who may see what stands
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, FromClause, bindparam

from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.semantics import AND_CUSTOMERS, EVERYDAY, Names, Said
from core.kernel.words import WORDS

# The business date, put in when a list is read.
TODAY: ColumnElement[date] = bindparam("today", type_=Date)
YES, NO = "yes", "no"
# A column of a table, an expression over some, or a select: SQLAlchemy types each in its own way.
Expression = Any


class Holds(StrEnum):
    """What a field of a record is."""

    TEXT = "text"
    # Another record, known by its key.
    RECORD = "record"
    # Minor units of the record's currency.
    MONEY = "money"
    QUANTITY = "quantity"
    COUNT = "count"
    PERCENT = "percent"
    DATE = "date"
    # One of a few words: a state, a kind.
    WORD = "word"
    FLAG = "flag"


@dataclass(frozen=True, eq=False)
class Field:
    """Something that is known of each record of a kind.

    `column` is its value: of a RECORD the handle of a `dimension`, which knows key and names; of
    MONEY the minor units, with `base` in the company's currency where the record may have another
    one. A field with `through` instead is rows below the record: a select of `record` (the
    record's id) and `value`. It can be filtered by, and not shown.
    """

    id: str
    names: Names
    holds: Holds = Holds.TEXT
    column: Expression | None = None
    base: Expression | None = None
    through: Expression | None = None
    # Of a RECORD: the dimension of reports that knows its members.
    dimension: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Shown when nobody says which columns.
    shown: bool = True
    # A date that lies ahead: "expires this week" is the whole week.
    ahead: bool = False
    # MONEY that may be added up: a credit limit is not.
    adds_up: bool = True
    # What a flag is called when it is not so.
    negative: Names | None = None
    roles: frozenset[Role] = AND_CUSTOMERS

    def says(self, value: str, language: Language) -> str:
        """Return a word of the field as people say it."""
        pair = self.words.get(value) or WORDS.get(value)
        return value.replace("_", " ") if pair is None else pair[language == "zh"]


@dataclass(frozen=True, eq=False)
class RecordKind:
    """A kind of record that can be listed.

    `key` is what one of them is known by, and unique; `id` is what rows below point to. `owner` is
    the customer whose record it is: without it, a customer of the portal sees none of them.
    """

    id: str
    names: Names
    source: FromClause
    key: Expression
    fields: tuple[Field, ...]
    one: Said
    where: tuple[ColumnElement[bool], ...] = ()
    identity: Expression | None = None
    currency: Expression | None = None
    # The date that a bare period means: "orders of this month".
    day: str | None = None
    order: tuple[tuple[str, Literal["asc", "desc"]], ...] = ()
    owner: Expression | None = None
    # What one of them is, by the letters of its number or its place in the web.
    ref: str = ""
    roles: frozenset[Role] = EVERYDAY


@dataclass(frozen=True)
class Lists:
    """All that one room declares: its kinds, and what it knows of the kinds of lower rooms."""

    kinds: tuple[RecordKind, ...] = ()
    besides: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)


def record(
    dimension: str,
    names: Names,
    column: Expression | None = None,
    *,
    through: Expression | None = None,
    shown: bool = True,
    roles: frozenset[Role] = AND_CUSTOMERS,
    name: str = "",
) -> Field:
    """Return a field that is another record, known to reports as a member of a dimension."""
    return Field(
        name or dimension, names, Holds.RECORD, column, through=through, dimension=dimension,
        shown=shown and through is None, roles=roles,
    )  # fmt: skip


def flag(
    name: str,
    names: Names,
    column: Expression,
    *,
    negative: Names | None = None,
    roles: frozenset[Role] = AND_CUSTOMERS,
) -> Field:
    """Return something that is so or not, told but not shown as a column."""
    return Field(
        name, names, Holds.FLAG, column, shown=False, negative=negative, roles=roles,
        words={YES: ("yes", "是"), NO: ("no", "否")},
    )  # fmt: skip
