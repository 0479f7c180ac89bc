"""What marketing gives to reporting: mails of campaigns, and what came back of them."""

from sqlalchemy import ColumnElement, Date, case, cast, func, select

from core.communications import OutgoingMail, OutgoingState
from core.kernel.company import CompanyRow
from core.kernel.semantics import (
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Source,
    Unit,
)
from core.marketing.tables import Campaign, CampaignRecipient
from core.parties.contacts import Purpose
from core.parties.tables import Customer, Party, Territory

_ZONE = select(CompanyRow.time_zone).scalar_subquery()
_one = CampaignRecipient


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


_arrived = _one.bounced_at.is_(None)
MAILS = Source(
    id="campaign_mails",
    rows=select(
        Campaign.number.label("document"),
        cast(func.timezone(_ZONE, OutgoingMail.sent_at), Date).label("sent_on"),
        Campaign.id.label("campaign"),
        Campaign.purpose.label("campaign_purpose"),
        _one.account_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
        _flag(_one.id.is_not(None)).label("sent"),
        _flag(_arrived).label("delivered"),
        _flag(_one.bounced_at.is_not(None)).label("bounced"),
        _flag(_one.opted_out_at.is_not(None)).label("opted_out"),
        _flag(_one.clicked_at.is_not(None)).label("clicked"),
        _flag(_one.responded_at.is_not(None)).label("responded"),
    )
    .join(OutgoingMail, OutgoingMail.communication_id == _one.communication_id)
    .join(Campaign, Campaign.id == _one.campaign_id)
    .join(Party, Party.id == _one.account_id)
    .outerjoin(Customer, Customer.party_id == _one.account_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id)
    .where(OutgoingMail.state == OutgoingState.SENT),
    basis=Said("mails of campaigns that the mail server took", "邮件服务器已接收的营销邮件"),
    handles=frozenset(
        {
            "customer", "territory", "country", "salesperson", "campaign", "campaign_purpose",
        }
    ),
    dates=("sent_on",),
)  # fmt: skip


def _counted(name: str) -> Measure:
    def column(rows: Rows) -> ColumnElement[int]:
        return rows[name]

    return Measure(MAILS, column)


def _metric(name: str, names: Names, definition: Said) -> Metric:
    return Metric(
        id=f"campaign_mails_{name}",
        names=names,
        definition=definition,
        unit=Unit.COUNT,
        kind=Kind.FLOW,
        measure=_counted(name),
    )


def _rate(name: str, of: str, names: Names, definition: Said) -> Metric:
    return Metric(
        id=f"campaign_{name}_rate",
        names=names,
        definition=definition,
        unit=Unit.PERCENT,
        kind=Kind.RATIO,
        parts=(f"campaign_mails_{name}", f"campaign_mails_{of}"),
        formula=lambda part, whole: 100 * part / func.nullif(whole, 0),
        undefined=Said("n/a (no mails)", "不适用（无邮件）"),
    )


