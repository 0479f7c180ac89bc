"""Tools of communications: read, find, link, and let mails go out that somebody approves."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core import communications, parties
from core.communications import Direction, MessageView, ThreadView
from core.communications.queries import Box
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.words import word
from core.parties import Party
from core.processes import correspondence
from core.reporting.query import Period, resolve
from tools.base import Answer, Arguments, Call, Column, Grid, Ref, Text, Tool, Undoing, Words
from tools.notifications import local_time
from tools.references import PartyRef

SEND, REPLY, LIST, FIND = (
    "communications.send_mail",
    "communications.reply",
    "communications.list",
    "communications.search",
)
READERS = correspondence.READERS
WRITERS = correspondence.WRITERS
GONE = ("a mail that went out cannot be called back", "已发出的邮件无法撤回")

MessageRef = Annotated[Text, Ref("message"), Field(description="The message, such as MSG-00042.")]
ThreadRef = Annotated[
    Text,
    Ref("thread"),
    Field(description="The conversation, such as THR-00042, or a message of it."),
]


class SendMail(Arguments):
    """Send a mail to a customer, supplier or anybody else whose address is on record."""

    party: PartyRef = Field(description="Number or name of whom it goes to.")
    text: Words = Field(min_length=1, description="The whole text.")
    subject: Text | None = Field(default=None, description="Leave empty for the first words.")
    address: Text | None = Field(
        default=None, description="One of their addresses on record; leave empty for the first."
    )


class Reply(Arguments):
    """Answer somebody in the conversation in which they wrote last, or in one that is named."""

    party: PartyRef | None = Field(default=None, description="Whom to answer.")
    text: Words = Field(min_length=1, description="What to say; greeting and name are added.")
    thread: ThreadRef | None = Field(
        default=None, description="Leave empty for the one in which they wrote last."
    )
    as_written: bool = Field(
        default=False, description="The text is whole as it is: add no greeting and no name."
    )


class ListMessages(Arguments):
    """Show mails and messages of somebody, or those that are linked to nobody yet."""

    party: PartyRef | None = None
    box: Box = Field(default="all", description="inbox: linked to nobody; aside: set aside.")
    way: Direction | None = Field(default=None, description="in: what we received.")
    period: Period | None = Field(default=None, description="Leave empty for the newest.")
    limit: Annotated[int, Field(ge=1, le=200)] = 30


class SearchMessages(Arguments):
    """Find mails and messages by words that stand in them."""

    containing: Words = Field(min_length=1, description="Words, all of which must be there.")
    party: PartyRef | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 30


class ShowThread(Arguments):
    """Show a conversation with all its messages."""

    thread: ThreadRef


class LinkMessage(Arguments):
    """Say of which customer, supplier or other party a message is."""

    message: MessageRef
    party: PartyRef


class SetAside(Arguments):
    """Set a message aside, such as junk; it stays on record."""

    message: MessageRef
    because: Words = Field(min_length=1)


class TakeBackMessage(Arguments):
    """Put a message that was set aside or quarantined among the others again."""

    message: MessageRef


class SettleMail(Arguments):
    """Say what became of a mail of which nobody knows whether it went out, or that failed."""

    message: MessageRef
    outcome: Literal["sent", "queued", "dropped"] = Field(
        description="sent: it arrived; queued: send it again; dropped: let it be."
    )


class MailOnItsWay(Answer):
    """A mail that goes out."""

    number: str
    thread: str
    to: str
    party: str
    subject: str

    def sentence(self, language: Language = "en") -> str:
        """Say to whom it goes."""
        if language == "zh":
            return f"{self.number} 将发送给 {self.party} <{self.to}>：“{self.subject}”。"
        return f"{self.number} goes out to {self.party} <{self.to}>: “{self.subject}”."


class MessageList(Answer):
    """Messages, the newest first; what stands in them is somebody's words."""

    messages: tuple[MessageView, ...]
    zone: str
    of: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and the newest."""
        zh = language == "zh"
        if not self.messages:
            return "没有消息。" if zh else "There are no messages."
        first = self.messages[0]
        when = local_time(first.happened_at, self.zone)
        who = first.party or first.sender_name or first.sender or "–"
        if zh:
            who = first.party_zh or who
            return f"消息 {len(self.messages)} 条。最新：{when}，{who}：“{first.subject}”。"
        return f"{len(self.messages)} messages. The newest: {when}, {who}: “{first.subject}”."

    def grid(self) -> Grid | None:
        """List them."""
        return Grid(
            (
                Column("number", "编号"),
                Column("when", "时间"),
                Column("way", "方向"),
                Column("from or to", "往来方"),
                Column("party", "往来单位"),
                Column("subject", "主题"),
                Column("text", "内容"),
                Column("conversation", "会话"),
                Column("state", "状态"),
            ),
            tuple(self._row(each) for each in self.messages),
        )

    def _row(self, one: MessageView) -> tuple[Any, ...]:
        other = one.sender if one.direction is Direction.IN else ", ".join(one.recipients)
        state = one.state or one.standing
        return (
            one.number,
            local_time(one.happened_at, self.zone),
            word(one.direction),
            other,
            f"{one.party_number} {one.party}".strip(),
            one.subject,
            one.excerpt,
            one.thread,
            word(state) if state != "kept" else "",
        )


class ThreadShown(Answer):
    """A conversation; what stands in it is somebody's words."""

    thread: ThreadView
    zone: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it is about and how long it is."""
        count = len(self.thread.messages)
        if language == "zh":
            return f"{self.thread.number}：“{self.thread.subject}”，{count} 条消息。"
        return f"{self.thread.number}: “{self.thread.subject}”, {count} messages."

    def grid(self) -> Grid | None:
        """List its messages with their texts."""
        return Grid(
            (
                Column("number", "编号"),
                Column("when", "时间"),
                Column("from", "发件人"),
                Column("text", "内容"),
                Column("files", "附件"),
            ),
            tuple(
                (
                    one.view.number,
                    local_time(one.view.happened_at, self.zone),
                    one.view.sender or word(one.view.direction),
                    one.body,
                    ", ".join(file.name for file in one.files),
                )
                for one in self.thread.messages
            ),
        )


class MessageMoved(Answer):
    """A message that is linked, set aside or settled."""

    number: str
    what: str
    what_zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say what became of it."""
        return (
            f"{self.number}：{self.what_zh}。"
            if language == "zh"
            else f"{self.number} {self.what}."
        )


