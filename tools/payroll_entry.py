"""Tools of what payroll is made of: rates, structures, and what is entered for each person."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.approvals import DutyName
from core.hr import payroll
from core.hr.payroll import LineDraft, LoanKind, PayKind, Proration
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Column,
    Day,
    Duty,
    FreeText,
    Grid,
    InCurrency,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.ledger import PeriodRef
from tools.payroll import PAYERS, SEE_TOTALS, SETTERS, month_from
from tools.people import KEEPERS, EmployeeRef, about_person
from tools.references import AccountRef

ComponentRef = Annotated[Text, Ref("pay_component")]
StructureRef = Annotated[Text, Ref("pay_structure")]
RateSetRef = Annotated[Text, Ref("rate_set")]
Code = Annotated[Text, Field(max_length=40), FreeText()]
# Hours and days as well as money; less than nothing takes back what was entered.
Entered = Annotated[
    Decimal, Field(ge=-(10**10), le=10**10, max_digits=16, decimal_places=6), InCurrency()
]
LINES_MAX = 100
NEXT_ONE_COUNTS = (
    "what was entered stays on record; enter what is right instead",
    "已录入的内容保留；请录入正确的数值",
)


class PaySet(Answer):
    """Something that payroll knows now."""

    what: str
    what_zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        return self.what_zh if language == "zh" else self.what


def stays(_session: Session, _arguments: Arguments, _answer: dict[str, Any]) -> Undoing:
    """Say that what was entered stays."""
    return Undoing(impossible=NEXT_ONE_COUNTS)


# What pay is made of.


class AdoptRates(Arguments):
    """Take over a set of tax and social insurance rates, with its components and structure."""

    rates: RateSetRef = Field(description="cn_shanghai, de or us.")
    since: Day | None = Field(default=None, description="Leave empty for the start of the year.")


def pin_rates(session: Session, arguments: AdoptRates) -> AdoptRates:
    """Write down the day."""
    since = arguments.since or company(session).today.replace(month=1, day=1)
    return arguments.model_copy(update={"since": since})


def adopt_rates(session: Session, arguments: AdoptRates) -> PaySet:
    """Take it over."""
    pinned = pin_rates(session, arguments)
    assert pinned.since is not None, "it was pinned"
    made = payroll.adopt_rate_set(session, pinned.rates, valid_from=pinned.since)
    chosen = payroll.rate_set(pinned.rates)
    return PaySet(
        what=f"{made.name} is set up from {pinned.since} on. {chosen.simplified}",
        what_zh=f"{made.name_zh} 自 {pinned.since} 起设定。{chosen.simplified_zh}",
    )


class ShowRates(Arguments):
    """Show a set of tax and social insurance rates: every figure with its day and its source."""

    rates: RateSetRef = Field(description="cn_shanghai, de or us.")


class RatesShown(Answer):
    """A set of rates."""

    code: str
    name: str
    name_zh: str
    simplified: str
    simplified_zh: str
    checked_until: date
    rows: list[tuple[str, date, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say which set, how far it was checked, and what was left out."""
        if language == "zh":
            return f"{self.name_zh}：已核对至 {self.checked_until}。{self.simplified_zh}"
        return f"{self.name}: checked until {self.checked_until}. {self.simplified}"

    def grid(self) -> Grid:
        """Return one row for every figure and band."""
        columns = (
            Column("name", "名称"),
            Column("since", "自", "date"),
            Column("figure", "数值"),
            Column("source", "来源"),
        )
        return Grid(columns, tuple(self.rows))


def show_rates(_session: Session, arguments: ShowRates) -> RatesShown:
    """Read it."""
    chosen = payroll.rate_set(arguments.rates)
    rows = [
        (name, each.since, plain(each.value), each.source)
        for name, series in chosen.figures.items()
        for each in series
    ]
    rows += [
        (name, each.since, f"> {plain(above)}: {plain(rate * 100)} %", each.source)
        for name, series in chosen.scales.items()
        for each in series
        for above, rate in each.bands
    ]
    return RatesShown(
        code=chosen.code,
        name=chosen.name,
        name_zh=chosen.name_zh,
        simplified=chosen.simplified,
        simplified_zh=chosen.simplified_zh,
        checked_until=chosen.checked_until,
        rows=rows,
    )


