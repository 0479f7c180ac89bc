"""Questions about holds; answers are frozen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session, joinedload

from core.inventory.holding.errors import UnknownHold
from core.inventory.holding.tables import StockHold
from core.kernel.naming import find_numbered


@dataclass(frozen=True)
class HoldView:
    """A hold, as people read it."""

    number: str
    sku: str
    name: str
    name_zh: str | None
    source: str
    place: str
    quantity: Decimal
    held: Decimal
    released: Decimal
    scrapped: Decimal
    because: str
    held_on: date


def find_hold(session: Session, text: str, *, locked: bool = False) -> StockHold:
    """Return a hold by its number."""
    beside = (joinedload(StockHold.item), joinedload(StockHold.source), joinedload(StockHold.place))
    unknown = UnknownHold(text=text)
    return find_numbered(session, StockHold, text, *beside, unknown=unknown, locked=locked)


def hold_view(hold: StockHold) -> HoldView:
    """Return a hold as people read it."""
    return HoldView(
        number=hold.number,
        sku=hold.item.sku,
        name=hold.item.name,
        name_zh=hold.item.name_zh,
        source=hold.source.code,
        place=hold.place.code,
        quantity=hold.quantity,
        held=hold.held,
        released=hold.released,
        scrapped=hold.scrapped,
        because=hold.because,
        held_on=hold.held_on,
    )
