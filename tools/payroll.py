"""Tools of payroll: run a month, pay it, and look at payslips and at what people cost."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.approvals import DutyName
from core.hr import payroll
from core.hr.employment import rights
from core.hr.payroll import PayrollRun, RunView
from core.hr.payroll.errors import NoPayOfYours, TooFewPeople, UnknownRun
from core.hr.payroll.tables import PEOPLE_MIN
from core.kernel.database import acting
from core.kernel.errors import BadInput, Language
from core.kernel.identity.acting import SYSTEM, Actor
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.privacy import as_the_house
from core.kernel.words import word
from tools.base import Answer, Arguments, Column, Day, Duty, Grid, Ref, Text, Tool, Undoing
from tools.ledger import PeriodRef
from tools.people import KEEPERS, EmployeeRef, about_nobody

# Who sees totals of pay; who sets it; who releases and pays it.
SEE_TOTALS = frozenset({Role.HR, Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN, Role.AUDITOR})
SETTERS = frozenset({Role.HR, Role.MANAGER, Role.ADMIN})
RUNNERS = frozenset({Role.HR, Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN})
PAYERS = frozenset({Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN})
PEOPLE_MAX = 500

RunRef = Annotated[Text, Ref("payroll_run")]

RUN_STAYS = (
    "a posted run never changes; what is wrong is put right by the next run",
    "已过账的薪资核算不再更改；差错在下次核算中更正",
)
MONEY_IS_OUT = (
    "the money has left the bank; ask for it back, and book it when it comes",
    "款项已付出；请要求退回，收到后入账",
)


def month_from(text: str | None) -> date | None:
    """Return the first day of the month that a period or a day names."""
    if text is None:
        return None
    bare = text.strip()
    try:
        day = date.fromisoformat(f"{bare}-01" if len(bare) == len("2026-01") else bare)
    except ValueError:
        raise BadInput(problem=f"{bare!r} is no month; write it like 2026-01") from None
    return day.replace(day=1)


def guarded(session: Session, view: RunView) -> RunView:
    """Leave out what fewer than five people have, for who may not see what one person gets."""
    if _sees_pay(session):
        return view
    _refuse_few(session, view.people)
    kept = tuple(each for each in view.components if each.people >= PEOPLE_MIN)
    return replace(view, components=kept)


def _refuse_few(session: Session, people: int) -> None:
    if people < PEOPLE_MIN and not _sees_pay(session):
        raise TooFewPeople(least=PEOPLE_MIN)


def _sees_pay(session: Session) -> bool:
    return bool(acting(session).actor.roles & (rights.READERS[rights.PAY] | SYSTEM.actor.roles))


def said_month(month: date, language: Language) -> str:
    """Say a month."""
    return f"{month.year}年{month.month}月" if language == "zh" else f"{month:%B %Y}"


# The run.


class RunPayroll(Arguments):
    """Run payroll for a month: payslips, posting by cost centre and the bank's file, at once."""

    month: PeriodRef | None = Field(
        default=None, description="Such as 2026-01; leave empty for the next month to be run."
    )
    employees: tuple[EmployeeRef, ...] = Field(
        default=(), max_length=PEOPLE_MAX, description="Leave empty for everybody."
    )
    pay_on: Day | None = Field(default=None, description="Leave empty for the end of the month.")


class PayrollShown(Answer):
    """A month of pay in totals."""

    view: RunView

    def sentence(self, language: Language = "en") -> str:
        """Say how many people, what they earn, get and cost."""
        view = self.view
        gross, net, cost = (
            Money.of(amount, view.currency) for amount in (view.gross, view.net, view.cost)
        )
        month, state = said_month(view.period, language), word(view.state, language)
        if language == "zh":
            head = (
                f"{month}薪资核算 {view.number}（{state}）" if view.number else f"{month}工资预览"
            )
            return f"{head}：{view.people} 人，应发 {gross}，实发 {net}，公司成本 {cost}。"
        head = f"Payroll {view.number} of {month} is {state}" if view.number else (
            f"Preview of payroll for {month}"
        )  # fmt: skip
        people = "1 person" if view.people == 1 else f"{view.people} people"
        return f"{head}: {people}, gross {gross}, net {net}, cost {cost}."

    def grid(self) -> Grid:
        """Return one row for every component, and the totals."""
        view = self.view
        columns = (
            Column("component", "项目"),
            Column("kind", "类别"),
            Column("people", "人数", "number"),
            Column("amount", "金额", view.currency),
        )
        rows: list[tuple[object, ...]] = [
            (f"{each.name} · {each.name_zh}", each.kind, each.people, each.amount)
            for each in view.components
        ]
        rows += [
            ("gross · 应发", "", view.people, view.gross),
            ("net · 实发", "", view.people, view.net),
            ("cost · 公司成本", "", view.people, view.cost),
        ]
        styles = ("",) * len(view.components) + ("total",) * 3
        return Grid(columns, tuple(rows), styles=styles)


