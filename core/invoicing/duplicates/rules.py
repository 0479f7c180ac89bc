"""When two bills look like one; no session, no clock."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, text

# The same amount of the same supplier so near in time is worth a second look.
NEAR = timedelta(days=14)


class Likeness(StrEnum):
    """What two bills have in common; the first that fits is told."""

    SAME_FILE = "same_file"
    SAME_NUMBER = "same_number"
    SAME_AMOUNT = "same_amount"


def plain_reference(reference: Any) -> ColumnElement[str]:  # noqa: ANN401
    """Return a supplier's number, for SQL to compare, without what people write differently.

    Capitals, full-width signs, leading zeros, spaces, punctuation: "Re. 0042/7" is "re427". The
    index of bills is on this very expression.
    """
    said = func.lower(func.normalize(reference, text("NFKC")))
    bare = func.regexp_replace(said, "(?<![0-9])0+(?=[0-9])", "", "g")
    return func.regexp_replace(bare, "[^[:alnum:]]+", "", "g")
