"""Tables of service: tickets and what is said in them, promises of time, knowledge."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.calendars import BusinessCalendar
from core.kernel.database import Record, Table, after_create, append_only
from core.kernel.identity.tables import Person
from core.parties import Party


class TicketState(StrEnum):
    """The life of a ticket; a reopened one is worked on like an open one."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting_for_customer"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    CLOSED = "closed"


class TicketType(StrEnum):
    """What a ticket is about."""

    QUESTION = "ticket_question"
    INCIDENT = "incident"
    COMPLAINT = "complaint"
    REQUEST = "service_request"
    RETURN = "return_request"


class Priority(StrEnum):
    """How much a ticket presses."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Source(StrEnum):
    """How a ticket came in."""

    PERSON = "by_person"
    MAIL = "mail"
    WEB = "web"
    PORTAL = "portal"


class MessageKind(StrEnum):
    """Whose words a message is, and who may read them."""

    CUSTOMER = "customer_message"
    REPLY = "public_reply"
    NOTE = "internal_note"


class Waiting(StrEnum):
    """What waiting for the customer does to the time left."""

    # Only open time that is waited through counts as waited.
    OPEN_TIME = "open_time"
    # Every minute of waiting moves what is due by a minute, at night as well.
    ELAPSED = "elapsed"


class Reopening(StrEnum):
    """What the clock of the resolution does when a ticket is opened again."""

    # It goes on; the time for which the ticket was resolved does not count.
    GO_ON = "go_on"
    # It begins anew.
    RESTART = "restart"


class Target(StrEnum):
    """What is promised by a time."""

    RESPONSE = "first_response"
    RESOLUTION = "solution"


class SupportTeam(Record):
    """People who look after tickets of some kinds."""

    __tablename__ = "support_team"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    # The kinds of tickets that come here by themselves.
    takes: Mapped[list[str]] = mapped_column(ARRAY(String))
    lead_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    members: Mapped[list["SupportTeamMember"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="SupportTeamMember.person_id"
    )
    lead: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)


class SupportTeamMember(Table):
    """Somebody of a team."""

    __tablename__ = "support_team_member"

    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("support_team.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)


class SlaPolicy(Record):
    """By when somebody answers, and by when it is solved: of some tickets, in business time.

    What is left out fits any ticket; of the policies that fit, the one that says most counts.
    """

    __tablename__ = "sla_policy"
    __table_args__ = (
        CheckConstraint("response_minutes > 0 AND resolution_minutes > 0", name="positive"),
        CheckConstraint("num_nonnulls(response_minutes, resolution_minutes) > 0", name="promises"),
        CheckConstraint("num_nonnulls(customer_id, customer_group) < 2", name="one_whom"),
        CheckConstraint("at_risk_percent BETWEEN 1 AND 99", name="at_risk"),
        CheckConstraint("reopen_days >= 0", name="reopen_days"),
        Index(
            "uq_sla_policy_whom",
            "customer_id",
            "customer_group",
            "ticket_type",
            "priority",
            unique=True,
            postgresql_where=text("active"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    customer_group: Mapped[str | None]
    ticket_type: Mapped[TicketType | None]
    priority: Mapped[Priority | None]
    response_minutes: Mapped[int | None]
    resolution_minutes: Mapped[int | None]
    # None: the standard calendar.
    calendar_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("business_calendar.id"))
    waiting: Mapped[Waiting] = mapped_column(default=Waiting.OPEN_TIME)
    reopening: Mapped[Reopening] = mapped_column(default=Reopening.GO_ON)
    # For so many days what is closed is opened again by the customer's word; later it is new.
    reopen_days: Mapped[int] = mapped_column(default=14)
    # How much of the time is used up when somebody is warned.
    at_risk_percent: Mapped[int] = mapped_column(default=75)
    active: Mapped[bool] = mapped_column(default=True)

    customer: Mapped[Party | None] = relationship(lazy="raise", viewonly=True)
    calendar: Mapped[BusinessCalendar | None] = relationship(lazy="raise", viewonly=True)


class Ticket(Record):
    """Something that a customer asks of us. Its text is somebody's words, never an order."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("merged_into_id IS NULL OR state = 'closed'", name="merged_is_closed"),
        CheckConstraint(
            "(state IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name="resolved"
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("reopened_count >= 0 AND escalation >= 0", name="counts"),
        Index(None, "customer_id", "opened_at"),
        Index(None, "contact_email", "opened_at"),
        # A mail opens one ticket, however often it is looked at.
        Index("uq_ticket_communication", "communication_id", unique=True),
        Index(
            "ix_ticket_to_do",
            "resolution_due_at",
            postgresql_where=text("state NOT IN ('resolved', 'closed')"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    ticket_type: Mapped[TicketType]
    priority: Mapped[Priority]
    state: Mapped[TicketState] = mapped_column(index=True)
    source: Mapped[Source]
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    contact_email: Mapped[str | None]
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("support_team.id"), index=True)
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    # The mail or message that it began with; that room owns the table.
    communication_id: Mapped[uuid.UUID | None]
    policy_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sla_policy.id"))
    response_due_at: Mapped[datetime | None]
    resolution_due_at: Mapped[datetime | None]
    # From when on most of the time of what is due next is used, and when somebody was told so.
    at_risk_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    first_responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # Business time in seconds: until somebody answered, and until it was solved, without waiting.
    response_seconds: Mapped[int | None] = mapped_column(BigInteger)
    resolution_seconds: Mapped[int | None] = mapped_column(BigInteger)
    resolution: Mapped[str | None]
    reopened_count: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    satisfaction: Mapped[int | None]
    satisfaction_said: Mapped[str | None]
    rated_at: Mapped[datetime | None]

    customer: Mapped[Party | None] = relationship(
        lazy="raise", foreign_keys=[customer_id], viewonly=True
    )
    contact: Mapped[Party | None] = relationship(
        lazy="raise", foreign_keys=[contact_id], viewonly=True
    )
    assignee: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)
    team: Mapped[SupportTeam | None] = relationship(lazy="raise", viewonly=True)
    policy: Mapped[SlaPolicy | None] = relationship(lazy="raise", viewonly=True)
    merged_into: Mapped["Ticket | None"] = relationship(
        lazy="raise", remote_side="Ticket.id", viewonly=True
    )


class ServiceAddress(Record):
    """An address of ours to which customers write when they want service: its mail is tickets."""

    __tablename__ = "service_address"
    __table_args__ = (
        CheckConstraint("address = lower(address) AND address LIKE '%_@_%'", name="address"),
    )

    address: Mapped[str] = mapped_column(unique=True)
    # What a ticket is that says nothing else of itself, and who gets it; None: by its type.
    ticket_type: Mapped[TicketType]
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("support_team.id"))
    active: Mapped[bool] = mapped_column(default=True)

    team: Mapped[SupportTeam | None] = relationship(lazy="raise", viewonly=True)


