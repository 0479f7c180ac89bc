"""Controls: the anchor that is kept elsewhere, gaps of numbers, and the matrix of duties."""

import re
import time
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.orm import Session

from core import approvals, catalog, inventory, invoicing, ledger, parties
from core.approvals import DutyName
from core.approvals.errors import DutiesInOneHand
from core.compliance import verify
from core.compliance.numbers import list_series
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.audit import AuditHead, AuditRecord, verify_chain
from core.kernel.audit_anchor import (
    AnchorExported,
    AnchorUnreadable,
    NothingToAnchor,
    export_anchor,
    read_anchor,
    verify_against,
)
from core.kernel.audit_queries import list_changes
from core.kernel.audit_seal import Seal
from core.kernel.database import reading, unit_of_work
from core.ledger.chart import BANK, OPERATING_EXPENSE, SHARE_CAPITAL
from tests.core.shop import eur
from tests.shop import as_person
from tools import TOOLBOX
from tools.controls import INCOMPATIBLE, conflicts_in
from tools.payments import PayBill


def post(engine: Engine, amount: str, memo: str = "any") -> str:
    with unit_of_work(engine) as session:
        lines = [ledger.debit(BANK, eur(amount)), ledger.credit(SHARE_CAPITAL, eur(amount))]
        return ledger.post_entry_by_hand(session, lines, memo=memo).number


