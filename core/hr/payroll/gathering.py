"""What is known of everybody for one month: read for all of them at once, whatever their number."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.hr.employment.queries import in_days
from core.hr.employment.tables import EmployeePay, Employment, PayPeriod
from core.hr.payroll import errors
from core.hr.payroll.formulas import read
from core.hr.payroll.rates import figures_on
from core.hr.payroll.rules import (
    ZERO,
    Entered,
    Plan,
    Step,
    Stretch,
    Values,
    months_in_year,
    plan_of,
)
from core.hr.payroll.tables import (
    PayAssignment,
    PayComponent,
    PayCosting,
    PayInput,
    PayKind,
    PayLoan,
    PayLoanPart,
    PayRate,
    Payslip,
    PayslipLine,
    PayStructureLine,
    PayStructureVersion,
    PayValue,
)
from core.hr.tables import Employee
from core.kernel.company import company
from core.kernel.money import Money, digits_of
from core.parties import Party

MONTHS = 12
Shares = tuple[tuple[str, Decimal], ...]
_RUNS = func.hashtext("payroll")


@dataclass(frozen=True)
class Somebody:
    """A person to be paid, as far as payroll has to know them."""

    id: uuid.UUID
    number: str
    name: str
    party_id: uuid.UUID
    hired_on: date
    left_on: date | None
    department_id: uuid.UUID

    @property
    def called(self) -> str:
        """The number and the name."""
        return f"{self.number} {self.name}"

    def in_month(self, month: Stretch) -> Stretch | None:
        """Return the days of a month that they are employed."""
        return month.within(self.hired_on, self.left_on)


@dataclass(frozen=True)
class LoanPart:
    """What is to be taken off for a loan."""

    id: uuid.UUID
    employee_id: uuid.UUID
    component: str
    minor: int


def wait_for_entries(session: Session) -> None:
    """Let no other run work at the same time, nor anybody enter what it would not see."""
    session.execute(select(func.pg_advisory_xact_lock(_RUNS)))


def wait_for_run(session: Session) -> None:
    """Let a run end before something is entered, beside others who enter.

    What is entered later than a payslip is paid with the next run. What was entered earlier and
    committed later would be on neither.
    """
    session.execute(select(func.pg_advisory_xact_lock_shared(_RUNS)))


def among(
    column: InstrumentedAttribute[uuid.UUID], ids: Collection[uuid.UUID]
) -> ColumnElement[bool]:
    """Say that an id is one of many; they travel as one value."""
    return column == any_(literal(list(ids), ARRAY(Uuid)))


def people_between(
    session: Session, first: date, last: date, chosen: Collection[uuid.UUID] | None = None
) -> dict[uuid.UUID, Somebody]:
    """Return who is employed on any of the days, or who was chosen, by number."""
    wanted = (
        select(
            Employee.id,
            Employee.number,
            Party.name,
            Employee.party_id,
            Employee.hired_on,
            Employee.left_on,
            Employee.department_id,
        )
        .join(Party, Party.id == Employee.party_id)
        .order_by(Employee.number)
    )
    if chosen is not None:
        wanted = wanted.where(among(Employee.id, chosen))
    else:
        wanted = wanted.where(
            Employee.hired_on <= last, or_(Employee.left_on.is_(None), Employee.left_on >= first)
        )
    return {row.id: Somebody(*row) for row in session.execute(wanted)}


def assigned(
    session: Session, ids: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Return by which structure each is paid on a day; who is paid by none was told so."""
    wanted = (
        select(PayAssignment.employee_id, PayAssignment.structure_id)
        .ext(distinct_on(PayAssignment.employee_id))
        .where(among(PayAssignment.employee_id, ids), PayAssignment.valid_from <= day)
        .order_by(
            PayAssignment.employee_id,
            PayAssignment.valid_from.desc(),
            PayAssignment.created_at.desc(),
            PayAssignment.id.desc(),
        )
    )
    return dict(session.execute(wanted).all())


def cost_shares(session: Session, ids: Collection[uuid.UUID], day: date) -> dict[uuid.UUID, Shares]:
    """Return which cost centres bear the pay of each on a day."""
    wanted = (
        select(PayCosting.employee_id, PayCosting.shares)
        .ext(distinct_on(PayCosting.employee_id))
        .where(among(PayCosting.employee_id, ids), PayCosting.valid_from <= day)
        .order_by(
            PayCosting.employee_id,
            PayCosting.valid_from.desc(),
            PayCosting.created_at.desc(),
            PayCosting.id.desc(),
        )
    )
    return {
        employee: tuple((code, Decimal(percent)) for code, percent in sorted(shares.items()))
        for employee, shares in session.execute(wanted)
    }


