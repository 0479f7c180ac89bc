"""Whatever is done, in whatever order: the promises hold, and a tiny model agrees."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties
from core.catalog import Item, ValuationMethod
from core.compliance import verify_books
from core.inventory import Incoming, LocationKind, Outgoing, Request, Returning
from core.inventory.errors import CountBelowReserved, CountChangesNothing, InsufficientStock
from core.inventory.valuation.timeline import Stock
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind, PaymentKind
from core.invoicing.errors import (
    AlreadyCredited,
    CreditNoteStays,
    NoCreditLeft,
    NothingToSettle,
    PaymentReversed,
)
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger import Line, Side, credit, debit
from core.ledger.chart import COST_OF_GOODS_SOLD, OPENING_BALANCE, RENT, REVENUE, SALARIES
from core.ledger.rules import excess_of_debits
from core.parties import Party

minors = st.integers(min_value=1, max_value=10**12)
quantities = st.integers(min_value=1, max_value=50)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for all properties; each example rehearses, so nothing stays."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        for sku in ("LAMP-01", "SHADE-02"):
            catalog.add_item(session, sku=sku, name=sku, standard_cost=Decimal("1.25"))
        parties.add_customer(session, name="Bluebird Ltd")
        parties.add_supplier(session, name="Lumen & Co")
        percent = Decimal("8.1")
        ledger.add_tax_code(session, code="T", name="Tax", name_zh="税", percent=percent)
    return engine


@given(st.lists(st.tuples(st.sampled_from(Side), minors), max_size=8))
def test_the_excess_is_what_is_missing_for_balance(sides: list[tuple[Side, int]]) -> None:
    lines = [Line("1010", side, Money(minor, "EUR")) for side, minor in sides]

    missing = [
        (credit if money.minor > 0 else debit)("6900", Money(abs(money.minor), "EUR"))
        for money in excess_of_debits(lines, "EUR")
    ]

    assert excess_of_debits([*lines, *missing], "EUR") == []
    assert excess_of_debits([line.reversed() for line in [*lines, *missing]], "EUR") == []


@settings(max_examples=5)
@given(st.lists(st.tuples(st.sampled_from([RENT, SALARIES, "1010"]), minors), max_size=6))
def test_whatever_is_posted_the_accounts_sum_to_zero(
    books: Engine, amounts: list[tuple[str, int]]
) -> None:
    with rehearsal(books) as session:
        debits = [debit(account, Money(minor, "EUR")) for account, minor in amounts]
        whole = Money(sum(minor for _, minor in amounts), "EUR")
        if debits:
            entry = ledger.post_entry_by_hand(
                session, [*debits, credit(REVENUE, whole)], memo="any"
            )
            assert verify_books(session) == []
            ledger.reverse_entry_by_hand(session, entry.number, because="any")

        assert all(row.debit == row.credit for row in ledger.trial_balance(session))


@given(st.lists(st.tuples(quantities, minors), min_size=1), st.data())
def test_moving_average_leaves_no_value_on_an_empty_shelf(
    receipts: list[tuple[int, int]], data: st.DataObject
) -> None:
    stock = Stock(ValuationMethod.MOVING_AVERAGE)
    for quantity, minor in receipts:
        stock.put(new_id(), Decimal(quantity), minor)
    while stock.quantity:
        out = Decimal(data.draw(st.integers(min_value=1, max_value=int(stock.quantity))))
        average = Decimal(stock.value) / stock.quantity
        left = stock.take(out)
        assert abs(left - average * out) <= 1, "rounded once, to the smallest unit"
        assert stock.value >= 0
    assert stock.value == 0


@settings(max_examples=4)
@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), min_size=1, max_size=6))
def test_a_payment_fills_the_oldest_first_and_leaves_the_rest_as_credit(
    books: Engine, amount: int, owed: list[int]
) -> None:
    with rehearsal(books) as session:
        party = parties.find_customer(session, "Bluebird Ltd").party
        invoices = [
            charge(session, party, minor, due_in_days=day) for day, minor in enumerate(owed)
        ]

        payment = invoicing.post_payment(
            session,
            kind=PaymentKind.CUSTOMER_PAYMENT,
            party=party,
            amount=Money(amount, "EUR"),
        )

        paid = [invoice.total_minor - invoice.open_minor for invoice in invoices]
        assert sum(paid) == min(amount, sum(owed))
        assert payment.open_minor == amount - sum(paid)
        settled = [invoice.open_minor == 0 for invoice in invoices]
        assert all(whole for whole, later in zip(settled, paid[1:], strict=False) if later)


def charge(session: Session, party: Party, minor: int, *, due_in_days: int) -> Invoice:
    line = InvoiceDraftLine(
        None, "x", Decimal(1), Money(minor, "EUR").amount, Decimal(0), None, REVENUE
    )
    return invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=party,
        lines=[line],
        origin="any",
        payment_days=due_in_days,
    )


@dataclass
class Model:
    """Stock as a child would keep it: what is there, and who was promised how much."""

    there: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    promised: dict[tuple[str, uuid.UUID], int] = field(default_factory=lambda: defaultdict(int))

    def free(self, sku: str) -> int:
        """Return what is promised to nobody."""
        return self.there[sku] - sum(n for (item, _), n in self.promised.items() if item == sku)


LINES = [uuid.UUID(int=place) for place in range(1, 4)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["receive", "reserve", "release", "issue", "count", "take back", "send"]),
        st.sampled_from(["LAMP-01", "SHADE-02"]),
        st.sampled_from(LINES),
        quantities,
        st.integers(min_value=0, max_value=10_000),
    ),
    max_size=14,
)


@settings(max_examples=6)
@given(steps)
def test_stock_follows_a_tiny_model_and_keeps_every_promise(
    books: Engine, done: list[tuple[str, str, uuid.UUID, int, int]]
) -> None:
    model = Model()
    with rehearsal(books) as session:
        items = {item.sku: item for item in catalog.find_items(session, ["LAMP-01", "SHADE-02"])}
        for step, sku, line, quantity, value in done:
            # A line of a document is about one item.
            line_of_item = uuid.uuid5(line, sku)
            take_step(session, model, step, items[sku], line_of_item, quantity, value)
        for sku, item in items.items():
            stock = inventory.stock_of(session, item)
            assert (stock.on_hand, stock.available) == (model.there[sku], model.free(sku))
            assert stock.on_hand or stock.value.minor == 0
        assert verify_books(session) == []


def take_step(
    session: Session,
    model: Model,
    step: str,
    item: Item,
    line: uuid.UUID,
    quantity: int,
    value: int,
) -> None:
    sku, much, main = item.sku, Decimal(quantity), inventory.main_location(session)
    worth, mine = Money(value, "EUR"), (item.sku, line)
    if step == "receive":
        inventory.receive_goods(
            session,
            [Incoming(item, much, worth)],
            location=main,
            against=OPENING_BALANCE,
            origin="GR",
            memo="",
        )
        model.there[sku] += quantity
    elif step == "reserve":
        got = inventory.reserve(session, [Request(item, much, line)], location=main, origin="SO")
        expected = min(quantity, model.free(sku))
        assert got[line] == expected
        model.promised[mine] += expected
    elif step == "release":
        assert inventory.release(session, [line]).get(line, 0) == model.promised.pop(mine, 0)
    elif step == "issue":
        goods, fits = [Outgoing(item, much, line)], model.free(sku) + model.promised[mine]
        if quantity > fits:
            with pytest.raises(InsufficientStock):
                inventory.issue_goods(session, goods, location=main, origin="DN", memo="")
            return
        inventory.issue_goods(session, goods, location=main, origin="DN", memo="")
        model.there[sku] -= quantity
        model.promised[mine] = max(0, model.promised[mine] - quantity)
    elif step == "count":
        try:
            inventory.adjust_stock(session, item, main, counted=much, because="count")
        except CountBelowReserved:
            assert quantity < model.there[sku] - model.free(sku)
        except CountChangesNothing:
            assert quantity == model.there[sku]
        else:
            model.there[sku] = quantity
    elif step == "take back":
        give_back(session, item, much, worth, LocationKind.CUSTOMER)
        model.there[sku] += quantity
    elif quantity <= model.free(sku):
        give_back(session, item, much, worth, LocationKind.SUPPLIER)
        model.there[sku] -= quantity


def give_back(
    session: Session, item: Item, quantity: Decimal, value: Money, kind: LocationKind
) -> None:
    inventory.return_goods(
        session,
        [Returning(item, quantity, value)],
        location=inventory.main_location(session),
        from_kind=kind,
        against=COST_OF_GOODS_SOLD,
        origin="RT",
        memo="",
    )


REFUSALS = (AlreadyCredited, CreditNoteStays, NoCreditLeft, NothingToSettle, PaymentReversed)
business = st.lists(
    st.tuples(
        st.sampled_from(["charge", "pay", "credit", "reverse", "apply"]),
        st.booleans(),
        st.integers(min_value=1, max_value=20_000),
        st.integers(min_value=0, max_value=5),
    ),
    max_size=12,
)


@settings(max_examples=4)
@given(business)
def test_what_is_owed_is_what_the_books_say_whatever_is_charged_paid_and_taken_back(
    books: Engine, done: list[tuple[str, bool, int, int]]
) -> None:
    with rehearsal(books) as session:
        charged: list[str] = []
        paid: list[str] = []
        for step, customer, minor, place in done:
            # What was credited, reversed or used up already is refused, and nothing is done.
            with suppress(*REFUSALS):
                take_part(session, step, charged, paid, customer=customer, minor=minor, place=place)
        assert verify_books(session) == []


def take_part(
    session: Session,
    step: str,
    charged: list[str],
    paid: list[str],
    *,
    customer: bool,
    minor: int,
    place: int,
) -> None:
    party = (
        parties.find_customer(session, "Bluebird Ltd").party
        if customer
        else parties.find_supplier(session, "Lumen & Co").party
    )
    if step == "charge":
        kind = InvoiceKind.CUSTOMER_INVOICE if customer else InvoiceKind.SUPPLIER_BILL
        price = Money(minor, "EUR").amount
        line = InvoiceDraftLine(None, "x", Decimal(1), price, Decimal(0), "T", REVENUE)
        posted = invoicing.post_invoice(session, kind=kind, party=party, lines=[line], origin="any")
        charged.append(posted.number)
    elif step == "pay":
        way = PaymentKind.CUSTOMER_PAYMENT if customer else PaymentKind.SUPPLIER_PAYMENT
        payment = invoicing.post_payment(session, kind=way, party=party, amount=Money(minor, "EUR"))
        paid.append(payment.number)
    elif step == "credit" and charged:
        note = invoicing.credit_invoice(session, charged[place % len(charged)], because="any")
        paid.append(note.number)
    elif step == "apply" and paid:
        invoicing.apply_credit(session, paid[place % len(paid)])
    elif step == "reverse" and paid:
        number = paid[place % len(paid)]
        if number.startswith(("RCT", "PAY")):
            invoicing.reverse_payment(session, number, because="any")