class PayrollRan(PayrollShown):
    """A month of pay that was posted."""

    number: str


def pin_run(session: Session, arguments: RunPayroll) -> RunPayroll:
    """Write down the month, the people by number and the day."""
    month = month_from(arguments.month) or payroll.months_to_run(session).first
    people = tuple(hr.find_employee(session, each).number for each in arguments.employees)
    pay_on = arguments.pay_on or payroll.month_of(month).last
    return arguments.model_copy(
        update={"month": f"{month:%Y-%m}", "employees": people, "pay_on": pay_on}
    )


def run_payroll(session: Session, arguments: RunPayroll) -> PayrollRan:
    """Run it."""
    pinned = pin_run(session, arguments)
    month = month_from(pinned.month)
    assert month is not None, "it was pinned"
    chosen = [hr.find_employee(session, each).id for each in pinned.employees] or None
    run = payroll.run_payroll(session, month, employees=chosen, pay_on=pinned.pay_on)
    return PayrollRan(view=guarded(session, payroll.run_view(session, run)), number=run.number)


def is_in_run(session: Session, arguments: RunPayroll, actor: Actor) -> bool:
    """Tell whether whoever approves a run is paid by it."""
    own = hr.employee_of_party(session, actor.party_id)
    if own is None:
        return False
    return not arguments.employees or own.number in arguments.employees


def who_sees_run(session: Session, arguments: RunPayroll) -> frozenset[str]:
    """Return who sees a run that is proposed: of few people, only who may see what one gets."""
    pinned = pin_run(session, arguments)
    run = payroll.newest_run(session, month_from(pinned.month))
    return _who_sees(run)


def _who_sees(run: PayrollRun | None) -> frozenset[str]:
    few = run is None or run.people < PEOPLE_MIN
    return KEEPERS if few else SEE_TOTALS


def run_stays(_session: Session, _arguments: Arguments, _answer: dict[str, Any]) -> Undoing:
    """Say that a run is corrected by the next one."""
    return Undoing(impossible=RUN_STAYS)


def case_of_month(session: Session, arguments: RunPayroll, _answer: object) -> str:
    """Return the case that the duties of a month belong to."""
    return f"payroll {pin_run(session, arguments).month}"


class PreviewPayroll(Arguments):
    """Work out a month of pay without posting anything: totals by component."""

    month: PeriodRef | None = Field(
        default=None, description="Such as 2026-01; leave empty for the next month to be run."
    )


def preview_payroll(session: Session, arguments: PreviewPayroll) -> PayrollShown:
    """Work it out."""
    month = month_from(arguments.month) or payroll.months_to_run(session).first
    draft = payroll.work_out_month(session, payroll.month_of(month))
    return PayrollShown(view=guarded(session, payroll.draft_view(draft)))


class ShowRun(Arguments):
    """Show a payroll run: totals by component, number of people, posting."""

    number: RunRef | None = Field(default=None, description="Such as PY-00003.")
    month: PeriodRef | None = Field(default=None, description="Leave empty for the newest.")


def show_run(session: Session, arguments: ShowRun) -> PayrollShown:
    """Look it up."""
    # That there are too few people in it is said, not that there is no run.
    with as_the_house(session):
        run = chosen_run(session, arguments.number, arguments.month)
    return PayrollShown(view=guarded(session, payroll.run_view(session, run)))


