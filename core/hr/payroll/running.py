"""Run a month of pay, pay it out, and pay what is owed to authorities: each by other hands."""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core import ledger
from core.hr.payroll import errors
from core.hr.payroll.events import (
    ComponentTotal,
    ContributionsPaid,
    ContributionsPaidForFew,
    PayrollPaid,
    PayrollPaidForFew,
    PayrollPosted,
    PayrollPostedForFew,
)
from core.hr.payroll.files import PayFile, pay_file
from core.hr.payroll.gathering import among, wait_for_entries
from core.hr.payroll.rates import rate_set
from core.hr.payroll.rules import Stretch, month_of
from core.hr.payroll.tables import (
    PEOPLE_MIN,
    PayComponent,
    PayLoan,
    PayLoanPart,
    PayrollFile,
    PayrollRun,
    Payslip,
    PayslipLine,
    PayStructureVersion,
    RunState,
)
from core.hr.payroll.working import (
    MonthDraft,
    SlipDraft,
    posting_of,
    totals_by_component,
    work_out_month,
)
from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.events import Fact
from core.kernel.identifiers import new_id, new_ids
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number, next_numbers
from core.ledger import Account, JournalEntry, Line, Posting, Side, credit, debit
from core.ledger.chart import BANK, SALARIES_PAYABLE
from core.ledger.dimensions import dimensions_of
from core.ledger.tables import DimensionSet

_SLIP = (
    "id", "number", "run_id", "employee_id", "structure_id", "department_id", "shares",
    "basis_minor", "period",
    "days", "currency", "gross_minor", "deductions_minor", "net_minor", "employer_minor",
)  # fmt: skip
_LINE = ("payslip_id", "position", "component_id", "for_period", "amount_minor", "figure")
_Told = TypeVar("_Told", bound=Fact)


def run_payroll(
    session: Session,
    period: date,
    *,
    employees: Collection[uuid.UUID] | None = None,
    pay_on: date | None = None,
    bank: str = BANK,
) -> PayrollRun:
    """Work out a month, and post it: payslips, entry and the bank's file, or nothing at all.

    A run that was posted never changes. What is found wrong is put right by the next one.
    """
    month = month_of(period)
    # Two that run the same month at once: the second waits, and finds it run.
    wait_for_entries(session)
    draft = work_out_month(session, month, employees)
    number = next_number(session, "PY")
    pay_on = pay_on or month.last
    entry = ledger.post_entry(
        session,
        posting_of(session, draft, SALARIES_PAYABLE),
        memo=f"{number} {month.first:%Y-%m}",
        origin=number,
        posted_on=month.last,
    )
    file = pay_file(session, number, draft.slips, pay_on=pay_on, bank=bank)
    run = PayrollRun(
        id=new_id(),
        number=number,
        period=month.first,
        pay_on=pay_on,
        currency=draft.currency,
        people=len(draft.slips),
        gross_minor=draft.total("gross").minor,
        deductions_minor=draft.total("deductions").minor,
        net_minor=draft.total("net").minor,
        employer_minor=draft.total("employer").minor,
        entry=entry.number,
        file_name=file and file.name,
        file_sha256=file and hashlib.sha256(file.content).hexdigest(),
        file_payments=file.payments if file else 0,
        file_minor=file.total if file else 0,
    )
    session.add(run)
    session.flush()
    if file is not None:
        kept = PayrollFile(run_id=run.id, content=file.content, sha256=run.file_sha256)
        session.add(kept)
    numbers = _write_slips(session, run, draft)
    _tell(session, run, draft, file, numbers)
    return run


