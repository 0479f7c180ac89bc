"""Tools of quotations: offer, change, send, turn into an order."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties, sales
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money, plain
from core.kernel.words import word
from core.processes import opportunity_to_order, order_to_cash
from core.sales import QuotationView, QuoteLineDraft, QuoteTerms
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Currency,
    Day,
    Grid,
    ItemRef,
    Percent,
    Price,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.missing import Missing, missing_of
from tools.references import PartyRef
from tools.sales import CANCEL, CancelOrder
from tools.trade import READERS, SELLERS, Because, QuotationRef, counted, part_of

DECLINE = "sales.decline_quotation"
SENT_STAYS = (
    "what was sent stays on record; change it, or note that it is declined",
    "已发送的报价保留在案；可修改报价或登记拒绝",
)
QUOTE_ANEW = ("make a new quotation instead", "请另建报价单")
CHANGE_BACK = ("change it again instead", "请再次修改")


class QuotedItem(Arguments):
    """One item of a quotation."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    unit_price: Price | None = Field(
        default=None, description="Leave empty for the customer's price list."
    )
    discount_percent: Percent = Decimal(0)
    optional: bool = Field(default=False, description="Ordered only if the customer says so.")
    instead_of: int | None = Field(
        default=None, ge=1, le=500, description="The line that it is an alternative to."
    )


class QuoteItems(Arguments):
    """Quote items to a customer or to somebody who may become one: draft a quotation."""

    party: PartyRef = Field(description="Number or name of whom it is for.")
    lines: tuple[QuotedItem, ...] = Field(
        min_length=1, max_length=100, description="What to offer, and how much of it."
    )
    discount_percent: Percent = Field(default=Decimal(0), description="Off all of it.")
    valid_until: Day | None = Field(default=None, description="Leave empty for 30 days.")
    promised_on: Day | None = Field(default=None, description="When it would be delivered.")
    reference: Text | None = Field(default=None, description="The customer's own number.")
    notes: Words | None = Field(default=None, description="What to say to the customer.")
    currency: Currency | None = Field(
        default=None, description="Leave empty for what the customer buys in."
    )


