"""What the road from a call to the core tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.events import Fact


@dataclass(frozen=True)
class CallRefused(Fact, name="tools.call_refused"):
    """Somebody tried what is not theirs to do, or what the rules do not allow."""

    tool: str
    refusal: str
    arguments_hash: str


@dataclass(frozen=True)
class AnswerExported(Fact, name="tools.answer_exported"):
    """Somebody took an answer away as a file; the seal is that of its content."""

    tool: str
    arguments: str
    file_kind: str
    rows: int
    seal: str
