"""Work out a month for everybody: nothing is written here, so it is a preview and a run alike."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.employment.errors import BeforeHiring
from core.hr.payroll import errors
from core.hr.payroll.gathering import (
    Known,
    LoanPart,
    Shares,
    Somebody,
    among,
    assigned,
    cost_shares,
    people_between,
    plans_on,
)
from core.hr.payroll.retro import arrears_of
from core.hr.payroll.rules import Plan, Stretch, Worked, shared, work_out
from core.hr.payroll.tables import PayComponent, PayKind, PayrollRun, Payslip
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money, digits_of
from core.ledger import Account, Line, Side

NAMED_MAX = 5
# Where pay is borne by no cost centre.
NOWHERE: Shares = (("", Decimal(100)),)


@dataclass(frozen=True)
class SlipLineDraft:
    """A component of somebody's pay: an amount, or a figure that is only told."""

    component: PayComponent
    place: int
    for_period: date
    minor: int | None
    figure: Decimal | None


@dataclass(frozen=True)
class SlipDraft:
    """What one person is to be paid."""

    person: Somebody
    structure: uuid.UUID
    department: uuid.UUID
    shares: Shares
    # What the terms of employment said, so that a later change of them is seen.
    basis: int | None
    days: int
    gross: int
    deductions: int
    employer: int
    lines: tuple[SlipLineDraft, ...]

    @property
    def net(self) -> int:
        """What is paid out."""
        return self.gross - self.deductions


@dataclass
class MonthDraft:
    """A month as it was worked out."""

    month: Stretch
    currency: str
    slips: list[SlipDraft]
    parts: list[LoanPart]
    components: dict[str, PayComponent]

    def total(self, name: str) -> Money:
        """Return the sum of a figure of all slips: gross, deductions, employer, net."""
        return Money(sum(getattr(slip, name) for slip in self.slips), self.currency)


def work_out_month(
    session: Session, month: Stretch, chosen: Collection[uuid.UUID] | None = None
) -> MonthDraft:
    """Work out what everybody is to be paid for a month, or those who were chosen."""
    people = people_between(session, month.first, month.last, chosen)
    refuse_second_run(session, month, people, chosen)
    refuse_days_not_employed(month, people.values())
    structures = assigned(session, people, month.last)
    missing = [person for person in people.values() if person.id not in structures]
    if missing:
        said = named(missing)
        raise errors.NoStructure(count=len(missing), period=_month(month), people=said)
    paid = {person.id: person for person in people.values() if structures[person.id] is not None}
    if not paid:
        raise errors.NobodyToPay(period=_month(month))
    return _worked(session, month, paid, structures)


def _worked(
    session: Session,
    month: Stretch,
    people: Mapping[uuid.UUID, Somebody],
    structures: Mapping[uuid.UUID, uuid.UUID | None],
) -> MonthDraft:
    ours = company(session)
    used = {structure for structure in structures.values() if structure is not None}
    plans = plans_on(session, used, month.last)
    known = Known(session, month, people)
    known.read_loans()
    known.read_year(frozenset().union(*(plan.year for plan in plans.values())))
    arrears = arrears_of(session, month, people, ours.rounding)
    shares = cost_shares(session, people, month.last)
    components = {each.code: each for each in session.scalars(select(PayComponent))}
    draft = MonthDraft(month, ours.currency, [], [], components)
    digits = digits_of(ours.currency)
    for person in people.values():
        structure = structures[person.id]
        assert structure is not None, "who has none was left out"
        if structure not in plans:
            raise errors.NoStructure(count=1, period=_month(month), people=person.called)
        plan, late = plans[structure], arrears.get(person.id, ())
        worked = work_out(plan, known.of(person, late), ours.rounding)
        there = person.in_month(month)
        lines = _lines(plan, worked, components, month, late, digits)
        draft.slips.append(
            SlipDraft(
                person=person,
                structure=structure,
                department=known.department_of(person),
                shares=shares.get(person.id) or known.centre_of(person) or NOWHERE,
                basis=known.basis.get(person.id),
                days=there.calendar if there else 0,
                gross=_minor(worked.gross, digits),
                deductions=_minor(worked.deductions, digits),
                employer=_minor(worked.employer, digits),
                lines=lines,
            )
        )
    draft.parts = [part for parts in known.parts.values() for part in parts]
    _refuse_negative(draft)
    return draft


