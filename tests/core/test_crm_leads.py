"""Leads are scored by written rules, given to somebody, and keep what they became."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import crm, parties
from core.crm import ActivityKind, leads, opportunities
from core.crm.leads import LeadDraft, LeadState
from core.crm.leads.errors import (
    LeadAlreadyThere,
    LeadClosed,
    NobodyFits,
    NotAtWork,
    OwnerUnchanged,
    UnknownRule,
)
from core.crm.sources import LeadSource
from core.crm.tasks import About, plan_task, view_task
from core.kernel.identity import service as identity
from core.kernel.identity.tables import Person
from core.parties.contacts import list_contacts
from tests.conftest import TODAY
from tests.core.shop import eur

DRAFT = LeadDraft(
    name="Bergrad AG",
    source=LeadSource.TRADE_FAIR,
    contact_name="Jana Meier",
    job_title="Head of Purchasing",
    email="jana@bergrad.ch",
    phone="+41 44 123 45 67",
    country="CH",
    interest="200 lamps",
    budget=eur("4000.00"),
)


@pytest.fixture
def anna(session: Session) -> Person:
    return identity.add_person(session, login="anna", name="Anna", roles={"sales"})


def test_points_are_the_sum_of_what_they_are_for(session: Session) -> None:
    lead = leads.add_lead(session, DRAFT)

    view = leads.view_lead(session, lead.number)

    told = {each.because.en: each.points for each in view.points}
    assert told == {
        "source trade_fair": 12, "mail address of a company": 20, "phone number": 10,
        "contact by name": 5, "decides": 15, "says what it wants": 10, "has a budget": 15,
        "country known": 3,
    }  # fmt: skip
    assert view.score == sum(told.values()) == 90
    assert all(each.because.zh for each in view.points)
    bare = leads.add_lead(session, LeadDraft(name="Somebody", email="x@gmail.com"))
    assert bare.score == 5
    changed = leads.change_lead(session, bare.number, phone="030 123456")
    assert (changed.score, changed.state) == (15, LeadState.WORKING)


def test_the_same_company_as_a_customer_counts_for_more(session: Session) -> None:
    parties.add_customer(session, name="Bergrad Holding", email="info@bergrad.ch")

    lead = leads.add_lead(session, replace(DRAFT, job_title=None))

    assert lead.score == 95


def test_the_first_rule_that_fits_says_whose_a_lead_is(session: Session, anna: Person) -> None:
    ben = identity.add_person(session, login="ben", name="Ben", roles={"sales"})
    leads.set_lead_rule(session, owner=ben, source=LeadSource.TRADE_FAIR, score_min=95)
    leads.set_lead_rule(session, owner=anna, country="ch")
    leads.set_lead_rule(session, owner=ben)

    mine = leads.add_lead(session, DRAFT)
    other = leads.add_lead(session, LeadDraft(name="Seerad"))

    assert [leads.view_lead(session, each.number).owner for each in (mine, other)] == [
        "anna", "ben"
    ]  # fmt: skip
    leads.remove_lead_rule(session, 3)
    with pytest.raises(UnknownRule, match="no rule at place 3"):
        leads.remove_lead_rule(session, 3)
    third = leads.add_lead(session, LeadDraft(name="Talrad"))
    with pytest.raises(NobodyFits, match="No rule says who gets LD-00003"):
        leads.assign_lead(session, third.number)
    turn = leads.whose_turn(session, third.number)
    assert turn is not None
    assert (turn.login, turn.open_leads, turn.place) == ("anna", 1, None)
    leads.assign_lead(session, third.number, anna)
    with pytest.raises(OwnerUnchanged, match="LD-00003 is with anna already"):
        leads.assign_lead(session, third.number, anna)
    clerk = identity.add_person(session, login="kim", name="Kim", roles={"warehouse"})
    with pytest.raises(NotAtWork, match="kim does not sell"):
        leads.assign_lead(session, third.number, clerk)


def test_a_rule_for_who_does_not_sell_any_more_gives_nobody_a_lead(
    session: Session, anna: Person
) -> None:
    ben = identity.add_person(session, login="ben", name="Ben", roles={"sales"})
    leads.set_lead_rule(session, owner=ben)
    leads.set_lead_rule(session, owner=anna)
    identity.set_roles(session, "ben", {"warehouse"})

    lead = leads.add_lead(session, DRAFT)

    assert leads.view_lead(session, lead.number).owner == "anna"


def test_who_is_there_already_is_not_taken_in_twice(session: Session) -> None:
    leads.add_lead(session, DRAFT)
    customer = parties.add_customer(session, name="Talrad", phone="030 / 99 88 77")

    with pytest.raises(LeadAlreadyThere, match="LD-00001 Bergrad AG"):
        leads.add_lead(session, LeadDraft(name="bergrad ag"))
    with pytest.raises(LeadAlreadyThere, match=customer.party.number):
        leads.add_lead(session, LeadDraft(name="Tal-Rad", phone="030998877"))
    assert leads.add_lead(session, LeadDraft(name="bergrad ag"), is_another=True).number


def test_a_lead_becomes_a_customer_a_contact_and_an_opportunity(
    session: Session, anna: Person
) -> None:
    lead = leads.add_lead(session, DRAFT, owner=anna)
    crm.log_activity(
        session, party=None, kind=ActivityKind.CALL, subject="First talk", lead_id=lead.id
    )
    task = plan_task(
        session, owner=anna, subject="Send samples", due_on=TODAY + timedelta(days=3),
        about=About(lead=lead),
    )  # fmt: skip

    done = leads.convert_lead(session, "Bergrad", opportunity="Winter order")

    assert done.opportunity is not None
    view = opportunities.view_opportunity(session, done.opportunity.number)
    assert (view.title, view.amount, view.owner, view.source, view.contact) == (
        "Winter order", eur("4000.00"), "anna", "trade_fair", "Jana Meier"
    )  # fmt: skip
    [contact] = list_contacts(session, done.customer.party_id)
    assert (contact.name, contact.email, contact.is_main) == (
        "Jana Meier", "jana@bergrad.ch", True
    )  # fmt: skip
    said = crm.list_activities(session, done.customer.party_id)
    assert [each.subject for each in said] == ["First talk"]
    assert view_task(session, task.number).opportunity == view.number
    assert leads.view_lead(session, lead.number).became == (
        done.customer.party.number, contact.number, view.number
    )  # fmt: skip
    with pytest.raises(LeadClosed, match="LD-00001 is converted already"):
        leads.disqualify_lead(session, lead.number, because="x")
    with pytest.raises(IntegrityError, match="ck_lead_converted"), session.begin_nested():
        session.execute(text("UPDATE lead SET state = 'new'"))


def test_a_lead_of_a_customer_we_know_makes_no_second_one(session: Session) -> None:
    known = parties.add_customer(session, name="Bergrad")
    lead = leads.add_lead(session, DRAFT)

    done = leads.convert_lead(session, lead.number, customer=known.party, with_opportunity=False)

    assert (done.customer.party_id, done.opportunity) == (known.party_id, None)
    assert len(parties.list_customers(session)) == 1
