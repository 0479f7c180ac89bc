"""Statements: what the company owns, owes, earned, and where its money went, as of any day.

They are read from the kept totals, so that they are as quick for a million lines as for a
hundred. Every figure says which accounts it is made of; assets are liabilities and equity on any
day, and the cash flow is the change of the money, to the smallest unit.
"""

from core.ledger.statements.balance_sheet import balance_sheet
from core.ledger.statements.cash_flow import Method, cash_flow_statement
from core.ledger.statements.figures import fiscal_year_of
from core.ledger.statements.income_statement import income_statement
from core.ledger.statements.rules import (
    LineKind,
    Part,
    Statement,
    StatementKind,
    StatementLine,
    Stretch,
    growth_percent,
)
from core.ledger.statements.trial_balance import Balances, BalancesRow, account_balances

__all__ = [
    "Balances",
    "BalancesRow",
    "LineKind",
    "Method",
    "Part",
    "Statement",
    "StatementKind",
    "StatementLine",
    "Stretch",
    "account_balances",
    "balance_sheet",
    "cash_flow_statement",
    "fiscal_year_of",
    "growth_percent",
    "income_statement",
]
