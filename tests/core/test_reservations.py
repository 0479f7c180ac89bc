"""Reservations: how firm they are, who yields, what waits, what expires, and nobody oversells."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, sales
from core.catalog import Item
from core.compliance import verify, verify_books
from core.inventory import InsufficientStock, Outgoing, Request, ReservationKind
from core.inventory.reservations.errors import (
    ExpiresInThePast,
    NothingSetAside,
    NothingToReserve,
    PriorityOutOfRange,
    TooMuchToGiveBack,
)
from core.inventory.reservations.events import ReservationsYielded
from core.kernel import events
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.identifiers import new_id
from core.processes import procure_to_pay
from core.processes.upkeep import expire_promises
from core.purchasing import OrderLineDraft, place_order
from core.sales import OrderLineDraft as SoldLine
from tests.conftest import Databases
from tests.core.shop import Shop, open_shop, stock

SOFT, HARD = ReservationKind.SOFT, ReservationKind.HARD
TODAY = date(2026, 6, 15)


@pytest.fixture
def shop(session: Session) -> Shop:
    """The small shop: 12 lamps on hand."""
    return open_shop(session, limit=None)


def ask(
    session: Session,
    item: Item,
    quantity: int,
    origin: str,
    *,
    kind: ReservationKind = HARD,
    priority: int | None = None,
    expires_at: datetime | None = None,
    waits: bool = True,
) -> tuple[UUID, Decimal]:
    line = new_id()
    request = Request(item, Decimal(quantity), line, kind, priority, expires_at)
    main = inventory.main_location(session)
    promised = inventory.reserve(session, [request], location=main, origin=origin, waits=waits)
    return line, promised[line]


def standing(session: Session, item: Item) -> dict[str, tuple[Decimal, Decimal]]:
    """What each document is promised of an item, and waits for."""
    session.flush()
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for each in inventory.list_promises(session, item=item):
        reserved, waiting = found.get(each.origin, (Decimal(0), Decimal(0)))
        if each.waiting:
            found[each.origin] = (reserved, waiting + each.quantity)
        else:
            found[each.origin] = (reserved + each.quantity, waiting)
    return found


def test_what_cannot_be_promised_waits(session: Session, shop: Shop) -> None:
    _, promised = ask(session, shop.lamp, 20, "SO-A")

    assert promised == 12
    assert standing(session, shop.lamp) == {"SO-A": (12, 8)}
    assert verify_books(session) == []


def test_a_soft_promise_yields_to_a_hard_one_of_higher_priority_and_says_who_lost(
    session: Session, shop: Shop
) -> None:
    ask(session, shop.lamp, 5, "OLD", kind=SOFT)
    ask(session, shop.lamp, 7, "NEW", kind=SOFT)

    _, promised = ask(session, shop.lamp, 9, "SO-A")

    assert promised == 9
    # The one that came last loses first, and both wait as old as they were.
    assert standing(session, shop.lamp) == {"SO-A": (9, 0), "OLD": (3, 2), "NEW": (0, 7)}
    told = [each for each in events.recorded(session) if isinstance(each, ReservationsYielded)]
    says = [change.says() for change in told[0].changes()]
    assert says == [
        "reservation NEW (reserved): 7 → 0 · LAMP-01 Desk lamp",
        "reservation OLD (reserved): 5 → 3 · LAMP-01 Desk lamp",
    ]
    assert inventory.stock_of(session, shop.lamp).reserved == 12
    assert verify_books(session) == []


@pytest.mark.parametrize(
    ("kind", "priority", "promised"), [(SOFT, 9, 2), (HARD, 5, 2), (HARD, 6, 6)]
)
def test_only_a_hard_request_of_higher_priority_takes_from_a_soft_one(
    session: Session, shop: Shop, kind: ReservationKind, priority: int, promised: int
) -> None:
    ask(session, shop.lamp, 10, "QUOTE", kind=SOFT, priority=5)

    _, got = ask(session, shop.lamp, 6, "SO-A", kind=kind, priority=priority)

    assert got == promised


def test_nobody_takes_what_is_promised_to_another(session: Session, shop: Shop) -> None:
    ask(session, shop.lamp, 10, "SO-A", kind=SOFT)
    main = inventory.main_location(session)

    with pytest.raises(InsufficientStock):
        inventory.issue_goods(
            session, [Outgoing(shop.lamp, Decimal(3))], location=main, origin="X", memo="x"
        )


def test_goods_that_come_go_to_who_waits_by_priority_and_then_by_age(
    session: Session, shop: Shop
) -> None:
    for origin, priority in (("FIRST", 5), ("SECOND", 5), ("URGENT", 8)):
        ask(session, shop.bulb, 10, origin, priority=priority)
    stock(session, shop.bulb, "15", "5")

    served = inventory.allocate(session, [shop.bulb.id])

    assert [(each.origin, each.quantity) for each in served] == [("URGENT", 10), ("FIRST", 5)]
    assert standing(session, shop.bulb) == {
        "URGENT": (10, 0), "FIRST": (5, 5), "SECOND": (0, 10),
    }  # fmt: skip
    assert inventory.allocate(session, [shop.bulb.id]) == []
    inventory.prioritise(session, "SECOND", priority=9)
    stock(session, shop.bulb, "4", "1")
    assert [each.origin for each in inventory.allocate(session, [shop.bulb.id])] == ["SECOND"]
    assert verify_books(session) == []


def test_a_receipt_promises_what_came_to_the_order_that_waits(session: Session, shop: Shop) -> None:
    sold = sales.confirm_order(
        session, customer=shop.haus, lines=[SoldLine(shop.lamp, Decimal(15), Decimal(20))]
    )
    bought = place_order(
        session, supplier=shop.works, lines=[OrderLineDraft(shop.lamp, Decimal(10))]
    )

    procure_to_pay.receive_order(session, bought.number)

    assert standing(session, shop.lamp) == {sold.number: (15, 0)}
    sales.deliver_order(session, sold.number)
    assert inventory.stock_of(session, shop.lamp).on_hand == 7
    assert verify_books(session) == []


def test_who_takes_what_is_free_waits_for_it_no_longer(session: Session, shop: Shop) -> None:
    sold = sales.confirm_order(
        session, customer=shop.haus, lines=[SoldLine(shop.lamp, Decimal(15), Decimal(20))]
    )
    stock(session, shop.lamp, "10", "80")

    sales.deliver_order(session, sold.number, quantities={1: Decimal(14)})

    assert standing(session, shop.lamp) == {sold.number: (0, 1)}
    assert verify_books(session) == []


def test_a_part_is_given_back_what_waits_first(session: Session, shop: Shop) -> None:
    line, _ = ask(session, shop.lamp, 15, "SO-A")

    given_back = inventory.release(session, [line], quantities={line: Decimal(5)})

    assert given_back == {line: 2}
    assert standing(session, shop.lamp) == {"SO-A": (10, 0)}
    assert verify_books(session) == []


def test_what_has_expired_goes_to_who_waits(session: Session, shop: Shop) -> None:
    moment = datetime(2026, 6, 20, tzinfo=UTC)
    ask(session, shop.lamp, 12, "QUOTE", kind=SOFT, priority=9, expires_at=moment)
    ask(session, shop.lamp, 4, "SO-A")

    assert inventory.expire_reservations(session) == ()
    expired = inventory.expire_reservations(session, at=moment)

    assert [(each.origin, each.before) for each in expired] == [("QUOTE", "12")]
    assert standing(session, shop.lamp) == {"SO-A": (4, 0)}
    assert inventory.stock_of(session, shop.lamp).available == 8
    assert verify_books(session) == []


def test_goods_are_kept_for_somebody_until_a_day(session: Session, shop: Shop) -> None:
    aside = inventory.set_aside(
        session,
        shop.lamp,
        quantity=Decimal(8),
        location=inventory.main_location(session),
        party=parties.find_customer(session, "Rad Haus").party,
        until=date(2026, 6, 19),
        because="fair",
    )

    view = inventory.set_aside_of(session, aside.number)
    assert (view.reserved, view.party, view.until) == (8, "Rad Haus", date(2026, 6, 19))
    inventory.extend(session, "RS-1", until=date(2026, 6, 26))
    assert inventory.set_aside_of(session, aside.number).until == date(2026, 6, 26)
    with pytest.raises(TooMuchToGiveBack):
        inventory.give_back(session, "RS-1", quantity=Decimal(9))
    assert inventory.give_back(session, "RS-1", quantity=Decimal(3)) == 3
    assert inventory.give_back(session, "RS-1") == 5
    with pytest.raises(NothingSetAside):
        inventory.give_back(session, "RS-1")
    assert verify_books(session) == []


def test_what_makes_no_sense_is_refused(session: Session, shop: Shop) -> None:
    keep = partial(
        inventory.set_aside, session, shop.lamp, location=inventory.main_location(session)
    )

    with pytest.raises(NothingToReserve, match="too little"):
        keep(quantity=Decimal(13))
    with pytest.raises(ExpiresInThePast):
        keep(quantity=Decimal(1), until=date(2026, 6, 14))
    with pytest.raises(PriorityOutOfRange):
        keep(quantity=Decimal(1), priority=10)


def test_promises_expire_by_themselves(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        lamp = open_shop(session).lamp
        over = datetime(2026, 6, 15, tzinfo=UTC)
        ask(session, lamp, 12, "QUOTE", kind=SOFT, expires_at=over)

    assert expire_promises(founded)
    assert not expire_promises(founded)
    with reading(founded) as session:
        found = inventory.availability(session, [catalog.find_item(session, "LAMP-01").id])
        assert [(each.available, each.hard, each.soft) for each in found] == [(12, 0, 0)]
        assert verify(session) == []


@pytest.mark.usefixtures("shop")
def test_the_database_refuses_to_promise_more_than_there_is(session: Session) -> None:
    session.flush()

    with pytest.raises(IntegrityError, match="reserved_on_hand"), session.begin_nested():
        session.execute(text("UPDATE stock_level SET reserved = 13"))


@pytest.fixture(scope="module")
def company(databases: Databases) -> Iterator[Engine]:
    """One shop for all examples; each is rolled back."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        open_shop(session, limit=None)
    yield engine
    databases.drop(engine)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hard", "soft", "release", "stock", "issue", "allocate"]),
        st.integers(1, 9),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=12,
)


