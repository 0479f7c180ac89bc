"""Tell people of new messages, in short, once each; a flood of them is told of as one."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from core import communications, notifications
from core.communications import MessageThread
from core.communications.events import MessageReceived
from core.communications.summaries import Digest, keep_summary
from core.kernel import events
from core.kernel.company import company, company_or_none
from core.kernel.database import unit_of_work
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
_SEE = Said("See the page of messages.", "请查看消息页面。")


@dataclass(frozen=True)
class _News:
    """A message to tell of: whose it is, and what its conversation says in short."""

    fact: MessageReceived
    party: Party | None
    in_short: Said


def tell_of_messages(engine: Engine) -> int:
    """Keep the summaries of what is new and tell those who look after it; return how many."""
    with unit_of_work(engine, _TELLING) as session:
        if company_or_none(session) is None:
            return 0
        news = events.unread(session, TELLER, [MessageReceived.name])
        facts = [event.fact for event in news]
        return _tell(session, [fact for fact in facts if isinstance(fact, MessageReceived)])


def _tell(session: Session, facts: Sequence[MessageReceived]) -> int:
    # A conversation is told of once, by its last message.
    last = {fact.thread: fact for fact in facts}
    waiting: dict[uuid.UUID, list[tuple[Person, _News]]] = defaultdict(list)
    for fact in last.values():
        thread = session.scalars(
            select(MessageThread).where(MessageThread.number == fact.thread)
        ).one()
        digest = keep_summary(session, thread)
        if fact.automatic:
            continue
        party = _party_of(session, fact)
        news = _News(fact, party, _in_short(session, thread, digest))
        for person in who_looks_after(session, party.id if party else thread.party_id):
            waiting[person.id].append((person, news))
    for told in waiting.values():
        for person, news in told[:TOLD_MAX]:
            _notify(session, person, news)
        if len(told) > TOLD_MAX:
            _notify_of_many(session, told[0][0], [news.fact for _, news in told[TOLD_MAX:]])
    return sum(map(len, waiting.values()))


def _party_of(session: Session, fact: MessageReceived) -> Party | None:
    if not fact.party_number:
        return None
    return session.scalar(select(Party).where(Party.number == fact.party_number))


def _in_short(session: Session, thread: MessageThread, digest: Digest) -> Said:
    """Say what a conversation says; of what is not for every reader, nothing is said."""
    if not digest.messages:
        return _SEE
    summary = Summary(
        about=thread.subject,
        about_zh=thread.subject,
        threads=(thread.number,),
        digest=digest,
        today=company(session).today,
    )
    return Said(summary.sentence("en")[:BODY_MAX], summary.sentence("zh")[:BODY_MAX])


def who_looks_after(session: Session, party_id: uuid.UUID | None) -> Sequence[Person]:
    """Return the salesperson of a customer, else the people of the role that deals with it.

    What is private is told of to nobody but those who may read it.
    """
    role = Role.SERVICE
    if party_id is not None:
        only = communications.private_to(session, party_id)
        if only is not None:
            return _first_of(session, only - {Role.ADMIN}, only & {Role.ADMIN})
        customer = session.get(Customer, party_id)
        if customer is not None:
            role = Role.SALES
            if customer.salesperson_id is not None:
                own = _people().where(Person.party_id == customer.salesperson_id)
                if (person := session.scalar(own.limit(1))) is not None:
                    return [person]
        elif session.get(Supplier, party_id) is not None:
            role = Role.BUYER
    return _first_of(session, {role}, {Role.MANAGER}, {Role.ADMIN})


def _people() -> Select[Person]:
    return select(Person).where(Person.active, ~Person.is_service)


def _first_of(session: Session, *roles: AbstractSet[Role]) -> Sequence[Person]:
    """Return the people of the first of some sets of roles that anybody has one of."""
    for wanted in roles:
        named = [role.value for role in wanted]
        found = session.scalars(
            _people()
            .where(Person.roles.overlap(named))
            .order_by(Person.created_at, Person.id)
            .limit(PEOPLE_MAX)
        ).all()
        if found:
            return found
    return []


def _notify(session: Session, person: Person, news: _News) -> None:
    fact, party = news.fact, news.party
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
        body=news.in_short,
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
        body=_SEE,
    )
