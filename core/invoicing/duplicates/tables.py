"""The files that bills came as."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record, append_only


class BillFile(Record):
    """A file that a supplier sent as a bill, kept as it came."""

    __tablename__ = "bill_file"
    __table_args__ = (
        UniqueConstraint("invoice_id", "sha256"),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="hash"),
    )

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id"))
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(index=True)


append_only(BillFile.__table__)
