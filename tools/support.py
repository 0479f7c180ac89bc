"""Tools of tickets: open, answer, assign, escalate, resolve, reopen, merge, rate, and see them."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, support
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.identity.roles import STAFF, Role
from core.kernel.identity.tables import Person
from core.kernel.words import word
from core.parties import Customer
from core.processes import mail_desk, service_desk
from core.support import (
    DueTicket,
    Priority,
    Source,
    TicketType,
    TicketView,
)
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
    never,
)
from tools.references import LoginRef
from tools.trade import AND_CUSTOMERS, LEADERS, READERS, Because, SayWhichCustomer, own_party

TicketRef = Annotated[Text, Ref("ticket"), Field(description="The ticket, such as T-00042.")]
Subject = Annotated[str, Field(max_length=200)]
Said = Annotated[Words, Field(min_length=1)]

# Who works on tickets; whoever works here may open one.
HANDS = LEADERS | {Role.SERVICE, Role.SALES}
OPENERS = (STAFF - {Role.AUDITOR}) | {Role.CUSTOMER}
WAS_SENT = ("what was said to the customer stays said", "已回复客户的内容无法收回")
STAYS = ("what was noted stays on record", "已登记的内容将保留在案")
OPEN_AGAIN = ("what became of it stays in its history", "处理过程将保留在历史中")
OPEN, ASSIGN, PRIORITY, CLOSE = (
    "support.open_ticket", "support.assign", "support.set_priority", "support.close",
)  # fmt: skip


class OpenTicket(Arguments):
    """Open a ticket: what a customer asks of us, or complains about."""

    customer: CustomerRef | None = Field(
        default=None, description="Whose it is; a customer of the portal opens their own."
    )
    subject: Subject = Field(default="", description="What it is about, in a few words.")
    said: Words = Field(default="", description="What the customer says.")
    ticket_type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.MEDIUM
    assignee: LoginRef | None = Field(default=None, description="Who looks after it.")
    about: tuple[Text, ...] = Field(
        default=(), max_length=20, description="Orders, invoices, items, serial numbers."
    )
    tags: tuple[Text, ...] = Field(default=(), max_length=20)
    source: Source = Field(default=Source.PERSON, description="How it came in.")


class TicketShown(Answer):
    """A ticket as it stands; its texts are somebody's own words."""

    ticket: TicketView
    tells: tuple[str, str] = ("", "")
    response_due: str = ""
    resolution_due: str = ""
    said_at: tuple[str, ...] = ()

    def sentence(self, language: Language = "en") -> str:
        """Say what it is about, how it stands, who has it, and when it is due."""
        view = self.ticket
        state, priority = word(view.state, language), word(view.priority, language)
        who = (language == "zh" and view.customer_zh) or view.customer
        if language == "zh":
            said = f"工单 {view.number}“{view.subject}”（{who or '未知客户'}）：{state}，{priority}"
            said += f"，负责人 {view.assignee}" if view.assignee else ""
            said += f"，应于 {self.resolution_due} 前解决" if self._is_due() else ""
            return f"{self.tells[1]}{said}。"
        said = (
            f"{view.number} “{view.subject}” of {who or 'somebody unknown'} is {state}, {priority}"
        )
        said += f", with {view.assignee}" if view.assignee else ""
        said += f", due {self.resolution_due}" if self._is_due() else ""
        return f"{self.tells[0]}{said}."

    def _is_due(self) -> bool:
        return bool(self.resolution_due) and self.ticket.resolved_at is None

    def grid(self) -> Grid | None:
        """Return what was said in it, the oldest first."""
        if not self.ticket.messages:
            return None
        columns = (
            Column("at", "时间"),
            Column("kind", "类型"),
            Column("by", "作者"),
            Column("text", "内容"),
        )
        rows = tuple(
            (at, word(each.kind), each.author, each.body)
            for at, each in zip(self.said_at, self.ticket.messages, strict=True)
        )
        return Grid(columns, rows)


def shown(
    session: Session, number: str, en: str = "", zh: str = "", *, is_customer: bool = False
) -> TicketShown:
    """Return a ticket as the asking person may see it."""
    view = support.view_ticket(
        session, number, own_party=own_party(session), is_customer=is_customer
    )
    return TicketShown(
        ticket=view,
        tells=(en, zh),
        response_due=support.local_said(session, view.response_due_at),
        resolution_due=support.local_said(session, view.resolution_due_at),
        said_at=tuple(support.local_said(session, each.said_at) for each in view.messages),
    )