def _write_slips(session: Session, run: PayrollRun, draft: MonthDraft) -> tuple[str, str]:
    count = len(draft.slips)
    ids, numbers = new_ids(count), next_numbers(session, "PS", count)
    copy_rows(session, Payslip, _SLIP, _slip_rows(run, draft.slips, ids, numbers))
    lines = (
        (payslip, place, line.component.id, line.for_period, line.minor, line.figure)
        for payslip, slip in zip(ids, draft.slips, strict=True)
        for place, line in enumerate(slip.lines, start=1)
    )
    copy_rows(session, PayslipLine, _LINE, lines)
    taken = (
        update(PayLoanPart)
        .where(
            among(PayLoanPart.id, [part.id for part in draft.parts]),
            PayLoan.id == PayLoanPart.loan_id,
            Payslip.employee_id == PayLoan.employee_id,
            Payslip.run_id == run.id,
        )
        .values(payslip_id=Payslip.id)
        .execution_options(synchronize_session=False)
    )
    if draft.parts:
        session.execute(taken)
    return numbers[0], numbers[-1]


def _slip_rows(
    run: PayrollRun,
    slips: Sequence[SlipDraft],
    ids: Sequence[uuid.UUID],
    numbers: Sequence[str],
) -> Iterator[tuple[object, ...]]:
    for payslip, number, slip in zip(ids, numbers, slips, strict=True):
        yield (
            payslip,
            number,
            run.id,
            slip.person.id,
            slip.structure,
            slip.department,
            ",".join(f"{code}={percent}" for code, percent in slip.shares if code),
            slip.basis,
            run.period,
            slip.days,
            run.currency,
            slip.gross,
            slip.deductions,
            slip.net,
            slip.employer,
        )


def _tell(
    session: Session,
    run: PayrollRun,
    draft: MonthDraft,
    file: PayFile | None,
    numbers: tuple[str, str],
) -> None:
    def money(minor: int) -> Money:
        return Money(minor, run.currency)

    fact = _told_of(run, PayrollPosted, PayrollPostedForFew)(
        number=run.number,
        period=f"{run.period:%Y-%m}",
        pay_on=run.pay_on.isoformat(),
        people=run.people,
        gross=money(run.gross_minor),
        net=money(run.net_minor),
        employer=money(run.employer_minor),
        components=tuple(
            ComponentTotal(each.code, each.name, each.kind, str(money(minor)), people)
            for each, minor, people in totals_by_component(draft)
        ),
        payslips=numbers,
        file=file.name if file else "",
        file_payments=file.payments if file else 0,
        file_total=money(file.total) if file else None,
        warnings=tuple(_warnings(session, draft, file)),
    )
    events.record(session, fact)


def _told_of(run: PayrollRun, usual: type[_Told], for_few: type[_Told]) -> type[_Told]:
    """Return as what something of a run is told: of few people, not to everybody."""
    return usual if run.people >= PEOPLE_MIN else for_few


def _warnings(
    session: Session, draft: MonthDraft, file: PayFile | None
) -> Iterator[tuple[str, str]]:
    if file is not None and file.without_account:
        total = Money(file.without_account_minor, draft.currency)
        yield "without_bank_account", f"{file.without_account} 👤 · {total}"
    if file is not None and file.held:
        total = Money(file.held_minor, draft.currency)
        yield "bank_account_not_verified", f"{file.held} 👤 · {total}"
    late = [
        line
        for slip in draft.slips
        for line in slip.lines
        if line.for_period != draft.month.first and line.minor
    ]
    if late:
        total = Money(sum(line.minor or 0 for line in late), draft.currency)
        months = sorted({f"{line.for_period:%Y-%m}" for line in late})
        yield "paid_in_arrears", f"{total} · {', '.join(months)}"
    used = {slip.structure for slip in draft.slips}
    sets = select(PayStructureVersion.rate_set).where(
        among(PayStructureVersion.structure_id, used),
        PayStructureVersion.rate_set.is_not(None),
        PayStructureVersion.valid_from <= draft.month.last,
    )
    for code in sorted({code for code in session.scalars(sets) if code is not None}):
        until = rate_set(code).checked_until
        if until < draft.month.last:
            yield "rates_checked_until", f"{code} · {until}"


