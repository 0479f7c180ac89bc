"""Tools of returns: allow, receive, credit, give up, and see what is still to come back."""

from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties, sales
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.words import word
from core.processes import order_to_cash
from core.sales import Resolution, ReturnLineDraft, ReturnView
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    CustomerRef,
    Grid,
    ItemRef,
    Percent,
    Price,
    Tool,
    Undoing,
)
from tools.sales import meant_lines
from tools.trade import (
    BOOKKEEPERS,
    READERS,
    STOREKEEPERS,
    Because,
    DeliveryRef,
    LocationRef,
    SalesReturnRef,
    counted,
    part_of,
)

CANCEL = "sales.cancel_return"
DELIVER_AGAIN = ("deliver the goods again instead", "请改为重新发货")
INVOICE_AGAIN = ("invoice it again instead", "请改为重新开票")
ALLOW_ANEW = ("allow the return anew instead", "请重新登记退货")


class ReturnedItem(Arguments):
    """One item that may come back."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    unit_price: Price | None = Field(
        default=None, description="Only without a delivery: what it was sold for."
    )


class AuthoriseReturn(Arguments):
    """Allow a customer to send goods back: of a delivery, or without one."""

    delivery: DeliveryRef | None = Field(
        default=None, description="The delivery that they left with, such as DN-00042."
    )
    customer: CustomerRef | None = Field(
        default=None, description="Who sends them back, where no delivery is known."
    )
    item: ItemRef | None = Field(default=None, description="Leave empty for all of the delivery.")
    quantity: Count | None = None
    lines: tuple[ReturnedItem, ...] = Field(
        default=(), max_length=100, description="Several items, instead of one."
    )
    replace: bool = Field(default=False, description="It is to be delivered again.")
    fee_percent: Percent = Field(
        default=Decimal(0), description="What we keep of the price for taking it back."
    )
    because: Because = Field(description="Why it comes back.")


class ReturnShown(Answer):
    """A return with its lines."""

    order_return: ReturnView
    credit_notes: list[str] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say whose it is, how far it is, and what is still to come."""
        view, state = self.order_return, word(self.order_return.state, language)
        missing = ", ".join(
            counted(left, line.sku)
            for line in view.lines
            if (left := line.quantity - line.received)
        )
        notes = ", ".join(self.credit_notes)
        if language == "zh":
            said = f"{view.number}（{view.customer}）：{state}"
            said += f"，待退回 {missing}" if missing else ""
            return f"{said}；贷项通知单 {notes}。" if notes else f"{said}。"
        said = f"{view.number} of {view.customer} is {state}"
        said += f"; still to come: {missing}" if missing else ""
        return f"{said}; credited by {notes}." if notes else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (
            Column("position", "行号", "number"),
            Column("item", "物料"),
            Column("name", "名称"),
            Column("quantity", "数量", "quantity"),
            Column("received", "已收货", "quantity"),
            Column("credited", "已冲销", "quantity"),
        )
        rows = tuple(
            (line.position, line.sku, line.name, line.quantity, line.received, line.credited)
            for line in self.order_return.lines
        )
        return Grid(columns, rows)


def _shown(session: Session, number: str, notes: list[str] | None = None) -> ReturnShown:
    view = sales.view_return(session, number)
    return ReturnShown(order_return=view, credit_notes=notes or [])


def pin_authorise(session: Session, arguments: AuthoriseReturn) -> AuthoriseReturn:
    """Write what is meant as we call it."""
    chosen: dict[str, Any] = {}
    if arguments.delivery is not None:
        chosen["delivery"] = sales.view_delivery(session, arguments.delivery).number
    if arguments.customer is not None:
        buyer = parties.find_customer(session, arguments.customer)
        chosen["customer"] = buyer.party.number
    if arguments.item is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    chosen["lines"] = tuple(
        line.model_copy(update={"item": item.sku})
        for line, item in zip(arguments.lines, items, strict=True)
    )
    return arguments.model_copy(update=chosen)


def authorise_return(session: Session, arguments: AuthoriseReturn) -> ReturnShown:
    """Allow it."""
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    lines = [
        ReturnLineDraft(item, line.quantity, line.unit_price)
        for item, line in zip(items, arguments.lines, strict=True)
    ]
    if not lines and (arguments.item is not None or arguments.quantity is not None):
        if arguments.delivery is not None:
            view = sales.view_delivery(session, arguments.delivery)
            lines = meant_lines(session, view, arguments.item, arguments.quantity)
        elif arguments.item is not None:
            item = catalog.find_item(session, arguments.item)
            lines = [ReturnLineDraft(item, arguments.quantity or Decimal(1))]
    buyer = arguments.customer and parties.find_customer(session, arguments.customer)
    given = sales.authorise_return(
        session,
        delivery=arguments.delivery,
        customer=buyer or None,
        lines=lines,
        resolution=Resolution.REPLACE if arguments.replace else Resolution.CREDIT,
        fee_percent=arguments.fee_percent,
        because=arguments.because,
    )
    return _shown(session, given.number)


