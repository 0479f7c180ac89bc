"""Payment terms, and the instalments that they make of a document."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.invoicing import rules
from core.invoicing.errors import (
    InstalmentsDoNotAddUp,
    TermsDoNotAddUp,
    TermsExist,
    UnknownTerms,
)
from core.invoicing.events import PartyTermsSet, Rescheduled, TermsAdded
from core.invoicing.rules import Direction
from core.invoicing.tables import (
    Instalment,
    Invoice,
    PartyTerm,
    PaymentTerm,
    PaymentTermLine,
)
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Customer, Party, Supplier

TERMS_MAX = 200
HUNDRED = Decimal(100)
# Made once: every document asks for it.
_AGREED = {
    direction: select(PartyTerm.term_code, partner.payment_days)
    .select_from(Party)
    .outerjoin(partner, partner.party_id == Party.id)
    .outerjoin(
        PartyTerm,
        and_(
            PartyTerm.party_id == Party.id,
            PartyTerm.direction == bindparam("direction", type_=Text),
        ),
    )
    .where(Party.id == bindparam("party_id"))
    for direction, partner in ((Direction.RECEIVABLE, Customer), (Direction.PAYABLE, Supplier))
}


@dataclass(frozen=True)
class TermDraft:
    """One part of payment terms: so many percent after so many days; no percent means the rest."""

    after_days: int
    percent: Decimal | None = None
    end_of_month: bool = False
    discount_percent: Decimal | None = None
    discount_days: int | None = None


@dataclass(frozen=True)
class InstalmentView:
    """A part of a document: when it is due, what of it is paid, and what a discount would spare."""

    number: str
    position: int
    due_on: date
    billed: Money
    paid: Money
    open: Money
    discount: Money
    discount_until: date | None


def add_terms(
    session: Session, *, code: str, name: str, lines: Sequence[TermDraft], name_zh: str = ""
) -> PaymentTerm:
    """Add payment terms; what the percentages leave is asked for by the last line."""
    if session.get(PaymentTerm, code) is not None:
        raise TermsExist(code=code)
    shares = [line.percent for line in lines if line.percent is not None]
    rests = len(lines) - len(shares)
    asked = sum(shares, Decimal(0))
    if rests != 1 or lines[-1].percent is not None or asked >= HUNDRED:
        raise TermsDoNotAddUp(percent=asked, rests=rests)
    added = PaymentTerm(code=code, name=name, name_zh=name_zh or name)
    added.lines = [
        PaymentTermLine(
            position=position,
            percent=line.percent,
            after_days=line.after_days,
            end_of_month=line.end_of_month,
            discount_percent=line.discount_percent,
            discount_days=line.discount_days,
        )
        for position, line in enumerate(lines, start=1)
    ]
    session.add(added)
    session.flush()
    events.record(
        session, TermsAdded(code=code, lines=tuple(said_of_terms(line) for line in lines))
    )
    return added


def find_terms(session: Session, code: str) -> PaymentTerm:
    """Return payment terms by their code."""
    found = session.get(PaymentTerm, code.strip().upper()) or session.get(PaymentTerm, code)
    if found is None:
        known = ", ".join(each.code for each in list_terms(session))
        raise UnknownTerms(code=code, known=known or "–")
    return found


def list_terms(session: Session) -> list[PaymentTerm]:
    """Return the payment terms in the order of their codes."""
    return list(session.scalars(select(PaymentTerm).order_by(PaymentTerm.code).limit(TERMS_MAX)))


def set_party_terms(session: Session, party: Party, direction: Direction, code: str) -> None:
    """Let the documents of a party be paid on these terms from now on."""
    found = find_terms(session, code)
    before = terms_of(session, party.id, direction)
    row = {"party_id": party.id, "direction": str(direction), "term_code": found.code}
    written = insert(PartyTerm).values(row)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["party_id", "direction"], set_={"term_code": found.code}
        )
    )
    events.record(
        session,
        PartyTermsSet(party=party.name, direction=direction, before=before or "", after=found.code),
    )


def terms_of(session: Session, party_id: UUID, direction: Direction) -> str | None:
    """Return the code of the terms that a party's documents are paid on, if any were agreed."""
    return agreed_with(session, party_id, direction)[0]


def agreed_with(
    session: Session, party_id: UUID, direction: Direction
) -> tuple[str | None, int | None]:
    """Return the code of the terms agreed with a party, and its days to pay without any."""
    agreed = {"party_id": party_id, "direction": str(direction)}
    code, days = session.execute(_AGREED[direction], agreed).one_or_none() or (None, None)
    return code, days


