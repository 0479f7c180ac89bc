"""When an order is invoiced, when it is held, what may change of it, and what waits for stock."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties, sales
from core.compliance import verify, verify_books
from core.invoicing import PaymentKind
from core.kernel import events
from core.kernel.database import reading, unit_of_work
from core.ledger.chart import COST_OF_GOODS_SOLD, REVENUE
from core.processes.credit import credit_document
from core.sales import (
    CreditPolicy,
    InvoicePolicy,
    LineChange,
    MilestoneDraft,
    MilestoneWhen,
    OrderChange,
    OrderLineDraft,
    OrderState,
    OrderTerms,
    SalesOrder,
)
from core.sales.errors import (
    BelowDone,
    ChangesNothing,
    CreditLimitExceeded,
    CustomerOverdue,
    InvoicedAlready,
    LineHasHistory,
    MilestonesNotWhole,
    MilestonesWithoutPolicy,
    NothingToInvoice,
    OrderNotOnHold,
    OrderOnHold,
    PriceIsInvoiced,
    SeveralCustomers,
    ShipsComplete,
    UnknownMilestone,
)
from tests.conftest import TODAY
from tests.core.shop import Shop, eur, open_shop, stock

STEPS = (
    MilestoneDraft("signed", Decimal(30), MilestoneWhen.ON_ORDER),
    MilestoneDraft("plans", Decimal("33.3333"), MilestoneWhen.REACHED),
    MilestoneDraft("delivered", Decimal("36.6667"), MilestoneWhen.ON_DELIVERY),
)


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def sell(
    session: Session, shop: Shop, quantity: str = "10", terms: OrderTerms | None = None
) -> SalesOrder:
    draft = OrderLineDraft(shop.lamp, Decimal(quantity), Decimal(10))
    return sales.confirm_order(
        session, customer=shop.haus, lines=[draft], terms=terms or OrderTerms()
    )


def said(session: Session, since: int) -> list[str]:
    return events.effect_of(events.recorded(session)[since:]).lines()


def balance(session: Session, account: str) -> str:
    return str(ledger.balance(session, account))


def exposure(session: Session, shop: Shop) -> str:
    return str(sales.exposure_of(session, shop.haus.party_id))


def test_an_order_is_invoiced_before_it_is_delivered_where_that_is_agreed(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, terms=OrderTerms(invoice_policy=InvoicePolicy.ON_ORDER))

    invoice = sales.invoice_order(session, order.number)

    assert (invoice.total_minor, balance(session, COST_OF_GOODS_SOLD)) == (10_000, "0.00 EUR")
    with pytest.raises(NothingToInvoice):
        sales.invoice_order(session, order.number)
    with pytest.raises(InvoicedAlready, match=invoice.number):
        sales.cancel_order(session, order.number, because="")
    sales.deliver_order(session, order.number)
    with pytest.raises(NothingToInvoice):
        sales.invoice_order(session, order.number)
    assert balance(session, REVENUE) == "-100.00 EUR"
    assert balance(session, COST_OF_GOODS_SOLD) == "80.00 EUR"
    assert exposure(session, shop) == "100.00 EUR"
    assert verify_books(session) == []


def test_milestones_are_invoiced_as_they_are_reached_and_add_up_to_the_order(
    session: Session, shop: Shop
) -> None:
    terms = OrderTerms(invoice_policy=InvoicePolicy.MILESTONES, milestones=STEPS)
    order = sell(session, shop, "1", terms)

    first = sales.invoice_order(session, order.number)
    with pytest.raises(NothingToInvoice):
        sales.invoice_order(session, order.number)
    with pytest.raises(UnknownMilestone, match="2 plans"):
        sales.reach_milestone(session, order.number, 1)
    sales.reach_milestone(session, order.number, 2)
    second = sales.invoice_order(session, order.number)
    assert exposure(session, shop) == "10.00 EUR"
    credit_document(session, second.number, because="wrong day")
    sales.deliver_order(session, order.number)
    rest = sales.invoice_order(session, order.number)

    # 30 %, 33.3333 % and what is left of 10.00; the credited part is invoiced with the last.
    assert [each.total_minor for each in (first, second, rest)] == [300, 333, 700]
    assert balance(session, REVENUE) == "-10.00 EUR"
    assert exposure(session, shop) == "10.00 EUR"
    assert verify_books(session) == []


def test_milestones_are_the_whole_order(session: Session, shop: Shop) -> None:
    by_steps = InvoicePolicy.MILESTONES

    with pytest.raises(MilestonesNotWhole, match=r"30 \+ 33.3333 %"):
        sell(session, shop, terms=OrderTerms(invoice_policy=by_steps, milestones=STEPS[:2]))
    with pytest.raises(MilestonesWithoutPolicy):
        sell(session, shop, terms=OrderTerms(invoice_policy=by_steps))


def test_the_database_bounds_what_is_invoiced_by_the_policy(session: Session, shop: Shop) -> None:
    late = sell(session, shop, "1")
    ahead = sell(session, shop, "1", OrderTerms(invoice_policy=InvoicePolicy.ON_ORDER))
    over = text("UPDATE sales_order_line SET invoiced_quantity = :q WHERE id = :id")

    with pytest.raises(IntegrityError, match="invoiced"), session.begin_nested():
        session.execute(over, {"q": 1, "id": late.lines[0].id})
    with pytest.raises(IntegrityError, match="invoiced"), session.begin_nested():
        session.execute(over, {"q": 2, "id": ahead.lines[0].id})
    session.execute(over, {"q": 1, "id": ahead.lines[0].id})


def test_deliveries_of_several_orders_are_on_one_invoice(session: Session, shop: Shop) -> None:
    orders = [sell(session, shop, "2"), sell(session, shop, "3"), sell(session, shop, "1")]
    numbers = [order.number for order in orders]
    deliveries = [sales.deliver_order(session, number) for number in numbers[:2]]
    other = parties.add_customer(session, name="Other")
    elsewhere = sales.confirm_order(
        session, customer=other, lines=[OrderLineDraft(shop.lamp, Decimal(1))]
    )

    with pytest.raises(SeveralCustomers):
        sales.invoice_orders(session, [*numbers, elsewhere.number])
    invoice = sales.invoice_orders(session, numbers)
    sales.return_delivery(session, deliveries[0].number, because="too many")

    assert (invoice.total_minor, invoice.origin) == (5_000, "SO-00001, SO-00002")
    assert invoicing.find_invoice(session, invoice.number).open_minor == 3_000
    assert balance(session, REVENUE) == "-30.00 EUR"
    assert exposure(session, shop) == "60.00 EUR"
    assert verify_books(session) == []


def test_a_credited_invoice_of_several_orders_is_invoiced_again(
    session: Session, shop: Shop
) -> None:
    numbers = [sell(session, shop, "2").number, sell(session, shop, "3").number]
    for number in numbers:
        sales.deliver_order(session, number)
    invoice = sales.invoice_orders(session, numbers)

    credit_document(session, invoice.number, because="wrong address")

    assert sales.invoice_order(session, numbers[0]).total_minor == 2_000
    assert sales.invoice_order(session, numbers[1]).total_minor == 3_000


def test_what_is_beyond_the_limit_waits_until_somebody_answers_for_it(
    session: Session, shop: Shop
) -> None:
    sales.set_policy(session, CreditPolicy(holds_beyond_limit=True))
    parties.set_credit_limit(session, shop.haus, eur("100"))
    facts = len(events.recorded(session))

    order = sell(session, shop, "11")

    assert said(session, facts) == [
        "sales order: on hold · 11 × LAMP-01 @ 10 = 110.00 EUR · Rad Haus · 7 d (2026-06-22)",
        "Rad Haus (why it waits): credit limit",
    ]
    assert (order.state, exposure(session, shop)) == (OrderState.HELD, "0.00 EUR")
    assert [view.fits for view in sales.list_held(session)] == [False]
    for forbidden in (sales.deliver_order, sales.invoice_order):
        with pytest.raises(OrderOnHold):
            forbidden(session, order.number)
    facts = len(events.recorded(session))
    sales.release_order(session, order.number, because="old friends")
    assert said(session, facts) == [
        "sales order SO-00001: on hold → confirmed · 11 × LAMP-01 = 110.00 EUR · Rad Haus",
        "LAMP-01 Desk lamp (reserved @ MAIN): 0 → 11",
        "Rad Haus (exposure): 0.00 EUR → 110.00 EUR · ≤ 100.00 EUR",
        "Rad Haus (why it waits): credit limit",
    ]
    worth = events.effect_of(events.recorded(session)[facts:]).worths[0]
    assert (worth.kind, worth.amount) == ("credit_release", eur("110"))
    with pytest.raises(OrderNotOnHold):
        sales.release_order(session, order.number, because="")
    sales.deliver_order(session, order.number)
    assert verify_books(session) == []


def test_a_held_order_says_when_the_credit_has_room_for_it(session: Session, shop: Shop) -> None:
    parties.set_credit_limit(session, shop.haus, eur("100"))
    owed = sell(session, shop)
    sales.set_policy(session, CreditPolicy(holds_beyond_limit=True))
    waits = sell(session, shop, "1")

    sales.cancel_order(session, owed.number, because="given up")

    assert [(view.number, view.fits) for view in sales.list_held(session)] == [(waits.number, True)]


def test_who_is_overdue_for_long_gets_nothing_new(session: Session, shop: Shop) -> None:
    order = sell(session, shop, "2")
    sales.deliver_order(session, order.number)
    long_ago = TODAY - timedelta(days=50)
    invoice = sales.invoice_order(session, order.number, posted_on=long_ago)
    sales.set_policy(session, CreditPolicy(overdue_days=15))

    with pytest.raises(CustomerOverdue, match=f"{invoice.number} since 2026-05-26, 20 days"):
        sell(session, shop, "1")
    sales.set_policy(session, CreditPolicy(holds_beyond_limit=True, overdue_days=15))
    assert sell(session, shop, "1").hold_reason == "overdue"
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=shop.haus.party,
        amount=eur("20"),
        settle=[(invoice.number, eur("20"))],
    )
    assert sell(session, shop, "1").state is OrderState.CONFIRMED


def test_an_order_can_be_held_by_hand(session: Session, shop: Shop) -> None:
    order = sell(session, shop)

    sales.hold_order(session, order.number, because="address is wrong")

    with pytest.raises(OrderOnHold, match="by hand"):
        sales.deliver_order(session, order.number)
    assert exposure(session, shop) == "100.00 EUR"
    sales.release_order(session, order.number, because="address is right")
    sales.deliver_order(session, order.number)


def test_a_change_shows_every_difference_and_moves_tax_credit_and_stock(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    facts = len(events.recorded(session))

    change = OrderChange(
        lines={1: LineChange(quantity=Decimal(6), unit_price=Decimal(9))},
        added=[OrderLineDraft(shop.bulb, Decimal(2), Decimal(5))],
        promised_on=TODAY + timedelta(days=9),
    )
    sales.change_order(session, order.number, change)

    assert said(session, facts) == [
        "sales order SO-00001 (promised on): 7 d → 9 d",
        "sales order SO-00001 (lines): 10 × LAMP-01 @ 10 → 6 × LAMP-01 @ 9",
        "sales order SO-00001 (lines): – → 2 × BULB-02 @ 5",
        "sales order SO-00001 (total): 100.00 EUR → 65.90 EUR · Rad Haus",
        "LAMP-01 Desk lamp (reserved @ MAIN): 10 → 6",
        "Rad Haus (exposure): 100.00 EUR → 65.90 EUR · ≤ 1,000.00 EUR",
    ]
    assert (order.net_minor, order.tax_minor) == (6_400, 190)
    with pytest.raises(ChangesNothing):
        sales.change_order(session, order.number, OrderChange())
    sales.change_order(session, order.number, OrderChange(discount_percent=Decimal(10)))
    assert (order.net_minor, order.tax_minor) == (5_760, 171)


def test_a_change_goes_never_below_what_was_done_nor_beyond_credit(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    sales.deliver_order(session, order.number, quantities={1: Decimal(4)})
    sales.invoice_order(session, order.number)

    def change(**of_line: Decimal) -> None:
        with session.begin_nested():
            sales.change_order(session, order.number, OrderChange(lines={1: LineChange(**of_line)}))

    with pytest.raises(BelowDone, match=r"4 × LAMP-01 .* cannot become 3"):
        change(quantity=Decimal(3))
    with pytest.raises(PriceIsInvoiced):
        change(unit_price=Decimal(9))
    with pytest.raises(LineHasHistory), session.begin_nested():
        sales.change_order(session, order.number, OrderChange(removed=[1]))
    with pytest.raises(CreditLimitExceeded):
        change(quantity=Decimal(101))
    change(quantity=Decimal(4))
    view = sales.view_order(session, order.number)
    assert (view.state, view.total) == (OrderState.DELIVERED, eur("40"))
    assert exposure(session, shop) == "40.00 EUR"


def test_a_removed_line_gives_back_what_it_held(session: Session, shop: Shop) -> None:
    drafts = [OrderLineDraft(shop.lamp, Decimal(2)), OrderLineDraft(shop.bulb, Decimal(1))]
    order = sales.confirm_order(session, customer=shop.haus, lines=drafts)

    sales.change_order(session, order.number, OrderChange(removed=[1]))

    assert [line.sku for line in sales.view_order(session, order.number).lines] == ["BULB-02"]
    assert exposure(session, shop) == "2.37 EUR"
    assert verify_books(session) == []


def test_what_ships_complete_waits_for_all_of_it_and_the_backorders_say_so(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, "15", OrderTerms(ships_complete=True))

    with pytest.raises(ShipsComplete, match="3 × LAMP-01"):
        sales.deliver_order(session, order.number, available_only=True)

    (waits,) = sales.list_backorders(session)
    assert (waits.order, waits.missing, waits.reserved, waits.free) == (order.number, 3, 12, 0)
    stock(session, shop.lamp, "3", "24")
    sales.deliver_order(session, order.number)
    assert sales.list_backorders(session) == []


def test_a_discount_of_the_order_is_off_every_line_and_every_invoice(
    session: Session, shop: Shop
) -> None:
    drafts = [OrderLineDraft(shop.lamp, Decimal(3), Decimal("3.33"), Decimal(10))]
    terms = OrderTerms(discount_percent=Decimal(5))
    order = sales.confirm_order(session, customer=shop.haus, lines=drafts, terms=terms)

    sales.deliver_order(session, order.number, quantities={1: Decimal(1)})
    first = sales.invoice_order(session, order.number)
    sales.deliver_order(session, order.number)
    rest = sales.invoice_order(session, order.number)

    # 9.99 less 14.5 % is 8.54.
    assert (order.total_minor, first.total_minor, rest.total_minor) == (854, 285, 569)


def test_the_mixture_verifies(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        sales.set_policy(session, CreditPolicy(holds_beyond_limit=True))
        terms = OrderTerms(invoice_policy=InvoicePolicy.ON_ORDER)
        order = sell(session, shop, "4", terms)
        sales.invoice_order(session, order.number)
        delivery = sales.deliver_order(session, order.number, quantities={1: Decimal(3)})
        given = sales.authorise_return(session, delivery=delivery.number, because="scratched")
        sales.receive_return(session, given.number, quantities={1: Decimal(1)})
        held = sell(session, shop, "200")
        sales.cancel_order(session, held.number, because="too much")

    with reading(founded) as session:
        assert verify(session) == []
        assert exposure(session, shop) == "30.00 EUR"