class QuotationShown(Answer):
    """A quotation with its lines."""

    quotation: QuotationView

    def sentence(self, language: Language = "en") -> str:
        """Say for whom, how far it is, what it comes to, and until when it is valid."""
        view = self.quotation
        state = word(view.state, language)
        version = f" v{view.version}" if view.newest > 1 else ""
        orders = ", ".join(view.orders)
        if language == "zh":
            said = f"{view.number}{version}：{view.party_zh or view.party}，{state}，{view.total}"
            return f"{said}，有效期至 {view.valid_until}{f'；订单 {orders}' if orders else ''}。"
        said = f"{view.number}{version} for {view.party} is {state}, {view.total}"
        said += f", valid until {view.valid_until}"
        return f"{said}; ordered by {orders}." if orders else f"{said}."

    def notes(self, language: Language = "en") -> list[str]:
        """Say what the newest version changed."""
        told = [f"– {line}" for line in self.quotation.gone]
        told += [f"+ {line}" for line in self.quotation.added]
        before = "与上一版相比：" if language == "zh" else "Against the version before: "
        return [before + "; ".join(told)] if told else []

    def grid(self) -> Grid:
        """Return one row for every line."""
        currency = self.quotation.total.currency
        columns = (
            Column("position", "行号", "number"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("unit price", "单价", currency),
            Column("discount", "折扣", "percent"),
            Column("net", "净额", currency),
            Column("option", "可选"),
            Column("ordered", "已订购", "quantity"),
        )
        rows = tuple(
            (
                *(line.position, line.sku, line.name, line.quantity, line.unit_price),
                *(line.discount_percent, line.net_amount, _choice(line), line.ordered),
            )
            for line in self.quotation.lines
        )
        return Grid(columns, rows)


def _choice(line: Any) -> str:  # noqa: ANN401  # A line of a view.
    if line.instead_of is not None:
        return f"⇄ {line.instead_of}"
    return "?" if line.optional else ""


def _shown(session: Session, number: str, version: int | None = None) -> QuotationShown:
    return QuotationShown(quotation=sales.view_quotation(session, number, version=version))


def _drafts(session: Session, lines: Sequence[QuotedItem]) -> list[QuoteLineDraft]:
    items = catalog.find_items(session, [line.item for line in lines])
    return [
        QuoteLineDraft(
            item,
            line.quantity,
            line.unit_price,
            line.discount_percent,
            optional=line.optional,
            instead_of=line.instead_of,
        )
        for item, line in zip(items, lines, strict=True)
    ]


def _named(session: Session, lines: Sequence[QuotedItem]) -> tuple[QuotedItem, ...]:
    items = catalog.find_items(session, [line.item for line in lines])
    return tuple(
        line.model_copy(update={"item": item.sku}) for line, item in zip(lines, items, strict=True)
    )


def pin_quote(session: Session, arguments: QuoteItems) -> QuoteItems:
    """Write whom and what we mean as we call them."""
    party = parties.find_party(session, arguments.party)
    lines = _named(session, arguments.lines)
    return arguments.model_copy(update={"party": party.number, "lines": lines})


def quote_items(session: Session, arguments: QuoteItems) -> QuotationShown:
    """Draft it."""
    quotation = sales.quote(
        session,
        party=parties.find_party(session, arguments.party),
        lines=_drafts(session, arguments.lines),
        terms=QuoteTerms(
            valid_until=arguments.valid_until,
            promised_on=arguments.promised_on,
            discount_percent=arguments.discount_percent,
            notes=arguments.notes,
            currency=arguments.currency,
        ),
        reference=arguments.reference,
    )
    return _shown(session, quotation.number)


def undo_quote(_session: Session, _arguments: QuoteItems, answer: dict[str, Any]) -> Undoing:
    """Note that it is not wanted."""
    number = answer["quotation"]["number"]
    call = DeclineQuotation(quotation=number, because="undo")
    return Undoing((Call(DECLINE, call),))


class ChangeQuotation(Arguments):
    """Change a quotation; one that was sent gets a new version."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")
    lines: tuple[QuotedItem, ...] = Field(
        default=(), max_length=100, description="All its lines anew; leave empty to keep them."
    )
    discount_percent: Percent | None = Field(default=None, description="Off all of it.")
    valid_until: Day | None = None
    promised_on: Day | None = Field(default=None, description="When it would be delivered.")
    notes: Words | None = Field(default=None, description="What to say to the customer.")


def pin_change(session: Session, arguments: ChangeQuotation) -> ChangeQuotation:
    """Write what we mean as we call it."""
    number = sales.view_quotation(session, arguments.quotation).number
    lines = _named(session, arguments.lines)
    return arguments.model_copy(update={"quotation": number, "lines": lines})


def change_quotation(session: Session, arguments: ChangeQuotation) -> QuotationShown:
    """Change it; what is not said stays."""
    now, today = sales.view_quotation(session, arguments.quotation), company(session).today
    kept = now.valid_until if now.valid_until >= today else None
    discount = arguments.discount_percent
    terms = QuoteTerms(
        valid_until=arguments.valid_until or kept,
        promised_on=arguments.promised_on or now.promised_on,
        discount_percent=now.discount_percent if discount is None else discount,
        notes=arguments.notes or now.notes,
        currency=now.total.currency,
    )
    lines = _drafts(session, arguments.lines) if arguments.lines else None
    sales.change_quotation(session, now.number, lines=lines, terms=terms)
    opportunity_to_order.follow_quotation(session, now.number)
    return _shown(session, now.number)


def undo_change(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=CHANGE_BACK)


class RenewQuotation(Arguments):
    """Let a quotation be valid for longer, as it is."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")
    valid_until: Day = Field(description="Its new last day.")


def renew_quotation(session: Session, arguments: RenewQuotation) -> QuotationShown:
    """Renew it."""
    quotation = sales.renew_quotation(
        session, arguments.quotation, valid_until=arguments.valid_until
    )
    return _shown(session, quotation.number)


class SendQuotation(Arguments):
    """Note that a quotation goes out to the customer as it is."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")


def send_quotation(session: Session, arguments: SendQuotation) -> QuotationShown:
    """Note it."""
    return _shown(session, sales.send_quotation(session, arguments.quotation).number)


def undo_send(_session: Session, _arguments: SendQuotation, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=SENT_STAYS)


class AcceptQuotation(Arguments):
    """Turn a quotation into a sales order at its prices, all of it or a part."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all but the options.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")
    positions: tuple[int, ...] = Field(
        default=(), max_length=500, description="Lines to order, options and alternatives too."
    )
    reference: Text | None = Field(default=None, description="The customer's own order number.")


class QuotationOrdered(Answer):
    """A sales order that was made of a quotation."""

    number: str
    quotation: str
    customer: str
    goods: list[tuple[str, Decimal, Decimal]]
    total: Money
    promised_on: date
    missing: Missing = Field(default_factory=Missing)

    def sentence(self, language: Language = "en") -> str:
        """Say what was ordered."""
        goods = ", ".join(
            f"{counted(much, sku)} @ {plain(price)}" for sku, much, price in self.goods
        )
        if language == "zh":
            return (
                f"{self.number}（{self.quotation}）：{self.customer} 订购 {goods}，"
                f"合计 {self.total}，承诺 {self.promised_on} 交货"
                f"{self.missing.sentence('zh')}。"
            )
        return (
            f"{self.number} of {self.quotation}: {goods} for {self.customer}, {self.total} in all,"
            f" promised for {self.promised_on}{self.missing.sentence()}."
        )


