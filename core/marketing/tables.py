"""Tables of marketing: groups of customers, texts, campaigns, and what came of each mail."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Minor, Record, Table, after_create, append_only
from core.parties.contacts import Purpose


class SegmentKind(StrEnum):
    """How a segment knows who is in it: by name, or by what is true of somebody now."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class CampaignState(StrEnum):
    """How far a campaign has come."""

    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


class RecipientState(StrEnum):
    """What became of one who was meant: waits, was written to, or was left out for a reason."""

    WAITING = "waiting"
    QUEUED = "queued"
    LEFT_OUT = "left_out"


class MailTemplate(Record):
    """A text of ours in one language; a name is one mail in up to two languages."""

    __tablename__ = "mail_template"
    __table_args__ = (
        Index("uq_mail_template_name", text("lower(name)"), "language", unique=True),
        CheckConstraint("language IN ('en', 'zh')", name="language"),
        CheckConstraint("btrim(subject) <> '' AND btrim(body) <> ''", name="says_something"),
    )

    name: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]


class Segment(Record):
    """A group of customers under a name: its members are on record, or found when it is asked."""

    __tablename__ = "segment"
    __table_args__ = (
        Index("uq_segment_name", text("lower(name)"), unique=True),
        CheckConstraint("kind = 'dynamic' OR criteria = '{}'", name="static_has_no_criteria"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[SegmentKind]
    # Which customers: what `rules.Criteria` says.
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Not the customers themselves are written to, but the people who work there.
    contacts: Mapped[bool] = mapped_column(default=False)


class SegmentMember(Table):
    """A customer who was put into a segment by name."""

    __tablename__ = "segment_member"

    segment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("segment.id"), primary_key=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)


class Campaign(Record):
    """A mail to many, as it was approved; its texts and whom it goes to do not change any more."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("cost_minor >= 0", name="cost_not_negative"),
        CheckConstraint("per_minute BETWEEN 1 AND 1000", name="per_minute"),
        CheckConstraint("window_days BETWEEN 1 AND 365", name="window_days"),
        Index("ix_campaign_sending", "next_batch_at", postgresql_where=text("state = 'sending'")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    segment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("segment.id"), index=True)
    purpose: Mapped[Purpose]
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.SENDING)
    # When it was found out who is in the segment, and which filters said so then.
    evaluated_at: Mapped[datetime]
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cost_minor: Mapped[Minor]
    # So many mails go out in a minute at most, and so long after one of them an order counts.
    per_minute: Mapped[int]
    window_days: Mapped[int]
    next_batch_at: Mapped[datetime]

    segment: Mapped[Segment] = relationship(lazy="raise", viewonly=True)


class CampaignText(Table):
    """What a campaign says in one language, and where its links lead."""

    __tablename__ = "campaign_text"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body: Mapped[str]
    links: Mapped[list[str]] = mapped_column(ARRAY(String))


append_only(CampaignText.__table__)


class CampaignRecipient(Record):
    """One who was meant: why, at which address, and what came of it."""

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        # Not unique: two who were merged since may both have been meant.
        Index(None, "campaign_id", "party_id"),
        Index(
            "uq_campaign_recipient_address",
            "campaign_id",
            "address",
            unique=True,
            postgresql_where=text("state <> 'left_out'"),
        ),
        CheckConstraint("(state = 'left_out') = (left_out_because IS NOT NULL)", name="left_out"),
        CheckConstraint("(state = 'queued') = (communication_id IS NOT NULL)", name="queued"),
        CheckConstraint("state = 'left_out' OR address IS NOT NULL", name="address"),
        Index(None, "account_id", "queued_at"),
    )

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id"))
    # Whose consent counts, and the customer that an order is of.
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    address: Mapped[str | None]
    language: Mapped[str]
    # Why somebody was in the segment, in both languages.
    because: Mapped[list[list[str]]] = mapped_column(JSONB)
    state: Mapped[RecipientState]
    left_out_because: Mapped[str | None]
    communication_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("communication.id"), unique=True
    )
    queued_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    # The first click that counts.
    clicked_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(lazy="raise", viewonly=True)


# Nobody is written to who has not agreed at this very moment, whichever way somebody tries it; and
# what became of somebody who was written to or left out stays as it is.
after_create(
    CampaignRecipient.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_unwanted_mail() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE agreed boolean;
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.state <> 'waiting' AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'a recipient who was % stays so', OLD.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_recipient_once';
        END IF;
        IF NEW.state = 'queued' AND (TG_OP = 'INSERT' OR OLD.state <> 'queued') THEN
            SELECT given INTO agreed FROM consent
            WHERE party_id IN (
                    SELECT id FROM party
                    WHERE id = NEW.party_id OR merged_into_id = NEW.party_id)
                AND purpose = (SELECT purpose FROM campaign WHERE id = NEW.campaign_id)
            ORDER BY at DESC, id DESC LIMIT 1;
            IF agreed IS NOT TRUE THEN
                RAISE EXCEPTION 'party % has not agreed to this', NEW.party_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_recipient_agreed';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER agreed BEFORE INSERT OR UPDATE OF state ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_unwanted_mail()
    """,
)


class CampaignClick(Record):
    """That a link of a mail was followed; it counts only where a person seems to have done it."""

    __tablename__ = "campaign_click"
    __table_args__ = (Index(None, "recipient_id", "happened_at"),)

    recipient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign_recipient.id"))
    link: Mapped[int]
    happened_at: Mapped[datetime]
    is_head: Mapped[bool]
    counts: Mapped[bool]
