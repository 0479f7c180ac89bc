"""What was charged for the lines of an order in a room above, and how a part is taken back.

The order is known here by its number and the ids of its lines only.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from core.invoicing import rules, taxes
from core.invoicing.errors import CreditsTooMuch
from core.invoicing.payments import apply_credit
from core.invoicing.queries import left_to_credit
from core.invoicing.rules import InvoiceDraftLine
from core.invoicing.service import credit_invoice, post_invoice
from core.invoicing.tables import DocumentState, Invoice, InvoiceKind, InvoiceLine
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.ledger import Account
from core.ledger.tax import TaxComponent, TaxLine, TaxLineKind, TaxPart
from core.parties import Party

CHARGES = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.SUPPLIER_BILL)


@dataclass(frozen=True)
class Charged:
    """A line of a standing invoice, and how much of it was not taken back."""

    invoice: Invoice
    line: InvoiceLine
    account: str
    quantity: Decimal
    net_minor: int


def charged_by_order_line(
    session: Session, order_line_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return what order lines were charged at their prices, less what was credited.

    In minor units, with the tax that lies in the price.
    """
    sign = case((Invoice.kind.in_(CHARGES), 1), else_=-1)
    rows = (
        select(InvoiceLine.order_line_id, total(InvoiceLine.net_minor * sign))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.order_line_id.in_(list(order_line_ids)))
        .group_by(InvoiceLine.order_line_id)
    )
    sums = {line_id: net for line_id, net in session.execute(rows) if line_id is not None}
    inside = (
        select(InvoiceLine.order_line_id, total(TaxLine.tax_minor))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(
            TaxLine,
            (TaxLine.document == Invoice.number) & (TaxLine.line == InvoiceLine.position),
        )
        .join(TaxComponent, TaxComponent.id == TaxLine.component_id)
        .where(
            InvoiceLine.order_line_id.in_(list(sums)),
            TaxComponent.included,
            TaxLine.kind == TaxLineKind.CHARGED,
        )
        .group_by(InvoiceLine.order_line_id)
    )
    for line_id, minor in session.execute(inside):
        if line_id is not None:
            sums[line_id] += minor
    return sums


def quantities_charged(session: Session, number: str) -> dict[uuid.UUID, Decimal]:
    """Return how much of each order line one invoice or credit note is about."""
    rows = (
        select(InvoiceLine.order_line_id, func.sum(InvoiceLine.quantity))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.number == number, InvoiceLine.order_line_id.is_not(None))
        .group_by(InvoiceLine.order_line_id)
    )
    return {line_id: much for line_id, much in session.execute(rows) if line_id is not None}


def standing_charges(
    session: Session,
    order_number: str,
    *,
    order_lines: Iterable[uuid.UUID] | None = None,
    lock: bool = False,
) -> list[Charged]:
    """Return what is charged for an order and was not taken back, the newest invoice first.

    By the lines of the order, where an invoice may be about several orders: then with all that
    such an invoice charges.
    """
    note, credited = aliased(Invoice), aliased(InvoiceLine)
    mine = (
        (note.origin == Invoice.number)
        & (credited.invoice_id == note.id)
        & (credited.credits_position == InvoiceLine.position)
    )
    quantity = select(func.coalesce(func.sum(credited.credits_quantity), 0)).where(mine)
    net = select(total(credited.net_minor)).where(mine)
    concerned = None
    if order_lines is not None:
        concerned = select(InvoiceLine.invoice_id).where(
            InvoiceLine.order_line_id.in_(list(order_lines))
        )
    rows = (
        select(
            Invoice,
            InvoiceLine,
            Account.code,
            InvoiceLine.quantity - quantity.correlate(Invoice, InvoiceLine).scalar_subquery(),
            InvoiceLine.net_minor - net.correlate(Invoice, InvoiceLine).scalar_subquery(),
        )
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Account, Account.id == InvoiceLine.account_id)
        .where(
            Invoice.id.in_(concerned) if concerned is not None else Invoice.origin == order_number,
            Invoice.kind.in_(CHARGES),
            Invoice.state == DocumentState.POSTED,
            InvoiceLine.order_line_id.is_not(None),
        )
        .order_by(Invoice.id.desc(), InvoiceLine.position)
    )
    if lock:
        rows = rows.with_for_update(of=Invoice).execution_options(populate_existing=True)
    charged = (Charged(*row) for row in session.execute(rows))
    return [each for each in charged if each.quantity > 0]


