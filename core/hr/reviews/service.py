"""What one can do with reviews: open a cycle, set goals, score, give feedback, share, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.hr.employment import employee_of_party, employments_on, is_manager_of, rights
from core.hr.reviews import errors
from core.hr.reviews.events import CycleOpened, CycleShut, ReviewGiven, ReviewWritten
from core.hr.reviews.rules import score_of
from core.hr.reviews.tables import (
    RATING_MAX,
    RATING_MIN,
    READERS,
    WEIGHT_WHOLE,
    CycleState,
    Review,
    ReviewCycle,
    ReviewFeedback,
    ReviewFeedbackAuthor,
    ReviewGoal,
    ReviewRating,
    ReviewText,
    Side,
)
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import today
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identity.acting import SYSTEM
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number, next_numbers
from core.parties import Party

_OFFICE = READERS | SYSTEM.actor.roles


@dataclass(frozen=True)
class GoalView:
    """A goal, and what each side gave it as far as it is for whoever asks to see."""

    position: int
    title: str
    weight: int
    by_oneself: int | None
    by_manager: int | None


@dataclass(frozen=True)
class FeedbackView:
    """What a colleague says; nobody's name where it is not for whoever asks to know."""

    text: str
    author: str | None


@dataclass(frozen=True)
class ReviewView:
    """A review as whoever asks may see it."""

    number: str
    cycle: str
    employee: str
    reviewer: str
    shared_on: date | None
    score: Decimal | None
    goals: tuple[GoalView, ...]
    texts: dict[Side, str]
    feedback: tuple[FeedbackView, ...]


def open_cycle(session: Session, *, name: str, starts_on: date, ends_on: date) -> ReviewCycle:
    """Let everybody be reviewed for a period by whoever is their manager today."""
    _require_office(session)
    if ends_on < starts_on:
        raise errors.CycleEndsBeforeStart(starts_on=starts_on, ends_on=ends_on)
    day = today(session)
    placed = employments_on(session, day)
    pairs = sorted(
        (view.employee, view.employee_id, view.manager_id)
        for view in placed.values()
        if view.manager_id is not None and view.manager_id in placed
    )
    if not pairs:
        raise errors.NobodyToReview(day=day)
    cycle = ReviewCycle(
        number=next_number(session, "RC"),
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        state=CycleState.OPEN,
    )
    session.add(cycle)
    session.flush()
    numbers = next_numbers(session, "RV", len(pairs))
    session.add_all(
        Review(number=number, cycle_id=cycle.id, employee_id=employee, reviewer_id=manager)
        for number, (_, employee, manager) in zip(numbers, pairs, strict=True)
    )
    fact = CycleOpened(cycle.number, name, starts_on.isoformat(), ends_on.isoformat(), len(pairs))
    events.record(session, fact)
    session.flush()
    return cycle


def close_cycle(session: Session, number: str) -> ReviewCycle:
    """Close a cycle: what was not shared is not shared any more, and nothing changes."""
    _require_office(session)
    unknown = errors.UnknownCycle(number=number)
    cycle = find_numbered(session, ReviewCycle, number, unknown=unknown, locked=True)
    if cycle.state is CycleState.CLOSED:
        raise errors.CycleClosed(cycle=cycle.number)
    shared, whole = session.execute(
        select(func.count(Review.shared_on), func.count()).where(Review.cycle_id == cycle.id)
    ).one()
    day = today(session)
    cycle.state, cycle.closed_on = CycleState.CLOSED, day
    events.record(session, CycleShut(cycle.number, cycle.name, shared, whole - shared))
    session.flush()
    return cycle


def find_review(session: Session, employee: Employee, *, lock: bool = False) -> Review:
    """Return somebody's newest review that is for whoever asks to see."""
    wanted = (
        select(Review)
        .join(ReviewCycle, ReviewCycle.id == Review.cycle_id)
        .where(Review.employee_id == employee.id)
        .order_by((ReviewCycle.state == CycleState.OPEN).desc(), ReviewCycle.number.desc())
        .limit(1)
        .options(
            joinedload(Review.cycle),
            joinedload(Review.employee).joinedload(Employee.party),
            joinedload(Review.reviewer).joinedload(Employee.party),
            selectinload(Review.goals),
        )
        .execution_options(populate_existing=True)
    )
    if lock:
        wanted = wanted.with_for_update(of=Review)
    review = session.scalar(wanted)
    if review is None:
        raise errors.NoOpenReview(employee=employee.number)
    return review


