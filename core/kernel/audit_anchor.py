"""An anchor of the audit trail to be kept elsewhere: a file, a mail to the auditor, paper.

It names the newest record of a moment and is signed with the key. Whoever rewrites the trail
later, even with the key of the database's own house, is found out by it.
"""

import hmac
import json
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.audit import AuditHead, AuditRecord, ChainFault, sealer_of, verify_chain
from core.kernel.company import company
from core.kernel.errors import DomainError
from core.kernel.events import Fact

TEXT_LETTERS_MAX = 10_000


class NothingToAnchor(DomainError):
    """There is no audit record yet, so there is nothing to anchor. Try again after a change."""

    zh = "尚无审计记录，无可锚定的内容。请在发生变更后再试。"


class AnchorUnreadable(DomainError):
    """This is not an anchor of an audit trail. Use the file as it was written."""

    zh = "这不是审计轨迹的锚定文件。请使用原样保存的文件。"


@dataclass(frozen=True)
class AnchorExported(Fact, name="audit.anchor_exported"):
    """The newest record of the trail was noted outside of the house."""

    sequence: int


@dataclass(frozen=True)
class Anchor:
    """The newest record of a trail at a moment, signed."""

    company: str
    chain: str
    # Records are numbered without gaps, so this is how many there were.
    records: int
    hash: str
    at: str
    signature: str = ""

    def text(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def signed_text(self) -> str:
        """Return what the signature covers."""
        parts: dict[str, Any] = asdict(self) | {"signature": ""}
        return json.dumps(parts, ensure_ascii=False, sort_keys=True)


_ADAPTER = TypeAdapter(Anchor)


def export_anchor(session: Session) -> Anchor:
    """Return an anchor of the trail as it is committed, and record that it was made."""
    head = session.execute(
        select(AuditHead.chain, AuditHead.sequence, AuditHead.hash)
    ).one_or_none()
    if head is None or head.sequence == 0:
        raise NothingToAnchor
    chain, sequence, newest = head
    bare = Anchor(company(session).name, str(chain), sequence, newest, clock.now().isoformat())
    events.record(session, AnchorExported(sequence))
    signature = sealer_of(session).signed(bare.signed_text())
    return Anchor(**(asdict(bare) | {"signature": signature}))


def read_anchor(text: str) -> Anchor:
    """Read an anchor as it was kept."""
    try:
        return _ADAPTER.validate_json(text[:TEXT_LETTERS_MAX], strict=True)
    except ValidationError as error:
        raise AnchorUnreadable from error


def verify_against(session: Session, anchor: Anchor) -> ChainFault | None:
    """Follow the trail, and compare it with an anchor that was kept elsewhere."""
    signature = sealer_of(session).signed(anchor.signed_text())
    if not hmac.compare_digest(signature, anchor.signature):
        return ChainFault(0, "the anchor was not signed with the key of this house")
    if (fault := verify_chain(session)) is not None:
        return fault
    chains = session.scalars(select(AuditHead.chain)).all()
    if [str(chain) for chain in chains] != [anchor.chain]:
        return ChainFault(0, "the anchor is of another trail")
    wanted = select(AuditRecord.hash).where(AuditRecord.sequence == anchor.records)
    kept = session.scalar(wanted)
    if kept is None:
        return ChainFault(anchor.records, "the record that the anchor names is missing")
    if kept != anchor.hash:
        return ChainFault(anchor.records, "the record is not the one that the anchor names")
    return None
