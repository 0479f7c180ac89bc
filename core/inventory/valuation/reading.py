"""The timelines of items, as they are read from the books: many at once, each in its order."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from core.catalog import ValuationMethod
from core.inventory.tables import Location, LocationKind, StockMove
from core.inventory.valuation.tables import (
    StockCorrection,
    StockLayer,
    StockOpening,
    StockRevaluation,
)
from core.inventory.valuation.timeline import Layer, Original, Replay, Step, Stock, Way
from core.kernel.database import total
from core.kernel.money import Rounding
from core.ledger.chart import INVENTORY_ADJUSTMENT, PRICE_VARIANCE

_ZERO = Decimal(0)

_LAYERS = (
    select(StockLayer.item_id, StockLayer.source_id, StockLayer.quantity, StockLayer.value_minor)
    .where(StockLayer.item_id.in_(bindparam("items", expanding=True)))
    .order_by(StockLayer.moved_on, StockLayer.place)
)


@dataclass
class Kept:
    """What is kept of an item's worth, as this transaction has locked and read it."""

    quantity: Decimal
    value: int
    method: ValuationMethod
    standard: Decimal | None
    negative_allowed: bool
    last_moved_on: date | None
    # None while nobody has asked for them; the source of each, how much is left, and its value.
    layers: list[tuple[uuid.UUID, Decimal, int]] | None = None


@dataclass(frozen=True)
class Correction:
    """By how much a move or a revaluation costs more than was booked, and who explains it."""

    key: uuid.UUID
    amount: int
    before: int
    incoming: bool
    against: str
    origin: str
    moved_on: date
    revaluation: bool = False
    own: bool = False


class Entry(NamedTuple):
    """A step of a timeline with its place in it, and what is booked of it."""

    on: date
    place: int
    step: Step
    booked: int
    against: str
    origin: str

    @property
    def order(self) -> tuple[date, int]:
        """Where it stands among the others."""
        return self.on, self.place


@dataclass
class Timeline:
    """Everything that is valued of one item, in its order, from its opening on."""

    item_id: uuid.UUID
    opening: Kept
    entries: list[Entry]
    originals: dict[uuid.UUID, Original] = field(default_factory=dict)

    def replay(self, rounding: Rounding, scale: int) -> Replay:
        """Play all of it from its opening."""
        layers = [Layer(key, quantity, value) for key, quantity, value in self.opening.layers or ()]
        stock = Stock.holding(
            self.opening.method,
            layers,
            rounding=rounding,
            standard=self.opening.standard,
            scale=scale,
        )
        originals = {key: replace(each) for key, each in self.originals.items()}
        return Replay(stock, originals).play(entry.step for entry in self.entries)

    def corrections(self, played: Replay) -> list[Correction]:
        """Return what costs another amount than is booked."""
        found = []
        for entry in self.entries:
            step, now = entry.step, played.values[entry.step.key]
            if now != entry.booked:
                found.append(
                    Correction(
                        key=step.key,
                        amount=now - entry.booked,
                        before=entry.booked,
                        incoming=step.incoming,
                        against=entry.against,
                        origin=entry.origin,
                        moved_on=entry.on,
                        revaluation=step.way is Way.REVALUATION,
                    )
                )
        return found


def read_layers(session: Session, kept: dict[uuid.UUID, Kept]) -> None:
    """Read the layers of items that are valued first in, first out."""
    wanted = [
        item_id
        for item_id, each in kept.items()
        if each.method is ValuationMethod.FIFO and each.layers is None
    ]
    if not wanted:
        return
    for item_id in wanted:
        kept[item_id].layers = []
    for item_id, source_id, quantity, value in session.execute(_LAYERS, {"items": wanted}):
        layers = kept[item_id].layers
        assert layers is not None, "they were asked for"
        layers.append((source_id, quantity, value))


