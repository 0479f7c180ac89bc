"""Suggest who takes a ticket that nobody has, and to bring one up whose time is nearly over."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, once_a_round, was_refused
from core import support
from core.kernel.errors import Language
from core.kernel.events import Fact
from core.kernel.words import capital, word
from core.support import Target, Ticket
from core.support.events import (
    MessageAdded,
    PolicySet,
    SlaAtRisk,
    SlaBroken,
    TicketChanged,
    TicketEscalated,
    TicketOpened,
    TicketTurned,
)
from tools import Call
from tools.support import AssignTicket, EscalateTicket

UNASSIGNED, AT_RISK = "unassigned_ticket", "sla_at_risk"
_OF_TICKETS = (TicketOpened, TicketTurned, TicketChanged, TicketEscalated, MessageAdded, SlaBroken,
               SlaAtRisk)  # fmt: skip


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the ticket that a fact concerns, and all that nobody has or whose time runs out.

    Promises and people change without a fact of each ticket; so any of them is an occasion to
    look, once a round.
    """
    waiting = once_a_round(session, UNASSIGNED, support.tickets_to_look_at)
    return (fact.number, *waiting) if isinstance(fact, _OF_TICKETS) else waiting


def who_takes_it(session: Session, number: str) -> Suggestion | None:
    """Give a ticket that nobody has to whoever of its team has the least to do."""
    ticket = support.find_ticket(session, number, lock=False)
    if ticket.assignee_id is not None or ticket.state not in support.WORKED_ON:
        return None
    team = None if ticket.team is None else support.find_team(session, ticket.team.code)
    person = support.least_busy(session, team)
    if person is None:
        return None
    facts = _facts(session, ticket) | {
        "team": team.name if team else "–",
        "suggested": person.name,
    }
    rule = "ticket that nobody has"
    if was_refused(session, NOBODY_HAS.topic(number), rule, facts, apart_from=frozenset()):
        return None
    return Suggestion(
        plan=(Call("support.assign", AssignTicket(ticket=number, person=person.login)),),
        rule=rule,
        facts=facts,
        explained=(
            f"{number} “{ticket.subject}” has nobody yet; {person.name} has the least to do.",
            f"{number}“{ticket.subject}”尚无负责人；{person.name}手头的工单最少。",
        ),
        still_serves=lambda still_open: (
            still_open.plan[0]["arguments"].get("person") == person.login
        ),
    )


def bring_it_up(session: Session, number: str) -> Suggestion | None:
    """Bring a ticket before its team's lead when most of its time is used, before it is too late.

    Where nobody leads, there is nobody to bring it before: it stands in the list of what is due.
    """
    ticket = support.find_ticket(session, number, lock=False)
    risk = support.at_risk(session, ticket)
    if risk is None or ticket.team is None or ticket.team.lead_id in {None, ticket.assignee_id}:
        return None
    target, stands = risk
    due = support.local_said(session, stands.due_at)
    facts = _facts(session, ticket) | {"target": word(target), "due": due}
    rule = "service level at risk"
    if was_refused(session, TIME_RUNS_OUT.topic(number), rule, facts, apart_from=frozenset()):
        return None
    en, zh = (_why(ticket, target, due, language) for language in ("en", "zh"))
    return Suggestion(
        plan=(Call("support.escalate", EscalateTicket(ticket=number, because=en)),),
        rule=rule,
        facts=facts,
        explained=(en, zh),
    )


def _why(ticket: Ticket, target: Target, due: str, language: Language) -> str:
    what = word(target, language)
    if language == "zh":
        return f"{ticket.number}“{ticket.subject}”的{what}应于 {due} 前完成，时间已所剩无几。"
    said = f"{capital(what)} of {ticket.number} is due at {due}"
    return f"{said}, and most of the time is used up."


def _facts(session: Session, ticket: Ticket) -> dict[str, str]:
    return {
        "ticket": ticket.number,
        "customer": ticket.customer.name if ticket.customer else "–",
        "priority": word(ticket.priority),
        "opened": support.local_said(session, ticket.opened_at),
    }


_LISTENS = (*_OF_TICKETS, PolicySet)
NOBODY_HAS = Watcher(UNASSIGNED, _LISTENS, cases, who_takes_it)
TIME_RUNS_OUT = Watcher(AT_RISK, _LISTENS, cases, bring_it_up)
