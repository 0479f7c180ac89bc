"""Brightwheel Components, a mid-size maker and trader of bicycle parts, and its past.

The company is always the same: one seed, one calendar. Its past is written day by day through the
services that everybody uses, so every order, receipt, invoice, payment and entry is a real one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from agents.watchers import READERS
from channels.demo.folk import BUYERS, DEPARTMENTS, SELLERS, TERRITORIES, WORKERS
from channels.demo.goods import CATEGORIES, ITEMS, Goods
from core import approvals, catalog, hr, inventory, ledger, parties, purchasing
from core.catalog import Item, ItemCategory
from core.hr.tables import Department, Employee
from core.kernel import clock, events
from core.kernel.company import CompanyExists, CompanyRow, company, company_or_none, found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity import passwords
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.numbering import next_numbers
from core.ledger.chart import BANK, OPENING_BALANCE, SHARE_CAPITAL
from core.parties import Customer, Party, PartyKind, Supplier
from core.processes.history import HistoryRecorded

NAME, NAME_ZH = "Brightwheel Components", "明轮零部件有限公司"
SOURCE = "demo"
CURRENCY = "EUR"
BEGINNING = date(2025, 1, 2)
BUSINESS_DATE = date(2026, 6, 15)
SEED = 20260615
# For trying out only, and printed wherever the demo company is served.
PASSWORD = "brightwheel-2026"  # noqa: S105
PORTAL_CUSTOMER = "Acme Bikes"
LOGINS = (
    "admin",
    *(worker.login for worker in WORKERS if worker.login),
    "auditor",
    "portal",
)
SALES_TAX = PURCHASE_TAX = "DE19"
CAPITAL, LOAN = Decimal(600_000), Decimal(250_000)

# Items that end just above the level at which they are reordered: SKU: (minimum, target, on hand).
STORY_ITEMS: dict[str, tuple[int, int, int]] = {
    "LAMP-01": (10, 50, 12),
    "PAD-02": (40, 120, 43),
    "TUBE-03": (80, 240, 84),
    "CHAIN-02": (24, 72, 26),
    "BELL-01": (30, 90, 31),
    "GRIP-01": (20, 80, 22),
}


class DemoUnfinished(DomainError):
    """The demo company is only half there; start in an empty folder (PROKURIST_HOME)."""

    zh = "演示公司上次写入时被中断。请使用空数据库：删除其目录，或用 PROKURIST_HOME 另选位置。"


@dataclass(frozen=True)
class World:
    """Whom and what the demo company deals with: our ids of items, numbers of parties."""

    items: dict[str, UUID]
    # Customers by name; suppliers by id, as orders know them.
    customers: dict[str, str]
    suppliers: dict[UUID, str]


def load_demo(engine: Engine, *, told: Callable[[str], None] = lambda _text: None) -> bool:
    """Fill an empty database with the demo company; tell whether there was anything to do.

    It is written day by day; the company gets its business date on the last one, so that a past
    that was interrupted is told from a whole one.
    """
    with reading(engine) as session:
        ours = session.scalar(select(CompanyRow))
    if ours is not None:
        if ours.name != NAME:
            raise CompanyExists(name=ours.name)
        if ours.business_date is None:
            raise DemoUnfinished
        return False
    from channels.demo.history import write_history  # noqa: PLC0415  # It builds on this module.

    told(f"{NAME} · {NAME_ZH}")
    with clock.on_business_date(BEGINNING), unit_of_work(engine) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('import'))"))
        world = _found(session)
    write_history(engine, world, told=told)
    with unit_of_work(engine) as session:
        session.get_one(CompanyRow, 1).business_date = BUSINESS_DATE
        # History is no news: the watchers start after it, and are not flooded by it.
        for reader in READERS:
            events.skip_to_now(session, reader)
    return True


def serves_demo(engine: Engine) -> bool:
    """Tell whether this database holds the demo company."""
    with reading(engine) as session:
        ours = company_or_none(session)
    return ours is not None and ours.name == NAME


def money(amount: Decimal | int) -> Money:
    """Return an amount in the company's currency, rounded to the cent."""
    return Money.rounding(Decimal(amount), CURRENCY)


