"""Steps on people: leave, expenses, and what is due at the end of service."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core import hr, ledger
from core.hr import Employee, leave
from core.hr.expenses import Spent, add_expense_category, claim_expenses, decide_claim, payable
from core.hr.expenses import pay_claim as pay
from core.hr.leave import Accrual, CreditDay, LeaveEntryKind, LeaveType, Policy, RoundDays
from core.hr.leave.booking import book
from core.hr.leaving import Slab, SlabsCounted, YearsCounted, end_of_service, years_of_service
from core.ledger import JournalEntry, chart
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import ROLES, World

ROLES["employee_payable"] = chart.PAYABLE
ROLES["salary_expense"] = chart.SALARIES
ROLES["payroll_expense"] = chart.SALARIES
ROLES["leave_encashment_expense"] = chart.SALARIES
START = date(2024, 1, 1)
Facts = Mapping[str, Any]


def said_of(world: World, step: Step) -> dict[str, Any]:
    """Return what holds for a step: what is given, what its case says, and what it says itself."""
    cases = world.given.get("cases") or {}
    case = cases.get(step.get("case"), {}) if isinstance(cases, dict) else {}
    return {**world.given, **case, **step}


def first_of(said: Mapping[str, Any], *names: str) -> Any:
    """Return the first of some facts that is said, or None."""
    return next((said[name] for name in names if said.get(name) is not None), None)


def number(said: Mapping[str, Any], *names: str) -> Decimal | None:
    """Return the first of some facts as a number."""
    found = first_of(said, *names)
    return None if found is None else Decimal(str(found).rstrip(" %"))


def keep(world: World, step: Step, *facts: tuple[Callable[[str], bool], object]) -> None:
    """Give the results of a step the names that the case expects, in the order of the steps."""
    open_names = [name for name in world.case.expect.get("values", {}) if name not in world.values]
    if step.get("ref"):
        world.values[step["ref"]] = facts[-1][1]
    for fits, result in facts:
        name = next((each for each in open_names if fits(each)), None)
        if name is not None:
            world.values[name] = result
            open_names.remove(name)


def somebody(world: World, joined: date) -> Employee:
    """Hire somebody who has nothing yet."""
    known = world.gathered["departments"]
    if not known:
        known.append(hr.add_department(world.session, code="ALL", name="All", name_zh="全部"))
    name = f"employee {len(world.gathered['employees'])}"
    person = hr.add_employee(
        world.session, name=name, department=known[0], job_title="Clerk", hired_on=joined
    )
    world.gathered["employees"].append(person)
    return person


def kind_of_leave(world: World, policy: Policy, since: date) -> LeaveType:
    """Add a kind of leave with a policy of its own."""
    code = f"L{len(world.gathered['leaves'])}"
    kind = leave.add_leave_type(world.session, code=code, name=code, name_zh=code)
    world.gathered["leaves"].append(kind)
    leave.set_leave_policy(world.session, kind, policy, valid_from=since.replace(month=1, day=1))
    return kind


def rounding_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Read how credits are rounded."""
    text = str(said.get("rounding") or "").lower()
    steps = {"whole": "1", "half day": "0.5", "half days": "0.5", "quarter": "0.25", "0.5": "0.5",
             "0.25": "0.25", "1.0": "1"}  # fmt: skip
    step = next((value for words, value in steps.items() if words in text), None)
    if step is None:
        return {}
    way = RoundDays.UP if "up" in text else RoundDays.DOWN if "down" in text else RoundDays.NEAREST
    return {"round_to": Decimal(step), "round_way": way}


@operation("leave_accrual")
def leave_accrual(world: World, step: Step) -> None:
    """Credit somebody what is due by a day."""
    said = said_of(world, step)
    joined = date.fromisoformat(first_of(said, "joined", "joining_date", "from") or str(START))
    months = first_of(said, "months")
    if months is not None:
        until = joined.replace(month=int(months), day=monthrange(joined.year, int(months))[1])
    else:
        until = date.fromisoformat(first_of(said, "as_of", "date", "to"))
    credited = str(said.get("credited_on") or "first")
    policy = Policy(
        annual=Decimal(first_of(said, "annual", "annual_days", "per_year")),
        accrual=Accrual.YEAR if said.get("frequency") == "yearly" else Accrual.MONTH,
        credited_on=CreditDay.FIRST if "first" in credited else CreditDay.LAST,
        cap=number(said, "cap", "yearly_cap", "max_allowed"),
        **rounding_of(said),
    )
    person, kind = somebody(world, joined), kind_of_leave(world, policy, joined)
    carried = number(said, "carried", "carried_forward")
    if carried:
        book(
            world.session, person, kind, LeaveEntryKind.CARRIED, carried, day=joined, note="before"
        )
    world.set_today(max(world.today, until))
    made = []
    for year in range(joined.year, until.year + 1):
        by = min(until, date(year, 12, 31))
        made += leave.accrue(world.session, person, kind, until=by)
    total = leave.leave_balance(world.session, person.id, kind, on=until)
    if joined.day > 1 and made:
        keep(world, step, (lambda name: "pro" in name, made[0].days))
    keep(world, step, (lambda _: True, total))
    world.remember(step, (person, kind))


