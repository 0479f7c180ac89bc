"""The tools of banking, on the one road: imported, matched, undone, and asked about."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import invoicing, ledger, parties
from core.compliance import verify
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.ledger.chart import REVENUE
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.errors import CannotBeUndone

CONTENT = """Date,Amount,Description,Counterparty,Balance
2026-06-12,119.00,Payment INV-00001,ACME BIKES,1119.00
2026-06-13,-9.00,Monthly fee,Hausbank,1110.00
2026-06-14,33.00,thanks,Nordwind,1143.00
"""


@pytest.fixture
def bank(shop: Engine) -> Engine:
    """A shop with a bank account, and an invoice of 119.00 to Acme that is open."""
    with unit_of_work(shop) as session:
        acme = parties.find_customer(session, "Acme").party
        line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(119), Decimal(0), None, REVENUE)
        invoicing.post_invoice(
            session, kind=InvoiceKind.CUSTOMER_INVOICE, party=acme, lines=[line], origin="SO-1"
        )
        ledger.open_bank_account(session, code="MAIN", name="House bank", account="1010")
    return shop


def imported(bank: Engine, content: str = CONTENT) -> Any:
    return propose(
        bank, "accountant", "banking.import_statement", content=content, file_name="june.csv"
    )


def test_a_statement_is_shown_before_it_is_imported_and_voided_by_undo(bank: Engine) -> None:
    proposal = imported(bank)
    assert proposal.effect.lines() == [
        (
            "bank statement: new · MAIN · june.csv · 2026-06-12 … 2026-06-14"
            " · 1,000.00 EUR → 1,143.00 EUR · 3 × · 143.00 EUR"
        ),
        "bank line: new · 2026-06-12 · 119.00 EUR · ACME BIKES · Payment INV-00001",
        "bank line: new · 2026-06-13 · -9.00 EUR · Hausbank · Monthly fee",
        "bank line: new · 2026-06-14 · 33.00 EUR · Nordwind · thanks",
        (
            "columns of the bank's files: new · date: Date · amount: Amount · text: Description"
            " · counterparty: Counterparty · balance: Balance · 1.00"
        ),
    ]
    said = approve(bank, proposal)
    assert said == "BST-00001 of MAIN: 3 lines are new."

    shown: Any = ask(bank, "auditor", "banking.show_statement", number="bst 1")
    assert shown.sentence() == (
        "BST-00001 of MAIN, 2026-06-12 to 2026-06-14, 1,000.00 EUR → 1,143.00 EUR;"
        " 3 lines are not matched, 143.00 EUR."
    )
    assert "3 条流水未核对" in shown.sentence("zh")
    undo = TOOLBOX.undo(bank, as_person(bank, "accountant"), proposal.id)
    assert undo.effect.lines() == ["bank statement BST-00001: posted → cancelled · MAIN · 3 ×"]
    approve(bank, undo)
    assert ask(bank, "auditor", "banking.list_lines").sentence() == "0 lines are not matched."
    with pytest.raises(CannotBeUndone):
        TOOLBOX.undo(bank, as_person(bank, "accountant"), undo.id)
    with reading(bank) as session:
        assert verify(session) == []


def test_all_that_is_certain_is_one_plan_whose_lines_can_be_left_out(bank: Engine) -> None:
    approve(bank, imported(bank))
    rule = propose(
        bank, "accountant", "banking.add_rule", contains="monthly fee", account="bank fees"
    )
    assert rule.effect.lines() == ["bank rule: new · “monthly fee” → 6030 Bank fees"]
    approve(bank, rule)
    seen: Any = ask(bank, "auditor", "banking.propose_matches")
    assert seen.sentence() == "3 not matched: 2 certain, 0 likely, 1 to be asked."
    assert [row[5:8] for row in seen.grid().rows] == [
        ("documents", "INV-00001", "certain"),
        ("bank rule", "BR-00001", "certain"),
        ("nothing found", "", "to be asked"),
    ]

    plan = propose(bank, "accountant", "banking.match_certain")
    assert plan.calls[0]["arguments"]["lines"] == ["BL-00001", "BL-00002"]
    assert [line for line in plan.effect.lines() if line.startswith("bank line")] == [
        (
            "bank line BL-00001 (payment): open → matched · 119.00 EUR · MAIN"
            " · ACME BIKES Payment INV-00001 · names INV-00001"
        ),
        (
            "bank line BL-00002 (booked): open → matched · -9.00 EUR · MAIN"
            " · Hausbank Monthly fee · bank rule BR-00001"
        ),
    ]
    assert "customer invoice INV-00001: open → paid · 119.00 EUR → 0.00 EUR" in plan.effect.lines()
    assert sorted(str(amount) for amount in plan.effect.amounts) == ["119.00 EUR", "9.00 EUR"]
    left = [{"tool": "banking.match_certain", "arguments": {"lines": ["BL-00001"]}}]
    edited = TOOLBOX.edit(bank, as_person(bank, "accountant"), plan.id, left)
    said = approve(bank, edited)
    assert said == "Matched: BL-00001 = RCT-00001; 2 still open."

    undo = TOOLBOX.undo(bank, as_person(bank, "accountant"), plan.id)
    assert "bank line BL-00001: matched → open" in undo.effect.lines()
    assert "customer payment RCT-00001: posted → reversed" in undo.effect.lines()
    approve(bank, undo)
    lines: Any = ask(bank, "auditor", "banking.list_lines")
    assert lines.sentence() == "3 lines are not matched, 143.00 EUR."
    with reading(bank) as session:
        assert verify(session) == []


def test_one_line_is_matched_as_somebody_says_or_as_it_is_proposed(bank: Engine) -> None:
    approve(bank, imported(bank))

    pinned = propose(bank, "accountant", "banking.match_line", line="bl 1")
    assert pinned.calls[0]["arguments"]["documents"] == ["INV-00001"]
    approve(bank, pinned)
    fee = propose(
        bank, "accountant", "banking.match_line", line="BL-2", account="bank fees", memo="fee"
    )
    assert [line for line in fee.effect.lines() if line[:5] in {"debit", "credi"}] == [
        "debit 6030 Bank fees: 9.00 EUR",
        "credit 1010 Bank: 9.00 EUR",
    ]
    approve(bank, fee)
    with pytest.raises(DomainError, match="BL-00003 is for is not sure"):
        propose(bank, "accountant", "banking.match_line", line="BL-3")
    credit = propose(
        bank, "accountant", "banking.match_line", line="BL-3", party="Nordwind", on_account=True
    )
    approve(bank, credit)
    report: Any = ask(bank, "auditor", "banking.show_reconciliation")
    assert report.sentence() == (
        "MAIN on 2026-06-14: 1,143.00 EUR at the bank, 143.00 EUR in the books,"
        " difference -1,000.00 EUR (0.00 EUR unexplained); no day is reconciled yet."
    )
    assert [row[0] for row in report.grid().rows] == ["before the first statement"]
    assert "差额 -1,000.00 EUR" in report.sentence("zh")
    undo = propose(bank, "accountant", "banking.undo_match", matches=["BL-1"])
    assert undo.calls[0]["arguments"]["matches"] == ["BM-00001"]
    assert approve(bank, undo) == "BM-00001 is undone."
    back = propose(bank, "accountant", "banking.undo_match", matches=["BM-2"])
    assert back.effect.lines()[0] == "bank match BM-00002: posted → cancelled"
    with reading(bank) as session:
        assert verify(session) == []


def test_a_bank_account_is_added_with_an_account_of_its_own(bank: Engine) -> None:
    proposal = propose(
        bank, "accountant", "banking.add_account", code="USD", name="Dollars", account="1021",
        iban="de89 3704 0044 0532 0130 00", currency="USD",
    )  # fmt: skip
    assert "bank account USD: new · Dollars · 1021 Dollars · DE89370400440532013000" in (
        proposal.effect.lines()
    )
    approve(bank, proposal)

    listed: Any = ask(bank, "auditor", "banking.list_accounts")

    assert listed.sentence() == "2 bank accounts; 0 lines are not matched."
    assert [row[0] for row in listed.grid().rows] == ["MAIN", "USD"]
    with pytest.raises(DomainError, match="no bank account"):
        ask(bank, "auditor", "banking.show_reconciliation", account="nowhere")


def test_a_rule_takes_its_words_from_a_line_and_is_undone_by_its_removal(bank: Engine) -> None:
    approve(bank, imported(bank))
    proposal = propose(bank, "accountant", "banking.add_rule", line="BL-2", account="6030")
    assert proposal.calls[0]["arguments"]["counterparty"] == "Hausbank"
    approve(bank, proposal)
    assert ask(bank, "auditor", "banking.list_rules").sentence() == "1 bank rule."

    approve(bank, TOOLBOX.undo(bank, as_person(bank, "accountant"), proposal.id))

    assert ask(bank, "auditor", "banking.list_rules").sentence("zh") == "共 0 条银行规则。"
    with pytest.raises(DomainError, match="Say the account"):
        propose(bank, "accountant", "banking.add_rule", line="BL-2")
    approve(bank, propose(bank, "accountant", "banking.match_line", line="BL-2", account="6030"))
    again = propose(bank, "accountant", "banking.add_rule", line="BL-2")
    assert again.effect.lines() == ["bank rule: new · Hausbank → 6030 Bank fees"]


@pytest.mark.parametrize(
    ("who", "tool", "arguments", "said"),
    [
        ("sales", "banking.match_certain", {}, "role"),
        ("auditor", "banking.import_statement", {"content": CONTENT}, "role"),
        ("accountant", "banking.match_certain", {}, "No line"),
        ("accountant", "banking.match_line", {"line": "BL-9"}, "no bank line"),
        ("accountant", "banking.undo_match", {"matches": ["BM-9"]}, "no match"),
        ("accountant", "banking.undo_match", {"matches": []}, "at least 1"),
        ("accountant", "banking.remove_rule", {"number": "BR-9"}, "no bank rule"),
        ("accountant", "banking.void_statement", {"number": "BST-9", "because": "x"}, "no bank st"),
        ("accountant", "banking.import_statement", {"content": "x"}, "no bank statement"),
        ("accountant", "banking.add_rule", {"contains": "x", "account": "1100"}, "kept by"),
        ("accountant", "banking.add_account",
         {"code": "X", "name": "X", "account": "1010"}, "MAIN has this code"),
        ("accountant", "banking.add_account",
         {"code": "X", "name": "X", "account": "nowhere"}, "nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_reason(
    bank: Engine, who: str, tool: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        propose(bank, who, tool, **arguments)