def outside(session: Session, number: str, en: str = "", zh: str = "") -> TicketShown:
    """Return a ticket as its customer may see it, whoever approves that it is done."""
    return shown(session, number, en, zh, is_customer=True)


def pin_open(session: Session, arguments: OpenTicket) -> OpenTicket:
    """Write whose it is by number, and what it is about in words."""
    customer = _customer(session, arguments)
    chosen: dict[str, Any] = {"customer": None if customer is None else customer.party.number}
    if own_party(session) is not None:
        # Who looks after it is not the customer's to say.
        chosen |= {"assignee": None, "tags": (), "source": Source.PORTAL}
    elif arguments.assignee is not None:
        chosen["assignee"] = identity.find_person(session, arguments.assignee).login
    subject = " ".join(arguments.subject.split()) or " ".join(arguments.said.split())[:80]
    if not subject:
        language = acting(session).actor.language
        name = "" if customer is None else f" · {customer.party.name}"
        subject = word(arguments.ticket_type, language) + name
    chosen["subject"] = subject
    party, is_theirs = None if customer is None else customer.party, own_party(session) is not None
    chosen["about"] = tuple(
        service_desk.link_to(session, each, party, by_customer=is_theirs).key
        for each in arguments.about
    )
    return arguments.model_copy(update=chosen)


def _customer(session: Session, arguments: OpenTicket) -> Customer | None:
    mine = own_party(session)
    if mine is None:
        if arguments.customer is None:
            raise SayWhichCustomer
        return parties.find_customer(session, arguments.customer)
    # Whoever comes by the portal opens a ticket of their own, whomever they name.
    own = parties.list_customers(session, party_id=mine)
    if not own:
        raise SayWhichCustomer
    return parties.find_customer(session, own[0].number)


def open_ticket(session: Session, arguments: OpenTicket) -> TicketShown:
    """Open it."""
    ticket = service_desk.open_ticket(
        session,
        subject=arguments.subject or word(arguments.ticket_type),
        said=arguments.said,
        customer=_customer(session, arguments),
        about=arguments.about,
        by_customer=own_party(session) is not None,
        ticket_type=arguments.ticket_type,
        priority=arguments.priority,
        source=arguments.source,
        assignee=_person(session, arguments.assignee),
        tags=arguments.tags,
    )
    return outside(session, ticket.number)


def undo_open(_session: Session, _arguments: OpenTicket, answer: dict[str, Any]) -> Undoing:
    """Close it."""
    call = CloseTicket(ticket=answer["ticket"]["number"], because="undo")
    return Undoing((Call(CLOSE, call),))


def _person(session: Session, login: str | None) -> Person | None:
    return None if login is None else identity.find_person(session, login)


