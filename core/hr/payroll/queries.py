"""Questions about pay. What one person gets is shown to them, and to who sets or examines pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.hr.employment import rights
from core.hr.payroll import errors
from core.hr.payroll.rules import month_of
from core.hr.payroll.running import find_run
from core.hr.payroll.tables import (
    PayComponent,
    PayKind,
    PayrollRun,
    Payslip,
    PayslipLine,
)
from core.hr.payroll.working import MonthDraft, totals_by_component, work_out_month
from core.hr.tables import Department, Employee
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.privacy import as_the_house
from core.parties import Party

SLIPS_MAX = 60


@dataclass(frozen=True)
class ComponentView:
    """A component, and what it comes to."""

    code: str
    name: str
    name_zh: str
    kind: PayKind
    amount: Decimal
    people: int = 0
    # Of a payslip: what it came to in the year, this month included; the month it is for.
    year: Decimal | None = None
    for_period: date | None = None


@dataclass(frozen=True)
class RunView:
    """A run as everybody may see it who sees totals of pay."""

    number: str
    period: date
    pay_on: date | None
    state: str
    people: int
    currency: str
    gross: Decimal
    deductions: Decimal
    net: Decimal
    employer: Decimal
    entry: str
    file: str
    components: tuple[ComponentView, ...]

    @property
    def cost(self) -> Decimal:
        """What it costs the company."""
        return self.gross + self.employer


@dataclass(frozen=True)
class PayslipView:
    """What somebody was paid by a run."""

    number: str
    run: str
    employee: str
    name: str
    name_zh: str | None
    department: str
    department_zh: str
    period: date
    pay_on: date
    days: int
    currency: str
    gross: Decimal
    deductions: Decimal
    net: Decimal
    employer: Decimal
    lines: tuple[ComponentView, ...]


def run_view(session: Session, run: PayrollRun) -> RunView:
    """Return a run with what each component comes to."""
    wanted = (
        select(
            PayComponent,
            func.sum(PayslipLine.amount_minor),
            func.count(Payslip.employee_id.distinct()),
            func.min(PayslipLine.position).label("place"),
        )
        .join(PayslipLine, PayslipLine.component_id == PayComponent.id)
        .join(Payslip, Payslip.id == PayslipLine.payslip_id)
        .where(Payslip.run_id == run.id, PayslipLine.amount_minor.is_not(None))
        .group_by(PayComponent.id)
        .order_by("place", PayComponent.code)
    )
    # Only sums are told of it: those of too few people are left out where they are shown.
    with as_the_house(session):
        found = session.execute(wanted).all()
    return RunView(
        number=run.number,
        period=run.period,
        pay_on=run.pay_on,
        state=run.state,
        people=run.people,
        currency=run.currency,
        gross=Money(run.gross_minor, run.currency).amount,
        deductions=Money(run.deductions_minor, run.currency).amount,
        net=Money(run.net_minor, run.currency).amount,
        employer=Money(run.employer_minor, run.currency).amount,
        entry=run.entry,
        file=run.file_name or "",
        components=tuple(
            _component(each, Money(int(minor or 0), run.currency).amount, people)
            for each, minor, people, _ in found
        ),
    )


def draft_view(draft: MonthDraft) -> RunView:
    """Return a month that was only worked out, in the same form."""
    return RunView(
        number="",
        period=draft.month.first,
        pay_on=None,
        state="preview",
        people=len(draft.slips),
        currency=draft.currency,
        gross=draft.total("gross").amount,
        deductions=draft.total("deductions").amount,
        net=draft.total("net").amount,
        employer=draft.total("employer").amount,
        entry="",
        file="",
        components=tuple(
            _component(each, Money(minor, draft.currency).amount, people)
            for each, minor, people in totals_by_component(draft)
        ),
    )


def _component(each: PayComponent, amount: Decimal, people: int) -> ComponentView:
    return ComponentView(each.code, each.name, each.name_zh, each.kind, amount, people)


def find_payslip(
    session: Session,
    *,
    number: str | None = None,
    employee: Employee | None = None,
    period: date | None = None,
) -> Payslip:
    """Return a payslip: by its number, or the newest of somebody, or theirs of a month.

    One that is not for the asking person is not there for them.
    """
    wanted = select(Payslip).order_by(Payslip.period.desc())
    if number is not None:
        wanted = wanted.where(Payslip.number == canonical_number(number))
    if employee is not None:
        wanted = wanted.where(Payslip.employee_id == employee.id)
    if period is not None:
        wanted = wanted.where(Payslip.period == month_of(period).first)
    found = session.scalars(wanted.limit(1)).one_or_none()
    said = number or (f"{month_of(period).first:%Y-%m}" if period else "-")
    if found is None:
        raise errors.UnknownPayslip(number=said)
    whose = session.get_one(Employee, found.employee_id)
    if not rights.may_see(acting(session).actor, rights.PAY, whose):
        raise errors.UnknownPayslip(number=said)
    rights.look_at(session, rights.PAY, [whose])
    return found


def payslip_view(session: Session, slip: Payslip) -> PayslipView:
    """Return a payslip with its lines and the sums of the year."""
    # Whether it is theirs to see was asked; its run is not.
    with as_the_house(session):
        row = session.execute(_slips().where(Payslip.id == slip.id)).one()
    year = _year(session, slip)
    lines = session.execute(
        select(PayslipLine, PayComponent)
        .join(PayComponent, PayComponent.id == PayslipLine.component_id)
        .where(PayslipLine.payslip_id == slip.id)
        .order_by(PayslipLine.position)
    )
    return _slip(
        row,
        tuple(
            ComponentView(
                each.code,
                each.name,
                each.name_zh,
                each.kind,
                line.figure or Decimal(0)
                if line.amount_minor is None
                else Money(line.amount_minor, slip.currency).amount,
                year=year.get(each.code),
                for_period=line.for_period,
            )
            for line, each in lines
        ),
    )


def payslips_of(session: Session, employee: Employee) -> Sequence[PayslipView]:
    """Return the payslips of somebody, newest first, to who may see them."""
    rights.look_at(session, rights.PAY, [employee])
    wanted = _slips().where(Payslip.employee_id == employee.id)
    with as_the_house(session):
        rows = session.execute(wanted.order_by(Payslip.period.desc()).limit(SLIPS_MAX)).all()
    return [_slip(row, ()) for row in rows]


def cost_of(session: Session, employee: Employee, period: date | None) -> tuple[PayslipView, bool]:
    """Return what somebody costs in a month, and whether it is posted or only worked out.

    Without a month, it is the newest that was run.
    """
    rights.look_at(session, rights.PAY, [employee])
    wanted = _slips().where(Payslip.employee_id == employee.id)
    if period is not None:
        wanted = wanted.where(Payslip.period == month_of(period).first)
    with as_the_house(session):
        row = session.execute(wanted.order_by(Payslip.period.desc()).limit(1)).one_or_none()
    if row is not None:
        return _slip(row, ()), True
    return _worked_out(session, employee, period), False


def _worked_out(session: Session, employee: Employee, period: date | None) -> PayslipView:
    month = month_of(period or company(session).today)
    draft = work_out_month(session, month, [employee.id])
    (slip,) = draft.slips
    department = session.get_one(Department, slip.department)
    party = session.get_one(Party, employee.party_id)

    def amount(minor: int) -> Decimal:
        return Money(minor, draft.currency).amount

    return PayslipView(
        number="",
        run="",
        employee=employee.number,
        name=party.name,
        name_zh=party.name_zh,
        department=department.name,
        department_zh=department.name_zh,
        period=month.first,
        pay_on=month.last,
        days=slip.days,
        currency=draft.currency,
        gross=amount(slip.gross),
        deductions=amount(slip.deductions),
        net=amount(slip.net),
        employer=amount(slip.employer),
        lines=(),
    )


def _year(session: Session, slip: Payslip) -> dict[str, Decimal]:
    wanted = (
        select(PayComponent.code, func.sum(PayslipLine.amount_minor))
        .join(PayslipLine, PayslipLine.component_id == PayComponent.id)
        .join(Payslip, Payslip.id == PayslipLine.payslip_id)
        .where(
            Payslip.employee_id == slip.employee_id,
            Payslip.period >= date(slip.period.year, 1, 1),
            Payslip.period <= slip.period,
            PayslipLine.amount_minor.is_not(None),
        )
        .group_by(PayComponent.code)
    )
    return {
        code: Money(int(minor or 0), slip.currency).amount
        for code, minor in session.execute(wanted)
    }


def _slips() -> Select[Payslip, str, date, str, Party, Department]:
    return (
        select(Payslip, PayrollRun.number, PayrollRun.pay_on, Employee.number, Party, Department)
        .join(PayrollRun, PayrollRun.id == Payslip.run_id)
        .join(Employee, Employee.id == Payslip.employee_id)
        .join(Party, Party.id == Employee.party_id)
        .join(Department, Department.id == Payslip.department_id)
    )


def _slip(
    row: tuple[Payslip, str, date, str, Party, Department], lines: tuple[ComponentView, ...]
) -> PayslipView:
    slip, run, pay_on, employee, party, department = row

    def amount(minor: int) -> Decimal:
        return Money(minor, slip.currency).amount

    return PayslipView(
        number=slip.number,
        run=run,
        employee=employee,
        name=party.name,
        name_zh=party.name_zh,
        department=department.name,
        department_zh=department.name_zh,
        period=slip.period,
        pay_on=pay_on,
        days=slip.days,
        currency=slip.currency,
        gross=amount(slip.gross_minor),
        deductions=amount(slip.deductions_minor),
        net=amount(slip.net_minor),
        employer=amount(slip.employer_minor),
        lines=lines,
    )


def is_paid_by(session: Session, party_id: UUID | None, run: PayrollRun) -> bool:
    """Tell whether somebody is paid by a run."""
    if party_id is None:
        return False
    wanted = (
        select(Payslip.id)
        .join(Employee, Employee.id == Payslip.employee_id)
        .where(Payslip.run_id == run.id, Employee.party_id == party_id)
    )
    return session.scalar(wanted) is not None


__all__ = [
    "ComponentView",
    "PayslipView",
    "RunView",
    "cost_of",
    "draft_view",
    "find_payslip",
    "find_run",
    "is_paid_by",
    "payslip_view",
    "payslips_of",
    "run_view",
]
