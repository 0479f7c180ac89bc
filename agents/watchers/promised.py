"""Suggest a task for what we promised somebody in writing, so that it is not forgotten."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, was_refused
from agents.watchers.telling import who_looks_after
from core import communications
from core.communications.events import MailQueued
from core.communications.summaries import Act, summary_of
from core.kernel.company import company
from core.kernel.events import Fact
from core.parties import Party
from tools import Call
from tools.tasks import PLAN, PlanTask

NAME = "promised"
SUBJECT_MAX = 180


def cases(_session: Session, fact: Fact) -> Iterable[str]:
    """Return the message in which something may have been promised."""
    assert isinstance(fact, MailQueued)
    return (fact.number,)


def consider(session: Session, number: str) -> Suggestion | None:
    """Plan a task for each thing that a mail of ours promises for a day to come."""
    thread = communications.find_thread(session, number)
    today = company(session).today
    promised = [
        line
        for line in summary_of(session, thread).of(Act.PROMISE, side="us")
        if line.message == number and line.due is not None and line.due >= today
    ]
    people = who_looks_after(session, thread.party_id)
    if not promised or not people or thread.party_id is None:
        return None
    party = session.get_one(Party, thread.party_id)
    facts = {
        "party": f"{party.number} {party.name}",
        "message": number,
        "promised": ", ".join(dict.fromkeys(str(line.due) for line in promised)),
    }
    rule = "promise in a message"
    if was_refused(session, PROMISED.topic(number), rule, facts, apart_from=frozenset()):
        return None
    return Suggestion(
        plan=tuple(
            Call(
                PLAN,
                PlanTask(
                    due_on=line.due,
                    party=party.number,
                    subject=line.text[:SUBJECT_MAX],
                    owner=people[0].login,
                    document=number,
                ),
            )
            for line in promised
            if line.due is not None
        ),
        rule=rule,
        facts=facts,
    )


PROMISED = Watcher(NAME, (MailQueued,), cases, consider)
