"""Questions about campaigns: whom they went to, and what came back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.communications import OutgoingMail, OutgoingState
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import resolved
from core.marketing.errors import UnknownCampaign
from core.marketing.rules import percent_of
from core.marketing.tables import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    RecipientState,
    Segment,
)
from core.parties import Party
from core.parties.contacts import Purpose

LISTED_MAX = 500


@dataclass(frozen=True)
class CampaignView:
    """A campaign and its counts.

    Sent is what the mail server took; delivered is that less what came back for good. What was
    opened is not counted: a picture that reports it is loaded by programs and not by many people.
    """

    number: str
    name: str
    segment: str
    purpose: Purpose
    state: CampaignState
    started_at: datetime
    cost: Money
    meant: int
    left_out: int
    waiting: int
    sent: int
    bounced: int
    opted_out: int
    clicked: int
    responded: int

    @property
    def delivered(self) -> int:
        """How many arrived, as far as anybody knows."""
        return self.sent - self.bounced

    @property
    def click_rate(self) -> Decimal | None:
        """Who clicked, of those it was delivered to, in percent."""
        return percent_of(self.clicked, self.delivered)


@dataclass(frozen=True)
class RecipientView:
    """One who was meant, why, and what became of it."""

    number: str
    name: str
    account: str
    address: str | None
    because: tuple[tuple[str, str], ...]
    state: RecipientState
    left_out_because: str | None
    queued_at: datetime | None
    bounced: bool
    opted_out: bool
    clicked: bool
    responded: bool


def find_campaign(session: Session, text: str) -> Campaign:
    """Return the campaign that a number or name means."""
    among = select(Campaign.number, Campaign.name, Campaign.name)
    number = resolved(session, among, text, UnknownCampaign)
    return session.scalars(select(Campaign).where(Campaign.number == number)).one()


def view_campaign(session: Session, campaign: Campaign) -> CampaignView:
    """Return a campaign with its counts."""
    [view] = _views(session, Campaign.id == campaign.id)
    return view


def list_campaigns(session: Session) -> list[CampaignView]:
    """Return the campaigns, the newest first."""
    return _views(session)


def list_recipients(
    session: Session, campaign: Campaign, *, limit: int = 200
) -> list[RecipientView]:
    """Return who was meant, those who were left out first."""
    account = Party.__table__.alias("account")
    wanted = (
        select(CampaignRecipient, Party, account.c.name)
        .join(Party, Party.id == CampaignRecipient.party_id)
        .join(account, account.c.id == CampaignRecipient.account_id)
        .where(CampaignRecipient.campaign_id == campaign.id)
        .order_by(CampaignRecipient.left_out_because.nulls_last(), Party.number)
        .limit(min(limit, LISTED_MAX))
    )
    return [
        RecipientView(
            number=party.number,
            name=party.name,
            account=whose,
            address=one.address,
            because=tuple((en, zh) for en, zh in one.because),
            state=one.state,
            left_out_because=one.left_out_because,
            queued_at=one.queued_at,
            bounced=one.bounced_at is not None,
            opted_out=one.opted_out_at is not None,
            clicked=one.clicked_at is not None,
            responded=one.responded_at is not None,
        )
        for one, party, whose in session.execute(wanted)
    ]


def _views(session: Session, *conditions: ColumnElement[bool]) -> list[CampaignView]:
    one = CampaignRecipient
    was_sent = OutgoingMail.state == OutgoingState.SENT

    def counted(*those: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(one.id).filter(*those)

    wanted = (
        select(
            Campaign,
            Segment.name,
            counted(),
            counted(one.state == RecipientState.LEFT_OUT),
            counted(one.state == RecipientState.WAITING),
            counted(was_sent),
            counted(was_sent, one.bounced_at.is_not(None)),
            counted(one.opted_out_at.is_not(None)),
            counted(one.clicked_at.is_not(None)),
            counted(one.responded_at.is_not(None)),
        )
        .join(Segment, Segment.id == Campaign.segment_id)
        .outerjoin(one, one.campaign_id == Campaign.id)
        .outerjoin(OutgoingMail, OutgoingMail.communication_id == one.communication_id)
        .where(*conditions)
        .group_by(Campaign.id, Segment.name)
        .order_by(Campaign.evaluated_at.desc(), Campaign.number.desc())
        .limit(LISTED_MAX)
    )
    currency = company(session).currency
    return [
        CampaignView(
            row.number, row.name, segment, row.purpose, row.state, row.evaluated_at,
            Money(row.cost_minor, currency), *counts,
        )
        for row, segment, *counts in session.execute(wanted)
    ]  # fmt: skip
