"""What is invoiced before it leaves is no revenue yet, and becomes it as the goods leave."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import invoicing, ledger, sales
from core.compliance import verify_books
from core.kernel import events
from core.kernel.company import set_revenue_deferral
from core.kernel.errors import Language
from core.ledger import PeriodState
from core.ledger.chart import COST_OF_GOODS_SOLD, DEFERRED_REVENUE, REVENUE, SERVICE_REVENUE
from core.processes import credit
from core.sales import (
    InvoicePolicy,
    LineChange,
    MilestoneDraft,
    MilestoneWhen,
    OrderChange,
    OrderLineDraft,
    OrderTerms,
    SalesOrder,
)
from tests.conftest import TODAY
from tests.core.shop import Shop, eur, open_shop

AHEAD = OrderTerms(invoice_policy=InvoicePolicy.ON_ORDER)


@pytest.fixture
def shop(session: Session) -> Shop:
    set_revenue_deferral(session, defers=True)
    return open_shop(session)


def sell(session: Session, shop: Shop, quantity: str = "10", price: str = "10") -> SalesOrder:
    draft = OrderLineDraft(shop.lamp, Decimal(quantity), Decimal(price))
    return sales.confirm_order(session, customer=shop.haus, lines=[draft], terms=AHEAD)


def books(session: Session) -> tuple[str, str]:
    """Return what is revenue and what is deferred, both as what we have earned or owe."""
    earned = -ledger.balance(session, REVENUE) - ledger.balance(session, SERVICE_REVENUE)
    return str(earned.amount), str((-ledger.balance(session, DEFERRED_REVENUE)).amount)


def said(session: Session, since: int, language: Language = "en") -> list[str]:
    return events.effect_of(events.recorded(session)[since:]).lines(language)


def test_revenue_waits_for_the_goods_and_comes_with_their_cost(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    since = len(events.recorded(session))

    sales.invoice_order(session, order.number)
    card, on_chinese_card = said(session, since), said(session, since, "zh")
    after_invoice = books(session)
    sales.deliver_order(session, order.number, quantities={1: Decimal(3)})
    after_part = books(session)
    sales.deliver_order(session, order.number)

    changed = f"sales order {order.number} (deferred revenue): 0.00 EUR → 100.00 EUR"
    assert changed in card
    assert any("递延收入" in line and "100.00 EUR" in line for line in on_chinese_card)
    assert after_invoice == ("0.00", "100.00")
    assert after_part == ("30.00", "70.00")
    assert books(session) == ("100.00", "0.00")
    assert str(ledger.balance(session, COST_OF_GOODS_SOLD)) == "80.00 EUR"
    assert verify_books(session) == []


def test_what_comes_back_and_goes_out_again_is_deferred_meanwhile(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    sales.invoice_order(session, order.number)
    delivery = sales.deliver_order(session, order.number)

    sales.return_delivery(session, delivery.number, because="wrong house")

    assert books(session) == ("0.00", "100.00")
    sales.deliver_order(session, order.number)
    assert books(session) == ("100.00", "0.00")
    assert verify_books(session) == []


def test_a_credited_invoice_leaves_nothing_deferred(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    invoice = sales.invoice_order(session, order.number)

    credit.credit_document(session, invoice.number, because="typing error")

    assert books(session) == ("0.00", "0.00")
    sales.cancel_order(session, order.number, because="no need")
    assert verify_books(session) == []


def test_what_came_back_for_good_is_refunded_and_not_deferred(session: Session, shop: Shop) -> None:
    order = sell(session, shop)
    sales.invoice_order(session, order.number)
    delivery = sales.deliver_order(session, order.number, quantities={1: Decimal(6)})
    back = sales.returning.authorise_return(session, delivery=delivery.number, because="scratched")
    part = {1: Decimal(2)}

    sales.receive_return(session, back.number, quantities=part, credits_now=False)
    not_credited = books(session)
    sales.credit_return(session, back.number)
    credited = books(session)

    # Four are to leave; four are kept, and two are revenue until they are credited.
    assert not_credited == ("60.00", "40.00")
    assert credited == ("40.00", "40.00")
    assert verify_books(session) == []


def test_an_allowance_is_taken_off_what_is_earned_and_what_is_not(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop)
    invoice = sales.invoice_order(session, order.number)
    sales.deliver_order(session, order.number, quantities={1: Decimal(4)})

    credit.credit_part(session, invoice.number, amount=eur("20"), because="late")

    assert books(session) == ("32.00", "48.00")
    sales.deliver_order(session, order.number)
    assert books(session) == ("80.00", "0.00")
    assert verify_books(session) == []


def test_thirds_of_a_cent_are_rounded_once_and_nothing_is_left(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, "3", "0.3333")
    sales.invoice_order(session, order.number)
    seen = [books(session)]

    for _ in range(3):
        sales.deliver_order(session, order.number, quantities={1: Decimal(1)})
        seen.append(books(session))

    assert seen == [("0.00", "1.00"), ("0.33", "0.67"), ("0.67", "0.33"), ("1.00", "0.00")]
    assert verify_books(session) == []


def test_milestones_and_services_are_earned_when_they_are_delivered(
    session: Session, shop: Shop
) -> None:
    steps = (
        MilestoneDraft("signed", Decimal(40), MilestoneWhen.ON_ORDER),
        MilestoneDraft("delivered", Decimal(60), MilestoneWhen.ON_DELIVERY),
    )
    lines = [
        OrderLineDraft(shop.lamp, Decimal(5), Decimal(10)),
        OrderLineDraft(shop.advice, Decimal(2), Decimal(80)),
    ]
    terms = OrderTerms(invoice_policy=InvoicePolicy.MILESTONES, milestones=steps)
    order = sales.confirm_order(session, customer=shop.haus, lines=lines, terms=terms)

    sales.invoice_order(session, order.number)
    signed = books(session)
    sales.deliver_order(session, order.number, quantities={1: Decimal(1)})
    begun = books(session)
    sales.deliver_order(session, order.number)
    delivered = books(session)
    sales.invoice_order(session, order.number)

    # 40 % are two lamps and 0.8 hours; one of the two lamps has left.
    assert (signed, begun) == (("0.00", "84.00"), ("10.00", "74.00"))
    assert (delivered, books(session)) == (("84.00", "0.00"), ("210.00", "0.00"))
    assert verify_books(session) == []


def test_it_is_earned_on_the_day_of_the_delivery_and_never_before_it_was_deferred(
    session: Session, shop: Shop
) -> None:
    hours = [OrderLineDraft(shop.advice, Decimal(4), Decimal(10))]
    order = sales.confirm_order(session, customer=shop.haus, lines=hours, terms=AHEAD)
    early, late = TODAY - timedelta(days=5), TODAY - timedelta(days=3)

    sales.invoice_order(session, order.number, posted_on=late)
    sales.deliver_order(session, order.number, quantities={1: Decimal(1)}, delivered_on=early)
    yesterday = TODAY - timedelta(days=1)
    sales.deliver_order(session, order.number, delivered_on=yesterday)

    days = [TODAY - timedelta(days=ago) for ago in (4, 3, 2, 1)]
    deferred = [-ledger.balance(session, DEFERRED_REVENUE, as_of=day) for day in days]
    assert [str(each.amount) for each in deferred] == ["0.00", "30.00", "30.00", "0.00"]
    assert verify_books(session) == []


def test_a_delivery_of_a_closed_month_is_earned_today(session: Session, shop: Shop) -> None:
    hours = [OrderLineDraft(shop.advice, Decimal(4), Decimal(10))]
    order = sales.confirm_order(session, customer=shop.haus, lines=hours, terms=AHEAD)
    sales.invoice_order(session, order.number, posted_on=date(2026, 5, 20))
    ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)

    sales.deliver_order(session, order.number, delivered_on=date(2026, 5, 21))

    in_may = -ledger.balance(session, DEFERRED_REVENUE, as_of=date(2026, 5, 31))
    assert (str(in_may.amount), books(session)) == ("40.00", ("40.00", "0.00"))
    assert verify_books(session) == []


def test_what_was_booked_before_there_were_deferrals_stays_as_it_is(
    session: Session, shop: Shop
) -> None:
    old = an_old_order(session, shop)
    assert findings(session) == []

    sell_and_invoice = sell(session, shop, "1")
    sales.invoice_order(session, sell_and_invoice.number)

    assert books(session) == ("40.00", "10.00")
    assert findings(session) == []
    sales.deliver_order(session, old.number, quantities={1: Decimal(1)})
    assert books(session) == ("10.00", "40.00"), "brought right by the next thing that happens"
    assert findings(session) == []
    sales.deliver_order(session, old.number)
    assert books(session) == ("40.00", "10.00")


def an_old_order(session: Session, shop: Shop) -> SalesOrder:
    """Return an order of four hours that was all revenue when it was invoiced."""
    hours = [OrderLineDraft(shop.advice, Decimal(4), Decimal(10))]
    old = sales.confirm_order(session, customer=shop.haus, lines=hours)
    sales.deliver_order(session, old.number)
    sales.invoice_order(session, old.number)
    undone = "UPDATE sales_order_line SET invoiced_ahead = true, delivered_quantity = 0"
    session.execute(text(f"{undone} WHERE order_id = :id"), {"id": old.id})
    return old


def findings(session: Session) -> list[str]:
    found = verify_books(session)
    return [each.subject for each in found if "books defer" in each.problem]


def test_verify_finds_revenue_that_was_not_deferred(session: Session, shop: Shop) -> None:
    order = sell(session, shop, "4")
    sales.invoice_order(session, order.number)
    session.execute(text("UPDATE sales_order_line SET delivered_quantity = 1"))

    found = [str(finding) for finding in verify_books(session)]

    assert any(f"{order.number}" in each and "defer 4000" in each for each in found), found


def test_an_invoice_after_the_delivery_defers_nothing(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.lamp, Decimal(2), Decimal(10))
    order = sales.confirm_order(session, customer=shop.haus, lines=[draft])
    sales.deliver_order(session, order.number)

    sales.invoice_order(session, order.number)

    assert books(session) == ("20.00", "0.00")
    assert invoicing.standing_charges(session, order.number)
    change = OrderChange(lines={1: LineChange(quantity=Decimal(3))})
    sales.change_order(session, order.number, change)
    assert books(session) == ("20.00", "0.00")


def test_without_deferral_it_is_revenue_at_once_and_what_was_deferred_comes_back(
    session: Session, shop: Shop
) -> None:
    deferred = sell(session, shop)
    sales.invoice_order(session, deferred.number)
    assert books(session) == ("0.00", "100.00")

    set_revenue_deferral(session, defers=False)
    sales.invoice_order(session, sell(session, shop, "5").number)
    assert books(session) == ("50.00", "100.00")
    sales.deliver_order(session, deferred.number, quantities={1: Decimal(1)})

    assert books(session) == ("150.00", "0.00")
    assert verify_books(session) == []
