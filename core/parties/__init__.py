"""Parties: people and companies, one row each, whatever roles they have.

A name means one record or is refused with what may be meant. Who wants to agree with a customer
on something that its credit limit bounds holds the customer's row first (`lock_customer`).
"""

from core.parties import contacts
from core.parties.bank_accounts import (
    bank_accounts_of,
    current_bank_account,
    current_bank_accounts,
    end_bank_account,
    set_bank_account,
    verify_bank_account,
)
from core.parties.duplicates import Alike, duplicates_of, find_duplicates
from core.parties.merging import (
    find_merge,
    merge_parties,
    part_again,
    same_as,
    standing_party,
)
from core.parties.queries import CustomerView, SupplierView, list_customers, list_suppliers
from core.parties.rules import iban_of, require_unblocked
from core.parties.service import (
    Contact,
    add_customer,
    add_party,
    add_supplier,
    add_territory,
    agree_currency,
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
from core.parties.tables import (
    Customer,
    Party,
    PartyBankAccount,
    PartyKind,
    PartyMerge,
    Supplier,
    Territory,
)

__all__ = [
    "Alike",
    "Contact",
    "Customer",
    "CustomerView",
    "Party",
    "PartyBankAccount",
    "PartyKind",
    "PartyMerge",
    "Supplier",
    "SupplierView",
    "Territory",
    "add_customer",
    "add_party",
    "add_supplier",
    "add_territory",
    "agree_currency",
    "bank_accounts_of",
    "block_party",
    "contacts",
    "current_bank_account",
    "current_bank_accounts",
    "current_supplier",
    "duplicates_of",
    "end_bank_account",
    "find_customer",
    "find_duplicates",
    "find_merge",
    "find_party",
    "find_supplier",
    "find_territory",
    "iban_of",
    "list_customers",
    "list_suppliers",
    "lock_customer",
    "make_customer",
    "make_supplier",
    "merge_parties",
    "part_again",
    "require_unblocked",
    "same_as",
    "set_bank_account",
    "set_credit_limit",
    "standing_party",
    "unblock_party",
    "verify_bank_account",
]
