"""What a supplier sends to our customer costs us at once, and never lies on a shelf of ours."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import inventory, ledger, purchasing, sales
from core.compliance import verify_books
from core.ledger.chart import COST_OF_GOODS_SOLD, GOODS_RECEIVED_NOT_BILLED, REVENUE
from core.processes.drop_shipment import (
    NoDropShipment,
    NothingToDropShip,
    order_for_customer,
    supplier_has_shipped,
)
from core.sales import OrderLineDraft
from core.sales.errors import OrderAlreadyDelivered
from tests.core.shop import open_shop


def test_a_drop_shipment_costs_what_the_supplier_asks_and_touches_no_stock(
    session: Session,
) -> None:
    shop = open_shop(session)
    lines = [
        OrderLineDraft(shop.lamp, Decimal(10), Decimal(20), drop_shipped=True),
        OrderLineDraft(shop.lamp, Decimal(2), Decimal(20)),
    ]
    order = sales.confirm_order(session, customer=shop.haus, lines=lines)
    sales.deliver_order(session, order.number)
    with pytest.raises(OrderAlreadyDelivered):
        sales.deliver_order(session, order.number)

    purchase = order_for_customer(
        session, order.number, supplier=shop.works, prices={1: Decimal("8.15")}
    )
    with pytest.raises(NothingToDropShip):
        order_for_customer(session, order.number, supplier=shop.works)
    supplier_has_shipped(session, purchase.number, quantities={1: Decimal(4)})
    supplier_has_shipped(session, purchase.number)
    sales.invoice_order(session, order.number)

    assert inventory.stock_of(session, shop.lamp).on_hand == 10
    # Ten from the supplier at 8.15 and two of ours at 8.00.
    assert str(ledger.balance(session, COST_OF_GOODS_SOLD)) == "97.50 EUR"
    assert str(ledger.balance(session, GOODS_RECEIVED_NOT_BILLED)) == "-81.50 EUR"
    assert str(ledger.balance(session, REVENUE)) == "-240.00 EUR"
    assert sales.view_order(session, order.number).state == "delivered"
    assert verify_books(session) == []


def test_a_purchase_for_ourselves_is_no_drop_shipment(session: Session) -> None:
    shop = open_shop(session)
    purchase = purchasing.place_order(
        session, supplier=shop.works, lines=[purchasing.OrderLineDraft(shop.lamp, Decimal(5))]
    )

    with pytest.raises(NoDropShipment):
        supplier_has_shipped(session, purchase.number)
