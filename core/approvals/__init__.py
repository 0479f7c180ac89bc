"""Approvals: plans that wait for a person's yes.

A proposal holds a plan of one or more calls and the effect it had in a rehearsal. A person says
yes to that effect, by its digest; the plan is carried out once, if its effect is still the same.
"""

from core.approvals.duties import (
    HandView,
    conflicts_of,
    list_hands,
    note_duty,
    refuse_duties_in_one_hand,
)
from core.approvals.limits import (
    limit_of,
    limits_by_kind,
    list_limits,
    remove_limit,
    set_limit,
    set_standard_limits,
)
from core.approvals.rules import GENERAL, Limits
from core.approvals.service import (
    Need,
    approve,
    change,
    close,
    decisions_of,
    expire_old,
    find_proposal,
    list_proposals,
    mark_executed,
    may_see,
    needed,
    note_edit,
    open_proposal,
    reject,
    require_open,
)
from core.approvals.tables import (
    ApprovalLimit,
    Decision,
    DutyName,
    PlannedCall,
    Proposal,
    ProposalState,
    Reason,
    Undo,
    Verdict,
)

__all__ = [
    "GENERAL",
    "ApprovalLimit",
    "Decision",
    "DutyName",
    "HandView",
    "Limits",
    "Need",
    "PlannedCall",
    "Proposal",
    "ProposalState",
    "Reason",
    "Undo",
    "Verdict",
    "approve",
    "change",
    "close",
    "conflicts_of",
    "decisions_of",
    "expire_old",
    "find_proposal",
    "limit_of",
    "limits_by_kind",
    "list_hands",
    "list_limits",
    "list_proposals",
    "mark_executed",
    "may_see",
    "needed",
    "note_duty",
    "note_edit",
    "open_proposal",
    "refuse_duties_in_one_hand",
    "reject",
    "remove_limit",
    "require_open",
    "set_limit",
    "set_standard_limits",
]