def _lines(
    plan: Plan,
    worked: Worked,
    components: Mapping[str, PayComponent],
    month: Stretch,
    arrears: Sequence[tuple[str, date, Decimal]],
    digits: int,
) -> tuple[SlipLineDraft, ...]:
    lines = []
    for code, place in plan.places.items():
        value, component = worked.values[code], components[code]
        if not value:
            continue
        is_told = component.kind is PayKind.INFORMATION
        lines.append(
            SlipLineDraft(
                component,
                place,
                month.first,
                None if is_told else _minor(value, digits),
                value if is_told else None,
            )
        )
    lines += [
        SlipLineDraft(
            components[code], plan.places.get(code, 0), period, _minor(late, digits), None
        )
        for code, period, late in arrears
    ]
    return tuple(sorted(lines, key=lambda line: (line.place, line.for_period != month.first)))


def _minor(amount: Decimal, digits: int) -> int:
    return int(amount.scaleb(digits))


def posting_of(session: Session, draft: MonthDraft, payable: str) -> list[Line]:
    """Return the lines that a month is posted by: each component where it is borne."""
    sums: Counter[tuple[uuid.UUID, str]] = Counter()
    for slip in draft.slips:
        for line in slip.lines:
            if line.minor is None:
                continue
            component = line.component
            for centre, part in shared(line.minor, slip.shares):
                if component.debit_account_id is not None:
                    sums[component.debit_account_id, centre] += part
                if component.credit_account_id is not None:
                    sums[component.credit_account_id, centre] -= part
    wanted = select(Account.id, Account.code).where(
        among(Account.id, {account for account, _ in sums})
    )
    codes = dict(session.execute(wanted).all())
    ordered = sorted((codes[account], centre, minor) for (account, centre), minor in sums.items())
    lines = [_line(code, centre, Money(minor, draft.currency)) for code, centre, minor in ordered]
    lines.append(_line(payable, "", -draft.total("net")))
    return [line for line in lines if line.amount.minor]


def _line(account: str, centre: str, amount: Money) -> Line:
    side = Side.DEBIT if amount.minor >= 0 else Side.CREDIT
    dimensions = (("cost_centre", centre),) if centre else ()
    return Line(account, side, Money(abs(amount.minor), amount.currency), dimensions=dimensions)


def totals_by_component(draft: MonthDraft) -> list[tuple[PayComponent, int, int]]:
    """Return what each component comes to and how many people have it; no figures only told."""
    sums: Counter[str] = Counter()
    people: dict[str, set[uuid.UUID]] = defaultdict(set)
    places: dict[str, int] = {}
    for slip in draft.slips:
        for line in slip.lines:
            if line.minor is not None:
                code = line.component.code
                sums[code] += line.minor
                people[code].add(slip.person.id)
                places.setdefault(code, line.place)
    return [
        (draft.components[code], sums[code], len(people[code]))
        for code in sorted(sums, key=lambda code: (places[code], code))
    ]


def refuse_second_run(
    session: Session,
    month: Stretch,
    people: Mapping[uuid.UUID, Somebody],
    chosen: Collection[uuid.UUID] | None,
) -> None:
    """Refuse to run a month twice, or to pay somebody twice for it."""
    run = select(PayrollRun.number).where(PayrollRun.period == month.first)
    first = session.scalar(run.order_by(PayrollRun.number).limit(1))
    if first is None:
        return
    if chosen is None:
        raise errors.AlreadyRun(period=_month(month), run=first)
    wanted = (
        select(Payslip.employee_id, Payslip.number)
        .where(Payslip.period == month.first, among(Payslip.employee_id, people))
        .limit(1)
    )
    if (paid := session.execute(wanted).one_or_none()) is not None:
        employee, payslip = paid
        raise errors.AlreadyPaidFor(
            employee=people[employee].called, period=_month(month), payslip=payslip
        )


def refuse_days_not_employed(month: Stretch, people: Collection[Somebody]) -> None:
    """Refuse to pay whoever is chosen for a month before their first day."""
    for person in people:
        if person.hired_on > month.last:
            raise BeforeHiring(employee=person.called, hired_on=person.hired_on, day=month.last)


def _refuse_negative(draft: MonthDraft) -> None:
    short = [slip.person for slip in draft.slips if slip.net < 0]
    if short:
        raise errors.NegativeNet(count=len(short), period=_month(draft.month), people=named(short))


def named(people: Sequence[Somebody]) -> Both:
    """Name some people, and say how many more there are."""
    said = ", ".join(person.called for person in people[:NAMED_MAX])
    more = len(people) - NAMED_MAX
    if more <= 0:
        return Both(said, said)
    return Both(f"{said} and {more} more", f"{said} 等 {len(people)} 人")


def _month(month: Stretch) -> str:
    return f"{month.first:%Y-%m}"


__all__ = [
    "MonthDraft",
    "SlipDraft",
    "posting_of",
    "totals_by_component",
    "work_out_month",
]
