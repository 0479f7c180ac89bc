"""Tables of reviews: cycles, who reviews whom, goals, scores, and what colleagues say.

What the reviewed is not to see yet, or never, stands in rows of its own: a policy hides rows.
"""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import BELOW, EMPLOYEES_BELOW, ME, OWN, Employment
from core.hr.tables import Employee
from core.kernel.database import Record, after_create, plain_table
from core.kernel.identity.roles import Role
from core.kernel.privacy import filled, private, seen_by

READERS = frozenset({Role.HR})
RATING_MIN, RATING_MAX, WEIGHT_WHOLE = 1, 5, 100


class CycleState(StrEnum):
    """Whether a cycle of reviews is still worked on."""

    OPEN = "open"
    CLOSED = "closed"


class Side(StrEnum):
    """Who says something in a review."""

    SELF = "by_oneself"
    MANAGER = "by_manager"


class ReviewCycle(Record):
    """A period for which everybody is reviewed by their manager."""

    __tablename__ = "review_cycle"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="in_order"),
        CheckConstraint("(closed_on IS NOT NULL) = (state = 'closed')", name="closed"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[CycleState] = mapped_column(default=CycleState.OPEN, index=True)
    closed_on: Mapped[date | None]


class Review(Record):
    """The review of one employee by their manager of that day; its score once it is shared."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("cycle_id", "employee_id"),
        CheckConstraint("reviewer_id <> employee_id", name="reviewer_is_another"),
        CheckConstraint("(score IS NOT NULL) = (shared_on IS NOT NULL)", name="score_is_shared"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_cycle.id"))
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    reviewer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    shared_on: Mapped[date | None]
    score: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))

    cycle: Mapped[ReviewCycle] = relationship(lazy="raise")
    employee: Mapped[Employee] = relationship(lazy="raise", foreign_keys=employee_id)
    reviewer: Mapped[Employee] = relationship(lazy="raise", foreign_keys=reviewer_id)
    goals: Mapped[list["ReviewGoal"]] = relationship(lazy="raise", order_by="ReviewGoal.position")


class ReviewGoal(Record):
    """What somebody set out to reach, and how much of the whole it is, in percent."""

    __tablename__ = "review_goal"
    __table_args__ = (
        UniqueConstraint("review_id", "position"),
        UniqueConstraint("id", "review_id"),
        CheckConstraint(f"weight BETWEEN 1 AND {WEIGHT_WHOLE}", name="weight"),
    )

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"))
    position: Mapped[int]
    title: Mapped[str]
    weight: Mapped[int]


class ReviewRating(Record):
    """How well a goal was reached, as the reviewed or the manager sees it."""

    __tablename__ = "review_rating"
    __table_args__ = (
        UniqueConstraint("goal_id", "side"),
        ForeignKeyConstraint(["goal_id", "review_id"], ["review_goal.id", "review_goal.review_id"]),
        CheckConstraint(f"score BETWEEN {RATING_MIN} AND {RATING_MAX}", name="score"),
    )

    goal_id: Mapped[uuid.UUID]
    review_id: Mapped[uuid.UUID] = mapped_column(index=True)
    side: Mapped[Side]
    score: Mapped[int]


class ReviewText(Record):
    """What the reviewed or the manager says in words."""

    __tablename__ = "review_text"
    __table_args__ = (UniqueConstraint("review_id", "side"),)

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"))
    side: Mapped[Side]
    text: Mapped[str]


class ReviewFeedback(Record):
    """What a colleague says; who it was stands elsewhere."""

    __tablename__ = "review_feedback"

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"), index=True)
    text: Mapped[str]


class ReviewFeedbackAuthor(Record):
    """Who gave some feedback, and whether the reviewed may know."""

    __tablename__ = "review_feedback_author"
    __table_args__ = (UniqueConstraint("review_id", "author_id"),)

    feedback_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_feedback.id"), unique=True)
    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    is_open: Mapped[bool]


plain_table(Review).add_is_dependent_on(plain_table(Employment))
# {said}, {others} and {shared} are reviews of which whoever asks may read what others said, that
# are not their own, and that are shared; the reviewed reads it then, whatever else they are.
_PARTS = {
    "{said}": "review_id IN (SELECT id FROM review WHERE shared_on IS NOT NULL"
    " OR employee_id NOT IN {me})",
    "{others}": "review_id IN (SELECT id FROM review WHERE employee_id NOT IN {me})",
    "{shared}": "review_id IN (SELECT id FROM review WHERE shared_on IS NOT NULL)",
    "{me}": ME,
}
private(
    Review.__table__,
    f"{seen_by(READERS)} OR {OWN} OR {BELOW} OR reviewer_id IN {ME}",
    EMPLOYEES_BELOW,
)
private(ReviewGoal.__table__, "review_id IN (SELECT id FROM review)")
for _sided in (ReviewRating, ReviewText):
    private(
        _sided.__table__,
        filled("{said} OR (side = 'by_oneself' AND review_id IN (SELECT id FROM review))", _PARTS),
    )
private(
    ReviewFeedbackAuthor.__table__,
    filled("author_id IN {me} OR {others} OR (is_open AND {shared})", _PARTS),
)
private(
    ReviewFeedback.__table__,
    filled(
        "{said} OR id IN (SELECT feedback_id FROM review_feedback_author WHERE author_id IN {me})",
        _PARTS,
    ),
    asks=ReviewFeedbackAuthor.__table__,
)

# What a shared review is made of stays, and so does all of a closed cycle. The score is the rule's.
_LOCK = """
    CREATE OR REPLACE FUNCTION keep_shared_review() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE shared date; state text; asked uuid;
    BEGIN
        asked := CASE TG_OP WHEN 'DELETE' THEN OLD.review_id ELSE NEW.review_id END;
        SELECT r.shared_on, c.state INTO shared, state
            FROM review AS r JOIN review_cycle AS c ON c.id = r.cycle_id
            WHERE r.id = asked FOR SHARE;
        IF shared IS NOT NULL OR state = 'closed' THEN
            RAISE EXCEPTION 'what was shared, or closed, stays'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """
_LOCKED = """
    CREATE TRIGGER keep_shared BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_shared_review()
    """
for _part in (ReviewGoal, ReviewRating, ReviewText, ReviewFeedback, ReviewFeedbackAuthor):
    after_create(_part.__table__, _LOCK, _LOCKED)
after_create(
    Review.__table__,
    """
    CREATE OR REPLACE FUNCTION keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.shared_on IS NOT NULL OR TG_OP = 'DELETE' OR EXISTS (
            SELECT FROM review_cycle WHERE id = NEW.cycle_id AND state = 'closed'
        ) THEN
            RAISE EXCEPTION 'what was shared, or closed, stays'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.shared_on IS NOT NULL AND NEW.score IS DISTINCT FROM (
            SELECT CASE WHEN sum(g.weight) = 100 AND count(*) = count(s.score)
                THEN round(sum(g.weight * s.score) / 100.0, 2) END
            FROM review_goal AS g
            LEFT JOIN review_rating AS s ON s.goal_id = g.id AND s.side = 'by_manager'
            WHERE g.review_id = NEW.id
        ) THEN
            RAISE EXCEPTION 'a score is the weighted mean of what the manager gave'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_review_score_by_rule';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER keep_review BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_review()
    """,
)
after_create(
    ReviewCycle.__table__,
    """
    CREATE OR REPLACE FUNCTION keep_closed_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'closed' THEN
            RAISE EXCEPTION 'a closed cycle stays closed' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER keep_closed BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_closed_cycle()
    """,
)
