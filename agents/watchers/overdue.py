"""Suggest to remind a customer whose invoices have reached their next dunning level."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, once_a_round
from core import parties
from core.approvals import Proposal, ProposalState
from core.invoicing import dunning
from core.invoicing.dunning.events import LetterDrawn, LetterSent, LetterTakenBack
from core.invoicing.events import CreditApplied, InvoicePosted, PaymentPosted, PaymentUndone
from core.invoicing.holds.events import HoldLifted, HoldPut
from core.kernel import clock
from core.kernel.company import company
from core.kernel.events import Fact
from core.kernel.money import Money
from core.kernel.words import word
from core.parties import Party
from core.processes import relationship
from core.support import TicketType
from tools import Call
from tools.dunning import RunDunning

NAME = "overdue"
SHOWN_MAX, SAID_MAX = 10, 120
# After a person said no, the same customer is not suggested again for so long.
SILENT_AFTER_NO = timedelta(days=7)

_OF_A_PARTY = (
    InvoicePosted,
    PaymentPosted,
    PaymentUndone,
    CreditApplied,
    LetterDrawn,
    LetterSent,
    LetterTakenBack,
)


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return whom a fact concerns, and everybody who is to be reminded by now."""
    due = once_a_round(session, NAME, _to_remind)
    if isinstance(fact, _OF_A_PARTY):
        return (fact.party_number, *due)
    return due


def _to_remind(session: Session) -> list[str]:
    return sorted({each.party_number for each in dunning.list_overdue(session) if each.is_next})


def consider(session: Session, number: str) -> Suggestion | None:
    """Draw a letter to a customer for whom a next level is reached."""
    party = parties.find_party(session, number)
    overdue = dunning.list_overdue(session, party_id=party.id)
    due = [each for each in overdue if each.is_next]
    if not due or _was_refused_lately(session, number):
        return None
    sums: dict[str, Money] = {}
    for each in due:
        currency = each.open.currency
        sums[currency] = sums.get(currency, Money(0, currency)) + each.open
    return Suggestion(
        plan=(Call("collections.run_dunning", RunDunning(customer=number)),),
        rule="overdue invoices",
        facts={
            "customer": f"{number} {party.name}",
            "documents": ", ".join(dict.fromkeys(each.number for each in due[:SHOWN_MAX])),
            "overdue": " + ".join(str(amount) for amount in sums.values()),
            "days": str(max(each.days_overdue for each in due)),
            "level": str(max(each.following.level for each in due if each.following)),
        }
        | in_view(session, party),
        explained=_explained(session, party),
    )


def in_view(session: Session, party: Party) -> dict[str, str]:
    """Return what else is between us and a customer whom we are about to remind."""
    tickets = relationship.open_tickets(session, party)
    today = company(session).today
    promised = relationship.promises_of(session, party, since=today)
    known = {
        "open tickets": ", ".join(f"{each.number} ({word(each.ticket_type)})" for each in tickets),
        "they promised": "; ".join(f"{each.due}: {each.text[:SAID_MAX]}" for each in promised[:3]),
        "invoiced in 12 months": str(relationship.invoiced_in_a_year(session, party)),
    }
    return {name: said for name, said in known.items() if said}


def _explained(session: Session, party: Party) -> tuple[str, str] | None:
    """Say what speaks for talking first: a complaint that is open, or a day that they named."""
    complaints = [
        each.number
        for each in relationship.open_tickets(session, party)
        if each.ticket_type is TicketType.COMPLAINT
    ]
    promised = relationship.promises_of(session, party, since=company(session).today)
    en, zh = [], []
    if complaints:
        listed = ", ".join(complaints)
        en.append(f"{party.name} has complained ({listed}): settle that before you remind them.")
        zh.append(f"{party.name}有未结投诉（{listed}）：催款前请先处理。")
    if promised:
        due = promised[0].due
        en.append(f"They have promised something by {due}.")
        zh.append(f"对方已承诺在 {due} 前办理。")
    return (" ".join(en), "".join(zh)) if en else None


def _was_refused_lately(session: Session, number: str) -> bool:
    refused = select(Proposal.id).where(
        Proposal.topic == OVERDUE.topic(number),
        Proposal.state == ProposalState.REJECTED,
        Proposal.closed_at > clock.now() - SILENT_AFTER_NO,
    )
    return session.scalar(refused.limit(1)) is not None


OVERDUE = Watcher(NAME, (*_OF_A_PARTY, HoldPut, HoldLifted), cases, consider)
