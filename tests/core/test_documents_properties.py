"""Whatever is charged, paid, settled, parted and revalued, in any currency and order, adds up."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify_books
from core.invoicing import (
    Direction,
    DocumentLine,
    Invoice,
    InvoiceKind,
    PaymentKind,
    TermDraft,
)
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money
from core.ledger import Journal, credit, debit
from core.ledger.chart import BAD_DEBTS, OPENING_BALANCE, OTHER_INCOME
from core.parties import Party

TODAY = date(2026, 6, 15)
FIRST = date(2026, 1, 2)
CURRENCIES = ("EUR", "USD", "JPY")
SIDES = {
    Direction.RECEIVABLE: (InvoiceKind.CUSTOMER_INVOICE, PaymentKind.CUSTOMER_PAYMENT, debit),
    Direction.PAYABLE: (InvoiceKind.SUPPLIER_BILL, PaymentKind.SUPPLIER_PAYMENT, credit),
}


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for all examples; each of them rehearses, so nothing stays."""
    engine = databases("founded")
    with unit_of_work(engine) as session:
        parties.add_customer(session, name="Bluebird Ltd")
        parties.add_supplier(session, name="Lumen & Co")
        percent = Decimal("8.1")
        ledger.add_tax_code(session, code="T", name="Tax", name_zh="税", percent=percent)
        for currency, rates in (
            ("USD", ("1.07", "1.13", "0.98")),
            ("JPY", ("161.3", "158", "170")),
        ):
            for month, rate in enumerate(rates):
                day = date(2026, 1 + 2 * month, 1)
                units = Decimal(rate)
                ledger.set_rate(session, currency, valid_from=day, foreign_units=units)
        terms = [
            TermDraft(20, Decimal(40), discount_percent=Decimal(3), discount_days=10),
            TermDraft(50),
        ]
        invoicing.add_terms(session, code="TWO", name="two parts", lines=terms)
    return engine


@dataclass
class Done:
    """What there is by now, by its numbers."""

    documents: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    revaluations: list[str] = field(default_factory=list)


STEPS = (
    "charge", "pay", "pay ahead", "pay early", "pay short", "by hand", "credit", "credit part",
    "reconcile", "unreconcile", "unapply", "reverse", "reverse entry", "write off", "revalue",
    "put back", "refund",
)  # fmt: skip
business = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.sampled_from(list(Direction)),
        st.sampled_from(CURRENCIES),
        st.integers(min_value=2, max_value=20_000),
        st.integers(min_value=0, max_value=164),
        st.integers(min_value=0, max_value=7),
    ),
    min_size=3,
    max_size=14,
)