def undo_authorise(
    _session: Session, _arguments: AuthoriseReturn, answer: dict[str, Any]
) -> Undoing:
    """Give it up."""
    number = answer["order_return"]["number"]
    call = CancelReturn(order_return=number, because="undo")
    return Undoing((Call(CANCEL, call),))


class ReceiveReturn(Arguments):
    """Take in what comes back by a return, all or a part, and credit it."""

    order_return: SalesReturnRef = Field(description="The return, such as RT-00042.")
    item: ItemRef | None = Field(default=None, description="Leave empty for all of it.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")
    location: LocationRef | None = Field(
        default=None, description="Where it goes: empty for the warehouse it left from."
    )
    scrap: bool = Field(default=False, description="It is thrown away.")
    credit_later: bool = Field(default=False, description="Receive it now, credit it later.")


def receive_return(session: Session, arguments: ReceiveReturn) -> ReturnShown:
    """Take it in."""
    view = sales.view_return(session, arguments.order_return)
    sku = arguments.item and catalog.find_item(session, arguments.item).sku
    place = arguments.location and inventory.find_location(session, arguments.location)
    left = [(line, line.quantity - line.received) for line in view.lines]
    order_to_cash.receive_return(
        session,
        view.number,
        quantities=part_of(left, sku=sku, quantity=arguments.quantity),
        location=place or None,
        scrapped=arguments.scrap,
        credits_now=not arguments.credit_later,
    )
    return _shown(session, view.number)


def undo_receive(_session: Session, _arguments: ReceiveReturn, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=DELIVER_AGAIN)


class CreditReturn(Arguments):
    """Credit what came back by a return and is not credited yet."""

    order_return: SalesReturnRef = Field(description="The return, such as RT-00042.")


def credit_return(session: Session, arguments: CreditReturn) -> ReturnShown:
    """Credit it."""
    notes = sales.credit_return(session, arguments.order_return)
    number = sales.view_return(session, arguments.order_return).number
    return _shown(session, number, [note.number for note in notes])


def undo_credit(_session: Session, _arguments: CreditReturn, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=INVOICE_AGAIN)


class CancelReturn(Arguments):
    """Give up a return by which nothing has come back."""

    order_return: SalesReturnRef = Field(description="The return, such as RT-00042.")
    because: Because = Field(description="Why nothing comes back.")


def cancel_return(session: Session, arguments: CancelReturn) -> ReturnShown:
    """Give it up."""
    given = sales.cancel_return(session, arguments.order_return, because=arguments.because)
    return _shown(session, given.number)


def undo_cancel(_session: Session, _arguments: CancelReturn, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=ALLOW_ANEW)


class ShowReturn(Arguments):
    """Show a return: what may come back, what did, and what of that is credited."""

    order_return: SalesReturnRef = Field(description="The return, such as RT-00042.")


def show_return(session: Session, arguments: ShowReturn) -> ReturnShown:
    """Read it."""
    return _shown(session, arguments.order_return)


def pin_return(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the return, and the item if there is one, as we call them."""
    chosen = {"order_return": sales.view_return(session, arguments.order_return).number}
    if getattr(arguments, "item", None) is not None:
        chosen["item"] = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


_HANDS = STOREKEEPERS | {Role.SALES, Role.SERVICE}
TOOLS = [
    Tool(
        "sales.authorise_return",
        AuthoriseReturn,
        authorise_return,
        writes=True,
        title="Allow return",
        title_zh="同意退货",
        roles=_HANDS,
        pin=pin_authorise,
        undo=undo_authorise,
    ),
    Tool(
        "sales.receive_return",
        ReceiveReturn,
        receive_return,
        writes=True,
        title="Receive return",
        title_zh="退货收货",
        roles=_HANDS,
        pin=pin_return,
        undo=undo_receive,
    ),
    Tool(
        "sales.credit_return",
        CreditReturn,
        credit_return,
        writes=True,
        title="Credit return",
        title_zh="退货冲销",
        roles=BOOKKEEPERS | {Role.SALES},
        pin=pin_return,
        undo=undo_credit,
    ),
    Tool(
        CANCEL,
        CancelReturn,
        cancel_return,
        writes=True,
        title="Cancel return",
        title_zh="取消退货",
        roles=_HANDS,
        pin=pin_return,
        undo=undo_cancel,
    ),
    Tool(
        "sales.show_return",
        ShowReturn,
        show_return,
        writes=False,
        title="Show return",
        title_zh="查看退货单",
        roles=READERS,
    ),
]
