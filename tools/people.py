"""Tools of employment: hire, change terms and pay, part, and look up who works where."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.hr import Employee, PayPeriod
from core.hr.employment import employment_or_none, org_chart
from core.hr.employment.managing import party_and_line
from core.hr.employment.totals import pay_totals
from core.kernel.company import company, today
from core.kernel.database import acting
from core.kernel.errors import BadInput, Language
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.processes import staffing
from core.processes.staffing import WorkflowKind
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Column,
    Day,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    never,
)
from tools.trade import Because

EmployeeRef = Annotated[Text, Ref("employee")]
DepartmentRef = Annotated[Text, Ref("department")]
OFFICE = frozenset({Role.HR, Role.MANAGER, Role.ADMIN})
# Who sees what is proposed about people at work, beside those it is about.
KEEPERS = OFFICE | {Role.AUDITOR}
EVERYBODY = STAFF | {Role.EMPLOYEE}
# Of what somebody says for a few: its proposal is for who says it alone.
NOBODY: frozenset[str] = frozenset()
SET_LAST_DAY = ("set a last day instead", "请改为设定最后工作日")
SET_ANEW = ("set it anew from a later day instead", "请改为从之后的日期重新设定")


def employee_of(session: Session, said: str | None) -> Employee:
    """Return the employee that is named, or else the one who asks."""
    if said is not None:
        return hr.find_employee(session, said)
    own = hr.employee_of_party(session, acting(session).actor.party_id)
    if own is None:
        raise BadInput(problem="your account belongs to no employee; say which employee you mean")
    return own


def about_person(session: Session, arguments: Any) -> Collection[UUID]:  # noqa: ANN401
    """Return whom a call is about: the employee it names, or who asks. Nobody above them."""
    return (employee_of(session, arguments.employee).party_id,)


def about_line(session: Session, arguments: Any) -> Collection[UUID]:  # noqa: ANN401
    """Return whom a call is about, and who stands above them."""
    return party_and_line(session, employee_of(session, arguments.employee))


def about_nobody(_session: Session, _arguments: Arguments) -> Collection[UUID]:
    """Return nobody: what is proposed is for the roles that may see it, and who asked."""
    return ()


def pin_person(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the employee a call is about as we call them."""
    number = employee_of(session, arguments.employee).number
    return arguments.model_copy(update={"employee": number})


class Noted(Answer):
    """Something by its number, and what became of it."""

    number: str
    said: str
    said_zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        return f"{self.number}: {self.said_zh if language == 'zh' else self.said}"


class Hire(Arguments):
    """Hire somebody: as what, in which department, from when on, and for which pay."""

    name: Text = Field(description="The name of the new employee.")
    job_title: Text = Field(description="What they are hired as.")
    starts_on: Day | None = Field(default=None, description="Their first day; today if empty.")
    department: DepartmentRef | None = Field(
        default=None, description="Where they work; the manager's department if empty."
    )
    manager: EmployeeRef | None = Field(default=None, description="Whom they report to.")
    pay: Amount | None = Field(default=None, description="What they are paid in a period.")
    pay_period: PayPeriod = Field(default=PayPeriod.MONTH, description="What the pay is for.")


class EmployeeNamed(Answer):
    """An employee, and what was done."""

    number: str
    name: str
    said: tuple[str, str]

    def sentence(self, language: Language = "en") -> str:
        """Say what was done."""
        return f"{self.number} {self.name}: {self.said[language == 'zh']}"


def hire(session: Session, arguments: Hire) -> EmployeeNamed:
    """Hire them."""
    manager = arguments.manager and hr.find_employee(session, arguments.manager)
    if arguments.department is None:
        raise BadInput(problem="say which department they will work in")
    department = hr.find_department(session, arguments.department)
    day = arguments.starts_on or today(session)
    pay = arguments.pay and Money.of(arguments.pay, company(session).currency)
    person = hr.add_employee(
        session,
        name=arguments.name,
        department=department,
        job_title=arguments.job_title,
        hired_on=day,
        manager=manager or None,
        pay=pay or None,
        pay_period=arguments.pay_period,
    )
    staffing.start_workflow(session, person, WorkflowKind.ONBOARDING, day=day)
    return EmployeeNamed(
        number=person.number,
        name=arguments.name,
        said=(
            f"{arguments.job_title} in {department.name} from {day} on.",
            f"自 {day} 起任职{department.name_zh}，职位 {arguments.job_title}。",
        ),
    )


