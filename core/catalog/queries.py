"""Questions about the catalog."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.catalog.tables import Item, ItemCategory, ItemKind, Price, PriceList

LISTED_MAX = 500


@dataclass(frozen=True)
class ItemView:
    """An item as it stands in the catalog."""

    item_id: uuid.UUID
    sku: str
    name: str
    name_zh: str | None
    kind: ItemKind
    unit: str
    category: str | None
    category_zh: str | None
    standard_cost: Decimal
    active: bool


@dataclass(frozen=True)
class PriceRow:
    """A price on a list."""

    price_list: str
    minimum_quantity: Decimal
    unit_price: Decimal
    currency: str
    valid_from: date


def list_items(
    session: Session,
    *,
    containing: str | None = None,
    category_id: uuid.UUID | None = None,
    item_ids: Sequence[uuid.UUID] | None = None,
    active: bool | None = True,
    limit: int = 50,
) -> list[ItemView]:
    """Return items by SKU; `containing` looks at SKUs and names in both languages.

    A category stands for everything that is filed under it.
    """
    wanted = (
        select(Item, ItemCategory.name, ItemCategory.name_zh)
        .outerjoin(ItemCategory, ItemCategory.id == Item.category_id)
        .order_by(Item.sku)
        .limit(min(limit, LISTED_MAX))
    )
    if containing:
        part = containing.strip().lower()
        columns = (Item.sku, Item.name, Item.name_zh)
        wanted = wanted.where(
            or_(*(func.lower(column).contains(part, autoescape=True) for column in columns))
        )
    if category_id is not None:
        below = select(ItemCategory.id).where(ItemCategory.id == category_id).cte(recursive=True)
        below = below.union(
            select(ItemCategory.id).where(ItemCategory.parent_id == below.columns.id)
        )
        wanted = wanted.where(Item.category_id.in_(select(below.columns.id)))
    if item_ids is not None:
        wanted = wanted.where(Item.id.in_(item_ids))
    if active is not None:
        wanted = wanted.where(Item.active.is_(active))
    return [
        ItemView(
            item_id=item.id,
            sku=item.sku,
            name=item.name,
            name_zh=item.name_zh,
            kind=item.kind,
            unit=item.unit_code,
            category=category,
            category_zh=category_zh,
            standard_cost=item.standard_cost,
            active=item.active,
        )
        for item, category, category_zh in session.execute(wanted)
    ]


def list_prices(session: Session, item_id: uuid.UUID, *, limit: int = 100) -> list[PriceRow]:
    """Return the prices of an item, by list and quantity, the newest first."""
    wanted = (
        select(Price, PriceList)
        .join(PriceList, PriceList.id == Price.price_list_id)
        .where(Price.item_id == item_id)
        .order_by(PriceList.code, Price.minimum_quantity, Price.valid_from.desc())
        .limit(min(limit, LISTED_MAX))
    )
    return [
        PriceRow(
            price_list=kept_on.code,
            minimum_quantity=price.minimum_quantity,
            unit_price=price.unit_price,
            currency=kept_on.currency,
            valid_from=price.valid_from,
        )
        for price, kept_on in session.execute(wanted)
    ]
