"""What has to be paid of a document on a day: less a discount in time, more for being late."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing.deductions import discount_on
from core.invoicing.dunning import rules
from core.invoicing.dunning.levels import levels_of
from core.invoicing.dunning.queries import Overdue, list_overdue
from core.invoicing.dunning.tables import DunningLetter, DunningLine, LetterState
from core.invoicing.rules import Direction, direction_of
from core.invoicing.service import find_invoice
from core.invoicing.tables import Invoice
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import from_base


@dataclass(frozen=True)
class AmountDue:
    """What a document costs on a day, and why.

    `interest` and `fee` are what a letter of that day would charge; `charged` is what letters
    about it have charged already and is open: an invoice of its own, and not part of `due`.
    """

    number: str
    on: date
    open: Money
    discount: Money
    interest: Money
    fee: Money
    charged: Money
    due: Money


def amount_due(session: Session, number: str, *, on: date | None = None) -> AmountDue:
    """Return what settles a document on a day."""
    document = find_invoice(session, number)
    day = on or company(session).today
    still = Money(document.open_minor, document.currency)
    discount = discount_on(session, document, day)
    nothing = Money(0, document.currency)
    interest = fee = charged = nothing
    if direction_of(document.kind) is Direction.RECEIVABLE:
        parts = [
            each for each in list_overdue(session, day=day, numbers=[document.number])
            if not each.held
        ]  # fmt: skip
        interest, fee = _cost_of_being_late(session, parts, nothing, day)
        charged = _charged(session, document)
    return AmountDue(
        number=document.number,
        on=day,
        open=still,
        discount=discount,
        interest=interest,
        fee=fee,
        charged=charged,
        due=still - discount + interest + fee,
    )


def _cost_of_being_late(
    session: Session, parts: list[Overdue], nothing: Money, day: date
) -> tuple[Money, Money]:
    """Return the interest and the fee of the level that comes next, or of the last one sent."""
    ours, interest, fee = company(session), nothing, nothing
    levels = {each.level: each for each in levels_of(session)}
    for part in parts:
        level = part.following or levels.get(part.so_far.level)
        if level is None:
            continue
        interest += rules.interest_on(
            part.open,
            level.interest_percent,
            since=part.interest_from,
            day=day,
            rounding=ours.rounding,
        )
        if part.following is not None and fee < _in(session, level.fee, nothing.currency, day):
            fee = _in(session, level.fee, nothing.currency, day)
    return interest, fee


def _in(session: Session, fee: Money, currency: str, day: date) -> Money:
    if fee.currency == currency:
        return fee
    return from_base(session, fee, currency, day) if fee.minor else Money(0, currency)


def _charged(session: Session, document: Invoice) -> Money:
    about = select(DunningLine.letter_id).where(DunningLine.invoice_id == document.id)
    wanted = (
        select(Invoice.open_minor)
        .join(DunningLetter, DunningLetter.charge_id == Invoice.id)
        .where(DunningLetter.id.in_(about), DunningLetter.state == LetterState.SENT)
    )
    return Money(sum(session.scalars(wanted)), document.currency)
