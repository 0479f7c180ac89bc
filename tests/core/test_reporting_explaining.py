"""Why a figure changed: every split adds up to the change, in whatever order it is looked at."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.kernel.company import RevenueBasis, found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.identity.acting import Acting, Actor
from core.reporting import CannotAnswer, NotYoursToSee, rows_behind
from core.reporting.explaining import ExplainChange, Explanation, explain
from core.reporting.explaining.splitting import (
    Moved,
    Sold,
    part_effects,
    price_volume_mix,
    ratio_shares,
    rounded_to,
    told_apart,
)
from tests.core.test_reporting_orders import TODAY, fill
from tools.explaining import ExplanationAnswer

MAY = {"start": "2014-05-01", "end": "2014-05-31"}
amounts = st.decimals(-10_000, 10_000, places=2)
quantities = st.decimals(0, 500, places=1)
few = settings(max_examples=40)


@pytest.fixture(scope="module")
def history(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """600 orders over three years, by 12 customers, of 8 items."""
    engine = databases("schema")
    with unit_of_work(engine) as session:
        found_company(
            session, name="Old Books", name_zh="旧账公司", country="US", currency="USD",
            business_date=TODAY, revenue_basis=RevenueBasis.ORDERS,
        )  # fmt: skip
        fill(session)
    yield engine
    engine.dispose()


def why(engine: Engine, metric: str, **asked: Any) -> Explanation:
    with reading(engine) as session:
        return explain(session, ExplainChange(metric=metric, **{"period": MAY, **asked}))


def sold(key: str | None, *figures: str, unit: str = "PCS") -> Sold:
    return Sold(key, unit, *(Decimal(figure) for figure in figures))


# The arithmetic.


def test_revenue_is_split_by_price_volume_and_mix_as_by_hand() -> None:
    lines = [
        sold("A", "10", "8", "50", "48"),  # 5.00 to 6.00 each
        sold("B", "5", "10", "100", "200"),  # 20.00 each
        sold("C", "0", "3", "0", "21"),
        sold("D", "2", "0", "9", "0"),
        sold(None, "0", "0", "10", "12"),
    ]

    effects = price_volume_mix(lines, with_cost=False)

    assert effects == {
        "price": 8, "cost": 0, "volume": 30, "mix": 60, "new": 21, "lost": -9, "other": 2,
    }  # fmt: skip


def test_pieces_are_never_added_to_kilograms() -> None:
    lines = [
        sold("A", "10", "20", "100", "200"),
        sold("B", "1", "2", "500", "1000", unit="KG"),
    ]

    effects = price_volume_mix(lines, with_cost=False)

    assert (effects["volume"], effects["mix"]) == (600, 0)


@few
@given(
    rows=st.lists(st.tuples(*[quantities] * 2, *[amounts] * 4), max_size=6),
    units=st.lists(st.sampled_from(["PCS", "KG"]), min_size=6, max_size=6),
    with_cost=st.booleans(),
)
def test_price_volume_and_mix_add_up_to_the_change_in_any_order(
    rows: list[tuple[Decimal, ...]], units: list[str], *, with_cost: bool
) -> None:
    lines = [Sold(str(place), units[place], *row) for place, row in enumerate(rows)]

    effects = price_volume_mix(lines, with_cost=with_cost)
    backwards = price_volume_mix(reversed(lines), with_cost=with_cost)

    change = sum(one.amount_now - one.amount_before for one in lines)
    if with_cost:
        change -= sum(one.cost_now - one.cost_before for one in lines)
    assert abs(sum(effects.values()) - change) < Decimal("1e-15")
    assert all(abs(effects[name] - backwards[name]) < Decimal("1e-15") for name in effects)


@few
@given(
    st.lists(
        st.tuples(amounts, amounts, st.decimals(1, 900, places=2), st.decimals(0, 900, places=2)),
        min_size=1,
        max_size=6,
    )
)
def test_the_members_of_a_ratio_add_up_to_its_change_in_any_order(
    rows: list[tuple[Decimal, ...]],
) -> None:
    above = {str(n): Moved(str(n), row[0], row[1]) for n, row in enumerate(rows)}
    below = {str(n): Moved(str(n), row[2], row[3]) for n, row in enumerate(rows)}

    shares = ratio_shares(above, below)
    turned = ratio_shares(above, dict(reversed(below.items())))

    over_before, over_now = (
        sum(getattr(m, at) for m in below.values()) for at in ("before", "now")
    )
    if not over_now:
        assert shares is None
        return
    assert shares is not None
    assert turned is not None
    change = sum(row[1] for row in rows) / over_now - sum(row[0] for row in rows) / over_before
    assert abs(sum(share.amount for share in shares) - change) < Decimal("1e-12")
    assert {s.key: round(s.amount, 12) for s in shares} == {
        s.key: round(s.amount, 12) for s in turned
    }
    assert all(abs(s.amount - (s.rate or 0) - (s.mix or 0)) < Decimal("1e-15") for s in shares)


@few
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4))
def test_the_parts_of_a_formula_add_up_to_its_change_whichever_changed_first(
    parts: list[tuple[Decimal, Decimal]],
) -> None:
    def product(parts: list[tuple[Decimal, Decimal]], changed: frozenset[int]) -> Decimal:
        figure = Decimal(1)
        for place, (before, now) in enumerate(parts):
            figure *= (now if place in changed else before) / 1000
        return figure

    everything = frozenset(range(len(parts)))
    change = product(parts, everything) - product(parts, frozenset())
    effects = part_effects(lambda changed: product(parts, changed), len(parts))
    turned = part_effects(lambda changed: product(parts[::-1], changed), len(parts))

    assert effects is not None
    assert turned is not None
    assert abs(sum(effects) - change) < Decimal("1e-12")
    assert [round(e, 12) for e in effects] == [round(e, 12) for e in reversed(turned)]


@few
@given(st.lists(st.decimals(-100, 100, places=7), min_size=1, max_size=9), st.integers(0, 4))
def test_rounded_parts_add_up_to_what_is_shown(parts: list[Decimal], digits: int) -> None:
    wanted = round(sum(parts, Decimal(0)), digits)

    shown = rounded_to(parts, digits, wanted)

    assert sum(shown) == wanted
    unit = Decimal(1).scaleb(-digits)
    assert all(abs(one - part) <= unit for one, part in zip(shown, parts, strict=True))


def test_a_dimension_tells_nothing_where_all_members_moved_alike() -> None:
    alike = [Moved("a", Decimal(100), Decimal(50)), Moved("b", Decimal(10), Decimal(5))]
    one = [Moved("a", Decimal(10), Decimal(1)), Moved("b", Decimal(90), Decimal(89))]

    def told(moved: list[Moved]) -> Decimal:
        return told_apart(moved, {each.key: each.change for each in moved})

    assert told(alike) == 0
    # It makes nine tenths of the fall, and 11 of 190 of the figures before and after.
    assert round(told(one), 6) == round(Decimal("0.9") - Decimal(11) / 190, 6)
    assert told(one) == told(one[::-1])


# On the books.


@pytest.mark.parametrize(
    "metric", ["revenue", "gross_profit", "gross_margin_pct", "orders", "aov", "discount_pct"]
)
def test_every_split_of_a_change_adds_up_to_it(history: Engine, metric: str) -> None:
    found = why(history, metric, top=3)

    assert found.change == found.now - found.before
    assert found.breakdowns
    for breakdown in found.breakdowns:
        assert sum(one.amount for one in breakdown.contributions) == found.change
        assert len(breakdown.contributions) <= 4
    if metric in {"revenue", "gross_profit"}:
        assert sum(one.amount for one in found.effects) == found.change
    if found.metric.parts:
        assert sum(one.amount for one in found.parts) == found.change


def test_what_tells_most_comes_first_and_nothing_twice(history: Engine) -> None:
    found = why(history, "revenue")

    tells = [breakdown.tells for breakdown in found.breakdowns]
    assert tells == sorted(tells, reverse=True)
    assert tells[-1] > 0
    shown = [breakdown.dimension.id for breakdown in found.breakdowns]
    # Every territory of these books is a country of its own.
    assert "territory" not in shown or "country" not in shown


def test_a_contribution_leads_to_the_documents_of_both_periods(history: Engine) -> None:
    found = why(history, "revenue", by=("customer",), top=12)
    (breakdown,) = found.breakdowns

    with reading(history) as session:
        for one in breakdown.contributions:
            now, before = (
                rows_behind(session, breakdown.query, breakdown.cell(one, compared=compared))
                for compared in (False, True)
            )
            moved = now[0].amount - before[0].amount
            assert abs(moved - one.amount) <= Decimal("0.01")
            assert all(document.number.startswith("SO-") for document in now[0].documents)


def test_members_that_came_or_went_are_called_so(history: Engine) -> None:
    week = {"start": "2014-06-02", "end": "2014-06-08"}
    after = {"start": "2014-06-09", "end": "2014-06-15"}
    kinds = set()

    for period, other in ((week, after), (after, week)):
        compare = {"to": "period", "period": other}
        found = why(history, "revenue", by=("customer",), top=12, period=period, compare=compare)
        for one in found.breakdowns[0].contributions:
            assert one.kind == ("new" if not one.before else "changed" if one.now else "lost")
            kinds.add(one.kind)

    assert {"new", "lost"} <= kinds


def test_what_the_question_takes_for_granted_is_put_right(history: Engine) -> None:
    found = why(history, "revenue", said="fell")

    said = ExplanationAnswer(explanation=found, language="en").sentence("en")
    assert found.direction == "rose"
    assert "It did not fall: it rose." in said
    assert "并没有下降" in ExplanationAnswer(explanation=found, language="zh").sentence("zh")
    assert "31 days against 30" in said


def test_what_is_filtered_by_is_no_cause(history: Engine) -> None:
    found = why(history, "revenue", filters=({"dimension": "channel", "values": ["online"]},))

    assert "channel" not in {breakdown.dimension.id for breakdown in found.breakdowns}


def test_a_period_with_nothing_before_or_at_all_is_said_to_be_so(history: Engine) -> None:
    first = why(history, "gross_margin_pct", period={"start": "2012-01-01", "end": "2012-01-31"})
    never = why(history, "revenue", period={"start": "2001-01-01", "end": "2001-01-31"})

    assert (first.direction, first.breakdowns) == ("unknown", ())
    assert never.emptiness == "nothing_in_period"


@pytest.mark.parametrize(
    ("metric", "asked", "code"),
    [
        ("revenues", {}, "unknown_metric"),
        ("revenue", {"by": ("planet",)}, "unknown_dimension"),
        ("stock_available", {}, "only_now"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_the_reason(
    history: Engine, metric: str, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(CannotAnswer) as refused:
        why(history, metric, **asked)

    assert code in {issue.code for issue in refused.value.issues}


def test_who_may_not_see_a_figure_is_not_told_why_it_changed(history: Engine) -> None:
    support = Acting(Actor("sam", roles=frozenset({"service"})))

    def asked(session: Session) -> Explanation:
        return explain(session, ExplainChange(metric="gross_profit", period=MAY))

    with reading(history, support) as session, pytest.raises(NotYoursToSee):
        asked(session)
