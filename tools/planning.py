"""Tools of planning: what to make and to buy, why, and the whole plan as one decision."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties, purchasing
from core.approvals import DutyName
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language, NotPermitted
from core.kernel.money import plain
from core.kernel.words import word
from core.manufacturing import orders
from core.processes import planning
from core.processes.planning import HORIZON_DAYS, Branch, Extra, PlannedOrder, ProductionPlan
from core.processes.planning.errors import NothingToPlan, PlanTooLarge
from core.purchasing import OrderLineDraft
from core.reporting.query import Period, resolve
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Duty,
    Grid,
    ItemRef,
    Level,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.boms import MAKERS
from tools.production import CANCEL as CANCEL_WORK
from tools.production import MAKE, CancelWorkOrder, MakeItem
from tools.purchasing import CANCEL as CANCEL_PURCHASE
from tools.purchasing import CancelOrder, OrderItem
from tools.trade import BUYERS, READERS

CARRY_OUT, SET_RULE = "planning.carry_out", "planning.set_rule"
_LINES_MAX = 500
_BECAUSE_MAX, _SHOWN_MAX = 3, 10


class PlanProduction(Arguments):
    """Plan what to make and to buy for the next weeks: how much, when, and for what."""

    period: Period | None = Field(
        default=None, description="How far the plan looks ahead; leave empty for six weeks."
    )
    item: ItemRef | None = Field(default=None, description="Leave empty for all items.")
    what_if_quantity: Count | None = Field(
        default=None, description="What if so much more of the item were wanted."
    )
    what_if_on: Day | None = Field(default=None, description="By this day.")


class Plan(Answer):
    """What to make and to buy, and what to do about what is on its way."""

    until: date
    orders: list[tuple[str, str, str, str, Decimal, date, date, str, str]]
    messages: list[tuple[str, str, str, str]]
    messages_zh: list[tuple[str, str, str, str]]
    without_source: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say how much there is to do."""
        made = sum(1 for line in self.orders if line[0] == "make")
        bought, changed = len(self.orders) - made, len(self.messages)
        stop = "。" if language == "zh" else "."
        lines = [
            " · ".join(part for part in said if part) + stop
            for said in self.told(language)[:_SHOWN_MAX]
        ]
        if language == "zh":
            head = f"计划至 {self.until}：生产 {made} 项，采购 {bought} 项，调整 {changed} 项。"
            if self.without_source:
                head += f"无供应来源：{', '.join(self.without_source)}。"
        else:
            head = (
                f"The plan until {self.until}: {made} to make, {bought} to buy,"
                f" {changed} to change."
            )
            if self.without_source:
                head += f" Nobody offers {', '.join(self.without_source)}."
        return "\n".join([head, *lines])

    def told(self, language: Language) -> list[tuple[str, str, str, str]]:
        """Return the messages in one language."""
        return self.messages_zh if language == "zh" else self.messages

    def grid(self) -> Grid:
        """Return one row for every order of the plan."""
        columns = (
            Column("what", "方式"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("supplier", "供应商"),
            Column("quantity", "数量", "quantity"),
            Column("start", "开始", "date"),
            Column("due", "到期", "date"),
            Column("for", "用于"),
            Column("late", "延误"),
        )
        return Grid(columns, tuple(self.orders))


def plan_production(session: Session, arguments: PlanProduction) -> Plan:
    """Plan it."""
    found = _planned(session, arguments)
    return Plan(
        until=found.until,
        orders=[
            (
                "make" if each.is_made else "buy",
                each.sku,
                each.name,
                each.supplier or "",
                each.quantity,
                each.start_on,
                each.due_on,
                _for(each),
                f"→ {each.late_until}" if each.late_until is not None else "",
            )
            for each in found.orders
        ],
        messages=_messages(found, "en"),
        messages_zh=_messages(found, "zh"),
        without_source=list(found.without_source),
    )


def _planned(session: Session, arguments: PlanProduction) -> ProductionPlan:
    item = arguments.item and catalog.find_item(session, arguments.item)
    today, days = company(session).today, HORIZON_DAYS
    if arguments.period is not None:
        end = resolve(arguments.period, today, ahead=True).end
        days = HORIZON_DAYS if end is None else max((end - today).days, 1)
    extra = []
    if item and arguments.what_if_quantity is not None:
        on = arguments.what_if_on or today + timedelta(days=days)
        extra = [Extra(item, arguments.what_if_quantity, on)]
    ids = [item.id] if item and not extra else None
    return planning.plan(session, days=days, item_ids=ids, extra=extra)


def _for(each: PlannedOrder) -> str:
    served = [f"{one.document} {plain(one.quantity)}" for one in each.serves[:_BECAUSE_MAX]]
    return ", ".join(served) + (" …" if len(each.serves) > _BECAUSE_MAX else "")


def _messages(found: ProductionPlan, language: Language) -> list[tuple[str, str, str, str]]:
    said = []
    for each in found.messages:
        to = each.to_on.isoformat() if each.to_on else ""
        if each.to_quantity is not None:
            to = plain(each.to_quantity)
        was = plain(each.quantity) if each.to_quantity is not None else each.on.isoformat()
        because = ", ".join(word(one, language) for one in each.because[:_BECAUSE_MAX])
        what = f"{word(each.message, language)} {each.document or each.sku}".strip()
        said.append((what, each.sku, f"{was} → {to}" if to else was, because))
    return said


class PlanLine(Arguments):
    """So much of an item to make, or to buy from a supplier, for a day."""

    item: ItemRef = Field(description="SKU of the item.")
    quantity: Count
    due_on: Day
    supplier: SupplierRef | None = Field(
        default=None, description="Whom to buy it from; leave empty to make it."
    )


class CarryOutPlan(Arguments):
    """Carry out the production plan: write its work orders and its purchase orders."""

    horizon_days: int = Field(
        default=HORIZON_DAYS, ge=1, le=730, description="How many days ahead the plan looks."
    )
    lines: tuple[PlanLine, ...] = Field(
        default=(), max_length=_LINES_MAX, description="Leave empty for the whole plan."
    )


class PlanCarriedOut(Answer):
    """The orders that a plan became."""

    work_orders: list[tuple[str, str]]
    purchase_orders: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Name the orders."""
        between = "、" if language == "zh" else ", "
        said = between.join(f"{number} ({what})" for number, what in self.work_orders)
        bought = between.join(f"{number} ({what})" for number, what in self.purchase_orders)
        parts = [each for each in (said, bought) if each]
        if language == "zh":
            return f"计划已执行：{'；'.join(parts)}。"
        return f"The plan is carried out: {'; '.join(parts)}."


def pin_plan(session: Session, arguments: CarryOutPlan) -> CarryOutPlan:
    """Write down every order of the plan as it is now."""
    if arguments.lines:
        return arguments
    found = planning.plan(session, days=arguments.horizon_days)
    lines = tuple(
        PlanLine(
            item=each.sku,
            quantity=each.quantity,
            due_on=each.late_until or each.due_on,
            supplier=each.supplier_number,
        )
        for each in found.orders
        if each.is_made or each.supplier_number is not None
    )
    if not lines:
        raise NothingToPlan
    if len(lines) > _LINES_MAX:
        raise PlanTooLarge(count=len(lines), most=_LINES_MAX, days=arguments.horizon_days)
    return arguments.model_copy(update={"lines": lines})


def carry_out(session: Session, arguments: CarryOutPlan) -> PlanCarriedOut:
    """Write the orders: one work order a line, one purchase order a supplier and day.

    Purchase orders are for those who may order by themselves, too.
    """
    if any(line.supplier for line in arguments.lines):
        actor = acting(session).actor
        if not actor.roles & BUYERS:
            what = {"en": "Order item", "zh": "采购下单"}[actor.language]
            raise NotPermitted(what=what, roles=", ".join(sorted(BUYERS)))
    made, buying = [], defaultdict(list)
    for line in arguments.lines:
        item = catalog.find_item(session, line.item)
        if line.supplier is None:
            order = orders.make_order(session, item, line.quantity, due_on=line.due_on)
            made.append((order.number, f"{plain(line.quantity)} × {item.sku}"))
        else:
            draft = OrderLineDraft(item, line.quantity)
            buying[line.supplier, line.due_on].append(draft)
    bought = []
    for (supplier, day), drafts in buying.items():
        purchase = purchasing.place_order(
            session,
            supplier=parties.find_supplier(session, supplier),
            lines=drafts,
            expected_on=day,
        )
        bought.append((purchase.number, purchase.supplier.name))
    return PlanCarriedOut(work_orders=made, purchase_orders=bought)


def undo_plan(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Cancel every order of it."""
    calls = [
        Call(CANCEL_WORK, CancelWorkOrder(work_order=number, because="undo"))
        for number, _ in answer["work_orders"]
    ]
    calls += [
        Call(CANCEL_PURCHASE, CancelOrder(order=number, because="undo"))
        for number, _ in answer["purchase_orders"]
    ]
    return Undoing(tuple(calls))


def cases_of_purchases(
    _session: Session, _arguments: CarryOutPlan, answer: dict[str, Any] | None
) -> list[str] | None:
    """Return the purchase orders, each of which is a case of its own from now on."""
    return None if answer is None else [number for number, _ in answer["purchase_orders"]]


def calls_of(found: ProductionPlan) -> tuple[Call, ...]:
    """Return a plan as calls of one proposal, so that each of its lines can be unticked."""
    return tuple(call for each in found.orders if (call := call_of(each)) is not None)


def call_of(each: PlannedOrder) -> Call | None:
    """Return how an order of a plan is made or placed; None where nobody offers it."""
    due = each.late_until or each.due_on
    if each.is_made:
        return Call(MAKE, MakeItem(item=each.sku, quantity=each.quantity, due_on=due))
    if each.supplier_number is None:
        return None
    order = OrderItem(
        item=each.sku, quantity=each.quantity, supplier=each.supplier_number, expected_on=due
    )
    return Call("purchasing.order_item", order)


class ShowPegging(Arguments):
    """Show where everything comes from that an order takes, down to what is bought."""

    document: Annotated[Text, Ref("wanting_document")] = Field(
        description="The sales or work order, such as SO-00042."
    )
    horizon_days: int = Field(default=HORIZON_DAYS, ge=1, le=730)


class Pegged(Answer):
    """Where everything comes from that a document wants."""

    document: str
    rows: list[tuple[int, str, Decimal, str, str, date]]

    def sentence(self, language: Language = "en") -> str:
        """Say how much of it is known."""
        if language == "zh":
            return f"{self.document} 的供应追溯：{len(self.rows)} 行。"
        return f"{self.document} is served by {len(self.rows)} supplies."

    def grid(self) -> Grid:
        """Return one row for every supply, set in below what it is for."""
        columns = (
            Column("level", "层", "number"),
            Column("item", "物料"),
            Column("quantity", "数量", "quantity"),
            Column("from", "来源"),
            Column("document", "单据"),
            Column("on", "日期", "date"),
        )
        return Grid(columns, tuple(self.rows), levels=tuple(row[0] - 1 for row in self.rows))


def show_pegging(session: Session, arguments: ShowPegging) -> Pegged:
    """Follow it."""
    found = planning.plan(session, days=arguments.horizon_days)
    rows: list[tuple[int, str, Decimal, str, str, date]] = []

    def go(branch: Branch, level: int) -> None:
        source = "stock_on_hand" if branch.source == "stock" else branch.source
        rows.append((level, branch.sku, branch.quantity, word(source), branch.document, branch.on))
        for below in branch.below:
            go(below, level + 1)

    for branch in found.pegging(arguments.document.upper()):
        go(branch, 1)
    return Pegged(document=arguments.document.upper(), rows=rows)


class SetPlanningRule(Arguments):
    """Set how an item is planned: its lot sizes, lead time and safety stock."""

    item: ItemRef = Field(description="SKU or name of the item.")
    fixed_lot: Count | None = Field(default=None, description="Always so many at a time.")
    minimum_lot: Count | None = None
    maximum_lot: Count | None = None
    lot_multiple: Count | None = None
    period_days: int = Field(default=0, ge=0, le=365, description="Needs of so many days together.")
    lead_days: int | None = Field(default=None, ge=0, le=730)
    safety_stock: Level = Decimal(0)


class PlanningRuleSaid(Answer):
    """How an item is planned."""

    sku: str
    name: str
    terms: dict[str, str]

    def sentence(self, language: Language = "en") -> str:
        """Say its terms."""
        said = ", ".join(f"{word(f'plan_{k}', language)} {v}" for k, v in self.terms.items())
        if language == "zh":
            return f"{self.sku} {self.name} 的计划参数：{said or '默认'}。"
        return f"{self.sku} {self.name} is planned by: {said or 'what its bill says'}."


def set_rule(session: Session, arguments: SetPlanningRule) -> PlanningRuleSaid:
    """Set it."""
    item = catalog.find_item(session, arguments.item)
    rule = planning.set_planning_rule(
        session,
        item,
        fixed=arguments.fixed_lot,
        minimum=arguments.minimum_lot,
        maximum=arguments.maximum_lot,
        multiple=arguments.lot_multiple,
        period_days=arguments.period_days,
        lead_days=arguments.lead_days,
        safety_stock=arguments.safety_stock,
    )
    return PlanningRuleSaid(sku=item.sku, name=item.name, terms=dict(planning.terms_of(rule)))


def pin_rule(session: Session, arguments: SetPlanningRule) -> SetPlanningRule:
    """Write the item by its SKU."""
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def undo_rule(_session: Session, arguments: SetPlanningRule, _answer: Any) -> Undoing:  # noqa: ANN401
    """Plan it as follows from its bill and its suppliers."""
    return Undoing((Call(SET_RULE, SetPlanningRule(item=arguments.item)),))


TOOLS = [
    Tool(
        "planning.plan",
        PlanProduction,
        plan_production,
        writes=False,
        title="Plan production",
        title_zh="生产计划",
        roles=READERS,
    ),
    Tool(
        CARRY_OUT,
        CarryOutPlan,
        carry_out,
        writes=True,
        title="Carry out plan",
        title_zh="执行计划",
        roles=MAKERS | BUYERS,
        pin=pin_plan,
        undo=undo_plan,
        duty=Duty(DutyName.ORDER, cases_of_purchases),
    ),
    Tool(
        "planning.pegging",
        ShowPegging,
        show_pegging,
        writes=False,
        title="Pegging",
        title_zh="供需追溯",
        roles=READERS,
    ),
    Tool(
        SET_RULE,
        SetPlanningRule,
        set_rule,
        writes=True,
        title="Set planning rule",
        title_zh="设置计划参数",
        roles=MAKERS,
        pin=pin_rule,
        undo=undo_rule,
    ),
]
