"""Customer relations through the tools: proposed, approved, undone; watched; told in a timeline."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from agents.watchers import run_once
from agents.watchers.stalled import STALLED
from agents.watchers.unassigned import UNASSIGNED
from core import parties
from core.crm import opportunities
from core.kernel import clock
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.identity.tables import Person
from core.reporting.timeline import BadCursor, UnknownStrand, timeline
from tests.conftest import TODAY
from tests.shop import as_person
from tests.tools.steps import approve, ask, books_are_right, do, propose, sold, step, undo
from tools import TOOLBOX, ProposalView

CLOSE = TODAY + timedelta(days=30)


@pytest.fixture(scope="module")
def shop(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """One shop for all of it; each test works on what it makes."""
    engine = databases("shop")
    yield engine
    engine.dispose()


def last(done: ProposalView) -> dict[str, Any]:
    return done.answers[-1]  # type: ignore[no-any-return]


def opened(shop: Engine, title: str, **more: Any) -> str:
    given = {"party": "Acme Bikes", "title": title, "amount": "500", "close_on": str(CLOSE), **more}
    done = do(shop, "sales", step("crm.open_opportunity", **given))
    return (
        str(ask(shop, "sales", "crm.show_opportunity", opportunity=title).opportunity.number)
        if done
        else ""
    )  # type: ignore[attr-defined]


def test_a_deal_moves_and_is_moved_back(shop: Engine) -> None:
    number = opened(shop, "Shelf lights")

    done = do(
        shop, "sales",
        step("crm.move_stage", opportunity="shelf lights", stage="谈判"),
    )  # fmt: skip

    assert "Qualification → Negotiation" in " ".join(done.effect.lines("en"))
    shown = ask(shop, "sales", "crm.show_opportunity", opportunity=number)
    assert "Negotiation, 500.00 EUR at 75 %" in shown.sentence()
    undo(shop, "sales", done)
    assert (
        "Qualification" in ask(shop, "sales", "crm.show_opportunity", opportunity=number).sentence()
    )
    with pytest.raises(DomainError, match="Its stages are Qualification, Needs analysis"):
        propose(shop, "sales", step("crm.move_stage", opportunity=number, stage="limbo"))
    with pytest.raises(DomainError, match=f"Say why {number} was lost"):
        propose(shop, "sales", step("crm.move_stage", opportunity=number, stage="lost"))
    with pytest.raises(NotPermitted):
        propose(shop, "warehouse", step("crm.win_opportunity", opportunity=number))


def test_a_chance_of_nought_is_taken_back_and_who_owned_nothing_is_not_made_up(
    shop: Engine,
) -> None:
    number = opened(shop, "Porch lights")
    done = do(
        shop, "sales",
        step("crm.change_opportunity", opportunity=number, probability_percent="0"),
    )  # fmt: skip

    undo(shop, "sales", done)

    assert "at 10 %" in ask(shop, "sales", "crm.show_opportunity", opportunity=number).sentence()
    with unit_of_work(shop, as_person(shop, "sales")) as session:
        opportunities.find_opportunity(session, number).owner_id = None
    given = do(shop, "sales", step("crm.change_opportunity", opportunity=number, owner="sales"))
    with pytest.raises(DomainError, match="change it again instead"):
        undo(shop, "sales", given)


def test_from_a_lead_to_an_order_and_to_the_timeline(shop: Engine) -> None:
    do(shop, "sales", step("crm.add_lead", name="Seerad", contact_name="Mia Lang",
                           email="mia@seerad.example", budget="90", source="web"))  # fmt: skip
    lead = ask(shop, "sales", "crm.show_lead", lead="Seerad")
    assert "20 mail address of a company" in lead.sentence()
    do(shop, "sales", step("crm.convert_lead", lead="Seerad", title="First lamps"))
    do(shop, "sales", step("crm.quote_opportunity", opportunity="First lamps",
                           lines=[sold("LAMP-01", 4)]))  # fmt: skip
    [quotation] = ask(
        shop, "sales", "crm.show_opportunity", opportunity="First lamps"
    ).opportunity.documents  # type: ignore[attr-defined]
    do(shop, "sales", step("sales.change_quotation", quotation=quotation,
                           lines=[sold("LAMP-01", 5)]))  # fmt: skip
    shown = ask(shop, "sales", "crm.show_opportunity", opportunity="First lamps")
    assert "Proposal, 75.00 EUR" in shown.sentence()
    do(shop, "sales", step("sales.send_quotation", quotation=quotation))
    ordered = do(shop, "sales", step("crm.order_opportunity", opportunity="First lamps",
                                     wins=True))  # fmt: skip
    assert "Won" in " ".join(ordered.effect.lines("en"))
    do(shop, "sales", step("parties.note_consent", party="Mia Lang", purpose="offers",
                           how="on the phone"))  # fmt: skip

    shown = ask(shop, "sales", "parties.show_timeline", party="Seerad")

    strands = [moment.strand for moment in shown.moments]  # type: ignore[attr-defined]
    assert strands.count("opportunities") == 3
    assert {"orders", "quotations", "leads"} <= set(strands)
    assert (
        "agreed to: offers"
        in ask(shop, "sales", "parties.show_consent", party="Mia Lang").sentence()
    )
    assert (
        "the main one is Mia Lang"
        in ask(shop, "sales", "parties.list_contacts", party="Seerad").sentence()
    )
    books_are_right(shop)


def test_a_timeline_is_read_page_by_page_and_tells_nothing_twice(shop: Engine) -> None:
    for place in range(5):
        do(shop, "sales", step("crm.log_activity", party="Nordwind GmbH", kind="call",
                               subject=f"Talk {place}"))  # fmt: skip
    with reading(shop, as_person(shop, "sales")) as session:
        party = parties.find_party(session, "Nordwind GmbH")
        told, before = [], None
        while True:
            page = timeline(session, party.id, before=before, limit=2)
            told += [moment.title for moment in page.moments]
            before = page.next
            if before is None:
                break

        assert told == [f"Talk {place}" for place in (4, 3, 2, 1, 0)]
        with pytest.raises(UnknownStrand, match='there is no "gossip"'):
            timeline(session, party.id, strands=["gossip"])
        for bad in ("x", "bm9uZQ==", "W10="):
            with pytest.raises(BadCursor):
                timeline(session, party.id, before=bad)
    with reading(shop, as_person(shop, "warehouse")) as session:
        hidden = timeline(session, party.id).hidden
    assert [said.en for said in hidden] == ["purchase orders", "goods receipts"]


def test_two_records_are_merged_and_parted_by_approval(shop: Engine) -> None:
    do(shop, "sales", step("parties.add_customer", name="Talrad", email="info@talrad.example"))
    do(shop, "sales", step("parties.add_customer", name="Talrad KG", email="hi@talrad.example"))
    found = ask(shop, "sales", "parties.find_duplicates", party="Talrad KG")
    assert "the same mail domain talrad.example" in found.sentence()
    merge = step("parties.merge", party="Talrad KG", into="Talrad", because="moved")
    with pytest.raises(NotPermitted):
        propose(shop, "sales", merge)

    done = do(shop, "manager", merge, by="manager2")

    assert "merged" in " ".join(done.effect.lines("en"))
    assert "Talrad" in ask(shop, "sales", "parties.show_customer", customer="Talrad KG").sentence()
    with pytest.raises(DomainError, match="cannot be merged with itself"):
        propose(shop, "manager", merge)
    undo(shop, "manager", done)
    assert (
        "Talrad KG" in ask(shop, "sales", "parties.show_customer", customer="Talrad KG").sentence()
    )
    books_are_right(shop)


def test_accounts_teams_quotas_rules_and_tasks_through_the_tools(shop: Engine) -> None:
    number = opened(shop, "Window lights")
    task = {"due_on": str(CLOSE), "kind": "call", "opportunity": number, "owner": "sales",
            "at": "14:30", "subject": "Ask again"}  # fmt: skip
    first = do(
        shop, "manager",
        step("crm.add_team", code="WEST", name="West"),
        step("crm.join_team", person="sales", team="WEST"),
        step("crm.set_quota", team="WEST", amount="1000", starts_on="2026-04-01",
             ends_on="2026-06-30"),
        step("crm.set_lead_rule", owner="sales", source="partner"),
        step("crm.plan_task", **task),
    )  # fmt: skip
    assert first.state == "executed"
    changed = do(shop, "sales", step("crm.change_opportunity", opportunity=number, amount="700",
                                     category="commit"))  # fmt: skip
    assert "500.00 EUR → 700.00 EUR" in " ".join(changed.effect.lines("en"))
    undo(shop, "sales", changed)
    do(shop, "sales", step("crm.win_opportunity", opportunity=number))
    forecast = ask(shop, "sales", "crm.forecast", since="2026-04-01", until="2026-06-30",
                   team="WEST")  # fmt: skip
    assert "quota 1,000.00 EUR" in forecast.sentence()
    assert "West" in ask(shop, "sales", "crm.list_quotas").grid().rows[0][0].title()  # type: ignore[union-attr]
    for tool in ("crm.list_opportunities", "crm.report_pipeline", "crm.list_stalled",
                 "crm.list_leads", "crm.list_lead_rules", "crm.list_pipelines"):  # fmt: skip
        assert ask(shop, "sales", tool).sentence()
    assert "1 open task" in ask(shop, "sales", "crm.list_tasks").sentence()
    put_off = do(shop, "sales", step("crm.change_task", task="Ask again",
                                     due_on=str(CLOSE + timedelta(days=3))))  # fmt: skip
    undo(shop, "sales", put_off)
    do(shop, "sales", step("crm.finish_task", task="Ask again", outcome="yes"))
    do(
        shop, "sales",
        step("parties.add_contact", party="Acme Bikes", name="Ann Roe", email="ann@acme.example"),
        step("parties.add_address", party="Nordwind GmbH", value="030 555 66 77"),
        step("parties.set_parent", party="Nordwind GmbH", parent="Acme Bikes"),
    )  # fmt: skip
    with pytest.raises(DomainError, match="cannot belong to"):
        propose(shop, "sales", step("parties.set_parent", party="Acme Bikes",
                                    parent="Nordwind GmbH"))  # fmt: skip
    do(shop, "sales", step("parties.end_contact", party="Acme Bikes", contact="Ann Roe"))
    do(shop, "manager", step("crm.remove_lead_rule", place=1), by="manager2")
    do(shop, "manager", step("crm.set_stage", stage="needs", probability_percent="30"),
       step("crm.add_pipeline", code="P9", name="Projects"), by="manager2")  # fmt: skip


def test_the_watchers_propose_a_call_and_an_owner(shop: Engine) -> None:
    number = opened(shop, "Quiet deal", owner="sales")
    with unit_of_work(shop) as session:
        session.query(Person).filter(Person.login == "sales").one()
    do(shop, "manager", step("crm.add_lead", name="Waldrad", source="referral"), by="manager2")

    with clock.on_business_date(TODAY + timedelta(days=20)):
        proposals = [
            TOOLBOX.look(shop, as_person(shop, "admin"), key)
            for key in run_once(shop, TOOLBOX, (STALLED, UNASSIGNED))
        ]

        about = {call["tool"]: call["arguments"] for shown in proposals for call in shown.calls}
        calls = [c["arguments"] for shown in proposals for c in shown.calls
                 if c["tool"] == "crm.plan_task"]  # fmt: skip
        assert number in {call["opportunity"] for call in calls}
        assert about["crm.assign_lead"]["owner"] == "allrounder"
        mine = next(s for s in proposals if s.calls[0]["arguments"].get("opportunity") == number)
        assert "nothing happening for 20 days" in mine.reason["explained"][0]
        assert approve(shop, "manager", mine).state == "executed"
        again = run_once(shop, TOOLBOX, (STALLED,))
        assert mine.id not in again
