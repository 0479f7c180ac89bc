"""Bring the people: territories, employees, suppliers and customers."""

import unicodedata
import uuid
from typing import Any

from sqlalchemy import insert

from channels.imports.adventureworks.run import SOURCE, Run
from channels.imports.adventureworks.words import code_of, in_chinese
from channels.imports.report import Reason
from core import parties
from core.hr.employment.tables import Employment
from core.hr.tables import Department, Employee
from core.kernel import clock, references
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.numbering import next_numbers
from core.parties.tables import Customer, PartyKind, Supplier

PAYMENT_DAYS = 30
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
NOT_PRESENT: Reason = ("a department somebody has left", "员工已离开的部门")


def bring_territories(run: Run) -> None:
    """Bring the territories that sales are counted by."""
    known = run.known("territory")
    new: dict[str, uuid.UUID] = {}
    for row in run.ticking(run.source.territories):
        if str(row.territory_id) in known:
            continue
        territory = parties.add_territory(
            run.session,
            code=code_of(row.name),
            name=row.name,
            name_zh=in_chinese(row.name),
            country=row.country_region_code,
            region=row.group,
        )
        new[str(row.territory_id)] = territory.id
    run.remember("territory", new, run.files["SalesTerritory"], len(known))
    run.territories = {int(key): ours for key, ours in {**known, **new}.items()}


def bring_employees(run: Run) -> None:
    """Bring employees in their present departments, and an account for each."""
    departments = _departments(run)
    known = run.known("employee")
    present = {
        row.business_entity_id: row.department_id
        for row in run.source.employee_departments
        if row.end_date is None
    }
    report = run.files["EmployeeDepartmentHistory"]
    report.skip(NOT_PRESENT, report.read - len(present) - report.broken)
    coming = [
        row for row in run.ticking(run.source.employees) if str(row.business_entity_id) not in known
    ]
    entities = [row.business_entity_id for row in coming]
    ids = run.write_parties("P", {entity: run.person(entity) for entity in entities})
    numbers = iter(next_numbers(run.session, "E", len(coming)) if coming else ())
    names = {row.department_id: row.name for row in run.source.departments}
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
            run.session,
            login=_login(row.login_id),
            name=run.people[entity].name,
            roles=[role],
            party_id=ids[entity],
            email=run.emails.get(entity),
        )
    if employees:
        run.session.execute(insert(Employee), employees)
        run.session.execute(insert(Employment), _employments(run, employees))
        run.record("employee", [str(each["number"]) for each in employees])
    new = {str(entity): ours for entity, ours in ids.items()}
    run.remember("employee", new, run.files["Employee"], len(known))
    report.written, report.known_before = len(new), len(present) - len(new)
    run.employees = {int(key): ours for key, ours in {**known, **new}.items()}
    sellers = run.files["SalesPerson"]
    fresh = sum(str(row.business_entity_id) in new for row in run.source.salespersons)
    sellers.written, sellers.known_before = fresh, len(run.source.salespersons) - fresh
    run.tick("SalesPerson", len(run.source.salespersons))


