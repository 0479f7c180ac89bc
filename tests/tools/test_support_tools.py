"""The tools of service: tickets, levels, knowledge, calendars; and what a customer may see."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from core import support
from core.approvals.errors import UnknownProposal
from core.kernel import clock
from core.kernel.company import company
from core.kernel.database import reading
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.kernel.naming import AmbiguousName
from core.reporting.catalogue import CATALOGUE
from core.support.errors import NotTheirDocument, UnknownArticle, UnknownTicket
from tests.shop import as_person
from tests.tools.steps import ask, books_are_right, do, listed, propose, sold, step, undo
from tools import TOOLBOX


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon on the business date of the shop: tickets go by the clock."""
    with clock.frozen_at(datetime(2026, 6, 15, 12, tzinfo=UTC)):
        yield


def opened(engine: Engine, who: str = "service", **arguments: object) -> str:
    """Open a ticket and return its number."""
    done = do(engine, who, step("support.open_ticket", **({"customer": "Acme"} | arguments)))
    assert done.answers is not None
    number: str = done.answers[0]["ticket"]["number"]
    return number


def test_a_ticket_is_opened_worked_on_and_solved_by_approved_calls(shop: Engine) -> None:
    do(shop, "manager", step("calendars.set_hours", time_zone="Europe/Berlin", region="DE"))
    do(
        shop, "manager",
        step("support.set_team", name="repair", members=["service"], lead="manager2",
             takes=["incident"]),
        step("support.set_service_level", name="std", response_hours="4", resolution_hours="8"),
        step("support.save_reply", name="sorry", body="We are sorry, {customer} ({ticket})."),
    )  # fmt: skip
    shown = propose(
        shop, "service",
        step("support.open_ticket", customer="acme", subject="Lamp broken", priority="high",
             ticket_type="incident", about=["desk lamp"], said="It flickers.", tags=["Lamp"]),
    )  # fmt: skip
    lines = shown.effect.lines("en")

    number = opened(
        shop, subject="Lamp broken", priority="high", ticket_type="incident",
        about=["desk lamp"], said="It flickers.",
    )  # fmt: skip
    assert any("Lamp broken" in line and "LAMP-01" in line for line in lines)
    assigned = do(shop, "service", step("support.assign", ticket=number))
    do(shop, "service", step("support.assign", ticket=number, person="manager"))
    again = do(shop, "service", step("support.assign", ticket=number, person="service"))
    undo(shop, "service", again)
    reply = propose(shop, "service", step("support.reply", ticket=number, saved="sorry"))
    assert f"We are sorry, Acme Bikes ({number})." in "\n".join(reply.effect.lines("en"))
    do(
        shop,
        "service",
        step("support.note", ticket=number, said="Batch fault."),
        step("support.set_priority", ticket=number, priority="urgent"),
        step("support.tag", ticket=number, name="batch"),
        step("support.link", ticket=number, about="SHADE-02"),
        step("support.reply", ticket=number, saved="sorry"),
        step("support.hold", ticket=number, go_on=True),
        step("support.escalate", ticket=number, because="second time"),
        step("support.resolve", ticket=number, resolution="Bulb replaced."),
        step("support.rate", ticket=number, score=4),
        step("support.reopen", ticket=number),
        step("support.hold", ticket=number),
        step("support.close", ticket=number),
    )
    twin = opened(shop, subject="Lamp broken again")
    do(shop, "service", step("support.merge", ticket=twin, into=number))

    assert assigned.answers is not None
    assert assigned.answers[0]["ticket"]["assignee"] == "Manager2"
    view = ask(shop, "service", "support.show_ticket", ticket=number)
    assert view.ticket.merged == (twin,)
    assert (view.ticket.state, view.ticket.priority, view.ticket.satisfaction) == (
        "closed", "urgent", 4,
    )  # fmt: skip
    assert view.ticket.policy == "STD"
    ask(shop, "service", "support.due_tickets")
    assert len(ask(shop, "service", "support.list_service_levels").rows) == 1
    assert len(ask(shop, "service", "support.list_teams").rows) == 1
    assert len(ask(shop, "service", "support.list_replies").rows) == 1
    books_are_right(shop)


