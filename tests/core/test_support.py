"""Tickets: their history, the clocks that follow it, and what is promised by them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core import parties, support
from core.compliance import verify
from core.kernel import calendars, clock, events
from core.kernel.calendars import Calendar, Hours
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.parties import Customer
from core.reporting.answering import answer
from core.reporting.query import ReportQuery
from core.reporting.saved import Cadence, Every, next_due
from core.support import (
    Link,
    Priority,
    Promised,
    Reopening,
    Target,
    TicketState,
    TicketType,
    Waiting,
    errors,
)
from core.support.rules import Promise, Turn, at_risk_from, average_response, clock_of, elapsed
from core.support.tables import Ticket

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),))
OFFICE = Calendar(BERLIN, WEEK)


def local(said: str) -> datetime:
    """Return an instant by the clock of Berlin."""
    return datetime.fromisoformat(said).replace(tzinfo=BERLIN).astimezone(UTC)


@contextmanager
def at(said: str) -> Iterator[None]:
    with clock.frozen_at(local(said)):
        yield


def person_called(session: Session, login: str, role: Role = Role.SERVICE) -> Person:
    identity.add_person(session, login=login, name=login.title(), roles={role})
    return session.query(Person).filter_by(login=login).one()


@pytest.fixture
def acme(session: Session) -> Customer:
    """A customer, and a promise: an answer within 4 hours of business, a solution within 8."""
    calendars.open_calendar(
        session, code="OFFICE", name="Office", name_zh="办公室", week=WEEK,
        time_zone="Europe/Berlin", holiday_region="DE",
    )  # fmt: skip
    support.set_policy(session, code="std", response_minutes=240, resolution_minutes=480)
    return parties.add_customer(session, name="Acme")


def due(ticket: Ticket) -> tuple[str, str]:
    said = [
        f"{each.astimezone(BERLIN):%m-%d %H:%M}" if each else "–"
        for each in (ticket.response_due_at, ticket.resolution_due_at)
    ]
    return said[0], said[1]


# --- clocks, by hand


def test_waiting_and_being_resolved_stop_the_clock() -> None:
    promise = Promise(8 * HOUR, OFFICE)
    turns = [
        Turn(local("2026-06-15T10:00"), TicketState.NEW),
        Turn(local("2026-06-15T12:00"), TicketState.WAITING),
        # Six hours are left; they begin on Wednesday at 11.
        Turn(local("2026-06-17T11:00"), TicketState.OPEN),
    ]

    running = clock_of(promise, turns, until=local("2026-06-17T12:30"))

    assert running.due_at == local("2026-06-17T17:00")
    assert running.used == 3.5 * HOUR
    assert running.runs
    # Resolved at 16 with an hour to spare, opened again on Friday: that hour is left.
    done = [*turns, Turn(local("2026-06-17T16:00"), TicketState.RESOLVED)]
    again = [*done, Turn(local("2026-06-19T16:30"), TicketState.REOPENED)]
    assert clock_of(promise, done).due_at == local("2026-06-17T17:00")
    assert not clock_of(promise, done).runs
    assert clock_of(promise, again).due_at == local("2026-06-22T09:30")
    restarting = Promise(8 * HOUR, OFFICE, reopening=Reopening.RESTART)
    assert clock_of(restarting, again).due_at == local("2026-06-22T16:30")


def test_every_minute_of_waiting_counts_where_that_was_agreed() -> None:
    elapsing = Promise(6 * HOUR, OFFICE, waiting=Waiting.ELAPSED)
    business = Promise(6 * HOUR, OFFICE)
    turns = [
        Turn(local("2026-06-15T04:00"), TicketState.NEW),
        Turn(local("2026-06-15T04:15"), TicketState.WAITING),
        Turn(local("2026-06-15T05:00"), TicketState.OPEN),
    ]

    # Nobody works before nine: no open time was waited through.
    assert clock_of(business, turns).due_at == local("2026-06-15T15:00")
    assert clock_of(elapsing, turns).due_at == local("2026-06-15T15:45")


def test_what_was_late_before_it_waited_stays_late() -> None:
    turns = [
        Turn(local("2026-06-15T09:00"), TicketState.NEW),
        Turn(local("2026-06-15T15:00"), TicketState.WAITING),
        Turn(local("2026-06-16T15:00"), TicketState.OPEN),
    ]

    for waiting in Waiting:
        promise = Promise(4 * HOUR, OFFICE, waiting=waiting)
        assert clock_of(promise, turns).due_at == local("2026-06-15T13:00")


@settings(max_examples=10)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=7), st.integers(1, 20))
def test_what_is_due_is_where_a_walk_through_the_minutes_has_used_the_time(
    gaps: list[int], hours: int
) -> None:
    states = (TicketState.NEW, TicketState.WAITING, TicketState.OPEN, TicketState.RESOLVED,
              TicketState.REOPENED, TicketState.WAITING, TicketState.OPEN)  # fmt: skip
    moment, turns = local("2026-03-26T14:00"), []
    for state, gap in zip(states, gaps, strict=False):
        turns.append(Turn(moment, state))
        moment += gap * MINUTE
    if turns[-1].state in {TicketState.WAITING, TicketState.RESOLVED}:
        turns.append(Turn(moment, TicketState.OPEN))

    found = clock_of(Promise(hours * HOUR, OFFICE), turns).due_at

    walked, used, place = turns[0].at, 0, 0
    while used < hours * 60:
        while place + 1 < len(turns) and turns[place + 1].at <= walked:
            place += 1
        runs = turns[place].state not in {TicketState.WAITING, TicketState.RESOLVED}
        used += runs and OFFICE.is_open(walked)
        walked += MINUTE
    assert found == walked


def test_somebody_is_warned_when_most_of_the_time_is_used() -> None:
    promise = Promise(8 * HOUR, OFFICE)
    stands = clock_of(promise, [Turn(local("2026-06-12T15:00"), TicketState.NEW)])

    # Due on Monday at 15; six of the eight hours are used at 13.
    assert stands.due_at == local("2026-06-15T15:00")
    assert at_risk_from(promise, stands, 75) == local("2026-06-15T13:00")


def test_times_by_the_clock_on_the_wall() -> None:
    begin = local("2026-06-15T04:00")
    turns = [
        Turn(begin, TicketState.NEW),
        Turn(begin + 15 * MINUTE, TicketState.WAITING),
        Turn(begin + 60 * MINUTE, TicketState.OPEN),
    ]
    said = [(begin, True), (begin + 15 * MINUTE, False), (begin + 60 * MINUTE, True),
            (begin + 65 * MINUTE, False)]  # fmt: skip

    assert average_response(said) == 10 * MINUTE
    assert average_response([(begin, True)]) is None
    assert elapsed(turns, begin + 65 * MINUTE, waiting=True) == 65 * MINUTE
    assert elapsed(turns, begin + 65 * MINUTE, waiting=False) == 20 * MINUTE


# --- tickets


def test_a_ticket_goes_its_way_and_its_clocks_follow(session: Session, acme: Customer) -> None:
    with at("2026-06-12T15:00"):
        ticket = support.open_ticket(
            session, customer=acme, subject="Lamp broken", said="It does not light.",
            ticket_type=TicketType.INCIDENT, tags=["Lamp", "#lamp", "Warranty"],
        )  # fmt: skip
        assert due(ticket) == ("06-15 11:00", "06-15 15:00")
    with at("2026-06-15T10:00"):
        support.note(session, ticket.number, "Looks like a batch fault.")
        support.reply(session, ticket.number, "Which serial number is it?")
        assert ticket.state is TicketState.WAITING
        assert ticket.response_seconds == 3 * 3600
    with at("2026-06-16T10:00"):
        support.take_message(session, ticket.number, "Number 17.", author="anna@acme.example")
        # Five of eight hours were left.
        assert due(ticket) == ("06-15 11:00", "06-16 15:00")
    with at("2026-06-16T12:00"):
        support.resolve(session, ticket.number, resolution="Bulb replaced.")
        assert ticket.resolution_seconds == 5 * 3600
        support.rate(session, ticket.number, 5, said="Quick!")
    with at("2026-06-17T09:30"):
        support.take_message(session, ticket.number, "Broken again.")
        assert ticket.state is TicketState.REOPENED
        assert due(ticket) == ("06-15 11:00", "06-17 12:30")
    with at("2026-06-17T10:30"):
        support.resolve(session, ticket.number)
        support.close(session, ticket.number)

    view = support.view_ticket(session, ticket.number)
    theirs = support.view_ticket(session, ticket.number, own_party=acme.party_id)
    assert [turn.state for turn in view.turns] == [
        "new", "waiting_for_customer", "open", "resolved", "reopened", "resolved", "closed",
    ]  # fmt: skip
    assert view.resolution_seconds == 6 * 3600
    assert view.tags == ("lamp", "warranty")
    assert (view.satisfaction, view.reopened_count, view.breached) == (5, 1, ())
    assert "Looks like a batch fault." in [each.body for each in view.messages]
    assert "Looks like a batch fault." not in str(theirs)
    assert (theirs.turns, theirs.assignee, theirs.policy, theirs.tags) == ((), "", "", ())


def test_another_customers_ticket_is_as_if_there_were_none(
    session: Session, acme: Customer
) -> None:
    other = parties.add_customer(session, name="Globex")
    ticket = support.open_ticket(session, customer=acme, subject="x")

    with pytest.raises(errors.UnknownTicket):
        support.view_ticket(session, ticket.number, own_party=other.party_id)


def test_a_holiday_a_priority_and_other_promises_move_what_is_due(
    session: Session, acme: Customer
) -> None:
    support.set_policy(
        session, code="fast", response_minutes=60, resolution_minutes=120,
        whom=Promised(priority=Priority.URGENT),
    )  # fmt: skip
    with at("2026-06-12T16:00"):
        ticket = support.open_ticket(session, customer=acme, subject="Down")
        assert due(ticket) == ("06-15 12:00", "06-15 16:00")
        calendars.set_holiday(session, region="DE", day=date(2026, 6, 15), name="Bridge day")
        assert support.plan_anew(session) == 1
        assert due(ticket) == ("06-16 12:00", "06-16 16:00")
        support.set_priority(session, ticket.number, Priority.URGENT)
        assert due(ticket) == ("06-12 17:00", "06-16 10:00")
        support.set_policy(session, code="FAST", response_minutes=30, resolution_minutes=None)
        assert due(ticket) == ("06-12 16:30", "–")
        support.end_policy(session, "fast")
        assert due(ticket) == ("06-16 12:00", "06-16 16:00")


def test_the_promise_that_says_most_counts(session: Session, acme: Customer) -> None:
    for code, whom in (
        ("P", Promised(priority=Priority.HIGH)),
        ("T", Promised(ticket_type=TicketType.COMPLAINT)),
        ("C", Promised(customer=acme)),
        ("CP", Promised(customer=acme, priority=Priority.HIGH)),
    ):
        support.set_policy(
            session, code=code, response_minutes=30, resolution_minutes=60, whom=whom
        )
    globex = parties.add_customer(session, name="Globex")

    def policy(customer: Customer, ticket_type: TicketType, priority: Priority) -> str | None:
        ticket = support.open_ticket(
            session, customer=customer, subject="x", ticket_type=ticket_type, priority=priority
        )
        return support.view_ticket(session, ticket.number).policy

    assert policy(acme, TicketType.COMPLAINT, Priority.HIGH) == "CP"
    assert policy(acme, TicketType.COMPLAINT, Priority.LOW) == "C"
    assert policy(globex, TicketType.COMPLAINT, Priority.HIGH) == "T"
    assert policy(globex, TicketType.QUESTION, Priority.HIGH) == "P"
    assert policy(globex, TicketType.QUESTION, Priority.LOW) == "STD"
    with pytest.raises(errors.SamePolicy, match="CP"):
        support.set_policy(
            session, code="X", response_minutes=1, resolution_minutes=1,
            whom=Promised(customer=acme, priority=Priority.HIGH),
        )  # fmt: skip


def test_a_broken_promise_stays_on_record_whatever_changes_later(
    session: Session, acme: Customer
) -> None:
    with at("2026-06-15T09:00"):
        ticket = support.open_ticket(session, customer=acme, subject="x")
    with at("2026-06-15T14:00"):
        assert [each.target for each in support.note_broken(session)] == [Target.RESPONSE]
        assert support.note_broken(session) == []
        late = support.due_tickets(session)
        assert [(each.target, each.late) for each in late] == [
            (Target.RESPONSE, True),
            (Target.RESOLUTION, False),
        ]
    with at("2026-06-16T12:00"):
        # Two hours too late; it becomes known when somebody acts.
        support.resolve(session, ticket.number)
    support.set_policy(session, code="std", response_minutes=6000, resolution_minutes=6000)

    assert support.view_ticket(session, ticket.number).breached == (
        Target.RESPONSE,
        Target.RESOLUTION,
    )


def test_a_ticket_goes_on_after_what_was_promised_of_it_has_ended(
    session: Session, acme: Customer
) -> None:
    with at("2026-06-15T09:00"):
        ticket = support.open_ticket(session, customer=acme, subject="x")
    with at("2026-06-15T14:00"):
        support.reply(session, ticket.number, "We are on it.", wait=False)
        support.end_policy(session, "std")
    with at("2026-06-16T12:00"):
        support.resolve(session, ticket.number)
        assert support.note_broken(session) == []

    view = support.view_ticket(session, ticket.number)
    assert (view.state, view.breached) == (TicketState.RESOLVED, (Target.RESPONSE,))


def test_nothing_becomes_late_while_the_customer_is_asked(session: Session, acme: Customer) -> None:
    with at("2026-06-15T09:00"):
        ticket = support.open_ticket(session, customer=acme, subject="x")
        support.reply(session, ticket.number, "Which one?")
    with at("2026-06-30T09:00"):
        assert support.note_broken(session) == []
        assert support.due_tickets(session) == []
        assert support.at_risk(session, ticket) is None


def test_a_message_to_what_was_closed_long_ago_opens_a_new_ticket(
    session: Session, acme: Customer
) -> None:
    mail = uuid.uuid4()
    with at("2026-06-15T09:00"):
        ticket = support.open_ticket(session, customer=acme, subject="x", communication_id=mail)
        again = support.open_ticket(session, customer=acme, subject="x", communication_id=mail)
        assert again is ticket
        support.close(session, ticket.number)
    with at("2026-06-29T08:59"):
        assert support.take_message(session, ticket.number, "Still there?") is ticket
        support.close(session, ticket.number)
    with at("2026-07-13T09:00"), pytest.raises(errors.ClosedTooLong):
        support.reopen(session, ticket.number)
    with at("2026-07-13T09:00"):
        fresh = support.take_message(session, ticket.number, "Again!")
    assert fresh.number != ticket.number
    assert ("ticket", ticket.number) in support.view_ticket(session, fresh.number).links


def test_the_same_mail_is_taken_in_once(session: Session, acme: Customer) -> None:
    mail = uuid.uuid4()
    ticket = support.open_ticket(session, customer=acme, subject="x", said="one")

    for _ in range(2):
        support.take_message(session, ticket.number, "two", communication_id=mail)

    assert [m.body for m in support.view_ticket(session, ticket.number).messages] == ["one", "two"]


def test_duplicates_are_merged_with_all_that_was_said(session: Session, acme: Customer) -> None:
    first, second, third = (
        support.open_ticket(
            session, customer=acme, subject="Lamp broken", said=f"said {n}", tags=[f"t{n}"],
            links=[Link("item", "LAMP-01")],
        )
        for n in range(3)
    )  # fmt: skip
    globex = parties.add_customer(session, name="Globex")
    other = support.open_ticket(session, customer=globex, subject="Lamp broken")
    like = support.find_open_like(session, customer_id=acme.party_id, subject="RE: lamp BROKEN")
    assert [each.number for each in like] == [first.number, second.number, third.number]

    support.merge(session, third.number, second.number)
    support.merge(session, second.number, first.number)

    view = support.view_ticket(session, first.number)
    assert view.merged == (second.number, third.number)
    assert [(m.body, m.of) for m in view.messages] == [
        ("said 0", ""), ("said 1", second.number), ("said 2", third.number),
    ]  # fmt: skip
    assert view.tags == ("t0", "t1", "t2")
    assert view.links == (("item", "LAMP-01"),)
    # What comes to a merged one goes on in the other.
    assert support.take_message(session, third.number, "more").number == first.number
    with pytest.raises(errors.TicketMerged, match=first.number):
        support.resolve(session, second.number)
    with pytest.raises(errors.MergedIntoItself):
        support.merge(session, first.number, first.number)
    with pytest.raises(errors.OfAnotherCustomer, match="Globex"):
        support.merge(session, first.number, other.number)


def test_tickets_come_to_teams_and_people(session: Session, acme: Customer) -> None:
    lena, max_, boss = (person_called(session, each) for each in ("lena", "max", "boss"))
    clerk = person_called(session, "clerk", Role.WAREHOUSE)
    team = support.set_team(
        session, code="repair", members=[lena, max_], lead=boss, takes=[TicketType.INCIDENT]
    )
    ticket = support.open_ticket(
        session, customer=acme, subject="x", ticket_type=TicketType.INCIDENT
    )
    assert ticket.team_id == team.id

    assert support.least_busy(session, team) == boss
    support.assign(session, ticket.number, person=boss)
    assert support.least_busy(session, team) == lena
    given_to = support.assign(session, ticket.number, person=lena)
    assert given_to.assignee == lena
    assert support.escalate(session, ticket.number, because="VIP").assignee == boss
    with pytest.raises(errors.StaysAsItIs):
        support.assign(session, ticket.number, person=boss)
    with pytest.raises(errors.NobodyThere, match="Clerk"):
        support.assign(session, ticket.number, person=clerk)
    with pytest.raises(errors.UnknownTeam):
        support.find_team(session, "sales team")
    alone = support.open_ticket(session, customer=acme, subject="y")
    with pytest.raises(errors.NobodyToEscalateTo):
        support.escalate(session, alone.number, because="x")


def test_what_makes_no_sense_is_refused(session: Session, acme: Customer) -> None:
    ticket = support.open_ticket(session, customer=acme, subject="x")

    with pytest.raises(errors.NothingSaid):
        support.reply(session, ticket.number, "  ")
    with pytest.raises(errors.NotThatWay, match="it can become"):
        support.reopen(session, ticket.number)
    with pytest.raises(errors.NotYetResolved):
        support.rate(session, ticket.number, 3)
    with pytest.raises(errors.ScoreOutOfRange):
        support.rate(session, ticket.number, 6)
    with pytest.raises(errors.NoTag):
        support.tag(session, ticket.number, add=["#"])
    with pytest.raises(errors.UnknownTicket):
        support.find_ticket(session, "T-99999")
    with pytest.raises(errors.PromisesNothing):
        support.set_policy(session, code="x", response_minutes=None, resolution_minutes=None)
    with pytest.raises(errors.UnknownPolicy, match="STD"):
        support.find_policy(session, "gold")


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE ticket SET satisfaction = 6",
        "UPDATE ticket SET state = 'resolved'",
        "UPDATE ticket SET merged_into_id = id, state = 'closed'",
        "UPDATE ticket SET state = 'lost'",
        "UPDATE sla_policy SET response_minutes = 0",
        "UPDATE sla_policy SET response_minutes = NULL, resolution_minutes = NULL",
        "UPDATE ticket_message SET body = 'other'",
        "DELETE FROM ticket_turn",
    ],
)
def test_the_database_refuses_what_the_rules_do(
    session: Session, acme: Customer, broken: str
) -> None:
    support.open_ticket(session, customer=acme, subject="x", said="words")

    with pytest.raises((IntegrityError, DBAPIError)), session.begin_nested():
        session.execute(text(broken))


def test_articles_have_versions_languages_and_readers(session: Session) -> None:
    article = support.write_article(
        session, title="Lamp does not light", body="Check the bulb first.", tags=["lamp"]
    )
    support.revise_article(
        session, article.number, title="台灯不亮", body="请先检查灯泡是否拧紧。", language="zh"
    )
    secret = support.write_article(session, title="Lamp batch fault", body="Lamp!", internal=True)

    assert support.search_articles(session, "lamp", for_customers=True) == []
    support.turn_article(session, article.number, support.ArticleState.PUBLISHED)
    support.turn_article(session, secret.number, support.ArticleState.PUBLISHED)
    support.revise_article(session, article.number, body="Check the bulb and the plug.")

    found = support.search_articles(session, "lamp light", for_customers=True)
    assert [(each.title, each.version) for each in found] == [("Lamp does not light", 2)]
    zh = support.search_articles(session, "台灯灯泡", language="zh")
    assert [each.title for each in zh] == ["台灯不亮"]
    ours = support.search_articles(session, "Lamp")
    assert [each.number for each in ours] == [secret.number, article.number]
    with pytest.raises(errors.UnknownArticle):
        support.view_article(session, secret.number, for_customers=True)
    for helped in (True, False):
        support.rate_article(session, article.number, helped=helped, for_customers=True)
    view = support.view_article(session, article.number)
    assert (view.helped, view.did_not_help) == (0, 1)


def test_replies_are_kept_by_language(session: Session) -> None:
    support.save_reply(session, code="thanks", body="Thank you, {customer}.")
    support.save_reply(session, code="thanks", body="{customer}，谢谢。", language="zh")

    assert support.find_reply(session, "Thanks").body == "Thank you, {customer}."
    with pytest.raises(errors.UnknownReply, match="THANKS"):
        support.find_reply(session, "sorry", language="zh")


def test_a_warranty_ends_on_the_same_day_months_later(session: Session) -> None:
    assert support.ends_on(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert support.ends_on(date(2026, 6, 15), 24) == date(2028, 6, 15)
    support.set_warranty(session, None, 24)
    assert [fact.name for fact in events.recorded(session)][-1] == "support.warranty_set"


# --- figures


def figure(session: Session, metric: str, **more: Any) -> Any:
    query = ReportQuery(metrics=(metric,), **more)
    return answer(session, query)


def value(session: Session, metric: str) -> Decimal | None:
    [cell] = figure(session, metric).figures
    return cell.value


def test_figures_of_service_by_hand(session: Session, acme: Customer) -> None:
    globex = parties.add_customer(session, name="Globex")
    with at("2026-06-08T10:00"):
        quick = support.open_ticket(session, customer=acme, subject="a", priority=Priority.HIGH)
        slow = support.open_ticket(session, customer=globex, subject="b")
        support.open_ticket(session, customer=acme, subject="c")
    with at("2026-06-08T11:00"):
        support.reply(session, quick.number, "Hello", wait=False)
    with at("2026-06-08T12:00"):
        support.resolve(session, quick.number)
        support.rate(session, quick.number, 5)
    with at("2026-06-09T16:00"):
        # Seven hours of Monday, and seven of Tuesday: both promises are broken.
        support.resolve(session, slow.number)
        support.rate(session, slow.number, 2)
    with at("2026-06-10T10:00"):
        support.reopen(session, slow.number)
        support.note_broken(session)

    assert value(session, "tickets") == 3
    assert value(session, "ticket_backlog") == 2
    assert value(session, "tickets_resolved") == 2
    assert value(session, "tickets_reopened") == 1
    assert value(session, "reopen_rate") == 50
    # One hour, and fourteen.
    assert value(session, "first_response_time") == Decimal("7.5")
    assert value(session, "resolution_time") == 2
    # Of six promises that fell due two were kept.
    assert value(session, "sla_attainment") == pytest.approx(Decimal(100) / 3)
    assert value(session, "sla_breaches") == 4
    assert value(session, "satisfaction_score") == Decimal("3.5")
    assert value(session, "csat") == 50
    by_priority = figure(session, "tickets", dimensions=("ticket_priority",))
    assert len(by_priority.rows) == 2
    assert verify(session) == []


def test_what_is_stored_as_due_is_what_the_history_gives(session: Session, acme: Customer) -> None:
    with at("2026-06-08T10:00"):
        ticket = support.open_ticket(session, customer=acme, subject="a")
    with at("2026-06-08T12:00"):
        support.reply(session, ticket.number, "Which one?")
    with at("2026-06-12T16:30"):
        support.take_message(session, ticket.number, "This one.")
        clocks = support.clocks_of(session, ticket)

    assert ticket.resolution_due_at == clocks[Target.RESOLUTION].due_at == local("2026-06-15T14:30")
    # A quarter of eight hours before: most of the time is used then.
    assert ticket.at_risk_at == local("2026-06-15T12:30")


def test_a_history_that_says_otherwise_is_found(session: Session, acme: Customer) -> None:
    ticket = support.open_ticket(session, customer=acme, subject="a")
    assert verify(session) == []

    session.execute(text("UPDATE ticket SET state = 'open', reopened_count = 1"))

    assert [each.subject for each in verify(session)] == [ticket.number, ticket.number]


@pytest.mark.usefixtures("acme")
def test_working_days_of_schedules_are_those_of_the_calendar(session: Session) -> None:
    calendars.set_holiday(session, region="DE", day=date(2026, 6, 15), name="Bridge day")
    works = calendars.find_calendar(session).is_business_day
    after = local("2026-06-12T12:00")

    daily = next_due(Cadence(Every.WORKDAY, at=time(8)), after, BERLIN, works)
    first = next_due(Cadence(Every.FIRST_WORKDAY, at=time(8)), after, BERLIN, works)

    assert daily == local("2026-06-16T08:00")
    assert first == local("2026-07-01T08:00")
