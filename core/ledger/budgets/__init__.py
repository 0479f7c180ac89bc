"""Budgets: what a year should bring and may cost, and what is left of it at every moment.

Where a budget stops, what is spent and what is promised never exceed it, however many spend at
once; where it warns, whoever approves sees what is left.
"""

from core.ledger.budgets.commitments import tell_commitments
from core.ledger.budgets.control import Charge, require_available
from core.ledger.budgets.queries import (
    BudgetView,
    LineView,
    Month,
    Summary,
    Variance,
    VarianceRow,
    budget_lines,
    in_force,
    line_view,
    list_budgets,
    months,
    months_before,
    variance,
)
from core.ledger.budgets.service import (
    ORIGINAL,
    BudgetRow,
    copy_budget,
    find_budget,
    find_year,
    import_rows,
    make_budget,
    put_in_force,
    set_budget,
    set_months,
    set_policy,
)
from core.ledger.budgets.sheets import read_rows
from core.ledger.budgets.tables import Budget, BudgetLine, BudgetState, Policy, Split

__all__ = [
    "ORIGINAL",
    "Budget",
    "BudgetLine",
    "BudgetRow",
    "BudgetState",
    "BudgetView",
    "Charge",
    "LineView",
    "Month",
    "Policy",
    "Split",
    "Summary",
    "Variance",
    "VarianceRow",
    "budget_lines",
    "copy_budget",
    "find_budget",
    "find_year",
    "import_rows",
    "in_force",
    "line_view",
    "list_budgets",
    "make_budget",
    "months",
    "months_before",
    "put_in_force",
    "read_rows",
    "require_available",
    "set_budget",
    "set_months",
    "set_policy",
    "tell_commitments",
    "variance",
]
