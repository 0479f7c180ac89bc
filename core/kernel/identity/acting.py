"""Who acts, for whom, through which door, and why: what every audit record says."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from core.kernel.errors import Language


@dataclass(frozen=True)
class Actor:
    """A person, or a service of the house that may only propose.

    `party_id` is set for a customer of the portal: rows of other parties are not theirs to see.
    """

    name: str
    roles: frozenset[str] = frozenset()
    is_person: bool = True
    language: Language = "en"
    person_id: uuid.UUID | None = None
    # Two accounts of one human being share this, so that segregation sees one person.
    human_key: str = ""
    party_id: uuid.UUID | None = None

    @property
    def human(self) -> str:
        """The human being behind the account."""
        return self.human_key or self.name


@dataclass(frozen=True)
class Acting:
    """An actor doing something now: for whom, through which door, why, on which proposal."""

    actor: Actor
    door: str = "house"
    why: str = ""
    on_behalf_of: str = ""
    proposal: uuid.UUID | None = None
    model: str = ""

    @property
    def name(self) -> str:
        """The account that the audit trail names."""
        return self.actor.name

    def on_proposal(self, proposal: uuid.UUID, *, on_behalf_of: str, why: str) -> "Acting":
        """Return the same actor, carrying out a proposal of somebody."""
        return replace(self, proposal=proposal, on_behalf_of=on_behalf_of, why=why)

    def to_json(self) -> dict[str, Any]:
        """Return what the audit trail keeps."""
        return {
            "person": self.actor.name,
            "is_person": self.actor.is_person,
            "door": self.door,
            "why": self.why,
            "on_behalf_of": self.on_behalf_of,
            "proposal": str(self.proposal) if self.proposal else None,
            "model": self.model,
        }


# Set-up, migration, and whatever the house does to keep itself in order.
SYSTEM = Acting(Actor("system", roles=frozenset({"system"}), is_person=False))
