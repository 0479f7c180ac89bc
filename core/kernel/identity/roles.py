"""The roles that a person can have."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody does in the company; rights hang on roles, never on names."""

    ADMIN = "admin"
    MANAGER = "manager"
    SALES = "sales"
    BUYER = "buyer"
    WAREHOUSE = "warehouse"
    ACCOUNTANT = "accountant"
    HR = "hr"
    SERVICE = "service"
    MARKETING = "marketing"
    PRODUCTION = "production"
    EMPLOYEE = "employee"
    CUSTOMER = "customer"
    AUDITOR = "auditor"
    # A watcher: it may read what it watches and propose, never decide.
    WATCHER = "watcher"


# Who works in the company and may see its everyday facts: items, stock, orders, prices.
STAFF = frozenset(Role) - {Role.CUSTOMER, Role.EMPLOYEE, Role.WATCHER}
