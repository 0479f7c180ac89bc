"""What opportunities, leads and tasks give to lists."""

from sqlalchemy import and_, case, func, select

from core.crm.leads.tables import Lead, LeadState
from core.crm.opportunities.tables import (
    ForecastCategory,
    Opportunity,
    OpportunityLine,
    Stage,
    StageKind,
)
from core.crm.sources import LeadSource
from core.crm.tasks.tables import Task, TaskKind, TaskState
from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import EVERYDAY, Names, Said
from core.parties.tables import Party

_OWNER = Names("deal owner", "负责人", ("owned by",), ("归属",))
_SOURCES: dict[str, tuple[str, str]] = {
    LeadSource.REFERRAL: ("referral", "转介绍"), LeadSource.WEB: ("web site", "网站"),
    LeadSource.TRADE_FAIR: ("trade fair", "展会"), LeadSource.CALL: ("call", "电话"),
    LeadSource.EMAIL: ("mail", "邮件"), LeadSource.CAMPAIGN: ("campaign", "营销活动"),
    LeadSource.PARTNER: ("partner", "合作伙伴"), LeadSource.OTHER: ("other", "其他"),
}  # fmt: skip
_OUTCOME = case((Opportunity.outcome.is_(None), "open"), else_=Opportunity.outcome)

OPPORTUNITIES = RecordKind(
    id="opportunities",
    names=Names("opportunities", "商机", ("sales opportunities",), ("销售商机",)),
    one=Said("opportunity", "商机"),
    source=Opportunity.__table__.join(Stage, Stage.id == Opportunity.stage_id),
    key=Opportunity.number,
    identity=Opportunity.id,
    currency=Opportunity.currency,
    roles=EVERYDAY,
    fields=(
        Field("number", Names("number", "编号"), column=Opportunity.number),
        Field("title", Names("title", "标题"), column=Opportunity.title),
        record("customer", Names("customer", "客户"), Opportunity.party_id, roles=EVERYDAY),
        record("stage", Names("stage", "阶段"), Opportunity.stage_id, roles=EVERYDAY),
        record("deal_owner", _OWNER, Opportunity.owner_id, roles=EVERYDAY),
        Field(
            "amount",
            Names("amount", "金额", ("value",), ("总额",)),
            Holds.MONEY,
            Opportunity.amount_minor,
            base=Opportunity.base_minor,
            roles=EVERYDAY,
        ),
        Field(
            "probability",
            Names("probability", "概率", ("chance",)),
            Holds.QUANTITY,
            func.coalesce(Opportunity.probability, Stage.probability),
            roles=EVERYDAY,
        ),
        Field(
            "close_on",
            Names("closing date", "预计成交日", ("closes on", "close date")),
            Holds.DATE,
            Opportunity.close_on,
            ahead=True,
            roles=EVERYDAY,
        ),
        Field(
            "opened_on",
            Names("opened on", "建立日期", ("opened",)),
            Holds.DATE,
            Opportunity.opened_on,
            shown=False,
            roles=EVERYDAY,
        ),
        Field(
            "outcome",
            Names("outcome", "结果"),
            Holds.WORD,
            _OUTCOME,
            words={
                "open": ("undecided", "未结"),
                StageKind.WON.value: ("won", "赢单"),
                StageKind.LOST.value: ("lost", "输单"),
            },
            roles=EVERYDAY,
        ),
        Field(
            "lost_reason",
            Names("lost reason", "输单原因"),
            column=Opportunity.lost_reason,
            shown=False,
            roles=EVERYDAY,
        ),
        Field(
            "lead_source",
            Names("lead source", "来源"),
            Holds.WORD,
            Opportunity.source,
            words=_SOURCES,
            shown=False,
            roles=EVERYDAY,
        ),
        Field(
            "forecast_category",
            Names("forecast category", "预测类别"),
            Holds.WORD,
            func.coalesce(Opportunity.category, Stage.category),
            words={
                ForecastCategory.PIPELINE: ("pipeline only", "仅管道"),
                ForecastCategory.BEST_CASE: ("best case", "乐观"),
                ForecastCategory.COMMIT: ("commit", "承诺"),
            },
            shown=False,
            roles=EVERYDAY,
        ),
        record(
            "item",
            Names("item", "物料", ("product",), ("产品",)),
            through=select(
                OpportunityLine.opportunity_id.label("record"),
                OpportunityLine.item_id.label("value"),
            ),
            roles=EVERYDAY,
        ),
        flag(
            "overdue",
            Names("past its closing date", "已过预计成交日"),
            and_(Opportunity.outcome.is_(None), Opportunity.close_on < TODAY),
            roles=EVERYDAY,
        ),
    ),
    day="opened_on",
    order=(("close_on", "asc"),),
    ref="op",
)

