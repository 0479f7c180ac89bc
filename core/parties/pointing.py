# ruff: noqa: S608  Names of tables come from the database itself, values are parameters.
"""What points at a party, in every table of the house, and how it is pointed elsewhere and back.

The database is asked which columns are foreign keys to `party`, so a room that comes later is
found without being named here. No table is named but those of this room.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.parties.errors import RowsCollide
from core.parties.tables import Party

Row = dict[str, Any]
# What became of a row: pointed at the survivor under its own key; taken away because the
# survivor has its own; taken over by it; ended.
REMOVED, CARRIED, POINTED, ENDED, WAS = "removed", "carried", "pointed", "ended", "was"
ACCOUNTS = "party_bank_account"
_OF_MERGING = frozenset({"party_merge", "party_merge_part"})
LISTED_MAX = 8

_POINTERS = text(
    """
    SELECT relation.relname AS "table", field.attname AS "column",
        ARRAY(SELECT part.attname FROM pg_index JOIN pg_attribute AS part
            ON part.attrelid = pg_index.indrelid AND part.attnum = ANY(pg_index.indkey)
            WHERE pg_index.indrelid = relation.oid AND pg_index.indisprimary) AS key,
        EXISTS (SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid
            WHERE pg_trigger.tgrelid = relation.oid
                AND pg_proc.proname IN ('refuse_change', 'keep_but_flag')) AS stays,
        EXISTS (SELECT FROM pg_attribute AS part
            WHERE part.attrelid = relation.oid AND part.attname = 'number') AS numbered
    FROM pg_constraint
    JOIN pg_class AS relation ON relation.oid = pg_constraint.conrelid
    JOIN pg_attribute AS field ON field.attrelid = relation.oid
        AND field.attnum = pg_constraint.conkey[1]
    WHERE pg_constraint.contype = 'f' AND pg_constraint.confrelid = 'party'::regclass
        AND relation.relkind = 'r'
    ORDER BY 1, 2
    """
)


@dataclass(frozen=True)
class Pointer:
    """A column that points at a party, the key of its rows, and whether they stay as they are."""

    table: str
    column: str
    key: tuple[str, ...]
    stays: bool
    numbered: bool

    @property
    def is_key(self) -> bool:
        """Whether a row is known by its party, so that there is one for each."""
        return self.column in self.key


@dataclass(frozen=True)
class Moved:
    """What was done with the rows of one column."""

    pointer: Pointer
    ids: tuple[uuid.UUID, ...] = ()
    kept: tuple[Row, ...] = ()


def pointers(session: Session) -> list[Pointer]:
    """Return every column that points at a party and may be changed, accounts of people too."""
    found = [
        Pointer(row.table, row.column, tuple(row.key), row.stays, row.numbered)
        for row in session.execute(_POINTERS)
    ]
    # The accounts of people lie below the parties, so nothing there is a foreign key.
    people = Pointer("person", "party_id", ("id",), stays=False, numbered=False)
    return [
        each
        for each in (*found, people)
        if not each.stays and each.table not in _OF_MERGING and each.column != "merged_into_id"
    ]


def point(
    session: Session, pointer: Pointer, *, of: Party, to: Party, day: object
) -> Iterator[Moved]:
    """Point the rows of one column at another party; tell what was done with them."""
    if pointer.table == ACCOUNTS:
        kept = _ended(session, of.id, day)
        if kept:
            yield Moved(pointer, kept=tuple(kept))
    if pointer.key != ("id",):
        rows = (
            _carried(session, pointer, of, to)
            if pointer.is_key
            else _pointed(session, pointer, of, to)
        )
        if rows:
            yield Moved(pointer, kept=tuple(rows))
        return
    ids = tuple(session.scalars(_one(pointer, "SELECT id FROM"), {"of": of.id}))
    if not ids:
        return
    try:
        with session.begin_nested():
            _update(session, pointer, ids, to.id)
        yield Moved(pointer, ids)
    except IntegrityError:
        yield _one_by_one(session, pointer, ids, of, to)


def put_back(session: Session, moved: Moved, *, of: uuid.UUID, to: uuid.UUID) -> None:
    """Point the rows back at the party that they pointed at before."""
    pointer = moved.pointer
    if moved.ids:
        _update(session, pointer, moved.ids, to)
    for kept in moved.kept:
        row, key = kept["row"], pointer.key
        if kept["as"] == ENDED:
            _run(session, f"UPDATE {ACCOUNTS} SET ended_on = NULL WHERE id = :id", id=row["id"])
        elif kept["as"] == WAS:
            _run(
                session,
                "UPDATE party SET parent_id = CAST(:parent AS uuid) WHERE id = CAST(:id AS uuid)",
                parent=row["parent_id"],
                id=row["id"],
            )
        elif kept["as"] == POINTED:
            where = " AND ".join(f'"{name}"::text = :{name}' for name in key)
            _run(
                session,
                f'UPDATE "{pointer.table}" SET "{pointer.column}" = :to_party WHERE {where}',
                to_party=to,
                **{name: str(row[name]) for name in key},
            )
        else:
            if kept["as"] == CARRIED:
                there = {name: str(row[name]) for name in key} | {pointer.column: str(of)}
                where = " AND ".join(f'"{name}"::text = :{name}' for name in key)
                _run(session, f'DELETE FROM "{pointer.table}" WHERE {where}', **there)
            _insert(session, pointer.table, row)


def written_since(session: Session, party_id: uuid.UUID, since: datetime) -> str | None:
    """Return the number of a document that was written for a party since then, if there is one."""
    for pointer in pointers(session):
        if not pointer.numbered or pointer.table == "party":
            continue
        newer = session.scalar(
            text(
                f'SELECT number FROM "{pointer.table}"'
                f' WHERE "{pointer.column}" = :party AND created_at > :since'
                " ORDER BY created_at LIMIT 1"
            ),
            {"party": party_id, "since": since},
        )
        if newer is not None:
            return str(newer)
    return None


def named(session: Session, moved: Moved) -> str:
    """Return the numbers of the rows that were moved, as many as one can read."""
    pointer = moved.pointer
    column = "login" if pointer.table == "person" else "number"
    if not moved.ids or not (pointer.numbered or pointer.table == "person"):
        return ""
    numbers = session.scalars(
        text(
            f'SELECT "{column}" FROM "{pointer.table}" WHERE id = ANY(:ids)'
            f' ORDER BY "{column}" LIMIT {LISTED_MAX + 1}'
        ),
        {"ids": list(moved.ids)},
    ).all()
    more = ", …" if len(numbers) > LISTED_MAX else ""
    return ", ".join(numbers[:LISTED_MAX]) + more


def _one(pointer: Pointer, does: str) -> Any:  # noqa: ANN401
    return text(f'{does} "{pointer.table}" WHERE "{pointer.column}" = :of')


def _update(session: Session, pointer: Pointer, ids: tuple[uuid.UUID, ...], to: uuid.UUID) -> None:
    _run(
        session,
        f'UPDATE "{pointer.table}" SET "{pointer.column}" = :to WHERE id = ANY(:ids)',
        to=to,
        ids=list(ids),
    )


def _one_by_one(
    session: Session, pointer: Pointer, ids: tuple[uuid.UUID, ...], of: Party, to: Party
) -> Moved:
    """Move the rows that the survivor has no like of; take the others away, unless they count."""
    moved, kept = [], []
    for row in ids:
        try:
            with session.begin_nested():
                _update(session, pointer, (row,), to.id)
            moved.append(row)
            continue
        except IntegrityError as collision:
            if pointer.numbered:
                # The same document twice: that is no matter of names.
                number = session.scalar(
                    text(f'SELECT number FROM "{pointer.table}" WHERE id = :id'), {"id": row}
                )
                raise RowsCollide(document=number, one=of.number, other=to.number) from collision
        try:
            with session.begin_nested():
                taken = session.scalar(
                    text(
                        f'DELETE FROM "{pointer.table}" WHERE id = :id'
                        f' RETURNING to_jsonb("{pointer.table}")'
                    ),
                    {"id": row},
                )
        except IntegrityError as needed:
            what = pointer.table.replace("_", " ")
            raise RowsCollide(document=what, one=of.number, other=to.number) from needed
        kept.append({"as": REMOVED, "row": taken})
    return Moved(pointer, tuple(moved), tuple(kept))


def _carried(session: Session, pointer: Pointer, of: Party, to: Party) -> list[Row]:
    """Let the survivor take over what it has none of; where it has its own, that counts."""
    taken = session.scalars(
        text(
            f'DELETE FROM "{pointer.table}" WHERE "{pointer.column}" = :of'
            f' RETURNING to_jsonb("{pointer.table}")'
        ),
        {"of": of.id},
    ).all()
    kept = []
    for row in taken:
        try:
            with session.begin_nested():
                _insert(session, pointer.table, {**row, pointer.column: str(to.id)})
            kept.append({"as": CARRIED, "row": row})
        except IntegrityError:
            kept.append({"as": REMOVED, "row": row})
    return kept


def _pointed(session: Session, pointer: Pointer, of: Party, to: Party) -> list[Row]:
    rows = session.scalars(
        text(
            f'SELECT to_jsonb("{pointer.table}") FROM "{pointer.table}"'
            f' WHERE "{pointer.column}" = :of'
        ),
        {"of": of.id},
    ).all()
    _run(
        session,
        f'UPDATE "{pointer.table}" SET "{pointer.column}" = :to WHERE "{pointer.column}" = :of',
        of=of.id,
        to=to.id,
    )
    return [{"as": POINTED, "row": row} for row in rows]


def _ended(session: Session, party_id: uuid.UUID, day: object) -> list[Row]:
    """End the bank account that is paid to: to whom money goes is decided by itself."""
    standing = f"FROM {ACCOUNTS} WHERE party_id = :of AND ended_on IS NULL"
    rows = session.scalars(text(f"SELECT to_jsonb({ACCOUNTS}) {standing}"), {"of": party_id}).all()
    _run(
        session,
        f"UPDATE {ACCOUNTS} SET ended_on = greatest(CAST(:day AS date), valid_from)"
        " WHERE party_id = :of AND ended_on IS NULL",
        of=party_id,
        day=day,
    )
    return [{"as": ENDED, "row": row} for row in rows]


def _insert(session: Session, table: str, row: Row) -> None:
    _run(
        session,
        f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_record('
        f'NULL::"{table}", CAST(:row AS jsonb))',
        row=json.dumps(row),
    )


def _run(session: Session, statement: str, **values: object) -> None:
    session.execute(text(statement), values)