@operation("leave_carry_forward")
def leave_carry_forward(world: World, step: Step) -> None:
    """Carry over what is left of a year, and credit the new one."""
    said = said_of(world, step)
    unused, new = number(said, "unused", "balance") or Decimal(0), number(said, "new", "annual")
    months = number(said, "expires_after_months", "carried_months")
    policy = Policy(
        annual=new or Decimal(0),
        max_carry=number(said, "max_carry", "cap"),
        carried_months=int(months) if months else None,
    )
    first = START
    person, kind = somebody(world, first), kind_of_leave(world, policy, first)
    if unused:
        leave.grant_leave(world.session, person, kind, unused, day=first)
    leave.carry_forward(world.session, person, kind, year=first.year)
    after = first.replace(year=first.year + 1)
    carried = leave.leave_balance(world.session, person.id, kind, on=after)
    world.set_today(max(world.today, after))
    leave.accrue(world.session, person, kind, until=after)
    total = leave.leave_balance(world.session, person.id, kind, on=after)
    keep(
        world,
        step,
        (lambda name: ("carr" in name or "forward" in name) and "total" not in name, carried),
        (lambda name: any(w in name for w in ("laps", "expired", "lost")), unused - carried),
        (lambda name: any(w in name for w in ("total", "balance", "allocated")), total),
    )
    world.remember(step, (person, kind))


@operation("expire_carried")
def expire_carried(world: World, step: Step) -> None:
    """Let carried days lapse that nobody used in time."""
    said = said_of(world, step)
    first, last = date(START.year + 1, 1, 1), date(START.year + 1, 3, 31)
    known = world.refs.get(str(step.get("of")))
    person, kind = known or (
        somebody(world, START),
        kind_of_leave(world, Policy(annual=Decimal(0), negative=Decimal(99)), START),
    )
    carried = number(said, "carried", "carried_forward")
    if carried:
        book(
            world.session, person, kind, LeaveEntryKind.CARRIED, carried, day=first,
            period="before", expires_on=last,
        )  # fmt: skip
    new = number(said, "new", "new_days", "allocated")
    if new:
        leave.grant_leave(world.session, person, kind, new, day=first)
    used = number(said, "used", "taken", "leaves_taken")
    if used:
        book(world.session, person, kind, LeaveEntryKind.ENCASHED, -used, day=first)
    day = last.replace(month=4)
    world.set_today(max(world.today, date(day.year, 12, 31)))
    gone = leave.expire_carried(world.session)
    left = leave.leave_balance(world.session, person.id, kind)
    expired = -sum((entry.days for entry in gone), Decimal(0))
    keep(
        world,
        step,
        (lambda name: any(w in name for w in ("expire", "laps", "lost")), expired),
        (lambda _: True, left),
    )


@operation("encash_leave")
def encash_leave(world: World, step: Step) -> None:
    """Pay out days that are left."""
    said = said_of(world, step)
    kept = number(said, "non_encashable", "keep") or Decimal(0)
    most = number(said, "max_encash", "max_days", "max_encashable")
    balance = number(said, "balance", "unused", "allocated") or number(said, "days")
    assert balance is not None, "the case says what there is"
    days = number(said, "days", "encash") or balance - kept
    allowed = balance - kept if most is None else min(most, balance - kept)
    policy = Policy(annual=Decimal(0), encash_max=allowed)
    known = world.refs.get(str(step.get("of")))
    person, kind = known or (somebody(world, START), kind_of_leave(world, policy, START))
    if known is None:
        leave.grant_leave(world.session, person, kind, balance, day=START)
    rate = first_of(said, "per_day", "amount_per_day", "rate", "daily_rate")
    per_day = None if rate is None else world.money(rate)
    if per_day is None and said.get("monthly_pay"):
        hr.set_pay(world.session, person, world.money(said["monthly_pay"]), starts_on=START)
    if said.get("clip", most is not None and "days" not in step):
        days = min(days, allowed)
    _, amount = leave.encash_leave(world.session, person, kind, days, per_day=per_day)
    left = leave.leave_balance(world.session, person.id, kind)
    keep(
        world,
        step,
        (lambda name: any(w in name for w in ("left", "balance", "remaining")), left),
        (lambda name: "days" in name, days),
        (lambda _: True, amount.amount),
    )


