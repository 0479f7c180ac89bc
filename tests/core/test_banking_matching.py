"""Lines of the bank and the books come to agree, and every way back works."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, banking
from core.invoicing.banking import Certainty, For, Imported
from core.invoicing.banking.errors import (
    LineMatched,
    MatchUndone,
)
from core.ledger.chart import (
    BANK,
    REVENUE,
)
from core.parties import Party
from tests.conftest import TODAY

IBAN, SAVINGS = "DE02120300000000202051", "DE89370400440532013000"
ACME_IBAN = "FR7630006000011234567890189"


@dataclass(frozen=True)
class World:
    session: Session
    acme: Party
    lumen: Party

    def bill(self, amount: str, party: Party | None = None, **more: object) -> str:
        """Post an invoice to Acme, or a bill of Lumen, and return its number."""
        who = party or self.acme
        kind = InvoiceKind.CUSTOMER_INVOICE if who is self.acme else InvoiceKind.SUPPLIER_BILL
        line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(amount), Decimal(0), None, REVENUE)
        arguments = {"posted_on": TODAY - timedelta(days=20), **more}
        posted = invoicing.post_invoice(
            self.session, kind=kind, party=who, lines=[line], origin="any", **arguments
        )
        return posted.number

    def bank(self, *lines: tuple[str, str, str, str], account: str = "MAIN") -> list[str]:
        """Import lines of (amount, text, counterparty, IBAN), and return their numbers."""
        rows = ["Date,Amount,Description,Counterparty,IBAN"]
        rows += [f'{TODAY},{amount},{said},"{who}",{iban}' for amount, said, who, iban in lines]
        [done] = self.imported("\n".join(rows), account)
        return [line.number for line in banking.list_lines(self.session, statement=done.statement)]

    def imported(self, content: str, account: str = "MAIN") -> list[Imported]:
        return banking.import_statement(self.session, content.encode(), bank_account=account)

    def proposed(self, number: str) -> banking.Proposal:
        [(_, found)] = banking.propose_matches(self.session, numbers=[number])
        return found

    def open_of(self, number: str) -> str:
        return str(
            invoicing.invoice_view(self.session, invoicing.find_invoice(self.session, number)).open
        )

    def on(self, account: str) -> str:
        return str(ledger.balance(self.session, account).amount)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    acme = parties.add_customer(session, name="Acme Bikes GmbH", name_zh="艾克米自行车有限公司")
    lumen = parties.add_supplier(session, name="Lumen & Co")
    ledger.open_bank_account(session, code="MAIN", name="Main account", account="1010", iban=IBAN)
    ledger.open_account(
        session, code="1020", name="Savings", name_zh="储蓄", kind=ledger.AccountKind.ASSET
    )
    ledger.open_bank_account(session, code="SAVE", name="Savings", account="1020", iban=SAVINGS)
    yield World(session, acme.party, lumen.party)
    assert verify_books(session) == []


def test_a_line_that_names_its_invoice_is_a_payment_and_undone_as_if_it_never_was(
    world: World,
) -> None:
    invoice = world.bill("119")
    [line] = world.bank(("119.00", f"Payment {invoice}", "ACME BIKES", ACME_IBAN))

    proposal = world.proposed(line)
    match = banking.carry_out(world.session, proposal)

    assert (proposal.purpose, proposal.certainty) == (For.DOCUMENTS, Certainty.CERTAIN)
    assert proposal.because() == f"names {invoice}"
    assert proposal.because("zh") == f"提及 {invoice}"
    assert (world.open_of(invoice), world.on(BANK)) == ("0.00 EUR", "119.00")
    assert verify_books(world.session) == []
    with pytest.raises(LineMatched, match=match.number):
        banking.carry_out(world.session, proposal)

    banking.undo_match(world.session, match.number, because="wrong")

    assert (world.open_of(invoice), world.on(BANK)) == ("119.00 EUR", "0.00")
    assert world.proposed(line) == proposal
    with pytest.raises(MatchUndone):
        banking.undo_match(world.session, match.number, because="twice")
