"""What may be said wrongly to the finance tools: refused, with its reason and the way out."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import invoicing, ledger, parties
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.kernel.database import unit_of_work
from core.kernel.errors import DomainError
from core.ledger import PeriodState
from core.ledger.chart import OPERATING_EXPENSE, REVENUE
from tests.core.road import propose

RECEIPT, BOUNCE = "invoicing.record_customer_payment", "invoicing.reverse_payment"
REVERSE, CREDIT = "ledger.reverse_entry", "invoicing.credit_invoice"
ENTRY = {"debit": "6000", "credit": "1000", "amount": "10", "memo": "rent"}
PAID = {"customer": "Acme Bikes", "amount": "10"}


@pytest.fixture(scope="module")
def house(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """A shop with an invoice and a bill of 100.00, periods in every state, a blocked account."""
    engine = databases("shop")
    with unit_of_work(engine) as session:
        acme = parties.find_customer(session, "Acme Bikes").party
        lumen = parties.find_supplier(session, "Lumen & Co").party
        for kind, party, account in (
            (InvoiceKind.CUSTOMER_INVOICE, acme, REVENUE),
            (InvoiceKind.SUPPLIER_BILL, lumen, OPERATING_EXPENSE),
        ):
            line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(100), Decimal(0), None, account)
            invoicing.post_invoice(session, kind=kind, party=party, lines=[line], origin="x")
        ledger.set_period_state(session, "2026-03", PeriodState.CLOSED)
        ledger.set_period_state(session, "2026-04", PeriodState.ON_HOLD)
        ledger.block_account(session, "6050")
        parties.block_party(session, parties.find_supplier(session, "Brightway").party, because="x")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "says"),
    [
        ("ledger.post_entry", ENTRY | {"debit": "1400"}, "kept_by_documents", "document"),
        ("ledger.post_entry", ENTRY | {"debit": "1100"}, "party_required", "customer"),
        ("ledger.post_entry", ENTRY | {"debit": "9999"}, "unknown_account", "9999"),
        ("ledger.post_entry", ENTRY | {"debit": "6050"}, "account_blocked", "6050"),
        ("ledger.post_entry", ENTRY | {"posted_on": "2026-03-10"}, "period_closed", "2026-03"),
        ("ledger.post_entry", ENTRY | {"posted_on": "2026-04-10"}, "period_on_hold", "2026-04"),
        ("ledger.post_entry", ENTRY | {"posted_on": "1999-01-01"}, "no_period_for_day", "1999"),
        ("ledger.post_entry", ENTRY | {"amount": "0.001"}, "too_many_decimals", "EUR"),
        ("ledger.post_entry", ENTRY | {"amount": "0"}, "bad_arguments", "greater than 0"),
        ("ledger.post_entry", ENTRY | {"amount": "-1"}, "bad_arguments", "greater than 0"),
        ("ledger.post_entry", ENTRY | {"amount": "NaN"}, "bad_arguments", "finite"),
        ("ledger.post_entry", ENTRY | {"amount": "Infinity"}, "bad_arguments", "finite"),
        ("ledger.post_entry", ENTRY | {"amount": "1e18"}, "bad_arguments", "16 digits"),
        ("ledger.post_entry", ENTRY | {"amount": "9" * 40}, "bad_arguments", "amount"),
        ("ledger.post_entry", ENTRY | {"memo": "re\0nt"}, "bad_arguments", "control"),
        ("ledger.post_entry", ENTRY | {"memo": "x" * 5_000}, "bad_arguments", "memo"),
        ("ledger.post_entry", ENTRY | {"party": "Nobody"}, "unknown_party", "Nobody"),
        ("ledger.post_entry", ENTRY | {"debit": "\uff16000\u200b"}, "unknown_account", ""),
        (REVERSE, {"number": "JE-99999", "because": "x"}, "unknown_entry", "99999"),
        (REVERSE, {"number": "JE-00002", "because": "x"}, "entry_of_document", "INV-00001"),
        (REVERSE, {"number": "JE-00002", "because": ""}, "bad_arguments", "because"),
        ("ledger.close_period", {"period": "2026-03"}, "period_stays_as_it_is", "2026-03"),
        ("ledger.close_period", {"period": "2099-01"}, "unknown_period", "2099-01"),
        ("ledger.reopen_period", {"period": "2026-03", "because": " "}, "", "because"),
        (RECEIPT, PAID | {"amount": "-5"}, "bad_arguments", "greater"),
        (RECEIPT, PAID | {"customer": "Nob"}, "unknown_customer", "Nob"),
        (RECEIPT, PAID | {"customer": "\u0410cme"}, "unknown_customer", ""),
        (RECEIPT, PAID | {"paid_on": "2026-03-01"}, "period_closed", ""),
        ("invoicing.pay_bill", {"bill": "BILL-00099"}, "unknown_invoice", "BILL-00099"),
        ("invoicing.pay_bill", {"bill": "INV-00001"}, "", ""),
        (CREDIT, {"number": "INV-00077", "because": "x"}, "unknown_invoice", "77"),
        (BOUNCE, {"number": "PAY-00001", "because": "x"}, "unknown_payment", "PAY"),
        ("invoicing.apply_credit", {"number": "CN-00001"}, "unknown_payment", "CN-00001"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_reason(
    house: Engine, tool: str, arguments: dict[str, Any], code: str, says: str
) -> None:
    with pytest.raises(DomainError) as refused:
        propose(house, "manager", tool, **arguments)

    assert code in {"", refused.value.code}, refused.value
    assert says in refused.value.message("en")
    assert "?" not in refused.value.message("zh").replace("？", "")
    assert refused.value.message("zh") != refused.value.message("en")