@given(STEPS)
@settings(max_examples=15)
def test_promises_never_exceed_what_is_there(
    company: Engine, steps: list[tuple[str, int, int]]
) -> None:
    with rehearsal(company) as session:
        [lamp] = catalog.find_items(session, ["LAMP-01"])
        main, lines = inventory.main_location(session), list[UUID]()
        on_hand = 12
        for place, (step, quantity, priority) in enumerate(steps):
            if step in {"hard", "soft"}:
                kind = HARD if step == "hard" else SOFT
                line, _ = ask(session, lamp, quantity, f"D{place}", kind=kind, priority=priority)
                lines.append(line)
            elif step == "release" and lines:
                inventory.release(session, [lines[priority % len(lines)]])
            elif step == "stock":
                stock(session, lamp, str(quantity), "8")
                on_hand += quantity
            elif step == "issue":
                free = inventory.stock_of(session, lamp).available
                if quantity <= free:
                    goods = [Outgoing(lamp, Decimal(quantity))]
                    inventory.issue_goods(session, goods, location=main, origin="X", memo="x")
                    on_hand -= quantity
            else:
                inventory.allocate(session, [lamp.id])

            level = inventory.stock_of(session, lamp)
            promised = sum((each for each, _ in standing(session, lamp).values()), Decimal(0))
            assert level.on_hand == on_hand
            assert level.reserved == promised <= level.on_hand
        assert verify_books(session) == []
