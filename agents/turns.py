"""What a turn of a conversation is made of, and what it gives back to the door that asked."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from core.kernel.errors import Language
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from tools import Answer, Grid, ProposalView

ResultKind = Literal["answer", "proposal", "clarify", "refuse", "denied", "error"]
MILLION = 1_000_000


@dataclass(frozen=True)
class Usage:
    """What a language model has used up in a turn: how often it spoke, tokens, and their cost."""

    steps: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)

    @property
    def tokens(self) -> int:
        """All tokens, read and written."""
        return self.tokens_in + self.tokens_out

    def plus(self, tokens_in: int, tokens_out: int, settings: Settings) -> "Usage":
        """Return the usage after the model spoke once more."""
        price = tokens_in * settings.model_price_in + tokens_out * settings.model_price_out
        return Usage(
            self.steps + 1,
            self.tokens_in + tokens_in,
            self.tokens_out + tokens_out,
            self.cost + price / MILLION,
        )

    def says(self, language: Language) -> str:
        """Say it in a few words, for the counter that people see."""
        cost = f" · {self.cost:.4f}" if self.cost else ""
        if language == "zh":
            return f"{self.steps} 步 · {self.tokens:,} 个词元{cost}"
        steps = "step" if self.steps == 1 else "steps"
        return f"{self.steps} {steps} · {self.tokens:,} tokens{cost}"


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
    # The language in which the person was answered.
    language: Language = "en"
    ms: int = 0
    model: str = "embedded"
    delta: tuple[list[str], list[str]] | None = None
    # What a language model took part in this turn with; none where there was none.
    usage: Usage | None = None
    # The words, or the question's reading, were confirmed by a person before.
    verified: bool = False


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
    language: Language = "en"
    at: datetime | None = None
    grid: Grid | None = None
    proposal_id: uuid.UUID | None = None
    options: list[str] = field(default_factory=list)


@dataclass
class TurnContext:
    """What one turn needs and is not remembered: who asks, and where progress goes."""

    acting: Acting
    emit: Callable[[TurnEvent], None]
    deadline: float
    answers: list[Answer] = field(default_factory=list)
    kind: ResultKind = "answer"
    text: str = ""
    options: list[str] = field(default_factory=list)
    proposal: uuid.UUID | None = None
    delta: tuple[list[str], list[str]] | None = None
    usage: Usage = field(default_factory=Usage)
    verified: bool = False

    @property
    def language(self) -> Language:
        """The language of this turn."""
        return self.acting.actor.language

    def say(self, en: str, zh: str) -> str:
        """Return the text in the language of this turn."""
        return zh if self.language == "zh" else en
