"""Dunning: who is reminded of what, at which level, and what being late costs."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify, verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind, PaymentKind, TermDraft, dunning
from core.invoicing.dunning import LetterState, Level
from core.invoicing.dunning.errors import (
    ChargeSettled,
    LaterLetterSent,
    LetterCancelled,
    LetterNotDraft,
    LevelsOutOfOrder,
    LevelWithoutSense,
    NothingLeftToRemind,
    UnknownLetter,
)
from core.invoicing.dunning.rules import Reminded, interest_on, next_level
from core.invoicing.holds import HoldKind, HoldPurpose, hold, lift_hold
from core.invoicing.holds.errors import (
    HeldAlready,
    HoldEndsBeforeToday,
    HoldOfOtherSide,
    NotHeld,
)
from core.kernel import clock
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.money import Money, Rounding
from core.ledger.chart import DUNNING_FEES, RECEIVABLE, SERVICE_REVENUE

DUE = date(2026, 1, 1)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for the tests that leave nothing behind."""
    return databases("founded")


@pytest.fixture
def session(books: Engine) -> Iterator[Session]:
    """A piece of business that is rolled back."""
    with rehearsal(books) as session:
        yield session


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def levels(*costs: tuple[str, str]) -> list[Level]:
    """Return levels after 5, 20 and 40 days, each with a fee and a rate of interest."""
    known = costs or (("0", "0"),) * 3
    return [
        Level(place, days, eur(fee), Decimal(percent))
        for place, (days, (fee, percent)) in enumerate(
            zip((5, 20, 40), known, strict=False), start=1
        )
    ]


def invoice(
    session: Session,
    customer: str = "Acme",
    amount: str = "100",
    *,
    due_on: date | None = DUE,
    posted_on: date | None = None,
    **more: object,
) -> invoicing.Invoice:
    """Post an invoice over a service to a customer, who is made where there is none."""
    known = parties.list_customers(session)
    if customer not in {each.name for each in known}:
        parties.add_customer(session, name=customer)
    line = InvoiceDraftLine(
        item_id=None,
        description="advice",
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        discount_percent=Decimal(0),
        tax_code=None,
        account=SERVICE_REVENUE,
    )
    return invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=parties.find_customer(session, customer).party,
        lines=[line],
        origin="SO",
        posted_on=posted_on or (due_on or DUE) - timedelta(days=30),
        due_on=due_on,
        **more,  # type: ignore[arg-type]
    )


def pay(session: Session, document: invoicing.Invoice, amount: str) -> None:
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT,
        party=session.get_one(parties.Party, document.party_id),
        amount=eur(amount),
        settle=[(document.number, eur(amount))],
    )


def run(engine: Engine, day: date) -> list[int]:
    """Run dunning on a day, and return the level of every letter that was drawn."""
    with clock.on_business_date(day), unit_of_work(engine) as session:
        return [letter.level for letter in dunning.draw_letters(session)]


def send(engine: Engine, number: str, day: date) -> None:
    with clock.on_business_date(day), unit_of_work(engine) as session:
        dunning.send_letter(session, number)


# Scenario P18.


def test_one_level_at_a_time_and_only_what_was_sent_counts(founded: Engine) -> None:
    with clock.on_business_date(DUE), unit_of_work(founded) as session:
        dunning.set_levels(session, levels())
        i1, i2 = invoice(session), invoice(session, "Paid up")
        pay(session, i2, "100")

    assert run(founded, date(2026, 1, 5)) == []
    assert run(founded, date(2026, 1, 6)) == [1]
    assert run(founded, date(2026, 1, 31)) == []

    send(founded, "DUN-00001", date(2026, 1, 31))
    with clock.on_business_date(date(2026, 1, 31)), unit_of_work(founded) as session:
        hold(session, i1, purpose=HoldPurpose.DUNNING, because="asked us to wait")
    assert run(founded, date(2026, 1, 31)) == []
    with clock.on_business_date(date(2026, 1, 31)), unit_of_work(founded) as session:
        lift_hold(session, i1, purpose=HoldPurpose.DUNNING, because="waited enough")
    assert run(founded, date(2026, 1, 31)) == [2]

    with clock.on_business_date(date(2026, 2, 1)), unit_of_work(founded) as session:
        pay(session, i1, "100")
        with pytest.raises(NothingLeftToRemind):
            dunning.send_letter(session, "DUN-00002")
        dunning.take_back_letter(session, "DUN-00002", because="paid")
    assert run(founded, date(2026, 2, 20)) == []
    with reading(founded) as session:
        assert verify(session) == []


