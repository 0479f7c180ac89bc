"""What one item is worth in this transaction: read once, changed in memory, written at the end.

A move that comes at the end of its item's timeline is valued from what is kept: what there is and,
first in, first out, its layers. One that comes late, or that leaves before it came, makes the whole
timeline be read and played again; what that gives another cost than was booked is a correction.
"""

import uuid
from bisect import insort
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from core.catalog import Item, ValuationMethod
from core.inventory.tables import StockValue
from core.inventory.valuation.reading import (
    Correction,
    Entry,
    Kept,
    Timeline,
    account_of,
    originals_of,
    read_layers,
    timeline_of,
)
from core.inventory.valuation.tables import StockLayer
from core.inventory.valuation.timeline import Layer, Replay, Step, Stock, Way, share
from core.kernel.company import company
from core.kernel.database import plain_table
from core.kernel.money import digits_of

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
                step = entry.step._replace(value=(entry.step.value or 0) + more)
                timeline.entries[known[key]] = entry._replace(step=step)
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
            step = step._replace(way=Way.RECEIPT, value=value)
        elif step.way is Way.ISSUE and step.value is None:
            step = step._replace(value=value)
        timeline.entries[timeline.entries.index(entry)] = entry._replace(step=step, booked=value)
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