def plans_on(
    session: Session, structures: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, Plan]:
    """Return what structures are made of on a day, ready to be worked out."""
    versions = (
        select(PayStructureVersion)
        .ext(distinct_on(PayStructureVersion.structure_id))
        .where(
            among(PayStructureVersion.structure_id, structures),
            PayStructureVersion.valid_from <= day,
        )
        .order_by(PayStructureVersion.structure_id, PayStructureVersion.valid_from.desc())
    )
    chosen = {version.id: version for version in session.scalars(versions)}
    lines: dict[uuid.UUID, list[Step]] = defaultdict(list)
    wanted = (
        select(PayStructureLine.version_id, PayStructureLine.formula, PayComponent)
        .join(PayComponent, PayComponent.id == PayStructureLine.component_id)
        .where(among(PayStructureLine.version_id, chosen))
        .order_by(PayStructureLine.version_id, PayStructureLine.position)
    )
    digits = digits_of(company(session).currency)
    for version_id, formula, component in session.execute(wanted):
        lines[version_id].append(step_of(component, formula, digits))
    own = own_rates(session, day)
    return {
        version.structure_id: plan_with_rates(lines[version.id], version, own, day)
        for version in chosen.values()
    }


def step_of(component: PayComponent, formula: str | None, currency_digits: int) -> Step:
    """Return a component as it is worked out: money is rounded to the currency, or coarser."""
    digits = currency_digits if component.digits is None else component.digits
    if component.kind is not PayKind.INFORMATION:
        digits = min(digits, currency_digits)
    return Step(
        component.code,
        component.name,
        component.kind,
        None if formula is None else read(formula),
        component.prorated,
        component.retro,
        digits,
    )


def plan_with_rates(
    steps: Sequence[Step],
    version: PayStructureVersion,
    own: Mapping[str, Decimal],
    day: date,
) -> Plan:
    """Put the components of a version in order, with the rates of a day."""
    figures = figures_on(version.rate_set, day) if version.rate_set else None
    return plan_of(
        steps,
        proration=version.proration,
        names={**(figures.values if figures else {}), **own},
        scales=figures.scales if figures else {},
    )


def own_rates(session: Session, day: date) -> dict[str, Decimal]:
    """Return the company's own rates on a day."""
    wanted = (
        select(PayRate.name, PayRate.value)
        .ext(distinct_on(PayRate.name))
        .where(PayRate.valid_from <= day)
        .order_by(PayRate.name, PayRate.valid_from.desc())
    )
    return dict(session.execute(wanted).all())


