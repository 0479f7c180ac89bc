"""Recruiting: asked for by one, approved by another, hired within places, erased on the day."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr
from core.hr import Department, Employee, recruiting
from core.hr.recruiting import Advice, OfferState, OpeningState, Origin, Stage, errors
from core.kernel.clock import on_business_date
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting, Actor
from core.kernel.money import Money
from tests.conftest import TODAY, Databases
from tests.core.test_hr_leave import be

HIRED = date(2026, 1, 1)
PAY = Money.of("4200.00", "EUR")


class Office:
    """A hiring manager, two who interview, and somebody of another department."""

    def __init__(self, session: Session) -> None:
        self.office: Department = hr.add_department(
            session, code="OFFICE", name="Office", name_zh="办公室"
        )

        def hire(name: str) -> Employee:
            return hr.add_employee(
                session, name=name, department=self.office, job_title="Clerk", hired_on=HIRED
            )

        self.lena, self.max, self.ada, self.tom = map(hire, ("Lena", "Max", "Ada", "Tom"))

    def opened(self, session: Session, headcount: int = 1) -> str:
        be(session, self.lena)
        opening = recruiting.ask_for_opening(
            session, title="Buyer", department=self.office, manager=self.lena, headcount=headcount
        )
        be(session, None, "hr")
        recruiting.decide_opening(session, opening.number, approve=True)
        return opening.number

    def applied(
        self, session: Session, opening: str, name: str, *, email: str | None = None
    ) -> str:
        application = recruiting.apply(
            session,
            recruiting.find_opening(session, opening),
            name=name,
            email=email or f"{name.lower()}@example.org",
            origin=Origin.WEBSITE,
            agreed=True,
        )
        return application.number


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def refused(kind: type[DomainError], run: Callable[[], object]) -> DomainError:
    with pytest.raises(kind) as refusal:
        run()
    return refusal.value


def test_from_an_opening_to_somebody_who_works_here(session: Session, office: Office) -> None:
    be(session, office.lena)
    opening = recruiting.ask_for_opening(
        session, title="Buyer", department=office.office, manager=office.lena
    )
    be(session, None, "hr")
    refused(errors.OpeningNotOpen, lambda: office.applied(session, opening.number, "Zoe"))
    be(session, office.lena, "hr")
    refused(
        errors.NotTheirsToDecide,
        lambda: recruiting.decide_opening(session, opening.number, approve=True),
    )
    be(session, None, "hr")
    recruiting.decide_opening(session, opening.number, approve=True)
    zoe = office.applied(session, opening.number, "Zoe")
    yan = office.applied(session, opening.number, "Yan", email="YAN@example.org")
    twice = refused(errors.AlreadyApplied, lambda: office.applied(session, opening.number, "yan"))
    assert twice.message("en") == (
        f"Who has this address applied for {opening.number} already: {yan}."
    )
    recruiting.advance(session, zoe, to=Stage.SCREENING)
    recruiting.set_interview(session, zoe, [office.max, office.ada], day=TODAY)
    offer = recruiting.propose_offer(session, zoe, PAY, starts_on=TODAY.replace(month=7, day=1))
    refused(errors.OfferLive, lambda: recruiting.end_application(session, zoe, because="no"))
    refused(
        errors.NotTheirsToDecide,
        lambda: recruiting.decide_offer(session, offer.number, approve=True),
    )
    refused(errors.OfferIs, lambda: recruiting.accept_offer(session, offer.number))
    be(session, None, "manager")
    recruiting.decide_offer(session, offer.number, approve=True)
    be(session, None, "hr")
    employee = recruiting.accept_offer(session, offer.number)

    terms = hr.employment_on(session, employee.id, date(2026, 7, 1))
    assert (terms.job_title, terms.manager, terms.contract) == (
        "Buyer", office.lena.number, "permanent",
    )  # fmt: skip
    assert hr.pay_on(session, employee.id, date(2026, 7, 1)).amount == PAY
    assert recruiting.find_offer(session, offer.number).state is OfferState.ACCEPTED
    application = recruiting.find_application(session, zoe)
    assert (application.stage, application.ended_on) == (Stage.HIRED, TODAY)
    # The only place is taken.
    assert recruiting.find_opening(session, opening.number).state is OpeningState.FILLED
    refused(
        errors.OpeningNotOpen,
        lambda: recruiting.propose_offer(session, yan, PAY, starts_on=TODAY),
    )
    recruiting.end_application(session, yan, because="somebody else fits better")
    moves = session.execute(
        text(
            "SELECT before, after FROM application_move AS m JOIN application AS a"
            " ON a.id = m.application_id WHERE a.number = :zoe ORDER BY m.created_at, m.id"
        ),
        {"zoe": zoe},
    ).all()
    assert [tuple(move) for move in moves] == [
        ("applied", "screening"), ("screening", "interview"), ("interview", "offer"),
        ("offer", "hired"),
    ]  # fmt: skip


def test_bad_input_of_recruiting_is_refused_and_no_more_are_hired_than_there_are_places(
    session: Session, office: Office
) -> None:
    opening = office.opened(session)
    found = recruiting.find_opening(session, opening)
    zoe, yan = (office.applied(session, opening, name) for name in ("Zoe", "Yan"))
    refused(errors.ConsentNeeded, lambda: recruiting.apply(session, found, name="X", agreed=False))
    refused(errors.NotAnAddress, lambda: office.applied(session, opening, "X", email="x"))
    refused(errors.NoSuchMove, lambda: recruiting.advance(session, zoe, to=Stage.HIRED))
    refused(errors.NoInterviewer, lambda: recruiting.set_interview(session, zoe, [], day=TODAY))
    refused(errors.OpeningHasApplications, lambda: recruiting.close_opening(session, opening))
    refused(
        errors.OfferStartsInPast,
        lambda: recruiting.propose_offer(session, zoe, PAY, starts_on=HIRED),
    )
    be(session, office.tom)
    refused(errors.NotTheirOpening, lambda: recruiting.advance(session, zoe, to=Stage.SCREENING))
    refused(errors.OnlyOffice, lambda: recruiting.propose_offer(session, zoe, PAY, starts_on=TODAY))
    refused(errors.OnlyOffice, lambda: recruiting.erase_due_applicants(session))
    offers = []
    for application in (zoe, yan):
        be(session, None, "hr")
        offer = recruiting.propose_offer(session, application, PAY, starts_on=TODAY)
        be(session, None, "admin")
        offers.append(recruiting.decide_offer(session, offer.number, approve=True))
    recruiting.accept_offer(session, offers[0].number)
    refused(errors.OpeningNotOpen, lambda: recruiting.accept_offer(session, offers[1].number))
    second = f"WHERE number = '{offers[1].number}'"
    accepted = f"state = 'accepted', answered_on = '2026-06-15', employee_id = '{office.tom.id}'"
    for broken in (
        f"UPDATE job_offer SET {accepted} {second}",
        f"UPDATE job_offer SET decided_by = proposed_by {second}",
        f"UPDATE job_opening SET decided_by = asked_by WHERE number = '{opening}'",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(broken))
    recruiting.decline_offer(session, offers[1].number, because="another job")
    assert recruiting.find_application(session, yan).stage is Stage.WITHDRAWN


def test_scorecards_are_written_alone_and_read_after_one_wrote(
    session: Session, office: Office
) -> None:
    opening = office.opened(session)
    zoe = office.applied(session, opening, "Zoe")
    talk = recruiting.set_interview(session, zoe, [office.max, office.ada], day=TODAY)

    def seen(who: Employee | None, *roles: str) -> list[int]:
        be(session, who, *roles)
        found = recruiting.find_application(session, zoe)
        return sorted(each.score for each in recruiting.opinions_of(session, found))

    be(session, office.max)
    write = recruiting.write_scorecard
    refused(errors.ScoreOutOfRange, lambda: write(session, talk.number, score=6, advice=Advice.NO))
    write(session, talk.number, score=4, advice=Advice.YES, notes="knows the trade")
    refused(errors.ScorecardWritten, lambda: write(session, talk.number, score=5, advice=Advice.NO))
    be(session, office.tom)
    refused(errors.NotAnInterviewer, lambda: write(session, talk.number, score=1, advice=Advice.NO))

    assert (seen(office.ada), seen(office.ada, "hr"), seen(office.tom)) == ([], [], [])
    assert (seen(office.max), seen(office.lena), seen(None, "hr")) == ([4], [4], [4])
    be(session, office.ada)
    write(session, talk.number, score=5, advice=Advice.STRONG_YES)
    assert (seen(office.ada), seen(office.max)) == ([4, 5], [4, 5])
    found = recruiting.find_application(session, zoe)
    assert recruiting.mean_score(recruiting.opinions_of(session, found)) == Decimal("4.50")


def test_who_applied_is_erased_on_their_day_and_what_is_counted_stays(
    session: Session, office: Office
) -> None:
    opening = office.opened(session, headcount=2)
    zoe, yan = (office.applied(session, opening, name) for name in ("Zoe", "Yan"))
    talk = recruiting.set_interview(session, zoe, [office.max], day=TODAY)
    be(session, office.max)
    recruiting.write_scorecard(
        session, talk.number, score=2, advice=Advice.NO, notes="Zoe was late"
    )
    be(session, None, "hr")
    applicant = recruiting.find_application(session, zoe).applicant
    assert applicant.delete_on == TODAY + timedelta(days=180)
    under_way = refused(
        errors.ApplicationsUnderWay,
        lambda: recruiting.erase_applicant(session, applicant.number),
    )
    assert (
        str(under_way)
        == f"{applicant.number} is not erased while {zoe} is under way; end it first."
    )
    recruiting.end_application(session, zoe, because="Zoe was late")
    assert recruiting.erase_due_applicants(session) == []
    session.execute(text("UPDATE applicant SET delete_on = '2026-06-01'"))
    session.expire_all()

    [erased] = recruiting.erase_due_applicants(session)

    assert (erased.number, erased.name, erased.email) == (applicant.number, None, None)
    assert recruiting.find_application(session, yan).applicant.name == "Yan"
    left = session.execute(
        text("SELECT a.because, s.notes, s.score FROM application a JOIN scorecard s"
             " ON s.application_id = a.id WHERE a.number = :zoe"), {"zoe": zoe},
    ).one()  # fmt: skip
    assert tuple(left) == (None, None, 2)
    refused(errors.AlreadyErased, lambda: recruiting.erase_applicant(session, erased.number))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE applicant SET name = 'Zoe' WHERE erased_on IS NOT NULL"))


@pytest.fixture(scope="module")
def hiring(databases: Databases) -> Iterator[SimpleNamespace]:
    """A database with one application that Max wrote about and Ada has still to."""
    engine = databases("founded")
    with on_business_date(TODAY), unit_of_work(engine) as session:
        before = session.info["acting"]
        office = Office(session)
        opening = office.opened(session)
        zoe = office.applied(session, opening, "Zoe")
        talk = recruiting.set_interview(session, zoe, [office.max, office.ada], day=TODAY)
        recruiting.propose_offer(session, zoe, PAY, starts_on=TODAY)
        be(session, office.max)
        recruiting.write_scorecard(session, talk.number, score=4, advice=Advice.YES)
        parties = {name: getattr(office, name).party_id for name in ("lena", "max", "ada", "tom")}
        session.info["acting"] = before
    yield SimpleNamespace(engine=engine, parties=parties)
    databases.drop(engine)


TABLES = ("applicant", "application", "application_move", "interview", "scorecard", "job_offer")


def test_the_database_shows_who_applied_to_whom_it_concerns_alone(
    hiring: SimpleNamespace,
) -> None:
    engine: Engine = hiring.engine

    def rows(name: str | None, *roles: str) -> list[int]:
        party = hiring.parties.get(name)
        who = Acting(Actor(name or "x", frozenset(roles or {"employee"}), party_id=party))
        with reading(engine, who) as session:
            return [session.scalar(text(f"SELECT count(*) FROM {each}")) or 0 for each in TABLES]

    assert rows("tom") == rows(None, "sales") == rows(None, "accountant") == [0] * 6
    assert rows(None, "hr") == rows(None, "admin") == [1, 1, 2, 1, 1, 1]
    # The hiring manager and who wrote read what was written; nobody of them reads pay.
    assert rows("lena") == rows("max") == [1, 1, 2, 1, 1, 0]
    # Who has still to write reads no other first, not even as human resources.
    assert rows("ada") == [1, 1, 2, 1, 0, 0]
    assert rows("ada", "hr") == [1, 1, 2, 1, 0, 1]
    with reading(engine, Acting(Actor("x", frozenset({"sales"})))) as session:
        told = text("SELECT count(*) FROM change_event WHERE facts::text LIKE '%JA-00001%'")
        assert session.scalar(told) == 0
    with reading(engine) as session:
        named = text("SELECT count(*) FROM change_event WHERE facts::text ~* 'zoe'")
        assert session.scalar(named) == 0
