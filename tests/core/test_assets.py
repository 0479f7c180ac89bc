"""Fixed assets: plans, runs, what they are worth later, and the register that agrees."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.compliance import verify, verify_books
from core.invoicing import InvoiceDraftLine, InvoiceKind
from core.kernel.database import reading, rehearsal, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.money import Money, Rounding
from core.ledger import JournalEntry, PeriodState, assets
from core.ledger.assets import AssetState, Convention, DepreciationMethod, Terms
from core.ledger.assets.errors import (
    AssetClassExists,
    AssetGone,
    BeforeLastMove,
    BelowResidual,
    DepreciationTakenBack,
    LaterMoves,
    LifeNeeded,
    NotByUnits,
    NothingToDepreciate,
    NothingToTakeBack,
    NotInDocument,
    PercentNeeded,
    ResidualReached,
    ShareOutOfRange,
    UnitsNeeded,
    UnknownAsset,
    UnknownAssetClass,
    UnknownDepreciationRun,
    ValueStaysAsItIs,
)
from core.ledger.chart import (
    ACCUMULATED_DEPRECIATION,
    BANK,
    DEPRECIATION,
    DISPOSAL_GAIN,
    DISPOSAL_LOSS,
    FIXED_ASSETS,
    IMPAIRMENT,
    OPENING_BALANCE,
    RECEIVABLE,
    RETAINED_EARNINGS,
    REVALUATION_RESERVE,
)
from core.ledger.errors import KeptByDocuments
from core.processes.credit import AssetsStand, credit_document
from tests.conftest import Databases

JANUARY = date(2025, 1, 1)
Method = DepreciationMethod


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(scope="module")
def shared_books(databases: Databases) -> Engine:
    """Books for many short stories: each is rehearsed, so none leaves anything behind."""
    return databases("founded")


def said(amount: Money) -> str:
    return str(amount.amount)


def bill(session: Session, amount: str, day: date = JANUARY) -> str:
    supplier = parties.add_supplier(session, name="Supplier A")
    line = InvoiceDraftLine(
        None, "Machine", Decimal(1), Decimal(amount), Decimal(0), None, FIXED_ASSETS
    )
    document = invoicing.post_invoice(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=supplier.party,
        lines=[line],
        origin="",
        posted_on=day,
        payment_days=30,
    )
    return document.number


def machine(session: Session, **given: object) -> assets.Asset:
    """Buy a machine of 1,000.00 that keeps 100.00, used from January 2025 for 24 months."""
    terms: dict[str, object] = {
        "name": "Press",
        "asset_class": "MACHINERY",
        "cost": eur("1000"),
        "residual": eur("100"),
        "against": BANK,
        "acquired_on": JANUARY,
        "months": 24,
    }
    return assets.acquire_asset(session, **(terms | given))  # type: ignore[arg-type]


def carried(session: Session, *accounts: str) -> list[str]:
    return [said(ledger.balance(session, account)) for account in accounts]


# Scenario E03.


def test_a_bill_becomes_an_asset_that_is_depreciated_month_by_month(session: Session) -> None:
    number = bill(session, "1000")

    asset = machine(session, document=number, cost=None, against=None, acquired_on=None)
    assets.depreciate(session, through=date(2025, 3, 31))

    plan = assets.asset_plan(session, asset.number)
    assert {said(line.amount) for line in plan.lines} == {"37.50"}
    assert len(plan.lines) == 24
    assert said(plan.lines[-1].book_value) == "100.00"
    assert [bool(line.entry) for line in plan.lines] == [True] * 3 + [False] * 21
    assert carried(session, FIXED_ASSETS, DEPRECIATION, ACCUMULATED_DEPRECIATION) == [
        "1000.00",
        "112.50",
        "-112.50",
    ]
    assert asset.origin == number
    assert assets.unregistered(session) == []
    assert verify_books(session) == []


@pytest.mark.parametrize(
    ("method", "convention", "start", "months", "percent", "years"),
    [
        (Method.STRAIGHT_LINE, "full_month", JANUARY, 36, None, "300 300 300"),
        (Method.STRAIGHT_LINE, "full_month", date(2025, 1, 15), 24, None, "450 450"),
        (Method.STRAIGHT_LINE, "pro_rata", date(2025, 1, 15), 24, None, "433.06 450 16.94"),
        (Method.STRAIGHT_LINE_BY_DAY, "full_month", date(2025, 1, 1), 12, None, "900"),
        (Method.DECLINING_BALANCE, "full_month", JANUARY, 36, 40, "400 240 260"),
        (Method.DECLINING_THEN_STRAIGHT, "full_month", JANUARY, 60, 40, "400 240 144 86.40 29.60"),
        # Half of the first year, and then of what is left at the beginning of each year.
        (Method.DECLINING_BALANCE, "full_month", date(2025, 7, 1), 36, 40, "200 320 192 188"),
        (Method.DECLINING_THEN_STRAIGHT, "full_month", JANUARY, 48, 30, "300 210 195 195"),
        (Method.DECLINING_BALANCE, "full_month", JANUARY, 24, 100, "900"),
        (Method.NONE, "full_month", JANUARY, 12, None, ""),
    ],
)
def test_a_plan_by_its_years(
    method: Method,
    convention: str,
    start: date,
    months: int,
    percent: int | None,
    years: str,
) -> None:
    counts = Convention(convention)
    begins = start if convention == "pro_rata" else start.replace(day=1)
    terms = Terms(
        method,
        counts,
        begins,
        assets.last_day(start, months, method, counts),
        None if percent is None else Decimal(percent),
    )

    lines = assets.plan(eur("1000"), eur("100"), terms, Rounding.HALF_UP)

    by_year: dict[int, Decimal] = {}
    for line in lines:
        by_year[line.due_on.year] = by_year.get(line.due_on.year, Decimal(0)) + line.amount.amount
    assert list(by_year.values()) == [Decimal(year) for year in years.split()]


@given(
    cost=st.integers(1, 10**9),
    keeps=st.integers(0, 100),
    start=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    months=st.integers(1, 240),
    method=st.sampled_from([m for m in Method if m not in {Method.UNITS, Method.NONE}]),
    convention=st.sampled_from(Convention),
    percent=st.decimals("0.5", "100", places=2),
    rounding=st.sampled_from(Rounding),
)
def test_a_plan_takes_the_value_to_the_residual_and_never_below(
    cost: int,
    keeps: int,
    start: date,
    months: int,
    method: Method,
    convention: Convention,
    percent: Decimal,
    rounding: Rounding,
) -> None:
    value, residual = Money(cost, "EUR"), Money(cost * keeps // 100, "EUR")
    ends = assets.last_day(start, months, method, convention)
    terms = Terms(method, convention, start, ends, percent)

    lines = assets.plan(value, residual, terms, rounding)

    assert sum(line.amount.minor for line in lines) == (value - residual).minor
    assert all(line.amount.minor > 0 for line in lines)
    assert all(start <= line.due_on <= ends for line in lines)
    assert sorted({line.due_on for line in lines}) == [line.due_on for line in lines]


# The run.


def test_a_month_of_an_asset_is_posted_once_and_again_after_it_was_taken_back(
    session: Session,
) -> None:
    asset = machine(session)
    run = assets.depreciate(session, through=date(2025, 2, 28))
    with pytest.raises(NothingToDepreciate):
        assets.depreciate(session, through=date(2025, 2, 28))

    assets.take_back_run(session, run.number, because="wrong life")

    assert carried(session, DEPRECIATION, ACCUMULATED_DEPRECIATION) == ["0.00", "0.00"]
    assert assets.asset_view(session, asset.number).book_value == eur("1000")
    with pytest.raises(DepreciationTakenBack):
        assets.take_back_run(session, run.number, because="again")
    with pytest.raises(UnknownDepreciationRun):
        assets.take_back_run(session, "DEP-00099", because="?")
    assets.depreciate(session, through=date(2025, 3, 31), asset="press")
    assert carried(session, DEPRECIATION) == ["112.50"]
    assert assets.depreciation_due(session, through=date(2025, 12, 31)) == (9, eur("337.50"))
    assert verify_books(session) == []


def test_the_database_posts_a_month_of_an_asset_once(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        machine(session)
        assets.depreciate(session, through=date(2025, 1, 31))

    with pytest.raises(IntegrityError, match="uq_asset_move_due_once"), unit_of_work(founded) as s:
        s.execute(
            text(
                "INSERT INTO asset_move SELECT (jsonb_populate_record(move, jsonb_build_object("
                "'id', gen_random_uuid(), 'position', 99))).* FROM asset_move AS move"
                " WHERE due_on IS NOT NULL"
            )
        )
    with pytest.raises(IntegrityError, match="not_below_residual"), unit_of_work(founded) as s:
        s.execute(text("UPDATE asset SET accumulated_minor = 90001"))


def test_runs_at_once_post_every_month_once(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        for _ in range(3):
            machine(session)

    def run(_: int) -> str:
        with unit_of_work(founded) as session:
            return assets.depreciate(session, through=date(2025, 6, 30)).number

    outcomes = at_once(run, 6)

    assert sum(isinstance(each, str) for each in outcomes) == 1
    assert sum(isinstance(each, NothingToDepreciate) for each in outcomes) == 5
    with reading(founded) as session:
        assert carried(session, DEPRECIATION) == ["675.00"]
        assert verify(session) == []


def test_what_was_due_in_a_closed_period_is_posted_on_the_first_open_day(session: Session) -> None:
    machine(session)
    ledger.set_period_state(session, "2025-01", PeriodState.CLOSED)

    run = assets.depreciate(session, through=date(2025, 2, 28))

    wanted = select(JournalEntry.posted_on).where(JournalEntry.origin == run.number)
    assert sorted(map(str, session.scalars(wanted))) == ["2025-02-01", "2025-02-28"]


def test_depreciation_belongs_to_the_cost_centre_and_moves_with_the_asset(
    session: Session,
) -> None:
    for code in ("MILL", "LAB"):
        ledger.add_member(session, "cost_centre", code=code, name=code.title())
    asset = machine(session, dimensions=(("cost_centre", "mill"),))
    assets.depreciate(session, through=date(2025, 2, 28))

    assets.transfer_asset(
        session, asset.number, dimensions=(("cost_centre", "LAB"),), on=date(2025, 2, 28)
    )
    assets.depreciate(session, through=date(2025, 3, 31))

    rows = session.execute(
        text(
            "SELECT key, sum(base_minor) FROM posting JOIN dimension_set AS s"
            " ON s.id = dimension_set_id GROUP BY 1 ORDER BY 1"
        )
    ).all()
    assert [tuple(row) for row in rows] == [("cost_centre=LAB", 3750), ("cost_centre=MILL", 7500)]
    with pytest.raises(NothingToTakeBack):
        assets.take_back_move(session, asset.number, because="a run is taken back by its number")
    assert verify_books(session) == []


# How it comes into the books.


def test_an_asset_of_the_opening_balance_goes_on_where_it_was(session: Session) -> None:
    asset = machine(
        session,
        against=None,
        accumulated=eur("450"),
        depreciated_through=date(2025, 12, 31),
        in_service_on=JANUARY,
        acquired_on=date(2026, 1, 1),
    )

    plan = assets.asset_plan(session, asset.number)
    assets.depreciate(session, through=date(2027, 12, 31))

    assert [said(line.amount) for line in plan.lines] == ["37.50"] * 12
    assert carried(session, OPENING_BALANCE, FIXED_ASSETS, ACCUMULATED_DEPRECIATION) == [
        "-550.00",
        "1000.00",
        "-900.00",
    ]
    assert verify_books(session) == []


def test_of_a_bill_no_more_becomes_assets_than_it_charged(session: Session) -> None:
    number = bill(session, "1000")
    of_bill = {"document": number, "against": None, "acquired_on": None}
    assert assets.charges_without_asset(session) == [(number, JANUARY, eur("1000"))]
    assert [said(each.difference) for each in assets.unregistered(session)] == ["1000.00"]
    first = machine(session, **of_bill, cost=eur("600"))

    with pytest.raises(NotInDocument, match=r"400\.00 EUR"):
        machine(session, **of_bill, cost=eur("400.01"))
    second = machine(session, **of_bill, cost=None)

    assert said(assets.asset_view(session, second.number).cost) == "400.00"
    assert assets.charges_without_asset(session) == []
    with pytest.raises(NotInDocument):
        machine(session, document="BILL-00099", against=None)
    with pytest.raises(AssetsStand, match=f"{first.number}, {second.number}"):
        credit_document(session, number, because="sent back")
    for each in (first, second):
        assets.take_back_move(session, each.number, because="sent back")
        assert assets.asset_view(session, each.number).state is AssetState.CANCELLED
    credit_document(session, number, because="sent back")
    assert carried(session, FIXED_ASSETS) == ["0.00"]
    assert assets.list_assets(session) == []
    assert verify_books(session) == []


def test_what_is_missing_or_wrong_is_refused(session: Session) -> None:
    with pytest.raises(UnknownAssetClass):
        machine(session, asset_class="spaceships")
    with pytest.raises(BelowResidual):
        machine(session, residual=eur("1000.01"))
    with pytest.raises(PercentNeeded):
        machine(session, method=Method.DECLINING_BALANCE)
    with pytest.raises(UnitsNeeded):
        machine(session, method=Method.UNITS)
    with pytest.raises(LifeNeeded):
        machine(session, asset_class="land", method=Method.STRAIGHT_LINE, months=None)
    with pytest.raises(KeptByDocuments):
        machine(session, against=RECEIVABLE)
    with pytest.raises(UnknownAsset):
        assets.asset_view(session, "FA-00099")
    assets.add_class(session, code="RIGS", name="Rigs", months=60)
    with pytest.raises(AssetClassExists):
        assets.add_class(session, code="RIGS", name="Rigs")
    assert [each.code for each in assets.list_classes(session)] == [
        "BUILDINGS", "FURNITURE", "IT", "LAND", "MACHINERY", "RIGS", "SOFTWARE", "VEHICLES",
    ]  # fmt: skip


# Worth more, worth less.


def test_a_revaluation_goes_to_the_reserve_and_the_plan_goes_on_from_it(session: Session) -> None:
    asset = machine(session)

    assets.revalue_asset(session, asset.number, to=eur("1000"), on=date(2025, 12, 31))

    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines if not line.entry] == ["75.00"] * 12
    assert carried(session, DEPRECIATION, REVALUATION_RESERVE, FIXED_ASSETS) == [
        "450.00",
        "-450.00",
        "1450.00",
    ]
    assert verify_books(session) == []

    assets.impair_asset(session, asset.number, by=eur("600"), on=date(2025, 12, 31), because="fire")

    view = assets.asset_view(session, asset.number)
    assert (said(view.book_value), said(view.reserve)) == ("400.00", "0.00")
    assert carried(session, REVALUATION_RESERVE, IMPAIRMENT) == ["0.00", "150.00"]
    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines if not line.entry] == ["25.00"] * 12
    assert verify_books(session) == []

    for _ in range(2):
        assets.take_back_move(session, asset.number, because="appraised again")
    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines if not line.entry] == ["37.50"] * 12
    assert carried(session, REVALUATION_RESERVE, IMPAIRMENT, FIXED_ASSETS) == [
        "0.00",
        "0.00",
        "1000.00",
    ]
    assert verify_books(session) == []


def test_what_is_worth_less_than_its_residual_keeps_no_more_than_that(session: Session) -> None:
    asset = machine(session)

    assets.revalue_asset(session, asset.number, to=eur("60"), on=date(2025, 6, 30))

    view = assets.asset_view(session, asset.number)
    assert (said(view.residual), said(view.book_value)) == ("60.00", "60.00")
    assert carried(session, IMPAIRMENT) == ["715.00"]
    with pytest.raises(ValueStaysAsItIs):
        assets.revalue_asset(session, asset.number, to=eur("60"), on=date(2025, 6, 30))
    with pytest.raises(NothingToDepreciate):
        assets.depreciate(session, through=date(2027, 12, 31))
    assert verify_books(session) == []


def test_an_asset_at_the_end_of_its_life_needs_a_new_one(session: Session) -> None:
    asset = machine(session, months=12)
    end = date(2026, 1, 31)
    assets.depreciate(session, through=date(2025, 12, 31))

    with pytest.raises(LifeNeeded):
        assets.revalue_asset(session, asset.number, to=eur("700"), on=end)
    assets.revalue_asset(session, asset.number, to=eur("700"), on=end, months=6)

    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines[12:]] == ["100.00"] * 6
    assert verify_books(session) == []


# Gone.


@pytest.mark.parametrize(
    ("proceeds", "gain", "loss"),
    [("700", "-37.50", "0.00"), ("500", "0.00", "162.50"), (None, "0.00", "662.50")],
)
def test_a_sale_is_a_gain_or_a_loss_after_depreciation_until_then(
    session: Session, proceeds: str | None, gain: str, loss: str
) -> None:
    asset = machine(session)

    sold = assets.dispose_asset(
        session,
        asset.number,
        proceeds=eur(proceeds) if proceeds else None,
        on=date(2025, 10, 20),
    )

    assert said(sold.book_value) == "662.50"
    assert carried(session, FIXED_ASSETS, ACCUMULATED_DEPRECIATION) == ["0.00", "0.00"]
    assert carried(session, DEPRECIATION) == ["337.50"]
    assert carried(session, DISPOSAL_GAIN, DISPOSAL_LOSS) == [gain, loss]
    with pytest.raises(AssetGone):
        assets.dispose_asset(session, asset.number)
    assets.take_back_move(session, asset.number, because="the buyer withdrew")
    assert assets.asset_view(session, asset.number).book_value == eur("662.50")
    assert verify_books(session) == []


def test_where_days_count_an_asset_is_depreciated_to_the_day_it_is_sold(session: Session) -> None:
    asset = machine(session, convention=Convention.PRO_RATA)

    assets.dispose_asset(session, asset.number, proceeds=eur("900"), on=date(2025, 2, 14))

    # A month, and 14 of 28 days: 37.50 and 18.75.
    assert carried(session, DEPRECIATION, DISPOSAL_LOSS) == ["56.25", "43.75"]
    assert verify_books(session) == []
    assets.take_back_move(session, asset.number, because="the buyer withdrew")
    assets.depreciate(session, through=date(2027, 12, 31))
    assert carried(session, DEPRECIATION) == ["900.00"]
    assert verify_books(session) == []


def test_a_share_leaves_with_its_share_of_everything(session: Session) -> None:
    asset = machine(session)
    assets.revalue_asset(session, asset.number, to=eur("1000"), on=date(2025, 12, 31))

    assets.dispose_asset(
        session, asset.number, proceeds=eur("300"), on=date(2026, 1, 10), share_percent=Decimal(30)
    )

    view = assets.asset_view(session, asset.number)
    assert [said(each) for each in (view.cost, view.accumulated, view.residual, view.reserve)] == [
        "1015.00", "315.00", "70.00", "315.00",
    ]  # fmt: skip
    assert carried(session, RETAINED_EARNINGS, DISPOSAL_GAIN, DISPOSAL_LOSS) == [
        "-135.00",
        "0.00",
        "0.00",
    ]
    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines if not line.entry] == ["52.50"] * 12
    for percent in ("0", "100.01", "0.0000001"):
        with pytest.raises(ShareOutOfRange):
            assets.dispose_asset(session, asset.number, share_percent=Decimal(percent))
    assert verify_books(session) == []


def test_what_happened_is_taken_back_from_the_newest_on(session: Session) -> None:
    asset = machine(session)
    run = assets.depreciate(session, through=date(2025, 3, 31))
    with pytest.raises(BeforeLastMove):
        assets.revalue_asset(session, asset.number, to=eur("500"), on=date(2025, 3, 30))
    assets.revalue_asset(session, asset.number, to=eur("500"), on=date(2025, 3, 31))

    with pytest.raises(LaterMoves):
        assets.take_back_run(session, run.number, because="?")
    assets.take_back_move(session, asset.number, because="?")
    assets.take_back_run(session, run.number, because="?")

    assert assets.asset_view(session, asset.number).book_value == eur("1000")
    assert verify_books(session) == []


def test_an_asset_is_depreciated_by_what_it_has_run(session: Session) -> None:
    asset = machine(session, method=Method.UNITS, units=Decimal(30_000))
    other = machine(session)

    for units in ("10000", "30000"):
        assets.tell_use(session, asset.number, units=Decimal(units), on=date(2025, 5, 1))

    plan = assets.asset_plan(session, asset.number)
    assert [said(line.amount) for line in plan.lines] == ["300.00", "600.00"]
    with pytest.raises(ResidualReached):
        assets.tell_use(session, asset.number, units=Decimal(1), on=date(2025, 5, 1))
    with pytest.raises(NotByUnits):
        assets.tell_use(session, other.number, units=Decimal(1))
    assets.take_back_move(session, asset.number, because="misread")
    assert assets.asset_view(session, asset.number).accumulated == eur("300")
    assert verify_books(session) == []


def test_the_register_says_how_the_assets_of_a_class_moved(session: Session) -> None:
    asset = machine(session)
    assets.depreciate(session, through=date(2025, 12, 31))
    machine(session, acquired_on=date(2026, 1, 1), cost=eur("240"), residual=None)
    assets.dispose_asset(session, asset.number, on=date(2026, 1, 31))

    [row] = assets.register(session, since=date(2026, 1, 1), until=date(2026, 12, 31))

    costs = (row.opening_cost, row.additions, row.disposed, row.closing_cost)
    assert [said(each) for each in costs] == ["1000.00", "240.00", "1000.00", "240.00"]
    gone = (row.opening_accumulated, row.depreciated, row.released, row.closing_accumulated)
    assert [said(each) for each in gone] == ["450.00", "37.50", "487.50", "0.00"]
    assert said(row.book_value) == "240.00"


def test_a_register_that_was_tampered_with_is_found(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        asset = machine(session)
        assets.depreciate(session, through=date(2025, 1, 31))
        session.execute(text("UPDATE asset SET accumulated_minor = accumulated_minor + 1"))
        session.execute(text("UPDATE asset_move SET cost_minor = 99999 WHERE position = 1"))

    with reading(founded) as session:
        found = {finding.subject.split()[0] for finding in verify(session)}

    assert asset.number in found
    assert "JE-00001" in found


@settings(max_examples=6)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["run", "revalue", "part", "back", "run_back"]), st.integers(1, 99)
        ),
        min_size=1,
        max_size=7,
    ),
    convention=st.sampled_from(Convention),
)
def test_whatever_happens_to_an_asset_the_register_agrees_with_the_books(
    shared_books: Engine, steps: list[tuple[str, int]], convention: Convention
) -> None:
    with rehearsal(shared_books) as session:
        asset = machine(session, convention=convention)
        day, runs = JANUARY, []
        for step, size in steps:
            day += timedelta(days=size // 2)
            view = assets.asset_view(session, asset.number)
            try:
                if step == "run":
                    runs.append(assets.depreciate(session, through=day).number)
                elif step == "revalue":
                    assets.revalue_asset(session, asset.number, to=eur(str(size * 9)), on=day)
                elif step == "part":
                    share = Decimal(size) / 3
                    assets.dispose_asset(session, asset.number, on=day, share_percent=share)
                elif step == "back":
                    assets.take_back_move(session, asset.number, because="?")
                elif runs:
                    assets.take_back_run(session, runs.pop(), because="?")
            except DomainError:
                session.expire_all()
            assert view.number == asset.number
            assert verify_books(session) == []
        accounts = carried(session, FIXED_ASSETS, ACCUMULATED_DEPRECIATION)
        view = assets.asset_view(session, asset.number)
        assert accounts == [said(view.cost), said(-view.accumulated)]
