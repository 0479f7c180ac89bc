"""Tables of recruiting: openings, applicants, their applications, interviews and offers.

What is known of a person who applies stands in `applicant`, in why an application ended and in
what interviewers wrote: all of it can be erased, and what is counted stays. What somebody typed
into a request stays in its proposal, which recruiters and who asked see.
"""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import ME, PAY_READERS, Contract, PayPeriod
from core.hr.tables import Department, Employee
from core.kernel.database import Minor, Record, after_create, append_only
from core.kernel.identity.roles import Role
from core.kernel.privacy import filled, private, seen_by

# Whose work it is to find people, beside those who take part in one opening.
RECRUITERS = frozenset({Role.HR, Role.MANAGER, Role.ADMIN})
SCORE_MIN, SCORE_MAX = 1, 5


class OpeningState(StrEnum):
    """The life of an opening."""

    ASKED = "asked"
    OPEN = "open"
    REFUSED = "refused"
    FILLED = "filled"
    CLOSED = "closed"


class Stage(StrEnum):
    """How far somebody who applied has come."""

    APPLIED = "applied"
    SCREENING = "screening"
    INTERVIEW = "interview"
    OFFER = "offer"
    HIRED = "hired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """How somebody heard of an opening."""

    WEBSITE = "website"
    JOB_BOARD = "job_board"
    REFERRAL = "referral"
    AGENCY = "agency"
    DIRECT = "direct"


class Advice(StrEnum):
    """What an interviewer advises."""

    STRONG_NO = "strong_no"
    NO = "advise_no"
    YES = "advise_yes"
    STRONG_YES = "strong_yes"


class OfferState(StrEnum):
    """The life of an offer."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class JobOpening(Record):
    """A position to be filled: as what, where, by how many, and under whom."""

    __tablename__ = "job_opening"
    __table_args__ = (
        CheckConstraint("headcount BETWEEN 1 AND 1000", name="headcount"),
        CheckConstraint("decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("state = 'asked' OR decided_by IS NOT NULL", name="decided"),
        CheckConstraint(
            "(opened_on IS NOT NULL) = (state IN ('open', 'filled', 'closed'))", name="opened"
        ),
        CheckConstraint("(closed_on IS NOT NULL) = (state IN ('filled', 'closed'))", name="closed"),
        CheckConstraint("closed_on >= opened_on", name="in_order"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("department.id"), index=True)
    # The hiring manager.
    manager_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    headcount: Mapped[int]
    state: Mapped[OpeningState] = mapped_column(default=OpeningState.ASKED, index=True)
    asked_by: Mapped[str]
    asked_on: Mapped[date]
    decided_by: Mapped[str | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    department: Mapped[Department] = relationship(lazy="raise")
    manager: Mapped[Employee] = relationship(lazy="raise")


class Applicant(Record):
    """Somebody who applied: kept with consent, until a day, and then erased."""

    __tablename__ = "applicant"
    __table_args__ = (
        CheckConstraint("(erased_on IS NULL) = (name IS NOT NULL)", name="name_until_erased"),
        CheckConstraint(
            "erased_on IS NULL OR num_nonnulls(email, phone) = 0", name="erased_is_erased"
        ),
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        Index(
            "uq_applicant_email", "email", unique=True, postgresql_where=text("email IS NOT NULL")
        ),
        Index(None, "delete_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    # When they agreed to be kept for what they applied for.
    consent_on: Mapped[date]
    delete_on: Mapped[date]
    erased_on: Mapped[date | None]


class Application(Record):
    """Somebody's application for one opening, and how far it is."""

    __tablename__ = "application"
    __table_args__ = (
        # Somebody applies for an opening once.
        UniqueConstraint("applicant_id", "opening_id"),
        CheckConstraint(
            "(ended_on IS NOT NULL) = (stage IN ('hired', 'rejected', 'withdrawn'))", name="ended"
        ),
        CheckConstraint("ended_on >= applied_on", name="in_order"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    applicant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applicant.id"))
    opening_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job_opening.id"), index=True)
    origin: Mapped[Origin]
    stage: Mapped[Stage] = mapped_column(default=Stage.APPLIED, index=True)
    applied_on: Mapped[date]
    ended_on: Mapped[date | None]
    # Why it ended; erased with the person.
    because: Mapped[str | None]

    applicant: Mapped[Applicant] = relationship(lazy="raise")
    opening: Mapped[JobOpening] = relationship(lazy="raise")


class ApplicationMove(Record):
    """An application went from one stage to another; nothing of the person stands here."""

    __tablename__ = "application_move"
    __table_args__ = (CheckConstraint("before <> after", name="moves"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    before: Mapped[str]
    after: Mapped[str]
    moved_on: Mapped[date]
    moved_by: Mapped[str]


class Interview(Record):
    """A talk with somebody who applied."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("id", "application_id"),)

    number: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)

    application: Mapped[Application] = relationship(lazy="raise")
    seats: Mapped[list["InterviewSeat"]] = relationship(lazy="raise")


class InterviewSeat(Record):
    """That somebody takes part in an interview, and when they wrote what they thought.

    It says nothing of who applied: the policies of the others ask it.
    """

    __tablename__ = "interview_seat"
    __table_args__ = (
        UniqueConstraint("interview_id", "interviewer_id"),
        ForeignKeyConstraint(
            ["interview_id", "application_id"], ["interview.id", "interview.application_id"]
        ),
    )

    interview_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID]
    interviewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    wrote_on: Mapped[date | None]

    interviewer: Mapped[Employee] = relationship(lazy="raise")


class Scorecard(Record):
    """What one interviewer thought; hidden from the others until they wrote theirs."""

    __tablename__ = "scorecard"
    __table_args__ = (
        ForeignKeyConstraint(
            ["interview_id", "interviewer_id"],
            ["interview_seat.interview_id", "interview_seat.interviewer_id"],
        ),
        UniqueConstraint("interview_id", "interviewer_id"),
        CheckConstraint(f"score BETWEEN {SCORE_MIN} AND {SCORE_MAX}", name="score"),
    )

    interview_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    interviewer_id: Mapped[uuid.UUID]
    score: Mapped[int]
    advice: Mapped[Advice]
    # Erased with the person it is about.
    notes: Mapped[str | None]


class JobOffer(Record):
    """What somebody who applied is offered."""

    __tablename__ = "job_offer"
    __table_args__ = (
        CheckConstraint("pay_minor > 0", name="pay_positive"),
        CheckConstraint("decided_by <> proposed_by", name="decided_by_another"),
        CheckConstraint("state = 'proposed' OR decided_by IS NOT NULL", name="decided"),
        CheckConstraint("(state = 'accepted') = (employee_id IS NOT NULL)", name="hired"),
        CheckConstraint(
            "(answered_on IS NOT NULL) = (state IN ('accepted', 'declined'))", name="answered"
        ),
        CheckConstraint("contract <> 'fixed_term' OR ends_on IS NOT NULL", name="term_is_fixed"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("hours_share > 0 AND hours_share <= 1", name="hours_share"),
        Index(
            "uq_job_offer_live",
            "application_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'approved', 'accepted')"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    pay_minor: Mapped[Minor]
    currency: Mapped[str]
    pay_period: Mapped[PayPeriod]
    starts_on: Mapped[date]
    contract: Mapped[Contract]
    ends_on: Mapped[date | None]
    hours_share: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    state: Mapped[OfferState] = mapped_column(default=OfferState.PROPOSED, index=True)
    proposed_by: Mapped[str]
    proposed_on: Mapped[date]
    decided_by: Mapped[str | None]
    answered_on: Mapped[date | None]
    employee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("employee.id"), unique=True)

    application: Mapped[Application] = relationship(lazy="raise")


append_only(ApplicationMove.__table__)

# {office}, {opening} and {seat} are: for the whole company, of my openings, of my interviews.
_PARTS = {
    "{office}": seen_by(RECRUITERS),
    "{opening}": "opening_id IN (SELECT id FROM job_opening WHERE manager_id IN {me})",
    "{seat}": "FROM interview_seat WHERE interviewer_id IN {me}",
    "{me}": ME,
}
private(
    Application.__table__,
    filled("{office} OR {opening} OR id IN (SELECT application_id {seat})", _PARTS),
    asks=InterviewSeat.__table__,
)
private(
    Applicant.__table__,
    filled("{office} OR id IN (SELECT applicant_id FROM application)", _PARTS),
    asks=Application.__table__,
)
for _below in (ApplicationMove, Interview):
    private(_below.__table__, "application_id IN (SELECT id FROM application)")
# Whoever has still to write their own, whatever else they are, reads no other first.
private(
    Scorecard.__table__,
    filled(
        "interview_id NOT IN (SELECT interview_id {seat} AND wrote_on IS NULL)"
        " AND ({office} OR interview_id IN (SELECT interview_id {seat}) OR"
        " application_id IN (SELECT id FROM application WHERE {opening}))",
        _PARTS,
    ),
)
# An offer is pay.
private(JobOffer.__table__, seen_by(PAY_READERS))

# Two offers that are accepted at once do not fill one place together.
after_create(
    JobOffer.__table__,
    """
    CREATE OR REPLACE FUNCTION hold_headcount() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE places integer; opening uuid;
    BEGIN
        IF NEW.state <> 'accepted' THEN RETURN NULL; END IF;
        SELECT opening_id INTO opening FROM application WHERE id = NEW.application_id;
        SELECT headcount INTO places FROM job_opening WHERE id = opening FOR UPDATE;
        IF (SELECT count(*) FROM job_offer AS o JOIN application AS a ON a.id = o.application_id
            WHERE a.opening_id = opening AND o.state = 'accepted') > places THEN
            RAISE EXCEPTION 'more people than there are places'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_job_offer_headcount';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER hold_headcount AFTER INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION hold_headcount()
    """,
)
