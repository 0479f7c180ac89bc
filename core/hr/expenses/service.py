"""What one can do with expenses: claim, decide, pay."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import invoicing, ledger
from core.hr.employment import employment_or_none, is_manager_of, rights
from core.hr.expenses import errors
from core.hr.expenses.events import ClaimMoved, ExpenseCategoryAdded, ExpenseClaimed
from core.hr.expenses.tables import ClaimState, ExpenseCategory, ExpenseClaim, ExpenseLine
from core.hr.tables import Employee
from core.invoicing import DocumentLine, InvoiceKind, PaymentKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Both
from core.kernel.identity.acting import SYSTEM
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.naming import find_numbered, resolved
from core.kernel.numbering import next_number
from core.ledger.chart import BANK

DECIDERS = frozenset({Role.MANAGER, Role.ACCOUNTANT, Role.ADMIN, *SYSTEM.actor.roles})
_HASH = re.compile(r"[0-9a-f]{64}")
_AHEAD = Both("it lies ahead", "日期尚未到来")
_NOT_HERE = Both("they did not work here", "当日不在职")


@dataclass(frozen=True)
class Spent:
    """One thing that money was spent on; `receipt` is the file's name and its SHA-256."""

    category: ExpenseCategory
    amount: Money
    spent_on: date
    description: str = ""
    taxed: bool | None = None
    receipt: tuple[str, str] | None = None


def add_expense_category(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    account: str,
    tax_code: str | None = None,
    limit: Money | None = None,
    receipt_above: Money | None = None,
) -> ExpenseCategory:
    """Add a category: where it is booked, and up to which limit it is paid."""
    code = code.strip().upper()
    if session.scalar(select(ExpenseCategory.id).where(ExpenseCategory.code == code)):
        raise errors.ExpenseCategoryExists(code=code)
    booked = ledger.find_account(session, account)
    category = ExpenseCategory(
        code=code,
        name=name,
        name_zh=name_zh,
        account=booked.code,
        tax_code=tax_code,
        limit_minor=limit and limit.minor,
        receipt_above_minor=None if receipt_above is None else receipt_above.minor,
    )
    session.add(category)
    shown = "" if limit is None else str(limit)
    events.record(session, ExpenseCategoryAdded(code, name, str(booked.called), shown))
    session.flush()
    return category


def find_expense_category(session: Session, said: str) -> ExpenseCategory:
    """Return the category that a code or a name means."""
    among = select(ExpenseCategory.code, ExpenseCategory.name, ExpenseCategory.name_zh)
    code = resolved(session, among, said, errors.UnknownExpenseCategory)
    return session.scalars(select(ExpenseCategory).where(ExpenseCategory.code == code)).one()


def find_claim(session: Session, number: str, *, lock: bool = False) -> ExpenseClaim:
    """Return a claim with its lines and its employee, as it is stored now."""
    options = (
        joinedload(ExpenseClaim.employee).joinedload(Employee.party),
        selectinload(ExpenseClaim.lines).selectinload(ExpenseLine.category),
    )
    unknown = errors.UnknownClaim(number=number)
    return find_numbered(session, ExpenseClaim, number, *options, unknown=unknown, locked=lock)


