"""Lines of the bank and the books come to agree, and every way back works."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify, verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind, TermDraft, banking
from core.invoicing.banking import Certainty, For, Gap, Imported
from core.invoicing.banking.errors import (
    DocumentsOfSeveral,
    LineMatched,
    MatchUndone,
    MoreThanLine,
    NoStatementYet,
    NotOnThisAccount,
    OtherWay,
    ReturnStays,
    RuleRemoved,
    RuleTooWide,
    StatementMatched,
    WhatFor,
)
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger.chart import (
    BANK,
    BANK_FEES,
    DISCOUNT_ALLOWED,
    RENT,
    REVENUE,
    ROUNDING,
    TAX_INPUT,
    TRANSFERS_IN_TRANSIT,
)
from core.ledger.errors import KeptByDocuments
from core.parties import Party
from tests.conftest import TODAY, Databases
from tests.core.shop import eur

IBAN, SAVINGS = "DE02120300000000202051", "DE89370400440532013000"
ACME_IBAN = "FR7630006000011234567890189"


@dataclass(frozen=True)
class World:
    session: Session
    acme: Party
    lumen: Party

    def bill(self, amount: str, party: Party | None = None, **more: object) -> str:
        """Post an invoice to Acme, or a bill of Lumen, and return its number."""
        who = party or self.acme
        kind = InvoiceKind.CUSTOMER_INVOICE if who is self.acme else InvoiceKind.SUPPLIER_BILL
        line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(amount), Decimal(0), None, REVENUE)
        arguments = {"posted_on": TODAY - timedelta(days=20), **more}
        posted = invoicing.post_invoice(
            self.session, kind=kind, party=who, lines=[line], origin="any", **arguments
        )
        return posted.number

    def bill_of(self, party: Party, amount: str) -> str:
        """Post an invoice to another customer."""
        line = InvoiceDraftLine(None, "x", Decimal(1), Decimal(amount), Decimal(0), None, REVENUE)
        posted = invoicing.post_invoice(
            self.session, kind=InvoiceKind.CUSTOMER_INVOICE, party=party, lines=[line], origin="any"
        )
        return posted.number

    def bank(self, *lines: tuple[str, str, str, str], account: str = "MAIN") -> list[str]:
        """Import lines of (amount, text, counterparty, IBAN), and return their numbers."""
        rows = ["Date,Amount,Description,Counterparty,IBAN"]
        rows += [f'{TODAY},{amount},{said},"{who}",{iban}' for amount, said, who, iban in lines]
        [done] = self.imported("\n".join(rows), account)
        return [line.number for line in banking.list_lines(self.session, statement=done.statement)]

    def imported(self, content: str, account: str = "MAIN") -> list[Imported]:
        return banking.import_statement(self.session, content.encode(), bank_account=account)

    def proposed(self, number: str) -> banking.Proposal:
        [(_, found)] = banking.propose_matches(self.session, numbers=[number])
        return found

    def open_of(self, number: str) -> str:
        return str(
            invoicing.invoice_view(self.session, invoicing.find_invoice(self.session, number)).open
        )

    def on(self, account: str) -> str:
        return str(ledger.balance(self.session, account).amount)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    acme = parties.add_customer(session, name="Acme Bikes GmbH", name_zh="艾克米自行车有限公司")
    lumen = parties.add_supplier(session, name="Lumen & Co")
    ledger.open_bank_account(session, code="MAIN", name="Main account", account="1010", iban=IBAN)
    ledger.open_account(
        session, code="1020", name="Savings", name_zh="储蓄", kind=ledger.AccountKind.ASSET
    )
    ledger.open_bank_account(session, code="SAVE", name="Savings", account="1020", iban=SAVINGS)
    yield World(session, acme.party, lumen.party)
    assert verify_books(session) == []


def test_a_line_that_names_its_invoice_is_a_payment_and_undone_as_if_it_never_was(
    world: World,
) -> None:
    invoice = world.bill("119")
    [line] = world.bank(("119.00", f"Payment {invoice}", "ACME BIKES", ACME_IBAN))

    proposal = world.proposed(line)
    match = banking.carry_out(world.session, proposal)

    assert (proposal.purpose, proposal.certainty) == (For.DOCUMENTS, Certainty.CERTAIN)
    assert proposal.because() == f"names {invoice}"
    assert proposal.because("zh") == f"提及 {invoice}"
    assert (world.open_of(invoice), world.on(BANK)) == ("0.00 EUR", "119.00")
    assert verify_books(world.session) == []
    with pytest.raises(LineMatched, match=match.number):
        banking.carry_out(world.session, proposal)

    banking.undo_match(world.session, match.number, because="wrong")

    assert (world.open_of(invoice), world.on(BANK)) == ("119.00 EUR", "0.00")
    assert world.proposed(line) == proposal
    with pytest.raises(MatchUndone):
        banking.undo_match(world.session, match.number, because="twice")


def test_one_line_pays_several_invoices_and_what_is_more_stays_a_credit(world: World) -> None:
    first, second = world.bill("100"), world.bill("60")
    [line] = world.bank(("170.00", "for all", "Acme Bikes GmbH", ACME_IBAN))
    proposal = world.proposed(line)
    assert (proposal.purpose, proposal.certainty) == (For.ON_ACCOUNT, Certainty.ASK)

    match = banking.settle_line(world.session, line, documents=[(first, None), (second, None)])

    assert [world.open_of(each) for each in (first, second)] == ["0.00 EUR", "0.00 EUR"]
    [credit] = invoicing.list_open_items(world.session, direction=invoicing.Direction.RECEIVABLE)
    assert str(credit.open) == "-10.00 EUR"
    # The account that it came from is known from now on.
    third = world.bill("44")
    [later] = world.bank(("44.00", "no words", "?", ACME_IBAN))
    assert world.proposed(later).certainty is Certainty.CERTAIN
    banking.undo_match(world.session, match.number, because="not so")
    assert world.proposed(later).certainty is Certainty.LIKELY
    assert world.open_of(third) == "44.00 EUR"


def test_a_party_alone_pays_what_is_due_first_and_a_part_of_a_line_is_enough(world: World) -> None:
    late = world.bill("80", due_on=TODAY - timedelta(days=9))
    later = world.bill("50", due_on=TODAY + timedelta(days=9))
    [line] = world.bank(("100.00", "on account", "A.", ""))

    banking.settle_line(world.session, line, party=world.acme, amount=eur("90"))

    assert [world.open_of(each) for each in (late, later)] == ["0.00 EUR", "40.00 EUR"]
    [view] = banking.list_lines(world.session, open_only=True)
    assert (str(view.left), view.matches[0][:3]) == ("10.00 EUR", "BM-")
    with pytest.raises(MoreThanLine, match=r"Only 10.00 EUR of .* and not 11.00 EUR"):
        banking.book_line(world.session, line, account="4900", amount=eur("11"))
    banking.settle_line(world.session, line, party=world.acme, on_account=True)
    assert world.open_of(later) == "40.00 EUR"
    assert banking.list_lines(world.session, open_only=True) == []


@pytest.mark.parametrize(
    ("amount", "cause", "account", "booked"),
    [
        ("117.60", Gap.ROUNDING, ROUNDING, "0.02"),
        ("115.27", Gap.DISCOUNT, DISCOUNT_ALLOWED, "2.35"),
        ("117.00", Gap.WRITE_OFF, "6110", "0.62"),
    ],
)
def test_what_is_less_for_a_reason_settles_all_of_it_and_undoes_with_the_rest(
    world: World, amount: str, cause: Gap, account: str, booked: str
) -> None:
    terms = [TermDraft(after_days=30, discount_percent=Decimal(2), discount_days=30)]
    invoicing.add_terms(world.session, code="2-30", name="2 %", lines=terms)
    agreed = {"term_code": "2-30"} if cause is Gap.DISCOUNT else {}
    invoice = world.bill("117.62", **agreed)
    banking.add_rule(world.session, account="6110", settles=True, tolerance=eur("1"))
    [line] = world.bank((amount, invoice, "Acme", ""))

    proposal = world.proposed(line)
    match = banking.carry_out(world.session, proposal)

    assert (proposal.cause, proposal.certainty) == (cause, Certainty.CERTAIN)
    assert world.open_of(invoice) == "0.00 EUR"
    assert (world.on(account), world.on(BANK)) == (booked, amount)
    hits = [rule.hits for rule in banking.list_rules(world.session)]
    assert hits == [1 if cause is Gap.WRITE_OFF else 0]

    banking.undo_match(world.session, match.number, because="wrong")
    assert world.open_of(invoice) == "117.62 EUR"
    assert (world.on(account), world.on(BANK)) == ("0.00", "0.00")


def test_a_fee_is_booked_with_the_payment_that_it_was_kept_of(world: World) -> None:
    bill = world.bill("100", world.lumen)
    [line] = world.bank(("-101.50", bill, "Lumen", ""))

    banking.settle_line(world.session, line, documents=[(bill, None)], fee=eur("1.50"))

    assert (world.open_of(bill), world.on(BANK), world.on(BANK_FEES)) == (
        "0.00 EUR",
        "-101.50",
        "1.50",
    )


def test_a_rule_books_with_tax_and_can_be_removed(world: World) -> None:
    ledger.add_tax_code(world.session, code="V19", name="19 %", name_zh="19 %", percent=Decimal(19))
    rule = banking.add_rule(
        world.session,
        account="energy",
        contains="Power",
        way=banking.Way.OUT,
        tax="V19",
        memo="kWh",
    )
    [line, other] = world.bank(("-119.00", "POWER June", "Works", ""), ("5.00", "power", "x", ""))

    proposal = world.proposed(line)
    match = banking.carry_out(world.session, proposal)

    assert (proposal.purpose, proposal.target, proposal.rule) == (For.RULE, "6060", rule.number)
    assert (world.on("6060"), world.on(TAX_INPUT), world.on(BANK)) == ("100.00", "19.00", "-119.00")
    assert world.proposed(other).purpose is For.NOTHING
    [view] = banking.list_rules(world.session)
    assert (view.hits, view.looks) == (1, "“Power” · out")
    banking.undo_match(world.session, match.number, because="wrong")
    assert (world.on("6060"), world.on(TAX_INPUT), world.on(BANK)) == ("0.00", "0.00", "0.00")
    banking.remove_rule(world.session, rule.number)
    assert world.proposed(line).purpose is For.NOTHING
    with pytest.raises(RuleRemoved):
        banking.remove_rule(world.session, rule.number)
    with pytest.raises(RuleTooWide):
        banking.add_rule(world.session, account="6030")
    with pytest.raises(KeptByDocuments):
        banking.add_rule(world.session, account="1100", contains="x")


def test_what_is_in_the_books_already_is_linked_and_not_posted_again(world: World) -> None:
    invoice = world.bill("119")
    payment = invoicing.post_payment(
        world.session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=world.acme,
        amount=eur("119"),
        paid_on=TODAY - timedelta(days=2),
    )
    entry = ledger.post_entry_by_hand(
        world.session,
        [ledger.debit(RENT, eur("900")), ledger.credit(BANK, eur("900"))],
        memo="rent",
    )
    came, rent = world.bank(
        ("119.00", f"for {invoice}", "Acme", ""), ("-900.00", "landlord", "Someone", "")
    )

    proposals = [world.proposed(each) for each in (came, rent)]
    matches = [banking.carry_out(world.session, each) for each in proposals]

    assert [(each.purpose, each.certainty) for each in proposals] == [
        (For.BOOKED, Certainty.CERTAIN),
        (For.BOOKED, Certainty.LIKELY),
    ]
    assert [part.number for each in proposals for part in each.parts] == [
        payment.number,
        entry.number,
    ]
    assert world.on(BANK) == "-781.00"
    banking.undo_match(world.session, matches[0].number, because="?")
    assert (world.open_of(invoice), world.on(BANK)) == ("0.00 EUR", "-781.00")
    with pytest.raises(NotOnThisAccount, match="has nothing left"):
        banking.link_line(world.session, came, [(entry.number, None)])


def test_several_lines_are_one_payment_and_one_line_is_several(world: World) -> None:
    def pay(amount: str) -> str:
        return invoicing.post_payment(
            world.session, kind=PaymentKind.SUPPLIER_PAYMENT, party=world.lumen, amount=eur(amount)
        ).number

    whole, first, second = pay("100"), pay("30"), pay("20")
    part, rest, both = world.bank(
        ("-60.00", whole, "Lumen", ""), ("-40.00", whole, "Lumen", ""), ("-50.00", "x", "Lumen", "")
    )

    banking.link_line(world.session, part, [(whole, None)])
    banking.link_line(world.session, rest, [(whole, None)])
    banking.link_line(world.session, both, [(first, None), (second, None)])

    assert banking.list_lines(world.session, open_only=True) == []
    account = ledger.bank_account_named(world.session, "MAIN")
    report = banking.reconcile(world.session, account)
    assert (str(report.bank), str(report.books)) == ("-150.00 EUR", "-150.00 EUR")
    assert (report.explanations, report.reconciled_until) == ((), TODAY)


def test_both_sides_of_a_transfer_meet_in_transit(world: World) -> None:
    [out] = world.bank(("-500.00", "to savings", "Us", SAVINGS))
    [back] = world.bank(("500.00", "from main", "Us", IBAN), account="SAVE")

    for line in (out, back):
        proposal = world.proposed(line)
        assert (proposal.purpose, proposal.certainty) == (For.TRANSFER, Certainty.CERTAIN)
        banking.carry_out(world.session, proposal)
        assert world.on(TRANSFERS_IN_TRANSIT) == ("500.00" if line == out else "0.00")

    assert (world.on(BANK), world.on("1020")) == ("-500.00", "500.00")


def test_a_payment_that_came_back_is_reversed_and_its_line_matched_with_that(world: World) -> None:
    invoice = world.bill("119")
    came, back = world.bank(
        ("119.00", invoice, "Acme", ""), ("-119.00", "returned direct debit", "Acme", "")
    )
    paid = banking.carry_out(world.session, world.proposed(came))
    number = banking.list_lines(world.session)[0].matches[0].split()[1]

    match = banking.return_line(world.session, back, number, because="no funds")

    assert (world.open_of(invoice), world.on(BANK)) == ("119.00 EUR", "0.00")
    assert banking.list_lines(world.session, open_only=True) == []
    with pytest.raises(ReturnStays):
        banking.undo_match(world.session, match.number, because="x")
    # The first one may still be unlinked: it was reversed, and is not reversed again.
    banking.undo_match(world.session, paid.number, because="x")


def test_a_line_in_another_currency_settles_by_what_the_bank_made_of_it(world: World) -> None:
    ledger.set_rate(
        world.session, "USD", valid_from=date(2026, 1, 1), foreign_units=Decimal("1.25")
    )
    invoice = world.bill("100", currency="USD")
    [line] = world.bank(("78.00", invoice, "Acme", ""))
    proposal = world.proposed(line)
    assert (proposal.certainty, proposal.because()) == (
        Certainty.LIKELY,
        f"names {invoice}, in another currency 100.00 USD, partial payment",
    )

    banking.carry_out(world.session, proposal)

    # It was carried at 80.00, and 78.00 came.
    assert (world.open_of(invoice), world.on(BANK)) == ("0.00 USD", "78.00")
    assert world.on("6800") == "2.00"


def test_what_does_not_belong_to_a_line_is_refused_and_changes_nothing(world: World) -> None:
    invoice, bill = world.bill("119"), world.bill("80", world.lumen)
    other = parties.add_customer(world.session, name="Globex").party
    foreign = world.bill_of(other, "5")
    [line] = world.bank(("118.00", "x", "y", ""))

    def refused(refusal: type[Exception], **what: object) -> None:
        with pytest.raises(refusal):
            banking.settle_line(world.session, line, **what)  # type: ignore[arg-type]

    refused(OtherWay, documents=[(bill, None)])
    refused(DocumentsOfSeveral, documents=[(invoice, None), (foreign, None)])
    refused(WhatFor)
    refused(MoreThanLine, documents=[(invoice, None)], amount=eur("-1"))
    with pytest.raises(KeptByDocuments):
        banking.book_line(world.session, line, account="1100")
    with pytest.raises(WhatFor):
        banking.carry_out(world.session, world.proposed(line))
    assert (world.on(BANK), world.open_of(invoice)) == ("0.00", "119.00 EUR")


def test_a_statement_that_is_matched_is_not_voided(world: World) -> None:
    [done] = world.imported(f"Date,Amount,Description\n{TODAY},5.00,interest")
    [line] = banking.list_lines(world.session)
    match = banking.book_line(world.session, line.number, account="4900")

    with pytest.raises(StatementMatched, match=line.number):
        banking.void_statement(world.session, done.statement.number, because="x")
    banking.undo_match(world.session, match.number, because="x")
    banking.void_statement(world.session, done.statement.number, because="x")

    assert banking.list_lines(world.session) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            """INSERT INTO bank_match_part SELECT match_id, line_id, entry_id, 1, false,
            gen_random_uuid(), now() FROM bank_match_part""",
            "uq_bank_match_part_pair|matched by more",
        ),
        ("UPDATE bank_match_part SET amount_minor = 1", "it stays"),
        ("UPDATE bank_match SET because = 'x', undone = true", "it stays"),
        ("UPDATE bank_line SET voided = true", "that is matched counts"),
        (
            """INSERT INTO bank_match_part SELECT match_id, line_id, (SELECT id FROM journal_entry
            WHERE memo = 'other'), amount_minor, false, gen_random_uuid(), now()
            FROM bank_match_part""",
            "matched by more than it is",
        ),
    ],
)
def test_the_database_refuses_what_would_be_matched_twice(
    world: World, statement: str, said: str
) -> None:
    [line] = world.bank(("5.00", "interest", "", ""))
    banking.book_line(world.session, line, account="4900")
    lines = [ledger.debit(BANK, eur("5")), ledger.credit("4900", eur("5"))]
    ledger.post_entry_by_hand(world.session, lines, memo="other")

    with pytest.raises(DatabaseError, match=said), world.session.begin_nested():
        world.session.execute(text(statement))


def test_two_who_match_the_same_line_at_once_match_it_once(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        ledger.open_bank_account(session, code="MAIN", name="Main", account="1010")
        banking.import_statement(session, f"Date,Amount\n{TODAY},5.00".encode())
        [line] = banking.list_lines(session)

    def book(_place: int) -> str:
        with unit_of_work(founded) as session:
            return banking.book_line(session, line.number, account="4900").number

    outcomes = at_once(book, 3)

    assert sorted(isinstance(each, LineMatched) for each in outcomes) == [False, True, True]
    with reading(founded) as session:
        assert verify(session) == []
        assert str(ledger.balance(session, BANK).amount) == "5.00"


def test_the_difference_is_explained_on_any_day(world: World) -> None:
    account = ledger.bank_account_named(world.session, "MAIN")
    with pytest.raises(NoStatementYet):
        banking.reconcile(world.session, account)
    early = [ledger.debit(BANK, eur("300")), ledger.credit("3900", eur("300"))]
    before = TODAY - timedelta(days=30)
    ledger.post_entry_by_hand(world.session, early, memo="opening", posted_on=before)
    rows = [f"{TODAY - timedelta(days=2)},-40.00,fee,260.00", f"{TODAY},25.00,interest,285.00"]
    world.imported("\n".join(["Date,Amount,Description,Balance", *rows]))
    fee, interest = (line.number for line in banking.list_lines(world.session))
    rent = [ledger.debit(RENT, eur("90")), ledger.credit(BANK, eur("90"))]
    paid = ledger.post_entry_by_hand(world.session, rent, memo="rent")
    gone = ledger.post_entry_by_hand(world.session, rent, memo="twice")
    ledger.reverse_entry_by_hand(world.session, gone.number, because="twice")
    banking.book_line(world.session, fee, account="6030")

    report = banking.reconcile(world.session, account)

    assert (str(report.bank), str(report.books), str(report.difference)) == (
        "285.00 EUR",
        "170.00 EUR",
        "-115.00 EUR",
    )
    assert [(each.cause, each.number, str(each.amount)) for each in report.explanations] == [
        ("only_at_bank", interest, "-25.00 EUR"),
        ("only_in_books", paid.number, "-90.00 EUR"),
    ]
    assert report.reconciled_until == TODAY - timedelta(days=1)
    earlier = banking.reconcile(world.session, account, TODAY - timedelta(days=1))
    assert (str(earlier.bank), str(earlier.difference)) == ("260.00 EUR", "0.00 EUR")
    banking.book_line(world.session, interest, account="4900")
    assert str(banking.reconcile(world.session, account).difference) == "-90.00 EUR"
    with pytest.raises(NoStatementYet):
        banking.reconcile(world.session, account, before)


steps = st.lists(
    st.tuples(
        st.sampled_from(["propose", "book", "settle", "undo", "pay", "link"]),
        st.integers(0, 5),
        st.integers(1, 40),
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def books(databases: Databases) -> Engine:
    """One database for the property; each example rehearses, so nothing stays."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        acme = parties.add_customer(session, name="Acme Bikes GmbH")
        lumen = parties.add_supplier(session, name="Lumen & Co")
        ledger.open_bank_account(session, code="MAIN", name="Main", account="1010", iban=IBAN)
        world = World(session, acme.party, lumen.party)
        for amount in ("10", "20", "30"):
            world.bill(amount)
        lines = [("10", "INV-1"), ("50", "x"), ("-5", "fee"), ("20", "Acme Bikes"), ("7", "?")]
        world.bank(*((amount, said, "", "") for amount, said in lines))
    return engine


