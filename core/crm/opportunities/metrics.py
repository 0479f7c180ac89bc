"""What opportunities and leads give to reporting: the pipeline, what was won, how long it took."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    and_,
    case,
    cast,
    func,
    null,
    select,
)
from sqlalchemy.orm import aliased

from core.crm.leads.tables import Lead, LeadState
from core.crm.opportunities.stalling import LAST_ON, PLANNED_ON, has_stalled
from core.crm.opportunities.tables import (
    ForecastCategory,
    Opportunity,
    Pipeline,
    Quota,
    Stage,
    StageChange,
    StageKind,
)
from core.crm.sources import LeadSource
from core.kernel.company import CompanyRow
from core.kernel.identity.tables import Person
from core.kernel.money import Rounding
from core.kernel.semantics import (
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.parties.tables import Customer, Party, Territory

_HALF = Decimal("0.5")
_CONVERTED = (StageKind.QUOTED, StageKind.WON)
_chance = func.coalesce(Opportunity.probability, Stage.probability)
_HANDLES = frozenset(
    {
        "customer", "territory", "country", "salesperson", "stage", "pipeline", "deal_owner",
        "lead_source", "lost_reason", "forecast_category",
    }
)  # fmt: skip


def as_the_company_rounds(minor: Any) -> ColumnElement[Any]:  # noqa: ANN401
    """Round minor units that are not negative to whole ones, halves as the company does."""
    exact = cast(minor, Numeric)
    up = func.round(exact)
    to_even = and_(exact - func.trunc(exact) == _HALF, func.mod(up, 2) == 1)
    half_even = case((to_even, up - 1), else_=up)
    mode = select(CompanyRow.rounding).scalar_subquery()
    return case((mode == Rounding.HALF_EVEN, half_even), else_=up)


_rows = (
    select(
        Opportunity.number.label("document"),
        Opportunity.opened_on,
        Opportunity.close_on,
        Opportunity.closed_on,
        Opportunity.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
        Opportunity.stage_id.label("stage"),
        Opportunity.pipeline_id.label("pipeline"),
        Opportunity.owner_id.label("deal_owner"),
        Opportunity.source.label("lead_source"),
        Opportunity.lost_reason,
        func.coalesce(Opportunity.category, Stage.category).label("forecast_category"),
        Opportunity.outcome,
        Stage.kind.label("stage_kind"),
        Stage.stale_days,
        Opportunity.base_minor,
        # Each is rounded by itself, as a forecast does.
        as_the_company_rounds(Opportunity.base_minor * _chance / 100).label("weighted_minor"),
        case((Stage.kind.in_(_CONVERTED), 1), else_=0).label("converted"),
        case((Opportunity.outcome == StageKind.WON.value, 1), else_=0).label("won"),
        case((Opportunity.outcome.is_not(None), 1), else_=0).label("closed"),
        (Opportunity.closed_on - Opportunity.opened_on).label("cycle_days"),
        LAST_ON.label("last_on"),
        PLANNED_ON.label("planned_on"),
    )
    .join(Stage, Stage.id == Opportunity.stage_id)
    .join(Party, Party.id == Opportunity.party_id)
    .outerjoin(Customer, Customer.party_id == Opportunity.party_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id)
)

OPPORTUNITIES = Source(
    id="opportunities",
    rows=_rows,
    basis=Said("opportunities, by the day they were opened", "商机，按建立日期"),
    handles=_HANDLES,
    dates=("opened_on", "close_on"),
    document_kind="opportunity",
)
CLOSED = Source(
    id="closed_opportunities",
    rows=_rows.where(Opportunity.outcome.is_not(None)),
    basis=Said("opportunities that were won or lost, by that day", "已结束的商机，按结束日期"),
    handles=_HANDLES,
    dates=("closed_on",),
    document_kind="opportunity",
)

_next = aliased(StageChange)
_came, _went = aliased(Stage), aliased(Stage)
STEPS = Source(
    id="stage_steps",
    rows=select(
        Opportunity.number.label("document"),
        _next.moved_on.label("left_on"),
        StageChange.stage_id.label("stage"),
        Opportunity.pipeline_id.label("pipeline"),
        Opportunity.owner_id.label("deal_owner"),
        Opportunity.source.label("lead_source"),
        Opportunity.party_id.label("customer"),
        case(
            (and_(_went.kind != StageKind.LOST, _went.position > _came.position), 1), else_=0
        ).label("advanced"),
        (_next.moved_on - StageChange.moved_on).label("stage_days"),
    )
    .join(Opportunity, Opportunity.id == StageChange.opportunity_id)
    .join(
        _next,
        and_(
            _next.opportunity_id == StageChange.opportunity_id,
            _next.position == StageChange.position + 1,
        ),
    )
    .join(_came, _came.id == StageChange.stage_id)
    .join(_went, _went.id == _next.stage_id),
    basis=Said("stages that opportunities left, by that day", "商机离开的阶段，按离开日期"),
    handles=frozenset({"stage", "pipeline", "deal_owner", "lead_source", "customer"}),
    dates=("left_on",),
    document_kind="opportunity",
)

LEADS = Source(
    id="leads",
    rows=select(
        Lead.number.label("document"),
        Lead.opened_on,
        Lead.owner_id.label("deal_owner"),
        Lead.source.label("lead_source"),
        Lead.country,
        Lead.state.label("lead_state"),
        case((Lead.state == LeadState.CONVERTED, 1), else_=0).label("converted"),
    ),
    basis=Said("leads, by the day they came in", "线索，按登记日期"),
    handles=frozenset({"deal_owner", "lead_source", "country"}),
    dates=("opened_on",),
    document_kind="lead",
)

QUOTAS = Source(
    id="quotas",
    rows=select(
        cast(null(), Opportunity.number.type).label("document"),
        Quota.starts_on,
        Quota.owner_id.label("deal_owner"),
        Quota.amount_minor,
    ).where(Quota.owner_id.is_not(None)),
    basis=Said("quotas of people, by the day they begin", "个人销售目标，按开始日期"),
    handles=frozenset({"deal_owner"}),
    dates=("starts_on",),
)


def _is_open(rows: Rows) -> ColumnElement[bool]:
    return rows["outcome"].is_(None)


def _has_stalled(rows: Rows) -> ColumnElement[bool]:
    stalled = has_stalled(
        rows.as_of,
        last_on=rows["last_on"],
        planned_on=rows["planned_on"],
        close_on=rows["close_on"],
        stale_days=rows["stale_days"],
    )
    return and_(_is_open(rows), stalled)


_NOTHING = Said("n/a (no opportunities)", "不适用（无商机）")


_WON = Source(
    id="won_opportunities",
    rows=_rows.where(Opportunity.outcome == StageKind.WON.value),
    basis=Said("opportunities that were won, by that day", "已赢单的商机，按赢单日期"),
    handles=_HANDLES,
    dates=("closed_on",),
    document_kind="opportunity",
)


def _flow(
    name: str,
    names: Names,
    definition: Said,
    source: Source,
    value: str,
    *,
    unit: Unit = Unit.COUNT,
    more_is_better: bool | None = None,
    inner: bool = False,
) -> Metric:
    return Metric(
        id=name,
        names=names,
        definition=definition,
        unit=unit,
        kind=Kind.FLOW,
        measure=Measure(source, lambda rows: rows[value], minor=unit is Unit.MONEY),
        more_is_better=more_is_better,
        inner=inner,
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="opportunities",
            names=Names(
                "opportunities",
                "商机数",
                ("number of opportunities", "new opportunities", "opportunity count"),
                ("商机数量", "新增商机", "新商机数"),
            ),
            definition=Said(
                "The number of opportunities that were opened in the period.",
                "期间内新建的商机数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(OPPORTUNITIES, adding=Adding.COUNT),
            more_is_better=True,
        ),
        Metric(
            id="open_opportunities",
            names=Names(
                "open opportunities",
                "未结商机数",
                ("number of open opportunities", "opportunities still open", "open deal count"),
                ("未结商机数量", "进行中商机数", "在谈商机数"),
            ),
            definition=Said(
                "The number of opportunities that are neither won nor lost now.",
                "目前既未赢单也未输单的商机数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                OPPORTUNITIES, adding=Adding.COUNT, where=_is_open, timing=Timing.PRESENT
            ),
        ),
        Metric(
            id="pipeline_value",
            names=Names(
                "pipeline value",
                "管道金额",
                ("sales pipeline value", "value of the pipeline", "open pipeline"),
                ("销售管道金额", "商机金额", "在谈金额"),
            ),
            definition=Said(
                "What the open opportunities are worth now, in the company's currency.",
                "目前未结商机的金额，按本位币。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                OPPORTUNITIES,
                lambda rows: rows["base_minor"],
                where=_is_open,
                timing=Timing.PRESENT,
                minor=True,
            ),
            more_is_better=True,
        ),
        Metric(
            id="weighted_pipeline",
            names=Names(
                "weighted pipeline",
                "加权管道金额",
                ("weighted pipeline value", "expected value of the pipeline", "weighted deals"),
                ("加权商机金额", "管道加权金额", "商机加权额"),
            ),
            definition=Said(
                "What the open opportunities are worth by their chance: amount times probability,"
                " each rounded by itself.",
                "目前未结商机按成交概率加权的金额，逐笔取整。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                OPPORTUNITIES,
                lambda rows: rows["weighted_minor"],
                where=_is_open,
                timing=Timing.PRESENT,
                minor=True,
            ),
            more_is_better=True,
        ),
        Metric(
            id="committed_pipeline",
            names=Names(
                "committed pipeline",
                "承诺管道金额",
                ("commit forecast", "committed deals value", "pipeline in commit"),
                ("承诺商机金额", "承诺预测额", "承诺级商机额"),
            ),
            definition=Said(
                "What the open opportunities in the forecast category commit are worth now.",
                "目前预测类别为“承诺”的未结商机金额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                OPPORTUNITIES,
                lambda rows: rows["base_minor"],
                where=lambda rows: and_(
                    rows["outcome"].is_(None),
                    rows["forecast_category"] == ForecastCategory.COMMIT,
                ),
                timing=Timing.PRESENT,
                minor=True,
            ),
            more_is_better=True,
        ),
        Metric(
            id="stalled_opportunities",
            names=Names(
                "stalled opportunities count",
                "停滞商机数",
                ("number of stalled opportunities", "count of stalled deals", "stalled deal count"),
                ("停滞商机数量", "停滞的商机数", "停滞商机个数"),
            ),
            definition=Said(
                "Open opportunities with which nothing happened for longer than their stage"
                " allows, or that should have closed by now, and nothing is planned.",
                "超过阶段允许天数没有进展、或已过预计成交日，且没有后续安排的未结商机数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                OPPORTUNITIES, adding=Adding.COUNT, where=_has_stalled, timing=Timing.PRESENT
            ),
            more_is_better=False,
        ),
        _flow(
            "won_value",
            Names(
                "won value",
                "赢单金额",
                ("value of opportunities won", "deals won value", "value won"),
                ("赢单额", "成交商机金额", "赢得金额"),
            ),
            Said(
                "What the opportunities that were won in the period are worth.",
                "期间内赢单的商机金额。",
            ),
            _WON,
            "base_minor",
            unit=Unit.MONEY,
            more_is_better=True,
        ),
        _flow(
            "opportunities_won",
            Names(
                "opportunities won",
                "赢单数",
                ("number of deals won", "deals won count", "won opportunities"),
                ("赢单数量", "赢得商机数", "成交商机数"),
            ),
            Said("Opportunities that were won in the period.", "期间内赢单的商机数量。"),
            CLOSED,
            "won",
            more_is_better=True,
        ),
        _flow(
            "opportunities_closed",
            Names("opportunities closed", "已关闭商机数"),
            Said(
                "Opportunities that were won or lost in the period.",
                "期间内赢单或输单的商机数量。",
            ),
            CLOSED,
            "closed",
            inner=True,
        ),
        Metric(
            id="opportunity_win_rate",
            names=Names(
                "opportunity win rate",
                "商机赢单率",
                ("win rate of opportunities", "deal win rate", "share of deals won"),
                ("商机胜率", "商机成交率", "商机赢率"),
            ),
            definition=Said(
                "Opportunities won as a percentage of those won or lost in the period.",
                "期间内赢单商机占赢单与输单之和的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("opportunities_won", "opportunities_closed"),
            formula=lambda won, closed: 100 * won / func.nullif(closed, 0),
            undefined=_NOTHING,
            more_is_better=True,
        ),
        _flow(
            "won_cycle_days",
            Names("days until won", "赢单总天数"),
            Said(
                "Days from opening to winning, of all opportunities won in the period.",
                "期间内赢单商机从建立到赢单的总天数。",
            ),
            _WON,
            "cycle_days",
            inner=True,
        ),
        Metric(
            id="sales_cycle_days",
            names=Names(
                "sales cycle length",
                "销售周期",
                ("length of the sales cycle", "days to win a deal", "average sales cycle"),
                ("平均销售周期", "销售周期天数", "成交周期"),
            ),
            definition=Said(
                "Days from opening an opportunity to winning it, on average of those won in the"
                " period.",
                "期间内赢单商机从建立到赢单的平均天数。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("won_cycle_days", "opportunities_won"),
            formula=lambda days, won: days / func.nullif(won, 0),
            undefined=_NOTHING,
            more_is_better=False,
        ),
        _flow(
            "opportunities_converted",
            Names("opportunities converted", "已转化商机数"),
            Said(
                "Opportunities opened in the period that have a quotation now, or were won.",
                "期间内新建且目前已报价或已赢单的商机数量。",
            ),
            OPPORTUNITIES,
            "converted",
            inner=True,
        ),
        Metric(
            id="opportunity_conversion_rate",
            names=Names(
                "opportunity conversion rate",
                "商机转化率",
                (
                    "conversion rate of opportunities",
                    "opportunity to quote rate",
                    "share of opportunities quoted",
                ),
                ("商机转报价率", "商机转换率", "商机报价率"),
            ),
            definition=Said(
                "Opportunities opened in the period that have a quotation now or were won, as a"
                " percentage of all opened.",
                "期间内新建商机中目前已报价或已赢单的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("opportunities_converted", "opportunities"),
            formula=lambda converted, opened: 100 * converted / func.nullif(opened, 0),
            undefined=_NOTHING,
            more_is_better=True,
        ),
        Metric(
            id="stage_exits",
            names=Names("stages left", "离开阶段次数"),
            definition=Said(
                "How often opportunities left a stage in the period.", "期间内商机离开阶段的次数。"
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(STEPS, adding=Adding.COUNT),
            inner=True,
        ),
        _flow(
            "stage_advances",
            Names("stages advanced from", "阶段推进次数"),
            Said(
                "How often opportunities left a stage for a later one in the period.",
                "期间内商机进入更后阶段的次数。",
            ),
            STEPS,
            "advanced",
            inner=True,
        ),
        _flow(
            "stage_days",
            Names("days in stages", "阶段停留天数"),
            Said(
                "Days that opportunities were in the stages they left in the period.",
                "期间内所离开阶段的停留天数。",
            ),
            STEPS,
            "stage_days",
            inner=True,
        ),
        Metric(
            id="stage_conversion_rate",
            names=Names(
                "stage conversion rate",
                "阶段转化率",
                ("conversion between stages", "conversion by stage", "stage to stage conversion"),
                ("阶段推进率", "阶段间转化率", "阶段转换率"),
            ),
            definition=Said(
                "How often an opportunity that left a stage in the period went on to a later one,"
                " in percent.",
                "期间内离开某阶段的商机进入更后阶段的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("stage_advances", "stage_exits"),
            formula=lambda advanced, left: 100 * advanced / func.nullif(left, 0),
            undefined=_NOTHING,
            more_is_better=True,
        ),
        Metric(
            id="days_in_stage",
            names=Names(
                "days in stage",
                "阶段平均停留天数",
                ("time in stage", "average days in a stage", "how long deals stay in a stage"),
                ("阶段停留时间", "各阶段停留天数", "平均阶段天数"),
            ),
            definition=Said(
                "Days that opportunities were in a stage before they left it, on average of those"
                " that left in the period.",
                "期间内离开的商机在该阶段的平均停留天数。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("stage_days", "stage_exits"),
            formula=lambda days, left: days / func.nullif(left, 0),
            undefined=_NOTHING,
            more_is_better=False,
        ),
        Metric(
            id="leads",
            names=Names(
                "leads",
                "线索数",
                ("number of leads", "lead count", "leads received"),
                ("线索数量", "新增线索", "新线索数"),
            ),
            definition=Said(
                "The number of leads that came in in the period.", "期间内登记的线索数量。"
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(LEADS, adding=Adding.COUNT),
            more_is_better=True,
        ),
        _flow(
            "leads_converted",
            Names("leads converted", "已转化线索数"),
            Said(
                "Leads of the period that became customers.", "期间内登记且已转化为客户的线索数量。"
            ),
            LEADS,
            "converted",
            inner=True,
        ),
        Metric(
            id="lead_conversion_rate",
            names=Names(
                "lead conversion rate",
                "线索转化率",
                (
                    "conversion rate of leads",
                    "leads converted percentage",
                    "share of leads won",
                ),
                ("线索转换率", "线索成交率", "线索转客户率"),
            ),
            definition=Said(
                "Leads of the period that became customers by now, in percent.",
                "期间内登记的线索中至今已转化的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("leads_converted", "leads"),
            formula=lambda converted, came: 100 * converted / func.nullif(came, 0),
            undefined=Said("n/a (no leads)", "不适用（无线索）"),
            more_is_better=True,
        ),
        _flow(
            "quota_amount",
            Names(
                "quota amount",
                "销售目标额",
                ("sales quota amount", "total quota", "sum of quotas"),
                ("目标总额", "销售目标金额", "销售指标额"),
            ),
            Said(
                "What people are to win by the quotas that begin in the period.",
                "期间内开始的个人销售目标之和。",
            ),
            QUOTAS,
            "amount_minor",
            unit=Unit.MONEY,
        ),
        Metric(
            id="quota_attainment_pct",
            names=Names(
                "quota attainment",
                "目标完成率",
                ("attainment of quotas", "percentage of quota reached", "quota reached"),
                ("销售目标完成率", "指标完成率", "目标达成率"),
            ),
            definition=Said(
                "What was won in the period as a percentage of the quotas of people that begin in"
                " it.",
                "期间内赢单金额占期间内开始的个人销售目标的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("won_value", "quota_amount"),
            formula=lambda won, quota: 100 * won / func.nullif(quota, 0),
            undefined=Said("n/a (no quota)", "不适用（无销售目标）"),
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="stage",
            names=Names(
                "opportunity stage",
                "商机阶段",
                ("pipeline stage", "stage of the opportunity", "deal stage"),
                ("销售阶段", "管道阶段", "商机的阶段"),
            ),
            handle="stage",
            members=select(
                Stage.id,
                (Pipeline.code + "/" + Stage.code).label("key"),
                Stage.name.label("label"),
                Stage.name_zh.label("label_zh"),
            ).join(Pipeline, Pipeline.id == Stage.pipeline_id),
            parent="pipeline",
        ),
        Dimension(
            id="pipeline",
            names=Names(
                "sales pipeline",
                "销售管道",
                ("pipeline name", "which pipeline", "kind of pipeline"),
                ("管道名称", "所属管道", "管道类别"),
            ),
            handle="pipeline",
            members=select(
                Pipeline.id,
                Pipeline.code.label("key"),
                Pipeline.name.label("label"),
                Pipeline.name_zh.label("label_zh"),
            ),
        ),
        Dimension(
            id="deal_owner",
            names=Names(
                "opportunity owner",
                "商机负责人",
                ("deal owner", "owner of the opportunity", "lead owner"),
                ("线索负责人", "商机所有人", "商机归属人"),
            ),
            handle="deal_owner",
            members=select(
                Person.id,
                Person.login.label("key"),
                Person.name.label("label"),
                Person.name.label("label_zh"),
            ),
        ),
        Dimension(
            id="lead_source",
            names=Names(
                "lead source",
                "线索来源",
                ("source of leads", "source of the opportunity", "origin of leads"),
                ("商机来源", "来源渠道", "线索的来源"),
            ),
            handle="lead_source",
            words={
                LeadSource.REFERRAL: ("referral", "转介绍"),
                LeadSource.WEB: ("web site", "网站"),
                LeadSource.TRADE_FAIR: ("trade fair", "展会"),
                LeadSource.CALL: ("cold call", "电话开发"),
                LeadSource.EMAIL: ("mail inquiry", "邮件询盘"),
                LeadSource.CAMPAIGN: ("campaign lead", "营销活动来源"),
                LeadSource.PARTNER: ("partner lead", "合作伙伴来源"),
                LeadSource.OTHER: ("other source", "其他来源"),
            },
        ),
        Dimension(
            id="forecast_category",
            names=Names(
                "forecast category",
                "预测类别",
                ("category of the forecast", "commit or best case", "forecast class"),
                ("预测分类", "预测级别", "商机预测类别"),
            ),
            handle="forecast_category",
            words={
                ForecastCategory.PIPELINE: ("pipeline only", "仅管道"),
                ForecastCategory.BEST_CASE: ("best case", "乐观"),
                ForecastCategory.COMMIT: ("commit", "承诺"),
            },
            ordered=True,
        ),
    ),
)