def credit_order_lines(
    session: Session,
    order_number: str,
    quantities: Mapping[uuid.UUID, Decimal],
    *,
    party: Party,
    because: str,
    fee_percent: Decimal = Decimal(0),
) -> list[Invoice]:
    """Take back what was charged for quantities of order lines, from the newest invoice on.

    An invoice that is taken back entirely is credited as a whole; of any other a credit note for
    the part settles what is still open, and the rest stays a credit of the party. What earlier
    notes took back of a line, in quantity or in price, is not taken back again. So many percent
    of the price are kept as a fee, with their tax.
    """
    left = dict(quantities)
    by_invoice: dict[str, list[tuple[Charged, Decimal]]] = {}
    every: dict[str, list[Charged]] = {}
    for charged in standing_charges(session, order_number, order_lines=quantities, lock=True):
        every.setdefault(charged.invoice.number, []).append(charged)
        assert charged.line.order_line_id is not None, "only lines of orders are asked for"
        part = min(left.get(charged.line.order_line_id, Decimal(0)), charged.quantity)
        if part > 0:
            left[charged.line.order_line_id] -= part
            by_invoice.setdefault(charged.invoice.number, []).append((charged, part))
    notes = []
    for number, parts in by_invoice.items():
        whole = (
            not fee_percent
            and len(parts) == len(every[number])
            and all(
                part == charged.line.quantity and charged.net_minor == charged.line.net_minor
                for charged, part in parts
            )
        )
        if whole:
            notes.append(credit_invoice(session, number, because=because))
        else:
            notes.append(_credit_part(session, party, parts, fee_percent))
    return notes


def _credit_part(
    session: Session, party: Party, parts: list[tuple[Charged, Decimal]], fee_percent: Decimal
) -> Invoice:
    invoice = parts[0][0].invoice
    left = left_to_credit(session, invoice)
    lines = [_part(session, charged, quantity) for charged, quantity in parts]
    if fee_percent:
        lines += [_fee(session, line, fee_percent) for line in lines]
    note = post_invoice(
        session,
        kind=rules.direction_of(invoice.kind).credit_note,
        party=party,
        lines=lines,
        origin=invoice.number,
        territory_id=invoice.territory_id,
        salesperson_id=invoice.salesperson_id,
        channel=invoice.channel,
    )
    credited = Money(note.total_minor, note.currency)
    if left < credited:
        # An amount of it was taken back before.
        raise CreditsTooMuch(number=invoice.number, left=left, amount=credited)
    settled = min(invoice.open_minor, note.total_minor)
    if settled:
        amount = Money(settled, invoice.currency)
        apply_credit(session, note.number, settle=[(invoice.number, amount)])
    return note


def _part(session: Session, charged: Charged, quantity: Decimal) -> InvoiceDraftLine:
    line, rounding = charged.line, company(session).rounding
    # The last part takes what is left, so that the parts add up to the line.
    share = quantity / charged.quantity
    net = Money(charged.net_minor, charged.invoice.currency).times(share, rounding)
    whole = taxes.taxes_by_line(session, charged.invoice).get(line.position, ())
    return InvoiceDraftLine(
        item_id=line.item_id,
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_code=line.tax_code,
        account=charged.account,
        order_line_id=line.order_line_id,
        net=net,
        credits=(line.position, quantity),
        taxes=taxes.part_of_taxes(whole, _taken_back(session, charged), share, rounding),
    )


def _fee(session: Session, line: InvoiceDraftLine, percent: Decimal) -> InvoiceDraftLine:
    """Return what we keep of a line that is taken back, with its tax."""
    assert line.net is not None, "what is taken back has its amount"
    kept = line.net.times(-percent / rules.HUNDRED, company(session).rounding)
    return InvoiceDraftLine(
        item_id=None,
        description=f"− {plain(percent)} % {line.description}",
        quantity=Decimal(1),
        unit_price=kept.amount,
        discount_percent=Decimal(0),
        tax_code=line.tax_code,
        account=line.account,
        net=kept,
    )


def _taken_back(session: Session, charged: Charged) -> list[TaxPart]:
    """Return the tax that credit notes took back of a line of an invoice already."""
    mine = (
        select(InvoiceLine.position, Invoice)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(
            Invoice.origin == charged.invoice.number,
            InvoiceLine.credits_position == charged.line.position,
        )
        .order_by(Invoice.number)
    )
    return [
        part
        for position, note in session.execute(mine).all()
        for part in taxes.taxes_by_line(session, note).get(position, ())
    ]
