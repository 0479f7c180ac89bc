"""What marketing gives to lists: when customers last got a mail of a campaign."""

from sqlalchemy import Date, cast, func, select

from core.kernel.company import CompanyRow
from core.kernel.listing import Field, Holds, Lists
from core.kernel.semantics import EVERYDAY, Names
from core.marketing.tables import CampaignRecipient, RecipientState

_zone = select(CompanyRow.time_zone).scalar_subquery()
_days = select(
    CampaignRecipient.account_id.label("record"),
    cast(func.timezone(_zone, CampaignRecipient.queued_at), Date).label("value"),
).where(CampaignRecipient.state == RecipientState.QUEUED)

LISTS = Lists(
    besides={
        "customers": (
            Field(
                "campaign_on",
                Names("campaign mail", "营销邮件", ("campaign mails", "mail of a campaign"), ()),
                Holds.DATE,
                through=_days,
                shown=False,
                roles=EVERYDAY,
            ),
        )
    }
)
