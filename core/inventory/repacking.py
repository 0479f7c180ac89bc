"""Goods that become other goods of ours: opened, filled, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import SameItem
from core.inventory.leaving import Outgoing
from core.inventory.lots import LotPart
from core.inventory.service import Incoming, issue_goods, receive_goods
from core.inventory.tables import Location, LocationKind, StockMove
from core.inventory.units import require_digits
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.numbering import next_number
from core.ledger.chart import WORK_IN_PROGRESS


@dataclass(frozen=True)
class Repacked:
    """What went out, what came in of it, and the value that both have."""

    number: str
    out: tuple[StockMove, ...]
    into: StockMove
    value: Money


def repack(
    session: Session,
    out: Sequence[tuple[Item, Decimal]],
    *,
    into: Item,
    quantity: Decimal,
    location: Location,
    lots: Sequence[LotPart] = (),
) -> Repacked:
    """Turn goods into other goods in one place: what they cost stays what they cost.

    What is kept by lot or serial number comes in with its lots.
    """
    for item, part in (*out, (into, quantity)):
        require_digits(session, item, part)
    if any(item.id == into.id for item, _ in out):
        raise SameItem(sku=into.sku)
    number = next_number(session, "RP")
    issued = issue_goods(
        session,
        [Outgoing(item, part) for item, part in out],
        location=location,
        origin=number,
        memo=number,
        to_kind=LocationKind.PRODUCTION,
        debit_to=WORK_IN_PROGRESS,
    )
    value = Money(sum(each.cost.minor for each in issued), company(session).currency)
    (came,) = receive_goods(
        session,
        [Incoming(into, quantity, value, lots)],
        location=location,
        against=WORK_IN_PROGRESS,
        origin=number,
        memo=number,
        from_kind=LocationKind.PRODUCTION,
    )
    session.flush()
    return Repacked(number, tuple(move for each in issued for move in each.moves), came, value)
