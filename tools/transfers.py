"""Tools of transfers: goods sent from one warehouse to another, under way until they arrive."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory
from core.inventory import transfers
from core.inventory.locations import MAIN
from core.inventory.transfers import Parcel, StockTransfer, TransferView
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.semantics import EVERYDAY
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.inventory import KEEPERS, LocationRef
from tools.trade import SayWhichItem

SHIP, RECEIVE, RETURN = "transfers.ship", "transfers.receive", "transfers.return"

TransferRef = Annotated[Text, Ref("stock_transfer")]

SEND_BACK = ("send the goods back with another transfer", "请用新的调拨单把货物送回")
SHIP_ANEW = ("ship them again with another transfer", "请用新的调拨单重新发出")


class SentItem(Arguments):
    """A quantity of an item."""

    item: ItemRef
    quantity: Count


class Ship(Arguments):
    """Ship goods from one warehouse to another; until they arrive they are in transit."""

    lines: tuple[SentItem, ...] = Field(min_length=1, max_length=100)
    target: LocationRef = Field(description="The warehouse they go to.")
    source: LocationRef | None = Field(
        default=None, description="Where they lie now; leave empty for the main warehouse."
    )
    expected_on: Day | None = Field(default=None, description="When they should arrive.")


class TransferShown(Answer):
    """A transfer, and what became of each item."""

    number: str
    transfer: TransferView

    def sentence(self, language: Language = "en") -> str:
        """Say what is under way, and from where to where."""
        view = self.transfer
        way = f"{view.source} → {view.target}"
        under_way = ", ".join(
            f"{plain(line.under_way)} × {line.sku}" for line in view.lines if line.under_way
        )
        if not under_way:
            if language == "zh":
                return f"{self.number}（{way}）：已完成，无在途货物。"
            return f"{self.number} ({way}): closed, nothing is under way."
        if language == "zh":
            return f"{self.number}（{way}）：在途 {under_way}。"
        return f"{self.number} ({way}): {under_way} under way."

    def grid(self) -> Grid:
        """Return one row for every item."""
        columns = (
            Column("item", "物料"),
            Column("shipped", "发出", "quantity"),
            Column("received", "已到货", "quantity"),
            Column("returned", "已退回", "quantity"),
            Column("lost", "损失", "quantity"),
            Column("under way", "在途", "quantity"),
        )
        rows = tuple(
            (line.sku, line.quantity, line.received, line.returned, line.lost, line.under_way)
            for line in self.transfer.lines
        )
        return Grid(columns, rows)


def _shown(session: Session, transfer: StockTransfer) -> TransferShown:
    view = transfers.transfer_view(session, transfer)
    return TransferShown(number=transfer.number, transfer=view)


def pin_ship(session: Session, arguments: Ship) -> Ship:
    """Write the items by their SKUs and the warehouses by their codes."""
    return arguments.model_copy(
        update={
            "lines": tuple(
                line.model_copy(update={"item": catalog.find_item(session, line.item).sku})
                for line in arguments.lines
            ),
            "source": inventory.find_location(session, arguments.source or MAIN).code,
            "target": inventory.find_location(session, arguments.target).code,
        }
    )


def ship(session: Session, arguments: Ship) -> TransferShown:
    """Ship them."""
    parcels = [
        Parcel(catalog.find_item(session, line.item), line.quantity) for line in arguments.lines
    ]
    transfer = transfers.ship_transfer(
        session,
        parcels,
        source=inventory.find_location(session, arguments.source or MAIN),
        target=inventory.find_location(session, arguments.target),
        expected_on=arguments.expected_on,
    )
    return _shown(session, transfer)


def undo_ship(_session: Session, _arguments: Ship, answer: dict[str, str]) -> Undoing:
    """Bring back what is still under way."""
    back = ReturnTransfer(transfer=answer["number"], because="undo")
    return Undoing((Call(RETURN, back),))


class Receive(Arguments):
    """Take in what arrived of a transfer; say what was lost or damaged on the way, and why."""

    transfer: TransferRef = Field(description="Its number, such as TR-00001.")
    item: ItemRef | None = Field(default=None, description="Leave empty where it has one item.")
    quantity: Count | None = Field(
        default=None, description="How much arrived; leave empty for all that is not lost."
    )
    lost: Count | None = Field(default=None, description="How much was lost or broken.")
    because: Words = Field(default="", description="What explains a loss.")


class ReturnTransfer(Arguments):
    """Bring goods of a transfer that are still under way back to where they came from."""

    transfer: TransferRef
    item: ItemRef | None = None
    quantity: Count | None = Field(default=None, description="Leave empty for all of them.")
    because: Words = ""


def _sku(session: Session, number: str, item: str | None) -> str:
    if item is not None:
        return catalog.find_item(session, item).sku
    lines = transfers.find_transfer(session, number).lines
    if len(lines) > 1:
        raise SayWhichItem(items=", ".join(line.item.sku for line in lines))
    return lines[0].item.sku


def _parts(session: Session, arguments: Receive | ReturnTransfer) -> dict[str, Decimal] | None:
    """Return which part is meant; None for all of it."""
    if arguments.quantity is not None:
        return {_sku(session, arguments.transfer, arguments.item): arguments.quantity}
    if arguments.item is None:
        return None
    sku = catalog.find_item(session, arguments.item).sku
    lost = getattr(arguments, "lost", None) or Decimal(0)
    lines = transfers.find_transfer(session, arguments.transfer).lines
    return {line.item.sku: line.under_way - lost for line in lines if line.item.sku == sku}


def receive(session: Session, arguments: Receive) -> TransferShown:
    """Take it in."""
    lost = None
    if arguments.lost is not None:
        lost = {_sku(session, arguments.transfer, arguments.item): arguments.lost}
    transfer = transfers.receive_transfer(
        session,
        arguments.transfer,
        quantities=_parts(session, arguments),
        lost=lost,
        because=arguments.because,
    )
    return _shown(session, transfer)


def return_transfer(session: Session, arguments: ReturnTransfer) -> TransferShown:
    """Bring it back."""
    transfer = transfers.return_transfer(
        session,
        arguments.transfer,
        quantities=_parts(session, arguments),
        because=arguments.because,
    )
    return _shown(session, transfer)


class ShowTransfer(Arguments):
    """Show a transfer: what was sent, what arrived, what is under way."""

    transfer: TransferRef


def show_transfer(session: Session, arguments: ShowTransfer) -> TransferShown:
    """Read it."""
    return _shown(session, transfers.find_transfer(session, arguments.transfer))


def cannot_undo_receipt(_session: Session, _arguments: Receive, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=SEND_BACK)


def cannot_undo_return(_session: Session, _arguments: ReturnTransfer, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=SHIP_ANEW)


TOOLS = [
    Tool(
        SHIP,
        Ship,
        ship,
        writes=True,
        title="Ship to another warehouse",
        title_zh="仓间调拨发出",
        roles=KEEPERS,
        pin=pin_ship,
        undo=undo_ship,
    ),
    Tool(
        RECEIVE,
        Receive,
        receive,
        writes=True,
        title="Receive a transfer",
        title_zh="调拨到货",
        roles=KEEPERS,
        undo=cannot_undo_receipt,
    ),
    Tool(
        RETURN,
        ReturnTransfer,
        return_transfer,
        writes=True,
        title="Bring a transfer back",
        title_zh="调拨退回",
        roles=KEEPERS,
        undo=cannot_undo_return,
    ),
    Tool(
        "transfers.show",
        ShowTransfer,
        show_transfer,
        writes=False,
        title="Transfer",
        title_zh="调拨单",
        roles=EVERYDAY,
    ),
]