def accept_quotation(session: Session, arguments: AcceptQuotation) -> QuotationOrdered:
    """Order it."""
    view = sales.view_quotation(session, arguments.quotation)
    left = {line.position: line.quantity - line.ordered for line in view.lines}
    quantities = None
    if arguments.positions:
        quantities = {place: left.get(place, Decimal(1)) for place in arguments.positions}
    elif arguments.item is not None or arguments.quantity is not None:
        sku = arguments.item and catalog.find_item(session, arguments.item).sku
        quantities = part_of(
            [(line, left[line.position]) for line in view.lines],
            sku=sku,
            quantity=arguments.quantity,
        )
    order = order_to_cash.accept_quotation(
        session, view.number, quantities=quantities, reference=arguments.reference
    )
    opportunity_to_order.follow_order(session, view.number, order)
    made = sales.view_order(session, order.number)
    return QuotationOrdered(
        number=made.number,
        quotation=view.number,
        customer=made.customer,
        goods=[(line.sku, line.quantity, line.unit_price) for line in made.lines],
        total=made.total,
        promised_on=made.promised_on,
        missing=missing_of(session, made.number),
    )


def undo_accept(_session: Session, _arguments: AcceptQuotation, answer: dict[str, Any]) -> Undoing:
    """Cancel the order."""
    return Undoing((Call(CANCEL, CancelOrder(order=answer["number"], because="undo")),))


class DeclineQuotation(Arguments):
    """Note that a customer does not want what we quoted, and why."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")
    because: Because = Field(description="Why they do not want it.")


def decline_quotation(session: Session, arguments: DeclineQuotation) -> QuotationShown:
    """Note it."""
    quotation = sales.decline_quotation(session, arguments.quotation, because=arguments.because)
    return _shown(session, quotation.number)


def undo_decline(_session: Session, _arguments: DeclineQuotation, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=QUOTE_ANEW)


class ShowQuotation(Arguments):
    """Show a quotation: its lines, its version, and what was ordered of it."""

    quotation: QuotationRef = Field(description="The quotation, such as QU-00042.")
    version: int | None = Field(
        default=None, ge=1, le=999, description="Leave empty for the newest."
    )


def show_quotation(session: Session, arguments: ShowQuotation) -> QuotationShown:
    """Read it."""
    return _shown(session, arguments.quotation, arguments.version)


def pin_quotation(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the quotation, and the item if there is one, as we call them."""
    chosen = {"quotation": sales.view_quotation(session, arguments.quotation).number}
    if getattr(arguments, "item", None) is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


TOOLS = [
    Tool(
        "sales.quote_items",
        QuoteItems,
        quote_items,
        writes=True,
        title="Quote",
        title_zh="报价",
        roles=SELLERS | {Role.WATCHER},
        pin=pin_quote,
        undo=undo_quote,
    ),
    Tool(
        "sales.change_quotation",
        ChangeQuotation,
        change_quotation,
        writes=True,
        title="Change quotation",
        title_zh="修改报价单",
        roles=SELLERS,
        pin=pin_change,
        undo=undo_change,
    ),
    Tool(
        "sales.renew_quotation",
        RenewQuotation,
        renew_quotation,
        writes=True,
        title="Renew quotation",
        title_zh="延长报价有效期",
        roles=SELLERS,
        pin=pin_quotation,
        undo=undo_change,
    ),
    Tool(
        "sales.send_quotation",
        SendQuotation,
        send_quotation,
        writes=True,
        title="Send quotation",
        title_zh="发送报价单",
        roles=SELLERS,
        pin=pin_quotation,
        undo=undo_send,
    ),
    Tool(
        "sales.accept_quotation",
        AcceptQuotation,
        accept_quotation,
        writes=True,
        title="Order quotation",
        title_zh="报价转订单",
        roles=SELLERS,
        pin=pin_quotation,
        undo=undo_accept,
    ),
    Tool(
        DECLINE,
        DeclineQuotation,
        decline_quotation,
        writes=True,
        title="Decline quotation",
        title_zh="报价被拒",
        roles=SELLERS,
        pin=pin_quotation,
        undo=undo_decline,
    ),
    Tool(
        "sales.show_quotation",
        ShowQuotation,
        show_quotation,
        writes=False,
        title="Show quotation",
        title_zh="查看报价单",
        roles=READERS,
    ),
]
