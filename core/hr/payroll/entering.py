"""What is entered for one person: by which structure they are paid, and how much of what."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger
from core.hr.employment import require_in_service, rights
from core.hr.employment.errors import BeforeHiring
from core.hr.payroll import errors
from core.hr.payroll.events import CostsShared, LoanGranted, PayEntered, StructureAssigned
from core.hr.payroll.gathering import assigned, wait_for_run
from core.hr.payroll.rules import instalments, month_of, next_month
from core.hr.payroll.setup import (
    LOANS,
    add_component,
    find_component,
    find_structure,
    open_pay_accounts,
)
from core.hr.payroll.tables import (
    LoanKind,
    PayAssignment,
    PayComponent,
    PayCosting,
    PayInput,
    PayKind,
    PayLoan,
    PayLoanPart,
    PayStructure,
    PayStructureLine,
    PayStructureVersion,
    PayValue,
)
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.kernel.numbering import next_number
from core.ledger import credit, debit
from core.ledger.chart import BANK
from core.parties import Party

LOAN_MONTHS_MAX = 120
REPAYMENT = "loan_repayment"
HUNDRED = Decimal(100)


def assign_structure(
    session: Session, employee: Employee, structure: str | None, *, valid_from: date
) -> PayAssignment:
    """Pay somebody by a structure from a day on; by none, and payroll leaves them out."""
    refuse_own_pay(session, employee)
    wait_for_run(session)
    require_in_service(employee, valid_from)
    chosen = None if structure is None else find_structure(session, structure)
    row = PayAssignment(
        employee_id=employee.id, structure_id=chosen and chosen.id, valid_from=valid_from
    )
    session.add(row)
    session.flush()
    told = StructureAssigned(
        employee.number,
        _name_of(session, employee),
        chosen.code if chosen else "",
        valid_from.isoformat(),
    )
    events.record(session, told)
    return row


def set_monthly(
    session: Session,
    employee: Employee,
    component: str,
    amount: Decimal,
    *,
    valid_from: date,
) -> PayValue:
    """Pay somebody so much of a component by the month, from a day on; nothing ends it.

    From a day in a month that is posted, the difference is paid with the next run.
    """
    refuse_own_pay(session, employee)
    wait_for_run(session)
    require_in_service(employee, valid_from)
    found = _entered_component(session, employee, component, valid_from)
    row = PayValue(
        employee_id=employee.id, component_id=found.id, valid_from=valid_from, amount=amount
    )
    session.add(row)
    session.flush()
    told = PayEntered(
        employee.number,
        _name_of(session, employee),
        found.code,
        plain(amount),
        valid_from.isoformat(),
        monthly=True,
        worth=_worth(session, found, amount),
    )
    events.record(session, told)
    return row


def enter_input(
    session: Session,
    employee: Employee,
    component: str,
    amount: Decimal,
    *,
    period: date,
    note: str = "",
) -> PayInput:
    """Enter hours, a bonus, days of unpaid leave for one month; it adds to what was entered."""
    refuse_own_pay(session, employee)
    wait_for_run(session)
    month = month_of(period)
    if employee.hired_on > month.last:
        raise BeforeHiring(employee=employee.number, hired_on=employee.hired_on, day=month.last)
    found = _entered_component(session, employee, component, month.last)
    row = PayInput(
        employee_id=employee.id,
        component_id=found.id,
        period=month.first,
        amount=amount,
        note=note,
    )
    session.add(row)
    session.flush()
    told = PayEntered(
        employee.number,
        _name_of(session, employee),
        found.code,
        plain(amount),
        f"{month.first:%Y-%m}",
        monthly=False,
        note=note,
        worth=_worth(session, found, amount),
    )
    events.record(session, told)
    return row


def share_costs(
    session: Session, employee: Employee, shares: Mapping[str, Decimal], *, valid_from: date
) -> PayCosting:
    """Let cost centres bear somebody's pay from a day on, by percent that come to 100."""
    total = sum(shares.values(), Decimal(0))
    if total != HUNDRED or any(percent <= 0 for percent in shares.values()):
        raise errors.SharesIncomplete(total=plain(total))
    coded = {
        ledger.member_named(session, "cost_centre", code).code: percent
        for code, percent in shares.items()
    }
    row = PayCosting(
        employee_id=employee.id,
        valid_from=valid_from,
        shares={code: plain(percent) for code, percent in coded.items()},
    )
    session.add(row)
    session.flush()
    told = CostsShared(
        employee.number,
        _name_of(session, employee),
        tuple(row.shares.items()),
        valid_from.isoformat(),
    )
    events.record(session, told)
    return row


