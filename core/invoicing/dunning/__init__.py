"""Dunning: customers are reminded of what is overdue, one level at a time.

A level counts once its letter was sent; what it charges is an invoice like any other. What is
disputed or held is left alone.
"""

from core.invoicing.dunning.due import AmountDue, amount_due
from core.invoicing.dunning.levels import levels_of, set_levels, standard_levels
from core.invoicing.dunning.queries import (
    LetterLineView,
    LetterView,
    Overdue,
    letter_view,
    list_letters,
    list_overdue,
)
from core.invoicing.dunning.rules import Level, Reminded
from core.invoicing.dunning.service import (
    draw_letters,
    find_letter,
    send_letter,
    take_back_letter,
)
from core.invoicing.dunning.tables import DunningLetter, DunningLevel, DunningLine, LetterState

__all__ = [
    "AmountDue",
    "DunningLetter",
    "DunningLevel",
    "DunningLine",
    "LetterLineView",
    "LetterState",
    "LetterView",
    "Level",
    "Overdue",
    "Reminded",
    "amount_due",
    "draw_letters",
    "find_letter",
    "letter_view",
    "levels_of",
    "list_letters",
    "list_overdue",
    "send_letter",
    "set_levels",
    "standard_levels",
    "take_back_letter",
]
