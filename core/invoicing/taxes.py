"""The tax in a document, as far as it has to be corrected when less than all of it is paid."""

from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.rules import Direction
from core.invoicing.tables import Invoice
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger.chart import TAX_INPUT, TAX_OUTPUT


def tax_shares(session: Session, document: Invoice, part: Money) -> list[tuple[str, Money]]:
    """Return the tax in a part of a document: accounts, and how much of the part each has."""
    receivable = rules.direction_of(document.kind) is Direction.RECEIVABLE
    tax = Money(document.tax_minor, document.currency)
    share = tax.times(
        part.amount / Money(document.total_minor, document.currency).amount,
        company(session).rounding,
    )
    return [(TAX_OUTPUT if receivable else TAX_INPUT, share)] if share.minor else []
