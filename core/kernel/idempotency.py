"""One request, one effect: the key of a request, a hash of what was asked, and its answer."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel import clock
from core.kernel.database import Table
from core.kernel.errors import DomainError
from core.kernel.privacy import HOUSE_ONLY, as_the_house, private


class IdempotencyKey(Table):
    """A request that was carried out, and what was answered."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    answer: Mapped[Any | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


# What was answered once may be private; only the road asks, for who asked.
private(IdempotencyKey.__table__, HOUSE_ONLY)


class KeyUsedOtherwise(DomainError):
    """The key {key} was already used for another request; use a new key for a new request."""

    zh = "幂等键 {key} 已用于另一请求；新请求请使用新的键。"


def hash_of(request: object) -> str:
    """Return the digest of a request made of plain values."""
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def earlier_answer(session: Session, key: str, request_hash: str) -> tuple[bool, Any]:
    """Claim a key; tell whether the same request was answered before, and with what.

    A second transaction with the same key waits here until the first one ends: it then finds
    the answer, or, after a rollback, has the key for itself. So a refused request burns no key.
    """
    claim = insert(IdempotencyKey).values(
        key=key, request_hash=request_hash, answer=None, created_at=clock.now()
    )
    claimed = session.scalar(
        claim.on_conflict_do_nothing(index_elements=[IdempotencyKey.key]).returning(
            IdempotencyKey.key
        )
    )
    if claimed is not None:
        return False, None
    row = session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()
    if row.request_hash != request_hash:
        raise KeyUsedOtherwise(key=key)
    return True, row.answer


def answer_or_none(session: Session, key: str, request_hash: str) -> Any:  # noqa: ANN401
    """Return the answer of an earlier request with this key, if there was one; claim nothing."""
    with as_the_house(session):
        row = session.get(IdempotencyKey, key)
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise KeyUsedOtherwise(key=key)
    return row.answer


def remember_answer(session: Session, key: str, answer: object) -> None:
    """Store the answer of the request that claimed this key, in the same transaction."""
    row = session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()
    row.answer = answer
    session.flush()