def originals_of(
    session: Session, keys: Iterable[uuid.UUID], *, until: int | None = None
) -> dict[uuid.UUID, Original]:
    """Return moves that are taken back, at their cost by now, with what of them is back already.

    Or what was back by the booking `until`, for those that lie before an opening.
    """
    session.flush()
    wanted = list(keys)
    corrected = (
        select(total(StockCorrection.amount_minor))
        .where(StockCorrection.move_id == StockMove.id)
        .scalar_subquery()
    )
    value = StockMove.value_minor + corrected
    rows = session.execute(
        select(StockMove.id, StockMove.quantity, value).where(StockMove.id.in_(wanted))
    )
    found = {key: Original(quantity, worth) for key, quantity, worth in rows}
    back = select(StockMove.returns_id, StockMove.quantity, value).where(
        StockMove.returns_id.in_(wanted)
    )
    if until is not None:
        back = back.where(StockMove.sequence <= until)
    for key, quantity, worth in session.execute(back):
        assert key is not None, "it returns one of those asked for"
        found[key].back_quantity += quantity
        found[key].back_value += worth
    return found


def timeline_of(
    session: Session, item_id: uuid.UUID, now: Kept, *, booked_until: date | None = None
) -> Timeline:
    """Read the timeline of an item; the caller has locked it, or reads one picture of all."""
    return timelines_of(session, {item_id: now}, booked_until=booked_until)[item_id]


def timelines_of(
    session: Session, kept: Mapping[uuid.UUID, Kept], *, booked_until: date | None = None
) -> dict[uuid.UUID, Timeline]:
    """Read the timelines of items, for which there is what `kept` says now."""
    session.flush()
    items = list(kept)
    wanted = select(StockOpening).where(StockOpening.item_id.in_(items))
    openings = {row.item_id: row for row in session.scalars(wanted)}
    entries = _moves(session, items, booked_until)
    for item_id, more in _revaluations(session, items, booked_until).items():
        entries[item_id] += more
        entries[item_id].sort(key=lambda entry: entry.order)
    first = _first_revaluations(session, items)
    at_rest = _added_at_rest(session, openings, booked_until) if openings else {}
    timelines = {}
    for item_id, now in kept.items():
        start = _start(now, first.get(item_id))
        opening = openings.get(item_id)
        if opening is not None and opening.quantity:
            value = opening.value_minor + at_rest.get(item_id, 0)
            start.layers = [(item_id, opening.quantity, value)]
        known = {entry.step.key for entry in entries[item_id]}
        outside = {entry.step.of for entry in entries[item_id] if entry.step.of} - known
        until = opening.after_sequence if opening is not None else 0
        originals = originals_of(session, outside, until=until) if outside else {}
        timelines[item_id] = Timeline(item_id, start, entries[item_id], originals)
    return timelines


def _start(now: Kept, first: StockRevaluation | None) -> Kept:
    """Return what there was before anything happened: nothing, valued as it was then."""
    method, standard = now.method, now.standard
    if first is not None:
        method, standard = ValuationMethod(first.method_before), first.standard_before
    return Kept(_ZERO, 0, method, standard, now.negative_allowed, None)


def _first_revaluations(
    session: Session, items: list[uuid.UUID]
) -> dict[uuid.UUID, StockRevaluation]:
    wanted = (
        select(StockRevaluation)
        .where(StockRevaluation.item_id.in_(items))
        .order_by(StockRevaluation.sequence.desc())
    )
    # Of each item the last one that is read is the first that was booked.
    return {row.item_id: row for row in session.scalars(wanted)}


def _moves(
    session: Session, items: list[uuid.UUID], booked_until: date | None
) -> dict[uuid.UUID, list[Entry]]:
    corrected = select(StockCorrection.move_id, total(StockCorrection.amount_minor)).where(
        StockCorrection.item_id.in_(items), StockCorrection.move_id.is_not(None)
    )
    if booked_until is not None:
        corrected = corrected.where(StockCorrection.corrected_on <= booked_until)
    more = dict(session.execute(corrected.group_by(StockCorrection.move_id)).all())
    entries: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    # Rows as the driver makes them: there are very many, and each becomes an entry at once.
    for row in session.connection().execute(_crossing(items, booked_until)):
        entries[row.item_id].append(_entry(row, more.get(row.id, 0)))
    return entries


