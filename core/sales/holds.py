"""Orders that do not go on: why they are held, and who lets them go on."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import DocumentState, Invoice, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.parties import Customer
from core.sales import rules
from core.sales.errors import CustomerOverdue
from core.sales.events import CreditPolicySet, Exposure
from core.sales.tables import HoldReason, SalesPolicy


@dataclass(frozen=True)
class CreditPolicy:
    """What becomes of orders beyond a customer's credit; where nobody said, they are refused."""

    holds_beyond_limit: bool = False
    overdue_days: int | None = None

    @property
    def said(self) -> str:
        """The policy as data."""
        overdue = "" if self.overdue_days is None else f" · {self.overdue_days} d"
        return f"{'hold' if self.holds_beyond_limit else 'refuse'}{overdue}"


def policy_of(session: Session) -> CreditPolicy:
    """Return how orders beyond a customer's credit are treated."""
    row = session.get(SalesPolicy, 1)
    return CreditPolicy(row.holds_beyond_limit, row.overdue_days) if row else CreditPolicy()


def set_policy(session: Session, policy: CreditPolicy) -> None:
    """Hold or refuse what is beyond credit, and say from when on a customer is overdue."""
    before = policy_of(session)
    row = session.get(SalesPolicy, 1) or SalesPolicy(id=1)
    row.holds_beyond_limit, row.overdue_days = policy.holds_beyond_limit, policy.overdue_days
    session.add(row)
    events.record(session, CreditPolicySet(before=before.said, after=policy.said))
    session.flush()


def reason_to_hold(session: Session, buyer: Customer, exposure: Exposure) -> HoldReason | None:
    """Return why an order of a customer waits; refuse it where the policy is to refuse."""
    policy = policy_of(session)
    if policy.overdue_days is not None:
        late = longest_overdue(session, buyer, days=policy.overdue_days)
        if late is not None:
            if not policy.holds_beyond_limit:
                raise late
            return HoldReason.OVERDUE
    if policy.holds_beyond_limit:
        beyond = exposure.limit is not None and exposure.limit < exposure.after
        return HoldReason.CREDIT_LIMIT if beyond else None
    rules.require_credit(buyer.party.name, exposure=exposure.after, limit=exposure.limit)
    return None


def longest_overdue(session: Session, buyer: Customer, *, days: int) -> CustomerOverdue | None:
    """Return the refusal by what a customer owes us for longer than so many days, if it does."""
    today = company(session).today
    wanted = (
        select(Invoice.number, Invoice.due_on)
        .where(
            Invoice.party_id == buyer.party_id,
            Invoice.kind == InvoiceKind.CUSTOMER_INVOICE,
            Invoice.state == DocumentState.POSTED,
            Invoice.open_minor > 0,
            Invoice.due_on < today - timedelta(days=days),
        )
        .order_by(Invoice.due_on, Invoice.number)
        .limit(1)
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        return None
    number, due_on = found
    late = (today - due_on).days
    return CustomerOverdue(customer=buyer.party.name, invoice=number, due_on=due_on, days=late)
