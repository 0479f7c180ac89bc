"""What a room declares to reporting: sources, measures, metrics and dimensions, with names.

A *source* is rows that figures are added up from. A *measure* adds something of them up. A *metric*
is a measure, or a formula over other metrics, with its names, its exact definition, and who may
see it. A *dimension* is what figures are asked by: it hangs on a *handle*, a column sources share.
`core.reporting` collects all of them into one catalogue and compiles questions over it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, SelectBase

from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from core.kernel.words import WORDS

SYNONYMS_MIN = 3

# Who works in the company may see everyday figures, and so may the watchers of the house.
EVERYDAY = STAFF | {Role.WATCHER}
# What things cost us, and what we earn on them.
COSTS = frozenset(
    {
        Role.ADMIN, Role.MANAGER, Role.ACCOUNTANT, Role.AUDITOR, Role.SALES, Role.BUYER,
        Role.PRODUCTION, Role.WATCHER,
    }
)  # fmt: skip
# The books as a whole.
BOOKS = frozenset({Role.ADMIN, Role.MANAGER, Role.ACCOUNTANT, Role.AUDITOR, Role.WATCHER})
# How many people work here, where: no single person's figures.
PEOPLE = EVERYDAY | {Role.EMPLOYEE}
# A customer of the portal may see these figures too, of the own rows only.
AND_CUSTOMERS = EVERYDAY | {Role.CUSTOMER}


class Unit(StrEnum):
    """What a figure counts."""

    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    COUNT = "count"
    DAYS = "days"


class Kind(StrEnum):
    """How a metric behaves over time and when it is divided up."""

    # Adds up over a period.
    FLOW = "flow"
    # A state at the end of a day: the last one of each bucket counts, never their sum.
    SNAPSHOT = "snapshot"
    # A quotient of sums, computed after adding up, never averaged.
    RATIO = "ratio"
    # A sum or difference of other metrics.
    DERIVED = "derived"


class Timing(StrEnum):
    """Which rows of a source a measure takes for a bucket of time."""

    # Those dated in the bucket.
    WITHIN = "within"
    # Those dated up to the end of the bucket: the sum of all changes is the level.
    UP_TO = "up_to"
    # Those of the last months or days up to the end of the bucket.
    TRAILING = "trailing"
    # All that are there now: what they were on another day is not known.
    PRESENT = "present"


class Adding(StrEnum):
    """How the rows of a measure become one figure."""

    SUM = "sum"
    COUNT = "count"
    # Different values are counted, so the parts of a whole may add up to more than it.
    DISTINCT = "distinct"


@dataclass(frozen=True)
class Said:
    """The same thing said in both languages."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """Return it in one of them."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Names(Said):
    """What something is called, and what else people call it."""

    also_en: tuple[str, ...] = ()
    also_zh: tuple[str, ...] = ()

    def all_in(self, language: Language) -> tuple[str, ...]:
        """Return every name in one language, the proper one first."""
        return (self.zh, *self.also_zh) if language == "zh" else (self.en, *self.also_en)


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a source in a query: its columns, the date that counts, and the day looked at."""

    columns: FromClause
    day: ColumnElement[date]
    as_of: ColumnElement[date]

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        return self.columns.c[name]


@dataclass(frozen=True, eq=False)
class Source:
    """Rows that figures are added up from.

    `rows` selects them, with a column for every handle, the number of the `document` each comes
    from, its dates, and what can be added up. `dates` names the date columns a question may go by;
    the first one counts unless it says otherwise. `owner` is the handle of the customer whose rows
    they are; without it, a customer of the portal sees none of them.
    """

    id: str
    rows: SelectBase
    basis: Said
    handles: frozenset[str]
    dates: tuple[str, ...] = ()
    owner: str | None = None
    document_kind: str = ""


@dataclass(frozen=True, eq=False)
class Measure:
    """What is added up of a source: `value` of the rows for which `where` holds.

    `minor` says that the value is in minor units of the company's currency. `coarse` is the same
    figure from rows that are fewer and say less, whole documents instead of their lines: they are
    read where nothing is asked that they do not say. All measures of a source that have one have it
    on the same rows. `counting` says of rows that stand for several how many of them they are.
    """

    source: Source
    value: Callable[[Rows], ColumnElement[Any]] | None = None
    adding: Adding = Adding.SUM
    where: Callable[[Rows], ColumnElement[bool]] | None = None
    timing: Timing = Timing.WITHIN
    minor: bool = False
    months: int = 0
    days: int = 0
    basis: Said | None = None
    coarse: "Measure | None" = None
    counting: Callable[[Rows], ColumnElement[Any]] | None = None

    @property
    def says(self) -> Said:
        """What the figure is made of."""
        return self.basis or self.source.basis

    def and_coarser(self) -> tuple["Measure", ...]:
        """Return it, and after it the same figure from ever fewer rows."""
        return (self,) if self.coarse is None else (self, *self.coarse.and_coarser())


Formula = Callable[..., ColumnElement[Decimal]]


@dataclass(frozen=True, eq=False)
class Metric:
    """A figure that the company is run by.

    It is a measure, and another one for a company that counts revenue on orders, or a formula
    over the metrics in `parts`, which it takes in their order.
    """

    id: str
    names: Names
    definition: Said
    unit: Unit
    kind: Kind
    roles: frozenset[Role] = EVERYDAY
    measure: Measure | None = None
    on_orders: Measure | None = None
    parts: tuple[str, ...] = ()
    formula: Formula | None = None
    # Says why there is no figure when the divisor is nothing.
    undefined: Said = field(default=Said("n/a", "不适用"))
    # Whether a higher figure is a better one, where that can be said.
    more_is_better: bool | None = None
    # A part of others that nobody asks for by itself.
    inner: bool = False
    # A part that nobody may ask for, nor look behind: pay of fewer people than may be seen.
    private: bool = False

    def measure_on(self, *, orders: bool) -> Measure | None:
        """Return the measure for a company that counts revenue on orders, or on invoices."""
        return self.on_orders if orders and self.on_orders is not None else self.measure

    @property
    def additive(self) -> bool:
        """Whether the figures of the parts of a whole add up to the figure of the whole."""
        if self.kind is Kind.RATIO:
            return False
        if self.measure is not None:
            return self.measure.adding is not Adding.DISTINCT
        return True


@dataclass(frozen=True, eq=False)
class Dimension:
    """What figures can be asked by.

    With `members`, a select of id, key, label and label_zh, a member is found by its id in the
    sources' `handle` column; `key` is what people and programs know it by. A filter also finds it
    by the columns also, also_label and also_label_zh, where there are any: what lies below it in
    a tree. Without `members`, the handle's value is the key, or what `bucket` makes of a row.
    `words` says keys in words that have no label of their own in the database.
    """

    id: str
    names: Names
    handle: str
    members: SelectBase | None = None
    bucket: Callable[[Rows], ColumnElement[str]] | None = None
    # Where `members` is missing: a select of the keys that occur.
    keys: SelectBase | None = None
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # The keys are shown in the order of `words`, not by their labels.
    ordered: bool = False
    # The level above, to drill from.
    parent: str | None = None
    roles: frozenset[Role] = AND_CUSTOMERS

    def says(self, key: str, language: Language) -> str:
        """Return the word for a key that has no label of its own."""
        pair = self.words.get(key) or WORDS.get(key)
        return key if pair is None else pair[language == "zh"]


@dataclass(frozen=True)
class Semantics:
    """All that one room declares."""

    metrics: tuple[Metric, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
