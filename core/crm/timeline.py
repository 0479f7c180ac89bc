"""What customer relations tell of a party: talks, opportunities, and what is to be done."""

from sqlalchemy import cast, func, literal, select
from sqlalchemy.types import String

from core.crm.leads.tables import Lead
from core.crm.opportunities.tables import Opportunity, Stage, StageChange
from core.crm.tables import Activity
from core.crm.tasks.tables import Task, TaskState
from core.kernel.semantics import Names
from core.kernel.timeline import NO_AMOUNT, NOTHING, Strand, midnight

STRANDS = (
    Strand(
        "activities",
        Names("talks and notes", "沟通与备注"),
        select(
            Activity.party_id,
            Activity.happened_at.label("at"),
            Activity.id.label("id"),
            Activity.document.label("number"),
            Activity.subject.label("title"),
            Activity.body.label("detail"),
            cast(Activity.kind, String).label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ),
    ),
    Strand(
        "opportunities",
        Names("opportunities", "商机"),
        select(
            Opportunity.party_id,
            midnight(StageChange.moved_on).label("at"),
            StageChange.id.label("id"),
            Opportunity.number.label("number"),
            Opportunity.title.label("title"),
            func.coalesce(Opportunity.lost_reason, "").label("detail"),
            Stage.name.label("state"),
            Opportunity.amount_minor.label("minor"),
            Opportunity.currency.label("currency"),
        )
        .select_from(Opportunity)
        .join(StageChange, StageChange.opportunity_id == Opportunity.id)
        .join(Stage, Stage.id == StageChange.stage_id),
    ),
    Strand(
        "tasks",
        Names("tasks", "任务"),
        select(
            Task.party_id,
            midnight(func.coalesce(Task.closed_on, Task.due_on)).label("at"),
            Task.id.label("id"),
            Task.number.label("number"),
            Task.subject.label("title"),
            func.coalesce(Task.outcome, Task.notes).label("detail"),
            cast(Task.state, String).label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ).where(Task.state != TaskState.CANCELLED),
    ),
    Strand(
        "leads",
        Names("leads", "线索"),
        select(
            Lead.party_id,
            midnight(Lead.converted_on).label("at"),
            Lead.id.label("id"),
            Lead.number.label("number"),
            Lead.name.label("title"),
            func.coalesce(Lead.interest, "").label("detail"),
            literal("converted").label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ).where(Lead.party_id.is_not(None)),
    ),
)
