"""What is still to be paid for earlier months, because something changed after they were posted.

A posted month stays as it is. It is worked out again with what is known today, and what it would
have come to less what was paid for it is paid with the next run: once, since that counts as paid.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from core.hr.employment.queries import in_days, on_day
from core.hr.employment.tables import EmployeePay
from core.hr.payroll.gathering import Known, Somebody, among, assigned, plans_on
from core.hr.payroll.rules import Stretch, month_of, work_out
from core.hr.payroll.tables import (
    PayAssignment,
    PayComponent,
    PayInput,
    PayKind,
    Payslip,
    PayslipLine,
    PayValue,
)
from core.kernel.company import company
from core.kernel.money import Rounding, digits_of

Arrears = tuple[tuple[str, date, Decimal], ...]


def arrears_of(
    session: Session, month: Stretch, people: Mapping[uuid.UUID, Somebody], rounding: Rounding
) -> dict[uuid.UUID, Arrears]:
    """Return what is to be paid to each for earlier months, by component and month."""
    concerned = _changed_since(session, month, people)
    paid = _paid_for(session, concerned)
    digits = digits_of(company(session).currency)
    found: dict[uuid.UUID, list[tuple[str, date, Decimal]]] = defaultdict(list)
    for period, ids in sorted(concerned.items()):
        earlier = month_of(period)
        some = {each: people[each] for each in ids}
        structures = assigned(session, ids, earlier.last)
        plans = plans_on(session, {s for s in structures.values() if s is not None}, earlier.last)
        known = Known(session, earlier, some)
        for employee in ids:
            plan = plans.get(structures.get(employee) or employee)
            if plan is None:
                continue
            worked = work_out(plan, known.of(some[employee]), rounding)
            for step in plan.steps:
                if not step.is_retro or step.kind is not PayKind.EARNING:
                    continue
                before = Decimal(paid.get((employee, period, step.code), 0)).scaleb(-digits)
                if difference := worked.values[step.code] - before:
                    found[employee].append((step.code, period, difference))
    return {employee: tuple(late) for employee, late in found.items()}


def _changed_since(
    session: Session, month: Stretch, people: Mapping[uuid.UUID, Somebody]
) -> dict[date, list[uuid.UUID]]:
    """Return whose posted months are not what they were, by month."""
    last_day = func.date(Payslip.period + func.make_interval(0, 1)) - 1
    posted = and_(
        among(Payslip.employee_id, people),
        Payslip.period < month.first,
        Payslip.period >= date(month.first.year - 1, month.first.month, 1),
    )

    def later(table: type[PayValue] | type[PayAssignment]) -> ColumnElement[bool]:
        return and_(
            table.employee_id == Payslip.employee_id,
            table.created_at > Payslip.created_at,
            table.valid_from <= last_day,
        )

    changed = [
        select(Payslip.period, Payslip.employee_id).join(table, later(table)).where(posted)
        for table in (PayValue, PayAssignment)
    ]
    entered = and_(
        PayInput.employee_id == Payslip.employee_id,
        PayInput.period == Payslip.period,
        PayInput.created_at > Payslip.created_at,
    )
    changed.append(
        select(Payslip.period, Payslip.employee_id).join(PayInput, entered).where(posted)
    )
    terms = and_(
        EmployeePay.employee_id == Payslip.employee_id,
        in_days(EmployeePay, Payslip.period, last_day),
        or_(
            EmployeePay.created_at > Payslip.created_at,
            and_(
                on_day(EmployeePay, last_day),
                EmployeePay.amount_minor.is_distinct_from(Payslip.basis_minor),
            ),
        ),
    )
    changed.append(
        select(Payslip.period, Payslip.employee_id).join(EmployeePay, terms).where(posted)
    )
    either = union_all(*changed).subquery()
    rows = session.execute(select(either).distinct().order_by(*either.c)).all()
    found: dict[date, list[uuid.UUID]] = defaultdict(list)
    for period, employee in rows:
        found[period].append(employee)
    return found


def _paid_for(
    session: Session, concerned: Mapping[date, list[uuid.UUID]]
) -> dict[tuple[uuid.UUID, date, str], int]:
    """Return what was paid for earlier months so far, by whichever run."""
    if not concerned:
        return {}
    ids = {employee for some in concerned.values() for employee in some}
    wanted = (
        select(
            Payslip.employee_id,
            PayslipLine.for_period,
            PayComponent.code,
            func.sum(PayslipLine.amount_minor),
        )
        .join(PayslipLine, PayslipLine.payslip_id == Payslip.id)
        .join(PayComponent, PayComponent.id == PayslipLine.component_id)
        .where(
            among(Payslip.employee_id, ids),
            or_(*(PayslipLine.for_period == period for period in concerned)),
            PayslipLine.amount_minor.is_not(None),
        )
        .group_by(Payslip.employee_id, PayslipLine.for_period, PayComponent.code)
    )
    return {
        (employee, period, code): int(minor or 0)
        for employee, period, code, minor in session.execute(wanted)
    }
