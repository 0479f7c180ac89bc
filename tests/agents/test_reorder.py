"""From a shipped box to a proposal and back: the whole road of a change event."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from agents.watchers import WATCHERS, run_forever, run_once
from core import catalog, inventory, parties, purchasing
from core.approvals import Proposal, ProposalState
from core.inventory import Incoming, Outgoing
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE
from tests.shop import as_person
from tools import TOOLBOX, ProposalView


def ship(engine: Engine, quantity: int, sku: str = "LAMP-01") -> None:
    with unit_of_work(engine) as session:
        inventory.issue_goods(
            session,
            [Outgoing(catalog.find_item(session, sku), Decimal(quantity))],
            location=inventory.main_location(session),
            origin="SHIPMENT",
            memo="shipped",
        )


def bring(engine: Engine, quantity: int, sku: str = "LAMP-01") -> None:
    with unit_of_work(engine) as session:
        item = catalog.find_item(session, sku)
        inventory.receive_goods(
            session,
            [Incoming(item, Decimal(quantity), Money.of(8 * quantity, "EUR"))],
            location=inventory.main_location(session),
            against=OPENING_BALANCE,
            origin="FOUND",
            memo="found",
        )


def watch(engine: Engine) -> list[uuid.UUID]:
    return run_once(engine, TOOLBOX, WATCHERS)


def look(engine: Engine, proposal: uuid.UUID) -> ProposalView:
    return TOOLBOX.look(engine, as_person(engine, "buyer"), proposal)


def decide(engine: Engine, shown: ProposalView, verdict: Any) -> Any:
    return TOOLBOX.decide(engine, as_person(engine, "buyer"), shown.id, verdict, seen=shown.digest)


@pytest.fixture
def proposal(shop: Engine) -> ProposalView:
    """What the watcher proposes after a shipment of five of twelve lamps."""
    ship(shop, 5)
    [opened] = watch(shop)
    return look(shop, opened)


def test_a_shortage_becomes_a_proposal_that_explains_itself(
    shop: Engine, proposal: ProposalView
) -> None:
    assert proposal.asked_by == "reorder"
    assert proposal.door == "watcher"
    [call] = proposal.calls
    assert call["arguments"]["quantity"] == "43"
    assert call["arguments"]["supplier"] == "S-00002"
    facts = proposal.reason["facts"]
    figures = {"on_hand": "7", "on_order": "0", "minimum": "10", "target": "50", "missing": "43"}
    assert figures.items() <= facts.items()
    [other] = proposal.reason["alternatives"]
    assert "Brightway" in other["label"]
    assert any("361.20 EUR" in line for line in other["effect"]["en"])
    assert any("350.45 EUR" in line for line in proposal.effect.lines())

    outcome = decide(shop, proposal, "approve")

    assert outcome.state == "executed"
    assert watch(shop) == []


def test_one_shortage_has_one_proposal(shop: Engine, proposal: ProposalView) -> None:
    ship(shop, 1)
    ship(shop, 1)

    assert watch(shop) == [proposal.id]
    assert watch(shop) == []


def test_goods_on_their_way_count_as_stock(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        purchasing.place_order(
            session,
            supplier=parties.find_supplier(session, "Brightway"),
            lines=[purchasing.OrderLineDraft(lamp, Decimal(60), Decimal("8.40"))],
        )
    ship(shop, 5)

    assert watch(shop) == []


def test_a_proposal_withdraws_itself_when_the_shortage_is_gone(
    shop: Engine, proposal: ProposalView
) -> None:
    bring(shop, 40)

    assert watch(shop) == []
    gone = look(shop, proposal.id)
    assert gone.state == ProposalState.WITHDRAWN
    assert gone.closed_because == "the cause is gone"


def test_a_proposal_that_is_no_longer_enough_is_replaced(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        inventory.set_reorder_rule(session, lamp, minimum=Decimal(13), target=Decimal(13))
    [small] = watch(shop)
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        inventory.set_reorder_rule(session, lamp, minimum=Decimal(100), target=Decimal(200))

    [large] = watch(shop)

    assert look(shop, small).state == ProposalState.WITHDRAWN
    assert look(shop, large).calls[0]["arguments"]["quantity"] == "188"


def test_a_no_is_respected_until_goods_come_in(shop: Engine, proposal: ProposalView) -> None:
    decide(shop, proposal, "reject")
    ship(shop, 1)
    assert watch(shop) == []

    bring(shop, 1)
    ship(shop, 1)

    assert len(watch(shop)) == 1


def test_what_nobody_sells_is_not_proposed(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        for name in ("Brightway", "Lumen & Co"):
            supplier = parties.find_supplier(session, name)
            parties.block_party(session, supplier.party, because="test")
    ship(shop, 5)

    assert watch(shop) == []


def test_below_a_suppliers_minimum_the_minimum_is_proposed(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        shade = catalog.find_item(session, "SHADE-02")
        inventory.set_reorder_rule(session, shade, minimum=Decimal(30), target=Decimal(31))
    ship(shop, 1, "SHADE-02")

    [opened] = watch(shop)

    assert look(shop, opened).calls[0]["arguments"]["quantity"] == "10"


@contextmanager
def watching(engine: Engine) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(engine, TOOLBOX, WATCHERS, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_within_two_seconds_an_open_proposal_stands_in_the_inbox(shop: Engine) -> None:
    with watching(shop):
        ship(shop, 5)
        started = time.monotonic()
        while not TOOLBOX.inbox(shop, as_person(shop, "buyer")):
            assert time.monotonic() - started < 10
            time.sleep(0.02)
        assert time.monotonic() - started < 2


def test_two_watching_processes_make_one_proposal(shop: Engine) -> None:
    with watching(shop), watching(shop):
        ship(shop, 5)
        time.sleep(1.5)

    with reading(shop) as session:
        assert session.scalars(select(func.count()).select_from(Proposal)).one() == 1