def chosen_run(session: Session, number: str | None, month: str | None) -> PayrollRun:
    """Return the run that is meant: by number, of a month, or the newest."""
    if number is not None:
        return payroll.find_run(session, number)
    run = payroll.newest_run(session, month_from(month))
    if run is None:
        raise UnknownRun(number=month or "PY-")
    return run


class PayRun(Arguments):
    """Pay out a payroll run: the net pay leaves the bank."""

    run: RunRef | None = Field(default=None, description="Such as PY-00003.")
    month: PeriodRef | None = Field(default=None, description="Leave empty for the newest.")


class PayAuthorities(Arguments):
    """Pay the taxes and contributions of a payroll run to the authorities."""

    run: RunRef | None = Field(default=None, description="Such as PY-00003.")
    month: PeriodRef | None = Field(default=None, description="Leave empty for the newest.")


class RunPaid(Answer):
    """A payment of a payroll run."""

    number: str
    entry: str
    amount: str
    authorities: bool

    def sentence(self, language: Language = "en") -> str:
        """Say what was paid."""
        if language == "zh":
            what = "税款及社会保险费" if self.authorities else "实发工资"
            return f"{self.number} 的{what} {self.amount} 已支付，凭证 {self.entry}。"
        what = "Taxes and contributions" if self.authorities else "Net pay"
        return f"{what} of {self.number} paid: {self.amount}, by {self.entry}."


def pin_paid(session: Session, arguments: PayRun | PayAuthorities) -> PayRun | PayAuthorities:
    """Write down which run."""
    run = chosen_run(session, arguments.run, arguments.month)
    return arguments.model_copy(update={"run": run.number, "month": None})


def pay_run(session: Session, arguments: PayRun) -> RunPaid:
    """Pay it."""
    chosen = chosen_run(session, arguments.run, arguments.month)
    _refuse_few(session, chosen.people)
    run = payroll.pay_run(session, chosen.number)
    net = Money(run.net_minor, run.currency)
    return RunPaid(
        number=run.number, entry=run.paid_entry or "", amount=str(net), authorities=False
    )


def pay_authorities(session: Session, arguments: PayAuthorities) -> RunPaid:
    """Pay them."""
    run = chosen_run(session, arguments.run, arguments.month)
    _refuse_few(session, run.people)
    owed = payroll.owed_to_authorities(session, run)
    total = Money(sum(amount.minor for _, amount, _ in owed), run.currency)
    run = payroll.pay_authorities(session, run.number)
    return RunPaid(
        number=run.number, entry=run.remitted_entry or "", amount=str(total), authorities=True
    )


def who_sees_paying(session: Session, arguments: PayRun | PayAuthorities) -> frozenset[str]:
    """Return who sees that a run is to be paid."""
    return _who_sees(chosen_run(session, arguments.run, arguments.month))


def is_paid_by_run(session: Session, arguments: PayRun, actor: Actor) -> bool:
    """Tell whether whoever approves a payment gets some of it."""
    run = chosen_run(session, arguments.run, arguments.month)
    return payroll.is_paid_by(session, actor.party_id, run)


def case_of_run(session: Session, arguments: PayRun | PayAuthorities, _answer: object) -> str:
    """Return the case that the duties of its month belong to."""
    run = chosen_run(session, arguments.run, arguments.month)
    return f"payroll {run.period:%Y-%m}"


def money_is_out(_session: Session, _arguments: Arguments, _answer: dict[str, Any]) -> Undoing:
    """Say that money that has left cannot be called back."""
    return Undoing(impossible=MONEY_IS_OUT)


# Payslips, and what people cost.


class ShowPayslip(Arguments):
    """Show a payslip: your own newest one, or that of a month; of others to who may see it."""

    employee: EmployeeRef | None = Field(default=None, description="Leave empty for your own.")
    month: PeriodRef | None = Field(default=None, description="Leave empty for the newest.")
    number: Annotated[Text, Ref("payslip")] | None = Field(
        default=None, description="Its number, such as PS-00042."
    )


