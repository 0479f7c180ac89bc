"""A customer from every side, in one picture: trade, money, promises, and what was said.

Each part is answered with the rights of who asks. What they may not see is told by name, and is
never a nought.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core import crm, invoicing, sales
from core.crm import ActivityView
from core.invoicing import Direction, OpenItem
from core.invoicing.tables import Invoice, InvoiceKind, Payment, Settlement
from core.kernel.company import company
from core.kernel.money import Money, rounded
from core.kernel.semantics import Said
from core.parties import CustomerView
from core.reporting.answering import answer
from core.reporting.query import Compare, Filter, Order, Relative, ReportQuery
from core.reporting.report import Report
from core.reporting.scope import NotYoursToSee, scope_of
from core.sales import BackorderView, OrderState, OrderView, QuotationView, ReturnView

LISTED_MAX, LATEST, BEST_ITEMS = 50, 8, 5
YEAR = Relative(unit="month", offset=-11, count=12)
WAITING = (*sales.OPEN, OrderState.HELD)
PAID_WITHIN_DAYS = 365


@dataclass(frozen=True)
class Paying:
    """How a customer paid in the last year: by amounts, not by documents."""

    invoices: int
    # Days after the due day; negative: before it.
    days_late: Decimal
    late_percent: Decimal


@dataclass(frozen=True)
class CustomerStanding:
    """All that is known of a customer and may be seen; `hidden` says what may not."""

    customer: CustomerView
    owed: Money
    overdue: Money
    exposure: Money
    orders: tuple[OrderView, ...]
    items: tuple[OpenItem, ...]
    quotations: tuple[QuotationView, ...]
    backorders: tuple[BackorderView, ...]
    returns: tuple[ReturnView, ...]
    activities: tuple[ActivityView, ...]
    paying: Paying | None
    trade: Report | None
    profit: Report | None
    trend: Report | None
    best: Report | None
    hidden: tuple[Said, ...] = ()

    @property
    def late_orders(self) -> tuple[OrderView, ...]:
        """The orders that should have been delivered by now."""
        today = self.trend.as_of if self.trend else None
        return tuple(one for one in self.orders if today and one.promised_on < today)


def customer_standing(session: Session, customer: CustomerView) -> CustomerStanding:
    """Return a customer from every side."""
    own, party_id = scope_of(session).own, customer.party_id
    items = invoicing.list_open_items(
        session, direction=Direction.RECEIVABLE, party_id=party_id, limit=LISTED_MAX
    )
    ours = company(session)
    late = sum(item.base.minor for item in items if item.days_overdue)
    hidden: list[Said] = []

    def asked(query: ReportQuery) -> Report | None:
        try:
            return answer(session, query)
        except NotYoursToSee as refusal:
            hidden.append(Said(refusal.message("en"), refusal.message("zh")))
            return None

    queries = customer_queries(customer.number)
    return CustomerStanding(
        customer=customer,
        owed=invoicing.exposure_of(session, party_id),
        overdue=Money(late, ours.currency),
        exposure=sales.exposure_of(session, party_id),
        orders=tuple(
            sales.list_orders(session, states=WAITING, customer_id=party_id, limit=LISTED_MAX)
        ),
        items=tuple(items),
        # A draft is not theirs yet, and what lies in our warehouses is not told.
        quotations=tuple(
            sales.list_quotations(
                session, state="sent" if own else None, party_id=party_id, limit=LISTED_MAX
            )
        ),
        backorders=()
        if own
        else tuple(sales.list_backorders(session, customer_id=party_id, limit=LISTED_MAX)),
        returns=tuple(sales.list_returns(session, customer_id=party_id, limit=LISTED_MAX)),
        # What we note about a customer is ours to read.
        activities=() if own else tuple(crm.list_activities(session, party_id, limit=LATEST)),
        paying=None if own else _paying(session, party_id),
        trade=asked(queries["trade"]),
        profit=None if own else asked(queries["profit"]),
        trend=asked(queries["trend"]),
        best=asked(queries["best"]),
        hidden=tuple(hidden),
    )


def customer_queries(number: str) -> dict[str, ReportQuery]:
    """Return the questions about a customer's trade in the last twelve months."""
    mine = (Filter(dimension="customer", values=(number,)),)
    before = Compare(to="prior_period")
    return {
        "trade": ReportQuery(
            metrics=("revenue", "orders", "aov"), filters=mine, period=YEAR, compare=before
        ),
        "profit": ReportQuery(
            metrics=("gross_profit", "gross_margin_pct"), filters=mine, period=YEAR, compare=before
        ),
        "trend": ReportQuery(metrics=("revenue",), grain="month", filters=mine, period=YEAR),
        "best": ReportQuery(
            metrics=("revenue",),
            dimensions=("item",),
            filters=mine,
            period=YEAR,
            order=(Order(by="revenue"),),
            limit=BEST_ITEMS,
            others=True,
        ),
    }


def _paying(session: Session, party_id: uuid.UUID) -> Paying | None:
    """Weigh how many days after its due day each amount was paid; None: nothing was."""
    since = company(session).today - timedelta(days=PAID_WITHIN_DAYS)
    days = Payment.paid_on - Invoice.due_on
    amount = Settlement.base_minor
    found = session.execute(
        select(
            func.count(Invoice.id.distinct()),
            func.sum(amount * days),
            func.sum(case((days > 0, amount), else_=0)),
            func.sum(amount),
        )
        .select_from(Settlement)
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .join(Payment, Payment.id == Settlement.payment_id)
        .where(
            Invoice.party_id == party_id,
            Invoice.kind == InvoiceKind.CUSTOMER_INVOICE,
            Payment.paid_on >= since,
        )
    ).one()
    count, weighed, late, paid = found
    if not paid:
        return None
    return Paying(
        invoices=count,
        days_late=rounded(Decimal(weighed) / Decimal(paid), 1),
        late_percent=rounded(100 * Decimal(late) / Decimal(paid), 1),
    )
