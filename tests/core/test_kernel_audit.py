"""The audit trail against somebody who has every right in the database, but not the key."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from core.kernel import events
from core.kernel.audit import AuditRecord, verify_chain
from core.kernel.audit_seal import Seal
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.events import Fact
from core.kernel.identity.acting import Acting, Actor

MARIA = Acting(Actor("maria"), door="test", why="because")


@dataclass(frozen=True)
class Noted(Fact, name="test.noted"):
    """Something was noted in a test."""

    what: str


@pytest.fixture
def trail(founded: Engine) -> Engine:
    """Twelve more records, in four transactions."""
    for place in range(4):
        with unit_of_work(founded, MARIA) as session:
            for part in range(3):
                events.record(session, Noted(f"{place}.{part}"))
    return founded


def fault(engine: Engine) -> str | None:
    with reading(engine) as session:
        found = verify_chain(session)
    return found and f"{found.sequence}: {found.problem}"


def attack(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for table in ("audit_record", "change_event"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_trail_is_whole(trail: Engine) -> None:
    assert fault(trail) is None


def test_a_record_says_who_for_whom_why_and_what(trail: Engine) -> None:
    with reading(trail) as session:
        record = session.scalars(
            select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(1)
        ).one()

    assert (record.person, record.name) == ("maria", "test.noted")
    for said in ('"why":"because"', '"door":"test"', '"what":"3.2"'):
        assert said in record.body


def test_the_database_refuses_to_change_the_trail(trail: Engine) -> None:
    for statement in ("UPDATE audit_record SET person = 'x'", "DELETE FROM audit_record"):
        with pytest.raises(IntegrityError, match="record of facts"), trail.begin() as connection:
            connection.execute(text(statement))


TAIL = "(SELECT max(sequence) FROM audit_record)"


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["UPDATE audit_record SET person = 'omar' WHERE sequence = {n}"], "columns"),
        (["UPDATE audit_record SET body = replace(body, 'maria', 'omar') WHERE sequence = {n}"],
         "does not fit"),
        ([("UPDATE change_event SET facts = '{{\"what\": \"else\"}}' WHERE sequence = "
          "(SELECT event_sequence FROM audit_record WHERE sequence = {n})")], "fact"),
        (["DELETE FROM audit_record WHERE sequence = {n}"], "missing"),
        ([("INSERT INTO change_event (name, facts, occurred_at) VALUES "
          "('test.noted', '{{\"what\": \"x\"}}', now())"),
          ("INSERT INTO audit_record SELECT sequence + 1, (SELECT max(sequence) FROM change_event),"
          f" at, name, person, proposal_id, body, hash FROM audit_record WHERE sequence = {TAIL}")],
         "does not fit"),
        (["UPDATE audit_record SET sequence = -sequence WHERE sequence IN ({n}, {n} + 1)",
          ("UPDATE audit_record SET sequence = CASE sequence WHEN -{n} THEN {n} + 1 ELSE {n} END "
          "WHERE sequence < 0")], "does not fit"),
        (["DELETE FROM audit_record WHERE sequence > {n}"], "head"),
        (["DELETE FROM audit_record WHERE sequence > {n}",
          ("UPDATE audit_head SET sequence = {n}, hash = "
          "(SELECT hash FROM audit_record WHERE sequence = {n})")], "tail"),
        (["DELETE FROM audit_record", "DELETE FROM audit_head"], ""),
    ],
    ids=["edit column", "edit body", "edit fact", "delete", "insert", "swap", "cut tail",
         "cut tail and head", "cut everything"],
)  # fmt: skip
def test_an_attack_without_the_key_is_found(
    trail: Engine, statements: list[str], problem: str
) -> None:
    with reading(trail) as session:
        newest = session.scalars(select(AuditRecord.sequence)).all()
    attack(trail, *(statement.format(n=len(newest) - 4) for statement in statements))

    found = fault(trail)

    assert found is not None
    assert problem in found


def test_recomputing_without_the_key_is_found(trail: Engine) -> None:
    forged = Seal(b"not the key", trail.get_execution_options()["audit_seal"].anchor_directory)
    with reading(trail) as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.sequence)).all()
    start = len(records) - 3
    newest, changes = records[start - 1].hash, []
    for record in records[start:]:
        body = record.body.replace("maria", "omar")
        newest = forged.link(newest, body)
        changes.append(
            f"UPDATE audit_record SET body = $b${body}$b$, person = 'omar', hash = '{newest}' "
            f"WHERE sequence = {record.sequence}"
        )
    changes.append(f"UPDATE audit_head SET hash = '{newest}'")
    attack(trail, *(change.replace(":", r"\:") for change in changes))

    assert fault(trail) == f"{start + 1}: the record does not fit the chain"


def test_what_is_rehearsed_or_rolled_back_leaves_no_record(trail: Engine) -> None:
    with rehearsal(trail, MARIA) as session:
        events.record(session, Noted("rehearsed"))
    with pytest.raises(ZeroDivisionError), unit_of_work(trail, MARIA) as session:
        events.record(session, Noted("given up"))
        _ = 1 // 0

    assert fault(trail) is None


def test_two_commits_at_once_stand_one_after_the_other(
    trail: Engine, at_once: Callable[..., list[object]]
) -> None:
    def note(place: int) -> None:
        for part in range(5):
            with unit_of_work(trail, MARIA) as session:
                events.record(session, Noted(f"{place}.{part}"))

    at_once(note, 8)

    assert fault(trail) is None
