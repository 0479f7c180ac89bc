"""What one item is worth in this transaction: read once, changed in memory, written at the end.

A move that comes at the end of its item's timeline is valued from what is kept: what there is and,
first in, first out, its layers. One that comes late, or that leaves before it came, makes the whole
timeline be read and played again; what that gives another cost than was booked is a correction.
"""

import uuid
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.orm import Session, aliased

from core.catalog import Item, ValuationMethod
from core.inventory.tables import Location, LocationKind, StockMove, StockValue
from core.inventory.valuation.tables import (
    StockCorrection,
    StockLayer,
    StockOpening,
    StockRevaluation,
)
from core.inventory.valuation.timeline import Layer, Original, Replay, Step, Stock, Way, share
from core.kernel.company import company
from core.kernel.database import plain_table, total
from core.kernel.money import Rounding, digits_of
from core.ledger.chart import INVENTORY_ADJUSTMENT, PRICE_VARIANCE

_ZERO = Decimal(0)
_LAST = 2**63 - 1

WORTH = (
    select(
        StockValue.item_id,
        StockValue.quantity,
        StockValue.value_minor,
        StockValue.method,
        StockValue.standard_cost,
        StockValue.negative_allowed,
        StockValue.last_moved_on,
    )
    .where(StockValue.item_id.in_(bindparam("items", expanding=True)))
    .order_by(StockValue.item_id)
    .with_for_update()
)
_LAYERS = (
    select(StockLayer.item_id, StockLayer.source_id, StockLayer.quantity, StockLayer.value_minor)
    .where(StockLayer.item_id.in_(bindparam("items", expanding=True)))
    .order_by(StockLayer.moved_on, StockLayer.place)
)
_FIRST_REVALUATION = (
    select(StockRevaluation)
    .where(StockRevaluation.item_id == bindparam("item"))
    .order_by(StockRevaluation.sequence)
    .limit(1)
)
# A layer stands in its queue where the move or the revaluation stands that it comes from.
_WRITE_LAYER = text(
    """
    INSERT INTO stock_layer (source_id, item_id, moved_on, place, quantity, value_minor)
    SELECT :source_id, :item_id, moved_on, sequence, :quantity, :value_minor FROM (
        SELECT moved_on, sequence FROM stock_move WHERE id = :source_id
        UNION ALL
        SELECT revalued_on, sequence FROM stock_revaluation WHERE id = :source_id
    ) AS source
    ON CONFLICT (source_id) DO UPDATE
        SET quantity = excluded.quantity, value_minor = excluded.value_minor
    """
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


@dataclass(frozen=True)
class Entry:
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


class Valuing:
    """Values the moves of one item."""

    def __init__(self, session: Session, item: Item, kept: Kept) -> None:
        self._session, self._item, self._kept = session, item, kept
        self._last_moved_on = kept.last_moved_on
        ours = company(session)
        self.stock = Stock.holding(
            kept.method,
            self._layers(),
            rounding=ours.rounding,
            standard=kept.standard,
            scale=10 ** digits_of(ours.currency),
        )
        # Where more left than came, only the whole timeline knows what is owed.
        self.stock.quantity, self.stock.value = kept.quantity, kept.value
        self._timeline: Timeline | None = None
        self._played: Replay | None = None

    @property
    def lowest(self) -> Decimal:
        """The least that there ever was, as far as the timeline was played."""
        return self._played.lowest if self._played is not None else self.stock.quantity

    def value(self, step: Step, day: date, *, against: str, origin: str) -> int:
        """Return what a new step is worth, and let the stock follow it.

        The new moves before it, if any, are known to the session.
        """
        if self._timeline is None and self._is_late(step, day):
            self._timeline = timeline_of(self._session, self._item.id, self._kept)
        if self._timeline is None:
            originals = originals_of(self._session, [step.of]) if step.of is not None else {}
            self._last_moved_on = day
            return Replay(self.stock, originals).play([step]).values[step.key]
        self._last_moved_on = max(self._last_moved_on or day, day)
        account = against if step.way is Way.REVALUATION else account_of(step.way, against)
        entry = Entry(day, _LAST, step, 0, account, origin)
        return self._insert(self._timeline, entry)

    def charge(self, amounts: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
        """Bring later cost onto moves that came in; return how much of it each of them takes.

        A standard cost takes none. A move from before the opening takes the share of what there
        was of it then; what had left before is nobody's any more.
        """
        timeline = timeline_of(self._session, self._item.id, self._kept)
        known = {entry.step.key: place for place, entry in enumerate(timeline.entries)}
        for key, more in amounts.items():
            if key in known:
                entry = timeline.entries[known[key]]
                step = replace(entry.step, value=(entry.step.value or 0) + more)
                timeline.entries[known[key]] = replace(entry, step=step)
        at_rest = {key: more for key, more in amounts.items() if key not in known}
        taken = self._charge_at_rest(timeline, at_rest)
        self._play(timeline)
        assert self._played is not None, "it was played"
        for key, place in known.items():
            if key in amounts:
                taken[key] = self._played.values[key] - timeline.entries[place].booked
        return taken

    def corrections(self) -> list[Correction]:
        """Return what costs another amount now than is booked; none where nothing came late."""
        if self._timeline is None or self._played is None:
            return []
        return self._timeline.corrections(self._played)

    def settled(self) -> Kept:
        """Write the layers, and return what is kept from now on."""
        layers = None
        fifo = self.stock.method is ValuationMethod.FIFO
        if fifo or self._kept.layers:
            layers = [
                (layer.key, layer.quantity, layer.value)
                for layer in self.stock.layers
                if fifo and layer.key is not None
            ]
            self._write_layers(layers)
        return replace(
            self._kept,
            quantity=self.stock.quantity,
            value=self.stock.value,
            method=self.stock.method,
            standard=self.stock.standard,
            last_moved_on=self._last_moved_on,
            layers=layers,
        )

    def _insert(self, timeline: Timeline, entry: Entry) -> int:
        step = entry.step
        if step.of is not None and step.of not in {each.step.key for each in timeline.entries}:
            timeline.originals.update(originals_of(self._session, [step.of]))
        insort(timeline.entries, entry, key=lambda each: each.order)
        self._play(timeline)
        assert self._played is not None, "it was played"
        value = self._played.values[step.key]
        # From now on it is what it will be when it is read again.
        if step.way is Way.FOUND:
            step = replace(step, way=Way.RECEIPT, value=value)
        elif step.way is Way.ISSUE:
            step = replace(step, value=value)
        timeline.entries[timeline.entries.index(entry)] = replace(entry, step=step, booked=value)
        return value

    def _play(self, timeline: Timeline) -> None:
        self._timeline, self._played = (
            timeline,
            timeline.replay(self.stock.rounding, self.stock.scale),
        )
        self.stock = self._played.stock

    def _charge_at_rest(
        self, timeline: Timeline, amounts: Mapping[uuid.UUID, int]
    ) -> dict[uuid.UUID, int]:
        layers = timeline.opening.layers
        if not amounts or not layers:
            return dict.fromkeys(amounts, 0)
        taken = {}
        (key, there, value), *_ = layers
        for move, original in originals_of(self._session, amounts).items():
            part = min(there, original.quantity)
            amount = amounts[move]
            size = share(abs(amount), part, original.quantity, self.stock.rounding)
            taken[move] = size if amount > 0 else -min(size, value)
            value += taken[move]
        timeline.opening.layers = [(key, there, value)]
        return taken

    def _is_late(self, step: Step, day: date) -> bool:
        late = self._last_moved_on is not None and day < self._last_moved_on
        missing = not step.incoming and step.quantity > self.stock.quantity
        return late or self.stock.quantity < 0 or missing

    def _layers(self) -> list[Layer]:
        kept = self._kept
        if kept.method is not ValuationMethod.FIFO:
            return [Layer(None, kept.quantity, kept.value)] if kept.quantity > 0 else []
        if kept.layers is None:
            read_layers(self._session, {self._item.id: kept})
        return [Layer(key, quantity, value) for key, quantity, value in kept.layers or ()]

    def _write_layers(self, layers: list[tuple[uuid.UUID, Decimal, int]]) -> None:
        before = {key: (quantity, value) for key, quantity, value in self._kept.layers or ()}
        now = {key: (quantity, value) for key, quantity, value in layers}
        if gone := list(before.keys() - now.keys()):
            table = plain_table(StockLayer)
            self._session.execute(delete(table).where(table.c.source_id.in_(gone)))
        changed = [key for key in now if before.get(key) != now[key]]
        if not changed:
            return
        # A new layer asks its move for its place in the queue.
        self._session.flush()
        rows = [
            {
                "source_id": key,
                "item_id": self._item.id,
                "quantity": now[key][0],
                "value_minor": now[key][1],
            }
            for key in changed
        ]
        self._session.execute(_WRITE_LAYER, rows)


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
    session.flush()
    opening = session.get(StockOpening, item_id)
    after = opening.after_sequence if opening is not None else 0
    entries = _moves(session, item_id, after, booked_until)
    entries += _revaluations(session, item_id, booked_until)
    entries.sort(key=lambda entry: entry.order)
    first = session.scalars(_FIRST_REVALUATION, {"item": item_id}).one_or_none()
    method, standard = now.method, now.standard
    if first is not None:
        method, standard = ValuationMethod(first.method_before), first.standard_before
    start = Kept(_ZERO, 0, method, standard, now.negative_allowed, None)
    if opening is not None and opening.quantity:
        value = opening.value_minor + _added_at_rest(session, item_id, after, booked_until)
        start.layers = [(item_id, opening.quantity, value)]
    known = {entry.step.key for entry in entries}
    outside = {entry.step.of for entry in entries if entry.step.of} - known
    originals = originals_of(session, outside, until=after) if outside else {}
    return Timeline(item_id, start, entries, originals)


def _moves(
    session: Session, item_id: uuid.UUID, after: int, booked_until: date | None
) -> list[Entry]:
    source, target = aliased(Location), aliased(Location)
    corrected = (
        select(StockCorrection.move_id, total(StockCorrection.amount_minor).label("amount"))
        .where(StockCorrection.item_id == item_id)
        .group_by(StockCorrection.move_id)
    )
    wanted = (
        select(StockMove, target.kind)
        .join(source, source.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .where(StockMove.item_id == item_id, StockMove.sequence > after)
        .where((source.kind == LocationKind.INTERNAL) != (target.kind == LocationKind.INTERNAL))
    )
    if booked_until is not None:
        corrected = corrected.where(StockCorrection.corrected_on <= booked_until)
        wanted = wanted.where(StockMove.booked_on <= booked_until)
    more = {key: amount for key, amount in session.execute(corrected) if key is not None}
    return [
        _entry(move, went_to, more.get(move.id, 0)) for move, went_to in session.execute(wanted)
    ]


def _entry(move: StockMove, went_to: LocationKind, corrected: int) -> Entry:
    incoming = went_to is LocationKind.INTERNAL
    booked = move.value_minor + corrected
    if incoming:
        way = Way.RECEIPT if move.returns_id is None else Way.RETURNED
        value = booked
    else:
        way = Way.SENT_BACK if went_to is LocationKind.SUPPLIER else Way.ISSUE
        value = move.value_minor
    step = Step(move.id, way, move.quantity, value, move.returns_id)
    return Entry(
        on=move.moved_on,
        place=move.sequence,
        step=step,
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


def _revaluations(session: Session, item_id: uuid.UUID, booked_until: date | None) -> list[Entry]:
    corrected = (
        select(total(StockCorrection.amount_minor))
        .where(StockCorrection.revaluation_id == StockRevaluation.id)
        .scalar_subquery()
    )
    if booked_until is not None:
        corrected = (
            select(total(StockCorrection.amount_minor))
            .where(StockCorrection.revaluation_id == StockRevaluation.id)
            .where(StockCorrection.corrected_on <= booked_until)
            .scalar_subquery()
        )
    wanted = select(StockRevaluation, corrected).where(StockRevaluation.item_id == item_id)
    if booked_until is not None:
        wanted = wanted.where(StockRevaluation.booked_on <= booked_until)
    return [
        Entry(
            on=row.revalued_on,
            place=row.sequence,
            step=Step(
                row.id,
                Way.REVALUATION,
                row.quantity,
                row.value_minor,
                method=row.method,
                standard=row.standard,
            ),
            booked=row.amount_minor + more,
            against=row.against,
            origin=row.number,
        )
        for row, more in session.execute(wanted)
    ]


def _added_at_rest(
    session: Session, item_id: uuid.UUID, after: int, booked_until: date | None
) -> int:
    """Return the costs that came late onto moves from before the opening."""
    wanted = (
        select(func.coalesce(func.sum(StockCorrection.amount_minor), 0))
        .join(StockMove, StockMove.id == StockCorrection.move_id)
        .where(StockCorrection.item_id == item_id, StockMove.sequence <= after)
    )
    if booked_until is not None:
        wanted = wanted.where(StockCorrection.corrected_on <= booked_until)
    return int(session.scalar(wanted) or 0)
