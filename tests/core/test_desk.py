"""Mail and service, what a review found: nothing leaks, widens, collides or is read twice."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from channels.messages.values import MessageGiven
from core import communications, parties, support
from core.communications import Communication, Medium, OutgoingMail, OutgoingState, outbox
from core.communications.errors import UnknownFile
from core.kernel import calendars, clock
from core.kernel.calendars import Hours
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.parties import Customer
from core.processes import relationship, service_desk
from core.reporting.saved import Cadence, Every, next_due
from core.reporting.saved.errors import NeverDue
from core.reporting.scope import scope_of
from core.support import Promised, Ticket, TicketType, errors
from core.support.tables import TicketMessage

WEEK = dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),))


@pytest.fixture
def acme(session: Session) -> Customer:
    return parties.add_customer(session, name="Acme", email="anna@acme.example")


@contextmanager
def seen_by(session: Session, *roles: Role) -> Iterator[None]:
    """Let somebody with these roles look."""
    before = session.info["acting"]
    session.info["acting"] = Acting(Actor("somebody", roles=frozenset(roles)), door="test")
    yield
    session.info["acting"] = before


def counted(session: Session, table: str, does: Callable[[], object]) -> int:
    """Return how often a table is read while something is done."""
    count = 0

    def look(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        nonlocal count
        count += f"FROM {table}" in statement

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", look)
    does()
    event.remove(engine, "before_cursor_execute", look)
    return count


def received(session: Session, raw: str) -> Communication:
    parsed = communications.read_mail(raw.replace("\n", "\r\n").encode())
    return communications.receive(session, parsed, medium=Medium.MAIL).message


def test_a_promise_to_one_customer_does_not_become_one_to_all_by_leaving_them_out(
    session: Session, acme: Customer
) -> None:
    support.set_policy(
        session, code="gold", response_minutes=60, resolution_minutes=None,
        whom=Promised(customer=acme, ticket_type=TicketType.COMPLAINT),
    )  # fmt: skip

    changed = support.set_policy(
        session, code="gold", response_minutes=30, resolution_minutes=None, whom=Promised()
    )
    assert (changed.customer_id, changed.ticket_type) == (acme.party_id, TicketType.COMPLAINT)
    support.end_policy(session, "gold")
    # What was ended begins anew, for whom it says then.
    again = support.set_policy(
        session, code="gold", response_minutes=30, resolution_minutes=None, whom=Promised()
    )
    assert (again.customer_id, again.ticket_type) == (None, None)


def test_words_of_a_customer_are_the_customers_whoever_notes_them(
    session: Session, acme: Customer
) -> None:
    ticket = support.open_ticket(session, customer=acme, subject="x", said="Broken.")
    support.take_message(session, ticket.number, "Still broken.")
    unknown = support.open_ticket(session, subject="y", said="Hm.", contact_email="tom@x.example")

    view = support.view_ticket(session, ticket.number)
    assert [each.author for each in view.messages] == ["Acme", "Acme"]
    assert support.view_ticket(session, unknown.number).messages[0].author == "tom@x.example"
    named = support.name_customer(session, unknown.number, acme)
    assert named.customer_id == acme.party_id
    with pytest.raises(errors.OfSomebodyAlready):
        support.name_customer(session, unknown.number, acme)


def test_a_customer_learns_nothing_of_what_is_not_theirs(session: Session, acme: Customer) -> None:
    other = parties.add_customer(session, name="Globex")
    theirs = support.open_ticket(session, customer=other, subject="secret")
    draft = support.write_article(session, title="How", body="So.", language="en")
    mine = support.open_ticket(session, customer=acme, subject="mine")

    def refusal(key: str) -> str:
        with pytest.raises(errors.UnknownLinkTarget) as refused:
            service_desk.link_to(session, key, acme.party, by_customer=True)
        return str(refused.value).replace(key, "…")

    assert len({refusal(key) for key in (theirs.number, "T-99999", draft.number, "KB-999")}) == 1
    assert service_desk.link_to(session, mine.number, acme.party, by_customer=True).key
    # Who works here is told why.
    with pytest.raises(errors.NotTheirDocument):
        service_desk.link_to(session, theirs.number, acme.party)


def test_who_is_a_customer_and_an_employee_sees_own_rows_only(session: Session) -> None:
    with seen_by(session, Role.CUSTOMER, Role.EMPLOYEE):
        assert scope_of(session).own
    with seen_by(session, Role.CUSTOMER, Role.SALES):
        assert not scope_of(session).own


def test_what_is_due_is_worked_out_with_each_calendar_read_once(
    session: Session, acme: Customer
) -> None:
    calendars.open_calendar(session, code="OFFICE", name="Office", name_zh="办公室", week=WEEK)
    support.set_policy(session, code="std", response_minutes=60, resolution_minutes=90)
    for place in range(3):
        support.open_ticket(session, customer=acme, subject=str(place))

    read = counted(session, "opening_hours", lambda: support.plan_anew(session))

    assert read == 1


def test_what_never_comes_is_refused_and_not_a_mistake_of_ours() -> None:
    zone = ZoneInfo("Europe/Berlin")
    with pytest.raises(NeverDue, match="business hours"):
        next_due(
            Cadence(Every.WORKDAY), datetime(2026, 6, 15, tzinfo=UTC), zone, lambda _day: False
        )


def test_a_mail_is_on_one_ticket_and_said_there_once(session: Session, acme: Customer) -> None:
    mail = uuid.uuid4()
    ticket = support.open_ticket(session, customer=acme, subject="x", said="y",
                                 communication_id=mail)  # fmt: skip

    again = (
        """
        INSERT INTO ticket (id, created_at, number, subject, ticket_type, priority, state, source,
            opened_at, opened_by, communication_id, reopened_count, escalation)
        SELECT gen_random_uuid(), created_at, 'T-X', subject, ticket_type, priority, state,
            source, opened_at, opened_by, communication_id, 0, 0 FROM ticket WHERE id = :id
        """,
        """
        INSERT INTO ticket_message (id, created_at, ticket_id, kind, said_at, author, body,
            communication_id)
        SELECT gen_random_uuid(), created_at, ticket_id, kind, said_at, author, body,
            communication_id FROM ticket_message WHERE ticket_id = :id
        """,
    )
    for row in again:
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(row), {"id": ticket.id})
    assert session.query(TicketMessage).filter_by(ticket_id=ticket.id).count() == 1


def test_mail_in_doubt_is_counted_by_its_index_for_those_who_may_see_it(
    session: Session, acme: Customer
) -> None:
    for state in (OutgoingState.UNCERTAIN, OutgoingState.FAILED, OutgoingState.SENT):
        message = outbox.queue_mail(
            session, party=acme.party, to="anna@acme.example", subject="x", text="y"
        )
        row = session.query(OutgoingMail).filter_by(communication_id=message.id).one()
        row.state, row.claimed_at = state, clock.now()
        row.sent_at = clock.now() if state is OutgoingState.SENT else None
    session.flush()

    assert communications.count_in_doubt(session) == 2
    with seen_by(session, Role.SALES):
        assert communications.count_in_doubt(session) == 2
    with seen_by(session, Role.CUSTOMER):
        assert communications.count_in_doubt(session) == 0
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.scalars(
        text("EXPLAIN SELECT 1 FROM outgoing_mail WHERE state IN ('uncertain', 'failed')")
    ).all()
    assert "ix_outgoing_mail_open" in "\n".join(plan)


def test_what_came_without_an_address_is_linked_alone(session: Session, acme: Customer) -> None:
    globex = parties.add_customer(session, name="Globex")
    notes = [
        communications.receive(
            session,
            MessageGiven(medium=Medium.CALL_NOTE, name=name, text=f"{name} called").parsed("file"),
            medium=Medium.CALL_NOTE,
        ).message
        for name in ("Anna", "Gus", "Ann")
    ]

    assert communications.link(session, notes[0], acme.party) == 1
    assert communications.link(session, notes[2], acme.party) == 1
    session.refresh(notes[1])
    assert notes[1].party_id is None
    assert communications.link(session, notes[1], globex.party) == 1


def test_a_mail_cannot_take_the_identity_of_a_message_handed_in(session: Session) -> None:
    received(session, "From: eve@evil.example\nMessage-ID: <hook:42>\n\nI was first.")
    given = MessageGiven(id="42", sender="anna@acme.example", text="The real one.")

    taken = communications.receive(session, given.parsed("hook"), medium=Medium.CHAT)
    again = communications.receive(session, given.parsed("hook"), medium=Medium.CHAT)

    assert (taken.is_new, again.is_new) == (True, False)
    assert taken.message.aside_because is None


@pytest.mark.usefixtures("acme")
def test_files_and_bytes_of_a_message_are_for_those_who_may_see_it(session: Session) -> None:
    message = received(
        session,
        "From: anna@acme.example\nMessage-ID: <file@x>\nContent-Type: multipart/mixed;"
        ' boundary="b"\n\n--b\nContent-Type: text/csv; name="=cmd.csv"\n\na,b\n--b--\n',
    )
    thread = communications.find_thread(session, message.number)
    [one] = communications.view_thread(session, thread).messages
    [file] = one.files

    found = communications.find_file(session, file.id)
    assert (found.name, found.content.strip()) == ("=cmd.csv", b"a,b")
    with seen_by(session, Role.CUSTOMER), pytest.raises(UnknownFile):
        communications.find_file(session, file.id)
    with pytest.raises(UnknownFile):
        communications.find_raw(session, message.number)
    forged = b"From: a@x.example, b@x.example\r\nMessage-ID: <two@x>\r\n\r\nPay us."
    aside = communications.receive(
        session, communications.read_mail(forged), medium=Medium.MAIL, raw=forged
    ).message
    assert communications.find_raw(session, aside.number).content == forged


def test_what_speaks_for_a_customers_leaving_is_counted_and_said(
    session: Session, acme: Customer
) -> None:
    assert relationship.signals_of(session, acme.party) == []
    assert relationship.invoiced_in_a_year(session, acme.party).minor == 0
    support.open_ticket(session, customer=acme, subject="x", ticket_type=TicketType.COMPLAINT)
    bad = support.open_ticket(session, customer=acme, subject="y")
    support.resolve(session, bad.number)
    support.rate(session, bad.number, 2)

    said = [signal.said.en for signal in relationship.signals_of(session, acme.party)]

    assert said == ["complains: T-00001", "rated T-00002 2 of 5"]
    assert [each.number for each in relationship.open_tickets(session, acme.party)] == ["T-00001"]
    assert session.query(Ticket).count() == 2


def test_a_holiday_is_what_its_region_says_of_the_day(session: Session) -> None:
    day = date(2026, 12, 24)
    assert calendars.find_holiday(session, region="DE", day=day) is None
    calendars.set_holiday(session, region="de", day=day, name="Eve", open_until=time(12))
    found = calendars.find_holiday(session, region="DE", day=day)
    assert found is not None
    assert found.open_until == time(12)
    with pytest.raises(DomainError):
        calendars.find_holiday(session, region="Not a region", day=day + timedelta(days=1))
