"""A warehouse of many places: promised, sold, waited for and sent back as one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import catalog, inventory, purchasing, sales
from core.catalog import Item, Tracking
from core.compliance import verify_books
from core.inventory import (
    Incoming,
    InsufficientStock,
    Location,
    LocationKind,
    LotPart,
    Outgoing,
    Request,
    ReservationKind,
)
from core.inventory.lots.errors import LotTooSmall, NoLotFit
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.identifiers import new_id
from core.ledger.chart import OPENING_BALANCE
from core.sales import OrderLineDraft
from tests.conftest import Databases
from tests.core.shop import Shop, eur, open_shop

SOON, LATER, OVER = date(2026, 7, 1), date(2026, 12, 31), date(2026, 6, 14)
HARD, SOFT = ReservationKind.HARD, ReservationKind.SOFT
BINS = ("M-1", "M-2", "M-3")


def divide(session: Session) -> dict[str, Location]:
    """Give the main warehouse three bins, one of them within another."""
    main = inventory.main_location(session)
    places = {"MAIN": main}
    for code, parent in (("M-1", main), ("M-2", main), ("M-3", None)):
        places[code] = inventory.add_location(
            session, code=code, name=code, name_zh=code, parent=parent or places["M-2"]
        )
    return places


@pytest.fixture
def shop(session: Session) -> Shop:
    """The small shop: its twelve lamps lie in the main warehouse, and none in its bins."""
    return open_shop(session, limit=None)


@pytest.fixture
def bins(session: Session, shop: Shop) -> dict[str, Location]:
    """Twelve lamps: two in the warehouse itself, three, four and three in its bins."""
    places = divide(session)
    for code, quantity in (("M-1", 3), ("M-2", 4), ("M-3", 3)):
        inventory.transfer_stock(
            session,
            shop.lamp,
            quantity=Decimal(quantity),
            source=places["MAIN"],
            target=places[code],
        )
    return places


def fill(session: Session, item: Item, where: Location, *lots: LotPart) -> None:
    quantity = sum((lot.quantity for lot in lots), Decimal(0))
    inventory.receive_goods(
        session,
        [Incoming(item, quantity, eur("10"), lots)],
        location=where,
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="filled",
        from_kind=LocationKind.ADJUSTMENT,
    )


def part(number: str, quantity: int, expires_on: date | None = None) -> LotPart:
    return LotPart(number, Decimal(quantity), expires_on)


def sell(session: Session, shop: Shop, item: Item, quantity: int) -> str:
    lines = [OrderLineDraft(item, Decimal(quantity), Decimal(20))]
    return sales.confirm_order(session, customer=shop.haus, lines=lines).number


def lying(session: Session, item: Item) -> dict[str, tuple[int, int]]:
    """Return what lies in each place, and how much of it is promised."""
    places = inventory.stock_of(session, item).by_location
    return {each.location: (int(each.on_hand), int(each.reserved)) for each in places}


def lots_in(session: Session, item: Item) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (lot.location, lot.number): (int(lot.on_hand), int(lot.reserved))
        for lot in inventory.lots_of(session, item)
    }


@pytest.mark.usefixtures("bins")
def test_an_order_is_promised_and_sent_from_the_bins_in_the_order_of_their_codes(
    session: Session, shop: Shop
) -> None:
    order = sell(session, shop, shop.lamp, 7)
    assert lying(session, shop.lamp) == {
        "M-1": (3, 3),
        "M-2": (4, 4),
        "M-3": (3, 0),
        "MAIN": (2, 0),
    }

    delivery = sales.deliver_order(session, order)

    assert [int(line.quantity) for line in delivery.lines] == [7]
    assert lying(session, shop.lamp) == {"M-3": (3, 0), "MAIN": (2, 0)}
    moves = inventory.moves_of(session, delivery.number)
    assert [int(move.quantity) for move in moves] == [3, 4]
    assert verify_books(session) == []


def test_what_was_promised_goes_first_and_what_is_promised_to_others_stays(
    session: Session, shop: Shop, bins: dict[str, Location]
) -> None:
    line = new_id()
    ask = Request(shop.lamp, Decimal(3), line)
    inventory.reserve(session, [ask], location=bins["M-3"], origin="T-1")
    other = sell(session, shop, shop.lamp, 4)

    goods = [Outgoing(shop.lamp, Decimal(4), line)]
    [issued] = inventory.issue_goods(session, goods, location=bins["MAIN"], origin="DN-X", memo="x")

    assert issued.cost == eur("32")
    assert [int(move.quantity) for move in issued.moves] == [3, 1]
    assert lying(session, shop.lamp) == {"M-1": (3, 3), "M-2": (3, 1), "MAIN": (2, 0)}
    with pytest.raises(InsufficientStock, match="only 4 can be taken"), session.begin_nested():
        inventory.issue_goods(
            session,
            [Outgoing(shop.lamp, Decimal(5))],
            location=bins["MAIN"],
            origin="DN-Y",
            memo="x",
        )
    sales.deliver_order(session, other)
    assert verify_books(session) == []


def test_what_waits_is_promised_wherever_in_the_warehouse_goods_come(
    session: Session, shop: Shop, bins: dict[str, Location]
) -> None:
    order = sell(session, shop, shop.lamp, 15)
    inventory.receive_goods(
        session,
        [Incoming(shop.lamp, Decimal(2), eur("16"))],
        location=bins["M-3"],
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="filled",
    )

    served = inventory.allocate(session, [shop.lamp.id])

    assert [(each.origin, int(each.quantity)) for each in served] == [(order, 2)]
    assert lying(session, shop.lamp)["M-3"] == (5, 5)
    waiting = [each for each in inventory.list_promises(session, item=shop.lamp) if each.waiting]
    assert [(each.location, int(each.quantity)) for each in waiting] == [("MAIN", 1)]
    found = inventory.available_in(session, [shop.lamp.id], bins["MAIN"])
    assert found == {shop.lamp.id: 0}
    sales.deliver_order(session, order, available_only=True)
    assert lying(session, shop.lamp) == {}
    assert verify_books(session) == []


def test_a_soft_promise_in_any_bin_yields_and_waits_for_the_whole_warehouse(
    session: Session, shop: Shop, bins: dict[str, Location]
) -> None:
    soft = Request(shop.lamp, Decimal(12), new_id(), SOFT)
    inventory.reserve(session, [soft], location=bins["MAIN"], origin="SOFT")

    order = sell(session, shop, shop.lamp, 5)

    promises = inventory.list_promises(session, item=shop.lamp)
    hard = [each for each in promises if each.origin == order]
    waiting = [each for each in promises if each.waiting]
    assert sum(each.quantity for each in hard) == 5
    assert {(each.origin, each.location) for each in waiting} == {("SOFT", "MAIN")}
    assert sum(each.quantity for each in waiting) == 5
    sales.deliver_order(session, order)
    assert verify_books(session) == []


def test_lots_leave_in_the_order_in_which_they_expire_whatever_bin_they_lie_in(
    session: Session, shop: Shop
) -> None:
    inventory.set_tracking(session, shop.bulb, Tracking.LOT)
    places = divide(session)
    fill(session, shop.bulb, places["M-1"], part("LATE", 4, LATER), part("OLD", 2, OVER))
    fill(session, shop.bulb, places["M-3"], part("SOON", 3, SOON))

    order = sell(session, shop, shop.bulb, 5)
    assert lying(session, shop.bulb) == {"M-1": (6, 2), "M-3": (3, 3)}
    with pytest.raises(NoLotFit, match="only 2 are"), session.begin_nested():
        sales.deliver_order(session, sell(session, shop, shop.bulb, 3))
    delivery = sales.deliver_order(session, order)

    assert lots_in(session, shop.bulb) == {("M-1", "OLD"): (2, 0), ("M-1", "LATE"): (2, 0)}
    sales.return_delivery(session, delivery.number, because="unwanted")
    assert lots_in(session, shop.bulb) == {
        ("M-1", "OLD"): (2, 0),
        ("M-1", "LATE"): (2, 0),
        ("MAIN", "LATE"): (2, 0),
        ("MAIN", "SOON"): (3, 0),
    }
    assert verify_books(session) == []


def test_a_lot_that_is_meant_for_an_order_is_found_in_its_bins(
    session: Session, shop: Shop
) -> None:
    inventory.set_tracking(session, shop.bulb, Tracking.LOT)
    places = divide(session)
    fill(session, shop.bulb, places["M-1"], part("SOON", 4, SOON), part("LATE", 1, LATER))
    fill(session, shop.bulb, places["M-2"], part("LATE", 2, LATER))
    order = sales.find_order(session, sell(session, shop, shop.bulb, 3))
    pick = {
        "lot": inventory.find_lot(session, "LATE"),
        "line_id": order.lines[0].id,
        "origin": order.number,
        "location": places["MAIN"],
    }

    with pytest.raises(LotTooSmall), session.begin_nested():
        inventory.pick_lot(session, shop.bulb, quantity=Decimal(4), **pick)  # type: ignore[arg-type]
    inventory.pick_lot(session, shop.bulb, quantity=Decimal(3), **pick)  # type: ignore[arg-type]

    assert lots_in(session, shop.bulb) == {
        ("M-1", "SOON"): (4, 0),
        ("M-1", "LATE"): (1, 1),
        ("M-2", "LATE"): (2, 2),
    }
    assert lying(session, shop.bulb) == {"M-1": (5, 1), "M-2": (2, 2)}
    sales.deliver_order(session, order.number)
    assert lots_in(session, shop.bulb) == {("M-1", "SOON"): (4, 0)}
    assert verify_books(session) == []


def test_what_goes_back_to_the_supplier_is_gathered_from_the_bins_with_its_lots(
    session: Session, shop: Shop
) -> None:
    inventory.set_tracking(session, shop.bulb, Tracking.LOT)
    places = divide(session)
    lines = [purchasing.OrderLineDraft(shop.bulb, Decimal(6), Decimal(1))]
    order = purchasing.place_order(session, supplier=shop.works, lines=lines)
    lots = {1: (part("A", 4, SOON), part("B", 2, LATER))}
    receipt = purchasing.receive_order(session, order.number, lots=lots)
    for code, quantity in (("M-1", 3), ("M-2", 2)):
        inventory.transfer_stock(
            session,
            shop.bulb,
            quantity=Decimal(quantity),
            source=places["MAIN"],
            target=places[code],
        )

    purchasing.return_receipt(session, receipt.number, because="wrong colour")

    assert lying(session, shop.bulb) == {}
    assert lots_in(session, shop.bulb) == {}
    assert verify_books(session) == []


def test_a_named_lot_is_brought_out_of_its_bins(session: Session, shop: Shop) -> None:
    inventory.set_tracking(session, shop.bulb, Tracking.LOT)
    places = divide(session)
    north = inventory.add_location(session, code="NORTH", name="North", name_zh="北仓")
    fill(session, shop.bulb, places["M-1"], part("A", 4, SOON), part("B", 1, LATER))
    fill(session, shop.bulb, places["M-3"], part("B", 2, LATER))

    inventory.transfer_stock(
        session,
        shop.bulb,
        quantity=Decimal(3),
        source=places["MAIN"],
        target=north,
        lots=[part("B", 3)],
    )

    assert lots_in(session, shop.bulb) == {("M-1", "A"): (4, 0), ("NORTH", "B"): (3, 0)}
    assert verify_books(session) == []


@pytest.fixture(scope="module")
def company(databases: Databases) -> Iterator[Engine]:
    """One shop with bins for all examples; each is rolled back."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        open_shop(session, limit=None)
        divide(session)
    yield engine
    databases.drop(engine)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hard", "soft", "bin", "release", "stock", "issue", "use", "allocate"]),
        st.integers(1, 9),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=12,
)


