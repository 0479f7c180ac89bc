"""What one can do with documents: keep them sealed, list them masked, and read one on record."""

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.documents.errors import DocumentKnown, NotADocumentNumber, UnknownDocument
from core.hr.documents.events import DocumentKept
from core.hr.documents.tables import DocumentKind, EmployeeDocument
from core.hr.employment import rights
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.vault import vault_of

SHOWN = 4
_NUMBER = re.compile(r"[A-Z0-9]{5,40}")


def masked(number: str) -> str:
    """Return a number of which only the end can be read."""
    return "•" * (len(number) - SHOWN) + number[-SHOWN:]


def keep_document(
    session: Session,
    employee: Employee,
    *,
    kind: DocumentKind,
    number: str,
    country: str,
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> EmployeeDocument:
    """Keep the number of a document of somebody, sealed; the log and the trail say its end only."""
    rights.look_at(session, rights.IDENTITY, [employee])
    plain = re.sub(r"[\s\-/.]", "", number).upper()
    if not _NUMBER.fullmatch(plain):
        raise NotADocumentNumber
    vault = vault_of(session)
    fingerprint = vault.fingerprint(f"{kind}:{country}:{plain}")
    if session.scalar(
        select(EmployeeDocument.id).where(EmployeeDocument.fingerprint == fingerprint)
    ):
        raise DocumentKnown(kind=kind, masked=masked(plain))
    document = EmployeeDocument(
        employee_id=employee.id,
        kind=kind,
        country=country,
        masked=masked(plain),
        sealed=vault.sealed(plain, belongs_to=_owner(employee.id, kind)),
        fingerprint=fingerprint,
        issued_on=issued_on,
        expires_on=expires_on,
    )
    session.add(document)
    until = "" if expires_on is None else expires_on.isoformat()
    events.record(session, DocumentKept(employee.number, kind, masked(plain), until))
    session.flush()
    return document


def list_documents(session: Session, employee: Employee) -> Sequence[EmployeeDocument]:
    """Return the documents of somebody, their numbers masked, to who may see them."""
    rights.look_at(session, rights.IDENTITY, [employee])
    wanted = select(EmployeeDocument).where(EmployeeDocument.employee_id == employee.id)
    return session.scalars(wanted.order_by(EmployeeDocument.kind)).all()


def read_document(session: Session, document_id: UUID) -> str:
    """Return the whole number of a document, to who may see it; the trail keeps who did."""
    document = session.get(EmployeeDocument, document_id)
    if document is None:
        raise UnknownDocument
    employee = session.get_one(Employee, document.employee_id)
    rights.look_at(session, rights.IDENTITY, [employee])
    owner = _owner(document.employee_id, document.kind)
    return vault_of(session).opened(document.sealed, belongs_to=owner)


def _owner(employee_id: UUID, kind: DocumentKind) -> str:
    return f"{employee_id}:{kind}"
