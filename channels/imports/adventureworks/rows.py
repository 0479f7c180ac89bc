"""The rows of the AdventureWorks files, as far as they are imported; a field is a column."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    """A sales territory."""

    territory_id: int
    name: str
    country_region_code: str
    group: str


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A country by its code."""

    country_region_code: str
    name: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state or province of a country."""

    state_province_id: int
    country_region_code: str
    name: str


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A postal address."""

    address_id: int
    address_line1: str
    address_line2: str | None
    city: str
    state_province_id: int
    postal_code: str


@dataclass(frozen=True, slots=True)
class EntityAddressRow:
    """Which address a person, store or vendor has, and of which type."""

    business_entity_id: int
    address_id: int
    address_type_id: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A human being."""

    business_entity_id: int
    first_name: str
    middle_name: str | None
    last_name: str
    suffix: str | None

    @property
    def name(self) -> str:
        """The name as it is written on a letter."""
        parts = (self.first_name, self.middle_name, self.last_name, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class EmailRow:
    """An e-mail address of a person."""

    business_entity_id: int
    email_address: str


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """A telephone number of a person."""

    business_entity_id: int
    phone_number: str


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A shop that buys from us."""

    business_entity_id: int
    name: str
    sales_person_id: int


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """Somebody who buys: a person, a store with its contact, or a store alone."""

    customer_id: int
    person_id: int | None
    store_id: int | None
    territory_id: int
    account_number: str


@dataclass(frozen=True, slots=True)
class SalesPersonRow:
    """An employee who sells."""

    business_entity_id: int


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department of the company."""

    department_id: int
    name: str


@dataclass(frozen=True, slots=True)
class EmployeeRow:
    """Somebody who works there."""

    business_entity_id: int
    login_id: str
    job_title: str
    hire_date: date


@dataclass(frozen=True, slots=True)
class EmployeeDepartmentRow:
    """From when till when an employee was in a department."""

    business_entity_id: int
    department_id: int
    start_date: date
    end_date: date | None


@dataclass(frozen=True, slots=True)
class VendorRow:
    """Somebody we buy from."""

    business_entity_id: int
    account_number: str
    name: str
    credit_rating: int
    preferred_vendor_status: bool
    active_flag: bool


@dataclass(frozen=True, slots=True)
class ProductVendorRow:
    """What a vendor asks for a product, and how long it takes."""

    product_id: int
    business_entity_id: int
    average_lead_time: int
    standard_price: Decimal
    min_order_qty: Decimal


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of measure."""

    unit_measure_code: str
    name: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category of products."""

    product_category_id: int
    name: str


@dataclass(frozen=True, slots=True)
class SubcategoryRow:
    """A category below a category."""

    product_subcategory_id: int
    product_category_id: int
    name: str


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Something that is made, bought or sold."""

    product_id: int
    name: str
    product_number: str
    safety_stock_level: Decimal
    reorder_point: Decimal
    standard_cost: Decimal
    list_price: Decimal
    product_subcategory_id: int | None
    sell_start_date: date
    discontinued_date: date | None


@dataclass(frozen=True, slots=True)
class CostRow:
    """What a product cost in a stretch of time."""

    product_id: int
    start_date: date
    end_date: date | None
    standard_cost: Decimal


@dataclass(frozen=True, slots=True)
class ListPriceRow:
    """What a product was listed at in a stretch of time."""

    product_id: int
    start_date: date
    end_date: date | None
    list_price: Decimal


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place in the works."""

    location_id: int
    name: str
    # What an hour there costs, and how many hours of work a day has there; none where none is done.
    cost_rate: Decimal
    availability: Decimal


@dataclass(frozen=True, slots=True)
class StockRow:
    """How much of a product lies in a place."""

    product_id: int
    location_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """How much of a component an assembly is made of, in a stretch of time."""

    product_assembly_id: int | None
    component_id: int
    start_date: date
    end_date: date | None
    per_assembly_qty: Decimal


@dataclass(frozen=True, slots=True)
class WorkOrderRow:
    """A quantity of a product that was made."""

    work_order_id: int
    product_id: int
    order_qty: Decimal
    stocked_qty: Decimal
    scrapped_qty: Decimal
    start_date: date
    end_date: date
    due_date: date
    scrap_reason_id: int | None


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A step of a work order: where it was done, when, and how many hours it took."""

    work_order_id: int
    product_id: int
    operation_sequence: int
    location_id: int
    actual_end_date: date
    actual_resource_hrs: Decimal


@dataclass(frozen=True, slots=True)
class ScrapReasonRow:
    """Why something was scrapped."""

    scrap_reason_id: int
    name: str


@dataclass(frozen=True, slots=True)
class PurchaseOrderRow:
    """An order placed with a vendor."""

    purchase_order_id: int
    status: int
    vendor_id: int
    order_date: date
    ship_date: date | None
    sub_total: Decimal
    tax_amt: Decimal
    freight: Decimal


@dataclass(frozen=True, slots=True)
class PurchaseLineRow:
    """A product on a purchase order, and how much of it came."""

    purchase_order_id: int
    purchase_order_detail_id: int
    due_date: date
    order_qty: Decimal
    product_id: int
    unit_price: Decimal
    line_total: Decimal
    received_qty: Decimal
    rejected_qty: Decimal


@dataclass(frozen=True, slots=True)
class SalesOrderRow:
    """An order of a customer."""

    sales_order_id: int
    order_date: date
    due_date: date
    ship_date: date | None
    status: int
    online_order_flag: bool
    sales_order_number: str
    purchase_order_number: str | None
    customer_id: int
    sales_person_id: int | None
    territory_id: int
    sub_total: Decimal
    tax_amt: Decimal
    freight: Decimal


@dataclass(frozen=True, slots=True)
class SalesLineRow:
    """A product on a sales order."""

    sales_order_id: int
    sales_order_detail_id: int
    order_qty: Decimal
    product_id: int
    unit_price: Decimal
    unit_price_discount: Decimal
    line_total: Decimal
