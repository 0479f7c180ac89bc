"""What the AdventureWorks files say: their rows, typed, and checked against one another."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from channels.imports.adventureworks.rows import (
    AddressRow,
    CategoryRow,
    CostRow,
    CountryRow,
    CustomerRow,
    DepartmentRow,
    EmailRow,
    EmployeeDepartmentRow,
    EmployeeRow,
    EntityAddressRow,
    ListPriceRow,
    LocationRow,
    MaterialRow,
    OperationRow,
    PersonRow,
    PhoneRow,
    ProductRow,
    ProductVendorRow,
    PurchaseLineRow,
    PurchaseOrderRow,
    SalesLineRow,
    SalesOrderRow,
    SalesPersonRow,
    ScrapReasonRow,
    StateRow,
    StockRow,
    StoreRow,
    SubcategoryRow,
    TerritoryRow,
    UnitRow,
    VendorRow,
    WorkOrderRow,
)
from channels.imports.sheets import (
    Fault,
    KeyRepeated,
    OrderUnusable,
    ReferenceUnknown,
    RuleBroken,
    Sheet,
    SumDiffers,
    read_sheet,
)

R = TypeVar("R")
K = TypeVar("K", bound=Hashable)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Source:
    """Every sheet that is imported; what is in it refers only to what is in it."""

    territories: Sheet[TerritoryRow]
    countries: Sheet[CountryRow]
    states: Sheet[StateRow]
    addresses: Sheet[AddressRow]
    entity_addresses: Sheet[EntityAddressRow]
    persons: Sheet[PersonRow]
    emails: Sheet[EmailRow]
    phones: Sheet[PhoneRow]
    stores: Sheet[StoreRow]
    customers: Sheet[CustomerRow]
    salespersons: Sheet[SalesPersonRow]
    departments: Sheet[DepartmentRow]
    employees: Sheet[EmployeeRow]
    employee_departments: Sheet[EmployeeDepartmentRow]
    vendors: Sheet[VendorRow]
    offers: Sheet[ProductVendorRow]
    units: Sheet[UnitRow]
    categories: Sheet[CategoryRow]
    subcategories: Sheet[SubcategoryRow]
    products: Sheet[ProductRow]
    costs: Sheet[CostRow]
    list_prices: Sheet[ListPriceRow]
    locations: Sheet[LocationRow]
    stock: Sheet[StockRow]
    materials: Sheet[MaterialRow]
    scrap_reasons: Sheet[ScrapReasonRow]
    work_orders: Sheet[WorkOrderRow]
    operations: Sheet[OperationRow]
    purchase_orders: Sheet[PurchaseOrderRow]
    purchase_lines: Sheet[PurchaseLineRow]
    sales_orders: Sheet[SalesOrderRow]
    sales_lines: Sheet[SalesLineRow]

    def sheets(self) -> list[Sheet[Any]]:
        """Return all sheets, in the order in which they are read."""
        return [getattr(self, each.name) for each in fields(self)]

    def faults(self) -> list[Fault]:
        """Return every row that cannot be used, causes before their consequences."""
        faults = [fault for sheet in self.sheets() for fault in sheet.faults]
        return sorted(faults, key=lambda fault: fault.rank)


# field of Source: (file, what a row holds)
SHEETS: dict[str, tuple[str, type]] = {
    "territories": ("SalesTerritory", TerritoryRow),
    "countries": ("CountryRegion", CountryRow),
    "states": ("StateProvince", StateRow),
    "addresses": ("Address", AddressRow),
    "entity_addresses": ("BusinessEntityAddress", EntityAddressRow),
    "persons": ("Person", PersonRow),
    "emails": ("EmailAddress", EmailRow),
    "phones": ("PersonPhone", PhoneRow),
    "stores": ("Store", StoreRow),
    "customers": ("Customer", CustomerRow),
    "salespersons": ("SalesPerson", SalesPersonRow),
    "departments": ("Department", DepartmentRow),
    "employees": ("Employee", EmployeeRow),
    "employee_departments": ("EmployeeDepartmentHistory", EmployeeDepartmentRow),
    "vendors": ("Vendor", VendorRow),
    "offers": ("ProductVendor", ProductVendorRow),
    "units": ("UnitMeasure", UnitRow),
    "categories": ("ProductCategory", CategoryRow),
    "subcategories": ("ProductSubcategory", SubcategoryRow),
    "products": ("Product", ProductRow),
    "costs": ("ProductCostHistory", CostRow),
    "list_prices": ("ProductListPriceHistory", ListPriceRow),
    "locations": ("Location", LocationRow),
    "stock": ("ProductInventory", StockRow),
    "materials": ("BillOfMaterials", MaterialRow),
    "scrap_reasons": ("ScrapReason", ScrapReasonRow),
    "work_orders": ("WorkOrder", WorkOrderRow),
    "operations": ("WorkOrderRouting", OperationRow),
    "purchase_orders": ("PurchaseOrderHeader", PurchaseOrderRow),
    "purchase_lines": ("PurchaseOrderDetail", PurchaseLineRow),
    "sales_orders": ("SalesOrderHeader", SalesOrderRow),
    "sales_lines": ("SalesOrderDetail", SalesLineRow),
}


def read_source(folder: Path, progress: Callable[[str], None] = lambda _file: None) -> Source:
    """Read every file and check every row against the others; call `progress` for each file."""
    read: dict[str, Sheet[Any]] = {}
    for name, (file, kind) in SHEETS.items():
        progress(file)
        read[name] = read_sheet(folder, file, kind)
    source = Source(**read)
    _check(source)
    return source


def _check(source: Source) -> None:
    """Refuse repeated keys and unknown references, from the roots of the data to its leaves."""
    territories = _unique(source.territories, "TerritoryID", lambda row: row.territory_id)
    countries = _unique(source.countries, "CountryRegionCode", lambda row: row.country_region_code)
    _known(
        source.states,
        "CountryRegionCode",
        countries,
        "CountryRegion",
        lambda row: row.country_region_code,
    )
    states = _unique(source.states, "StateProvinceID", lambda row: row.state_province_id)
    _known(
        source.addresses,
        "StateProvinceID",
        states,
        "StateProvince",
        lambda row: row.state_province_id,
    )
    addresses = _unique(source.addresses, "AddressID", lambda row: row.address_id)
    _known(source.entity_addresses, "AddressID", addresses, "Address", lambda row: row.address_id)
    persons = _unique(source.persons, "BusinessEntityID", lambda row: row.business_entity_id)
    for contacts in (source.emails, source.phones):
        _known(contacts, "BusinessEntityID", persons, "Person", _entity)
    _known(source.salespersons, "BusinessEntityID", persons, "Person", _entity)
    salespersons = _unique(source.salespersons, "BusinessEntityID", _entity)
    _known(
        source.stores, "SalesPersonID", salespersons, "SalesPerson", lambda row: row.sales_person_id
    )
    stores = _unique(source.stores, "BusinessEntityID", _entity)
    _known(
        source.customers, "TerritoryID", territories, "SalesTerritory", lambda row: row.territory_id
    )
    _known(source.customers, "PersonID", persons, "Person", lambda row: row.person_id)
    _known(source.customers, "StoreID", stores, "Store", lambda row: row.store_id)
    source.customers.refuse(_customer_of_nobody)
    customers = _unique(source.customers, "CustomerID", lambda row: row.customer_id)
    departments = _unique(source.departments, "DepartmentID", lambda row: row.department_id)
    _known(source.employees, "BusinessEntityID", persons, "Person", _entity)
    employees = _unique(source.employees, "BusinessEntityID", _entity)
    _known(source.employee_departments, "BusinessEntityID", employees, "Employee", _entity)
    _known(
        source.employee_departments,
        "DepartmentID",
        departments,
        "Department",
        lambda row: row.department_id,
    )
    present = {
        row.business_entity_id for row in source.employee_departments if row.end_date is None
    }
    source.employees.refuse(lambda row: _without_department(row, present))
    vendors = _unique(source.vendors, "BusinessEntityID", _entity)
    _unique(source.units, "UnitMeasureCode", lambda row: row.unit_measure_code)
    categories = _unique(
        source.categories, "ProductCategoryID", lambda row: row.product_category_id
    )
    _known(
        source.subcategories,
        "ProductCategoryID",
        categories,
        "ProductCategory",
        lambda row: row.product_category_id,
    )
    subcategories = _unique(
        source.subcategories, "ProductSubcategoryID", lambda row: row.product_subcategory_id
    )
    _known(
        source.products,
        "ProductSubcategoryID",
        subcategories,
        "ProductSubcategory",
        lambda row: row.product_subcategory_id,
    )
    _not_negative(
        source.products, "standard_cost", "list_price", "reorder_point", "safety_stock_level"
    )
    _unique(source.products, "ProductNumber", lambda row: row.product_number)
    products = _unique(source.products, "ProductID", lambda row: row.product_id)
    locations = _unique(source.locations, "LocationID", lambda row: row.location_id)
    for about in (source.costs, source.list_prices, source.stock, source.offers):
        _known(about, "ProductID", products, "Product", _product)
    _known(source.stock, "LocationID", locations, "Location", lambda row: row.location_id)
    _not_negative(source.stock, "quantity")
    _known(source.offers, "BusinessEntityID", vendors, "Vendor", _entity)
    _not_negative(source.costs, "standard_cost")
    _not_negative(source.list_prices, "list_price")
    _not_negative(source.offers, "average_lead_time", "standard_price")
    _positive(source.offers, "min_order_qty")
    _not_negative(source.locations, "cost_rate", "availability")
    _check_production(source, products, locations)
    _check_purchases(source, vendors, products)
    _check_sales(source, customers, salespersons, territories, products)


def _check_production(source: Source, products: set[int], locations: set[int]) -> None:
    materials, made, steps = source.materials, source.work_orders, source.operations
    _known(materials, "ProductAssemblyID", products, "Product", lambda row: row.product_assembly_id)
    _known(materials, "ComponentID", products, "Product", lambda row: row.component_id)
    _positive(materials, "per_assembly_qty")
    reasons = _unique(source.scrap_reasons, "ScrapReasonID", lambda row: row.scrap_reason_id)
    _known(made, "ProductID", products, "Product", _product)
    _known(made, "ScrapReasonID", reasons, "ScrapReason", lambda row: row.scrap_reason_id)
    _positive(made, "order_qty")
    _not_negative(made, "stocked_qty", "scrapped_qty")
    made.refuse(_made_otherwise)
    orders = _unique(made, "WorkOrderID", lambda row: row.work_order_id)
    _known(steps, "WorkOrderID", orders, "WorkOrder", lambda row: row.work_order_id)
    _known(steps, "LocationID", locations, "Location", lambda row: row.location_id)
    places = {row.location_id for row in source.locations if row.availability > 0}
    steps.refuse(lambda row: _without_hours(row, places))
    _not_negative(steps, "actual_resource_hrs")
    _unique(steps, "OperationSequence", lambda row: (row.work_order_id, row.operation_sequence))


def _check_purchases(source: Source, vendors: set[int], products: set[int]) -> None:
    orders, lines = source.purchase_orders, source.purchase_lines
    _known(orders, "VendorID", vendors, "Vendor", lambda row: row.vendor_id)
    _allowed(orders, "Status", {1, 2, 3, 4}, lambda row: row.status)
    _not_negative(orders, "sub_total", "tax_amt", "freight")
    _known(lines, "ProductID", products, "Product", _product)
    _positive(lines, "order_qty")
    _not_negative(lines, "unit_price", "line_total", "received_qty", "rejected_qty")
    lines.refuse(_more_rejected_than_came)
    _unique(lines, "PurchaseOrderDetailID", lambda row: row.purchase_order_detail_id)
    known = _unique(orders, "PurchaseOrderID", lambda row: row.purchase_order_id)
    _known(
        lines, "PurchaseOrderID", known, "PurchaseOrderHeader", lambda row: row.purchase_order_id
    )
    _same_sum(
        orders, lines, lambda order: order.purchase_order_id, lambda line: line.purchase_order_id
    )


def _check_sales(
    source: Source,
    customers: set[int],
    salespersons: set[int],
    territories: set[int],
    products: set[int],
) -> None:
    orders, lines = source.sales_orders, source.sales_lines
    _known(orders, "CustomerID", customers, "Customer", lambda row: row.customer_id)
    _known(orders, "SalesPersonID", salespersons, "SalesPerson", lambda row: row.sales_person_id)
    _known(orders, "TerritoryID", territories, "SalesTerritory", lambda row: row.territory_id)
    _allowed(orders, "Status", {1, 2, 3, 4, 5, 6}, lambda row: row.status)
    _not_negative(orders, "sub_total", "tax_amt", "freight")
    _known(lines, "ProductID", products, "Product", _product)
    _positive(lines, "order_qty")
    _not_negative(lines, "unit_price", "unit_price_discount", "line_total")
    _unique(lines, "SalesOrderDetailID", lambda row: row.sales_order_detail_id)
    _unique(orders, "SalesOrderNumber", lambda row: row.sales_order_number)
    known = _unique(orders, "SalesOrderID", lambda row: row.sales_order_id)
    _known(lines, "SalesOrderID", known, "SalesOrderHeader", lambda row: row.sales_order_id)
    _same_sum(orders, lines, lambda order: order.sales_order_id, lambda line: line.sales_order_id)


def _same_sum(
    orders: Sheet[Any],
    lines: Sheet[Any],
    order_key: Callable[[Any], int],
    line_key: Callable[[Any], int],
) -> None:
    """Refuse an order whose lines do not add up to it, and with it all of its lines.

    So a line that was refused takes its whole order along: half an order is no document.
    """
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line_key(line)] += line.line_total

    def differs(order: Any) -> SumDiffers | None:  # noqa: ANN401  # A purchase or a sales order.
        added = sums.get(order_key(order))
        if added is not None and abs(added - order.sub_total) <= CENT:
            return None
        return SumDiffers(total=order.sub_total, added="-" if added is None else added)

    before = {order_key(order) for order in orders}
    orders.refuse(differs)
    gone = before - {order_key(order) for order in orders}
    if gone:
        lines.refuse(
            lambda line: OrderUnusable(order=line_key(line)) if line_key(line) in gone else None
        )


def _entity(row: Any) -> int:  # noqa: ANN401  # Any row about a business entity.
    entity: int = row.business_entity_id
    return entity


def _product(row: Any) -> int:  # noqa: ANN401  # Any row about a product.
    product: int = row.product_id
    return product


def _unique(sheet: Sheet[R], column: str, key: Callable[[R], K]) -> set[K]:
    """Refuse rows whose key occurred before; return the keys."""
    seen: set[K] = set()

    def repeated(row: R) -> KeyRepeated | None:
        value = key(row)
        if value in seen:
            return KeyRepeated(column=column, value=value)
        seen.add(value)
        return None

    sheet.refuse(repeated)
    return seen


def _known(
    sheet: Sheet[Any],
    column: str,
    known: Iterable[Hashable],
    file: str,
    key: Callable[[Any], Hashable],
) -> None:
    def unknown(row: Any) -> ReferenceUnknown | None:  # noqa: ANN401  # Any row.
        value = key(row)
        if value is None or value in known:
            return None
        return ReferenceUnknown(column=column, value=value, file=file)

    sheet.refuse(unknown)


def _allowed(sheet: Sheet[R], column: str, values: set[int], key: Callable[[R], int]) -> None:
    def outside(row: R) -> RuleBroken | None:
        value = key(row)
        if value in values:
            return None
        return RuleBroken(
            problem=f"{column} {value} has no meaning", problem_zh=f"{column} {value} 没有含义"
        )

    sheet.refuse(outside)


def _not_negative(sheet: Sheet[Any], *names: str) -> None:
    _at_least(sheet, names, lambda value: value >= 0, "is negative", "为负数")


def _positive(sheet: Sheet[Any], *names: str) -> None:
    _at_least(sheet, names, lambda value: value > 0, "is not positive", "不是正数")


def _at_least(
    sheet: Sheet[Any],
    names: tuple[str, ...],
    holds: Callable[[Decimal], bool],
    problem: str,
    problem_zh: str,
) -> None:
    def broken(row: Any) -> RuleBroken | None:  # noqa: ANN401  # Any row.
        for name in names:
            value = getattr(row, name)
            if not holds(value):
                return RuleBroken(
                    problem=f"{name} {value} {problem}", problem_zh=f"{name} {value} {problem_zh}"
                )
        return None

    sheet.refuse(broken)


def _more_rejected_than_came(row: PurchaseLineRow) -> RuleBroken | None:
    if row.rejected_qty <= row.received_qty:
        return None
    return RuleBroken(
        problem=f"{row.rejected_qty} were rejected and {row.received_qty} came",
        problem_zh=f"拒收 {row.rejected_qty}，而到货仅 {row.received_qty}",
    )


def _made_otherwise(row: WorkOrderRow) -> RuleBroken | None:
    if row.stocked_qty + row.scrapped_qty > row.order_qty:
        return RuleBroken(
            problem=f"{row.order_qty} were begun, {row.stocked_qty} came out good and"
            f" {row.scrapped_qty} were scrapped",
            problem_zh=f"投产 {row.order_qty}，而合格 {row.stocked_qty}、报废 {row.scrapped_qty}",
        )
    if min(row.due_date, row.end_date) < row.start_date:
        return RuleBroken(
            problem=f"it starts on {row.start_date}, ends on {row.end_date} and is due on"
            f" {row.due_date}",
            problem_zh=f"开工 {row.start_date}，完工 {row.end_date}，到期 {row.due_date}",
        )
    if row.scrapped_qty and row.scrap_reason_id is None:
        return RuleBroken(
            problem=f"{row.scrapped_qty} were scrapped for no reason",
            problem_zh=f"报废 {row.scrapped_qty} 而没有原因",
        )
    return None


def _customer_of_nobody(row: CustomerRow) -> RuleBroken | None:
    if row.person_id is None and row.store_id is None:
        return RuleBroken(
            problem=f"customer {row.customer_id} is neither a person nor a store",
            problem_zh=f"客户 {row.customer_id} 既不是个人也不是门店",
        )
    return None


def _without_hours(row: OperationRow, places: set[int]) -> RuleBroken | None:
    if row.location_id in places:
        return None
    return RuleBroken(
        problem=f"location {row.location_id} has no hours of work",
        problem_zh=f"库位 {row.location_id} 没有可用工时",
    )


def _without_department(row: EmployeeRow, present: set[int]) -> RuleBroken | None:
    if row.business_entity_id in present:
        return None
    return RuleBroken(
        problem=f"employee {row.business_entity_id} has no present department",
        problem_zh=f"员工 {row.business_entity_id} 目前没有部门",
    )
