"""Leave: its kinds and policies, one ledger of days, and what people ask for.

Invariants: the ledger of leave only grows; a balance never falls below what its policy allows;
nobody decides on their own leave; nobody is away twice on the same day.
"""

from core.hr.leave.crediting import (
    accrue,
    carry_forward,
    encash_leave,
    expire_carried,
    leave_accrual,
    leave_carry_forward,
)
from core.hr.leave.queries import (
    AwayView,
    BalanceView,
    balances,
    find_leave_type,
    find_request,
    leave_balance,
    open_request_of,
    reason_of,
    usual_type,
    who_is_away,
)
from core.hr.leave.rules import Policy, Stretch
from core.hr.leave.service import (
    add_leave_type,
    cancel_leave,
    correct_balance,
    decide_leave,
    grant_leave,
    request_leave,
    set_leave_policy,
)
from core.hr.leave.tables import (
    Accrual,
    CreditDay,
    LeaveEntry,
    LeaveEntryKind,
    LeavePolicy,
    LeaveRequest,
    LeaveState,
    LeaveType,
    RoundDays,
)

__all__ = [
    "Accrual",
    "AwayView",
    "BalanceView",
    "CreditDay",
    "LeaveEntry",
    "LeaveEntryKind",
    "LeavePolicy",
    "LeaveRequest",
    "LeaveState",
    "LeaveType",
    "Policy",
    "RoundDays",
    "Stretch",
    "accrue",
    "add_leave_type",
    "balances",
    "cancel_leave",
    "carry_forward",
    "correct_balance",
    "decide_leave",
    "encash_leave",
    "expire_carried",
    "find_leave_type",
    "find_request",
    "grant_leave",
    "leave_accrual",
    "leave_balance",
    "leave_carry_forward",
    "open_request_of",
    "reason_of",
    "request_leave",
    "set_leave_policy",
    "usual_type",
    "who_is_away",
]
