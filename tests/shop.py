"""A small shop to play with: three items, three suppliers, two customers, people of every role."""

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import Engine

from core import approvals, catalog, inventory, parties, purchasing
from core.inventory import Incoming
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE

PASSWORD = "spring rain 26"

# Everybody's login is their role, and there are two managers; `portal` is the customer Acme.
PEOPLE = {role.value: {role} for role in Role if role is not Role.WATCHER} | {
    "manager2": {Role.MANAGER},
    "nobody": set(),
    "allrounder": set(Role) - {Role.WATCHER, Role.CUSTOMER},
}


def fill_shop(engine: Engine) -> None:
    """Fill the empty books of a company with a shop."""
    with unit_of_work(engine) as session:
        main = inventory.main_location(session)
        suppliers = {
            name: parties.add_supplier(session, name=name, payment_days=days)
            for name, days in (("Brightway", 30), ("Lumen & Co", 14), ("Shades Ltd", 30))
        }
        acme = parties.add_customer(
            session, name="Acme Bikes", name_zh="艾克米自行车", credit_limit=Money.of(5000, "EUR")
        )
        parties.add_customer(session, name="Nordwind GmbH")
        goods = []
        for sku, name, name_zh, cost, price in (
            ("LAMP-01", "Desk lamp", "台灯", "8.00", "15.00"),
            ("SHADE-02", "Lamp shade", "灯罩", "2.00", "4.50"),
            ("BULB-03", "Bulb", "灯泡", "0.50", "1.20"),
        ):
            item = catalog.add_item(
                session, sku=sku, name=name, name_zh=name_zh, standard_cost=Decimal(cost)
            )
            catalog.set_price(session, item, unit_price=Decimal(price))
            goods.append(item)
        lamp, shade, bulb = goods
        for item, supplier, price, minimum in (
            (lamp, "Brightway", "8.40", 1),
            (lamp, "Lumen & Co", "8.15", 1),
            (shade, "Shades Ltd", "2.05", 10),
            (bulb, "Lumen & Co", "0.52", 100),
        ):
            purchasing.list_offer(
                session,
                item,
                supplier=suppliers[supplier],
                unit_price=Decimal(price),
                minimum_quantity=Decimal(minimum),
                lead_time_days=7,
            )
        inventory.set_reorder_rule(session, lamp, minimum=Decimal(10), target=Decimal(50))
        inventory.receive_goods(
            session,
            [
                Incoming(lamp, Decimal(12), Money.of("96.00", "EUR")),
                Incoming(shade, Decimal(30), Money.of("60.00", "EUR")),
            ],
            location=main,
            against=OPENING_BALANCE,
            origin="OPENING",
            memo="Opening stock",
        )
        approvals.set_standard_limits(session)
        for login, roles in PEOPLE.items():
            identity.add_person(
                session,
                login=login,
                name=login.title(),
                roles=roles,
                party_id=acme.party_id if login == "customer" else None,
            )


def as_person(engine: Engine, login: str, language: Language = "en") -> Acting:
    """Return somebody of the shop, acting through a test."""
    with reading(engine) as session:
        actor = identity.find_actor(session, login)
    return Acting(replace(actor, language=language), door="test")