@given(STEPS)
@settings(max_examples=4)
def test_promises_levels_and_what_can_be_had_always_agree(
    company: Engine, steps: list[tuple[str, int, int]]
) -> None:
    with rehearsal(company) as session:
        [lamp] = catalog.find_items(session, ["LAMP-01"])
        places = [inventory.find_location(session, code) for code in ("MAIN", *BINS)]
        main, on_hand, lines = places[0], 12, list[tuple[UUID, str]]()
        for turn, (step, quantity, priority) in enumerate(steps):
            where = places[priority % len(places)]
            if step in {"hard", "soft", "bin"}:
                kind = SOFT if step == "soft" else HARD
                line = new_id()
                ask = Request(lamp, Decimal(quantity), line, kind, priority)
                there = where if step == "bin" else main
                inventory.reserve(session, [ask], location=there, origin=f"D{turn}")
                lines.append((line, f"D{turn}"))
            elif step == "release" and lines:
                inventory.release(session, [lines[priority % len(lines)][0]])
            elif step == "stock":
                goods = [Incoming(lamp, Decimal(quantity), eur("8"))]
                inventory.receive_goods(
                    session, goods, location=where, against=OPENING_BALANCE, origin="X", memo="x"
                )
                on_hand += quantity
            elif step == "allocate":
                inventory.allocate(session, [lamp.id])
            elif step in {"issue", "use"}:
                line, origin = None, ""
                if step == "use" and lines:
                    line, origin = lines[priority % len(lines)]
                going = [Outgoing(lamp, Decimal(quantity), line)]
                mine = sum(
                    (
                        each.quantity
                        for each in inventory.list_promises(session, item=lamp, limit=500)
                        if each.origin == origin and not each.waiting
                    ),
                    Decimal(0),
                )
                free = inventory.available_in(session, [lamp.id], main).get(lamp.id, Decimal(0))
                if quantity <= free + mine:
                    inventory.issue_goods(session, going, location=main, origin="X", memo="x")
                    on_hand -= quantity
                else:
                    with pytest.raises(InsufficientStock), session.begin_nested():
                        inventory.issue_goods(session, going, location=main, origin="X", memo="x")

            level = inventory.stock_of(session, lamp)
            standing = inventory.list_promises(session, item=lamp, limit=500)
            promised = sum((each.quantity for each in standing if not each.waiting), Decimal(0))
            assert level.on_hand == on_hand
            assert level.reserved == promised <= level.on_hand
            found = inventory.available_in(session, [lamp.id], main)
            assert found.get(lamp.id, 0) == level.available
        assert verify_books(session) == []
