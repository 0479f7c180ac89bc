"""What service gives to lists: tickets and articles."""

from sqlalchemy import Date, and_, cast, func, or_, select

from core.kernel.company import CompanyRow
from core.kernel.listing import Expression, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import AND_CUSTOMERS, EVERYDAY, Names, Said
from core.support.metrics import ORIGINS, PRIORITIES, TYPES
from core.support.tables import (
    Article,
    ArticleState,
    ArticleVersion,
    SlaBreach,
    Ticket,
    TicketState,
    TicketTag,
)

_ZONE = select(CompanyRow.time_zone).scalar_subquery()
_TO_DO = (TicketState.NEW, TicketState.OPEN, TicketState.WAITING, TicketState.REOPENED)
_WORKED_ON = (TicketState.NEW, TicketState.OPEN, TicketState.REOPENED)


def _day(column: Expression) -> Expression:
    return cast(func.timezone(_ZONE, column), Date)


TICKETS = RecordKind(
    id="tickets",
    names=Names(
        "tickets",
        "工单",
        ("cases", "support tickets", "service tickets", "customer tickets"),
        ("服务工单", "案例", "客服工单"),
    ),
    one=Said("ticket", "工单"),
    source=Ticket.__table__,
    key=Ticket.number,
    identity=Ticket.id,
    owner=Ticket.customer_id,
    roles=AND_CUSTOMERS,
    fields=(
        Field("number", Names("number", "编号"), column=Ticket.number),
        Field("subject", Names("subject", "主题", ("about",)), column=Ticket.subject),
        record("customer", Names("customer", "客户", ("of customer",)), Ticket.customer_id),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            Ticket.state,
            words={
                TicketState.NEW: ("new", "新建"),
                TicketState.OPEN: ("in progress", "处理中"),
                TicketState.WAITING: ("waiting for the customer", "等待客户"),
                TicketState.REOPENED: ("reopened", "已重新打开"),
                TicketState.RESOLVED: ("resolved", "已解决"),
                TicketState.CLOSED: ("closed", "已关闭"),
            },
        ),
        Field(
            "priority", Names("priority", "优先级"), Holds.WORD, Ticket.priority, words=PRIORITIES
        ),
        Field(
            "ticket_type",
            Names("type", "类型"),
            Holds.WORD,
            Ticket.ticket_type,
            words=TYPES,
            shown=False,
        ),
        Field(
            "source",
            Names("source", "来源"),
            Holds.WORD,
            Ticket.source,
            words=ORIGINS,
            shown=False,
        ),
        record(
            "support_agent",
            Names("assignee", "负责人", ("assigned to", "agent"), ("分配给", "客服")),
            Ticket.assignee_id,
            roles=EVERYDAY,
        ),
        record(
            "support_team",
            Names("team", "团队", ("of team",), ("服务团队",)),
            Ticket.team_id,
            shown=False,
            roles=EVERYDAY,
        ),
        Field(
            "opened_on",
            Names("opened on", "开单日期", ("opened", "created"), ("开单", "新建")),
            Holds.DATE,
            _day(Ticket.opened_at),
        ),
        Field(
            "resolved_on",
            Names("resolved on", "解决日期", ("resolved", "solved"), ("解决",)),
            Holds.DATE,
            _day(Ticket.resolved_at),
            shown=False,
        ),
        Field(
            "due_on",
            Names("due on", "到期日期", ("due", "to be solved by"), ("到期", "应解决")),
            Holds.DATE,
            _day(Ticket.resolution_due_at),
            ahead=True,
        ),
        Field(
            "satisfaction",
            Names("satisfaction", "满意度", ("rating", "score"), ("评分",)),
            Holds.COUNT,
            Ticket.satisfaction,
            shown=False,
        ),
        Field(
            "reopened",
            Names("times reopened", "重开次数"),
            Holds.COUNT,
            Ticket.reopened_count,
            shown=False,
            roles=EVERYDAY,
        ),
        Field(
            "tag",
            Names("tag", "标签", ("tagged", "with tag"), ("带标签",)),
            through=select(TicketTag.ticket_id.label("record"), TicketTag.tag.label("value")),
            shown=False,
            roles=EVERYDAY,
        ),
        flag(
            "open",
            Names(
                "open",
                "未结",
                ("unresolved", "not resolved", "to do", "outstanding"),
                ("未解决", "待处理", "未完成", "进行中"),
            ),
            Ticket.state.in_(_TO_DO),
        ),
        flag(
            "unassigned",
            Names(
                "unassigned",
                "未分配",
                ("not assigned", "without an assignee", "that nobody has"),
                ("没有负责人", "无人负责", "未指派"),
            ),
            and_(Ticket.assignee_id.is_(None), Ticket.state.in_(_TO_DO)),
            negative=Names("assigned", "已分配"),
            roles=EVERYDAY,
        ),
        flag(
            "late",
            Names(
                "late",
                "已超时",
                ("overdue", "past due", "over their sla"),
                ("逾期", "超期", "超时的"),
            ),
            and_(
                Ticket.state.in_(_WORKED_ON),
                or_(
                    and_(
                        Ticket.first_responded_at.is_(None),
                        Ticket.response_due_at < func.now(),
                    ),
                    Ticket.resolution_due_at < func.now(),
                ),
            ),
            negative=Names("not late", "未超时"),
            roles=EVERYDAY,
        ),
        flag(
            "breached",
            Names(
                "late on record",
                "有超时记录",
                ("that were too late", "with a promise broken"),
                ("违反SLA", "曾经超时"),
            ),
            Ticket.id.in_(select(SlaBreach.ticket_id)),
            negative=Names("never late", "从未超时"),
            roles=EVERYDAY,
        ),
        flag(
            "escalated",
            Names("escalated", "已升级", ("brought before a lead",), ("升级的",)),
            Ticket.escalation > 0,
            negative=Names("not escalated", "未升级"),
            roles=EVERYDAY,
        ),
    ),
    day="opened_on",
    order=(("opened_on", "desc"), ("number", "desc")),
    ref="ticket",
)

_TITLE = (
    select(ArticleVersion.title)
    .where(ArticleVersion.article_id == Article.id)
    .order_by(ArticleVersion.language, ArticleVersion.version.desc())
    .limit(1)
    .scalar_subquery()
)

ARTICLES = RecordKind(
    id="articles",
    names=Names(
        "articles",
        "知识文章",
        ("knowledge articles", "knowledge base", "help articles"),
        ("知识库", "帮助文章", "知识库文章"),
    ),
    one=Said("article", "知识文章"),
    source=Article.__table__,
    key=Article.number,
    identity=Article.id,
    fields=(
        Field("number", Names("number", "编号"), column=Article.number),
        Field("title", Names("title", "标题"), column=_TITLE),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            Article.state,
            words={
                ArticleState.DRAFT: ("draft", "草稿"),
                ArticleState.PUBLISHED: ("published", "已发布"),
                ArticleState.RETIRED: ("retired", "已停用"),
            },
        ),
        flag(
            "internal",
            Names("internal", "仅内部", ("for ourselves only",), ("内部",)),
            Article.internal,
            negative=Names("for customers", "对客户开放"),
        ),
    ),
    order=(("number", "asc"),),
    ref="article",
)

LISTS = Lists(kinds=(TICKETS, ARTICLES))
