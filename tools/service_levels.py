"""Tools of how service works: teams, service levels, saved replies, warranty, returns by ticket."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import catalog, parties, sales, support
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.kernel.words import word
from core.processes import service_desk
from core.sales import ReturnView
from core.support import Priority, Promised, TicketType
from core.support.tables import SlaPolicy, SupportTeam, SupportTeamMember
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    CustomerRef,
    Grid,
    ItemRef,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import LoginRef
from tools.returns import CANCEL, CancelReturn
from tools.support import HANDS, TicketRef
from tools.trade import LEADERS, READERS, STOREKEEPERS, Because, DeliveryRef

END_ADDRESS = "support.end_address"
CHANGE_AGAIN = ("change it again instead", "请改为再次更改")
HOURS_MAX = Decimal(10_000)
LISTED_MAX = 200


class SetServiceLevel(Arguments):
    """Promise a first response and a solution within so many business hours, for some tickets."""

    name: Text = Field(description="What it is called, such as GOLD.")
    response_hours: Decimal | None = Field(default=None, gt=0, le=HOURS_MAX, decimal_places=2)
    resolution_hours: Decimal | None = Field(default=None, gt=0, le=HOURS_MAX, decimal_places=2)
    customer: CustomerRef | None = Field(default=None, description="Only for one customer.")
    ticket_type: TicketType | None = None
    priority: Priority | None = None


class SettingSaid(Answer):
    """A setting of service, and how it is now."""

    number: str
    en: str
    zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        return self.zh if language == "zh" else self.en


def pin_level(session: Session, arguments: SetServiceLevel) -> SetServiceLevel:
    """Write the customer by number."""
    if arguments.customer is None:
        return arguments
    number = parties.find_customer(session, arguments.customer).party.number
    return arguments.model_copy(update={"customer": number})


def set_level(session: Session, arguments: SetServiceLevel) -> SettingSaid:
    """Promise it."""
    customer = arguments.customer and parties.find_customer(session, arguments.customer)
    policy = support.set_policy(
        session,
        code=arguments.name,
        response_minutes=_minutes(arguments.response_hours),
        resolution_minutes=_minutes(arguments.resolution_hours),
        whom=Promised(
            customer=customer or None,
            ticket_type=arguments.ticket_type,
            priority=arguments.priority,
        ),
    )
    said = support.promise_said(policy)
    return SettingSaid(
        number=policy.code,
        en=f"{policy.code} promises {said} (first response / solution).",
        zh=f"{policy.code} 承诺 {said}（首次响应 / 解决）。",
    )


def _minutes(hours: Decimal | None) -> int | None:
    return None if hours is None else max(1, int(hours * 60))


class ListServiceLevels(Arguments):
    """List what we promise for which tickets."""


class Listed(Answer):
    """Rows of settings."""

    en: str
    zh: str
    columns: list[tuple[str, str]]
    rows: Sequence[tuple[str, ...]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        return f"{self.zh} {count} 项。" if language == "zh" else f"{count} {self.en}."

    def grid(self) -> Grid | None:
        """Return a row for each."""
        columns = tuple(Column(en, zh) for en, zh in self.columns)
        return Grid(columns, tuple(self.rows)) if self.rows else None


def list_levels(session: Session, _arguments: ListServiceLevels) -> Listed:
    """Read them."""
    wanted = (
        select(SlaPolicy)
        .where(SlaPolicy.active)
        .order_by(SlaPolicy.code)
        .options(selectinload(SlaPolicy.customer), selectinload(SlaPolicy.calendar))
        .limit(LISTED_MAX)
    )
    rows = [
        (
            policy.code,
            policy.customer.name if policy.customer else policy.customer_group or "",
            word(policy.ticket_type) if policy.ticket_type else "",
            word(policy.priority) if policy.priority else "",
            support.promise_said(policy),
            policy.calendar.code if policy.calendar else "",
        )
        for policy in session.scalars(wanted)
    ]
    names = [("code", "代码"), ("customer", "客户"), ("type", "类型"), ("priority", "优先级"),
             ("response / solution", "响应 / 解决"), ("calendar", "日历")]  # fmt: skip
    return Listed(en="service levels", zh="服务级别", columns=names, rows=rows)


class SetTeam(Arguments):
    """Make a support team, or say anew who is in it, who leads it, and what it takes."""

    name: Text
    members: tuple[LoginRef, ...] = Field(default=(), max_length=100)
    lead: LoginRef | None = None
    takes: tuple[TicketType, ...] = Field(
        default=(), description="The kinds of tickets that come to it by themselves."
    )


def pin_team(session: Session, arguments: SetTeam) -> SetTeam:
    """Write the people by their logins."""
    logins = tuple(identity.find_person(session, each).login for each in arguments.members)
    lead = arguments.lead and identity.find_person(session, arguments.lead).login
    return arguments.model_copy(update={"members": logins, "lead": lead})


def set_team(session: Session, arguments: SetTeam) -> SettingSaid:
    """Make it."""
    lead = arguments.lead and identity.find_person(session, arguments.lead)
    team = support.set_team(
        session,
        code=arguments.name,
        members=[identity.find_person(session, each) for each in arguments.members],
        lead=lead or None,
        takes=arguments.takes,
    )
    count = len(team.members)
    return SettingSaid(
        number=team.code,
        en=f"{team.name} has {count} people.",
        zh=f"{team.name_zh} 共 {count} 人。",
    )


class ListTeams(Arguments):
    """List the support teams and who is in them."""


def list_teams(session: Session, _arguments: ListTeams) -> Listed:
    """Read them."""
    wanted = (
        select(SupportTeam)
        .order_by(SupportTeam.code)
        .options(selectinload(SupportTeam.lead))
        .limit(LISTED_MAX)
    )
    names: dict[object, list[str]] = {}
    for team_id, name in session.execute(
        select(SupportTeamMember.team_id, Person.name)
        .join(Person, Person.id == SupportTeamMember.person_id)
        .order_by(Person.name)
    ):
        names.setdefault(team_id, []).append(name)
    rows = [
        (
            team.code,
            team.name,
            team.lead.name if team.lead else "",
            ", ".join(names.get(team.id, [])),
            ", ".join(word(each) for each in team.takes),
        )
        for team in session.scalars(wanted)
    ]
    columns = [("code", "代码"), ("name", "名称"), ("lead", "负责人"), ("members", "成员"),
               ("takes", "受理类型")]  # fmt: skip
    return Listed(en="support teams", zh="服务团队", columns=columns, rows=rows)


class SetAddress(Arguments):
    """Let mail to an address of ours become tickets by itself."""

    name: Text = Field(description="The address, such as service@example.com.")
    ticket_type: TicketType = Field(
        default=TicketType.QUESTION, description="What a ticket is that does not say."
    )
    team: Text | None = Field(default=None, description="Leave empty: by the type of the ticket.")


def pin_address(session: Session, arguments: SetAddress) -> SetAddress:
    """Write the team by its code."""
    team = arguments.team and support.find_team(session, arguments.team).code
    return arguments.model_copy(update={"team": team, "name": arguments.name.lower()})


def set_address(session: Session, arguments: SetAddress) -> SettingSaid:
    """Set it."""
    team = arguments.team and support.find_team(session, arguments.team)
    row = support.set_address(
        session, arguments.name, ticket_type=arguments.ticket_type, team=team or None
    )
    return SettingSaid(
        number=row.address,
        en=f"Mail to {row.address} becomes tickets ({word(row.ticket_type)}).",
        zh=f"发往 {row.address} 的邮件将成为工单（{word(row.ticket_type, 'zh')}）。",
    )


class EndAddress(Arguments):
    """Let mail to a service address be only mail again."""

    name: Text = Field(description="The address.")


def end_address(session: Session, arguments: EndAddress) -> SettingSaid:
    """End it."""
    row = support.end_address(session, arguments.name)
    return SettingSaid(
        number=row.address,
        en=f"Mail to {row.address} becomes no tickets any more.",
        zh=f"发往 {row.address} 的邮件不再成为工单。",
    )


class ListAddresses(Arguments):
    """List the addresses whose mail becomes tickets."""


def list_addresses(session: Session, _arguments: ListAddresses) -> Listed:
    """Read them."""
    rows = [
        (each.address, word(each.ticket_type), each.team.name if each.team else "")
        for each in support.list_addresses(session)
    ]
    columns = [("address", "邮箱"), ("type", "类型"), ("team", "团队")]
    return Listed(en="service addresses", zh="服务邮箱", columns=columns, rows=rows)


def undo_address(_session: Session, arguments: SetAddress, _answer: object) -> Undoing:
    """Let its mail be only mail again."""
    return Undoing((Call(END_ADDRESS, EndAddress(name=arguments.name)),))


class SaveReply(Arguments):
    """Keep words that customers are answered with again and again."""

    name: Text
    body: Words = Field(min_length=1, description="{customer} and {ticket} are filled in.")
    language: Language = "en"


def save_reply(session: Session, arguments: SaveReply) -> SettingSaid:
    """Keep them."""
    row = support.save_reply(
        session, code=arguments.name, body=arguments.body, language=arguments.language
    )
    return SettingSaid(
        number=row.code, en=f"The reply {row.code} is kept.", zh=f"常用回复 {row.code} 已保存。"
    )


class ListReplies(Arguments):
    """List the saved replies."""


def list_replies(session: Session, _arguments: ListReplies) -> Listed:
    """Read them."""
    rows = [(each.code, each.language, each.body) for each in support.list_replies(session)]
    columns = [("code", "代码"), ("language", "语言"), ("words", "内容")]
    return Listed(en="saved replies", zh="常用回复", columns=columns, rows=rows)


class SetWarranty(Arguments):
    """Say for how many months we answer for an item after delivery, or for all items."""

    item: ItemRef | None = Field(default=None, description="Leave empty for all others.")
    months: int = Field(ge=0, le=600)


class WarrantySet(SettingSaid):
    """A warranty, and what it was before."""

    before: int


def pin_warranty(session: Session, arguments: SetWarranty) -> SetWarranty:
    """Write the item by its SKU."""
    if arguments.item is None:
        return arguments
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def set_warranty(session: Session, arguments: SetWarranty) -> WarrantySet:
    """Say it."""
    item = None if arguments.item is None else catalog.find_item(session, arguments.item)
    before = support.months_of(session, item)
    support.set_warranty(session, item, arguments.months)
    en, zh = ("all other items", "其他所有物料") if item is None else (item.sku, item.sku)
    return WarrantySet(
        number="" if item is None else item.sku,
        before=before,
        en=f"We answer for {en} for {arguments.months} months.",
        zh=f"{zh}的保修期为 {arguments.months} 个月。",
    )


def undo_warranty(_session: Session, arguments: SetWarranty, answer: dict[str, Any]) -> Undoing:
    """Say what it was before."""
    call = arguments.model_copy(update={"months": answer["before"]})
    return Undoing((Call("support.set_warranty", call),))


class CheckWarranty(Arguments):
    """Tell whether the item of a ticket is still under warranty."""

    ticket: TicketRef
    item: ItemRef | None = Field(default=None, description="If the ticket names several.")


class WarrantyTold(Answer):
    """Whether we answer for an item."""

    warranty: service_desk.Warranty

    def sentence(self, language: Language = "en") -> str:
        """Say so, and from which delivery it counts."""
        told = self.warranty
        if language == "zh":
            if told.covered is None:
                return f"没有找到 {told.sku} 发给该客户的记录。"
            return (
                f"{told.sku} 于 {told.delivered_on} 随 {told.delivery} 发货，保修 {told.months}"
                f" 个月，至 {told.ends_on}：{'在保' if told.covered else '已过保'}。"
            )
        if told.covered is None:
            return f"No delivery of {told.sku} to this customer is known."
        covered = "is under warranty" if told.covered else "is out of warranty"
        return (
            f"{told.sku} left on {told.delivered_on} with {told.delivery}; {told.months} months end"
            f" on {told.ends_on}, so it {covered}."
        )


def check_warranty(session: Session, arguments: CheckWarranty) -> WarrantyTold:
    """Read it."""
    item = None if arguments.item is None else catalog.find_item(session, arguments.item)
    return WarrantyTold(warranty=service_desk.warranty_of(session, arguments.ticket, item=item))


class StartReturn(Arguments):
    """Allow the customer of a ticket to send the goods back."""

    ticket: TicketRef
    delivery: DeliveryRef | None = Field(
        default=None, description="Leave empty for the newest one of the item."
    )
    item: ItemRef | None = Field(default=None, description="Leave empty for the ticket's.")
    quantity: Count | None = None
    replace: bool = Field(default=False, description="It is to be delivered again.")
    because: Because = Field(description="Why it comes back.")


class ReturnStarted(Answer):
    """A return that a ticket began."""

    ticket: str
    order_return: ReturnView

    def sentence(self, language: Language = "en") -> str:
        """Say which one."""
        number = self.order_return.number
        if language == "zh":
            return f"已为工单 {self.ticket} 同意退货 {number}。"
        return f"{number} is allowed for {self.ticket}."


def pin_return(session: Session, arguments: StartReturn) -> StartReturn:
    """Write what is meant as we call it."""
    chosen: dict[str, Any] = {
        "ticket": support.find_ticket(session, arguments.ticket, lock=False).number
    }
    if arguments.item is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    if arguments.delivery is not None:
        chosen["delivery"] = sales.view_delivery(session, arguments.delivery).number
    return arguments.model_copy(update=chosen)


def start_return(session: Session, arguments: StartReturn) -> ReturnStarted:
    """Allow it."""
    item = None if arguments.item is None else catalog.find_item(session, arguments.item)
    allowed = service_desk.start_return(
        session,
        arguments.ticket,
        because=arguments.because,
        delivery=arguments.delivery,
        item=item,
        quantity=arguments.quantity,
        replace=arguments.replace,
    )
    view = sales.view_return(session, allowed.number)
    return ReturnStarted(ticket=arguments.ticket, order_return=view)


def undo_return(_session: Session, _arguments: StartReturn, answer: dict[str, Any]) -> Undoing:
    """Give it up."""
    call = CancelReturn(order_return=answer["order_return"]["number"], because="undo")
    return Undoing((Call(CANCEL, call),))


def undo_setting(_session: Session, _arguments: object, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=CHANGE_AGAIN)


TOOLS = [
    Tool("support.set_service_level", SetServiceLevel, set_level, writes=True,
         title="Set service level", title_zh="设置服务级别", roles=LEADERS,
         pin=pin_level, undo=undo_setting),
    Tool("support.list_service_levels", ListServiceLevels, list_levels, writes=False,
         title="Service levels", title_zh="服务级别列表", roles=READERS),
    Tool("support.set_team", SetTeam, set_team, writes=True,
         title="Set support team", title_zh="设置服务团队", roles=LEADERS,
         pin=pin_team, undo=undo_setting),
    Tool("support.list_teams", ListTeams, list_teams, writes=False,
         title="Support teams", title_zh="服务团队列表", roles=READERS),
    Tool("support.set_address", SetAddress, set_address, writes=True,
         title="Set service address", title_zh="设置服务邮箱", roles=LEADERS,
         pin=pin_address, undo=undo_address),
    Tool(END_ADDRESS, EndAddress, end_address, writes=True,
         title="End service address", title_zh="停用服务邮箱", roles=LEADERS, undo=undo_setting),
    Tool("support.list_addresses", ListAddresses, list_addresses, writes=False,
         title="Service addresses", title_zh="服务邮箱列表", roles=READERS),
    Tool("support.save_reply", SaveReply, save_reply, writes=True,
         title="Save reply", title_zh="保存常用回复", roles=HANDS, undo=undo_setting),
    Tool("support.list_replies", ListReplies, list_replies, writes=False,
         title="Saved replies", title_zh="常用回复列表", roles=READERS),
    Tool("support.set_warranty", SetWarranty, set_warranty, writes=True,
         title="Set warranty", title_zh="设置保修期", roles=LEADERS,
         pin=pin_warranty, undo=undo_warranty),
    Tool("support.check_warranty", CheckWarranty, check_warranty, writes=False,
         title="Check warranty", title_zh="查询保修", roles=READERS),
    Tool("support.start_return", StartReturn, start_return, writes=True,
         title="Return by ticket", title_zh="工单退货",
         roles=STOREKEEPERS | {Role.SALES, Role.SERVICE}, pin=pin_return, undo=undo_return),
]  # fmt: skip
