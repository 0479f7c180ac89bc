"""Opening balances: what the accounts carry when these books begin."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import Money
from core.ledger.accounts import find_accounts
from core.ledger.chart import OPENING_BALANCE
from core.ledger.currencies import in_base
from core.ledger.errors import OpeningOfResult, OpeningOfStock
from core.ledger.rules import Line, credit, debit, valued
from core.ledger.tables import AccountKind, Control, Side

_RESULT = {AccountKind.INCOME, AccountKind.EXPENSE}
_OF_STOCK = {Control.INVENTORY, Control.GOODS_RECEIVED_NOT_BILLED}


def opening_lines(session: Session, balances: Sequence[Line], *, day: date) -> list[Line]:
    """Return the lines of the entry that opens the books with these balances on a day.

    Amounts in another currency take the rate of the day, unless they say what they are worth.
    What debits and credits differ by stands against the account of opening balances, one line for
    each currency: nothing is left of it when everything is entered.
    """
    accounts = find_accounts(session, {line.account for line in balances})
    for account in accounts.values():
        if account.control in _OF_STOCK:
            raise OpeningOfStock(account=account.called)
        if account.kind in _RESULT:
            raise OpeningOfResult(account=account.called)
    base = company(session).currency
    lines = [valued(line, in_base(session, line.amount, day)) for line in balances]
    excess: dict[str, tuple[int, int]] = {}
    for line in lines:
        sign = 1 if line.side is Side.DEBIT else -1
        amount, value = excess.get(line.amount.currency, (0, 0))
        excess[line.amount.currency] = (
            amount + sign * line.amount.minor, value + sign * line.value.minor,
        )  # fmt: skip
    for currency, (amount, value) in excess.items():
        lines += _against(Money(amount, currency), Money(value, base))
    return lines


def _against(amount: Money, value: Money) -> list[Line]:
    """Return what balances an excess of debits, in its currency and in the books."""
    if amount.minor * value.minor < 0:
        # More of the currency on one side, and more worth on the other: two lines say so.
        nothing = Money(0, amount.currency)
        return [
            *_against(amount, Money(0, value.currency)),
            *_against(nothing, value),
        ]
    if amount.minor == 0 and value.minor == 0:
        return []
    side = credit if amount.minor + value.minor > 0 else debit
    return [
        side(
            OPENING_BALANCE,
            Money(abs(amount.minor), amount.currency),
            base=Money(abs(value.minor), value.currency),
        )
    ]
