"""Warehouses and their parts: where goods lie, and where they may not."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import inventory
from core.compliance import verify_books
from core.inventory import Incoming, Location, LocationPurpose, Outgoing, Request
from core.inventory.carrying import Load, carry
from core.inventory.errors import (
    InsufficientStock,
    LocationClosed,
    LocationIsStandard,
    LocationNotEmpty,
    LocationNotSellable,
    LocationPromised,
    NotStorage,
    PlaceInsideItself,
    SameLocation,
)
from core.kernel.identifiers import new_id
from core.ledger.chart import OPENING_BALANCE
from tests.core.shop import Shop, counting, eur, open_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def place(session: Session, code: str, parent: Location | None = None) -> Location:
    return inventory.add_location(session, code=code, name=code, name_zh=code, parent=parent)


def fill(session: Session, shop: Shop, where: Location, quantity: int) -> None:
    inventory.receive_goods(
        session,
        [Incoming(shop.lamp, Decimal(quantity), eur(str(quantity * 8)))],
        location=where,
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="filled",
    )


def test_a_warehouse_is_its_places_and_goods_are_taken_from_them_in_order_of_their_codes(
    session: Session, shop: Shop
) -> None:
    north = place(session, "NORTH")
    rack = place(session, "N-2", north)
    bins = [place(session, code, rack) for code in ("N-2-A", "N-2-B")]
    floor = place(session, "N-1", north)
    for where, quantity in ((bins[0], 3), (bins[1], 4), (floor, 2)):
        fill(session, shop, where, quantity)

    there = inventory.pickable(session, north, [shop.lamp.id])[shop.lamp.id]
    assert [(each.location.code, each.available) for each in there] == [
        ("N-1", 2),
        ("N-2-A", 3),
        ("N-2-B", 4),
    ]
    assert [each.code for each in inventory.places_of(session, rack)] == ["N-2", "N-2-A", "N-2-B"]
    assert inventory.warehouse_of(session, bins[0]) is north
    assert (north.divided, rack.divided, floor.divided) == (True, True, False)

    main = inventory.main_location(session)
    moves = carry(session, [Load(shop.lamp, Decimal(6), north, main)], origin="TR-X")

    assert [move.quantity for move in moves] == [2, 3, 1]
    assert [(each.location, each.on_hand) for each in at(session, shop)] == [
        ("MAIN", 18),
        ("N-2-B", 3),
    ]
    with pytest.raises(InsufficientStock, match="only 3 can be taken"):
        carry(session, [Load(shop.lamp, Decimal(4), north, main)], origin="TR-Y")
    assert verify_books(session) == []


def at(session: Session, shop: Shop) -> tuple[inventory.StockAt, ...]:
    return inventory.stock_of(session, shop.lamp).by_location


@pytest.mark.usefixtures("shop")
def test_a_place_is_moved_within_the_tree_but_never_below_itself(session: Session) -> None:
    north, south = place(session, "NORTH"), place(session, "SOUTH")
    rack = place(session, "RACK", north)
    shelf = place(session, "SHELF", rack)

    inventory.move_location(session, rack, parent=south)

    assert (north.divided, south.divided) == (False, True)
    assert [each.code for each in inventory.places_of(session, south)] == [
        "RACK",
        "SHELF",
        "SOUTH",
    ]
    with pytest.raises(PlaceInsideItself, match="SHELF lies inside RACK"):
        inventory.move_location(session, rack, parent=shelf)
    with pytest.raises(PlaceInsideItself):
        inventory.move_location(session, rack, parent=rack)
    with pytest.raises(LocationIsStandard):
        inventory.move_location(session, inventory.main_location(session), parent=south)
    with pytest.raises(IntegrityError, match="tree"), session.begin_nested():
        session.execute(
            text("UPDATE location SET parent_id = :shelf WHERE id = :rack"),
            {"shelf": shelf.id, "rack": rack.id},
        )
    assert verify_books(session) == []


def test_a_closed_place_is_empty_and_stays_so(session: Session, shop: Shop) -> None:
    north = place(session, "NORTH")
    fill(session, shop, north, 2)
    with pytest.raises(LocationNotEmpty, match="still goods in NORTH"):
        inventory.close_location(session, north)
    with pytest.raises(IntegrityError, match="is empty"), session.begin_nested():
        session.execute(text("UPDATE location SET closed_on = '2026-01-01' WHERE code = 'NORTH'"))
    main = inventory.main_location(session)
    inventory.transfer_stock(session, shop.lamp, quantity=Decimal(2), source=north, target=main)

    inventory.close_location(session, north)

    with pytest.raises(LocationClosed, match="NORTH is closed"):
        fill(session, shop, north, 1)
    with pytest.raises(IntegrityError, match="takes no moves"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO stock_move SELECT (jsonb_populate_record(move, jsonb_build_object("
                "'id', gen_random_uuid(), 'to_location_id', north.id,"
                " 'from_location_id', outside.id))).*"
                " FROM stock_move AS move, location AS north, location AS outside"
                " WHERE north.code = 'NORTH' AND outside.code = 'SUPPLIERS' LIMIT 1"
            )
        )
    inventory.reopen_location(session, north)
    fill(session, shop, north, 1)
    assert verify_books(session) == []


def test_what_is_not_sold_from_is_ours_and_not_available(session: Session, shop: Shop) -> None:
    show = inventory.add_location(
        session, code="SHOW", name="Showroom", name_zh="展厅", sellable=False
    )
    fill(session, shop, show, 5)

    stock = inventory.stock_of(session, shop.lamp)
    assert (stock.on_hand, stock.available, stock.held) == (17, 12, 5)
    assert stock.value == eur("136.00")
    request = [Request(shop.lamp, Decimal(1), new_id())]
    with pytest.raises(LocationNotSellable, match="not for sale"):
        inventory.reserve(session, request, location=show, origin="SO-1")

    inventory.sell_from(session, show, sellable=True)
    inventory.reserve(session, request, location=show, origin="SO-1")
    with pytest.raises(LocationPromised):
        inventory.sell_from(session, show, sellable=False)


def test_the_database_keeps_stock_out_of_the_outside_world(session: Session, shop: Shop) -> None:
    with pytest.raises(IntegrityError, match="places of ours"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO stock_level (item_id, location_id, on_hand, reserved)"
                " SELECT :item, id, 1, 0 FROM location WHERE code = 'CUSTOMERS'"
            ),
            {"item": shop.lamp.id},
        )
    with pytest.raises(IntegrityError, match="sold_from_storage"), session.begin_nested():
        session.execute(text("UPDATE location SET sellable = true WHERE code = 'TRANSIT'"))


def test_transit_and_hold_are_reached_with_their_documents_only(
    session: Session, shop: Shop
) -> None:
    main, transit = inventory.main_location(session), inventory.transit_location(session)
    with pytest.raises(NotStorage, match="TRANSIT is in transit"):
        inventory.transfer_stock(
            session, shop.lamp, quantity=Decimal(1), source=main, target=transit
        )
    with pytest.raises(SameLocation):
        inventory.transfer_stock(session, shop.lamp, quantity=Decimal(1), source=main, target=main)


@pytest.mark.usefixtures("shop")
def test_the_tree_is_listed_with_its_depth(session: Session) -> None:
    north = place(session, "NORTH")
    place(session, "N-1", north)
    inventory.hold_location(session, north)

    listed = [(each.code, each.depth, each.purpose) for each in inventory.list_places(session)]

    assert listed == [
        ("MAIN", 0, LocationPurpose.STORAGE),
        ("NORTH", 0, LocationPurpose.STORAGE),
        ("N-1", 1, LocationPurpose.STORAGE),
        ("NORTH-HOLD", 1, LocationPurpose.HOLD),
        ("TRANSIT", 0, LocationPurpose.TRANSIT),
    ]


def test_a_warehouse_in_one_piece_is_served_without_looking_for_parts(
    session: Session, shop: Shop
) -> None:
    main = inventory.main_location(session)
    session.flush()
    with counting(session.get_bind()) as sent:
        inventory.issue_goods(
            session, [Outgoing(shop.lamp, Decimal(1))], location=main, origin="DN-1", memo=""
        )
        session.flush()
    assert not [each for each in sent if "RECURSIVE" in each or "frozen_stock" in each]