def pin_ticket(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the ticket, and the person if one is named, as we call them."""
    own = own_party(session)
    chosen = {"ticket": support.view_ticket(session, arguments.ticket, own_party=own).number}
    for name in ("person", "to"):
        if getattr(arguments, name, None) is not None:
            chosen[name] = identity.find_person(session, getattr(arguments, name)).login
    if getattr(arguments, "into", None) is not None:
        chosen["into"] = support.find_ticket(session, arguments.into, lock=False).number
    return arguments.model_copy(update=chosen)


class ShowTicket(Arguments):
    """Show a ticket: how it stands, what was said, when it is due."""

    ticket: TicketRef


def show_ticket(session: Session, arguments: ShowTicket) -> TicketShown:
    """Read it; a customer of the portal reads the own one, without what is internal."""
    return shown(session, arguments.ticket)


class ReplyToTicket(Arguments):
    """Answer the customer of a ticket, in words that they will read."""

    ticket: TicketRef
    said: Words = Field(default="", description="The words of the answer.")
    saved: Text | None = Field(default=None, description="The code of a saved reply instead.")
    keep_open: bool = Field(default=False, description="Go on without waiting for the customer.")


def pin_reply(session: Session, arguments: ReplyToTicket) -> ReplyToTicket:
    """Fill a saved reply in, so that the words to be sent are seen."""
    pinned: ReplyToTicket = pin_ticket(session, arguments)
    if arguments.saved is None:
        return pinned
    view = support.view_ticket(session, pinned.ticket)
    language = acting(session).actor.language
    body = support.find_reply(session, arguments.saved, language=language).body
    filled = body.replace("{customer}", view.customer).replace("{ticket}", view.number)
    said = "\n\n".join(part for part in (filled, arguments.said) if part)
    return pinned.model_copy(update={"said": said, "saved": None})


def reply_to_ticket(session: Session, arguments: ReplyToTicket) -> TicketShown:
    """Say it; where the customer wrote a mail, one goes out."""
    mail_desk.reply(session, arguments.ticket, arguments.said, wait=not arguments.keep_open)
    return shown(session, arguments.ticket, "Answered. ", "已回复。")


class AddMessage(Arguments):
    """Add what the customer of a ticket says; what waited or was resolved is worked on again."""

    ticket: TicketRef
    said: Said = Field(description="The customer's words.")


def add_message(session: Session, arguments: AddMessage) -> TicketShown:
    """Take it in; a customer of the portal says it of an own ticket only."""
    number = outside(session, arguments.ticket).ticket.number
    ticket = support.take_message(session, number, arguments.said)
    return outside(session, ticket.number, "Noted. ", "已登记。")


class NoteOnTicket(Arguments):
    """Note something on a ticket among ourselves; the customer does not read it."""

    ticket: TicketRef
    said: Said = Field(description="The words of the note.")


def note_on_ticket(session: Session, arguments: NoteOnTicket) -> TicketShown:
    """Note it."""
    support.note(session, arguments.ticket, arguments.said)
    return shown(session, arguments.ticket, "Noted. ", "已备注。")


class AssignTicket(Arguments):
    """Give a ticket to somebody, or to a team; to nobody named, whoever has the least to do."""

    ticket: TicketRef
    person: LoginRef | None = Field(default=None, description="Login or name.")
    team: Text | None = Field(default=None, description="Code or name of a support team.")
    because: Words = ""


def pin_assign(session: Session, arguments: AssignTicket) -> AssignTicket:
    """Choose now who gets it."""
    pinned: AssignTicket = pin_ticket(session, arguments)
    chosen: dict[str, Any] = {}
    if arguments.team is not None:
        chosen["team"] = support.find_team(session, arguments.team).code
    elif arguments.person is None:
        ticket = support.find_ticket(session, pinned.ticket, lock=False)
        team = ticket.team and support.find_team(session, ticket.team.code)
        person = support.least_busy(session, team)
        if person is not None:
            chosen["person"] = person.login
    return pinned.model_copy(update=chosen)


def assign_ticket(session: Session, arguments: AssignTicket) -> TicketShown:
    """Give it."""
    team = arguments.team and support.find_team(session, arguments.team)
    before = support.find_ticket(session, arguments.ticket).assignee
    support.assign(
        session,
        arguments.ticket,
        person=_person(session, arguments.person),
        team=team or None,
        because=arguments.because,
    )
    answer = shown(session, arguments.ticket)
    return Assigned(**dict(answer), before=before.login if before else "")


class Assigned(TicketShown):
    """A ticket, and who had it before."""

    before: str


def undo_assign(_session: Session, arguments: AssignTicket, answer: dict[str, Any]) -> Undoing:
    """Give it back to whoever had it."""
    if not answer["before"] or arguments.person is None:
        return Undoing(impossible=("assign it to somebody else instead", "请改为指派给其他人"))
    call = AssignTicket(ticket=answer["ticket"]["number"], person=answer["before"])
    return Undoing((Call(ASSIGN, call),))


class SetPriority(Arguments):
    """Say how much a ticket presses."""

    ticket: TicketRef
    priority: Priority
    because: Words = ""


class Pressed(TicketShown):
    """A ticket, and how much it pressed before."""

    before: Priority


def set_priority(session: Session, arguments: SetPriority) -> Pressed:
    """Say it."""
    before = support.find_ticket(session, arguments.ticket).priority
    support.set_priority(session, arguments.ticket, arguments.priority, because=arguments.because)
    return Pressed(**dict(shown(session, arguments.ticket)), before=before)


def undo_priority(_session: Session, _arguments: SetPriority, answer: dict[str, Any]) -> Undoing:
    """Say what it was before."""
    call = SetPriority(ticket=answer["ticket"]["number"], priority=Priority(answer["before"]))
    return Undoing((Call(PRIORITY, call),))


class ResolveTicket(Arguments):
    """Say that a ticket is solved, and how."""

    ticket: TicketRef
    resolution: Words = Field(default="", description="How it was solved.")


def resolve_ticket(session: Session, arguments: ResolveTicket) -> TicketShown:
    """Say it."""
    support.resolve(session, arguments.ticket, resolution=arguments.resolution)
    return shown(session, arguments.ticket)


class CloseTicket(Arguments):
    """Close a ticket: nothing more is expected of anybody."""

    ticket: TicketRef
    because: Words = ""


def close_ticket(session: Session, arguments: CloseTicket) -> TicketShown:
    """Close it."""
    support.close(session, arguments.ticket, because=arguments.because)
    return shown(session, arguments.ticket)


class ReopenTicket(Arguments):
    """Open a ticket again that was resolved or closed."""

    ticket: TicketRef
    because: Words = ""


def reopen_ticket(session: Session, arguments: ReopenTicket) -> TicketShown:
    """Open it again."""
    number = outside(session, arguments.ticket).ticket.number
    support.reopen(session, number, because=arguments.because)
    return outside(session, number)


class HoldTicket(Arguments):
    """Let a ticket wait for the customer, so that its clock stands still, or go on with it."""

    ticket: TicketRef
    go_on: bool = Field(default=False, description="Go on with it instead.")
    because: Words = ""


def hold_ticket(session: Session, arguments: HoldTicket) -> TicketShown:
    """Let it wait, or go on."""
    turn = support.work_on if arguments.go_on else support.wait_for_customer
    turn(session, arguments.ticket, because=arguments.because)
    return shown(session, arguments.ticket)


class EscalateTicket(Arguments):
    """Bring a ticket before the lead of its team, or somebody named."""

    ticket: TicketRef
    to: LoginRef | None = Field(default=None, description="Login or name.")
    because: Because = Field(description="Why it needs somebody higher up.")


def escalate_ticket(session: Session, arguments: EscalateTicket) -> TicketShown:
    """Bring it before them."""
    support.escalate(
        session, arguments.ticket, because=arguments.because, to=_person(session, arguments.to)
    )
    return shown(session, arguments.ticket)


class MergeTickets(Arguments):
    """Merge a ticket into another of the same customer that is about the same."""

    ticket: TicketRef
    into: TicketRef


def merge_tickets(session: Session, arguments: MergeTickets) -> TicketShown:
    """Merge them."""
    support.merge(session, arguments.ticket, arguments.into)
    return shown(session, arguments.into)


class TagTicket(Arguments):
    """Put a tag on a ticket, or take it off."""

    ticket: TicketRef
    name: Text = Field(description="The tag.")
    remove: bool = False


def tag_ticket(session: Session, arguments: TagTicket) -> TicketShown:
    """Put it on, or take it off."""
    add, remove = ((), [arguments.name]) if arguments.remove else ([arguments.name], ())
    support.tag(session, arguments.ticket, add=add, remove=remove)
    return shown(session, arguments.ticket)


def undo_tag(_session: Session, arguments: TagTicket, _answer: object) -> Undoing:
    """Do the contrary."""
    call = arguments.model_copy(update={"remove": not arguments.remove})
    return Undoing((Call("support.tag", call),))


class LinkTicket(Arguments):
    """Note which order, invoice, item, serial number or article a ticket is about."""

    ticket: TicketRef
    about: Text = Field(description="Its number or name.")


def link_ticket(session: Session, arguments: LinkTicket) -> TicketShown:
    """Note it."""
    ticket = support.find_ticket(session, arguments.ticket)
    link = service_desk.link_to(session, arguments.about, ticket.customer)
    support.link(session, ticket.number, [link])
    return shown(session, ticket.number)


class RateTicket(Arguments):
    """Note how the customer liked what we did, from 1 to 5."""

    ticket: TicketRef
    score: int = Field(ge=1, le=5)
    said: Words = ""


def rate_ticket(session: Session, arguments: RateTicket) -> TicketShown:
    """Note it."""
    number = outside(session, arguments.ticket).ticket.number
    support.rate(session, number, arguments.score, said=arguments.said)
    return outside(session, number, "Thank you. ", "谢谢。")


class DueTickets(Arguments):
    """List the tickets that are late or whose time runs out today."""

    person: LoginRef | None = Field(default=None, description="Only those of somebody.")


class TicketsDue(Answer):
    """What of the tickets to do is late, or due today."""

    due: list[DueTicket]
    at: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say how many are late, and how many are due."""
        late = sum(each.late for each in self.due)
        rest = len(self.due) - late
        if language == "zh":
            return f"已超时 {late} 项，今日到期 {rest} 项。" if self.due else "今日没有到期的工单。"
        if not self.due:
            return "No ticket is late or due today."
        return f"{late} too late, {rest} due today."

    def grid(self) -> Grid | None:
        """Return one row for each, the most urgent first."""
        columns = (
            Column("ticket", "工单"),
            Column("subject", "主题"),
            Column("customer", "客户"),
            Column("priority", "优先级"),
            Column("assignee", "负责人"),
            Column("what", "事项"),
            Column("due", "到期"),
            Column("too late", "已超时"),
        )
        rows = tuple(
            (
                each.number, each.subject, each.customer, word(each.priority), each.assignee,
                word(each.target), at, "yes" if each.late else "",
            )
            for each, at in zip(self.due, self.at, strict=True)
        )  # fmt: skip
        return Grid(columns, rows) if rows else None


def due_tickets(session: Session, arguments: DueTickets) -> TicketsDue:
    """Read them."""
    person = _person(session, arguments.person)
    due = support.due_tickets(session, assignee=None if person is None else person.login)
    return TicketsDue(due=due, at=[support.local_said(session, each.due_at) for each in due])


def _writes(
    name: str,
    arguments: type[Arguments],
    run: Callable[[Session, Any], Answer],
    title: str,
    title_zh: str,
    **more: Any,  # noqa: ANN401
) -> Tool:
    more = {"roles": HANDS, "pin": pin_ticket, "undo": never(OPEN_AGAIN), **more}
    return Tool(
        f"support.{name}", arguments, run, writes=True, title=title, title_zh=title_zh, **more
    )


TOOLS = [
    _writes("open_ticket", OpenTicket, open_ticket, "Open ticket", "新建工单",
            roles=OPENERS, pin=pin_open, undo=undo_open),
    _writes("reply", ReplyToTicket, reply_to_ticket, "Reply to ticket", "回复工单",
            roles=HANDS | {Role.WATCHER}, pin=pin_reply, undo=never(WAS_SENT)),
    _writes("add_message", AddMessage, add_message, "Message of the customer", "客户留言",
            roles=HANDS | {Role.CUSTOMER}, undo=never(STAYS)),
    _writes("note", NoteOnTicket, note_on_ticket, "Note on ticket", "工单备注",
            roles=STAFF - {Role.AUDITOR}, undo=never(STAYS)),
    _writes("assign", AssignTicket, assign_ticket, "Assign ticket", "分配工单",
            roles=HANDS | {Role.WATCHER}, pin=pin_assign, undo=undo_assign),
    _writes("set_priority", SetPriority, set_priority, "Set ticket priority", "设置工单优先级",
            undo=undo_priority),
    _writes("resolve", ResolveTicket, resolve_ticket, "Resolve ticket", "解决工单"),
    _writes("close", CloseTicket, close_ticket, "Close ticket", "关闭工单"),
    _writes("reopen", ReopenTicket, reopen_ticket, "Reopen ticket", "重新打开工单",
            roles=HANDS | {Role.CUSTOMER}),
    _writes("hold", HoldTicket, hold_ticket, "Wait for customer", "等待客户"),
    _writes("escalate", EscalateTicket, escalate_ticket, "Escalate ticket", "升级工单",
            roles=HANDS | {Role.WATCHER}),
    _writes("merge", MergeTickets, merge_tickets, "Merge tickets", "合并工单"),
    _writes("tag", TagTicket, tag_ticket, "Tag ticket", "工单标签", undo=undo_tag),
    _writes("link", LinkTicket, link_ticket, "Link ticket", "关联工单", undo=never(STAYS)),
    _writes("rate", RateTicket, rate_ticket, "Rate ticket", "评价工单",
            roles=HANDS | {Role.CUSTOMER}, undo=never(STAYS)),
    Tool("support.show_ticket", ShowTicket, show_ticket, writes=False,
         title="Show ticket", title_zh="查看工单", roles=AND_CUSTOMERS),
    Tool("support.due_tickets", DueTickets, due_tickets, writes=False,
         title="Tickets due", title_zh="到期工单", roles=READERS),
]  # fmt: skip
