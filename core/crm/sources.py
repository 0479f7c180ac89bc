"""Where leads and opportunities come from."""

from enum import StrEnum


class LeadSource(StrEnum):
    """By which way somebody came to us."""

    REFERRAL = "referral"
    WEB = "web"
    TRADE_FAIR = "trade_fair"
    CALL = "call"
    EMAIL = "email"
    CAMPAIGN = "campaign"
    PARTNER = "partner"
    OTHER = "other"
