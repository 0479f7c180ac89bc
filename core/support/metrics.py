"""What service gives to reporting: what comes in, how fast it is solved, and how it is liked."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from core.kernel.company import CompanyRow
from core.kernel.identity.tables import Person
from core.kernel.semantics import (
    AND_CUSTOMERS,
    EVERYDAY,
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
from core.support.tables import (
    Priority,
    SlaBreach,
    SlaPolicy,
    SupportTeam,
    Target,
    Ticket,
    TicketState,
    TicketTurn,
    TicketType,
)
from core.support.tables import Source as Origin

_ZONE = select(CompanyRow.time_zone).scalar_subquery()
_HOUR = 3_600
_DONE = (TicketState.RESOLVED, TicketState.CLOSED)
_NOTHING = Said("n/a (no such ticket)", "不适用（无相关工单）")
TYPES = {
    TicketType.QUESTION.value: ("question", "咨询"),
    TicketType.INCIDENT.value: ("incident", "故障"),
    TicketType.COMPLAINT.value: ("complaint", "投诉"),
    TicketType.REQUEST.value: ("service request", "服务请求"),
    TicketType.RETURN.value: ("return request", "退货请求"),
}
PRIORITIES = {
    Priority.URGENT.value: ("urgent", "紧急"),
    Priority.HIGH.value: ("high", "高"),
    Priority.MEDIUM.value: ("medium", "中"),
    Priority.LOW.value: ("low", "低"),
}
ORIGINS = {
    Origin.PERSON.value: ("by a person", "人工登记"),
    Origin.MAIL.value: ("mail", "邮件"),
    Origin.WEB.value: ("web", "网站"),
    Origin.PORTAL.value: ("portal", "客户门户"),
}
_HANDLES = frozenset(
    {
        "customer", "territory", "country", "salesperson", "ticket_type", "ticket_priority",
        "ticket_source", "support_team", "support_agent", "sla_policy",
    }
)  # fmt: skip


def _day(column: Any) -> ColumnElement[date]:  # noqa: ANN401  # A column, of a table or a select.
    return cast(func.timezone(_ZONE, column), Date)


# What figures of tickets are asked by, of every source.
_BY = (
    Ticket.number.label("document"),
    Ticket.customer_id.label("customer"),
    Territory.id.label("territory"),
    func.coalesce(Territory.country, Party.country).label("country"),
    Customer.salesperson_id.label("salesperson"),
    Ticket.ticket_type.label("ticket_type"),
    Ticket.priority.label("ticket_priority"),
    Ticket.source.label("ticket_source"),
    Ticket.team_id.label("support_team"),
    Ticket.assignee_id.label("support_agent"),
    Ticket.policy_id.label("sla_policy"),
)


def _source(name: str, rows: Any, basis: Said, day: str, *more_handles: str) -> Source:  # noqa: ANN401
    joined = (
        rows.outerjoin(Party, Party.id == Ticket.customer_id)
        .outerjoin(Customer, Customer.party_id == Ticket.customer_id)
        .outerjoin(Territory, Territory.id == Customer.territory_id)
    )
    return Source(
        id=name,
        rows=joined,
        basis=basis,
        handles=_HANDLES | set(more_handles),
        dates=(day,),
        owner="customer",
        document_kind="ticket",
    )


OPENED = _source(
    "tickets",
    select(*_BY, _day(Ticket.opened_at).label("opened_on")).select_from(Ticket),
    Said("tickets by the day they were opened", "按开单日期的工单"),
    "opened_on",
)
ANSWERED = _source(
    "tickets_answered",
    select(*_BY, _day(Ticket.first_responded_at).label("answered_on"), Ticket.response_seconds)
    .select_from(Ticket)
    .where(Ticket.response_seconds.is_not(None)),
    Said("tickets by the day of the first answer", "按首次响应日期的工单"),
    "answered_on",
)
SOLVED = _source(
    "tickets_solved",
    select(*_BY, _day(Ticket.resolved_at).label("solved_on"), Ticket.resolution_seconds)
    .select_from(Ticket)
    .where(Ticket.resolution_seconds.is_not(None), Ticket.merged_into_id.is_(None)),
    Said("tickets by the day they were solved, duplicates left out", "按解决日期的工单，不含重复"),
    "solved_on",
)
RATED = _source(
    "tickets_rated",
    select(*_BY, _day(Ticket.rated_at).label("rated_on"), Ticket.satisfaction)
    .select_from(Ticket)
    .where(Ticket.satisfaction.is_not(None)),
    Said("tickets by the day customers rated them", "按客户评价日期的工单"),
    "rated_on",
)

_BEFORE = func.lag(TicketTurn.state, type_=TicketTurn.state.type).over(
    partition_by=TicketTurn.ticket_id, order_by=TicketTurn.position
)
_STEPS = select(
    TicketTurn.ticket_id,
    TicketTurn.turned_at,
    TicketTurn.state,
    TicketTurn.position,
    _BEFORE.label("before"),
).subquery()
_done_now = _STEPS.c.state.in_(_DONE)
_done_before = _STEPS.c.before.in_(_DONE)
TURNED = _source(
    "ticket_turns",
    select(
        *_BY,
        _day(_STEPS.c.turned_at).label("turned_on"),
        case(
            (_STEPS.c.position == 1, 1),
            (and_(_done_now, ~_done_before), -1),
            (and_(_done_before, ~_done_now), 1),
            else_=0,
        ).label("to_do"),
        case(
            (and_(_done_now, func.coalesce(~_done_before, literal(value=True))), 1), else_=0
        ).label("solved"),
        case((_STEPS.c.state == TicketState.REOPENED, 1), else_=0).label("reopened"),
    )
    .select_from(Ticket)
    .join(_STEPS, _STEPS.c.ticket_id == Ticket.id),
    Said("states that tickets came into", "工单状态变化"),
    "turned_on",
)

_KEPT = union_all(
    select(
        Ticket.id.label("ticket_id"),
        literal(Target.RESPONSE.value, String).label("target"),
        Ticket.response_due_at.label("due_at"),
        Ticket.first_responded_at.label("done_at"),
        (Ticket.state == TicketState.CLOSED).label("over"),
    ).where(Ticket.response_due_at.is_not(None)),
    select(
        Ticket.id,
        literal(Target.RESOLUTION.value, String),
        Ticket.resolution_due_at,
        Ticket.resolved_at,
        # While the customer is asked, nothing falls due.
        (Ticket.state == TicketState.WAITING),
    ).where(Ticket.resolution_due_at.is_not(None)),
).subquery()
PROMISED = _source(
    "sla_targets",
    select(
        *_BY,
        _day(_KEPT.c.due_at).label("due_on"),
        _KEPT.c.target.label("sla_target"),
        _KEPT.c.done_at.is_not(None).label("is_done"),
        case((_KEPT.c.done_at <= _KEPT.c.due_at, 1), else_=0).label("kept"),
    )
    .select_from(Ticket)
    .join(_KEPT, _KEPT.c.ticket_id == Ticket.id)
    .where(or_(_KEPT.c.done_at.is_not(None), ~_KEPT.c.over), Ticket.merged_into_id.is_(None)),
    Said("what was promised of tickets, by the day it was due", "按到期日期的服务承诺"),
    "due_on",
    "sla_target",
)
BROKEN = _source(
    "sla_breaches",
    select(
        *_BY,
        _day(SlaBreach.due_at).label("due_on"),
        SlaBreach.target.label("sla_target"),
    )
    .select_from(Ticket)
    .join(SlaBreach, SlaBreach.ticket_id == Ticket.id),
    Said("broken promises on record, by the day they were due", "按到期日期的超时记录"),
    "due_on",
    "sla_target",
)


def _count(name: str, names: Names, measure: Measure) -> Metric:
    """Return a part that nobody asks for by itself."""
    return Metric(
        id=name, names=names, definition=Said(names.en, names.zh), unit=Unit.COUNT,
        kind=Kind.FLOW, roles=EVERYDAY, measure=measure, inner=True,
    )  # fmt: skip


def _fell_due(rows: Rows) -> ColumnElement[bool]:
    return or_(rows["is_done"], rows["due_on"] < rows.as_of)


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="tickets",
            names=Names(
                "tickets",
                "工单数",
                ("tickets opened", "new tickets", "number of tickets", "cases", "support tickets"),
                ("新工单", "工单数量", "开单数", "服务工单", "案例数"),
            ),
            definition=Said(
                "The number of tickets opened in the period, duplicates included.",
                "期间内新开的工单数量，含重复工单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(OPENED, adding=Adding.COUNT),
            more_is_better=False,
        ),
        Metric(
            id="tickets_resolved",
            names=Names(
                "tickets resolved",
                "已解决工单数",
                ("resolved tickets", "solved tickets", "tickets solved", "tickets closed"),
                ("解决的工单", "工单解决数", "已关闭工单数", "解决工单数"),
            ),
            definition=Said(
                "How often tickets were resolved or closed in the period; one that was reopened"
                " counts again.",
                "期间内工单被解决或关闭的次数；重新打开后再次解决的重复计数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(TURNED, lambda rows: rows["solved"]),
            more_is_better=True,
        ),
        Metric(
            id="ticket_backlog",
            names=Names(
                "ticket backlog",
                "未结工单数",
                ("open tickets", "backlog of tickets", "unresolved tickets", "tickets to do"),
                ("工单积压", "待处理工单数", "未解决工单数", "积压工单"),
            ),
            definition=Said(
                "Tickets that were neither resolved nor closed at the end of the day.",
                "当日结束时尚未解决或关闭的工单数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(TURNED, lambda rows: rows["to_do"], timing=Timing.UP_TO),
            more_is_better=False,
        ),
        _count(
            "response_seconds",
            Names("seconds until the first answer", "首次响应秒数"),
            Measure(ANSWERED, lambda rows: rows["response_seconds"]),
        ),
        _count(
            "tickets_answered",
            Names("tickets answered", "已响应工单数"),
            Measure(ANSWERED, adding=Adding.COUNT),
        ),
        Metric(
            id="first_response_time",
            names=Names(
                "first response time in hours",
                "首次响应时长（小时）",
                ("first response time", "time to first response", "response time"),
                ("首次响应时长", "首次响应时间", "响应时长", "响应时间"),
            ),
            definition=Said(
                "Mean business hours from opening to the first answer, over the tickets first"
                " answered in the period.",
                "期间内首次响应的工单，从开单到首次响应的平均营业小时数。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.RATIO,
            parts=("response_seconds", "tickets_answered"),
            formula=lambda seconds, tickets: seconds / func.nullif(tickets * _HOUR, 0),
            undefined=_NOTHING,
            more_is_better=False,
        ),
        _count(
            "resolution_seconds",
            Names("seconds until the solution", "解决秒数"),
            Measure(SOLVED, lambda rows: rows["resolution_seconds"]),
        ),
        _count(
            "tickets_solved",
            Names("tickets solved and not reopened", "已解决且未重新打开的工单数"),
            Measure(SOLVED, adding=Adding.COUNT),
        ),
        Metric(
            id="resolution_time",
            names=Names(
                "resolution time in hours",
                "解决时长（小时）",
                ("resolution time", "time to resolution", "time to resolve"),
                ("解决时长", "解决时间", "处理时长", "工单解决时长"),
            ),
            definition=Said(
                "Mean business hours from opening to the solution without waiting for the"
                " customer, over the tickets solved in the period and not reopened since.",
                "期间内解决且此后未重新打开的工单，从开单到解决的平均营业小时数，不含等待客户的时间。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.RATIO,
            parts=("resolution_seconds", "tickets_solved"),
            formula=lambda seconds, tickets: seconds / func.nullif(tickets * _HOUR, 0),
            undefined=_NOTHING,
            more_is_better=False,
        ),
        _count(
            "sla_targets_kept",
            Names("promises kept", "已兑现承诺数"),
            Measure(PROMISED, lambda rows: rows["kept"], where=_fell_due),
        ),
        _count(
            "sla_targets_due",
            Names("promises due", "到期承诺数"),
            Measure(PROMISED, adding=Adding.COUNT, where=_fell_due),
        ),
        Metric(
            id="sla_attainment",
            names=Names(
                "SLA attainment",
                "SLA 达成率",
                ("service level attainment", "sla compliance", "sla met", "service levels met"),
                ("服务级别达成率", "SLA达标率", "SLA 达标率", "服务达标率"),
            ),
            definition=Said(
                "First responses and solutions that were there in time, as a percentage of those"
                " due in the period; what is due and not done counts as late.",
                "期间内到期的首次响应和解决中按时完成的百分比；到期未完成计为超时。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("sla_targets_kept", "sla_targets_due"),
            formula=lambda kept, due: 100 * kept / func.nullif(due, 0),
            undefined=Said("n/a (nothing due)", "不适用（无到期）"),
            more_is_better=True,
        ),
        Metric(
            id="sla_breaches",
            names=Names(
                "SLA breaches",
                "SLA 超时数",
                ("breached tickets", "service level breaches", "tickets too late"),
                ("超时工单数", "SLA违约数", "服务级别超时"),
            ),
            definition=Said(
                "Broken promises on record, first responses and solutions, by the day they were"
                " due; later changes of priority do not take them away.",
                "记录在案的超时次数（首次响应与解决），按到期日期；之后更改优先级不影响记录。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(BROKEN, adding=Adding.COUNT),
            more_is_better=False,
        ),
        Metric(
            id="tickets_reopened",
            names=Names(
                "tickets reopened",
                "重新打开工单数",
                ("reopened tickets", "reopenings", "tickets that came back"),
                ("重开工单数", "重新打开的工单", "重开次数"),
            ),
            definition=Said(
                "How often tickets were opened again in the period.",
                "期间内工单被重新打开的次数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(TURNED, lambda rows: rows["reopened"]),
            more_is_better=False,
        ),
        _count(
            "solutions",
            Names("solutions", "解决次数"),
            Measure(TURNED, lambda rows: rows["solved"]),
        ),
        Metric(
            id="reopen_rate",
            names=Names(
                "reopen rate",
                "重新打开率",
                ("rate of reopened tickets", "ticket reopen rate", "share of tickets reopened"),
                ("重开率", "工单重开率", "重新打开比例"),
            ),
            definition=Said(
                "Reopenings in the period, as a percentage of the solutions in it.",
                "期间内重新打开次数占解决次数的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("tickets_reopened", "solutions"),
            formula=lambda again, solved: 100 * again / func.nullif(solved, 0),
            undefined=_NOTHING,
            more_is_better=False,
        ),
        _count(
            "satisfaction_points",
            Names("points of satisfaction", "满意度总分"),
            Measure(RATED, lambda rows: rows["satisfaction"]),
        ),
        _count(
            "tickets_liked",
            Names("tickets rated 4 or 5", "评分 4 或 5 的工单数"),
            Measure(
                RATED, adding=Adding.COUNT, where=lambda rows: rows["satisfaction"] > literal(3)
            ),
        ),
        _count(
            "tickets_rated",
            Names("tickets rated", "已评价工单数"),
            Measure(RATED, adding=Adding.COUNT),
        ),
        Metric(
            id="satisfaction_score",
            names=Names(
                "satisfaction score",
                "满意度评分",
                ("mean satisfaction", "customer rating", "average ticket rating"),
                ("平均满意度", "客户评分", "工单评分"),
            ),
            definition=Said(
                "Mean of the scores from 1 to 5 that customers gave in the period.",
                "期间内客户评分（1 至 5 分）的平均值。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.RATIO,
            parts=("satisfaction_points", "tickets_rated"),
            formula=lambda points, tickets: points / func.nullif(tickets, 0),
            undefined=_NOTHING,
            more_is_better=True,
        ),
        Metric(
            id="csat",
            names=Names(
                "customer satisfaction",
                "客户满意度",
                ("CSAT", "satisfied customers of service", "share of satisfied ratings"),
                ("满意率", "服务满意度", "客户满意率"),
            ),
            definition=Said(
                "Scores of 4 or 5, as a percentage of all scores given in the period.",
                "期间内 4 分或 5 分占全部评分的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("tickets_liked", "tickets_rated"),
            formula=lambda liked, rated: 100 * liked / func.nullif(rated, 0),
            undefined=_NOTHING,
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="ticket_type",
            names=Names(
                "ticket type",
                "工单类型",
                ("type of ticket", "kind of ticket", "ticket category"),
                ("工单种类", "工单类别", "服务类型"),
            ),
            handle="ticket_type",
            words=TYPES,
        ),
        Dimension(
            id="ticket_priority",
            names=Names(
                "ticket priority",
                "工单优先级",
                ("priority", "priority of tickets", "ticket urgency", "urgency of tickets"),
                ("优先级", "工单紧急程度", "工单等级", "工单优先程度"),
            ),
            handle="ticket_priority",
            words=PRIORITIES,
            ordered=True,
        ),
        Dimension(
            id="ticket_source",
            names=Names(
                "ticket source",
                "工单来源",
                ("source of tickets", "how tickets come in", "ticket channel"),
                ("工单渠道", "来单渠道", "工单来路"),
            ),
            handle="ticket_source",
            words=ORIGINS,
        ),
        Dimension(
            id="support_team",
            names=Names(
                "support team",
                "服务团队",
                ("service team", "team of service", "support group"),
                ("客服团队", "支持团队", "服务小组"),
            ),
            handle="support_team",
            members=select(
                SupportTeam.id,
                SupportTeam.code.label("key"),
                SupportTeam.name.label("label"),
                SupportTeam.name_zh.label("label_zh"),
            ),
            roles=EVERYDAY,
        ),
        Dimension(
            id="support_agent",
            names=Names(
                "agent",
                "客服",
                ("support agent", "service agent", "assignee", "agent of service"),
                ("客服人员", "工单负责人", "服务人员", "坐席"),
            ),
            handle="support_agent",
            members=select(
                Person.id,
                Person.login.label("key"),
                Person.name.label("label"),
                null().label("label_zh"),
            ).where(Person.is_service.is_(False)),
            parent="support_team",
            roles=EVERYDAY,
        ),
        Dimension(
            id="sla_policy",
            names=Names(
                "service level",
                "服务级别",
                ("sla policy", "service level agreement", "sla"),
                ("SLA 政策", "服务级别协议", "服务协议"),
            ),
            handle="sla_policy",
            members=select(
                SlaPolicy.id,
                SlaPolicy.code.label("key"),
                SlaPolicy.name.label("label"),
                SlaPolicy.name_zh.label("label_zh"),
            ),
            roles=EVERYDAY,
        ),
        Dimension(
            id="sla_target",
            names=Names(
                "SLA target",
                "SLA 目标",
                ("service level target", "response or solution", "kind of promise"),
                ("服务目标", "响应或解决", "承诺类型"),
            ),
            handle="sla_target",
            words={
                Target.RESPONSE.value: ("first response", "首次响应"),
                Target.RESOLUTION.value: ("solution", "解决"),
            },
        ),
    ),
)