def set_goal(session: Session, employee: Employee, *, title: str, weight: int) -> ReviewGoal:
    """Add a goal to somebody's review, with its percent of the whole."""
    review = _writable(session, employee)
    if not rights.is_own(acting(session).actor, review.employee):
        _require_reviewer(session, review)
    left = WEIGHT_WHOLE - sum(goal.weight for goal in review.goals)
    if not 1 <= weight <= left:
        raise errors.WeightOutOfRange(left=left, weight=weight)
    goal = ReviewGoal(
        review_id=review.id, position=len(review.goals) + 1, title=title, weight=weight
    )
    session.add(goal)
    _tell(session, review, "goal", f"{goal.position}. {weight} %")
    return goal


def score_goal(session: Session, employee: Employee, position: int, score: int) -> ReviewRating:
    """Say how well a goal was reached: the reviewed for themselves, or their reviewer."""
    review = _writable(session, employee)
    side = _side(session, review)
    goal = next((each for each in review.goals if each.position == position), None)
    if goal is None:
        raise errors.UnknownGoal(
            employee=employee.number, position=position, count=len(review.goals)
        )
    if not RATING_MIN <= score <= RATING_MAX:
        raise errors.RatingOutOfRange(least=RATING_MIN, most=RATING_MAX, score=score)
    rating = session.scalar(
        select(ReviewRating).where(ReviewRating.goal_id == goal.id, ReviewRating.side == side)
    )
    if rating is None:
        rating = ReviewRating(goal_id=goal.id, review_id=review.id, side=side, score=score)
        session.add(rating)
    rating.score = score
    _tell(session, review, side, f"{position}.")
    return rating


def write_summary(session: Session, employee: Employee, text: str) -> ReviewText:
    """Say something in words: the reviewed for themselves, or their reviewer."""
    review = _writable(session, employee)
    side = _side(session, review)
    known = session.scalar(
        select(ReviewText).where(ReviewText.review_id == review.id, ReviewText.side == side)
    )
    if known is None:
        known = ReviewText(review_id=review.id, side=side, text=text)
        session.add(known)
    known.text = text
    _tell(session, review, side)
    return known


def give_feedback(
    session: Session, employee: Employee, text: str, *, openly: bool = False
) -> ReviewFeedback:
    """Say what one thinks of a colleague; they learn who it was only where it is said openly."""
    review = _writable(session, employee)
    author = employee_of_party(session, acting(session).actor.party_id)
    if author is None:
        raise errors.NoEmployeeOfAccount
    if author.id in {review.employee_id, review.reviewer_id}:
        raise errors.FeedbackOnOneself
    given = select(ReviewFeedbackAuthor.id).where(
        ReviewFeedbackAuthor.review_id == review.id, ReviewFeedbackAuthor.author_id == author.id
    )
    if session.scalar(given) is not None:
        raise errors.FeedbackGiven(employee=employee.number)
    feedback = ReviewFeedback(review_id=review.id, text=text)
    session.add(feedback)
    session.flush()
    session.add(
        ReviewFeedbackAuthor(
            feedback_id=feedback.id, review_id=review.id, author_id=author.id, is_open=openly
        )
    )
    _tell(session, review, "feedback")
    return feedback


def share_review(session: Session, employee: Employee) -> Review:
    """Let somebody read their review, with its score by the rule; from then on it stays."""
    review = _writable(session, employee)
    _require_reviewer(session, review)
    weights = sum(goal.weight for goal in review.goals)
    if weights != WEIGHT_WHOLE:
        why = Both(
            f"the weights of its goals come to {weights} %, not 100 %",
            f"目标权重合计为 {weights}%，不是 100%",
        )
        raise errors.NotReadyToShare(employee=employee.number, why=why)
    given = dict(
        session.execute(
            select(ReviewRating.goal_id, ReviewRating.score).where(
                ReviewRating.review_id == review.id, ReviewRating.side == Side.MANAGER
            )
        ).all()
    )
    missing = [goal.position for goal in review.goals if goal.id not in given]
    if missing:
        said = ", ".join(str(position) for position in missing)
        why = Both(f"score its goals {said} first", f"请先为第 {said} 项目标评分")
        raise errors.NotReadyToShare(employee=employee.number, why=why)
    day = today(session)
    review.score = score_of((goal.weight, given[goal.id]) for goal in review.goals)
    review.shared_on = day
    events.record(session, ReviewGiven(review.number, employee.number, len(review.goals)))
    session.flush()
    return review


