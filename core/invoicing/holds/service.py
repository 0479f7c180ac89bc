"""What one can do with holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.invoicing.holds.errors import (
    DifferenceNotAgreed,
    HeldAlready,
    HoldEndsBeforeToday,
    HoldOfOtherSide,
    NotHeld,
)
from core.invoicing.holds.events import HoldLifted, HoldPut
from core.invoicing.holds.tables import Hold, HoldKind, HoldPurpose
from core.invoicing.tables import Invoice, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.parties import Party

_ABOUT = {
    HoldPurpose.DUNNING: InvoiceKind.CUSTOMER_INVOICE,
    HoldPurpose.PAYMENT: InvoiceKind.SUPPLIER_BILL,
}


@dataclass(frozen=True)
class Held:
    """The documents and the parties that are held, each with why."""

    invoices: Mapping[UUID, Hold]
    parties: Mapping[UUID, Hold]

    def over(self, invoice_id: UUID, party_id: UUID) -> Hold | None:
        """Return what holds a document: its own hold, or that of its party."""
        return self.invoices.get(invoice_id) or self.parties.get(party_id)


def hold(
    session: Session,
    subject: Invoice | Party,
    *,
    purpose: HoldPurpose,
    because: str,
    kind: HoldKind = HoldKind.BLOCKED,
    until: date | None = None,
) -> Hold:
    """Leave a document, or everything of a party, alone: it is not reminded, or not paid."""
    today = company(session).today
    if until is not None and until < today:
        raise HoldEndsBeforeToday(until=until)
    if isinstance(subject, Invoice) and subject.kind is not _ABOUT[purpose]:
        raise HoldOfOtherSide(number=subject.number)
    standing = _standing(session, subject, purpose)
    if standing is not None:
        if standing.until is None or standing.until >= today:
            raise HeldAlready(subject=subject.number, because=standing.because)
        standing.lifted_on = standing.until
        session.flush()
    put = Hold(
        purpose=purpose,
        kind=kind,
        invoice_id=subject.id if isinstance(subject, Invoice) else None,
        party_id=subject.id if isinstance(subject, Party) else None,
        because=because,
        held_on=today,
        until=until,
    )
    session.add(put)
    number = subject.number
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody held the same since we looked; the database was the last to look.
        if not broken_constraint(error).startswith("uq_hold"):
            raise
        raise HeldAlready(subject=number, because="…") from error
    said = until.isoformat() if until else ""
    events.record(session, HoldPut(purpose, kind, _said(subject), number, said, because))
    return put


def lift_hold(
    session: Session,
    subject: Invoice | Party,
    *,
    purpose: HoldPurpose,
    because: str,
    agreed: HoldKind | None = None,
) -> Hold:
    """Leave a document, or everything of a party, alone no longer.

    A bill that differs from its order is let go by who has it agreed to, and by nobody else.
    """
    standing = _standing(session, subject, purpose)
    today = company(session).today
    if standing is None or (standing.until is not None and standing.until < today):
        raise NotHeld(subject=subject.number)
    if standing.kind is HoldKind.DIFFERENCE and agreed is not HoldKind.DIFFERENCE:
        raise DifferenceNotAgreed(subject=subject.number, because=standing.because)
    standing.lifted_on = today
    session.flush()
    fact = HoldLifted(purpose, standing.kind, _said(subject), subject.number, because)
    events.record(session, fact)
    return standing


def held(session: Session, purpose: HoldPurpose, day: date | None = None) -> Held:
    """Return what is held on a day, or today."""
    on = day or company(session).today
    wanted = select(Hold).where(
        Hold.purpose == purpose,
        Hold.lifted_on.is_(None),
        or_(Hold.until.is_(None), Hold.until >= on),
    )
    holds = session.scalars(wanted).all()
    return Held(
        {each.invoice_id: each for each in holds if each.invoice_id is not None},
        {each.party_id: each for each in holds if each.party_id is not None},
    )


def _standing(session: Session, subject: Invoice | Party, purpose: HoldPurpose) -> Hold | None:
    mine = Hold.invoice_id if isinstance(subject, Invoice) else Hold.party_id
    wanted = (
        select(Hold)
        .where(Hold.purpose == purpose, mine == subject.id, Hold.lifted_on.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).one_or_none()


def _said(subject: Invoice | Party) -> str:
    if isinstance(subject, Invoice):
        return f"{subject.kind} {subject.number}"
    return f"party {subject.number} {subject.name}"
