"""The flows: a sale finds out what it lacks, promises what can be kept, and gets what came."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties, purchasing, sales
from core.compliance import verify_books
from core.inventory import ReorderMethod, ReorderPolicy
from core.kernel import events
from core.ledger.chart import COST_OF_GOODS_SOLD
from core.processes import order_to_cash, procure_to_pay
from core.processes.drop_shipment import order_for_customer, supplier_has_shipped
from core.processes.replenishment import positions_of
from core.purchasing import OrderLineDraft as BoughtLine
from core.purchasing.requisitions import Requisition, find_requisition
from core.sales import (
    CreditPolicy,
    InvoicePolicy,
    LineChange,
    OrderChange,
    OrderLineDraft,
    OrderTerms,
    SalesOrder,
)
from core.sales.events import OrderConfirmed
from tests.conftest import TODAY
from tests.core.shop import Shop, acting_as, eur, open_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    """12 lamps; the soonest that more of them come is in 14 days."""
    shop = open_shop(session, limit=None)
    purchasing.list_offer(
        session, shop.lamp, supplier=shop.lux, unit_price=Decimal("7.9"), lead_time_days=30
    )
    return shop


def sell(
    session: Session, shop: Shop, quantity: str, *, promised_on: date | None = None, **terms: object
) -> SalesOrder:
    return order_to_cash.confirm_sale(
        session,
        customer=shop.haus,
        lines=[OrderLineDraft(shop.lamp, Decimal(quantity), Decimal(20))],
        promised_on=promised_on,
        terms=OrderTerms(**terms),  # type: ignore[arg-type]
    )


def shown(session: Session) -> list[str]:
    """Return the card of the sale that was confirmed last."""
    facts = [fact for fact in events.recorded(session) if isinstance(fact, OrderConfirmed)]
    return [change.says() for change in facts[-1].changes()]


def asked(session: Session) -> list[tuple[str, str, str, Decimal]]:
    """Return what requisitions ask for, and which document needs it."""
    found = []
    for number in session.scalars(select(Requisition.number).order_by(Requisition.number)):
        requisition = find_requisition(session, number, lock=False)
        found += [
            (number, requisition.state.value, line.pegged_to or "", line.quantity)
            for line in requisition.lines
        ]
    return found


def reserved(session: Session, order: SalesOrder) -> list[Decimal]:
    return [line.reserved for line in sales.view_order(session, order.number).lines]


def by_sale(session: Session, shop: Shop) -> None:
    inventory.set_policy(session, shop.lamp, ReorderPolicy(ReorderMethod.ORDER_BY_ORDER))


def test_what_is_in_stock_is_promised_as_usual_and_nobody_is_asked(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, "12")

    assert order.promised_on == TODAY + timedelta(days=7)
    assert reserved(session, order) == [12]
    assert asked(session) == []
    assert not any("can go" in line for line in shown(session))


def test_without_a_day_the_one_that_can_be_kept_is_promised(session: Session, shop: Shop) -> None:
    order = sell(session, shop, "30")

    # 18 lamps are missing, and Lumen Works needs 14 days.
    assert order.promised_on == TODAY + timedelta(days=14)
    assert "sales order (can go): 14 d · 18 × LAMP-01: Lumen Works (2026-06-29)" in shown(session)
    assert asked(session) == [("RQ-00001", "draft", "SO-00001", 18)]
    assert verify_books(session) == []


def test_a_day_that_cannot_be_kept_stays_and_the_card_says_which_can(
    session: Session, shop: Shop
) -> None:
    procure_to_pay.place_order(
        session,
        supplier=shop.works,
        lines=[BoughtLine(shop.lamp, Decimal(30))],
        expected_on=TODAY + timedelta(days=9),
    )

    order = sell(session, shop, "42", promised_on=TODAY + timedelta(days=5))

    assert order.promised_on == TODAY + timedelta(days=5)
    assert (
        "sales order (promised too early; can go): 5 d → 9 d · 30 × LAMP-01: PO-00001 (2026-06-24)"
    ) in shown(session)
    # It is on its way and promised to nobody else: nothing is to be bought.
    assert asked(session) == []
    assert verify_books(session) == []


def test_two_sales_are_never_promised_the_same_supply(session: Session, shop: Shop) -> None:
    procure_to_pay.place_order(
        session,
        supplier=shop.works,
        lines=[BoughtLine(shop.lamp, Decimal(30))],
        expected_on=TODAY + timedelta(days=9),
    )
    sell(session, shop, "42")

    second = sell(session, shop, "5")

    assert second.promised_on == TODAY + timedelta(days=14)
    assert asked(session) == [("RQ-00001", "draft", "SO-00002", 5)]


def test_what_nobody_offers_is_said_and_asked_for(session: Session, shop: Shop) -> None:
    rare = catalog.add_item(session, sku="RARE", name="Rare lamp")
    lines = [OrderLineDraft(rare, Decimal(2), Decimal(9))]

    order = order_to_cash.confirm_sale(session, customer=shop.haus, lines=lines)

    assert order.promised_on == TODAY + timedelta(days=7)
    assert "sales order (can go): nobody offers what is missing" in shown(session)
    assert asked(session) == [("RQ-00001", "draft", "SO-00001", 2)]


def test_an_item_with_a_rule_is_left_to_it(session: Session, shop: Shop) -> None:
    inventory.set_reorder_rule(session, shop.lamp, minimum=Decimal(10), target=Decimal(50))

    sell(session, shop, "30")

    assert asked(session) == []


def test_ordered_sale_by_sale_it_goes_to_the_sale_it_was_bought_for(
    session: Session, shop: Shop
) -> None:
    by_sale(session, shop)
    early = order_to_cash.confirm_sale(
        session, customer=shop.haus, lines=[OrderLineDraft(shop.lamp, Decimal(15), Decimal(20))]
    )
    late = sell(session, shop, "4")
    assert asked(session) == [
        ("RQ-00001", "draft", "SO-00001", 3),
        ("RQ-00002", "draft", "SO-00002", 4),
    ]
    with acting_as(session, "maria"):
        procure_to_pay.agree_to(session, "RQ-2")
    [bought] = procure_to_pay.order_needed(session, "RQ-2", supplier=shop.works)

    procure_to_pay.receive_order(session, bought.number)

    # The other has waited longer; but these were bought for this one.
    assert (reserved(session, early), reserved(session, late)) == ([12], [4])
    order_to_cash.deliver_sale(session, late.number)
    assert verify_books(session) == []


def test_giving_up_a_sale_serves_who_waits_and_closes_what_was_asked(
    session: Session, shop: Shop
) -> None:
    first, second = sell(session, shop, "20"), sell(session, shop, "10")
    assert (reserved(session, first), reserved(session, second)) == ([12], [0])

    order_to_cash.cancel_sale(session, first.number, because="changed their mind")

    assert reserved(session, second) == [10]
    assert [(number, state) for number, state, _, _ in asked(session)] == [
        ("RQ-00001", "closed"),
        ("RQ-00002", "draft"),
    ]
    assert verify_books(session) == []


def test_a_changed_sale_gives_back_and_asks_for_more(session: Session, shop: Shop) -> None:
    first, second = sell(session, shop, "12"), sell(session, shop, "3")
    fewer = OrderChange(lines={1: LineChange(quantity=Decimal(10))})

    order_to_cash.change_sale(session, first.number, fewer)

    assert reserved(session, second) == [2]
    more = OrderChange(lines={1: LineChange(quantity=Decimal(17))})
    order_to_cash.change_sale(session, first.number, more)
    assert asked(session) == [
        ("RQ-00001", "draft", "SO-00002", 3),
        ("RQ-00002", "draft", "SO-00001", 7),
    ]
    assert verify_books(session) == []


def test_a_held_sale_asks_for_nothing_before_it_is_released(session: Session, shop: Shop) -> None:
    sales.set_policy(session, CreditPolicy(holds_beyond_limit=True))
    parties.set_credit_limit(session, shop.haus, eur("100"))

    held = sell(session, shop, "20")
    assert (held.state.value, asked(session)) == ("held", [])
    order_to_cash.release_sale(session, held.number, because="they paid by phone")

    assert reserved(session, held) == [12]
    assert asked(session) == [("RQ-00001", "draft", "SO-00001", 8)]
    assert verify_books(session) == []


def test_with_delivery_each_part_is_invoiced_in_the_same_step(session: Session, shop: Shop) -> None:
    order = sell(session, shop, "15", invoice_policy=InvoicePolicy.WITH_DELIVERY)

    order_to_cash.deliver_sale(session, order.number, available_only=True)

    [line] = sales.view_order(session, order.number).lines
    assert (line.delivered, line.invoiced) == (12, 12)
    assert invoicing.find_invoice(session, "INV-1").total_minor == 24_000
    assert ledger.balance(session, COST_OF_GOODS_SOLD) == eur("96")
    order_to_cash.take_payment(
        session, kind=invoicing.PaymentKind.CUSTOMER_PAYMENT, party=shop.haus.party,
        amount=eur("240"),
    )  # fmt: skip
    assert invoicing.find_invoice(session, "INV-1").open_minor == 0
    order_to_cash.return_delivery(session, "DN-1", because="scratched")
    [line] = sales.view_order(session, order.number).lines
    assert (line.delivered, line.invoiced) == (0, 0)
    assert verify_books(session) == []


def test_what_comes_back_for_good_goes_to_who_waits(session: Session, shop: Shop) -> None:
    order = sell(session, shop, "12")
    order_to_cash.deliver_sale(session, order.number)
    waits = sell(session, shop, "2")
    given = sales.authorise_return(
        session, delivery="DN-00001",
        lines=[sales.ReturnLineDraft(shop.lamp, Decimal(3))], because="too many",
    )  # fmt: skip

    order_to_cash.receive_return(session, given.number)

    assert reserved(session, waits) == [2]
    assert inventory.stock_of(session, shop.lamp).available == 1
    assert verify_books(session) == []


def test_what_a_supplier_sends_straight_is_asked_of_nobody_and_invoiced_with_it(
    session: Session, shop: Shop
) -> None:
    lines = [OrderLineDraft(shop.lamp, Decimal(20), Decimal(20), drop_shipped=True)]
    terms = OrderTerms(invoice_policy=InvoicePolicy.WITH_DELIVERY)
    order = order_to_cash.confirm_sale(session, customer=shop.haus, lines=lines, terms=terms)
    assert asked(session) == []
    assert positions_of(session, [shop.lamp.id]).of(shop.lamp.id).wanted == ()

    bought = order_for_customer(session, order.number, supplier=shop.works)
    supplier_has_shipped(session, bought.number)

    assert invoicing.find_invoice(session, "INV-1").total_minor == 40_000
    assert verify_books(session) == []
