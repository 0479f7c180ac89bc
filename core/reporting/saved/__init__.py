"""Saved questions and standing orders: what a person asks again, and what is watched for them.

A saved report keeps a typed question under a name; its periods stay symbolic, and whoever runs it
sees what they may see. A standing order is a question that the house asks by itself: on a schedule
(every Monday at 8), or as an alert (a figure passes a threshold). It asks as its owner, with the
owner's rights at that time; an owner without rights has it paused, with the reason.

Invariants: names are unique among one owner's reports; an order is carried out at most once a day
of the company's calendar, however many processes look after it; what was missed is made up for
once, not once for each time.
"""

from core.reporting.saved.asked import Condition, Question, question_from
from core.reporting.saved.asking import ask, may_still_see, said_of
from core.reporting.saved.errors import (
    NameTaken,
    NoComparison,
    OneFigureNeeded,
    ThresholdInAnotherUnit,
    UnknownReport,
    UnknownStandingOrder,
)
from core.reporting.saved.orders import (
    end,
    notice_news,
    pause,
    plan_anew,
    resume,
    start_alert,
    start_schedule,
)
from core.reporting.saved.queries import (
    OrderView,
    ReportView,
    find_order,
    find_report,
    list_orders,
    list_reports,
    names_for,
    question_once,
    view_order,
    view_report,
)
from core.reporting.saved.rules import Cadence, is_met, next_due
from core.reporting.saved.runs import (
    Due,
    Told,
    any_watches_changes,
    claim,
    due_days,
    last_content,
    pause_because,
    put_off,
    question_of,
    settle,
    waits,
    was_carried_out,
)
from core.reporting.saved.service import asker, change, delete, rename, save, share
from core.reporting.saved.tables import Every, OrderKind, OrderState, Outcome, SavedReport
from core.reporting.saved.watching import (
    figure_in,
    figure_said,
    figure_written,
    is_state,
)
from core.reporting.saved.words import cadence_said, condition_said

__all__ = [
    "Cadence",
    "Condition",
    "Due",
    "Every",
    "NameTaken",
    "NoComparison",
    "OneFigureNeeded",
    "OrderKind",
    "OrderState",
    "OrderView",
    "Outcome",
    "Question",
    "ReportView",
    "SavedReport",
    "ThresholdInAnotherUnit",
    "Told",
    "UnknownReport",
    "UnknownStandingOrder",
    "any_watches_changes",
    "ask",
    "asker",
    "cadence_said",
    "change",
    "claim",
    "condition_said",
    "delete",
    "due_days",
    "end",
    "figure_in",
    "figure_said",
    "figure_written",
    "find_order",
    "find_report",
    "is_met",
    "is_state",
    "last_content",
    "list_orders",
    "list_reports",
    "may_still_see",
    "names_for",
    "next_due",
    "notice_news",
    "pause",
    "pause_because",
    "plan_anew",
    "put_off",
    "question_from",
    "question_of",
    "question_once",
    "rename",
    "resume",
    "said_of",
    "save",
    "settle",
    "share",
    "start_alert",
    "start_schedule",
    "view_order",
    "view_report",
    "waits",
    "was_carried_out",
]
