"""The books balance, say no kindly, and the database would not have it otherwise."""

from sqlalchemy.orm import Session

from core import ledger
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, SHARE_CAPITAL


def test_an_entry_shows_in_the_trial_balance(session: Session) -> None:
    ten = Money.of(10, "EUR")

    ledger.post_entry_by_hand(session, [debit(BANK, ten), credit(SHARE_CAPITAL, ten)], memo="start")

    rows = {row.code: (row.debit, row.credit) for row in ledger.trial_balance(session)}
    assert rows == {"1010": (ten, Money(0, "EUR")), "3000": (Money(0, "EUR"), ten)}
