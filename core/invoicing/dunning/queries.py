"""Questions about reminding: what is overdue and comes next, and the letters so far."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.invoicing import rules as invoicing_rules
from core.invoicing.dunning import rules
from core.invoicing.dunning.levels import levels_of
from core.invoicing.dunning.rules import Level, Reminded
from core.invoicing.dunning.tables import DunningLetter, DunningLine, LetterState
from core.invoicing.holds import HoldPurpose, held
from core.invoicing.tables import Instalment, Invoice, InvoiceKind
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Party

OVERDUE_MAX = 20_000
LETTERS_MAX = 500

Place = tuple[uuid.UUID, int]


@dataclass(frozen=True)
class Overdue:
    """A document, or an instalment of one, that is overdue, and what is to be done about it.

    `following` is the level that comes next, if it is reached; `held` says why it is left alone
    ("blocked", "disputed"); `waiting` names the letter that has to be sent first.
    """

    invoice_id: uuid.UUID
    party_id: uuid.UUID
    number: str
    party_number: str
    party: str
    instalment: int
    due_on: date
    days_overdue: int
    open: Money
    so_far: Reminded
    following: Level | None
    held: str
    waiting: str

    @property
    def is_next(self) -> bool:
        """Whether the next letter reminds of it."""
        return self.following is not None and not self.held and not self.waiting

    @property
    def interest_from(self) -> date:
        """The day from which interest is counted."""
        return max(self.due_on, self.so_far.charged_until or self.due_on)


@dataclass(frozen=True)
class LetterLineView:
    """What a letter asks for."""

    number: str
    instalment: int
    level: int
    due_on: date
    open: Money
    interest: Money


@dataclass(frozen=True)
class LetterView:
    """A letter to a customer, with what it asks for."""

    number: str
    party_number: str
    party: str
    level: int
    state: LetterState
    drawn_on: date
    sent_on: date | None
    sent_to: str
    total: Money
    fee: Money
    interest: Money
    charge: str
    title: str
    body: str
    lines: tuple[LetterLineView, ...]


def list_overdue(
    session: Session,
    *,
    day: date | None = None,
    party_id: uuid.UUID | None = None,
    numbers: Iterable[str] | None = None,
) -> list[Overdue]:
    """Return what is overdue on a day of what is open now, by customer, the longest first.

    What dunning itself charged is not reminded of: it stands in the statement of account.
    """
    on = day or company(session).today
    levels, holds = levels_of(session), held(session, HoldPurpose.DUNNING, on)
    due_on = func.coalesce(Instalment.due_on, Invoice.due_on)
    charges = select(DunningLetter.charge_id).where(DunningLetter.charge_id.is_not(None))
    wanted = (
        select(Invoice, Instalment, Party.number, Party.name)
        .join(Party, Party.id == Invoice.party_id)
        .outerjoin(Instalment, Instalment.invoice_id == Invoice.id)
        .where(
            Invoice.kind == InvoiceKind.CUSTOMER_INVOICE,
            Invoice.open_minor > 0,
            due_on < on,
            Invoice.id.not_in(charges),
        )
        .order_by(Party.number, due_on, Invoice.number)
        .limit(OVERDUE_MAX)
    )
    if party_id is not None:
        wanted = wanted.where(Invoice.party_id == party_id)
    if numbers is not None:
        wanted = wanted.where(Invoice.number.in_(list(numbers)))
    reminded, drafts = _reminded(session, party_id), _drafts(session)
    found = []
    for invoice, part, party_number, party in session.execute(wanted):
        position, due, open_minor = _part(invoice, part)
        if open_minor == 0:
            continue
        so_far = reminded.get((invoice.id, position), Reminded())
        hold = holds.over(invoice.id, invoice.party_id)
        found.append(
            Overdue(
                invoice_id=invoice.id,
                party_id=invoice.party_id,
                number=invoice.number,
                party_number=party_number,
                party=party,
                instalment=position,
                due_on=due,
                days_overdue=(on - due).days,
                open=Money(open_minor, invoice.currency),
                so_far=so_far,
                following=rules.next_level(levels, so_far, due_on=due, day=on),
                held=hold.kind if hold is not None else "",
                waiting=drafts.get((invoice.party_id, invoice.currency), ""),
            )
        )
    return found


def list_letters(
    session: Session,
    *,
    party_id: uuid.UUID | None = None,
    state: LetterState | None = None,
    limit: int = LETTERS_MAX,
) -> list[LetterView]:
    """Return the letters, the newest first."""
    wanted = select(DunningLetter).order_by(DunningLetter.number.desc())
    if party_id is not None:
        wanted = wanted.where(DunningLetter.party_id == party_id)
    if state is not None:
        wanted = wanted.where(DunningLetter.state == state)
    letters = session.scalars(wanted.limit(min(limit, LETTERS_MAX))).all()
    return _views(session, letters)


def letter_view(session: Session, letter: DunningLetter) -> LetterView:
    """Return one letter with what it asks for."""
    [view] = _views(session, [letter])
    return view


def _part(invoice: Invoice, part: Instalment | None) -> tuple[int, date, int]:
    """Return the place of an instalment, when it is due, and what is open of it."""
    if part is None:
        return 1, invoice.due_on, invoice.open_minor
    paid = invoice.total_minor - invoice.open_minor
    open_minor = invoicing_rules.open_of(part.amount_minor, part.until_minor, paid)
    return part.position, part.due_on, open_minor


def _reminded(session: Session, party_id: uuid.UUID | None) -> Mapping[Place, Reminded]:
    charged = func.max(DunningLetter.sent_on).filter(DunningLine.interest_minor > 0)
    wanted = (
        select(
            DunningLine.invoice_id,
            DunningLine.instalment,
            func.max(DunningLine.level),
            func.max(DunningLetter.sent_on),
            charged,
        )
        .join(DunningLetter, DunningLetter.id == DunningLine.letter_id)
        .join(Invoice, and_(Invoice.id == DunningLine.invoice_id, Invoice.open_minor > 0))
        .where(DunningLetter.state == LetterState.SENT)
        .group_by(DunningLine.invoice_id, DunningLine.instalment)
    )
    if party_id is not None:
        wanted = wanted.where(DunningLetter.party_id == party_id)
    return {
        (invoice_id, position): Reminded(level, sent_on, until)
        for invoice_id, position, level, sent_on, until in session.execute(wanted)
    }


def _drafts(session: Session) -> Mapping[tuple[uuid.UUID, str], str]:
    wanted = select(DunningLetter.party_id, DunningLetter.currency, DunningLetter.number)
    rows = session.execute(wanted.where(DunningLetter.state == LetterState.DRAFT))
    return {(party_id, currency): number for party_id, currency, number in rows}


def _views(session: Session, letters: Iterable[DunningLetter]) -> list[LetterView]:
    known = list(letters)
    numbers = _numbers(session, known)
    parties = {
        party.id: party
        for party in session.scalars(
            select(Party).where(Party.id.in_({each.party_id for each in known}))
        )
    }
    return [_view(each, parties[each.party_id], numbers) for each in known]


def _numbers(session: Session, letters: Iterable[DunningLetter]) -> Mapping[uuid.UUID, str]:
    ids = {line.invoice_id for each in letters for line in each.lines}
    ids |= {each.charge_id for each in letters if each.charge_id is not None}
    wanted = select(Invoice.id, Invoice.number).where(Invoice.id.in_(ids))
    return dict(iter(session.execute(wanted)))


def _view(letter: DunningLetter, party: Party, numbers: Mapping[uuid.UUID, str]) -> LetterView:
    currency = letter.currency
    return LetterView(
        number=letter.number,
        party_number=party.number,
        party=party.name,
        level=letter.level,
        state=letter.state,
        drawn_on=letter.drawn_on,
        sent_on=letter.sent_on,
        sent_to=letter.sent_to or "",
        total=Money(sum(line.open_minor for line in letter.lines), currency),
        fee=Money(letter.fee_minor, currency),
        interest=Money(letter.interest_minor, currency),
        charge=numbers[letter.charge_id] if letter.charge_id is not None else "",
        title=letter.title or "",
        body=letter.body or "",
        lines=tuple(
            LetterLineView(
                number=numbers[line.invoice_id],
                instalment=line.instalment,
                level=line.level,
                due_on=line.due_on,
                open=Money(line.open_minor, currency),
                interest=Money(line.interest_minor, currency),
            )
            for line in letter.lines
        ),
    )
