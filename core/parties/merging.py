"""Two records that are one and the same party: everything follows the one that stays.

**What moves, and what stays.** Everything that points at a party is found in the database itself:
every foreign key to it. Where rows may be changed they are pointed at the surviving party, and
each of them is written down, so that it can be pointed back. Where the database keeps rows as they
are (the lines of posted entries, consents, matches of the bank), nothing is touched: they go on
saying whom they were written for, and are read through `merged_into_id`, one step and never more.
So no posted figure, date or line changes, no entry is needed in any period, and what is asked by
customer need not know of merging, but for the few questions over such lines.

To point nothing and read everything through `merged_into_id` would put that step into every query
of the house, and the one that forgot it would show half a customer. To point everything would mean
to take the guards off posted rows.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.naming import find_numbered
from core.kernel.numbering import next_number
from core.parties import pointing
from core.parties.contacts.queries import parents_of
from core.parties.errors import (
    MergedAlready,
    MergeUndoneAlready,
    SameParty,
    UnknownMerge,
    WrittenSince,
)
from core.parties.events import PartiesMerged, PartiesParted
from core.parties.pointing import WAS, Moved, Pointer
from core.parties.tables import Party, PartyMerge, PartyMergePart

_PARENT = Pointer("party", "parent_id", ("id",), stays=False, numbered=True)
_INTO = Pointer("party", "merged_into_id", ("id",), stays=False, numbered=True)


def merge_parties(session: Session, survivor: Party, merged: Party, *, because: str) -> PartyMerge:
    """Let everything that points at one party point at the other; its number means that one too.

    The survivor's own terms count. A bank account that comes along is ended, because to whom
    money goes is decided by itself.
    """
    _lock(session, survivor, merged)
    if survivor.id == merged.id:
        raise SameParty(name=survivor.name, number=survivor.number)
    for party in (survivor, merged):
        if party.merged_into_id is not None:
            into = session.get_one(Party, party.merged_into_id)
            raise MergedAlready(name=party.name, number=party.number, into=into.number)
    merge = PartyMerge(
        number=next_number(session, "MG"),
        survivor_id=survivor.id,
        merged_id=merged.id,
        because=because,
        by=acting(session).name,
    )
    session.add(merge)
    done = [*_led_on(session, survivor, merged), *_parents(session, survivor, merged)]
    today = company(session).today
    for pointer in pointing.pointers(session):
        done += pointing.point(session, pointer, of=merged, to=survivor, day=today)
    merged.merged_into_id = survivor.id
    session.flush()
    session.add_all(
        PartyMergePart(
            merge_id=merge.id,
            table=each.pointer.table,
            column=each.pointer.column,
            moved=list(each.ids),
            kept=list(each.kept),
        )
        for each in done
    )
    fact = PartiesMerged(
        number=merge.number,
        survivor_number=survivor.number,
        survivor=survivor.name,
        merged_number=merged.number,
        merged=merged.name,
        because=because,
        moved=tuple(
            (each.pointer.table, len(each.ids), pointing.named(session, each))
            for each in done
            if each.ids
        ),
        kept=tuple(
            (each.pointer.table, str(kept["as"]), _terms(kept["row"]))
            for each in done
            for kept in each.kept
            if kept["as"] != WAS
        ),
    )
    events.record(session, fact)
    session.flush()
    session.expire_all()
    for read_anew in (merge, survivor, merged):
        session.refresh(read_anew)
    return merge


def part_again(session: Session, number: str, *, because: str) -> PartyMerge:
    """Take a merging back: each row that was moved points where it did before.

    As long as no document was written for the survivor since, that may belong to either of them.
    """
    merge = find_merge(session, number, locked=True)
    survivor = session.get_one(Party, merge.survivor_id)
    merged = session.get_one(Party, merge.merged_id)
    if merge.undone_at is not None:
        raise MergeUndoneAlready(number=merge.number)
    _lock(session, survivor, merged)
    if survivor.merged_into_id is not None:
        into = session.get_one(Party, survivor.merged_into_id)
        raise MergedAlready(name=survivor.name, number=survivor.number, into=into.number)
    if since := pointing.written_since(session, survivor.id, merge.created_at):
        raise WrittenSince(number=merge.number, name=survivor.name, document=since)
    merged.merged_into_id, merge.undone_at = None, clock.now()
    session.flush()
    known = {(each.table, each.column): each for each in (*pointing.pointers(session), _INTO)}
    wanted = select(PartyMergePart).where(PartyMergePart.merge_id == merge.id)
    parts = session.scalars(wanted.order_by(PartyMergePart.id.desc())).all()
    for part in parts:
        moved = Moved(known[part.table, part.column], tuple(part.moved), tuple(part.kept))
        pointing.put_back(session, moved, of=survivor.id, to=merged.id)
    fact = PartiesParted(
        number=merge.number,
        survivor_number=survivor.number,
        survivor=survivor.name,
        merged_number=merged.number,
        merged=merged.name,
        because=because,
        count=sum(len(part.moved) + len(part.kept) for part in parts),
    )
    events.record(session, fact)
    session.flush()
    session.expire_all()
    for read_anew in (merge, survivor, merged):
        session.refresh(read_anew)
    return merge


def find_merge(session: Session, number: str, *, locked: bool = False) -> PartyMerge:
    """Return a merging by its number."""
    unknown = UnknownMerge(number=number)
    return find_numbered(session, PartyMerge, number, unknown=unknown, locked=locked)


def same_as(session: Session, party_id: uuid.UUID) -> list[uuid.UUID]:
    """Return a party and all that were merged into it: whom rows mean that stay as they are."""
    merged = select(Party.id).where(Party.merged_into_id == party_id)
    return [party_id, *session.scalars(merged)]


def standing_party(
    column: InstrumentedAttribute[Any] | ColumnElement[Any],
) -> ColumnElement[uuid.UUID]:
    """Return the party that a column of rows that stay means now."""
    other = aliased(Party)
    into = select(other.merged_into_id).where(other.id == column).scalar_subquery()
    return func.coalesce(into, column)


def _lock(session: Session, *parties: Party) -> None:
    # In one order, so that two who merge the same do not wait for each other. Whoever writes a
    # row that points at either of them waits until we are done.
    ids = {party.id for party in parties}
    wanted = select(Party).where(Party.id.in_(ids)).order_by(Party.id).with_for_update()
    session.scalars(wanted.execution_options(populate_existing=True)).all()


def _led_on(session: Session, survivor: Party, merged: Party) -> list[Moved]:
    """Let what was merged into a party before lead to the survivor: one step, never two."""
    earlier = session.scalars(select(Party).where(Party.merged_into_id == merged.id)).all()
    for one in earlier:
        one.merged_into_id = survivor.id
    session.flush()
    return [Moved(_INTO, tuple(one.id for one in earlier))] if earlier else []


def _parents(session: Session, survivor: Party, merged: Party) -> list[Moved]:
    """Take both out of each other's line before what belonged to one belongs to the other."""
    is_below = merged.id in {each.id for each in parents_of(session, survivor)}
    changed = [merged] if merged.parent_id is not None else []
    changed += [survivor] if is_below else []
    was = [
        {"as": WAS, "row": {"id": str(one.id), "parent_id": str(one.parent_id)}} for one in changed
    ]
    if is_below:
        survivor.parent_id = merged.parent_id
    merged.parent_id = None
    session.flush()
    return [Moved(_PARENT, kept=tuple(was))] if was else []


_HIDDEN = ("id", "created_at", "party_id")


def _terms(row: dict[str, Any]) -> str:
    """Say what a row held, as data, without its keys."""
    return ", ".join(
        f"{name} {value}"
        for name, value in sorted(row.items())
        if value is not None and name not in _HIDDEN and not name.endswith("_id")
    )