class PayslipShown(Answer):
    """A payslip, in both languages."""

    slip: payroll.PayslipView

    def heading(self, language: Language = "en") -> str:
        """Say which payslip it is."""
        named = said_month(self.slip.period, language)
        return f"工资单 {self.slip.number} · {named}" if language == "zh" else (
            f"Payslip {self.slip.number} · {named}"
        )  # fmt: skip

    def sentence(self, language: Language = "en") -> str:
        """Say who gets how much."""
        slip = self.slip
        gross, net = Money.of(slip.gross, slip.currency), Money.of(slip.net, slip.currency)
        if language == "zh":
            return (
                f"{self.heading(language)}，{slip.name_zh or slip.name}：应发 {gross}，实发 {net}。"
            )
        return f"{self.heading(language)} of {slip.name}: gross {gross}, net {net}."

    def notes(self, language: Language = "en") -> list[str]:
        """Return whose it is, for which days, and when it is paid."""
        slip = self.slip
        chinese = language == "zh"
        name = (chinese and slip.name_zh) or slip.name
        department = slip.department_zh if chinese else slip.department
        days = f"在职 {slip.days} 天" if chinese else f"{slip.days} days employed"
        paid = f"支付日 {slip.pay_on}" if chinese else f"paid on {slip.pay_on}"
        return [f"{slip.employee} {name} · {department}", f"{days} · {paid} · {slip.run}"]

    def grid(self) -> Grid:
        """Return one row for every component, and gross, net and what the company adds."""
        slip = self.slip
        columns = (
            Column("component", "项目"),
            Column("kind", "类别"),
            Column("amount", "金额", slip.currency),
            Column("year so far", "本年累计", slip.currency),
        )
        shown = [each for each in slip.lines if each.kind is not payroll.PayKind.INFORMATION]
        rows: list[tuple[object, ...]] = [
            (_line_said(each, slip.period), each.kind, each.amount, each.year) for each in shown
        ]
        rows += [
            ("Gross · 应发合计", "", slip.gross, None),
            ("Deductions · 扣款合计", "", slip.deductions, None),
            ("Net · 实发工资", "", slip.net, None),
        ]
        told = [each for each in slip.lines if each.kind is payroll.PayKind.INFORMATION]
        rows += [(f"{each.name} · {each.name_zh}", each.kind, each.amount, None) for each in told]
        styles = (*[""] * len(shown), "subtotal", "subtotal", "total", *[""] * len(told))
        return Grid(columns, tuple(rows), styles=styles)


def _line_said(line: payroll.ComponentView, period: date) -> str:
    said = f"{line.name} · {line.name_zh}"
    late = line.for_period is not None and line.for_period != period
    return f"{said} ({line.for_period:%Y-%m})" if late else said


def whose(session: Session, said: str | None) -> hr.Employee:
    """Return the employee who is named, or the one who asks."""
    if said is not None:
        return hr.find_employee(session, said)
    own = hr.employee_of_party(session, acting(session).actor.party_id)
    if own is None:
        raise NoPayOfYours
    return own


def show_payslip(session: Session, arguments: ShowPayslip) -> PayslipShown:
    """Look it up."""
    employee = None
    if arguments.number is None or arguments.employee is not None:
        employee = whose(session, arguments.employee)
    slip = payroll.find_payslip(
        session,
        number=arguments.number,
        employee=employee,
        period=month_from(arguments.month),
    )
    return PayslipShown(slip=payroll.payslip_view(session, slip))


class ListPayslips(Arguments):
    """List payslips: your own, or somebody's where you may see them."""

    employee: EmployeeRef | None = Field(default=None, description="Leave empty for your own.")


class PayslipsShown(Answer):
    """The payslips of somebody, newest first."""

    slips: list[payroll.PayslipView]
    name: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        if language == "zh":
            return f"{self.name} 共有 {len(self.slips)} 张工资单。"
        count = "1 payslip" if len(self.slips) == 1 else f"{len(self.slips)} payslips"
        return f"{self.name} has {count}."

    def grid(self) -> Grid:
        """Return one row for every payslip."""
        currency = self.slips[0].currency if self.slips else ""
        columns = (
            Column("payslip", "工资单"),
            Column("month", "月份"),
            Column("gross", "应发", currency),
            Column("deductions", "扣款", currency),
            Column("net", "实发", currency),
            Column("paid on", "支付日", "date"),
        )
        rows = tuple(
            (
                each.number,
                f"{each.period:%Y-%m}",
                each.gross,
                each.deductions,
                each.net,
                each.pay_on,
            )
            for each in self.slips
        )
        return Grid(columns, rows)


