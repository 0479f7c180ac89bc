"""Campaigns: approved once, sent in batches through the outbox, and minded until they are over.

Who is written to is checked three times: when the card is made, when a batch goes to the outbox,
and by the database, which takes no mail to somebody who has not agreed at that moment.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import communications
from core.communications import Communication, OutgoingMail, OutgoingState, letters
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.errors import Both, Language, language_called
from core.kernel.identity.tables import Person
from core.kernel.money import Money
from core.kernel.numbering import next_number
from core.kernel.words import WORDS, word
from core.marketing import links, rules
from core.marketing.errors import NobodyToWriteTo, NoOwnAddress, NotSending, TooMany
from core.marketing.events import CampaignMoved, CampaignStarted
from core.marketing.tables import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    CampaignText,
    MailTemplate,
    RecipientState,
    Segment,
)
from core.parties import Customer, Party
from core.parties.contacts import Purpose, consents_now

RECIPIENTS_MAX = 50_000
SHOWN_FIRST = 10
BATCH_SECONDS = 60
LOOKED_UP_AT_ONCE = 5_000

NO_CONSENT, OPTED_OUT, BOUNCED = "no_consent", "opted_out", "bounced"
NO_ADDRESS, SHARED_ADDRESS, SAME_ADDRESS = "no_address", "shared_address", "same_address"
WRITTEN_LATELY, BLOCKED, STOPPED = "written_lately", "blocked", "stopped"


@dataclass(frozen=True)
class Meant:
    """One who is in a segment: whose consent counts, the customer, and why."""

    party_id: uuid.UUID
    account_id: uuid.UUID
    number: str
    name: str
    address: str | None
    language: Language
    blocked: bool
    because: tuple[rules.Reason, ...]


@dataclass(frozen=True)
class Terms:
    """How a campaign is sent and what it is measured by."""

    purpose: Purpose
    cost: Money
    # Who got another campaign within so many days is left out.
    quiet_days: int = 7
    per_minute: int = 60
    window_days: int = 30


def start_campaign(
    session: Session,
    *,
    name: str,
    segment: Segment,
    texts: Sequence[MailTemplate],
    meant: Sequence[Meant],
    terms: Terms,
) -> Campaign:
    """Fix whom a mail goes to and what it says; from then on it goes out in batches."""
    if len(meant) > RECIPIENTS_MAX:
        raise TooMany(segment=segment.name, count=len(meant), most=RECIPIENTS_MAX)
    left_out = _left_out(session, meant, terms)
    written = [one for one in meant if one.party_id not in left_out]
    if not written:
        raise NobodyToWriteTo(segment=segment.name, reasons=_counted_reasons(left_out))
    now = clock.now()
    campaign = Campaign(
        number=next_number(session, "CMP"),
        name=name,
        segment_id=segment.id,
        purpose=terms.purpose,
        evaluated_at=now,
        criteria=segment.criteria,
        cost_minor=terms.cost.minor,
        per_minute=terms.per_minute,
        window_days=terms.window_days,
        next_batch_at=now,
    )
    session.add(campaign)
    session.flush()
    session.add_all(
        CampaignText(
            campaign_id=campaign.id,
            language=text.language,
            subject=text.subject,
            body=text.body,
            links=rules.links_of(text.body),
        )
        for text in texts
    )
    session.add_all(
        CampaignRecipient(
            campaign_id=campaign.id,
            party_id=one.party_id,
            account_id=one.account_id,
            address=one.address,
            language=one.language,
            because=[list(reason) for reason in one.because],
            state=RecipientState.LEFT_OUT if one.party_id in left_out else RecipientState.WAITING,
            left_out_because=left_out.get(one.party_id),
        )
        for one in meant
    )
    events.record(session, _started(campaign, segment, texts, meant, left_out, terms))
    session.flush()
    return campaign


def _started(
    campaign: Campaign,
    segment: Segment,
    texts: Sequence[MailTemplate],
    meant: Sequence[Meant],
    left_out: dict[uuid.UUID, str],
    terms: Terms,
) -> CampaignStarted:
    written = [one for one in meant if one.party_id not in left_out]
    told = [f"{one.name} <{one.address}>" for one in written]
    by_reason: dict[str, list[str]] = {}
    for one in meant:
        if one.party_id in left_out:
            by_reason.setdefault(left_out[one.party_id], []).append(one.name)
    return CampaignStarted(
        number=campaign.number,
        called=campaign.name,
        segment=segment.name,
        purpose=terms.purpose,
        recipients=len(written),
        first=tuple(told[:SHOWN_FIRST]),
        seal=hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()[:16],
        left_out=tuple(
            (reason, len(names), ", ".join(names[:SHOWN_FIRST]))
            for reason, names in sorted(by_reason.items())
        ),
        texts=tuple((text.language, text.subject, text.body) for text in texts),
        cost=terms.cost,
        per_minute=terms.per_minute,
    )


def _left_out(session: Session, meant: Sequence[Meant], terms: Terms) -> dict[uuid.UUID, str]:
    """Return why each who cannot be written to is left out; the first reason that fits."""
    agreed = consents(session, [one.party_id for one in meant], terms.purpose)
    addresses = [one.address for one in meant if one.address]
    dead = communications.dead_addresses(session, addresses)
    owners = _owners(session, addresses)
    lately = _written_lately(session, addresses, terms.quiet_days)
    taken: set[str] = set()
    found: dict[uuid.UUID, str] = {}
    for one in meant:
        reason = _reason(one, agreed.get(one.party_id), dead, owners, lately, taken)
        if reason is not None:
            found[one.party_id] = reason
        elif one.address is not None:
            taken.add(one.address)
    return found


def _reason(
    one: Meant,
    agreed: bool | None,  # noqa: FBT001
    dead: set[str],
    owners: dict[str, uuid.UUID],
    lately: set[str],
    taken: set[str],
) -> str | None:
    checks = (
        (one.blocked, BLOCKED),
        (agreed is None, NO_CONSENT),
        (agreed is False, OPTED_OUT),
        (one.address is None, NO_ADDRESS),
        (one.address in dead, BOUNCED),
        (owners.get(one.address or "") not in {one.party_id, one.account_id}, SHARED_ADDRESS),
        (one.address in taken, SAME_ADDRESS),
        (one.address in lately, WRITTEN_LATELY),
    )
    return next((reason for is_so, reason in checks if is_so), None)


def consents(
    session: Session, party_ids: Sequence[uuid.UUID], purpose: Purpose
) -> dict[uuid.UUID, bool]:
    """Return what counts now for each who was ever asked: what was said last."""
    found: dict[uuid.UUID, bool] = {}
    for start in range(0, len(party_ids), LOOKED_UP_AT_ONCE):
        some = party_ids[start : start + LOOKED_UP_AT_ONCE]
        known = consents_now(session, party_ids=some, purpose=purpose)
        found.update((one, given) for (one, _), given in known.items())
    return found


def _owners(session: Session, addresses: Sequence[str]) -> dict[str, uuid.UUID]:
    found: dict[str, uuid.UUID] = {}
    for start in range(0, len(addresses), LOOKED_UP_AT_ONCE):
        found |= communications.parties_of(session, addresses[start : start + LOOKED_UP_AT_ONCE])
    return found


def _written_lately(session: Session, addresses: Sequence[str], days: int) -> set[str]:
    """Return who got a campaign lately, or is to get one that is being sent."""
    if not days:
        return set()
    since = clock.now() - timedelta(days=days)
    wanted = select(CampaignRecipient.address).where(
        CampaignRecipient.address.in_(addresses),
        (CampaignRecipient.queued_at >= since)
        | (CampaignRecipient.state == RecipientState.WAITING),
    )
    return {one for one in session.scalars(wanted) if one is not None}


def _counted_reasons(left_out: dict[uuid.UUID, str]) -> Both:
    counts = sorted(Counter(left_out.values()).items())
    said: dict[Language, str] = {
        language: ("，" if language == "zh" else ", ").join(
            f"{word(reason, language)} {count}" for reason, count in counts
        )
        for language in ("en", "zh")
    }
    return Both(said["en"] or word("no_members"), said["zh"] or WORDS["no_members"][1])


# Sending.


def is_to_send(session: Session) -> bool:
    """Tell whether a campaign may put its next mails into the outbox."""
    wanted = select(Campaign.id).where(
        Campaign.state == CampaignState.SENDING, Campaign.next_batch_at <= clock.now()
    )
    return session.scalar(wanted.limit(1)) is not None


def send_batches(session: Session) -> int:
    """Put the next mails of each campaign into the outbox; tell how many."""
    wanted = (
        select(Campaign)
        .where(Campaign.state == CampaignState.SENDING, Campaign.next_batch_at <= clock.now())
        .order_by(Campaign.next_batch_at)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return sum(_send_batch(session, campaign) for campaign in session.scalars(wanted).all())


def _send_batch(session: Session, campaign: Campaign) -> int:
    wanted = (
        select(CampaignRecipient, Party)
        .join(Party, Party.id == CampaignRecipient.party_id)
        .where(
            CampaignRecipient.campaign_id == campaign.id,
            CampaignRecipient.state == RecipientState.WAITING,
        )
        .order_by(CampaignRecipient.id)
        .limit(campaign.per_minute)
        .with_for_update(of=CampaignRecipient)
    )
    rows = session.execute(wanted).all()
    texts = {text.language: text for text in session.scalars(_texts_of(campaign))}
    agreed = consents(session, [one.party_id for one, _ in rows], campaign.purpose)
    addresses = [one.address for one, _ in rows if one.address]
    dead, owners = communications.dead_addresses(session, addresses), _owners(session, addresses)
    sent = 0
    for one, party in rows:
        meant = Meant(
            one.party_id, one.account_id, party.number, party.name, one.address,
            language_called(one.language), party.blocked, (),
        )  # fmt: skip
        # Whoever changed their mind since it was approved gets nothing.
        reason = _reason(meant, agreed.get(one.party_id), dead, owners, set(), set())
        if reason is not None:
            one.state, one.left_out_because = RecipientState.LEFT_OUT, reason
            continue
        _write(session, one, party, texts, owners)
        sent += 1
    campaign.next_batch_at = clock.now() + timedelta(seconds=BATCH_SECONDS)
    session.flush()
    if len(rows) < campaign.per_minute:
        _end(session, campaign, CampaignState.SENT)
    return sent


def _write(
    session: Session,
    one: CampaignRecipient,
    party: Party,
    texts: dict[str, CampaignText],
    owners: dict[str, uuid.UUID],
) -> None:
    assert one.address is not None, "who has none was left out"
    language = language_called(one.language)
    text = texts.get(one.language) or next(iter(texts.values()))
    values = values_for(session, party, session.get_one(Party, one.account_id), language)
    body = rules.with_links(text.body, links.counted_links(session, one.id, text.links))
    at = links.opt_out_link(session, one.id)
    message = communications.queue_mail(
        session,
        party=session.get_one(Party, owners[one.address]),
        to=one.address,
        subject=rules.filled_in(text.subject, values),
        text=f"{rules.filled_in(body, values)}\n\n{_foot(language, at)}",
        unsubscribe_at=at,
    )
    one.state, one.communication_id = RecipientState.QUEUED, message.id
    one.queued_at = clock.now()


def _foot(language: Language, at: str) -> str:
    if language == "zh":
        return f"--\n退订：{at}" if at else "--\n如需退订，请直接回复“退订”。"
    if at:
        return f"--\nUnsubscribe: {at}"
    return "--\nTo unsubscribe, answer this mail with the word unsubscribe."


def values_for(
    session: Session, party: Party, account: Party, language: Language
) -> dict[str, str]:
    """Return what the fields of a text are for somebody."""
    ours, zh = company(session), language == "zh"
    buyer = session.get(Customer, account.id)
    seller = (
        session.get(Party, buyer.salesperson_id)
        if buyer is not None and buyer.salesperson_id is not None
        else None
    )
    return {
        "name": (zh and party.name_zh) or party.name,
        "customer": (zh and account.name_zh) or account.name,
        "company": (zh and ours.name_zh) or ours.name,
        "day": letters.day_said(ours.today, language),
        "salesperson": ((zh and seller.name_zh) or seller.name) if seller is not None else "",
    }


def stop_campaign(session: Session, campaign: Campaign) -> Campaign:
    """Send no more of a campaign; what the mail server has not got yet is not handed over."""
    session.refresh(campaign, with_for_update=True)
    if campaign.state is not CampaignState.SENDING and not _unsent(session, campaign):
        raise NotSending(number=campaign.number, state=campaign.state)
    waiting = select(CampaignRecipient).where(
        CampaignRecipient.campaign_id == campaign.id,
        CampaignRecipient.state == RecipientState.WAITING,
    )
    for one in session.scalars(waiting.with_for_update()):
        one.state, one.left_out_because = RecipientState.LEFT_OUT, STOPPED
    for outgoing in _unsent(session, campaign):
        communications.drop_queued(session, outgoing)
    session.flush()
    _end(session, campaign, CampaignState.STOPPED)
    return campaign


def _unsent(session: Session, campaign: Campaign) -> list[uuid.UUID]:
    wanted = (
        select(OutgoingMail.id)
        .join(
            CampaignRecipient,
            CampaignRecipient.communication_id == OutgoingMail.communication_id,
        )
        .where(
            CampaignRecipient.campaign_id == campaign.id,
            OutgoingMail.state == OutgoingState.QUEUED,
        )
    )
    return list(session.scalars(wanted))


def _end(session: Session, campaign: Campaign, after: CampaignState) -> None:
    before, campaign.state = campaign.state, after
    counts = dict(
        session.execute(
            select(CampaignRecipient.state, func.count())
            .where(CampaignRecipient.campaign_id == campaign.id)
            .group_by(CampaignRecipient.state)
        ).all()
    )
    queued = counts.get(RecipientState.QUEUED, 0)
    left = counts.get(RecipientState.LEFT_OUT, 0)
    events.record(session, CampaignMoved(campaign.number, before, after, queued, left))
    session.flush()


def send_test(
    session: Session, texts: Sequence[MailTemplate], person: Person
) -> list[Communication]:
    """Send each text of a template to oneself, filled in as for a customer called like oneself."""
    if not person.email:
        raise NoOwnAddress(login=person.login)
    ours, sent = company(session), []
    for text in texts:
        language = language_called(text.language)
        called = (language == "zh" and ours.name_zh) or ours.name
        values = {
            "name": person.name, "customer": called, "company": called,
            "day": letters.day_said(ours.today, language), "salesperson": person.name,
        }  # fmt: skip
        message = communications.queue_to_self(
            session,
            person,
            subject=rules.filled_in(text.subject, values),
            text=f"{rules.filled_in(text.body, values)}\n\n{_foot(language, '')}",
        )
        sent.append(message)
    return sent


def _texts_of(campaign: Campaign) -> Select[CampaignText]:
    return (
        select(CampaignText)
        .where(CampaignText.campaign_id == campaign.id)
        .order_by(CampaignText.language)
    )


def sent_at(session: Session, recipient: CampaignRecipient) -> datetime | None:
    """Return when the mail server took the mail to somebody."""
    wanted = select(OutgoingMail.sent_at).where(
        OutgoingMail.communication_id == recipient.communication_id
    )
    return session.scalar(wanted)
