"""What a turn of a conversation gives back to the door that asked."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tools import Grid, ProposalView

ResultKind = Literal["answer", "proposal", "clarify", "refuse", "denied", "error"]


@dataclass(frozen=True)
class TurnResult:
    """The outcome of one turn, the same for every door.

    `delta` is set when an approval found the world changed: lines gone, lines new.
    """

    kind: ResultKind
    text: str
    grid: Grid | None = None
    query: dict[str, Any] | None = None
    figures: list[dict[str, Any]] = field(default_factory=list)
    proposal: ProposalView | None = None
    options: list[str] = field(default_factory=list)
    ms: int = 0
    model: str = "embedded"
    delta: tuple[list[str], list[str]] | None = None


@dataclass(frozen=True)
class Progress:
    """What the assistant is doing right now."""

    text: str


@dataclass(frozen=True)
class Token:
    """The next piece of the answer, as it is being written."""

    text: str


@dataclass(frozen=True)
class Final:
    """The turn is over."""

    result: TurnResult


TurnEvent = Progress | Token | Final


@dataclass(frozen=True)
class Message:
    """A message of a thread as it is shown again later."""

    role: Literal["person", "assistant"]
    text: str
    at: datetime | None = None
    grid: Grid | None = None
    proposal_id: uuid.UUID | None = None
    options: list[str] = field(default_factory=list)