def review_view(session: Session, employee: Employee) -> ReviewView:
    """Return somebody's newest review as far as it is for whoever asks to see."""
    actor = acting(session).actor
    own = rights.is_own(actor, employee)
    try:
        review = find_review(session, employee)
    except errors.NoOpenReview:
        if _sees_all_of(session, employee):
            raise
        raise errors.NotYourReview(employee=employee.number) from None
    if not rights.is_own(actor, review.reviewer) and not _sees_all_of(session, employee):
        raise errors.NotYourReview(employee=employee.number)
    whole = not own or review.shared_on is not None
    sides = set(Side) if whole else {Side.SELF}
    ratings = {
        (row.goal_id, row.side): row.score
        for row in session.scalars(
            select(ReviewRating).where(
                ReviewRating.review_id == review.id, ReviewRating.side.in_(sides)
            )
        )
    }
    texts = session.scalars(
        select(ReviewText).where(ReviewText.review_id == review.id, ReviewText.side.in_(sides))
    )
    return ReviewView(
        number=review.number,
        cycle=review.cycle.name,
        employee=review.employee.party.name,
        reviewer=review.reviewer.party.name,
        shared_on=review.shared_on,
        score=review.score,
        goals=tuple(
            GoalView(
                goal.position,
                goal.title,
                goal.weight,
                ratings.get((goal.id, Side.SELF)),
                ratings.get((goal.id, Side.MANAGER)),
            )
            for goal in review.goals
        ),
        texts={row.side: row.text for row in texts},
        feedback=tuple(_feedback(session, review, own=own)) if whole else (),
    )


def _feedback(session: Session, review: Review, *, own: bool) -> Sequence[FeedbackView]:
    wanted = (
        select(ReviewFeedback.text, ReviewFeedbackAuthor.is_open, Party.name)
        .outerjoin(ReviewFeedbackAuthor, ReviewFeedbackAuthor.feedback_id == ReviewFeedback.id)
        .outerjoin(Employee, Employee.id == ReviewFeedbackAuthor.author_id)
        .outerjoin(Party, Party.id == Employee.party_id)
        .where(ReviewFeedback.review_id == review.id)
        # Not in the order in which they came: that would tell who it was.
        .order_by(func.md5(ReviewFeedback.text))
    )
    return [
        FeedbackView(text, name if is_open or not own else None)
        for text, is_open, name in session.execute(wanted)
    ]


def _writable(session: Session, employee: Employee) -> Review:
    review = find_review(session, employee, lock=True)
    if review.cycle.state is CycleState.CLOSED:
        raise errors.CycleClosed(cycle=review.cycle.number)
    if review.shared_on is not None:
        raise errors.ReviewShared(employee=employee.number, day=review.shared_on)
    return review


def _side(session: Session, review: Review) -> Side:
    if rights.is_own(acting(session).actor, review.employee):
        return Side.SELF
    _require_reviewer(session, review)
    return Side.MANAGER


def _require_reviewer(session: Session, review: Review) -> None:
    actor = acting(session).actor
    if rights.is_own(actor, review.employee) or not rights.is_own(actor, review.reviewer):
        raise errors.NotTheReviewer(
            reviewer=review.reviewer.party.name, employee=review.employee.party.name
        )


def _sees_all_of(session: Session, employee: Employee) -> bool:
    """Tell whether every review of somebody is for whoever acts, whoever wrote it."""
    actor = acting(session).actor
    if actor.roles & _OFFICE or rights.is_own(actor, employee):
        return True
    return is_manager_of(session, actor, employee)


def _require_office(session: Session) -> None:
    if not acting(session).actor.roles & _OFFICE:
        raise errors.OnlyHumanResources


def _tell(session: Session, review: Review, what: str, detail: str = "") -> None:
    fact = ReviewWritten(review.number, review.employee.number, what, detail)
    events.record(session, fact)
    session.flush()
