"""Human resources: who works here, where and as what."""

from core.hr.service import add_department, add_employee, find_department
from core.hr.tables import Department, Employee

__all__ = [
    "Department",
    "Employee",
    "add_department",
    "add_employee",
    "find_department",
]