def pay_run(session: Session, number: str, *, bank: str = BANK) -> PayrollRun:
    """Book that the net pay of a run left the bank."""
    run = find_run(session, number, lock=True)
    if run.state is RunState.PAID:
        raise errors.AlreadyPaid(run=run.number, entry=run.paid_entry)
    net = Money(run.net_minor, run.currency)
    if net.minor:
        entry = ledger.post_entry(
            session,
            [debit(SALARIES_PAYABLE, net), credit(bank, net)],
            memo=f"{run.number} {run.period:%Y-%m}",
            origin=run.number,
            posted_on=max(company(session).today, run.pay_on),
        )
        run.paid_entry = entry.number
    else:
        run.paid_entry = run.entry
    run.state = RunState.PAID
    session.flush()
    told = _told_of(run, PayrollPaid, PayrollPaidForFew)
    events.record(session, told(run.number, net))
    return run


def pay_authorities(session: Session, number: str, *, bank: str = BANK) -> PayrollRun:
    """Pay what a run owes to authorities: taxes and contributions, those of the company as well."""
    run = find_run(session, number, lock=True)
    if run.remitted_entry is not None:
        raise errors.AlreadyPaid(run=run.number, entry=run.remitted_entry)
    owed = owed_to_authorities(session, run)
    if not owed:
        raise errors.NothingToRemit(run=run.number)
    total = Money(sum(amount.minor for _, amount, _ in owed), run.currency)
    lines = [
        Line(
            account.code,
            Side.DEBIT if amount.minor > 0 else Side.CREDIT,
            Money(abs(amount.minor), amount.currency),
            dimensions=dimensions_of(key),
        )
        for account, amount, key in owed
    ]
    lines.append(credit(bank, total) if total.minor > 0 else debit(bank, -total))
    entry = ledger.post_entry(
        session,
        lines,
        memo=f"{run.number} {run.period:%Y-%m}",
        origin=run.number,
        posted_on=max(company(session).today, run.pay_on),
    )
    run.remitted_entry = entry.number
    session.flush()
    parts: dict[str, int] = {}
    for account, amount, _ in owed:
        said = f"{account.code} {account.name}"
        parts[said] = parts.get(said, 0) + amount.minor
    paid = tuple((said, str(Money(minor, run.currency))) for said, minor in parts.items())
    told = _told_of(run, ContributionsPaid, ContributionsPaidForFew)
    events.record(session, told(run.number, total, paid))
    return run


def owed_to_authorities(
    session: Session, run: PayrollRun
) -> list[tuple[Account, Money, str | None]]:
    """Return what the entry of a run left on accounts of authorities: by account and centre."""
    accounts = select(PayComponent.credit_account_id).where(PayComponent.to_authority)
    credited = Posting.side == Side.CREDIT
    signed = func.sum(case((credited, Posting.base_minor), else_=-Posting.base_minor))
    wanted = (
        select(Account, signed, DimensionSet.key)
        .select_from(Posting)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == Posting.dimension_set_id)
        .where(JournalEntry.number == run.entry, Account.id.in_(accounts))
        .group_by(Account.id, DimensionSet.key)
        .order_by(Account.code, DimensionSet.key)
    )
    return [
        (account, Money(int(minor), run.currency), key)
        for account, minor, key in session.execute(wanted)
        if minor
    ]


def find_run(session: Session, text: str, *, lock: bool = False) -> PayrollRun:
    """Return a run by its number."""
    number = canonical_number(text)
    wanted = select(PayrollRun).where(PayrollRun.number == number)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    run = session.scalars(wanted).one_or_none()
    if run is None:
        raise errors.UnknownRun(number=text)
    return run


def newest_run(session: Session, period: date | None = None) -> PayrollRun | None:
    """Return the newest run, or that of a month."""
    wanted = select(PayrollRun).order_by(PayrollRun.period.desc(), PayrollRun.number.desc())
    if period is not None:
        wanted = wanted.where(PayrollRun.period == month_of(period).first)
    return session.scalars(wanted.limit(1)).one_or_none()


def months_to_run(session: Session) -> Stretch:
    """Return the month that comes next: after the last one that was run, or this month."""
    last = newest_run(session)
    if last is None:
        return month_of(company(session).today)
    days = month_of(last.period)
    return month_of(date.fromordinal(days.last.toordinal() + 1))


__all__ = [
    "find_run",
    "months_to_run",
    "newest_run",
    "owed_to_authorities",
    "pay_authorities",
    "pay_run",
    "run_payroll",
]
