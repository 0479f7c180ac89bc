"""Buying fixed assets on account: a supplier's bill, and what its lines enter in the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from core import invoicing
from core.invoicing import DocumentLine, HeaderDiscount, Invoice, InvoiceKind
from core.invoicing.tables import InvoiceLine
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger import Account, Posting, Side, assets, tax
from core.ledger.assets import Asset
from core.ledger.tax import TaxLineKind, TaxUse
from core.parties import Party


@dataclass(frozen=True)
class BilledLine:
    """A line of a bill, and the fixed asset that it charges, if it charges one."""

    line: DocumentLine
    asset_class: str | None = None
    asset_name: str = ""


def post_bill(
    session: Session,
    *,
    supplier: Party,
    lines: Sequence[BilledLine],
    posted_on: date | None = None,
    due_on: date | None = None,
    reference: str | None = None,
    currency: str | None = None,
    term_code: str | None = None,
    header_discount: HeaderDiscount | Money | None = None,
) -> tuple[Invoice, list[Asset]]:
    """Post a bill without an order, and enter the fixed assets that its lines charge.

    Such a line is charged to the account of the asset's class. An asset costs what its line adds
    to that account in the books: after every discount, and with tax that may not be taken off.
    """
    charged = [_on_its_account(session, each) for each in lines]
    bill = invoicing.post_document(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=supplier,
        lines=charged,
        posted_on=posted_on,
        due_on=due_on,
        reference=reference,
        currency=currency,
        term_code=term_code,
        header_discount=header_discount,
    )
    if not any(each.asset_class for each in lines):
        return bill, []
    costs, nothing = _costs(session, bill), Money(0, company(session).currency)
    return bill, [
        assets.acquire_asset(
            session,
            name=each.asset_name or each.line.description or _item_name(each.line),
            asset_class=each.asset_class,
            document=bill.number,
            cost=costs.get(position, nothing),
            dimensions=each.line.dimensions,
        )
        for position, each in enumerate(lines, start=1)
        if each.asset_class
    ]


def _item_name(line: DocumentLine) -> str:
    assert line.item is not None, "a line says what it is for, or which item"
    return line.item.name


def _on_its_account(session: Session, billed: BilledLine) -> DocumentLine:
    if billed.asset_class is None or billed.line.account is not None:
        return billed.line
    account_id = assets.find_class(session, billed.asset_class).cost_account_id
    return replace(billed.line, account=session.get_one(Account, account_id).code)


def _costs(session: Session, bill: Invoice) -> Mapping[int, Money]:
    """Return what each line adds to its account in the books, by the position of the line."""
    with_tax: dict[int, int] = {}
    for _, booked in tax.kept_lines(session, document=bill.number, kind=TaxLineKind.CHARGED):
        if booked.line is not None and booked.part.use is TaxUse.NOT_DEDUCTIBLE:
            with_tax[booked.line] = with_tax.get(booked.line, 0) + booked.part.tax.minor
    wanted = (
        select(InvoiceLine.account_id, InvoiceLine.position, InvoiceLine.net_minor)
        .where(InvoiceLine.invoice_id == bill.id)
        .order_by(InvoiceLine.account_id, InvoiceLine.position)
    )
    costs: dict[int, Money] = {}
    for account_id, rows in groupby(session.execute(wanted), key=lambda row: row[0]):
        weights = {position: net + with_tax.get(position, 0) for _, position, net in rows}
        signed = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
        on_account = select(total(signed)).where(
            Posting.entry_id == bill.entry_id, Posting.account_id == account_id
        )
        worth = Money(session.scalars(on_account).one(), company(session).currency)
        counted = {place: weight for place, weight in weights.items() if weight > 0}
        if counted:
            shares = worth.split(list(counted.values()))
            costs.update(zip(counted, shares, strict=True))
    return costs