def _employments(run: Run, employees: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the terms that each works under since they came."""
    country = company(run.session).country
    return [
        {
            "id": new_id(),
            "created_at": employee["created_at"],
            "employee_id": employee["id"],
            "starts_on": employee["hired_on"],
            "job_title": employee["job_title"],
            "department_id": employee["department_id"],
            "country": country,
        }
        for employee in employees
    ]


def _departments(run: Run) -> dict[int, uuid.UUID]:
    known = run.known("department")
    coming = [
        row for row in run.ticking(run.source.departments) if str(row.department_id) not in known
    ]
    at = clock.now()
    made = [
        {
            "id": new_id(),
            "created_at": at,
            "code": code_of(row.name),
            "name": row.name,
            "name_zh": in_chinese(row.name),
        }
        for row in coming
    ]
    if made:
        run.session.execute(insert(Department), made)
        run.record("department", [str(each["code"]) for each in made])
    new = {
        str(row.department_id): uuid.UUID(str(each["id"]))
        for row, each in zip(coming, made, strict=True)
    }
    run.remember("department", new, run.files["Department"], len(known))
    run.tick("EmployeeDepartmentHistory", len(run.source.employee_departments))
    return {int(key): ours for key, ours in {**known, **new}.items()}


def bring_vendors(run: Run) -> None:
    """Bring vendors as suppliers."""
    known = run.known("vendor")
    coming = {
        row.business_entity_id: row
        for row in run.ticking(run.source.vendors)
        if str(row.business_entity_id) not in known
    }
    described = {
        entity: run.party(entity, row.name, PartyKind.COMPANY, contact=None)
        for entity, row in coming.items()
    }
    ids = run.write_parties("S", described)
    if ids:
        copy_rows(
            run.session,
            Supplier,
            ("party_id", "payment_days", "preferred", "rating"),
            (
                (ids[entity], PAYMENT_DAYS, row.preferred_vendor_status, row.credit_rating)
                for entity, row in coming.items()
            ),
        )
    new = {str(entity): ours for entity, ours in ids.items()}
    run.remember("vendor", new, run.files["Vendor"], len(known))
    run.vendors = {int(key): ours for key, ours in {**known, **new}.items()}


def bring_customers(run: Run) -> None:
    """Bring customers: a store under its own name, once, and everybody else as a person."""
    known = run.known("customer")
    stores = {row.business_entity_id: row for row in run.source.stores}
    report = run.files["Customer"]
    new: dict[str, uuid.UUID] = {}
    # A store that orders is the row with both; the same store alone is that same customer.
    by_store = {
        row.store_id: row.customer_id
        for row in run.source.customers
        if row.store_id is not None and row.person_id is not None
    }
    described: dict[int, dict[str, Any]] = {}
    terms: dict[int, tuple[uuid.UUID, uuid.UUID | None, str]] = {}
    repeated: dict[int, int] = {}
    for row in run.ticking(run.source.customers):
        if str(row.customer_id) in known:
            continue
        store = stores[row.store_id] if row.store_id is not None else None
        if store is None:
            assert row.person_id is not None, "a customer is a person or a store"
            described[row.customer_id] = run.person(row.person_id)
            terms[row.customer_id] = (run.territories[row.territory_id], None, "individual")
            continue
        same = by_store.get(store.business_entity_id, row.customer_id)
        if same != row.customer_id:
            repeated[row.customer_id] = same
            continue
        entity = store.business_entity_id
        described[row.customer_id] = run.party(
            entity, store.name, PartyKind.COMPANY, contact=row.person_id
        )
        seller = run.employees[store.sales_person_id]
        terms[row.customer_id] = (run.territories[row.territory_id], seller, "store")
    ids = run.write_parties("C", described)
    copy_rows(
        run.session,
        Customer,
        ("party_id", "payment_days", "territory_id", "salesperson_id", "customer_group"),
        ((ids[key], PAYMENT_DAYS, *terms[key]) for key in ids),
    )
    new = {str(key): ours for key, ours in ids.items()}
    run.remember("customer", new, report, len(known))
    everybody = {**known, **new}
    merged = {str(key): everybody[str(same)] for key, same in repeated.items()}
    references.remember(run.session, SOURCE, "customer", merged)
    report.skip(REPEATED_STORE, len(merged))
    run.customers = {int(key): ours for key, ours in {**everybody, **merged}.items()}
    run.tick("Store", len(run.source.stores))
    fresh = sum(1 for key in new if terms[int(key)][2] == "store")
    run.files["Store"].written = fresh
    run.files["Store"].known_before = len(run.source.stores) - fresh


def _login(theirs: str) -> str:
    """Return the login without its domain, and without accents that could be mistyped."""
    name = unicodedata.normalize("NFKD", theirs.rsplit("\\", 1)[-1])
    return name.encode("ascii", "ignore").decode()
