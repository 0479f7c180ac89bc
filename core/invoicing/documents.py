"""Invoices and bills that no order stands behind: what is charged, to which account, and when.

A line may be earned or used up over a stretch of days: it is then charged to the deferred account,
and the schedules recognise it part by part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, ItemKind, Trade, pricing
from core.catalog.pricing import Buyer
from core.invoicing.errors import KitNeedsOrder, PriceNeeded, StockNeedsOrder
from core.invoicing.rules import Direction, InvoiceDraftLine, direction_of
from core.invoicing.service import post_invoice
from core.invoicing.tables import Invoice, InvoiceKind, InvoiceLine
from core.invoicing.taxes import HeaderDiscount
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.ledger import Account, Dimensions, Posting, find_accounts
from core.ledger.chart import OPERATING_EXPENSE, REVENUE, SERVICE_REVENUE
from core.ledger.errors import KeptByDocuments
from core.ledger.schedules import DEFERRED_ACCOUNT, DeferralKind, Method, start_deferral
from core.parties import Customer, Party, require_unblocked

_DEFERRED = {
    Direction.RECEIVABLE: DeferralKind.DEFERRED_REVENUE,
    Direction.PAYABLE: DeferralKind.PREPAID_EXPENSE,
}
_TRADED = {
    InvoiceKind.CUSTOMER_INVOICE: Trade.SALE,
    InvoiceKind.SUPPLIER_BILL: Trade.PURCHASE,
}


@dataclass(frozen=True)
class DocumentLine:
    """What a line charges: an item or a description, and what is not said is the usual.

    `account` is a code or a role; `over` is the stretch of days that it is earned or used up in,
    both included. A tax code that is not said is the item's, and "A+B" are two taxes; `taxed`
    False means none.
    """

    description: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    item: Item | None = None
    account: str | None = None
    tax_code: str | None = None
    taxed: bool = True
    discount_percent: Decimal = Decimal(0)
    dimensions: Dimensions = ()
    over: tuple[date, date] | None = None


def post_document(
    session: Session,
    *,
    kind: InvoiceKind,
    party: Party,
    lines: Sequence[DocumentLine],
    posted_on: date | None = None,
    due_on: date | None = None,
    reference: str | None = None,
    currency: str | None = None,
    worth: Money | None = None,
    term_code: str | None = None,
    header_discount: HeaderDiscount | Money | None = None,
) -> Invoice:
    """Post an invoice, a bill or a credit note without an order, and what it defers.

    What lies in stock is ordered, so that it is delivered or received as well; an account of its
    own says that this is about something else.
    """
    require_unblocked(party)
    direction = direction_of(kind)
    _require_tradeable(session, kind, lines)
    drafts = [_draft(session, line, party, direction, currency) for line in lines]
    _refuse_kept(session, drafts)
    if any(line.over for line in lines):
        held = DEFERRED_ACCOUNT[_DEFERRED[direction]]
        charged = [
            _elsewhere(draft, held) if line.over else draft
            for line, draft in zip(lines, drafts, strict=True)
        ]
    else:
        charged = drafts
    document = post_invoice(
        session,
        kind=kind,
        party=party,
        lines=charged,
        origin="",
        posted_on=posted_on,
        due_on=due_on,
        reference=reference,
        currency=currency,
        worth=worth,
        term_code=term_code,
        header_discount=header_discount,
    )
    _defer(session, document, party, list(zip(lines, drafts, strict=True)))
    return document


def _require_tradeable(session: Session, kind: InvoiceKind, lines: Sequence[DocumentLine]) -> None:
    """Refuse what is not traded, or blocked; what is blocked may still be credited."""
    items = [(line.item, line.quantity) for line in lines if line.item is not None]
    if items:
        catalog.require_tradeable(session, items, trade=_TRADED.get(kind))


def _draft(
    session: Session, line: DocumentLine, party: Party, direction: Direction, currency: str | None
) -> InvoiceDraftLine:
    selling, item = direction is Direction.RECEIVABLE, line.item
    if item is not None and item.kind is ItemKind.STOCKED and line.account is None:
        raise StockNeedsOrder(sku=item.sku)
    if item is not None and item.kind is ItemKind.KIT and line.account is None:
        parts = catalog.components_of(session, [item]).get(item.id, ())
        listed = ", ".join(f"{plain(each.per_kit)} × {each.item.sku}" for each in parts)
        raise KitNeedsOrder(sku=item.sku, components=listed or "–")
    tax_code = line.tax_code
    if tax_code is None and item is not None and line.taxed:
        tax_code = item.sales_tax_code if selling else item.purchase_tax_code
    usual = OPERATING_EXPENSE
    if selling:
        usual = REVENUE if item is not None and item.kind is ItemKind.STOCKED else SERVICE_REVENUE
    said = line.description
    if item is not None:
        said = f"{item.sku} {said or item.name}"
    return InvoiceDraftLine(
        item_id=item.id if item is not None else None,
        description=said,
        quantity=line.quantity,
        unit_price=_price(session, line, party, selling=selling, currency=currency),
        discount_percent=line.discount_percent,
        tax_code=tax_code if line.taxed else None,
        account=line.account or usual,
        dimensions=line.dimensions,
    )


def _price(
    session: Session, line: DocumentLine, party: Party, *, selling: bool, currency: str | None
) -> Decimal:
    """Return the price that was said, or that the customer pays by the rules and promotions.

    Goods that a promotion gives along are for orders: they would have to be delivered.
    """
    if line.unit_price is not None:
        return line.unit_price
    if line.item is not None and selling:
        buyer = session.get(Customer, party.id)
        terms = (buyer.price_list_code, buyer.customer_group) if buyer is not None else ()
        [quote] = pricing.quotes(
            session,
            [(line.item, line.quantity)],
            buyer=Buyer(party.id, *terms),
            currency=currency or company(session).currency,
        )
        if quote is not None:
            return quote.unit_price
    raise PriceNeeded(sku=line.item.sku if line.item is not None else line.description)


def _refuse_kept(session: Session, drafts: Sequence[InvoiceDraftLine]) -> None:
    for account in find_accounts(session, {draft.account for draft in drafts}).values():
        if account.control is not None:
            raise KeptByDocuments(account=account.called)


def _elsewhere(draft: InvoiceDraftLine, account: str) -> InvoiceDraftLine:
    """Return a line that stands on the deferred account, where no dimension is asked for."""
    return replace(draft, account=account, dimensions=())


def _defer(
    session: Session,
    document: Invoice,
    party: Party,
    lines: Sequence[tuple[DocumentLine, InvoiceDraftLine]],
) -> None:
    """Schedule what the lines of a document put on the deferred account."""
    kind = _DEFERRED[direction_of(document.kind)]
    wanted = select(InvoiceLine.net_minor).where(InvoiceLine.invoice_id == document.id)
    nets = list(session.scalars(wanted.order_by(InvoiceLine.position)))
    parts = [
        (line.over, draft, net)
        for (line, draft), net in zip(lines, nets, strict=False)
        if line.over is not None
    ]
    if not parts:
        return
    worth = _booked(session, document.entry_id, DEFERRED_ACCOUNT[kind])
    for (over, draft, _), amount in zip(
        parts, worth.split([net for _, _, net in parts]), strict=True
    ):
        start_deferral(
            session,
            kind=kind,
            amount=amount,
            account=draft.account,
            starts_on=over[0],
            ends_on=over[1],
            method=Method.BY_DAY,
            origin=document.number,
            memo=f"{document.number} {draft.description}",
            party_id=party.id,
            dimensions=draft.dimensions,
        )


def _booked(session: Session, entry_id: UUID, role: str) -> Money:
    """Return what an entry puts on an account, in the books."""
    wanted = (
        select(Posting.base_minor)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.entry_id == entry_id, Account.role == role)
    )
    return Money(sum(session.scalars(wanted)), company(session).currency)