def claim_expenses(
    session: Session, employee: Employee, spent: Sequence[Spent], *, purpose: str = ""
) -> ExpenseClaim:
    """Ask for what an employee spent for the company, in the company's currency."""
    actor, ours = acting(session).actor, company(session)
    if not rights.acts_for(actor, employee):
        raise errors.NotTheirClaim
    if not spent:
        raise errors.EmptyClaim
    for each in spent:
        _require_usable(session, employee, each, ours.today)
    claim = ExpenseClaim(
        number=next_number(session, "EX"),
        employee=employee,
        employee_id=employee.id,
        state=ClaimState.ASKED,
        asked_by=actor.human,
        asked_on=ours.today,
        purpose=purpose,
        lines=[
            ExpenseLine(
                position=position,
                category=each.category,
                category_id=each.category.id,
                spent_on=each.spent_on,
                description=each.description or each.category.name,
                claimed_minor=each.amount.minor,
                is_taxed=each.category.tax_code is not None if each.taxed is None else each.taxed,
                receipt_name=each.receipt and each.receipt[0],
                receipt_hash=each.receipt and each.receipt[1],
                is_void=False,
            )
            for position, each in enumerate(spent, start=1)
        ],
    )
    session.add(claim)
    total = Money(sum(each.amount.minor for each in spent), ours.currency)
    fact = ExpenseClaimed(
        claim.number,
        employee.number,
        employee.party.name,
        tuple(f"{each.category.code} {each.amount} {each.spent_on}" for each in spent),
        str(total),
        purpose,
    )
    events.record(session, fact)
    session.flush()
    return claim


def decide_claim(
    session: Session,
    number: str,
    *,
    approve: bool,
    sanctioned: Mapping[int, Money] | None = None,
    because: str = "",
) -> ExpenseClaim:
    """Approve a claim of somebody else, whole, up to its limits or in part; or refuse it.

    What is approved is a bill of the employee from then on; nothing approved is no bill.
    """
    claim = find_claim(session, number, lock=True)
    _require_deciding(session, claim)
    if claim.state is not ClaimState.ASKED:
        raise errors.ClaimDecided(number=claim.number, state=claim.state)
    ours = company(session)
    claim.decided_by, claim.decided_on = acting(session).actor.human, ours.today
    claim.answer = because or None
    if not approve:
        for line in claim.lines:
            line.is_void = True
        _move(session, claim, ClaimState.REFUSED, None, because)
        return claim
    _sanction(claim, sanctioned or {}, ours.currency)
    session.flush()
    bill = _post(session, claim, ours.currency)
    claim.bill_number = None if bill is None else bill.number
    total = Money(bill.total_minor if bill else 0, ours.currency)
    _move(session, claim, ClaimState.APPROVED, total, because)
    return claim


def withdraw_claim(session: Session, number: str, *, because: str = "") -> ExpenseClaim:
    """Take back a claim before anybody decides on it; whose it is, or who brought it for them."""
    claim = find_claim(session, number, lock=True)
    actor = acting(session).actor
    theirs = rights.is_own(actor, claim.employee) or actor.human == claim.asked_by
    if not theirs and not actor.roles & SYSTEM.actor.roles:
        raise errors.NotTheirsToWithdraw(number=claim.number)
    if claim.state is not ClaimState.ASKED:
        raise errors.ClaimDecided(number=claim.number, state=claim.state)
    for line in claim.lines:
        line.is_void = True
    _move(session, claim, ClaimState.WITHDRAWN, None, because)
    return claim


def pay_claim(session: Session, number: str, *, account: str = BANK) -> ExpenseClaim:
    """Pay an employee what is still owed on an approved claim; nobody pays themselves."""
    claim = find_claim(session, number, lock=True)
    if rights.is_concerned(session, claim.employee):
        raise errors.OwnClaim(number=claim.number)
    if claim.state is not ClaimState.APPROVED or claim.bill_number is None:
        raise errors.ClaimNotApproved(number=claim.number, state=claim.state)
    bill = invoicing.find_invoice(session, claim.bill_number)
    owed = Money(bill.open_minor, bill.currency)
    if owed.minor:
        invoicing.post_payment(
            session,
            kind=PaymentKind.SUPPLIER_PAYMENT,
            party=claim.employee.party,
            amount=owed,
            documents=[bill.number],
            reference=claim.number,
            account=account,
        )
    _move(session, claim, ClaimState.PAID, owed, "")
    return claim


def payable(session: Session, claim: ExpenseClaim) -> Money:
    """Return what is still owed to the employee on a claim."""
    if claim.bill_number is None:
        return Money(0, company(session).currency)
    bill = invoicing.find_invoice(session, claim.bill_number)
    return Money(bill.open_minor, bill.currency)


