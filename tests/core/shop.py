"""A small shop for the tests of trade: two items, two suppliers, one customer, some stock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from core import catalog, inventory, ledger, parties, purchasing
from core.catalog import Item, ItemKind
from core.inventory import Incoming
from core.kernel.identity.acting import Acting, Actor
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE
from core.parties import Customer, Supplier
from core.reporting.lists import Listing, ListQuery, list_records


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@dataclass(frozen=True)
class Shop:
    """Who and what there is."""

    lamp: Item
    bulb: Item
    advice: Item
    works: Supplier
    lux: Supplier
    haus: Customer


def open_shop(session: Session, *, limit: str | None = "1000") -> Shop:
    """Open it: 12 lamps at 8.00 on hand, sold at 20.00 with 19 % tax; no bulbs yet."""
    ledger.add_tax_code(session, code="V19", name="VAT 19 %", name_zh="增值税", percent=Decimal(19))
    lamp = catalog.add_item(session, sku="LAMP-01", name="Desk lamp", name_zh="台灯")
    bulb = catalog.add_item(
        session, sku="BULB-02", name="Bulb", sales_tax_code="V19", purchase_tax_code="V19"
    )
    advice = catalog.add_item(
        session, sku="ADVICE", name="Lighting advice", kind=ItemKind.SERVICE, unit_code="h"
    )
    for item, price in ((lamp, "20"), (bulb, "1.99"), (advice, "80")):
        catalog.set_price(session, item, unit_price=Decimal(price))
    works = parties.add_supplier(session, name="Lumen Works", payment_days=30)
    lux = parties.add_supplier(session, name="Lux GmbH", payment_days=14)
    purchasing.list_offer(
        session, lamp, supplier=works, unit_price=Decimal("8.15"), lead_time_days=14
    )
    purchasing.list_offer(
        session,
        lamp,
        supplier=lux,
        unit_price=Decimal("7.9"),
        lead_time_days=5,
        minimum_quantity=Decimal(50),
    )
    purchasing.list_offer(
        session, bulb, supplier=works, unit_price=Decimal("0.333333"), lead_time_days=7
    )
    haus = parties.add_customer(
        session, name="Rad Haus", credit_limit=None if limit is None else eur(limit)
    )
    stock(session, lamp, "12", "96")
    return Shop(lamp, bulb, advice, works, lux, haus)


def stock(session: Session, item: Item, quantity: str, value: str) -> None:
    """Put something on the shelf."""
    inventory.receive_goods(
        session,
        [Incoming(item, Decimal(quantity), eur(value))],
        location=inventory.main_location(session),
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="opening stock",
        from_kind=inventory.LocationKind.ADJUSTMENT,
    )


@contextmanager
def acting_as(session: Session, name: str) -> Iterator[None]:
    """Let somebody else act for a while."""
    before = session.info["acting"]
    session.info["acting"] = Acting(Actor(name))
    try:
        yield
    finally:
        session.info["acting"] = before


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Note every statement that is sent."""
    sent: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def listed(session: Session, records: str, **parts: Any) -> Listing:
    """Return a list of records by its typed question."""
    return list_records(session, ListQuery.model_validate({"records": records, **parts}))
