"""The tools of documents, settling, terms, advances and currencies, on the one road."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import catalog, invoicing, ledger, parties, sales
from core.compliance import verify
from core.invoicing import Direction
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX

INVOICE, BILL = "invoicing.post_invoice", "invoicing.post_bill"
RECORD, PAY = "invoicing.record_customer_payment", "invoicing.pay_bill"
WHO = "accountant"


@pytest.fixture
def charged(shop: Engine) -> Engine:
    """Acme owes us 500 for consulting by INV-00001, due on 2026-07-15."""
    approve(
        shop,
        propose(shop, WHO, INVOICE, customer="acme", description="Consulting", unit_price=500),
    )
    return shop


def undo(engine: Engine, proposal: Any) -> str:
    return approve(engine, TOOLBOX.undo(engine, as_person(engine, WHO), proposal.id))


def opened(engine: Engine, direction: Direction = Direction.RECEIVABLE) -> dict[str, str]:
    with reading(engine) as session:
        assert verify(session) == []
        items = invoicing.list_open_items(session, direction=direction)
    return {item.number: str(item.open) for item in items}


def test_an_invoice_in_words_is_shown_posted_and_undone(shop: Engine) -> None:
    proposal = propose(
        shop,
        WHO,
        INVOICE,
        customer="acme",
        description="Consulting",
        unit_price=80,
        quantity="1.5",
        over_from="2026-06-15",
        over_until="2026-08-31",
        more=[{"description": "Travel", "unit_price": 30, "account": "other income"}],
    )

    assert proposal.effect.lines()[0].startswith(
        "customer invoice: new · 1.5 × Consulting @ 80; 1 × Travel @ 30 · 150.00 EUR · Acme Bikes"
    )
    assert "credit 2410 Deferred revenue: 120.00 EUR" in proposal.effect.lines()
    assert proposal.calls[0]["arguments"]["more"][0]["account"] == "4900"
    assert approve(shop, proposal) == (
        "Customer invoice INV-00001 for Acme Bikes is posted: 150.00 EUR, due 2026-07-15."
    )
    assert undo(shop, proposal) == "INV-00001 is taken back by CN-00001, 150.00 EUR."
    assert opened(shop) == {}


def test_a_bill_is_booked_and_not_paid_by_the_same_hand(shop: Engine) -> None:
    plan = {"supplier": "Brightway", "description": "Rent", "unit_price": 900, "reference": "R-1"}
    approve(shop, propose(shop, "manager", BILL, **plan), who="manager2")
    with pytest.raises(DomainError, match="BILL-00001"):
        approve(shop, propose(shop, WHO, PAY, bill="R-1"), who="manager2")
    paid = propose(shop, WHO, PAY, bill="R-1", write_off_to="other income", amount=899)
    approve(shop, paid, who="manager")
    assert opened(shop, Direction.PAYABLE) == {}


def test_a_payment_says_all_that_happened_at_the_bank(charged: Engine) -> None:
    with unit_of_work(charged) as session:
        ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), base_units=Decimal("0.8"))
    proposal = propose(
        charged, WHO, RECORD, invoice="INV-1", amount=400, currency="USD", worth=350, fee=4,
        account="cash on hand",
    )  # fmt: skip

    assert proposal.calls[0]["arguments"]["account"] == "1000"
    assert "debit 1000 Cash on hand: 346.50 EUR" in proposal.effect.lines()
    assert "debit 6030 Bank fees: 3.50 EUR" in proposal.effect.lines()
    assert approve(charged, proposal).startswith("RCT-00001: 400.00 USD from Acme Bikes")
    assert opened(charged) == {"INV-00001": "180.00 EUR"}
    undo(charged, proposal)
    assert opened(charged) == {"INV-00001": "500.00 EUR"}


def test_an_advance_payment_settles_nothing_until_it_is_reconciled(charged: Engine) -> None:
    approve(charged, propose(charged, WHO, RECORD, customer="acme", amount=300, advance=True))
    assert opened(charged) == {"RCT-00001": "-300.00 EUR", "INV-00001": "500.00 EUR"}

    settled = propose(charged, WHO, "invoicing.reconcile", numbers=["INV-1", "RCT-1"])
    assert approve(charged, settled) == "Settled: RCT-00001 – INV-00001: 300.00 EUR."
    undo(charged, settled)
    some = propose(
        charged, WHO, "invoicing.apply_credit", number="RCT-1", document="INV-1", amount=120
    )
    assert approve(charged, some) == "RCT-00001 settles 120.00 EUR of INV-00001."
    taken = propose(charged, WHO, "invoicing.unapply", number="RCT-1", because="too early")
    approve(charged, taken)
    assert opened(charged) == {"RCT-00001": "-300.00 EUR", "INV-00001": "500.00 EUR"}
    assert undo(charged, taken) == "Settled: RCT-00001 – INV-00001: 120.00 EUR."

    back = propose(charged, WHO, "invoicing.refund_credit", number="RCT-1")
    assert approve(charged, back) == "180.00 EUR of RCT-00001 is paid back by JE-00004."
    undo(charged, back)
    assert opened(charged) == {"RCT-00001": "-180.00 EUR", "INV-00001": "380.00 EUR"}


def test_a_rest_is_written_off_and_taken_back(charged: Engine) -> None:
    proposal = propose(
        charged, WHO, "invoicing.write_off", number="INV-1", amount=20, because="bankrupt"
    )
    assert approve(charged, proposal) == "20.00 EUR of INV-00001 is written off by DED-00001."
    assert undo(charged, proposal) == (
        "DED-00001 is taken back; 20.00 EUR of INV-00001 is open again."
    )
    assert opened(charged) == {"INV-00001": "500.00 EUR"}


def test_a_part_is_credited(charged: Engine) -> None:
    proposal = propose(
        charged, WHO, "invoicing.credit_part", number="INV-1", amount=50, because="goodwill"
    )
    assert proposal.effect.lines()[1] == (
        "customer invoice INV-00001 (not credited): 500.00 EUR → 450.00 EUR · goodwill"
    )
    assert approve(charged, proposal) == "50.00 EUR of INV-00001 is taken back by CN-00001."
    assert opened(charged) == {"INV-00001": "450.00 EUR"}


def test_terms_are_added_set_used_and_changed_for_one_document(shop: Engine) -> None:
    said = approve(
        shop,
        propose(
            shop, WHO, "invoicing.add_terms", code="half", after_days=40,
            before=[{"after_days": 20, "percent": 50}],
        ),
    )  # fmt: skip
    assert said == "Payment terms HALF are there now: 50 % · 20 d; 40 d."
    approve(shop, propose(shop, WHO, "invoicing.set_terms", party="acme", terms="half"))
    approve(shop, propose(shop, WHO, INVOICE, customer="acme", description="x", unit_price=90))
    shown = ask(shop, WHO, "invoicing.show_instalments", number="INV-1")
    assert shown.sentence() == "INV-00001 has 2 instalments; 2 open, 90.00 EUR."
    listed: Any = ask(shop, WHO, "invoicing.list_terms").grid()
    assert listed.rows == (("HALF", "HALF", "50 % · 20 d; 40 d"),)

    later = propose(
        shop, WHO, "invoicing.reschedule", number="INV-1", due_on="2026-12-31", because="agreed"
    )
    approve(shop, later)
    with reading(shop) as session:
        assert invoicing.find_invoice(session, "INV-1").due_on == date(2026, 12, 31)
    undo(shop, later)
    with reading(shop) as session:
        parts = invoicing.list_instalments(session, invoicing.find_invoice(session, "INV-1"))
    assert [str(part.due_on) for part in parts] == ["2026-07-05", "2026-07-25"]


def test_an_advance_is_asked_for_and_taken_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        customer = parties.find_customer(session, "acme")
        lamp = catalog.find_item(session, "LAMP-01")
        sales.confirm_order(
            session, customer=customer, lines=[sales.OrderLineDraft(lamp, Decimal(2))]
        )
    proposal = propose(shop, WHO, "sales.ask_advance", order="SO-1", percent=10)
    assert "sales order SO-00001: advance before delivery · 10 %" in proposal.effect.lines()
    assert approve(shop, proposal) == (
        "INV-00001: an advance of 10 % on SO-00001, 3.00 EUR; nothing leaves before it is paid."
    )
    undo(shop, proposal)
    assert opened(shop) == {}


def test_one_number_is_quoted_the_way_round_that_is_nearer_to_the_rate_before(
    shop: Engine,
) -> None:
    with unit_of_work(shop) as session:
        ledger.set_rate(session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.15"))

    dollars = propose(shop, WHO, "ledger.set_rate", currency="USD", rate="1.08")
    euros = propose(shop, WHO, "ledger.set_rate", currency="USD", rate="0.92")

    assert dollars.effect.lines() == ["USD 2026-06-15: 1.15 USD = 1 EUR → 1.08 USD = 1 EUR"]
    assert euros.effect.lines() == ["USD 2026-06-15: 1.15 USD = 1 EUR → 1 USD = 0.92 EUR"]


def test_rates_are_set_and_open_items_revalued_and_put_back(shop: Engine) -> None:
    first = propose(
        shop, WHO, "ledger.set_rate", currency="USD", rate="0.8", valid_from="2026-05-01"
    )
    assert approve(shop, first) == "From 2026-05-01 on 1 USD = 0.8 EUR."
    approve(
        shop,
        propose(
            shop, WHO, INVOICE, customer="acme", description="x", unit_price=100, currency="USD"
        ),
    )
    approve(shop, propose(shop, WHO, "ledger.set_rate", currency="USD", rate="0.9"))
    rates = ask(shop, WHO, "ledger.list_rates")
    assert rates.sentence() == "2 rates; the newest: 1 USD = 0.9 EUR (2026-06-15)."

    proposal = propose(shop, WHO, "invoicing.revalue")
    assert approve(shop, proposal) == (
        "REV-00001: revalued on 2026-06-15, an unrealised gain of 10.00 EUR; put back on"
        " 2026-07-01."
    )
    assert undo(shop, proposal) == "REV-00001 is taken back by REV-00002."
    assert opened(shop) == {"INV-00001": "100.00 USD"}


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (INVOICE, {"customer": "acme"}, "say what it is for"),
        (INVOICE, {"customer": "acme", "description": "x"}, "no price of x"),
        (
            INVOICE,
            {"customer": "acme", "description": "x", "unit_price": 1, "account": "1400"},
            "kept by documents",
        ),
        (
            INVOICE,
            {"customer": "acme", "description": "x", "unit_price": 1, "over_from": "2026-01-01"},
            "both the first and the last",
        ),
        ("invoicing.credit_part", {"number": "INV-1", "because": "x"}, "say an amount"),
        ("invoicing.reschedule", {"number": "INV-1", "because": "x"}, "say a due date"),
        ("invoicing.reconcile", {"numbers": ["INV-1"]}, "do not stand against each other"),
        ("invoicing.revalue", {"currency": "eur"}, "pattern"),
        (RECORD, {"invoice": "INV-1", "fee": 600}, "below what was paid"),
        (RECORD, {"invoice": "INV-1", "write_off_to": "1100", "amount": 1}, "kept by documents"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    charged: Engine, tool: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        propose(charged, WHO, tool, **arguments)


def test_a_bill_with_an_asset_two_taxes_and_a_discount_is_booked_and_undone(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        for code, percent in (("GST", 5), ("PST", 7)):
            ledger.add_tax_code(
                session, code=code, name=code, name_zh=code, percent=Decimal(percent)
            )
    plan = {
        "supplier": "Brightway", "description": "Server", "unit_price": 1000, "asset_class": "IT",
        "tax_code": ["gst", "PST"], "document_discount_percent": 10,
        "more": [{"description": "Setup", "unit_price": 100, "tax_code": "GST+PST"}],
    }  # fmt: skip
    proposal = propose(shop, WHO, BILL, **plan)

    assert proposal.calls[0]["arguments"]["tax_code"] == ["GST", "PST"]
    assert any("Server [IT] · 900.00 EUR" in line for line in proposal.effect.lines())
    assert approve(shop, proposal) == (
        "Supplier bill BILL-00001 for Brightway is posted: 1,108.80 EUR, due 2026-07-15."
        " In the register: FA-00001."
    )
    assert opened(shop, Direction.PAYABLE) == {"BILL-00001": "1,108.80 EUR"}
    undo(shop, proposal)
    assert opened(shop, Direction.PAYABLE) == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"asset_name": "Server"}, "say the class"),
        (
            {"asset_class": "IT", "over_from": "2026-06-01", "over_until": "2026-06-30"},
            "leave out the days",
        ),
        ({"document_discount": 1, "document_discount_percent": 1}, "not both"),
        ({"document_discount": 10}, "10.00 EUR"),
        ({"asset_class": "spaceship"}, "spaceship"),
        ({"tax_code": "NONE+SUCH"}, "NONE"),
    ],
)
def test_what_a_bill_cannot_say_is_refused(
    shop: Engine, arguments: dict[str, object], said: str
) -> None:
    plan = {"supplier": "Brightway", "description": "x", "unit_price": 10, **arguments}
    with pytest.raises(DomainError, match=said):
        propose(shop, WHO, BILL, **plan)
