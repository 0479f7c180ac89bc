"""Taking back a part of an invoice or a bill: some of its lines, or an amount of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from core.invoicing.rules import Direction, InvoiceDraftLine
from core.invoicing.service import find_invoice, post_invoice
from core.invoicing.tables import DocumentState, Invoice, InvoiceKind, InvoiceLine
from core.invoicing.worth import in_proportion
from core.kernel import database, events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money, Rounding, plain
from core.ledger import Account, Dimensions, tax
from core.ledger.chart import DEFERRED_REVENUE, PREPAID_EXPENSES
from core.ledger.dimensions import dimensions_of
from core.ledger.tables import DimensionSet
from core.ledger.tax import TaxPart
from core.parties import Party

_DEFERRED = (DEFERRED_REVENUE, PREPAID_EXPENSES)


@dataclass
class _Gone:
    """What earlier notes took back of a line."""

    quantity: Decimal = Decimal(0)
    net_minor: int = 0
    taxes: tuple[TaxPart, ...] = ()


@dataclass(frozen=True)
class Left:
    """A line of a document, and what earlier notes have left of it."""

    line: InvoiceLine
    account: str
    dimensions: Dimensions
    quantity: Decimal
    net: Money
    charged: tuple[TaxPart, ...]
    taken: tuple[TaxPart, ...]


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

    A quantity is worth its share of what earlier notes have left of its line, an amount is shared
    by what is left of all lines: so the parts add up to the document, and the last takes the rest
    of net, tax and worth. The note settles what is open of the document, and the rest stays a
    credit of the party. An order behind it is not touched: goods that come back are returned to
    their delivery instead.
    """
    document = find_invoice(session, number, lock=True)
    _refuse(session, document)
    lines = _lines(session, document)
    drafts = (
        _of_amount(session, document, lines, amount)
        if amount is not None
        else _of_quantities(session, document, lines, quantities or {})
    )
    left, total = left_to_credit(session, document), _total(document, drafts)
    if left < total:
        raise CreditsTooMuch(number=document.number, left=left, amount=total)
    party = session.get_one(Party, document.party_id)
    note = post_invoice(
        session,
        kind=_note_kind(document),
        party=party,
        lines=drafts,
        origin=document.number,
        reference=reference,
        posted_on=posted_on,
        territory_id=document.territory_id,
        salesperson_id=document.salesperson_id,
        channel=document.channel,
        currency=document.currency,
        worth=_worth(session, document, total, left),
    )
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


def _total(document: Invoice, drafts: Sequence[InvoiceDraftLine]) -> Money:
    sale = rules.direction_of(document.kind) is Direction.RECEIVABLE
    priced = [rules.at_given(draft, sale=sale) for draft in drafts]
    return rules.added_up((line.net + line.tax for line in priced), document.currency)


def _worth(session: Session, document: Invoice, total: Money, left: Money) -> Money:
    """Return what a part is worth in the books: so much of what the document is still worth.

    What is taken back gains and loses nothing by exchange, and the last part takes the rest.
    """
    ours = company(session)
    credited = select(database.total(Invoice.base_total_minor)).where(
        Invoice.origin == document.number, Invoice.kind == _note_kind(document)
    )
    rest = Money(document.base_total_minor - session.scalars(credited).one(), ours.currency)
    return in_proportion(left, rest, ours.rounding)(total)


def _note_kind(document: Invoice) -> InvoiceKind:
    return rules.direction_of(document.kind).credit_note


