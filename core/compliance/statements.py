"""The promise about the kept totals that statements are read from."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.ledger.totals import WRONG_DAYS, WRONG_MONTHS


def kept_totals_are_their_lines(session: Session) -> Iterator[Finding]:
    """I2: the total of a day is its lines that are not in the tail, that of a month its days."""
    yield from found(session, "I2", WRONG_DAYS)
    yield from found(session, "I2", WRONG_MONTHS)
