"""Tools of expenses: claim, approve, refuse, pay."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from core.hr import expenses
from core.hr.employment.managing import party_and_line
from core.hr.expenses import ClaimState, ExpenseClaim, Spent
from core.kernel.company import company, today
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from tools.base import Amount, Answer, Arguments, Call, Day, Ref, Text, Tool, Undoing, never
from tools.people import EVERYBODY, KEEPERS, EmployeeRef, about_line, employee_of
from tools.trade import Because

ClaimRef = Annotated[Text, Ref("expense_claim")]
CategoryRef = Annotated[Text, Ref("expense_category")]
PAYERS = frozenset({Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN})
SEE_CLAIMS = PAYERS | KEEPERS
WITHDRAW = "hr.withdraw_claim"
CREDIT = ("credit the bill of the claim instead", "请改为冲销报销对应的账单")
CLAIM_ANEW = ("claim it anew instead", "请重新报销")


class ClaimExpense(Arguments):
    """Claim back what one spent for the company; somebody else decides on it."""

    category: CategoryRef = Field(description="What it was spent on, such as travel.")
    amount: Amount = Field(description="How much was spent.")
    spent_on: Day | None = Field(default=None, description="When; today if empty.")
    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")
    because: Because | None = Field(default=None, description="What it was for.")
    receipt: Text | None = Field(
        default=None, description="The SHA-256 of the receipt's file, where there is one."
    )


class ClaimShown(Answer):
    """An expense claim."""

    number: str
    employee: str
    name: str
    claimed: Decimal
    approved: Decimal | None
    currency: str
    state: ClaimState
    asked_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say who claims how much, and how far it is."""
        claimed, state = Money.of(self.claimed, self.currency), word(self.state, language)
        given = None if self.approved is None else Money.of(self.approved, self.currency)
        if language == "zh":
            approved = "" if given is None else f"，批准 {given}"
            return f"{self.number}：{self.name} 报销 {claimed}{approved}，{state}。"
        approved = "" if given is None else f", {given} approved"
        return f"{self.number}: {self.name} claims {claimed}{approved}; {state}."


def _shown(session: Session, claim: ExpenseClaim) -> ClaimShown:
    currency = company(session).currency
    given = [line.sanctioned_minor for line in claim.lines if line.sanctioned_minor is not None]
    return ClaimShown(
        number=claim.number,
        employee=claim.employee.number,
        name=claim.employee.party.name,
        claimed=Money(sum(line.claimed_minor for line in claim.lines), currency).amount,
        approved=Money(sum(given), currency).amount if given else None,
        currency=currency,
        state=claim.state,
        asked_on=claim.asked_on,
    )


def claim_expense(session: Session, arguments: ClaimExpense) -> ClaimShown:
    """Claim it."""
    person = employee_of(session, arguments.employee)
    category = expenses.find_expense_category(session, arguments.category)
    spent = Spent(
        category,
        Money.of(arguments.amount, company(session).currency),
        arguments.spent_on or today(session),
        description=arguments.because or "",
        receipt=("receipt", arguments.receipt) if arguments.receipt else None,
    )
    claim = expenses.claim_expenses(session, person, [spent], purpose=arguments.because or "")
    return _shown(session, claim)


def pin_claim_expense(session: Session, arguments: ClaimExpense) -> ClaimExpense:
    """Name who spent it on what, and make the day concrete."""
    chosen = {
        "employee": employee_of(session, arguments.employee).number,
        "category": expenses.find_expense_category(session, arguments.category).code,
        "spent_on": arguments.spent_on or today(session),
    }
    return arguments.model_copy(update=chosen)


def undo_claim(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Take it back: nothing was booked yet."""
    return Undoing((Call(WITHDRAW, WithdrawClaim(claim=answer["number"], because="undo")),))


class ApproveClaim(Arguments):
    """Approve the expenses of somebody else, whole or a part of them."""

    claim: ClaimRef = Field(description="The claim, such as EX-00042.")
    amount: Amount | None = Field(
        default=None, description="How much of it; all up to the limits if empty."
    )


class RefuseClaim(Arguments):
    """Refuse the expenses of somebody else, and say why."""

    claim: ClaimRef = Field(description="The claim, such as EX-00042.")
    because: Because = Field(description="Why it is refused.")


class WithdrawClaim(Arguments):
    """Take back one's own expense claim that nobody has decided on yet."""

    claim: ClaimRef = Field(description="The claim, such as EX-00042.")
    because: Because = Field(default="withdrawn", description="Why.")


class PayClaim(Arguments):
    """Pay an employee what is owed on an approved claim."""

    claim: ClaimRef = Field(description="The claim, such as EX-00042.")


def approve_claim(session: Session, arguments: ApproveClaim) -> ClaimShown:
    """Approve it."""
    given = None
    if arguments.amount is not None:
        given = {1: Money.of(arguments.amount, company(session).currency)}
    claim = expenses.decide_claim(session, arguments.claim, approve=True, sanctioned=given)
    return _shown(session, claim)


def refuse_claim(session: Session, arguments: RefuseClaim) -> ClaimShown:
    """Refuse it."""
    claim = expenses.decide_claim(
        session, arguments.claim, approve=False, because=arguments.because
    )
    return _shown(session, claim)


def withdraw_claim(session: Session, arguments: WithdrawClaim) -> ClaimShown:
    """Take it back."""
    claim = expenses.withdraw_claim(session, arguments.claim, because=arguments.because)
    return _shown(session, claim)


def about_claim(session: Session, arguments: Any) -> Collection[UUID]:  # noqa: ANN401
    """Return whose claim it is, and who stands above them."""
    return party_and_line(session, expenses.find_claim(session, arguments.claim).employee)


def pay_claim(session: Session, arguments: PayClaim) -> ClaimShown:
    """Pay it."""
    return _shown(session, expenses.pay_claim(session, arguments.claim))


def pin_claim(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the claim as we call it."""
    number = expenses.find_claim(session, arguments.claim).number
    return arguments.model_copy(update={"claim": number})


TOOLS = [
    Tool(
        "hr.claim_expense", ClaimExpense, claim_expense, writes=True,
        title="Claim expense", title_zh="报销费用",
        roles=EVERYBODY, seen_by=SEE_CLAIMS, private_to=about_line,
        pin=pin_claim_expense, undo=undo_claim,
    ),
    Tool(
        "hr.approve_claim", ApproveClaim, approve_claim, writes=True,
        title="Approve expense claim", title_zh="批准费用报销",
        roles=EVERYBODY, seen_by=SEE_CLAIMS, private_to=about_claim, pin=pin_claim,
        undo=never(CREDIT),
    ),
    Tool(
        "hr.refuse_claim", RefuseClaim, refuse_claim, writes=True,
        title="Refuse expense claim", title_zh="驳回费用报销",
        roles=EVERYBODY, seen_by=SEE_CLAIMS, private_to=about_claim, pin=pin_claim,
        undo=never(CLAIM_ANEW),
    ),
    Tool(
        WITHDRAW, WithdrawClaim, withdraw_claim, writes=True,
        title="Withdraw expense claim", title_zh="撤回费用报销",
        roles=EVERYBODY, seen_by=SEE_CLAIMS, private_to=about_claim, pin=pin_claim,
        undo=never(CLAIM_ANEW),
    ),
    Tool(
        "hr.pay_claim", PayClaim, pay_claim, writes=True,
        title="Pay expense claim", title_zh="支付费用报销",
        roles=PAYERS, seen_by=SEE_CLAIMS, private_to=about_claim, pin=pin_claim,
        undo=never(CREDIT), sensitive=True,
    ),
]  # fmt: skip
