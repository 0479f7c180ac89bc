"""Tell people of new messages, in short, once each; a flood of them is told of as one."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core import notifications
from core.communications import MessageThread
from core.communications.events import MessageReceived
from core.communications.summaries import keep_summary
from core.kernel import events
from core.kernel.company import company, company_or_none
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.kernel.semantics import Said
from core.notifications import NotificationKind
from core.parties import Party
from core.parties.tables import Customer, Supplier
from tools.summaries import Summary

TELLER = "messages.told"
TOLD_MAX, PEOPLE_MAX, BODY_MAX = 10, 5, 600

_TELLING = Acting(
    Actor("messages", roles=frozenset({Role.WATCHER}), is_person=False),
    door="watcher",
    why="new messages",
)


def tell_of_messages(engine: Engine) -> int:
    """Keep the summaries of what is new and tell those who look after it; return how many."""
    with reading(engine) as session:
        if company_or_none(session) is None:
            return 0
    with unit_of_work(engine, _TELLING) as session:
        news = events.unread(session, TELLER, [MessageReceived.name])
        facts = [event.fact for event in news]
        return _tell(session, [fact for fact in facts if isinstance(fact, MessageReceived)])


def _tell(session: Session, facts: Sequence[MessageReceived]) -> int:
    # A conversation is told of once, by its last message.
    last = {fact.thread: fact for fact in facts}
    waiting: dict[uuid.UUID, list[tuple[Person, MessageReceived, Summary]]] = defaultdict(list)
    for fact in last.values():
        thread = session.scalars(
            select(MessageThread).where(MessageThread.number == fact.thread)
        ).one()
        digest = keep_summary(session, thread)
        if fact.automatic:
            continue
        summary = Summary(
            about=thread.subject,
            about_zh=thread.subject,
            threads=(thread.number,),
            digest=digest,
            today=company(session).today,
        )
        for person in who_looks_after(session, thread.party_id):
            waiting[person.id].append((person, fact, summary))
    for told in waiting.values():
        for person, fact, summary in told[:TOLD_MAX]:
            _notify(session, person, fact, summary)
        if len(told) > TOLD_MAX:
            _notify_of_many(session, told[0][0], [fact for _, fact, _ in told[TOLD_MAX:]])
    return sum(map(len, waiting.values()))


def who_looks_after(session: Session, party_id: uuid.UUID | None) -> Sequence[Person]:
    """Return the salesperson of a customer, else the people of the role that deals with it."""
    people = select(Person).where(Person.active, ~Person.is_service)
    role = Role.SERVICE
    if party_id is not None:
        customer = session.get(Customer, party_id)
        if customer is not None:
            role = Role.SALES
            if customer.salesperson_id is not None:
                own = people.where(Person.party_id == customer.salesperson_id)
                if (person := session.scalar(own.limit(1))) is not None:
                    return [person]
        elif session.get(Supplier, party_id) is not None:
            role = Role.BUYER
    for wanted in (role, Role.MANAGER, Role.ADMIN):
        found = session.scalars(
            people.where(Person.roles.contains([wanted.value]))
            .order_by(Person.created_at, Person.id)
            .limit(PEOPLE_MAX)
        ).all()
        if found:
            return found
    return []


def _notify(session: Session, person: Person, fact: MessageReceived, summary: Summary) -> None:
    whom = fact.party_number
    party = session.scalar(select(Party).where(Party.number == whom)) if whom else None
    en, zh = (
        (party.name, party.name_zh or party.name) if party else ("somebody unknown", "未知发件人")
    )
    notifications.notify(
        session,
        person=person,
        kind=NotificationKind.MESSAGE,
        source=fact.thread,
        cause=f"message:{fact.number}:{person.login}",
        title=Said(f"New message from {en}", f"{zh}的新消息"),
        body=Said(summary.sentence("en")[:BODY_MAX], summary.sentence("zh")[:BODY_MAX]),
    )


def _notify_of_many(session: Session, person: Person, facts: Sequence[MessageReceived]) -> None:
    count = len(facts)
    notifications.notify(
        session,
        person=person,
        kind=NotificationKind.MESSAGE,
        source=facts[0].thread,
        cause=f"message:{facts[-1].number}:{person.login}:more",
        title=Said(f"{count} more conversations have new messages", f"另有 {count} 个会话有新消息"),
        body=Said("See the page of messages.", "请查看消息页面。"),
    )
