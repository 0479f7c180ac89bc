"""Selling a fixed asset to a customer: the invoice, and the asset leaves the register."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from core import invoicing
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import assets
from core.ledger.assets import AssetDisposed
from core.ledger.chart import DISPOSAL_GAIN
from core.parties import Customer, require_unblocked

_WHOLE = Decimal(100)


def sell_asset(
    session: Session,
    number: str,
    *,
    customer: Customer,
    price: Money,
    tax_code: str | None = None,
    on: date | None = None,
    share_percent: Decimal = _WHOLE,
) -> tuple[Invoice, AssetDisposed]:
    """Invoice a fixed asset, or a share of it, and take it out of the books on the same day.

    The invoice credits the gain on disposal with the price; the disposal takes it from there, so
    that what stays is the gain or the loss.
    """
    require_unblocked(customer.party)
    day = on or company(session).today
    asset = assets.asset_view(session, number)
    line = InvoiceDraftLine(
        item_id=None,
        description=f"{asset.number} {asset.name}",
        quantity=Decimal(1),
        unit_price=price.amount,
        discount_percent=Decimal(0),
        tax_code=tax_code,
        account=DISPOSAL_GAIN,
    )
    invoice = invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=customer.party,
        lines=[line],
        origin=asset.number,
        posted_on=day,
    )
    disposed = assets.dispose_asset(
        session,
        asset.number,
        proceeds=price,
        against=DISPOSAL_GAIN,
        on=day,
        share_percent=share_percent,
        of_document=invoice.number,
    )
    return invoice, disposed
