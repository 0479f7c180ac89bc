"""What one can do with payment orders: prepare, change, approve, execute, cancel."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.invoicing.paying import rules
from core.invoicing.paying.errors import (
    BelowCashKept,
    FileIsOut,
    NothingToPay,
    NotOnThisOrder,
    PriorityOutOfRange,
    UnknownOrder,
    WrongState,
)
from core.invoicing.paying.events import (
    OrderApproved,
    OrderCancelled,
    OrderChanged,
    OrderPrepared,
    PrioritySet,
)
from core.invoicing.paying.lines import (
    Chosen,
    chosen,
    put,
    refuse_held,
    remove,
    said_lines,
    total_of,
)
from core.invoicing.paying.queries import Purse, list_credits, list_payables, purse_of
from core.invoicing.paying.rules import PRIORITY, Planned
from core.invoicing.paying.tables import BankFile, OrderState, PaymentOrder, PaymentPriority
from core.invoicing.service import find_invoice
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.kernel.words import word
from core.ledger import Account
from core.parties import Party, Supplier

SERIES = "PMO"
DAYS_AHEAD = 7
PRIORITY_FIRST, PRIORITY_LAST = 1, 9


def propose_payments(
    session: Session,
    *,
    until: date | None = None,
    pay_on: date | None = None,
    account: Account | None = None,
    keep: Money | None = None,
) -> tuple[Purse, list[Planned]]:
    """Return what should be paid now and what of it there is money for; nothing is changed.

    What is due until a day, by default a week ahead, and what would lose a discount until then.
    """
    day = pay_on or company(session).today
    purse = purse_of(session, account, keep=keep)
    last = until or day + timedelta(days=DAYS_AHEAD)
    payables = list_payables(session, currency=purse.currency, day=day, until=last)
    credits = list_credits(  # noqa: A001
        session, {each.party_id for each in payables}, currency=purse.currency
    )
    planned = rules.plan_payments(
        payables,
        credits,
        spendable=purse.spendable.minor,
        rounding=company(session).rounding,
    )
    return purse, planned


def prepare_order(
    session: Session,
    *,
    until: date | None = None,
    pay_on: date | None = None,
    account: Account | None = None,
    keep: Money | None = None,
    bills: Chosen | None = None,
    without: Sequence[str] = (),
) -> PaymentOrder:
    """Put together what should be paid now, or the bills named: a draft, no money moves.

    A credit of the supplier is netted first. A bill stands on one order at a time.
    """
    day = pay_on or company(session).today
    # Two that prepare at once would count the same money twice.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("paying"))))
    if bills is None:
        purse, planned = propose_payments(
            session, until=until, pay_on=day, account=account, keep=keep
        )
        left_out = {find_invoice(session, number).number for number in without}
        planned = [each for each in planned if each.settled and each.payable.number not in left_out]
    else:
        purse = purse_of(session, account, keep=keep)
        planned = chosen(session, purse, bills, day)
    if not planned:
        raise NothingToPay(until=until or day + timedelta(days=DAYS_AHEAD))
    require_cash(purse, sum(each.pay for each in planned))
    order = PaymentOrder(
        number=next_number(session, SERIES),
        account_id=purse.account.id,
        currency=purse.currency,
        pay_on=day,
        keep_minor=purse.keep.minor,
    )
    put(session, order, planned)
    session.add(order)
    session.flush()
    events.record(
        session,
        OrderPrepared(
            number=order.number,
            account=purse.called,
            total=total_of(order),
            pay_on=day.isoformat(),
            lines=said_lines(session, order),
        ),
    )
    return order


def change_line(
    session: Session, number: str, bill: str, *, amount: Money | None = None
) -> PaymentOrder:
    """Pay another amount of a bill of a draft, or leave the bill out where none is said."""
    order = find_order(session, number, lock=True)
    require_state(order, OrderState.DRAFT)
    document = find_invoice(session, bill)
    line = next((each for each in order.lines if each.invoice_id == document.id), None)
    if line is None:
        raise NotOnThisOrder(bill=document.number, number=order.number)
    before = Money(line.pay_minor, order.currency)
    remove(session, order, line)
    after = Money(0, order.currency)
    account = session.get_one(Account, order.account_id)
    keep = Money(order.keep_minor, order.currency)
    if amount is not None:
        purse = purse_of(session, account, keep=keep)
        [planned] = chosen(session, purse, [(document.number, amount)], order.pay_on)
        require_cash(purse, planned.pay)
        put(session, order, [planned])
        after = Money(planned.pay, order.currency)
    session.flush()
    total = total_of(order)
    events.record(session, OrderChanged(order.number, document.number, before, after, total))
    return order


def approve_order(session: Session, number: str) -> PaymentOrder:
    """Release an order to be carried out; who may and who may not is decided on the one road."""
    order = find_order(session, number, lock=True)
    require_state(order, OrderState.DRAFT)
    if not order.lines:
        raise NothingToPay(until=order.pay_on)
    refuse_held(session, order)
    order.state, order.approved_on = OrderState.APPROVED, company(session).today
    session.flush()
    account = session.get_one(Account, order.account_id)
    events.record(
        session,
        OrderApproved(
            number=order.number,
            account=f"{account.code} {account.name}",
            total=total_of(order),
            lines=said_lines(session, order),
        ),
    )
    return order


def cancel_order(session: Session, number: str, *, because: str) -> PaymentOrder:
    """Give up an order that was not carried out; its bills may be paid otherwise."""
    order = find_order(session, number, lock=True)
    before = order.state
    require_state(order, OrderState.DRAFT, OrderState.APPROVED)
    made = session.scalar(select(BankFile.name).where(BankFile.order_id == order.id).limit(1))
    if made is not None:
        raise FileIsOut(name=made, number=order.number)
    order.state, order.closed_because = OrderState.CANCELLED, because
    for line in order.lines:
        line.standing = False
    session.flush()
    events.record(session, OrderCancelled(order.number, before, because))
    return order


def set_priority(session: Session, supplier: Supplier, priority: int) -> int:
    """Pay a supplier earlier (1) or later (9) than others; return the priority it had."""
    if not PRIORITY_FIRST <= priority <= PRIORITY_LAST:
        raise PriorityOutOfRange(priority=priority)
    known = session.get(PaymentPriority, supplier.party_id, with_for_update=True)
    before = known.priority if known is not None else PRIORITY
    session.merge(PaymentPriority(party_id=supplier.party_id, priority=priority))
    session.flush()
    party = session.get_one(Party, supplier.party_id)
    events.record(session, PrioritySet(party.number, party.name, before, priority))
    return before


def find_order(session: Session, number: str, *, lock: bool = False) -> PaymentOrder:
    """Return a payment order by its number."""
    wanted = select(PaymentOrder).where(PaymentOrder.number == canonical_number(number))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownOrder(number=number)
    return found


def require_state(order: PaymentOrder, *states: OrderState) -> None:
    """Refuse an order that is further on, or not so far."""
    if order.state not in states:
        needed = Both(
            " / ".join(word(state) for state in states),
            " / ".join(word(state, "zh") for state in states),
        )
        raise WrongState(number=order.number, state=order.state, needed=needed)


def require_cash(purse: Purse, pay: int) -> None:
    """Refuse to pay what would leave less on the account than is to be kept."""
    total = Money(pay, purse.currency)
    if purse.spendable < total:
        raise BelowCashKept(
            total=total,
            account=purse.called,
            left=purse.balance - purse.ordered - total,
            keep=purse.keep,
        )
