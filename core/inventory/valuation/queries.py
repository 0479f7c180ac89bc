"""What stock is worth, on any day; answers are frozen."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Select, Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from core.catalog import Item, ValuationMethod
from core.inventory.errors import UnknownLandedCost
from core.inventory.tables import Location, LocationKind, StockMove, StockValue
from core.inventory.valuation.reading import Kept, timeline_of
from core.inventory.valuation.tables import (
    LandedCost,
    LandedCostLine,
    StockCorrection,
    StockRevaluation,
)
from core.kernel.company import company
from core.kernel.money import Money, digits_of, rounded
from core.kernel.naming import canonical_number
from core.ledger import balance
from core.ledger.chart import INVENTORY

ROWS_MAX = 1_000
UNIT_COST_DIGITS = 6
_ZERO = Decimal(0)


@dataclass(frozen=True)
class LayerView:
    """What is left of goods that came in together; `origin` is the document that brought them."""

    origin: str
    moved_on: date
    quantity: Decimal
    value: Money

    @property
    def unit_cost(self) -> Decimal:
        """What one unit of them is worth."""
        return rounded(self.value.amount / self.quantity, UNIT_COST_DIGITS)


@dataclass(frozen=True)
class ItemWorth:
    """How much of an item there is in our books on a day, and what it is worth."""

    item_id: uuid.UUID
    sku: str
    name: str
    name_zh: str | None
    unit: str
    method: ValuationMethod
    quantity: Decimal
    value: Money
    layers: tuple[LayerView, ...] = ()

    @property
    def unit_cost(self) -> Decimal | None:
        """What one unit is worth; None while there is nothing."""
        if not self.quantity:
            return None
        return rounded(self.value.amount / self.quantity, UNIT_COST_DIGITS)


@dataclass(frozen=True)
class Worth:
    """The stock of a day by item; `total` is of all items, and so is the account's balance."""

    as_of: date
    rows: tuple[ItemWorth, ...]
    total: Money
    account_balance: Money
    left_out: int = 0


@dataclass(frozen=True)
class LandedCostView:
    """A landed cost, as people read it."""

    number: str
    charged_on: date
    basis: str
    amount: Money
    bill: str | None
    receipts: tuple[str, ...]
    cancelled_on: date | None


def stock_worth(
    session: Session,
    *,
    as_of: date | None = None,
    item: Item | None = None,
    with_layers: bool = False,
    limit: int = ROWS_MAX,
) -> Worth:
    """Return what the stock was worth at the end of a day, as it was booked by then.

    With `with_layers`, and first in, first out, what it consisted of.
    """
    ours = company(session)
    day = as_of or ours.today
    changes = _changes(day)
    value = func.sum(changes.c.value_minor)
    quantity = func.sum(changes.c.quantity)
    sums = select(changes.c.item_id, quantity.label("quantity"), value.label("value"))
    sums_of = sums.group_by(changes.c.item_id).having((quantity != 0) | (value != 0)).subquery()
    wanted = (
        select(Item, sums_of.c.quantity, sums_of.c.value)
        .join(sums_of, sums_of.c.item_id == Item.id)
        .order_by(Item.sku)
    )
    found = session.execute(wanted).all()
    total = Money(int(sum(minor for _, _, minor in found)), ours.currency)
    chosen = [row for row in found if item is None or row[0].id == item.id]
    shown = chosen[: min(limit, ROWS_MAX)]
    rows = tuple(
        ItemWorth(
            item_id=each.id,
            sku=each.sku,
            name=each.name,
            name_zh=each.name_zh,
            unit=each.unit_code,
            method=each.valuation_method,
            quantity=there,
            value=Money(int(minor), ours.currency),
            layers=_layers(session, each, day) if with_layers else (),
        )
        for each, there, minor in shown
    )
    return Worth(
        as_of=day,
        rows=rows,
        total=total,
        account_balance=balance(session, INVENTORY, as_of=day),
        left_out=len(chosen) - len(shown),
    )


def list_landed_costs(session: Session, *, limit: int = 100) -> list[LandedCostView]:
    """Return the newest landed costs with the receipts that they made dearer."""
    wanted = select(LandedCost).order_by(LandedCost.created_at.desc()).limit(min(limit, ROWS_MAX))
    return _landed(session, wanted)


