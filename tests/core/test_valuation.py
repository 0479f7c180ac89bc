"""What stock is worth, whatever comes late: through the services, in the books."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.catalog import Item, NegativeStock, ValuationMethod
from core.compliance import verify_books
from core.inventory import (
    Basis,
    Incoming,
    Location,
    LocationKind,
    Outgoing,
    Returning,
    StockCorrection,
    StockMove,
)  # fmt: skip
from core.inventory.errors import (
    ChargesMoreThanBilled,
    CostBelowZero,
    CostNeedsReceipt,
    InsufficientStock,
    LandedCostCancelledAlready,
    MethodStaysAsItIs,
    MovedInTheFuture,
    NotThereThen,
    ReturnsTooMuch,
    StillNegative,
)  # fmt: skip
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.money import Money
from core.ledger import PeriodState
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    FREIGHT_EXPENSE,
    INVENTORY,
    INVENTORY_ADJUSTMENT,
    OPENING_BALANCE,
    PRICE_VARIANCE,
)  # fmt: skip
from tests.conftest import TODAY
from tests.core.valuation_model import Happening, Places, counted, following, reckon

FIFO, AVERAGE = ValuationMethod.FIFO, ValuationMethod.MOVING_AVERAGE
# Every day two stories, in the long run so many in all, of more steps.
STEPS, STEPS_LONG, STORIES_LONG = 25, 40, 200


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def day(number: int) -> date:
    """The 1st to the 15th of June 2026, which is today."""
    return date(2026, 6, number)


def an_item(session: Session, method: ValuationMethod = FIFO, **more: object) -> Item:
    return catalog.add_item(session, sku="NUT", name="Nut", valuation_method=method, **more)


def receive(
    session: Session, item: Item, quantity: int, value: str, on: date | None = None,
    origin: str = "R", against: str = OPENING_BALANCE, place: Location | None = None,
) -> StockMove:  # fmt: skip
    [move] = inventory.receive_goods(
        session,
        [Incoming(item, Decimal(quantity), eur(value))],
        location=place or inventory.main_location(session),
        against=against,
        origin=origin,
        memo="in",
        moved_on=on,
    )
    return move


def issue(
    session: Session, item: Item, quantity: int, on: date | None = None,
    origin: str = "D", place: Location | None = None,
) -> StockMove:  # fmt: skip
    [issued] = inventory.issue_goods(
        session,
        [Outgoing(item, Decimal(quantity))],
        location=place or inventory.main_location(session),
        origin=origin,
        memo="out",
        moved_on=on,
    )
    return issued.moves[0]


def give_back(
    session: Session, item: Item, quantity: int, move: StockMove, owed: str,
    origin: str = "B", place: Location | None = None,
) -> StockMove:  # fmt: skip
    came = session.get_one(Location, move.to_location_id).kind is LocationKind.INTERNAL
    [back] = inventory.return_goods(
        session,
        [Returning(item, Decimal(quantity), eur(owed), move)],
        location=place or inventory.main_location(session),
        from_kind=LocationKind.SUPPLIER if came else LocationKind.CUSTOMER,
        against=OPENING_BALANCE if came else COST_OF_GOODS_SOLD,
        origin=origin,
        memo="back",
    )
    return back


def cost(session: Session, move: StockMove) -> str:
    session.flush()
    return str(inventory.costs_of(session, [move])[move.id].amount)


def balance(session: Session, account: str, as_of: date | None = None) -> str:
    return str(ledger.balance(session, account, as_of=as_of).amount)


def worth(session: Session, as_of: date | None = None) -> tuple[str, str]:
    found = inventory.stock_worth(session, as_of=as_of)
    assert found.total == found.account_balance, "the report is tied to the account"
    quantity = sum((row.quantity for row in found.rows), Decimal(0))
    return f"{quantity:.0f}", str(found.total.amount)


def test_a_receipt_of_an_earlier_day_makes_a_delivery_cheaper_from_today_on(
    session: Session,
) -> None:
    item = an_item(session)
    receive(session, item, 5, "50", day(10))
    delivery = issue(session, item, 3, day(12))

    receive(session, item, 2, "16", day(9))

    assert (delivery.value_minor, cost(session, delivery)) == (3000, "26.00")
    assert worth(session) == ("4", "40.00")
    assert worth(session, day(12)) == ("4", "36.00"), "what was reported then stays"
    assert balance(session, COST_OF_GOODS_SOLD, day(14)) == "30.00"
    assert balance(session, COST_OF_GOODS_SOLD) == "26.00"
    layers = inventory.stock_worth(session, with_layers=True).rows[0].layers
    assert [(each.moved_on, f"{each.quantity:.0f}") for each in layers] == [(day(10), "4")]
    assert verify_books(session) == []


def test_an_issue_of_an_earlier_day_at_average_costs_what_was_there_then(session: Session) -> None:
    item = an_item(session, AVERAGE)
    receive(session, item, 10, "100", day(2))
    receive(session, item, 10, "200", day(6))
    later = issue(session, item, 10, day(8))
    assert cost(session, later) == "150.00"

    late = issue(session, item, 5, day(4))

    assert cost(session, late) == "50.00"
    assert cost(session, later) == "166.67", "10 of 15 worth 250.00"
    assert worth(session) == ("5", "83.33")
    assert verify_books(session) == []


def test_a_move_of_a_closed_month_is_booked_today(session: Session) -> None:
    item = an_item(session)
    receive(session, item, 5, "50", date(2026, 5, 10))
    ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)

    late = issue(session, item, 2, date(2026, 5, 20))

    assert (late.moved_on, late.booked_on) == (date(2026, 5, 20), TODAY)
    assert worth(session, date(2026, 5, 31)) == ("5", "50.00")
    assert worth(session) == ("3", "30.00")
    with pytest.raises(MovedInTheFuture):
        issue(session, item, 1, TODAY + timedelta(days=1))
    assert verify_books(session) == []


def test_what_was_not_there_on_a_day_did_not_leave_on_it(session: Session) -> None:
    item = an_item(session)
    receive(session, item, 5, "50", day(10))

    with pytest.raises(NotThereThen):
        issue(session, item, 1, day(9))


def test_landed_cost_after_a_sale_is_split_between_what_left_and_what_is_there(
    session: Session,
) -> None:
    item = an_item(session)
    receipt = receive(session, item, 10, "100", day(1))
    sold = issue(session, item, 4, day(3))

    charged = inventory.charge_landed_cost(session, [receipt], eur("30"), basis=Basis.QUANTITY)

    assert charged.number == "LC-00001"
    assert (cost(session, receipt), cost(session, sold)) == ("130.00", "52.00")
    assert worth(session) == ("6", "78.00")
    assert balance(session, FREIGHT_EXPENSE) == "-30.00"
    assert balance(session, COST_OF_GOODS_SOLD) == "52.00"
    inventory.cancel_landed_cost(session, "LC-1", because="twice")
    assert (cost(session, receipt), cost(session, sold)) == ("100.00", "40.00")
    assert worth(session) == ("6", "60.00")
    assert balance(session, FREIGHT_EXPENSE) == "0.00"
    with pytest.raises(LandedCostCancelledAlready):
        inventory.cancel_landed_cost(session, charged.number, because="twice")
    assert verify_books(session) == []


def test_no_more_is_brought_onto_goods_than_the_bill_charged(session: Session) -> None:
    item = an_item(session)
    receipt = receive(session, item, 10, "100")
    bill = {"bill": "BILL-00001", "billed": eur("50")}
    inventory.charge_landed_cost(session, [receipt], eur("30"), **bill)

    with pytest.raises(ChargesMoreThanBilled):
        inventory.charge_landed_cost(session, [receipt], eur("20.01"), **bill)


def test_a_cheaper_bill_takes_cost_off_but_never_below_nothing(session: Session) -> None:
    item = an_item(session, AVERAGE)
    receipt = receive(session, item, 10, "100")
    sold = issue(session, item, 5)
    known = {"from_account": PRICE_VARIANCE, "origin": "BILL-00001", "memo": "cheaper"}

    taken = inventory.add_cost(session, [(receipt, -eur("20"))], **known)

    assert (taken, cost(session, sold)) == (-eur("10"), "40.00")
    assert worth(session) == ("5", "40.00")
    assert balance(session, PRICE_VARIANCE) == "20.00"
    with pytest.raises(CostBelowZero):
        inventory.add_cost(session, [(receipt, -eur("80.01"))], **known)
    with pytest.raises(CostNeedsReceipt):
        inventory.add_cost(session, [(sold, eur("1"))], **known)
    assert verify_books(session) == []


def test_what_goes_back_to_its_supplier_follows_the_cost_of_its_receipt(session: Session) -> None:
    item = an_item(session)
    receipt = receive(session, item, 5, "500", day(1), against=OPENING_BALANCE)
    back = give_back(session, item, 2, receipt, "200")
    assert cost(session, back) == "200.00"

    inventory.charge_landed_cost(session, [receipt], eur("50"), basis=Basis.QUANTITY)

    assert cost(session, back) == "220.00"
    assert worth(session) == ("3", "330.00")
    assert balance(session, PRICE_VARIANCE) == "20.00", "what the supplier does not owe"
    with pytest.raises(ReturnsTooMuch):
        give_back(session, item, 4, receipt, "400")


def test_a_supplier_that_gets_all_back_gets_all_of_its_cost_back(session: Session) -> None:
    item = an_item(session, AVERAGE)
    receipt = receive(session, item, 10, "100", day(1))
    receive(session, item, 10, "20", day(2))
    issue(session, item, 15, day(3))
    # 5 worth 30.00 are left: the third of them has nothing left to take.
    first = [give_back(session, item, quantity, receipt, "1") for quantity in (2, 1, 1)]
    receive(session, item, 10, "100")

    last = give_back(session, item, 6, receipt, "1")

    assert [cost(session, each) for each in (*first, last)] == ["20.00", "10.00", "0.00", "70.00"]
    assert verify_books(session) == []


def test_what_a_customer_returns_follows_the_cost_of_its_delivery(session: Session) -> None:
    item = an_item(session)
    receipt = receive(session, item, 10, "100", day(1))
    sold = issue(session, item, 6, day(2))
    back = give_back(session, item, 3, sold, "30")

    inventory.charge_landed_cost(session, [receipt], eur("20"))

    assert (cost(session, sold), cost(session, back)) == ("72.00", "36.00")
    assert worth(session) == ("7", "84.00")
    assert balance(session, COST_OF_GOODS_SOLD) == "36.00"
    assert verify_books(session) == []


def test_standard_cost_values_all_alike_and_the_rest_is_a_variance(session: Session) -> None:
    item = an_item(session, ValuationMethod.STANDARD, standard_cost=Decimal(10))
    receipt = receive(session, item, 10, "112", against=OPENING_BALANCE)
    sold = issue(session, item, 4)
    inventory.charge_landed_cost(session, [receipt], eur("5"))
    assert (cost(session, receipt), cost(session, sold)) == ("100.00", "40.00")
    assert balance(session, PRICE_VARIANCE) == "17.00"

    inventory.set_standard_cost(session, item, Decimal("12.5"))

    assert worth(session) == ("6", "75.00")
    assert balance(session, PRICE_VARIANCE) == "2.00"
    assert item.standard_cost == Decimal("12.5")
    assert cost(session, issue(session, item, 2)) == "25.00"
    assert verify_books(session) == []


def test_where_it_is_allowed_goods_leave_first_and_the_receipt_settles_it(
    session: Session,
) -> None:
    item = an_item(session, negative_stock=NegativeStock.ALLOW)
    receive(session, item, 2, "20")
    sold = issue(session, item, 5)
    assert cost(session, sold) == "50.00", "three at the last known cost"
    assert worth(session) == ("-3", "-30.00")
    with pytest.raises(StillNegative):
        inventory.set_negative_stock(session, item, NegativeStock.REFUSE)

    receive(session, item, 10, "120")

    assert cost(session, sold) == "56.00"
    assert worth(session) == ("7", "84.00")
    inventory.set_negative_stock(session, item, NegativeStock.REFUSE)
    with pytest.raises(InsufficientStock):
        issue(session, item, 8)
    assert verify_books(session) == []


def test_a_guess_stays_what_it_was_when_a_part_is_settled_at_once(session: Session) -> None:
    item = an_item(session, negative_stock=NegativeStock.ALLOW)
    receive(session, item, 3, "124.53", day(9))

    sold = issue(session, item, 4, day(4))

    assert cost(session, sold) == "124.53", "three at what came, and one at nothing that is known"
    assert verify_books(session) == []
    receive(session, item, 1, "10", day(1))
    assert cost(session, sold) == "134.53"
    assert verify_books(session) == []


def test_the_database_lets_nothing_leave_that_must_be_there(session: Session) -> None:
    item = an_item(session)
    receive(session, item, 2, "20")
    session.flush()

    with pytest.raises(IntegrityError, match="on_hand_not_negative"), session.begin_nested():
        session.execute(text("UPDATE stock_level SET on_hand = -1, reserved = 0"))


def test_a_revaluation_keeps_quantities_and_layers(session: Session) -> None:
    item = an_item(session)
    receive(session, item, 4, "40", day(1))
    receive(session, item, 6, "90", day(2))

    inventory.revalue_stock(session, item, to=eur("65"), because="market")

    layers = inventory.stock_worth(session, with_layers=True).rows[0].layers
    assert [str(each.value.amount) for each in layers] == ["20.00", "45.00"]
    assert balance(session, INVENTORY_ADJUSTMENT) == "65.00"
    late = receive(session, item, 2, "30", day(1), origin="R2")
    assert cost(session, late) == "30.00"
    assert worth(session) == ("12", "78.00"), "12 at what 10 were worth from then on"
    assert verify_books(session) == []


def test_another_method_keeps_quantity_and_value(session: Session) -> None:
    item = an_item(session)
    receive(session, item, 4, "40", day(1))
    receive(session, item, 6, "90", day(2))

    inventory.set_valuation_method(session, item, AVERAGE)

    assert worth(session) == ("10", "130.00")
    assert cost(session, issue(session, item, 5)) == "65.00"
    inventory.set_valuation_method(session, item, FIFO)
    receive(session, item, 5, "100")
    assert cost(session, issue(session, item, 5)) == "65.00"
    with pytest.raises(MethodStaysAsItIs):
        inventory.set_valuation_method(session, item, FIFO)
    assert worth(session) == ("5", "100.00")
    assert verify_books(session) == []


@pytest.mark.parametrize(("way", "quantity", "value"), [("in", 3, "30"), ("out", 3, "0")])
def test_what_was_counted_stays_counted_whatever_comes_late(
    session: Session, way: str, quantity: int, value: str
) -> None:
    item, main = an_item(session), inventory.main_location(session)
    receive(session, item, 10, "100", day(2))
    inventory.adjust_stock(
        session, item, main, counted=Decimal(7), because="year end", counted_on=day(10)
    )

    late = (
        receive(session, item, quantity, value, day(5), origin="R2")
        if way == "in"
        else issue(session, item, quantity, day(5))
    )

    assert inventory.stock_of(session, item).on_hand == 7
    assert worth(session) == ("7", "70.00")
    wanted = select(StockMove).where(StockMove.origin == late.origin, StockMove.id != late.id)
    moves = session.scalars(wanted.where(StockMove.moved_on == day(9))).all()
    assert [move.quantity for move in moves] == [quantity]
    adjusted = {"in": "60.00", "out": "0.00"}
    assert balance(session, INVENTORY_ADJUSTMENT) == adjusted[way]
    assert verify_books(session) == []


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for all stories; each rehearses, so nothing stays."""
    return databases("founded")