def pin_hire(session: Session, arguments: Hire) -> Hire:
    """Make the day concrete, and name department and manager as we call them."""
    chosen: dict[str, object] = {"starts_on": arguments.starts_on or today(session)}
    department = arguments.department and hr.find_department(session, arguments.department)
    if arguments.manager is not None:
        manager = hr.find_employee(session, arguments.manager)
        chosen["manager"] = manager.number
        department = department or session.get_one(hr.Department, manager.department_id)
    if not department:
        known = hr.department_of_job(session, arguments.job_title)
        department = None if known is None else session.get_one(hr.Department, known)
    if department:
        chosen["department"] = department.code
    return arguments.model_copy(update=chosen)


class ChangeTerms(Arguments):
    """Change somebody's job, department, manager, hours or place of work from a day on."""

    employee: EmployeeRef = Field(description="Whose terms change.")
    starts_on: Day | None = Field(default=None, description="From when on; today if empty.")
    job_title: Text | None = Field(default=None, description="The new job.")
    department: DepartmentRef | None = Field(default=None, description="The new department.")
    manager: EmployeeRef | None = Field(default=None, description="The new manager.")
    hours_percent: Percent | None = Field(default=None, description="Hours, in percent of full.")
    location: Text | None = Field(default=None, description="The new place of work.")


def change_terms(session: Session, arguments: ChangeTerms) -> EmployeeNamed:
    """Change them."""
    person = hr.find_employee(session, arguments.employee)
    changes: dict[str, object] = {}
    if arguments.job_title is not None:
        changes["job_title"] = arguments.job_title
    if arguments.department is not None:
        changes["department_id"] = hr.find_department(session, arguments.department).id
    if arguments.manager is not None:
        changes["manager_id"] = hr.find_employee(session, arguments.manager).id
    if arguments.hours_percent is not None:
        changes["hours_share"] = arguments.hours_percent / 100
    if arguments.location is not None:
        changes["location"] = arguments.location
    if not changes:
        raise BadInput(problem="say what changes: job, department, manager, hours or place")
    day = arguments.starts_on or today(session)
    hr.change_employment(session, person, starts_on=day, **changes)
    return EmployeeNamed(
        number=person.number,
        name=person.party.name,
        said=(f"other terms from {day} on.", f"自 {day} 起合同条件变更。"),
    )


