"""What one can do with reminders: draw the letters, send them, take them back."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.invoicing.dunning import rules, wording
from core.invoicing.dunning.errors import (
    ChargeSettled,
    LaterLetterSent,
    LetterCancelled,
    LetterNotDraft,
    NothingLeftToRemind,
    UnknownLetter,
)
from core.invoicing.dunning.events import LetterDrawn, LetterSent, LetterTakenBack
from core.invoicing.dunning.levels import levels_of
from core.invoicing.dunning.queries import LETTERS_MAX, Overdue, list_overdue
from core.invoicing.dunning.rules import Level
from core.invoicing.dunning.tables import DunningLetter, DunningLine, LetterState
from core.invoicing.rules import InvoiceDraftLine
from core.invoicing.service import credit_invoice, post_invoice
from core.invoicing.tables import Invoice, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.kernel.words import word
from core.ledger import from_base
from core.ledger.chart import DUNNING_FEES
from core.parties import Party

SERIES = "DUN"


def draw_letters(
    session: Session, *, party: Party | None = None, day: date | None = None
) -> list[DunningLetter]:
    """Draw a letter to every customer who is due for the next level: drafts, one a customer.

    One level at a time, and only a letter that was sent counts. What is held, disputed or paid,
    and who has a draft that waits, is left alone. Nobody to remind is no letter.
    """
    on = day or company(session).today
    # Two runs at once: the second waits, and finds the drafts of the first.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("dunning"))))
    overdue = list_overdue(session, day=on, party_id=party.id if party is not None else None)
    due = sorted(
        (each for each in overdue if each.is_next),
        key=lambda each: (each.party_number, each.open.currency),
    )
    levels = {each.level: each for each in levels_of(session)}
    letters: list[DunningLetter] = []
    for _, group in groupby(due, key=lambda each: (each.party_number, each.open.currency)):
        if len(letters) == LETTERS_MAX:
            break
        letters.append(_draw(session, list(group), levels, on))
    return letters


def send_letter(session: Session, number: str) -> DunningLetter:
    """Send a letter about what is open of it today; fee and interest become an invoice.

    What was paid, disputed or held since it was drawn is left out of it.
    """
    letter = find_letter(session, number, lock=True)
    if letter.state is not LetterState.DRAFT:
        raise LetterNotDraft(number=letter.number, state=letter.state)
    ours, party = company(session), session.get_one(Party, letter.party_id)
    levels = {each.level: each for each in levels_of(session)}
    numbers = _numbers(session, letter)
    left_out = _refresh(session, letter, levels, numbers)
    if not letter.lines:
        raise NothingLeftToRemind(number=letter.number)
    level = _level_of(levels, letter.level)
    charge = _charge(session, letter, party)
    fee, interest = (
        Money(minor, letter.currency) for minor in (letter.fee_minor, letter.interest_minor)
    )
    title, body = wording.written(
        level,
        party,
        ours,
        [
            (
                numbers[line.invoice_id],
                line.due_on.isoformat(),
                Money(line.open_minor, letter.currency),
            )
            for line in letter.lines
        ],
        fee=fee,
        interest=interest,
    )
    letter.charge_id = charge.id if charge is not None else None
    letter.title, letter.body, letter.sent_to = title, body, party.email
    letter.state, letter.sent_on = LetterState.SENT, ours.today
    session.flush()
    events.record(
        session,
        LetterSent(
            number=letter.number,
            party_number=party.number,
            party=party.name,
            level=letter.level,
            sent_to=party.email or "",
            title=title,
            body=body,
            documents=tuple(numbers[line.invoice_id] for line in letter.lines),
            left_out=tuple(left_out),
            charge=charge.number if charge is not None else "",
        ),
    )
    return letter


def take_back_letter(session: Session, number: str, *, because: str) -> DunningLetter:
    """Let a letter count no more: drop a draft, or withdraw one that was sent, with its charge."""
    letter = find_letter(session, number, lock=True)
    if letter.state is LetterState.CANCELLED:
        raise LetterCancelled(number=letter.number)
    party, before = session.get_one(Party, letter.party_id), letter.state
    if before is LetterState.SENT:
        _refuse_if_followed(session, letter)
        if letter.charge_id is not None:
            charge = session.get_one(Invoice, letter.charge_id, with_for_update=True)
            if charge.open_minor != charge.total_minor:
                raise ChargeSettled(charge=charge.number, number=letter.number)
            credit_invoice(session, charge.number, because=because)
    letter.state, letter.closed_because = LetterState.CANCELLED, because
    session.flush()
    events.record(session, LetterTakenBack(letter.number, party.number, before, because))
    return letter


def find_letter(session: Session, number: str, *, lock: bool = False) -> DunningLetter:
    """Return a letter by its number."""
    wanted = select(DunningLetter).where(DunningLetter.number == canonical_number(number))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownLetter(number=number)
    return found


def _draw(
    session: Session, group: Sequence[Overdue], levels: dict[int, Level], day: date
) -> DunningLetter:
    party, currency = session.get_one(Party, group[0].party_id), group[0].open.currency
    rounding = company(session).rounding
    letter = DunningLetter(
        number=next_number(session, SERIES),
        party_id=party.id,
        currency=currency,
        drawn_on=day,
        language=wording.language_of(party),
    )
    for position, each in enumerate(group, start=1):
        assert each.following is not None, "only what has a next level is drawn"
        since = each.interest_from
        interest = rules.interest_on(
            each.open, each.following.interest_percent, since=since, day=day, rounding=rounding
        )
        letter.lines.append(
            DunningLine(
                position=position,
                invoice_id=each.invoice_id,
                instalment=each.instalment,
                level=each.following.level,
                due_on=each.due_on,
                open_minor=each.open.minor,
                interest_minor=interest.minor,
                interest_from=since,
            )
        )
    _add_up(session, letter, levels, day)
    session.add(letter)
    session.flush()
    events.record(
        session,
        LetterDrawn(
            number=letter.number,
            party_number=party.number,
            party=party.name,
            level=letter.level,
            lines=tuple(f"{each.number} {each.open} ({each.due_on})" for each in group),
            total=Money(sum(each.open.minor for each in group), currency),
            fee=Money(letter.fee_minor, currency),
            interest=Money(letter.interest_minor, currency),
        ),
    )
    return letter


def _refresh(
    session: Session,
    letter: DunningLetter,
    levels: dict[int, Level],
    numbers: dict[object, str],
) -> list[str]:
    """Bring a draft to what is open today; return the documents that are not in it any more."""
    ours = company(session)
    overdue = {
        (each.invoice_id, each.instalment): each
        for each in list_overdue(session, party_id=letter.party_id)
        if not each.held
    }
    left_out = []
    for line in list(letter.lines):
        now = overdue.get((line.invoice_id, line.instalment))
        if now is None:
            letter.lines.remove(line)
            left_out.append(numbers[line.invoice_id])
            continue
        line.open_minor, line.interest_from = now.open.minor, now.interest_from
        percent = _level_of(levels, line.level).interest_percent
        line.interest_minor = rules.interest_on(
            now.open, percent, since=now.interest_from, day=ours.today, rounding=ours.rounding
        ).minor
    if letter.lines:
        _add_up(session, letter, levels, ours.today)
    # Before it is marked as sent: the lines of a letter that was sent stay as they are.
    session.flush()
    return left_out


def _add_up(session: Session, letter: DunningLetter, levels: dict[int, Level], day: date) -> None:
    letter.level = max(line.level for line in letter.lines)
    fee = _level_of(levels, letter.level).fee
    if fee.minor and fee.currency != letter.currency:
        fee = from_base(session, fee, letter.currency, day)
    letter.fee_minor = fee.minor
    letter.interest_minor = sum(line.interest_minor for line in letter.lines)


def _level_of(levels: dict[int, Level], level: int) -> Level:
    # Where a level was given up since, the last one there is speaks for it.
    return levels.get(level) or levels[max(levels)]


def _charge(session: Session, letter: DunningLetter, party: Party) -> Invoice | None:
    """Charge fee and interest by an invoice of their own, so that they are owed like any other."""
    language = wording.language_of(party)
    lines = [
        InvoiceDraftLine(
            item_id=None,
            description=f"{word(what, language)} {letter.number}",
            quantity=Decimal(1),
            unit_price=Money(minor, letter.currency).amount,
            discount_percent=Decimal(0),
            tax_code=None,
            account=DUNNING_FEES,
        )
        for what, minor in (
            ("dunning_fee", letter.fee_minor),
            ("dunning_interest", letter.interest_minor),
        )
        if minor
    ]
    if not lines:
        return None
    today = company(session).today
    return post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=party,
        lines=lines,
        origin=letter.number,
        posted_on=today,
        due_on=today,
        currency=letter.currency,
    )


def _numbers(session: Session, letter: DunningLetter) -> dict[object, str]:
    ids = [line.invoice_id for line in letter.lines]
    wanted = select(Invoice.id, Invoice.number).where(Invoice.id.in_(ids))
    return dict(iter(session.execute(wanted)))


def _refuse_if_followed(session: Session, letter: DunningLetter) -> None:
    """Refuse to withdraw a letter while a higher one about the same document stands."""
    documents = [line.invoice_id for line in letter.lines]
    later = (
        select(DunningLetter.number)
        .join(DunningLine, DunningLine.letter_id == DunningLetter.id)
        .where(
            DunningLine.invoice_id.in_(documents),
            DunningLetter.state == LetterState.SENT,
            DunningLetter.number > letter.number,
        )
        .limit(1)
    )
    if (number := session.scalar(later)) is not None:
        raise LaterLetterSent(later=number, number=letter.number)
