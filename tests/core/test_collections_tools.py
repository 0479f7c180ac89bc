"""The tools of collections and paying, on the one road: asked, shown, approved, undone."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from agents.watchers import WATCHERS, run_once
from core import invoicing, ledger, parties
from core.approvals.errors import DutiesInOneHand, SecondPersonNeeded
from core.compliance import verify, verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, dunning
from core.invoicing.dunning import Level
from core.invoicing.dunning.errors import NobodyToRemind, NoLettersWaiting
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.money import Money
from core.ledger.chart import BANK, OPERATING_EXPENSE, SERVICE_REVENUE, SHARE_CAPITAL
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.errors import CannotBeUndone

TODAY = date(2026, 6, 15)
IBAN, OTHER_IBAN = "DE89370400440532013000", "FR1420041010050500013M02606"


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def post(
    engine: Engine, party: str, amount: str, *, overdue: int = 0, reference: str | None = None
) -> str:
    """Post an invoice to a customer, or a bill of a supplier, that is so many days overdue."""
    with unit_of_work(engine) as session:
        found = parties.find_party(session, party)
        buys = session.get(parties.Customer, found.id) is not None
        line = InvoiceDraftLine(
            item_id=None,
            description="work",
            quantity=Decimal(1),
            unit_price=Decimal(amount),
            discount_percent=Decimal(0),
            tax_code=None,
            account=SERVICE_REVENUE if buys else OPERATING_EXPENSE,
        )
        due_on = TODAY - timedelta(days=overdue)
        document = invoicing.post_invoice(
            session,
            kind=InvoiceKind.CUSTOMER_INVOICE if buys else InvoiceKind.SUPPLIER_BILL,
            party=found,
            lines=[line],
            origin="SO-1" if buys else "PO-1",
            posted_on=due_on - timedelta(days=30),
            due_on=due_on,
            reference=reference,
        )
        return document.number


def fund(engine: Engine, amount: str = "10000") -> None:
    with unit_of_work(engine) as session:
        money = eur(amount)
        ledger.post_entry(
            session,
            [ledger.debit(BANK, money), ledger.credit(SHARE_CAPITAL, money)],
            memo="capital",
            origin="CAPITAL",
        )
        ledger.open_bank_account(
            session, code="MAIN", name="Main", account="1010", iban="DE02120300000000202051"
        )


def give_account(engine: Engine, supplier: str, iban: str) -> None:
    with unit_of_work(engine) as session:
        parties.set_bank_account(session, parties.find_party(session, supplier), iban=iban)


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return list(answer.grid().rows)


# Reminding.


def test_a_run_is_drawn_sent_and_withdrawn_by_the_hand_of_a_person(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        fee = Level(1, 5, eur("4"))
        dunning.set_levels(session, [fee])
    number = post(shop, "Acme Bikes", "100", overdue=9)
    before = ask(shop, "auditor", "collections.show_dunning")
    assert before.sentence() == "1 document is overdue on 2026-06-15; 1 customer is to be reminded."
    assert before.sentence("zh") == "2026-06-15 逾期单据 1 张，其中需要催款的客户 1 家。"
    assert rows(before)[0][1:7] == (number, date(2026, 6, 6), 9, "100.00 EUR", 0, 1)

    drawn = propose(shop, "accountant", "collections.run_dunning")
    assert drawn.effect.lines() == [
        (
            f"dunning letter (dunning level @ 1): draft · Acme Bikes · {number} 100.00 EUR"
            " (2026-06-06) · 100.00 EUR · +4.00 EUR"
        )
    ]
    assert approve(shop, drawn, "accountant") == (
        "1 letter drawn (DUN-00001): Acme Bikes. Nothing is sent yet."
    )
    sent = propose(shop, "accountant", "collections.send_letters")
    assert sent.calls[0]["arguments"]["letters"] == ["DUN-00001"]
    lines = sent.effect.lines()
    assert "dunning letter DUN-00001: draft → sent" in lines
    [message] = [line for line in lines if "¶" in line]
    assert message.startswith("dunning letter DUN-00001: Acme Bikes · Reminder ¶ To Acme Bikes")
    assert f"¶ {number} · due 2026-06-06 · 100.00 EUR ¶ Fee: 4.00 EUR" in message
    assert sent.effect.amounts == (eur("4"),)
    assert approve(shop, sent, "accountant") == (
        "1 letter is sent: DUN-00001; they charge 4.00 EUR."
    )
    shown = ask(shop, "sales", "collections.show_letter", letter="DUN-00001")
    assert shown.sentence() == (
        "DUN-00001 to Acme Bikes, level 1, sent: it asks for 100.00 EUR,"
        " a fee of 4.00 EUR and 0.00 EUR interest."
    )
    assert ask(shop, "sales", "collections.list_letters").sentence() == (
        "1 dunning letter, of which 0 to be sent."
    )

    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), sent.id)
    assert "dunning letter DUN-00001: sent → cancelled · undo" in undo.effect.lines()
    approve(shop, undo, "accountant")
    with reading(shop) as session:
        assert verify(session) == []


def test_a_run_is_undone_and_an_empty_one_is_refused(shop: Engine) -> None:
    with pytest.raises(NobodyToRemind):
        propose(shop, "accountant", "collections.run_dunning")
    with pytest.raises(NoLettersWaiting):
        propose(shop, "accountant", "collections.send_letters")
    post(shop, "Acme Bikes", "100", overdue=9)
    post(shop, "Nordwind", "50", overdue=30)
    drawn = propose(shop, "accountant", "collections.run_dunning", customer="Nordwind")
    approve(shop, drawn)

    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), drawn.id)
    assert undo.effect.lines() == ["dunning letter DUN-00001: draft → cancelled · undo"]
    approve(shop, undo)

    with pytest.raises(CannotBeUndone, match="next run"):
        TOOLBOX.undo(shop, as_person(shop, "accountant"), undo.id)
    with pytest.raises(NotPermitted):
        propose(shop, "warehouse", "collections.run_dunning")


def test_a_disputed_invoice_is_blocked_and_free_again(shop: Engine) -> None:
    number = post(shop, "Acme Bikes", "100", overdue=9)
    blocked = propose(
        shop,
        "sales",
        "collections.block_dunning",
        invoice=number,
        disputed=True,
        because="wrong goods",
    )
    assert blocked.effect.lines() == [
        f"customer invoice {number} (reminding): active → disputed · wrong goods"
    ]
    assert approve(shop, blocked, "sales") == f"{number} is not reminded any more."
    assert rows(ask(shop, "sales", "collections.show_dunning"))[0][-1] == "disputed"

    undo = TOOLBOX.undo(shop, as_person(shop, "sales"), blocked.id)
    assert approve(shop, undo, "sales") == f"{number} is reminded again."
    again = TOOLBOX.undo(shop, as_person(shop, "sales"), undo.id)
    approve(shop, again, "sales")


def test_a_level_is_set_and_put_back(shop: Engine) -> None:
    level = propose(
        shop, "accountant", "collections.set_dunning_level", level=2, fee="5", interest_percent="9"
    )
    assert level.effect.lines() == [
        (
            "dunning level: 1 · 5 d | 2 · 20 d · +7 d | 3 · 40 d · +7 d"
            " → 1 · 5 d | 2 · 20 d · +7 d · 5.00 EUR · 9 % p. a. | 3 · 40 d · +7 d"
        )
    ]
    approve(shop, level, "accountant")
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), level.id)
    approve(shop, undo, "accountant")

    listed = ask(shop, "auditor", "collections.list_dunning_levels")
    assert listed.sentence() == "3 dunning levels, after 5, 20, 40 days overdue."
    assert [str(row[3]) for row in rows(listed)] == ["0.00", "0.00", "0.00"]
    fourth = propose(shop, "accountant", "collections.set_dunning_level", level=4, overdue_days=60)
    approve(shop, fourth, "accountant")
    with pytest.raises(CannotBeUndone):
        TOOLBOX.undo(shop, as_person(shop, "accountant"), fourth.id)


def test_a_statement_is_shown_to_whom_it_concerns(shop: Engine) -> None:
    post(shop, "Acme Bikes", "100", overdue=9)
    post(shop, "Nordwind", "7")
    post(shop, "Lumen & Co", "40", overdue=1)

    said = ask(shop, "sales", "collections.show_statement", party="Acme Bikes")
    assert said.sentence() == (
        "What Acme Bikes owes us (2026-03-17 – 2026-06-15): 0.00 EUR → 100.00 EUR,"
        " 100.00 EUR of it overdue."
    )
    assert said.sentence("zh").startswith("Acme Bikes 对账单（2026-03-17")
    assert [row[-1] for row in rows(said)] == ["0.00 EUR", "100.00 EUR", "100.00 EUR"]
    own = ask(shop, "customer", "collections.show_statement", party="Nordwind")
    assert own.sentence() == said.sentence()
    ours = ask(shop, "accountant", "collections.show_statement", party="Lumen & Co")
    assert "is owed by us" in ours.sentence()
    with pytest.raises(NotPermitted):
        ask(shop, "service", "collections.show_statement", party="Lumen & Co")
    nothing = ask(shop, "accountant", "collections.show_statement", party="Shades")
    assert "nothing is open" in nothing.sentence()


def test_what_is_due_on_a_day_is_told_with_its_reasons(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        dunning.set_levels(session, [Level(1, 5, eur("4"), Decimal(10))])
    number = post(shop, "Acme Bikes", "1000", overdue=10)
    theirs = post(shop, "Nordwind", "7")

    said = ask(shop, "customer", "collections.show_amount_due", number=number)
    assert said.sentence() == (
        f"{number} costs 1,006.74 EUR on 2026-06-15;"
        " 1,000.00 EUR is open (2.74 EUR interest, 4.00 EUR fee)."
    )
    for who, what in (("customer", theirs), ("service", post(shop, "Lumen & Co", "40"))):
        with pytest.raises(DomainError, match="There is no invoice"):
            ask(shop, who, "collections.show_amount_due", number=what)


# Paying.


def test_what_to_pay_becomes_an_order_that_two_people_carry_out(shop: Engine) -> None:
    fund(shop)
    give_account(shop, "Lumen & Co", IBAN)
    bill = post(shop, "Lumen & Co", "100", overdue=1, reference="L-1")
    left_out = post(shop, "Shades Ltd", "30")
    said = ask(shop, "auditor", "paying.propose_payments")
    assert said.sentence() == "Pay 2 bills until 2026-06-22: 130.00 EUR."
    assert said.sentence("zh") == "建议在 2026-06-22 前支付 2 张账单，共 130.00 EUR。"

    prepared = propose(shop, "accountant", "paying.prepare_order", without=[left_out])
    assert prepared.effect.lines() == [
        "payment order: draft · 100.00 EUR · 1010 Bank · 2026-06-15",
        f"supplier bill {bill} (to be paid): 100.00 EUR · Lumen & Co · DE89 3704 0044 0532 0130 00",
        "bank account S-00002: account new since · 2026-06-15 (Lumen & Co)",
    ]
    approve(shop, prepared, "accountant")
    released = propose(shop, "accountant", "paying.approve_order", order="PMO-00001")
    assert released.effect.amounts == (eur("100"),)
    approve(shop, released, "manager")

    paid = propose(shop, "accountant", "paying.execute_order", order="PMO-00001")
    lines = paid.effect.lines()
    assert "payment order PMO-00001: approved → done" in lines
    assert "bank account 1010 Bank (balance): 10,000.00 EUR → 9,900.00 EUR" in lines
    assert f"supplier bill {bill}: open → paid · 100.00 EUR → 0.00 EUR" in lines
    assert "credit 1010 Bank: 100.00 EUR" in lines
    manager = as_person(shop, "manager")
    assert TOOLBOX.look(shop, manager, paid.id).why_not() == (
        'You approved the step "pay" of PMO-00001 yourself, so "carry out the payment" is for'
        " somebody else."
    )
    with pytest.raises(DutiesInOneHand):
        TOOLBOX.decide(shop, manager, paid.id, "approve", seen=paid.digest)
    assert approve(shop, paid, "accountant") == (
        "Payment order PMO-00001 is done: 1 bill, 100.00 EUR."
    )
    assert ask(shop, "auditor", "paying.list_orders").sentence() == (
        "1 payment order, of which 0 not carried out yet."
    )
    with pytest.raises(CannotBeUndone, match="money has left"):
        TOOLBOX.undo(shop, as_person(shop, "accountant"), paid.id)

    made = propose(shop, "accountant", "paying.make_bank_file", order="PMO-00001")
    [line] = made.effect.lines()
    assert line.startswith("bank file PMO-00001.xml: 100.00 EUR · 1 × (sha256 ")
    approve(shop, made, "accountant")
    one, other = (
        ask(shop, "auditor", "paying.show_bank_file", order="PMO-00001") for _ in range(2)
    )
    assert one == other
    assert one.sha256 == hashlib.sha256(one.content.encode()).hexdigest()  # type: ignore[attr-defined]
    with reading(shop) as session:
        assert verify(session) == []


def test_who_booked_added_or_changed_something_does_not_release_it(shop: Engine) -> None:
    fund(shop)
    added = propose(shop, "buyer", "parties.add_supplier", name="Fresh Ltd")
    approve(shop, added, "manager")
    changed = propose(
        shop, "accountant", "paying.set_bank_account", supplier="Fresh Ltd", iban=IBAN
    )
    assert changed.effect.lines() == [
        "bank account S-00004: – → DE89 3704 0044 0532 0130 00 · Fresh Ltd · Fresh Ltd"
    ]
    # Who added the supplier does not say where its money goes.
    with pytest.raises(DutiesInOneHand, match="add the supplier"):
        approve(shop, changed, "manager")
    approve(shop, changed, "accountant")
    verified = propose(shop, "manager", "paying.verify_bank_account", supplier="Fresh Ltd")
    with pytest.raises(DutiesInOneHand, match="change the bank account"):
        approve(shop, verified, "accountant")
    approve(shop, verified, "manager")
    post(shop, "Fresh Ltd", "50")
    approve(shop, propose(shop, "accountant", "paying.prepare_order"), "accountant")
    released = propose(shop, "accountant", "paying.approve_order", order="PMO-00001")

    for who in ("manager", "accountant"):
        with pytest.raises(DutiesInOneHand):
            approve(shop, released, who)

    approve(shop, released, "manager2")
    with unit_of_work(shop) as session:
        assert verify(session) == []
        session.execute(
            text(
                "INSERT INTO duty_done SELECT \"case\", 'execute', human, proposal_id,"
                " gen_random_uuid(), created_at FROM duty_done WHERE \"case\" = 'PMO-00001'"
            )
        )
        [finding] = verify_books(session)
        assert finding.subject == "PMO-00001"
        assert finding.problem == "manager2 approved execute, pay"


def test_an_account_is_shown_before_and_after_and_put_back(shop: Engine) -> None:
    give_account(shop, "Lumen & Co", IBAN)
    changed = propose(
        shop, "accountant", "paying.set_bank_account", supplier="lumen", iban=OTHER_IBAN
    )
    assert changed.effect.lines() == [
        (
            "bank account S-00002: DE89 3704 0044 0532 0130 00 → FR14 2004 1010 0505 0001 3M02 606"
            " · Lumen & Co · Lumen & Co"
        )
    ]
    said = approve(shop, changed, "accountant")
    assert said.startswith("Lumen & Co is paid to FR14 2004 1010 0505 0001 3M02 606 since")
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), changed.id)
    approve(shop, undo, "accountant")
    shown = ask(shop, "auditor", "paying.show_bank_account", supplier="lumen")
    assert [row[0][:4] for row in rows(shown)] == ["DE89", "FR14", "DE89"]

    first = propose(shop, "accountant", "paying.set_bank_account", supplier="shades", iban=IBAN)
    approve(shop, first, "accountant")
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), first.id)
    assert approve(shop, undo, "accountant") == "No bank account of Shades Ltd is known."
    assert TOOLBOX.tools["paying.set_bank_account"].sensitive


def test_a_bill_on_an_order_is_changed_and_the_order_cancelled(shop: Engine) -> None:
    fund(shop)
    a, b = post(shop, "Lumen & Co", "100"), post(shop, "Shades Ltd", "30")
    prepared = propose(
        shop, "accountant", "paying.prepare_order", bills=[{"bill": a, "amount": "60"}, {"bill": b}]
    )
    approve(shop, prepared, "accountant")
    changed = propose(shop, "accountant", "paying.change_order", order="PMO-00001", bill=b)
    assert changed.effect.lines() == [
        f"payment order PMO-00001 (to be paid @ {b}): 30.00 EUR → left out · = 60.00 EUR"
    ]
    approve(shop, changed, "accountant")
    released = propose(shop, "accountant", "paying.approve_order", order="PMO-00001")
    approve(shop, released, "manager")

    undo = TOOLBOX.undo(shop, as_person(shop, "manager"), released.id)

    assert undo.effect.lines() == ["payment order PMO-00001: approved → cancelled · undo"]
    approve(shop, undo, "manager")
    priority = propose(shop, "accountant", "paying.set_priority", supplier="Lumen & Co", priority=2)
    assert priority.effect.lines() == ["supplier S-00002 (payment priority): 5 → 2 · Lumen & Co"]
    approve(shop, priority, "accountant")
    undo = TOOLBOX.undo(shop, as_person(shop, "accountant"), priority.id)
    approve(shop, undo, "accountant")


def test_a_large_order_needs_somebody_who_may_release_as_much(shop: Engine) -> None:
    fund(shop, "90000")
    post(shop, "Lumen & Co", "60000")
    approve(shop, propose(shop, "accountant", "paying.prepare_order"), "accountant")
    released = propose(shop, "accountant", "paying.approve_order", order="PMO-00001")

    accountant = as_person(shop, "accountant")
    with pytest.raises(DomainError, match="you may approve up to"):
        TOOLBOX.decide(shop, accountant, released.id, "approve", seen=released.digest)
    approve(shop, released, "manager")
    asked = propose(shop, "manager2", "paying.execute_order", order="PMO-00001")
    with pytest.raises(SecondPersonNeeded):
        approve(shop, asked, "manager2")


def test_two_that_approve_one_execution_at_once_pay_once(
    shop: Engine, at_once: Callable[..., list[object]]
) -> None:
    fund(shop)
    post(shop, "Lumen & Co", "100")
    approve(shop, propose(shop, "accountant", "paying.prepare_order"), "accountant")
    approve(shop, propose(shop, "accountant", "paying.approve_order", order="PMO-00001"), "manager")
    paid = propose(shop, "allrounder", "paying.execute_order", order="PMO-00001")

    def work(place: int) -> object:
        person = as_person(shop, ("accountant", "manager2")[place])
        return TOOLBOX.decide(shop, person, paid.id, "approve", seen=paid.digest).state

    outcomes = at_once(work, 2)

    assert sum(outcome == "executed" for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
    with reading(shop) as session:
        assert ledger.balance(session, BANK) == eur("9900")
        assert verify(session) == []


# Bills that look alike, and what watchers make of it.


def test_a_bill_that_looks_like_another_is_suggested_to_be_held(shop: Engine) -> None:
    first = post(shop, "Lumen & Co", "100", reference="L-0042")
    assert run_once(shop, TOOLBOX, WATCHERS) == []
    second = post(shop, "Lumen & Co", "100", reference="l 42")

    found = ask(shop, "buyer", "paying.find_duplicates", supplier="lumen")
    assert found.sentence() == "1 pair of bills looks alike."
    assert rows(found)[0][:4] == (second, first, "S-00002 Lumen & Co", "same number")

    [opened] = run_once(shop, TOOLBOX, WATCHERS)
    shown = TOOLBOX.look(shop, as_person(shop, "accountant"), opened)
    assert shown.asked_by == "duplicates"
    assert shown.reason["rule"] == "bills that look alike"
    assert shown.effect.lines() == [
        f"supplier bill {second} (paying): active → blocked · {first}: same_number"
    ]
    approve(shop, shown, "accountant")
    assert run_once(shop, TOOLBOX, WATCHERS) == []


def test_a_suggestion_lapses_when_the_other_bill_is_taken_back(shop: Engine) -> None:
    post(shop, "Lumen & Co", "100", reference="L-0042")
    second = post(shop, "Lumen & Co", "100", reference="l 42")
    [opened] = run_once(shop, TOOLBOX, WATCHERS)

    with unit_of_work(shop) as session:
        invoicing.credit_invoice(session, second, because="twice")

    assert run_once(shop, TOOLBOX, WATCHERS) == []
    assert TOOLBOX.look(shop, as_person(shop, "accountant"), opened).state == "withdrawn"


def test_an_overdue_customer_is_suggested_to_be_reminded(shop: Engine) -> None:
    number = post(shop, "Acme Bikes", "100", overdue=9)

    [opened] = run_once(shop, TOOLBOX, WATCHERS)

    shown = TOOLBOX.look(shop, as_person(shop, "accountant"), opened)
    assert (shown.asked_by, shown.reason["rule"]) == ("overdue", "overdue invoices")
    assert shown.reason["facts"]["documents"] == number
    assert shown.calls == [
        {"tool": "collections.run_dunning", "arguments": {"customer": "C-00001"}}
    ]
    with unit_of_work(shop) as session:
        acme = parties.find_customer(session, "Acme Bikes").party
        invoicing.post_payment(
            session, kind=invoicing.PaymentKind.CUSTOMER_PAYMENT, party=acme, amount=eur("100")
        )
    assert run_once(shop, TOOLBOX, WATCHERS) == []
    assert TOOLBOX.look(shop, as_person(shop, "accountant"), opened).state == "withdrawn"
