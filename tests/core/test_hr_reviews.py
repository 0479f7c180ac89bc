"""Reviews: scored by a written rule, read by the few, and kept as they were shared."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from core import hr
from core.hr import Employee, reviews
from core.hr.reviews import Grade, Side, errors, grade_of, score_of
from core.kernel.clock import on_business_date
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.acting import Acting, Actor
from tests.conftest import TODAY, Databases
from tests.core.test_hr_leave import be
from tests.core.test_hr_recruiting import refused

HIRED = date(2026, 1, 1)
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


class Line:
    """The director, who manages Lena, who manages Max and Ada; and the cycle of all."""

    def __init__(self, session: Session) -> None:
        office = hr.add_department(session, code="OFFICE", name="Office", name_zh="办公室")

        def hire(name: str, manager: Employee | None = None) -> Employee:
            return hr.add_employee(
                session, name=name, department=office, job_title="Clerk", hired_on=HIRED,
                manager=manager,
            )  # fmt: skip

        self.top = hire("Top")
        self.lena = hire("Lena", self.top)
        self.max, self.ada = hire("Max", self.lena), hire("Ada", self.lena)
        be(session, None, "hr")
        self.cycle = reviews.open_cycle(session, name="H1", starts_on=FIRST, ends_on=LAST)

    def written(self, session: Session) -> None:
        be(session, self.max)
        reviews.set_goal(session, self.max, title="sell lamps", weight=70)
        reviews.set_goal(session, self.max, title="help others", weight=30)
        reviews.score_goal(session, self.max, 1, 5)
        reviews.write_summary(session, self.max, "I sold many")
        be(session, self.lena)
        reviews.score_goal(session, self.max, 1, 4)
        reviews.score_goal(session, self.max, 2, 3)
        reviews.write_summary(session, self.max, "reliable")
        be(session, self.ada)
        reviews.give_feedback(session, self.max, "explains badly")
        be(session, self.top)
        reviews.give_feedback(session, self.max, "always there", openly=True)


@pytest.fixture
def line(session: Session) -> Line:
    return Line(session)


def test_a_review_is_written_shared_with_its_score_and_stays(session: Session, line: Line) -> None:
    line.written(session)

    be(session, line.max)
    before = reviews.review_view(session, line.max)
    refused(errors.NotTheReviewer, lambda: reviews.share_review(session, line.max))
    be(session, line.lena)
    shared = reviews.share_review(session, line.max)
    be(session, line.max)
    after = reviews.review_view(session, line.max)

    # Until it is shared, the reviewed sees their own words and scores alone.
    assert [(g.by_oneself, g.by_manager) for g in before.goals] == [(5, None), (None, None)]
    assert (before.texts, before.feedback) == ({Side.SELF: "I sold many"}, ())
    # 70 % of 4 and 30 % of 3.
    assert (shared.score, grade_of(shared.score or Decimal(0))) == (
        Decimal("3.70"), Grade.ACHIEVES,
    )  # fmt: skip
    assert [(g.by_oneself, g.by_manager) for g in after.goals] == [(5, 4), (None, 3)]
    assert after.texts[Side.MANAGER] == "reliable"
    assert {(each.text, each.author) for each in after.feedback} == {
        ("explains badly", None), ("always there", "Top"),
    }  # fmt: skip
    for who in (line.lena, line.top, None):
        be(session, who, *(() if who else ("hr",)))
        seen = reviews.review_view(session, line.max)
        assert {each.author for each in seen.feedback} == {"Ada", "Top"}
    be(session, line.ada)
    refused(errors.NotYourReview, lambda: reviews.review_view(session, line.max))
    be(session, line.lena)
    stays = refused(errors.ReviewShared, lambda: reviews.score_goal(session, line.max, 1, 5))
    assert stays.message("en") == (
        f"The review of {line.max.number} was shared on 2026-06-15; what was shared stays."
    )
    for changed in (
        "UPDATE review_rating SET score = 5",
        "UPDATE review SET shared_on = NULL, score = NULL WHERE shared_on IS NOT NULL",
        "DELETE FROM review_text",
    ):
        with pytest.raises((IntegrityError, OperationalError)), session.begin_nested():
            session.execute(text(changed))


def test_what_makes_no_review_is_refused(session: Session, line: Line) -> None:
    be(session, line.lena)
    refused(
        errors.OnlyHumanResources,
        lambda: reviews.open_cycle(session, name="H2", starts_on=FIRST, ends_on=LAST),
    )
    early = refused(errors.NotReadyToShare, lambda: reviews.share_review(session, line.max))
    assert early.message("en") == (
        f"The review of {line.max.number} cannot be shared yet: the weights of its goals come to"
        " 0 %, not 100 %."
    )
    reviews.set_goal(session, line.max, title="sell", weight=60)
    refused(
        errors.WeightOutOfRange,
        lambda: reviews.set_goal(session, line.max, title="more", weight=41),
    )
    reviews.set_goal(session, line.max, title="more", weight=40)
    refused(errors.UnknownGoal, lambda: reviews.score_goal(session, line.max, 3, 4))
    refused(errors.RatingOutOfRange, lambda: reviews.score_goal(session, line.max, 1, 6))
    reviews.score_goal(session, line.max, 1, 4)
    missing = refused(errors.NotReadyToShare, lambda: reviews.share_review(session, line.max))
    assert missing.message("zh").endswith("请先为第 2 项目标评分。")
    refused(errors.FeedbackOnOneself, lambda: reviews.give_feedback(session, line.max, "good"))
    refused(errors.NoOpenReview, lambda: reviews.set_goal(session, line.top, title="x", weight=1))
    be(session, line.top)
    # Above the reviewer one reads, and does not score.
    refused(errors.NotTheReviewer, lambda: reviews.score_goal(session, line.max, 1, 1))
    be(session, line.ada)
    reviews.give_feedback(session, line.max, "good")
    refused(errors.FeedbackGiven, lambda: reviews.give_feedback(session, line.max, "again"))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("UPDATE review SET score = 5, shared_on = '2026-06-15' WHERE employee_id = :id"),
            {"id": line.max.id},
        )
    be(session, None, "hr")
    reviews.close_cycle(session, line.cycle.number)
    be(session, line.lena)
    refused(errors.CycleClosed, lambda: reviews.score_goal(session, line.max, 2, 4))
    with pytest.raises((IntegrityError, OperationalError)), session.begin_nested():
        session.execute(text("UPDATE review_goal SET weight = 1"))


def test_a_score_is_the_weighted_mean_half_up_and_has_words() -> None:
    for given, score, grade in (
        ([(100, 4)], "4.00", Grade.ACHIEVES),
        ([(70, 4), (30, 3)], "3.70", Grade.ACHIEVES),
        ([(50, 5), (50, 4)], "4.50", Grade.EXCEEDS),
        ([(33, 3), (33, 2), (34, 2)], "2.33", Grade.FALLS_SHORT),
        ([(40, 1), (30, 5), (20, 2), (10, 3)], "2.60", Grade.MOSTLY),
    ):
        assert (score_of(given), grade_of(score_of(given))) == (Decimal(score), grade)


@pytest.fixture(scope="module")
def reviewed(databases: Databases) -> Iterator[SimpleNamespace]:
    engine = databases("founded")
    with on_business_date(TODAY), unit_of_work(engine) as session:
        before = session.info["acting"]
        line = Line(session)
        line.written(session)
        parties = {name: getattr(line, name).party_id for name in ("top", "lena", "max", "ada")}
        session.info["acting"] = before
    yield SimpleNamespace(engine=engine, parties=parties)
    databases.drop(engine)


TABLES = (
    "review", "review_goal", "review_rating", "review_text", "review_feedback",
    "review_feedback_author",
)  # fmt: skip


def test_the_database_shows_a_review_to_the_reviewed_their_managers_and_hr(
    reviewed: SimpleNamespace,
) -> None:
    def rows(name: str | None, *roles: str) -> list[int]:
        party = reviewed.parties.get(name)
        who = Acting(Actor(name or "x", frozenset(roles or {"employee"}), party_id=party))
        with reading(reviewed.engine, who) as session:
            return [session.scalar(text(f"SELECT count(*) FROM {each}")) or 0 for each in TABLES]

    for role in ("manager", "admin", "auditor", "accountant", "sales"):
        assert rows(None, role) == [0] * 6
    assert rows(None, "hr") == rows("top") == [3, 2, 3, 2, 2, 2]
    # Lena's own review, and those of her people.
    assert rows("lena") == [3, 2, 3, 2, 2, 2]
    # Of his own: his words and scores, and no others before it is shared, whatever else he is.
    assert rows("max") == [1, 2, 1, 1, 0, 0]
    assert rows("max", "hr") == [3, 2, 1, 1, 0, 0]
    # Her own review, and the feedback that she gave.
    assert rows("ada") == [1, 0, 0, 0, 1, 1]

    with on_business_date(TODAY), unit_of_work(reviewed.engine) as session:
        before = session.info["acting"]
        lena = hr.find_employee(session, "Lena")
        be(session, lena)
        reviews.share_review(session, hr.find_employee(session, "Max"))
        session.info["acting"] = before
    # All of it now, and who gave it only where that was said openly.
    assert rows("max") == [1, 2, 3, 2, 2, 1]
    with reading(reviewed.engine) as session:
        told = text("SELECT count(*) FROM change_event WHERE facts::text ~ 'explains badly|3.70'")
        assert session.scalar(told) == 0