def pin_terms(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Make the day concrete, and name the people as we call them."""
    chosen: dict[str, object] = {
        "employee": hr.find_employee(session, arguments.employee).number,
        "starts_on": arguments.starts_on or today(session),
    }
    if getattr(arguments, "manager", None) is not None:
        chosen["manager"] = hr.find_employee(session, arguments.manager).number
    if getattr(arguments, "department", None) is not None:
        chosen["department"] = hr.find_department(session, arguments.department).code
    return arguments.model_copy(update=chosen)


class SetPay(Arguments):
    """Set what somebody is paid from a day on; somebody else has to agree to it."""

    employee: EmployeeRef = Field(description="Whose pay it is.")
    pay: Amount = Field(description="What they are paid in a period.")
    pay_period: PayPeriod = Field(default=PayPeriod.MONTH, description="What the pay is for.")
    starts_on: Day | None = Field(default=None, description="From when on; today if empty.")


def set_pay(session: Session, arguments: SetPay) -> EmployeeNamed:
    """Set it."""
    person = hr.find_employee(session, arguments.employee)
    day = arguments.starts_on or today(session)
    amount = Money.of(arguments.pay, company(session).currency)
    hr.set_pay(session, person, amount, period=arguments.pay_period, starts_on=day)
    return EmployeeNamed(
        number=person.number,
        name=person.party.name,
        said=(f"other pay from {day} on.", f"自 {day} 起薪资变更。"),
    )


class SetLastDay(Arguments):
    """Set somebody's last day at work; terms and pay end with it."""

    employee: EmployeeRef = Field(description="Who leaves.")
    left_on: Day | None = Field(default=None, description="Their last day; today if empty.")
    because: Because = Field(default="leaves", description="Why they leave.")


def set_last_day(session: Session, arguments: SetLastDay) -> EmployeeNamed:
    """Set it."""
    person = hr.find_employee(session, arguments.employee)
    day = arguments.left_on or today(session)
    hr.leave_company(session, person, left_on=day, because=arguments.because)
    staffing.start_workflow(session, person, WorkflowKind.OFFBOARDING, day=day)
    return EmployeeNamed(
        number=person.number,
        name=person.party.name,
        said=(f"the last day at work is {day}.", f"最后工作日为 {day}。"),
    )


def pin_last_day(session: Session, arguments: SetLastDay) -> SetLastDay:
    """Make the day concrete."""
    chosen = {
        "employee": hr.find_employee(session, arguments.employee).number,
        "left_on": arguments.left_on or today(session),
    }
    return arguments.model_copy(update=chosen)


class ShowTerms(Arguments):
    """Show the terms that somebody works under on a day: job, department, manager, hours."""

    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")
    day: Day | None = Field(default=None, description="On which day; today if empty.")


class TermsShown(Answer):
    """The terms that somebody works under."""

    number: str
    name: str
    day: date
    terms: list[tuple[str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say them in a row."""
        said = [value for _, _, value in self.terms if value]
        between = "，" if language == "zh" else ", "
        return f"{self.number} {self.name} ({self.day}): {between.join(said)}."

    def grid(self) -> Grid:
        """Return what is what."""
        columns = (Column("what", "项目"), Column("is", "内容"))
        return Grid(columns, tuple((en, value) for en, _, value in self.terms if value))


def show_terms(session: Session, arguments: ShowTerms) -> TermsShown:
    """Read them."""
    person = employee_of(session, arguments.employee)
    day = arguments.day or today(session)
    terms = hr.employment_on(session, person.id, day)
    share = "" if terms.hours_share == 1 else f"{plain(100 * terms.hours_share)}%"
    return TermsShown(
        number=person.number,
        name=person.party.name,
        day=day,
        terms=[
            ("job title", "职位", terms.job_title),
            ("department", "部门", terms.department),
            ("manager", "上级", terms.manager or ""),
            ("contract", "合同", word(terms.contract)),
            ("hours", "工时", share),
            ("cost centre", "成本中心", terms.cost_centre or ""),
            ("location", "地点", terms.location or ""),
            ("country", "国家", terms.country),
        ],
    )


class ShowPay(Arguments):
    """Show what somebody is paid on a day; only one's own, or for whoever answers for pay."""

    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")
    day: Day | None = Field(default=None, description="On which day; today if empty.")


class PayShown(Answer):
    """What somebody is paid."""

    number: str
    name: str
    day: date
    amount: Decimal
    currency: str
    period: PayPeriod

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        amount = f"{Money.of(self.amount, self.currency)} / {word(self.period, language)}"
        return f"{self.number} {self.name} ({self.day}): {amount}."


def show_pay(session: Session, arguments: ShowPay) -> PayShown:
    """Read it; the trail keeps who did."""
    person = employee_of(session, arguments.employee)
    day = arguments.day or today(session)
    pay = hr.pay_on(session, person.id, day)
    return PayShown(
        number=person.number,
        name=person.party.name,
        day=day,
        amount=pay.amount.amount,
        currency=pay.amount.currency,
        period=pay.period,
    )


class ShowOrgChart(Arguments):
    """Show who works under whom on a day: the whole company, or the people of one manager."""

    manager: EmployeeRef | None = Field(default=None, description="Under whom; all if empty.")
    day: Day | None = Field(default=None, description="On which day; today if empty.")


class OrgChart(Answer):
    """Who works under whom."""

    day: date
    places: list[tuple[str, str, str, str, int]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many stand in it, and who is at the top."""
        tops = ", ".join(name for _, name, _, _, depth in self.places if depth == 0)
        if language == "zh":
            return f"{self.day} 共 {len(self.places)} 人；最上级：{tops or '–'}。"
        return f"{len(self.places)} people on {self.day}; at the top: {tops or '–'}."

    def grid(self) -> Grid:
        """Return everybody under their manager."""
        columns = (
            Column("number", "工号"), Column("name", "姓名"), Column("job title", "职位"),
            Column("manager", "上级"),
        )  # fmt: skip
        return Grid(
            columns,
            tuple(row[:4] for row in self.places),
            levels=tuple(row[4] for row in self.places),
        )


def show_org_chart(session: Session, arguments: ShowOrgChart) -> OrgChart:
    """Read it."""
    day = arguments.day or today(session)
    under = arguments.manager and hr.find_employee(session, arguments.manager)
    if under and employment_or_none(session, under.id, day) is None:
        hr.employment_on(session, under.id, day)
    found = org_chart(session, day, under=under or None)
    return OrgChart(
        day=day,
        places=[
            (each.employee, each.name, each.job_title, each.manager or "", each.depth)
            for each in found
        ],
    )


class ShowPayTotals(Arguments):
    """Show what all are paid in a year by department; never for fewer than five people."""

    day: Day | None = Field(default=None, description="On which day; today if empty.")


class PayTotals(Answer):
    """What departments are paid; what would tell of one person is left out."""

    day: date
    currency: str
    rows: list[tuple[str, str, str, int, Decimal | None]]
    whole: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say the whole, and how many departments are not shown."""
        hidden = sum(amount is None for *_, amount in self.rows)
        whole = "–" if self.whole is None else str(Money.of(self.whole, self.currency))
        if language == "zh":
            said = f"{self.day} 年薪总额 {whole}。"
            return said + (f"{hidden} 个部门因人数过少不显示。" if hidden else "")
        said = f"Pay of a year on {self.day}: {whole}."
        few = f" {hidden} departments are not yours to see: too few people." if hidden else ""
        return said + few

    def grid(self) -> Grid:
        """Return a row for each department; what is not shown is empty."""
        columns = (
            Column("department", "部门"), Column("people", "人数", "number"),
            Column("pay of a year", "年薪", self.currency),
        )  # fmt: skip
        return Grid(columns, tuple((code, people, pay) for code, _, _, people, pay in self.rows))


def show_pay_totals(session: Session, arguments: ShowPayTotals) -> PayTotals:
    """Add them up; the trail keeps who asked."""
    day = arguments.day or today(session)
    totals, whole = pay_totals(session, day)
    return PayTotals(
        day=day,
        currency=company(session).currency,
        rows=[
            (e.department, e.name, e.name_zh, e.people, None if e.total is None else e.total.amount)
            for e in totals
        ],
        whole=None if whole is None else whole.amount,
    )


TOOLS = [
    Tool(
        "hr.show_pay_totals", ShowPayTotals, show_pay_totals, writes=False,
        title="Show pay by department", title_zh="按部门查看薪资", roles=OFFICE | {Role.AUDITOR},
    ),
    Tool(
        "hr.hire", Hire, hire, writes=True, title="Hire", title_zh="录用员工",
        roles=OFFICE, seen_by=KEEPERS, private_to=about_nobody, pin=pin_hire,
        undo=never(SET_LAST_DAY),
    ),
    Tool(
        "hr.change_terms", ChangeTerms, change_terms, writes=True,
        title="Change terms of work", title_zh="变更合同条件",
        roles=OFFICE, seen_by=KEEPERS, private_to=about_line, pin=pin_terms,
        undo=never(SET_ANEW),
    ),
    Tool(
        "hr.set_pay", SetPay, set_pay, writes=True, title="Set pay", title_zh="设定薪资",
        roles=OFFICE, seen_by=KEEPERS, private_to=about_person, pin=pin_terms,
        undo=never(SET_ANEW), sensitive=True,
    ),
    Tool(
        "hr.set_last_day", SetLastDay, set_last_day, writes=True,
        title="Set last day at work", title_zh="设定最后工作日",
        roles=OFFICE, seen_by=KEEPERS, private_to=about_line, pin=pin_last_day,
        undo=never(SET_ANEW),
    ),
    Tool(
        "hr.show_terms", ShowTerms, show_terms, writes=False,
        title="Show terms of work", title_zh="查看合同条件", roles=EVERYBODY,
    ),
    Tool(
        "hr.show_pay", ShowPay, show_pay, writes=False,
        title="Show pay", title_zh="查看薪资", roles=EVERYBODY,
    ),
    Tool(
        "hr.show_org_chart", ShowOrgChart, show_org_chart, writes=False,
        title="Show org chart", title_zh="查看组织架构", roles=EVERYBODY,
    ),
]  # fmt: skip