class Known:
    """All that was entered of some people for one month."""

    def __init__(
        self, session: Session, month: Stretch, people: Mapping[uuid.UUID, Somebody]
    ) -> None:
        self.month, self.people = month, people
        self._session, self._ids = session, list(people)
        self.values = self._values()
        # Of each: the pay by their terms, as it stands there; where they work; pay by the hour.
        self.basis: dict[uuid.UUID, int] = {}
        self.hourly: dict[uuid.UUID, Decimal] = {}
        self.places: dict[uuid.UUID, tuple[uuid.UUID, str | None]] = {}
        self._read_terms()
        self.inputs = self._inputs()
        self.parts: dict[uuid.UUID, list[LoanPart]] = {}
        self.year: dict[uuid.UUID, dict[str, Decimal]] = {}

    def read_loans(self) -> None:
        """Read what is to be taken off for loans this month, or is still to be from before."""
        wanted = (
            select(
                PayLoanPart.id,
                PayLoan.employee_id,
                PayComponent.code,
                PayLoanPart.amount_minor,
            )
            .join(PayLoan, PayLoan.id == PayLoanPart.loan_id)
            .join(PayComponent, PayComponent.id == PayLoan.component_id)
            .where(
                among(PayLoan.employee_id, self._ids),
                PayLoanPart.period <= self.month.first,
                PayLoanPart.payslip_id.is_(None),
            )
            .order_by(PayLoanPart.period, PayLoanPart.id)
        )
        scale = -digits_of(company(self._session).currency)
        for row in self._session.execute(wanted):
            part = LoanPart(*row)
            self.parts.setdefault(part.employee_id, []).append(part)
            inputs = self.inputs.setdefault(part.employee_id, {})
            inputs[part.component] = inputs.get(part.component, ZERO) + Decimal(part.minor).scaleb(
                scale
            )

    def read_year(self, components: Collection[str]) -> None:
        """Read what some components came to in the year, before this month."""
        if not components:
            return
        currency_digits = digits_of(company(self._session).currency)
        figure = func.coalesce(
            PayslipLine.figure,
            PayslipLine.amount_minor * literal(Decimal(1).scaleb(-currency_digits)),
        )
        wanted = (
            select(Payslip.employee_id, PayComponent.code, func.sum(figure))
            .join(PayslipLine, PayslipLine.payslip_id == Payslip.id)
            .join(PayComponent, PayComponent.id == PayslipLine.component_id)
            .where(
                among(Payslip.employee_id, self._ids),
                Payslip.period >= date(self.month.first.year, 1, 1),
                Payslip.period < self.month.first,
                PayComponent.code.in_(sorted(components)),
            )
            .group_by(Payslip.employee_id, PayComponent.code)
        )
        for employee, code, figure_sum in self._session.execute(wanted):
            self.year.setdefault(employee, {})[code] = figure_sum

    def of(self, person: Somebody, arrears: tuple[tuple[str, date, Decimal], ...] = ()) -> Entered:
        """Return what is known of one of them."""
        return Entered(
            self.month,
            person.in_month(self.month),
            self.values.get(person.id, {}),
            self.inputs.get(person.id, {}),
            self.year.get(person.id, {}),
            months_in_year(person.hired_on, self.month),
            self.hourly.get(person.id, ZERO),
            arrears,
        )

    def centre_of(self, person: Somebody) -> Shares | None:
        """Return the cost centre that the terms of one of them name."""
        _, centre = self.places.get(person.id, (None, None))
        return ((centre, Decimal(100)),) if centre else None

    def department_of(self, person: Somebody) -> uuid.UUID:
        """Return the department at the end of the month."""
        place = self.places.get(person.id)
        return place[0] if place else person.department_id

    def _read_terms(self) -> None:
        """Read pay and place by the terms of employment; what was set last counts."""
        month, ids = self.month, self._ids
        codes = list(
            self._session.scalars(select(PayComponent.code).where(PayComponent.from_terms))
        )
        paid = (
            select(EmployeePay)
            .where(among(EmployeePay.employee_id, ids), in_days(EmployeePay, *_ends(month)))
            .order_by(EmployeePay.employee_id, EmployeePay.starts_on)
        )
        ours = company(self._session).currency
        for pay in self._session.scalars(paid):
            if pay.currency != ours:
                raise errors.PayInOtherCurrency(
                    employee=self.people[pay.employee_id].called, currency=pay.currency, ours=ours
                )
            self.basis[pay.employee_id] = pay.amount_minor
            amount = Money(pay.amount_minor, pay.currency).amount
            if pay.period is PayPeriod.HOUR:
                self.hourly[pay.employee_id] = amount
                continue
            monthly = amount / MONTHS if pay.period is PayPeriod.YEAR else amount
            for code in codes:
                values = self.values.setdefault(pay.employee_id, {})
                steps = [*values.get(code, ()), (pay.starts_on, monthly)]
                if pay.ends_on is not None:
                    steps.append((pay.ends_on + timedelta(days=1), ZERO))
                values[code] = tuple(sorted(steps, key=lambda step: step[0]))
        placed = (
            select(Employment.employee_id, Employment.department_id, Employment.cost_centre)
            .where(among(Employment.employee_id, ids), in_days(Employment, *_ends(month)))
            .order_by(Employment.employee_id, Employment.starts_on)
        )
        for employee, department, centre in self._session.execute(placed):
            self.places[employee] = (department, centre)

    def _values(self) -> dict[uuid.UUID, dict[str, Values]]:
        wanted = (
            select(PayValue.employee_id, PayComponent.code, PayValue.valid_from, PayValue.amount)
            .join(PayComponent, PayComponent.id == PayValue.component_id)
            .where(among(PayValue.employee_id, self._ids), PayValue.valid_from <= self.month.last)
            .order_by(
                PayValue.employee_id,
                PayComponent.code,
                PayValue.valid_from,
                PayValue.created_at,
                PayValue.id,
            )
        )
        return series(self._session.execute(wanted).all())

    def _inputs(self) -> dict[uuid.UUID, dict[str, Decimal]]:
        wanted = (
            select(PayInput.employee_id, PayComponent.code, func.sum(PayInput.amount))
            .join(PayComponent, PayComponent.id == PayInput.component_id)
            .where(PayInput.period == self.month.first, among(PayInput.employee_id, self._ids))
            .group_by(PayInput.employee_id, PayComponent.code)
        )
        found: dict[uuid.UUID, dict[str, Decimal]] = {}
        for employee, code, amount in self._session.execute(wanted):
            found.setdefault(employee, {})[code] = amount
        return found


def _ends(month: Stretch) -> tuple[date, date]:
    return month.first, month.last


def series(
    rows: Iterable[tuple[uuid.UUID, str, date, Decimal]],
) -> dict[uuid.UUID, dict[str, Values]]:
    """Return what each is paid of each component, by day; what was entered last counts."""
    found: dict[uuid.UUID, dict[str, dict[date, Decimal]]] = {}
    for employee, code, day, amount in rows:
        found.setdefault(employee, {}).setdefault(code, {})[day] = amount
    return {
        employee: {code: tuple(by_day.items()) for code, by_day in values.items()}
        for employee, values in found.items()
    }


__all__ = [
    "Known",
    "LoanPart",
    "Shares",
    "Somebody",
    "among",
    "assigned",
    "cost_shares",
    "people_between",
    "plans_on",
    "wait_for_entries",
    "wait_for_run",
]
