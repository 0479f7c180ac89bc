"""Advances: what is charged before anything is delivered, and deducted when it is.

The order is known here by its number only. An advance is an invoice whose lines stand on the
account of advances, one for each rate of tax; what invoices of the order deduct is the opposite.
What is left of it is what was charged, less what was deducted or taken back.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, or_, select
from sqlalchemy.orm import Session, aliased

from core.invoicing import rules
from core.invoicing.errors import AdvanceTooMuch, AdvanceUsed
from core.invoicing.payments import apply_credit
from core.invoicing.rules import Direction, InvoiceDraftLine
from core.invoicing.service import credit_invoice, post_invoice
from core.invoicing.tables import Advance, DocumentState, Invoice, InvoiceKind, InvoiceLine
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.ledger import Account
from core.ledger.chart import CUSTOMER_ADVANCES, SUPPLIER_ADVANCES
from core.parties import Party

HUNDRED = Decimal(100)
ADVANCES_MAX = 200
ACCOUNTS = {
    Direction.RECEIVABLE: CUSTOMER_ADVANCES,
    Direction.PAYABLE: SUPPLIER_ADVANCES,
}
# Amounts by the code of their tax; None: no tax.
ByTax = Mapping[str | None, Money]


@dataclass(frozen=True)
class AdvanceView:
    """An advance on an order, and what is open of it."""

    number: str
    order: str
    total: Money
    open: Money
    blocks_delivery: bool
    state: DocumentState


def post_advance(
    session: Session,
    *,
    direction: Direction,
    party: Party,
    order_number: str,
    billable: ByTax,
    percent: Decimal,
    blocks_delivery: bool = False,
    posted_on: date | None = None,
    due_on: date | None = None,
    reference: str | None = None,
    territory_id: uuid.UUID | None = None,
    salesperson_id: uuid.UUID | None = None,
    channel: str | None = None,
) -> Invoice:
    """Charge so many percent of what an order is still to be billed for, with its tax.

    Together with earlier ones no more than all of it. Tax is due with the advance, and is taken
    off again by the invoices that deduct it. The caller holds the lock of the order.
    """
    ours = company(session)
    held = advances_left(session, order_number)
    lines = []
    for code, amount in billable.items():
        part = amount.times(percent / HUNDRED, ours.rounding)
        left = amount - Money(held.get(code, 0), amount.currency)
        if not 0 < percent <= HUNDRED or left < part:
            raise AdvanceTooMuch(percent=plain(percent), number=order_number, left=left)
        if part.minor:
            said = f"{order_number} {plain(percent)} %"
            lines.append(_line(ACCOUNTS[direction], said, code, part))
    invoice = post_invoice(
        session,
        kind=direction.invoice,
        party=party,
        lines=lines,
        origin=order_number,
        posted_on=posted_on,
        due_on=due_on,
        reference=reference,
        territory_id=territory_id,
        salesperson_id=salesperson_id,
        channel=channel,
    )
    session.add(
        Advance(invoice_id=invoice.id, order_number=order_number, blocks_delivery=blocks_delivery)
    )
    session.flush()
    return invoice


def advances_left(session: Session, order_number: str) -> dict[str | None, int]:
    """Return what advances on an order still hold, without tax, in minor units by tax code."""
    rows = session.execute(_LEFT, {"order_number": order_number})
    return {code: left for code, left in rows if left}


def advances_held(session: Session, party_id: uuid.UUID) -> Money:
    """Return what advances of a customer still hold, tax included: no order needs that again."""
    held = sum(left for _, left in session.execute(_HELD, {"party_id": party_id}))
    return Money(held, company(session).currency)


def deductions_of(
    session: Session, direction: Direction, order_number: str, shares: Mapping[str | None, Decimal]
) -> list[InvoiceDraftLine]:
    """Return the lines by which an invoice deducts its share of what the advances hold.

    `shares` says for each tax code which part of what is left to be billed the invoice bills; the
    last one bills all of it, and so deducts all.
    """
    ours, lines = company(session), []
    for code, minor in advances_left(session, order_number).items():
        part = Money(minor, ours.currency).times(shares.get(code, Decimal(0)), ours.rounding)
        if part.minor:
            lines.append(_line(ACCOUNTS[direction], order_number, code, -part))
    return lines


def list_advances(session: Session, order_number: str) -> list[AdvanceView]:
    """Return the advances on an order in the order in which they were charged."""
    return [
        AdvanceView(
            number=invoice.number,
            order=order_number,
            total=Money(invoice.total_minor, invoice.currency),
            open=Money(invoice.open_minor, invoice.currency),
            blocks_delivery=advance.blocks_delivery,
            state=invoice.state,
        )
        for invoice, advance in session.execute(_ON_ORDER, {"order_number": order_number})
    ]


def unpaid_advances(session: Session, order_number: str) -> list[AdvanceView]:
    """Return the advances that have to be paid before anything of an order is delivered."""
    return [
        each
        for each in list_advances(session, order_number)
        if each.blocks_delivery and each.open.minor and each.state is DocumentState.POSTED
    ]


def take_back_advances(
    session: Session, order_number: str, *, party: Party, because: str
) -> list[Invoice]:
    """Credit what the advances of a cancelled order still hold, from the newest one on.

    What of it was paid stays a credit of the party, to be used for others or paid back.
    """
    left = advances_left(session, order_number)
    wanted = (
        select(Invoice)
        .join(Advance, Advance.invoice_id == Invoice.id)
        .where(Advance.order_number == order_number, Invoice.state == DocumentState.POSTED)
        .order_by(Invoice.id.desc())
        .with_for_update(of=Invoice)
        .execution_options(populate_existing=True)
    )
    notes = []
    for invoice in session.scalars(wanted).all():
        charged = _charged(session, invoice)
        parts = {code: min(minor, left.get(code, 0)) for code, minor in charged.items()}
        for code, minor in parts.items():
            left[code] = left.get(code, 0) - minor
        if parts == charged:
            notes.append(credit_invoice(session, invoice.number, because=because))
        elif any(parts.values()):
            notes.append(_credit_part(session, invoice, party, parts))
    return notes


def is_advance(session: Session, invoice: Invoice) -> bool:
    """Tell whether an invoice charges an advance."""
    return session.get(Advance, invoice.id) is not None


def require_unused(session: Session, invoice: Invoice) -> None:
    """Refuse to take back an advance that invoices have deducted, all or some of it."""
    left = advances_left(session, invoice.origin)
    if any(left.get(code, 0) < minor for code, minor in _charged(session, invoice).items()):
        raise AdvanceUsed(number=invoice.number, order=invoice.origin)


def _line(account: str, said: str, code: str | None, amount: Money) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description=said,
        quantity=Decimal(1),
        unit_price=amount.amount,
        discount_percent=Decimal(0),
        tax_code=code,
        account=account,
        net=amount,
    )


def _sign() -> ColumnElement[int]:
    taken_back = (InvoiceKind.CUSTOMER_CREDIT_NOTE, InvoiceKind.SUPPLIER_CREDIT_NOTE)
    return case((Invoice.kind.in_(taken_back), -1), else_=1)


def _by_tax(minor: ColumnElement[int]) -> Select[str | None, int]:
    """Add up lines on the accounts of advances by their tax."""
    return (
        select(InvoiceLine.tax_code, total(minor))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Account, Account.id == InvoiceLine.account_id)
        .where(Account.role.in_(ACCOUNTS.values()))
        .group_by(InvoiceLine.tax_code)
    )


def _of_order() -> ColumnElement[bool]:
    """Tell the invoices of an order, and what takes them back: its origin is the invoice."""
    billed = aliased(Invoice)
    number: BindParameter[str] = bindparam("order_number")
    return or_(
        Invoice.origin == number,
        Invoice.origin.in_(select(billed.number).where(billed.origin == number)),
    )


# Statements that every sale runs are made once.
_LEFT = _by_tax(_sign() * InvoiceLine.net_minor).where(_of_order())
_HELD = _by_tax(_sign() * (InvoiceLine.net_minor + InvoiceLine.tax_minor)).where(
    Invoice.party_id == bindparam("party_id"),
    Invoice.kind.in_((InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)),
)
_ON_ORDER = (
    select(Invoice, Advance)
    .join(Advance, Advance.invoice_id == Invoice.id)
    .where(Advance.order_number == bindparam("order_number"))
    .order_by(Invoice.id)
    .limit(ADVANCES_MAX)
)


def _charged(session: Session, invoice: Invoice) -> dict[str | None, int]:
    wanted = _by_tax(InvoiceLine.net_minor.expression).where(Invoice.id == invoice.id)
    return dict(session.execute(wanted).all())


def _credit_part(
    session: Session, invoice: Invoice, party: Party, parts: Mapping[str | None, int]
) -> Invoice:
    direction = rules.direction_of(invoice.kind)
    note = post_invoice(
        session,
        kind=direction.credit_note,
        party=party,
        lines=[
            _line(ACCOUNTS[direction], invoice.number, code, Money(minor, invoice.currency))
            for code, minor in parts.items()
            if minor
        ],
        origin=invoice.number,
        territory_id=invoice.territory_id,
        salesperson_id=invoice.salesperson_id,
        channel=invoice.channel,
    )
    if settled := min(invoice.open_minor, note.total_minor):
        amount = Money(settled, invoice.currency)
        apply_credit(session, note.number, settle=[(invoice.number, amount)])
    return note
