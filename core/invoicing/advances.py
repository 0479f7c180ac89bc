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

from sqlalchemy import ColumnElement, Numeric, bindparam, case, cast, func, select
from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.errors import AdvanceTooMuch, AdvanceUsed
from core.invoicing.payments import apply_credit
from core.invoicing.queries import OWED, owing
from core.invoicing.rules import Direction, InvoiceDraftLine
from core.invoicing.service import credit_invoice, post_invoice
from core.invoicing.tables import Advance, DocumentState, Invoice, InvoiceKind, InvoiceLine
from core.invoicing.worth import at_rate_of_document, part_of
from core.kernel.company import Company, company
from core.kernel.database import total
from core.kernel.money import Money, plain
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
    [currency] = {amount.currency for amount in billable.values()}
    lines = []
    for code, amount in billable.items():
        part = amount.times(percent / HUNDRED, ours.rounding)
        left = amount - Money(held.get(code, 0), amount.currency)
        if not 0 < percent <= HUNDRED or left < part:
            raise AdvanceTooMuch(percent=plain(percent), number=order_number, left=left)
        if part.minor:
            said = f"{order_number} {plain(percent)} %"
            lines.append(_line(direction, said, code, part, order_number))
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
        currency=currency,
    )
    session.add(
        Advance(invoice_id=invoice.id, order_number=order_number, blocks_delivery=blocks_delivery)
    )
    session.flush()
    return invoice


def advances_left(session: Session, order_number: str) -> dict[str | None, int]:
    """Return what advances on an order still hold, without tax, in minor units by tax code."""
    return {code: left for code, (left, _) in _left(session, order_number).items()}


def owed_beyond_advances(session: Session, party_id: uuid.UUID) -> Money:
    """Return what a customer owes us by documents, less what its advances still hold with tax.

    No order needs that again. In the company's currency, as it is in the books.
    """
    given = owing(party_id, Direction.RECEIVABLE) | {"party_id": party_id}
    owed, held = session.execute(_BEYOND, given).one()
    return Money(owed - int(held), company(session).currency)


def deductions_of(
    session: Session,
    direction: Direction,
    order_number: str,
    shares: Mapping[str | None, Decimal],
    *,
    currency: str,
) -> list[InvoiceDraftLine]:
    """Return the lines by which an invoice deducts its share of what the advances hold.

    `shares` says for each tax code which part of what is left to be billed the invoice bills; the
    last one bills all of it, and so deducts all. What is deducted of an advance in another currency
    is worth what it was when it was charged.
    """
    ours, lines = company(session), []
    for code, (minor, base) in _left(session, order_number).items():
        part = Money(minor, currency).times(shares.get(code, Decimal(0)), ours.rounding)
        if part.minor:
            worth = _share(part.minor, minor, base, ours) if currency != ours.currency else None
            lines.append(_line(direction, order_number, code, -part, order_number, worth=worth))
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
    left, ours = _left(session, order_number), company(session)
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
        parts, worths = {}, {}
        for code, minor in charged.items():
            still, base = left.get(code, (0, 0))
            parts[code] = min(minor, still)
            worths[code] = _share(parts[code], still, base, ours) if still else None
            gone = worths[code]
            left[code] = still - parts[code], base + (gone.minor if gone is not None else 0)
        if parts == charged:
            notes.append(credit_invoice(session, invoice.number, because=because))
        elif any(parts.values()):
            foreign = invoice.currency != ours.currency
            notes.append(_credit_part(session, invoice, party, parts, worths if foreign else {}))
    return notes


def is_advance(session: Session, invoice: Invoice) -> bool:
    """Tell whether an invoice charges an advance."""
    return session.get(Advance, invoice.id) is not None


def require_unused(session: Session, invoice: Invoice) -> None:
    """Refuse to take back an advance that invoices have deducted, all or some of it."""
    left = advances_left(session, invoice.origin)
    if any(left.get(code, 0) < minor for code, minor in _charged(session, invoice).items()):
        raise AdvanceUsed(number=invoice.number, order=invoice.origin)


