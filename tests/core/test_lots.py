"""Lots and serial numbers: the first to expire leave first, and every step can be traced."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing, sales
from core.catalog import Item, Tracking
from core.compliance import verify_books
from core.inventory import Incoming, LocationKind, LotPart, Outgoing, Request, counting
from core.inventory.lots.errors import (
    LotNotFit,
    LotSaysOtherwise,
    LotsDoNotAddUp,
    LotsMissing,
    NoLotFit,
    NotTracked,
    SerialInStock,
    SerialIsOnePiece,
    SerialRangeUnclear,
    StockUntracked,
)
from core.inventory.lots.rules import Takeable, picked, serials_between
from core.kernel.errors import NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting, Actor
from core.ledger.chart import OPENING_BALANCE
from core.sales import OrderLineDraft
from tests.core.shop import Shop, eur, open_shop

SOON, LATER, OVER = date(2026, 7, 1), date(2026, 12, 31), date(2026, 6, 14)


@pytest.fixture
def shop(session: Session) -> Shop:
    """The small shop, whose bulbs are kept by lot."""
    shop = open_shop(session, limit=None)
    inventory.set_tracking(session, shop.bulb, Tracking.LOT)
    return shop


def bring(session: Session, item: Item, *parts: LotPart) -> None:
    quantity = sum((part.quantity for part in parts), Decimal(0))
    inventory.receive_goods(
        session,
        [Incoming(item, quantity, eur("10"), parts)],
        location=inventory.main_location(session),
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="opening stock",
        from_kind=LocationKind.ADJUSTMENT,
    )


def part(number: str, quantity: int, expires_on: date | None = None) -> LotPart:
    return LotPart(number, Decimal(quantity), expires_on)


def sell(session: Session, shop: Shop, quantity: int) -> str:
    lines = [OrderLineDraft(shop.bulb, Decimal(quantity), Decimal(2))]
    return sales.confirm_order(session, customer=shop.haus, lines=lines).number


def on_hand(session: Session, item: Item) -> dict[str, Decimal]:
    return {lot.number: lot.on_hand for lot in inventory.lots_of(session, item)}


def test_the_first_to_expire_leaves_first(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("L-NONE", 5), part("L-LATER", 5, LATER), part("L-SOON", 5, SOON))

    sales.deliver_order(session, sell(session, shop, 7))

    assert on_hand(session, shop.bulb) == {"L-LATER": 3, "L-NONE": 5}
    assert verify_books(session) == []


def test_goods_that_are_kept_by_lot_do_not_come_in_without(session: Session, shop: Shop) -> None:
    goods = [Incoming(shop.bulb, Decimal(5), eur("1"))]
    main = inventory.main_location(session)

    with pytest.raises(LotsMissing), session.begin_nested():
        inventory.receive_goods(
            session, goods, location=main, against=OPENING_BALANCE, origin="X", memo="x"
        )
    with pytest.raises(LotsDoNotAddUp, match="add up to 4, not to 5"), session.begin_nested():
        inventory.receive_goods(
            session,
            [replace(goods[0], lots=(part("L-1", 4),))],
            location=main,
            against=OPENING_BALANCE,
            origin="X",
            memo="x",
        )
    with pytest.raises(NotTracked), session.begin_nested():
        bring(session, shop.lamp, part("L-1", 1))


def test_expired_and_held_lots_are_neither_promised_nor_sent(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("OLD", 4, OVER), part("BAD", 3, LATER), part("GOOD", 2, LATER))
    lot = inventory.find_lot(session, "bad")
    inventory.hold_lot(session, lot, because="leaks")

    order = sell(session, shop, 6)

    waiting = inventory.list_promises(session, item=shop.bulb)
    assert [(each.quantity, each.waiting) for each in waiting] == [(2, False), (4, True)]
    with pytest.raises(NoLotFit, match="only 2 are"), session.begin_nested():
        sales.deliver_order(session, order)
    inventory.free_lot(session, inventory.find_lot(session, "BAD"), because="checked")
    inventory.allocate(session, [shop.bulb.id])
    found = inventory.availability(session, [shop.bulb.id])
    assert [(each.reserved, each.unfit, each.waiting, each.available) for each in found] == [
        (5, 4, 1, 0)
    ]
    sales.deliver_order(session, order, quantities={1: Decimal(5)})
    assert on_hand(session, shop.bulb) == {"OLD": 4}
    assert verify_books(session) == []


def test_who_was_promised_goods_keeps_the_fit_ones(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 5, SOON), part("B", 5, LATER))
    mine = sell(session, shop, 5)
    inventory.hold_lot(session, inventory.find_lot(session, "A"), because="leaks")
    main = inventory.main_location(session)

    with pytest.raises(NoLotFit), session.begin_nested():
        inventory.issue_goods(
            session, [Outgoing(shop.bulb, Decimal(1))], location=main, origin="X", memo="x"
        )
    sales.deliver_order(session, mine)

    assert on_hand(session, shop.bulb) == {"A": 5}


def test_a_lot_can_be_meant_for_an_order(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 5, SOON), part("B", 5, LATER))
    number = sell(session, shop, 4)
    [line] = sales.find_order(session, number).lines

    inventory.pick_lot(
        session,
        shop.bulb,
        lot=inventory.find_lot(session, "B"),
        quantity=Decimal(3),
        line_id=line.id,
        origin=number,
        location=inventory.main_location(session),
    )
    assert inventory.stock_of(session, shop.bulb).reserved == 4
    sales.deliver_order(session, number)

    assert on_hand(session, shop.bulb) == {"A": 4, "B": 2}
    assert verify_books(session) == []


def test_an_expired_lot_leaves_only_with_the_reason_of_who_is_entitled(
    session: Session, shop: Shop
) -> None:
    bring(session, shop.bulb, part("OLD", 4, OVER))
    number = sell(session, shop, 2)
    [line] = sales.find_order(session, number).lines

    def pick(because: str) -> None:
        inventory.pick_lot(
            session,
            shop.bulb,
            lot=inventory.find_lot(session, "OLD"),
            quantity=Decimal(2),
            line_id=line.id,
            origin=number,
            location=inventory.main_location(session),
            because=because,
        )

    with pytest.raises(LotNotFit):
        pick("")
    system = session.info["acting"]
    session.info["acting"] = Acting(Actor("wanda", frozenset({"warehouse"})))
    with pytest.raises(NotPermitted):
        pick("agreed with the customer")
    session.info["acting"] = system
    pick("agreed with the customer")
    sales.deliver_order(session, number)

    assert on_hand(session, shop.bulb) == {"OLD": 2}
    assert verify_books(session) == []


def test_a_return_brings_back_the_lots_that_left(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 3, SOON), part("B", 5, LATER))
    delivery = sales.deliver_order(session, sell(session, shop, 4))
    assert on_hand(session, shop.bulb) == {"B": 4}

    sales.return_delivery(session, delivery.number, because="wrong")

    assert on_hand(session, shop.bulb) == {"A": 3, "B": 5}
    trace = inventory.trace_lot(session, inventory.find_lot(session, "A"))
    assert [(step.source, step.quantity) for step in trace.came] == [
        ("ADJUSTMENT", 3), ("CUSTOMERS", 3),
    ]  # fmt: skip
    assert [(step.origin, step.quantity) for step in trace.went] == [(delivery.number, 3)]
    assert trace.on_hand == 3
    assert verify_books(session) == []


def test_a_receipt_names_its_lots_and_goes_back_with_them(session: Session, shop: Shop) -> None:
    order = purchasing.place_order(
        session,
        supplier=shop.works,
        lines=[purchasing.OrderLineDraft(shop.bulb, Decimal(10))],
    )
    parts = (part("L-1", 6, SOON), part("L-2", 4, LATER))

    receipt = purchasing.receive_order(session, order.number, lots={1: parts})
    assert on_hand(session, shop.bulb) == {"L-1": 6, "L-2": 4}
    purchasing.return_receipt(session, receipt.number, because="broken")

    assert on_hand(session, shop.bulb) == {}
    assert verify_books(session) == []


@pytest.mark.usefixtures("shop")
def test_serial_numbers_are_one_piece_each(session: Session) -> None:
    clock = catalog.add_item(session, sku="CLOCK", name="Clock")
    inventory.set_tracking(session, clock, Tracking.SERIAL)
    pieces = [part(number, 1) for number in serials_between("SN008..SN011")]
    bring(session, clock, *pieces)

    with pytest.raises(SerialInStock, match="SN009"), session.begin_nested():
        bring(session, clock, part("SN009", 1))
    with pytest.raises(SerialIsOnePiece), session.begin_nested():
        bring(session, clock, part("SN020", 2))
    store = inventory.add_location(session, code="STORE", name="Store", name_zh="店")
    inventory.transfer_stock(
        session,
        clock,
        quantity=Decimal(1),
        source=inventory.main_location(session),
        target=store,
        lots=(part("SN010", 1),),
    )

    views = inventory.view_of(session, inventory.find_lot(session, "sn010"))
    assert [(view.location, view.on_hand) for view in views] == [("STORE", 1)]
    assert set(on_hand(session, clock)) == {"SN008", "SN009", "SN010", "SN011"}
    assert verify_books(session) == []


def test_a_lot_is_counted_by_itself(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 5), part("B", 5))
    main = inventory.main_location(session)

    inventory.count_lot(session, shop.bulb, main, part("A", 3), because="broken")
    inventory.count_lot(session, shop.bulb, main, part("C", 1), because="found")

    assert on_hand(session, shop.bulb) == {"A": 3, "B": 5, "C": 1}
    with pytest.raises(LotsMissing), session.begin_nested():
        inventory.adjust_stock(session, shop.bulb, main, counted=Decimal(8), because="?")
    assert verify_books(session) == []


def test_what_is_known_of_a_lot_stays(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 5, SOON))

    with pytest.raises(LotSaysOtherwise), session.begin_nested():
        bring(session, shop.bulb, part("A", 5, LATER))
    with pytest.raises(StockUntracked), session.begin_nested():
        inventory.set_tracking(session, shop.bulb, Tracking.NONE)
    lot = inventory.find_lot(session, "A")
    inventory.change_expiry(session, lot, expires_on=LATER, because="examined")
    assert [each.number for each in inventory.expiring(session, days=30)] == []
    assert [each.number for each in inventory.expiring(session, days=365)] == ["A"]


@pytest.mark.parametrize("statement", [
    "UPDATE lot_level SET on_hand = on_hand - 1",
    "UPDATE stock_level SET on_hand = on_hand + 1 WHERE item_id IN (SELECT item_id FROM lot)",
])  # fmt: skip
def test_the_database_keeps_lots_and_levels_together(
    session: Session, shop: Shop, statement: str
) -> None:
    bring(session, shop.bulb, part("A", 5))
    session.flush()

    with pytest.raises(IntegrityError, match="are not what lies there"), session.begin_nested():
        session.execute(text(statement))
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_a_range_of_serial_numbers_is_written_out() -> None:
    assert serials_between("SN001..SN003") == ["SN001", "SN002", "SN003"]
    assert serials_between("A7-98至A7-101") == ["A7-98", "A7-99", "A7-100", "A7-101"]
    assert serials_between("X1") == ["X1"]
    for unclear in ("SN010..SN001", "A1..B3", "1..99999", "x..y"):
        with pytest.raises(SerialRangeUnclear):
            serials_between(unclear)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.none() | st.integers(1, 28)), min_size=1, max_size=6),
    st.integers(1, 40),
)
def test_what_is_picked_are_the_units_that_expire_first(
    lots: Sequence[tuple[int, int | None]], quantity: int
) -> None:
    known = [
        Takeable(f"L{place}", Decimal(much), date(2026, 7, day) if day else None)
        for place, (much, day) in enumerate(lots)
    ]
    # The tiny model: every unit by itself, in the order of its date.
    units = sorted(
        (day or 99, f"L{place}") for place, (much, day) in enumerate(lots) for _ in range(much)
    )[:quantity]

    taken = picked(known, Decimal(quantity))

    assert sum(much for _, much in taken) == min(quantity, sum(much for much, _ in lots))
    assert {number: int(much) for number, much in taken} == {
        number: sum(1 for _, each in units if each == number) for number in {n for _, n in units}
    }


def test_a_promise_of_any_lot_is_no_promise_of_this_one(session: Session, shop: Shop) -> None:
    bring(session, shop.bulb, part("A", 5))
    main, line = inventory.main_location(session), new_id()

    promised = inventory.reserve(
        session, [Request(shop.bulb, Decimal(2), line)], location=main, origin="SO-A"
    )

    assert promised == {line: 2}
    assert [lot.reserved for lot in inventory.lots_of(session, shop.bulb)] == [0]


def test_what_is_thrown_away_is_what_came_back_and_not_what_expires_first(
    session: Session, shop: Shop
) -> None:
    bring(session, shop.bulb, part("L-SOON", 3, SOON))
    number = sell(session, shop, 3)
    delivery = sales.deliver_order(session, number)
    bring(session, shop.bulb, part("L-FIRST", 5, date(2026, 6, 20)), part("L-LATER", 5, LATER))
    given = sales.authorise_return(session, delivery=delivery.number, because="broken")

    sales.receive_return(session, given.number, quantities={1: Decimal(2)}, scrapped=True)

    assert on_hand(session, shop.bulb) == {"L-FIRST": 5, "L-LATER": 5}
    assert verify_books(session) == []


def test_goods_are_repacked_into_lots(session: Session, shop: Shop) -> None:
    main, boxes = inventory.main_location(session), [(shop.lamp, Decimal(2))]
    filled = {"into": shop.bulb, "quantity": Decimal(6), "location": main}
    with pytest.raises(LotsMissing), session.begin_nested():
        inventory.repack(session, boxes, **filled)

    repacked = inventory.repack(
        session, boxes, **filled, lots=(part("P-1", 4, SOON), part("P-2", 2))
    )

    assert on_hand(session, shop.bulb) == {"P-1": 4, "P-2": 2}
    assert str(repacked.value) == "16.00 EUR"
    out = [(shop.bulb, Decimal(5))]
    inventory.repack(session, out, into=shop.lamp, quantity=Decimal(1), location=main)
    assert on_hand(session, shop.bulb) == {"P-2": 1}, "the first to expire are used first"
    assert verify_books(session) == []


def test_a_count_of_several_lots_does_not_guess_which_of_them_is_missing(
    session: Session, shop: Shop
) -> None:
    bring(session, shop.bulb, part("L-1", 4, SOON), part("L-2", 4, LATER))
    main = inventory.main_location(session)
    counted = {"counted": Decimal(7), "because": "shelf"}

    with pytest.raises(LotsMissing), session.begin_nested():
        inventory.adjust_stock(session, shop.bulb, main, **counted)
    inventory.adjust_stock(session, shop.bulb, main, **counted, lots=(part("L-2", 1),))

    assert on_hand(session, shop.bulb) == {"L-1": 4, "L-2": 3}
    found = {"counted": Decimal(9), "because": "shelf", "lots": (part("L-3", 2),)}
    inventory.adjust_stock(session, shop.bulb, main, **found)
    assert on_hand(session, shop.bulb) == {"L-1": 4, "L-2": 3, "L-3": 2}
    assert verify_books(session) == []


def test_a_counting_list_says_that_lots_are_counted_one_by_one(
    session: Session, shop: Shop
) -> None:
    bring(session, shop.bulb, part("L-1", 4, SOON), part("L-2", 4, LATER))
    main = inventory.main_location(session)
    count = counting.start_count(session, location=main, items=[shop.bulb])
    counting.enter_count(session, count.number, shop.bulb, counted=Decimal(7))

    with pytest.raises(LotsMissing), session.begin_nested():
        counting.confirm_count(session, count.number, accept_differences=True)
    inventory.count_lot(session, shop.bulb, main, part("L-1", 3), because="broken")
    counting.enter_count(session, count.number, shop.bulb, counted=Decimal(7))
    counting.confirm_count(session, count.number, accept_differences=True)

    assert on_hand(session, shop.bulb) == {"L-1": 3, "L-2": 4}
    assert verify_books(session) == []
