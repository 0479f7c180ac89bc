"""Work orders: what they take, what comes out, and where every cent of it is."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.catalog import Item, Tracking, ValuationMethod
from core.compliance import verify_books
from core.inventory import InsufficientStock, LotPart
from core.kernel import clock
from core.kernel.database import rehearsal
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger.chart import (
    INVENTORY,
    LABOUR_ABSORBED,
    OPERATING_EXPENSE,
    OVERHEAD_ABSORBED,
    PRODUCTION_EFFICIENCY_VARIANCE,
    PRODUCTION_SCRAP,
    PRODUCTION_USAGE_VARIANCE,
    PRODUCTION_VARIANCE,
    WORK_IN_PROGRESS,
)
from core.manufacturing import boms, orders
from core.manufacturing.boms import ByProductDraft, ComponentDraft, IssueMethod
from core.manufacturing.boms.errors import NoBillOfMaterials
from core.manufacturing.orders import Output, WorkOrderState
from core.manufacturing.orders.errors import (
    DueInThePast,
    MoreThanIssued,
    NotAComponent,
    NotAnExpense,
    NotAnOperation,
    NothingReported,
    NotInRework,
    NoWork,
    OutputIsGone,
    OverProduction,
    PhantomIsNotMade,
    ScrapNeedsAReason,
    StillInRework,
    UnderProduction,
    WorkOrderIs,
)
from core.manufacturing.orders.rules import divided
from tests.conftest import TODAY
from tests.core.shop import eur, stock
from tests.core.workshop import Workshop, open_workshop, released


def balances(session: Session, *accounts: str) -> dict[str, Decimal]:
    found = {account: ledger.balance(session, account).amount for account in accounts}
    return {account: amount for account, amount in found.items() if amount}


def on_hand(session: Session, item: Item) -> tuple[Decimal, Decimal]:
    found = inventory.stock_of(session, item)
    return found.on_hand, found.value.amount


@pytest.fixture
def workshop(session: Session) -> Workshop:
    return open_workshop(session)


def test_an_order_is_made_from_release_to_its_closing(session: Session, workshop: Workshop) -> None:
    order = released(session, workshop.lamp, "10")

    assert inventory.stock_of(session, workshop.wire).available == Decimal(75)
    orders.start(session, order.number)
    assert balances(session, WORK_IN_PROGRESS) == {WORK_IN_PROGRESS: Decimal("56.00")}
    orders.report_work(session, order.number, minutes=Decimal(80))
    orders.finish(session, order.number)
    orders.close(session, order.number)

    # 56.00 of material, 80 minutes at 30.00 and at 12.00 an hour.
    assert on_hand(session, workshop.lamp) == (Decimal(10), Decimal("112.00"))
    assert balances(session, WORK_IN_PROGRESS, LABOUR_ABSORBED, OVERHEAD_ABSORBED) == {
        LABOUR_ABSORBED: Decimal("-40.00"),
        OVERHEAD_ABSORBED: Decimal("-16.00"),
    }
    view = orders.view_work_order(session, order.number)
    assert (view.state, view.left, view.in_progress.minor) == (WorkOrderState.CLOSED, 0, 0)
    assert verify_books(session) == []


def test_parts_come_in_at_what_was_planned_and_in_the_end_at_what_it_cost(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "10")

    orders.report(session, order.number, Output(good=Decimal(4)))
    # Nobody picked: 4 of each were taken backwards. Planned were 10.88 each (10 + 60 minutes).
    assert on_hand(session, workshop.foot)[0] == Decimal(46)
    assert on_hand(session, workshop.lamp) == (Decimal(4), Decimal("22.40"))
    orders.report_work(session, order.number, minutes=Decimal(120))
    orders.finish(session, order.number)

    # 56.00 + 84.00 on ten lamps.
    assert on_hand(session, workshop.lamp) == (Decimal(10), Decimal("140.00"))
    assert balances(session, WORK_IN_PROGRESS) == {}
    assert verify_books(session) == []


def test_work_that_nobody_reported_took_as_long_as_planned(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "10")

    orders.finish(session, order.number)

    # 70 minutes at 42.00.
    assert on_hand(session, workshop.lamp)[1] == Decimal("105.00")


def test_what_is_sold_meanwhile_bears_its_part_of_what_came_later(
    session: Session, workshop: Workshop
) -> None:
    order = released(session, workshop.lamp, "10")
    orders.finish(session, order.number)
    inventory.issue_goods(
        session,
        [inventory.Outgoing(workshop.lamp, Decimal(5))],
        location=inventory.main_location(session),
        origin="SALE",
        memo="sold",
    )

    orders.charge(session, order.number, eur("20.00"), account=OPERATING_EXPENSE, because="paint")
    orders.settle_order(session, order.number)

    assert on_hand(session, workshop.lamp) == (Decimal(5), Decimal("62.50"))
    assert balances(session, WORK_IN_PROGRESS, "cost_of_goods_sold") == {
        "cost_of_goods_sold": Decimal("62.50")
    }
    assert verify_books(session) == []


def test_what_material_costs_late_is_settled_after_the_order_is_closed(
    session: Session, workshop: Workshop
) -> None:
    """Its output bears it, and what was sold of that; at a standard cost it is a variance."""
    order = released(session, workshop.lamp, "10")
    twin = catalog.add_item(session, sku="TWIN", name="Twin", standard_cost=Decimal(3))
    inventory.set_valuation_method(session, twin, ValuationMethod.STANDARD)
    boms.define_bill(session, twin, [ComponentDraft(workshop.foot, Decimal(1))])
    other = released(session, twin, "10")
    for number in (order.number, other.number):
        orders.finish(session, number)
        orders.close(session, number)
    issue(session, workshop.lamp, "5")
    before = on_hand(session, workshop.lamp)[1]

    # The 50 feet were 100.00 dearer: 20.00 of that went into each order.
    moves = inventory.moves_of(session, "OPENING")
    [came] = [each for each in moves if each.item_id == workshop.foot.id]
    inventory.add_cost(
        session,
        [(came, eur("100"))],
        from_account=OPERATING_EXPENSE,
        origin="BILL-9",
        memo="dearer",
        because="BILL-9",
    )

    assert balances(session, WORK_IN_PROGRESS) == {WORK_IN_PROGRESS: Decimal("40.00")}
    assert verify_books(session) == []
    with clock.frozen_at(clock.now() + timedelta(days=2)):
        late = verify_books(session)
        assert [(found.subject, found.problem) for found in late] == [
            (order.number, "2000 is in progress"),
            (other.number, "2000 is in progress"),
        ]
    assert orders.has_late_cost(session)
    assert orders.settle_late(session) == [order.number, other.number]
    assert balances(session, WORK_IN_PROGRESS, PRODUCTION_VARIANCE) == {
        PRODUCTION_VARIANCE: Decimal("20.00")
    }
    assert on_hand(session, workshop.lamp)[1] == before + 10
    assert not orders.has_late_cost(session)
    with pytest.raises(NotAnExpense, match="is no account of expenses"):
        orders.charge(
            session,
            released(session, workshop.lamp, "1").number,
            eur("1"),
            account=INVENTORY,
            because="x",
        )
    assert verify_books(session) == []


def issue(session: Session, item: Item, quantity: str) -> None:
    inventory.issue_goods(
        session,
        [inventory.Outgoing(item, Decimal(quantity))],
        location=inventory.main_location(session),
        origin="SALE",
        memo="sold",
    )


def test_scrap_and_rework_are_told_apart(session: Session, workshop: Workshop) -> None:
    order = released(session, workshop.lamp, "10")
    number = order.number

    orders.report(
        session,
        number,
        Output(good=Decimal(6), scrapped=Decimal(1), rework=Decimal(2), reason="bent"),
    )
    with pytest.raises(StillInRework, match="2 of WO-00001 are still being reworked"):
        orders.finish(session, number, Output(good=Decimal(1)))
    with pytest.raises(
        NotInRework, match="3 of WO-00001 cannot come back from rework: 2 are there"
    ):
        orders.report(session, number, Output(good=Decimal(3), from_rework=Decimal(3)))
    orders.report(session, number, Output(good=Decimal(2), from_rework=Decimal(2)))
    done = orders.finish(session, number)

    # One was scrapped, so that the rest is one: nine good ones and a scrapped one took ten feet.
    assert (done.good_quantity, done.scrapped_quantity) == (Decimal(9), Decimal(1))
    assert on_hand(session, workshop.foot)[0] == Decimal(40)
    assert on_hand(session, workshop.lamp) == (Decimal(9), Decimal("105.00"))
    with pytest.raises(ScrapNeedsAReason, match="Say why 1 of WO-00002 were scrapped"):
        orders.report(
            session, released(session, workshop.lamp, "1").number, Output(scrapped=Decimal(1))
        )
    assert verify_books(session) == []


def test_at_standard_cost_the_difference_is_variances_of_their_kinds(session: Session) -> None:
    shop = open_workshop(session)
    catalog.set_standard_cost(session, shop.lamp, Decimal(10))
    inventory.set_valuation_method(session, shop.lamp, ValuationMethod.STANDARD)
    order = released(session, shop.lamp, "10")

    orders.start(session, order.number)
    orders.issue(session, order.number, [(shop.shade, Decimal(2))])
    orders.report_work(session, order.number, minutes=Decimal(90))
    orders.report(session, order.number, Output(good=Decimal(9), scrapped=Decimal(1), reason="x"))
    orders.finish(session, order.number, Output(good=Decimal(0)))
    orders.close(session, order.number)

    # Spent 56 + 4 + 63 = 123.00, worth 90.00. Two shades too many 4.00; 20 minutes too long 14.00;
    # one lamp scrapped as planned at 10.50 (56.00 and 70 minutes for ten); the rest is 4.50.
    assert balances(
        session,
        WORK_IN_PROGRESS,
        PRODUCTION_USAGE_VARIANCE,
        PRODUCTION_EFFICIENCY_VARIANCE,
        PRODUCTION_SCRAP,
        PRODUCTION_VARIANCE,
    ) == {
        PRODUCTION_USAGE_VARIANCE: Decimal("4.00"),
        PRODUCTION_EFFICIENCY_VARIANCE: Decimal("14.00"),
        PRODUCTION_SCRAP: Decimal("10.50"),
        PRODUCTION_VARIANCE: Decimal("4.50"),
    }
    assert verify_books(session) == []


def test_a_component_that_is_taken_in_two_ways_has_one_cost(
    session: Session, workshop: Workshop
) -> None:
    twin = catalog.add_item(session, sku="TWIN", name="Twin", standard_cost=Decimal(6))
    inventory.set_valuation_method(session, twin, ValuationMethod.STANDARD)
    foot = workshop.foot
    flushed = ComponentDraft(foot, Decimal(1), issue=IssueMethod.BACKFLUSH)
    boms.define_bill(session, twin, [ComponentDraft(foot, Decimal(1)), flushed])
    order = released(session, twin, "10")

    orders.start(session, order.number)
    orders.issue(session, order.number, [(foot, Decimal(2))])
    orders.finish(session, order.number)
    orders.close(session, order.number)

    # 22 feet at 3.00, of which two are too many; ten twins are worth 60.00.
    assert balances(session, PRODUCTION_USAGE_VARIANCE, PRODUCTION_VARIANCE) == {
        PRODUCTION_USAGE_VARIANCE: Decimal("6.00")
    }
    assert verify_books(session) == []


def test_other_products_bear_their_share(session: Session, workshop: Workshop) -> None:
    plank = catalog.add_item(session, sku="PLANK", name="Plank")
    offcut = catalog.add_item(session, sku="OFFCUT", name="Offcut")
    dust = catalog.add_item(session, sku="DUST", name="Sawdust")
    boms.define_bill(
        session,
        plank,
        [ComponentDraft(workshop.foot, Decimal(2))],
        by_products=[
            ByProductDraft(offcut, Decimal(2), Decimal(10)),
            ByProductDraft(dust, Decimal(3)),
        ],
    )
    order = released(session, plank, "10")

    orders.finish(session, order.number)

    assert on_hand(session, offcut) == (Decimal(20), Decimal("6.00"))
    assert on_hand(session, dust) == (Decimal(30), Decimal("0.00"))
    assert on_hand(session, plank) == (Decimal(10), Decimal("54.00"))
    assert verify_books(session) == []


def test_a_cancelled_order_leaves_nothing_behind(session: Session, workshop: Workshop) -> None:
    before = balances(session, INVENTORY)
    order = released(session, workshop.lamp, "10")
    orders.start(session, order.number)
    orders.report_work(session, order.number, minutes=Decimal(60))
    orders.report(session, order.number, Output(good=Decimal(3)))

    done = orders.cancel(session, order.number, because="the customer changed their mind")

    assert done.state is WorkOrderState.CANCELLED
    assert on_hand(session, workshop.lamp) == (0, 0)
    assert on_hand(session, workshop.foot) == (Decimal(50), Decimal("150.00"))
    left = (WORK_IN_PROGRESS, LABOUR_ABSORBED, OVERHEAD_ABSORBED, PRODUCTION_VARIANCE)
    assert balances(session, INVENTORY, *left) == before
    assert inventory.stock_of(session, workshop.foot).available == Decimal(50)
    with pytest.raises(WorkOrderIs, match="WO-00001 is cancelled"):
        orders.cancel(session, order.number, because="again")
    assert verify_books(session) == []


def test_what_was_sold_cannot_be_taken_back(session: Session, workshop: Workshop) -> None:
    order = released(session, workshop.lamp, "4")
    orders.finish(session, order.number)
    inventory.issue_goods(
        session,
        [inventory.Outgoing(workshop.lamp, Decimal(1))],
        location=inventory.main_location(session),
        origin="SALE",
        memo="sold",
    )

    with pytest.raises(OutputIsGone, match="WO-00001 brought 4 of LAMP-10 and only 3 are free"):
        orders.cancel(session, order.number, because="wrong")


def test_components_come_back_at_what_they_cost(session: Session, workshop: Workshop) -> None:
    order = released(session, workshop.lamp, "10")
    orders.start(session, order.number)

    orders.give_back(session, order.number, workshop.foot, Decimal(4))

    assert on_hand(session, workshop.foot) == (Decimal(44), Decimal("132.00"))
    # One of two ways in which an item is taken: what was issued in either comes back.
    twin = catalog.add_item(session, sku="TWIN", name="Twin")
    flushed = ComponentDraft(workshop.wire, Decimal(1), issue=IssueMethod.BACKFLUSH)
    boms.define_bill(session, twin, [flushed, ComponentDraft(workshop.wire, Decimal(1))])
    other = released(session, twin, "3")
    orders.start(session, other.number)
    orders.issue(session, other.number, [(workshop.wire, Decimal(2))])
    taken = orders.give_back(session, other.number, workshop.wire, Decimal(4))
    assert [each.issued_quantity for each in taken.components] == [Decimal(1), Decimal(0)]
    with pytest.raises(MoreThanIssued, match="2 of WIRE-1 cannot come back from WO-00002: 1 were"):
        orders.give_back(session, other.number, workshop.wire, Decimal(2))
    with pytest.raises(MoreThanIssued, match="7 of FOOT-1 cannot come back from WO-00001: 6 were"):
        orders.give_back(session, order.number, workshop.foot, Decimal(7))
    with pytest.raises(NotAComponent, match="WO-00001 takes no LAMP-10"):
        orders.give_back(session, order.number, workshop.lamp, Decimal(1))


def test_lots_of_what_goes_in_and_serials_of_what_comes_out_are_kept(session: Session) -> None:
    bulb = catalog.add_item(session, sku="BULB-9", name="Bulb")
    torch = catalog.add_item(session, sku="TORCH", name="Torch")
    inventory.set_tracking(session, bulb, Tracking.LOT)
    inventory.set_tracking(session, torch, Tracking.SERIAL)
    inventory.receive_goods(
        session,
        [inventory.Incoming(bulb, Decimal(5), eur("5"), (LotPart("L-1", Decimal(5)),))],
        location=inventory.main_location(session),
        against="opening_balance",
        origin="OPENING",
        memo="opening",
        from_kind=inventory.LocationKind.ADJUSTMENT,
    )
    boms.define_bill(session, torch, [ComponentDraft(bulb, Decimal(1))])
    order = released(session, torch, "2")

    serials = tuple(LotPart(number, Decimal(1)) for number in ("T-1", "T-2"))
    orders.finish(session, order.number, Output(good=Decimal(2), lots=serials))

    traced = inventory.trace_lot(session, inventory.find_lot(session, "L-1"))
    assert order.number in str(traced)
    assert {each.number for each in inventory.lots_of(session, torch)} == {"T-1", "T-2"}
    # Another order is given up: its own piece goes back, not the oldest one.
    other = released(session, torch, "1")
    last = (LotPart("T-3", Decimal(1)),)
    orders.finish(session, other.number, Output(good=Decimal(1), lots=last))
    orders.cancel(session, other.number, because="not wanted")
    assert {each.number for each in inventory.lots_of(session, torch)} == {"T-1", "T-2"}
    assert verify_books(session) == []


def test_an_order_is_only_over_reported_within_its_tolerance(
    session: Session, workshop: Workshop
) -> None:
    boms.define_bill(
        session,
        workshop.lamp,
        [ComponentDraft(workshop.foot, Decimal(1))],
        tolerance_percent=Decimal(10),
        valid_from=TODAY + timedelta(days=1),
    )
    order = orders.make_order(
        session, workshop.lamp, Decimal(10), starts_on=TODAY + timedelta(days=1)
    )
    orders.release(session, order.number)

    with pytest.raises(OverProduction, match="at most 11 of LAMP-10: 0 are reported, 12 are too"):
        orders.report(session, order.number, Output(good=Decimal(12)))
    with pytest.raises(UnderProduction, match="has to bring at least 9 of LAMP-10, not 8"):
        orders.finish(session, order.number, Output(good=Decimal(8)))
    assert on_hand(session, workshop.foot)[0] == Decimal(50)
    done = orders.finish(session, order.number, Output(good=Decimal(11)))
    assert done.good_quantity == Decimal(11)
    assert on_hand(session, workshop.foot)[0] == Decimal(39)


def test_bad_orders_and_reports_are_refused_with_their_reason(
    session: Session, workshop: Workshop
) -> None:
    with pytest.raises(NoBillOfMaterials, match="FOOT-1 has no bill of materials"):
        orders.make_order(session, workshop.foot, Decimal(1))
    with pytest.raises(DueInThePast, match="LAMP-10 cannot be made by"):
        orders.make_order(session, workshop.lamp, Decimal(1), due_on=TODAY - timedelta(days=1))
    boms.define_bill(
        session, workshop.shade, [ComponentDraft(workshop.wire, Decimal(1))], phantom=True
    )
    with pytest.raises(PhantomIsNotMade, match="SHADE-1 is a phantom"):
        orders.make_order(session, workshop.shade, Decimal(1))
    order = orders.make_order(session, workshop.lamp, Decimal(10))
    with pytest.raises(WorkOrderIs, match="only one that is released or started can be started"):
        orders.start(session, order.number)
    orders.release(session, order.number)
    with pytest.raises(NothingReported):
        orders.report(session, order.number, Output())
    with pytest.raises(NoWork):
        orders.report_work(session, order.number)
    with pytest.raises(NotAnOperation, match="has no operation polish; it has 10 assemble"):
        orders.report_work(session, order.number, operation="polish", minutes=Decimal(1))


def test_nothing_happens_where_a_component_is_missing(session: Session) -> None:
    shop = open_workshop(session, on_hand=False)
    stock(session, shop.foot, "50", "150")
    order = released(session, shop.lamp, "10")

    with pytest.raises(InsufficientStock, match="SHADE-1"), session.begin_nested():
        orders.report(session, order.number, Output(good=Decimal(1)))

    session.expire_all()
    assert on_hand(session, shop.foot)[0] == Decimal(50)
    assert orders.view_work_order(session, order.number).state is WorkOrderState.RELEASED


def test_an_order_changes_its_day_and_quantity_until_it_is_released(
    session: Session, workshop: Workshop
) -> None:
    order = orders.make_order(session, workshop.lamp, Decimal(10), due_on=TODAY)
    later = TODAY + timedelta(days=7)

    changed = orders.change_order(session, order.number, quantity=Decimal(20), due_on=later)

    assert (changed.due_on, changed.components[2].quantity) == (later, Decimal(30))
    assert changed.tolerance_percent is None
    boms.withdraw_bill(session, workshop.bill.number)
    part = ComponentDraft(workshop.wire, Decimal("1.5"))
    boms.define_bill(session, workshop.lamp, [part], tolerance_percent=Decimal(5))
    again = orders.change_order(session, order.number, quantity=Decimal(10))
    assert again.tolerance_percent == Decimal(5)
    orders.change_order(session, order.number, quantity=Decimal(20))
    orders.release(session, order.number)
    with pytest.raises(WorkOrderIs, match="only one that is firm can be changed"):
        orders.change_order(session, order.number, quantity=Decimal(5))
    orders.take_back_release(session, order.number)
    assert inventory.stock_of(session, workshop.wire).available == Decimal(90)


@given(st.integers(-10_000, 10_000), st.lists(st.integers(1, 500), min_size=1, max_size=6))
def test_shared_amounts_add_up(minor: int, weights: list[int]) -> None:
    parts = divided(minor, [Decimal(weight) for weight in weights])

    assert sum(parts) == minor


VERBS = ("make", "release", "start", "work", "report", "scrap", "rework", "issue", "back",
         "finish", "close", "cancel", "charge", "untake", "sell", "dearer", "settle")  # fmt: skip


class Foreman:
    """Does whatever comes to mind, and takes a no for an answer."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.random = session, random.Random(seed)
        self.shop = open_workshop(session)
        if seed % 3 == 0:
            catalog.set_standard_cost(session, self.shop.lamp, Decimal("11.11"))
            inventory.set_valuation_method(session, self.shop.lamp, ValuationMethod.STANDARD)
        if seed % 2:
            inventory.set_valuation_method(session, self.shop.foot, ValuationMethod.FIFO)
        self.numbers: list[str] = []
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        """Try one thing; what is refused changes nothing."""
        verb = self.random.choice(VERBS)
        try:
            with self.session.begin_nested():
                self.do(verb)
            self.done[verb] += 1
        except DomainError:
            self.session.expire_all()
            for key in [each for each in self.session.info if each.startswith("inventory.")]:
                self.session.info.pop(key)

    def do(self, verb: str) -> None:
        """Do one thing."""
        session, shop = self.session, self.shop
        if verb == "make" or not self.numbers:
            order = orders.make_order(session, shop.lamp, self.some(6))
            self.numbers.append(order.number)
            return
        number = self.random.choice(self.numbers)
        some = self.some(4)
        {
            "release": lambda: orders.release(session, number),
            "start": lambda: orders.start(session, number),
            "work": lambda: orders.report_work(session, number, minutes=some * 7),
            "report": lambda: orders.report(session, number, Output(good=some)),
            "scrap": lambda: orders.report(session, number, Output(scrapped=some, reason="bent")),
            "rework": lambda: orders.report(session, number, Output(rework=some)),
            "issue": lambda: orders.issue(session, number, [(shop.shade, some)]),
            "back": lambda: orders.give_back(session, number, shop.foot, some),
            "finish": lambda: orders.finish(session, number),
            "close": lambda: orders.close(session, number),
            "cancel": lambda: orders.cancel(session, number, because="no"),
            "charge": lambda: orders.charge(
                session,
                number,
                Money(int(some) * 33, "EUR"),
                account=OPERATING_EXPENSE,
                because="paint",
            ),
            "untake": lambda: orders.take_back_work(session, number),
            "settle": lambda: orders.settle_order(session, number),
            "sell": lambda: inventory.issue_goods(
                session,
                [inventory.Outgoing(shop.lamp, some)],
                location=inventory.main_location(session),
                origin="SALE",
                memo="sold",
            ),
            "dearer": lambda: stock(session, shop.foot, str(some), str(some * 4)),
        }[verb]()

    def some(self, most: int) -> Decimal:
        """Return a small number."""
        return Decimal(self.random.randint(1, most))


@pytest.mark.parametrize("seed", range(6))
def test_progress_stock_and_variances_tie_to_the_orders(open_books: Engine, seed: int) -> None:
    with rehearsal(open_books) as session:
        foreman = Foreman(session, seed)

        for place in range(40):
            foreman.step()
            if place % 20 == 19:
                assert verify_books(session) == [], f"seed {seed}: {foreman.done}"

        total = sum(
            orders.in_progress(session, orders.find_work_order(session, number)).minor
            for number in foreman.numbers
        )
        assert ledger.balance(session, WORK_IN_PROGRESS).minor == total


@pytest.mark.long
@settings(max_examples=40)
@given(seed=st.integers(100, 10**6))
def test_progress_ties_in_many_histories(open_books: Engine, seed: int) -> None:
    with rehearsal(open_books) as session:
        foreman = Foreman(session, seed)
        for _ in range(80):
            foreman.step()
        assert verify_books(session) == [], f"seed {seed}: {foreman.done}"