def _line(
    direction: Direction,
    said: str,
    code: str | None,
    amount: Money,
    order_number: str,
    *,
    worth: Money | None = None,
) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description=said,
        quantity=Decimal(1),
        unit_price=amount.amount,
        discount_percent=Decimal(0),
        tax_code=code,
        account=ACCOUNTS[direction],
        net=amount,
        worth=worth,
        advance_order=order_number,
    )


def _share(part: int, whole: int, base: int, ours: Company) -> Money:
    """Return what a part is worth less of what all that is left of an advance is worth."""
    return Money(-part_of(base, part, whole, ours.rounding), ours.currency)


def _left(session: Session, order_number: str) -> dict[str | None, tuple[int, int]]:
    """Return what advances on an order still hold by tax code, and what it was worth."""
    rows = session.execute(_LEFT, {"order_number": order_number})
    return {code: (left, base) for code, left, base in rows if left}


def _sign() -> ColumnElement[int]:
    taken_back = (InvoiceKind.CUSTOMER_CREDIT_NOTE, InvoiceKind.SUPPLIER_CREDIT_NOTE)
    return case((Invoice.kind.in_(taken_back), -1), else_=1)


_WORTH = func.coalesce(InvoiceLine.base_net_minor, InvoiceLine.net_minor)
# Statements that every sale runs are made once.
_LEFT = (
    select(
        InvoiceLine.tax_code,
        total(_sign() * InvoiceLine.net_minor),
        total(_sign() * _WORTH),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .where(InvoiceLine.advance_order == bindparam("order_number"))
    .group_by(InvoiceLine.tax_code)
)
_HELD = (
    select(
        func.coalesce(
            func.round(
                func.sum(
                    _sign()
                    * (
                        _WORTH
                        + cast(InvoiceLine.tax_minor, Numeric)
                        * _WORTH
                        / func.nullif(InvoiceLine.net_minor, 0)
                    )
                )
            ),
            0,
        )
    )
    .select_from(InvoiceLine)
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .where(
        InvoiceLine.advance_order.is_not(None),
        Invoice.party_id == bindparam("party_id"),
        Invoice.kind.in_((InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)),
    )
)
_BEYOND = select(OWED.scalar_subquery(), _HELD.scalar_subquery())
_ON_ORDER = (
    select(Invoice, Advance)
    .join(Advance, Advance.invoice_id == Invoice.id)
    .where(Advance.order_number == bindparam("order_number"))
    .order_by(Invoice.id)
    .limit(ADVANCES_MAX)
)


def _charged(session: Session, invoice: Invoice) -> dict[str | None, int]:
    wanted = (
        select(InvoiceLine.tax_code, total(InvoiceLine.net_minor))
        .where(InvoiceLine.invoice_id == invoice.id, InvoiceLine.advance_order.is_not(None))
        .group_by(InvoiceLine.tax_code)
    )
    return dict(session.execute(wanted).all())


def _credit_part(
    session: Session,
    invoice: Invoice,
    party: Party,
    parts: Mapping[str | None, int],
    worths: Mapping[str | None, Money | None],
) -> Invoice:
    direction = rules.direction_of(invoice.kind)
    note = post_invoice(
        session,
        kind=direction.credit_note,
        party=party,
        lines=[
            _line(
                direction,
                invoice.number,
                code,
                Money(minor, invoice.currency),
                invoice.origin,
                worth=None if (gone := worths.get(code)) is None else -gone,
            )
            for code, minor in parts.items()
            if minor
        ],
        origin=invoice.number,
        territory_id=invoice.territory_id,
        salesperson_id=invoice.salesperson_id,
        channel=invoice.channel,
        currency=invoice.currency,
        at=at_rate_of_document(session, invoice),
    )
    if settled := min(invoice.open_minor, note.total_minor):
        amount = Money(settled, invoice.currency)
        apply_credit(session, note.number, settle=[(invoice.number, amount)])
    return note
