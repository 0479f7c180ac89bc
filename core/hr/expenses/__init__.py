"""Expenses: what employees spend for the company, who agrees to it, and how they get it back.

Invariants: nobody decides on or pays their own; a receipt is paid once; what is approved is never
above the limit and is owed by one bill.
"""

from core.hr.expenses.service import (
    Spent,
    add_expense_category,
    claim_expenses,
    decide_claim,
    find_claim,
    find_expense_category,
    pay_claim,
    payable,
    withdraw_claim,
)
from core.hr.expenses.tables import ClaimState, ExpenseCategory, ExpenseClaim, ExpenseLine

__all__ = [
    "ClaimState",
    "ExpenseCategory",
    "ExpenseClaim",
    "ExpenseLine",
    "Spent",
    "add_expense_category",
    "claim_expenses",
    "decide_claim",
    "find_claim",
    "find_expense_category",
    "pay_claim",
    "payable",
    "withdraw_claim",
]
