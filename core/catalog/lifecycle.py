"""The life of an item beside buying and selling it: blocked, replaced, measured, taxed by group."""

import uuid
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.catalog.errors import ItemStateUnchanged, ReplacedByItself
from core.catalog.events import CategoryTaxed, ItemBlockingChanged, ItemReplaced, MeasuresSet
from core.catalog.rules import require_price
from core.catalog.service import inherited_taxes
from core.catalog.tables import Item, ItemCategory, Trade
from core.kernel import events
from core.kernel.errors import Both
from core.kernel.money import plain

_BLOCKED, _RELEASED = Both("blocked", "已冻结"), Both("released", "已放行")


def block_item(session: Session, item: Item, trade: Trade) -> None:
    """Stop selling or buying an item for now; what is ordered already goes on."""
    _turn(session, item, trade, blocked=True)


def release_item(session: Session, item: Item, trade: Trade) -> None:
    """Sell or buy an item again."""
    _turn(session, item, trade, blocked=False)


def replace_item(session: Session, item: Item, by: Item | None) -> str | None:
    """Name the item that takes the place of another, or none; return the one so far."""
    before = session.get(Item, item.replaced_by_id) if item.replaced_by_id else None
    at = by
    while at is not None:
        if at.id == item.id:
            assert by is not None, "the walk began with it"
            raise ReplacedByItself(sku=item.sku, other=by.sku)
        at = session.get(Item, at.replaced_by_id) if at.replaced_by_id else None
    item.replaced_by_id = by.id if by else None
    was = before.sku if before else None
    events.record(session, ItemReplaced(item.sku, was, by.sku if by else None))
    session.flush()
    return was


def set_measures(
    session: Session, item: Item, *, weight_kg: Decimal | None, volume_l: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """Say how heavy and how large one unit is; return what was said so far."""
    for measure in (weight_kg, volume_l):
        if measure is not None:
            require_price(item, measure)
    before = (item.weight_kg, item.volume_l)
    item.weight_kg, item.volume_l = weight_kg, volume_l
    events.record(
        session, MeasuresSet(item.sku, _measured(*before), _measured(weight_kg, volume_l))
    )
    session.flush()
    return before


def set_category_taxes(
    session: Session,
    category: ItemCategory,
    *,
    sales_tax_code: str | None,
    purchase_tax_code: str | None,
) -> tuple[str | None, str | None]:
    """Tax items under a category so that say nothing of their own; return its codes so far.

    A category below that has codes of its own keeps them for its items.
    """
    before = (category.sales_tax_code, category.purchase_tax_code)
    category.sales_tax_code, category.purchase_tax_code = sales_tax_code, purchase_tax_code
    session.flush()
    taxed = _branch(session, category)
    codes = inherited_taxes(session, category.id)
    following = session.scalars(
        update(Item)
        .where(Item.category_id.in_(taxed), Item.own_tax.is_(False))
        .values(sales_tax_code=codes[0], purchase_tax_code=codes[1])
        .returning(Item.id)
    ).all()
    after = _codes(sales_tax_code, purchase_tax_code)
    events.record(session, CategoryTaxed(category.code, _codes(*before), after, len(following)))
    session.flush()
    return before


def _branch(session: Session, category: ItemCategory) -> list[uuid.UUID]:
    """Return a category and those below it that have no tax codes of their own."""
    rows = session.execute(
        select(
            ItemCategory.id,
            ItemCategory.parent_id,
            ItemCategory.sales_tax_code,
            ItemCategory.purchase_tax_code,
        )
    ).all()
    below: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for category_id, parent_id, sales, purchase in rows:
        if sales is None and purchase is None:
            below.setdefault(parent_id, []).append(category_id)
    branch = [category.id]
    for at in branch:
        branch += below.get(at, [])
    return branch


def _turn(session: Session, item: Item, trade: Trade, *, blocked: bool) -> None:
    session.refresh(
        item, ["sale_blocked", "purchase_blocked"],
        with_for_update={"key_share": True, "of": Item},
    )  # fmt: skip
    column = f"{trade}_blocked"
    if getattr(item, column) is blocked:
        raise ItemStateUnchanged(sku=item.sku, state=_BLOCKED if blocked else _RELEASED)
    setattr(item, column, blocked)
    other = session.get(Item, item.replaced_by_id) if item.replaced_by_id else None
    fact = ItemBlockingChanged(item.sku, trade, blocked, other.sku if other else None)
    events.record(session, fact)
    session.flush()


def _measured(weight_kg: Decimal | None, volume_l: Decimal | None) -> str:
    said = [f"{plain(much)} {unit}" for much, unit in ((weight_kg, "kg"), (volume_l, "l")) if much]
    return ", ".join(said) or "none"


def _codes(sales: str | None, purchase: str | None) -> str:
    return f"{sales or '–'} / {purchase or '–'}"
