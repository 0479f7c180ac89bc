"""The audit trail: who, for whom, what, before and after, why, by which proposal; in a keyed chain.

Every fact of the change log has exactly one record here, sealed when its transaction commits.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel import clock
from core.kernel.audit_seal import Seal
from core.kernel.database import Table, acting, append_only
from core.kernel.events import ChangeEvent
from core.kernel.identifiers import new_id

GENESIS = "0" * 64
_PAGE = 5_000


class AuditHead(Table):
    """The newest record of the chain; its row lock puts commits in one order."""

    __tablename__ = "audit_head"

    chain: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]


class AuditRecord(Table):
    """One fact with everything that an auditor asks about it; never updated, never deleted."""

    __tablename__ = "audit_record"
    __table_args__ = (Index(None, "person", "at"), Index(None, "proposal_id"))

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_sequence: Mapped[int] = mapped_column(ForeignKey("change_event.sequence"), unique=True)
    at: Mapped[datetime]
    name: Mapped[str]
    person: Mapped[str]
    proposal_id: Mapped[uuid.UUID | None]
    # The canonical text that the hash covers: all of the above, and the fact itself.
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[str]


append_only(AuditRecord.__table__)

# Two statements that every commit runs, and between which all other commits wait: the facts are
# numbered as the chain's head is locked, and the records are written as the head moves on.
# Long texts travel as one of JSON: an array of them would be escaped letter by letter.
_NUMBER_FACTS = text(
    """
    WITH fact AS (
        INSERT INTO change_event (name, facts, occurred_at)
        SELECT name, facts, occurred_at FROM ROWS FROM (
            unnest(:names), jsonb_array_elements(CAST(:facts AS jsonb)), unnest(:moments)
        ) WITH ORDINALITY AS fact (name, facts, occurred_at, place)
        ORDER BY place
        RETURNING sequence
    ), head AS (SELECT chain, sequence, hash FROM audit_head FOR UPDATE)
    SELECT head.chain, head.sequence, head.hash,
        (SELECT array_agg(fact.sequence ORDER BY fact.sequence) FROM fact) AS numbered
    FROM (SELECT) AS one LEFT JOIN head ON true
    """
).bindparams(
    bindparam("names", type_=ARRAY(Text)),
    bindparam("facts", type_=Text),
    bindparam("moments", type_=ARRAY(DateTime(timezone=True))),
)
_WRITE_RECORDS = text(
    """
    WITH head AS (UPDATE audit_head SET sequence = :newest_sequence, hash = :newest_hash)
    INSERT INTO audit_record
        (sequence, event_sequence, at, name, person, proposal_id, body, hash)
    SELECT sequence, event_sequence, :at, name, :person, :proposal_id, body, hash
    FROM ROWS FROM (
        unnest(:sequences), unnest(:event_sequences), unnest(:names),
        jsonb_array_elements_text(CAST(:bodies AS jsonb)), unnest(:hashes)
    ) AS record (sequence, event_sequence, name, body, hash)
    """
).bindparams(
    bindparam("newest_sequence", type_=BigInteger),
    bindparam("newest_hash", type_=Text),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("person", type_=Text),
    bindparam("proposal_id", type_=Uuid),
    bindparam("sequences", type_=ARRAY(BigInteger)),
    bindparam("event_sequences", type_=ARRAY(BigInteger)),
    bindparam("names", type_=ARRAY(Text)),
    bindparam("bodies", type_=Text),
    bindparam("hashes", type_=ARRAY(Text)),
)


@dataclass(frozen=True)
class ChainFault:
    """The first place where the audit trail is not what was sealed."""

    sequence: int
    problem: str


def seal(session: Session) -> tuple[str, int, str] | None:
    """Chain an audit record for every fact recorded in this session; return the newest link.

    Called by `unit_of_work` as the last thing before the commit, so that the chain's head is
    locked for as short as can be.
    """
    rows: list[dict[str, Any]] = session.info.pop("event_rows", [])
    if not rows:
        return None
    names = [row["name"] for row in rows]
    facts = {
        "names": names,
        "facts": json.dumps([row["facts"] for row in rows], ensure_ascii=False),
        "moments": [row["occurred_at"] for row in rows],
    }
    chain, begun, newest, numbered = session.execute(_NUMBER_FACTS, facts).one()
    if chain is None:
        chain, begun, newest = new_id(), 0, GENESIS
        session.execute(insert(AuditHead).values(chain=chain, sequence=0, hash=GENESIS))
    sealer: Seal = session.get_bind().get_execution_options()["audit_seal"]
    who, at = acting(session), clock.now()
    said, sequences = who.to_json(), range(begun + 1, begun + 1 + len(rows))
    bodies, hashes = [], []
    for sequence, event_sequence, row in zip(sequences, numbered, rows, strict=True):
        body = body_of(sequence, event_sequence, row["name"], row["facts"], at, said)
        newest = sealer.link(newest, body)
        bodies.append(body)
        hashes.append(newest)
    records = {
        "newest_sequence": sequences[-1],
        "newest_hash": newest,
        "at": at,
        "person": who.name,
        "proposal_id": who.proposal,
        "sequences": list(sequences),
        "event_sequences": numbered,
        "names": names,
        "bodies": json.dumps(bodies, ensure_ascii=False),
        "hashes": hashes,
    }
    session.execute(_WRITE_RECORDS, records)
    return str(chain), sequences[-1], newest


def body_of(
    sequence: int,
    event_sequence: int,
    name: str,
    facts: dict[str, Any],
    at: datetime,
    who: dict[str, Any],
) -> str:
    """Return the canonical text of a record."""
    whole = {
        "sequence": sequence,
        "event": event_sequence,
        "name": name,
        "facts": facts,
        "at": at.isoformat(),
        **who,
    }
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def verify_chain(session: Session) -> ChainFault | None:
    """Follow the chain from its beginning to the anchor; return the first fault, if any.

    It finds a record, or the fact it stands for, that was edited, deleted, inserted or swapped,
    a tail that was cut or rewritten, and records made without the key.
    """
    engine, sealer = session.get_bind().engine, sealer_of(session)
    heads = session.execute(select(AuditHead.chain, AuditHead.sequence, AuditHead.hash)).all()
    if len(heads) > 1:
        return ChainFault(0, "there is more than one chain")
    anchors = sealer.anchored(engine.url.database or "")
    chain = str(heads[0].chain) if heads else ""
    if lost := sorted(anchors.keys() - {chain}):
        return ChainFault(0, f"the anchored trail {lost[0]} of this database is gone")
    anchor_at, anchored_hash = anchors.get(chain, (0, GENESIS))
    expected, newest = 0, GENESIS
    while page := _page(session, after=expected):
        for record in page:
            expected += 1
            fault = _fault_in(record, expected, newest, sealer)
            if fault is None and expected == anchor_at and record.hash != anchored_hash:
                fault = "the record is not the one that was anchored"
            if fault is not None:
                return ChainFault(expected, fault)
            newest = record.hash
    end = (heads[0].sequence, heads[0].hash) if heads else (0, GENESIS)
    if end != (expected, newest):
        return ChainFault(expected + 1, "the chain does not end where its head says")
    if anchor_at > expected and not _is_committed(engine, anchor_at, anchored_hash):
        return ChainFault(expected + 1, "the tail that was anchored is missing")
    return None


def _is_committed(engine: Engine, sequence: int, anchored: str) -> bool:
    """Tell whether the anchored record is there by now: this picture may be older than it is."""
    with Session(engine) as now:
        wanted = select(AuditRecord.hash).where(AuditRecord.sequence == sequence)
        return now.scalar(wanted) == anchored


def sealer_of(session: Session) -> Seal:
    """Return the key of the trail that a session writes to."""
    seal_of_engine: Seal = session.get_bind().engine.get_execution_options()["audit_seal"]
    return seal_of_engine


@dataclass(frozen=True)
class _Link:
    """A record as the chain is followed: the database compares it with what was sealed."""

    sequence: int
    hash: str
    body: str
    at: datetime
    sealed_at: str | None
    columns_fit: bool | None
    fact_fits: bool | None


def _page(session: Session, *, after: int) -> list[_Link]:
    # A body that somebody overwrote may be no JSON any more: then nothing fits. The subquery
    # with its limit is what makes the database read each body once.
    readable = AuditRecord.body.op("IS")(text("JSON"))
    page = (
        select(AuditRecord, case((readable, cast(AuditRecord.body, JSONB))).label("sealed"))
        .where(AuditRecord.sequence > after)
        .order_by(AuditRecord.sequence)
        .limit(_PAGE)
        .subquery()
    )
    record, sealed = page.c, page.c.sealed
    columns_fit = and_(
        sealed["sequence"].astext == cast(record.sequence, Text),
        sealed["event"].astext == cast(record.event_sequence, Text),
        sealed["name"].astext == record.name,
        sealed["person"].astext == record.person,
        sealed["proposal"].astext.is_not_distinct_from(cast(record.proposal_id, Text)),
    )
    fact_fits = and_(ChangeEvent.name == record.name, ChangeEvent.facts == sealed["facts"])
    at = sealed["at"].astext
    wanted = (
        select(record.sequence, record.hash, record.body, record.at, at, columns_fit, fact_fits)
        .outerjoin(ChangeEvent, ChangeEvent.sequence == record.event_sequence)
        .order_by(record.sequence)
    )
    return [_Link(*row) for row in session.execute(wanted)]


def _fault_in(record: _Link, expected: int, previous: str, sealer: Seal) -> str | None:
    if record.sequence != expected:
        return "a record is missing"
    if record.hash != sealer.link(previous, record.body):
        return "the record does not fit the chain"
    if not record.columns_fit or record.at.isoformat() != record.sealed_at:
        return "the columns of the record are not what was sealed"
    if not record.fact_fits:
        return "the fact is not the one that was sealed"
    return None
