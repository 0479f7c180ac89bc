"""Trade in other currencies through the tools: agreed, sold, bought, billed, and taken back."""

from decimal import Decimal

from sqlalchemy import Engine

from core.kernel.database import reading
from core.parties import find_customer
from tests.tools.steps import ask, books_are_right, do, step, undo


def test_a_currency_is_agreed_on_and_orders_are_in_it(shop: Engine) -> None:
    do(shop, "accountant", step("ledger.set_rate", currency="USD", rate="0.90"))

    agreed = do(shop, "sales", step("parties.agree_currency", party="Acme Bikes", currency="USD"))
    sold = do(
        shop, "manager",
        step("sales.sell_item", customer="Acme Bikes",
             lines=[{"item": "LAMP-01", "quantity": "2", "unit_price": "45"}]),
    )  # fmt: skip
    lines = " ".join(sold.effect.lines("en"))
    assert "= 90.00 USD ≙ 81.00 EUR" in lines
    number = sold.answers[-1]["number"]
    shown = ask(shop, "sales", "sales.show_order", order=number)
    assert "90.00 USD" in shown.sentence()
    grid = shown.grid()
    assert grid is not None
    assert "USD" in {column.unit for column in grid.columns}

    undo(shop, "manager", sold)
    undo(shop, "sales", agreed)
    with reading(shop) as session:
        assert find_customer(session, "Acme Bikes").currency is None

    do(
        shop, "buyer",
        step("purchasing.add_offer", item="LAMP-01", supplier="Brightway", unit_price="8",
             lead_time_days=3, currency="USD"),
    )  # fmt: skip
    bought = do(
        shop, "manager",
        step("purchasing.order_item", item="LAMP-01", quantity="10", supplier="Brightway"),
    )  # fmt: skip
    order = bought.answers[-1]["number"]
    assert "= 80.00 USD ≙ 72.00 EUR" in " ".join(bought.effect.lines("en"))
    do(shop, "warehouse", step("purchasing.receive_order", order=order), by="manager")
    bill = do(
        shop, "accountant",
        step("purchasing.bill_order", order=order, billed_total="80", currency="USD"),
        by="allrounder",
    )  # fmt: skip
    assert Decimal(bill.answers[-1]["total"]["minor"]) == 8000
    books_are_right(shop)
