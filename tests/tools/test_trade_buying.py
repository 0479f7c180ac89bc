"""The tools of buying: needs, requests for quotation, changes, differences, how suppliers do."""

import pytest
from sqlalchemy import Engine

from core import ledger, purchasing
from core.kernel.database import reading
from core.kernel.errors import DomainError, NotPermitted
from core.ledger.chart import GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE
from tests.tools.steps import Step, ask, books_are_right, do, listed, on_hand, propose, step, undo

NEED = step(
    "purchasing.write_requisition",
    item="desk lamp",
    quantity="30",
    needed_on="2026-07-10",
    because="summer fair",
)
ASK = step(
    "purchasing.quote_requisition",
    requisition="RQ-1",
    suppliers=["Lumen", "Brightway"],
    answer_by="2026-06-25",
)


def balance(engine: Engine, role: str) -> str:
    with reading(engine) as session:
        return str(ledger.balance(session, role))


def needed(engine: Engine, state: str) -> str:
    return listed(engine, "buyer", "requisitions", state=state).sentence().partition(": ")[2]


def order_of(engine: Engine, number: str) -> purchasing.OrderView:
    with reading(engine) as session:
        return purchasing.view_order(session, number)


def test_a_need_is_written_approved_by_another_and_ordered(shop: Engine) -> None:
    gone = do(shop, "warehouse", NEED)
    undo(shop, "warehouse", gone)
    do(shop, "buyer", NEED, by="manager")
    with pytest.raises(DomainError, match="RQ-00002"):
        propose(shop, "manager", step("purchasing.order_requisition", requisition="RQ-2"))
    with pytest.raises(DomainError, match="RQ-00002"):
        propose(shop, "buyer", step("purchasing.approve_requisition", requisition="RQ-2"))
    do(shop, "manager", step("purchasing.approve_requisition", requisition="rq 2"))

    ordered = do(shop, "buyer", step("purchasing.order_requisition", requisition="RQ-2"))

    assert ordered.answers is not None
    assert ordered.answers[0]["orders"] == [["PO-00001", "Lumen & Co"]]
    assert "approved → ordered" in "\n".join(ordered.effect.lines())
    assert needed(shop, "ordered") == "1."
    undo(shop, "buyer", ordered)
    assert order_of(shop, "PO-00001").state == "cancelled"
    # What is not coming is needed again, and can be ordered from somebody else.
    assert needed(shop, "approved") == "1."
    again = step("purchasing.order_requisition", requisition="RQ-2", supplier="Brightway")
    do(shop, "buyer", again)
    assert order_of(shop, "PO-00002").total.minor == 25_200
    with pytest.raises(DomainError, match="RQ-00002"):
        propose(shop, "buyer", again)
    books_are_right(shop)


def test_a_need_that_was_closed_stays_closed(shop: Engine) -> None:
    do(shop, "warehouse", NEED)
    do(shop, "manager", step("purchasing.approve_requisition", requisition="RQ-1"))
    ordered = do(shop, "buyer", step("purchasing.order_requisition", requisition="RQ-1"))
    with pytest.raises(DomainError, match="RQ-00001"):
        propose(shop, "buyer", step("purchasing.close_requisition", requisition="RQ-1"))
    undo(shop, "buyer", ordered)
    closed = do(shop, "buyer", step("purchasing.close_requisition", requisition="RQ-1"))

    assert not closed.undo["possible"]
    assert needed(shop, "closed") == "1."
    with pytest.raises(DomainError, match="RQ-00001"):
        propose(shop, "buyer", step("purchasing.order_requisition", requisition="RQ-1"))


def test_an_award_that_is_cancelled_can_be_awarded_to_another(shop: Engine) -> None:
    do(shop, "warehouse", NEED)
    do(shop, "manager", step("purchasing.approve_requisition", requisition="RQ-1"))
    do(shop, "buyer", ASK)
    for supplier, price, days in (("Lumen", "7.9", 10), ("Brightway", "7.7", 30)):
        do(
            shop,
            "buyer",
            step(
                "purchasing.enter_quote",
                request="RFQ-1",
                supplier=supplier,
                unit_price=price,
                lead_time_days=days,
            ),
        )
    compared = ask(shop, "buyer", "purchasing.compare_quotes", request="rfq 1").sentence()
    assert compared == "Brightway is the best of 2 for RFQ-00001: 231.00 EUR, here on 2026-07-15."

    award = step("purchasing.award_quotes", request="RFQ-1", supplier="Brightway")
    awarded = do(shop, "buyer", award)
    assert needed(shop, "ordered") == "1."
    undo(shop, "buyer", awarded)
    assert needed(shop, "approved") == "1."
    do(shop, "buyer", step("purchasing.award_quotes", request="RFQ-1", supplier="Lumen"))

    assert order_of(shop, "PO-00002").total.minor == 23_700
    assert needed(shop, "ordered") == "1."
    with pytest.raises(DomainError, match="RFQ-00001"):
        propose(shop, "buyer", award)
    books_are_right(shop)