def landed_cost_view(session: Session, number: str) -> LandedCostView:
    """Return one landed cost with the receipts that it made dearer."""
    found = _landed(
        session, select(LandedCost).where(LandedCost.number == canonical_number(number))
    )
    if not found:
        raise UnknownLandedCost(number=number)
    return found[0]


def _landed(session: Session, wanted: Select[LandedCost]) -> list[LandedCostView]:
    currency = company(session).currency
    documents = list(session.scalars(wanted))
    receipts: dict[uuid.UUID, list[str]] = {document.id: [] for document in documents}
    lines = (
        select(LandedCostLine.landed_cost_id, StockMove.origin)
        .join(StockMove, StockMove.id == LandedCostLine.move_id)
        .where(LandedCostLine.landed_cost_id.in_(list(receipts)))
        .order_by(LandedCostLine.position)
    )
    for document_id, origin in session.execute(lines):
        receipts[document_id].append(origin)
    return [
        LandedCostView(
            number=document.number,
            charged_on=document.charged_on,
            basis=document.basis,
            amount=Money(document.amount_minor, currency),
            bill=document.bill,
            receipts=tuple(dict.fromkeys(receipts[document.id])),
            cancelled_on=document.cancelled_on,
        )
        for document in documents
    ]


def costs_of(session: Session, moves: Iterable[StockMove]) -> dict[uuid.UUID, Money]:
    """Return what some moves cost by now, with everything that came late."""
    chosen = {move.id: move.value_minor for move in moves}
    corrected = (
        select(StockCorrection.move_id, func.sum(StockCorrection.amount_minor))
        .where(StockCorrection.move_id.in_(list(chosen)))
        .group_by(StockCorrection.move_id)
    )
    more = dict(session.execute(corrected).all())
    currency = company(session).currency
    return {key: Money(minor + int(more.get(key, 0)), currency) for key, minor in chosen.items()}


def _changes(day: date) -> Subquery:
    source, target = aliased(Location), aliased(Location)
    internal = LocationKind.INTERNAL
    parts: list[Select[*tuple[Any, ...]]] = []
    for sign, inside, outside in ((1, target, source), (-1, source, target)):
        crossing = [inside.kind == internal, outside.kind != internal]
        parts.append(
            select(
                StockMove.item_id.label("item_id"),
                (literal(sign, Integer) * StockMove.quantity).label("quantity"),
                (literal(sign, Integer) * StockMove.value_minor).label("value_minor"),
            )
            .join(source, source.id == StockMove.from_location_id)
            .join(target, target.id == StockMove.to_location_id)
            .where(*crossing, StockMove.booked_on <= day)
        )
        parts.append(
            select(
                StockCorrection.item_id,
                literal(_ZERO),
                literal(sign, Integer) * StockCorrection.amount_minor,
            )
            .join(StockMove, StockMove.id == StockCorrection.move_id)
            .join(source, source.id == StockMove.from_location_id)
            .join(target, target.id == StockMove.to_location_id)
            .where(*crossing, StockCorrection.corrected_on <= day)
        )
    parts.append(
        select(StockCorrection.item_id, literal(_ZERO), StockCorrection.amount_minor).where(
            StockCorrection.revaluation_id.is_not(None), StockCorrection.corrected_on <= day
        )
    )
    parts.append(
        select(StockRevaluation.item_id, literal(_ZERO), StockRevaluation.amount_minor).where(
            StockRevaluation.booked_on <= day
        )
    )
    return union_all(*parts).subquery("worth_changes")


def _layers(session: Session, item: Item, day: date) -> tuple[LayerView, ...]:
    ours = company(session)
    row = session.get_one(StockValue, item.id)
    now = Kept(
        row.quantity, row.value_minor, row.method, row.standard_cost, row.negative_allowed, None
    )
    timeline = timeline_of(session, item.id, now, booked_until=day)
    played = timeline.replay(ours.rounding, 10 ** digits_of(ours.currency))
    if played.stock.method is not ValuationMethod.FIFO:
        return ()
    known = {entry.step.key: entry for entry in timeline.entries}
    return tuple(
        LayerView(
            origin=known[layer.key].origin,
            moved_on=known[layer.key].on,
            quantity=layer.quantity,
            value=Money(layer.value, ours.currency),
        )
        for layer in played.stock.layers
        if layer.key in known
    )
