"""The relationship with a customer across rooms: what speaks for trouble, and what to bear in mind.

Every signal is counted from rows and says its reason; there is no score that nobody can explain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import communications, support
from core.communications import MessageThread
from core.communications.summaries import Act, Line, summaries_of
from core.communications.tables import ThreadSummary
from core.invoicing import Invoice
from core.invoicing.tables import InvoiceKind
from core.kernel import clock
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.semantics import Said
from core.parties import Party
from core.sales import SalesOrder
from core.support import Ticket, TicketType
from core.support.tables import SlaBreach

DAYS_LOOKED_BACK = 90
PROMISES_DAYS = 14
YEAR = timedelta(days=365)
# From so many orders on somebody has a habit; silent is who keeps still twice as long as usual.
HABIT_ORDERS, SILENT_TIMES, SILENT_DAYS_MIN = 4, 2, 30
BAD_SCORE_MAX = 2
SHOWN_MAX, THREADS_MAX = 5, 200


@dataclass(frozen=True)
class Signal:
    """Something that speaks for a customer's leaving, with its reason in both languages."""

    name: str
    said: Said


def signals_of(session: Session, party: Party) -> list[Signal]:
    """Return what speaks for a customer's leaving us, each counted and said."""
    found = (
        _complaints(session, party),
        _broken(session, party),
        _rated_badly(session, party),
        _silent(session, party),
    )
    return [signal for signal in found if signal is not None]


def open_tickets(session: Session, party: Party) -> Sequence[Ticket]:
    """Return the tickets of a customer that are worked on, complaints first."""
    wanted = (
        select(Ticket)
        .where(Ticket.customer_id == party.id, Ticket.state.in_(support.TO_DO))
        .order_by(Ticket.ticket_type != TicketType.COMPLAINT, Ticket.opened_at, Ticket.number)
        .limit(SHOWN_MAX)
    )
    return session.scalars(wanted).all()


def invoiced_in_a_year(session: Session, party: Party) -> Money:
    """Return what a customer was invoiced in the last year, less what was credited."""
    ours = company(session)
    kinds = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)
    wanted = (
        select(Invoice.kind, func.sum(Invoice.base_total_minor))
        .where(
            Invoice.party_id == party.id,
            Invoice.kind.in_(kinds),
            Invoice.posted_on > ours.today - YEAR,
        )
        .group_by(Invoice.kind)
    )
    sums = dict(session.execute(wanted).all())
    return Money(int(sums.get(kinds[0], 0) - sums.get(kinds[1], 0)), ours.currency)


def threads_promising(session: Session, *, since: date) -> list[str]:
    """Return the conversations in which something is promised by a day from one on.

    It is read from the kept summaries by an index: where nobody promises, nothing is read.
    """
    wanted = (
        select(MessageThread.number)
        .join(ThreadSummary, ThreadSummary.thread_id == MessageThread.id)
        .where(ThreadSummary.promised_on >= since)
        .order_by(ThreadSummary.promised_on, MessageThread.number)
        .limit(THREADS_MAX)
    )
    return list(session.scalars(wanted))


def promises_of(session: Session, party: Party, *, since: date) -> list[Line]:
    """Return what a party has promised us in writing by a day from one on, the next first."""
    wanted = (
        select(MessageThread)
        .join(ThreadSummary, ThreadSummary.thread_id == MessageThread.id)
        .where(ThreadSummary.promised_on >= since, MessageThread.party_id == party.id)
        .order_by(ThreadSummary.promised_on)
        .limit(SHOWN_MAX)
    )
    lines = [
        line
        for digest in summaries_of(session, session.scalars(wanted).all())
        for line in digest.of(Act.PROMISE, side="them")
        if line.due is not None and line.due >= since
    ]
    return sorted(lines, key=lambda line: (line.due or since, line.message))


def _since() -> datetime:
    # Tickets go by the clock, not by the business date.
    return clock.now() - timedelta(days=DAYS_LOOKED_BACK)


def _complaints(session: Session, party: Party) -> Signal | None:
    numbers = [
        each.number
        for each in open_tickets(session, party)
        if each.ticket_type is TicketType.COMPLAINT
    ]
    if not numbers:
        return None
    listed = ", ".join(numbers)
    return Signal("complaints", Said(f"complains: {listed}", f"投诉未结：{listed}"))


def _broken(session: Session, party: Party) -> Signal | None:
    wanted = (
        select(func.count())
        .select_from(SlaBreach)
        .join(Ticket, Ticket.id == SlaBreach.ticket_id)
        .where(Ticket.customer_id == party.id, SlaBreach.due_at >= _since())
    )
    count = session.scalar(wanted) or 0
    if not count:
        return None
    return Signal(
        "broken_promises",
        Said(
            f"we were late {count} times in {DAYS_LOOKED_BACK} days",
            f"{DAYS_LOOKED_BACK} 天内我们逾时 {count} 次",
        ),
    )


def _rated_badly(session: Session, party: Party) -> Signal | None:
    wanted = (
        select(Ticket.number, Ticket.satisfaction)
        .where(
            Ticket.customer_id == party.id,
            Ticket.satisfaction <= BAD_SCORE_MAX,
            Ticket.rated_at >= _since(),
        )
        .order_by(Ticket.rated_at.desc())
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    number, score = row
    said = Said(f"rated {number} {score} of 5", f"对 {number} 评分 {score}/5")
    return Signal("rated_badly", said)


def _silent(session: Session, party: Party) -> Signal | None:
    """Say that somebody has ordered nothing for twice as long as between orders on average."""
    first, last, count = session.execute(
        select(
            func.min(SalesOrder.ordered_on), func.max(SalesOrder.ordered_on), func.count()
        ).where(SalesOrder.customer_id == party.id)
    ).one()
    if count < HABIT_ORDERS:
        return None
    today = company(session).today
    quiet, usual = (today - last).days, (last - first).days // (count - 1)
    if quiet < SILENT_DAYS_MIN or quiet <= SILENT_TIMES * usual:
        return None
    return Signal(
        "silent",
        Said(
            f"no order for {quiet} days, usually one in {usual}",
            f"已 {quiet} 天没有订单，平均每 {usual} 天一单",
        ),
    )


def party_of(session: Session, thread: MessageThread) -> Party | None:
    """Return whose a conversation is; None where nobody knows, or where it is private."""
    if thread.party_id is None:
        return None
    if communications.private_to(session, thread.party_id) is not None:
        return None
    return session.get_one(Party, thread.party_id)
