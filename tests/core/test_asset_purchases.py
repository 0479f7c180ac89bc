"""Bills that charge fixed assets: what an asset costs, and that register and books agree."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import ledger, parties
from core.compliance import verify_books
from core.invoicing import DocumentLine, HeaderDiscount
from core.kernel.money import Money
from core.ledger import assets, tax
from core.ledger.assets.errors import NotInDocument
from core.ledger.chart import FIXED_ASSETS
from core.ledger.tax import Component
from core.parties import Party
from core.processes.asset_purchases import BilledLine, post_bill
from core.processes.credit import AssetsStand, credit_document

JANUARY = date(2025, 1, 10)


@pytest.fixture
def supplier(session: Session) -> Party:
    """Sell to us at 20 % tax, of which half may be taken off."""
    half = Component("Half", rate=Decimal(20), deductible_percent=Decimal(50))
    tax.add_code(session, code="HALF", name="Half", name_zh="一半", components=[half])
    return parties.add_supplier(session, name="Supplier A").party


def line(words: str, price: str, **more: object) -> DocumentLine:
    return DocumentLine(words, unit_price=Decimal(price), **more)  # type: ignore[arg-type]


def test_an_asset_costs_what_its_line_adds_to_the_books(session: Session, supplier: Party) -> None:
    bill, entered = post_bill(
        session,
        supplier=supplier,
        lines=[
            BilledLine(line("Server", "600", tax_code="HALF"), "IT", "Rack server"),
            BilledLine(line("Rent", "100")),
            BilledLine(line("Press", "300"), "machinery"),
        ],
        posted_on=JANUARY,
        header_discount=HeaderDiscount(percent=Decimal(10)),
    )

    views = [assets.asset_view(session, each.number) for each in entered]
    assert [(each.name, each.asset_class, str(each.cost)) for each in views] == [
        ("Rack server", "IT", "594.00 EUR"),
        ("Press", "MACHINERY", "270.00 EUR"),
    ]
    assert (bill.net_minor, bill.discount_minor, bill.total_minor) == (90000, 10000, 100800)
    assert ledger.balance(session, FIXED_ASSETS) == Money.of("864", "EUR")
    assert assets.charges_without_asset(session) == []
    with pytest.raises(AssetsStand, match="FA-00001, FA-00002"):
        credit_document(session, bill.number, because="sent back")
    assert verify_books(session) == []


def test_assets_of_a_bill_in_another_currency_cost_what_is_booked_to_the_cent(
    session: Session, supplier: Party
) -> None:
    ledger.set_rate(session, "USD", valid_from=JANUARY, foreign_units=Decimal("1.2"))

    _, entered = post_bill(
        session,
        supplier=supplier,
        lines=[BilledLine(line(f"Laptop {each}", "33.35"), "IT") for each in "ABC"],
        posted_on=JANUARY,
        currency="USD",
    )

    # 100.05 USD are 83.375 EUR, rounded half to even once.
    costs = [assets.asset_view(session, each.number).cost.minor for each in entered]
    assert (costs, sum(costs)) == ([2780, 2779, 2779], 8338)
    assert ledger.balance(session, FIXED_ASSETS) == Money.of("83.38", "EUR")
    assert verify_books(session) == []


def test_an_asset_is_charged_to_the_account_of_its_class(session: Session, supplier: Party) -> None:
    with pytest.raises(NotInDocument, match=r"charged 0.00 EUR"):
        post_bill(
            session,
            supplier=supplier,
            lines=[BilledLine(line("Gift", "0"), "IT"), BilledLine(line("x", "1"))],
        )
    with pytest.raises(NotInDocument, match=r"charged 0.00 EUR"):
        post_bill(
            session,
            supplier=supplier,
            lines=[BilledLine(line("Press", "300", account="6020"), "machinery")],
            posted_on=JANUARY,
        )
