"""Marketing and the rest of customer relations through the tools: proposed, approved, undone."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select, text
from starlette.testclient import TestClient

from channels.mail.sending import as_bytes
from channels.web.guard import Guard
from channels.web.house import House
from channels.web.mail_links import add_mail_links
from core import communications, marketing, notifications, parties
from core.communications import outbox
from core.crm import tasks
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.identity import service as identity
from core.kernel.settings import Settings
from core.marketing import CampaignRecipient
from core.marketing.links import token_of
from core.parties.contacts import AddressKind, Purpose, add_address, addresses_of
from core.processes.upkeep import remind_of_tasks, send_campaigns
from tests.conftest import TODAY
from tests.tools.steps import approve, ask, books_are_right, do, propose, step, undo
from tools import TOOLBOX

PUBLIC = "https://erp.testwerk.example"


@pytest.fixture(scope="module")
def shop(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """One shop for all of it, that others reach by an address."""
    engine = databases("shop")
    known = engine.get_execution_options().get("public_url")
    engine.update_execution_options(public_url=f"{PUBLIC}/")
    with unit_of_work(engine) as session:
        identity.find_person(session, "marketing").email = "marketing@testwerk.example"
        for name in ("Acme Bikes", "Nordwind GmbH"):
            party = parties.find_party(session, name)
            party.email = f"info@{name.split()[0].lower()}.example"
    yield engine
    engine.update_execution_options(public_url=known)
    engine.dispose()


def taken(shop: Engine) -> list[outbox.Outgoing]:
    found = []
    with unit_of_work(shop) as session:
        while (mail := outbox.claim_next(session, sender="office@testwerk.example")) is not None:
            outbox.was_sent(session, mail.id)
            found.append(mail)
    return found


def test_a_campaign_goes_out_as_its_card_said(shop: Engine) -> None:
    do(
        shop, "marketing",
        step("marketing.write_template", name="Spring", subject="News", text="Hello {name}: "
             "https://shop.example/new"),
        step("marketing.make_segment", name="Everybody"),
        step("parties.note_consent", party="Acme Bikes", purpose="newsletter"),
    )  # fmt: skip
    do(shop, "marketing", step("marketing.test_template", template="spring"))
    [test] = taken(shop)
    assert (test.to, test.text.split("\n")[0]) == (
        "marketing@testwerk.example", "Hello Marketing: https://shop.example/new"
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        propose(shop, "sales", step("marketing.send_campaign", template="Spring", segment="Ever"))
    with pytest.raises(DomainError, match="knows no \\{price\\}"):
        propose(shop, "marketing", step("marketing.write_template", name="Spring", subject="N",
                                        text="{price}"))  # fmt: skip

    shown = propose(shop, "marketing", step("marketing.send_campaign", template="Spring",
                                            segment="Everybody", cost="50"))  # fmt: skip

    lines = "\n".join(shown.effect.lines())
    assert "campaign: Spring · Everybody · newsletter · ≤ 60/min · 50.00 EUR" in lines
    assert "recipients: 1 · Acme Bikes <info@acme.example>" in lines
    assert "(no consent): 1 · Nordwind GmbH" in lines
    assert "News · Hello {name}: https://shop.example/new" in lines
    assert taken(shop) == []
    assert approve(shop, "manager2", shown).state == "executed"
    assert (send_campaigns(shop), send_campaigns(shop)) == (True, False)
    [mail] = taken(shop)
    way, out = (f"{PUBLIC}{path}" for path in (marketing.CLICK_PATH, marketing.OPT_OUT_PATH))
    assert mail.text.startswith(f"Hello Acme Bikes: {way}")
    assert f"Unsubscribe: {out}" in mail.text
    raw = as_bytes(mail).decode()
    assert f"List-Unsubscribe: <{out}" in raw
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw


def test_who_wants_no_more_needs_a_button_and_no_login(
    shop: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    with unit_of_work(shop) as session:
        [recipient] = session.scalars(
            select(CampaignRecipient.id).where(CampaignRecipient.address == "info@acme.example")
        ).all()
        link = marketing.CLICK_PATH + token_of(session, recipient, "to0")
        where = marketing.OPT_OUT_PATH + token_of(session, recipient, "out")
        session.execute(text("UPDATE outgoing_mail SET sent_at = '2026-06-10 12:00+00'"))
    app = FastAPI()
    add_mail_links(app)
    app.add_middleware(Guard, house=House(shop, settings_of(shop), TOOLBOX))
    client = TestClient(app, follow_redirects=False)
    followed = client.get(link)
    assert (followed.status_code, followed.headers["location"]) == (302, "https://shop.example/new")
    assert client.get(f"{link}x").status_code == client.post(f"{where}x").status_code == 404
    page = client.get(where)
    assert "No more mails of this kind to info@acme.example: newsletter?" in page.text
    with reading(shop) as session:
        acme = parties.find_party(session, "Acme Bikes")
        assert marketing.answers.may_contact(session, acme.id, Purpose.NEWSLETTER)
    # What mail programs send by themselves: no page of ours, no origin, no login.
    assert "Unsubscribed" in client.post(where).text
    assert "Unsubscribed" in client.post(where).text
    with reading(shop) as session:
        assert not marketing.answers.may_contact(session, acme.id, Purpose.NEWSLETTER)

    result = ask(shop, "sales", "marketing.show_campaign", campaign="Spring")
    assert result.sentence() == (
        "CMP-00001 Spring: 1 delivered, 1 clicked, 0 answered, 1 opted out; 0 orders for 0.00 EUR"
        " at a cost of 50.00 EUR, a return of -100.00 %."
    )
    whom = ask(shop, "marketing", "marketing.list_recipients", campaign="CMP-00001")
    assert "2 meant, 1 of them left out" in whom.sentence()
    assert "1 campaigns" in ask(shop, "marketing", "marketing.list_campaigns").sentence()
    moments = ask(shop, "sales", "parties.show_timeline", party="Acme Bikes")
    assert "campaigns" in {one.strand for one in moments.moments}  # type: ignore[attr-defined]
    asked = {
        "metrics": ["campaign_mails_sent", "campaign_clicked_rate"],
        "dimensions": ["campaign"],
    }
    grid = ask(shop, "marketing", "reporting.answer", query=asked).grid()
    assert grid is not None
    assert [str(cell) for cell in grid.rows[0]][-2:] == ["1", "100"]
    books_are_right(shop)


def test_named_members_and_texts_are_changed_and_changed_back(shop: Engine) -> None:
    do(shop, "marketing", step("marketing.make_segment", name="Few", members=["Acme Bikes"]))
    added = do(
        shop, "marketing", step("marketing.add_to_segment", customer="Nordwind GmbH", segment="Few")
    )
    assert (
        "Few (static) has 2 customers"
        in ask(shop, "sales", "marketing.show_segment", segment="few").sentence()
    )
    undo(shop, "marketing", added)
    removed = do(
        shop,
        "marketing",
        step("marketing.remove_from_segment", customer="Acme Bikes", segment="Few"),
    )
    undo(shop, "marketing", removed)
    rows = ask(shop, "marketing", "marketing.list_segments").grid()
    assert rows is not None
    assert [row[-1] for row in rows.rows if row[1] == "Few"] == [1]
    first = do(shop, "marketing",
               step("marketing.write_template", name="Note", subject="A", text="甲"))  # fmt: skip
    again = do(shop, "marketing",
               step("marketing.write_template", name="note", subject="B", text="乙"))  # fmt: skip
    assert first.answers[-1]["language"] == "zh"  # type: ignore[index]
    undo(shop, "marketing", again)
    texts = ask(shop, "sales", "marketing.list_templates").grid()
    assert texts is not None
    assert ("Note", "zh", "A", "甲") in texts.rows

    do(shop, "marketing", step("parties.note_consent", party="Nordwind GmbH", purpose="surveys"))
    sent = do(shop, "marketing", step("marketing.send_campaign", template="Note", name="Survey",
                                      segment="Everybody", purpose="surveys"))  # fmt: skip
    stopping = undo(shop, "marketing", sent)
    assert "being sent → stopped · 0 + 2" in "\n".join(stopping.effect.lines())
    assert (send_campaigns(shop), taken(shop)) == (False, [])
    with pytest.raises(DomainError, match="is stopped"):
        propose(shop, "marketing", step("marketing.stop_campaign", campaign="Survey"))

    with unit_of_work(shop) as session:
        message = communications.queue_mail(
            session, party=parties.find_party(session, "Nordwind GmbH"),
            to="info@nordwind.example", subject="x", text="y",
        )  # fmt: skip
        gone = communications.Bounce(
            message.message_key, "info@nordwind.example", for_good=True, why="5.1.1"
        )
        assert communications.note_bounce(session, gone) is not None
    assert "1 addresses" in ask(shop, "marketing", "communications.list_bounced").sentence()
    do(shop, "marketing", step("communications.trust_address", email="info@nordwind.example"))
    with pytest.raises(DomainError, match="No mail came back"):
        propose(shop, "marketing",
                step("communications.trust_address", email="info@nordwind.example"))  # fmt: skip


def test_leads_addresses_calendars_and_reminders(shop: Engine) -> None:
    do(shop, "sales", step("crm.add_lead", name="Seerad", budget="90", phone="030 123456"))
    more = do(shop, "sales", step("crm.change_lead", lead="Seerad", budget="120"))
    assert "90.00 EUR → 120.00 EUR" in "\n".join(more.effect.lines())
    undo(shop, "sales", more)
    with pytest.raises(DomainError, match="Nothing of LD-00001 would change"):
        propose(shop, "sales", step("crm.change_lead", lead="Seerad", budget="90"))

    with unit_of_work(shop) as session:
        acme = parties.find_party(session, "Acme Bikes")
        add_address(session, acme, AddressKind.EMAIL, "bills@acme.example", label="invoices")
        person = identity.find_person(session, "sales")
        tasks.open_calendar(session, person)
        tasks.plan_task(session, owner=person, subject="Call", due_on=TODAY, remind_on=TODAY)
    gone = do(
        shop,
        "sales",
        step("parties.remove_address", party="Acme Bikes", value="bills@acme.example"),
    )
    undo(shop, "sales", gone)
    with reading(shop) as session:
        acme = parties.find_party(session, "Acme Bikes")
        assert ("bills@acme.example", "invoices") in {
            (one.value, one.label) for one in addresses_of(session, acme)
        }

    do(shop, "sales", step("crm.close_calendar"))
    with pytest.raises(DomainError):
        propose(shop, "sales", step("crm.close_calendar"))
    assert (remind_of_tasks(shop), remind_of_tasks(shop)) == (True, False)
    with reading(shop) as session:
        person = identity.find_person(session, "sales")
        [told] = notifications.list_notifications(session, person.id)
        assert told.title.en == f"Call: due {TODAY}"

    do(shop, "sales", step("parties.set_parent", party="Nordwind GmbH", parent="Acme Bikes"))
    below = ask(shop, "sales", "parties.show_group", party="Acme Bikes")
    assert below.sentence() == "1 company belong to Acme Bikes."
