"""Stock moves, is promised, is worth something; and what the shelves refuse."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger
from core.catalog import Item, ItemKind
from core.inventory import Incoming, LocationKind, Outgoing, Request, Returning
from core.inventory.errors import (
    CountBelowReserved,
    CountChangesNothing,
    InsufficientStock,
    LocationNotInternal,
    NotStocked,
    QuantityNotPositive,
    QuantityTooFine,
    SameLocation,
    TargetBelowMinimum,
    UnknownLocation,
)
from core.kernel import events
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY,
    INVENTORY_ADJUSTMENT,
    OPENING_BALANCE,
    PRICE_VARIANCE,
)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def lamp(session: Session) -> Item:
    return catalog.add_item(session, sku="LAMP-01", name="Desk lamp", name_zh="台灯")


def receive(session: Session, item: Item, quantity: str, value: str) -> None:
    inventory.receive_goods(
        session,
        [Incoming(item, Decimal(quantity), eur(value))],
        location=inventory.main_location(session),
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="opening stock",
        from_kind=LocationKind.ADJUSTMENT,
    )


def issue(session: Session, *goods: Outgoing) -> list[Money]:
    main = inventory.main_location(session)
    issued = inventory.issue_goods(session, goods, location=main, origin="DN-1", memo="")
    return [each.cost for each in issued]


def test_goods_come_in_at_their_value_and_leave_at_the_average(
    session: Session, lamp: Item
) -> None:
    receive(session, lamp, "10", "80.00")
    receive(session, lamp, "2", "40.00")

    assert issue(session, Outgoing(lamp, Decimal(3))) == [eur("30.00")]

    stock = inventory.stock_of(session, lamp)
    assert (stock.on_hand, stock.value) == (9, eur("90.00"))
    assert ledger.balance(session, INVENTORY) == eur("90.00")
    assert ledger.balance(session, COST_OF_GOODS_SOLD) == eur("30.00")


def test_the_last_unit_takes_what_is_left(session: Session, lamp: Item) -> None:
    receive(session, lamp, "3", "10.00")

    costs = [issue(session, Outgoing(lamp, Decimal(1)))[0] for _ in range(3)]

    assert costs == [eur("3.33"), eur("3.34"), eur("3.33")]
    assert inventory.stock_of(session, lamp).value == eur("0.00")


def test_a_receipt_shows_the_level_before_and_after_and_both_sides_of_its_entry(
    session: Session, lamp: Item
) -> None:
    receive(session, lamp, "10", "80.00")

    lines = events.effect_of(events.recorded(session)[-2:]).lines()
    assert lines == [
        "LAMP-01 Desk lamp (on hand @ MAIN): 0 → 10",
        "debit 1400 Inventory: 80.00 EUR",
        "credit 3900 Opening balance: 80.00 EUR",
    ]


def test_as_much_as_is_available_is_promised_and_no_more(session: Session, lamp: Item) -> None:
    main, first, second = inventory.main_location(session), new_id(), new_id()
    receive(session, lamp, "10", "80.00")

    promised = inventory.reserve(
        session,
        [Request(lamp, Decimal(7), first), Request(lamp, Decimal(7), second)],
        location=main,
        origin="SO-1",
    )

    assert promised == {first: 7, second: 3}
    stock = inventory.stock_of(session, lamp)
    assert (stock.on_hand, stock.reserved, stock.available) == (10, 10, 0)


def test_what_is_promised_to_one_is_not_given_to_another(session: Session, lamp: Item) -> None:
    main, mine = inventory.main_location(session), new_id()
    receive(session, lamp, "10", "80.00")
    inventory.reserve(session, [Request(lamp, Decimal(8), mine)], location=main, origin="SO-1")

    with pytest.raises(InsufficientStock, match="only 2 can be taken"):
        issue(session, Outgoing(lamp, Decimal(3), new_id()))

    issue(session, Outgoing(lamp, Decimal(10), mine))
    stock = inventory.stock_of(session, lamp)
    assert (stock.on_hand, stock.reserved) == (0, 0)


def test_a_partial_delivery_leaves_the_rest_promised(session: Session, lamp: Item) -> None:
    main, mine = inventory.main_location(session), new_id()
    receive(session, lamp, "10", "80.00")
    inventory.reserve(session, [Request(lamp, Decimal(8), mine)], location=main, origin="SO-1")

    issue(session, Outgoing(lamp, Decimal(3), mine))
    assert inventory.stock_of(session, lamp).reserved == 5

    assert inventory.release(session, [mine]) == {mine: 5}
    assert inventory.release(session, [mine]) == {}
    assert inventory.stock_of(session, lamp).available == 7


def test_two_rows_of_one_line_share_what_it_reserved(session: Session, lamp: Item) -> None:
    main, mine = inventory.main_location(session), new_id()
    receive(session, lamp, "10", "80.00")
    inventory.reserve(session, [Request(lamp, Decimal(10), mine)], location=main, origin="SO-1")

    issue(session, Outgoing(lamp, Decimal(4), mine), Outgoing(lamp, Decimal(6), mine))

    assert inventory.stock_of(session, lamp).on_hand == 0


def test_a_customers_return_comes_in_at_its_original_cost(session: Session, lamp: Item) -> None:
    receive(session, lamp, "10", "80.00")
    issue(session, Outgoing(lamp, Decimal(4)))

    inventory.return_goods(
        session,
        [Returning(lamp, Decimal(4), eur("32.00"))],
        location=inventory.main_location(session),
        from_kind=LocationKind.CUSTOMER,
        against=COST_OF_GOODS_SOLD,
        origin="DN-2",
        memo="",
    )

    assert inventory.stock_of(session, lamp).value == eur("80.00")
    assert ledger.balance(session, COST_OF_GOODS_SOLD) == eur("0.00")


@pytest.mark.parametrize(
    ("others", "left", "variance"),
    [(("10", "120.00"), "100.00", "0.00"), (("0", ""), "0.00", "-20.00")],
)
def test_goods_go_back_to_the_supplier_at_their_original_value_as_far_as_there_is_one(
    session: Session, lamp: Item, others: tuple[str, str], left: str, variance: str
) -> None:
    if others[1]:
        receive(session, lamp, *others)
        receive(session, lamp, "10", "100.00")
    else:
        receive(session, lamp, "20", "200.00")
        issue(session, Outgoing(lamp, Decimal(10)))
        inventory.adjust_stock(
            session, lamp, inventory.main_location(session), counted=Decimal(8), because="broken"
        )
        receive(session, lamp, "2", "40.00")

    inventory.return_goods(
        session,
        [Returning(lamp, Decimal(10), eur("120.00") if others[1] else eur("100.00"))],
        location=inventory.main_location(session),
        from_kind=LocationKind.SUPPLIER,
        against=GOODS_RECEIVED_NOT_BILLED,
        origin="GR-2",
        memo="",
    )

    assert inventory.stock_of(session, lamp).value == eur(left)
    assert ledger.balance(session, INVENTORY) == eur(left)
    assert ledger.balance(session, PRICE_VARIANCE) == -eur(variance)


def test_a_count_corrects_the_books_at_the_average(session: Session, lamp: Item) -> None:
    main = inventory.main_location(session)
    receive(session, lamp, "10", "80.00")

    inventory.adjust_stock(session, lamp, main, counted=Decimal(9), because="one is broken")
    assert inventory.stock_of(session, lamp).value == eur("72.00")
    assert ledger.balance(session, INVENTORY_ADJUSTMENT) == eur("8.00")

    inventory.adjust_stock(session, lamp, main, counted=Decimal(10), because="found again")
    assert inventory.stock_of(session, lamp).value == eur("80.00")
    assert ledger.balance(session, INVENTORY_ADJUSTMENT) == eur("0.00")


def test_what_is_found_on_an_empty_shelf_is_worth_its_standard_cost(session: Session) -> None:
    item = catalog.add_item(session, sku="BOLT", name="Bolt", standard_cost=Decimal("1.25"))

    main = inventory.main_location(session)
    inventory.adjust_stock(session, item, main, counted=Decimal(4), because="found")

    assert inventory.stock_of(session, item).value == eur("5.00")


def test_a_transfer_changes_where_things_lie_and_not_what_they_are_worth(
    session: Session, lamp: Item
) -> None:
    main = inventory.main_location(session)
    shop = inventory.add_location(session, code="SHOP", name="Shop", name_zh="门店")
    receive(session, lamp, "10", "80.00")

    inventory.transfer_stock(session, lamp, quantity=Decimal(4), source=main, target=shop)

    stock = inventory.stock_of(session, lamp)
    assert [(place.location, place.on_hand) for place in stock.by_location] == [
        ("MAIN", 6),
        ("SHOP", 4),
    ]
    assert stock.value == ledger.balance(session, INVENTORY) == eur("80.00")
    assert inventory.list_moves(session, lamp, location=shop)[0].quantity == 4


def test_what_the_shelves_refuse_is_said_in_both_languages(session: Session, lamp: Item) -> None:
    main = inventory.main_location(session)
    customers = inventory.outside(session, LocationKind.CUSTOMER)
    service = catalog.add_item(session, sku="FIT", name="Fitting", kind=ItemKind.SERVICE)
    receive(session, lamp, "10", "80.00")
    inventory.reserve(session, [Request(lamp, Decimal(8), new_id())], location=main, origin="SO")

    with pytest.raises(InsufficientStock) as refused:
        issue(session, Outgoing(lamp, Decimal(3)))
    assert refused.value.message("zh").startswith("MAIN 的 LAMP-01 只能出库 2")
    with pytest.raises(QuantityNotPositive):
        issue(session, Outgoing(lamp, Decimal(-3)))
    with pytest.raises(NotStocked):
        issue(session, Outgoing(service, Decimal(1)))
    with pytest.raises(CountBelowReserved, match="8 of LAMP-01"):
        inventory.adjust_stock(session, lamp, main, counted=Decimal(7), because="")
    with pytest.raises(CountChangesNothing):
        inventory.adjust_stock(session, lamp, main, counted=Decimal(10), because="")
    with pytest.raises(QuantityTooFine, match="0 decimals"):
        inventory.adjust_stock(session, lamp, main, counted=Decimal("8.5"), because="")
    with pytest.raises(LocationNotInternal):
        inventory.adjust_stock(session, lamp, customers, counted=Decimal(9), because="")
    with pytest.raises(SameLocation):
        inventory.transfer_stock(session, lamp, quantity=Decimal(1), source=main, target=main)
    with pytest.raises(TargetBelowMinimum):
        inventory.set_reorder_rule(session, lamp, minimum=Decimal(9), target=Decimal(8))
    with pytest.raises(UnknownLocation, match="nowhere"):
        inventory.find_location(session, "nowhere")
    assert inventory.find_location(session, "主仓库").code == "MAIN"