def list_payslips(session: Session, arguments: ListPayslips) -> PayslipsShown:
    """Look them up."""
    employee = whose(session, arguments.employee)
    return PayslipsShown(
        slips=list(payroll.payslips_of(session, employee)), name=employee.party.name
    )


class ShowCost(Arguments):
    """Show what somebody costs the company in a month: pay and the company's contributions."""

    employee: EmployeeRef
    month: PeriodRef | None = Field(default=None, description="Leave empty for the newest.")


class CostShown(Answer):
    """What somebody costs in a month."""

    slip: payroll.PayslipView
    posted: bool

    def sentence(self, language: Language = "en") -> str:
        """Say it, and what it is made of."""
        slip = self.slip
        gross, employer, cost = (
            Money.of(amount, slip.currency)
            for amount in (slip.gross, slip.employer, slip.gross + slip.employer)
        )
        month = said_month(slip.period, language)
        if language == "zh":
            how = "" if self.posted else "（预计）"
            name = slip.name_zh or slip.name
            return f"{name} {month}的公司成本为 {cost}{how}：应发 {gross}，单位缴费 {employer}。"
        how = "costs" if self.posted else "is expected to cost"
        return f"{slip.name} {how} {cost} in {month}: {gross} of pay and {employer} on top."


def show_cost(session: Session, arguments: ShowCost) -> CostShown:
    """Look it up, or work it out."""
    employee = hr.find_employee(session, arguments.employee)
    slip, posted = payroll.cost_of(session, employee, month_from(arguments.month))
    return CostShown(slip=slip, posted=posted)


TOOLS = [
    Tool(
        "payroll.run",
        RunPayroll,
        run_payroll,
        writes=True,
        title="Run payroll",
        title_zh="核算工资",
        roles=RUNNERS,
        seen_by=who_sees_run,
        private_to=about_nobody,
        pin=pin_run,
        undo=run_stays,
        duty=Duty(DutyName.RELEASE_PAY, case_of_month),
        concerns=is_in_run,
        sensitive=True,
    ),
    Tool(
        "payroll.preview",
        PreviewPayroll,
        preview_payroll,
        writes=False,
        title="Preview payroll",
        title_zh="预览工资",
        roles=frozenset(rights.READERS[rights.PAY]),
    ),
    Tool(
        "payroll.show_run",
        ShowRun,
        show_run,
        writes=False,
        title="Show payroll run",
        title_zh="查看薪资核算",
        roles=SEE_TOTALS,
    ),
    Tool(
        "payroll.pay_run",
        PayRun,
        pay_run,
        writes=True,
        title="Pay out payroll",
        title_zh="发放工资",
        roles=PAYERS,
        seen_by=who_sees_paying,
        private_to=about_nobody,
        pin=pin_paid,
        undo=money_is_out,
        duty=Duty(DutyName.PAY_OUT, case_of_run),
        concerns=is_paid_by_run,
        sensitive=True,
    ),
    Tool(
        "payroll.pay_authorities",
        PayAuthorities,
        pay_authorities,
        writes=True,
        title="Pay taxes and contributions of payroll",
        title_zh="缴纳工资税费",
        roles=PAYERS,
        seen_by=who_sees_paying,
        private_to=about_nobody,
        pin=pin_paid,
        undo=money_is_out,
        duty=Duty(DutyName.PAY_OUT, case_of_run),
        sensitive=True,
    ),
    Tool(
        "payroll.show_payslip",
        ShowPayslip,
        show_payslip,
        writes=False,
        title="Show payslip",
        title_zh="查看工资单",
        roles=frozenset(Role) - {Role.CUSTOMER, Role.WATCHER},
    ),
    Tool(
        "payroll.list_payslips",
        ListPayslips,
        list_payslips,
        writes=False,
        title="List payslips",
        title_zh="工资单列表",
        roles=frozenset(Role) - {Role.CUSTOMER, Role.WATCHER},
    ),
    Tool(
        "payroll.show_cost",
        ShowCost,
        show_cost,
        writes=False,
        title="Show what somebody costs",
        title_zh="查看员工成本",
        roles=frozenset({Role.HR, Role.MANAGER, Role.ADMIN, Role.AUDITOR}),
    ),
]
