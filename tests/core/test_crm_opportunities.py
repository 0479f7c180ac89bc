"""Opportunities move through stages that are data; forecasts and quotas come out to the cent."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from core import crm, ledger, parties, sales
from core.compliance.customers import opportunities_are_where_they_were_moved
from core.crm import ActivityKind, opportunities
from core.crm.opportunities import (
    Chances,
    ForecastCategory,
    LineDraft,
    Opportunity,
    StageKind,
    find_pipeline,
    view_opportunity,
)
from core.crm.opportunities.errors import (
    AmountNegative,
    ClosesInThePast,
    CodeTaken,
    LostWithoutReason,
    NothingChanges,
    OpportunityClosed,
    PeriodBackwards,
    ProbabilityOutOfRange,
    QuotaNotPositive,
    QuotaWhose,
    StageHolds,
    StageUnchanged,
    StaleDaysOutOfRange,
    UnknownOpportunity,
    UnknownStage,
)
from core.crm.opportunities.metrics import as_the_company_rounds
from core.crm.opportunities.rules import Chance, forecast_of, months_between
from core.crm.tasks import plan_task
from core.kernel.company import CompanyRow
from core.kernel.database import rehearsal, unit_of_work
from core.kernel.identity import service as identity
from core.kernel.identity.tables import Person
from core.kernel.money import Money, Rounding
from core.kernel.months import add_months
from core.processes import opportunity_to_order
from tests.conftest import TODAY
from tests.core.shop import Shop, eur, open_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return open_shop(session, limit=None)


@pytest.fixture
def anna(session: Session) -> Person:
    return identity.add_person(session, login="anna", name="Anna", roles={"sales"})


def opened(session: Session, shop: Shop, amount: str = "1000.00", **more: object) -> Opportunity:
    said = Chances(**{"close_on": TODAY + timedelta(days=30), **more})  # type: ignore[arg-type]
    return opportunities.open_opportunity(
        session, party=shop.haus.party, title="New lights", amount=eur(amount), said=said
    )


def moved(session: Session, number: str, stage: str, **more: object) -> Opportunity:
    return opportunities.move_stage(session, number, stage, **more)  # type: ignore[arg-type]


def later(session: Session, days: int) -> None:
    session.info["today"] = TODAY + timedelta(days=days)
    session.info.pop("company", None)


def test_the_way_through_the_stages_is_kept_with_the_days_in_each(
    session: Session, shop: Shop
) -> None:
    deal = opened(session, shop)
    later(session, 4)
    moved(session, deal.number, "needs analysis")
    later(session, 11)
    moved(session, deal.number, "谈判")
    later(session, 13)
    moved(session, deal.number, "lost", because="too dear")
    later(session, 40)

    view = view_opportunity(session, deal.number)

    assert [(v.stage, v.days) for v in view.visits] == [
        ("Qualification", 4), ("Needs analysis", 7), ("Negotiation", 2), ("Lost", 0)
    ]  # fmt: skip
    assert (view.kind, view.lost_reason, view.closed_on) == (
        StageKind.LOST, "too dear", TODAY + timedelta(days=13)
    )  # fmt: skip
    again = moved(session, deal.number, "proposal")
    assert (again.outcome, again.lost_reason, again.closed_on) == (None, None, None)
    with pytest.raises(DBAPIError, match="record of facts"), session.begin_nested():
        session.execute(text("UPDATE stage_change SET by = 'x'"))


def test_bad_moves_are_refused_with_the_reason(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)
    for stage, error, message in (
        ("haggling", UnknownStage, 'no stage "haggling" in "Standard pipeline". Its stages are'),
        ("lost", LostWithoutReason, "Say why OP-00001 was lost"),
        ("qualification", StageUnchanged, "OP-00001 is in the stage Qualification already"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            moved(session, deal.number, stage)
    with pytest.raises(LostWithoutReason):
        moved(session, deal.number, "lost", because="  ")
    with pytest.raises(UnknownOpportunity, match='called "the moon deal"'):
        moved(session, "the moon deal", "won")
    with pytest.raises(UnknownStage) as unknown:
        moved(session, deal.number, "砍价")
    assert "标准管道中没有阶段“砍价”。现有阶段：资格确认、需求分析" in unknown.value.message("zh")
    moved(session, deal.number, "won")
    with pytest.raises(OpportunityClosed, match="OP-00001 is won already"):
        opportunities.change_opportunity(session, deal.number, Chances(title="x"))
    with pytest.raises(IntegrityError, match="ck_opportunity_lost_reason"), session.begin_nested():
        session.execute(text("UPDATE opportunity SET outcome = 'lost'"))
    other = opportunities.add_pipeline(session, code="P2", name="Projects", name_zh="项目")
    stage = opportunities.set_stage(session, other, code="a", probability=Decimal(5))
    with pytest.raises(IntegrityError, match="fk_opportunity"), session.begin_nested():
        session.execute(text("UPDATE opportunity SET stage_id = :s"), {"s": stage.id})


def test_what_cannot_be_worth_or_when_it_cannot_close_is_refused(
    session: Session, shop: Shop
) -> None:
    with pytest.raises(AmountNegative, match=r"cannot be worth -1.00 EUR"):
        opened(session, shop, "-1.00")
    with pytest.raises(ClosesInThePast, match="cannot close on 2026-06-14: today is 2026-06-15"):
        opened(session, shop, close_on=TODAY - timedelta(days=1))
    with pytest.raises(ProbabilityOutOfRange, match=r"probability of 101 %.*0 to 100"):
        opened(session, shop, probability=Decimal(101))
    deal = opened(session, shop)
    with pytest.raises(NothingChanges, match="That is what OP-00001 says already"):
        opportunities.change_opportunity(session, deal.number, amount=eur("1000.00"))


def test_a_customer_s_only_open_deal_is_meant_by_whose_it_is(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)

    assert opportunities.find_opportunity(session, "Rad Haus").number == deal.number
    assert opportunities.find_opportunity(session, "C-00001").number == deal.number
    assert opportunities.find_opportunity(session, "new lights").number == deal.number
    opened(session, shop)
    with pytest.raises(Exception, match="fits more than one"):
        opportunities.find_opportunity(session, "Rad Haus")


def test_stages_are_data_and_a_new_chance_counts_at_once(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)
    usual = find_pipeline(session)
    opportunities.set_stage(session, usual, code="qualification", probability=Decimal("12.5"))
    opportunities.set_stage(
        session,
        usual,
        code="trial",
        name="Trial",
        name_zh="试用",
        probability=Decimal(60),
        position=3,
    )

    assert view_opportunity(session, deal.number).weighted == eur("125.00")
    assert [s.code for s in opportunities.stages_of(session, usual)] == [
        "qualification", "needs", "trial", "proposal", "negotiation", "won", "lost"
    ]  # fmt: skip
    with pytest.raises(ProbabilityOutOfRange, match="100 to 100"):
        opportunities.set_stage(session, usual, code="won", probability=Decimal(90))
    with pytest.raises(CodeTaken, match="pipeline with the code STANDARD"):
        opportunities.add_pipeline(session, code="STANDARD", name="x", name_zh="x")


def test_a_stage_does_not_close_or_open_what_it_holds(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)
    usual = find_pipeline(session)
    with pytest.raises(StageHolds, match="Qualification holds 1 opportunities; move them away"):
        opportunities.set_stage(session, usual, code="qualification", kind=StageKind.WON)
    opportunities.set_stage(session, usual, code="qualification", kind=StageKind.QUOTED)
    moved(session, deal.number, "won")
    with pytest.raises(StageHolds, match="Won holds 1"):
        opportunities.set_stage(session, usual, code="won", kind=StageKind.OPEN)
    with pytest.raises(StaleDaysOutOfRange, match="stalls after 1 to 365 days, not after 0"):
        opportunities.set_stage(session, usual, code="needs", stale_days=0)

    assert list(opportunities_are_where_they_were_moved(session)) == []
    report = opportunities.pipeline_report(session)
    assert (report.number, report.converted, report.won, report.won_amount, report.lost) == (
        1, 1, 1, eur("1000.00"), 0
    )  # fmt: skip


def test_a_forecast_adds_up_what_is_committed_at_best_and_weighted(
    session: Session, shop: Shop, anna: Person
) -> None:
    june = {"close_on": date(2026, 6, 30), "owner": anna}
    sure = opened(session, shop, "2000.00", **june)
    moved(session, sure.number, "negotiation")
    best = opened(session, shop, "1000.00", **june)
    moved(session, best.number, "proposal")
    opened(session, shop, "333.33", close_on=date(2026, 7, 10), probability=Decimal("33.33"))
    won = opened(session, shop, "500.00", close_on=date(2026, 12, 1), owner=anna)
    moved(session, won.number, "won")
    lost = opened(session, shop, "9000.00", **june)
    moved(session, lost.number, "lost", because="gone")

    found = opportunities.forecast(
        session, first=date(2026, 6, 1), last=date(2026, 7, 31), quota=eur("4000.00")
    )

    june_row, july_row = found.rows
    assert (june_row.won, june_row.commit, june_row.best_case, june_row.pipeline) == (
        eur("500.00"), eur("2500.00"), eur("3500.00"), eur("3500.00")
    )  # fmt: skip
    # 75 % of 2,000 + half of 1,000 + 500 won.
    assert june_row.weighted == eur("2500.00")
    assert (july_row.weighted, july_row.commit) == (eur("111.10"), eur("0.00"))
    assert (found.attainment, found.gap, found.coverage) == (
        Decimal("12.50"), eur("3500.00"), Decimal("65.28")
    )  # fmt: skip
    mine = opportunities.forecast(
        session, first=date(2026, 6, 1), last=date(2026, 6, 30), owner_ids=[anna.id]
    )
    assert mine.total.weighted == eur("2500.00")
    assert mine.attainment is None


def test_quotas_of_people_and_teams_and_how_far_they_are_reached(
    session: Session, shop: Shop, anna: Person
) -> None:
    ben = identity.add_person(session, login="ben", name="Ben", roles={"sales"})
    team = opportunities.add_team(session, code="NORTH", name="North", name_zh="北区")
    for person in (anna, ben):
        opportunities.join_team(session, person, team)
    quarter = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
    opportunities.set_quota(session, owner=anna, amount=eur("3000.00"), **quarter)
    opportunities.set_quota(session, team=team, amount=eur("10000.00"), **quarter)
    for owner, amount in ((anna, "2500.00"), (ben, "1500.00"), (None, "700.00")):
        deal = opened(session, shop, amount, owner=owner)
        moved(session, deal.number, "won")

    rows = opportunities.list_quotas(session)

    assert [(r.whose, r.won, r.attainment, r.gap) for r in rows] == [
        ("NORTH", eur("4000.00"), Decimal("40.00"), eur("6000.00")),
        ("anna", eur("2500.00"), Decimal("83.33"), eur("500.00")),
    ]
    assert opportunities.quota_of(session, first=date(2026, 4, 1), last=date(2026, 6, 30),
                                  owner=anna) == eur("3000.00")  # fmt: skip
    for bad, error in (
        ({"owner": anna, "team": team, "amount": eur("1.00"), **quarter}, QuotaWhose),
        ({"owner": anna, "amount": eur("0.00"), **quarter}, QuotaNotPositive),
        ({"owner": anna, "amount": eur("1.00"), "starts_on": date(2026, 7, 1),
          "ends_on": date(2026, 6, 30)}, PeriodBackwards),
    ):  # fmt: skip
        with pytest.raises(error):
            opportunities.set_quota(session, **bad)  # type: ignore[arg-type]


def test_what_nothing_happens_with_has_stalled(session: Session, shop: Shop, anna: Person) -> None:
    quiet, touched, planned = (opened(session, shop, owner=anna) for _ in range(3))
    later(session, 20)
    crm.log_activity(
        session, party=shop.haus.party, kind=ActivityKind.CALL, subject="They think about it",
        opportunity_id=touched.id,
    )  # fmt: skip
    session.execute(
        text("UPDATE activity SET happened_at = :at"), {"at": f"{TODAY + timedelta(days=18)}"}
    )
    plan_task(
        session, owner=anna, subject="Call", due_on=TODAY + timedelta(days=25),
        about=crm.tasks.About(opportunity=planned),
    )  # fmt: skip

    [stalled] = opportunities.list_stalled(session)

    assert (stalled.number, stalled.quiet_days, stalled.allowed_days) == (quiet.number, 20, 14)
    later(session, 31)
    overdue = {each.number: each.overdue for each in opportunities.list_stalled(session)}
    assert overdue == {quiet.number: True, touched.number: True, planned.number: True}


def test_an_amount_in_another_currency_is_worth_the_rate_of_its_day(
    session: Session, shop: Shop
) -> None:
    ledger.set_rate(
        session, "USD", valid_from=TODAY, base_units=Decimal(8), foreign_units=Decimal(10)
    )
    deal = opportunities.open_opportunity(
        session, party=shop.haus.party, title="Export", amount=Money.of("100.05", "USD")
    )

    view = view_opportunity(session, deal.number)

    assert (view.amount, view.base, view.weighted) == (
        Money.of("100.05", "USD"), eur("80.04"), Money.of("10.01", "USD")
    )  # fmt: skip


def test_an_opportunity_becomes_a_quotation_and_an_order_without_retyping(
    session: Session, shop: Shop
) -> None:
    deal = opportunities.open_opportunity(
        session, party=shop.haus.party, title="Ten lamps", amount=eur("150.00"),
        lines=[LineDraft(shop.lamp, Decimal(10), Decimal("18.50"), Decimal(10))],
    )  # fmt: skip

    quotation = opportunity_to_order.quote_opportunity(session, deal.number)

    view = sales.view_quotation(session, quotation.number)
    assert [(line.sku, line.quantity, line.unit_price) for line in view.lines] == [
        ("LAMP-01", Decimal(10), Decimal("18.5"))
    ]
    now = view_opportunity(session, deal.number)
    assert (now.amount, now.stage, now.documents) == (
        eur("166.50"), "Proposal", (quotation.number,)
    )  # fmt: skip
    sales.send_quotation(session, quotation.number)
    order = opportunity_to_order.order_opportunity(session, deal.number, wins=True)
    won = view_opportunity(session, deal.number)
    assert (won.kind, won.documents) == (StageKind.WON, (quotation.number, order.number))
    assert sales.view_quotation(session, quotation.number).state == "accepted"


def test_an_order_that_was_cancelled_counts_no_more(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)
    quotation = opportunity_to_order.quote_opportunity(
        session, deal.number, lines=[LineDraft(shop.lamp, Decimal(3))]
    )
    sales.send_quotation(session, quotation.number)
    first = opportunity_to_order.order_opportunity(session, deal.number, wins=False)
    sales.cancel_order(session, first.number, because="a slip")

    second = opportunity_to_order.order_opportunity(session, deal.number, wins=True)

    view = view_opportunity(session, deal.number)
    assert view.amount == eur("60.00")
    assert view.documents == (quotation.number, first.number, second.number)


def test_the_amount_follows_the_quotation(session: Session, shop: Shop) -> None:
    deal = opened(session, shop)
    quotation = opportunity_to_order.quote_opportunity(
        session, deal.number, lines=[LineDraft(shop.lamp, Decimal(3))]
    )
    assert view_opportunity(session, deal.number).amount == eur("60.00")

    sales.change_quotation(
        session, quotation.number, lines=[sales.QuoteLineDraft(shop.lamp, Decimal(4))]
    )
    opportunity_to_order.follow_quotation(session, quotation.number)

    assert view_opportunity(session, deal.number).amount == eur("80.00")


amounts = st.integers(0, 10_000_000)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            amounts,
            st.decimals(0, 100, places=2),
            st.sampled_from([StageKind.OPEN, StageKind.QUOTED, StageKind.LOST]),
            st.sampled_from(list(ForecastCategory)),
            st.dates(date(2025, 11, 1), date(2026, 4, 30)),
        ),
        max_size=8,
    )
)
def test_the_months_of_a_forecast_add_up_to_its_total(drawn: list[tuple]) -> None:  # type: ignore[type-arg]
    chances = [
        Chance(day, Money(minor, "EUR"), percent, kind, category)
        for minor, percent, kind, category, day in drawn
    ]

    found = forecast_of(
        chances, months_between(date(2025, 11, 1), date(2026, 4, 30)), "EUR", Rounding.HALF_UP
    )

    for name in ("won", "commit", "best_case", "pipeline", "weighted"):
        parts = sum(getattr(row, name).minor for row in found.rows)
        assert parts == getattr(found.total, name).minor
    for row in found.rows:
        assert row.won.minor <= row.commit.minor <= row.best_case.minor <= row.pipeline.minor
        assert 0 <= row.weighted.minor <= row.pipeline.minor


@pytest.mark.parametrize("mode", list(Rounding))
def test_reports_round_a_weighted_amount_as_the_company_does(
    session: Session, mode: Rounding
) -> None:
    session.execute(update(CompanyRow).values(rounding=mode))
    for said in ("0.5", "1.5", "2.5", "2.4999", "2.5001", "3.5", "7"):
        reported = session.scalar(select(as_the_company_rounds(literal(Decimal(said)))))
        assert reported == Money.rounding(Decimal(said) / 100, "EUR", mode).minor, said


def test_a_stage_that_is_used_cannot_mean_an_end_before_who_uses_it_is_done(
    databases: Callable[[str], Engine],
) -> None:
    engine = databases("shop")
    with unit_of_work(engine) as session:
        party = parties.find_party(session, "Acme Bikes")
        deal = opportunities.open_opportunity(session, party=party, title="Shelves")
        number = deal.number
    refused: list[str] = []

    def end_it() -> None:
        with unit_of_work(engine) as other, pytest.raises(StageHolds) as refusal:
            pipeline = opportunities.find_pipeline(other)
            opportunities.set_stage(other, pipeline, code="negotiation", kind=StageKind.WON)
        refused.append(str(refusal.value))

    with unit_of_work(engine) as session:
        opportunities.move_stage(session, number, "negotiation")
        ends = threading.Thread(target=end_it)
        ends.start()
        ends.join(timeout=0.5)
        assert ends.is_alive()
        assert refused == []
    ends.join(timeout=10)
    assert len(refused) == 1
    with rehearsal(engine) as session:
        for count in range(2):
            opportunities.open_opportunity(session, party=party, title=f"Deal {count}")
        session.execute(text("UPDATE opportunity SET close_on = opened_on - 1"))
        assert opportunities.count_stalled(session) == 3
        assert len(opportunities.list_stalled(session, limit=2)) == 2
    engine.dispose()


def test_months_are_counted_to_the_last_day_of_a_shorter_one() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 3, 31), -4) == date(2025, 11, 30)
    assert add_months(date(2026, 11, 5), 14) == date(2028, 1, 5)
