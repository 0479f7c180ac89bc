"""Summaries: what a conversation says in short, word for word and each line with its source.

Facts come first: asks, promises, decisions, open questions, complaints, amounts and days. Rules
find them, in English and Chinese; nothing is written that is not in the source. What others wrote
to give orders to a program is named as such, and is neither an ask nor a promise.
"""

from core.communications.summaries.acts import Act, is_planted
from core.communications.summaries.cleaning import own_words, sentences
from core.communications.summaries.digest import Digest, Figure, Line, Said, Side, digest
from core.communications.summaries.keeping import keep_summary, summaries_of, summary_of
from core.communications.summaries.scanning import AmountFound, DayFound, amounts_in, days_in

__all__ = [
    "Act",
    "AmountFound",
    "DayFound",
    "Digest",
    "Figure",
    "Line",
    "Said",
    "Side",
    "amounts_in",
    "days_in",
    "digest",
    "is_planted",
    "keep_summary",
    "own_words",
    "sentences",
    "summaries_of",
    "summary_of",
]
