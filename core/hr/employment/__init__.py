"""Employment: under which terms somebody works here, and for which pay, day by day."""

from core.hr.employment.queries import (
    EmploymentView,
    Pay,
    PayView,
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
    "Terms",
    "add_contract",
    "begin_employment",
    "change_employment",
    "employee_numbered",
    "employee_of_party",
    "employment_on",
    "employment_or_none",
    "employments_between",
    "employments_on",
    "find_employee",
    "keep_present",
    "leave_company",
    "pay_on",
    "pays_between",
    "set_pay",
    "terms_of",
]
