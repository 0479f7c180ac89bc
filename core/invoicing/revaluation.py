"""What is open in another currency, put at the rate of a day and back on the next open one.

What is revalued is the balance of the books, so that a second run of a day books nothing, or only
what a corrected rate adds. Documents keep the worth that they were posted at: what is realised
when they are settled is not touched.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.invoicing.errors import (
    NothingToRevalue,
    RevaluationStays,
    RevaluationTakenBack,
    UnknownRevaluation,
)
from core.invoicing.events import RevaluationTakenBack as TakenBack
from core.invoicing.events import Revalued
from core.invoicing.tables import Revaluation
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import (
    Account,
    Control,
    ExchangeRate,
    Line,
    Period,
    Posting,
    Side,
    credit,
    debit,
    find_rate,
    in_base,
    post_entry,
    require_open_period,
    reverse_entry,
)
from core.ledger.chart import UNREALISED_EXCHANGE
from core.ledger.schedules import OpenDays
from core.parties import standing_party

CURRENCIES_MAX = 200
_OPEN_ITEMS = (Control.RECEIVABLE, Control.PAYABLE)


@dataclass(frozen=True)
class _Balance:
    """What an account carries of a currency, of one party where it is kept by parties."""

    account: str
    party_id: uuid.UUID | None
    amount: Money
    base: Money


def revalue(
    session: Session, *, currency: str | None = None, on: date | None = None
) -> list[Revaluation]:
    """Put what is open in a currency, or in all of them, at the rate of a day.

    That is receivables, payables, and accounts that are kept in a currency. The difference is an
    unrealised gain or loss, and is put back on the first open day of the next period.
    """
    ours = company(session)
    day = on or ours.today
    done = []
    for each in [currency] if currency else currencies_carried(session, day):
        made = _revalue(session, each, day)
        if made is not None:
            done.append(made)
    if not done:
        raise NothingToRevalue(currency=currency or "*", day=day)
    return done


def take_back_revaluation(session: Session, number: str, *, because: str) -> Revaluation:
    """Undo a revaluation: the opposite of both its entries, on the days of both."""
    first = find_revaluation(session, number)
    if first.takes_back_id is not None:
        raise RevaluationStays(number=first.number)
    # The rate is what two of them wait for.
    _locked_rate(session, first.currency, first.revalued_on)
    later = select(Revaluation.number).where(Revaluation.takes_back_id == first.id)
    if by := session.scalar(later):
        raise RevaluationTakenBack(number=first.number, by=by)
    ours = company(session)
    wanted = (
        select(Posting, Account.code)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.entry_id == first.entry_id)
        .order_by(Posting.position)
    )
    lines = [
        Line(
            code, row.side, row.amount, row.party_id, Money(row.base_minor, ours.currency)
        ).reversed()
        for row, code in session.execute(wanted)
    ]
    gain = Money(-first.gain_minor, ours.currency)
    made = _post(
        session,
        first.currency,
        lines,
        gain,
        on=first.revalued_on,
        back_on=OpenDays(session).first(first.reversed_on),
        takes_back=first,
    )
    told = TakenBack(
        number=first.number, by=made.number, currency=first.currency, gain=gain, because=because
    )
    events.record(session, told)
    session.flush()
    return made


def find_revaluation(session: Session, number: str) -> Revaluation:
    """Return a revaluation by its number."""
    wanted = select(Revaluation).where(Revaluation.number == canonical_number(number))
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownRevaluation(number=number)
    return found


def currencies_carried(session: Session, day: date) -> list[str]:
    """Return the other currencies in which something is open on a day."""
    wanted = (
        select(Posting.currency)
        .join(Account, Account.id == Posting.account_id)
        .where(
            Posting.currency != company(session).currency,
            Posting.posted_on <= day,
            _is_monetary(),
        )
        .group_by(Posting.currency, Posting.account_id, standing_party(Posting.party_id))
        .having(_signed(Posting.amount_minor) != 0)
    )
    carried = wanted.subquery()
    named = select(carried.c.currency).distinct().order_by(carried.c.currency)
    return list(session.scalars(named.limit(CURRENCIES_MAX)))


def _revalue(session: Session, currency: str, day: date) -> Revaluation | None:
    ours, rate = company(session), _locked_rate(session, currency, day)
    lines, gain = [], Money(0, ours.currency)
    nothing = Money(0, currency)
    for each in _balances(session, currency, day):
        more = in_base(session, each.amount, day) - each.base
        if more.minor == 0:
            continue
        side = debit if more.minor > 0 else credit
        worth = Money(abs(more.minor), ours.currency)
        lines.append(side(each.account, nothing, party_id=each.party_id, base=worth))
        gain += more
    if not lines:
        return None
    if gain.minor:
        side = credit if gain.minor > 0 else debit
        worth = Money(abs(gain.minor), ours.currency)
        lines.append(side(UNREALISED_EXCHANGE, nothing, base=worth))
    period = require_open_period(session, day)
    made = _post(session, currency, lines, gain, on=day, back_on=_next_day(session, period))
    said = f"{plain(rate.foreign_units)} {currency} = {plain(rate.base_units)} {ours.currency}"
    events.record(
        session,
        Revalued(
            number=made.number,
            currency=currency,
            revalued_on=day.isoformat(),
            reversed_on=made.reversed_on.isoformat(),
            rate=said,
            gain=gain,
        ),
    )
    session.flush()
    return made


def _post(
    session: Session,
    currency: str,
    lines: Sequence[Line],
    gain: Money,
    *,
    on: date,
    back_on: date,
    takes_back: Revaluation | None = None,
) -> Revaluation:
    number = next_number(session, "REV")
    memo = f"{number} {currency}" if takes_back is None else f"{number} {takes_back.number}"
    entry = post_entry(session, lines, memo=memo, origin=number, posted_on=on)
    back = reverse_entry(session, entry.number, because=memo, posted_on=back_on)
    made = Revaluation(
        id=new_id(),
        number=number,
        currency=currency,
        revalued_on=on,
        reversed_on=back_on,
        gain_minor=gain.minor,
        entry_id=entry.id,
        reversal_entry_id=back.id,
        takes_back_id=takes_back.id if takes_back is not None else None,
    )
    session.add(made)
    session.flush()
    return made


def _balances(session: Session, currency: str, day: date) -> list[_Balance]:
    ours = company(session).currency
    minor, base = _signed(Posting.amount_minor), _signed(Posting.base_minor)
    whose = standing_party(Posting.party_id)
    wanted = (
        select(Account.code, whose, minor, base)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.currency == currency, Posting.posted_on <= day, _is_monetary())
        .group_by(Account.code, whose)
        .order_by(Account.code, whose)
    )
    return [
        _Balance(code, party_id, Money(minor, currency), Money(base, ours))
        for code, party_id, minor, base in session.execute(wanted)
    ]


def _is_monetary() -> ColumnElement[bool]:
    return or_(Account.control.in_(_OPEN_ITEMS), Account.currency == Posting.currency)


def _signed(minor: InstrumentedAttribute[int]) -> ColumnElement[int]:
    return total(case((Posting.side == Side.DEBIT, minor), else_=-minor))


def _locked_rate(session: Session, currency: str, day: date) -> ExchangeRate:
    """Return the rate of a day as it is now; who revalues at it at the same time waits."""
    rate = find_rate(session, currency, day)
    session.refresh(rate, with_for_update=True)
    return rate


def _next_day(session: Session, period: Period) -> date:
    return OpenDays(session).first(period.ends_on + timedelta(days=1))