def _lines(session: Session, document: Invoice) -> list[Left]:
    """Return the lines of a document, each with what earlier notes have left of it."""
    wanted = (
        select(InvoiceLine, Account, DimensionSet.key)
        .join(Account, Account.id == InvoiceLine.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == InvoiceLine.dimension_set_id)
        .where(InvoiceLine.invoice_id == document.id)
        .order_by(InvoiceLine.position)
    )
    found = list(session.execute(wanted))
    roles = {account.role for _, account, _ in found}
    if roles & set(_DEFERRED):
        raise DeferredStaysWhole(number=document.number)
    if roles & set(ACCOUNTS.values()):
        raise AdvanceStaysWhole(number=document.number)
    charged, gone = taxes.taxes_by_line(session, document), _taken_back(session, document)
    return [
        Left(
            line=line,
            # What came of an order stays owed or paid as it came: an allowance is a variance.
            account=rules.cost_account(account.role or account.code),
            dimensions=dimensions_of(key),
            quantity=line.quantity - gone[line.position].quantity,
            net=Money(line.net_minor - gone[line.position].net_minor, document.currency),
            charged=charged.get(line.position, ()),
            taken=tuple(gone[line.position].taxes),
        )
        for line, account, key in found
    ]


def _taken_back(session: Session, document: Invoice) -> Mapping[int, _Gone]:
    """Return what earlier notes took back, by the position of the line."""
    notes = (
        select(Invoice)
        .where(Invoice.origin == document.number, Invoice.kind == _note_kind(document))
        .order_by(Invoice.id)
    )
    gone: dict[int, _Gone] = defaultdict(_Gone)
    for note in session.scalars(notes).all():
        of_note = taxes.taxes_by_line(session, note)
        lines = select(InvoiceLine).where(
            InvoiceLine.invoice_id == note.id, InvoiceLine.credits_position.is_not(None)
        )
        for line in session.scalars(lines):
            assert line.credits_position is not None, "only these are asked for"
            back = gone[line.credits_position]
            back.quantity += line.credits_quantity or 0
            back.net_minor += line.net_minor
            back.taxes += of_note.get(line.position, ())
    return gone


def _of_quantities(
    session: Session, document: Invoice, lines: Sequence[Left], quantities: Mapping[int, Decimal]
) -> list[InvoiceDraftLine]:
    by_position, rounding = {each.line.position: each for each in lines}, company(session).rounding
    drafts = []
    for position, quantity in sorted(quantities.items()):
        of_line = by_position.get(position)
        left = of_line.quantity if of_line is not None else Decimal(0)
        if of_line is None or not 0 < quantity <= left:
            raise NoSuchLine(number=document.number, position=position, left=plain(left))
        share = quantity / left
        net = of_line.net.times(share, rounding)
        drafts.append(
            replace(
                _draft(of_line, net, share, rounding),
                quantity=quantity,
                unit_price=of_line.line.unit_price,
                discount_percent=of_line.line.discount_percent,
                credits=(position, quantity),
            )
        )
    return drafts


def _of_amount(
    session: Session, document: Invoice, lines: Sequence[Left], amount: Money
) -> list[InvoiceDraftLine]:
    if amount.currency != document.currency:
        raise CurrencyMismatch(left=amount.currency, right=document.currency)
    if amount.minor <= 0:
        raise AmountNotPositive(amount=amount)
    whole = rules.added_up((each.net for each in lines), document.currency)
    if whole < amount:
        raise CreditsTooMuch(number=document.number, left=whole, amount=amount)
    parts, rounding = tax.spread(amount, [each.net for each in lines]), company(session).rounding
    return [
        _draft(each, net, Decimal(net.minor) / each.net.minor, rounding)
        for each, net in zip(lines, parts, strict=True)
        if net.minor
    ]


def _draft(of_line: Left, net: Money, share: Decimal, rounding: Rounding) -> InvoiceDraftLine:
    """Return an amount of a line, with the same part of the tax that is left of it."""
    row = of_line.line
    return InvoiceDraftLine(
        item_id=row.item_id,
        description=row.description,
        quantity=Decimal(1),
        unit_price=net.amount,
        discount_percent=Decimal(0),
        tax_code=row.tax_code,
        account=of_line.account,
        net=net,
        dimensions=of_line.dimensions,
        taxes=taxes.part_of_taxes(of_line.charged, of_line.taken, share, rounding),
        credits=(row.position, Decimal(0)),
    )
