"""Tools of leave: ask for it, decide on it, call it off, and see what is left and who is away."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.hr import leave
from core.hr.employment import rights
from core.hr.employment.errors import NotYoursToSee
from core.hr.employment.managing import is_manager_of, party_and_line
from core.hr.leave import LeaveRequest, LeaveState, Stretch
from core.kernel.company import company, today
from core.kernel.database import acting
from core.kernel.errors import Both, Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.people import (
    EVERYBODY,
    KEEPERS,
    OFFICE,
    DepartmentRef,
    EmployeeRef,
    about_person,
    employee_of,
)
from tools.trade import Because

LeaveRef = Annotated[Text, Ref("leave_request")]
LeaveTypeRef = Annotated[Text, Ref("leave_type")]
CANCEL = "hr.cancel_leave"
CANCEL_INSTEAD = ("cancel the leave instead", "请改为取消休假")
ASK_ANEW = ("ask for leave anew instead", "请重新申请休假")
CORRECT = ("correct the balance instead", "请改为更正余额")
_READERS = frozenset({Role.HR, Role.MANAGER, Role.ADMIN, Role.AUDITOR, "system"})


class RequestLeave(Arguments):
    """Ask for leave from a day to a day; the manager decides on it."""

    starts_on: Day = Field(description="The first day away.")
    ends_on: Day | None = Field(default=None, description="The last day; the first if empty.")
    leave: LeaveTypeRef | None = Field(
        default=None, description="Which kind of leave; annual leave if empty."
    )
    half_day: bool = Field(default=False, description="Whether the last day ends at noon.")
    employee: EmployeeRef | None = Field(default=None, description="Who; oneself if empty.")
    because: Because | None = Field(default=None, description="Why, if there is more to say.")


class LeaveShown(Answer):
    """A request for leave."""

    number: str
    employee: str
    name: str
    leave: tuple[str, str]
    starts_on: date
    ends_on: date
    days: Decimal
    state: LeaveState

    def sentence(self, language: Language = "en") -> str:
        """Say who is away when, and how far it is."""
        kind, state = self.leave[language == "zh"], word(self.state, language)
        if language == "zh":
            return (
                f"{self.number}：{self.name} {self.starts_on} 至 {self.ends_on} {kind}"
                f" {plain(self.days)} 天，{state}。"
            )
        return (
            f"{self.number}: {self.name}, {kind} from {self.starts_on} to {self.ends_on}"
            f" ({plain(self.days)} days), {state}."
        )


def _shown(request: LeaveRequest) -> LeaveShown:
    return LeaveShown(
        number=request.number,
        employee=request.employee.number,
        name=request.employee.party.name,
        leave=(request.type.name, request.type.name_zh),
        starts_on=request.starts_on,
        ends_on=request.ends_on,
        days=request.days,
        state=request.state,
    )


def request_leave(session: Session, arguments: RequestLeave) -> LeaveShown:
    """Ask for it."""
    person = employee_of(session, arguments.employee)
    kind = leave.find_leave_type(session, arguments.leave or leave.usual_type(session))
    away = Stretch(
        arguments.starts_on,
        arguments.ends_on or arguments.starts_on,
        ends_at_noon=arguments.half_day,
    )
    made = leave.request_leave(session, person, kind, away, because=arguments.because or "")
    return _shown(made)


def pin_request(session: Session, arguments: RequestLeave) -> RequestLeave:
    """Name who and which kind, and make the last day concrete."""
    said = arguments.leave or leave.usual_type(session)
    chosen = {
        "employee": employee_of(session, arguments.employee).number,
        "leave": leave.find_leave_type(session, said).code,
        "ends_on": arguments.ends_on or arguments.starts_on,
    }
    return arguments.model_copy(update=chosen)


def undo_request(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Call it off."""
    return Undoing((Call(CANCEL, CancelLeave(request=answer["number"], because="undo")),))


class ApproveLeave(Arguments):
    """Approve the leave that somebody else asked for."""

    request: LeaveRef | None = Field(default=None, description="The request, such as LV-00042.")
    employee: EmployeeRef | None = Field(
        default=None, description="Whose, where they asked for one only."
    )
    because: Because | None = Field(default=None, description="What to tell them.")


