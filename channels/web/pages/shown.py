"""What a record is as a page shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from channels.web.layout import Visit
from core.kernel.errors import Language


@dataclass(frozen=True)
class Shown:
    """A record as it is shown: facts by name, and tables below."""

    title: str
    # A fact is a text, in which documents are links, or some links.
    facts: Sequence[tuple[str, str | Sequence[tuple[str, str]]]]
    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[str | tuple[str, str]]] = field(default=())


Reads = Callable[[Session, str, Visit], Shown]


def item_link(sku: str, name: str) -> tuple[str, str]:
    """Return an item as a cell that leads to its page."""
    return f"{sku} {name}".strip(), f"/record/item/{sku}"


def named(name: str, name_zh: str | None, language: Language) -> str:
    """Return a name in the language of who reads."""
    return (name_zh or name) if language == "zh" else name
