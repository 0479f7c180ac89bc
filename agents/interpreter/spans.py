"""What a stretch of words may mean: its senses, and how much of the text they explain."""

from dataclasses import dataclass, field
from typing import TypeVar

from agents.interpreter.numbers import Number
from agents.interpreter.times import TimeSpan
from agents.interpreter.tokens import Token
from core.reporting.periods import Grain


@dataclass(frozen=True)
class MetricSense:
    """The name of a metric."""

    id: str


@dataclass(frozen=True)
class DimensionSense:
    """The name of a dimension."""

    id: str
    plural: bool = False


@dataclass(frozen=True)
class Entity:
    """A record that is meant: its kind, the key people know it by, and its name."""

    kind: str
    key: str
    label: str
    label_zh: str = ""


# The likeness of a name that was spelt exactly so.
EXACT = 100


@dataclass(frozen=True)
class EntitySense:
    """Records that a name may mean; `likeness` below `EXACT` says that it was not spelt so."""

    entities: tuple[Entity, ...]
    likeness: int = EXACT
    # Only a part of the name was said.
    short: bool = False
    # So many items have this in their names that they can only be meant together.
    group: str = ""


@dataclass(frozen=True)
class ValueSense:
    """A member of a dimension that has words of its own: online, overdue 1-30 days."""

    dimension: str
    value: str


@dataclass(frozen=True)
class GrainSense:
    """Buckets of time: by month, weekly."""

    unit: Grain


@dataclass(frozen=True)
class CompareSense:
    """A comparison with a period that the words themselves name: yoy, same month last year."""

    to: str


@dataclass(frozen=True)
class WordSense:
    """A closed-class word that has a meaning and must not be skipped: by, not, more than."""

    role: str


@dataclass(frozen=True)
class FrameSense:
    """A verb or an adjective that stands for a metric: buy, owe us, best."""

    frame: "Frame"


@dataclass(frozen=True)
class Frame:
    """The metric that a verb or adjective stands for, and whose it is."""

    metric: str
    how_many: str = ""
    subject: str = ""
    direction: str = ""
    # Adjectives mean another metric for another dimension: the best supplier.
    by: tuple[tuple[str, str], ...] = ()
    # Frames of the same words are told apart by who acts: "we" or "they".
    actor: str = ""
    threshold: str = ""
    # What its words ask to be told one by one: 买了啥 asks for the items.
    groups: str = ""


@dataclass(frozen=True)
class ToolSense:
    """A phrase that calls for a tool."""

    tool: str


@dataclass(frozen=True)
class CueSense:
    """A word that says which argument follows (or, in Chinese, precedes)."""

    argument: str
    tool: str = ""


@dataclass(frozen=True)
class TimeSense:
    """A stretch of time."""

    time: TimeSpan


@dataclass(frozen=True)
class NumberSense:
    """A number."""

    number: Number


@dataclass(frozen=True)
class DocumentSense:
    """The number of a document, written as we give it out."""

    prefix: str
    number: str


@dataclass(frozen=True)
class TextSense:
    """Something quoted, or a code that nothing here is called."""

    text: str


@dataclass(frozen=True)
class ListSense:
    """What words mean where records are listed: a kind of record, or something known of one.

    `role` is "kind", "field", "value" of a field (a state, or yes and no of what is so or not), or
    a word of lists: "without", "newest", "sorted" ...
    """

    role: str
    kind: str = ""
    field: str = ""
    value: str = ""


@dataclass(frozen=True)
class FillerSense:
    """A word that may be left out: politeness, articles, particles."""


Sense = (
    MetricSense
    | DimensionSense
    | EntitySense
    | ValueSense
    | GrainSense
    | CompareSense
    | WordSense
    | FrameSense
    | ToolSense
    | CueSense
    | TimeSense
    | NumberSense
    | DocumentSense
    | TextSense
    | ListSense
    | FillerSense
)


S = TypeVar("S")


@dataclass(frozen=True)
class Piece:
    """A stretch of tokens with everything it may mean; without senses it is an unknown word."""

    first: int
    last: int
    start: int
    end: int
    text: str
    senses: tuple[Sense, ...] = field(default=())
    weight: float = 0.0
    # The word was not spelt so: what it was read as.
    read_as: str = ""

    @property
    def length(self) -> int:
        """How many tokens it covers."""
        return self.last - self.first

    def sense(self, kind: type[S]) -> S | None:
        """Return its sense of one kind, if it has one."""
        return next((sense for sense in self.senses if isinstance(sense, kind)), None)


def piece_of(
    tokens: list[Token],
    first: int,
    last: int,
    senses: tuple[Sense, ...],
    weight: float,
    text: str,
    read_as: str = "",
) -> Piece:
    """Make a piece of a run of tokens."""
    start, end = tokens[first].start, tokens[last - 1].end
    return Piece(first, last, start, end, text, senses, weight, read_as)
