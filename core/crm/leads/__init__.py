"""Leads: who may become a customer; how promising, whose, and what became of them.

The points of a lead are the sum of written rules over what is known of it, and can be explained
one by one. What a lead became keeps where it came from.
"""

from core.crm.leads.queries import (
    LeadView,
    Turn,
    list_lead_rules,
    list_leads,
    view_lead,
    whose_turn,
)
from core.crm.leads.rules import LeadFacts, Points, score
from core.crm.leads.service import (
    OPEN,
    Converted,
    LeadDraft,
    add_lead,
    assign_lead,
    change_lead,
    convert_lead,
    disqualify_lead,
    find_lead,
    remove_lead_rule,
    set_lead_rule,
)
from core.crm.leads.tables import Lead, LeadRule, LeadState

__all__ = [
    "OPEN",
    "Converted",
    "Lead",
    "LeadDraft",
    "LeadFacts",
    "LeadRule",
    "LeadState",
    "LeadView",
    "Points",
    "Turn",
    "add_lead",
    "assign_lead",
    "change_lead",
    "convert_lead",
    "disqualify_lead",
    "find_lead",
    "list_lead_rules",
    "list_leads",
    "remove_lead_rule",
    "score",
    "set_lead_rule",
    "view_lead",
    "whose_turn",
]
