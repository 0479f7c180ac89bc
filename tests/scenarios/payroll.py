"""Steps of payroll: a month is worked out, posted, paid to people and to authorities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core import hr, ledger
from core.hr import payroll
from core.hr.payroll import LineDraft, PayKind
from core.hr.payroll.working import totals_by_component
from core.hr.tables import Employee
from core.kernel.money import Money
from core.ledger import DimensionMember
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

STRUCTURE = "case"
# What the case gives as a list of components, or as single facts of an employee.
FACTS = ("gross", "deductions", "basic", "base")


@operation("payroll_run")
def payroll_run(world: World, step: Step) -> None:
    """Work out a month for some people; nothing is posted yet."""
    period = _period(world, step)
    facts = _people(world, step)
    structure_for(world, facts, period)
    people = {name: _employee(world, name, period) for name in facts}
    for name, employee in people.items():
        _enter(world, employee, facts[name], period)
    month = payroll.month_of(period)
    draft = payroll.work_out_month(world.session, month, [each.id for each in people.values()])
    world.remember(step, {"period": period, "employees": people})
    _told(world, draft)


def _told(world: World, draft: payroll.MonthDraft) -> None:
    """Keep what the month comes to, in the words of the case."""
    values = {
        each.code: Money(minor, world.currency).amount
        for each, minor, _ in totals_by_component(draft)
    }
    for slip in draft.slips:
        for line in slip.lines:
            if line.figure is not None:
                values[line.component.code] = values.get(line.component.code, 0) + line.figure
    gross, employer = draft.total("gross").amount, draft.total("employer").amount
    values |= {
        "gross": gross,
        "net": draft.total("net").amount,
        "deductions": draft.total("deductions").amount,
        "employer_contributions": employer,
        "employer_cost": gross + employer,
    }
    world.values |= values
    world.values["net_by_employee"] = {
        slip.person.name: Money(slip.net, world.currency).amount for slip in draft.slips
    }


@operation("post_payroll")
def post_payroll(world: World, step: Step) -> None:
    """Post the month: payslips and entry in one step."""
    asked = world.ref(step["of"])
    run = payroll.run_payroll(
        world.session,
        asked["period"],
        employees=[each.id for each in asked["employees"].values()],
    )
    asked["run"] = run.number
    wanted = select(ledger.JournalEntry).where(ledger.JournalEntry.number == run.entry)
    world.values["entry"] = world.session.scalars(wanted).one()


@operation("pay_payroll")
def pay_payroll(world: World, step: Step) -> None:
    """Pay the net pay from the bank."""
    payroll.pay_run(world.session, world.ref(step["of"])["run"], bank=world.money_account)


@operation("pay_authorities")
def pay_authorities(world: World, step: Step) -> None:
    """Pay taxes and contributions from the bank."""
    payroll.pay_authorities(world.session, world.ref(step["of"])["run"], bank=world.money_account)


def _period(world: World, step: Step) -> date:
    text = str(step.get("period") or step.get("month") or world.day_of(step))
    return date.fromisoformat(f"{text}-01" if len(text) == len("2025-01") else text)


def _people(world: World, step: Step) -> dict[str, dict[str, Any]]:
    known = world.given.get("employees", {})
    facts = known if isinstance(known, dict) else {each["ref"]: each for each in known}
    named = step.get("employees") or list(facts)
    own = named if isinstance(named, dict) else {}
    return {name: {**facts.get(name, {}), **own.get(name, {})} for name in named}


def _employee(world: World, name: str, period: date) -> Employee:
    known: dict[str, Employee] = world.values.setdefault("employees:", {})
    if name not in known:
        if not known:
            hr.add_department(world.session, code="ALL", name="All", name_zh="全体")
        facts = world.given.get("employees", {})
        said = facts.get(name, {}) if isinstance(facts, dict) else {}
        hired = said.get("hired") or said.get("joined") or said.get("start")
        known[name] = hr.add_employee(
            world.session,
            name=name,
            department=hr.find_department(world.session, "ALL"),
            job_title="employee",
            hired_on=date.fromisoformat(hired) if hired else date(period.year - 1, 1, 1),
        )
        if said.get("left") or said.get("leaves"):
            known[name].left_on = date.fromisoformat(said.get("left") or said["leaves"])
        payroll.assign_structure(
            world.session, known[name], STRUCTURE, valid_from=known[name].hired_on
        )
        _share(world, known[name], said.get("cost_centers") or said.get("cost_centres") or {})
    return known[name]


def _share(world: World, employee: Employee, shares: Mapping[str, str]) -> None:
    for code in shares:
        if not world.session.scalar(select(DimensionMember.id).where(DimensionMember.code == code)):
            ledger.add_member(world.session, "cost_centre", code=code, name=code)
    if shares:
        payroll.share_costs(
            world.session,
            employee,
            {code: Decimal(percent) for code, percent in shares.items()},
            valid_from=employee.hired_on,
        )


def _enter(world: World, employee: Employee, facts: Mapping[str, Any], period: date) -> None:
    for name, amount in facts.items():
        if name in _amounts(facts) and name != "gross":
            payroll.enter_input(
                world.session, employee, _code(name), Decimal(str(amount)), period=period
            )
    if "gross" in facts:
        payroll.set_monthly(
            world.session,
            employee,
            "salary",
            Decimal(str(facts["gross"])),
            valid_from=max(employee.hired_on, period),
        )


def _amounts(facts: Mapping[str, Any]) -> list[str]:
    """Return which facts of an employee are amounts of pay."""
    found = []
    for name, value in facts.items():
        try:
            Decimal(str(value))
        except ArithmeticError:
            continue
        if name not in {"id", "years"}:
            found.append(name)
    return found


def _code(name: str) -> str:
    return {"gross": "salary", "deductions": "other_deductions"}.get(name, name)


def structure_for(world: World, facts: Mapping[str, Mapping[str, Any]], period: date) -> None:
    """Describe the pay of the case as components: what is entered, and what its rates say."""
    if "structure:" in world.values:
        return
    lines = [*_entered_lines(world, facts), *_lines_of_rates(world)]
    prorated = world.given.get("proration")
    method = {
        "calendar_days": payroll.Proration.CALENDAR_DAYS,
        "working_days": payroll.Proration.WORKING_DAYS,
        "30": payroll.Proration.THIRTIETHS,
        "thirtieths": payroll.Proration.THIRTIETHS,
    }.get(str(prorated), payroll.Proration.CALENDAR_DAYS)
    payroll.set_structure(
        world.session,
        code=STRUCTURE,
        lines=lines,
        valid_from=date(period.year - 2, 1, 1),
        proration=method,
    )
    world.values["structure:"] = True


def _entered_lines(world: World, facts: Mapping[str, Mapping[str, Any]]) -> list[LineDraft]:
    names = dict.fromkeys(name for each in facts.values() for name in _amounts(each))
    names.setdefault("gross", None)
    lines = []
    for name in names:
        kind = PayKind.DEDUCTION if _is_taken_off(name) else PayKind.EARNING
        if name.endswith(("_days", "_hours", "hours")):
            kind = PayKind.INFORMATION
        payroll.add_component(
            world.session,
            code=_code(name),
            name=_code(name),
            kind=kind,
            debit=world.account("salary_expense") if kind is PayKind.EARNING else None,
            credit=world.account("payroll_deductions") if kind is PayKind.DEDUCTION else None,
            prorated=name == "gross",
            retro=name == "gross",
        )
        lines.append(LineDraft(_code(name)))
    return lines


def _is_taken_off(name: str) -> bool:
    return any(word in name for word in ("deduction", "loan", "advance", "repay"))


def _lines_of_rates(world: World) -> list[LineDraft]:
    """Return components for `employee_pension_pct`, `employer_accident_pct`, `income_tax` ..."""
    rates = world.given.get("rates")
    if not isinstance(rates, dict):
        return []
    lines = []
    for name, rate in rates.items():
        if not name.endswith("_pct"):
            continue
        code, employer = name.removesuffix("_pct"), name.startswith("employer")
        formula = f"{_base(rates, code)} * {Decimal(str(rate))} / 100"
        lines.append(_computed(world, code, formula, employer=employer, owed="social_payable"))
    if "income_tax" in rates:
        lines += _income_tax(world, rates["income_tax"], rates)
    return lines


def _base(rates: Mapping[str, Any], code: str) -> str:
    """Return what a contribution is of: gross between the floor and the ceiling of the case."""
    base = "gross"
    for word, pick in (("floor", "max"), ("ceiling", "min"), ("cap", "min")):
        limit = rates.get(f"{code}_{word}") or rates.get(f"contribution_{word}") or rates.get(word)
        if limit is not None:
            base = f"{pick}({base}, {Decimal(str(limit))})"
    return base


def _income_tax(world: World, said: Any, rates: Mapping[str, Any]) -> list[LineDraft]:
    facts = said if isinstance(said, dict) else {"pct": said}
    less = [
        name.removesuffix("_pct")
        for name in rates
        if name.startswith("employee")
        and name.endswith("_pct")
        and name.removesuffix("_pct").replace("_", " ") in str(facts.get("on", ""))
    ]
    _information(world, "taxable")
    lines = [LineDraft("taxable", " - ".join(["gross", *less]))]
    allowance = Decimal(str(facts.get("allowance_per_month", facts.get("allowance", "0"))))
    above = f"max(0, taxable - {allowance})"
    bands = facts.get("bands") or facts.get("brackets")
    formula = (
        f"{above} * {Decimal(str(facts['pct']))} / 100" if not bands else _by_bands(above, bands)
    )
    lines.append(_computed(world, "income_tax", formula, employer=False, owed="income_tax_payable"))
    return lines


def _by_bands(amount: str, bands: list[Mapping[str, Any]]) -> str:
    """Write bands out: each takes its rate of what lies in it."""
    parts, below = [], Decimal(0)
    for band in bands:
        rate = Decimal(str(band.get("pct") or band.get("rate") or 0)) / 100
        end = band.get("to") or band.get("up_to") or band.get("upto")
        inside = f"min({amount}, {Decimal(str(end))})" if end else amount
        parts.append(f"max(0, {inside} - {below}) * {rate}")
        below = Decimal(str(end)) if end else below
    return " + ".join(parts)


def _information(world: World, code: str) -> None:
    payroll.add_component(world.session, code=code, name=code, kind=PayKind.INFORMATION)


def _computed(world: World, code: str, formula: str, *, employer: bool, owed: str) -> LineDraft:
    payroll.add_component(
        world.session,
        code=code,
        name=code,
        kind=PayKind.EMPLOYER if employer else PayKind.DEDUCTION,
        debit=world.account("employer_contributions") if employer else None,
        credit=world.account(owed),
        to_authority=True,
    )
    return LineDraft(code, formula)
