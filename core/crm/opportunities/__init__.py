"""Opportunities: what customers may buy, stage by stage, until it is won or lost.

Stages are data: how likely each makes it, and for how long something may stand there. Every move
is a row, so the time in a stage is read off, never kept. What is lost has a reason.
"""

from core.crm.opportunities.pipelines import (
    add_pipeline,
    find_pipeline,
    find_stage,
    list_pipelines,
    set_stage,
    stage_of_kind,
    stages_of,
)
from core.crm.opportunities.queries import (
    OpportunityView,
    StageVisit,
    StalledView,
    documents_of,
    forecast,
    list_opportunities,
    list_stalled,
    pipeline_report,
    view_opportunity,
)
from core.crm.opportunities.quotas import (
    QuotaView,
    add_team,
    find_team,
    join_team,
    list_quotas,
    members_of,
    quota_of,
    set_quota,
)
from core.crm.opportunities.rules import Forecast, ForecastRow, PipelineReport
from core.crm.opportunities.service import (
    Chances,
    LineDraft,
    change_opportunity,
    find_opportunity,
    follow_amount,
    link_document,
    move_stage,
    open_opportunity,
    opportunity_of_document,
)
from core.crm.opportunities.tables import (
    ForecastCategory,
    Opportunity,
    Pipeline,
    Quota,
    SalesTeam,
    Stage,
    StageKind,
)

__all__ = [
    "Chances",
    "Forecast",
    "ForecastCategory",
    "ForecastRow",
    "LineDraft",
    "Opportunity",
    "OpportunityView",
    "Pipeline",
    "PipelineReport",
    "Quota",
    "QuotaView",
    "SalesTeam",
    "Stage",
    "StageKind",
    "StageVisit",
    "StalledView",
    "add_pipeline",
    "add_team",
    "change_opportunity",
    "documents_of",
    "find_opportunity",
    "find_pipeline",
    "find_stage",
    "find_team",
    "follow_amount",
    "forecast",
    "join_team",
    "link_document",
    "list_opportunities",
    "list_pipelines",
    "list_quotas",
    "list_stalled",
    "members_of",
    "move_stage",
    "open_opportunity",
    "opportunity_of_document",
    "pipeline_report",
    "quota_of",
    "set_quota",
    "set_stage",
    "stage_of_kind",
    "stages_of",
    "view_opportunity",
]
