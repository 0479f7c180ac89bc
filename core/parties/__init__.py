"""Parties: people and companies, one row each, whatever roles they have.

A name means one record or is refused with what may be meant. Who wants to agree with a customer
on something that its credit limit bounds holds the customer's row first (`lock_customer`).
"""

from core.parties.queries import CustomerView, SupplierView, list_customers, list_suppliers
from core.parties.rules import require_unblocked
from core.parties.service import (
    Contact,
    add_customer,
    add_party,
    add_supplier,
    add_territory,
    block_party,
    current_supplier,
    find_customer,
    find_party,
    find_supplier,
    find_territory,
    lock_customer,
    make_customer,
    make_supplier,
    set_credit_limit,
    unblock_party,
)
from core.parties.tables import Customer, Party, PartyKind, Supplier, Territory

__all__ = [
    "Contact",
    "Customer",
    "CustomerView",
    "Party",
    "PartyKind",
    "Supplier",
    "SupplierView",
    "Territory",
    "add_customer",
    "add_party",
    "add_supplier",
    "add_territory",
    "block_party",
    "current_supplier",
    "find_customer",
    "find_party",
    "find_supplier",
    "find_territory",
    "list_customers",
    "list_suppliers",
    "lock_customer",
    "make_customer",
    "make_supplier",
    "require_unblocked",
    "set_credit_limit",
    "unblock_party",
]