class AddComponent(Arguments):
    """Add a pay component: an earning, a deduction, a contribution or a figure that is told."""

    code: Code = Field(description="How formulas name it: small letters, digits and _.")
    name: Text
    kind: PayKind
    name_zh: Text | None = None
    debit: AccountRef | None = Field(default=None, description="The expense account.")
    credit: AccountRef | None = Field(default=None, description="The account it is owed on.")
    to_authority: bool = Field(default=False, description="Owed to a tax office or insurance.")
    prorated: bool = Field(default=False, description="Counts by the days of the month.")
    retro: bool = Field(default=False, description="Late changes are paid in arrears.")


def add_component(session: Session, arguments: AddComponent) -> PaySet:
    """Add it."""
    made = payroll.add_component(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=arguments.name_zh or arguments.name,
        kind=arguments.kind,
        debit=arguments.debit,
        credit=arguments.credit,
        to_authority=arguments.to_authority,
        prorated=arguments.prorated,
        retro=arguments.retro,
    )
    return PaySet(
        what=f"Pay component {made.code} is added.", what_zh=f"薪资项目 {made.code} 已添加。"
    )


class StructureLine(Arguments):
    """A component of a structure."""

    component: ComponentRef
    formula: Annotated[Words, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="Such as gross * 8%; leave empty where it is entered."
    )


class SetStructure(Arguments):
    """Say of which components and formulas a pay structure is made from a day on."""

    code: Code
    name: Text | None = None
    lines: tuple[StructureLine, ...] = Field(min_length=1, max_length=LINES_MAX)
    since: Day
    proration: Proration = Proration.CALENDAR_DAYS
    rates: RateSetRef | None = None


def set_structure(session: Session, arguments: SetStructure) -> PaySet:
    """Set it."""
    made = payroll.set_structure(
        session,
        code=arguments.code,
        name=arguments.name or arguments.code,
        lines=[LineDraft(each.component, each.formula) for each in arguments.lines],
        valid_from=arguments.since,
        proration=arguments.proration,
        rates=arguments.rates,
    )
    return PaySet(
        what=f"Pay structure {made.code} counts from {arguments.since} on.",
        what_zh=f"薪资结构 {made.code} 自 {arguments.since} 起生效。",
    )


# What is entered for one person.


class AssignStructure(Arguments):
    """Pay somebody by a pay structure from a day on."""

    employee: EmployeeRef
    structure: StructureRef
    since: Day | None = Field(default=None, description="Leave empty for the day of hiring.")


def pin_assign(session: Session, arguments: AssignStructure) -> AssignStructure:
    """Write down who, which and since when."""
    employee = hr.find_employee(session, arguments.employee)
    return arguments.model_copy(
        update={
            "employee": employee.number,
            "structure": payroll.find_structure(session, arguments.structure).code,
            "since": arguments.since or employee.hired_on,
        }
    )


def assign_structure(session: Session, arguments: AssignStructure) -> PaySet:
    """Assign it."""
    pinned = pin_assign(session, arguments)
    assert pinned.since is not None, "it was pinned"
    employee = hr.find_employee(session, pinned.employee)
    payroll.assign_structure(session, employee, pinned.structure, valid_from=pinned.since)
    return PaySet(
        what=f"{employee.party.name} is paid by {pinned.structure} from {pinned.since} on.",
        what_zh=f"{employee.party.name} 自 {pinned.since} 起按 {pinned.structure} 计薪。",
    )


class SetMonthly(Arguments):
    """Pay or take off a component for somebody every month, from a day on."""

    employee: EmployeeRef
    component: ComponentRef
    amount: Entered
    since: Day | None = Field(default=None, description="Leave empty for this month.")


class EnterInput(Arguments):
    """Enter hours, days of unpaid leave, a bonus or a deduction for one person and one month."""

    employee: EmployeeRef
    component: ComponentRef
    amount: Entered
    month: PeriodRef | None = Field(
        default=None, description="Leave empty for the next month to be run."
    )
    note: Words = ""


