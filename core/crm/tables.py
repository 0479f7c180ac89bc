"""Tables of customer relations."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
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
    """A mail, call, meeting or note about a party or lead. Its text is words, never an order."""

    __tablename__ = "activity"
    __table_args__ = (
        Index(None, "party_id", "happened_at"),
        Index(None, "lead_id"),
        Index(None, "opportunity_id"),
        CheckConstraint("num_nonnulls(party_id, lead_id) > 0", name="about_somebody"),
    )

    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    lead_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lead.id"))
    opportunity_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("opportunity.id"))
    # Any document, by its number.
    document: Mapped[str | None]
    kind: Mapped[ActivityKind]
    direction: Mapped[Direction]
    happened_at: Mapped[datetime]
    subject: Mapped[str]
    body: Mapped[str]
    author: Mapped[str]
