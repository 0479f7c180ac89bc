"""Revenue that is invoiced before its goods leave: it is owed to the customer until they do.

An invoice ahead of the delivery is posted to revenue as every invoice is. What of it is not earned
yet is then carried from revenue to deferred revenue, and back as the goods leave. The books say how
much that is of each order: nothing is kept beside them, and each step posts the change alone.
"""

from collections import defaultdict
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core import invoicing
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, rounded
from core.ledger import (
    Account,
    Journal,
    JournalEntry,
    Posting,
    Side,
    credit,
    debit,
    post_entry,
    require_open_period,
)
from core.ledger.chart import DEFERRED_REVENUE
from core.ledger.errors import NoPeriodForDay, PeriodClosed, PeriodLocked, PeriodOnHold
from core.sales import rules
from core.sales.events import RevenueDeferred
from core.sales.tables import SalesOrder, SalesOrderLine


def defer_revenue(session: Session, order: SalesOrder, *, on: date | None = None) -> None:
    """Let the books carry as deferred what of an order is invoiced and has not left.

    Where the company does not defer revenue, that is nothing, also of what was deferred before.
    Whoever invoices, delivers, takes back or credits calls this when it is done. Nothing is
    posted where nothing changed. It is dated `on`, where that period is open, and never before
    what was deferred of the same order.
    """
    if not any(line.invoiced_ahead for line in order.lines):
        return
    session.flush()
    deferred, posted_on = _booked(session, order)
    wanted = _unearned(session, order) if company(session).defers_revenue else {}
    changes = {
        account: wanted.get(account, 0) - deferred.get(account, 0)
        for account in sorted(deferred.keys() | wanted.keys())
    }
    if not any(changes.values()):
        return
    currency, lines = company(session).currency, []
    for account, minor in changes.items():
        if minor:
            sides = (account, DEFERRED_REVENUE) if minor > 0 else (DEFERRED_REVENUE, account)
            amount = Money(abs(minor), currency)
            lines += [debit(sides[0], amount), credit(sides[1], amount)]
    post_entry(
        session,
        lines,
        memo=f"{order.number} {order.customer.name}",
        origin=order.number,
        posted_on=_day(session, on, posted_on),
        journal=Journal.SALES,
    )
    fact = RevenueDeferred(
        number=order.number,
        customer=order.customer.name,
        before=Money(sum(deferred.values()), currency),
        after=Money(sum(wanted.values()), currency),
    )
    events.record(session, fact)
    session.flush()


def _unearned(session: Session, order: SalesOrder) -> dict[str, int]:
    """Return what is invoiced of an order and not earned yet, by the account that it stands on.

    In the company's currency, as the invoices are in the books.
    """
    ahead = {line.id: line for line in order.lines if rules.ahead_of_delivery(line)}
    if not ahead:
        return {}
    charged: dict[tuple[str, SalesOrderLine], int] = defaultdict(int)
    # The invoices of these lines come with all their lines.
    for each in invoicing.standing_charges(session, order.number, order_lines=ahead):
        line_id = each.line.order_line_id
        if line_id in ahead:
            worth = each.net_minor if each.base_net_minor is None else each.base_net_minor
            charged[each.account, ahead[line_id]] += worth
    unearned: dict[str, int] = defaultdict(int)
    for (account, line), minor in charged.items():
        exact = minor * rules.ahead_of_delivery(line) / line.invoiced_quantity
        unearned[account] += int(rounded(exact, 0, company(session).rounding))
    return unearned


def _booked(session: Session, order: SalesOrder) -> tuple[dict[str, int], date | None]:
    """Return what the books carry as deferred of an order, by its account, and since when."""
    taken = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
    rows = session.execute(
        select(Account.code, func.sum(taken), func.max(JournalEntry.posted_on))
        .join(Posting, Posting.account_id == Account.id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            JournalEntry.origin == order.number,
            Account.role.is_distinct_from(DEFERRED_REVENUE),
        )
        .group_by(Account.code)
    ).all()
    days = [day for _, _, day in rows]
    return {code: int(minor) for code, minor, _ in rows}, max(days, default=None)


def _day(session: Session, on: date | None, before: date | None) -> date:
    today = company(session).today
    day = max(on or today, before or date.min)
    try:
        require_open_period(session, day, Journal.SALES)
    except (NoPeriodForDay, PeriodClosed, PeriodLocked, PeriodOnHold):
        # What is closed stays as it was reported: the entry is one of today.
        return today
    return day