def test_a_supplier_declines_and_the_request_is_closed(shop: Engine) -> None:
    do(shop, "warehouse", NEED)
    do(shop, "manager", step("purchasing.approve_requisition", requisition="RQ-1"))
    do(shop, "buyer", ASK)

    do(shop, "buyer", step("purchasing.decline_quote", request="RFQ-1", supplier="Lumen"))
    with pytest.raises(DomainError, match="RFQ-00001"):
        propose(shop, "buyer", step("purchasing.award_quotes", request="RFQ-1", supplier="Lumen"))
    closed = do(shop, "buyer", step("purchasing.close_request", request="rfq 1"))

    assert not closed.undo["possible"]
    assert closed.answers is not None
    assert closed.answers[0]["state"] == "closed"
    with pytest.raises(DomainError, match="RFQ-00001"):
        propose(
            shop, "buyer", step("purchasing.decline_quote", request="RFQ-1", supplier="Brightway")
        )


def test_an_order_is_changed_confirmed_and_closed_short(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))
    changed = do(
        shop,
        "buyer",
        step("purchasing.change_order", order="PO-1", quantity="50", unit_price="8"),
    )
    do(
        shop,
        "buyer",
        step("purchasing.confirm_order", order="PO-1", confirmed_on="2026-06-29"),
    )
    do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="PO-1", quantity="20"),
        by="manager",
    )
    closed = do(shop, "buyer", step("purchasing.close_order", order="PO-1"))

    assert changed.answers is not None
    assert changed.answers[0]["total"]["minor"] == 40_000
    assert changed.answers[0]["version"] == 2
    assert closed.answers is not None
    assert closed.answers[0]["state"] == "received"
    assert not changed.undo["possible"]
    assert not closed.undo["possible"]
    assert order_of(shop, "PO-00001").total.minor == 16_000
    assert balance(shop, GOODS_RECEIVED_NOT_BILLED) == "-160.00 EUR"
    books_are_right(shop)


def test_what_is_not_accepted_and_what_goes_back_is_said(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))
    received = do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="PO-1", rejected="2", rejected_because="broken"),
        by="manager",
    )
    assert received.answers is not None
    assert received.answers[0]["rejected"] == [["LAMP-01", "2.000000", "broken"]] or (
        received.answers[0]["rejected"][0][2] == "broken"
    )
    assert on_hand(shop, "LAMP-01") == 12 + 38
    do(
        shop,
        "warehouse",
        step("purchasing.return_receipt", receipt="GR-1", quantity="8", because="scratched"),
    )
    assert on_hand(shop, "LAMP-01") == 12 + 30
    card = ask(shop, "buyer", "purchasing.supplier_scorecard", supplier="Lumen").sentence()
    assert card.startswith("Lumen & Co scores ")
    times = ask(shop, "buyer", "purchasing.lead_times", item="LAMP-01").sentence()
    assert "Lumen & Co says 7 days and took 0" in times
    books_are_right(shop)


def test_a_difference_is_approved_by_somebody_else(shop: Engine) -> None:
    do(
        shop,
        "buyer",
        step("purchasing.order_item", item="LAMP-01", quantity="40"),
    )
    do(shop, "warehouse", step("purchasing.receive_order", order="PO-1"), by="manager")
    billed = do(
        shop,
        "accountant",
        step("purchasing.bill_order", order="PO-1", billed_total="346", supplier_reference="L-7"),
        by="admin",
    )
    assert billed.answers is not None
    assert billed.answers[0]["held"]
    agreed = do(shop, "buyer", step("purchasing.approve_difference", bill="BILL-1"))

    assert agreed.answers is not None
    assert agreed.answers[0]["difference"]["minor"] == 2_000
    assert balance(shop, PRICE_VARIANCE) == "20.00 EUR"
    assert balance(shop, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    books_are_right(shop)


def test_where_a_difference_goes_is_said_with_the_tolerance(shop: Engine) -> None:
    said = do(
        shop,
        "manager",
        step(
            "purchasing.set_tolerance",
            supplier="Lumen",
            price_percent="10",
            over_percent="5",
            difference_to="stock",
        ),
    )
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))
    do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="PO-1", quantity="42"),
        by="manager",
    )
    do(
        shop,
        "accountant",
        step("purchasing.bill_order", order="PO-1", billed_total="350"),
        by="admin",
    )

    assert said.calls[0]["arguments"]["supplier"] == "S-00002"
    assert "stock" in "\n".join(said.effect.lines())
    assert balance(shop, PRICE_VARIANCE) == "0.00 EUR"
    with reading(shop) as session:
        # Twelve at 8.00, and what the bill says for the rest.
        lamps = ledger.balance(session, "inventory")
    assert str(lamps) == "506.00 EUR"
    books_are_right(shop)


