"""Tools of campaigns: a mail to many, its batches stopped, and what came of it."""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import communications, marketing
from core.communications import is_address
from core.communications.errors import NotAnAddress
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.words import word
from core.marketing import CampaignView, Terms, Touch
from core.parties.contacts import Purpose
from core.processes import campaigning
from core.processes.correspondence import READERS, WRITERS
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.notifications import local_time
from tools.segments import LOOKERS, MARKETERS, SegmentRef, TemplateRef

STOP = "marketing.stop_campaign"
RECIPIENTS_MAX = 500
CampaignRef = Annotated[Text, Ref("campaign"), Field(description="Name or number of the campaign.")]


class SendCampaign(Arguments):
    """Send a mail template to a segment: to all in it who agreed, in batches."""

    template: TemplateRef
    segment: SegmentRef
    purpose: Purpose = Field(
        default=Purpose.NEWSLETTER, description="What they must have agreed to."
    )
    name: Text | None = Field(default=None, description="Leave empty for that of the template.")
    cost: Amount | None = Field(default=None, description="What it costs, to work out its return.")
    quiet_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=7, description="Who got another campaign within so many days is left out."
    )
    per_minute: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=60, description="So many mails go out in a minute at most."
    )


class CampaignOnItsWay(Answer):
    """A campaign that goes out."""

    number: str
    name: str
    recipients: int
    left_out: int

    def sentence(self, language: Language = "en") -> str:
        """Say to how many."""
        if language == "zh":
            return (
                f"{self.number} {self.name}：发送给 {self.recipients} 人，跳过 {self.left_out} 人。"
            )
        return (
            f"{self.number} {self.name} goes out to {self.recipients};"
            f" {self.left_out} are left out."
        )


def pin_campaign(session: Session, arguments: SendCampaign) -> SendCampaign:
    """Write the template by its name and the segment by its number."""
    template = marketing.find_template(session, arguments.template)[0].name
    segment = marketing.find_segment(session, arguments.segment).number
    return arguments.model_copy(
        update={
            "template": template,
            "segment": segment,
            "name": arguments.name or template,
        }
    )


def send_campaign(session: Session, arguments: SendCampaign) -> CampaignOnItsWay:
    """Fix whom it goes to, and let it go out."""
    terms = Terms(
        purpose=arguments.purpose,
        cost=Money.of(arguments.cost or Decimal(0), company(session).currency),
        quiet_days=arguments.quiet_days,
        per_minute=arguments.per_minute,
    )
    campaign = campaigning.start(
        session, template=arguments.template, segment=arguments.segment, terms=terms,
        name=arguments.name,
    )  # fmt: skip
    view = marketing.view_campaign(session, campaign)
    return CampaignOnItsWay(
        number=view.number, name=view.name, recipients=view.waiting, left_out=view.left_out
    )


def undo_campaign(_session: Session, _arguments: SendCampaign, answer: dict[str, Any]) -> Undoing:
    """Send no more of it; what went out cannot be called back."""
    return Undoing((Call(STOP, StopCampaign(campaign=answer["number"])),))


class StopCampaign(Arguments):
    """Stop a campaign that is being sent: what has not gone out yet stays here."""

    campaign: CampaignRef


