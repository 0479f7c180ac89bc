"""Bills against orders and receipts: tolerances, holds, returns before and after, write-offs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import inventory, invoicing, ledger, purchasing
from core.compliance import verify_books
from core.invoicing.holds import HoldPurpose, held
from core.kernel import events
from core.kernel.money import Money
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    FREIGHT_EXPENSE,
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY,
    PAYABLE,
    PRICE_VARIANCE,
    TAX_INPUT,
)
from core.purchasing import (
    BilledCharge,
    Match,
    OrderLineDraft,
    OrderState,
    PurchaseOrder,
    Rejected,
    Tolerance,
)
from core.purchasing.errors import (
    NothingCame,
    NothingToApprove,
    NothingToBill,
    NothingToCredit,
    NothingToWriteOff,
    OverBilling,
    OverReceipt,
    OverReturn,
    RejectedWithoutReason,
    ToleranceOutOfRange,
)
from tests.conftest import TODAY
from tests.core.shop import Shop, acting_as, eur, open_shop

TEN = Decimal(10)


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def place(session: Session, shop: Shop, *lines: tuple[str, str]) -> PurchaseOrder:
    drafts = [
        OrderLineDraft(shop.lamp, Decimal(quantity), Decimal(price))
        for quantity, price in lines or (("10", "10"),)
    ]
    return purchasing.place_order(session, supplier=shop.works, lines=drafts)


def balances(session: Session, *accounts: str) -> list[str]:
    return [str(ledger.balance(session, account).amount) for account in accounts]


def test_more_than_ordered_comes_within_our_tolerance_and_is_owed(
    session: Session, shop: Shop
) -> None:
    purchasing.set_tolerance(session, Tolerance(over_percent=TEN))
    order = place(session, shop)

    with pytest.raises(OverReceipt, match="only 11 can still come on PO-00001, not 12"):
        purchasing.receive_order(session, order.number, quantities={1: Decimal(12)})
    purchasing.receive_order(session, order.number, quantities={1: Decimal(11)})

    assert purchasing.find_order(session, order.number).state is OrderState.RECEIVED
    assert purchasing.on_order(session, [shop.lamp.id]) == {shop.lamp.id: 0}
    assert balances(session, GOODS_RECEIVED_NOT_BILLED) == ["-110.00"]
    bill = purchasing.bill_order(session, order.number, supplier_reference="S-1")
    assert bill.total_minor == 11_000
    assert verify_books(session) == []


def test_what_is_missing_within_our_tolerance_ends_the_line(session: Session, shop: Shop) -> None:
    purchasing.set_tolerance(session, Tolerance(under_percent=TEN), supplier=shop.works.party)
    order = place(session, shop)

    purchasing.receive_order(session, order.number, quantities={1: Decimal(8)})
    waiting = purchasing.find_order(session, order.number).state
    purchasing.receive_order(session, order.number, quantities={1: Decimal(1)})

    assert waiting is OrderState.PARTLY_RECEIVED
    done = purchasing.find_order(session, order.number)
    assert (done.state, done.lines[0].quantity, done.total_minor) == ("received", 9, 9_000)
    assert [
        version.lines[0]["quantity"] for version in purchasing.versions_of(session, done.id)
    ] == ["10"]
    assert verify_books(session) == []


def test_the_closest_tolerance_counts(session: Session, shop: Shop) -> None:
    purchasing.set_tolerance(session, Tolerance(over_percent=Decimal(1)))
    purchasing.set_tolerance(session, Tolerance(over_percent=Decimal(2)), supplier=shop.works.party)
    purchasing.set_tolerance(session, Tolerance(over_percent=Decimal(3)), item=shop.lamp)
    both = purchasing.set_tolerance(
        session, Tolerance(over_percent=Decimal(4)), supplier=shop.works.party, item=shop.lamp
    )

    theirs = purchasing.tolerance_of(session, shop.works.party_id, [shop.lamp.id, shop.bulb.id])
    others = purchasing.tolerance_of(session, shop.lux.party_id, [shop.lamp.id, shop.bulb.id])

    assert [each.over_percent for each in theirs.values()] == [4, 2]
    assert [each.over_percent for each in others.values()] == [3, 1]
    with pytest.raises(ToleranceOutOfRange):
        purchasing.set_tolerance(session, Tolerance(under_percent=Decimal(101)))
    with pytest.raises(IntegrityError, match="percents"), session.begin_nested():
        session.execute(
            text("UPDATE purchase_tolerance SET over_percent = 101 WHERE id = :id"), {"id": both.id}
        )


def test_rejected_goods_go_away_again_and_are_still_to_come(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    facts = len(events.recorded(session))

    receipt = purchasing.receive_order(
        session, order.number, rejected={1: Rejected(Decimal(2), "broken")}
    )

    line = purchasing.find_order(session, order.number).lines[0]
    assert (line.received_quantity, line.rejected_quantity) == (8, 2)
    assert inventory.stock_of(session, shop.lamp).on_hand == 20
    assert balances(session, GOODS_RECEIVED_NOT_BILLED) == ["-80.00"]
    said = events.effect_of(events.recorded(session)[facts:]).lines()
    assert said[0] == ("goods receipt: new · 8 × LAMP-01 · Lumen Works · ✗ 2 × LAMP-01 (broken)")
    view = purchasing.view_receipt(session, receipt.number)
    assert view.rejected == (("LAMP-01", Decimal(2), "broken"),)
    with pytest.raises(RejectedWithoutReason):
        purchasing.receive_order(session, order.number, rejected={1: Rejected(Decimal(1), " ")})
    with pytest.raises(NothingCame):
        purchasing.receive_order(session, order.number, rejected={1: Rejected(Decimal(0), "x")})
    assert verify_books(session) == []


def test_a_part_goes_back_before_it_is_billed(session: Session, shop: Shop) -> None:
    order = place(session, shop, ("3", "3.3333"))
    receipt = purchasing.receive_order(session, order.number)

    values = [
        purchasing.return_receipt(
            session, receipt.number, because="scratched", quantities={1: Decimal(1)}
        )
        .lines[0]
        .value_minor
        for _ in range(3)
    ]

    # 10.00 came; the last part takes what is left of it.
    assert values == [333, 334, 333]
    assert balances(session, GOODS_RECEIVED_NOT_BILLED) == ["0.00"]
    second = purchasing.receive_order(session, order.number, quantities={1: Decimal(2)})
    with pytest.raises(OverReturn, match="Of LAMP-01 only 2 of GR-00005 can still go back, not 3"):
        purchasing.return_receipt(session, second.number, because="", quantities={1: Decimal(3)})
    assert verify_books(session) == []


def test_after_the_bill_the_supplier_owes_a_credit_note_for_what_went_back(
    session: Session, shop: Shop
) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    bill = purchasing.bill_order(session, order.number)
    facts = len(events.recorded(session))

    purchasing.return_receipt(
        session, receipt.number, because="scratched", quantities={1: Decimal(4)}
    )
    waiting = balances(session, GOODS_RECEIVED_NOT_BILLED, PAYABLE)
    said = events.effect_of(events.recorded(session)[facts:]).lines()
    [open_now] = purchasing.list_unbilled(session)
    assert verify_books(session) == []
    [note] = purchasing.credit_return(session, order.number, supplier_reference="C-1")

    assert waiting == ["40.00", "-100.00"]
    assert "credit note expected: 4 × LAMP-01" in said
    assert (open_now.quantity, open_now.value, open_now.days) == (-4, eur("-40.00"), 0)
    assert (note.total_minor, note.reference, note.origin) == (4_000, "C-1", bill.number)
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PAYABLE) == ["0.00", "-60.00"]
    line = purchasing.find_order(session, order.number).lines[0]
    assert (line.received_quantity, line.billed_quantity) == (6, 6)
    assert purchasing.list_unbilled(session) == []
    with pytest.raises(NothingToCredit):
        purchasing.credit_return(session, order.number)
    purchasing.receive_order(session, order.number)
    purchasing.bill_order(session, order.number)
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PAYABLE) == ["0.00", "-100.00"]
    assert verify_books(session) == []


def test_parts_that_were_rounded_leave_no_cent_behind(session: Session, shop: Shop) -> None:
    order = place(session, shop, ("3", "3.3333"))
    last = [
        purchasing.receive_order(session, order.number, quantities={1: Decimal(1)}).number
        for _ in range(3)
    ][-1]
    purchasing.bill_order(session, order.number)

    # 3.34 goes back, and a third of 10.00 is credited: 3.33.
    purchasing.return_receipt(session, last, because="scratched")
    purchasing.credit_return(session, order.number)

    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE) == ["0.00", "0.01"]
    assert verify_books(session) == []


def test_a_credit_note_that_says_something_else_is_a_variance(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    purchasing.bill_order(session, order.number)
    purchasing.return_receipt(session, receipt.number, because="x", quantities={1: Decimal(4)})

    purchasing.credit_return(session, order.number, credited_total=eur("38"))

    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PAYABLE, PRICE_VARIANCE) == [
        "0.00",
        "-62.00",
        "2.00",
    ]
    assert verify_books(session) == []


def test_a_price_beyond_our_tolerance_holds_the_bill_until_somebody_else_agrees(
    session: Session, shop: Shop
) -> None:
    tolerance = Tolerance(price_percent=Decimal(5), price_amount=eur("3"))
    purchasing.set_tolerance(session, tolerance)
    order = place(session, shop, ("10", "10"), ("10", "10"))
    purchasing.receive_order(session, order.number)

    near = purchasing.bill_order(
        session, order.number, quantities={1: TEN}, prices={1: Decimal("10.3")}
    )
    far = purchasing.bill_order(
        session, order.number, quantities={2: TEN}, prices={2: Decimal("10.4")}
    )

    first, second = (purchasing.match_or_none(session, bill) for bill in (near, far))
    assert first is not None
    assert second is not None
    assert (first.state, first.difference_minor, first.held) == (Match.PRICE_DIFFERENCE, 300, False)
    assert (second.state, second.difference_minor, second.held) == ("price_difference", 400, True)
    assert set(held(session, HoldPurpose.PAYMENT).invoices) == {far.id}
    assert balances(session, PRICE_VARIANCE, PAYABLE) == ["7.00", "-207.00"]
    with pytest.raises(NothingToApprove):
        purchasing.approve_difference(session, near.number, because="")
    with acting_as(session, "second"):
        purchasing.approve_difference(session, far.number, because="agreed by phone")
    assert held(session, HoldPurpose.PAYMENT).invoices == {}
    assert second.approved_by == "second"
    assert verify_books(session) == []
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(
            text("UPDATE bill_match SET approved_by = booked_by, approved_on = '2026-06-15'")
        )


def test_the_tax_of_a_difference_is_that_of_its_item(session: Session, shop: Shop) -> None:
    draft = OrderLineDraft(shop.bulb, Decimal(100), Decimal(1))
    order = purchasing.place_order(session, supplier=shop.works, lines=[draft])
    purchasing.receive_order(session, order.number)

    bill = purchasing.bill_order(
        session, order.number, prices={1: Decimal("1.01")}, billed_total=eur("120.19")
    )

    assert (bill.net_minor, bill.tax_minor, bill.total_minor) == (10_100, 1_919, 12_019)
    assert balances(session, TAX_INPUT, PRICE_VARIANCE) == ["19.19", "1.00"]


def test_a_surplus_on_a_bill_passes_within_our_tolerance_only(session: Session, shop: Shop) -> None:
    purchasing.set_tolerance(session, Tolerance(billed_percent=TEN))
    order = place(session, shop)
    purchasing.receive_order(session, order.number)

    with pytest.raises(OverBilling, match="only 10 has come"):
        purchasing.bill_order(session, order.number, quantities={1: Decimal(12)})
    bill = purchasing.bill_order(session, order.number, quantities={1: Decimal(11)})

    match = purchasing.match_or_none(session, bill)
    assert match is not None
    assert (match.state, match.difference_minor, match.held) == (
        "quantity_difference",
        1_000,
        False,
    )
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE, PAYABLE) == [
        "0.00",
        "10.00",
        "-110.00",
    ]
    with pytest.raises(NothingToBill):
        purchasing.bill_order(session, order.number)


def test_freight_on_a_bill_is_no_difference(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    purchasing.receive_order(session, order.number)

    bill = purchasing.bill_order(
        session,
        order.number,
        billed_total=eur("112"),
        charges=[BilledCharge("freight", eur("12"), FREIGHT_EXPENSE)],
    )

    match = purchasing.match_or_none(session, bill)
    assert match is not None
    assert match.state is Match.MATCHED
    assert balances(session, FREIGHT_EXPENSE, PRICE_VARIANCE, PAYABLE) == [
        "12.00",
        "0.00",
        "-112.00",
    ]


def test_what_will_never_be_billed_is_written_off(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    purchasing.bill_order(session, order.number, quantities={1: Decimal(7)})
    session.info["today"] = TODAY + timedelta(days=90)
    session.info.pop("company", None)
    [old] = purchasing.list_unbilled(session, older_than_days=60)

    worth = purchasing.write_off_unbilled(session, order.number, because="no bill in 90 days")

    assert (old.order, old.quantity, old.value, old.days) == ("PO-00001", 3, eur("30"), 90)
    assert worth == eur("30.00")
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE) == ["0.00", "-30.00"]
    with pytest.raises(NothingToBill):
        purchasing.bill_order(session, order.number)
    with pytest.raises(NothingToWriteOff):
        purchasing.write_off_unbilled(session, order.number, because="again")
    purchasing.return_receipt(session, receipt.number, because="late", quantities={1: Decimal(1)})
    assert balances(session, GOODS_RECEIVED_NOT_BILLED) == ["10.00"]
    assert verify_books(session) == []


def test_what_a_supplier_ships_to_a_customer_is_a_cost_and_no_stock(
    session: Session, shop: Shop
) -> None:
    before = ledger.balance(session, INVENTORY)
    order = purchasing.place_order(
        session,
        supplier=shop.works,
        lines=[OrderLineDraft(shop.lamp, TEN, TEN, pegged_to="SO-00001")],
        ship_to=shop.haus.party,
    )

    receipt = purchasing.receive_order(session, order.number)
    cost = balances(session, COST_OF_GOODS_SOLD, GOODS_RECEIVED_NOT_BILLED)
    purchasing.return_receipt(session, receipt.number, because="x", quantities={1: Decimal(4)})

    assert cost == ["100.00", "-100.00"]
    assert balances(session, COST_OF_GOODS_SOLD, GOODS_RECEIVED_NOT_BILLED) == ["60.00", "-60.00"]
    assert ledger.balance(session, INVENTORY) == before
    assert inventory.stock_of(session, shop.lamp).on_hand == 12
    purchasing.bill_order(session, order.number)
    assert verify_books(session) == []


def test_goods_that_go_back_count_what_was_credited_before(session: Session, shop: Shop) -> None:
    order = place(session, shop)
    receipt = purchasing.receive_order(session, order.number)
    bill = purchasing.bill_order(session, order.number)
    invoicing.credit_part(session, bill.number, because="two lost", quantities={1: Decimal(2)})

    purchasing.return_receipt(session, receipt.number, because="all bad")
    [note] = purchasing.credit_return(session, order.number)

    assert note.total_minor == 8_000
    assert balances(session, GOODS_RECEIVED_NOT_BILLED, PRICE_VARIANCE) == ["0.00", "0.00"]
    assert purchasing.list_unbilled(session) == []
    assert verify_books(session) == []
    assert invoicing.owed_by(session, shop.works.party_id, invoicing.Direction.PAYABLE) == Money(
        0, "EUR"
    )
