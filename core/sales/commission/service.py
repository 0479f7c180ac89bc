"""What one can do with commission: make plans and end them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import ItemCategory
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money, plain
from core.kernel.naming import resolved
from core.parties import Party
from core.sales.commission.errors import (
    PlanEndsBeforeItBegins,
    PlanOver,
    PlanTaken,
    RatesMakeNoSense,
    UnknownPlan,
)
from core.sales.commission.events import PlanEnded, PlanMade
from core.sales.commission.tables import (
    Basis,
    CommissionMember,
    CommissionPlan,
    CommissionRate,
    Earned,
)

_PERCENT_MAX = 100


@dataclass(frozen=True)
class RateDraft:
    """So many percent from an amount of a month up, for a category or for all the others."""

    percent: Decimal
    from_amount: Money | None = None
    category: ItemCategory | None = None

    @property
    def from_minor(self) -> int:
        """The amount in minor units."""
        return self.from_amount.minor if self.from_amount else 0

    @property
    def said(self) -> str:
        """The rate, as data."""
        where = f"{self.category.code} " if self.category else ""
        least = f" ≥ {self.from_amount}" if self.from_amount and self.from_amount.minor else ""
        return f"{where}{plain(self.percent)} %{least}"


def make_plan(
    session: Session,
    *,
    code: str,
    name: str,
    rates: Sequence[RateDraft],
    name_zh: str | None = None,
    basis: Basis = Basis.NET,
    earned: Earned = Earned.INVOICED,
    whole: bool = False,
    salespeople: Sequence[Party] = (),
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> CommissionPlan:
    """Say what salespeople earn on what they sell from a day on (the first of this month)."""
    ours = company(session)
    on = valid_from or ours.today.replace(day=1)
    if session.scalar(select(CommissionPlan.id).where(CommissionPlan.code == code)) is not None:
        raise PlanTaken(code=code)
    if valid_until is not None and valid_until < on:
        raise PlanEndsBeforeItBegins(code=code, valid_until=valid_until, valid_from=on)
    _require_rates(code, rates)
    plan = CommissionPlan(
        code=code,
        name=name,
        name_zh=name_zh,
        basis=basis,
        earned=earned,
        whole=whole,
        valid_from=on,
        valid_until=valid_until,
        rates=[
            CommissionRate(
                category_id=rate.category.id if rate.category else None,
                from_minor=rate.from_minor,
                percent=rate.percent,
            )
            for rate in rates
        ],
    )
    session.add(plan)
    session.flush()
    session.add_all(
        CommissionMember(plan_id=plan.id, salesperson_id=party.id)
        for party in {each.id: each for each in salespeople}.values()
    )
    fact = PlanMade(
        code=code,
        called=name,
        basis=basis,
        earned=earned,
        rates=tuple(rate.said for rate in rates),
        salespeople=tuple(party.name for party in salespeople),
        valid_from=on.isoformat(),
        starts_in_days=(on - ours.today).days,
    )
    events.record(session, fact)
    session.flush()
    return plan


def end_plan(session: Session, text: str, *, last_day: date | None = None) -> CommissionPlan:
    """Let a plan hold until a day (today) and no longer; what was earned by it stays earned."""
    ours = company(session)
    code = find_plan(session, text).code
    locked = select(CommissionPlan).where(CommissionPlan.code == code).with_for_update()
    plan = session.scalars(locked.execution_options(populate_existing=True)).one()
    until = last_day or ours.today
    if plan.valid_until is not None and plan.valid_until <= until:
        raise PlanOver(code=code, valid_until=plan.valid_until)
    if until < plan.valid_from:
        raise PlanEndsBeforeItBegins(code=code, valid_until=until, valid_from=plan.valid_from)
    plan.valid_until = until
    events.record(session, PlanEnded(code, until.isoformat(), (until - ours.today).days))
    session.flush()
    return plan


def find_plan(session: Session, text: str) -> CommissionPlan:
    """Return the plan that a code or name means."""
    among = select(CommissionPlan.code, CommissionPlan.name, CommissionPlan.name_zh)
    code = resolved(session, among, text, UnknownPlan)
    return session.scalars(select(CommissionPlan).where(CommissionPlan.code == code)).one()


def _require_rates(code: str, rates: Sequence[RateDraft]) -> None:
    """Refuse a plan without rates, with two for the same, or with one beyond all."""
    if not rates:
        why = Both("say at least one percentage", "请至少说明一个百分比")
        raise RatesMakeNoSense(code=code, why=why)
    keys = [(rate.category.id if rate.category else None, rate.from_minor) for rate in rates]
    if len(set(keys)) < len(keys):
        why = Both("two rates are for the same amount", "同一金额有两个比率")
        raise RatesMakeNoSense(code=code, why=why)
    if not all(0 <= rate.percent <= _PERCENT_MAX and rate.from_minor >= 0 for rate in rates):
        why = Both("use 0 to 100 percent, from 0 up", "百分比须在 0 到 100 之间，起点不小于 0")
        raise RatesMakeNoSense(code=code, why=why)
