"""Documents and parties that are left alone: not reminded, or not paid."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record


class HoldPurpose(StrEnum):
    """What is not done with what is held."""

    DUNNING = "dunning"
    PAYMENT = "paying"


class HoldKind(StrEnum):
    """Why: somebody decided it, a side disputes what is asked, or a bill differs from its order.

    What differs waits until a second person has agreed to the difference.
    """

    BLOCKED = "blocked"
    DISPUTED = "disputed"
    DIFFERENCE = "difference"


class Hold(Record):
    """One document, or everything of one party, is left alone until a day or until it is lifted."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("num_nonnulls(invoice_id, party_id) = 1", name="one_thing"),
        CheckConstraint("until >= held_on", name="in_order"),
        Index(
            "uq_hold_invoice",
            "purpose",
            "invoice_id",
            unique=True,
            postgresql_where=text("lifted_on IS NULL"),
        ),
        Index(
            "uq_hold_party",
            "purpose",
            "party_id",
            unique=True,
            postgresql_where=text("lifted_on IS NULL"),
        ),
    )

    purpose: Mapped[HoldPurpose]
    kind: Mapped[HoldKind]
    invoice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"))
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    because: Mapped[str]
    held_on: Mapped[date]
    # The last day on which it is held; None: until somebody lifts it.
    until: Mapped[date | None]
    lifted_on: Mapped[date | None]
