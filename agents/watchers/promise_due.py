"""Suggest to look after what was promised in writing and has come due, by them or by us."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, once_a_round, was_refused
from agents.watchers.promised import PROMISED
from agents.watchers.telling import who_looks_after
from agents.writers import quoted
from core import communications
from core.approvals import Proposal, ProposalState
from core.communications import Direction, ThreadView
from core.communications.events import MailQueued, MessageReceived
from core.communications.summaries import Act, Line, summary_of
from core.crm.tasks.tables import Task
from core.kernel.company import company
from core.kernel.events import Fact
from core.processes import relationship
from core.support.events import MessageAdded, TicketTurned
from tools import Call
from tools.tasks import PLAN, PlanTask

NAME = "promise_due"
# For so long somebody may still be asked about it.
DAYS = timedelta(days=relationship.PROMISES_DAYS)
SUBJECT_MAX = 180


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the conversations in which something has come due."""
    due = once_a_round(session, NAME, _promising)
    if isinstance(fact, MessageReceived | MailQueued):
        return (fact.thread, *due)
    return due


def _promising(session: Session) -> list[str]:
    return relationship.threads_promising(session, since=company(session).today - DAYS)


def consider(session: Session, number: str) -> Suggestion | None:
    """Plan a task for today about what is due and of which nothing was heard since."""
    thread = communications.find_thread(session, number)
    party, today = relationship.party_of(session, thread), company(session).today
    if party is None:
        return None
    view = communications.view_thread(session, thread)
    due = [
        line
        for line in summary_of(session, thread, view=view).of(Act.PROMISE)
        if line.due is not None
        and today - DAYS <= line.due <= today
        and not _is_settled(session, line, view)
    ]
    people = who_looks_after(session, party.id)
    if not due or not people:
        return None
    line = due[0]
    facts = {
        "party": f"{party.number} {party.name}",
        "message": line.message,
        "promised by": "us" if line.side == "us" else "them",
        "due": str(line.due),
    }
    rule = "promise that is due"
    if was_refused(session, PROMISE_DUE.topic(number), rule, facts, apart_from=frozenset()):
        return None
    who = "We promised" if line.side == "us" else f"{party.name} promised"
    who_zh = "我方承诺" if line.side == "us" else f"{party.name}承诺"
    task = PlanTask(
        due_on=today,
        party=party.number,
        subject=f"{who} by {line.due}: {line.text}"[:SUBJECT_MAX],
        owner=people[0].login,
        document=line.message,
    )
    sender = next((m.view.sender for m in view.messages if m.view.number == line.message), "")
    return Suggestion(
        plan=(Call(PLAN, task),),
        rule=rule,
        facts=facts,
        explained=(
            f"{who} this by {line.due}, and nothing was heard since.",
            f"{who_zh}在 {line.due} 前办理，此后没有消息。",
        ),
        source=quoted(line, sender) if line.side == "them" else "",
    )


def _is_settled(session: Session, line: Line, view: ThreadView) -> bool:
    """Tell whether somebody has written after it, or minds it already."""
    assert line.due is not None, "it is due"
    way = Direction.OUT if line.side == "us" else Direction.IN
    places = [one.view.number for one in view.messages]
    later = view.messages[places.index(line.message) + 1 :] if line.message in places else ()
    if any(one.view.direction is way and not one.view.automatic for one in later):
        return True
    if line.side == "them" and line.due >= company(session).today:
        # Until the day is over they may still keep it.
        return True
    minded = select(Task.id).where(Task.party_id == view.party_id, Task.document == line.message)
    if session.scalar(minded.limit(1)) is not None:
        return True
    asked = select(Proposal.id).where(
        Proposal.topic == PROMISED.topic(line.message),
        Proposal.state.in_([ProposalState.OPEN, ProposalState.REJECTED]),
    )
    return session.scalar(asked.limit(1)) is not None


PROMISE_DUE = Watcher(
    NAME, (MessageReceived, MailQueued, MessageAdded, TicketTurned), cases, consider
)