def tamper(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for table in ("audit_record", "change_event", "journal_entry", "posting"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_anchor_fits_the_trail_it_was_made_of_and_the_export_is_on_record(
    founded: Engine,
) -> None:
    with unit_of_work(founded) as session:
        made = export_anchor(session)
    post(founded, "5")

    with reading(founded) as session:
        assert verify_against(session, read_anchor(made.text())) is None
        [export] = list_changes(session, names=["audit.anchor_exported"])
    assert export.facts == {"sequence": made.records}
    assert export.sequence == made.records + 1


def test_an_anchor_finds_a_trail_that_was_rewritten_with_the_key(
    founded: Engine, engine: Engine
) -> None:
    seal = founded.get_execution_options()["audit_seal"]
    with unit_of_work(founded) as session:
        made = export_anchor(session)
    other = replace(made, chain="00000000-0000-0000-0000-000000000000", signature="")
    signed = replace(other, signature=seal.signed(other.signed_text()))
    moved = replace(made, hash="f" * 64, signature="")
    forged = replace(moved, signature=seal.signed(moved.signed_text()))

    with reading(founded) as session:
        found = [
            verify_against(session, anchor)
            for anchor in (replace(made, records=made.records - 1), signed, forged)
        ]

    assert [fault and (fault.sequence, fault.problem) for fault in found] == [
        (0, "the anchor was not signed with the key of this house"),
        (0, "the anchor is of another trail"),
        (made.records, "the record is not the one that the anchor names"),
    ]
    with unit_of_work(engine) as session, pytest.raises(NothingToAnchor):
        export_anchor(session)


@pytest.mark.parametrize("kept", ["", "{}", "[1]", '{"chain": 5}', "x" * 20_000])
def test_what_is_no_anchor_is_refused(kept: str) -> None:
    with pytest.raises(AnchorUnreadable) as refused:
        read_anchor(kept)

    assert refused.value.message("zh").startswith("这不是")


def test_a_gap_and_a_number_of_nothing_are_found(founded: Engine) -> None:
    for amount in ("1", "2", "3"):
        post(founded, amount)
    with reading(founded) as session:
        [entries] = [view for view in list_series(session) if view.series == "JE"]
        assert (entries.given, entries.borne, entries.missing) == (3, 3, ())
        assert verify(session) == []

    tamper(
        founded,
        "UPDATE journal_entry SET number = 'JE-00009' WHERE number = 'JE-00002'",
        "INSERT INTO number_series VALUES ('INV', 2)",
    )

    with reading(founded) as session:
        gaps = {f.subject: f.problem for f in verify(session) if f.invariant == "numbers"}
    lost = "it was given out, and no document has it"
    assert gaps == {"JE-00002": lost, "INV-00001": lost, "INV-00002": lost}


def test_counts_of_stock_are_known_by_their_moves(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        inventory.adjust_stock(
            session,
            lamp,
            inventory.main_location(session),
            counted=Decimal(5),
            because="broken",
        )

    with reading(shop) as session:
        assert all(not (view.missing or view.doubled) for view in list_series(session))
        assert "CT" in {view.series for view in list_series(session)}


@pytest.fixture
def proposal(shop: Engine) -> approvals.Proposal:
    plan = TOOLBOX.parse(
        [{"tool": "purchasing.order_item", "arguments": {"item": "LAMP-01", "quantity": "1"}}]
    )
    person = as_person(shop, "buyer")
    shown = TOOLBOX.propose(shop, person, plan, reason={"words": "x"})
    TOOLBOX.decide(shop, person, shown.id, "approve", seen=shown.digest)
    with reading(shop) as session:
        return approvals.find_proposal(session, shown.id, lock=False)


def test_the_matrix_of_duties_holds_cell_by_cell(
    shop: Engine, proposal: approvals.Proposal
) -> None:
    for first, second in permutations(DutyName, 2):
        case = f"PO-{first}-{second}"
        with unit_of_work(shop) as session:
            approvals.note_duty(session, proposal, case, first)
        with reading(shop) as session:
            approvals.refuse_duties_in_one_hand(session, "buyer", case, first)
            approvals.refuse_duties_in_one_hand(session, "manager", case, second)
            with pytest.raises(DutiesInOneHand) as refused:
                approvals.refuse_duties_in_one_hand(session, "buyer", case, second)
        assert case in refused.value.message("zh")
        assert not re.search(
            "order|receive|book|pay", refused.value.message("zh").split("的", 1)[1]
        )


def test_every_duty_is_apart_from_every_other() -> None:
    for duty in DutyName:
        assert approvals.conflicts_of(duty) == set(DutyName) - {duty}


def test_rights_that_do_not_belong_in_one_hand_are_told() -> None:
    assert list(conflicts_in({"sales"})) == []
    assert list(conflicts_in({"auditor"})) == []
    pairs = {(first, second) for first, second, apart in conflicts_in({"manager"}) if apart}
    assert ("purchasing.order_item", "invoicing.pay_bill") in pairs
    of_orders = {"order_item", "receive_order", "bill_order", "pay_bill"}
    among = {pair for pair in pairs if {each.split(".")[1] for each in pair} <= of_orders}
    assert len(among) == 6


def test_the_tools_that_must_be_apart_exist() -> None:
    assert {name for pair in INCOMPATIBLE for name in pair} <= set(TOOLBOX.tools)


def test_a_payment_of_several_bills_is_of_all_their_orders(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        supplier = parties.find_supplier(session, "Lumen & Co")
        for order in ("PO-00007", "PO-00008", "PO-00007"):
            line = InvoiceDraftLine(
                None, "x", Decimal(1), Decimal(100), Decimal(0), None, OPERATING_EXPENSE
            )
            invoicing.post_invoice(
                session,
                kind=InvoiceKind.SUPPLIER_BILL,
                party=supplier.party,
                lines=[line],
                origin=order,
            )
    duty = TOOLBOX.tools["invoicing.pay_bill"].duty
    assert duty is not None

    with reading(shop) as session:
        assert duty.cases(session, PayBill(supplier="Lumen"), None) == ["PO-00007", "PO-00008"]
        assert duty.cases(session, PayBill(bill="BILL-00002"), None) == ["PO-00008"]


U1 = {
    "edit": ["UPDATE audit_record SET body = replace(body, 'cap', 'k') WHERE sequence = {n}"],
    "delete": ["DELETE FROM audit_record WHERE sequence = {n}"],
    "insert": [
        "INSERT INTO change_event (name, facts, occurred_at) VALUES ('x', '{{}}', now())",
        """INSERT INTO audit_record SELECT {last} + 1, (SELECT max(sequence) FROM change_event),
        at, name, person, proposal_id, body, hash FROM audit_record WHERE sequence = {n}""",
    ],
    "swap": [
        "UPDATE audit_record SET sequence = -sequence WHERE sequence IN ({n}, {n} + 1)",
        """UPDATE audit_record SET sequence = CASE sequence WHEN -{n} THEN {n} + 1 ELSE {n} END
        WHERE sequence < 0""",
    ],
    "cut the tail": [
        "DELETE FROM audit_record WHERE sequence >= {n}",
        """UPDATE audit_head SET sequence = {n} - 1,
        hash = (SELECT hash FROM audit_record WHERE sequence = {n} - 1)""",
    ],
}


def recomputed(engine: Engine, first: int, *, without: int | None, changed: str) -> None:
    """Write the chain anew from a record on, as well as one can without the key."""
    forger = Seal(b"a guess", engine.get_execution_options()["audit_seal"].anchor_directory)
    with Session(engine) as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.sequence)).all()
        kept = [record for record in records if record.sequence != without]
        newest, place = kept[first - 2].hash, first - 1
        tamper(engine, f"DELETE FROM audit_record WHERE sequence >= {first}")
        with engine.begin() as connection:
            for record in kept[first - 1 :]:
                place += 1
                body = record.body.replace("capital", changed)
                newest = forger.link(newest, body)
                row = {
                    "sequence": place, "event_sequence": record.event_sequence, "at": record.at,
                    "name": record.name, "person": record.person,
                    "proposal_id": record.proposal_id, "body": body, "hash": newest,
                }  # fmt: skip
                connection.execute(insert(AuditRecord), row)
            connection.execute(update(AuditHead).values(sequence=place, hash=newest))


@pytest.mark.parametrize(
    "attack", [*U1, "edit and recompute", "delete and recompute", "rewrite the tail"]
)
def test_u1_each_of_eight_attacks_is_found_at_its_first_wrong_record(
    founded: Engine, attack: str
) -> None:
    with reading(founded) as session:
        first = session.scalars(select(func.max(AuditRecord.sequence))).one() + 1
    for amount in ("1", "2", "3", "4", "5"):
        post(founded, amount, memo="capital")
    last, n = first + 4, first + 1

    if attack in U1:
        tamper(founded, *(statement.format(n=n, last=last) for statement in U1[attack]))
    else:
        gone = n if attack.startswith("delete") else None
        begin = last - 1 if attack == "rewrite the tail" else n
        recomputed(founded, begin, without=gone, changed="bribe")

    wrong = {"insert": last + 1, "cut the tail": n, "rewrite the tail": last - 1}.get(attack, n)
    with reading(founded) as session:
        fault = verify_chain(session)
    assert fault is not None
    assert fault.sequence == wrong, fault


@pytest.mark.long
def test_u1_a_trail_of_a_hundred_thousand_records_is_followed_in_five_seconds(
    founded: Engine,
) -> None:
    for _ in range(20):
        with unit_of_work(founded) as session:
            for place in range(5_000):
                events.record(session, AnchorExported(place))

    started = time.monotonic()
    with reading(founded) as session:
        assert verify_chain(session) is None
    assert time.monotonic() - started < 5
