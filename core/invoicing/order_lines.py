"""What was charged for the lines of an order in a room above, and how a part is taken back.

The order is known here by its number and the ids of its lines only.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.invoicing import rules, taxes
from core.invoicing.errors import CreditsTooMuch
from core.invoicing.payments import apply_credit
from core.invoicing.queries import left_to_credit
from core.invoicing.rules import Direction, InvoiceDraftLine
from core.invoicing.service import credit_invoice, post_invoice
from core.invoicing.tables import DocumentState, Invoice, InvoiceKind, InvoiceLine
from core.invoicing.worth import at_rate_of_document, worth_of
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money, plain
from core.ledger import Account
from core.ledger.tax import TaxComponent, TaxLine, TaxLineKind, TaxPart
from core.parties import Party

# Up to here a line is worth what the rate says, but for rounding.
_CENTS_MAX = 2
CHARGES = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.SUPPLIER_BILL)

# Statements that every bill runs are made once.
_SIGN = case((Invoice.kind.in_(CHARGES), 1), else_=-1)
_OF_LINES = InvoiceLine.order_line_id.in_(bindparam("lines", expanding=True))
_CHARGED = (
    select(
        InvoiceLine.order_line_id,
        total(InvoiceLine.net_minor * _SIGN),
        total(func.coalesce(InvoiceLine.base_net_minor, InvoiceLine.net_minor) * _SIGN),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .where(_OF_LINES)
    .group_by(InvoiceLine.order_line_id)
)
_TAX_INSIDE = (
    select(InvoiceLine.order_line_id, total(TaxLine.tax_minor))
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .join(TaxLine, (TaxLine.document == Invoice.number) & (TaxLine.line == InvoiceLine.position))
    .join(TaxComponent, TaxComponent.id == TaxLine.component_id)
    .where(_OF_LINES, TaxComponent.included, TaxLine.kind == TaxLineKind.CHARGED)
    .group_by(InvoiceLine.order_line_id)
)


@dataclass(frozen=True)
class Charged:
    """A line of a standing invoice, and how much of it was not taken back."""

    invoice: Invoice
    line: InvoiceLine
    account: str
    quantity: Decimal
    net_minor: int
    # What that is worth in the books, of an invoice in another currency.
    base_net_minor: int | None


class OrderedLine(Protocol):
    """A line of an order in a room above, as far as it matters for what is charged for it."""

    @property
    def id(self) -> uuid.UUID:
        """What its charges know it by."""

    @property
    def net_amount(self) -> Decimal:
        """What it comes to, exact."""


def billable_by_tax(
    session: Session, lines: Iterable[tuple[OrderedLine, str | None, Decimal]], *, currency: str
) -> dict[str | None, Money]:
    """Return what of some order lines is not charged yet, by the tax code of each.

    The last of the three is how much of a line was charged; the order is in `currency`.
    """
    ours, every = company(session), list(lines)
    begun = [line.id for line, _, charged in every if charged]
    so_far = charged_by_order_line(session, begun) if begun else {}
    left: dict[str | None, Money] = {}
    for line, code, _ in every:
        whole = Money.rounding(line.net_amount, currency, ours.rounding)
        rest = whole - Money(so_far.get(line.id, 0), currency)
        left[code] = left.get(code, Money(0, currency)) + rest
    return left


def shares_by_tax(
    left: Mapping[str | None, Money], lines: Iterable[InvoiceDraftLine]
) -> dict[str | None, Decimal]:
    """Return which part of what is not charged some lines charge, by tax; never more than all."""
    now: dict[str | None, int] = {}
    for line in lines:
        assert line.net is not None, "an order is charged at its price"
        now[line.tax_code] = now.get(line.tax_code, 0) + line.net.minor
    return {
        code: min(Decimal(minor) / left[code].minor, Decimal(1))
        for code, minor in now.items()
        if code in left and left[code].minor > 0
    }


def charged_by_order_line(
    session: Session, order_line_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return what order lines were charged at their prices, less what was credited.

    In minor units of the order's currency, with the tax that lies in the price.
    """
    return {line_id: net for line_id, (net, _) in _charged(session, order_line_ids).items()}


