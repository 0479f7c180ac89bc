"""Marketing: groups of customers, mails to many that they agreed to, and what came of them.

Invariants: nobody is written to who has not agreed to the purpose at the moment that the mail goes
to the outbox, and the database refuses it too; each recipient of a campaign gets one mail at most;
what a person approved is exactly what goes out, to nobody else; who wants no more is believed at
once, by one click or one word.
"""

from core.marketing.answers import OptOut, follow, opt_out, take_note, whose_opt_out
from core.marketing.links import CLICK_PATH, OPT_OUT_PATH
from core.marketing.queries import (
    CampaignView,
    RecipientView,
    find_campaign,
    list_campaigns,
    list_recipients,
    view_campaign,
)
from core.marketing.rules import Criteria, Facts, RfmClass, Touch
from core.marketing.segments import (
    add_member,
    criteria_of,
    find_segment,
    list_segments,
    make_segment,
    remove_member,
    said,
)
from core.marketing.service import (
    Meant,
    Terms,
    is_to_send,
    send_batches,
    send_test,
    start_campaign,
    stop_campaign,
)
from core.marketing.tables import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    MailTemplate,
    RecipientState,
    Segment,
    SegmentKind,
)
from core.marketing.templates import find_template, list_templates, text_of, write_template

__all__ = [
    "CLICK_PATH",
    "OPT_OUT_PATH",
    "Campaign",
    "CampaignRecipient",
    "CampaignState",
    "CampaignView",
    "Criteria",
    "Facts",
    "MailTemplate",
    "Meant",
    "OptOut",
    "RecipientState",
    "RecipientView",
    "RfmClass",
    "Segment",
    "SegmentKind",
    "Terms",
    "Touch",
    "add_member",
    "criteria_of",
    "find_campaign",
    "find_segment",
    "find_template",
    "follow",
    "is_to_send",
    "list_campaigns",
    "list_recipients",
    "list_segments",
    "list_templates",
    "make_segment",
    "opt_out",
    "remove_member",
    "said",
    "send_batches",
    "send_test",
    "start_campaign",
    "stop_campaign",
    "take_note",
    "text_of",
    "view_campaign",
    "whose_opt_out",
    "write_template",
]