def _require_usable(session: Session, employee: Employee, spent: Spent, today: date) -> None:
    if spent.amount.minor <= 0:
        raise errors.SpentNothing(amount=str(spent.amount))
    if spent.spent_on > today:
        raise errors.SpentOutsideService(employee=employee.number, day=spent.spent_on, why=_AHEAD)
    if employment_or_none(session, employee.id, spent.spent_on) is None:
        raise errors.SpentOutsideService(
            employee=employee.number, day=spent.spent_on, why=_NOT_HERE
        )
    above = spent.category.receipt_above_minor
    if spent.receipt is None:
        if above is not None and spent.amount.minor > above:
            raise errors.ReceiptNeeded(
                category=Both(spent.category.name, spent.category.name_zh),
                amount=str(Money(above, spent.amount.currency)),
            )
        return
    assert _HASH.fullmatch(spent.receipt[1]), "a receipt is known by its SHA-256"
    on = session.scalar(
        select(ExpenseClaim.number)
        .join(ExpenseLine, ExpenseLine.claim_id == ExpenseClaim.id)
        .where(ExpenseLine.receipt_hash == spent.receipt[1], ~ExpenseLine.is_void)
    )
    if on is not None:
        raise errors.ReceiptClaimed(number=on)


def _require_deciding(session: Session, claim: ExpenseClaim) -> None:
    actor = acting(session).actor
    if not actor.is_person and actor.roles & SYSTEM.actor.roles:
        return
    if rights.is_concerned(session, claim.employee) or actor.human == claim.asked_by:
        raise errors.OwnClaim(number=claim.number)
    if not actor.roles & DECIDERS and not is_manager_of(session, actor, claim.employee):
        raise errors.NotForThemToDecide(employee=claim.employee.number, number=claim.number)


def _sanction(claim: ExpenseClaim, sanctioned: Mapping[int, Money], currency: str) -> None:
    positions = {line.position for line in claim.lines}
    for position in sanctioned:
        if position not in positions:
            raise errors.NoSuchExpenseLine(number=claim.number, position=position)
    for line in claim.lines:
        limit = line.category.limit_minor
        most = line.claimed_minor if limit is None else min(line.claimed_minor, limit)
        given = sanctioned.get(line.position)
        if given is not None and not 0 <= given.minor <= most:
            raise errors.SanctionedTooMuch(
                position=line.position, most=str(Money(most, currency)), amount=str(given)
            )
        line.sanctioned_minor = most if given is None else given.minor


def _post(session: Session, claim: ExpenseClaim, currency: str) -> invoicing.Invoice | None:
    terms = employment_or_none(session, claim.employee_id, claim.asked_on)
    centre = terms.cost_centre if terms is not None else None
    lines = [
        DocumentLine(
            description=f"{claim.number} {line.description}",
            unit_price=Money(line.sanctioned_minor, currency).amount,
            account=line.category.account,
            tax_code=line.category.tax_code if line.is_taxed else None,
            taxed=line.is_taxed,
            dimensions=(("cost_centre", centre),) if centre else (),
        )
        for line in claim.lines
        if line.sanctioned_minor
    ]
    if not lines:
        return None
    return invoicing.post_document(
        session,
        kind=InvoiceKind.SUPPLIER_BILL,
        party=claim.employee.party,
        lines=lines,
        reference=claim.number,
    )


def _move(
    session: Session,
    claim: ExpenseClaim,
    after: ClaimState,
    approved: Money | None,
    because: str,
) -> None:
    before, claim.state = claim.state, after
    fact = ClaimMoved(
        claim.number,
        claim.employee.number,
        claim.employee.party.name,
        before,
        after,
        "" if approved is None else str(approved),
        because,
    )
    events.record(session, fact)
    session.flush()
