"""Tools of the accounts that employees are paid to: named by themselves, made sure of by others."""

from datetime import date

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr, parties
from core.approvals import DutyName
from core.hr.employment import rights
from core.hr.employment.errors import NotTheirAccount, OwnAccount
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from tools.base import Answer, Arguments, Duty, Text, Tool, never
from tools.payees import case_of_account
from tools.payroll import PAYERS
from tools.people import (
    EVERYBODY,
    KEEPERS,
    EmployeeRef,
    about_person,
    employee_of,
    pin_person,
)

SET_ANEW = ("set the account anew instead", "请重新设定账户")


class SetPayAccount(Arguments):
    """Set the bank account that an employee's pay goes to; somebody else makes sure of it."""

    iban: Text = Field(description="The IBAN of the account.")
    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")


class VerifyPayAccount(Arguments):
    """Note that somebody made sure of the account that an employee's pay goes to."""

    employee: EmployeeRef = Field(description="Whose account it is.")


class PayAccountShown(Answer):
    """Where an employee is paid."""

    number: str
    name: str
    account: str
    verified_on: date | None

    def sentence(self, language: Language = "en") -> str:
        """Say the account, and whether pay goes there yet."""
        if language == "zh":
            state = "已核实" if self.verified_on else "尚未核实，核实前暂不支付"
            return f"{self.number} {self.name} 的工资账户：{self.account}（{state}）。"
        state = "verified" if self.verified_on else "pay is held until it is verified"
        return f"{self.number} {self.name} is paid to {self.account}; {state}."


def set_pay_account(session: Session, arguments: SetPayAccount) -> PayAccountShown:
    """Set it; by oneself, or by human resources."""
    person = employee_of(session, arguments.employee)
    actor = acting(session).actor
    if not rights.is_own(actor, person) and Role.HR not in actor.roles:
        raise NotTheirAccount
    parties.set_bank_account(session, person.party, iban=arguments.iban)
    return _shown(session, person)


def verify_pay_account(session: Session, arguments: VerifyPayAccount) -> PayAccountShown:
    """Note it; nobody makes sure of their own."""
    person = employee_of(session, arguments.employee)
    if rights.is_concerned(session, person):
        raise OwnAccount(employee=person.number)
    parties.verify_bank_account(session, person.party)
    return _shown(session, person)


def _shown(session: Session, person: hr.Employee) -> PayAccountShown:
    account = parties.current_bank_account(session, person.party_id)
    assert account is not None, "it was set"
    return PayAccountShown(
        number=person.number,
        name=person.party.name,
        account=account.said,
        verified_on=account.verified_on,
    )


def case_of_setting(session: Session, arguments: SetPayAccount, _answer: object) -> str:
    """Return the account: who set it does not verify it."""
    person = employee_of(session, arguments.employee)
    return case_of_account(person.party.number, arguments.iban)


def case_of_verifying(session: Session, arguments: VerifyPayAccount, _answer: object) -> str | None:
    """Return the account: who verifies it has not set it."""
    person = employee_of(session, arguments.employee)
    account = parties.current_bank_account(session, person.party_id)
    if account is None:
        return None
    return case_of_account(person.party.number, account.iban or account.account_number or "")


TOOLS = [
    Tool(
        "payroll.set_bank_account",
        SetPayAccount,
        set_pay_account,
        writes=True,
        title="Set pay account",
        title_zh="设定工资账户",
        roles=EVERYBODY,
        seen_by=KEEPERS,
        private_to=about_person,
        pin=pin_person,
        undo=never(SET_ANEW),
        duty=Duty(DutyName.CHANGE_ACCOUNT, case_of_setting),
        sensitive=True,
    ),
    Tool(
        "payroll.verify_bank_account",
        VerifyPayAccount,
        verify_pay_account,
        writes=True,
        title="Verify pay account",
        title_zh="核实工资账户",
        roles=PAYERS | {Role.HR},
        seen_by=KEEPERS | PAYERS,
        private_to=about_person,
        pin=pin_person,
        undo=never(SET_ANEW),
        duty=Duty(DutyName.VERIFY_ACCOUNT, case_of_verifying),
        sensitive=True,
    ),
]
