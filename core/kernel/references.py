"""What our records are called elsewhere, so that an import finds again what it brought before."""

import uuid
from collections.abc import Mapping

from sqlalchemy import Index, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel.database import Table


class ExternalReference(Table):
    """The name of one of our records in another system."""

    __tablename__ = "external_reference"
    __table_args__ = (Index(None, "record_id"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[uuid.UUID]


def remember(session: Session, source: str, kind: str, ids: Mapping[str, uuid.UUID]) -> None:
    """Note what the records of one kind are called in `source`: external id -> our id."""
    rows = [
        {"source": source, "kind": kind, "external_id": external, "record_id": ours}
        for external, ours in ids.items()
    ]
    if rows:
        session.execute(insert(ExternalReference), rows)


def known(session: Session, source: str, kind: str) -> dict[str, uuid.UUID]:
    """Return what was brought from `source` before: external id -> our id."""
    wanted = select(ExternalReference.external_id, ExternalReference.record_id).where(
        ExternalReference.source == source, ExternalReference.kind == kind
    )
    return {row.external_id: row.record_id for row in session.execute(wanted)}
