"""What marketing tells of a party: which campaigns wrote to it."""

from sqlalchemy import case, literal, select

from core.kernel.semantics import Names
from core.kernel.timeline import NO_AMOUNT, NOTHING, Strand
from core.marketing.tables import Campaign, CampaignRecipient, RecipientState

_sent = CampaignRecipient
STRANDS = (
    Strand(
        "campaigns",
        Names("campaigns", "营销活动"),
        select(
            _sent.account_id.label("party_id"),
            _sent.queued_at.label("at"),
            _sent.id.label("id"),
            Campaign.number.label("number"),
            Campaign.name.label("title"),
            _sent.address.label("detail"),
            case(
                (_sent.opted_out_at.is_not(None), "opted_out"),
                (_sent.bounced_at.is_not(None), "bounced"),
                else_=literal("sent"),
            ).label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        )
        .join(Campaign, Campaign.id == _sent.campaign_id)
        .where(_sent.state == RecipientState.QUEUED),
    ),
)
