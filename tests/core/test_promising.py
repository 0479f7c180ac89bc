"""A unit is promised once; what is not free comes with the first purchase that brings it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core import inventory, purchasing, sales
from core.catalog import Item
from core.kernel.identifiers import new_id
from core.processes.promising import (
    PromisePart,
    PromiseSource,
    free_on,
    promise,
    promised_from,
)
from core.processes.replenishment import Coming, Position, Wanted
from tests.conftest import TODAY
from tests.core.shop import Shop, open_shop


def day(after: int) -> date:
    return TODAY + timedelta(days=after)


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session)


def asked(shop: Shop, *quantities: int) -> list[sales.OrderLineDraft]:
    return [sales.OrderLineDraft(shop.lamp, Decimal(each)) for each in quantities]


def test_a_line_goes_from_stock_from_supply_and_from_what_is_bought_now(
    session: Session, shop: Shop
) -> None:
    order = purchasing.place_order(
        session,
        supplier=shop.works,
        lines=[purchasing.OrderLineDraft(shop.lamp, Decimal(6), Decimal(8))],
        expected_on=day(3),
    )

    [line] = promise(session, asked(shop, 30)).lines

    # Lux needs five days, Works a fortnight; a promise asks who is first, not who is cheapest.
    assert [(part.on, part.quantity, part.source, part.because) for part in line.parts] == [
        (day(0), 12, PromiseSource.STOCK, ""),
        (day(3), 6, PromiseSource.SUPPLY, order.number),
        (day(5), 12, PromiseSource.PURCHASE, "Lux GmbH"),
    ]
    assert (line.on, line.unpromised) == (day(5), 0)


def test_an_order_goes_when_its_last_line_goes_and_lines_share_what_is_free(
    session: Session, shop: Shop
) -> None:
    lines = [*asked(shop, 8, 8), sales.OrderLineDraft(shop.bulb, Decimal(1))]
    lines.append(sales.OrderLineDraft(shop.advice, Decimal(2)))

    promised = promise(session, lines)

    assert [line.on for line in promised.lines] == [day(0), day(5), day(7), day(0)]
    assert [part.quantity for part in promised.lines[1].parts] == [4, 4]
    assert promised.on == day(7)


def test_what_nobody_can_bring_is_not_promised_unless_it_is_made(
    session: Session, shop: Shop
) -> None:
    elsewhere = inventory.add_location(session, code="SHOP", name="City shop", name_zh="门店")
    for supplier in (shop.works, shop.lux):
        supplier.party.blocked = True
    session.flush()

    [line] = promise(session, asked(shop, 15)).lines
    assert (line.on, line.unpromised) == (None, 3)
    assert promise(session, asked(shop, 1), location=elsewhere).on is None

    def made(_session: Session, _item: Item, quantity: Decimal) -> date:
        return day(int(quantity))

    [line] = promise(session, asked(shop, 15), producing=made).lines
    assert line.parts[-1] == PromisePart(day(15), Decimal(3), PromiseSource.PRODUCTION)


def test_what_was_promised_earlier_for_a_later_day_stays_promised(
    session: Session, shop: Shop
) -> None:
    number = purchasing.place_order(
        session,
        supplier=shop.works,
        lines=[purchasing.OrderLineDraft(shop.lamp, Decimal(10), Decimal(8))],
        expected_on=day(2),
    ).number
    sales.confirm_order(session, customer=shop.haus, lines=asked(shop, 20), promised_on=day(4))

    # Twelve are reserved, eight of the ten that come are promised: two are free, on day two.
    [line] = promise(session, asked(shop, 2)).lines
    assert [(part.on, part.because) for part in line.parts] == [(day(2), number)]
    assert promise(session, asked(shop, 3)).on == day(5)


MANY = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), max_size=4)


@given(
    st.integers(0, 12),
    MANY,
    MANY,
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.none() | st.integers(0, 15),
)
def test_no_unit_is_promised_twice_and_none_later_than_it_could_be(
    on_hand: int,
    coming: list[tuple[int, int]],
    wanted: list[tuple[int, int]],
    asks: list[int],
    bought_after: int | None,
) -> None:
    position = Position(
        Decimal(on_hand),
        Decimal(0),
        tuple(Coming(f"PO-{many}", "", day(on), Decimal(many)) for on, many in coming),
        tuple(Wanted("SO", "", day(on), Decimal(many), new_id()) for on, many in wanted),
    )
    made = None
    if bought_after is not None:
        made = PromisePart(day(bought_after), Decimal(0), PromiseSource.PURCHASE, "Lux")
    # What is there at the end of each day, in a book of our own.
    left = [
        on_hand
        + sum(many for on, many in coming if on <= at)
        - sum(many for on, many in wanted if on <= at)
        for at in range(16)
    ]
    negative = [min(each, 0) for each in left]

    for ask in asks:
        free = [max(min(left[at:]), 0) for at in range(16)]
        assert [int(free_on(position, day(at))) for at in range(16)] == free
        parts, position = promised_from(position, Decimal(ask), made=made, today=TODAY)
        reached = 15 if bought_after is None else bought_after
        kept = [each for each in parts if each.source is not PromiseSource.PURCHASE]
        assert sum(each.quantity for each in kept) == min(ask, free[reached])
        for part in kept:
            at = (part.on - TODAY).days
            # As much of it as can go by that day goes by then.
            by_then = sum(each.quantity for each in kept if each.on <= part.on)
            assert by_then == min(ask, free[at])
        for part in kept:
            at = (part.on - TODAY).days
            left = [
                each - int(part.quantity) if place >= at else each
                for place, each in enumerate(left)
            ]
        # Nobody who was promised before waits any longer than before.
        assert all(each >= before for each, before in zip(left, negative, strict=True))
        total = sum(each.quantity for each in parts)
        assert total == ask or (made is None and total == min(ask, free[15]))
