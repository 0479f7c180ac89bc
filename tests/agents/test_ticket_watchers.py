"""Watchers of service: nobody has it, time runs out; each suggests once and withdraws."""

from datetime import UTC, datetime, time

from sqlalchemy import Engine, select

from agents.watchers import run_once
from agents.watchers.tickets import NOBODY_HAS, TIME_RUNS_OUT
from core import notifications, parties, support
from core.approvals import Proposal, ProposalState
from core.kernel import calendars, clock
from core.kernel.calendars import Hours
from core.kernel.database import reading, unit_of_work
from core.kernel.identity import service as identity
from core.processes.upkeep import mind_clocks
from core.support import TicketType
from tests.shop import as_person
from tools import TOOLBOX


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 15, hour, minute, tzinfo=UTC)


def open_proposals(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        found = session.scalars(select(Proposal).where(Proposal.state == ProposalState.OPEN))
        return [(each.plan[0]["tool"], str(each.plan[0]["arguments"])) for each in found]


def test_a_ticket_finds_somebody_and_is_brought_up_before_it_is_too_late(shop: Engine) -> None:
    with clock.frozen_at(at(9)), unit_of_work(shop) as session:
        week = dict.fromkeys(range(1, 6), (Hours(time(9), time(17)),))
        calendars.open_calendar(
            session, code="X", name="X", name_zh="X", week=week, time_zone="UTC"
        )
        support.set_policy(session, code="STD", response_minutes=60, resolution_minutes=240)
        support.set_team(
            session,
            code="REPAIR",
            members=[identity.find_person(session, "service")],
            lead=identity.find_person(session, "manager"),
            takes=[TicketType.INCIDENT],
        )
        acme = parties.find_customer(session, "Acme")
        number = support.open_ticket(
            session, customer=acme, subject="Down", ticket_type=TicketType.INCIDENT
        ).number
        assert not support.is_to_warn(session)
    watchers = (NOBODY_HAS, TIME_RUNS_OUT)

    with clock.frozen_at(at(9, 10)):
        run_once(shop, TOOLBOX, watchers)
        [(tool, arguments)] = open_proposals(shop)
        assert tool == "support.assign"
        # Both have nothing to do: the first login.
        assert "manager" in arguments
        with unit_of_work(shop) as session:
            service = identity.find_person(session, "service")
            support.assign(session, number, person=service)
        run_once(shop, TOOLBOX, watchers)
        assert open_proposals(shop) == []
    with clock.frozen_at(at(9, 44)):
        assert not mind_clocks(shop)
    with clock.frozen_at(at(9, 46)):
        assert mind_clocks(shop)
        assert not mind_clocks(shop)
        run_once(shop, TOOLBOX, watchers)
        [(tool, arguments)] = open_proposals(shop)
        assert tool == "support.escalate"
        with reading(shop) as session:
            person = identity.find_person(session, "service")
            told = notifications.list_notifications(session, person.id)
        assert [each.title.en for each in told] == [
            f"{number}: first response due 2026-06-15 10:00"
        ]
        with unit_of_work(shop, as_person(shop, "service")) as session:
            support.reply(session, number, "We are on it.", wait=False)
        run_once(shop, TOOLBOX, watchers)
        assert open_proposals(shop) == []
    with clock.frozen_at(at(14)):
        # What nobody solved in time is on record, without anybody looking.
        assert mind_clocks(shop)
        with reading(shop) as session:
            assert support.view_ticket(session, number).breached == (support.Target.RESOLUTION,)
