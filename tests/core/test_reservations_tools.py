"""Reservations and lots on the one road: asked, shown, approved, undone."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from core import catalog, inventory, sales
from core.catalog import Tracking
from core.compliance import verify
from core.inventory import Incoming, LocationKind, LotPart
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE
from core.parties import Customer
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX, ProposalView


def undo(engine: Engine, proposal: ProposalView, who: str = "warehouse") -> str:
    undoing = TOOLBOX.undo(engine, as_person(engine, who), proposal.id)
    return approve(engine, undoing, "manager2")


def do(engine: Engine, tool: str, who: str = "warehouse", **arguments: object) -> ProposalView:
    proposal = propose(engine, who, tool, **arguments)
    approve(engine, proposal, "manager2")
    return proposal


def reserved(engine: Engine, sku: str = "LAMP-01") -> dict[str, tuple[int, bool]]:
    with reading(engine) as session:
        item = catalog.find_item(session, sku)
        found = inventory.list_promises(session, item=item)
        return {each.origin: (int(each.quantity), each.waiting) for each in found}


def test_what_was_given_back_is_kept_again_and_a_day_is_what_it_was(shop: Engine) -> None:
    do(shop, "reservations.reserve", item="LAMP-01", quantity=5, until="2026-06-30")
    longer = do(shop, "reservations.extend", reservation="RS-00001", until="2026-07-31")
    assert undo(shop, longer) == "RS-00001: 5 × LAMP-01 are reserved until 2026-06-30."

    released = do(shop, "reservations.release", reservation="RS-00001", quantity=2)
    assert undo(shop, released) == "RS-00002: 2 × LAMP-01 are reserved until 2026-06-30."

    assert reserved(shop) == {"RS-00001": (3, False), "RS-00002": (2, False)}
    with reading(shop) as session:
        assert verify(session) == []


def test_a_day_that_was_never_said_cannot_be_taken_back(shop: Engine) -> None:
    do(shop, "reservations.reserve", item="LAMP-01", quantity=5)
    shorter = do(shop, "reservations.extend", reservation="RS-00001", until="2026-07-31")

    with pytest.raises(Exception, match="reserve it anew instead"):
        TOOLBOX.undo(shop, as_person(shop, "warehouse"), shorter.id)


def test_who_was_served_waits_again_and_a_priority_is_given_back(shop: Engine) -> None:
    do(shop, "reservations.reserve", item="LAMP-01", quantity=9)
    do(shop, "reservations.reserve", item="LAMP-01", quantity=5, waits=True)
    with unit_of_work(shop) as session:
        # Given back by something that serves nobody.
        aside = inventory.find_set_aside(session, "RS-00001")
        inventory.release(session, [aside.id], quantities={aside.id: Decimal(2)})

    first = do(shop, "reservations.prioritise", "manager", order="RS-00002", priority=8)
    served = do(shop, "reservations.retry", item="LAMP-01")
    assert ask(shop, "sales", "reservations.list", item="LAMP-01").sentence() == (
        "3 reservations, 0 of them waiting for goods."
    )

    assert undo(shop, served) == "RS-00002 waits for 2 × LAMP-01 again."
    assert undo(shop, first, "manager") == "RS-00002 has priority 5 now."
    with reading(shop) as session:
        assert verify(session) == []


@pytest.fixture
def glue_shop(shop: Engine) -> Engine:
    """The shop, with two lots of glue."""
    with unit_of_work(shop) as session:
        item = catalog.add_item(session, sku="GLUE", name="Glue", name_zh="胶水")
        catalog.set_price(session, item, unit_price=Decimal(5))
        inventory.set_tracking(session, item, Tracking.LOT)
        parts = (LotPart("A", Decimal(4), date(2026, 7, 1)), LotPart("B", Decimal(6)))
        inventory.receive_goods(
            session,
            [Incoming(item, Decimal(10), Money.of("20", "EUR"), parts)],
            location=inventory.main_location(session),
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="opening stock",
            from_kind=LocationKind.ADJUSTMENT,
        )
    return shop


def lots(engine: Engine) -> dict[str, tuple[int, int, str]]:
    with reading(engine) as session:
        found = inventory.lots_of(session, catalog.find_item(session, "GLUE"))
        return {each.number: (int(each.on_hand), int(each.reserved), each.status) for each in found}


def test_an_expiry_date_is_corrected_shown_and_given_back(glue_shop: Engine) -> None:
    changed = propose(
        glue_shop,
        "manager",
        "lots.change_expiry",
        lot="A",
        expires_on="2026-06-01",
        because="leaks",
    )
    assert "2026-07-01 → 2026-06-01" in changed.effect.lines("zh")[0]
    approve(glue_shop, changed, "manager2")
    assert lots(glue_shop)["A"] == (4, 0, "expired")

    assert undo(glue_shop, changed, "manager") == "Lot A of GLUE is good until 2026-07-01."
    with pytest.raises(NotPermitted):
        propose(glue_shop, "sales", "lots.change_expiry", lot="A", because="x")


def test_a_lot_meant_for_an_order_is_taken_back_from_it(glue_shop: Engine) -> None:
    with unit_of_work(glue_shop) as session:
        glue = catalog.find_item(session, "GLUE")
        line = [sales.OrderLineDraft(glue, Decimal(3), Decimal(5))]
        buyer = session.scalars(select(Customer).limit(1)).one()
        order = sales.confirm_order(session, customer=buyer, lines=line).number

    assigned = do(glue_shop, "lots.assign", order=order, lot="B", quantity=3)
    assert lots(glue_shop) == {"A": (4, 0, "free"), "B": (6, 3, "free")}

    assert undo(glue_shop, assigned) == (
        f"{order}: 3 × GLUE may leave from any lot again, not only from B."
    )
    assert lots(glue_shop) == {"A": (4, 0, "free"), "B": (6, 0, "free")}
    assert reserved(glue_shop, "GLUE") == {order: (3, False)}
    with reading(glue_shop) as session:
        assert verify(session) == []


def test_every_way_of_goods_takes_their_lots_along(glue_shop: Engine) -> None:
    do(glue_shop, "locations.add", code="N", name="North", name_zh="北仓")
    do(glue_shop, "inventory.transfer_stock", item="GLUE", quantity=1, target="N")
    do(glue_shop, "transfers.ship", lines=[{"item": "GLUE", "quantity": 2}], target="N")
    do(glue_shop, "transfers.receive", transfer="TR-00002")
    do(glue_shop, "holding.hold", item="GLUE", quantity=2, because="smells")
    do(glue_shop, "holding.scrap_held", hold="QH-00001", quantity=1, because="smells")
    do(glue_shop, "holding.release", hold="QH-00001")
    held = do(glue_shop, "lots.hold", lot="B", because="checked")
    undo(glue_shop, held, "manager")

    with reading(glue_shop) as session:
        glue = catalog.find_item(session, "GLUE")
        found = {
            (each.location, each.number): int(each.on_hand)
            for each in inventory.lots_of(session, glue)
        }
        assert sum(found.values()) == 9
        assert found["N", "A"] == 3
        assert verify(session) == []


def test_undoing_a_receipt_lets_those_wait_again_who_were_promised_its_goods(
    shop: Engine,
) -> None:
    do(shop, "reservations.reserve", item="LAMP-01", quantity=14, waits=True)
    do(shop, "purchasing.order_item", "allrounder", item="LAMP-01", quantity=10)
    came = propose(shop, "warehouse", "purchasing.receive_order", order="PO-00001")
    approve(shop, came)
    assert [waiting for _, waiting in reserved(shop).values()] == [False]

    undoing = TOOLBOX.undo(shop, as_person(shop, "warehouse"), came.id)
    assert any("RS-00001" in line for line in undoing.effect.lines())
    approve(shop, undoing, "manager2")

    with reading(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        assert inventory.stock_of(session, lamp).on_hand == 12
        waiting = inventory.list_promises(session, item=lamp, only_waiting=True)
        assert sum(each.quantity for each in waiting) == 2
        assert verify(session) == []