def _crossing(items: list[uuid.UUID], booked_until: date | None) -> Select[*tuple[Any, ...]]:
    """Choose the moves into our locations and out of them, from the opening of their item on."""
    source, target = aliased(Location), aliased(Location)
    ours = LocationKind.INTERNAL
    in_time: ColumnElement[bool] = StockMove.sequence > func.coalesce(
        StockOpening.after_sequence, 0
    )
    if booked_until is not None:
        in_time = and_(in_time, StockMove.booked_on <= booked_until)
    return (
        select(
            StockMove.id,
            StockMove.item_id,
            StockMove.quantity,
            StockMove.value_minor,
            StockMove.guess_minor,
            StockMove.moved_on,
            StockMove.sequence,
            StockMove.against,
            StockMove.returns_id,
            StockMove.origin,
            target.kind,
        )
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .outerjoin(StockOpening, StockOpening.item_id == StockMove.item_id)
        .where(StockMove.item_id.in_(items), in_time)
        .where((source.kind == ours) != (target.kind == ours))
        .order_by(StockMove.moved_on, StockMove.sequence)
    )


def _entry(move: Row[*tuple[Any, ...]], corrected: int) -> Entry:
    booked = move.value_minor + corrected
    if move.kind is LocationKind.INTERNAL:
        way = Way.RECEIPT if move.returns_id is None else Way.RETURNED
        value = booked
    else:
        way = Way.SENT_BACK if move.kind is LocationKind.SUPPLIER else Way.ISSUE
        # What is booked may hold the real cost of a part already: that is not the guess.
        guessed = way is Way.ISSUE and move.guess_minor is not None
        value = move.guess_minor if guessed else move.value_minor
    return Entry(
        on=move.moved_on,
        place=move.sequence,
        step=Step(move.id, way, move.quantity, value, move.returns_id),
        booked=booked,
        against=account_of(way, move.against),
        origin=move.origin,
    )


def account_of(way: Way, against: str | None) -> str:
    """Return the account that a later change of a move's cost goes to.

    What a supplier does not owe, and what a standard cost does not hold, is a price variance.
    """
    if way in (Way.SENT_BACK, Way.RECEIPT, Way.FOUND):
        return PRICE_VARIANCE
    return against or INVENTORY_ADJUSTMENT


def _revaluations(
    session: Session, items: list[uuid.UUID], booked_until: date | None
) -> dict[uuid.UUID, list[Entry]]:
    corrected = select(total(StockCorrection.amount_minor)).where(
        StockCorrection.revaluation_id == StockRevaluation.id
    )
    if booked_until is not None:
        corrected = corrected.where(StockCorrection.corrected_on <= booked_until)
    wanted = select(StockRevaluation, corrected.scalar_subquery()).where(
        StockRevaluation.item_id.in_(items)
    )
    if booked_until is not None:
        wanted = wanted.where(StockRevaluation.booked_on <= booked_until)
    entries: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    for row, more in session.execute(wanted):
        step = Step(
            row.id,
            Way.REVALUATION,
            row.quantity,
            row.value_minor,
            method=row.method,
            standard=row.standard,
        )
        entry = Entry(
            on=row.revalued_on,
            place=row.sequence,
            step=step,
            booked=row.amount_minor + more,
            against=row.against,
            origin=row.number,
        )
        entries[row.item_id].append(entry)
    return entries


def _added_at_rest(
    session: Session, openings: Iterable[uuid.UUID], booked_until: date | None
) -> dict[uuid.UUID, int]:
    """Return by item the costs that came late onto moves from before its opening."""
    wanted = (
        select(StockCorrection.item_id, total(StockCorrection.amount_minor))
        .join(StockMove, StockMove.id == StockCorrection.move_id)
        .join(StockOpening, StockOpening.item_id == StockCorrection.item_id)
        .where(StockCorrection.item_id.in_(list(openings)))
        .where(StockMove.sequence <= StockOpening.after_sequence)
        .group_by(StockCorrection.item_id)
    )
    if booked_until is not None:
        wanted = wanted.where(StockCorrection.corrected_on <= booked_until)
    return dict(session.execute(wanted).all())
