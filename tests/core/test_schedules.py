"""Schedules: templates, recurring entries, accruals that are reversed, and deferrals."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core import ledger
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money, Rounding
from core.ledger import JournalEntry, PeriodState, Side, credit, debit, schedules
from core.ledger.chart import (
    ACCRUED_EXPENSES,
    BANK,
    DEFERRED_REVENUE,
    OPERATING_EXPENSE,
    PREPAID_EXPENSES,
    RENT,
    SERVICE_REVENUE,
    SHARE_CAPITAL,
)
from core.ledger.errors import EntryOfDocument, KeptByDocuments, NoPeriodForDay, UnknownMember
from core.ledger.schedules import DeferralKind, Every, Method, TemplateLine
from core.ledger.schedules.errors import (
    DeferralCancelled,
    DeferralOfDocument,
    EndsBeforeStart,
    NotDue,
    NothingDue,
    ReversedBeforePosted,
    RunReversedAccruals,
    RunTakenBack,
    ScheduleStaysAsItIs,
    TemplateExists,
    TemplateUnbalanced,
    TotalNeeded,
    TotalNotNeeded,
    UnknownSchedule,
    UnknownTemplate,
)
from core.ledger.schedules.rules import amounts_of, due_days


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def entries(session: Session, origin: str) -> list[tuple[str, str]]:
    """Return the day and the memo of the entries of an origin."""
    wanted = select(JournalEntry).where(JournalEntry.origin == origin)
    return [
        (str(each.posted_on), each.memo)
        for each in session.scalars(wanted.order_by(JournalEntry.number))
    ]


def pair(amount: str = "900") -> list[TemplateLine]:
    return [
        TemplateLine(RENT, Side.DEBIT, eur(amount)),
        TemplateLine(BANK, Side.CREDIT, eur(amount)),
    ]


def revenue_of_100(session: Session, origin: str = "INV-00001") -> schedules.Deferral:
    """Charge 100.00 as a document would, and schedule it over 10 January to 15 March."""
    hundred = eur("100")
    ledger.post_entry(
        session,
        [debit(BANK, hundred), credit(DEFERRED_REVENUE, hundred)],
        memo=origin,
        origin=origin,
        posted_on=date(2026, 1, 10),
    )
    return schedules.start_deferral(
        session,
        kind=DeferralKind.DEFERRED_REVENUE,
        amount=hundred,
        account=SERVICE_REVENUE,
        starts_on=date(2026, 1, 10),
        ends_on=date(2026, 3, 15),
        origin=origin,
    )


# Scenario E01.


def test_revenue_is_recognised_by_days_and_the_last_period_takes_the_rest(
    session: Session,
) -> None:
    deferral = revenue_of_100(session)

    schedules.run_schedules(session, through=date(2026, 3, 31))

    view = schedules.deferral_view(session, deferral.number)
    assert [(str(part.due_on), str(part.amount.amount)) for part in view.parts] == [
        ("2026-01-31", "33.85"),
        ("2026-02-28", "43.08"),
        ("2026-03-15", "23.07"),
    ]
    assert all(part.entry.startswith("JE-") for part in view.parts)
    assert ledger.balance(session, SERVICE_REVENUE, as_of=date(2026, 2, 27)) == eur("-33.85")
    assert ledger.balance(session, SERVICE_REVENUE) == eur("-100")
    assert ledger.balance(session, DEFERRED_REVENUE) == eur("0")
    assert schedules.list_deferrals(session) == []


@pytest.mark.parametrize(
    ("amount", "first", "last", "method", "parts"),
    [
        ("100", date(2019, 1, 10), date(2019, 3, 15), Method.BY_DAY, "33.85 43.08 23.07"),
        ("100", date(2019, 1, 10), date(2019, 3, 15), Method.BY_MONTH, "33.33 33.33 33.34"),
        # A leap year has a day more in February.
        ("60", date(2024, 1, 31), date(2024, 2, 29), Method.BY_DAY, "2.00 58.00"),
        ("59", date(2025, 1, 1), date(2025, 2, 28), Method.BY_DAY, "31.00 28.00"),
        ("12", date(2026, 5, 5), date(2026, 5, 5), Method.BY_DAY, "12.00"),
        # A part of nothing is left out, and nothing is recognised twice for a cent.
        ("0.02", date(2026, 1, 1), date(2026, 12, 31), Method.BY_MONTH, "0.02"),
        ("0.06", date(2026, 1, 1), date(2026, 12, 31), Method.BY_MONTH, "0.01 " * 6),
    ],
)
def test_an_amount_is_spread(
    amount: str, first: date, last: date, method: Method, parts: str
) -> None:
    made = schedules.spread(eur(amount), first, last, method, Rounding.HALF_UP)

    assert [str(part.amount.amount) for part in made] == parts.split()
    assert made[-1].due_on <= last


@given(
    minor=st.integers(1, 10**9),
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 4_000),
    method=st.sampled_from(Method),
    rounding=st.sampled_from(Rounding),
)
def test_the_parts_are_the_amount(
    minor: int, first: date, days: int, method: Method, rounding: Rounding
) -> None:
    last = date.fromordinal(first.toordinal() + days)

    parts = schedules.spread(Money(minor, "EUR"), first, last, method, rounding)

    assert sum(part.amount.minor for part in parts) == minor
    assert all(part.amount.minor > 0 for part in parts)
    assert all(first <= part.due_on <= last for part in parts)
    assert sorted({part.due_on for part in parts}) == [part.due_on for part in parts]


@given(
    minor=st.integers(1, 10**9),
    shares=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    rounding=st.sampled_from(Rounding),
)
def test_the_shares_of_a_template_are_the_total_on_either_side(
    minor: int, shares: list[int], rounding: Rounding
) -> None:
    whole = sum(shares)
    percents = [Decimal(share * 100) / whole for share in shares]
    lines = [TemplateLine(RENT, Side.DEBIT, share_percent=percent) for percent in percents]
    lines.append(TemplateLine(BANK, Side.CREDIT, share_percent=Decimal(100)))

    amounts = amounts_of(lines, Money(minor, "EUR"), rounding)

    assert sum(amount.minor for amount in amounts[:-1]) == amounts[-1].minor == minor


@pytest.mark.parametrize(
    ("every", "day", "starts_on", "until", "days"),
    [
        (Every.MONTH, 1, date(2026, 1, 1), None, "01-01 02-01 03-01 04-01 05-01 06-01"),
        (Every.MONTH, 1, date(2026, 1, 2), date(2026, 3, 31), "02-01 03-01"),
        (Every.MONTH, 31, date(2026, 1, 1), date(2026, 4, 30), "01-31 02-28 03-31 04-30"),
        (Every.QUARTER, 15, date(2026, 1, 15), None, "01-15 04-15"),
        (Every.YEAR, 31, date(2026, 2, 1), None, "02-28"),
        (Every.YEAR, 1, date(2026, 6, 16), None, ""),
    ],
)
def test_a_recurring_entry_is_due_on_these_days(
    every: Every, day: int, starts_on: date, until: date | None, days: str
) -> None:
    due = due_days(every, day, starts_on, until=until, through=date(2026, 6, 15))

    assert [f"{each:%m-%d}" for each in due] == days.split()


def test_a_leap_day_is_the_end_of_its_month() -> None:
    due = due_days(Every.YEAR, 29, date(2024, 2, 1), until=None, through=date(2026, 3, 1))

    assert [str(each) for each in due] == ["2024-02-29", "2025-02-28", "2026-02-28"]


# Recurring entries.


def test_a_recurring_entry_is_posted_once_for_every_due_day(session: Session) -> None:
    rent = schedules.start_recurring(
        session, memo="Rent", lines=pair(), day_of_month=1, starts_on=date(2026, 4, 1)
    )
    assert [str(each.due_on) for each in schedules.list_due(session)] == [
        "2026-04-01",
        "2026-05-01",
        "2026-06-01",
    ]

    schedules.run_schedules(session)

    assert entries(session, rent.number) == [
        ("2026-04-01", "Rent"),
        ("2026-05-01", "Rent"),
        ("2026-06-01", "Rent"),
    ]
    assert ledger.balance(session, RENT) == eur("2700")
    with pytest.raises(NothingDue):
        schedules.run_schedules(session)
    schedules.run_schedules(session, through=date(2026, 7, 31), number=rent.number)
    assert len(entries(session, rent.number)) == 4
    [view] = schedules.list_recurring(session)
    assert (view.posted, view.last_posted) == (4, date(2026, 7, 1))


def test_what_was_due_in_a_pause_is_caught_up_or_left_out(session: Session) -> None:
    start = {"lines": pair(), "day_of_month": 1, "starts_on": date(2026, 4, 1)}
    caught = schedules.start_recurring(session, memo="A", **start)  # type: ignore[arg-type]
    skipped = schedules.start_recurring(session, memo="B", **start)  # type: ignore[arg-type]
    for each in (caught, skipped):
        schedules.pause_recurring(session, each.number)
    with pytest.raises(NothingDue):
        schedules.run_schedules(session)
    with pytest.raises(ScheduleStaysAsItIs):
        schedules.pause_recurring(session, caught.number)

    schedules.resume_recurring(session, caught.number)
    schedules.resume_recurring(session, skipped.number, catch_up=False)
    schedules.run_schedules(session, through=date(2026, 7, 1))

    assert len(entries(session, caught.number)) == 4
    assert entries(session, skipped.number) == [("2026-07-01", "B")]
    with pytest.raises(ScheduleStaysAsItIs):
        schedules.resume_recurring(session, caught.number)


def test_what_has_ended_is_not_posted_and_one_day_can_be_left_out(session: Session) -> None:
    rent = schedules.start_recurring(
        session, memo="Rent", lines=pair(), day_of_month=1, starts_on=date(2026, 5, 1)
    )
    schedules.leave_out(session, rent.number, date(2026, 5, 1))
    with pytest.raises(NotDue):
        schedules.leave_out(session, rent.number, date(2026, 5, 1))
    schedules.run_schedules(session)
    schedules.end_recurring(session, rent.number)

    with pytest.raises(NothingDue):
        schedules.run_schedules(session, through=date(2026, 12, 31))

    assert entries(session, rent.number) == [("2026-06-01", "Rent")]


def test_shares_of_a_total_are_posted_with_their_dimensions(session: Session) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales")
    ledger.add_member(session, "cost_centre", code="ADMIN", name="Administration")
    schedules.make_template(
        session,
        name="Office rent",
        lines=[
            TemplateLine(
                RENT, Side.DEBIT, share_percent=Decimal("33.3333"),
                dimensions=(("cost_centre", "Sales"),),
            ),
            TemplateLine(
                RENT, Side.DEBIT, share_percent=Decimal("66.6667"),
                dimensions=(("cost_centre", "ADMIN"),),
            ),
            TemplateLine(BANK, Side.CREDIT, share_percent=Decimal(100)),
        ],
    )  # fmt: skip
    with pytest.raises(TotalNeeded):
        schedules.start_recurring(session, template="office rent")
    schedules.start_recurring(
        session, template="office rent", total=eur("1000"), day_of_month=15,
        starts_on=date(2026, 6, 1),
    )  # fmt: skip

    schedules.run_schedules(session)

    lines = ledger.entry_view(session, "JE-1").lines
    assert [str((line.debit or line.credit).amount) for line in lines if line] == [  # type: ignore[union-attr]
        "333.33",
        "666.67",
        "1000.00",
    ]


def test_a_template_is_posted_by_its_name(session: Session) -> None:
    ledger.add_member(session, "cost_centre", code="SALES", name="Sales", name_zh="销售部")
    schedules.make_template(session, name="Rent", lines=pair())

    entry = schedules.post_template(
        session, "rent", posted_on=date(2026, 3, 31), dimensions=(("cost_centre", "SALES"),)
    )

    assert entry.posted_on == date(2026, 3, 31)
    assert entry.origin == entry.number
    with pytest.raises(TotalNotNeeded):
        schedules.post_template(session, "rent", total=eur("1"))
    schedules.retire_template(session, "rent")
    with pytest.raises(UnknownTemplate):
        schedules.post_template(session, "rent")


def test_a_template_that_cannot_be_posted_is_refused(session: Session) -> None:
    schedules.make_template(session, name="Rent", lines=pair())
    half = [
        TemplateLine(RENT, Side.DEBIT, share_percent=Decimal(50)),
        TemplateLine(BANK, Side.CREDIT, share_percent=Decimal(50)),
    ]
    refused: list[tuple[type[DomainError], dict[str, Any]]] = [
        (TemplateExists, {"name": "rent ", "lines": pair()}),
        (TemplateUnbalanced, {"name": "x", "lines": pair()[:1]}),
        (TemplateUnbalanced, {"name": "x", "lines": [pair("1")[0], pair("2")[1]]}),
        (TemplateUnbalanced, {"name": "x", "lines": half}),
        (
            KeptByDocuments,
            {
                "name": "x",
                "lines": [pair()[0], TemplateLine("payable", Side.CREDIT, eur("900"))],
            },
        ),
        (
            UnknownMember,
            {
                "name": "x",
                "lines": [
                    TemplateLine(RENT, Side.DEBIT, eur("900"), None, (("cost_centre", "Moon"),)),
                    pair()[1],
                ],
            },
        ),
    ]
    for kind, given_ in refused:
        with pytest.raises(kind):
            schedules.make_template(session, **given_)
    with pytest.raises(EndsBeforeStart):
        schedules.start_recurring(
            session, memo="x", lines=pair(), starts_on=date(2026, 2, 1), until=date(2026, 1, 1)
        )
    with pytest.raises(UnknownSchedule):
        schedules.pause_recurring(session, "RE-99")


# Accruals.


def test_an_accrual_is_reversed_on_the_first_day_of_the_next_month(session: Session) -> None:
    ten = eur("10")
    lines = [debit(OPERATING_EXPENSE, ten), credit(ACCRUED_EXPENSES, ten)]
    accrual = schedules.post_accrual(session, lines, memo="Audit", posted_on=date(2026, 4, 30))

    run = schedules.run_schedules(session)

    back = ledger.entry_view(session, accrual.number).reversed_by
    assert back is not None
    assert ledger.entry_view(session, back).posted_on == date(2026, 5, 1)
    assert ledger.balance(session, ACCRUED_EXPENSES, as_of=date(2026, 4, 30)) == -ten
    assert ledger.balance(session, ACCRUED_EXPENSES) == eur("0")
    with pytest.raises(NothingDue):
        schedules.run_schedules(session)
    with pytest.raises(RunReversedAccruals):
        schedules.take_back_run(session, run.number, because="wrong")


def test_an_accrual_is_reversed_at_once_or_by_hand_and_then_no_more(session: Session) -> None:
    ten = eur("10")
    lines = [debit(OPERATING_EXPENSE, ten), credit(ACCRUED_EXPENSES, ten)]
    at_once = schedules.post_accrual(
        session, lines, memo="Audit", posted_on=date(2026, 6, 30), at_once=True
    )
    by_hand = schedules.post_accrual(session, lines, memo="Audit", posted_on=date(2026, 4, 30))
    ledger.reverse_entry_by_hand(session, by_hand.number, because="wrong")

    back = ledger.entry_view(session, at_once.number).reversed_by
    assert back is not None
    assert ledger.entry_view(session, back).posted_on == date(2026, 7, 1)
    with pytest.raises(NothingDue):
        schedules.run_schedules(session, through=date(2026, 12, 31))
    with pytest.raises(ReversedBeforePosted):
        schedules.post_accrual(session, lines, memo="x", reverse_on=date(2026, 6, 15))


def test_a_recurring_accrual_is_reversed_by_the_same_run(session: Session) -> None:
    ten = eur("10")
    schedules.start_recurring(
        session,
        memo="Energy",
        lines=[
            TemplateLine(OPERATING_EXPENSE, Side.DEBIT, ten),
            TemplateLine(ACCRUED_EXPENSES, Side.CREDIT, ten),
        ],
        starts_on=date(2026, 4, 1),
        reversing=True,
    )

    schedules.run_schedules(session)

    days = {date(2026, 4, 30): "10", date(2026, 5, 1): "0", date(2026, 5, 31): "10"}
    for day, amount in days.items():
        assert ledger.balance(session, OPERATING_EXPENSE, as_of=day) == eur(amount)
    assert ledger.balance(session, OPERATING_EXPENSE) == eur("0")


# Deferrals.


def test_a_prepaid_expense_is_recognised_by_months_and_taken_back(session: Session) -> None:
    insurance = schedules.defer(
        session,
        kind=DeferralKind.PREPAID_EXPENSE,
        amount=eur("1000"),
        account=OPERATING_EXPENSE,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        against=BANK,
        posted_on=date(2026, 4, 1),
        memo="Insurance",
    )
    first = schedules.run_schedules(session)
    assert ledger.balance(session, OPERATING_EXPENSE) == eur("666.66")
    assert ledger.balance(session, PREPAID_EXPENSES) == eur("333.34")

    schedules.take_back_run(session, first.number, because="too early")
    assert ledger.balance(session, PREPAID_EXPENSES) == eur("1000")
    with pytest.raises(RunTakenBack):
        schedules.take_back_run(session, first.number, because="again")
    schedules.run_schedules(session, through=date(2026, 6, 30))
    assert ledger.balance(session, OPERATING_EXPENSE) == eur("1000")
    assert ledger.balance(session, PREPAID_EXPENSES) == eur("0")

    schedules.cancel_deferral(session, insurance.number, because="never insured")
    for account in (OPERATING_EXPENSE, PREPAID_EXPENSES, BANK):
        assert ledger.balance(session, account) == eur("0")
    with pytest.raises(DeferralCancelled):
        schedules.cancel_deferral(session, insurance.number, because="again")
    with pytest.raises(NothingDue):
        schedules.run_schedules(session, through=date(2027, 1, 1))


def test_a_deferral_of_a_document_is_stopped_with_it(session: Session) -> None:
    deferral = revenue_of_100(session)
    schedules.run_schedules(session, through=date(2026, 2, 28))
    with pytest.raises(DeferralOfDocument):
        schedules.cancel_deferral(session, deferral.number, because="x")

    stopped = schedules.cancel_deferrals_of(session, "INV-00001", because="credited")

    assert [each.number for each in stopped] == [deferral.number]
    assert ledger.balance(session, SERVICE_REVENUE) == eur("0")
    assert ledger.balance(session, DEFERRED_REVENUE) == eur("-100")


def test_what_was_recognised_is_not_reversed_by_hand(session: Session) -> None:
    revenue_of_100(session)
    schedules.run_schedules(session, through=date(2026, 1, 31))

    with pytest.raises(EntryOfDocument, match="belongs to DEF-00001"):
        ledger.reverse_entry_by_hand(session, "JE-2", because="x")


# Closed periods.


def test_what_falls_into_a_closed_period_is_posted_on_the_first_open_day(
    founded: Engine,
) -> None:
    with unit_of_work(founded) as session:
        revenue_of_100(session)
        ledger.set_period_state(session, "2026-01", PeriodState.CLOSED)
        ledger.set_period_state(session, "2026-02", PeriodState.ON_HOLD)
    with unit_of_work(founded) as session:
        schedules.run_schedules(session, through=date(2026, 3, 31))
        facts = [line.says() for fact in session.info["facts"] for line in fact.changes()]

    assert "deferral DEF-00001 (posting date): 2026-01-31 → 2026-03-01" in facts
    with reading(founded) as session:
        days = [day for day, _ in entries(session, "DEF-00001")]
        assert days == ["2026-03-01", "2026-03-01", "2026-03-15"]
        assert verify(session) == []


def test_without_an_open_period_nothing_is_posted(session: Session) -> None:
    schedules.start_recurring(
        session, memo="Rent", lines=pair(), day_of_month=1, starts_on=date(2027, 12, 1)
    )

    with pytest.raises(NoPeriodForDay):
        schedules.run_schedules(session, through=date(2028, 1, 1))


# At once.


def test_many_runs_at_once_post_everything_once(founded: Engine, at_once: Any) -> None:
    with unit_of_work(founded) as session:
        revenue_of_100(session)
        schedules.start_recurring(
            session, memo="Rent", lines=pair(), day_of_month=1, starts_on=date(2026, 1, 1)
        )
        ten = eur("10")
        schedules.post_accrual(
            session,
            [debit(OPERATING_EXPENSE, ten), credit(SHARE_CAPITAL, ten)],
            memo="x",
            posted_on=date(2026, 1, 31),
        )

    def run(_client: int) -> str:
        with unit_of_work(founded) as session:
            return schedules.run_schedules(session).number

    outcomes = at_once(run, 6)

    assert sorted(str(getattr(each, "code", each)) for each in outcomes) == [
        "RUN-00001",
        *["nothing_due"] * 5,
    ]
    with reading(founded) as session:
        assert ledger.balance(session, RENT) == eur("5400")
        assert ledger.balance(session, SERVICE_REVENUE) == eur("-100")
        assert ledger.balance(session, SHARE_CAPITAL) == eur("0")
        assert verify(session) == []


def test_a_deferral_whose_books_differ_is_found(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        deferral = revenue_of_100(session)
        ten = eur("10")
        # A room that forgot what it deferred.
        ledger.post_entry(
            session,
            [debit(DEFERRED_REVENUE, ten), credit(BANK, ten)],
            memo="x",
            origin=deferral.number,
        )

    with reading(founded) as session:
        [finding] = verify(session)
    assert finding.subject == "INV-00001 2410"
    assert "is not recognised yet" in finding.problem
