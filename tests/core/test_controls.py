"""Controls: the anchor that is kept elsewhere, gaps of numbers, and the matrix of duties."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import Engine, text

from core import approvals, catalog, inventory, ledger
from core.approvals import DutyName
from core.approvals.errors import DutiesInOneHand
from core.compliance import verify
from core.compliance.numbers import list_series
from core.kernel.audit_anchor import (
    AnchorUnreadable,
    NothingToAnchor,
    export_anchor,
    read_anchor,
    verify_against,
)
from core.kernel.audit_queries import list_changes
from core.kernel.database import reading, unit_of_work
from core.ledger.chart import BANK, SHARE_CAPITAL
from tests.core.shop import eur
from tests.shop import as_person
from tools import TOOLBOX
from tools.controls import INCOMPATIBLE, conflicts_in


def post(engine: Engine, amount: str) -> str:
    with unit_of_work(engine) as session:
        lines = [ledger.debit(BANK, eur(amount)), ledger.credit(SHARE_CAPITAL, eur(amount))]
        return ledger.post_entry_by_hand(session, lines, memo="any").number


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
    assert len(pairs) == 6


def test_the_tools_that_must_be_apart_exist() -> None:
    assert {name for pair in INCOMPATIBLE for name in pair} <= set(TOOLBOX.tools)
