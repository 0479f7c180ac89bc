"""Tools of segments and of the texts that are sent to them."""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core import marketing, parties
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import is_chinese, word
from core.marketing import Criteria, RfmClass, SegmentKind
from core.parties.contacts import Purpose
from core.processes import campaigning
from tools.base import (
    Amount,
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
from tools.communications import GONE
from tools.trade import LEADERS, TerritoryRef

MARKETERS = LEADERS | {Role.MARKETING}
LOOKERS = MARKETERS | {Role.SALES, Role.AUDITOR}
ADD, REMOVE, WRITE = (
    "marketing.add_to_segment", "marketing.remove_from_segment", "marketing.write_template",
)  # fmt: skip
SHOWN_MAX = 200

SegmentRef = Annotated[Text, Ref("segment"), Field(description="Name or number of the segment.")]
TemplateRef = Annotated[Text, Ref("mail_template"), Field(description="Name of the mail template.")]
Days = Annotated[int, Field(ge=1, le=3_650)]


class MakeSegment(Arguments):
    """Make a segment: a group of customers, named one by one or found by filters."""

    name: Text
    members: tuple[CustomerRef, ...] = Field(
        default=(), max_length=200, description="Named one by one; leave empty for filters."
    )
    country: Annotated[str, Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="Two letters, such as DE."
    )
    group: Text | None = Field(default=None, description="The customer group.")
    territory: TerritoryRef | None = None
    ordered_days: Days | None = Field(
        default=None, description="Ordered within the last so many days."
    )
    quiet_days: Days | None = Field(
        default=None, description="Has ordered, but not within the last so many days."
    )
    revenue_over: Amount | None = Field(
        default=None, description="Ordered for more than this within a year, before tax."
    )
    rfm: RfmClass | None = None
    consent: Purpose | None = Field(default=None, description="Agreed to this.")
    open_opportunity: bool = False
    open_ticket: bool = False
    contacts: bool = Field(default=False, description="Write to the people who work there.")


class SegmentMade(Answer):
    """A segment that has a name now."""

    number: str
    name: str
    count: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many are in it."""
        if language == "zh":
            return f"{self.number} {self.name}：现有 {self.count} 名客户。"
        return f"{self.number} {self.name} has {self.count} customers now."


def pin_segment(session: Session, arguments: MakeSegment) -> MakeSegment:
    """Write customers by their numbers and places by their codes."""
    members = [parties.find_customer(session, one).party.number for one in arguments.members]
    territory = arguments.territory
    if territory is not None:
        territory = parties.find_territory(session, territory).code
    country = arguments.country and arguments.country.upper()
    return arguments.model_copy(
        update={
            "members": tuple(dict.fromkeys(members)), "territory": territory, "country": country,
        }
    )  # fmt: skip


def make_segment(session: Session, arguments: MakeSegment) -> SegmentMade:
    """Make it, and count who is in it now."""
    pinned = pin_segment(session, arguments)
    over = pinned.revenue_over
    criteria = Criteria(
        country=pinned.country,
        group=pinned.group,
        territory=pinned.territory,
        ordered_days=pinned.ordered_days,
        quiet_days=pinned.quiet_days,
        revenue_over_minor=None
        if over is None
        else Money.of(over, company(session).currency).minor,
        rfm=pinned.rfm,
        consent=pinned.consent,
        open_opportunity=pinned.open_opportunity,
        open_ticket=pinned.open_ticket,
    )
    members = [parties.find_customer(session, one) for one in pinned.members]
    count = len(members) or len(campaigning.found_by(session, criteria))
    segment = marketing.make_segment(
        session, name=pinned.name, criteria=criteria, members=members, contacts=pinned.contacts,
        count=count,
    )  # fmt: skip
    return SegmentMade(number=segment.number, name=segment.name, count=count)


class AddToSegment(Arguments):
    """Put a customer into a segment of named members."""

    customer: CustomerRef
    segment: SegmentRef


class RemoveFromSegment(Arguments):
    """Take a customer out of a segment of named members."""

    customer: CustomerRef
    segment: SegmentRef


def pin_member(session: Session, arguments: Any) -> Any:  # noqa: ANN401  # Either of the two.
    """Write both by their numbers."""
    customer = parties.find_customer(session, arguments.customer).party.number
    segment = marketing.find_segment(session, arguments.segment).number
    return arguments.model_copy(update={"customer": customer, "segment": segment})


def add_to_segment(session: Session, arguments: AddToSegment) -> SegmentMade:
    """Put them in."""
    segment = marketing.find_segment(session, arguments.segment)
    marketing.add_member(session, segment, parties.find_customer(session, arguments.customer))
    return _counted(session, segment)


def remove_from_segment(session: Session, arguments: RemoveFromSegment) -> SegmentMade:
    """Take them out."""
    segment = marketing.find_segment(session, arguments.segment)
    marketing.remove_member(session, segment, parties.find_customer(session, arguments.customer))
    return _counted(session, segment)


def _counted(session: Session, segment: marketing.Segment) -> SegmentMade:
    [count] = campaigning.count_members(session, [segment])
    return SegmentMade(number=segment.number, name=segment.name, count=count)


def undo_add(_session: Session, arguments: AddToSegment, answer: dict[str, Any]) -> Undoing:
    """Take them out."""
    call = RemoveFromSegment(customer=arguments.customer, segment=answer["number"])
    return Undoing((Call(REMOVE, call),))


def undo_removal(
    _session: Session, arguments: RemoveFromSegment, answer: dict[str, Any]
) -> Undoing:
    """Put them in."""
    call = AddToSegment(customer=arguments.customer, segment=answer["number"])
    return Undoing((Call(ADD, call),))


class ListSegments(Arguments):
    """List the segments, their filters and how many are in each now."""


class SegmentsListed(Answer):
    """The segments."""

    rows: list[tuple[str, str, str, str, int]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        return f"细分群组 {count} 个。" if language == "zh" else f"{count} segments."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("kind", "类型"),
            Column("filters", "条件"),
            Column("customers", "客户数", "number"),
        )
        return Grid(columns, tuple(self.rows))


def list_segments(session: Session, _arguments: ListSegments) -> SegmentsListed:
    """Read and count them."""
    language, segments = acting(session).actor.language, marketing.list_segments(session)
    return SegmentsListed(
        rows=[
            (
                *(one.number, one.name, word(one.kind, language)),
                "; ".join(marketing.said(session, marketing.criteria_of(one), language)),
                count,
            )
            for one, count in zip(
                segments, campaigning.count_members(session, segments), strict=True
            )
        ]
    )


class ShowSegment(Arguments):
    """Show who is in a segment now, and why."""

    segment: SegmentRef


class SegmentShown(Answer):
    """The customers of a segment, each with the reason."""

    name: str
    kind: SegmentKind
    count: int
    rows: list[tuple[str, str, str]]
    rows_zh: list[tuple[str, str, str]]
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        shown = len(self.rows)
        if language == "zh":
            less = f"，列出前 {shown} 名" if shown < self.count else ""
            return f"{self.name}（{word(self.kind, 'zh')}）有 {self.count} 名客户{less}。"
        less = f"; the first {shown} are listed" if shown < self.count else ""
        return f"{self.name} ({word(self.kind)}) has {self.count} customers{less}."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (Column("number", "编号"), Column("customer", "客户"), Column("why", "原因"))
        return Grid(columns, tuple(self.rows_zh if self.language == "zh" else self.rows))


def show_segment(session: Session, arguments: ShowSegment) -> SegmentShown:
    """Find out who is in it."""
    segment = marketing.find_segment(session, arguments.segment)
    members = campaigning.members_of(session, segment)
    shown = members[:SHOWN_MAX]

    def rows(place: int) -> list[tuple[str, str, str]]:
        return [
            (one.party.number, one.party.name, "; ".join(why[place] for why in one.because))
            for one in shown
        ]

    return SegmentShown(
        name=segment.name,
        kind=segment.kind,
        count=len(members),
        rows=rows(0),
        rows_zh=rows(1),
        language=acting(session).actor.language,
    )


class WriteTemplate(Arguments):
    """Write a mail template, or write one anew; it may say {name}, {customer} and {company}."""

    name: Text
    subject: Text
    text: Words = Field(
        min_length=1,
        description="May hold {name}, {customer}, {company}, {day} and {salesperson}.",
    )
    language: Literal["en", "zh"] | None = Field(
        default=None, description="Leave empty for the language of the text."
    )


class TemplateWritten(Answer):
    """A template that has a text."""

    name: str
    language: str
    before: tuple[str, str] | None

    def sentence(self, language: Language = "en") -> str:
        """Say which."""
        if language == "zh":
            return f"邮件模板“{self.name}”（{self.language}）已保存。"
        return f"The mail template “{self.name}” ({self.language}) is written."


def pin_template(_session: Session, arguments: WriteTemplate) -> WriteTemplate:
    """Say in which language it is."""
    if arguments.language is not None:
        return arguments
    language = "zh" if is_chinese(arguments.text) else "en"
    return arguments.model_copy(update={"language": language})


def write_template(session: Session, arguments: WriteTemplate) -> TemplateWritten:
    """Write it."""
    pinned = pin_template(session, arguments)
    language = pinned.language or "en"
    known = marketing.text_of(session, pinned.name, language)
    before = None if known is None else (known.subject, known.body)
    made = marketing.write_template(
        session, name=pinned.name, language=language, subject=pinned.subject, body=pinned.text
    )
    return TemplateWritten(name=made.name, language=made.language, before=before)


def undo_template(_session: Session, _arguments: WriteTemplate, answer: dict[str, Any]) -> Undoing:
    """Write what stood there before."""
    if answer["before"] is None:
        return Undoing(
            impossible=("a template that is not used does nothing", "未使用的模板不起作用")
        )
    subject, text = answer["before"]
    call = WriteTemplate(
        name=answer["name"], subject=subject, text=text, language=answer["language"]
    )
    return Undoing((Call(WRITE, call),))


class ListTemplates(Arguments):
    """List the mail templates and their texts."""


class TemplatesListed(Answer):
    """The templates."""

    rows: list[tuple[str, str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many texts there are."""
        count = len(self.rows)
        return f"邮件模板 {count} 份。" if language == "zh" else f"{count} mail templates."

    def grid(self) -> Grid:
        """Return one row for each text."""
        columns = (
            Column("name", "名称"),
            Column("language", "语言"),
            Column("subject", "主题"),
            Column("text", "内容"),
        )
        return Grid(columns, tuple(self.rows))


def list_templates(session: Session, _arguments: ListTemplates) -> TemplatesListed:
    """Read them."""
    return TemplatesListed(
        rows=[
            (one.name, one.language, one.subject, one.body)
            for one in marketing.list_templates(session)
        ]
    )


class TestTemplate(Arguments):
    """Send a mail template to oneself, to see what others will get."""

    template: TemplateRef


class TestSent(Answer):
    """A test that goes out to whoever asked."""

    name: str
    to: str
    count: int

    def sentence(self, language: Language = "en") -> str:
        """Say to whom."""
        if language == "zh":
            return f"“{self.name}”的测试邮件（{self.count} 封）将发送至 {self.to}。"
        return f"{self.count} test mails of “{self.name}” go out to {self.to}."


def test_template(session: Session, arguments: TestTemplate) -> TestSent:
    """Send it to the account of whoever asked."""
    asked = acting(session)
    person = identity.find_person(session, asked.on_behalf_of or asked.actor.name)
    texts = marketing.find_template(session, arguments.template)
    sent = marketing.send_test(session, texts, person)
    return TestSent(name=texts[0].name, to=sent[0].recipients[0], count=len(sent))


_writes = partial(Tool, writes=True, roles=MARKETERS)
_reads = partial(Tool, writes=False, roles=LOOKERS)
TOOLS = [
    _writes("marketing.make_segment", MakeSegment, make_segment, "Make segment", "新建细分群组",
            pin=pin_segment,
            undo=never(("a segment that is not used does nothing", "未使用的群组不起作用"))),
    _writes(ADD, AddToSegment, add_to_segment, "Add to segment", "加入细分群组", pin=pin_member,
            undo=undo_add),
    _writes(REMOVE, RemoveFromSegment, remove_from_segment, "Remove from segment", "移出细分群组",
            pin=pin_member, undo=undo_removal),
    _reads("marketing.list_segments", ListSegments, list_segments, "Segments", "细分群组列表"),
    _reads("marketing.show_segment", ShowSegment, show_segment, "Show segment", "查看细分群组"),
    _writes(WRITE, WriteTemplate, write_template, "Write mail template", "编写邮件模板",
            pin=pin_template, undo=undo_template),
    _reads("marketing.list_templates", ListTemplates, list_templates, "Mail templates",
           "邮件模板列表"),
    _writes("marketing.test_template", TestTemplate, test_template, "Test mail template",
            "测试邮件模板", undo=never(GONE)),
]  # fmt: skip