class CampaignStopped(Answer):
    """A campaign that goes on no more."""

    number: str
    name: str
    sent: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many have got it."""
        if language == "zh":
            return f"{self.number} {self.name} 已停止；已发出 {self.sent} 封。"
        return f"{self.number} {self.name} is stopped; {self.sent} mails had gone out."


def pin_stop(session: Session, arguments: StopCampaign) -> StopCampaign:
    """Write it by its number."""
    number = marketing.find_campaign(session, arguments.campaign).number
    return arguments.model_copy(update={"campaign": number})


def stop_campaign(session: Session, arguments: StopCampaign) -> CampaignStopped:
    """Stop it."""
    campaign = marketing.find_campaign(session, arguments.campaign)
    marketing.stop_campaign(session, campaign)
    view = marketing.view_campaign(session, campaign)
    return CampaignStopped(number=view.number, name=view.name, sent=view.sent)


_COUNTS = (
    Column("meant", "目标", "number"),
    Column("left out", "跳过", "number"),
    Column("waiting", "待发", "number"),
    Column("sent", "已发", "number"),
    Column("delivered", "送达", "number"),
    Column("bounced", "退信", "number"),
    Column("clicked", "点击", "number"),
    Column("answered", "回复", "number"),
    Column("opted out", "退订", "number"),
)


def _counts(view: CampaignView) -> tuple[int, ...]:
    return (
        view.meant, view.left_out, view.waiting, view.sent, view.delivered, view.bounced,
        view.clicked, view.responded, view.opted_out,
    )  # fmt: skip


class ListCampaigns(Arguments):
    """List the campaigns and their counts, the newest first."""


class CampaignsListed(Answer):
    """The campaigns."""

    campaigns: list[CampaignView]
    zone: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.campaigns)
        return f"营销活动 {count} 个。" if language == "zh" else f"{count} campaigns."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("segment", "细分群组"),
            Column("state", "状态"),
            Column("started", "开始时间"),
            *_COUNTS,
        )
        rows = tuple(
            (
                *(one.number, one.name, one.segment, word(one.state)),
                *(local_time(one.started_at, self.zone), *_counts(one)),
            )
            for one in self.campaigns
        )
        return Grid(columns, rows)


def list_campaigns(session: Session, _arguments: ListCampaigns) -> CampaignsListed:
    """Read them."""
    return CampaignsListed(
        campaigns=marketing.list_campaigns(session), zone=str(company(session).zone)
    )


class ShowCampaign(Arguments):
    """Show what came of a campaign: delivered, clicked, orders, revenue and its return."""

    campaign: CampaignRef
    by: Touch = Field(
        default=Touch.LAST,
        description="Which campaign an order counts for that came after several.",
    )


class CampaignShown(Answer):
    """What came of a campaign."""

    number: str
    name: str
    by: Touch
    view: CampaignView
    orders: int
    revenue: Money
    opportunities: int
    opportunity_worth: Money
    conversion: Decimal | None
    gain: Money
    return_percent: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say it in figures."""
        one = self.view
        if language == "zh":
            said = (
                f"{self.number} {self.name}：送达 {one.delivered}，点击 {one.clicked}，"
                f"回复 {one.responded}，退订 {one.opted_out}；订单 {self.orders} 笔，"
                f"收入 {self.revenue}，成本 {one.cost}"
            )
            more = f"，回报率 {self.return_percent}%" if self.return_percent is not None else ""
            return f"{said}{more}。"
        said = (
            f"{self.number} {self.name}: {one.delivered} delivered, {one.clicked} clicked,"
            f" {one.responded} answered, {one.opted_out} opted out; {self.orders} orders for"
            f" {self.revenue} at a cost of {one.cost}"
        )
        more = f", a return of {self.return_percent} %" if self.return_percent is not None else ""
        return f"{said}{more}."

    def notes(self, language: Language = "en") -> list[str]:
        """Say by which rule an order counts, and why nothing is said of opens."""
        if language == "zh":
            said = (
                f"订单归属：客户收到邮件后归因窗口内，计入{word(self.by, 'zh')}触达的活动；草稿、"
                "暂停和已取消的订单不计。不统计打开率：由程序加载的图片不能说明有人阅读。"
            )
            return [said]
        said = (
            f"An order counts for the {self.by} campaign that wrote to its customer within its"
            " window before; drafts, held and cancelled orders do not. Opens are not counted:"
            " pictures loaded by programs do not say that anybody has read anything."
        )
        return [said]

    def grid(self) -> Grid:
        """Return the counts and amounts as one row."""
        currency = self.revenue.currency
        columns = (
            *_COUNTS,
            Column("orders", "订单", "number"),
            Column("conversion", "转化率", "percent"),
            Column("opportunities", "商机", "number"),
            Column("revenue", "收入", currency),
            Column("cost", "成本", currency),
            Column("gain", "净收益", currency),
            Column("return", "回报率", "percent"),
        )
        row = (
            *_counts(self.view), self.orders, self.conversion, self.opportunities,
            self.revenue.amount, self.view.cost.amount, self.gain.amount, self.return_percent,
        )  # fmt: skip
        return Grid(columns, (row,))


def show_campaign(session: Session, arguments: ShowCampaign) -> CampaignShown:
    """Count it, and attribute orders to it."""
    campaign = marketing.find_campaign(session, arguments.campaign)
    found = campaigning.results(session, campaign, by=arguments.by)
    return CampaignShown(
        number=campaign.number,
        name=campaign.name,
        by=found.by,
        view=found.campaign,
        orders=found.orders,
        revenue=found.revenue,
        opportunities=found.opportunities,
        opportunity_worth=found.opportunity_worth,
        conversion=found.conversion,
        gain=found.gain,
        return_percent=found.return_percent,
    )


class ListRecipients(Arguments):
    """List whom a campaign went to and why, and who was left out for which reason."""

    campaign: CampaignRef


