"""Mails and messages: kept once, put where they belong, read by whom they are for, sent once."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import communications, hr, parties
from core.communications import (
    Communication,
    Direction,
    LinkedBy,
    Medium,
    OutgoingMail,
    OutgoingState,
    Received,
    Standing,
    outbox,
    queries,
)
from core.communications.errors import AddressNotOnRecord, NoAddress, NothingWritten, UnknownMessage
from core.communications.summaries import keep_summary, summary_of
from core.compliance import verify
from core.kernel import clock
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.errors import DomainError
from core.parties import contacts
from tests.conftest import Databases
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.communications import MessageList

US = "office@testwerk.example"


@pytest.fixture(scope="module")
def house(databases: Databases) -> Iterator[Engine]:
    """A shop in which the customer Acme has a mail address."""
    engine = databases("shop")
    with unit_of_work(engine) as session:
        parties.find_party(session, "Acme Bikes").email = "Anna@Acme.example"
        parties.find_party(session, "Brightway").email = "sales@brightway.example"
    yield engine
    databases.drop(engine)


@pytest.fixture
def kept(house: Engine) -> Iterator[Session]:
    """One piece of business in the shop that is undone in the end."""
    with rehearsal(house) as session:
        yield session


def mail(
    subject: str = "Order 7",
    text: str = "When do you deliver?",
    *,
    sender: str = "Anna <anna@acme.example>",
    to: str = US,
    identity: str | None = None,
    answers: str = "",
    date: str = "Mon, 15 Jun 2026 09:00:00 +0200",
    **headers: str,
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"] = f"<{identity or uuid.uuid4().hex}@acme.example>"
    made["Date"] = date
    if answers:
        made["In-Reply-To"] = f"<{answers}>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def take(session: Session, raw: bytes, **also: object) -> Received:
    parsed = communications.read_mail(raw)
    return communications.receive(
        session, parsed, medium=Medium.MAIL, raw=raw, own=frozenset({US}), **also
    )  # type: ignore[arg-type]


def test_a_mail_is_of_the_party_whose_address_it_is_exactly(kept: Session) -> None:
    message = take(kept, mail()).message
    other = take(kept, mail(sender="Anna <anna@acme.example.evil.example>")).message
    named = take(kept, mail(sender='"anna@acme.example" <eve@evil.example>')).message

    acme = parties.find_party(kept, "Acme Bikes")
    assert (message.party_id, message.linked_by) == (acme.id, LinkedBy.ADDRESS)
    assert message.number.startswith("MSG-")
    assert message.happened_at == datetime(2026, 6, 15, 7, tzinfo=UTC)
    assert other.party_id is None
    assert named.party_id is None


def test_a_contacts_address_is_of_the_customer_they_work_at(kept: Session) -> None:
    acme = parties.find_party(kept, "Acme Bikes")
    paul = parties.add_party(
        kept, name="Paul Pumpe", kind=parties.PartyKind.PERSON, email="paul@mail.example"
    )
    contacts.add_contact(kept, acme, paul)
    kept.flush()

    assert take(kept, mail(sender="paul@mail.example")).message.party_id == acme.id
    assert "paul@mail.example" in communications.addresses_of(kept, acme)


def test_an_address_of_two_parties_is_of_neither(kept: Session) -> None:
    parties.add_customer(kept, name="Acme Two", email="anna@acme.example")
    kept.flush()

    assert take(kept, mail()).message.party_id is None


def test_the_same_mail_is_kept_once(kept: Session) -> None:
    first = take(kept, mail(identity="same"))
    again = take(kept, mail(identity="same"))
    other = take(kept, mail(identity="same", text="Please pay to another account."))
    once_more = take(kept, mail(identity="same", text="Please pay to another account."))

    assert again.message.id == first.message.id
    assert not again.is_new
    assert other.is_new
    assert (other.message.standing, other.message.aside_because) == (
        Standing.QUARANTINED,
        "identity_reused",
    )
    assert not once_more.is_new


def test_a_mail_that_borrows_the_identity_of_one_of_ours_is_kept_and_not_believed(
    kept: Session,
) -> None:
    acme = parties.find_party(kept, "Acme Bikes")
    ours = communications.queue_mail(
        kept, party=acme, to="anna@acme.example", subject="Lamps", text="They are on their way."
    )
    claimed = outbox.claim_next(kept, sender="office@acme.example")
    assert claimed is not None

    copy = take(kept, mail("Lamps", sender="office@acme.example", identity=str(ours.id)))
    borrowed = take(kept, mail("Lamps", "I want to complain.", identity=str(ours.id)))

    assert (copy.is_new, copy.message.id) == (False, ours.id)
    assert borrowed.is_new
    assert borrowed.message.body == "I want to complain."
    assert borrowed.message.aside_because == "identity_reused"


def test_a_kept_summary_is_shown_to_whom_sees_exactly_its_messages(house: Engine) -> None:
    with unit_of_work(house) as session:
        office = hr.add_department(session, code="OFF", name="Office", name_zh="办公室")
        hr.add_employee(
            session, name="Eva Ernst", department=office, job_title="Clerk",
            email="eva@home.example",
        )  # fmt: skip
        said = "Mon, 15 Jun 2026 0{}:00:00 +0200"
        junk = take(
            session, mail("Chat", "Please send junk.", identity="c1", date=said.format(7))
        ).message
        communications.set_aside(session, junk, because="junk")
        for place, sender, text in (
            (8, "eva@home.example", "Please raise my salary."),
            (9, "anna@acme.example", "Please send a lamp."),
        ):
            take(session, mail(
                "Chat", text, sender=sender, to=f"{US}, anna@acme.example, eva@home.example",
                date=said.format(place),
            ))  # fmt: skip
        thread = communications.find_thread(session, junk.number)
        assert keep_summary(session, thread).messages == 2
        communications.take_back(session, junk)

    with reading(house, as_person(house, "sales")) as session:
        lines = [line.text for line in summary_of(session, thread).lines]
    assert lines == ["Please send junk.", "Please send a lamp."]


def test_of_a_very_long_conversation_the_end_is_shown(kept: Session) -> None:
    thread = communications.find_thread(kept, take(kept, mail("Long")).message.number)
    acme = parties.find_party(kept, "Acme Bikes")
    for place in range(queries.LISTED_MAX):
        last = communications.queue_mail(
            kept, party=acme, to="anna@acme.example", subject="Long", text=f"{place}", thread=thread
        )

    shown = communications.view_thread(kept, thread).messages

    assert len(shown) == queries.LISTED_MAX
    assert (shown[0].body, shown[-1].view.number) == ("0", last.number)


def test_a_conversation_is_found_by_reference_then_by_subject_and_people(kept: Session) -> None:
    first = take(kept, mail("Order 7", identity="a1")).message
    referred = take(kept, mail("Another subject", answers="a1@acme.example")).message
    alike = take(kept, mail("AW: Re: order 7")).message
    stranger = take(kept, mail("Order 7", sender="eve@evil.example", answers="a1@acme.example"))
    late = take(kept, mail("Order 7", date="Mon, 14 Sep 2026 09:00:00 +0200")).message

    assert referred.thread_id == first.thread_id
    assert alike.thread_id == first.thread_id
    assert stranger.message.thread_id != first.thread_id
    assert late.thread_id != first.thread_id


def test_a_person_links_what_nobody_knows_and_all_of_that_address(house: Engine) -> None:
    with unit_of_work(house) as session:
        one = take(session, mail("Hello", sender="paul@new.example")).message.number
        two = take(session, mail("Other", sender="paul@new.example")).message.number
    listed = ask(house, "sales", "communications.list", box="inbox")
    assert isinstance(listed, MessageList)
    assert {one, two} <= {each.number for each in listed.messages}

    proposal = propose(house, "sales", "communications.link", message=one, party="Nordwind GmbH")
    assert "paul@new.example" in " ".join(proposal.effect.lines())
    approve(house, proposal, "sales")

    with unit_of_work(house) as session:
        third = take(session, mail("Third", sender="paul@new.example")).message
        found = session.scalars(
            select(Communication.linked_by).where(Communication.number.in_([one, two]))
        ).all()
        assert found == [LinkedBy.PERSON, LinkedBy.PERSON]
        assert third.linked_by is LinkedBy.ADDRESS
        assert verify(session) == []


def test_a_mail_from_us_that_we_did_not_send_is_not_believed(kept: Session) -> None:
    forged = take(kept, mail(sender=US, to="anna@acme.example")).message
    sent = take(kept, mail(sender=US, to="anna@acme.example"), by_us=True).message

    assert (forged.direction, forged.aside_because) == (Direction.IN, "sender_not_proved")
    assert sent.direction is Direction.OUT
    assert sent.party_id is not None


def test_a_sender_whom_our_server_disproves_is_set_aside_with_its_bytes(kept: Session) -> None:
    raw = mail(Authentication_Results="mx.testwerk.example; dkim=fail; spf=pass")
    own = communications.read_mail(raw, trusted_server="mx.testwerk.example")
    other = communications.read_mail(raw, trusted_server="other.example")
    message = communications.receive(kept, own, medium=Medium.MAIL, raw=raw).message

    assert message.aside_because == "sender_not_proved"
    assert message.party_id is None
    assert message.raw_hash is not None
    assert other.aside is None


def test_who_may_not_see_the_party_does_not_see_its_mails(house: Engine) -> None:
    with unit_of_work(house) as session:
        number = take(session, mail("Prices", sender="sales@brightway.example")).message.number

    def numbers(who: str) -> set[str]:
        found = ask(house, who, "communications.list")
        assert isinstance(found, MessageList)
        return {each.number for each in found.messages}

    assert number in numbers("buyer")
    assert number not in numbers("warehouse")
    with pytest.raises(UnknownMessage):
        propose(house, "marketing", "communications.link", message=number, party="Acme Bikes")
    for who in ("portal", "employee", "nobody"):
        with pytest.raises(DomainError):
            ask(house, who, "communications.list")


def test_a_mail_goes_out_because_somebody_approved_it_and_says_what_it_says(house: Engine) -> None:
    with unit_of_work(house) as session:
        thread = take(session, mail("Delivery of order 7", identity="o7")).message
    proposal = propose(
        house, "sales", "communications.reply", party="Acme Bikes", text="it ships on Friday"
    )
    shown = "\n".join(proposal.effect.lines())
    assert "message that goes out: Acme Bikes <anna@acme.example>" in shown
    assert "It ships on Friday." in shown
    assert "Dear Acme Bikes," in shown
    assert "called back" in proposal.undo_text()
    with reading(house) as session:
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0

    approve(house, proposal, "sales")

    with unit_of_work(house) as session:
        claimed = outbox.claim_next(session, sender=US)
        assert claimed is not None
        assert claimed.to == "anna@acme.example"
        assert claimed.references == ("o7@acme.example",)
        assert claimed.subject == "Re: Delivery of order 7"
        assert claimed.message_id.endswith("@testwerk.example")
    with unit_of_work(house) as session:
        outbox.was_sent(session, claimed.id)
        assert outbox.claim_next(session, sender=US) is None
        sent = session.scalars(select(Communication).where(Communication.id == thread.id)).one()
        assert sent.thread_id == thread.thread_id


def test_mail_goes_to_addresses_on_record_only(kept: Session) -> None:
    acme, nordwind = (parties.find_party(kept, name) for name in ("Acme Bikes", "Nordwind GmbH"))
    with pytest.raises(AddressNotOnRecord):
        outbox.queue_mail(kept, party=acme, to="eve@evil.example", subject="x", text="y")
    with pytest.raises(AddressNotOnRecord):
        outbox.queue_mail(kept, party=nordwind, to="anna@acme.example", subject="x", text="y")
    with pytest.raises(NoAddress):
        outbox.address_for(kept, parties.add_customer(kept, name="Nowhere").party)
    with pytest.raises(NothingWritten):
        outbox.queue_mail(kept, party=acme, to="anna@acme.example", subject="x", text="\u200b ")


def queued(session: Session, subject: str = "Hello") -> Communication:
    acme = parties.find_party(session, "Acme Bikes")
    return outbox.queue_mail(
        session, party=acme, to="anna@acme.example", subject=subject, text="Good day."
    )


def test_what_was_begun_when_the_worker_died_is_uncertain_and_never_sent_again(
    kept: Session,
) -> None:
    message = queued(kept)
    claimed = outbox.claim_next(kept, sender=US)
    assert claimed is not None

    assert outbox.doubt_what_was_begun(kept) == 1

    assert outbox.claim_next(kept, sender=US) is None
    assert outbox.in_doubt(kept) == [(claimed.id, claimed.message_id)]
    answer = take(kept, mail("Re: Hello", answers=claimed.message_id)).message
    assert answer.thread_id == message.thread_id
    row = kept.get_one(OutgoingMail, claimed.id)
    assert row.state is OutgoingState.SENT


def test_a_person_decides_what_nobody_knows(kept: Session) -> None:
    message = queued(kept)
    outbox.claim_next(kept, sender=US)
    outbox.doubt_what_was_begun(kept)

    after = communications.settle(kept, message.number, was_it_sent=False, again=True)

    assert after is OutgoingState.QUEUED
    assert outbox.claim_next(kept, sender=US) is not None
    with pytest.raises(DomainError):
        communications.settle(kept, message.number, was_it_sent=True)


def test_a_server_that_says_no_is_asked_later_and_then_never(kept: Session) -> None:
    queued(kept)
    claimed = outbox.claim_next(kept, sender=US)
    assert claimed is not None
    outbox.was_refused(kept, claimed.id, "busy", for_good=False)
    assert outbox.claim_next(kept, sender=US) is None
    kept.get_one(OutgoingMail, claimed.id).not_before = clock.now() - timedelta(1)
    kept.flush()
    again = outbox.claim_next(kept, sender=US)
    assert again is not None
    assert again.message_id == claimed.message_id
    outbox.was_refused(kept, claimed.id, "no such box", for_good=True)
    assert kept.get_one(OutgoingMail, claimed.id).state is OutgoingState.FAILED


def test_messages_are_found_by_words_of_both_languages(kept: Session) -> None:
    english = take(kept, mail("Delivery", "The shipped lamps were broken.")).message
    chinese = take(kept, mail("交货", "台灯的发货时间是下周五，请确认订单。")).message

    def found(said: str) -> list[str]:
        return [each.number for each in communications.list_messages(kept, containing=said)]

    assert found("lamp ship") == [english.number]
    assert found("发货时间") == [chinese.number]
    assert found("货") == [chinese.number]
    assert found("订单 发货") == [chinese.number]
    assert found("时发") == []
    assert found("' OR 1=1 --") == []
    assert found("!!!") == []


def test_the_database_refuses_what_no_service_would_write(kept: Session) -> None:
    message = queued(kept)
    for statement in (
        "UPDATE communication SET party_id = NULL WHERE id = :id",
        "UPDATE communication SET standing = 'quarantined' WHERE id = :id",
        "UPDATE outgoing_mail SET state = 'sent' WHERE communication_id = :id",
        "UPDATE outgoing_mail SET state = 'sending' WHERE communication_id = :id",
    ):
        with pytest.raises(IntegrityError), kept.begin_nested():
            kept.execute(text(statement), {"id": message.id})


def test_a_message_is_set_aside_and_taken_back(house: Engine) -> None:
    with unit_of_work(house) as session:
        number = take(session, mail("Win a prize", sender="spam@spam.example")).message.number
    proposal = propose(house, "sales", "communications.set_aside", message=number, because="junk")
    approve(house, proposal, "sales")
    listed = ask(house, "sales", "communications.list", box="aside")
    assert isinstance(listed, MessageList)
    assert number in {each.number for each in listed.messages}

    back = TOOLBOX.undo(house, as_person(house, "sales"), proposal.id)
    approve(house, back, "sales")

    listed = ask(house, "sales", "communications.list", box="aside")
    assert isinstance(listed, MessageList)
    assert number not in {each.number for each in listed.messages}


def test_messages_are_searched_and_read_and_a_doubt_is_settled_by_tools(house: Engine) -> None:
    with unit_of_work(house) as session:
        taken = take(session, mail("Zebra stripes", "Where is the zebra?")).message.number
        doubted = queued(session, "In doubt").number
        outbox.claim_next(session, sender=US)
        outbox.doubt_what_was_begun(session)
    found = ask(house, "sales", "communications.search", containing="zebra")
    shown = ask(house, "sales", "communications.show_thread", thread=taken)
    assert isinstance(found, MessageList)
    assert [each.number for each in found.messages] == [taken]
    assert "Zebra stripes" in shown.sentence()
    assert "Zebra" in found.sentence("zh")
    listed = ask(house, "sales", "communications.list", box="outbox")
    assert isinstance(listed, MessageList)
    assert doubted in {each.number for each in listed.messages}

    proposal = propose(
        house, "sales", "communications.settle_mail", message=doubted, outcome="dropped"
    )
    assert "uncertain whether sent → dropped" in "\n".join(proposal.effect.lines())
    approve(house, proposal, "sales")

    with pytest.raises(DomainError):
        propose(house, "sales", "communications.settle_mail", message=doubted, outcome="sent")
    sent = propose(
        house, "sales", "communications.send_mail", party="Acme Bikes", text="Good day.\nAnna"
    )
    assert "Good day." in "\n".join(sent.effect.lines())
    approve(house, sent, "sales")
    with unit_of_work(house) as session:
        assert verify(session) == []
        session.execute(
            text("UPDATE communication SET body = 'x' WHERE number = :n"), {"n": doubted}
        )
        session.execute(text("UPDATE message_thread SET last_at = now() + interval '1 day'"))
        broken = {finding.invariant for finding in verify(session)}
        assert {"conversations", "I10"} <= broken
        session.rollback()


def test_what_goes_out_and_what_comes_in_meanwhile_are_both_in_the_conversation(
    house: Engine,
) -> None:
    with unit_of_work(house) as session:
        first = take(session, mail("Spare parts", identity="sp")).message
    with unit_of_work(house) as session:
        thread = communications.find_thread(session, first.number)
        with unit_of_work(house) as meanwhile:
            take(meanwhile, mail("Spare parts", sender="bob@acme.example", to="anna@acme.example"))
        acme = parties.find_party(session, "Acme Bikes")
        communications.queue_mail(
            session, party=acme, to="anna@acme.example", subject="Spare parts", text="Yes.",
            thread=thread,
        )  # fmt: skip
    with unit_of_work(house) as session:
        claimed = outbox.claim_next(session, sender=US)
        assert claimed is not None
        outbox.was_sent(session, claimed.id)

    with reading(house) as session:
        thread = communications.find_thread(session, first.number)
        assert thread.participants == ["anna@acme.example", "bob@acme.example"]
        assert len(communications.view_thread(session, thread).messages) == 3
