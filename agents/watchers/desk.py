"""The clerk at the service desk: what customers write there becomes tickets, by rule.

It records what came in and decides nothing. Each message is taken in in a transaction of its own,
and the cursor moves on after them: a crash in between repeats the work, and the same message again
changes nothing.
"""

import structlog
from sqlalchemy import Engine, select

from core.communications import Communication
from core.communications.events import (
    MailQueued,
    MessageLinked,
    MessageReceived,
    StandingChanged,
)
from core.kernel import events
from core.kernel.company import company_or_none
from core.kernel.database import DatabaseUnavailable, reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.processes import mail_desk

DESK = "desk"
_HEARS = (MessageReceived, MessageLinked, StandingChanged, MailQueued)
_CLERK = Acting(
    Actor(DESK, roles=frozenset({Role.WATCHER}), is_person=False),
    door="watcher",
    why="mail to a service address",
)

log = structlog.get_logger(__name__)


def take_in_messages(engine: Engine) -> int:
    """Put what is new on tickets; return how many messages are on one now."""
    with unit_of_work(engine, _CLERK) as session:
        if company_or_none(session) is None:
            return 0
        news = events.unread(session, DESK, [fact.name for fact in _HEARS])
        numbers = dict.fromkeys(str(event.facts["number"]) for event in news)
        return sum(_take_in(engine, number) for number in numbers)


def _take_in(engine: Engine, number: str) -> int:
    taken = 0
    for message_number in _with_those_linked(engine, number):
        try:
            with unit_of_work(engine, _CLERK) as session:
                wanted = select(Communication).where(Communication.number == message_number)
                taken += mail_desk.take_in(session, session.scalars(wanted).one()) is not None
        except DatabaseUnavailable:
            raise
        except DomainError as refusal:
            # It stays in the inbox, where people see it; the others are not kept waiting.
            log.warning("no ticket", message=message_number, why=str(refusal))
    return taken


def _with_those_linked(engine: Engine, number: str) -> list[str]:
    """Return a message, and what else came from its address and was linked along with it."""
    with reading(engine, _CLERK) as session:
        return mail_desk.linked_along(session, number)