def test_a_customer_gets_one_letter_over_everything_at_the_highest_level(founded: Engine) -> None:
    with clock.on_business_date(DUE), unit_of_work(founded) as session:
        dunning.set_levels(session, levels())
        invoice(session, amount="100", due_on=DUE)
        invoice(session, amount="40", due_on=DUE + timedelta(days=20))
        invoice(session, amount="7", due_on=DUE + timedelta(days=60))
        invoice(session, "Nordwind", "30")
    run(founded, DUE + timedelta(days=6))
    send(founded, "DUN-00001", DUE + timedelta(days=6))
    send(founded, "DUN-00002", DUE + timedelta(days=6))

    assert run(founded, DUE + timedelta(days=26)) == [2, 2]

    with reading(founded) as session:
        [nordwind, acme, *_] = dunning.list_letters(session)
        assert [(each.level, each.open) for each in acme.lines] == [
            (2, eur("100")),
            (1, eur("40")),
        ]
        assert (acme.total, nordwind.total) == (eur("140"), eur("30"))


def test_fee_and_interest_become_an_invoice_when_the_letter_is_sent(founded: Engine) -> None:
    with clock.on_business_date(DUE), unit_of_work(founded) as session:
        dunning.set_levels(session, levels(("0", "0"), ("5", "9"), ("10", "9")))
        i1 = invoice(session, amount="1000")
    run(founded, DUE + timedelta(days=5))
    send(founded, "DUN-00001", DUE + timedelta(days=5))
    run(founded, DUE + timedelta(days=25))
    with reading(founded) as session:
        drawn = dunning.letter_view(session, dunning.find_letter(session, "dun 2"))
        # 1,000.00 × 9 % × 25 / 365.
        assert (drawn.fee, drawn.interest, drawn.charge) == (eur("5"), eur("6.16"), "")

    # Two days later: what the letter asks for is of the day on which it goes out.
    day = DUE + timedelta(days=27)
    send(founded, "DUN-00002", day)

    with clock.on_business_date(day), reading(founded) as session:
        sent = dunning.letter_view(session, dunning.find_letter(session, "DUN-00002"))
        assert (sent.state, sent.sent_on, sent.interest) == (LetterState.SENT, day, eur("6.66"))
        charge = invoicing.find_invoice(session, sent.charge)
        assert (charge.total_minor, charge.origin, charge.due_on) == (1166, "DUN-00002", day)
        assert ledger.balance(session, DUNNING_FEES) == eur("-11.66")
        assert ledger.balance(session, RECEIVABLE) == eur("1011.66")
        assert sent.title == "Second reminder"
        assert sent.body.splitlines() == [
            "To Acme",
            (
                "We reminded you before, and 1,000.00 EUR is still open."
                " Please pay it within seven days."
            ),
            f"{i1.number} · due 2026-01-01 · 1,000.00 EUR",
            "Fee: 5.00 EUR",
            "Interest: 6.66 EUR",
            "Total to be paid: 1,011.66 EUR",
            "Testwerk",
        ]
        assert verify(session) == []

    # Interest is charged once: the next letter counts from the last; the charge is not reminded of.
    assert run(founded, DUE + timedelta(days=47)) == [3]
    with reading(founded) as session:
        [last, *_] = dunning.list_letters(session)
        assert [line.number for line in last.lines] == [i1.number]
        assert last.interest == eur("4.93")