class RecipientsListed(Answer):
    """Who was meant by a campaign."""

    name: str
    rows: list[tuple[str, str, str, str, str, str]]
    meant: int
    left_out: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        if language == "zh":
            return f"{self.name}：目标 {self.meant} 人，跳过 {self.left_out} 人。"
        return f"{self.name}: {self.meant} meant, {self.left_out} of them left out."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("address", "邮箱"),
            Column("why", "原因"),
            Column("state", "状态"),
            Column("what came back", "反馈"),
        )
        return Grid(columns, tuple(self.rows))


def list_recipients(session: Session, arguments: ListRecipients) -> RecipientsListed:
    """Read them."""
    campaign = marketing.find_campaign(session, arguments.campaign)
    view = marketing.view_campaign(session, campaign)
    language = acting(session).actor.language
    rows = []
    for one in marketing.list_recipients(session, campaign, limit=RECIPIENTS_MAX):
        state = word(one.state, language)
        if one.left_out_because is not None:
            state = f"{state}: {word(one.left_out_because, language)}"
        came = (("clicked", one.clicked), ("answered", one.responded), ("bounced", one.bounced),
                ("opted_out", one.opted_out))  # fmt: skip
        back = ", ".join(word(what, language) for what, is_so in came if is_so)
        why = "; ".join(reason[language == "zh"] for reason in one.because)
        rows.append((one.number, one.name, one.address or "", why, state, back))
    return RecipientsListed(name=campaign.name, rows=rows, meant=view.meant, left_out=view.left_out)


class ListBounced(Arguments):
    """List the mail addresses from which mails of ours came back."""


class BouncedListed(Answer):
    """Addresses that do not take mail."""

    rows: list[tuple[str, str, int, str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        return f"退信邮箱 {count} 个。" if language == "zh" else f"{count} addresses bounced."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("address", "邮箱"),
            Column("for good", "永久"),
            Column("times", "次数", "number"),
            Column("last", "最近"),
            Column("why", "原因"),
            Column("message", "邮件"),
        )
        return Grid(columns, tuple(self.rows))


def list_bounced(session: Session, _arguments: ListBounced) -> BouncedListed:
    """Read them."""
    language = acting(session).actor.language
    zone = str(company(session).zone)
    return BouncedListed(
        rows=[
            (
                *(one.address, word("yes" if one.for_good else "no", language), one.times),
                *(local_time(one.last_at, zone), one.why, one.message_number),
            )
            for one in communications.list_bounced(session)
        ]
    )


class TrustAddress(Arguments):
    """Note that a mail address that bounced takes mails again."""

    email: Text


class AddressTrusted(Answer):
    """An address that is written to again."""

    address: str

    def sentence(self, language: Language = "en") -> str:
        """Say which."""
        if language == "zh":
            return f"{self.address} 可再次接收邮件。"
        return f"{self.address} is written to again."


def trust_address(session: Session, arguments: TrustAddress) -> AddressTrusted:
    """Note it."""
    address = arguments.email.lower()
    if not is_address(address):
        raise NotAnAddress(address=arguments.email)
    communications.trust_again(session, address)
    return AddressTrusted(address=address)


_writes = partial(Tool, writes=True, roles=MARKETERS)
_reads = partial(Tool, writes=False, roles=LOOKERS)
TOOLS = [
    _writes("marketing.send_campaign", SendCampaign, send_campaign, "Send campaign",
            "发送营销活动", pin=pin_campaign, undo=undo_campaign),
    _writes(STOP, StopCampaign, stop_campaign, "Stop campaign", "停止营销活动", pin=pin_stop,
            undo=never(("send it anew to those who did not get it", "请重新发送给未收到的客户"))),
    _reads("marketing.list_campaigns", ListCampaigns, list_campaigns, "Campaigns", "营销活动列表"),
    _reads("marketing.show_campaign", ShowCampaign, show_campaign, "Campaign results",
           "营销活动效果"),
    _reads("marketing.list_recipients", ListRecipients, list_recipients, "Campaign recipients",
           "营销活动收件人"),
    Tool("communications.list_bounced", ListBounced, list_bounced, writes=False,
         title="Bounced addresses", title_zh="退信邮箱列表", roles=READERS | LOOKERS),
    Tool("communications.trust_address", TrustAddress, trust_address, writes=True,
         title="Trust mail address", title_zh="恢复退信邮箱", roles=WRITERS | MARKETERS,
         undo=never(("it is marked again when a mail comes back", "再次退信时会重新标记"))),
]  # fmt: skip