@settings(max_examples=15, deadline=None)
@given(steps)
def test_whatever_is_matched_and_undone_the_difference_is_explained(
    books: Engine, done: list[tuple[str, int, int]]
) -> None:
    with rehearsal(books) as session:
        numbers = [line.number for line in banking.list_lines(session)]
        before = banking.propose_matches(session)
        made: list[str] = []
        for step, place, minor in done:
            with suppress(DomainError), session.begin_nested():
                take_step(session, step, numbers[place % len(numbers)], minor, made)
        account = ledger.bank_account_named(session, "MAIN")

        assert verify_books(session) == []
        assert banking.reconcile(session, account).unexplained.minor == 0
        for view in banking.list_lines(session):
            assert abs(view.left.minor) <= abs(view.amount.minor)
        for match in reversed(made):
            banking.undo_match(session, match, because="all")
        assert {line.left for line in banking.list_lines(session)} == {
            line.amount for line, _ in before
        }
        assert verify_books(session) == []


def take_step(session: Session, step: str, line: str, minor: int, made: list[str]) -> None:
    acme = parties.find_customer(session, "Acme").party
    if step == "propose":
        for _, found in banking.propose_matches(session, numbers=[line]):
            made.append(banking.carry_out(session, found).number)
    elif step == "book":
        amount = Money(minor * 10, "EUR")
        made.append(banking.book_line(session, line, account="4900", amount=amount).number)
    elif step == "settle":
        made.append(banking.settle_line(session, line, party=acme).number)
    elif step == "undo" and made:
        banking.undo_match(session, made.pop(), because="undo")
    elif step == "pay":
        kind = PaymentKind.CUSTOMER_PAYMENT
        invoicing.post_payment(session, kind=kind, party=acme, amount=Money(minor * 100, "EUR"))
    elif step == "link":
        made.append(banking.link_line(session, line, [("RCT-1", None)]).number)
