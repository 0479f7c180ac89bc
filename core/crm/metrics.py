"""What customer relations give to reporting: how often we are in touch, and how."""

from sqlalchemy import Date, cast, func, select

from core.crm.tables import Activity, ActivityKind, Direction
from core.kernel.semantics import (
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Unit,
)
from core.parties.tables import Customer, Party, Territory

ACTIVITIES = Source(
    id="activities",
    rows=select(
        Party.number.label("document"),
        cast(func.timezone("UTC", Activity.happened_at), Date).label("happened_on"),
        func.to_char(func.timezone("UTC", Activity.happened_at), "HH24").label("hour"),
        Activity.kind.label("activity_kind"),
        Activity.direction,
        Activity.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
    )
    .join(Party, Party.id == Activity.party_id)
    .outerjoin(Customer, Customer.party_id == Activity.party_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id),
    basis=Said("mails, calls, meetings and notes on file", "已记录的邮件、电话、会议和备注"),
    handles=frozenset(
        {"customer", "territory", "country", "salesperson", "activity_kind", "direction", "hour"}
    ),
    dates=("happened_on",),
    document_kind="customer",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="activities",
            names=Names(
                "activities",
                "跟进次数",
                ("contacts made", "interactions", "number of activities", "touches"),
                ("跟进活动", "互动次数", "沟通次数", "联系次数"),
            ),
            definition=Said(
                "The number of mails, calls, meetings and notes in the period.",
                "期间内邮件、电话、会议和备注的数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(ACTIVITIES, adding=Adding.COUNT),
        ),
        Metric(
            id="customers_contacted",
            names=Names(
                "customers contacted",
                "联系客户数",
                (
                    "different customers contacted",
                    "customers we were in touch with",
                    "number of customers contacted",
                ),
                ("已联系客户数", "跟进客户数", "接触客户数"),
            ),
            definition=Said(
                "Different customers with a mail, call or meeting in the period; notes do not"
                " count.",
                "期间内有邮件、电话或会议的不同客户数；备注不计。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                ACTIVITIES,
                lambda rows: rows["customer"],
                adding=Adding.DISTINCT,
                where=lambda rows: rows["activity_kind"] != ActivityKind.NOTE,
            ),
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="activity_kind",
            names=Names(
                "activity kind",
                "跟进方式",
                ("kind of activity", "activity type", "contact channel"),
                ("活动类型", "跟进类型", "沟通方式"),
            ),
            handle="activity_kind",
            words={
                ActivityKind.EMAIL: ("e-mail", "邮件"),
                ActivityKind.CALL: ("call", "电话"),
                ActivityKind.MEETING: ("meeting", "会议"),
                ActivityKind.NOTE: ("note", "备注"),
            },
        ),
        Dimension(
            id="activity_direction",
            names=Names(
                "direction",
                "往来方向",
                ("activity direction", "who contacted whom", "in or out"),
                ("方向", "来往方向", "发起方"),
            ),
            handle="direction",
            words={
                Direction.IN: ("incoming", "对方发起"),
                Direction.OUT: ("outgoing", "我方发起"),
                Direction.INTERNAL: ("internal", "内部"),
            },
        ),
        Dimension(
            id="hour",
            names=Names(
                "hour of day",
                "小时",
                ("hour", "time of day", "hours of the day"),
                ("时段", "几点", "一天中的小时"),
            ),
            handle="hour",
            words={f"{hour:02d}": (f"{hour:02d}:00", f"{hour}时") for hour in range(24)},
            ordered=True,
        ),
    ),
)