# What goes out.


def pin_mail(session: Session, arguments: SendMail) -> SendMail:
    """Write down the party, the address and the subject."""
    party = parties.find_party(session, arguments.party)
    subject = arguments.subject or arguments.text.split("\n")[0][:60]
    return arguments.model_copy(
        update={
            "party": party.number,
            "address": communications.address_for(session, party, arguments.address),
            "subject": subject,
        }
    )


def send_mail(session: Session, arguments: SendMail) -> MailOnItsWay:
    """Write it into the outbox."""
    pinned = pin_mail(session, arguments)
    party = parties.find_party(session, pinned.party)
    assert pinned.address is not None, "pinned"
    message = communications.queue_mail(
        session,
        party=party,
        to=pinned.address,
        subject=pinned.subject or "",
        text=pinned.text,
    )
    return _on_its_way(session, message, party)


def pin_reply(session: Session, arguments: Reply) -> Reply:
    """Write down the conversation and the whole text that goes out."""
    thread, party = correspondence.to_answer(
        session, party=arguments.party, thread=arguments.thread
    )
    text = arguments.text
    if not arguments.as_written:
        text = correspondence.greeted(session, party, text)
    return Reply(party=party.number, text=text, thread=thread.number, as_written=True)


def reply(session: Session, arguments: Reply) -> MailOnItsWay:
    """Write the answer into the outbox."""
    pinned = pin_reply(session, arguments)
    thread, party = correspondence.to_answer(session, party=pinned.party, thread=pinned.thread)
    message = correspondence.answer(session, thread, party, pinned.text)
    return _on_its_way(session, message, party)


def _on_its_way(
    session: Session, message: communications.Communication, party: Party
) -> MailOnItsWay:
    return MailOnItsWay(
        number=message.number,
        thread=communications.find_thread(session, message.number).number,
        to=message.recipients[0],
        party=party.name,
        subject=message.subject,
    )


def cannot_call_back(_session: Session, _arguments: Any, _answer: dict[str, Any]) -> Undoing:  # noqa: ANN401
    """Say beforehand that a mail cannot be called back."""
    return Undoing(impossible=GONE)


def settle_mail(session: Session, arguments: SettleMail) -> MessageMoved:
    """Note what a person says."""
    state = communications.settle(
        session,
        arguments.message,
        was_it_sent=arguments.outcome == "sent",
        again=arguments.outcome == "queued",
    )
    return MessageMoved(
        number=arguments.message, what=f"is {word(state)} now", what_zh=f"现为{word(state, 'zh')}"
    )


# What came in.


def list_messages(session: Session, arguments: ListMessages) -> MessageList:
    """Return those that the asking person may see."""
    party = None if arguments.party is None else parties.find_party(session, arguments.party)
    since, until = instants_of(session, arguments.period)
    found = communications.list_messages(
        session,
        party_id=None if party is None else party.id,
        box=arguments.box,
        direction=arguments.way,
        since=since,
        until=until,
        limit=arguments.limit,
    )
    return MessageList(
        messages=tuple(found),
        zone=company(session).zone.key,
        of="" if party is None else party.name,
    )


