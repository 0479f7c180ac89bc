"""The settlement of tax: what was collected less what was paid becomes a debt to the tax office."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.accounts import find_accounts
from core.ledger.chart import TAX_DUE, TAX_INPUT, TAX_OUTPUT
from core.ledger.queries import balance
from core.ledger.rules import Line
from core.ledger.service import post_entry, reverse_entry
from core.ledger.tables import Account, JournalEntry, Side
from core.ledger.tax.errors import (
    NothingToSettle,
    SettledAlready,
    SettlementTakenBack,
    UnknownSettlement,
)
from core.ledger.tax.events import TaxSettled, TaxSettlementTakenBack
from core.ledger.tax.tables import TaxComponent, TaxSettlement

_UNTIL = "uq_tax_settlement_until"
ACCOUNTS_MAX = 200


def settle_tax(session: Session, *, until: date, posted_on: date | None = None) -> TaxSettlement:
    """Move what output and input tax carry on a day to what is due to the tax office.

    What is left below zero is a claim, and stays one on the same account.
    """
    ours = company(session)
    later = (
        select(TaxSettlement)
        .where(~TaxSettlement.taken_back, TaxSettlement.until >= until)
        .limit(1)
    )
    if (standing := session.scalar(later)) is not None:
        raise SettledAlready(until=standing.until, number=standing.number)
    lines = []
    for account in settled_accounts(session):
        carried = balance(session, account.code, as_of=until)
        if carried.minor:
            side = Side.CREDIT if carried.minor > 0 else Side.DEBIT
            lines.append(Line(account.code, side, Money(abs(carried.minor), ours.currency)))
    if not lines:
        raise NothingToSettle(until=until)
    payable = sum(_signed(line).minor for line in lines)
    if payable:
        side = Side.CREDIT if payable > 0 else Side.DEBIT
        lines.append(Line(TAX_DUE, side, Money(abs(payable), ours.currency)))
    # Debits first, as an entry is read.
    lines.sort(key=lambda line: line.side is Side.CREDIT)
    number = next_number(session, "TAX")
    entry = post_entry(
        session, lines, memo=f"{number} {until}", origin=number, posted_on=posted_on or until
    )
    settled = TaxSettlement(
        id=new_id(), number=number, until=until, amount_minor=payable, entry_id=entry.id
    )
    session.add(settled)
    events.record(
        session,
        TaxSettled(number=number, until=until.isoformat(), payable=Money(payable, ours.currency)),
    )
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody settled the same day since we looked.
        if broken_constraint(error) != _UNTIL:
            raise
        raise SettledAlready(until=until, number="TAX-…") from error
    return settled


def take_back_settlement(session: Session, number: str, *, because: str) -> TaxSettlement:
    """Take back a settlement of tax: its entry is reversed, and it can be made anew."""
    said = canonical_number(number)
    wanted = select(TaxSettlement).where(TaxSettlement.number == said).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise UnknownSettlement(number=number)
    if found.taken_back:
        raise SettlementTakenBack(number=found.number)
    entry = session.get_one(JournalEntry, found.entry_id)
    day = max(company(session).today, entry.posted_on)
    reverse_entry(session, entry.number, because=because, posted_on=day)
    found.taken_back = True
    payable = Money(found.amount_minor, company(session).currency)
    events.record(
        session,
        TaxSettlementTakenBack(number=found.number, payable=payable, because=because),
    )
    session.flush()
    return found


def settled_accounts(session: Session) -> list[Account]:
    """Return the accounts of tax that is due: the usual ones, and those that codes name."""
    given = select(TaxComponent.sale_account, TaxComponent.purchase_account).where(
        TaxComponent.kind != "withholding"
    )
    names = {TAX_OUTPUT, TAX_INPUT}
    for sale, purchase in session.execute(given.distinct().limit(ACCOUNTS_MAX)):
        names.update(filter(None, (sale, purchase)))
    found = find_accounts(session, names)
    return sorted({each.id: each for each in found.values()}.values(), key=lambda each: each.code)


def _signed(line: Line) -> Money:
    return line.amount if line.side is Side.DEBIT else -line.amount
