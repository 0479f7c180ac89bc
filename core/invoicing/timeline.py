"""What invoicing tells of a party: invoices, bills and notes, and what was paid."""

from sqlalchemy import cast, func, select
from sqlalchemy.types import String

from core.invoicing.tables import Invoice, Payment
from core.kernel.semantics import Names
from core.kernel.timeline import Strand, midnight

STRANDS = (
    Strand(
        "invoices",
        Names("invoices, bills and notes", "发票与账单"),
        select(
            Invoice.party_id,
            midnight(Invoice.posted_on).label("at"),
            Invoice.id.label("id"),
            Invoice.number.label("number"),
            func.coalesce(Invoice.reference, Invoice.origin).label("title"),
            cast(Invoice.kind, String).label("detail"),
            cast(Invoice.state, String).label("state"),
            Invoice.total_minor.label("minor"),
            Invoice.currency.label("currency"),
        ),
    ),
    Strand(
        "payments",
        Names("payments", "收付款"),
        select(
            Payment.party_id,
            midnight(Payment.paid_on).label("at"),
            Payment.id.label("id"),
            Payment.number.label("number"),
            func.coalesce(Payment.reference, "").label("title"),
            cast(Payment.kind, String).label("detail"),
            cast(Payment.state, String).label("state"),
            Payment.amount_minor.label("minor"),
            Payment.currency.label("currency"),
        ),
    ),
)