LEADS = RecordKind(
    id="leads",
    names=Names("leads", "线索", ("sales leads",), ("销售线索",)),
    one=Said("lead", "线索"),
    source=Lead.__table__,
    key=Lead.number,
    identity=Lead.id,
    roles=EVERYDAY,
    fields=(
        Field("number", Names("number", "编号"), column=Lead.number, roles=EVERYDAY),
        Field("name", Names("name", "名称"), column=Lead.name, roles=EVERYDAY),
        Field("contact_name", Names("contact", "联系人"), column=Lead.contact_name, roles=EVERYDAY),
        Field(
            "lead_source",
            Names("lead source", "来源"),
            Holds.WORD,
            Lead.source,
            words=_SOURCES,
            roles=EVERYDAY,
        ),
        Field(
            "score", Names("points", "评分", ("score",)), Holds.COUNT, Lead.score, roles=EVERYDAY
        ),
        Field(
            "lead_state",
            Names("lead status", "线索状态"),
            Holds.WORD,
            Lead.state,
            words={
                LeadState.NEW: ("new", "新建"),
                LeadState.WORKING: ("being worked on", "跟进中"),
                LeadState.CONVERTED: ("converted", "已转化"),
                LeadState.DISQUALIFIED: ("disqualified", "已作废"),
            },
            roles=EVERYDAY,
        ),
        record("deal_owner", _OWNER, Lead.owner_id, roles=EVERYDAY),
        Field(
            "opened_on",
            Names("came in on", "登记日期"),
            Holds.DATE,
            Lead.opened_on,
            roles=EVERYDAY,
        ),
        flag(
            "assigned",
            Names("assigned", "已分配"),
            Lead.owner_id.is_not(None),
            negative=Names("unassigned", "未分配"),
            roles=EVERYDAY,
        ),
    ),
    day="opened_on",
    order=(("opened_on", "desc"),),
    ref="ld",
)

TASKS = RecordKind(
    id="tasks",
    # "My tasks" are asked for by a tool: a list does not know who asks.
    names=Names("tasks of everybody", "全部任务", ("everybody's tasks",), ("所有任务",)),
    one=Said("task", "任务"),
    source=Task.__table__.outerjoin(Party, Party.id == Task.party_id),
    key=Task.number,
    identity=Task.id,
    roles=EVERYDAY,
    fields=(
        Field("number", Names("number", "编号"), column=Task.number, roles=EVERYDAY),
        Field("subject", Names("subject", "主题"), column=Task.subject, roles=EVERYDAY),
        Field(
            "task_kind",
            Names("kind of task", "任务类型"),
            Holds.WORD,
            Task.kind,
            words={
                TaskKind.CALL: ("call", "电话"),
                TaskKind.MEETING: ("meeting", "会面"),
                TaskKind.EMAIL: ("mail", "邮件"),
                TaskKind.TASK: ("task", "任务"),
            },
            roles=EVERYDAY,
        ),
        Field("party", Names("party", "往来单位"), column=Party.name, roles=EVERYDAY),
        Field(
            "due_on",
            Names("due on", "到期日", ("due",)),
            Holds.DATE,
            Task.due_on,
            ahead=True,
            roles=EVERYDAY,
        ),
        record("deal_owner", _OWNER, Task.owner_id, roles=EVERYDAY),
        Field(
            "task_state",
            Names("task status", "任务状态"),
            Holds.WORD,
            Task.state,
            words={
                TaskState.OPEN: ("to do", "待办"),
                TaskState.DONE: ("done", "已完成"),
                TaskState.CANCELLED: ("cancelled", "已取消"),
            },
            roles=EVERYDAY,
        ),
        flag(
            "overdue",
            Names("overdue", "逾期"),
            and_(Task.state == TaskState.OPEN, Task.due_on < TODAY),
            roles=EVERYDAY,
        ),
    ),
    day="due_on",
    order=(("due_on", "asc"),),
    ref="tk",
)

LISTS = Lists(kinds=(OPPORTUNITIES, LEADS, TASKS))
