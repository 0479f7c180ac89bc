"""The tools of invoicing, on the one road: asked, shown, approved, undone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import invoicing, parties
from core.compliance import verify
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.invoicing.errors import NothingOpen, NothingToSettle, UnknownInvoice
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.ledger.chart import OPERATING_EXPENSE, REVENUE
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.errors import CannotBeUndone

RECORD, PAY = "invoicing.record_customer_payment", "invoicing.pay_bill"


@pytest.fixture
def owed(shop: Engine) -> Engine:
    """Acme owes us 100 and 50, Nordwind 30; we owe Brightway 80 by its bill R-77."""
    with unit_of_work(shop) as session:
        for name, price, posted_on in (
            ("Acme Bikes", "100", date(2026, 4, 1)),
            ("Acme Bikes", "50", date(2026, 6, 1)),
            ("Nordwind GmbH", "30", date(2026, 6, 1)),
        ):
            invoicing.post_invoice(
                session,
                kind=InvoiceKind.CUSTOMER_INVOICE,
                party=parties.find_customer(session, name).party,
                lines=[line(price, REVENUE)],
                origin="SO-1",
                posted_on=posted_on,
            )
        invoicing.post_invoice(
            session,
            kind=InvoiceKind.SUPPLIER_BILL,
            party=parties.find_supplier(session, "Brightway").party,
            lines=[line("80", OPERATING_EXPENSE)],
            origin="rent",
            reference="R-77",
        )
    return shop


def line(price: str, account: str) -> InvoiceDraftLine:
    return InvoiceDraftLine(None, "Things", Decimal(1), Decimal(price), Decimal(0), None, account)


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return list(answer.grid().rows)


def test_open_items_and_ageing_are_said_in_both_languages(owed: Engine) -> None:
    items = ask(owed, "accountant", "invoicing.list_open_items")
    assert items.sentence() == (
        "Customers owe us 180.00 EUR by 3 items; 100.00 EUR of it is overdue."
    )
    assert items.sentence("zh") == "应收未结 3 项，合计 180.00 EUR，其中逾期 100.00 EUR。"
    assert [row[0] for row in rows(items)] == ["INV-00001", "INV-00002", "INV-00003"]
    overdue = ask(owed, "sales", "invoicing.list_open_items", overdue_only=True, party="acme")
    assert [row[:5] for row in rows(overdue)] == [
        ("INV-00001", "Acme Bikes", date(2026, 4, 1), date(2026, 5, 1), 45)
    ]
    ageing = ask(owed, "auditor", "invoicing.show_ageing")
    assert ageing.sentence().endswith("180.00 EUR, of which 100.00 EUR is overdue.")
    assert [row[0] for row in rows(ageing)] == ["C-00001 Acme Bikes", "C-00002 Nordwind GmbH"]
    payables = ask(owed, "buyer", "invoicing.list_open_items", direction="payable")
    assert payables.sentence() == (
        "We owe suppliers 80.00 EUR by 1 item; 0.00 EUR of it is overdue."
    )


def test_a_customer_of_the_portal_sees_the_own_documents_and_nothing_else(owed: Engine) -> None:
    mine = ask(owed, "customer", "invoicing.list_open_items", party="Nordwind GmbH")
    assert [row[0] for row in rows(mine)] == ["INV-00001", "INV-00002"]
    bills = ask(owed, "customer", "invoicing.list_open_items", direction="payable")
    assert [row[0] for row in rows(bills)] == ["INV-00001", "INV-00002"]
    assert ask(owed, "customer", "invoicing.show_invoice", number="INV-1").sentence() == (
        "Customer invoice INV-00001 of 2026-04-01 for Acme Bikes: 100.00 EUR, 100.00 EUR open,"
        " due 2026-05-01."
    )
    refusals = []
    for number in ("INV-00003", "INV-00099", "BILL-00001"):
        with pytest.raises(UnknownInvoice) as refused:
            ask(owed, "customer", "invoicing.show_invoice", number=number)
        refusals.append(str(refused.value).replace(number, "…"))
    assert len(set(refusals)) == 1, "not there and not yours are told alike"
    for tool in ("invoicing.show_ageing", RECORD):
        with pytest.raises(NotPermitted):
            (propose if TOOLBOX.tools[tool].writes else ask)(
                owed, "customer", tool, **({"invoice": "INV-1"} if tool == RECORD else {})
            )


def test_what_things_cost_us_is_not_for_everybody(owed: Engine) -> None:
    with pytest.raises(NotPermitted):
        ask(owed, "service", "invoicing.list_open_items", direction="payable")
    with pytest.raises(UnknownInvoice):
        ask(owed, "service", "invoicing.show_invoice", number="BILL-00001")
    assert "R-77" not in ask(owed, "service", "invoicing.list_open_items").model_dump_json()


def test_an_invoice_is_paid_and_the_payment_undone(owed: Engine) -> None:
    proposal = propose(owed, "accountant", RECORD, invoice="inv 1")
    arguments = proposal.calls[0]["arguments"]
    assert {name: said for name, said in arguments.items() if said} == {
        "customer": "C-00001",
        "invoice": "INV-00001",
        "amount": "100.00",
    }
    assert proposal.effect.lines() == [
        "customer payment: new · 100.00 EUR · Acme Bikes",
        "customer invoice INV-00001: open → paid · 100.00 EUR → 0.00 EUR",
        "debit 1010 Bank: 100.00 EUR",
        "credit 1100 Receivables: 100.00 EUR · Acme Bikes",
        "Acme Bikes (owes us): 150.00 EUR → 50.00 EUR",
        "0 (cash in): 100.00 EUR (2026-06-15)",
    ]

    assert approve(owed, proposal) == "RCT-00001: 100.00 EUR from Acme Bikes, for INV-00001."
    with pytest.raises(NothingOpen):
        propose(owed, "accountant", RECORD, invoice="INV-00001")
    undo = TOOLBOX.undo(owed, as_person(owed, "accountant"), proposal.id)
    assert approve(owed, undo) == (
        "RCT-00001 over 100.00 EUR is reversed; what it settled is open again."
    )

    again = propose(owed, "accountant", RECORD, customer="艾克米自行车", amount="170")
    said = approve(owed, again)
    assert said.endswith("for INV-00001, INV-00002; 20.00 EUR stays as a credit.")
    with reading(owed) as session:
        assert verify(session) == []


def test_a_bill_is_paid_by_the_suppliers_number(owed: Engine) -> None:
    proposal = propose(owed, "accountant", PAY, bill="r-77", amount=30)
    assert proposal.calls[0]["arguments"]["bill"] == "BILL-00001"
    assert approve(owed, proposal) == "PAY-00001: 30.00 EUR to Brightway, for BILL-00001."

    rest = propose(owed, "accountant", PAY, supplier="Brightway")
    assert rest.calls[0]["arguments"]["amount"] == "50.00"
    assert rest.calls[0]["arguments"]["bill"] == "BILL-00001"
    approve(owed, rest)
    with pytest.raises(NothingToSettle):
        propose(owed, "accountant", PAY, supplier="Brightway")


def test_an_invoice_is_taken_back_and_what_was_paid_of_it_used_again(owed: Engine) -> None:
    approve(owed, propose(owed, "accountant", RECORD, invoice="INV-1", amount="60"))
    credit = propose(
        owed, "accountant", "invoicing.credit_invoice", number="inv-1", because="wrong price"
    )
    assert "customer invoice INV-00001: posted → reversed" in credit.effect.lines()
    assert not credit.undo["possible"]
    said = approve(owed, credit)
    assert said == ("INV-00001 is taken back by CN-00001, 100.00 EUR; 60.00 EUR stays as a credit.")

    used = propose(owed, "accountant", "invoicing.apply_credit", number="CN-00001")
    assert approve(owed, used) == "CN-00001 settles 50.00 EUR of open documents."
    with pytest.raises(CannotBeUndone):
        TOOLBOX.undo(owed, as_person(owed, "accountant"), credit.id)
    with reading(owed) as session:
        assert verify(session) == []


@pytest.mark.parametrize(
    ("who", "tool", "arguments", "said"),
    [
        ("sales", RECORD, {"invoice": "INV-1"}, "role"),
        ("auditor", PAY, {"bill": "BILL-1"}, "role"),
        ("accountant", RECORD, {}, "which customer or which invoice"),
        ("accountant", RECORD, {"invoice": "INV-1", "amount": 0}, "greater than 0"),
        ("accountant", RECORD, {"invoice": "INV-1", "amount": "0.001"}, "smallest unit"),
        ("accountant", RECORD, {"invoice": "BILL-1"}, "no invoice"),
        ("accountant", RECORD, {"invoice": "INV-3", "customer": "Acme"}, "no invoice"),
        ("accountant", RECORD, {"invoice": "INV-1", "paid_on": "2031-01-01"}, "no fiscal period"),
        ("accountant", PAY, {"bill": "INV-1"}, "no invoice"),
        ("accountant", "invoicing.reverse_payment", {"number": "x", "because": "y"}, "no payment"),
        ("accountant", "invoicing.credit_invoice", {"number": "INV-9", "because": "y"}, "no inv"),
        (
            "accountant",
            "invoicing.apply_credit",
            {"number": "INV-1"},
            "Nothing of INV-00001 is left",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    owed: Engine, who: str, tool: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        propose(owed, who, tool, **arguments)