def search_messages(session: Session, arguments: SearchMessages) -> MessageList:
    """Return those that hold the words and that the asking person may see."""
    party = None if arguments.party is None else parties.find_party(session, arguments.party)
    found = communications.list_messages(
        session,
        party_id=None if party is None else party.id,
        containing=arguments.containing,
        limit=arguments.limit,
    )
    return MessageList(messages=tuple(found), zone=company(session).zone.key)


def show_thread(session: Session, arguments: ShowThread) -> ThreadShown:
    """Return it whole."""
    thread = communications.find_thread(session, arguments.thread)
    return ThreadShown(
        thread=communications.view_thread(session, thread), zone=company(session).zone.key
    )


def pin_link(session: Session, arguments: LinkMessage) -> LinkMessage:
    """Write message and party by their numbers."""
    message = communications.find_message(session, arguments.message)
    party = parties.find_party(session, arguments.party)
    return LinkMessage(message=message.number, party=party.number)


def link_message(session: Session, arguments: LinkMessage) -> MessageMoved:
    """Link it, and what else came from the same address."""
    message = communications.find_message(session, arguments.message, lock=True)
    party = parties.find_party(session, arguments.party)
    count = communications.link(session, message, party)
    return MessageMoved(
        number=message.number,
        what=f"and all of {message.sender or 'it'} ({count}) are of {party.number} {party.name}",
        what_zh=f"及 {message.sender} 的消息（{count} 条）已关联到 {party.number} {party.name}",
    )


def set_aside(session: Session, arguments: SetAside) -> MessageMoved:
    """Take it out of sight; it stays."""
    message = communications.find_message(session, arguments.message, lock=True)
    communications.set_aside(session, message, because=arguments.because)
    return MessageMoved(number=message.number, what="is set aside", what_zh="已搁置")


def undo_aside(_session: Session, arguments: SetAside, _answer: dict[str, Any]) -> Undoing:
    """Put it back."""
    return Undoing((Call("communications.take_back", TakeBackMessage(message=arguments.message)),))


def take_back(session: Session, arguments: TakeBackMessage) -> MessageMoved:
    """Put it among the others again."""
    message = communications.find_message(session, arguments.message, lock=True)
    communications.take_back(session, message)
    return MessageMoved(
        number=message.number, what="is among the others again", what_zh="已恢复正常"
    )


def instants_of(session: Session, period: Period | None) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a period lasts on the company's clock."""
    if period is None:
        return None, None
    ours = company(session)
    span = resolve(period, ours.today)
    since = None if span.start is None else datetime.combine(span.start, time(0), ours.zone)
    if span.end is None or span.end >= ours.today:
        return since, None
    return since, datetime.combine(span.end + timedelta(days=1), time(0), ours.zone)


TOOLS = (
    Tool(
        name=SEND,
        arguments=SendMail,
        run=send_mail,
        writes=True,
        title="Send a mail",
        title_zh="发送邮件",
        roles=WRITERS,
        pin=pin_mail,
        undo=cannot_call_back,
    ),
    Tool(
        name=REPLY,
        arguments=Reply,
        run=reply,
        writes=True,
        title="Reply to a message",
        title_zh="回复消息",
        roles=WRITERS | {Role.WATCHER},
        pin=pin_reply,
        undo=cannot_call_back,
    ),
    Tool(
        name="communications.settle_mail",
        arguments=SettleMail,
        run=settle_mail,
        writes=True,
        title="Settle a mail in doubt",
        title_zh="处理不确定的邮件",
        roles=WRITERS,
        undo=cannot_call_back,
    ),
    Tool(
        name=LIST,
        arguments=ListMessages,
        run=list_messages,
        writes=False,
        title="Show mails and messages",
        title_zh="查看邮件和消息",
        roles=READERS,
    ),
    Tool(
        name=FIND,
        arguments=SearchMessages,
        run=search_messages,
        writes=False,
        title="Search mails and messages",
        title_zh="搜索邮件和消息",
        roles=READERS,
    ),
    Tool(
        name="communications.show_thread",
        arguments=ShowThread,
        run=show_thread,
        writes=False,
        title="Show a conversation",
        title_zh="查看会话",
        roles=READERS,
    ),
    Tool(
        name="communications.link",
        arguments=LinkMessage,
        run=link_message,
        writes=True,
        title="Link a message to a party",
        title_zh="关联消息",
        roles=WRITERS,
        pin=pin_link,
    ),
    Tool(
        name="communications.set_aside",
        arguments=SetAside,
        run=set_aside,
        writes=True,
        title="Set a message aside",
        title_zh="搁置消息",
        roles=WRITERS,
        undo=undo_aside,
    ),
    Tool(
        name="communications.take_back",
        arguments=TakeBackMessage,
        run=take_back,
        writes=True,
        title="Take a message back",
        title_zh="恢复消息",
        roles=WRITERS,
    ),
)
