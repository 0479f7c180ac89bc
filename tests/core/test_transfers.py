"""Goods under way between warehouses, and goods that are held: ours, worth something, not sold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.catalog import Item
from core.compliance import verify, verify_books
from core.inventory import Location, Request, holding, transfers
from core.inventory.errors import InsufficientStock, NotStorage, SameLocation
from core.inventory.holding.errors import HoldClosed, MoreThanHeld, SayWhy
from core.inventory.transfers import Parcel
from core.inventory.transfers.errors import (
    ItemTwice,
    MoreThanUnderWay,
    NothingSaid,
    NotOnTransfer,
    TransferClosed,
    UnknownTransfer,
    WhyLost,
)
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.identifiers import new_id
from core.ledger.chart import INVENTORY, INVENTORY_ADJUSTMENT
from tests.core.shop import Shop, eur, listed, open_shop, stock


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


@pytest.fixture
def beijing(session: Session) -> Location:
    return inventory.add_location(session, code="BJ", name="Beijing", name_zh="北京仓")


def ship(session: Session, shop: Shop, target: Location, quantity: int) -> str:
    main = inventory.main_location(session)
    parcels = [Parcel(shop.lamp, Decimal(quantity))]
    return transfers.ship_transfer(session, parcels, source=main, target=target).number


def levels(session: Session, shop: Shop) -> dict[str, Decimal]:
    places = inventory.stock_of(session, shop.lamp).by_location
    return {place.location: place.on_hand for place in places}


def test_goods_under_way_are_ours_and_worth_something_but_nobody_can_have_them(
    session: Session, shop: Shop, beijing: Location
) -> None:
    number = ship(session, shop, beijing, 5)

    lamps = inventory.stock_of(session, shop.lamp)
    assert (lamps.on_hand, lamps.in_transit, lamps.available) == (12, 5, 7)
    assert lamps.value == ledger.balance(session, INVENTORY) == eur("96.00")
    want = [Request(shop.lamp, Decimal(9), new_id())]
    main = inventory.main_location(session)
    assert list(inventory.reserve(session, want, location=main, origin="SO-1").values()) == [7]

    transfers.receive_transfer(session, number)

    assert levels(session, shop) == {"BJ": 5, "MAIN": 7}
    assert transfers.find_transfer(session, number).state == "closed"
    assert listed(session, "transfers", filters=[{"field": "open", "values": ["yes"]}]).rows == ()
    with pytest.raises(TransferClosed, match=f"Nothing of {number} is under way"):
        transfers.receive_transfer(session, number)
    assert verify_books(session) == []


def test_a_part_arrives_a_part_is_lost_and_the_rest_comes_back(
    session: Session, shop: Shop, beijing: Location
) -> None:
    number = ship(session, shop, beijing, 6)

    transfers.receive_transfer(session, number, quantities={"LAMP-01": Decimal(3)})
    assert levels(session, shop) == {"BJ": 3, "MAIN": 6, "TRANSIT": 3}
    with pytest.raises(WhyLost, match="1 of LAMP-01"):
        transfers.receive_transfer(session, number, quantities={}, lost={"LAMP-01": Decimal(1)})
    transfers.receive_transfer(
        session, number, quantities={}, lost={"LAMP-01": Decimal(1)}, because="fell off"
    )
    transfers.return_transfer(session, number, because="no room")

    assert levels(session, shop) == {"BJ": 3, "MAIN": 8}
    assert ledger.balance(session, INVENTORY_ADJUSTMENT) == eur("8.00")
    assert ledger.balance(session, INVENTORY) == eur("88.00")
    (line,) = transfers.transfer_view(session, transfers.find_transfer(session, number)).lines
    assert (line.quantity, line.received, line.returned, line.lost) == (6, 3, 2, 1)
    assert verify_books(session) == []


def test_where_a_loss_is_named_all_the_rest_arrived(
    session: Session, shop: Shop, beijing: Location
) -> None:
    number = ship(session, shop, beijing, 6)

    transfers.receive_transfer(
        session, number, lost={"LAMP-01": Decimal(2)}, because="broken on the way"
    )

    assert levels(session, shop) == {"BJ": 4, "MAIN": 6}
    assert transfers.find_transfer(session, number).state == "closed"


def test_what_cannot_be_shipped_or_received_is_refused_and_changes_nothing(
    session: Session, shop: Shop, beijing: Location
) -> None:
    main = inventory.main_location(session)
    with pytest.raises(InsufficientStock, match="only 12 can be taken"):
        ship(session, shop, beijing, 13)
    with pytest.raises(SameLocation):
        ship(session, shop, main, 1)
    with pytest.raises(NotStorage):
        ship(session, shop, inventory.transit_location(session), 1)
    twice = [Parcel(shop.lamp, Decimal(1))] * 2
    with pytest.raises(ItemTwice):
        transfers.ship_transfer(session, twice, source=main, target=beijing)
    number = ship(session, shop, beijing, 2)
    for wanted, refusal in (
        ({"LAMP-01": Decimal(3)}, MoreThanUnderWay),
        ({"BULB-02": Decimal(1)}, NotOnTransfer),
        ({}, NothingSaid),
    ):
        with pytest.raises(refusal):
            transfers.receive_transfer(session, number, quantities=wanted)
    with pytest.raises(UnknownTransfer):
        transfers.find_transfer(session, "TR-99999")
    with pytest.raises(IntegrityError, match="not_more_than_was_sent"), session.begin_nested():
        session.execute(text("UPDATE stock_transfer_line SET lost = 3"))
    session.expire_all()
    assert levels(session, shop) == {"MAIN": 10, "TRANSIT": 2}


def test_held_goods_are_released_or_scrapped_part_by_part(session: Session, shop: Shop) -> None:
    main = inventory.main_location(session)
    hold = holding.hold_goods(
        session, shop.lamp, quantity=Decimal(5), location=main, because="scratched"
    )
    lamps = inventory.stock_of(session, shop.lamp)
    assert (lamps.on_hand, lamps.held, lamps.available) == (12, 5, 7)
    assert levels(session, shop) == {"MAIN": 7, "MAIN-HOLD": 5}

    holding.release_held(session, hold.number, quantity=Decimal(2))
    with pytest.raises(SayWhy):
        holding.scrap_held(session, hold.number, because="")
    with pytest.raises(MoreThanHeld, match="only 3 are held"):
        holding.scrap_held(session, hold.number, quantity=Decimal(4), because="broken")
    holding.scrap_held(session, hold.number, because="broken")

    assert levels(session, shop) == {"MAIN": 9}
    assert ledger.balance(session, INVENTORY_ADJUSTMENT) == eur("24.00")
    assert listed(session, "stock_holds", filters=[{"field": "open", "values": ["yes"]}]).rows == ()
    with pytest.raises(HoldClosed):
        holding.release_held(session, hold.number)
    scrap = holding.scrap_goods(
        session, shop.lamp, quantity=Decimal(1), location=main, because="fell"
    )
    assert (scrap.number, scrap.scrapped, scrap.held) == ("QH-00002", 1, 0)
    assert verify_books(session) == []


def test_two_who_receive_one_transfer_take_it_in_once(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        shop = open_shop(session)
        there = inventory.add_location(session, code="BJ", name="Beijing", name_zh="北京仓")
        number = ship(session, shop, there, 4)

    def receive(_place: int) -> str:
        with unit_of_work(founded) as session:
            return transfers.receive_transfer(session, number).number

    outcomes = at_once(receive, 4)

    assert sorted(type(each).__name__ for each in outcomes) == ["TransferClosed"] * 3 + ["str"]
    with reading(founded) as session:
        assert levels(session, shop) == {"BJ": 4, "MAIN": 8}
        assert verify(session) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ship", "receive", "lose", "back", "hold", "release", "scrap", "carry"]),
        st.integers(1, 6),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def two_warehouses(databases: Callable[[str], Engine]) -> Engine:
    engine = databases("founded")
    with unit_of_work(engine) as session:
        shop = open_shop(session)
        stock(session, shop.lamp, "8", "64")
        inventory.add_location(session, code="BJ", name="Beijing", name_zh="北京仓")
    return engine


@dataclass
class Model:
    """How many lamps are where, by plain arithmetic; and what is still open."""

    main: int = 20
    there: int = 0
    sent: list[tuple[str, int]] = field(default_factory=list)
    held: list[tuple[str, int]] = field(default_factory=list)

    @property
    def in_transit(self) -> int:
        return sum(rest for _, rest in self.sent)

    @property
    def on_hold(self) -> int:
        return sum(rest for _, rest in self.held)

    @property
    def on_hand(self) -> int:
        return self.main + self.there + self.in_transit + self.on_hold


@examples(max_examples=12)
@given(steps=STEPS)
def test_nothing_is_lost_on_the_way_whatever_is_done(
    two_warehouses: Engine, steps: list[tuple[str, int]]
) -> None:
    with rehearsal(two_warehouses) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        model = Model()
        for step, wanted in steps:
            if step in {"ship", "hold", "carry"} and model.main:
                leave(session, lamp, model, step, min(wanted, model.main))
            elif step in {"receive", "lose", "back"} and model.sent:
                arrive(session, model, step, wanted)
            elif step in {"release", "scrap"} and model.held:
                decide(session, model, step, wanted)

        found = inventory.stock_of(session, lamp)
        assert (found.on_hand, found.in_transit, found.held) == (
            model.on_hand,
            model.in_transit,
            model.on_hold,
        )
        assert ledger.balance(session, INVENTORY) == found.value == eur(str(model.on_hand * 8))
        assert verify_books(session) == []


def leave(session: Session, lamp: Item, model: Model, step: str, part: int) -> None:
    main, there = inventory.main_location(session), inventory.find_location(session, "BJ")
    quantity = Decimal(part)
    model.main -= part
    if step == "ship":
        parcels = [Parcel(lamp, quantity)]
        sent = transfers.ship_transfer(session, parcels, source=main, target=there)
        model.sent.append((sent.number, part))
    elif step == "hold":
        held = holding.hold_goods(
            session, lamp, quantity=quantity, location=main, because="looked at"
        )
        model.held.append((held.number, part))
    else:
        inventory.transfer_stock(session, lamp, quantity=quantity, source=main, target=there)
        model.there += part


def arrive(session: Session, model: Model, step: str, wanted: int) -> None:
    number, rest = model.sent.pop(0)
    part = min(wanted, rest)
    parts = {"LAMP-01": Decimal(part)}
    if step == "receive":
        transfers.receive_transfer(session, number, quantities=parts)
        model.there += part
    elif step == "lose":
        transfers.receive_transfer(session, number, quantities={}, lost=parts, because="lost")
    else:
        transfers.return_transfer(session, number, quantities=parts, because="back")
        model.main += part
    if rest > part:
        model.sent.append((number, rest - part))


def decide(session: Session, model: Model, step: str, wanted: int) -> None:
    number, rest = model.held.pop(0)
    part = min(wanted, rest)
    if step == "release":
        holding.release_held(session, number, quantity=Decimal(part))
        model.main += part
    else:
        holding.scrap_held(session, number, quantity=Decimal(part), because="broken")
    if rest > part:
        model.held.append((number, rest - part))
