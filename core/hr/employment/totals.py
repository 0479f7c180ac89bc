"""What is paid altogether: never for so few people that it tells what one of them is paid."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.employment import rights
from core.hr.employment.errors import NotYoursToSee
from core.hr.employment.events import PrivateRead
from core.hr.employment.queries import on_day
from core.hr.employment.rules import yearly
from core.hr.employment.tables import PAY_READERS, EmployeePay, Employment
from core.hr.tables import Department
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identity.acting import SYSTEM
from core.kernel.money import Money

PEOPLE_MIN = 5


@dataclass(frozen=True)
class PayTotal:
    """What the people of a department are paid in a year; None where it would tell of one."""

    department: str
    name: str
    name_zh: str
    people: int
    total: Money | None


def pay_totals(session: Session, day: date) -> tuple[list[PayTotal], Money | None]:
    """Return the yearly pay by department in the company's currency, and of all, to who may see it.

    Fewer than five people are no total. Nor is what could be told by taking the others off the
    whole: then the next smallest department is hidden as well. The trail keeps who looked.
    """
    if not acting(session).actor.roles & (PAY_READERS | SYSTEM.actor.roles):
        raise NotYoursToSee(what=Both("pay", "薪资"))
    ours = company(session)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    people: dict[str, int] = defaultdict(int)
    departments = {each.code: each for each in session.scalars(select(Department))}
    wanted = (
        select(EmployeePay, Department.code)
        .join(Employment, Employment.employee_id == EmployeePay.employee_id)
        .join(Department, Department.id == Employment.department_id)
        .where(on_day(EmployeePay, day), on_day(Employment, day))
        .where(EmployeePay.currency == ours.currency)
    )
    for pay, code in session.execute(wanted):
        sums[code] += yearly(Money(pay.amount_minor, pay.currency).amount, pay.period)
        people[code] += 1
    shown = shown_of(people)
    totals = [
        PayTotal(
            code,
            departments[code].name,
            departments[code].name_zh,
            people[code],
            Money.rounding(sums[code], ours.currency, ours.rounding) if code in shown else None,
        )
        for code in sorted(people)
    ]
    events.record(session, PrivateRead(rights.PAY, (), sum(people.values())))
    whole = None
    if sum(people.values()) >= PEOPLE_MIN:
        everything = sum(sums.values(), Decimal(0))
        whole = Money.rounding(everything, ours.currency, ours.rounding)
    return totals, whole


def shown_of(people: Mapping[str, int]) -> set[str]:
    """Return the groups whose totals tell of nobody, also not together with the whole."""
    shown = {code for code, count in people.items() if count >= PEOPLE_MIN}
    hidden = {code: people[code] for code in people if code not in shown}
    # What is hidden together has to be five people at least, or the rest tells of them.
    while hidden and sum(hidden.values()) < PEOPLE_MIN and shown:
        least = min(shown, key=lambda code: (people[code], code))
        shown.remove(least)
        hidden[least] = people[least]
    return shown
