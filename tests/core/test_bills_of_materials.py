"""What an item is made of: by date, through phantoms, never of itself, exact to the last digit."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, ItemKind
from core.catalog.errors import QuantityTooFine
from core.compliance import verify_books
from core.kernel.errors import DomainError
from core.manufacturing import boms, roll_up, routings
from core.manufacturing.boms import ByProductDraft, ComponentDraft
from core.manufacturing.boms.errors import (
    BillEnded,
    CircularBill,
    NoBillOfMaterials,
    NoComponents,
    NotAPercentage,
    NotMade,
    ProductTwice,
    SharesTooLarge,
    TooManyLines,
    VersionExists,
)
from core.manufacturing.routings import OperationDraft
from core.manufacturing.routings.errors import (
    NoCapacity,
    NoOperations,
    NoRouting,
    OperationTakesNothing,
    RateBelowZero,
)
from tests.conftest import TODAY
from tests.core.workshop import open_workshop


def item(session: Session, sku: str, **terms: object) -> Item:
    return catalog.add_item(session, sku=sku, name=sku.title(), **terms)  # type: ignore[arg-type]


def part(of: Item, quantity: str, **terms: object) -> ComponentDraft:
    return ComponentDraft(of, Decimal(quantity), **terms)  # type: ignore[arg-type]


@pytest.fixture
def goods(session: Session) -> dict[str, Item]:
    """Some items that nothing is known of yet."""
    return {sku: item(session, sku) for sku in ("A", "B", "C", "D", "E")}


def quantities(lines: list[boms.ExplodedLine]) -> list[tuple[int, str, Decimal]]:
    return [(line.level, line.sku, line.quantity) for line in lines]


def test_every_level_is_exploded_with_scrap_yield_and_fixed_parts(
    session: Session, goods: dict[str, Item]
) -> None:
    boms.define_bill(
        session,
        goods["A"],
        [part(goods["B"], "2"), part(goods["C"], "1", scrap_percent=Decimal(10))],
        yield_percent=Decimal(80),
    )
    boms.define_bill(
        session,
        goods["B"],
        [part(goods["D"], "3"), part(goods["E"], "1", fixed=True)],
        output_quantity=Decimal(2),
    )

    found = boms.explode(session, goods["A"], Decimal(10))

    # 10 good ones are 12.5 begun: 25 of B, and 13.75 of C rounded up; 25 of B take 37.5 of D.
    assert quantities(found) == [
        (1, "B", Decimal(25)),
        (2, "D", Decimal(38)),
        (2, "E", Decimal(1)),
        (1, "C", Decimal(14)),
    ]
    assert quantities(boms.explode(session, goods["A"], Decimal(10), levels=1)) == [
        (1, "B", Decimal(25)),
        (1, "C", Decimal(14)),
    ]


def test_an_order_takes_what_its_phantoms_are_made_of(
    session: Session, goods: dict[str, Item]
) -> None:
    boms.define_bill(session, goods["A"], [part(goods["B"], "2"), part(goods["D"], "2")])
    boms.define_bill(
        session, goods["B"], [part(goods["D"], "1"), part(goods["C"], "3")], phantom=True
    )
    bill = boms.bill_of(session, goods["A"])

    needed = boms.requirements(session, bill, Decimal(5))

    assert {each.item.sku: each.quantity for each in needed} == {
        "D": Decimal(20),
        "C": Decimal(30),
    }


def test_a_version_holds_until_the_next_one_and_alternatives_stand_beside(
    session: Session, goods: dict[str, Item]
) -> None:
    later = TODAY + timedelta(days=30)
    first = boms.define_bill(session, goods["A"], [part(goods["B"], "1")])
    other = boms.define_bill(session, goods["A"], [part(goods["C"], "1")], alternative="with C")
    second = boms.define_bill(session, goods["A"], [part(goods["D"], "1")], valid_from=later)

    assert (first.version, second.version, other.version) == (1, 2, 1)
    assert first.valid_until == later - timedelta(days=1)
    assert boms.bill_of(session, goods["A"], on=later).number == second.number
    assert boms.bill_of(session, goods["A"]).number == first.number
    assert boms.bill_of(session, goods["A"], alternative="with C").number == other.number
    with pytest.raises(VersionExists, match=f"{second.number} of A already holds from {later} on"):
        boms.define_bill(session, goods["A"], [part(goods["E"], "1")], valid_from=later)
    with pytest.raises(IntegrityError, match="hold on the same day"), session.begin_nested():
        session.execute(text("UPDATE bill_of_materials SET valid_until = NULL"))


def test_a_withdrawn_bill_holds_no_more_and_makes_room(
    session: Session, goods: dict[str, Item]
) -> None:
    bill = boms.define_bill(session, goods["A"], [part(goods["B"], "1")])

    boms.withdraw_bill(session, bill.number)

    with pytest.raises(
        NoBillOfMaterials, match=f"A has no bill of materials that holds on {TODAY}"
    ):
        boms.bill_of(session, goods["A"])
    with pytest.raises(BillEnded, match="is not in force any more"):
        boms.withdraw_bill(session, bill.number)
    boms.define_bill(session, goods["A"], [part(goods["C"], "1")])
    # What the withdrawn bill said is no circle with what is said now.
    boms.define_bill(session, goods["B"], [part(goods["A"], "1")])
    assert verify_books(session) == []


def test_where_an_item_is_used_is_found_at_every_level(
    session: Session, goods: dict[str, Item]
) -> None:
    boms.define_bill(session, goods["A"], [part(goods["B"], "2"), part(goods["D"], "1")])
    boms.define_bill(session, goods["B"], [part(goods["D"], "3")])

    found = boms.where_used(session, goods["D"])

    assert [(each.level, each.sku, each.quantity) for each in found] == [
        (1, "A", Decimal(1)),
        (1, "B", Decimal(3)),
        (2, "A", Decimal(6)),
    ]


def test_what_goes_in_on_several_ways_is_told_on_each_and_reckoned_once(
    session: Session, goods: dict[str, Item]
) -> None:
    boms.define_bill(session, goods["A"], [part(goods["B"], "1"), part(goods["C"], "1")])
    boms.define_bill(session, goods["B"], [part(goods["C"], "2")])
    boms.define_bill(session, goods["C"], [part(goods["D"], "5")])
    # Another version of it holds later: only one of both at a time.
    boms.define_bill(
        session, goods["C"], [part(goods["D"], "4")], valid_from=TODAY + timedelta(days=9)
    )

    found = boms.where_used(session, goods["D"])

    # In C directly; in A through C 5, and through B and C 2 × 5 more.
    assert [(each.level, each.sku, each.quantity) for each in found] == [
        *((1, "C", Decimal(5)), (1, "C", Decimal(4))),
        *((2, "A", Decimal(5)), (2, "B", Decimal(10))),
        (3, "A", Decimal(10)),
    ]
    # One A takes three C: its setup is spread over all of them.
    bench = routings.open_work_centre(session, code="W", name="W", labour_rate=Decimal(60))
    routings.define_routing(session, goods["C"], [OperationDraft(bench, setup_minutes=Decimal(9))])
    cost = roll_up(session, goods["A"])
    assert [(line.name, line.unit_cost) for line in cost.lines] == [
        ("B", Decimal(6)),
        ("C", Decimal(3)),
    ]
    assert cost.total == Decimal(9)


def test_a_cost_is_rolled_up_through_many_ways_at_once(
    session: Session, goods: dict[str, Item]
) -> None:
    deep = [item(session, f"L{level:02}") for level in range(24)]
    for above, below in pairwise(deep):
        boms.define_bill(session, above, [part(below, "1"), part(below, "1")])
    boms.define_bill(session, deep[-1], [part(goods["E"], "1")])
    catalog.set_standard_cost(session, goods["E"], Decimal(1))

    assert roll_up(session, deep[0]).total == 2**23
    with pytest.raises(TooManyLines, match="L00 explodes into more than 20000 lines"):
        boms.explode(session, deep[0], Decimal(1))


def test_nothing_is_made_of_itself_and_the_database_says_so_too(
    session: Session, goods: dict[str, Item]
) -> None:
    boms.define_bill(session, goods["A"], [part(goods["B"], "1")])
    boms.define_bill(session, goods["B"], [part(goods["C"], "1")])

    with pytest.raises(CircularBill, match="C would be made of itself: C → D → A → B → C"):
        boms.define_bill(session, goods["D"], [part(goods["A"], "1")])
        boms.define_bill(session, goods["C"], [part(goods["D"], "1")])
    with pytest.raises(CircularBill, match="E → E"):
        boms.define_bill(session, goods["E"], [part(goods["E"], "1")])
    bottom = boms.bill_of(session, goods["B"])
    with pytest.raises(IntegrityError, match="not made of itself"), session.begin_nested():
        session.execute(
            text("UPDATE bom_component SET item_id = :a WHERE bom_id = :b"),
            {"a": goods["A"].id, "b": bottom.id},
        )


def test_a_circle_needs_bills_that_hold_on_the_same_day(
    session: Session, goods: dict[str, Item]
) -> None:
    later = TODAY + timedelta(days=10)
    boms.define_bill(session, goods["A"], [part(goods["B"], "1")])
    boms.define_bill(session, goods["A"], [part(goods["C"], "1")], valid_from=later)

    turned = boms.define_bill(session, goods["B"], [part(goods["A"], "1")], valid_from=later)

    assert turned.valid_from == later


def test_units_are_counted_exactly_or_refused(session: Session, goods: dict[str, Item]) -> None:
    wire = item(session, "WIRE", unit_code="m")
    catalog.add_unit(session, code="cm", name="centimetre", name_zh="厘米")
    catalog.set_conversion(session, unit="cm", quantity=Decimal("0.01"), of_unit="m")

    bill = boms.define_bill(session, goods["A"], [part(wire, "150", unit_code="cm")])

    (line,) = bill.components
    assert (line.quantity, line.unit_code, line.unit_quantity) == (
        Decimal("1.5"),
        "cm",
        Decimal(150),
    )
    with pytest.raises(DomainError, match="kg"):
        boms.define_bill(session, goods["B"], [part(wire, "1", unit_code="kg")])
    with pytest.raises(QuantityTooFine):
        boms.define_bill(session, goods["B"], [part(goods["C"], "0.5")])


def test_bad_bills_are_refused_with_their_reason(session: Session, goods: dict[str, Item]) -> None:
    advice = item(session, "ADVICE", kind=ItemKind.SERVICE, unit_code="h")
    one = [part(goods["B"], "1")]

    with pytest.raises(NoComponents, match="Say what A is made of"):
        boms.define_bill(session, goods["A"], [])
    with pytest.raises(NotMade, match="ADVICE is a service"):
        boms.define_bill(session, advice, one)
    with pytest.raises(NotAPercentage, match="A yield of 0 % cannot be"):
        boms.define_bill(session, goods["A"], one, yield_percent=Decimal(0))
    with pytest.raises(SharesTooLarge, match="bear 100 % of the cost"):
        boms.define_bill(
            session,
            goods["A"],
            one,
            by_products=[
                ByProductDraft(goods["C"], Decimal(1), Decimal(60)),
                ByProductDraft(goods["D"], Decimal(1), Decimal(40)),
            ],
        )
    with pytest.raises(ProductTwice, match="B stands twice"):
        boms.define_bill(
            session, goods["A"], one, by_products=[ByProductDraft(goods["B"], Decimal(1))]
        )
    with pytest.raises(NoBillOfMaterials):
        boms.bill_of(session, goods["A"])


def test_cost_rolls_up_material_and_work(session: Session) -> None:
    shop = open_workshop(session)
    box = item(session, "BOX", standard_cost=Decimal("0.5"))
    gift = item(session, "GIFT")
    boms.define_bill(session, gift, [part(shop.lamp, "2"), part(box, "1")])

    lamp, both = roll_up(session, shop.lamp), roll_up(session, gift, quantity=Decimal(10))

    # 3 + 2 + 1.5 × 0.40; 16 minutes at 30 and 12 an hour.
    assert (lamp.material, lamp.labour, lamp.overhead) == (
        Decimal("5.6"),
        Decimal(8),
        Decimal("3.2"),
    )
    # 20 lamps share one setup: 112 + 130 minutes at 42 an hour are 91.00; 10 boxes are 5.00.
    assert both.total == Decimal("208.0")
    assert both.unknown == ()


def test_what_costs_nothing_is_named(session: Session, goods: dict[str, Item]) -> None:
    boms.define_bill(session, goods["A"], [part(goods["B"], "1")])

    assert roll_up(session, goods["A"]).unknown == ("B",)


def test_work_centres_and_routings_refuse_what_cannot_be(session: Session) -> None:
    shop = open_workshop(session, routed=False)

    with pytest.raises(NoCapacity, match="OVEN would have no capacity"):
        routings.open_work_centre(session, code="OVEN", name="Oven", hours_per_day=Decimal(0))
    with pytest.raises(RateBelowZero, match="A rate of -1 cannot be"):
        routings.change_work_centre(session, shop.bench, labour_rate=Decimal(-1))
    session.refresh(shop.bench)
    with pytest.raises(NoOperations, match="LAMP-10"):
        routings.define_routing(session, shop.lamp, [])
    with pytest.raises(OperationTakesNothing, match="polish"):
        routings.define_routing(session, shop.lamp, [OperationDraft(shop.bench, "polish")])
    with pytest.raises(NoRouting, match="LAMP-10 has no routing"):
        routings.routing_of(session, shop.lamp)
    with pytest.raises(NoRouting):
        routings.routing_of(session, shop.lamp, on=date(2020, 1, 1))
