"""Tools of bills of materials: say what an item is made of, explode it, and find its uses."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, manufacturing
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain, rounded
from core.kernel.semantics import COSTS
from core.manufacturing import boms
from core.manufacturing.boms import BillOfMaterials, ByProductDraft, ComponentDraft, IssueMethod
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    never,
)
from tools.trade import LEADERS, READERS, UnitRef, counted

MAKERS = LEADERS | {Role.PRODUCTION}
WITHDRAW = "manufacturing.withdraw_bill"
DEFINE_ANEW = ("define the bill of materials anew instead", "请重新定义物料清单")
BillRef = Annotated[Text, Ref("bill_of_materials")]
_COST_DIGITS = 4


class BomPart(Arguments):
    """So much of an item in what is made."""

    item: ItemRef = Field(description="SKU or name of the component.")
    quantity: Count = Decimal(1)
    unit: UnitRef | None = Field(default=None, description="Leave empty for the item's own unit.")
    scrap_percent: Percent = Field(
        default=Decimal(0), description="How much more is taken, because some of it is lost."
    )
    backflush: bool = Field(
        default=False, description="Taken as the output is reported, not as the work starts."
    )


class BomBesides(Arguments):
    """What else comes out."""

    item: ItemRef = Field(description="SKU or name of the by-product.")
    quantity: Count = Decimal(1)
    cost_share_percent: Percent = Field(
        default=Decimal(0), description="The share of the whole cost that it bears."
    )


class DefineBill(Arguments):
    """Define a bill of materials: say what an item is made of, from a day on."""

    item: ItemRef = Field(description="SKU or name of the item that is made.")
    lines: tuple[BomPart, ...] = Field(
        min_length=1, max_length=200, description="What goes in, and how much of each."
    )
    makes: Count = Field(default=Decimal(1), description="For how many of the item that is.")
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")
    alternative: Text | None = Field(
        default=None, description="The name of another way to make it; empty for the usual one."
    )
    phantom: bool = Field(default=False, description="Never made by itself, only a part of others.")
    yield_percent: Percent = Field(default=Decimal(100), description="How much comes out good.")
    tolerance_percent: Percent | None = Field(
        default=None, description="How far the output of an order may lie off its quantity."
    )
    lead_time_days: int = Field(default=0, ge=0, le=730, description="How long making it takes.")
    by_products: tuple[BomBesides, ...] = Field(default=(), max_length=20)


class BillSaid(Answer):
    """What an item is made of."""

    number: str
    sku: str
    name: str
    version: int
    makes: Decimal
    components: list[tuple[str, str, Decimal, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say what goes in."""
        between = "、" if language == "zh" else ", "
        parts = between.join(f"{plain(much)} × {sku}" for sku, _, much, _ in self.components)
        if language == "zh":
            head = f"{self.number}：{plain(self.makes)} × {self.sku} {self.name}"
            return f"{head} 由 {parts} 组成（版本 {self.version}）。"
        head = f"{self.number}: {plain(self.makes)} × {self.sku} {self.name}"
        return f"{head} is made of {parts} (version {self.version})."

    def grid(self) -> Grid:
        """Return one row for every component."""
        columns = (
            Column("component", "组件"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("unit", "单位"),
        )
        return Grid(columns, tuple(self.components))


def define_bill(session: Session, arguments: DefineBill) -> BillSaid:
    """Define it."""
    item = catalog.find_item(session, arguments.item)
    drafts = [
        ComponentDraft(
            catalog.find_item(session, line.item),
            line.quantity,
            unit_code=line.unit,
            scrap_percent=line.scrap_percent,
            issue=IssueMethod.BACKFLUSH if line.backflush else IssueMethod.PICK,
        )
        for line in arguments.lines
    ]
    bill = boms.define_bill(
        session,
        item,
        drafts,
        output_quantity=arguments.makes,
        valid_from=arguments.valid_from,
        alternative=arguments.alternative or "",
        phantom=arguments.phantom,
        yield_percent=arguments.yield_percent,
        tolerance_percent=arguments.tolerance_percent,
        lead_time_days=arguments.lead_time_days,
        by_products=[
            ByProductDraft(
                catalog.find_item(session, each.item), each.quantity, each.cost_share_percent
            )
            for each in arguments.by_products
        ],
    )
    return _said(bill)


def pin_bill(session: Session, arguments: DefineBill) -> DefineBill:
    """Write the items by their SKUs, and the day."""
    lines = tuple(
        line.model_copy(update={"item": catalog.find_item(session, line.item).sku})
        for line in arguments.lines
    )
    chosen = {
        "item": catalog.find_item(session, arguments.item).sku,
        "lines": lines,
        "valid_from": arguments.valid_from or company(session).today,
    }
    return arguments.model_copy(update=chosen)


def undo_define(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Withdraw it."""
    return Undoing((Call(WITHDRAW, WithdrawBill(bill=answer["number"])),))


class WithdrawBill(Arguments):
    """Withdraw a bill of materials: nothing is made by it any more from today on."""

    bill: BillRef = Field(description="The bill of materials, such as BOM-00042.")


def withdraw_bill(session: Session, arguments: WithdrawBill) -> BillSaid:
    """Withdraw it."""
    return _said(boms.withdraw_bill(session, arguments.bill))


def _said(bill: BillOfMaterials) -> BillSaid:
    return BillSaid(
        number=bill.number,
        sku=bill.item.sku,
        name=bill.item.name,
        version=bill.version,
        makes=bill.output_quantity,
        components=[
            (part.item.sku, part.item.name, part.quantity, part.item.unit_code)
            for part in bill.components
        ],
    )


class ExplodeItem(Arguments):
    """Explode an item: show everything that goes into a quantity of it, level by level."""

    item: ItemRef = Field(description="SKU or name of the item that is made.")
    quantity: Count = Decimal(1)
    valid_from: Day | None = Field(
        default=None, description="As it is made on this day; leave empty for today."
    )


class Exploded(Answer):
    """Everything that goes into an item."""

    sku: str
    name: str
    quantity: Decimal
    lines: list[tuple[int, str, str, Decimal, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how much there is below it."""
        deep = max((line[0] for line in self.lines), default=0)
        if language == "zh":
            return (
                f"{plain(self.quantity)} × {self.sku} {self.name}：{len(self.lines)} 行，"
                f"{deep} 层。"
            )
        levels = "level" if deep == 1 else "levels"
        count = counted(self.quantity, self.sku)
        return f"{count} {self.name} takes {len(self.lines)} lines on {deep} {levels}."

    def grid(self) -> Grid:
        """Return one row for every component at every level."""
        columns = (
            Column("level", "层", "number"),
            Column("component", "组件"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("unit", "单位"),
            Column("its bill", "其物料清单"),
        )
        return Grid(columns, tuple(self.lines), levels=tuple(line[0] - 1 for line in self.lines))


def explode_item(session: Session, arguments: ExplodeItem) -> Exploded:
    """Explode it."""
    item = catalog.find_item(session, arguments.item)
    found = boms.explode(session, item, arguments.quantity, on=arguments.valid_from)
    return Exploded(
        sku=item.sku,
        name=item.name,
        quantity=arguments.quantity,
        lines=[
            (each.level, each.sku, each.name, each.quantity, each.unit_code, each.bill)
            for each in found
        ],
    )


class WhereUsed(Arguments):
    """Show where an item is used: everything that it goes into, directly and through others."""

    item: ItemRef = Field(description="SKU or name of the component.")


class UsedBy(Answer):
    """What an item goes into."""

    sku: str
    name: str
    uses: list[tuple[int, str, str, Decimal, str, date, date | None]]

    def sentence(self, language: Language = "en") -> str:
        """Say in how many items it is."""
        direct = [sku for level, sku, *_ in self.uses if level == 1]
        named = ", ".join(dict.fromkeys(direct))
        if language == "zh":
            if not self.uses:
                return f"{self.sku} {self.name} 未用于任何物料。"
            return f"{self.sku} {self.name} 用于：{named}。"
        if not self.uses:
            return f"{self.sku} {self.name} is used in nothing."
        return f"{self.sku} {self.name} is used in {named}."

    def grid(self) -> Grid:
        """Return one row for every use."""
        columns = (
            Column("level", "层", "number"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("quantity in one", "单位用量", "quantity"),
            Column("bill of materials", "物料清单"),
            Column("from", "自", "date"),
            Column("until", "至", "date"),
        )
        return Grid(columns, tuple(self.uses))


def where_used(session: Session, arguments: WhereUsed) -> UsedBy:
    """Find its uses."""
    item = catalog.find_item(session, arguments.item)
    return UsedBy(
        sku=item.sku,
        name=item.name,
        uses=[
            (
                each.level,
                each.sku,
                each.name,
                each.quantity,
                each.bill,
                each.valid_from,
                each.valid_until,
            )
            for each in boms.where_used(session, item)
        ],
    )


class RollUpCost(Arguments):
    """Tell what it costs to make an item: material, labour and overhead, level by level."""

    item: ItemRef = Field(description="SKU or name of the item that is made.")
    quantity: Count = Field(
        default=Decimal(1), description="How many are made together; they share the setup."
    )


class CostRolled(Answer):
    """What it costs to make an item."""

    sku: str
    name: str
    quantity: Decimal
    currency: str
    material: Decimal
    labour: Decimal
    overhead: Decimal
    total: Decimal
    unit_cost: Decimal
    unknown: list[str]
    lines: list[tuple[str, Decimal, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say what one of it costs and of what that is made up."""
        money = self.currency
        if language == "zh":
            said = (
                f"{plain(self.quantity)} × {self.sku} {self.name} 的生产成本为 {self.total} {money}"
                f"（材料 {self.material}，人工 {self.labour}，制造费用 {self.overhead}），"
                f"单位成本 {self.unit_cost}。"
            )
            return said + (f"没有成本的物料：{', '.join(self.unknown)}。" if self.unknown else "")
        said = (
            f"{plain(self.quantity)} × {self.sku} {self.name} costs {self.total} {money} to make"
            f" (material {self.material}, labour {self.labour}, overhead {self.overhead}):"
            f" {self.unit_cost} each."
        )
        return said + (f" Without a cost: {', '.join(self.unknown)}." if self.unknown else "")

    def grid(self) -> Grid:
        """Return one row for every component and operation."""
        columns = (
            Column("component or operation", "组件或工序"),
            Column("quantity", "数量", "quantity"),
            Column("cost", "成本", self.currency),
        )
        return Grid(columns, tuple(self.lines))


def roll_up_cost(session: Session, arguments: RollUpCost) -> CostRolled:
    """Add it up."""
    item = catalog.find_item(session, arguments.item)
    boms.bill_of(session, item)
    cost, ours = manufacturing.roll_up(session, item, quantity=arguments.quantity), company(session)

    def said(amount: Decimal) -> Decimal:
        return rounded(amount, _COST_DIGITS, ours.rounding).normalize() + Decimal("0.00")

    return CostRolled(
        sku=item.sku,
        name=item.name,
        quantity=arguments.quantity,
        currency=ours.currency,
        material=said(cost.material),
        labour=said(cost.labour),
        overhead=said(cost.overhead),
        total=said(cost.total),
        unit_cost=said(cost.unit_cost),
        unknown=list(cost.unknown),
        lines=[(line.name, line.quantity, said(line.cost)) for line in cost.lines],
    )


def pin_items(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the item by its SKU."""
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def pin_numbered(session: Session, arguments: WithdrawBill) -> WithdrawBill:
    """Write the bill by its number."""
    return arguments.model_copy(update={"bill": boms.find_bill(session, arguments.bill).number})


TOOLS = [
    Tool(
        "manufacturing.define_bill",
        DefineBill,
        define_bill,
        writes=True,
        title="Define bill of materials",
        title_zh="定义物料清单",
        roles=MAKERS,
        pin=pin_bill,
        undo=undo_define,
    ),
    Tool(
        WITHDRAW,
        WithdrawBill,
        withdraw_bill,
        writes=True,
        title="Withdraw bill of materials",
        title_zh="停用物料清单",
        roles=MAKERS,
        pin=pin_numbered,
        undo=never(DEFINE_ANEW),
    ),
    Tool(
        "manufacturing.explode",
        ExplodeItem,
        explode_item,
        writes=False,
        title="Explode item",
        title_zh="展开物料清单",
        roles=READERS,
    ),
    Tool(
        "manufacturing.where_used",
        WhereUsed,
        where_used,
        writes=False,
        title="Where used",
        title_zh="用途反查",
        roles=READERS,
    ),
    Tool(
        "manufacturing.roll_up_cost",
        RollUpCost,
        roll_up_cost,
        writes=False,
        title="Cost to make",
        title_zh="生产成本",
        roles=frozenset(COSTS),
    ),
]