def test_a_chinese_customer_is_written_to_in_chinese(founded: Engine) -> None:
    with clock.on_business_date(DUE + timedelta(days=9)), unit_of_work(founded) as session:
        parties.add_customer(session, name="Beixing", name_zh="北星单车行", language="zh")
        invoice(session, "Beixing")
        [letter] = dunning.draw_letters(session)
        dunning.send_letter(session, letter.number)

        assert letter.title == "付款提醒"
        assert letter.body is not None
        assert letter.body.startswith("致：北星单车行\n也许贵方尚未留意：100.00 EUR")


def test_what_is_disputed_or_paid_since_is_left_out_of_a_letter(founded: Engine) -> None:
    with clock.on_business_date(DUE + timedelta(days=9)), unit_of_work(founded) as session:
        kept, disputed, paid = (invoice(session, amount=each) for each in ("100", "50", "30"))
        [letter] = dunning.draw_letters(session)
        hold(
            session,
            disputed,
            purpose=HoldPurpose.DUNNING,
            because="wrong goods",
            kind=HoldKind.DISPUTED,
        )
        pay(session, paid, "30")
        pay(session, kept, "60")

        dunning.send_letter(session, letter.number)

        view = dunning.letter_view(session, letter)
        assert [(line.number, line.open) for line in view.lines] == [(kept.number, eur("40"))]
        [still] = [each for each in dunning.list_overdue(session) if each.held]
        assert (still.number, still.held, still.is_next) == (disputed.number, "disputed", False)


def test_a_customer_is_left_alone_until_a_day(founded: Engine) -> None:
    with clock.on_business_date(DUE + timedelta(days=9)), unit_of_work(founded) as session:
        i1 = invoice(session)
        party = session.get_one(parties.Party, i1.party_id)
        until = DUE + timedelta(days=12)
        hold(session, party, purpose=HoldPurpose.DUNNING, because="on leave", until=until)
        with pytest.raises(HeldAlready, match="on leave"):
            hold(session, party, purpose=HoldPurpose.DUNNING, because="again")
        assert dunning.draw_letters(session) == []

    assert run(founded, DUE + timedelta(days=12)) == []
    assert run(founded, DUE + timedelta(days=13)) == [1]

    with clock.on_business_date(DUE + timedelta(days=13)), unit_of_work(founded) as session:
        party = session.get_one(parties.Party, i1.party_id)
        with pytest.raises(NotHeld):
            lift_hold(session, party, purpose=HoldPurpose.DUNNING, because="over")
        with pytest.raises(HoldEndsBeforeToday):
            hold(session, party, purpose=HoldPurpose.DUNNING, because="late", until=until)
        with pytest.raises(HoldOfOtherSide):
            hold(session, i1, purpose=HoldPurpose.PAYMENT, because="not ours to pay")
        hold(session, party, purpose=HoldPurpose.DUNNING, because="on leave again")


def test_an_instalment_is_reminded_of_by_its_own_day(founded: Engine) -> None:
    with clock.on_business_date(DUE), unit_of_work(founded) as session:
        invoicing.add_terms(
            session,
            code="HALVES",
            name="halves",
            lines=[TermDraft(after_days=0, percent=Decimal(50)), TermDraft(after_days=30)],
        )
        i1 = invoice(session, posted_on=DUE, due_on=None, term_code="HALVES")
    assert run(founded, DUE + timedelta(days=6)) == [1]
    send(founded, "DUN-00001", DUE + timedelta(days=6))

    assert run(founded, DUE + timedelta(days=36)) == [2]

    with reading(founded) as session:
        [letter, _] = dunning.list_letters(session)
        assert [(line.instalment, line.level, line.open) for line in letter.lines] == [
            (1, 2, eur("50")),
            (2, 1, eur("50")),
        ]
        assert {line.number for line in letter.lines} == {i1.number}