@pytest.mark.parametrize("method", [FIFO, AVERAGE])
def test_after_every_step_of_a_long_story_the_books_are_those_of_the_model(
    books: Engine, method: ValuationMethod
) -> None:
    Telling(books, method, seed=3).tell(steps=STEPS)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(STORIES_LONG // 2))
@pytest.mark.parametrize("method", [FIFO, AVERAGE])
def test_after_every_step_of_many_stories_the_books_are_those_of_the_model(
    books: Engine, method: ValuationMethod, seed: int
) -> None:
    Telling(books, method, seed=seed).tell(steps=STEPS_LONG)


class Telling:
    """Lets things happen on any day, in any place, and holds the books against the model."""

    KINDS = ("in", "in", "out", "out", "back", "sent", "cost", "count", "count", "carry")

    def __init__(self, books: Engine, method: ValuationMethod, *, seed: int) -> None:
        self.books, self.method, self.seed = books, method, seed
        self.chance = random.Random(seed)
        self.story: list[Happening] = []
        self.moves: dict[int, StockMove] = {}
        self.left: dict[int, int] = {}
        self.places = Places()
        self.seals: dict[UUID, str] = {}

    def tell(self, *, steps: int) -> None:
        """Tell a story of so many steps."""
        with rehearsal(self.books) as session:
            self.session = session
            self.item = an_item(session, self.method, negative_stock=NegativeStock.ALLOW)
            more = [
                inventory.add_location(session, code=code, name=code, name_zh=code)
                for code in ("EAST", "WEST")
            ]
            self.locations = [inventory.main_location(session), *more]
            for name in range(1, 2 * steps, 2):
                self.happen(name)
                self.agree(f"seed {self.seed}, step {name}")
                self.at_rest()
            assert session.scalars(select(StockCorrection).limit(1)).one_or_none() is not None
            assert verify_books(session) == []

    def happen(self, name: int) -> None:
        """Let anything happen, in the story and in the books."""
        chance, kind = self.chance, self.chance.choice(self.KINDS)
        place, much = chance.randrange(len(self.locations)), Decimal(chance.randint(1, 9))
        if kind == "carry":
            self.carry(place, much)
            return
        if kind == "count":
            self.count(name, place, much)
            return
        wanted = {"back": "out", "sent": "in", "cost": "in"}.get(kind)
        earlier = [each for each in self.story if each.kind == wanted and self.left.get(each.name)]
        if wanted and not earlier:
            kind = "in"
        each = Happening(name, chance.randint(1, 15), kind, much, place=place)
        if wanted and earlier:
            original = chance.choice(earlier)
            each.of, each.day = original.name, 15
            each.quantity = min(much, Decimal(self.left[original.name]))
        each.value = chance.randint(0, 9999) if kind in ("in", "cost") else 0
        if kind == "cost":
            inventory.add_cost(
                self.session,
                [(self.moves[each.of], Money(each.value, "EUR"))],
                from_account=FREIGHT_EXPENSE,
                origin="C",
                memo="c",
            )
            self.story.append(each)
            return
        if each.of:
            self.left[each.of] -= int(each.quantity)
        self.left[name] = int(each.quantity)
        self.told(following(self.places, each, name=name + 1), self.moved(each))

    def moved(self, each: Happening) -> str:
        """Move goods in the books, and return the number that their moves go by."""
        session, quantity, origin = self.session, int(each.quantity), f"H-{each.name}"
        where = self.locations[each.place]
        if each.kind == "in":
            value = str(Decimal(each.value) / 100)
            receive(session, self.item, quantity, value, day(each.day), origin, place=where)
        elif each.kind == "out":
            issue(session, self.item, quantity, day(each.day), origin, place=where)
        else:
            original = self.moves[each.of]
            give_back(session, self.item, quantity, original, "1", origin, place=where)
        return origin

    def count(self, name: int, place: int, much: Decimal) -> None:
        """Count a place, today or on an earlier day."""
        on = self.chance.randint(1, 15)
        each = counted(self.places, name=name, day=on, place=place, much=much)
        if each is None:
            return
        move = inventory.adjust_stock(
            self.session,
            self.item,
            self.locations[place],
            counted=much,
            because="count",
            counted_on=day(on),
        )
        self.told(following(self.places, each, name=name + 1), move.origin)
        self.places.counts.append((on, place))

    def carry(self, place: int, much: Decimal) -> None:
        """Carry goods to the next place; what they are worth stays."""
        there, target = self.places.at(place, 15), (place + 1) % len(self.locations)
        if there < 1:
            return
        part = min(much, there)
        inventory.transfer_stock(
            self.session,
            self.item,
            quantity=part,
            source=self.locations[place],
            target=self.locations[target],
        )
        self.places.moves += [(15, place, -part), (15, target, part)]

    def told(self, happenings: list[Happening], origin: str) -> None:
        """Remember what happened, and by which moves the books say it."""
        self.session.flush()
        wanted = select(StockMove).where(StockMove.origin == origin).order_by(StockMove.sequence)
        moves = self.session.scalars(wanted).all()
        self.moves.update(zip((each.name for each in happenings), moves, strict=True))
        self.story += happenings

    def agree(self, step: str) -> None:
        """Hold quantities and values, today and on any day, and every old row against the books."""
        session, model = self.session, reckon(self.story, fifo=self.method is FIFO)
        stock = inventory.stock_of(session, self.item)
        costs = inventory.costs_of(session, self.moves.values())
        got = {name: costs[move.id].minor for name, move in self.moves.items()}
        assert got == model.costs, step
        assert (stock.on_hand, stock.value.minor) == (model.quantity, model.value), step
        levels = {row.location: row.on_hand for row in stock.by_location}
        for place, location in enumerate(self.locations):
            assert levels.get(location.code, 0) == self.places.at(place, 15), step
        assert worth(session)[1] == balance(session, INVENTORY), step
        past = day(self.chance.randint(1, 14))
        assert worth(session, past)[1] == balance(session, INVENTORY, past), step
        rows = "SELECT id, md5(m::text) FROM stock_move AS m"
        now = dict(session.execute(text(rows)).all())
        assert self.seals.items() <= now.items(), f"a posted move changed: {step}"
        self.seals = now

    def at_rest(self) -> None:
        """Let what was found be worth from now on what it was found at."""
        if not any(each.kind == "found" for each in self.story):
            return
        costs = reckon(self.story, fifo=self.method is FIFO).costs
        self.story = [
            replace(each, kind="in", value=costs[each.name]) if each.kind == "found" else each
            for each in self.story
        ]


def test_two_at_once_settle_one_after_the_other(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        item = an_item(session)
        receive(session, item, 10, "100")
        receive(session, item, 10, "200", origin="R2")
        sku = item.sku

    def sell(_place: int) -> str:
        with unit_of_work(founded) as session:
            return cost(session, issue(session, catalog.find_item(session, sku), 5))

    costs = at_once(sell, 4)

    assert sorted(str(each) for each in costs) == ["100.00", "100.00", "50.00", "50.00"]
    with unit_of_work(founded) as session:
        assert verify_books(session) == []
