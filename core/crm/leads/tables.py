"""Tables of leads: who may become a customer, whose they are, and what became of them."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crm.sources import LeadSource
from core.kernel.database import Minor, Record
from core.kernel.identity.tables import Person


class LeadState(StrEnum):
    """The life of a lead."""

    NEW = "new"
    WORKING = "working"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"


class Lead(Record):
    """Somebody who may become a customer, as they were told to us."""

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint("(state = 'converted') = (converted_on IS NOT NULL)", name="converted"),
        CheckConstraint("(state = 'converted') = (party_id IS NOT NULL)", name="converted_to"),
        CheckConstraint(
            "(state = 'disqualified') = (disqualified_because IS NOT NULL)", name="disqualified"
        ),
        CheckConstraint("budget_minor >= 0", name="budget_not_negative"),
        Index("ix_lead_unassigned", "number", postgresql_where=text("owner_id IS NULL")),
        Index("ix_lead_email", text("lower(email)")),
        Index(None, "owner_id"),
        Index(None, "opened_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    # The company, or the person where there is none.
    name: Mapped[str]
    contact_name: Mapped[str | None]
    job_title: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    country: Mapped[str | None]
    city: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    source: Mapped[LeadSource]
    interest: Mapped[str | None]
    # In the company's currency.
    budget_minor: Mapped[Minor | None]
    state: Mapped[LeadState] = mapped_column(default=LeadState.NEW)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    # Points for what is known of it; `rules.score` says what for.
    score: Mapped[int]
    opened_on: Mapped[date]
    converted_on: Mapped[date | None]
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    opportunity_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("opportunity.id"), index=True
    )
    disqualified_because: Mapped[str | None]

    owner: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)


class LeadRule(Record):
    """Who gets which leads: the first rule that fits, by its place."""

    __tablename__ = "lead_rule"
    __table_args__ = (
        CheckConstraint("place > 0", name="place"),
        CheckConstraint("score_min >= 0", name="score"),
    )

    place: Mapped[int] = mapped_column(unique=True)
    # What is not said fits any lead.
    source: Mapped[LeadSource | None]
    country: Mapped[str | None]
    score_min: Mapped[int | None]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))

    owner: Mapped[Person] = relationship(lazy="raise", viewonly=True)
