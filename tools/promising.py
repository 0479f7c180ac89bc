"""The tool of promises: when goods can go, and why not sooner."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.semantics import EVERYDAY
from core.kernel.words import word
from core.processes.plan_to_produce import producing
from core.processes.promising import PromiseSource, promise
from core.sales import OrderLineDraft
from tools.base import Answer, Arguments, Column, Count, CustomerRef, Grid, ItemRef, Tool
from tools.reordering import WarehouseRef, called


class PromiseDate(Arguments):
    """Tell when a quantity of an item can be delivered: from stock, from what comes, or bought."""

    item: ItemRef
    quantity: Count = Field(default=Decimal(1))
    customer: CustomerRef | None = Field(default=None, description="For whom, if it matters.")
    location: WarehouseRef | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )


class PartPromised(Answer):
    """A part that can go on a day."""

    on: date
    quantity: Decimal
    source: PromiseSource
    because: str


class DatePromised(Answer):
    """When the goods can go; `on` is empty where nobody can bring all of them."""

    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    customer: str | None
    on: date | None
    unpromised: Decimal
    parts: list[PartPromised]

    def sentence(self, language: Language = "en") -> str:
        """Say the day of all of it, and where each part comes from."""
        item = called(self.sku, self.name, self.name_zh, language)
        return (self._zh if language == "zh" else self._en)(item)

    def _en(self, item: str) -> str:
        whom = f" for {self.customer}" if self.customer else ""
        goods = f"{plain(self.quantity)} × {item}{whom}"
        parts = "; ".join(
            f"{plain(part.quantity)} on {part.on} {word(part.source, 'en')}"
            + (f" ({part.because})" if part.because else "")
            for part in self.parts
        )
        if self.on is not None:
            return f"{goods} can go on {self.on}: {parts}."
        left = f"{plain(self.unpromised)} cannot be promised: nobody offers it"
        return f"{goods}: {parts + '; ' if parts else ''}{left}."

    def _zh(self, item: str) -> str:
        whom = f"（{self.customer}）" if self.customer else ""
        goods = f"{item} × {plain(self.quantity)}{whom}"
        parts = "；".join(
            f"{part.on} {word(part.source, 'zh')} {plain(part.quantity)}"
            + (f"（{part.because}）" if part.because else "")
            for part in self.parts
        )
        if self.on is not None:
            return f"{goods} 可于 {self.on} 发货：{parts}。"
        left = f"{plain(self.unpromised)} 无法承诺：没有供应商报价"
        return f"{goods}：{parts + '；' if parts else ''}{left}。"

    def grid(self) -> Grid:
        """Return one row for every part."""
        columns = (
            Column("date", "日期", "date"),
            Column("quantity", "数量", "quantity"),
            Column("source", "来源"),
            Column("because", "原因"),
        )
        rows = tuple((part.on, part.quantity, part.source, part.because) for part in self.parts)
        return Grid(columns, rows)


def promise_date(session: Session, arguments: PromiseDate) -> DatePromised:
    """Reckon with everything that is known; nothing is reserved."""
    item = catalog.find_item(session, arguments.item)
    place = inventory.find_location(session, arguments.location) if arguments.location else None
    buyer = parties.find_customer(session, arguments.customer) if arguments.customer else None
    drafts = [OrderLineDraft(item, arguments.quantity)]
    [line] = promise(session, drafts, location=place, producing=producing).lines
    return DatePromised(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        quantity=arguments.quantity,
        customer=buyer.party.name if buyer else None,
        on=line.on,
        unpromised=line.unpromised,
        parts=[
            PartPromised(
                on=part.on, quantity=part.quantity, source=part.source, because=part.because
            )
            for part in line.parts
        ],
    )


TOOLS = [
    Tool(
        "sales.promise_date",
        PromiseDate,
        promise_date,
        writes=False,
        title="Promise a date",
        title_zh="可承诺交期",
        roles=EVERYDAY,
    ),
]
