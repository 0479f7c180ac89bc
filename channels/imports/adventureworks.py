"""Bring a company from the AdventureWorks files into our own core, whole or not at all.

Everything is written in one transaction. What was brought before is known by its references and
is left alone, so an import that is run again brings what is new, and otherwise changes nothing.
"""

import time
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session, joinedload

from channels.imports import adventureworks_rows as rows
from channels.imports.adventureworks_source import SHEETS, Source, read_source
from channels.imports.adventureworks_words import in_chinese
from channels.imports.report import BrokenRows, FileReport, ImportReport, Progress, Reason, silent
from core import catalog, inventory, ledger, parties, purchasing
from core.catalog.tables import Item, ItemCategory, Unit
from core.hr.tables import Department, Employee
from core.inventory.tables import Location
from core.kernel import clock, events, references
from core.kernel.bulk import copy_rows
from core.kernel.company import CompanyExists, RevenueBasis, company_or_none, found_company
from core.kernel.database import unit_of_work
from core.kernel.events import WatchCursor
from core.kernel.identifiers import new_id
from core.kernel.identity import service as identity
from core.kernel.identity.acting import SYSTEM, Acting
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.numbering import next_numbers
from core.ledger.chart import OPENING_BALANCE, open_standard_chart
from core.parties.tables import Customer, Party, PartyKind, Supplier
from core.processes.history import (
    HistoricPurchaseLine,
    HistoricPurchaseOrder,
    HistoricSalesLine,
    HistoricSalesOrder,
    HistoryRecorded,
    record_purchase_history,
    record_sales_history,
)
from core.purchasing.tables import OrderState as PurchaseState
from core.sales.tables import OrderState as SalesState

SOURCE = "adventureworks"
NAME, NAME_ZH = "Adventure Works Cycles", "冒险工坊自行车公司"
CURRENCY = "USD"
BUSINESS_DATE = date(2014, 6, 30)
FISCAL_YEARS = (2014, 2015)
ADMIN = "admin"
# Products are counted one by one; what vendors pack them in is no unit of stock.
ITEM_UNIT = "EA"
MAIN_OFFICE, HOME = 3, 2

PURCHASE_STATES = {
    1: PurchaseState.DRAFT,
    2: PurchaseState.PLACED,
    3: PurchaseState.CANCELLED,
    4: PurchaseState.RECEIVED,
}
SHIPPED = 5
SALES_STATES = {
    1: SalesState.CONFIRMED,
    2: SalesState.CONFIRMED,
    3: SalesState.CONFIRMED,
    4: SalesState.CANCELLED,
    SHIPPED: SalesState.DELIVERED,
    6: SalesState.CANCELLED,
}
# What the people of a department do in our house.
ROLES_OF_DEPARTMENT = {
    "Sales": Role.SALES,
    "Marketing": Role.MARKETING,
    "Purchasing": Role.BUYER,
    "Production": Role.PRODUCTION,
    "Production Control": Role.PRODUCTION,
    "Human Resources": Role.HR,
    "Finance": Role.ACCOUNTANT,
    "Shipping and Receiving": Role.WAREHOUSE,
    "Executive": Role.MANAGER,
}

REPEATED_STORE: Reason = (
    "a store without a contact that is also there with one: the same customer of ours",
    "没有联系人的门店记录，与有联系人的同一门店合并为一个客户",
)
SAME_UNIT: Reason = ("a unit that we have already", "我们已有的计量单位")
NOT_PRESENT: Reason = ("a department somebody has left", "员工已离开的部门")
NOTHING_THERE: Reason = ("a place where nothing lies", "该库位没有库存")
OF_NOBODY: Reason = (
    "about somebody who is neither customer, supplier nor employee, or a second address",
    "与客户、供应商、员工无关，或为第二地址",
)
NOTES: tuple[Reason, ...] = (
    (
        "Goods of purchase orders count as received on the order's ShipDate: there is no other.",
        "采购收货日期取订单的 ShipDate：源数据中没有其他日期。",
    ),
    (
        "Orders are history and moved neither stock nor books; stock is opened at standard cost.",
        "订单为历史数据，未影响库存与账簿；库存按标准成本估值，作为业务日期的期初余额。",
    ),
    (
        "Employees have accounts without a password; an administrator gives them one.",
        "员工已有账号但没有密码，需由管理员设置。",
    ),
)