def test_a_letter_that_was_sent_is_withdrawn_with_its_charge(founded: Engine) -> None:
    with clock.on_business_date(DUE + timedelta(days=9)), unit_of_work(founded) as session:
        dunning.set_levels(session, levels(("5", "0"), ("5", "0"), ("5", "0")))
        invoice(session)
        [first] = dunning.draw_letters(session)
        dunning.send_letter(session, first.number)
        with pytest.raises(LetterNotDraft):
            dunning.send_letter(session, first.number)

        dunning.take_back_letter(session, first.number, because="sent by mistake")

        assert first.state is LetterState.CANCELLED
        assert ledger.balance(session, DUNNING_FEES) == eur("0")
        with pytest.raises(LetterCancelled):
            dunning.take_back_letter(session, first.number, because="again")
        # The level counts no more: the first one is drawn again.
        [again] = dunning.draw_letters(session)
        assert again.level == 1
        with pytest.raises(UnknownLetter):
            dunning.find_letter(session, "DUN-00099")


def test_a_letter_that_another_followed_or_whose_charge_is_paid_stays(founded: Engine) -> None:
    with clock.on_business_date(DUE + timedelta(days=30)), unit_of_work(founded) as session:
        dunning.set_levels(session, levels(("5", "0"), ("5", "0"), ("5", "0")))
        invoice(session)
        numbers = []
        for _ in range(2):
            [letter] = dunning.draw_letters(session)
            dunning.send_letter(session, letter.number)
            numbers.append(letter.number)

        with pytest.raises(LaterLetterSent, match=numbers[1]):
            dunning.take_back_letter(session, numbers[0], because="too early")
        charge = invoicing.find_invoice(session, dunning.letter_view(session, letter).charge)
        pay(session, charge, "1")
        with pytest.raises(ChargeSettled, match=charge.number):
            dunning.take_back_letter(session, numbers[1], because="too early")


def test_levels_are_in_order_and_make_sense(session: Session) -> None:
    standard = dunning.levels_of(session)
    assert [(each.overdue_days, each.fee.minor) for each in standard] == [(5, 0), (20, 0), (40, 0)]

    five, twenty, _ = levels()
    for wrong in ([], [twenty], [five, five], [Level(1, 9, eur("0")), Level(2, 5, eur("0"))]):
        with pytest.raises(LevelsOutOfOrder):
            dunning.set_levels(session, wrong)
    for fee, percent in (("-1", "0"), ("0", "-1"), ("0", "101")):
        with pytest.raises(LevelWithoutSense):
            dunning.set_levels(session, [Level(1, 5, eur(fee), Decimal(percent))])

    [only] = dunning.set_levels(session, [Level(1, 10, eur("2.50"), Decimal("4.5"))])
    assert (only.title, only.title_zh, only.fee) == ("Reminder", "付款提醒", eur("2.50"))


def test_the_database_keeps_what_was_sent(session: Session) -> None:
    with clock.on_business_date(DUE):
        invoice(session)
    [letter] = dunning.draw_letters(session)
    dunning.send_letter(session, letter.number)

    for statement, rule in (
        ("UPDATE dunning_line SET level = 3", "stays as it is"),
        ("DELETE FROM dunning_line", "stays as it is"),
        ("UPDATE dunning_letter SET body = NULL", "sent_has_a_day"),
        ("UPDATE dunning_letter SET state = 'draft'", "draft_is_not_sent"),
    ):
        with pytest.raises(IntegrityError, match=rule), session.begin_nested():
            session.execute(text(statement))


def test_a_letter_that_says_something_else_than_it_charges_is_found(session: Session) -> None:
    dunning.set_levels(session, levels(("5", "0"), ("5", "0"), ("5", "0")))
    with clock.on_business_date(DUE):
        invoice(session)
    [letter] = dunning.draw_letters(session)
    dunning.send_letter(session, letter.number)
    assert verify_books(session) == []

    session.execute(text("UPDATE dunning_letter SET fee_minor = 1"))

    [finding] = verify_books(session)
    assert finding.subject == letter.number
    assert finding.problem == "it charges 1, its invoice is 500"


