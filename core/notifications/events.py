"""What notifications tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.events import Fact


@dataclass(frozen=True)
class PersonNotified(Fact, name="notifications.person_notified"):
    """A person was told something; the words themselves stay in the notification."""

    person: str
    kind: str
    source: str
    cause: str
    channels: tuple[str, ...]