K = TypeVar("K")
V = TypeVar("V")


def import_adventureworks(
    engine: Engine,
    folder: Path,
    *,
    acting: Acting = SYSTEM,
    skip_broken: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Read the files, check them, and write what is new in one transaction.

    A row that cannot be used stops the import before it wrote anything, unless it is to be
    skipped; an order of which one line is broken is left out whole.
    """
    started = time.monotonic()
    read = 0

    def reading(file: str) -> None:
        nonlocal read
        progress("reading", file, read, len(SHEETS))
        read += 1

    source = read_source(folder, reading)
    faults = source.faults()
    if faults and not skip_broken:
        raise BrokenRows(faults)
    with unit_of_work(engine, acting) as session:
        # Two imports at once: the second waits, and then finds everything here.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('import'))"))
        _open_books(session)
        importing = _Import(session, source, progress)
        importing.run()
    with unit_of_work(engine, acting) as session:
        # History is no news: the watcher starts after it, and is not flooded by it.
        if session.get(WatchCursor, "reorder") is None:
            events.skip_to_now(session, "reorder")
    used = {sheet.file for sheet in source.sheets()}
    return ImportReport(
        company=NAME,
        files=list(importing.files.values()),
        faults=faults,
        not_read=sorted(file.name for file in folder.glob("*.csv*") if file.name not in used),
        notes=list(NOTES),
        seconds=time.monotonic() - started,
    )


def _open_books(session: Session) -> None:
    """Found the company in an empty database; refuse the books of another one."""
    ours = company_or_none(session)
    if ours is not None:
        if ours.name != NAME:
            raise CompanyExists(name=ours.name)
        return
    found_company(
        session,
        name=NAME,
        name_zh=NAME_ZH,
        country="US",
        currency=CURRENCY,
        business_date=BUSINESS_DATE,
        revenue_basis=RevenueBasis.ORDERS,
    )
    open_standard_chart(session)
    for year in FISCAL_YEARS:
        ledger.open_fiscal_year(session, year)
    inventory.open_standard_locations(session)
    catalog.open_standard_catalog(session)
    identity.add_person(
        session, login=ADMIN, name="Administrator", roles=[Role.ADMIN, Role.MANAGER]
    )


class _Import:
    """One run: what is known, what is new, and how far it is."""

    def __init__(self, session: Session, source: Source, progress: Progress) -> None:
        self.session, self.source, self.progress = session, source, progress
        self.files = {
            sheet.name: FileReport(sheet.file, sheet.read_count, broken=len(sheet.faults))
            for sheet in source.sheets()
        }
        self.done, self.total = 0, sum(len(sheet) for sheet in source.sheets())
        self.people = {row.business_entity_id: row for row in source.persons}
        self.emails = {row.business_entity_id: row.email_address for row in source.emails}
        self.phones = {row.business_entity_id: row.phone_number for row in source.phones}
        self.addresses = self._addresses()
        self.parties_described: set[int] = set()

    def run(self) -> None:
        """Write everything, from what stands alone to what refers to it."""
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("SalesTerritory", self._territories),
            ("Employee", self._employees),
            ("Vendor", self._vendors),
            ("Customer", self._customers),
            ("Product", self._items),
            ("ProductListPriceHistory", self._prices),
            ("ProductVendor", self._offers),
            ("ProductInventory", self._stock),
            ("PurchaseOrderHeader", self._purchases),
            ("SalesOrderHeader", self._sales),
        )
        for name, step in steps:
            self.progress("writing", name, self.done, self.total)
            step()
        self._account_for_contacts()
        self.progress("writing", "", self.total, self.total)

    # Parties.

    def _territories(self) -> None:
        known = self._known("territory")
        new: dict[str, uuid.UUID] = {}
        for row in self._ticking(self.source.territories):
            if str(row.territory_id) in known:
                continue
            territory = parties.add_territory(
                self.session,
                code=row.name.upper().replace(" ", "-"),
                name=row.name,
                name_zh=in_chinese(row.name),
                country=row.country_region_code,
                region=row.group,
            )
            new[str(row.territory_id)] = territory.id
        self._remember("territory", new, self.files["SalesTerritory"], len(known))
        self.territories = {int(key): ours for key, ours in {**known, **new}.items()}

    def _employees(self) -> None:
        departments = self._departments()
        known = self._known("employee")
        present = {
            row.business_entity_id: row.department_id
            for row in self.source.employee_departments
            if row.end_date is None
        }
        report = self.files["EmployeeDepartmentHistory"]
        report.skip(NOT_PRESENT, report.read - len(present) - report.broken)
        coming = [
            row
            for row in self._ticking(self.source.employees)
            if str(row.business_entity_id) not in known
        ]
        entities = [row.business_entity_id for row in coming]
        ids = self._write_parties("P", {entity: self._person(entity) for entity in entities})
        numbers = iter(next_numbers(self.session, "E", len(coming)) if coming else ())
        names = {row.department_id: row.name for row in self.source.departments}
        at, employees = clock.now(), []
        for row in coming:
            entity = row.business_entity_id
            employees.append(
                {
                    "id": new_id(),
                    "created_at": at,
                    "number": next(numbers),
                    "party_id": ids[entity],
                    "department_id": departments[present[entity]],
                    "job_title": row.job_title,
                    "hired_on": row.hire_date,
                }
            )
            role = ROLES_OF_DEPARTMENT.get(names[present[entity]], Role.EMPLOYEE)
            identity.add_person(
                self.session,
                login=_login(row.login_id),
                name=self.people[entity].name,
                roles=[role],
                party_id=ids[entity],
                email=self.emails.get(entity),
            )
        if employees:
            self.session.execute(insert(Employee), employees)
            self._record("employee", [str(each["number"]) for each in employees])
        new = {str(entity): ours for entity, ours in ids.items()}
        self._remember("employee", new, self.files["Employee"], len(known))
        report.written, report.known_before = len(new), len(present) - len(new)
        self.employees = {int(key): ours for key, ours in {**known, **new}.items()}
        sellers = self.files["SalesPerson"]
        fresh = sum(str(row.business_entity_id) in new for row in self.source.salespersons)
        sellers.written, sellers.known_before = fresh, len(self.source.salespersons) - fresh
        self._tick("SalesPerson", len(self.source.salespersons))

    def _departments(self) -> dict[int, uuid.UUID]:
        known = self._known("department")
        coming = [
            row
            for row in self._ticking(self.source.departments)
            if str(row.department_id) not in known
        ]
        at = clock.now()
        made = [
            {
                "id": new_id(),
                "created_at": at,
                "code": row.name.upper().replace(" ", "-"),
                "name": row.name,
                "name_zh": in_chinese(row.name),
            }
            for row in coming
        ]
        if made:
            self.session.execute(insert(Department), made)
            self._record("department", [str(each["code"]) for each in made])
        new = {
            str(row.department_id): uuid.UUID(str(each["id"]))
            for row, each in zip(coming, made, strict=True)
        }
        self._remember("department", new, self.files["Department"], len(known))
        self._tick("EmployeeDepartmentHistory", len(self.source.employee_departments))
        return {int(key): ours for key, ours in {**known, **new}.items()}

    def _vendors(self) -> None:
        known = self._known("vendor")
        coming = {
            row.business_entity_id: row
            for row in self._ticking(self.source.vendors)
            if str(row.business_entity_id) not in known
        }
        described = {
            entity: self._party(entity, row.name, PartyKind.COMPANY, contact=None)
            for entity, row in coming.items()
        }
        ids = self._write_parties("S", described)
        if ids:
            copy_rows(
                self.session,
                Supplier,
                ("party_id", "payment_days", "preferred", "rating"),
                (
                    (ids[entity], 30, row.preferred_vendor_status, row.credit_rating)
                    for entity, row in coming.items()
                ),
            )
        new = {str(entity): ours for entity, ours in ids.items()}
        self._remember("vendor", new, self.files["Vendor"], len(known))
        self.vendors = {int(key): ours for key, ours in {**known, **new}.items()}

    def _customers(self) -> None:
        """Bring customers: a store under its own name, once, and everybody else as a person."""
        known = self._known("customer")
        stores = {row.business_entity_id: row for row in self.source.stores}
        report = self.files["Customer"]
        new: dict[str, uuid.UUID] = {}
        # A store that orders is the row with both; the same store alone is that same customer.
        by_store = {
            row.store_id: row.customer_id
            for row in self.source.customers
            if row.store_id is not None and row.person_id is not None
        }
        described: dict[int, dict[str, Any]] = {}
        terms: dict[int, tuple[uuid.UUID, uuid.UUID | None, str]] = {}
        repeated: dict[int, int] = {}
        for row in self._ticking(self.source.customers):
            if str(row.customer_id) in known:
                continue
            store = stores[row.store_id] if row.store_id is not None else None
            if store is None:
                assert row.person_id is not None, "a customer is a person or a store"
                described[row.customer_id] = self._person(row.person_id)
                terms[row.customer_id] = (self.territories[row.territory_id], None, "individual")
                continue
            same = by_store.get(store.business_entity_id, row.customer_id)
            if same != row.customer_id:
                repeated[row.customer_id] = same
                continue
            entity = store.business_entity_id
            described[row.customer_id] = self._party(
                entity, store.name, PartyKind.COMPANY, contact=row.person_id
            )
            seller = self.employees[store.sales_person_id]
            terms[row.customer_id] = (self.territories[row.territory_id], seller, "store")
        ids = self._write_parties("C", described)
        copy_rows(
            self.session,
            Customer,
            ("party_id", "payment_days", "territory_id", "salesperson_id", "customer_group"),
            ((ids[key], 30, *terms[key]) for key in ids),
        )
        new = {str(key): ours for key, ours in ids.items()}
        self._remember("customer", new, report, len(known))
        everybody = {**known, **new}
        merged = {str(key): everybody[str(same)] for key, same in repeated.items()}
        references.remember(self.session, SOURCE, "customer", merged)
        report.skip(REPEATED_STORE, len(merged))
        self.customers = {int(key): ours for key, ours in {**everybody, **merged}.items()}
        self._tick("Store", len(self.source.stores))
        fresh = sum(1 for key in new if terms[int(key)][2] == "store")
        self.files["Store"].written = fresh
        self.files["Store"].known_before = len(self.source.stores) - fresh

    # Items.

    def _items(self) -> None:
        self._units()
        categories = self._categories()
        known = self._known("item")
        new: dict[str, uuid.UUID] = {}
        for row in self._ticking(self.source.products):
            if str(row.product_id) in known:
                continue
            item = catalog.add_item(
                self.session,
                sku=row.product_number,
                name=row.name,
                unit_code=ITEM_UNIT,
                category=categories.get(row.product_subcategory_id),
                standard_cost=row.standard_cost,
            )
            if row.reorder_point > 0 or row.safety_stock_level > 0:
                inventory.set_reorder_rule(
                    self.session,
                    item,
                    minimum=row.reorder_point,
                    target=max(row.safety_stock_level, row.reorder_point),
                )
            new[str(row.product_id)] = item.id
        self._remember("item", new, self.files["Product"], len(known))
        ids = {ours: int(key) for key, ours in {**known, **new}.items()}
        found = self.session.scalars(select(Item).where(Item.id.in_(ids)))
        self.items = {ids[item.id]: item for item in found}
        self.new_items = {int(key) for key in new}

    def _units(self) -> None:
        known = self._known("unit")
        ours = {code.lower() for code in self.session.scalars(select(Unit.code))}
        new: dict[str, uuid.UUID] = {}
        report = self.files["UnitMeasure"]
        for row in self._ticking(self.source.units):
            if row.unit_measure_code in known:
                continue
            if row.unit_measure_code.lower() in ours:
                report.skip(SAME_UNIT)
                continue
            catalog.add_unit(
                self.session,
                code=row.unit_measure_code,
                name=row.name,
                name_zh=in_chinese(row.name),
                digits=0,
            )
            # A unit is known by its code and has no id of its own.
            new[row.unit_measure_code] = new_id()
        self._remember("unit", new, report, len(known))

    def _categories(self) -> dict[int | None, ItemCategory]:
        tops = self._known("category")
        leaves = self._known("subcategory")
        made_tops: dict[str, uuid.UUID] = {}
        made_leaves: dict[str, uuid.UUID] = {}
        every: dict[uuid.UUID, ItemCategory] = {
            each.id: each for each in self.session.scalars(select(ItemCategory))
        }

        def added(name: str, parent: ItemCategory | None) -> ItemCategory:
            code = name.upper().replace(" ", "-")
            category = catalog.add_category(
                self.session, code=code, name=name, name_zh=in_chinese(name), parent=parent
            )
            every[category.id] = category
            return category

        for top in self._ticking(self.source.categories):
            if str(top.product_category_id) not in tops:
                made_tops[str(top.product_category_id)] = added(top.name, None).id
        self._remember("category", made_tops, self.files["ProductCategory"], len(tops))
        tops = {**tops, **made_tops}
        for leaf in self._ticking(self.source.subcategories):
            if str(leaf.product_subcategory_id) not in leaves:
                parent = every[tops[str(leaf.product_category_id)]]
                made_leaves[str(leaf.product_subcategory_id)] = added(leaf.name, parent).id
        self._remember("subcategory", made_leaves, self.files["ProductSubcategory"], len(leaves))
        return {int(key): every[ours] for key, ours in {**leaves, **made_leaves}.items()}

    def _prices(self) -> None:
        """Bring list prices from the day they began; the last one still holds."""
        known = self._known("price")
        new: dict[str, uuid.UUID] = {}
        listed: set[int] = set()
        for row in self._ticking(self.source.list_prices):
            listed.add(row.product_id)
            key = f"{row.product_id}-{row.start_date}"
            if key not in known:
                self._set_price(row.product_id, row.list_price, row.start_date)
                new[key] = self.items[row.product_id].id
        self._remember("price", new, self.files["ProductListPriceHistory"], len(known))
        for product in self.source.products:
            fresh = product.product_id in self.new_items and product.product_id not in listed
            if fresh and product.list_price > 0:
                self._set_price(product.product_id, product.list_price, product.sell_start_date)

    def _set_price(self, product: int, price: Decimal, since: date) -> None:
        catalog.set_price(self.session, self.items[product], unit_price=price, valid_from=since)

    def _offers(self) -> None:
        known = self._known("offer")
        new: dict[str, uuid.UUID] = {}
        suppliers = {
            supplier.party_id: supplier
            for supplier in self.session.scalars(
                select(Supplier)
                .where(Supplier.party_id.in_(list(self.vendors.values())))
                .options(joinedload(Supplier.party))
            )
        }
        for row in self._ticking(self.source.offers):
            key = f"{row.product_id}-{row.business_entity_id}"
            if key in known:
                continue
            offer = purchasing.list_offer(
                self.session,
                self.items[row.product_id],
                supplier=suppliers[self.vendors[row.business_entity_id]],
                unit_price=row.standard_price,
                lead_time_days=row.average_lead_time,
                minimum_quantity=row.min_order_qty,
            )
            new[key] = offer.id
        self._remember("offer", new, self.files["ProductVendor"], len(known))

    # Stock.

    def _stock(self) -> None:
        """Open the books of the stock: what lies where, at standard cost."""
        locations = self._locations()
        known = self._known("stock")
        report = self.files["ProductInventory"]
        coming: dict[int, list[inventory.Incoming]] = defaultdict(list)
        new: dict[str, uuid.UUID] = {}
        for row in self._ticking(self.source.stock):
            key = f"{row.product_id}-{row.location_id}"
            if key in known:
                continue
            if row.quantity == 0:
                report.skip(NOTHING_THERE)
                continue
            item = self.items[row.product_id]
            value = Money.rounding(item.standard_cost * row.quantity, CURRENCY)
            coming[row.location_id].append(inventory.Incoming(item, row.quantity, value))
            new[key] = item.id
        for location_id, goods in coming.items():
            inventory.receive_goods(
                self.session,
                goods,
                location=locations[location_id],
                against=OPENING_BALANCE,
                origin=f"OPENING {locations[location_id].code}",
                memo=f"Opening stock: {locations[location_id].name}",
                moved_on=BUSINESS_DATE,
            )
        self._remember("stock", new, report, len(known))

    def _locations(self) -> dict[int, Location]:
        known = self._known("location")
        new: dict[str, uuid.UUID] = {}
        main = inventory.main_location(self.session)
        for row in self._ticking(self.source.locations):
            if str(row.location_id) not in known:
                location = inventory.add_location(
                    self.session,
                    code=row.name.upper().replace(" ", "-"),
                    name=row.name,
                    name_zh=in_chinese(row.name),
                    parent=main,
                )
                new[str(row.location_id)] = location.id
        self._remember("location", new, self.files["Location"], len(known))
        ids = {ours: int(key) for key, ours in {**known, **new}.items()}
        found = self.session.scalars(select(Location).where(Location.id.in_(ids)))
        return {ids[location.id]: location for location in found}

    # Orders.

    def _purchases(self) -> None:
        lines = _grouped(self.source.purchase_lines, lambda row: row.purchase_order_id)
        before = {int(key) for key in self._known("purchase_order")}
        new_lines = sum(len(lines[key]) for key in lines if key not in before)

        def orders() -> Iterator[HistoricPurchaseOrder]:
            for row in self.source.purchase_orders:
                of_order = lines[row.purchase_order_id]
                yield self._purchase(row, of_order)
                self._tick("PurchaseOrderHeader", 1 + len(of_order))

        recorded = record_purchase_history(self.session, SOURCE, orders())
        self._account_for_orders("PurchaseOrder", recorded.orders, new_lines)

    def _purchase(
        self, row: rows.PurchaseOrderRow, lines: list[rows.PurchaseLineRow]
    ) -> HistoricPurchaseOrder:
        received = any(line.received_qty > 0 for line in lines)
        return HistoricPurchaseOrder(
            external_id=str(row.purchase_order_id),
            supplier_id=self.vendors[row.vendor_id],
            ordered_on=row.order_date,
            expected_on=max(line.due_date for line in lines),
            net=Money.rounding(row.sub_total, CURRENCY),
            tax=Money.rounding(row.tax_amt, CURRENCY),
            freight=Money.rounding(row.freight, CURRENCY),
            state=PURCHASE_STATES[row.status],
            received_on=row.ship_date if received else None,
            lines=[
                HistoricPurchaseLine(
                    item_id=self.items[line.product_id].id,
                    quantity=line.order_qty,
                    unit_price=line.unit_price,
                    net_amount=line.line_total,
                    due_on=line.due_date,
                    received_quantity=line.received_qty,
                    rejected_quantity=line.rejected_qty,
                )
                for line in lines
            ],
        )

    def _sales(self) -> None:
        lines = _grouped(self.source.sales_lines, lambda row: row.sales_order_id)
        before = {int(key) for key in self._known("sales_order")}
        new_lines = sum(len(lines[key]) for key in lines if key not in before)
        costs = _Course(
            (row.product_id, row.start_date, row.end_date, row.standard_cost)
            for row in self.source.costs
        )
        prices = _Course(
            (row.product_id, row.start_date, row.end_date, row.list_price)
            for row in self.source.list_prices
        )
        self._tick("ProductCostHistory", len(self.source.costs))
        self.files["ProductCostHistory"].written = len(self.source.costs) if new_lines else 0
        if not new_lines:
            self.files["ProductCostHistory"].known_before = len(self.source.costs)

        def orders() -> Iterator[HistoricSalesOrder]:
            for row in self.source.sales_orders:
                of_order = lines[row.sales_order_id]
                yield self._sale(row, of_order, costs, prices)
                self._tick("SalesOrderHeader", 1 + len(of_order))

        recorded = record_sales_history(self.session, SOURCE, orders())
        self._account_for_orders("SalesOrder", recorded.orders, new_lines)

    def _sale(
        self,
        row: rows.SalesOrderRow,
        lines: list[rows.SalesLineRow],
        costs: "_Course",
        prices: "_Course",
    ) -> HistoricSalesOrder:
        seller = row.sales_person_id
        products = [self.items[line.product_id] for line in lines]
        return HistoricSalesOrder(
            external_id=str(row.sales_order_id),
            number=row.sales_order_number,
            customer_id=self.customers[row.customer_id],
            ordered_on=row.order_date,
            promised_on=row.due_date,
            net=Money.rounding(row.sub_total, CURRENCY),
            tax=Money.rounding(row.tax_amt, CURRENCY),
            freight=Money.rounding(row.freight, CURRENCY),
            state=SALES_STATES[row.status],
            delivered_on=row.ship_date if row.status == SHIPPED else None,
            territory_id=self.territories[row.territory_id],
            salesperson_id=None if seller is None else self.employees[seller],
            channel="online" if row.online_order_flag else "reseller",
            reference=row.purchase_order_number,
            lines=[
                HistoricSalesLine(
                    item_id=item.id,
                    quantity=line.order_qty,
                    unit_price=line.unit_price,
                    net_amount=line.line_total,
                    discount_percent=line.unit_price_discount * 100,
                    list_price=prices.on(line.product_id, row.order_date, line.unit_price),
                    unit_cost=costs.on(line.product_id, row.order_date, item.standard_cost),
                    # The source holds no invoices, so none are claimed.
                    invoiced_quantity=Decimal(0),
                )
                for item, line in zip(products, lines, strict=True)
            ],
        )

    # What is common to all.

    def _person(self, entity: int) -> dict[str, Any]:
        return self._party(entity, self.people[entity].name, PartyKind.PERSON, contact=entity)

    def _party(
        self, entity: int, name: str, kind: PartyKind, *, contact: int | None
    ) -> dict[str, Any]:
        """Describe a party: its own address, and how its contact is reached."""
        self.parties_described.add(entity)
        if contact is not None:
            self.parties_described.add(contact)
        country, city, street = self.addresses.get(entity, (None, None, None))
        return {
            "kind": kind.value,
            "name": name,
            "email": self.emails.get(contact) if contact is not None else None,
            "phone": self.phones.get(contact) if contact is not None else None,
            "country": country,
            "city": city,
            "address": street,
        }

    def _write_parties(
        self, series: str, described: Mapping[int, dict[str, Any]]
    ) -> dict[int, uuid.UUID]:
        """Write parties in bulk, and one fact for all of them; return their ids by key."""
        if not described:
            return {}
        numbers = next_numbers(self.session, series, len(described))
        ids = {key: new_id() for key in described}
        names = ("kind", "name", "email", "phone", "country", "city", "address")
        at = clock.now()
        copy_rows(
            self.session,
            Party,
            ("id", "created_at", "number", *names, "language", "blocked"),
            (
                (ids[key], at, number, *(each[name] for name in names), "en", False)
                for number, (key, each) in zip(numbers, described.items(), strict=True)
            ),
        )
        kinds = {"C": "customer", "S": "supplier", "P": "party"}
        self._record(kinds[series], numbers)
        return ids

    def _record(self, kind: str, numbers: list[str]) -> None:
        fact = HistoryRecorded(kind, SOURCE, len(numbers), numbers[0], numbers[-1], None)
        events.record(self.session, fact)

    def _known(self, kind: str) -> dict[str, uuid.UUID]:
        return references.known(self.session, SOURCE, kind)

    def _remember(
        self, kind: str, new: Mapping[str, uuid.UUID], report: FileReport, known: int
    ) -> None:
        references.remember(self.session, SOURCE, kind, new)
        report.written, report.known_before = len(new), known

    def _account_for_orders(self, name: str, orders: int, lines: int) -> None:
        headers, details = self.files[f"{name}Header"], self.files[f"{name}Detail"]
        headers.written, headers.known_before = orders, headers.read - headers.broken - orders
        details.written, details.known_before = lines, details.read - details.broken - lines

    def _account_for_contacts(self) -> None:
        """Say of names, addresses and telephone numbers how many found their party."""
        described = self.parties_described
        for name, sheet in (
            ("Person", self.source.persons),
            ("EmailAddress", self.source.emails),
            ("PersonPhone", self.source.phones),
            ("BusinessEntityAddress", self.source.entity_addresses),
        ):
            report = self.files[name]
            used = {row.business_entity_id for row in sheet} & described
            if described:
                report.written = len(used)
                report.skip(OF_NOBODY, len(sheet) - len(used))
            else:
                report.known_before = len(sheet)
        for name in ("Address", "StateProvince", "CountryRegion"):
            report = self.files[name]
            if described:
                report.written = report.read - report.broken
            else:
                report.known_before = report.read - report.broken

    def _addresses(self) -> dict[int, tuple[str, str, str]]:
        """Return country, city and street of every entity, from its main address."""
        countries = {row.state_province_id: row.country_region_code for row in self.source.states}
        states = {row.state_province_id: row.name for row in self.source.states}
        known = {row.address_id: row for row in self.source.addresses}
        chosen: dict[int, rows.EntityAddressRow] = {}
        for row in self.source.entity_addresses:
            before = chosen.get(row.business_entity_id)
            if before is None or row.address_type_id in {MAIN_OFFICE, HOME}:
                chosen[row.business_entity_id] = row
        found = {}
        for entity, link in chosen.items():
            each = known[link.address_id]
            lines = [each.address_line1, each.address_line2, each.postal_code]
            street = ", ".join(line for line in lines if line)
            place = each.state_province_id
            found[entity] = (countries[place], each.city, f"{street}, {states[place]}")
        return found

    def _ticking(self, sheet: Iterable[V]) -> Iterator[V]:
        name = getattr(sheet, "name", "")
        for row in sheet:
            yield row
            self._tick(name, 1)

    def _tick(self, what: str, count: int) -> None:
        before, self.done = self.done, self.done + count
        if self.done // 1_000 != before // 1_000:
            self.progress("writing", what, self.done, self.total)


class _Course:
    """How a figure of a product went through time."""

    def __init__(self, spans: Iterable[tuple[int, date, date | None, Decimal]]) -> None:
        self.spans: dict[int, list[tuple[date, date, Decimal]]] = defaultdict(list)
        for product, start, end, value in spans:
            self.spans[product].append((start, end or date.max, value))

    def on(self, product: int, day: date, otherwise: Decimal) -> Decimal:
        """Return the figure of that day, or another one where none is known."""
        for start, end, value in self.spans.get(product, ()):
            if start <= day <= end:
                return value
        return otherwise


def _login(theirs: str) -> str:
    """Return adventure-works\\josé1 as jose1: our logins have no accents to mistype."""
    name = unicodedata.normalize("NFKD", theirs.rsplit("\\", 1)[-1])
    return name.encode("ascii", "ignore").decode()


def _grouped(sheet: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for row in sheet:
        groups[key(row)].append(row)
    return groups