def instalments_for(
    session: Session, term: PaymentTerm, total: Money, posted_on: date
) -> list[Instalment]:
    """Return what terms make of a document: each part rounded once, the last one takes the rest."""
    rounding, left, made = company(session).rounding, total, []
    for line in term.lines:
        amount = left
        if line.percent is not None:
            amount = min(total.times(line.percent / HUNDRED, rounding), left)
        left -= amount
        if amount.minor == 0:
            continue
        spared, until = Money(0, total.currency), None
        if line.discount_percent is not None and line.discount_days is not None:
            spared = amount.times(line.discount_percent / HUNDRED, rounding)
            until = rules.due_after(posted_on, line.discount_days) if spared.minor else None
        made.append(
            Instalment(
                due_on=rules.due_after(posted_on, line.after_days, line.end_of_month),
                amount_minor=amount.minor,
                discount_minor=spared.minor,
                discount_until=until,
            )
        )
    return _in_order(made)


def reschedule(
    session: Session, invoice: Invoice, parts: Sequence[tuple[date, Money]], *, because: str
) -> None:
    """Let a document be paid by other instalments; their sum stays its total."""
    added = rules.added_up((amount for _, amount in parts), invoice.currency)
    total = Money(invoice.total_minor, invoice.currency)
    if added != total or any(amount.minor <= 0 for _, amount in parts):
        raise InstalmentsDoNotAddUp(number=invoice.number, added=added, total=total)
    before = invoice.due_on
    session.execute(delete(Instalment).where(Instalment.invoice_id == invoice.id))
    made = _in_order(
        [
            Instalment(due_on=due_on, amount_minor=amount.minor, discount_minor=0)
            for due_on, amount in parts
        ]
    )
    keep(session, invoice, made)
    session.flush()
    events.record(
        session,
        Rescheduled(
            number=invoice.number,
            kind=invoice.kind,
            before=before.isoformat(),
            parts=tuple(f"{due_on} {amount}" for due_on, amount in parts),
            because=because,
        ),
    )


def keep(session: Session, invoice: Invoice, parts: Sequence[Instalment]) -> None:
    """Write the instalments of a document; it is due as a whole when the last of them is."""
    invoice.due_on = parts[-1].due_on
    for part in parts:
        part.invoice_id = invoice.id
    if len(parts) > 1 or parts[0].discount_minor:
        session.add_all(parts)


def instalments_of(session: Session, invoice_ids: Iterable[UUID]) -> dict[UUID, list[Instalment]]:
    """Return the instalments of documents that have any, in their order."""
    ids = list(invoice_ids)
    found: dict[UUID, list[Instalment]] = defaultdict(list)
    if ids:
        wanted = select(Instalment).where(Instalment.invoice_id.in_(ids))
        for part in session.scalars(wanted.order_by(Instalment.position)):
            found[part.invoice_id].append(part)
    return dict(found)


def list_instalments(session: Session, invoice: Invoice) -> list[InstalmentView]:
    """Return the instalments of a document, with what payments filled of each, the first first."""
    currency, paid = invoice.currency, invoice.total_minor - invoice.open_minor
    parts = instalments_of(session, [invoice.id]).get(invoice.id) or _in_order(
        [Instalment(due_on=invoice.due_on, amount_minor=invoice.total_minor, discount_minor=0)]
    )
    views = []
    for part in parts:
        still = rules.open_of(part.amount_minor, part.until_minor, paid)
        views.append(
            InstalmentView(
                number=invoice.number,
                position=part.position,
                due_on=part.due_on,
                billed=Money(part.amount_minor, currency),
                paid=Money(part.amount_minor - still, currency),
                open=Money(still, currency),
                discount=Money(part.discount_minor, currency),
                discount_until=part.discount_until,
            )
        )
    return views


def said_of_terms(line: TermDraft | PaymentTermLine) -> str:
    """Say one line of terms in short: "50 % · 20 d", "30 d EOM · 2 % ≤ 10 d"."""
    share = "" if line.percent is None else f"{line.percent.normalize():f} % · "
    text = f"{share}{line.after_days} d{' EOM' if line.end_of_month else ''}"
    if line.discount_percent is None:
        return text
    return f"{text} · -{line.discount_percent.normalize():f} % ≤ {line.discount_days} d"


def _in_order(parts: list[Instalment]) -> list[Instalment]:
    """Give the parts their places by the days on which they are due, and add them up."""
    parts.sort(key=lambda part: part.due_on)
    until = 0
    for position, part in enumerate(parts, start=1):
        until += part.amount_minor
        part.position, part.until_minor = position, until
    return parts
