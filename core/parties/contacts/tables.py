"""Tables of the people we know at customers and suppliers."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Record, append_only
from core.parties.tables import Party


class ContactRole(StrEnum):
    """What somebody does where they work, as far as it matters to us."""

    DECIDER = "decider"
    PURCHASING = "purchasing"
    ACCOUNTING = "accounting"
    LOGISTICS = "logistics"
    TECHNICAL = "technical"
    MANAGEMENT = "management"
    OTHER = "other"


class AddressKind(StrEnum):
    """How somebody is reached."""

    EMAIL = "email"
    PHONE = "phone"
    MOBILE = "mobile"
    POSTAL = "postal"


class Purpose(StrEnum):
    """What somebody may have agreed to be written or called for."""

    NEWSLETTER = "newsletter"
    OFFERS = "offers"
    CALLS = "calls"
    SURVEYS = "surveys"
    PROFILING = "profiling"


class PartyContact(Record):
    """That a person works at a customer or supplier, and in which role; ended, never deleted."""

    __tablename__ = "party_contact"
    __table_args__ = (
        CheckConstraint("account_id <> person_id", name="not_of_itself"),
        CheckConstraint("ended_on >= since", name="in_order"),
        CheckConstraint("NOT (is_main AND ended_on IS NOT NULL)", name="main_is_there"),
        Index(
            "uq_party_contact_standing",
            "account_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
        # One of them is the one to ask for.
        Index(
            "uq_party_contact_main",
            "account_id",
            unique=True,
            postgresql_where=text("is_main"),
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    role: Mapped[ContactRole]
    job_title: Mapped[str | None]
    is_main: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    ended_on: Mapped[date | None]

    account: Mapped[Party] = relationship(lazy="raise", foreign_keys=[account_id])
    person: Mapped[Party] = relationship(lazy="raise", foreign_keys=[person_id])


class PartyAddress(Record):
    """One more way to reach a party; its first mail and phone stand on the party itself."""

    __tablename__ = "party_address"
    __table_args__ = (
        CheckConstraint("btrim(value) <> ''", name="value"),
        Index("uq_party_address_same", "party_id", "kind", "key", unique=True),
        Index("ix_party_address_key", "kind", "key"),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[AddressKind]
    # What it is for: "invoices", "home".
    label: Mapped[str]
    value: Mapped[str]
    # The same written alike, to be found by.
    key: Mapped[str]


class Consent(Record):
    """That somebody agreed to be contacted for a purpose, or does not any more; never changed."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("btrim(how) <> ''", name="how"),
        Index(None, "party_id", "purpose", "at"),
    )

    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    purpose: Mapped[Purpose]
    given: Mapped[bool]
    at: Mapped[datetime]
    # By which form, call or letter; who noted it.
    how: Mapped[str]
    noted_by: Mapped[str]


append_only(Consent.__table__)
