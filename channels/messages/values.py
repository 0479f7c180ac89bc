"""What a message is made of wherever it comes from: plain values, checked before they are kept."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.communications import Medium, Parsed
from core.communications.parsing import NO_SENDER
from core.communications.texts import clean, one_line


def first_problem(refused: ValidationError) -> str:
    """Say the first thing that is wrong with what somebody handed in, and where."""
    first = refused.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"


class MessageGiven(BaseModel):
    """A message as somebody hands it in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(max_length=300)] = ""
    medium: Medium = Medium.CHAT
    sender: Annotated[str, Field(max_length=320)] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    to: Annotated[str, Field(max_length=320)] = ""
    subject: Annotated[str, Field(max_length=500)] = ""
    text: Annotated[str, Field(min_length=1, max_length=200_000)]
    at: datetime | None = None

    def parsed(self, source: str) -> Parsed:
        """Return it as the door takes it; the same again is known by its id, else by its words."""
        at = self.at
        if at is not None:
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        told = "\0".join((self.sender, self.name, self.subject, self.text, str(at)))
        identity = one_line(self.id) or hashlib.sha256(told.encode()).hexdigest()
        sender = one_line(self.sender, 320).lower()
        name = one_line(self.name, 200)
        return Parsed(
            # With a space: no Message-ID holds one, so no mail can take the key of a message.
            key=f"{source}: {identity}",
            sender=sender,
            sender_name=name,
            recipients=(one_line(self.to, 320).lower(),) if self.to.strip() else (),
            subject=one_line(self.subject) or one_line(self.text, 60),
            body=clean(self.text),
            happened_at=at,
            aside=None if sender or name else NO_SENDER,
        )
