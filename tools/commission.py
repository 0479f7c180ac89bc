"""Tools of commission: plans, and what salespeople earned."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.months import month_end, month_start
from core.kernel.words import word
from core.sales import commission
from core.sales.commission import Basis, Earned, PlanView, RateDraft, Statement
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.trade import LEADERS, CategoryRef, Limit, PlanRef

END = "sales.end_commission_plan"
MAKE_ANEW = ("make another plan instead", "请改为新建提成方案")
PAYERS = LEADERS | {Role.ACCOUNTANT}

SalespersonRef = Annotated[Text, Ref("employee")]


class MakePlan(Arguments):
    """Pay salespeople a percentage of what they sell: of the net amount or of the margin."""

    code: Annotated[Text, Field(max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = Field(
        default="COMMISSION", description="Short code people say."
    )
    name: Text | None = None
    percent: Percent
    category: CategoryRef | None = Field(default=None, description="Leave empty for everything.")
    above: Limit | None = Field(
        default=None, description="The amount of a month from which the second percentage holds."
    )
    above_percent: Percent | None = Field(default=None, description="The second percentage.")
    basis: Basis = Basis.NET
    earned: Earned = Earned.INVOICED
    whole: bool = Field(
        default=False, description="The percentage reached counts for the whole month."
    )
    salesperson: SalespersonRef | None = Field(default=None, description="Leave empty for all.")
    valid_from: Day | None = Field(default=None, description="Leave empty for this month.")


class PlanSaid(Answer):
    """A plan that holds, or ends."""

    code: str
    rates: list[str]
    until: date | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say what it pays, or until when."""
        rates = ", ".join(self.rates)
        if language == "zh":
            end = f"至 {self.until} 结束" if self.until else f"生效：{rates}"
            return f"提成方案 {self.code} {end}。"
        said = f"ends on {self.until}" if self.until else f"holds: {rates}"
        return f"The commission plan {self.code} {said}."


def pin_plan(session: Session, arguments: MakePlan) -> MakePlan:
    """Write category and salesperson as we call them, and the first day."""
    today = company(session).today
    said: dict[str, Any] = {"valid_from": arguments.valid_from or today.replace(day=1)}
    if arguments.category is not None:
        said["category"] = catalog.find_category(session, arguments.category).code
    if arguments.salesperson is not None:
        said["salesperson"] = parties.find_party(session, arguments.salesperson).number
    return arguments.model_copy(update=said)


def make_plan(session: Session, arguments: MakePlan) -> PlanSaid:
    """Make it."""
    currency = company(session).currency
    named = arguments.category and catalog.find_category(session, arguments.category)
    rates = [RateDraft(arguments.percent, category=named or None)]
    if arguments.above is not None and arguments.above_percent is not None:
        above = Money.of(arguments.above, currency)
        rates.append(RateDraft(arguments.above_percent, above, named or None))
    seller = arguments.salesperson and parties.find_party(session, arguments.salesperson)
    commission.make_plan(
        session,
        code=arguments.code,
        name=arguments.name or arguments.code,
        rates=rates,
        basis=arguments.basis,
        earned=arguments.earned,
        whole=arguments.whole,
        salespeople=[seller] if seller else [],
        valid_from=arguments.valid_from,
    )
    return PlanSaid(code=arguments.code, rates=[rate.said for rate in rates])


def undo_plan(_session: Session, arguments: MakePlan, _answer: object) -> Undoing:
    """End it on its first day."""
    call = EndPlan(plan=arguments.code, last_day=arguments.valid_from)
    return Undoing((Call(END, call),))


class EndPlan(Arguments):
    """Let a commission plan hold until a day and no longer."""

    plan: PlanRef
    last_day: Day | None = Field(default=None, description="Leave empty for today.")


def pin_end(session: Session, arguments: EndPlan) -> EndPlan:
    """Write it by its code, and the day."""
    code = commission.find_plan(session, arguments.plan).code
    last_day = arguments.last_day or company(session).today
    return arguments.model_copy(update={"plan": code, "last_day": last_day})


def end_plan(session: Session, arguments: EndPlan) -> PlanSaid:
    """End it."""
    plan = commission.end_plan(session, arguments.plan, last_day=arguments.last_day)
    return PlanSaid(code=plan.code, rates=[], until=plan.valid_until)


def undo_end(_session: Session, _arguments: EndPlan, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=MAKE_ANEW)


class ListPlans(Arguments):
    """List the commission plans that hold today, or all there ever were."""

    all_states: bool = Field(default=False, description="Also those that are over or to come.")


