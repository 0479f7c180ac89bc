"""Taking back a part of an invoice or a bill: some of its lines, or an amount of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing import rules, taxes
from core.invoicing.advances import ACCOUNTS
from core.invoicing.errors import (
    AdvanceStaysWhole,
    AlreadyCredited,
    AmountNotPositive,
    CreditNoteStays,
    CreditsTooMuch,
    DeferredStaysWhole,
    NoSuchLine,
    PostedByHand,
)
from core.invoicing.events import PartCredited
from core.invoicing.payments import apply_credit
from core.invoicing.queries import left_to_credit
from core.invoicing.rules import InvoiceDraftLine
from core.invoicing.service import find_invoice, post_invoice
from core.invoicing.tables import DocumentState, Invoice, InvoiceLine
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money
from core.ledger import Account
from core.ledger.chart import DEFERRED_REVENUE, PREPAID_EXPENSES
from core.ledger.dimensions import dimensions_of
from core.ledger.tables import DimensionSet
from core.parties import Party

_DEFERRED = (DEFERRED_REVENUE, PREPAID_EXPENSES)
Line = tuple[InvoiceLine, Account, str | None]


def credit_part(
    session: Session,
    number: str,
    *,
    because: str,
    quantities: Mapping[int, Decimal] | None = None,
    amount: Money | None = None,
    posted_on: date | None = None,
    reference: str | None = None,
) -> Invoice:
    """Take back so much of each position of a document, or an amount of it, without its tax.

    An amount is shared by its lines in proportion. The tax follows; the note settles what is open
    of the document, and the rest stays a credit of the party. An order behind it is not touched:
    goods that come back are returned to their delivery instead.
    """
    document = find_invoice(session, number, lock=True)
    _refuse(session, document)
    lines = _lines(session, document)
    drafts = (
        _of_amount(session, document, lines, amount)
        if amount is not None
        else _of_quantities(session, document, lines, quantities or {})
    )
    left = left_to_credit(session, document)
    party = session.get_one(Party, document.party_id)
    note = post_invoice(
        session,
        kind=rules.direction_of(document.kind).credit_note,
        party=party,
        lines=drafts,
        origin=document.number,
        reference=reference,
        posted_on=posted_on,
        territory_id=document.territory_id,
        salesperson_id=document.salesperson_id,
        channel=document.channel,
        currency=document.currency,
    )
    total = Money(note.total_minor, document.currency)
    if left < total:
        raise CreditsTooMuch(number=document.number, left=left, amount=total)
    told = PartCredited(
        number=document.number,
        kind=document.kind,
        note=note.number,
        before=left,
        after=left - total,
        because=because,
    )
    events.record(session, told)
    if settled := min(document.open_minor, note.total_minor):
        amount = Money(settled, document.currency)
        apply_credit(session, note.number, settle=[(document.number, amount)])
    return note


def _refuse(session: Session, document: Invoice) -> None:
    if document.by_hand:
        raise PostedByHand(number=document.number, entry=document.origin)
    if rules.takes_back(document.kind):
        raise CreditNoteStays(number=document.number)
    if document.state is DocumentState.REVERSED:
        note = select(Invoice.number).where(Invoice.origin == document.number).limit(1)
        raise AlreadyCredited(number=document.number, credit_note=session.scalar(note))


def _lines(session: Session, document: Invoice) -> list[Line]:
    wanted = (
        select(InvoiceLine, Account, DimensionSet.key)
        .join(Account, Account.id == InvoiceLine.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == InvoiceLine.dimension_set_id)
        .where(InvoiceLine.invoice_id == document.id)
        .order_by(InvoiceLine.position)
    )
    found: list[Line] = [(line, account, key) for line, account, key in session.execute(wanted)]
    roles = {account.role for _, account, _ in found}
    if roles & set(_DEFERRED):
        raise DeferredStaysWhole(number=document.number)
    if roles & set(ACCOUNTS.values()):
        raise AdvanceStaysWhole(number=document.number)
    return found


def _of_quantities(
    session: Session, document: Invoice, lines: Sequence[Line], quantities: Mapping[int, Decimal]
) -> list[InvoiceDraftLine]:
    by_position = {line[0].position: line for line in lines}
    drafts = []
    for position, quantity in sorted(quantities.items()):
        if position not in by_position or not 0 < quantity <= by_position[position][0].quantity:
            left = by_position[position][0].quantity if position in by_position else 0
            raise NoSuchLine(number=document.number, position=position, left=left)
        line = by_position[position][0]
        whole = Money(line.net_minor, document.currency)
        share = quantity / line.quantity
        net = whole.times(share, company(session).rounding)
        drafts.append(_draft(session, document, by_position[position], quantity, net, share))
    return drafts


def _of_amount(
    session: Session, document: Invoice, lines: Sequence[Line], amount: Money
) -> list[InvoiceDraftLine]:
    whole = Money(document.net_minor, document.currency)
    if amount.currency != document.currency:
        raise CurrencyMismatch(left=amount.currency, right=document.currency)
    if amount.minor <= 0:
        raise AmountNotPositive(amount=amount)
    if whole < amount:
        raise CreditsTooMuch(number=document.number, left=whole, amount=amount)
    ours, left, drafts = company(session), amount, []
    charged = [line for line in lines if line[0].net_minor]
    for place, line in enumerate(charged, start=1):
        part = amount.times(Decimal(line[0].net_minor) / whole.minor, ours.rounding)
        # The last one takes what rounding leaves.
        net = left if place == len(charged) else part
        left -= net
        if net.minor:
            share = Decimal(net.minor) / line[0].net_minor
            one = Decimal(1)
            drafts.append(_draft(session, document, line, one, net, share, price=net.amount))
    return drafts


def _draft(
    session: Session,
    document: Invoice,
    line: Line,
    quantity: Decimal,
    net: Money,
    share: Decimal,
    *,
    price: Decimal | None = None,
) -> InvoiceDraftLine:
    """Return a part of a line, with the same part of the tax that it was charged then."""
    row, account, dimensions = line
    whole = taxes.taxes_by_line(session, document).get(row.position, ())
    return InvoiceDraftLine(
        item_id=row.item_id,
        description=row.description,
        quantity=quantity,
        unit_price=row.unit_price if price is None else price,
        discount_percent=row.discount_percent if price is None else Decimal(0),
        tax_code=row.tax_code,
        account=account.code,
        net=net,
        dimensions=dimensions_of(dimensions),
        taxes=taxes.part_of_taxes(whole, (), share, company(session).rounding),
    )
