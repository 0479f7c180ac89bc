"""Tables of documents: the numbers people are known by to others, sealed."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.hr.employment.tables import OWN
from core.kernel.database import Record
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by


class DocumentKind(StrEnum):
    """What proves who somebody is, or what they may do."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"
    SOCIAL_INSURANCE = "social_insurance"
    TAX_IDENTITY = "tax_identity"


class EmployeeDocument(Record):
    """A document of somebody: its number is sealed, and only its end stands here."""

    __tablename__ = "employee_document"
    __table_args__ = (
        CheckConstraint("expires_on >= issued_on", name="in_order"),
        CheckConstraint("octet_length(sealed) > 28", name="sealed"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    kind: Mapped[DocumentKind]
    country: Mapped[str]
    masked: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Equal for equal numbers: nobody else can be known by the same.
    fingerprint: Mapped[str] = mapped_column(unique=True)
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]


private(EmployeeDocument.__table__, f"{seen_by({Role.HR})} OR {OWN}")
