"""The official invoices of China, noted on the documents that they were issued for."""

import re
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.invoicing.errors import (
    BuyerTaxNumberNeeded,
    FapiaoUsed,
    NoFapiaoNoted,
    NotAFapiao,
)
from core.invoicing.events import FapiaoNoted, FapiaoRemoved
from core.invoicing.rules import Direction, direction_of
from core.invoicing.service import find_invoice
from core.invoicing.tables import Fapiao, FapiaoKind, Invoice
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.parties import Party

_ON_PAPER = re.compile(r"(\d{10}|\d{12}) \d{8}")
_ELECTRONIC = re.compile(r" \d{20}")
_USED = "uq_fapiao_code_number"


def note_fapiao(
    session: Session,
    document: str,
    *,
    kind: FapiaoKind,
    number: str,
    code: str = "",
    issued_on: date | None = None,
) -> Fapiao:
    """Note the official invoice of a document, in the place of an earlier one.

    A special one lets the buyer take off the tax, and so it names the buyer's tax number.
    """
    code, number = code.strip(), number.strip()
    whole = f"{code} {number}"
    if not (_ON_PAPER.fullmatch(whole) or _ELECTRONIC.fullmatch(whole)):
        raise NotAFapiao(number=whole.strip())
    invoice = find_invoice(session, document, lock=True)
    party = session.get_one(Party, invoice.party_id)
    ours_to_issue = direction_of(invoice.kind) is Direction.RECEIVABLE
    if kind is FapiaoKind.SPECIAL and ours_to_issue and not party.tax_number:
        raise BuyerTaxNumberNeeded(party=party.name)
    used = (
        select(Invoice.number)
        .join(Fapiao, Fapiao.invoice_id == Invoice.id)
        .where(Fapiao.code == code, Fapiao.number == number, Invoice.id != invoice.id)
    )
    if (other := session.scalar(used)) is not None:
        raise FapiaoUsed(number=whole.strip(), document=other)
    noted = fapiao_or_none(session, invoice)
    before = "" if noted is None else f"{noted.code} {noted.number}".strip()
    if noted is None:
        noted = Fapiao(invoice_id=invoice.id)
        session.add(noted)
    noted.kind, noted.code, noted.number = kind, code, number
    noted.issued_on = issued_on or company(session).today
    events.record(
        session,
        FapiaoNoted(
            document=invoice.number,
            document_kind=invoice.kind,
            kind=kind,
            before=before,
            fapiao=whole.strip(),
            issued_on=noted.issued_on.isoformat(),
        ),
    )
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody noted it elsewhere since we looked.
        if broken_constraint(error) != _USED:
            raise
        raise FapiaoUsed(number=whole.strip(), document="…") from error
    return noted


def remove_fapiao(session: Session, document: str, *, because: str) -> None:
    """Take an official invoice off its document, so that it can be noted elsewhere."""
    invoice = find_invoice(session, document, lock=True)
    noted = fapiao_or_none(session, invoice)
    if noted is None:
        raise NoFapiaoNoted(document=invoice.number)
    events.record(
        session,
        FapiaoRemoved(
            document=invoice.number,
            document_kind=invoice.kind,
            fapiao=f"{noted.code} {noted.number}".strip(),
            because=because,
        ),
    )
    session.delete(noted)
    session.flush()


def fapiao_or_none(session: Session, document: Invoice) -> Fapiao | None:
    """Return the official invoice that is noted for a document."""
    wanted = select(Fapiao).where(Fapiao.invoice_id == document.id)
    return session.scalars(wanted).one_or_none()
