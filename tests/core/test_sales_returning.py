"""What comes back: agreed before, received in parts, credited part by part, never twice."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import inventory, invoicing, ledger, sales
from core.catalog import ValuationMethod
from core.compliance import verify, verify_books
from core.invoicing import Invoice, credit_part
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.ledger.chart import COST_OF_GOODS_SOLD, INVENTORY_ADJUSTMENT, REVENUE
from core.sales import (
    Delivery,
    OrderLineDraft,
    OrderState,
    OrderTerms,
    Resolution,
    ReturnLineDraft,
    ReturnState,
)
from core.sales.errors import DeliveryIsReturn
from core.sales.returning.errors import (
    FeeOutOfRange,
    MoreThanLeft,
    NothingToCredit,
    NothingToReturn,
    ReplacementNeedsOrder,
    ReturnBegun,
    ReturnClosed,
    UnknownReturn,
)
from tests.core.shop import Shop, eur, open_shop, stock


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def sold(session: Session, shop: Shop, quantity: str = "10", *, invoiced: bool = True) -> Delivery:
    """Sell, deliver and invoice lamps at 10.00, which cost 8.00."""
    draft = OrderLineDraft(shop.lamp, Decimal(quantity), Decimal(10))
    order = sales.confirm_order(session, customer=shop.haus, lines=[draft])
    delivery = sales.deliver_order(session, order.number)
    if invoiced:
        sales.invoice_order(session, order.number)
    return delivery


def balance(session: Session, account: str) -> str:
    return str(ledger.balance(session, account))


def exposure(session: Session, shop: Shop) -> str:
    return str(sales.exposure_of(session, shop.haus.party_id))


def notes(session: Session) -> list[tuple[int, int]]:
    every = session.query(Invoice).filter(Invoice.number.like("CN-%")).order_by(Invoice.number)
    return [(note.total_minor, note.open_minor) for note in every]


def test_parts_come_back_at_their_cost_and_each_is_credited(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)
    given = sales.authorise_return(
        session,
        delivery=delivery.number,
        lines=[ReturnLineDraft(shop.lamp, Decimal(4))],
        because="too many",
    )

    sales.receive_return(session, given.number, quantities={1: Decimal(3)})
    assert sales.find_return(session, given.number).state is ReturnState.PARTLY_RECEIVED
    sales.receive_return(session, given.number)

    assert sales.find_return(session, given.number).state is ReturnState.RECEIVED
    assert notes(session) == [(3_000, 0), (1_000, 0)]
    assert inventory.stock_of(session, shop.lamp).on_hand == 6
    assert balance(session, COST_OF_GOODS_SOLD) == "48.00 EUR"
    # What came back for good is neither to be delivered nor to be invoiced again.
    order = sales.list_orders(session, states=[OrderState.DELIVERED])[0]
    assert sales.view_order(session, order.number).lines[0].returned == 4
    assert exposure(session, shop) == "60.00 EUR"
    with pytest.raises(ReturnClosed):
        sales.receive_return(session, given.number)
    assert verify_books(session) == []


def test_a_fee_is_kept_of_what_is_credited_and_its_tax(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)
    given = sales.authorise_return(
        session, delivery=delivery.number, because="regret", fee_percent=Decimal(15)
    )

    sales.receive_return(session, given.number, quantities={1: Decimal(3)})
    sales.receive_return(session, given.number)

    # 30.00 less 4.50, and 70.00 less 10.50.
    assert notes(session) == [(2_550, 0), (5_950, 0)]
    assert balance(session, REVENUE) == "-15.00 EUR"
    assert balance(session, COST_OF_GOODS_SOLD) == "0.00 EUR"
    assert exposure(session, shop) == "15.00 EUR"
    assert verify_books(session) == []


def test_what_was_credited_before_is_not_credited_again(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)
    credit_part(session, "INV-00001", amount=eur("20"), because="scratches")

    sales.return_delivery(session, delivery.number, because="all of it")

    assert notes(session) == [(2_000, 0), (8_000, 0)]
    assert balance(session, REVENUE) == "0.00 EUR"
    assert verify_books(session) == []


def test_a_credited_quantity_that_comes_back_is_not_credited_again(
    session: Session, shop: Shop
) -> None:
    delivery = sold(session, shop)
    credit_part(session, "INV-00001", quantities={1: Decimal(3)}, because="never came")

    sales.return_delivery(session, delivery.number, because="the rest came wrong")

    assert notes(session) == [(3_000, 0), (7_000, 0)]
    assert balance(session, REVENUE) == "0.00 EUR"


def test_what_is_replaced_is_credited_and_goes_out_again(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)
    given = sales.authorise_return(
        session,
        delivery=delivery.number,
        lines=[ReturnLineDraft(shop.lamp, Decimal(2))],
        resolution=Resolution.REPLACE,
        because="broken",
    )

    sales.receive_return(session, given.number, scrapped=True)

    assert balance(session, INVENTORY_ADJUSTMENT) == "16.00 EUR"
    assert inventory.stock_of(session, shop.lamp).on_hand == 2
    (order,) = sales.list_orders(session, states=[OrderState.PARTLY_DELIVERED])
    sales.deliver_order(session, order.number)
    assert sales.invoice_order(session, order.number).total_minor == 2_000
    assert exposure(session, shop) == "100.00 EUR"
    assert verify_books(session) == []


def test_receipt_and_credit_may_be_apart(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)
    given = sales.authorise_return(session, delivery=delivery.number, because="regret")

    sales.receive_return(session, given.number, credits_now=False)
    assert notes(session) == []
    assert exposure(session, shop) == "100.00 EUR"
    sales.credit_return(session, given.number)

    assert notes(session) == [(10_000, 0)]
    assert exposure(session, shop) == "0.00 EUR"
    with pytest.raises(NothingToCredit):
        sales.credit_return(session, given.number)


def test_goods_come_back_that_no_order_is_known_of(session: Session, shop: Shop) -> None:
    given = sales.authorise_return(
        session,
        customer=shop.haus,
        lines=[ReturnLineDraft(shop.lamp, Decimal(4), Decimal(10))],
        because="from the old system",
        fee_percent=Decimal(10),
    )

    received = sales.receive_return(session, given.number)

    assert inventory.stock_of(session, shop.lamp).value == eur("128")
    assert notes(session) == [(3_600, 3_600)]
    view = sales.view_delivery(session, received.number)
    assert (view.order, view.state, view.goods) == ("", None, (("LAMP-01", Decimal(4)),))
    with pytest.raises(DeliveryIsReturn):
        sales.return_delivery(session, received.number, because="")
    assert verify_books(session) == []


def test_a_return_waits_for_its_goods_and_no_other_does(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop, invoiced=False)
    six = [ReturnLineDraft(shop.lamp, Decimal(6))]
    given = sales.authorise_return(session, delivery=delivery.number, lines=six, because="too many")

    with pytest.raises(MoreThanLeft, match="only 4 can come back on DN-00001, not 6"):
        sales.authorise_return(session, delivery=delivery.number, lines=six, because="again")
    rest = sales.authorise_return(session, delivery=delivery.number, because="the rest")
    with pytest.raises(NothingToReturn):
        sales.authorise_return(session, delivery=delivery.number, because="more")
    sales.cancel_return(session, rest.number, because="kept")
    sales.receive_return(session, given.number, quantities={1: Decimal(1)})
    with pytest.raises(ReturnBegun):
        sales.cancel_return(session, given.number, because="kept")
    sales.return_delivery(session, delivery.number, because="everything")
    with pytest.raises(MoreThanLeft):
        sales.receive_return(session, given.number)


def test_what_makes_no_sense_is_refused(session: Session, shop: Shop) -> None:
    delivery = sold(session, shop)

    with pytest.raises(UnknownReturn):
        sales.receive_return(session, "RT-99999")
    with pytest.raises(FeeOutOfRange):
        sales.authorise_return(
            session, delivery=delivery.number, because="", fee_percent=Decimal(101)
        )
    with pytest.raises(ReplacementNeedsOrder):
        sales.authorise_return(
            session,
            customer=shop.haus,
            lines=[ReturnLineDraft(shop.lamp, Decimal(1))],
            resolution=Resolution.REPLACE,
            because="",
        )


def test_an_order_that_is_invoiced_first_is_credited_only_for_good(
    session: Session, shop: Shop
) -> None:
    terms = OrderTerms(invoice_policy=sales.InvoicePolicy.ON_ORDER)
    draft = OrderLineDraft(shop.lamp, Decimal(10), Decimal(10))
    order = sales.confirm_order(session, customer=shop.haus, lines=[draft], terms=terms)
    sales.invoice_order(session, order.number)
    delivery = sales.deliver_order(session, order.number)

    sales.return_delivery(session, delivery.number, because="wrong door")
    assert notes(session) == []
    again = sales.deliver_order(session, order.number)
    given = sales.authorise_return(session, delivery=again.number, because="regret")
    sales.receive_return(session, given.number)

    assert notes(session) == [(10_000, 0)]
    assert exposure(session, shop) == "0.00 EUR"
    assert verify_books(session) == []


def test_two_who_take_the_same_goods_back_wait_for_each_other(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        delivery = sold(session, shop).number
        lines = [ReturnLineDraft(shop.lamp, Decimal(7))]
        given = sales.authorise_return(
            session, delivery=delivery, lines=lines, because="too many"
        ).number
    start, refused = threading.Barrier(2), []

    def take(back: str) -> None:
        start.wait()
        try:
            with unit_of_work(founded) as session:
                if back == given:
                    sales.receive_return(session, given)
                else:
                    sales.return_delivery(session, delivery, because="all")
        except DomainError as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=take, args=(each,)) for each in (given, delivery)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(founded) as session:
        assert verify(session) == []
        # All of it is back if the return came first, or in one go.
        assert inventory.stock_of(session, shop.lamp).on_hand == 12
        assert exposure(session, shop) in {"30.00 EUR", "100.00 EUR"}
        assert invoicing.find_invoice(session, "INV-00001").open_minor == 0
    assert len(refused) <= 1


def test_lines_that_are_alike_come_back_each_at_its_own_cost(session: Session, shop: Shop) -> None:
    inventory.set_valuation_method(session, shop.bulb, ValuationMethod.FIFO)
    stock(session, shop.bulb, "6", "6")
    stock(session, shop.bulb, "6", "12")
    draft = OrderLineDraft(shop.bulb, Decimal(6), Decimal(2))
    order = sales.confirm_order(session, customer=shop.haus, lines=[draft, draft])
    delivery = sales.deliver_order(session, order.number)

    returned = sales.return_delivery(session, delivery.number, because="wrong colour")

    left = inventory.moves_of(session, delivery.number)
    back = inventory.moves_of(session, returned.number)
    assert {move.returns_id: move.value_minor for move in back} == {
        left[0].id: 600,
        left[1].id: 1200,
    }
    assert verify_books(session) == []
