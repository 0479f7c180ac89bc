"""Marketing: who is in a segment and why, who is written to, once, and what comes back."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, communications, marketing, parties, sales
from core.communications import Medium, OutgoingMail, outbox
from core.kernel.identity import service as identity
from core.kernel.money import Money
from core.marketing import CampaignRecipient, Criteria, RfmClass, Terms, Touch, links, rules
from core.marketing.errors import (
    BadToken,
    MembersOrFilters,
    NobodyToWriteTo,
    NoOwnAddress,
    NotByName,
    NotSending,
    UnknownField,
)
from core.marketing.rules import Buying, Click, Facts, Gained, Touched
from core.parties import PartyKind
from core.parties.contacts import Purpose, add_contact, may_contact, note_consent
from core.processes import campaigning
from tests.conftest import TODAY

US = "office@testwerk.example"
NEWS = Terms(purpose=Purpose.NEWSLETTER, cost=Money(0, "EUR"))


def customer(
    session: Session,
    name: str,
    email: str | None = None,
    *,
    agrees: bool | None = True,
    **more: str,
) -> parties.Customer:
    made = parties.add_customer(session, name=name, email=email, **more)  # type: ignore[arg-type]
    if agrees is not None:
        note_consent(session, made.party, Purpose.NEWSLETTER, given=True, how="form")
        if not agrees:
            note_consent(session, made.party, Purpose.NEWSLETTER, given=False, how="call")
    return made


def sent_mails(session: Session) -> list[outbox.Outgoing]:
    found = []
    while (mail := outbox.claim_next(session, sender=US)) is not None:
        outbox.was_sent(session, mail.id)
        found.append(mail)
    return sorted(found, key=lambda mail: mail.to)


def recipients(session: Session) -> dict[str, str]:
    rows = session.execute(
        select(
            parties.Party.name, CampaignRecipient.state, CampaignRecipient.left_out_because
        ).join(CampaignRecipient, CampaignRecipient.party_id == parties.Party.id)
    ).all()
    return {name: because or state for name, state, because in rows}


def news(session: Session, body: str = "Dear {name}, see https://shop.example/new.") -> None:
    marketing.write_template(
        session, name="Spring", language="en", subject="News for {customer}", body=body
    )


def test_filters_find_customers_and_say_why(session: Session) -> None:
    catalog.open_standard_catalog(session)
    lamp = catalog.add_item(session, sku="L", name="Lamp", standard_cost=Decimal(1))
    berlin = customer(session, "Berlin", country="DE", group="dealer")
    paris = customer(session, "Paris", country="FR", agrees=False)
    customer(session, "Silent", country="DE", agrees=None)
    for buyer, days, count in ((berlin, 10, 40), (paris, 100, 5)):
        order = sales.confirm_order(
            session, customer=buyer,
            lines=[sales.OrderLineDraft(lamp, Decimal(count), unit_price=Decimal(10))],
        )  # fmt: skip
        order.ordered_on = TODAY - timedelta(days=days)
        session.flush()

    def names(**asked: object) -> list[str]:
        return [m.party.name for m in campaigning.found_by(session, Criteria(**asked))]  # type: ignore[arg-type]

    assert names() == ["Berlin", "Paris", "Silent"]
    assert names(country="de") == ["Berlin", "Silent"]
    assert names(ordered_days=10) == ["Berlin"]
    assert names(quiet_days=90) == ["Paris"]
    assert names(quiet_days=100) == []
    assert names(revenue_over_minor=39_999) == ["Berlin"]
    assert names(revenue_over_minor=40_000) == []
    assert names(consent=Purpose.NEWSLETTER, group="Dealer") == ["Berlin"]
    assert names(open_ticket=True) == names(open_opportunity=True) == []
    [one] = campaigning.found_by(session, Criteria(country="FR", quiet_days=90))
    assert one.because == (
        ("country FR", "国家为FR"), ("last ordered on 2026-03-07", "最近下单于 2026-03-07")
    )  # fmt: skip
    segment = marketing.make_segment(session, name="Asleep", criteria=Criteria(quiet_days=90))
    assert [m.party.name for m in campaigning.members_of(session, segment)] == ["Paris"]
    with pytest.raises(NotByName):
        marketing.add_member(session, segment, berlin)
    with pytest.raises(MembersOrFilters):
        marketing.make_segment(
            session, name="Both", criteria=Criteria(country="DE"), members=[berlin]
        )


def test_classes_are_fifths_of_all_who_ordered() -> None:
    def bought(day: int, orders: int, minor: int) -> Buying:
        return Buying(date(2026, 1, day), orders, minor)

    keys = [uuid.UUID(int=n) for n in range(5)]
    best, often, new, old, gone = keys
    classes = rules.rfm_classes(
        {
            best: bought(30, 9, 900), often: bought(20, 8, 800), new: bought(28, 1, 100),
            old: bought(2, 7, 700), gone: bought(1, 1, 50),
        }
    )  # fmt: skip
    assert classes == {
        best: RfmClass.CHAMPION, often: RfmClass.LOYAL, new: RfmClass.RECENT,
        old: RfmClass.AT_RISK, gone: RfmClass.LOST,
    }  # fmt: skip
    assert rules.fifths([7, 7, 7]) == [1, 1, 1]
    assert rules.rfm_classes({}) == {}
    assert rules.reasons(Criteria(rfm=RfmClass.LOST), Facts(), TODAY) is None


def test_a_campaign_writes_once_to_those_who_agreed_and_says_who_is_left_out(
    session: Session,
) -> None:
    customer(session, "Alpha", "info@alpha.example")
    customer(session, "Beta", "info@beta.example", agrees=False)
    customer(session, "Gamma", "info@gamma.example", agrees=None)
    customer(session, "Delta")
    customer(session, "Epsilon", "both@shared.example")
    customer(session, "Zeta", "both@shared.example", agrees=None)
    late = customer(session, "Eta", "info@eta.example")
    dead = customer(session, "Theta", "info@theta.example")
    session.execute(
        text(
            "INSERT INTO bounced_address VALUES"
            " ('info@theta.example', true, 1, now(), '5.1.1', 'x')"
        )
    )
    assert dead.party.email
    news(session)
    segment = marketing.make_segment(session, name="All", criteria=Criteria())

    campaign = campaigning.start(session, template="Spring", segment="All", terms=NEWS)

    assert recipients(session) == {
        "Alpha": "waiting", "Beta": "opted_out", "Gamma": "no_consent", "Delta": "no_address",
        "Epsilon": "shared_address", "Zeta": "no_consent", "Eta": "waiting", "Theta": "bounced",
    }  # fmt: skip
    assert sent_mails(session) == []
    note_consent(session, late.party, Purpose.NEWSLETTER, given=False, how="call")
    assert marketing.is_to_send(session)
    assert (marketing.send_batches(session), marketing.send_batches(session)) == (1, 0)
    [mail] = sent_mails(session)
    assert (mail.to, mail.subject) == ("info@alpha.example", "News for Alpha")
    assert mail.text == (
        "Dear Alpha, see https://shop.example/new.\n\n--\n"
        "To unsubscribe, answer this mail with the word unsubscribe."
    )
    view = marketing.view_campaign(session, campaign)
    assert (view.meant, view.left_out, view.sent, view.delivered) == (8, 7, 1, 1)
    assert (view.state, view.segment) == ("sent", segment.name)
    with pytest.raises(NobodyToWriteTo, match="written to lately 1"):
        campaigning.start(session, template="Spring", segment="All", terms=NEWS)
    with pytest.raises(NotSending, match="CMP-00001 is sent"):
        marketing.stop_campaign(session, campaign)


def test_the_database_takes_no_mail_to_somebody_who_did_not_agree(session: Session) -> None:
    customer(session, "Alpha", "info@alpha.example")
    shy = customer(session, "Beta", "info@beta.example", agrees=False)
    news(session)
    marketing.make_segment(session, name="All", criteria=Criteria())
    campaign = campaigning.start(session, template="Spring", segment="All", terms=NEWS)
    message = communications.queue_mail(
        session, party=shy.party, to="info@beta.example", subject="x", text="y"
    )
    copied = (
        "INSERT INTO campaign_recipient SELECT campaign_id, party_id, account_id, address,"
        " language, because, 'queued', NULL, :m, now(), NULL, NULL, NULL, NULL,"
        " gen_random_uuid(), now() FROM campaign_recipient WHERE party_id = :p"
    )
    said = "UPDATE campaign_recipient SET state = 'queued', left_out_because = NULL,"
    for statement, refused in (
        (f"{said} communication_id = :m WHERE party_id = :p", "stays so"),
        (copied, "has not agreed"),
    ):
        with pytest.raises(IntegrityError, match=refused), session.begin_nested():
            session.execute(text(statement), {"m": message.id, "p": shy.party_id})

    marketing.stop_campaign(session, campaign)
    assert marketing.send_batches(session) == 0
    assert recipients(session) == {"Alpha": "stopped", "Beta": "opted_out"}


def answer(to: outbox.Outgoing, body: str, *, sender: str | None = None, kind: str = "") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender or to.to, US, "Re: News"
    made["Message-ID"] = f"<{uuid.uuid4().hex}@x.example>"
    made["In-Reply-To"] = f"<{to.message_id}>"
    if kind:
        made["Auto-Submitted"] = kind
    made.set_content(body)
    return made.as_bytes()


def report(of: str, address: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: office@testwerk.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: <{uuid.uuid4().hex}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Subject: News\r\nMessage-ID: <{of}>\r\n\r\n"
        "--b--\r\n"
    ).encode()


def arrives(session: Session, raw: bytes) -> None:
    parsed = communications.read_mail(raw)
    got = communications.receive(session, parsed, medium=Medium.MAIL, own=frozenset({US}))
    marketing.take_note(session, got.message, parsed)


def test_bounces_answers_and_opt_outs_are_believed_of_our_own_mails_only(
    session: Session,
) -> None:
    whom = {
        name: customer(session, name, f"info@{name}.example") for name in ("alpha", "beta", "gamma")
    }
    news(session)
    marketing.make_segment(session, name="All", criteria=Criteria())
    campaign = campaigning.start(session, template="Spring", segment="All", terms=NEWS)
    marketing.send_batches(session)
    alpha, beta, gamma = sent_mails(session)

    arrives(session, report("made-up@testwerk.example", beta.to))
    arrives(session, report(alpha.message_id, beta.to))
    arrives(session, report(beta.message_id, beta.to, "4.2.2", "delayed"))
    assert communications.list_bounced(session) == []
    arrives(session, report(beta.message_id, beta.to))
    arrives(session, answer(gamma, "Please do not stop these mails.\nRegards"))
    arrives(session, answer(alpha, "unsubscribe", sender="evil@else.example"))
    arrives(session, answer(alpha, "Unsubscribe.", kind="auto-replied"))

    view = marketing.view_campaign(session, campaign)
    assert (view.sent, view.bounced, view.delivered) == (3, 1, 2)
    assert (view.responded, view.opted_out) == (1, 0)
    [dead] = communications.list_bounced(session)
    assert (dead.address, dead.for_good, dead.why) == (
        "info@beta.example", True, "5.1.1 smtp; 550 no such user"
    )  # fmt: skip
    arrives(session, answer(alpha, "Unsubscribe.\n\n> Dear alpha"))
    assert not may_contact(session, whom["alpha"].party_id, Purpose.NEWSLETTER)
    assert may_contact(session, whom["gamma"].party_id, Purpose.NEWSLETTER)
    assert marketing.view_campaign(session, campaign).opted_out == 1
    communications.trust_again(session, "Info@beta.example")
    assert communications.list_bounced(session) == []


def test_links_are_signed_and_only_a_persons_clicks_count(session: Session) -> None:
    customer(session, "Alpha", "info@alpha.example")
    news(session, "See https://shop.example/a, or https://shop.example/b.")
    marketing.make_segment(session, name="All", criteria=Criteria())
    campaign = campaigning.start(session, template="Spring", segment="All", terms=NEWS)
    marketing.send_batches(session)
    sent_mails(session)
    one = session.scalars(select(CampaignRecipient)).one()
    session.execute(text("UPDATE outgoing_mail SET sent_at = now() - interval '1 hour'"))
    first, second = (links.token_of(session, one.id, f"to{n}") for n in (0, 1))

    assert marketing.follow(session, first, is_head=True) == "https://shop.example/a"
    assert marketing.view_campaign(session, campaign).clicked == 0
    assert marketing.follow(session, second) == "https://shop.example/b"
    session.expire_all()
    # The HEAD a moment before was of another link: a program that tries them all.
    assert marketing.view_campaign(session, campaign).clicked == 0
    session.execute(text("UPDATE campaign_click SET happened_at = now() - interval '9 minutes'"))
    session.expire_all()
    marketing.follow(session, first)
    assert marketing.view_campaign(session, campaign).clicked == 1

    third = links.token_of(session, one.id, "to2")
    out = links.token_of(session, one.id, "out")
    for wrong in (third, out, first[:-1], f"{first[:-1]}x", "", "-", "é" * 40, "a" * 500):
        with pytest.raises(BadToken):
            marketing.follow(session, wrong)
    with pytest.raises(BadToken):
        marketing.opt_out(session, first)
    assert marketing.whose_opt_out(session, out).address == "info@alpha.example"
    assert marketing.opt_out(session, out) is marketing.opt_out(session, out)
    assert not may_contact(session, one.party_id, Purpose.NEWSLETTER)


def test_clicks_right_after_the_mail_and_in_bursts_are_those_of_programs() -> None:
    at = datetime(2026, 6, 15, 12, tzinfo=UTC)

    def clicks(*those: tuple[int, int]) -> list[bool]:
        made = [Click(link, at + timedelta(seconds=after), is_head=False) for link, after in those]
        return rules.counted(made, at)

    assert clicks((0, 9)) == [False]
    assert clicks((0, 10)) == [True]
    assert clicks((0, 60), (1, 65), (0, 71)) == [False, False, True]
    assert clicks((0, 60), (0, 61)) == [True, True]
    assert rules.counted([Click(0, at + timedelta(hours=1), is_head=True)], at) == [False]


def test_an_order_counts_for_one_campaign_within_its_window() -> None:
    a, b, shop, other = (uuid.UUID(int=n) for n in range(4))
    day = date(2026, 6, 1)
    touches = [Touched(b, shop, day + timedelta(days=5), 10), Touched(a, shop, day, 30)]

    def which(on: int, by: Touch, account: uuid.UUID = shop) -> list[uuid.UUID]:
        gained = [Gained(account, day + timedelta(days=on), 100)]
        return list(rules.attributed(gained, touches, by))

    assert which(4, Touch.LAST) == which(5, Touch.FIRST) == [a]
    assert which(5, Touch.LAST) == which(15, Touch.LAST) == [b]
    assert which(16, Touch.LAST) == which(30, Touch.LAST) == [a]
    assert which(-1, Touch.LAST) == which(31, Touch.FIRST) == which(3, Touch.LAST, other) == []


def test_what_a_campaign_brought_is_set_against_its_cost(session: Session) -> None:
    catalog.open_standard_catalog(session)
    lamp = catalog.add_item(session, sku="L", name="Lamp", standard_cost=Decimal(1))
    buyer = customer(session, "Alpha", "info@alpha.example")
    person = parties.add_party(
        session, name="Ann", kind=PartyKind.PERSON, email="ann@alpha.example", language="zh"
    )
    add_contact(session, buyer.party, person)
    note_consent(session, person, Purpose.NEWSLETTER, given=True, how="form")
    news(session)
    marketing.write_template(
        session, name="spring", language="zh", subject="{customer}您好", body="尊敬的{name}：新品。"
    )
    marketing.make_segment(session, name="People", criteria=Criteria(), contacts=True)
    terms = Terms(purpose=Purpose.NEWSLETTER, cost=Money.of(200, "EUR"))
    campaign = campaigning.start(session, template="Spring", segment="People", terms=terms)
    marketing.send_batches(session)
    [mail] = sent_mails(session)
    assert (mail.to, mail.subject) == ("ann@alpha.example", "Alpha您好")
    assert mail.text.startswith("尊敬的Ann：新品。\n\n--\n如需退订")
    session.execute(
        text("UPDATE campaign_recipient SET queued_at = :at"),
        {"at": datetime(2026, 6, 14, 12, tzinfo=UTC)},
    )
    sales.confirm_order(
        session, customer=buyer,
        lines=[sales.OrderLineDraft(lamp, Decimal(50), unit_price=Decimal(10))],
    )  # fmt: skip

    found = campaigning.results(session, campaign)

    assert (found.orders, str(found.revenue), str(found.gain)) == (1, "500.00 EUR", "300.00 EUR")
    assert (found.conversion, found.return_percent) == (Decimal("100.00"), Decimal("150.00"))
    with pytest.raises(UnknownField, match=r"no \{price\}"):
        news(session, "It costs {price}")
    anna = identity.add_person(session, login="anna", name="Anna", roles={"marketing"})
    with pytest.raises(NoOwnAddress):
        marketing.send_test(session, marketing.find_template(session, "spring"), anna)
    anna.email = "anna@testwerk.example"
    tests = marketing.send_test(session, marketing.find_template(session, "spring"), anna)
    assert [each.recipients for each in tests] == [["anna@testwerk.example"]] * 2
    assert session.scalars(select(OutgoingMail.state)).all().count("queued") == 2
