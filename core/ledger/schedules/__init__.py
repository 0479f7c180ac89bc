"""Schedules: entries to come, posted by a run when they are due, each exactly once.

Templates, recurring entries, accruals that are reversed, and deferrals that are recognised part
by part. What is deferred and not recognised yet lies on the deferred accounts.
"""

from core.ledger.schedules.days import OpenDays
from core.ledger.schedules.deferrals import (
    DEFERRED_ACCOUNT,
    cancel_deferral,
    cancel_deferrals_of,
    defer,
    find_deferral,
    start_deferral,
)
from core.ledger.schedules.queries import (
    DeferralView,
    Due,
    DueKind,
    PartView,
    RecurringView,
    RunView,
    TemplateView,
    deferral_view,
    list_deferrals,
    list_due,
    list_recurring,
    list_runs,
    list_templates,
    next_due,
)
from core.ledger.schedules.recurring import (
    end_recurring,
    find_recurring,
    leave_out,
    pause_recurring,
    resume_recurring,
    start_recurring,
)
from core.ledger.schedules.rules import (
    Part,
    TemplateLine,
    months_between,
    spread,
)
from core.ledger.schedules.runs import post_accrual, run_schedules, take_back_run
from core.ledger.schedules.tables import (
    Deferral,
    DeferralKind,
    DeferralState,
    EntryTemplate,
    Every,
    Method,
    RecurringEntry,
    RecurringState,
    ScheduleRun,
)
from core.ledger.schedules.templates import (
    find_template,
    make_template,
    post_template,
    retire_template,
    with_dimensions,
)

__all__ = [
    "DEFERRED_ACCOUNT",
    "Deferral",
    "DeferralKind",
    "DeferralState",
    "DeferralView",
    "Due",
    "DueKind",
    "EntryTemplate",
    "Every",
    "Method",
    "OpenDays",
    "Part",
    "PartView",
    "RecurringEntry",
    "RecurringState",
    "RecurringView",
    "RunView",
    "ScheduleRun",
    "TemplateLine",
    "TemplateView",
    "cancel_deferral",
    "cancel_deferrals_of",
    "defer",
    "deferral_view",
    "end_recurring",
    "find_deferral",
    "find_recurring",
    "find_template",
    "leave_out",
    "list_deferrals",
    "list_due",
    "list_recurring",
    "list_runs",
    "list_templates",
    "make_template",
    "months_between",
    "next_due",
    "pause_recurring",
    "post_accrual",
    "post_template",
    "resume_recurring",
    "retire_template",
    "run_schedules",
    "spread",
    "start_deferral",
    "start_recurring",
    "take_back_run",
    "with_dimensions",
]
