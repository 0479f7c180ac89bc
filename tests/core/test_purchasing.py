"""Purchasing: offers, orders, receipts, returns and bills, to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties, purchasing
from core.catalog import ValuationMethod
from core.catalog.errors import ItemInactive, QuantityTooFine
from core.invoicing.errors import AlreadyCredited, DuplicateBill
from core.invoicing.holds import HoldPurpose, lift_hold
from core.invoicing.holds.errors import DifferenceNotAgreed
from core.kernel import events
from core.kernel.money import AmountTooLarge
from core.ledger.chart import (
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY,
    OPERATING_EXPENSE,
    PAYABLE,
    PRICE_VARIANCE,
    TAX_INPUT,
)
from core.parties.errors import PartyBlocked
from core.processes.credit import credit_document
from core.purchasing import OrderLineDraft, OrderState, PurchaseOrder
from core.purchasing.errors import (
    BelowMinimumQuantity,
    DiscountOutOfRange,
    EmptyOrder,
    ExpectedInThePast,
    GoodsAlreadyCame,
    NoSupplierOffer,
    NothingToBill,
    NotOfferedBy,
    OrderAlreadyReceived,
    OrderCancelled,
    OverBilling,
    OverReceipt,
    ReceiptAlreadyReturned,
    ReceiptIsReturn,
    SecondPersonNeeded,
    UnknownOrder,
    UnknownPosition,
    UnknownReceipt,
)
from core.purchasing.rules import receivable_quantity
from tests.conftest import TODAY
from tests.core.shop import Shop, acting_as, eur, open_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def place(
    session: Session, shop: Shop, quantity: str = "10", price: str | None = "10"
) -> PurchaseOrder:
    draft = OrderLineDraft(shop.lamp, Decimal(quantity), None if price is None else Decimal(price))
    return purchasing.place_order(session, supplier=shop.works, lines=[draft])


def last_effect(session: Session, since: int) -> list[str]:
    return events.effect_of(events.recorded(session)[since:]).lines()


def balance(session: Session, account: str) -> str:
    return str(ledger.balance(session, account))


def test_the_cheapest_offer_for_the_quantity_is_the_best(session: Session, shop: Shop) -> None:
    few = purchasing.best_offer(session, shop.lamp, Decimal(49))
    many = purchasing.best_offer(session, shop.lamp, Decimal(50))
    named = purchasing.best_offer(session, shop.lamp, Decimal(50), supplier=shop.works)

    assert [offer.supplier.name for offer in (few, many, named)] == [
        "Lumen Works",
        "Lux GmbH",
        "Lumen Works",
    ]


def test_equal_prices_go_by_the_alphabet_and_the_blocked_are_passed_over(
    session: Session, shop: Shop
) -> None:
    purchasing.list_offer(
        session, shop.lamp, supplier=shop.lux, unit_price=Decimal("8.15"), lead_time_days=3
    )

    first = purchasing.best_offer(session, shop.lamp, Decimal(1))
    parties.block_party(session, shop.works.party, because="quality")
    second = purchasing.best_offer(session, shop.lamp, Decimal(1))

    assert (first.supplier.name, second.supplier.name) == ("Lumen Works", "Lux GmbH")
    with pytest.raises(PartyBlocked):
        purchasing.best_offer(session, shop.lamp, Decimal(1), supplier=shop.works)


def test_no_offer_says_what_there_is(session: Session, shop: Shop) -> None:
    with pytest.raises(BelowMinimumQuantity, match="Lux GmbH starts at 50"):
        purchasing.best_offer(session, shop.lamp, Decimal(10), supplier=shop.lux)
    with pytest.raises(NotOfferedBy, match="Lumen Works"):
        purchasing.best_offer(session, shop.bulb, Decimal(10), supplier=shop.lux)
    with pytest.raises(NoSupplierOffer):
        purchasing.best_offer(session, shop.advice, Decimal(1))


def test_an_order_shows_what_comes_and_when_it_is_to_be_paid(session: Session, shop: Shop) -> None:
    facts = len(events.recorded(session))

    order = place(session, shop, "43", None)

    assert (order.number, order.state, order.total_minor) == ("PO-00001", "placed", 35_045)
    assert order.expected_on == TODAY + timedelta(days=14)
    assert last_effect(session, facts) == [
        "purchase order: new · 43 × LAMP-01 @ 8.15 = 350.45 EUR · Lumen Works · 14 d (2026-06-29)",
        "LAMP-01 Desk lamp (on order): 0 → 43",
        "44 (cash out): 350.45 EUR (2026-07-29)",
    ]
    assert events.recorded(session)[-1].amount() == eur("350.45")
    assert purchasing.on_order(session, [shop.lamp.id]) == {shop.lamp.id: 43}


def test_tax_and_discount_are_part_of_an_order(session: Session, shop: Shop) -> None:
    lines = [
        OrderLineDraft(shop.bulb, Decimal(1000)),
        OrderLineDraft(shop.lamp, Decimal(10), Decimal(10), Decimal("2.5")),
    ]

    order = purchasing.place_order(session, supplier=shop.works, lines=lines)

    assert (order.net_minor, order.tax_minor, order.total_minor) == (43_083, 6_333, 49_416)


def test_an_order_comes_in_parts_that_add_up(session: Session, shop: Shop) -> None:
    order = purchasing.place_order(
        session,
        supplier=shop.works,
        lines=[OrderLineDraft(shop.bulb, Decimal(3), Decimal("3.3333"))],
    )

    for state in ("partly_received", "partly_received", "received"):
        purchasing.receive_order(session, order.number, quantities={1: Decimal(1)})
        assert purchasing.find_order(session, order.number).state == state

    # 3.33 + 3.33 + 3.34: the last part takes what is left of 10.00.
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "-10.00 EUR"
    assert inventory.stock_of(session, shop.bulb).value == eur("10.00")
    bill = purchasing.bill_order(session, order.number, supplier_reference="B-7")
    assert (bill.net_minor, bill.tax_minor) == (1_000, 190)
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    assert balance(session, TAX_INPUT) == "1.90 EUR"


def test_b01_order_receipt_and_bill_agree(session: Session, shop: Shop) -> None:
    before = ledger.balance(session, INVENTORY)
    order = place(session, shop)

    receipt = purchasing.receive_order(session, order.number)

    assert ledger.balance(session, INVENTORY) - before == eur("100.00")
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "-100.00 EUR"
    assert receipt.number == "GR-00001"
    purchasing.bill_order(session, order.number, billed_total=eur("100"))
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    assert balance(session, PAYABLE) == "-100.00 EUR"


def test_b02_a_dearer_bill_is_accepted_by_somebody_and_is_a_variance(
    session: Session, shop: Shop
) -> None:
    order = place(session, shop, "1")
    purchasing.receive_order(session, order.number)

    bill = purchasing.bill_order(session, order.number, billed_total=eur("15"))
    with pytest.raises(DifferenceNotAgreed):
        lift_hold(session, bill, purpose=HoldPurpose.PAYMENT, because="we want to pay")
    with pytest.raises(SecondPersonNeeded, match="system booked BILL-00001"):
        purchasing.approve_difference(session, bill.number, because="prices rose")
    with acting_as(session, "somebody else"):
        purchasing.approve_difference(session, bill.number, because="prices rose")

    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    assert balance(session, PRICE_VARIANCE) == "5.00 EUR"
    assert balance(session, PAYABLE) == "-15.00 EUR"


@pytest.mark.parametrize(("billed", "variance"), [("101.99", "1.99"), ("98.00", "-2.00")])
def test_a_small_difference_is_a_variance_at_once(
    session: Session, shop: Shop, billed: str, variance: str
) -> None:
    order = place(session, shop)
    purchasing.receive_order(session, order.number)

    purchasing.bill_order(session, order.number, billed_total=eur(billed))

    assert balance(session, PRICE_VARIANCE) == f"{variance} EUR"
    assert balance(session, PAYABLE) == f"-{billed} EUR"


def test_b06_more_than_ordered_or_received_is_refused(session: Session, shop: Shop) -> None:
    order = place(session, shop)

    with pytest.raises(OverReceipt, match="only 10 can still come"):
        purchasing.receive_order(session, order.number, quantities={1: Decimal(12)})
    purchasing.receive_order(session, order.number)
    with pytest.raises(OverBilling, match="only 10 has come"):
        purchasing.bill_order(session, order.number, quantities={1: Decimal(11)})
    purchasing.bill_order(session, order.number, supplier_reference="S-1")
    with pytest.raises(NothingToBill):
        purchasing.bill_order(session, order.number, supplier_reference="S-1")

    assert receivable_quantity(Decimal(10), Decimal(0), tolerance_percent=Decimal(10)) == 11
    with pytest.raises(OrderAlreadyReceived):
        purchasing.receive_order(session, order.number)


def test_one_bill_number_is_booked_once(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    purchasing.receive_order(session, order.number)
    purchasing.bill_order(
        session, order.number, supplier_reference="S-1", quantities={1: Decimal(4)}
    )

    with pytest.raises(DuplicateBill):
        purchasing.bill_order(session, order.number, supplier_reference="s-1")


def test_what_goes_back_is_still_to_come(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    facts = len(events.recorded(session))

    returned = purchasing.return_receipt(session, receipt.number, because="scratched")

    assert returned.number == "GR-00002"
    assert purchasing.find_order(session, order.number).state is OrderState.PLACED
    assert purchasing.on_order(session, [shop.lamp.id]) == {shop.lamp.id: 10}
    assert inventory.stock_of(session, shop.lamp).on_hand == 12
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    assert last_effect(session, facts)[:4] == [
        "goods receipt: new · −(10 × LAMP-01) · Lumen Works",
        f"goods receipt {receipt.number}: received → returned",
        "purchase order PO-00001: received → placed",
        "LAMP-01 Desk lamp (on order): 0 → 10",
    ]
    with pytest.raises(ReceiptAlreadyReturned, match=returned.number):
        purchasing.return_receipt(session, receipt.number, because="again")
    with pytest.raises(ReceiptIsReturn):
        purchasing.return_receipt(session, returned.number, because="back")
    purchasing.receive_order(session, order.number)
    assert purchasing.view_order(session, order.number).receipts == ("GR-00003",)


def test_lines_that_are_alike_go_back_each_by_its_own_move(session: Session, shop: Shop) -> None:
    inventory.set_standard_cost(session, shop.lamp, Decimal("7.50"))
    inventory.set_valuation_method(session, shop.lamp, ValuationMethod.STANDARD)
    drafts = [OrderLineDraft(shop.lamp, Decimal(5), Decimal(price)) for price in ("8", "9")]
    order = purchasing.place_order(session, supplier=shop.works, lines=drafts)
    receipt = purchasing.receive_order(session, order.number)

    second = purchasing.return_receipt(
        session, receipt.number, because="bent", quantities={2: Decimal(5)}
    )
    first = purchasing.return_receipt(session, receipt.number, because="bent")

    came = [move.id for move in inventory.moves_of(session, receipt.number)]
    gone = [inventory.moves_of(session, each.number)[0].returns_id for each in (first, second)]
    assert gone == came
    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"


def test_what_is_billed_goes_back_after_the_bill_is_credited(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    bill = purchasing.bill_order(session, order.number, billed_total=eur("101"))

    note = credit_document(session, bill.number, because="scratched")
    with pytest.raises(AlreadyCredited):
        credit_document(session, bill.number, because="again")
    purchasing.return_receipt(session, receipt.number, because="scratched")

    assert note.total_minor == 10_100
    for account in (GOODS_RECEIVED_NOT_BILLED, PAYABLE, PRICE_VARIANCE):
        assert balance(session, account) == "0.00 EUR"
    line = purchasing.find_order(session, order.number).lines[0]
    assert (line.received_quantity, line.billed_quantity) == (0, 0)


def test_only_an_order_that_nothing_came_of_is_cancelled(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number, quantities={1: Decimal(1)})

    with pytest.raises(GoodsAlreadyCame, match=receipt.number):
        purchasing.cancel_order(session, order.number, because="late")
    purchasing.return_receipt(session, receipt.number, because="late")
    purchasing.cancel_order(session, order.number, because="late")

    assert purchasing.on_order(session, [shop.lamp.id]) == {shop.lamp.id: 0}
    with pytest.raises(OrderCancelled):
        purchasing.cancel_order(session, order.number, because="again")
    with pytest.raises(OrderCancelled):
        purchasing.receive_order(session, order.number)


def test_a_service_is_an_expense_when_it_is_billed(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.advice, Decimal("2.5"), Decimal("100.01"))
    order = purchasing.place_order(session, supplier=shop.works, lines=[draft])

    purchasing.receive_order(session, order.number, quantities={1: Decimal(1)})
    first = purchasing.bill_order(session, order.number)
    purchasing.receive_order(session, order.number)
    second = purchasing.bill_order(session, order.number)

    assert balance(session, GOODS_RECEIVED_NOT_BILLED) == "0.00 EUR"
    assert (first.total_minor, second.total_minor) == (10_001, 15_002)
    assert balance(session, OPERATING_EXPENSE) == "250.03 EUR"


def test_what_cannot_be_ordered_is_refused(session: Session, shop: Shop) -> None:
    def order(*drafts: OrderLineDraft) -> None:
        purchasing.place_order(session, supplier=shop.works, lines=drafts)

    one = Decimal(1)
    with pytest.raises(EmptyOrder):
        order()
    with pytest.raises(QuantityTooFine):
        order(OrderLineDraft(shop.lamp, Decimal("1.5")))
    with pytest.raises(DiscountOutOfRange):
        order(OrderLineDraft(shop.lamp, one, discount_percent=Decimal(101)))
    with pytest.raises(NoSupplierOffer):
        order(OrderLineDraft(shop.advice, one))
    with pytest.raises(AmountTooLarge):
        order(OrderLineDraft(shop.lamp, Decimal(10**12), Decimal(10**12)))
    with pytest.raises(NotOfferedBy, match="Lux GmbH does not offer BULB-02; these do: Lumen"):
        purchasing.place_order(session, supplier=shop.lux, lines=[OrderLineDraft(shop.bulb, one)])
    with pytest.raises(BelowMinimumQuantity, match="starts at 50"):
        purchasing.place_order(
            session, supplier=shop.lux, lines=[OrderLineDraft(shop.lamp, one, one)]
        )
    with pytest.raises(ExpectedInThePast):
        purchasing.place_order(
            session,
            supplier=shop.works,
            lines=[OrderLineDraft(shop.lamp, one)],
            expected_on=TODAY - timedelta(days=1),
        )
    catalog.deactivate_item(session, shop.bulb)
    with pytest.raises(ItemInactive):
        order(OrderLineDraft(shop.bulb, one))
    parties.block_party(session, shop.works.party, because="late")
    with pytest.raises(PartyBlocked):
        order(OrderLineDraft(shop.lamp, one))


def test_what_is_not_there_is_said_so(session: Session, shop: Shop) -> None:
    order = place(session, shop)

    with pytest.raises(UnknownOrder):
        purchasing.receive_order(session, "PO-99999")
    with pytest.raises(UnknownReceipt):
        purchasing.return_receipt(session, "GR-99999", because="")
    with pytest.raises(UnknownPosition, match="it has 1"):
        purchasing.receive_order(session, order.number, quantities={2: Decimal(1)})


def test_orders_are_listed_by_state_supplier_and_item(session: Session, shop: Shop) -> None:
    first, second = place(session, shop), place(session, shop)
    purchasing.receive_order(session, first.number)

    still = purchasing.list_orders(session, states=[OrderState.PLACED])
    lamps = purchasing.list_orders(session, item_id=shop.lamp.id, supplier_id=shop.works.party_id)

    assert [view.number for view in still] == [second.number]
    assert [view.number for view in lamps] == [second.number, first.number]
    assert purchasing.list_orders(session, item_id=shop.bulb.id) == []
    assert invoicing.owed_by(session, shop.works.party_id, invoicing.Direction.PAYABLE) == eur("0")