def test_what_came_and_is_not_billed_is_listed_credited_and_written_off(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="10"))
    do(
        shop,
        "warehouse",
        step("purchasing.receive_order", order="PO-1", quantity="6"),
        by="manager",
    )
    do(shop, "accountant", step("purchasing.bill_order", order="PO-1"), by="admin")
    do(shop, "warehouse", step("purchasing.receive_order", order="PO-1"), by="manager")
    do(
        shop,
        "warehouse",
        step("purchasing.return_receipt", receipt="GR-1", quantity="1", because="bent"),
    )
    listed = ask(shop, "accountant", "purchasing.list_unbilled", supplier="Lumen").sentence()
    assert "24.45 EUR in all" in listed
    with pytest.raises(DomainError):
        propose(shop, "accountant", step("purchasing.credit_return", order="PO-1"))
    off = step("purchasing.write_off_unbilled", order="PO-1", because="never billed")
    do(shop, "accountant", off)

    assert balance(shop, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    books_are_right(shop)


BAD: list[tuple[Step, str]] = [
    (
        step("purchasing.write_requisition", item="LAMP-01", quantity="1", needed_on="2026-06-01"),
        "2026-06-01",
    ),
    (step("purchasing.approve_requisition", requisition="RQ-9"), "RQ-9"),
    (step("purchasing.award_quotes", request="RFQ-9", supplier="Lumen"), "RFQ-9"),
    (
        step(
            "purchasing.ask_for_quotes",
            item="LAMP-01",
            quantity="3",
            suppliers=["Lumen", "Lumen & Co"],
            answer_by="2026-06-01",
        ),
        "2026-06-01",
    ),
    (step("purchasing.change_order", order="PO-1"), "PO-00001"),
    (step("purchasing.change_order", order="PO-1", item="BULB-03", unit_price="1"), "BULB-03"),
    (step("purchasing.change_order", order="PO-1", quantity="0"), "PO-00001|line"),
    (step("purchasing.receive_order", order="PO-1", quantity="41"), "40"),
    (step("purchasing.receive_order", order="PO-1", rejected_because="bent"), "bent"),
    (step("purchasing.confirm_order", order="PO-1", confirmed_on="2026-06-01"), "2026-06-01"),
    (step("purchasing.approve_difference", bill="BILL-9"), "BILL-9"),
    (step("purchasing.credit_return", order="PO-1"), "PO-00001"),
    (step("purchasing.write_off_unbilled", order="PO-1", because="x"), "PO-00001"),
    (step("purchasing.set_tolerance", supplier="Nobody Ltd"), "Nobody Ltd"),
]


def test_what_cannot_be_is_refused_by_name(shop: Engine) -> None:
    do(shop, "buyer", step("purchasing.order_item", item="LAMP-01", quantity="40"))

    for asked, told in BAD:
        with pytest.raises(DomainError, match=told) as refused:
            propose(shop, "manager", asked)
        assert refused.value.message("zh")


@pytest.mark.parametrize(
    ("login", "asked"),
    [
        ("employee", NEED),
        ("sales", step("purchasing.approve_requisition", requisition="RQ-1")),
        ("warehouse", step("purchasing.order_requisition", requisition="RQ-1")),
        ("accountant", ASK),
        ("warehouse", step("purchasing.change_order", order="PO-1", quantity="1")),
        ("warehouse", step("purchasing.approve_difference", bill="BILL-1")),
        ("buyer", step("purchasing.credit_return", order="PO-1")),
        ("buyer", step("purchasing.write_off_unbilled", order="PO-1", because="x")),
        ("accountant", step("purchasing.set_tolerance", price_percent="5")),
    ],
    ids=lambda part: part if isinstance(part, str) else part["tool"],
)
def test_who_may_not_is_told_so(shop: Engine, login: str, asked: Step) -> None:
    with pytest.raises(NotPermitted):
        propose(shop, login, asked)


def test_what_suppliers_cost_and_how_they_do_is_for_who_may_see_costs(shop: Engine) -> None:
    for tool, arguments in (
        ("purchasing.supplier_scorecard", {"supplier": "Lumen"}),
        ("purchasing.lead_times", {"item": "LAMP-01"}),
        ("purchasing.list_unbilled", {}),
    ):
        with pytest.raises(NotPermitted):
            ask(shop, "warehouse", tool, **arguments)
    nothing = ask(shop, "buyer", "purchasing.supplier_scorecard", supplier="Lumen").sentence()
    assert nothing == "Nothing has come from Lumen & Co yet, so there is no score."
