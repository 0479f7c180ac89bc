"""What comes back of a campaign: opt-outs, clicks, mails that did not arrive, answers."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.communications import Communication, Parsed, note_bounce
from core.kernel import clock, events
from core.kernel.errors import Language, language_called
from core.marketing import links, rules, service
from core.marketing.errors import BadToken
from core.marketing.events import OptedOut
from core.marketing.tables import (
    Campaign,
    CampaignClick,
    CampaignRecipient,
    CampaignText,
    RecipientState,
)
from core.parties import Party
from core.parties.contacts import (
    Purpose,
    consent_of,
    may_contact,
    note_consent,
    parties_reached_by,
)

# What somebody answers who wants no more: the whole first line, not a word of a sentence.
_ENOUGH = re.compile(
    r"(?:please )?(?:unsubscribe|stop|remove me|opt out)(?: me)?(?: please)?|退订|取消订阅|td",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OptOut:
    """Who may want no more of what, and in which language they are spoken to."""

    address: str
    purpose: Purpose
    language: Language


def whose_opt_out(session: Session, token: str) -> OptOut:
    """Return what a signed address stands for; nothing is changed."""
    recipient, campaign = _of_token(session, token, "out")
    language = language_called(recipient.language)
    return OptOut(recipient.address or "", campaign.purpose, language)


def opt_out(session: Session, token: str) -> Purpose:
    """Note that somebody wants no more mails of a kind; twice is as good as once."""
    recipient, campaign = _of_token(session, token, "out", locked=True)
    _want_no_more(session, recipient, campaign, "link in the mail")
    return campaign.purpose


def follow(session: Session, token: str, *, is_head: bool = False) -> str:
    """Return where a link of a mail leads, and note that it was followed."""
    recipient_id, place = links.recipient_of(session, token, "to")
    recipient = _recipient(session, recipient_id, locked=True)
    wanted = (
        select(CampaignText.links)
        .where(CampaignText.campaign_id == recipient.campaign_id)
        .order_by((CampaignText.language != recipient.language), CampaignText.language)
        .limit(1)
    )
    known = session.scalars(wanted).one()
    if place >= len(known):
        raise BadToken
    _note_click(session, recipient, place, is_head=is_head)
    return known[place]


def _note_click(
    session: Session, recipient: CampaignRecipient, place: int, *, is_head: bool
) -> None:
    before = session.scalars(
        select(CampaignClick)
        .where(CampaignClick.recipient_id == recipient.id)
        .order_by(CampaignClick.happened_at)
        .limit(rules.CLICKS_MAX)
    ).all()
    if len(before) >= rules.CLICKS_MAX:
        return
    new = CampaignClick(
        recipient_id=recipient.id, link=place, happened_at=clock.now(), is_head=is_head,
        counts=False,
    )  # fmt: skip
    session.add(new)
    every = [*before, new]
    since = service.sent_at(session, recipient) or recipient.queued_at or recipient.created_at
    count = rules.counted(
        [rules.Click(one.link, one.happened_at, one.is_head) for one in every], since
    )
    first: datetime | None = None
    for one, counts in zip(every, count, strict=True):
        one.counts = counts
        if counts and (first is None or one.happened_at < first):
            first = one.happened_at
    recipient.clicked_at = first
    session.flush()


def take_note(session: Session, message: Communication, parsed: Parsed) -> None:
    """See whether something that came in says something about a campaign: a bounce, an answer."""
    now = clock.now()
    for bounce in parsed.bounces:
        returned = note_bounce(session, bounce)
        recipient = None if returned is None else _by_message(session, returned.id)
        if recipient is not None and bounce.for_good and recipient.bounced_at is None:
            recipient.bounced_at = now
    if parsed.aside is not None or parsed.automatic or not parsed.references:
        return
    wanted = (
        select(CampaignRecipient)
        .join(Communication, Communication.id == CampaignRecipient.communication_id)
        .where(
            Communication.message_key.in_(parsed.references),
            CampaignRecipient.address == message.sender,
        )
        .with_for_update(of=CampaignRecipient)
    )
    for recipient in session.scalars(wanted).all():
        recipient.responded_at = recipient.responded_at or now
        first = parsed.body.strip().split("\n", 1)[0].strip(" .!。！\"'“”")
        if _ENOUGH.fullmatch(first):
            campaign = session.get_one(Campaign, recipient.campaign_id)
            _want_no_more(session, recipient, campaign, f"answer {message.number}")
    session.flush()


def _want_no_more(
    session: Session, recipient: CampaignRecipient, campaign: Campaign, how: str
) -> None:
    """Withdraw the consent of everybody who is reached at this address."""
    whom = [session.get_one(Party, recipient.party_id)]
    if recipient.address:
        whom += parties_reached_by(session, recipient.address)
    for party in {one.id: one for one in whom}.values():
        said = f"{how}, {campaign.number}"
        if may_contact(session, party.id, campaign.purpose) or (
            party.id == recipient.party_id and campaign.purpose not in consent_of(session, party.id)
        ):
            note_consent(session, party, campaign.purpose, given=False, how=said)
            events.record(session, OptedOut(campaign.number, party.number, campaign.purpose, how))
    recipient.opted_out_at = recipient.opted_out_at or clock.now()
    session.flush()


def _of_token(
    session: Session, token: str, what: str, *, locked: bool = False
) -> tuple[CampaignRecipient, Campaign]:
    identity, _ = links.recipient_of(session, token, what)
    recipient = _recipient(session, identity, locked=locked)
    return recipient, session.get_one(Campaign, recipient.campaign_id)


def _recipient(session: Session, identity: uuid.UUID, *, locked: bool) -> CampaignRecipient:
    found = session.get(CampaignRecipient, identity, with_for_update=True if locked else None)
    if found is None or found.state is not RecipientState.QUEUED:
        raise BadToken
    return found


def _by_message(session: Session, message_id: uuid.UUID) -> CampaignRecipient | None:
    wanted = select(CampaignRecipient).where(CampaignRecipient.communication_id == message_id)
    return session.scalars(wanted.with_for_update()).one_or_none()