def pin_monthly(session: Session, arguments: SetMonthly) -> SetMonthly:
    """Write down who, what and since when."""
    return arguments.model_copy(
        update={
            "employee": hr.find_employee(session, arguments.employee).number,
            "component": payroll.find_component(session, arguments.component).code,
            "since": arguments.since or company(session).today.replace(day=1),
        }
    )


def set_monthly(session: Session, arguments: SetMonthly) -> PaySet:
    """Set it."""
    pinned = pin_monthly(session, arguments)
    assert pinned.since is not None, "it was pinned"
    employee = hr.find_employee(session, pinned.employee)
    payroll.set_monthly(session, employee, pinned.component, pinned.amount, valid_from=pinned.since)
    amount = plain(pinned.amount)
    return PaySet(
        what=f"{employee.party.name}: {pinned.component} {amount} a month from {pinned.since} on.",
        what_zh=f"{employee.party.name}：{pinned.component} 自 {pinned.since} 起每月 {amount}。",
    )


def pin_input(session: Session, arguments: EnterInput) -> EnterInput:
    """Write down who, what and for which month."""
    month = month_from(arguments.month) or payroll.months_to_run(session).first
    return arguments.model_copy(
        update={
            "employee": hr.find_employee(session, arguments.employee).number,
            "component": payroll.find_component(session, arguments.component).code,
            "month": f"{month:%Y-%m}",
        }
    )


def enter_input(session: Session, arguments: EnterInput) -> PaySet:
    """Enter it."""
    pinned = pin_input(session, arguments)
    month = month_from(pinned.month)
    assert month is not None, "it was pinned"
    employee = hr.find_employee(session, pinned.employee)
    payroll.enter_input(
        session, employee, pinned.component, pinned.amount, period=month, note=pinned.note
    )
    amount = plain(pinned.amount)
    return PaySet(
        what=f"{employee.party.name}: {pinned.component} {amount} for {pinned.month}.",
        what_zh=f"{employee.party.name}：{pinned.month} 的 {pinned.component} {amount}。",
    )


def case_of_input(session: Session, arguments: EnterInput, _answer: object) -> str:
    """Return the month that is entered for: who enters it does not release it."""
    return f"payroll {pin_input(session, arguments).month}"


def case_of_monthly(session: Session, arguments: SetMonthly, _answer: object) -> str:
    """Return the first month that it is paid in."""
    since = pin_monthly(session, arguments).since
    assert since is not None, "it was pinned"
    month = max(since.replace(day=1), payroll.months_to_run(session).first)
    return f"payroll {month:%Y-%m}"


class CostShare(Arguments):
    """A cost centre and its percentage."""

    cost_centre: Text
    percent: Percent


class ShareCosts(Arguments):
    """Say which cost centres bear somebody's pay, by percent, from a day on."""

    employee: EmployeeRef
    shares: tuple[CostShare, ...] = Field(min_length=1, max_length=20)
    since: Day | None = Field(default=None, description="Leave empty for this month.")


def share_costs(session: Session, arguments: ShareCosts) -> PaySet:
    """Set it."""
    employee = hr.find_employee(session, arguments.employee)
    since = arguments.since or company(session).today.replace(day=1)
    row = payroll.share_costs(
        session,
        employee,
        {each.cost_centre: each.percent for each in arguments.shares},
        valid_from=since,
    )
    said = ", ".join(f"{code} {percent} %" for code, percent in row.shares.items())
    return PaySet(
        what=f"{employee.party.name} is borne by {said} from {since} on.",
        what_zh=f"{employee.party.name} 的成本自 {since} 起由 {said} 承担。",
    )


class GrantLoan(Arguments):
    """Give somebody a loan or an advance that is taken off their pay in equal parts."""

    employee: EmployeeRef
    amount: Amount
    months: int = Field(default=1, ge=1, le=120, description="How many parts.")
    first: PeriodRef | None = Field(
        default=None, description="The first month; leave empty for the next one to be run."
    )
    kind: LoanKind = LoanKind.LOAN


class LoanGiven(Answer):
    """A loan to an employee."""

    number: str
    name: str
    amount: str
    months: int
    first: str

    def sentence(self, language: Language = "en") -> str:
        """Say who got what, and how it is repaid."""
        if language == "zh":
            return (
                f"{self.name} 借款 {self.number}：{self.amount}，自 {self.first} 起"
                f"分 {self.months} 个月扣回。"
            )
        parts = "1 month" if self.months == 1 else f"{self.months} months"
        return f"{self.number}: {self.amount} to {self.name}, repaid in {parts} from {self.first}."