class RefuseLeave(Arguments):
    """Refuse the leave that somebody else asked for, and say why."""

    request: LeaveRef | None = Field(default=None, description="The request, such as LV-00042.")
    employee: EmployeeRef | None = Field(
        default=None, description="Whose, where they asked for one only."
    )
    because: Because = Field(description="Why it is refused.")


def approve_leave(session: Session, arguments: ApproveLeave) -> LeaveShown:
    """Approve it."""
    number = _meant(session, arguments.request, arguments.employee)
    because = arguments.because or ""
    return _shown(leave.decide_leave(session, number, approve=True, because=because))


def refuse_leave(session: Session, arguments: RefuseLeave) -> LeaveShown:
    """Refuse it."""
    number = _meant(session, arguments.request, arguments.employee)
    return _shown(leave.decide_leave(session, number, approve=False, because=arguments.because))


def pin_decision(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the one request that is meant."""
    number = _meant(session, arguments.request, arguments.employee)
    return arguments.model_copy(update={"request": number, "employee": None})


def _meant(session: Session, request: str | None, employee: str | None) -> str:
    if request is not None:
        return leave.find_request(session, request).number
    person = hr.find_employee(session, employee) if employee is not None else None
    return leave.open_request_of(session, person).number


def about_request(session: Session, arguments: Any) -> Collection[UUID]:  # noqa: ANN401
    """Return whose request it is, and who stands above them."""
    request = leave.find_request(session, arguments.request)
    return party_and_line(session, request.employee)


class CancelLeave(Arguments):
    """Call off leave that was asked for or approved; the days come back."""

    request: LeaveRef = Field(description="The request, such as LV-00042.")
    because: Because = Field(default="called off", description="Why.")


def cancel_leave(session: Session, arguments: CancelLeave) -> LeaveShown:
    """Call it off."""
    return _shown(leave.cancel_leave(session, arguments.request, because=arguments.because))


def pin_cancel(session: Session, arguments: CancelLeave) -> CancelLeave:
    """Name the request as we call it."""
    number = leave.find_request(session, arguments.request).number
    return arguments.model_copy(update={"request": number})


class ShowLeaveBalance(Arguments):
    """Show how many days of leave somebody has left, of each kind."""

    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")
    day: Day | None = Field(default=None, description="By the end of which day; today if empty.")


class LeaveBalances(Answer):
    """What somebody has left."""

    number: str
    name: str
    day: date
    balances: list[tuple[str, str, Decimal, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many days of each kind are left, and how many of them are spoken for."""
        if language == "zh":
            said = "；".join(
                f"{zh} {plain(left)} 天（已批准待休 {plain(-ahead)} 天）" if ahead else
                f"{zh} {plain(left)} 天"
                for _, zh, left, ahead in self.balances
            )  # fmt: skip
            return f"{self.name} 截至 {self.day}：{said or '没有假期余额'}。"
        said = "; ".join(
            f"{plain(left)} days of {en}" + (f" ({plain(-ahead)} approved ahead)" if ahead else "")
            for en, _, left, ahead in self.balances
        )
        return f"{self.name} by {self.day}: {said or 'no days of leave'}."

    def grid(self) -> Grid:
        """Return a row for each kind."""
        columns = (
            Column("leave", "假期"), Column("left", "余额", "quantity"),
            Column("approved ahead", "已批准待休", "quantity"),
        )  # fmt: skip
        rows = ((en, left, -ahead) for en, _, left, ahead in self.balances)
        return Grid(columns, tuple(rows))


def show_leave_balance(session: Session, arguments: ShowLeaveBalance) -> LeaveBalances:
    """Read them; one's own, those of one's people, or all for whoever keeps them."""
    person, day = employee_of(session, arguments.employee), arguments.day or today(session)
    actor = acting(session).actor
    if not (
        rights.is_own(actor, person)
        or actor.roles & _READERS
        or is_manager_of(session, actor, person)
    ):
        raise NotYoursToSee(what=Both("leave balances of others", "他人的假期余额"))
    return LeaveBalances(
        number=person.number,
        name=person.party.name,
        day=day,
        balances=[
            (each.name, each.name_zh, each.days, each.ahead)
            for each in leave.balances(session, person, day)
        ],
    )


class ShowLeaveRequest(Arguments):
    """Show a request for leave; why it was asked for, to whose it is and to human resources."""

    request: LeaveRef = Field(description="The request, such as LV-00042.")


class LeaveRequestShown(LeaveShown):
    """A request for leave, and why, where that is for who looks."""

    because: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say who is away when, and why."""
        said = super().sentence(language)
        if self.because is None:
            return said
        return f"{said}原因：{self.because}" if language == "zh" else f"{said} {self.because}"


def show_leave_request(session: Session, arguments: ShowLeaveRequest) -> LeaveRequestShown:
    """Read it; the database hides it from whom it is not for."""
    request = leave.find_request(session, arguments.request)
    because = leave.reason_of(session, request)
    return LeaveRequestShown(**vars(_shown(request)), because=because)


class WhoIsAway(Arguments):
    """Show who is away or asked to be, from a day to a day; not why."""

    starts_on: Day | None = Field(default=None, description="From when on; today if empty.")
    ends_on: Day | None = Field(default=None, description="Until when; a week if empty.")
    department: DepartmentRef | None = Field(default=None, description="Of which department.")


class Away(Answer):
    """Who is away."""

    first: date
    last: date
    people: list[tuple[str, str, str, date, date, Decimal, LeaveState]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many, and who."""
        names = list(dict.fromkeys(name for _, name, *_ in self.people))
        if language == "zh":
            said = "、".join(names) or "无人"
            return f"{self.first} 至 {self.last} 休假：{said}。"
        return f"Away from {self.first} to {self.last}: {', '.join(names) or 'nobody'}."

    def grid(self) -> Grid:
        """Return a row for each."""
        columns = (
            Column("number", "编号"), Column("name", "姓名"), Column("department", "部门"),
            Column("from", "自", "date"), Column("to", "至", "date"),
            Column("days", "天数", "quantity"), Column("state", "状态"),
        )  # fmt: skip
        return Grid(columns, tuple(tuple(row) for row in self.people))


def who_is_away(session: Session, arguments: WhoIsAway) -> Away:
    """Read it."""
    first = arguments.starts_on or today(session)
    week = timedelta(days=6)
    last = arguments.ends_on or (first if arguments.starts_on else first + week)
    department = arguments.department and hr.find_department(session, arguments.department)
    found = leave.who_is_away(session, first, last, department=department or None)
    return Away(
        first=first,
        last=last,
        people=[
            (e.number, e.name, e.department, e.starts_on, e.ends_on, e.days, e.state) for e in found
        ],
    )


class CreditLeave(Arguments):
    """Credit everybody the days of leave that are due by a day, and let carried ones lapse."""

    due_by: Day | None = Field(default=None, description="By which day; today if empty.")


class LeaveCreditedFor(Answer):
    """How many days were credited, carried or lapsed."""

    day: date
    entries: int
    days: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say how many."""
        if language == "zh":
            return f"截至 {self.day} 记入 {self.entries} 笔，共 {plain(self.days)} 天。"
        return f"{self.entries} entries by {self.day}, {plain(self.days)} days together."


def credit_leave(session: Session, arguments: CreditLeave) -> LeaveCreditedFor:
    """Credit them."""
    day = arguments.due_by or today(session)
    made = [*leave.leave_accrual(session, until=day), *leave.expire_carried(session, on=day)]
    total = sum((entry.days for entry in made), Decimal(0))
    return LeaveCreditedFor(day=day, entries=len(made), days=total)


def pin_day(session: Session, arguments: CreditLeave) -> CreditLeave:
    """Make the day concrete."""
    return arguments.model_copy(update={"due_by": arguments.due_by or today(session)})


class CarryLeave(Arguments):
    """Carry what everybody has left of leave over the end of a year, as the policies allow."""

    year: int = Field(ge=1990, le=2100, description="The year that ends.")


def carry_leave(session: Session, arguments: CarryLeave) -> LeaveCreditedFor:
    """Carry it over."""
    made = leave.leave_carry_forward(session, year=arguments.year)
    total = sum((entry.days for entry in made), Decimal(0))
    return LeaveCreditedFor(day=date(arguments.year, 12, 31), entries=len(made), days=total)


class EncashLeave(Arguments):
    """Pay out days of leave instead of letting them be taken."""

    employee: EmployeeRef = Field(description="Whose days.")
    days: Count = Field(description="How many days.")
    leave: LeaveTypeRef | None = Field(default=None, description="Annual leave if empty.")
    per_day: Amount | None = Field(
        default=None, description="What a day is worth; by their pay if empty."
    )


class Encashed(Answer):
    """What is paid out."""

    number: str
    days: Decimal
    amount: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many days for how much."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"{self.number}：{plain(self.days)} 天折现 {amount}。"
        return f"{self.number}: {plain(self.days)} days are paid out, {amount}."


def encash_leave(session: Session, arguments: EncashLeave) -> Encashed:
    """Pay them out."""
    person = hr.find_employee(session, arguments.employee)
    kind = leave.find_leave_type(session, arguments.leave or leave.usual_type(session))
    rate = arguments.per_day and Money.of(arguments.per_day, company(session).currency)
    _, amount = leave.encash_leave(session, person, kind, arguments.days, per_day=rate or None)
    return Encashed(
        number=person.number,
        days=arguments.days,
        amount=amount.amount,
        currency=amount.currency,
    )


def pin_encash(session: Session, arguments: EncashLeave) -> EncashLeave:
    """Name whose days of which kind."""
    said = arguments.leave or leave.usual_type(session)
    chosen = {
        "employee": hr.find_employee(session, arguments.employee).number,
        "leave": leave.find_leave_type(session, said).code,
    }
    return arguments.model_copy(update=chosen)


TOOLS = [
    Tool(
        "hr.request_leave", RequestLeave, request_leave, writes=True,
        title="Ask for leave", title_zh="申请休假",
        roles=EVERYBODY, seen_by=frozenset({Role.HR}), private_to=about_person,
        pin=pin_request, undo=undo_request,
    ),
    Tool(
        "hr.approve_leave", ApproveLeave, approve_leave, writes=True,
        title="Approve leave", title_zh="批准休假",
        roles=EVERYBODY, seen_by=KEEPERS, private_to=about_request, pin=pin_decision,
        undo=never(CANCEL_INSTEAD),
    ),
    Tool(
        "hr.refuse_leave", RefuseLeave, refuse_leave, writes=True,
        title="Refuse leave", title_zh="驳回休假",
        roles=EVERYBODY, seen_by=KEEPERS, private_to=about_request, pin=pin_decision,
        undo=never(ASK_ANEW),
    ),
    Tool(
        CANCEL, CancelLeave, cancel_leave, writes=True,
        title="Cancel leave", title_zh="取消休假",
        roles=EVERYBODY, seen_by=KEEPERS, private_to=about_request, pin=pin_cancel,
        undo=never(ASK_ANEW),
    ),
    Tool(
        "hr.show_leave_balance", ShowLeaveBalance, show_leave_balance, writes=False,
        title="Show leave balance", title_zh="查看假期余额", roles=EVERYBODY,
    ),
    Tool(
        "hr.show_leave_request", ShowLeaveRequest, show_leave_request, writes=False,
        title="Show leave request", title_zh="查看休假申请", roles=EVERYBODY,
    ),
    Tool(
        "hr.who_is_away", WhoIsAway, who_is_away, writes=False,
        title="Who is away", title_zh="谁在休假", roles=EVERYBODY,
    ),
    Tool(
        "hr.credit_leave", CreditLeave, credit_leave, writes=True,
        title="Credit leave", title_zh="计入假期", roles=OFFICE, pin=pin_day,
        undo=never(CORRECT),
    ),
    Tool(
        "hr.carry_leave", CarryLeave, carry_leave, writes=True,
        title="Carry leave over", title_zh="结转假期", roles=OFFICE, undo=never(CORRECT),
    ),
    Tool(
        "hr.encash_leave", EncashLeave, encash_leave, writes=True,
        title="Pay out leave", title_zh="假期折现", roles=OFFICE, seen_by=KEEPERS,
        private_to=about_person, pin=pin_encash, undo=never(CORRECT), sensitive=True,
    ),
]  # fmt: skip