def grant_loan(
    session: Session,
    employee: Employee,
    amount: Money,
    *,
    months: int,
    first: date,
    kind: LoanKind = LoanKind.LOAN,
    component: str = REPAYMENT,
    paid_from: str = BANK,
) -> PayLoan:
    """Give somebody a loan or an advance, repaid in equal parts from a month on."""
    refuse_own_pay(session, employee)
    if not 1 <= months <= min(LOAN_MONTHS_MAX, max(1, amount.minor)):
        raise errors.ScheduleWrong(amount=amount, months=months, most=LOAN_MONTHS_MAX)
    today = company(session).today
    require_in_service(employee, today)
    taken_off = find_component(session, component)
    if taken_off.kind is not PayKind.DEDUCTION or taken_off.credit_account_id is None:
        raise errors.UnknownComponent(text=component)
    account = session.get_one(ledger.Account, taken_off.credit_account_id)
    number = next_number(session, "LN")
    entry = ledger.post_entry(
        session,
        [debit(account.code, amount), credit(paid_from, amount)],
        memo=f"{number} {employee.number}",
        origin=number,
        posted_on=today,
    )
    loan = PayLoan(
        number=number,
        employee_id=employee.id,
        component_id=taken_off.id,
        kind=kind,
        currency=amount.currency,
        amount_minor=amount.minor,
        paid_on=today,
        entry=entry.number,
    )
    session.add(loan)
    session.flush()
    start, parts = month_of(first).first, instalments(amount.minor, months)
    session.add_all(
        PayLoanPart(loan_id=loan.id, period=next_month(start, place), amount_minor=part)
        for place, part in enumerate(parts)
    )
    session.flush()
    said = tuple(str(Money(part, amount.currency)) for part in parts)
    told = LoanGranted(
        number,
        employee.number,
        _name_of(session, employee),
        kind,
        amount,
        f"{start:%Y-%m}",
        said,
    )
    events.record(session, told)
    return loan


def ready_for_loans(session: Session) -> PayComponent:
    """Return the component that repayments are taken off by; added where there is none."""
    wanted = select(PayComponent).where(PayComponent.code == REPAYMENT)
    if (known := session.scalar(wanted)) is not None:
        return known
    open_pay_accounts(session)
    return add_component(
        session,
        code=REPAYMENT,
        name="Repayment",
        name_zh="借款扣回",
        kind=PayKind.DEDUCTION,
        credit=LOANS,
    )


def refuse_own_pay(session: Session, employee: Employee) -> None:
    """Refuse what somebody asks for, or approves, about their own pay."""
    if rights.is_concerned(session, employee):
        raise errors.OwnPay(employee=employee.number)


def _entered_component(session: Session, employee: Employee, text: str, day: date) -> PayComponent:
    """Return a component that is entered; refuse one that the person's structure works out."""
    found = find_component(session, text)
    structure = assigned(session, [employee.id], day).get(employee.id)
    if structure is None:
        return found
    wanted = (
        select(PayStructureLine.formula)
        .join(PayStructureVersion, PayStructureVersion.id == PayStructureLine.version_id)
        .where(
            PayStructureVersion.structure_id == structure,
            PayStructureVersion.valid_from <= day,
            PayStructureLine.component_id == found.id,
        )
        .order_by(PayStructureVersion.valid_from.desc())
        .limit(1)
    )
    if session.scalar(wanted) is not None:
        called = session.get_one(PayStructure, structure).code
        raise errors.NotEntered(component=found.code, structure=called)
    return found


def _worth(session: Session, component: PayComponent, amount: Decimal) -> Money | None:
    if component.kind is PayKind.INFORMATION:
        return None
    ours = company(session)
    return Money.rounding(amount, ours.currency, ours.rounding)


def _name_of(session: Session, employee: Employee) -> str:
    return session.get_one(Party, employee.party_id).name


__all__ = [
    "assign_structure",
    "enter_input",
    "grant_loan",
    "ready_for_loans",
    "refuse_own_pay",
    "set_monthly",
    "share_costs",
]
