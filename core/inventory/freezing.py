"""Goods that do not move, because they are being counted."""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.errors import BeingCounted
from core.inventory.tables import FrozenStock, Location


def freeze(
    session: Session, shelves: Iterable[tuple[uuid.UUID, uuid.UUID]], *, number: str
) -> None:
    """Let nothing move on some shelves (item, place) until they are thawed; items are locked."""
    frozen = list(shelves)
    rows = [
        {"item_id": item_id, "location_id": place_id, "number": number}
        for item_id, place_id in frozen
    ]
    session.execute(insert(FrozenStock), rows)
    for place in _locked(session, {place_id for _, place_id in frozen}):
        place.frozen = True
    session.flush()


def thaw(session: Session, *, number: str) -> None:
    """Let everything move again that a count has frozen."""
    thawed = session.scalars(
        delete(FrozenStock)
        .where(FrozenStock.number == number)
        .returning(FrozenStock.location_id)
        .execution_options(synchronize_session=False)
    )
    places = _locked(session, set(thawed))
    still = set(session.scalars(select(FrozenStock.location_id).distinct()))
    for place in places:
        place.frozen = place.id in still
    session.flush()


def _locked(session: Session, place_ids: set[uuid.UUID]) -> list[Location]:
    # Two counts of one place write its row in turn.
    wanted = (
        select(Location)
        .where(Location.id.in_(place_ids))
        .order_by(Location.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(wanted))


def require_thawed(session: Session, items: Iterable[Item], places: Sequence[Location]) -> None:
    """Refuse to move what is frozen; without a statement where nothing is."""
    concerned = [place.id for place in places if place.frozen]
    if not concerned:
        return
    wanted = (
        select(Item.sku, Location.code, FrozenStock.number)
        .join(Item, Item.id == FrozenStock.item_id)
        .join(Location, Location.id == FrozenStock.location_id)
        .where(
            FrozenStock.item_id.in_([item.id for item in items]),
            FrozenStock.location_id.in_(concerned),
        )
        .order_by(Item.sku, Location.code)
        .limit(1)
    )
    frozen = session.execute(wanted).first()
    if frozen is not None:
        sku, place, number = frozen
        raise BeingCounted(sku=sku, location=place, number=number)