SEMANTICS = Semantics(
    metrics=(
        _metric(
            "sent",
            Names(
                "campaign mails sent",
                "营销邮件发送数",
                ("marketing mails sent", "campaign mails", "newsletters sent"),
                ("已发营销邮件数", "营销邮件数", "电子报发送数"),
            ),
            Said(
                "Mails of campaigns that the mail server took in the period.",
                "期间内邮件服务器已接收的营销邮件数量。",
            ),
        ),
        _metric(
            "delivered",
            Names(
                "campaign mails delivered",
                "营销邮件送达数",
                ("marketing mails delivered", "delivered campaign mails", "newsletters delivered"),
                ("送达营销邮件数", "营销送达数", "电子报送达数"),
            ),
            Said(
                "Mails of campaigns sent in the period that did not come back for good.",
                "期间内发送且未被永久退回的营销邮件数量。",
            ),
        ),
        _metric(
            "bounced",
            Names(
                "campaign mails bounced",
                "营销邮件退信数",
                ("marketing mails bounced", "bounced campaign mails", "bounced newsletters"),
                ("营销退信数", "退回的营销邮件数", "电子报退信数"),
            ),
            Said(
                "Mails of campaigns sent in the period that came back for good.",
                "期间内发送并被永久退回的营销邮件数量。",
            ),
        ),
        _metric(
            "opted_out",
            Names(
                "campaign opt-outs",
                "营销邮件退订数",
                ("unsubscribes", "newsletter opt-outs", "recipients who opted out"),
                ("退订数", "营销退订数", "电子报退订数"),
            ),
            Said(
                "Recipients of mails sent in the period who want no more of them.",
                "期间内所发营销邮件的收件人中退订的数量。",
            ),
        ),
        _metric(
            "clicked",
            Names(
                "campaign recipients who clicked",
                "营销邮件点击人数",
                ("campaign clicks", "newsletter clicks", "clicks on campaigns"),
                ("营销点击人数", "营销点击数", "电子报点击数"),
            ),
            Said(
                "Recipients of mails sent in the period who followed a link; programs that try all"
                " links do not count.",
                "期间内所发营销邮件的收件人中点击链接的人数；自动扫描程序的点击不计。",
            ),
        ),
        _metric(
            "responded",
            Names(
                "campaign recipients who answered",
                "营销邮件回复人数",
                ("campaign responses", "answers to campaigns", "newsletter responses"),
                ("营销回复人数", "营销回复数", "电子报回复数"),
            ),
            Said(
                "Recipients of mails sent in the period who answered; automatic answers do not"
                " count.",
                "期间内所发营销邮件的收件人中回复的人数；自动回复不计。",
            ),
        ),
        _rate(
            "clicked",
            "delivered",
            Names(
                "campaign click rate",
                "营销邮件点击率",
                ("click rate", "click-through rate", "newsletter click rate"),
                ("点击率", "营销点击率", "电子报点击率"),
            ),
            Said(
                "Recipients who clicked, as a percentage of mails delivered.",
                "点击人数占送达邮件数的百分比。",
            ),
        ),
        _rate(
            "bounced",
            "sent",
            Names(
                "campaign bounce rate",
                "营销邮件退信率",
                ("bounce rate", "mail bounce rate", "newsletter bounce rate"),
                ("退信率", "营销退信率", "电子报退信率"),
            ),
            Said(
                "Mails that came back for good, as a percentage of mails sent.",
                "永久退回的邮件占已发邮件的百分比。",
            ),
        ),
        _rate(
            "opted_out",
            "delivered",
            Names(
                "campaign opt-out rate",
                "营销邮件退订率",
                ("opt-out rate", "unsubscribe rate", "newsletter opt-out rate"),
                ("退订率", "营销退订率", "电子报退订率"),
            ),
            Said(
                "Recipients who opted out, as a percentage of mails delivered.",
                "退订人数占送达邮件数的百分比。",
            ),
        ),
    ),
    dimensions=(
        Dimension(
            id="campaign",
            names=Names(
                "campaign",
                "营销活动",
                ("marketing campaign", "mail campaign", "campaign name"),
                ("活动", "营销活动名称", "邮件活动"),
            ),
            handle="campaign",
            members=select(
                Campaign.id.label("id"),
                Campaign.number.label("key"),
                Campaign.name.label("label"),
                Campaign.name.label("label_zh"),
            ),
        ),
        Dimension(
            id="campaign_purpose",
            names=Names(
                "campaign purpose",
                "营销用途",
                ("purpose of the campaign", "purpose of the mail", "kind of campaign"),
                ("活动用途", "邮件用途", "营销类型"),
            ),
            handle="campaign_purpose",
            words={
                Purpose.NEWSLETTER: ("newsletter", "电子报"),
                Purpose.OFFERS: ("offers", "优惠信息"),
                Purpose.SURVEYS: ("surveys", "调查"),
                Purpose.CALLS: ("calls", "电话"),
                Purpose.PROFILING: ("profiling", "画像"),
            },
        ),
    ),
)
