"""Paying suppliers: what to pay, put together by one, released by another, carried out as one.

An order never pays more than is open, nor more than the account may lose; the bank's file is made
of an approved order only, once, and comes to what the order pays.
"""

from core.invoicing.paying.bank_files import (
    Transfer,
    bank_file,
    find_bank_file,
    transfers_file,
)
from core.invoicing.paying.executing import execute_order
from core.invoicing.paying.queries import (
    OrderLineView,
    OrderView,
    Purse,
    list_credits,
    list_orders,
    list_payables,
    order_view,
    purse_of,
)
from core.invoicing.paying.rules import Credit, Netted, Payable, Planned, Why, plan_payments
from core.invoicing.paying.service import (
    approve_order,
    cancel_order,
    change_line,
    find_order,
    prepare_order,
    propose_payments,
    set_priority,
)
from core.invoicing.paying.tables import (
    BankFile,
    FileFormat,
    OrderState,
    PaymentOrder,
    PaymentOrderCredit,
    PaymentOrderLine,
)

__all__ = [
    "BankFile",
    "Credit",
    "FileFormat",
    "Netted",
    "OrderLineView",
    "OrderState",
    "OrderView",
    "Payable",
    "PaymentOrder",
    "PaymentOrderCredit",
    "PaymentOrderLine",
    "Planned",
    "Purse",
    "Transfer",
    "Why",
    "approve_order",
    "bank_file",
    "cancel_order",
    "change_line",
    "execute_order",
    "find_bank_file",
    "find_order",
    "list_credits",
    "list_orders",
    "list_payables",
    "order_view",
    "plan_payments",
    "prepare_order",
    "propose_payments",
    "purse_of",
    "set_priority",
    "transfers_file",
]