SHORT = (
    *(("charge", Direction.RECEIVABLE, "EUR", 2, 0, 0),) * 3,
    ("pay short", Direction.PAYABLE, "EUR", 2, 0, 0),
    ("unreconcile", Direction.PAYABLE, "EUR", 2, 0, 0),
    ("pay", Direction.PAYABLE, "EUR", 2, 0, 0),
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@example(list(SHORT), 0)
@given(business, st.integers(min_value=0, max_value=200))
def test_every_entry_balances_and_what_is_open_is_what_the_books_say_on_any_day(
    books: Engine, steps: list[tuple[str, Direction, str, int, int, int]], after: int
) -> None:
    with rehearsal(books) as session:
        both = {direction: Done() for direction in Direction}
        for direction, currency in product(Direction, CURRENCIES):
            for step, minor in (("charge", 7_001), ("charge", 1_003), ("pay ahead", 5_005)):
                opening = Money(minor, currency)
                take_step(session, both[direction], step, direction, opening, FIRST, minor)
        for step, direction, currency, minor, days, place in steps:
            amount = Money(minor, currency)
            day = FIRST + timedelta(days=days)
            # What makes no sense by now is refused; it changes nothing of what is compared below.
            with suppress(DomainError), session.begin_nested():
                take_step(session, both[direction], step, direction, amount, day, place)
        assert verify_books(session) == []
        for each in (FIRST + timedelta(days=after), TODAY):
            assert aged(session, each) == booked(session, each)
        for direction in Direction:
            kept = invoicing.list_open_items(session, direction=direction)
            again = invoicing.list_open_items(session, direction=direction, as_of=TODAY)
            assert kept == again


def take_step(
    session: Session,
    done: Done,
    step: str,
    direction: Direction,
    amount: Money,
    day: date,
    place: int,
) -> None:
    name = "Bluebird Ltd" if direction is Direction.RECEIVABLE else "Lumen & Co"
    party = parties.find_party(session, name)
    if step == "charge":
        charge(session, done, direction, party, amount, day, place)
    elif step.startswith("pay"):
        pay(session, done, step, direction, party, amount, day)
    elif step == "by hand":
        by_hand(session, done, direction, party, amount, day, place)
    elif step in {"revalue", "put back"}:
        revalue(session, done, step, amount, day, place)
    else:
        settle(session, done, step, amount, place)


def charge(
    session: Session,
    done: Done,
    direction: Direction,
    party: Party,
    amount: Money,
    day: date,
    place: int,
) -> None:
    lines = [
        DocumentLine("x", unit_price=amount.amount, tax_code="T"),
        DocumentLine("y", Decimal(3), amount.amount, discount_percent=Decimal(15)),
    ]
    posted = invoicing.post_document(
        session,
        kind=SIDES[direction][0],
        party=party,
        lines=lines,
        posted_on=day,
        currency=amount.currency,
        term_code="TWO" if place % 2 else None,
    )
    done.documents.append(posted.number)


def pay(
    session: Session,
    done: Done,
    step: str,
    direction: Direction,
    party: Party,
    amount: Money,
    day: date,
) -> None:
    rest = BAD_DEBTS if direction is Direction.RECEIVABLE else OTHER_INCOME
    paid = invoicing.post_payment(
        session,
        kind=SIDES[direction][1],
        party=party,
        amount=amount,
        paid_on=day,
        settle=[] if step == "pay ahead" else None,
        take_discount=step == "pay early",
        write_off_to=rest if step == "pay short" else None,
    )
    done.credits.append(paid.number)


def by_hand(
    session: Session,
    done: Done,
    direction: Direction,
    party: Party,
    amount: Money,
    day: date,
    place: int,
) -> None:
    worth = ledger.in_base(session, amount, day)
    # Every second one is a credit.
    side = SIDES[direction][2] if place % 2 else (credit if direction == "receivable" else debit)
    owed = side(direction.account, amount, party_id=party.id, base=worth)
    other = side(OPENING_BALANCE, amount, base=worth).reversed()
    entry = invoicing.post_entry_by_hand(
        session, [owed, other], memo="x", posted_on=day, journal=Journal.OPENING
    )
    done.entries.append(entry.number)
    items = select(Invoice.number).where(Invoice.origin == entry.number)
    (done.documents if place % 2 else done.credits).extend(session.scalars(items))


def revalue(session: Session, done: Done, step: str, amount: Money, day: date, place: int) -> None:
    if step == "revalue":
        done.revaluations += [
            each.number for each in invoicing.revalue(session, currency=amount.currency, on=day)
        ]
    elif done.revaluations:
        number = done.revaluations[place % len(done.revaluations)]
        invoicing.take_back_revaluation(session, number, because="any")


def settle(session: Session, done: Done, step: str, amount: Money, place: int) -> None:
    document = done.documents[place % len(done.documents)] if done.documents else "INV-0"
    source = done.credits[place % len(done.credits)] if done.credits else "RCT-0"
    several = [*done.documents[place % 2 :: 2], *done.credits[place % 2 :: 2]]
    if step == "credit":
        note = invoicing.credit_invoice(session, document, because="any")
        done.credits.append(note.number)
    elif step == "credit part":
        part = Money(amount.minor, invoicing.find_invoice(session, document).currency)
        note = invoicing.credit_part(session, document, amount=part, because="any")
        done.credits.append(note.number)
    elif step == "reconcile":
        invoicing.reconcile(session, several)
    elif step == "unreconcile":
        invoicing.unreconcile(session, [document], because="any")
    elif step == "unapply":
        invoicing.unapply(session, source, because="any")
    elif step == "reverse":
        invoicing.reverse_payment(session, source, because="any")
    elif step == "reverse entry" and done.entries:
        number = done.entries[place % len(done.entries)]
        invoicing.reverse_entry_by_hand(session, number, because="any")
    elif step == "refund":
        invoicing.refund(session, source)
    elif step == "write off":
        invoicing.write_off(session, document, because="any")


def aged(session: Session, day: date) -> dict[tuple[str, str], int]:
    """Return what is open by the ageing of a day."""
    found = {}
    for direction in Direction:
        for row in invoicing.ageing(session, direction, day):
            if row.total.minor:
                found[str(direction), row.party_number] = row.total.minor
    return found


def booked(session: Session, day: date) -> dict[tuple[str, str], int]:
    """Add up the lines of the books from scratch, without what is revalued and put back."""
    lines = text(
        """
        SELECT account.control, party.number, posting.side, posting.base_minor
        FROM posting JOIN account ON account.id = posting.account_id
        JOIN party ON party.id = posting.party_id
        WHERE account.control IN ('receivable', 'payable') AND posting.posted_on <= :day
            AND NOT EXISTS (SELECT FROM revaluation WHERE posting.entry_id
                IN (revaluation.entry_id, revaluation.reversal_entry_id))
        """
    )
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for control, number, side, minor in session.execute(lines, {"day": day}):
        raises = (side == "debit") is (control == "receivable")
        sums[control, number] += minor if raises else -minor
    return {key: minor for key, minor in sums.items() if minor}