def test_two_runs_at_once_draw_one_letter(founded: Engine, at_once: object) -> None:
    with unit_of_work(founded) as session:
        invoice(session)

    def work(_place: int) -> object:
        with unit_of_work(founded) as session:
            return [letter.number for letter in dunning.draw_letters(session)]

    drawn = at_once(work, 2)  # type: ignore[operator]

    assert sorted(drawn) == [[], ["DUN-00001"]]


# What is to be paid on a day.


def test_what_is_due_is_less_in_time_and_more_when_late(session: Session) -> None:
    dunning.set_levels(session, levels(("5", "10"), ("8", "10"), ("8", "10")))
    invoicing.add_terms(
        session,
        code="2/10N30",
        name="2 % within 10 days",
        lines=[TermDraft(after_days=30, discount_percent=Decimal(2), discount_days=10)],
    )
    i1 = invoice(session, amount="1000", posted_on=DUE, due_on=None, term_code="2/10N30")

    def due(days: int) -> tuple[str, ...]:
        found = dunning.amount_due(session, i1.number, on=DUE + timedelta(days=days))
        shown = (found.discount, found.interest, found.fee, found.due)
        return tuple(str(each.amount) for each in shown)

    assert due(10) == ("20.00", "0.00", "0.00", "980.00")
    assert due(11) == ("0.00", "0.00", "0.00", "1000.00")
    assert due(30) == ("0.00", "0.00", "0.00", "1000.00")
    assert due(34) == ("0.00", "0.00", "0.00", "1000.00")
    assert due(35) == ("0.00", "1.37", "5.00", "1006.37")
    assert due(60) == ("0.00", "8.22", "5.00", "1013.22")


def test_what_was_charged_already_is_told_apart(session: Session) -> None:
    dunning.set_levels(session, levels(("5", "10"), ("5", "10"), ("5", "10")))
    day = date(2026, 6, 15)
    i1 = invoice(session, amount="1000", due_on=day - timedelta(days=10))
    [letter] = dunning.draw_letters(session)
    dunning.send_letter(session, letter.number)

    now = dunning.amount_due(session, i1.number)
    later = dunning.amount_due(session, i1.number, on=day + timedelta(days=10))

    assert (now.due, now.charged) == (eur("1000"), eur("7.74"))
    # Ten days more at ten percent, and the fee of the second letter.
    assert (later.interest, later.fee, later.due) == (eur("2.74"), eur("5"), eur("1007.74"))


# Arithmetic.


@given(
    overdue=st.integers(min_value=-10, max_value=100),
    reached=st.integers(min_value=0, max_value=3),
)
def test_a_level_is_the_next_one_and_reached(overdue: int, reached: int) -> None:
    following = next_level(
        levels(), Reminded(reached), due_on=DUE, day=DUE + timedelta(days=overdue)
    )

    thresholds = {1: 5, 2: 20, 3: 40}
    if following is None:
        assert reached == 3 or overdue < thresholds[reached + 1]
    else:
        assert following.level == reached + 1
        assert overdue >= following.overdue_days


@given(
    minor=st.integers(min_value=1, max_value=10**9),
    percent=st.decimals(min_value=0, max_value=20, places=2),
    days=st.integers(min_value=-5, max_value=800),
)
@settings(max_examples=30)
def test_interest_is_simple_and_never_negative(minor: int, percent: Decimal, days: int) -> None:
    amount = Money(minor, "EUR")
    until = DUE + timedelta(days=days)

    charged = interest_on(amount, percent, since=DUE, day=until, rounding=Rounding.HALF_UP)

    exact = Decimal(minor) * percent * max(days, 0) / 36500
    assert abs(charged.minor - exact) <= Decimal("0.5")
    assert charged.minor >= 0


def test_a_level_waits_until_the_letter_before_had_time_to_be_heard() -> None:
    known = [Level(1, 5, eur("0")), Level(2, 20, eur("0"), wait_days=7)]
    sent = Reminded(1, sent_on=DUE + timedelta(days=18))

    assert next_level(known, sent, due_on=DUE, day=DUE + timedelta(days=24)) is None
    following = next_level(known, sent, due_on=DUE, day=DUE + timedelta(days=25))
    assert following is not None
    assert following.level == 2