class TicketTurn(Record):
    """A state that a ticket came into; all of them are its history, and its clocks follow them."""

    __tablename__ = "ticket_turn"
    __table_args__ = (UniqueConstraint("ticket_id", "position"),)

    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"))
    position: Mapped[int]
    state: Mapped[TicketState]
    turned_at: Mapped[datetime]
    by: Mapped[str]
    because: Mapped[str]


class TicketMessage(Record):
    """What was said in a ticket, to the customer, by the customer, or among ourselves."""

    __tablename__ = "ticket_message"
    __table_args__ = (
        Index(None, "ticket_id", "said_at"),
        # A mail is said once.
        Index("uq_ticket_message_communication", "communication_id", unique=True),
    )

    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[MessageKind]
    said_at: Mapped[datetime]
    author: Mapped[str]
    body: Mapped[str]
    communication_id: Mapped[uuid.UUID | None]


class TicketLink(Record):
    """A document, item or article that a ticket is about, by its number."""

    __tablename__ = "ticket_link"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "key"), Index(None, "kind", "key"))

    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"))
    # A word of the house: "sales_order", "customer_invoice", "item", "lot", "article".
    kind: Mapped[str]
    key: Mapped[str]


class TicketTag(Table):
    """A word that tickets are gathered by."""

    __tablename__ = "ticket_tag"
    __table_args__ = (
        CheckConstraint("tag = lower(tag) AND tag <> ''", name="tag"),
        Index(None, "tag"),
    )

    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class SlaBreach(Record):
    """That something promised by a time was not done by then; it stays, whatever changes later."""

    __tablename__ = "sla_breach"
    __table_args__ = (UniqueConstraint("ticket_id", "target", "due_at"),)

    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ticket.id"))
    target: Mapped[Target]
    due_at: Mapped[datetime]
    policy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sla_policy.id"))


class SavedReply(Record):
    """Words that are said again and again, in one language."""

    __tablename__ = "saved_reply"
    __table_args__ = (
        UniqueConstraint("code", "language"),
        CheckConstraint("language IN ('en', 'zh')", name="language"),
    )

    code: Mapped[str]
    language: Mapped[str]
    body: Mapped[str]


class ArticleState(StrEnum):
    """The life of an article."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Article(Record):
    """Something known about a problem, for everybody or only for ourselves."""

    __tablename__ = "article"

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ArticleState]
    internal: Mapped[bool]
    # The kinds of things that it is about, in small letters.
    tags: Mapped[list[str]] = mapped_column(ARRAY(String))

    versions: Mapped[list["ArticleVersion"]] = relationship(
        lazy="raise", order_by="(ArticleVersion.language, ArticleVersion.version)"
    )


class ArticleVersion(Record):
    """The words of an article in one language; a change is a version more."""

    __tablename__ = "article_version"
    __table_args__ = (
        UniqueConstraint("article_id", "language", "version"),
        CheckConstraint("language IN ('en', 'zh')", name="language"),
        CheckConstraint("version > 0", name="version"),
    )

    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    author: Mapped[str]


class ArticleVote(Table):
    """Whether an article helped somebody; who changes their mind votes anew."""

    __tablename__ = "article_vote"

    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id"), primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)
    helped: Mapped[bool]


class WarrantyTerm(Record):
    """For how long we answer for an item after it left; without an item, for all others."""

    __tablename__ = "warranty_term"
    __table_args__ = (
        UniqueConstraint("item_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("months BETWEEN 0 AND 600", name="months"),
    )

    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    months: Mapped[int]


for _table in (TicketTurn, TicketMessage, SlaBreach, ArticleVersion):
    append_only(_table.__table__)

# What is merged is merged into the ticket that is worked on, and not into one that is merged too.
after_create(
    Ticket.__table__,
    """
    CREATE OR REPLACE FUNCTION merged_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM ticket WHERE id = NEW.merged_into_id
                   AND merged_into_id IS NOT NULL)
           OR EXISTS (SELECT 1 FROM ticket WHERE merged_into_id = NEW.id) THEN
            RAISE EXCEPTION 'a ticket is merged into one that is not merged itself';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER merged_once BEFORE INSERT OR UPDATE OF merged_into_id ON {table}
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION merged_once()
    """,
)
