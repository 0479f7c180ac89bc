"""Counts: only real differences are booked, once, and not by who should not see or accept them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.compliance import verify, verify_books
from core.inventory import Location, Outgoing, counting
from core.inventory.counting import CountBasis, CountTerms, CycleClass
from core.inventory.counting.errors import (
    BeyondTolerance,
    CountClosed,
    CountedElsewhere,
    NothingCounted,
    NothingToCount,
    OutsideOfCount,
    SayWhichPlace,
    UnknownCount,
)
from core.inventory.counting.rules import Tolerance, agree, classified, weekly_share
from core.inventory.errors import BeingCounted, CountBelowReserved, CountChangesNothing
from core.kernel.database import reading, unit_of_work
from core.kernel.identifiers import new_id
from core.ledger import JournalEntry
from core.ledger.chart import INVENTORY, INVENTORY_ADJUSTMENT
from tests.core.shop import Shop, eur, listed, open_shop, stock


@pytest.fixture
def shop(session: Session) -> Shop:
    shop = open_shop(session)
    stock(session, shop.bulb, "100", "33")
    return shop


@pytest.fixture
def main(session: Session) -> Location:
    return inventory.main_location(session)


def sell(session: Session, shop: Shop, quantity: int) -> None:
    inventory.issue_goods(
        session,
        [Outgoing(shop.lamp, Decimal(quantity))],
        location=inventory.main_location(session),
        origin="DN-1",
        memo="sold",
    )


def on_hand(session: Session, item: catalog.Item) -> Decimal:
    return inventory.stock_of(session, item).on_hand


def test_what_is_found_and_what_is_missing_stand_side_by_side_in_one_entry(
    session: Session, shop: Shop, main: Location
) -> None:
    count = counting.start_count(session, location=main)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(10))
    counting.enter_count(session, count.number, shop.bulb, counted=Decimal(103))

    counting.confirm_count(session, count.number)

    assert (on_hand(session, shop.lamp), on_hand(session, shop.bulb)) == (10, 103)
    # Two lamps at 8.00 are missing, three bulbs at 0.33 were found.
    assert ledger.balance(session, INVENTORY_ADJUSTMENT) == eur("15.01")
    entries = select(func.count()).where(JournalEntry.origin == count.number)
    assert session.scalar(entries) == 1
    with pytest.raises(CountClosed, match="is confirmed"):
        counting.enter_count(session, count.number, shop.lamp, counted=Decimal(1))
    assert verify_books(session) == []


def test_a_count_is_compared_with_the_moment_of_entering_and_sales_go_on(
    session: Session, shop: Shop, main: Location
) -> None:
    count = counting.start_count(session, location=main, items=[shop.lamp])
    sell(session, shop, 2)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(9))
    sell(session, shop, 3)

    counting.confirm_count(session, count.number)

    # 10 were expected and 9 counted; three of the nine were sold afterwards.
    assert on_hand(session, shop.lamp) == 6
    (anchor,) = counting.last_counted(session, [shop.lamp.id])
    assert (anchor.counted, anchor.number) == (9, count.number)
    assert verify_books(session) == []


def test_who_books_late_compares_with_the_books_when_the_count_is_confirmed(
    session: Session, shop: Shop, main: Location
) -> None:
    terms = CountTerms(basis=CountBasis.CONFIRMATION)
    count = counting.start_count(session, location=main, items=[shop.lamp], terms=terms)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(9))
    sell(session, shop, 3)

    counting.confirm_count(session, count.number)

    assert on_hand(session, shop.lamp) == 9


def test_frozen_goods_do_not_move_until_their_count_is_closed(
    session: Session, shop: Shop, main: Location
) -> None:
    terms = CountTerms(frozen=True)
    count = counting.start_count(session, location=main, items=[shop.lamp], terms=terms)
    with pytest.raises(BeingCounted, match=f"LAMP-01 in MAIN is being counted .{count.number}"):
        sell(session, shop, 1)
    with pytest.raises(IntegrityError, match="does not move"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO stock_move SELECT (jsonb_populate_record(move, jsonb_build_object("
                "'id', gen_random_uuid()))).* FROM stock_move AS move"
                " WHERE item_id = :lamp LIMIT 1"
            ),
            {"lamp": shop.lamp.id},
        )
    stock(session, shop.bulb, "1", "0.33")
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(11))

    counting.confirm_count(session, count.number)
    sell(session, shop, 1)

    assert on_hand(session, shop.lamp) == 10
    assert main.frozen is False
    assert verify_books(session) == []


def test_a_difference_beyond_the_tolerance_is_counted_again_or_accepted(
    session: Session, shop: Shop, main: Location
) -> None:
    terms = CountTerms(tolerance_percent=Decimal(5), tolerance=eur("10.00"))
    count = counting.start_count(session, location=main, terms=terms)
    # Four of a hundred bulbs are within five percent; one lamp is more, but worth 8.00 only.
    counting.enter_count(session, count.number, shop.bulb, counted=Decimal(96))
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(8))
    with pytest.raises(BeyondTolerance, match="LAMP-01 @ MAIN -4"):
        counting.confirm_count(session, count.number)

    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(9))
    with pytest.raises(BeyondTolerance, match="LAMP-01 @ MAIN -3"):
        counting.confirm_count(session, count.number)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(9))
    counting.confirm_count(session, count.number)

    assert (on_hand(session, shop.lamp), on_hand(session, shop.bulb)) == (9, 96)
    view = counting.count_view(session, counting.find_count(session, count.number))
    lamp = next(line for line in view.lines if line.sku == "LAMP-01")
    assert [each.counted for each in lamp.rounds] == [8, 9, 9]


def test_somebody_may_accept_what_is_beyond_the_tolerance(
    session: Session, shop: Shop, main: Location
) -> None:
    terms = CountTerms(tolerance_percent=Decimal(0))
    count = counting.start_count(session, location=main, items=[shop.lamp], terms=terms)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(8))

    counting.confirm_count(session, count.number, accept_differences=True)

    assert on_hand(session, shop.lamp) == 8


def test_one_shelf_is_in_one_open_count_only(session: Session, shop: Shop, main: Location) -> None:
    first = counting.start_count(session, location=main, items=[shop.lamp])
    for again in (
        lambda: counting.start_count(session, location=main),
        lambda: counting.count_at_once(
            session, shop.lamp, main, counted=Decimal(1), because="seen"
        ),
    ):
        with pytest.raises(CountedElsewhere, match=f"being counted in {first.number}"):
            again()

    counting.cancel_count(session, first.number, because="wrong day")

    assert counting.start_count(session, location=main).number == "CT-00002"
    assert on_hand(session, shop.lamp) == 12
    assert verify_books(session) == []


def test_what_nobody_counted_stays_and_what_was_not_listed_is_added(
    session: Session, shop: Shop, main: Location
) -> None:
    cord = catalog.add_item(session, sku="CORD", name="Cord", standard_cost=Decimal("1.50"))
    count = counting.start_count(session, location=main)
    with pytest.raises(NothingCounted):
        counting.confirm_count(session, count.number)
    counting.enter_count(session, count.number, cord, counted=Decimal(4))

    counting.confirm_count(session, count.number)

    assert on_hand(session, shop.lamp) == 12
    assert inventory.stock_of(session, cord).value == eur("6.00")


def test_a_place_of_the_warehouse_is_named_where_there_are_several(
    session: Session, shop: Shop, main: Location
) -> None:
    rack = inventory.add_location(session, code="RACK", name="Rack", name_zh="架", parent=main)
    shelf = inventory.add_location(session, code="SHELF", name="Shelf", name_zh="层", parent=rack)
    inventory.transfer_stock(session, shop.lamp, quantity=Decimal(4), source=main, target=shelf)
    far = inventory.add_location(session, code="FAR", name="Far", name_zh="远")
    count = counting.start_count(session, location=main, items=[shop.lamp])
    with pytest.raises(SayWhichPlace, match="MAIN, SHELF"):
        counting.enter_count(session, count.number, shop.lamp, counted=Decimal(1))
    with pytest.raises(OutsideOfCount, match="FAR is not part of"):
        counting.enter_count(session, count.number, shop.lamp, counted=Decimal(1), location=far)
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(3), location=shelf)
    counting.confirm_count(session, count.number)

    there = {place.location: place.on_hand for place in stock_at(session, shop)}
    assert there == {"MAIN": 8, "SHELF": 3}


def stock_at(session: Session, shop: Shop) -> tuple[inventory.StockAt, ...]:
    return inventory.stock_of(session, shop.lamp).by_location


def test_a_count_of_one_line_is_a_count_like_any_other(
    session: Session, shop: Shop, main: Location
) -> None:
    line = counting.count_at_once(
        session, shop.lamp, main, counted=Decimal(10), because="two broken"
    )

    assert (line.expected, line.difference) == (12, -2)
    assert ledger.balance(session, INVENTORY) == eur("113.00")
    (row,) = listed(session, "stock_counts").rows
    view = counting.count_view(session, counting.find_count(session, row.key))
    assert (view.number, view.state, view.counted) == ("CT-00001", "confirmed", 1)
    with pytest.raises(CountChangesNothing):
        counting.count_at_once(session, shop.lamp, main, counted=Decimal(10), because="")
    assert verify_books(session) == []


def test_what_is_promised_cannot_be_counted_away(
    session: Session, shop: Shop, main: Location
) -> None:
    want = [inventory.Request(shop.lamp, Decimal(6), new_id())]
    inventory.reserve(session, want, location=main, origin="SO-1")
    count = counting.start_count(session, location=main, items=[shop.lamp])
    counting.enter_count(session, count.number, shop.lamp, counted=Decimal(5))
    with pytest.raises(CountBelowReserved, match="6 of LAMP-01 are promised"):
        counting.confirm_count(session, count.number)
    with pytest.raises(UnknownCount):
        counting.find_count(session, "CT-99999")
    empty = inventory.add_location(session, code="EMPTY", name="Empty", name_zh="空")
    with pytest.raises(NothingToCount):
        counting.start_count(session, location=empty)


def test_two_who_confirm_one_count_book_it_once_while_sales_go_on(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        main = inventory.main_location(session)
        number = counting.start_count(session, location=main, items=[shop.lamp]).number
        counting.enter_count(session, number, shop.lamp, counted=Decimal(11))

    def work(place: int) -> str:
        with unit_of_work(founded) as session:
            if place % 2:
                return counting.confirm_count(session, number).number
            lamp = catalog.find_item(session, "LAMP-01")
            inventory.issue_goods(
                session,
                [Outgoing(lamp, Decimal(1))],
                location=inventory.main_location(session),
                origin=f"DN-{place}",
                memo="sold",
            )
            return "sold"

    outcomes = at_once(work, 6)

    kinds = sorted(each if isinstance(each, str) else type(each).__name__ for each in outcomes)
    assert kinds == ["CT-00001", "CountClosed", "CountClosed", "sold", "sold", "sold"]
    with reading(founded) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        assert on_hand(session, lamp) == 8
        assert verify(session) == []


@pytest.mark.parametrize(
    ("percent", "minor", "counted", "value", "allowed"),
    [
        (None, None, 1, 10**9, True),
        (Decimal(0), None, 99, 1, False),
        (Decimal(1), None, 99, 1, True),
        (Decimal(1), None, 98, 1, False),
        (Decimal(1), 500, 90, 500, True),
        (None, 500, 90, 501, False),
        (Decimal(0), None, 100, 0, True),
    ],
)
def test_a_tolerance_allows_what_is_within_one_of_its_limits(
    percent: Decimal | None,
    minor: int | None,
    counted: int,
    value: int,
    allowed: bool,  # noqa: FBT001
) -> None:
    tolerance = Tolerance(percent, minor)

    assert allowed is tolerance.allows(
        counted=Decimal(counted), expected=Decimal(100), value_minor=value
    )


def test_two_rounds_agree_on_a_difference_not_on_a_number() -> None:
    ten, nine, eight = Decimal(10), Decimal(9), Decimal(8)

    assert agree([(eight, ten), (nine, ten), (eight, nine)])
    assert not agree([(nine, ten), (nine, nine)])
    assert not agree([(nine, ten)])


def test_the_few_that_are_most_of_the_value_are_counted_most_often(
    session: Session, shop: Shop, main: Location
) -> None:
    values = {"a": 800, "b": 100, "c": 60, "d": 40, "e": 0}
    assert classified(values) == {
        "a": CycleClass.A,
        "b": CycleClass.B,
        "c": CycleClass.B,
        "d": CycleClass.C,
        "e": CycleClass.C,
    }
    assert [weekly_share(100, each, days=7) for each in CycleClass] == [24, 8, 2]

    sell(session, shop, 2)
    due = counting.plan_counts(session, main)
    assert [(each.sku, each.cycle, each.counted_on) for each in due] == [
        ("LAMP-01", CycleClass.A, None),
        ("BULB-02", CycleClass.C, None),
    ]
    counting.count_at_once(session, shop.lamp, main, counted=Decimal(9), because="turn")
    assert [each.sku for each in counting.plan_counts(session, main)] == ["BULB-02"]
