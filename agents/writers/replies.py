"""Answers that say no more than that something arrived, and what of it was noted."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core.communications import letters
from core.communications.summaries import Line
from core.kernel.company import company
from core.kernel.errors import language_called
from core.parties import Party

ASKS_MAX, ASK_CHARS_MAX, QUOTED_MAX = 5, 300, 160
# What others wrote is repeated without what could lead anywhere.
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+", re.IGNORECASE)


def acknowledgement(session: Session, party: Party, lines: Sequence[Line], day: date) -> str:
    """Return the answer that acknowledges what somebody asked for, in the party's language."""
    language = language_called(party.language)
    ours = company(session)
    asks = [_LINK.sub("…", line.text)[:ASK_CHARS_MAX] for line in lines[:ASKS_MAX]]
    return letters.write(
        "acknowledgement",
        language,
        {
            "name": (language == "zh" and party.name_zh) or party.name,
            "company": (language == "zh" and ours.name_zh) or ours.name,
            "day": day,
            "asks": "\n".join(f"- {ask}" for ask in asks),
        },
    )


def quoted(line: Line, sender: str) -> str:
    """Name a foreign text as the source of a proposal: whose it is, where, and its words."""
    text = " ".join(line.text.split())
    cut = f"{text[:QUOTED_MAX]}{'…' if len(text) > QUOTED_MAX else ''}"
    return f"{line.message}, {sender}: “{cut}”"