def pin_loan(session: Session, arguments: GrantLoan) -> GrantLoan:
    """Write down who, and from which month on."""
    first = month_from(arguments.first) or payroll.months_to_run(session).first
    return arguments.model_copy(
        update={
            "employee": hr.find_employee(session, arguments.employee).number,
            "first": f"{first:%Y-%m}",
        }
    )


def grant_loan(session: Session, arguments: GrantLoan) -> LoanGiven:
    """Grant it."""
    pinned = pin_loan(session, arguments)
    first = month_from(pinned.first)
    assert first is not None, "it was pinned"
    employee = hr.find_employee(session, pinned.employee)
    component = payroll.ready_for_loans(session)
    amount = Money.of(pinned.amount, company(session).currency)
    loan = payroll.grant_loan(
        session,
        employee,
        amount,
        months=pinned.months,
        first=first,
        kind=pinned.kind,
        component=component.code,
    )
    return LoanGiven(
        number=loan.number,
        name=employee.party.name,
        amount=str(amount),
        months=pinned.months,
        first=str(pinned.first),
    )


_BUILDERS = frozenset({Role.HR, Role.ADMIN})

TOOLS = [
    Tool(
        "payroll.adopt_rates",
        AdoptRates,
        adopt_rates,
        writes=True,
        title="Set up payroll rates",
        title_zh="启用薪资费率",
        roles=_BUILDERS,
        pin=pin_rates,
        undo=stays,
    ),
    Tool(
        "payroll.show_rates",
        ShowRates,
        show_rates,
        writes=False,
        title="Show payroll rates",
        title_zh="查看薪资费率",
        roles=SEE_TOTALS,
    ),
    Tool(
        "payroll.add_component",
        AddComponent,
        add_component,
        writes=True,
        title="Add pay component",
        title_zh="添加薪资项目",
        roles=_BUILDERS,
        undo=stays,
    ),
    Tool(
        "payroll.set_structure",
        SetStructure,
        set_structure,
        writes=True,
        title="Set pay structure",
        title_zh="设定薪资结构",
        roles=_BUILDERS,
        undo=stays,
    ),
    Tool(
        "payroll.assign_structure",
        AssignStructure,
        assign_structure,
        writes=True,
        title="Assign pay structure",
        title_zh="指定薪资结构",
        roles=SETTERS,
        seen_by=KEEPERS,
        private_to=about_person,
        pin=pin_assign,
        undo=stays,
    ),
    Tool(
        "payroll.set_monthly",
        SetMonthly,
        set_monthly,
        writes=True,
        title="Set monthly pay item",
        title_zh="设定每月薪资项目",
        roles=SETTERS,
        seen_by=KEEPERS,
        private_to=about_person,
        pin=pin_monthly,
        undo=stays,
        duty=Duty(DutyName.ENTER_PAY, case_of_monthly),
        sensitive=True,
    ),
    Tool(
        "payroll.enter_input",
        EnterInput,
        enter_input,
        writes=True,
        title="Enter for payroll",
        title_zh="录入工资数据",
        roles=SETTERS,
        seen_by=KEEPERS,
        private_to=about_person,
        pin=pin_input,
        undo=stays,
        duty=Duty(DutyName.ENTER_PAY, case_of_input),
    ),
    Tool(
        "payroll.share_costs",
        ShareCosts,
        share_costs,
        writes=True,
        title="Share the cost of an employee",
        title_zh="分摊员工成本",
        roles=SETTERS,
        seen_by=KEEPERS,
        private_to=about_person,
        undo=stays,
    ),
    Tool(
        "payroll.grant_loan",
        GrantLoan,
        grant_loan,
        writes=True,
        title="Grant employee loan",
        title_zh="发放员工借款",
        roles=SETTERS | PAYERS,
        seen_by=SEE_TOTALS,
        private_to=about_person,
        pin=pin_loan,
        undo=stays,
        sensitive=True,
    ),
]
