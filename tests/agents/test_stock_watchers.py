"""Lots that expire and orders that wait: what the watchers suggest, and when they are silent."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from agents.watchers import run_once
from agents.watchers.expiring import EXPIRING
from agents.watchers.held import HELD
from core import catalog, inventory, parties, purchasing, sales
from core.approvals import ProposalState
from core.catalog import Tracking
from core.inventory import LotPart, Outgoing
from core.kernel import clock
from core.kernel.database import unit_of_work
from core.kernel.money import Money
from tests.conftest import TODAY, Databases
from tests.shop import as_person
from tools import TOOLBOX, ProposalView

SOON = TODAY + timedelta(days=10)


@pytest.fixture
def shop(databases: Databases) -> Iterator[Engine]:
    """The small shop; what it has on hold and in lots is written into it by each test."""
    engine = databases("shop")
    yield engine
    engine.dispose()


def watch(engine: Engine, day: date = TODAY) -> list[uuid.UUID]:
    with clock.on_business_date(day):
        return run_once(engine, TOOLBOX, (EXPIRING, HELD))


def look(engine: Engine, proposal: uuid.UUID) -> ProposalView:
    return TOOLBOX.look(engine, as_person(engine, "admin"), proposal)


def decide(engine: Engine, shown: ProposalView, verdict: str) -> None:
    boss = as_person(engine, "admin")
    TOOLBOX.decide(engine, boss, shown.id, verdict, seen=shown.digest, reason="seen")


def bring(engine: Engine, number: str, quantity: int, expires_on: date) -> None:
    """Order and receive a lot of something new."""
    with unit_of_work(engine) as session:
        if number == "L-1":
            glue = catalog.add_item(session, sku="GLUE-09", name="Glue", name_zh="胶水")
            inventory.set_tracking(session, glue, Tracking.LOT)
        glue = catalog.find_item(session, "GLUE-09")
        order = purchasing.place_order(
            session,
            supplier=parties.find_supplier(session, "Brightway"),
            lines=[purchasing.OrderLineDraft(glue, Decimal(quantity), Decimal(2))],
        )
        part = LotPart(number, Decimal(quantity), expires_on)
        purchasing.receive_order(session, order.number, lots={1: [part]})


def use(engine: Engine, quantity: int) -> None:
    with unit_of_work(engine) as session:
        inventory.issue_goods(
            session,
            [Outgoing(catalog.find_item(session, "GLUE-09"), Decimal(quantity))],
            location=inventory.main_location(session),
            origin="SHIPMENT",
            memo="shipped",
        )


def test_what_will_be_left_of_a_lot_goes_back_and_then_it_is_quiet(shop: Engine) -> None:
    bring(shop, "L-1", 40, SOON)

    [opened] = watch(shop)
    shown = look(shop, opened)

    [call] = shown.calls
    assert (call["tool"], call["arguments"]["quantity"]) == ("purchasing.return_receipt", "40")
    english, chinese = shown.reason["explained"]
    assert "40 on hand, good until 2026-06-25 (10 days)" in english
    assert "40 will be left, worth 80.00 EUR" in english
    assert "剩余 40，价值 80.00 EUR" in chinese
    assert watch(shop) == []
    decide(shop, shown, "reject")
    bring(shop, "L-2", 5, TODAY + timedelta(days=300))
    assert watch(shop) == [], "nothing has changed but the time"
    use(shop, 10)
    [again] = watch(shop)
    assert look(shop, again).calls[0]["arguments"]["quantity"] == "30"
    decide(shop, look(shop, again), "approve")
    assert watch(shop) == []


def test_an_expired_lot_is_scrapped(shop: Engine) -> None:
    bring(shop, "L-1", 4, TODAY - timedelta(days=1))

    [opened] = watch(shop)
    shown = look(shop, opened)

    assert (shown.calls[0]["tool"], shown.reason["rule"]) == ("holding.scrap", "expired lot")
    assert any("8.00 EUR" in line for line in shown.effect.lines())
    decide(shop, shown, "approve")
    with unit_of_work(shop) as session:
        item = catalog.find_item(session, "GLUE-09")
        assert inventory.stock_of(session, item).on_hand == 0


def held_order(engine: Engine) -> str:
    with unit_of_work(engine) as session:
        sales.set_policy(session, sales.CreditPolicy(holds_beyond_limit=True))
        buyer = parties.find_customer(session, "Acme Bikes")
        parties.set_credit_limit(session, buyer, Money.of("10", "EUR"))
        draft = sales.OrderLineDraft(catalog.find_item(session, "LAMP-01"), Decimal(1))
        return sales.confirm_order(session, customer=buyer, lines=[draft]).number


def test_an_order_on_hold_is_released_when_its_cause_is_gone_and_given_up_when_it_stays(
    shop: Engine,
) -> None:
    number = held_order(shop)
    assert watch(shop) == []
    stir(shop, "1")

    [opened] = watch(shop, TODAY + timedelta(days=20))
    shown = look(shop, opened)

    assert shown.calls[0]["tool"] == "sales.cancel_order"
    assert shown.reason["facts"]["order"] == number
    english, chinese = shown.reason["explained"]
    assert "on hold for 20 days: credit limit, that is still so" in english
    assert "已暂停 20 天" in chinese
    with unit_of_work(shop) as session:
        buyer = parties.find_customer(session, "Acme Bikes")
        parties.set_credit_limit(session, buyer, Money.of("90000", "EUR"))
    stir(shop, "2")
    [better] = watch(shop, TODAY + timedelta(days=20))
    assert look(shop, opened).state == ProposalState.WITHDRAWN
    shown = look(shop, better)
    assert (shown.calls[0]["tool"], shown.reason["rule"]) == (
        "sales.release_order",
        "hold without a cause",
    )
    decide(shop, shown, "reject")
    stir(shop, "3")
    assert watch(shop, TODAY + timedelta(days=21)) == []


def stir(engine: Engine, reference: str) -> None:
    """Let something happen that orders are told of."""
    with unit_of_work(engine) as session:
        buyer = parties.find_customer(session, "Nordwind GmbH")
        draft = sales.OrderLineDraft(catalog.find_item(session, "LAMP-01"), Decimal(1))
        sales.confirm_order(session, customer=buyer, lines=[draft], reference=reference)