def noon(day: date) -> datetime:
    """Return the middle of a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def reorder_levels(goods: Goods) -> tuple[int, int]:
    """Return the level at which an item is reordered, and the one it is filled up to."""
    if goods.sku in STORY_ITEMS:
        minimum, target, _ = STORY_ITEMS[goods.sku]
        return minimum, target
    return goods.lot * 16, goods.lot * 48


def _found(session: Session) -> World:
    """Open the books and note everybody and everything, on the first day."""
    from channels.demo.finance import agree_on_payment, open_finance  # noqa: PLC0415

    found_company(
        session,
        name=NAME,
        name_zh=NAME_ZH,
        country="DE",
        currency=CURRENCY,
        time_zone="Europe/Berlin",
    )
    ledger.open_standard_chart(session)
    for year in (2025, 2026, 2027):
        ledger.open_fiscal_year(session, year)
    open_finance(session)
    inventory.open_standard_locations(session)
    catalog.open_standard_catalog(session)
    approvals.set_standard_limits(session)
    workers = _hire(session)
    sellers = tuple(workers[worker.name].id for worker in WORKERS if worker.department == "SALES")
    items = _list_items(session)
    customers = _meet_customers(session, sellers)
    suppliers = _meet_suppliers(session, items)
    _open_accounts(session, workers, customers[PORTAL_CUSTOMER].party)
    _bring_capital(session, items)
    world = World(
        items={sku: item.id for sku, item in items.items()},
        customers={name: customer.party.number for name, customer in customers.items()},
        suppliers={supplier.party_id: supplier.party.number for supplier in suppliers},
    )
    agree_on_payment(session, world)
    return world


def _hire(session: Session) -> dict[str, Party]:
    departments = {
        code: Department(code=code, name=name, name_zh=name_zh)
        for code, (name, name_zh) in DEPARTMENTS.items()
    }
    session.add_all(departments.values())
    country = company(session).country
    numbers = next_numbers(session, "E", len(WORKERS))
    hired = {}
    for number, worker in zip(numbers, WORKERS, strict=True):
        party = parties.add_party(
            session, name=worker.name, kind=PartyKind.PERSON, language=worker.language
        )
        employee = Employee(
            number=number,
            party_id=party.id,
            department_id=departments[worker.department].id,
            job_title=worker.job,
            hired_on=date.fromisoformat(worker.hired),
        )
        session.add(employee)
        session.flush()
        hr.begin_employment(
            session,
            employee,
            hr.Terms(employee.job_title, employee.department_id, country=country),
            starts_on=employee.hired_on,
            ends_on=None,
        )
        hired[worker.name] = party
    fact = HistoryRecorded("employee", SOURCE, len(numbers), numbers[0], numbers[-1], None)
    events.record(session, fact)
    return hired


def _list_items(session: Session) -> dict[str, Item]:
    categories: dict[str, ItemCategory] = {}
    for code, (name, name_zh, above) in CATEGORIES.items():
        categories[code] = catalog.add_category(
            session,
            code=code,
            name=name,
            name_zh=name_zh,
            parent=categories[above] if above else None,
        )
    items = {}
    for goods in ITEMS:
        item = catalog.add_item(
            session,
            sku=goods.sku,
            name=goods.name,
            name_zh=goods.name_zh,
            unit_code=goods.unit,
            category=categories[goods.category],
            standard_cost=goods.cost,
            sales_tax_code=SALES_TAX,
            purchase_tax_code=PURCHASE_TAX,
        )
        catalog.set_price(session, item, unit_price=goods.price, valid_from=BEGINNING)
        minimum, target = reorder_levels(goods)
        inventory.set_reorder_rule(session, item, minimum=Decimal(minimum), target=Decimal(target))
        items[goods.sku] = item
    return items


def _meet_customers(session: Session, sellers: tuple[UUID, ...]) -> dict[str, Customer]:
    territories = {
        code: parties.add_territory(
            session, code=code, name=name, name_zh=name_zh, country=country, region=region
        )
        for code, (name, name_zh, country, region) in TERRITORIES.items()
    }
    customers = {}
    for place, buyer in enumerate(BUYERS):
        territory = territories[buyer.territory]
        customers[buyer.name] = parties.add_customer(
            session,
            name=buyer.name,
            name_zh=buyer.name_zh,
            credit_limit=money(buyer.limit),
            payment_days=30,
            territory=territory,
            salesperson_id=sellers[place % len(sellers)],
            group=buyer.group,
            email=buyer.email,
            country=territory.country,
            city=buyer.city,
            language=buyer.language,
        )
    return customers


def _meet_suppliers(session: Session, items: dict[str, Item]) -> list[Supplier]:
    suppliers = []
    for seller in SELLERS:
        supplier = parties.add_supplier(
            session,
            name=seller.name,
            name_zh=seller.name_zh,
            country=seller.country,
            city=seller.city,
            preferred=seller.factor == "1",
        )
        suppliers.append(supplier)
        for goods in ITEMS:
            if goods.category in seller.categories:
                price = (goods.cost * Decimal(seller.factor)).quantize(Decimal("0.01"))
                purchasing.list_offer(
                    session,
                    items[goods.sku],
                    supplier=supplier,
                    unit_price=price,
                    lead_time_days=seller.days,
                    minimum_quantity=Decimal(seller.minimum),
                )
    return suppliers


def _open_accounts(session: Session, workers: dict[str, Party], portal: Party) -> None:
    # They share one password, and so one hash: hashing takes long on purpose.
    password_hash = passwords.hashed(PASSWORD)

    def add(
        login: str,
        name: str,
        roles: tuple[str, ...],
        *,
        party: Party | None = None,
        language: str = "en",
    ) -> None:
        person = identity.add_person(
            session,
            login=login,
            name=name,
            roles=roles,
            language=language,
            party_id=party.id if party else None,
        )
        person.password_hash = password_hash

    add("admin", "Administrator", (Role.ADMIN,))
    for worker in WORKERS:
        if worker.login:
            party = workers[worker.name]
            add(worker.login, worker.name, worker.roles, party=party, language=worker.language)
    add("auditor", "Eva Stern", (Role.AUDITOR,))
    add("portal", f"{portal.name} (portal)", (Role.CUSTOMER,), party=portal)


def _bring_capital(session: Session, items: dict[str, Item]) -> None:
    """Pay in the capital, take up a loan, and open the stock at cost."""
    ledger.post_entry(
        session,
        [
            ledger.debit(BANK, money(CAPITAL + LOAN)),
            ledger.credit(SHARE_CAPITAL, money(CAPITAL)),
            ledger.credit("2500", money(LOAN)),
        ],
        memo="Share capital and bank loan · 实收资本与银行借款",
        origin="OPENING",
        journal=ledger.Journal.OPENING,
    )
    random = Random(SEED)  # noqa: S311  # A story, not a secret.
    goods = []
    for each in ITEMS:
        _, target = reorder_levels(each)
        quantity = Decimal(round(target * random.uniform(0.7, 1.2)))
        goods.append(inventory.Incoming(items[each.sku], quantity, money(quantity * each.cost)))
    inventory.receive_goods(
        session,
        goods,
        location=inventory.main_location(session),
        against=OPENING_BALANCE,
        origin="OPENING",
        memo="Opening stock · 期初库存",
    )