class PlansListed(Answer):
    """Commission plans."""

    plans: list[PlanView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.plans)
        if language == "zh":
            return f"共 {count} 个提成方案。"
        return f"{count} commission {'plan' if count == 1 else 'plans'}."

    def grid(self) -> Grid:
        """Return one row for every rate."""
        columns = (
            Column("plan", "方案"),
            Column("of", "基数"),
            Column("earned when", "计提时点"),
            Column("category", "类别"),
            Column("from", "起点"),
            Column("percent", "比率", "percent"),
            Column("salespeople", "销售员"),
        )
        rows = tuple(
            (
                *(plan.code, word(plan.basis), word(plan.earned), category or "*"),
                *(str(least), percent, ", ".join(plan.salespeople) or "*"),
            )
            for plan in self.plans
            for category, percent, least in plan.rates
        )
        return Grid(columns, rows)


def list_plans(session: Session, arguments: ListPlans) -> PlansListed:
    """Read them."""
    on = None if arguments.all_states else company(session).today
    return PlansListed(plans=commission.list_plans(session, on=on))


class Report(Arguments):
    """Show what salespeople earned in commission in a month, with the documents behind it."""

    salesperson: SalespersonRef | None = Field(default=None, description="Leave empty for all.")
    day: Day | None = Field(default=None, description="A day of the month; empty for this month.")


class CommissionShown(Answer):
    """Statements of a month."""

    statements: list[Statement]
    currency: str

    @property
    def total(self) -> Money:
        """What is earned in all."""
        minor = sum(each.commission.minor for each in self.statements)
        return Money(minor, self.currency)

    def sentence(self, language: Language = "en") -> str:
        """Say what everybody earned."""
        if not self.statements:
            return "没有提成。" if language == "zh" else "No commission was earned."
        said = [f"{each.salesperson} {each.commission}" for each in self.statements]
        if language == "zh":
            return f"提成 {self.total}：{'、'.join(said)}。"
        return f"{self.total} of commission: {', '.join(said)}."

    def grid(self) -> Grid:
        """Return the documents of each part of each statement, and what they earn together."""
        columns = (
            Column("salesperson", "销售员"),
            Column("plan", "方案"),
            Column("document", "单据"),
            Column("date", "日期", "date"),
            Column("item", "物料"),
            Column("customer", "客户"),
            Column("base", "基数", self.currency),
            Column("commission", "提成", self.currency),
        )
        rows: list[tuple[Any, ...]] = []
        styles: list[str] = []
        for each in self.statements:
            for part in each.parts:
                for line in part.lines:
                    where = (line.document, line.on, line.sku, line.customer)
                    rows.append((each.salesperson, each.plan, *where, line.base.amount, None))
                    styles.append("")
                if part.lines:
                    tiers = "; ".join(f"{plain(tier.percent)} %" for tier in part.tiers)
                    sums = (part.base.amount, part.commission.amount)
                    head = (each.salesperson, each.plan, part.category or "*", None, tiers, None)
                    rows.append((*head, *sums))
                    styles.append("subtotal")
        return Grid(columns, tuple(rows), tuple(styles))


def report(session: Session, arguments: Report) -> CommissionShown:
    """Read it."""
    ours = company(session)
    day = arguments.day or ours.today
    first, last = month_start(day), month_end(day)
    if arguments.salesperson is None:
        statements = commission.commissions(session, first=first, last=last)
    else:
        seller = parties.find_party(session, arguments.salesperson)
        statements = commission.commission_statement(session, seller, first=first, last=last)
    return CommissionShown(statements=statements, currency=ours.currency)


TOOLS = [
    Tool(
        "sales.make_commission_plan",
        MakePlan,
        make_plan,
        writes=True,
        title="Make commission plan",
        title_zh="新建提成方案",
        roles=LEADERS,
        pin=pin_plan,
        undo=undo_plan,
    ),
    Tool(
        END,
        EndPlan,
        end_plan,
        writes=True,
        title="End commission plan",
        title_zh="结束提成方案",
        roles=LEADERS,
        pin=pin_end,
        undo=undo_end,
    ),
    Tool(
        "sales.list_commission_plans",
        ListPlans,
        list_plans,
        writes=False,
        title="List commission plans",
        title_zh="提成方案列表",
        roles=PAYERS,
    ),
    Tool(
        "sales.show_commission",
        Report,
        report,
        writes=False,
        title="Show commission",
        title_zh="查看提成",
        roles=PAYERS,
    ),
]