@operation("end_of_service")
def gratuity(world: World, step: Step) -> None:
    """Ask what somebody is due who leaves."""
    said = said_of(world, step)
    text = str(first_of(said, "years_rule", "experience", "rounding_years") or "completed")
    counted = (
        YearsCounted.ROUNDED
        if "round" in text
        else YearsCounted.EXACT
        if "exact" in text and "completed" not in text
        else YearsCounted.COMPLETED
    )
    years = number(said, "years") or years_of_service(
        date.fromisoformat(first_of(said, "joined", "from")),
        date.fromisoformat(first_of(said, "left", "relieved", "to")),
        counted=counted,
        days_of_a_year=int(said.get("days_of_a_year") or said.get("days_per_year") or 365),
    )
    slabs = [
        Slab(
            number(slab, "from", "from_year", "from_years") or Decimal(0),
            number(slab, "to", "to_year", "to_years") or None,
            number(slab, "fraction", "share", "months", "factor") or Decimal(0),
        )
        for slab in first_of(said, "slabs", "rules") or ()
    ]
    mode = str(first_of(said, "mode", "basis", "calculation") or "")
    each = any(word in mode for word in ("sum", "each", "all", "previous"))
    amount = end_of_service(
        world.money(first_of(said, "monthly_pay", "pay", "base", "basic")),
        years,
        slabs,
        counted=SlabsCounted.EACH if each else SlabsCounted.LAST,
    )
    keep(
        world,
        step,
        (lambda name: "year" in name or "experience" in name, years),
        (lambda _: True, amount.amount),
    )


@operation("expense_claim")
def expense_claim(world: World, step: Step) -> None:
    """Claim what was spent, and approve it or a part of it."""
    said = said_of(world, step)
    session = world.session
    role = str(said.get("account") or _spent_on(world))
    percent = number(said, "tax_pct", "tax_percent")
    code = None
    if percent:
        code = f"T{percent}"
        if code not in world.gathered["expense_taxes"]:
            ledger.add_tax_code(session, code=code, name=code, name_zh=code, percent=percent)
            world.gathered["expense_taxes"].append(code)
    if not world.gathered["claimants"]:
        world.gathered["claimants"].append(somebody(world, world.day_of(step)))
    [person] = world.gathered["claimants"]
    limit = number(said, "limit", "category_limit")
    category = add_expense_category(
        session,
        code=f"C{len(world.gathered['claims'])}",
        name=role,
        name_zh=role,
        account=world.account(role),
        tax_code=code,
        limit=None if limit is None else world.money(limit),
    )
    entries = count_entries(world)
    spent = Spent(
        category,
        world.money(first_of(said, "claimed", "amount")),
        world.day_of(step),
        taxed=bool(said.get("taxed")),
    )
    claim = claim_expenses(session, person, [spent])
    world.gathered["claims"].append(claim)
    sanctioned = first_of(said, "sanctioned", "approved")
    given = {} if sanctioned is None else {1: world.money(sanctioned)}
    claim = decide_claim(session, claim.number, approve=True, sanctioned=given)
    world.remember(step, claim)
    made = count_entries(world) - entries
    owed = payable(session, claim)
    if owed.minor:
        keep(world, {}, (lambda name: "payable" in name or "total" in name, owed.amount))
    else:
        keep(world, {}, (lambda name: "entries" in name, Decimal(made)))


@operation("pay_claim")
def pay_claim(world: World, step: Step) -> None:
    """Pay what is owed on a claim."""
    claim = world.ref(step["of"])
    paid = pay(world.session, claim.number, account=world.money_account)
    world.remember(step, paid)


def count_entries(world: World) -> int:
    """Count the entries in the books."""
    return world.session.scalar(select(func.count(JournalEntry.id))) or 0


def _spent_on(world: World) -> str:
    looked_at = world.case.expect.get("balances", {})
    return next((role for role in looked_at if "expense" in role), "expense")
