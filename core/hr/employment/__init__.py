"""Employment: under which terms somebody works here, and for which pay, day by day."""

from core.hr.employment.managing import Place, is_manager_of, managers_above, org_chart
from core.hr.employment.queries import (
    EmploymentView,
    Pay,
    PayView,
    department_of_job,
    employee_numbered,
    employee_of_party,
    employment_on,
    employment_or_none,
    employments_between,
    employments_on,
    find_employee,
    pay_on,
    pays_between,
)
from core.hr.employment.rules import Terms
from core.hr.employment.service import (
    add_contract,
    begin_employment,
    change_employment,
    keep_present,
    leave_company,
    set_pay,
    terms_of,
)
from core.hr.employment.tables import Contract, EmployeePay, Employment, PayPeriod

__all__ = [
    "Contract",
    "EmployeePay",
    "Employment",
    "EmploymentView",
    "Pay",
    "PayPeriod",
    "PayView",
    "Place",
    "Terms",
    "add_contract",
    "begin_employment",
    "change_employment",
    "department_of_job",
    "employee_numbered",
    "employee_of_party",
    "employment_on",
    "employment_or_none",
    "employments_between",
    "employments_on",
    "find_employee",
    "is_manager_of",
    "keep_present",
    "leave_company",
    "managers_above",
    "org_chart",
    "pay_on",
    "pays_between",
    "set_pay",
    "terms_of",
]
