"""Suggest to talk to a customer who may leave: at least two signals, each with its reason."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, was_refused
from agents.watchers.telling import who_looks_after
from core import parties
from core.kernel import calendars
from core.kernel.company import company
from core.kernel.events import Fact
from core.parties import Party
from core.processes import relationship
from core.support import Ticket
from core.support.events import SlaBroken, TicketOpened, TicketRated, TicketTurned
from tools import Call
from tools.tasks import PLAN, PlanTask

NAME = "at_risk"
SIGNALS_MIN = 2
_HEARS = (TicketOpened, TicketTurned, TicketRated, SlaBroken)


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the customer of the ticket that a fact is of."""
    assert isinstance(fact, _HEARS)
    wanted = (
        select(Party.number)
        .join(Ticket, Ticket.customer_id == Party.id)
        .where(Ticket.number == fact.number)
    )
    return session.scalars(wanted).all()


def consider(session: Session, number: str) -> Suggestion | None:
    """Plan a call by whoever looks after the customer, on the next working day."""
    party = parties.find_party(session, number)
    signals = relationship.signals_of(session, party)
    people = who_looks_after(session, party.id)
    if len(signals) < SIGNALS_MIN or not people:
        return None
    facts = {"customer": f"{party.number} {party.name}"}
    facts |= {signal.name: signal.said.en for signal in signals}
    facts |= {"invoiced in 12 months": str(relationship.invoiced_in_a_year(session, party))}
    rule = "customer at risk"
    apart = frozenset({"invoiced in 12 months", "silent"})
    if was_refused(session, AT_RISK.topic(number), rule, facts, apart_from=apart):
        return None
    en = "; ".join(signal.said.en for signal in signals)
    zh = "；".join(signal.said.zh for signal in signals)
    tomorrow = company(session).today + timedelta(days=1)
    call = PlanTask(
        due_on=calendars.find_calendar(session).business_day_from(tomorrow),
        party=party.number,
        subject=f"Talk to {party.name}: {en}"[:180],
        owner=people[0].login,
    )
    return Suggestion(
        plan=(Call(PLAN, call),),
        rule=rule,
        facts=facts,
        explained=(f"{party.name} may leave us: {en}.", f"{party.name}有流失风险：{zh}。"),
    )


AT_RISK = Watcher(NAME, _HEARS, cases, consider)
