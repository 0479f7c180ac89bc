"""Read along: propose what a new message calls for, never do it.

What a message says is foreign text. It is read by rules, its proposals are marked with it as their
source, and no instruction in it is followed: what it can cause is a quotation of items of ours at
our prices to the party whose address it came from, or an answer to that address.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher, was_refused
from agents.writers import acknowledgement, quoted, wanted_in
from agents.writers.orders import as_order
from core import communications
from core.communications import Communication, Direction, MessageThread, Standing, ThreadView
from core.communications.events import (
    MailQueued,
    MessageLinked,
    MessageReceived,
    StandingChanged,
)
from core.communications.summaries import Act, Digest, Line, summary_of
from core.kernel.events import Fact
from core.parties import Party
from core.parties.tables import Customer
from core.processes import mail_desk
from tools import Call
from tools.communications import REPLY, Reply
from tools.quotations import QuotedItem, QuoteItems
from tools.support import ReplyToTicket

NAME = "messages"
QUOTE, TICKET_REPLY = "sales.quote_items", "support.reply"


def cases(session: Session, fact: Fact) -> Iterable[str]:
    """Return the conversations that a fact concerns."""
    if isinstance(fact, MessageReceived):
        return (fact.thread,) if fact.party_number and not fact.automatic else ()
    if isinstance(fact, MailQueued):
        return (fact.thread,)
    assert isinstance(fact, MessageLinked | StandingChanged)
    wanted = (
        select(MessageThread.number)
        .join(Communication, Communication.thread_id == MessageThread.id)
        .where(Communication.number == fact.number)
    )
    return session.scalars(wanted).all()


def consider(session: Session, number: str) -> Suggestion | None:
    """Propose a quotation for an order, else an answer to what was asked and not answered yet."""
    thread = communications.find_thread(session, number)
    view = communications.view_thread(session, thread)
    unanswered = _unanswered(view)
    if thread.party_id is None or not unanswered:
        return None
    party = session.get_one(Party, thread.party_id)
    digest = summary_of(session, thread)
    lines = [
        line
        for line in (*digest.lines, *digest.points)
        if line.message in unanswered and line.act is not Act.PLANTED
    ]
    asks = [line for line in lines if line.act in {Act.ASK, Act.QUESTION, Act.COMPLAINT}]
    suggestion = _quotation(session, party, lines) or _answer(session, thread, party, asks)
    if suggestion is None:
        return None
    facts = _facts(digest, view, unanswered, party)
    if was_refused(session, MESSAGES.topic(number), suggestion.rule, facts, apart_from=frozenset()):
        return None
    last = list(unanswered)[-1]
    return Suggestion(
        plan=suggestion.plan,
        rule=suggestion.rule,
        facts=facts | suggestion.facts,
        source=quoted((asks or lines)[0], unanswered[(asks or lines)[0].message]),
        still_serves=lambda still_open: (
            (still_open.reason.get("facts") or {}).get("message") == last
        ),
    )


def _unanswered(view: ThreadView) -> dict[str, str]:
    """Return the messages of a party that we have not written after, each with its sender."""
    found: dict[str, str] = {}
    for one in view.messages:
        if one.view.direction is Direction.OUT:
            found.clear()
        elif (
            one.view.standing is Standing.KEPT and one.view.party_number and not one.view.automatic
        ):
            found[one.view.number] = one.view.sender
    return found


def _quotation(session: Session, party: Party, lines: Sequence[Line]) -> Suggestion | None:
    if party.blocked or session.get(Customer, party.id) is None:
        return None
    wanted = wanted_in(session, lines)
    if not wanted:
        return None
    quotation = QuoteItems(
        party=party.number,
        lines=tuple(QuotedItem(item=each.sku, quantity=each.quantity) for each in wanted),
    )
    return Suggestion(
        plan=(Call(QUOTE, quotation),), rule="order in a message", facts={"items": as_order(wanted)}
    )


def _answer(
    session: Session, thread: MessageThread, party: Party, asks: Sequence[Line]
) -> Suggestion | None:
    if not asks or not communications.addresses_of(session, party):
        return None
    text = acknowledgement(session, party, asks, asks[-1].on)
    ticket = next(iter(mail_desk.tickets_of(session, thread)), None)
    if ticket is not None and ticket.customer_id == party.id:
        # Said on the ticket it goes out all the same, and the ticket goes on.
        told = ReplyToTicket(ticket=ticket.number, said=text, keep_open=True)
        return Suggestion(
            plan=(Call(TICKET_REPLY, told),),
            rule="request in a message",
            facts={"ticket": ticket.number},
        )
    answer = Reply(party=party.number, text=text, thread=thread.number, as_written=True)
    return Suggestion(plan=(Call(REPLY, answer),), rule="request in a message", facts={})


def _facts(
    digest: Digest, view: ThreadView, unanswered: dict[str, str], party: Party
) -> dict[str, str]:
    last = list(unanswered)[-1]
    facts = {
        "party": f"{party.number} {party.name}",
        "message": last,
        "conversation": view.number,
    }
    if planted := [number for number in digest.planted if number in unanswered]:
        facts["addressed to an assistant"] = ", ".join(planted)
    return facts


MESSAGES = Watcher(
    NAME, (MessageReceived, MessageLinked, StandingChanged, MailQueued), cases, consider
)
