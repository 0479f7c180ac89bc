"""Tools of replenishment: what is short, what to order, and why; and to order it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties
from core.approvals import DutyName
from core.kernel.company import company
from core.kernel.errors import DomainError, Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.semantics import EVERYDAY
from core.processes import procure_to_pay, replenishment
from core.processes.replenishment import Suggested
from core.purchasing import OrderLineDraft
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Duty,
    Grid,
    ItemRef,
    SupplierRef,
    Tool,
    Undoing,
)
from tools.purchasing import CANCEL, CancelOrder
from tools.reordering import called
from tools.replenishing import figure, why
from tools.trade import BUYERS, sees_costs

LINES_MAX = 100


class NothingToReplenish(DomainError):
    """Nothing is missing, or nobody offers what is; there is nothing to order."""

    zh = "没有需要补货的物料，或没有供应商报价；无需下单。"


class ListShortages(Arguments):
    """List the items below their reorder point, counting what is on order."""


class ShortItem(Answer):
    """An item that is short."""

    sku: str
    name: str
    name_zh: str | None
    available: Decimal
    on_order: Decimal
    minimum: Decimal
    target: Decimal
    missing: Decimal


class Shortages(Answer):
    """Items to reorder, and how much of each."""

    shortages: list[ShortItem]

    def sentence(self, language: Language = "en") -> str:
        """Say how many items are short, and the first of them."""
        count = len(self.shortages)
        if not count:
            return "没有物料低于再订货点。" if language == "zh" else "No item is short."
        first = "; ".join(
            f"{called(each.sku, each.name, each.name_zh, language)} ({plain(each.missing)})"
            for each in self.shortages[:3]
        )
        if language == "zh":
            return f"{count} 种物料低于再订货点，建议补货：{first}。"
        items = "1 item is" if count == 1 else f"{count} items are"
        return f"{items} short; to reorder: {first}."

    def grid(self) -> Grid:
        """Return one row for every item."""
        columns = (
            Column("item", "物料"),
            Column("name", "名称"),
            Column("available", "可用", "quantity"),
            Column("on order", "在途", "quantity"),
            Column("minimum", "再订货点", "quantity"),
            Column("target", "目标库存", "quantity"),
            Column("to reorder", "建议补货", "quantity"),
        )
        rows = tuple(
            (
                *(each.sku, each.name, each.available, each.on_order),
                *(each.minimum, each.target, each.missing),
            )
            for each in self.shortages
        )
        return Grid(columns, rows)


def list_shortages(session: Session, _arguments: ListShortages) -> Shortages:
    """Read what is missing."""
    return Shortages(
        shortages=[
            ShortItem(
                sku=each.sku,
                name=each.name,
                name_zh=each.name_zh,
                available=each.available,
                on_order=each.on_order,
                minimum=each.minimum,
                target=each.target,
                missing=each.missing,
            )
            for each in replenishment.plan(session)
        ]
    )


class PlanReplenishment(Arguments):
    """Tell what to order, how much and from whom, and why; of one item, also why not."""

    item: ItemRef | None = Field(default=None, description="Leave empty for all items.")
    supplier: SupplierRef | None = Field(
        default=None, description="Only what would be ordered from this supplier."
    )


class Advice(Answer):
    """What is advised for an item, its figures, and what else could be done."""

    sku: str
    why: str
    why_zh: str
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    projected: Decimal
    minimum: Decimal
    target: Decimal
    missing: Decimal
    quantity: Decimal
    demand_per_day: Decimal
    lead_time_days: Decimal
    cover_days: Decimal | None
    risk_percent: Decimal
    supplier: str | None
    arrives_on: date | None
    unit_price: Decimal | None
    others: list[tuple[str, str]]


class Advised(Answer):
    """What to order, and why."""

    items: list[Advice]
    is_of_one: bool
    currency: str
    with_prices: bool

    def sentence(self, language: Language = "en") -> str:
        """Say the reasons for one item, or what the first of many need."""
        if not self.items:
            return "没有需要补货的物料。" if language == "zh" else "There is nothing to order."
        if self.is_of_one:
            return " ".join(self._said(each, language) for each in self.items)
        first = "; ".join(f"{each.sku} × {plain(each.quantity)}" for each in self.items[:5])
        if language == "zh":
            return f"{len(self.items)} 种物料需要补货：{first}。"
        things = "1 item" if len(self.items) == 1 else f"{len(self.items)} items"
        return f"{things} to order: {first}."

    def _said(self, each: Advice, language: Language) -> str:
        zh = language == "zh"
        said = each.why_zh if zh else each.why
        if others := [other[zh] for other in each.others]:
            said += ("其他方案：" if zh else " Other ways: ") + "; ".join(others)
            said += "。" if zh else "."
        return said

    def grid(self) -> Grid:
        """Return one row for every item."""
        columns = (
            Column("item", "物料"),
            Column("on hand", "现有", "quantity"),
            Column("reserved", "已预留", "quantity"),
            Column("on order", "在途", "quantity"),
            Column("projected", "预计结存", "quantity"),
            Column("minimum", "再订货点", "quantity"),
            Column("target", "目标库存", "quantity"),
            Column("demand a day", "日均需求", "quantity"),
            Column("cover (days)", "可用天数", "number"),
            Column("risk of running out", "断货风险", "percent"),
            Column("order", "建议订购", "quantity"),
            Column("supplier", "供应商"),
            Column("arrives", "到货", "date"),
            *([Column("unit price", "单价", self.currency)] if self.with_prices else []),
        )
        rows = tuple(
            (
                *(each.sku, each.on_hand, each.reserved, each.on_order, each.projected),
                *(each.minimum, each.target, each.demand_per_day, each.cover_days),
                *(each.risk_percent, each.quantity, each.supplier, each.arrives_on),
                *([each.unit_price] if self.with_prices else []),
            )
            for each in self.items
        )
        return Grid(columns, rows)


def plan_replenishment(session: Session, arguments: PlanReplenishment) -> Advised:
    """Read the figures; an item that is asked for is explained in any case."""
    if arguments.item is not None:
        found = replenishment.explain(session, catalog.find_item(session, arguments.item))
    else:
        found = replenishment.plan(session)
    if arguments.supplier is not None:
        wanted = parties.find_supplier(session, arguments.supplier).party_id
        found = [each for each in found if each.choice and each.choice.supplier_id == wanted]
    priced = sees_costs(session)
    return Advised(
        items=[_advice(each, priced=priced) for each in found],
        is_of_one=arguments.item is not None,
        currency=company(session).currency,
        with_prices=priced,
    )


def _advice(each: Suggested, *, priced: bool) -> Advice:
    sums, choice = each.arithmetic, each.choice
    return Advice(
        sku=each.sku,
        why=why(each, "en", with_prices=priced),
        why_zh=why(each, "zh", with_prices=priced),
        on_hand=each.on_hand,
        reserved=each.reserved,
        on_order=each.on_order,
        projected=sums.need.projected,
        minimum=each.minimum,
        target=each.target,
        missing=each.missing,
        quantity=each.quantity if each.missing > 0 else Decimal(0),
        demand_per_day=Decimal(figure(sums.demand.mean)),
        lead_time_days=Decimal(figure(sums.lead_time.mean)),
        cover_days=None if sums.cover_days is None else Decimal(figure(sums.cover_days)),
        risk_percent=Decimal(figure(sums.risk_percent)),
        supplier=choice.supplier if choice else None,
        arrives_on=choice.arrives_on if choice else None,
        unit_price=choice.unit_price if choice and priced else None,
        others=_other_ways(each, priced=priced) if each.missing > 0 else [],
    )


def _other_ways(each: Suggested, *, priced: bool) -> list[tuple[str, str]]:
    """Say what else could be done and what that changes, in both languages."""
    ways: list[tuple[str, str]] = []
    if each.transfer is not None:
        quantity, source = plain(each.transfer.quantity), each.transfer.source
        ways.append((f"transfer {quantity} from {source}", f"从 {source} 调拨 {quantity}"))
    for other in each.others:
        price = f" × {plain(other.unit_price)} {other.currency}" if priced else ""
        quantity = f"{plain(other.quantity)}{price}"
        ways.append(
            (
                f"{other.supplier}: {quantity}, there about {other.arrives_on}",
                f"{other.supplier}：{quantity}，约 {other.arrives_on} 到货",
            )
        )
    if each.price_break is not None and priced:
        step = each.price_break
        saving = figure(step.saving)
        kept = "∞" if step.carrying is None else figure(step.carrying)
        quantity, price = plain(step.choice.quantity), plain(step.choice.unit_price)
        ways.append(
            (
                f"{quantity} at {price}: saves {saving}, costs {kept} to keep",
                f"订 {quantity}，单价 {price}：节省 {saving}，持有成本 {kept}",
            )
        )
    risk = figure(each.arithmetic.risk_percent)
    ways.append((f"wait: {risk} % risk of running out", f"等待：断货风险 {risk}%"))
    return ways


class PlannedLine(Arguments):
    """An item to order, how much, and from whom."""

    item: ItemRef
    quantity: Count
    supplier: SupplierRef


class OrderSuggested(Arguments):
    """Order everything that replenishment suggests, one order for each supplier."""

    supplier: SupplierRef | None = Field(default=None, description="Only from this supplier.")
    lines: list[PlannedLine] = Field(
        default=[], max_length=LINES_MAX, description="Leave empty for what is suggested now."
    )


class SuggestedOrdered(Answer):
    """The orders that were placed."""

    orders: list[tuple[str, str, Money]]
    lines: int

    def sentence(self, language: Language = "en") -> str:
        """Say which orders, with whom, and over how much."""
        each = [f"{number} {supplier} {total}" for number, supplier, total in self.orders]
        if language == "zh":
            return f"已下 {len(each)} 张采购订单，共 {self.lines} 行：{'；'.join(each)}。"
        orders = "1 order" if len(each) == 1 else f"{len(each)} orders"
        return f"{orders} placed with {self.lines} lines: {'; '.join(each)}."


def pin_suggested(session: Session, arguments: OrderSuggested) -> OrderSuggested:
    """Write down what is suggested now, so that exactly that is approved."""
    if arguments.lines:
        return arguments
    wanted = (
        parties.find_supplier(session, arguments.supplier).party_id if arguments.supplier else None
    )
    lines = [
        PlannedLine(
            item=each.sku, quantity=each.choice.quantity, supplier=each.choice.supplier_number
        )
        for each in replenishment.plan(session)
        if each.choice is not None and wanted in {None, each.choice.supplier_id}
    ]
    if not lines:
        raise NothingToReplenish
    return arguments.model_copy(update={"lines": lines[:LINES_MAX]})


def order_suggested(session: Session, arguments: OrderSuggested) -> SuggestedOrdered:
    """Place one order with each supplier."""
    chosen = pin_suggested(session, arguments)
    orders = []
    for supplier, lines in _by_supplier(chosen.lines):
        drafts = [
            OrderLineDraft(catalog.find_item(session, each.item), each.quantity) for each in lines
        ]
        seller = parties.find_supplier(session, supplier)
        order = procure_to_pay.place_order(session, supplier=seller, lines=drafts)
        total = Money(order.total_minor, order.currency)
        orders.append((order.number, seller.party.name, total))
    return SuggestedOrdered(orders=orders, lines=len(chosen.lines))


def _by_supplier(lines: Iterable[PlannedLine]) -> list[tuple[str, list[PlannedLine]]]:
    grouped: dict[str, list[PlannedLine]] = defaultdict(list)
    for line in lines:
        grouped[line.supplier].append(line)
    return sorted(grouped.items())


def undo_suggested(
    _session: Session, _arguments: OrderSuggested, answer: dict[str, Any]
) -> Undoing:
    """Cancel the orders."""
    return Undoing(
        tuple(
            Call(CANCEL, CancelOrder(order=number, because="undo"))
            for number, *_ in answer["orders"]
        )
    )


def cases_ordered(
    _session: Session, _arguments: OrderSuggested, answer: dict[str, Any] | None
) -> list[str] | None:
    """Return the orders that the cases are known by from now on."""
    return None if answer is None else [str(number) for number, *_ in answer["orders"]]


TOOLS = [
    Tool(
        "inventory.list_shortages",
        ListShortages,
        list_shortages,
        writes=False,
        title="Shortages",
        title_zh="缺料清单",
        roles=EVERYDAY,
    ),
    Tool(
        "replenishment.plan",
        PlanReplenishment,
        plan_replenishment,
        writes=False,
        title="Replenishment plan",
        title_zh="补货建议",
        roles=EVERYDAY,
    ),
    Tool(
        "replenishment.order_suggested",
        OrderSuggested,
        order_suggested,
        writes=True,
        title="Order what is suggested",
        title_zh="按建议补货下单",
        roles=BUYERS | {Role.WATCHER},
        pin=pin_suggested,
        undo=undo_suggested,
        duty=Duty(DutyName.ORDER, cases_ordered),
    ),
]
