"""Pricing: which price a customer pays, by written rules, and why; and what promotions give.

The precedence is written in `rules`: one order, the same answer every time. A price list of plain
prices is the simplest kind of it. No promotion goes below cost that was not allowed to.
"""

from core.catalog.pricing.queries import (
    ANYBODY,
    Buyer,
    PromotionView,
    Quote,
    RuleView,
    list_price_rules,
    list_promotions,
    lists_of,
    price_lists,
    price_of,
    prices_of,
    prices_or_none_of,
    quotes,
)
from core.catalog.pricing.rules import Offer, kept_digits
from core.catalog.pricing.service import (
    EVERYBODY,
    EVERYTHING,
    Audience,
    Target,
    assign_to_group,
    end_promotion,
    find_promotion,
    make_usual,
    set_price_rule,
    standing_rules,
    start_promotion,
    withdraw_price_rule,
)
from core.catalog.pricing.tables import PriceRule, Promotion, PromotionKind, RuleKind

__all__ = [
    "ANYBODY",
    "EVERYBODY",
    "EVERYTHING",
    "Audience",
    "Buyer",
    "Offer",
    "PriceRule",
    "Promotion",
    "PromotionKind",
    "PromotionView",
    "Quote",
    "RuleKind",
    "RuleView",
    "Target",
    "assign_to_group",
    "end_promotion",
    "find_promotion",
    "kept_digits",
    "list_price_rules",
    "list_promotions",
    "lists_of",
    "make_usual",
    "price_lists",
    "price_of",
    "prices_of",
    "prices_or_none_of",
    "quotes",
    "set_price_rule",
    "standing_rules",
    "start_promotion",
    "withdraw_price_rule",
]
