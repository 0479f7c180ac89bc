"""Payroll: from what people earn to what they are paid, posted and explained to the cent.

A month is worked out and posted at once: payslips, entry by cost centre and the bank's file, or
nothing. Nobody is paid twice for a month, and nobody less than nothing. What was posted never
changes; what comes late is paid with a later run.
"""

from core.hr.payroll.entering import (
    assign_structure,
    enter_input,
    grant_loan,
    ready_for_loans,
    set_monthly,
    share_costs,
)
from core.hr.payroll.queries import (
    ComponentView,
    PayslipView,
    RunView,
    cost_of,
    draft_view,
    find_payslip,
    is_paid_by,
    payslip_view,
    payslips_of,
    run_view,
)
from core.hr.payroll.rates import list_rate_sets, rate_set
from core.hr.payroll.rules import month_of
from core.hr.payroll.running import (
    find_run,
    months_to_run,
    newest_run,
    owed_to_authorities,
    pay_authorities,
    pay_run,
    run_payroll,
)
from core.hr.payroll.setup import (
    LineDraft,
    add_component,
    adopt_rate_set,
    find_component,
    find_structure,
    open_pay_accounts,
    set_rate,
    set_structure,
)
from core.hr.payroll.tables import (
    LoanKind,
    PayComponent,
    PayKind,
    PayLoan,
    PayrollRun,
    Payslip,
    PayslipLine,
    PayStructure,
    Proration,
    RunState,
)
from core.hr.payroll.working import MonthDraft, work_out_month

__all__ = [
    "ComponentView",
    "LineDraft",
    "LoanKind",
    "MonthDraft",
    "PayComponent",
    "PayKind",
    "PayLoan",
    "PayStructure",
    "PayrollRun",
    "Payslip",
    "PayslipLine",
    "PayslipView",
    "Proration",
    "RunState",
    "RunView",
    "add_component",
    "adopt_rate_set",
    "assign_structure",
    "cost_of",
    "draft_view",
    "enter_input",
    "find_component",
    "find_payslip",
    "find_run",
    "find_structure",
    "grant_loan",
    "is_paid_by",
    "list_rate_sets",
    "month_of",
    "months_to_run",
    "newest_run",
    "open_pay_accounts",
    "owed_to_authorities",
    "pay_authorities",
    "pay_run",
    "payslip_view",
    "payslips_of",
    "rate_set",
    "ready_for_loans",
    "run_payroll",
    "run_view",
    "set_monthly",
    "set_rate",
    "set_structure",
    "share_costs",
    "work_out_month",
]