def test_a_ticket_starts_a_return_of_the_goods_under_warranty(shop: Engine) -> None:
    do(
        shop, "manager",
        step("sales.sell_item", customer="Acme", lines=[sold("LAMP-01", 2)]),
        step("sales.deliver_order", order="$1.number"),
        step("sales.sell_item", customer="Nordwind", lines=[sold("LAMP-01", 1)]),
    )  # fmt: skip
    done = do(shop, "manager", step("support.set_warranty", item="desk lamp", months=24))
    number = opened(shop, subject="Lamp broken", about=["LAMP-01", "SO-00001"])
    told = ask(shop, "service", "support.check_warranty", ticket=number)

    returned = do(
        shop, "service",
        step("support.start_return", ticket=number, because="it flickers", quantity="1"),
    )  # fmt: skip

    assert told.warranty.covered is True
    assert told.warranty.delivery == "DN-00001"
    links = ask(shop, "service", "support.show_ticket", ticket=number).ticket.links
    assert ("sales_return", "RT-00001") in links
    undo(shop, "service", returned)
    undo(shop, "manager", done)
    with pytest.raises(NotTheirDocument, match="SO-00002"):
        propose(
            shop, "service",
            step("support.open_ticket", customer="Acme", subject="x", about=["SO-00002"]),
        )  # fmt: skip
    books_are_right(shop)


def test_knowledge_is_written_published_found_and_rated(shop: Engine) -> None:
    for title, internal in (("Flickering lamp", False), ("Batch of March", True)):
        done = do(
            shop, "service",
            step("knowledge.write", title=title, body="Check the lamp.", internal=internal),
        )  # fmt: skip
        assert done.answers is not None
        number = done.answers[0]["article"]["number"]
        do(shop, "service", step("knowledge.publish", article=number))
    do(
        shop, "service",
        step("knowledge.revise", article="kb 1", body="请先检查灯泡", title="台灯闪烁",
             language="zh"),
    )  # fmt: skip
    do(shop, "service", step("knowledge.rate", article="KB-00001"))

    found = ask(shop, "customer", "knowledge.find", words="lamp")

    assert [each.number for each in found.articles] == ["KB-00001"]
    assert len(ask(shop, "service", "knowledge.find", words="lamp").articles) == 2
    assert ask(shop, "customer", "knowledge.show", article="KB-00001").article.helped == 1
    with pytest.raises(UnknownArticle):
        ask(shop, "customer", "knowledge.show", article="KB-00002")


def test_a_holiday_moves_what_is_due(shop: Engine) -> None:
    do(shop, "manager", step("calendars.set_hours", time_zone="Asia/Shanghai", region="CN"))
    do(
        shop, "manager",
        step("calendars.add_holiday", day="2026-12-24", name="Eve", open_until="12:00"),
        step("calendars.add_holiday", day="2026-12-26", name="Make-up day", works_as=5),
    )  # fmt: skip
    do(shop, "manager", step("calendars.call_off_holiday", day="2026-12-26"))

    told = ask(shop, "sales", "calendars.show_hours")

    assert told.hours == "Mon-Fri 09:00-17:00"
    assert told.zone == "Asia/Shanghai"
    assert told.holidays == [("2026-12-24", "Eve", "0.5")]
    # Undone, a day is what had been said of it before, not like any other.
    over = do(shop, "manager", step("calendars.add_holiday", day="2026-12-24", name="Closed"))
    undo(shop, "manager", over)
    off = do(shop, "manager", step("calendars.call_off_holiday", day="2026-12-24"))
    assert ask(shop, "sales", "calendars.show_hours").holidays == []
    undo(shop, "manager", off)
    told = ask(shop, "sales", "calendars.show_hours")
    assert told.holidays == [("2026-12-24", "Eve", "0.5")]


def test_a_customer_of_the_portal_sees_their_own_and_nothing_of_anybody_else(
    shop: Engine,
) -> None:
    theirs = opened(shop, customer="Nordwind", subject="Secret of Nordwind")
    mine = opened(shop, subject="Ours", said="Help!")
    do(shop, "service", step("support.note", ticket=mine, said="Customer is difficult."))
    do(shop, "service", step("support.assign", ticket=mine, person="service"))

    # Whomever they name, it is their own; nobody of the house can be named.
    by_portal = opened(
        shop, "customer", customer="Nordwind", subject="By portal", assignee="service"
    )
    do(shop, "customer", step("support.add_message", ticket=mine, said="Any news?"))

    view = ask(shop, "customer", "support.show_ticket", ticket=by_portal).ticket
    assert (view.customer, view.source, view.assignee) == ("Acme Bikes", "portal", "")
    own = ask(shop, "customer", "support.show_ticket", ticket=mine)
    assert "difficult" not in str(own)
    assert [m.body for m in own.ticket.messages] == ["Help!", "Any news?"]
    assert own.ticket.assignee == ""
    assert {each.author for each in own.ticket.messages} == {""}
    for tool, more in (
        ("support.show_ticket", {}),
        ("support.add_message", {"said": "x"}),
        ("support.rate", {"score": 1}),
        ("support.reopen", {}),
    ):
        with pytest.raises(UnknownTicket):
            if tool == "support.show_ticket":
                ask(shop, "customer", tool, ticket=theirs)
            else:
                propose(shop, "customer", step(tool, ticket=theirs, **more))
    rows = listed(shop, "customer", "tickets").grid().rows
    assert {row[0] for row in rows} == {mine, by_portal}
    assert len(listed(shop, "service", "tickets").grid().rows) == 3
    figures = ask(
        shop, "customer", "reporting.answer", query={"metrics": ["tickets"], "dimensions": []}
    )
    assert "2" in figures.sentence("en")
    for name in ("sla_attainment", "sla_breaches"):
        assert Role.CUSTOMER not in CATALOGUE.metrics[name].roles
    for tool in ("support.assign", "support.note", "support.reply", "support.due_tickets"):
        assert Role.CUSTOMER not in TOOLBOX.tools[tool].roles
    with pytest.raises((NotPermitted, DomainError)):
        listed(shop, "customer", "tickets", unassigned="yes")