def booked_by_order_line(
    session: Session, order_line_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return what these charges come to in the books, in the company's currency."""
    return {line_id: base for line_id, (_, base) in _charged(session, order_line_ids).items()}


def _charged(
    session: Session, order_line_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int]]:
    rows = session.execute(_CHARGED, {"lines": list(order_line_ids)})
    sums = {line_id: (net, base) for line_id, net, base in rows if line_id is not None}
    if sums:
        for line_id, minor in session.execute(_TAX_INSIDE, {"lines": list(sums)}):
            if line_id is not None:
                net, base = sums[line_id]
                sums[line_id] = net + minor, base + minor
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
    # A note for goods names their order line; one for a part of the document its position alone.
    mine = (
        (note.origin == Invoice.number)
        & (credited.invoice_id == note.id)
        & or_(
            credited.order_line_id == InvoiceLine.order_line_id,
            credited.order_line_id.is_(None) & (credited.credits_position == InvoiceLine.position),
        )
    )
    taken = case(
        (credited.order_line_id.is_(None), credited.credits_quantity), else_=credited.quantity
    )
    quantity = select(func.coalesce(func.sum(taken), 0)).where(mine)
    net = select(total(credited.net_minor)).where(mine)
    base = select(total(func.coalesce(credited.base_net_minor, 0))).where(mine)
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
            case(
                (
                    InvoiceLine.base_net_minor.is_not(None),
                    InvoiceLine.base_net_minor
                    - base.correlate(Invoice, InvoiceLine).scalar_subquery(),
                )
            ),
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
    differing: Sequence[InvoiceDraftLine] | None = None,
    reference: str | None = None,
) -> list[Invoice]:
    """Take back what was charged for quantities of order lines, from the newest invoice on.

    An invoice that is taken back entirely is credited as a whole; of any other a credit note for
    the part settles what is still open, and the rest stays a credit of the party. What earlier
    notes took back of a line, in quantity or in price, is not taken back again. So many percent
    of the price are kept as a fee, with their tax. `differing` lines come on the last note, and
    every note is then for a part: what is taken back differs from what was charged.
    """
    by_invoice, every = _chosen(session, order_number, quantities)
    notes = []
    for place, (number, parts) in enumerate(by_invoice.items(), start=1):
        whole = len(parts) == len(every[number]) and all(
            part == charged.line.quantity and charged.net_minor == charged.line.net_minor
            for charged, part in parts
        )
        if whole and differing is None and not fee_percent:
            notes.append(credit_invoice(session, number, because=because))
            continue
        more = list(differing or ()) if place == len(by_invoice) else []
        if fee_percent:
            more += [_fee(session, _part(session, *each), fee_percent) for each in parts]
        notes.append(_credit_part(session, party, parts, more=more, reference=reference))
    return notes


def charged_for(
    session: Session, order_number: str, quantities: Mapping[uuid.UUID, Decimal]
) -> Money:
    """Return what was charged for quantities of order lines, with tax, from the newest invoice."""
    by_invoice, _ = _chosen(session, order_number, quantities)
    whole: Money | None = None
    for parts in by_invoice.values():
        sale = rules.direction_of(parts[0][0].invoice.kind) is Direction.RECEIVABLE
        for charged, quantity in parts:
            priced = rules.at_given(_part(session, charged, quantity), sale=sale)
            gross = priced.net + priced.tax
            whole = gross if whole is None else whole + gross
    return whole if whole is not None else Money(0, company(session).currency)


def _chosen(
    session: Session, order_number: str, quantities: Mapping[uuid.UUID, Decimal]
) -> tuple[dict[str, list[tuple[Charged, Decimal]]], dict[str, list[Charged]]]:
    """Return which parts of which invoices some quantities are, and all lines of these."""
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
    return by_invoice, every


def _credit_part(
    session: Session,
    party: Party,
    parts: list[tuple[Charged, Decimal]],
    *,
    more: Sequence[InvoiceDraftLine],
    reference: str | None,
) -> Invoice:
    invoice = parts[0][0].invoice
    left = left_to_credit(session, invoice)
    lines = [_part(session, charged, quantity) for charged, quantity in parts]
    note = post_invoice(
        session,
        kind=rules.direction_of(invoice.kind).credit_note,
        party=party,
        lines=[*lines, *more],
        origin=invoice.number,
        reference=reference,
        territory_id=invoice.territory_id,
        salesperson_id=invoice.salesperson_id,
        channel=invoice.channel,
        currency=invoice.currency,
        at=at_rate_of_document(session, invoice),
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
        worth=_worth(session, charged, share),
        taxes=taxes.part_of_taxes(whole, _taken_back(session, charged), share, rounding),
    )


def _worth(session: Session, charged: Charged, share: Decimal) -> Money | None:
    """Return what a part is worth of a line whose worth was not what its document's rate says."""
    line, invoice = charged.line, charged.invoice
    own, rate = worth_of(session, line), at_rate_of_document(session, invoice)
    if own is None or rate is None or charged.base_net_minor is None:
        return None
    usual = rate(Money(line.net_minor, invoice.currency))
    sold = rules.direction_of(invoice.kind) is Direction.RECEIVABLE
    if sold and abs(own.minor - usual.minor) <= _CENTS_MAX:
        return None
    left = Money(charged.base_net_minor, own.currency)
    return left.times(share, company(session).rounding)


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
            or_(
                InvoiceLine.order_line_id == charged.line.order_line_id,
                InvoiceLine.order_line_id.is_(None)
                & (InvoiceLine.credits_position == charged.line.position),
            ),
        )
        .order_by(Invoice.number)
    )
    return [
        part
        for position, note in session.execute(mine).all()
        for part in taxes.taxes_by_line(session, note).get(position, ())
    ]
