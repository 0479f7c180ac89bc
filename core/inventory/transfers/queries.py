"""Questions about transfers; answers are frozen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session, joinedload, selectinload

from core.inventory.transfers.errors import UnknownTransfer
from core.inventory.transfers.tables import StockTransfer, StockTransferLine, TransferState
from core.kernel.company import company
from core.kernel.naming import find_numbered


@dataclass(frozen=True)
class TransferLineView:
    """A line of a transfer, as people read it."""

    position: int
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    received: Decimal
    returned: Decimal
    lost: Decimal
    under_way: Decimal


@dataclass(frozen=True)
class TransferView:
    """A transfer, as people read it."""

    number: str
    state: TransferState
    source: str
    target: str
    shipped_on: date
    expected_on: date | None
    late_days: int
    lines: tuple[TransferLineView, ...]


def find_transfer(session: Session, text: str, *, locked: bool = False) -> StockTransfer:
    """Return a transfer by its number, with its lines."""
    return find_numbered(
        session,
        StockTransfer,
        text,
        joinedload(StockTransfer.source),
        joinedload(StockTransfer.target),
        selectinload(StockTransfer.lines).joinedload(StockTransferLine.item),
        unknown=UnknownTransfer(text=text),
        locked=locked,
    )


def transfer_view(session: Session, transfer: StockTransfer) -> TransferView:
    """Return a transfer as people read it."""
    today, due = company(session).today, transfer.expected_on
    is_late = transfer.state is TransferState.UNDER_WAY and due is not None and due < today
    return TransferView(
        number=transfer.number,
        state=transfer.state,
        source=transfer.source.code,
        target=transfer.target.code,
        shipped_on=transfer.shipped_on,
        expected_on=due,
        late_days=(today - due).days if is_late and due is not None else 0,
        lines=tuple(
            TransferLineView(
                position=line.position,
                sku=line.item.sku,
                name=line.item.name,
                name_zh=line.item.name_zh,
                quantity=line.quantity,
                received=line.received,
                returned=line.returned,
                lost=line.lost,
                under_way=line.under_way,
            )
            for line in transfer.lines
        ),
    )