def test_what_is_set_counts_where_it_is_said_to(shop: Engine) -> None:
    do(shop, "manager", step("calendars.set_hours", calendar="HQ", time_zone="Europe/Berlin"))
    do(shop, "manager", step("calendars.set_hours", opens="10:00"))
    hours = ask(shop, "service", "calendars.show_hours")
    level = propose(
        shop, "manager",
        step("support.set_service_level", name="gold", response_hours="1", customer="Acme",
             priority="urgent"),
    )  # fmt: skip
    do(shop, "manager", step("support.set_warranty", months=24))
    shorter = do(shop, "manager", step("support.set_warranty", months=6))
    undo(shop, "manager", shorter)
    with reading(shop) as session:
        months = support.months_of(session, None)
    number = opened(shop, said="It is noon here.")
    grid = ask(shop, "service", "support.show_ticket", ticket=number).grid()
    with pytest.raises(AmbiguousName):
        propose(shop, "service", step("support.link", ticket=number, about="lamp"))

    assert (hours.code, hours.hours) == ("HQ", "Mon-Fri 10:00-17:00")
    assert "Acme Bikes · urgent" in "\n".join(level.effect.lines("en"))
    assert months == 24
    with reading(shop) as session:
        local = clock.now().astimezone(company(session).zone)
    assert grid is not None
    assert grid.rows[0][0] == f"{local:%Y-%m-%d %H:%M}"


def test_a_customer_decides_on_their_own_requests_and_on_nobody_elses(shop: Engine) -> None:
    theirs = propose(
        shop, "service", step("support.open_ticket", customer="Nordwind", subject="Secret")
    )
    other = opened(shop, customer="Nordwind", subject="Solved")
    do(shop, "service", step("support.resolve", ticket=other))
    rated = propose(shop, "service", step("support.rate", ticket=other, score=1))
    customer = as_person(shop, "customer")

    # What is worth no money is within the limits of whoever has none.
    mine = do(shop, "customer", step("support.open_ticket", subject="Ours"), by="customer")
    assert mine.answers is not None
    number = mine.answers[0]["ticket"]["number"]
    for again in (
        step("support.add_message", ticket=number, said="Any news?"),
        step("support.rate", ticket=number, score=5),
        step("support.reopen", ticket=number),
    ):
        if again["tool"] == "support.rate":
            do(shop, "service", step("support.resolve", ticket=number))
        do(shop, "customer", again, by="customer")

    assert TOOLBOX.inbox(shop, customer) == []
    assert TOOLBOX.count_open(shop, customer) == 0
    for proposal in (theirs, rated):
        with pytest.raises(UnknownProposal):
            TOOLBOX.look(shop, customer, proposal.id)
        with pytest.raises(UnknownProposal):
            TOOLBOX.find_by_number(shop, customer, proposal.number)
        with pytest.raises(UnknownProposal):
            TOOLBOX.edit(shop, customer, proposal.id, [step("support.reopen", ticket=number)])
        for verdict in ("approve", "reject"):
            with pytest.raises(UnknownProposal):
                TOOLBOX.decide(shop, customer, proposal.id, verdict, seen=proposal.digest)
        assert TOOLBOX.look(shop, as_person(shop, "service"), proposal.id).state == "open"


def test_somebody_who_left_gets_no_ticket(shop: Engine) -> None:
    with reading(shop) as session:
        people = session.scalars(select(Person).where(Person.active)).all()
        able = {each.login for each in people if not _refused(each)}

    assert "warehouse" not in able
    assert "service" in able
    assert as_person(shop, "service").actor.is_person


def _refused(person: Person) -> bool:
    try:
        support.require_hands(person)
    except DomainError:
        return True
    return False
