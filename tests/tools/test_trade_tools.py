"""The tools of trade: what they pin, show, do, say in both languages, and how they go back."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core import catalog, hr, parties, purchasing, sales
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.identity.roles import Role
from core.kernel.naming import AmbiguousName
from core.parties.errors import UnknownCustomer
from core.sales.errors import CreditLimitExceeded, UnknownOrder
from tests.tools.steps import (
    Step,
    approve,
    ask,
    books_are_right,
    do,
    listed,
    on_hand,
    propose,
    sold,
    step,
    undo,
)
from tools import TOOLBOX
from tools.errors import BadArguments
from tools.trade import NotOnThisOrder, SayWhichItem


def test_open_choices_are_pinned_to_numbers_and_skus(shop: Engine) -> None:
    bought = propose(shop, "buyer", step("purchasing.order_item", item="台灯", quantity="40"))
    sale = propose(
        shop, "sales", step("sales.sell_item", customer="acme", lines=[sold("desk lamp", 2)])
    )

    assert bought.calls[0]["arguments"]["item"] == "LAMP-01"
    assert bought.calls[0]["arguments"]["supplier"] == "S-00002"
    assert bought.reason["pins"] == ["supplier: S-00002"]
    assert sale.calls[0]["arguments"]["customer"] == "C-00001"
    assert sale.calls[0]["arguments"]["lines"][0]["item"] == "LAMP-01"


def test_procure_to_pay_in_one_plan(shop: Engine) -> None:
    plan = [
        step("purchasing.order_item", item="LAMP-01", quantity="40"),
        step("purchasing.receive_order", order="$1.number"),
        step("purchasing.bill_order", order="$1.number", supplier_reference="L-1"),
    ]
    shown = propose(shop, "allrounder", *plan)

    assert [line for line in shown.effect.lines() if "purchase order" in line] == [
        "purchase order: new · 40 × LAMP-01 @ 8.15 = 326.00 EUR · Lumen & Co · 7 d (2026-06-22)",
        "purchase order #1: placed → received",
        "purchase order #1 (billed): 0 / 40 → 40 / 40",
    ]
    assert on_hand(shop, "LAMP-01") == 12


def test_a_part_of_an_order_is_received(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))
    with unit_of_work(shop) as session:
        supplier = parties.find_supplier(session, "Lumen & Co")
        items = catalog.find_items(session, ["LAMP-01", "BULB-03"])
        drafts = [
            purchasing.OrderLineDraft(item, Decimal(quantity), Decimal(1))
            for item, quantity in zip([*items, items[0]], (5, 200, 5), strict=True)
        ]
        purchasing.place_order(session, supplier=supplier, lines=drafts)

    part = do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="po 1", quantity="15"),
        by="manager",
    )
    with pytest.raises(SayWhichItem, match="LAMP-01, BULB-03"):
        propose(shop, "warehouse", step("purchasing.receive_order", order="PO-2", quantity="7"))
    with pytest.raises(NotOnThisOrder):
        propose(shop, "warehouse", step("purchasing.receive_order", order="PO-2", item="SHADE-02"))
    do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="PO-2", item="Desk lamp", quantity="7"),
    )

    assert part.answers is not None
    assert part.answers[0]["state"] == "partly_received"
    assert on_hand(shop, "LAMP-01") == 12 + 15 + 7
    with reading(shop) as session:
        lines = purchasing.view_order(session, "PO-00002").lines
        assert [line.received for line in lines] == [5, 0, 2]
    books_are_right(shop)


def test_order_to_cash_in_one_plan_and_back(shop: Engine) -> None:
    done = do(
        shop,
        "manager",
        step(
            "sales.sell_item",
            customer="Acme",
            lines=[sold("LAMP-01", 5), sold("SHADE-02", 2, unit_price="4", discount_percent="50")],
            reference="A-77",
        ),
        step("sales.deliver_order", order="$1.number"),
        step("sales.invoice_order", order="$1.number"),
        step("invoicing.record_customer_payment", invoice="$3.number"),
    )
    assert done.answers is not None
    assert done.answers[2]["total"] == {"minor": 7_900, "currency": "EUR"}
    assert on_hand(shop, "LAMP-01") == 7
    books_are_right(shop)

    undo(shop, "manager", done)

    assert on_hand(shop, "LAMP-01") == 12
    with reading(shop) as session:
        customer = parties.find_customer(session, "Acme")
        assert sales.exposure_of(session, customer.party_id).minor == 0
        [order] = sales.list_orders(session)
        assert order.state == "cancelled"
    books_are_right(shop)


def test_a_sale_says_what_is_not_in_stock(shop: Engine) -> None:
    shown = propose(
        shop, "sales", step("sales.sell_item", customer="Nordwind", lines=[sold("BULB-03", 9)])
    )
    outcome = approve(shop, "manager", shown)

    assert "LAMP-01 Desk lamp" not in " ".join(shown.effect.lines())
    assert "BULB-03 Bulb (short): 9" in shown.effect.lines()
    can_go = "sales order (can go): 7 d · 9 × BULB-03: Lumen & Co (2026-06-22)"
    assert can_go in shown.effect.lines()
    assert outcome.said("en").endswith(
        "not in stock yet: 9 × BULB-03; all of it can go on 2026-06-22 (9 × BULB-03: Lumen & Co);"
        " RQ-00001 asks purchasing for it."
    )
    assert outcome.said("zh").endswith(
        "缺货：9 × BULB-03；最早可于 2026-06-22 全部发货（9 × BULB-03: Lumen & Co）；"
        "已提交采购申请 RQ-00001。"
    )
    undo(shop, "sales", outcome.proposal)
    open_ones = listed(shop, "buyer", "requisitions", open="yes").grid()
    assert open_ones is not None
    assert open_ones.rows == ()


def test_with_delivery_it_is_invoiced_and_said_in_the_same_step(shop: Engine) -> None:
    sale = step(
        "sales.sell_item", customer="Acme", lines=[sold("LAMP-01", 2)], invoice_with_delivery=True
    )
    confirmed = do(shop, "sales", sale)
    assert "invoiced with the delivery" in confirmed.effect.lines()[0]

    shown = propose(shop, "warehouse", step("sales.deliver_order", order="SO-1"))
    outcome = approve(shop, "manager", shown)

    assert any(line.startswith("customer invoice: new") for line in shown.effect.lines())
    assert outcome.said("en").endswith("SO-00001 is delivered; invoiced by INV-00001.")
    assert outcome.said("zh").endswith("已开票 INV-00001。")
    undo(shop, "manager", outcome.proposal)
    books_are_right(shop)


def test_too_much_credit_is_refused_before_anybody_is_asked(shop: Engine) -> None:
    lines = [sold("SHADE-02", 1, unit_price="5000.01")]

    with pytest.raises(CreditLimitExceeded):
        propose(shop, "sales", step("sales.sell_item", customer="Acme", lines=lines))
    do(
        shop,
        "accountant",
        step("parties.set_credit_limit", customer="Acme", credit_limit="6000"),
    )
    do(shop, "sales", step("sales.sell_item", customer="Acme", lines=lines))


def test_what_comes_back_is_credited_and_said(shop: Engine) -> None:
    do(
        shop,
        "manager",
        step("sales.sell_item", customer="Acme", lines=[sold("LAMP-01", 5)]),
        step("sales.deliver_order", order="$1.number", quantity="2"),
        step("sales.deliver_order", order="$1.number", available_only=True),
        step("sales.invoice_order", order="$1.number"),
    )

    back = do(shop, "service", step("sales.return_delivery", delivery="DN-1", because="scratched"))

    assert back.answers is not None
    assert back.answers[0]["credit_notes"] == ["CN-00001"]
    assert not back.undo["possible"]
    books_are_right(shop)


ROUND_TRIPS: list[tuple[str, Step]] = [
    ("buyer", step("purchasing.order_item", item="LAMP-01", quantity="4")),
    ("sales", step("sales.sell_item", customer="Acme", lines=[sold("LAMP-01", 1)])),
    ("accountant", step("parties.set_credit_limit", customer="Acme", without_limit=True)),
    ("accountant", step("parties.set_credit_limit", customer="Acme", credit_limit="1")),
    ("sales", step("parties.block_party", party="Acme", because="does not pay")),
    ("buyer", step("parties.add_supplier", name="New Works")),
    ("sales", step("parties.add_customer", name="New Shop", credit_limit="500", city="Graz")),
    ("sales", step("catalog.set_price", item="LAMP-01", unit_price="16.5")),
    ("buyer", step("catalog.deactivate_item", item="BULB-03")),
    ("buyer", step("catalog.add_item", sku="TUBE-09", name="Tube", unit_price="12")),
    (
        "buyer",
        step(
            "purchasing.add_offer",
            item="LAMP-01",
            supplier="Lumen",
            unit_price="8.01",
            lead_time_days=9,
        ),
    ),
]


@pytest.mark.parametrize(("login", "asked"), ROUND_TRIPS, ids=lambda part: str(part)[:60])
def test_what_is_done_can_be_undone(shop: Engine, login: str, asked: Step) -> None:
    done = do(shop, login, asked)

    assert done.undo["possible"]
    back = undo(shop, "manager", done)

    assert back.effect.changes
    books_are_right(shop)


@pytest.mark.parametrize(
    ("login", "asked"),
    [
        ("sales", step("crm.log_activity", party="Acme", subject="Wants a quote", kind="call")),
        (
            "buyer",
            step(
                "purchasing.add_offer",
                item="SHADE-02",
                supplier="Lumen",
                unit_price="2",
                lead_time_days=3,
            ),
        ),
        ("sales", step("catalog.set_price", item="BULB-03", unit_price="9", minimum_quantity="50")),
    ],
    ids=["activity", "first offer", "first price"],
)
def test_what_cannot_be_undone_says_why(shop: Engine, login: str, asked: Step) -> None:
    shown = propose(shop, login, asked)

    assert not shown.undo["possible"]
    assert shown.undo_text("en").startswith("Cannot be undone: ")
    assert shown.undo_text("zh").startswith("无法撤销：")
    do(shop, login, asked)


def test_every_question_is_answered_in_both_languages(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        office = hr.add_department(session, code="SALES", name="Sales", name_zh="销售部")
        hr.add_employee(session, name="Max Kern", department=office, job_title="Clerk")
    do(
        shop,
        "manager",
        step("sales.sell_item", customer="Acme", lines=[sold("LAMP-01", 5)]),
        step("sales.deliver_order", order="$1.number", quantity="2"),
        step("sales.invoice_order", order="$1.number"),
        step("crm.log_activity", party="Acme", subject="Asked for a rebate", kind="email"),
        step("purchasing.order_item", item="LAMP-01", quantity="4"),
    )

    whole = ask(shop, "sales", "parties.show_customer", customer="艾克米")
    assert "owes us 30.00 EUR" in whole.sentence()
    assert "exposure 75.00 EUR of 5,000.00 EUR" in whole.sentence()
    assert "“Asked for a rebate”" in whole.sentence()
    assert (
        listed(shop, "sales", "customers", number="C-1").sentence().startswith("Customers, number")
    )
    assert (
        "1 open order" in ask(shop, "buyer", "parties.show_supplier", supplier="lumen").sentence()
    )
    assert listed(shop, "auditor", "suppliers").sentence().startswith("Suppliers: 3")
    lamp = ask(shop, "warehouse", "catalog.show_item", item="lamp-01").sentence()
    assert lamp == "LAMP-01 Desk lamp: 10 pcs on hand, 7 available, 4 on order; sold at 15 EUR."
    assert listed(shop, "sales", "items").sentence() == "Items: 3."
    price = ask(shop, "sales", "catalog.show_price", item="LAMP-01", quantity="3", customer="Acme")
    assert price.sentence().endswith("45 EUR for 3.")
    assert (
        "Lumen & Co is the cheapest of 2"
        in ask(shop, "buyer", "purchasing.compare_offers", item="LAMP-01").sentence()
    )
    assert "placed" in ask(shop, "buyer", "purchasing.show_order", order="po-1").sentence()
    assert listed(shop, "buyer", "purchase_orders", open="yes").sentence() == (
        "Purchase orders, open: 1; total 32.60 EUR."
    )
    assert "partly delivered" in ask(shop, "sales", "sales.show_order", order="so-1").sentence()
    assert "75.00 EUR" in listed(shop, "sales", "sales_orders", customer="Acme Bikes").sentence()
    assert "1 with C-00001" in ask(shop, "sales", "crm.list_activities", party="acme").sentence()
    assert "Employees: 1." in listed(shop, "employee", "employees").sentence()


def test_a_customer_sees_the_own_rows_and_nothing_else(shop: Engine) -> None:
    for customer in ("Acme", "Nordwind"):
        lines = [sold("LAMP-01", 1)]
        do(shop, "sales", step("sales.sell_item", customer=customer, lines=lines))
    do(shop, "sales", step("crm.log_activity", party="Acme", subject="Slow payer"))

    mine = ask(shop, "customer", "parties.show_customer")
    orders = listed(shop, "customer", "sales_orders")
    theirs_listed = listed(shop, "customer", "sales_orders", customer="Nordwind GmbH")
    nobodys = listed(shop, "customer", "sales_orders", customer="Zzz GmbH")

    assert "Acme" in mine.sentence()
    assert "Slow payer" not in mine.model_dump_json()
    grid = orders.grid()
    assert grid is not None
    assert [row[0] for row in grid.rows] == ["SO-00001"]
    said = theirs_listed.sentence().replace("Nordwind", "Zzz")
    assert said == nobodys.sentence()
    refusals: dict[str, str] = {}
    for what, text in (("theirs", "SO-00002"), ("nobody's", "SO-99999")):
        with pytest.raises(UnknownOrder) as refused:
            ask(shop, "customer", "sales.show_order", order=text)
        refusals[what] = str(refused.value).replace(text, "…")
    for what, text in (("their name", "Nordwind GmbH"), ("no name", "Zzz")):
        with pytest.raises(UnknownCustomer) as unknown:
            ask(shop, "customer", "parties.show_customer", customer=text)
        refusals[what] = str(unknown.value).replace(text, "…")
    assert refusals["theirs"] == refusals["nobody's"]
    assert refusals["their name"] == refusals["no name"]
    for tool in ("crm.list_activities", "catalog.show_item"):
        with pytest.raises((NotPermitted, BadArguments)):
            ask(shop, "customer", tool, item="LAMP-01")


def test_who_may_not_see_costs_sees_goods_only(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))

    clerk = ask(shop, "warehouse", "purchasing.show_order", order="PO-1").model_dump_json()
    orders = str(listed(shop, "warehouse", "purchase_orders").grid())
    item = ask(shop, "warehouse", "catalog.show_item", item="LAMP-01").model_dump()
    buyer = ask(shop, "buyer", "purchasing.show_order", order="PO-1").model_dump_json()

    assert "32600" in buyer
    assert "32600" not in clerk + orders
    assert "326" not in orders
    assert "8.15" not in clerk
    assert item["standard_cost"] is None
    with pytest.raises(NotPermitted):
        ask(shop, "warehouse", "purchasing.compare_offers", item="LAMP-01")


def test_unclear_names_are_asked_back(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        catalog.add_item(session, sku="LAMP-02", name="Desk lamp, large")

    with pytest.raises(AmbiguousName, match="LAMP-01 Desk lamp, LAMP-02"):
        propose(shop, "buyer", step("purchasing.order_item", item="lamp-", quantity="1"))


@pytest.mark.parametrize("room", ["parties", "catalog", "purchasing", "sales", "crm"])
def test_every_tool_has_both_titles_a_purpose_and_a_way_back(room: str) -> None:
    tools = [tool for tool in TOOLBOX.tools.values() if tool.name.startswith(f"{room}.")]

    assert tools
    for tool in tools:
        assert tool.title
        assert tool.title_zh
        assert tool.purpose.endswith(".")
        assert tool.undo is not None or not tool.writes
        assert Role.CUSTOMER not in tool.roles or not tool.writes
