"""Whose what is: what of a person may be seen by whom, and that the trail keeps who looked."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.hr.employment.errors import NotYoursToSee, OwnTerms
from core.hr.employment.events import PrivateRead
from core.hr.employment.tables import PAY_READERS
from core.hr.tables import Employee
from core.kernel import events
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identity.acting import SYSTEM, Actor
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person

PAY, IDENTITY = "pay", "identity"
# Beside oneself.
READERS = {
    PAY: PAY_READERS,
    IDENTITY: frozenset({Role.HR}),
}
_SAID = {
    PAY: Both("pay", "薪资"),
    IDENTITY: Both("identity documents", "身份证件"),
}
WITH_PARTY = joinedload(Employee.party)
# Who looks after what is others': human resources, and the house itself.
OFFICERS = frozenset({Role.HR, *SYSTEM.actor.roles})
# A trail that listed ten thousand names for one payroll run would hide what it is for.
NAMED_MAX = 20


def is_own(actor: Actor, employee: Employee) -> bool:
    """Tell whether the employee is whoever acts, through whichever of their accounts."""
    return actor.human == f"party:{employee.party_id}" or actor.party_id == employee.party_id


def acts_for(actor: Actor, employee: Employee) -> bool:
    """Tell whether somebody does what is an employee's: they themselves, or human resources."""
    return is_own(actor, employee) or bool(actor.roles & OFFICERS)


def is_concerned(session: Session, employee: Employee) -> bool:
    """Tell whether the employee is whoever acts, or whoever asked for what is carried out."""
    who = acting(session)
    if is_own(who.actor, employee):
        return True
    if not who.on_behalf_of:
        return False
    asker = select(Person.party_id).where(Person.login == who.on_behalf_of)
    return session.scalar(asker) == employee.party_id


def may_see(actor: Actor, what: str, employee: Employee) -> bool:
    """Tell whether something of an employee is for somebody to see."""
    if is_own(actor, employee):
        return True
    return bool(actor.roles & (READERS[what] | SYSTEM.actor.roles))


def look_at(session: Session, what: str, employees: Sequence[Employee]) -> None:
    """Note that somebody looks at what is private of people; refuse where it is not for them."""
    actor = acting(session).actor
    if not all(may_see(actor, what, employee) for employee in employees):
        raise NotYoursToSee(what=_SAID[what])
    whose = tuple(sorted(employee.number for employee in employees))
    fact = PrivateRead(what, whose[:NAMED_MAX], len(whose))
    if fact not in events.recorded(session):
        events.record(session, fact)


def refuse_own_terms(session: Session, employee: Employee) -> None:
    """Refuse to set the terms or the pay of oneself."""
    if is_concerned(session, employee):
        raise OwnTerms(employee=employee.number)
