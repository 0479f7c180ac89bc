"""The counters of what is promised: changed where they stand, each locked as short as can be.

Who only promises goods, or gives promises back, locks the levels concerned, in their order, and
not the items: two that promise different items never wait for each other, and who moves goods
locks both.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ARRAY, Numeric, Uuid, bindparam, select, text, tuple_
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.events import Level
from core.inventory.shelves import note_level
from core.inventory.tables import Location, StockLevel
from core.kernel.money import plain

_ZERO = Decimal(0)
Place = tuple[uuid.UUID, uuid.UUID]

# What is asked for is granted as far as it is free, and what is given back, a negative quantity,
# in whole. The levels are locked in their order first: what is free is reckoned after the wait.
_CHANGE = text(
    """
    WITH asked AS (
        SELECT * FROM unnest(:items, :places, :quantities, :kept)
            AS asked (item_id, location_id, quantity, kept)
    ), level AS (
        SELECT stock_level.item_id, stock_level.location_id, stock_level.reserved,
            least(quantity, greatest(on_hand - reserved - kept, 0)) AS granted
        FROM stock_level JOIN asked USING (item_id, location_id)
        ORDER BY stock_level.item_id, stock_level.location_id
        FOR UPDATE OF stock_level
    )
    UPDATE stock_level SET reserved = level.reserved + level.granted FROM level
    WHERE stock_level.item_id = level.item_id AND stock_level.location_id = level.location_id
        AND level.granted <> 0
    RETURNING stock_level.item_id, stock_level.location_id, stock_level.on_hand,
        level.reserved, level.granted
    """
).bindparams(
    bindparam("items", type_=ARRAY(Uuid)),
    bindparam("places", type_=ARRAY(Uuid)),
    bindparam("quantities", type_=ARRAY(Numeric)),
    bindparam("kept", type_=ARRAY(Numeric)),
)
_LOCK = (
    select(StockLevel.item_id)
    .where(
        tuple_(StockLevel.item_id, StockLevel.location_id).in_(bindparam("places", expanding=True))
    )
    .order_by(StockLevel.item_id, StockLevel.location_id)
    .with_for_update()
)


@dataclass(frozen=True)
class Changed:
    """A counter before and after."""

    on_hand: Decimal
    before: Decimal
    after: Decimal

    @property
    def granted(self) -> Decimal:
        """What more is promised; negative where it was given back."""
        return self.after - self.before


def change(
    session: Session,
    asked: Mapping[Place, Decimal],
    *,
    kept: Mapping[uuid.UUID, Decimal] | None = None,
) -> dict[Place, Changed]:
    """Promise as much as is free at each place, or give back; return what changed.

    `kept` says how much of an item lies there and may be promised to nobody.
    """
    places = sorted(place for place, quantity in asked.items() if quantity)
    if not places:
        return {}
    session.flush()
    rows = session.execute(
        _CHANGE,
        {
            "items": [item_id for item_id, _ in places],
            "places": [location_id for _, location_id in places],
            "quantities": [asked[place] for place in places],
            "kept": [(kept or {}).get(item_id, _ZERO) for item_id, _ in places],
        },
    )
    changed = {}
    for item_id, location_id, on_hand, before, granted in rows:
        place = (item_id, location_id)
        changed[place] = Changed(on_hand, before, before + granted)
        note_level(session, place, on_hand=on_hand, reserved=before + granted)
    return changed


def lock(session: Session, places: Iterable[Place]) -> None:
    """Let nobody else promise these goods, or take what is promised, until the transaction ends."""
    wanted = sorted(set(places))
    if wanted:
        session.execute(_LOCK, {"places": wanted})


def levels(
    changed: Mapping[Place, Changed],
    items: Mapping[uuid.UUID, Item],
    locations: Mapping[uuid.UUID, Location],
) -> tuple[Level, ...]:
    """Say every counter that changed, for the fact of it."""
    return tuple(
        Level(
            sku=items[item_id].sku,
            name=items[item_id].name,
            location=locations[location_id].code,
            on_hand_before=plain(each.on_hand),
            on_hand=plain(each.on_hand),
            reserved_before=plain(each.before),
            reserved=plain(each.after),
        )
        for (item_id, location_id), each in changed.items()
    )
