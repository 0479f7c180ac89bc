"""Tables of customer relations."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record


class ActivityKind(StrEnum):
    """How we were in touch."""

    EMAIL = "email"
    CALL = "call"
    MEETING = "meeting"
    NOTE = "note"


class Direction(StrEnum):
    """Who wrote or called whom."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class Activity(Record):
    """A mail, call, meeting or note about a party. Its text is somebody's words, never an order."""

    __tablename__ = "activity"
    __table_args__ = (Index(None, "party_id", "happened_at"),)

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[ActivityKind]
    direction: Mapped[Direction]
    happened_at: Mapped[datetime]
    subject: Mapped[str]
    body: Mapped[str]
    author: Mapped[str]
