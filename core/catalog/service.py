"""What one can do in the catalog."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, func, inspect, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from core.catalog import rules
from core.catalog.errors import (
    ItemBlocked,
    ItemStateUnchanged,
    PriceListTaken,
    SkuTaken,
    StockIsValuedByIt,
    UnknownCategory,
    UnknownItem,
    UnknownPriceList,
    UnknownUnit,
)
from core.catalog.events import (
    CategoryAdded,
    ItemActivityChanged,
    ItemAdded,
    ItemRenamed,
    PriceListAdded,
    PriceSet,
    StandardCostSet,
    UnitAdded,
)
from core.catalog.tables import (
    Barcode,
    Item,
    ItemCategory,
    ItemKind,
    NegativeStock,
    Price,
    PriceList,
    Trade,
    Unit,
    ValuationMethod,
)
from core.kernel import clock, events
from core.kernel.company import company, today
from core.kernel.errors import Both
from core.kernel.identifiers import new_id
from core.kernel.naming import resolved

# Built once: to build a statement costs more than to run it.
_ACTIVE, _INACTIVE = Both("active", "启用"), Both("inactive", "停用")
_ITEMS = (
    select(Item)
    .options(joinedload(Item.unit, innerjoin=True))
    .where(Item.sku.in_(bindparam("skus", expanding=True)))
)
# The list that everybody buys from who has no other.
STANDARD = "STANDARD"


def find_unit(session: Session, text: str) -> Unit:
    """Return the unit that a code or name means, also one of several: "cartons"."""
    said = " ".join(text.split())
    unit = session.get(Unit, said)
    if unit is not None:
        return unit
    lower = said.lower()
    spoken = {lower, lower.removesuffix("s"), lower.removesuffix("es")}
    columns = (func.lower(Unit.code), func.lower(Unit.name), Unit.name_zh)
    wanted = select(Unit).where(or_(*(column.in_(spoken) for column in columns)))
    found = session.scalars(wanted.order_by(Unit.code)).first()
    if found is None:
        known = session.scalars(select(Unit.code).order_by(Unit.code))
        raise UnknownUnit(unit=said, known=", ".join(known))
    return found


def add_unit(session: Session, *, code: str, name: str, name_zh: str, digits: int = 0) -> Unit:
    """Add a unit of measure and say how many decimals its quantities may have."""
    unit = Unit(code=code, name=name, name_zh=name_zh, digits=digits)
    session.add(unit)
    events.record(session, UnitAdded(code, digits))
    session.flush()
    return unit


def add_category(
    session: Session, *, code: str, name: str, name_zh: str, parent: ItemCategory | None = None
) -> ItemCategory:
    """Add a heading that items are filed under."""
    category = ItemCategory(
        code=code, name=name, name_zh=name_zh, parent_id=parent.id if parent else None
    )
    session.add(category)
    events.record(session, CategoryAdded(code, name))
    session.flush()
    return category


def add_price_list(
    session: Session, *, code: str, name: str, name_zh: str, currency: str | None = None
) -> PriceList:
    """Add a list of sales prices, in the company's currency unless said otherwise."""
    if session.scalar(select(PriceList.id).where(PriceList.code == code)) is not None:
        raise PriceListTaken(code=code)
    kept_in = currency or company(session).currency
    price_list = PriceList(code=code, name=name, name_zh=name_zh, currency=kept_in)
    session.add(price_list)
    events.record(session, PriceListAdded(code, kept_in))
    session.flush()
    return price_list


def add_item(
    session: Session,
    *,
    sku: str,
    name: str,
    name_zh: str | None = None,
    kind: ItemKind = ItemKind.STOCKED,
    unit_code: str = "pcs",
    category: ItemCategory | None = None,
    standard_cost: Decimal = Decimal(0),
    sales_tax_code: str | None = None,
    purchase_tax_code: str | None = None,
    valuation_method: ValuationMethod = ValuationMethod.MOVING_AVERAGE,
    negative_stock: NegativeStock = NegativeStock.REFUSE,
) -> Item:
    """Add something that we buy, make, stock or sell."""
    if taken := session.scalar(select(Item.name).where(Item.sku == sku)):
        raise SkuTaken(sku=sku, taken=taken)
    unit = find_unit(session, unit_code)
    own_tax = sales_tax_code is not None or purchase_tax_code is not None
    if category is not None and not own_tax:
        sales_tax_code, purchase_tax_code = inherited_taxes(session, category.id)
    item = Item(
        sku=sku,
        name=name,
        name_zh=name_zh,
        kind=kind,
        unit=unit,
        category_id=category.id if category else None,
        standard_cost=standard_cost,
        valuation_method=valuation_method,
        negative_stock=negative_stock,
        sales_tax_code=sales_tax_code,
        purchase_tax_code=purchase_tax_code,
        own_tax=own_tax,
    )
    rules.require_price(item, standard_cost)
    session.add(item)
    events.record(session, ItemAdded(sku, name, unit.code, standard_cost))
    session.flush()
    return item


def inherited_taxes(
    session: Session, category_id: uuid.UUID | None
) -> tuple[str | None, str | None]:
    """Return the codes of the nearest category upwards that has any."""
    while category_id is not None:
        category = session.get_one(ItemCategory, category_id)
        if category.sales_tax_code or category.purchase_tax_code:
            return category.sales_tax_code, category.purchase_tax_code
        category_id = category.parent_id
    return None, None


def find_item(session: Session, text: str) -> Item:
    """Return the item, with its unit, that a SKU, barcode or name means."""
    return find_items(session, [text])[0]


def find_items(session: Session, texts: Sequence[str]) -> list[Item]:
    """Return the items that SKUs, barcodes or names mean, in their order.

    One query where all are SKUs.
    """
    said = [text.strip() for text in texts]
    known = {item.sku: item for item in session.scalars(_ITEMS, {"skus": said})}
    found = []
    for text in said:
        item = known.get(text)
        if item is None:
            scanned = select(Item.sku).join(Barcode, Barcode.item_id == Item.id)
            sku = session.scalar(scanned.where(Barcode.code == text))
            if sku is None:
                among = select(Item.sku, Item.name, Item.name_zh)
                sku = resolved(session, among, text, UnknownItem)
            item = session.scalars(_ITEMS, {"skus": [sku]}).one()
        found.append(item)
    return found


def find_category(session: Session, text: str) -> ItemCategory:
    """Return the category that a code or name means."""
    among = select(ItemCategory.code, ItemCategory.name, ItemCategory.name_zh)
    code = resolved(session, among, text, UnknownCategory)
    return session.scalars(select(ItemCategory).where(ItemCategory.code == code)).one()


def find_price_list(session: Session, text: str) -> PriceList:
    """Return the price list that a code or name means."""
    wanted = select(PriceList)
    known = session.scalar(wanted.where(PriceList.code == text))
    if known is None:
        among = select(PriceList.code, PriceList.name, PriceList.name_zh)
        code = resolved(session, among, text, UnknownPriceList)
        known = session.scalars(wanted.where(PriceList.code == code)).one()
    return known


def rename_item(session: Session, item: Item, *, name: str, name_zh: str | None = None) -> None:
    """Give an item another name; its SKU stays."""
    before, item.name = item.name, name
    if name_zh is not None:
        item.name_zh = name_zh
    events.record(session, ItemRenamed(item.sku, before, name))
    session.flush()


def deactivate_item(session: Session, item: Item) -> None:
    """Stop trading an item; what is ordered already goes on."""
    _turn(session, item, active=False)


def activate_item(session: Session, item: Item) -> None:
    """Trade an item again."""
    _turn(session, item, active=True)


def set_standard_cost(session: Session, item: Item, cost: Decimal) -> None:
    """Set the cost of one unit that we reckon with; the stock is not valued by it.

    Where it is, `inventory.set_standard_cost` values it anew as well.
    """
    rules.require_price(item, cost)
    if item.valuation_method is ValuationMethod.STANDARD:
        raise StockIsValuedByIt(sku=item.sku)
    session.refresh(item, ["standard_cost"], with_for_update={"key_share": True, "of": Item})
    before, item.standard_cost = item.standard_cost, cost
    currency = company(session).currency
    events.record(session, StandardCostSet(item.sku, before, cost, currency))
    session.flush()


def set_price(
    session: Session,
    item: Item,
    *,
    unit_price: Decimal,
    price_list: str = STANDARD,
    minimum_quantity: Decimal = Decimal(1),
    valid_from: date | None = None,
) -> Decimal | None:
    """Set the sales price of one unit from some quantity up, from a day on (today).

    Return what it was on that day so far, if it had a price.
    """
    rules.require_price(item, unit_price)
    rules.require_quantity(
        item, minimum_quantity, digits=unit_digits(session, [item])[item.unit_code]
    )
    on = valid_from or today(session)
    kept_on = find_price_list(session, price_list)
    so_far = (
        select(Price.unit_price)
        .where(
            Price.price_list_id == kept_on.id,
            Price.item_id == item.id,
            Price.minimum_quantity == minimum_quantity,
            Price.valid_from <= on,
        )
        .order_by(Price.valid_from.desc())
    )
    before = session.scalars(so_far).first()
    row = insert(Price).values(
        id=new_id(),
        created_at=clock.now(),
        price_list_id=kept_on.id,
        item_id=item.id,
        minimum_quantity=minimum_quantity,
        unit_price=unit_price,
        valid_from=on,
    )
    key = [Price.price_list_id, Price.item_id, Price.minimum_quantity, Price.valid_from]
    session.execute(row.on_conflict_do_update(index_elements=key, set_={"unit_price": unit_price}))
    fact = PriceSet(
        sku=item.sku,
        price_list=kept_on.code,
        minimum_quantity=minimum_quantity,
        before=before,
        after=unit_price,
        currency=kept_on.currency,
    )
    events.record(session, fact)
    session.flush()
    return fact.before


def unit_digits(session: Session, items: Iterable[Item]) -> dict[str, int]:
    """Return how many decimals the units of some items have; each is asked for once."""
    known: dict[str, int] = session.info.setdefault("catalog.unit_digits", {})
    missing = set()
    for item in items:
        if item.unit_code in known:
            continue
        if "unit" in inspect(item).unloaded:
            missing.add(item.unit_code)
        else:
            known[item.unit_code] = item.unit.digits
    if missing:
        rows = session.execute(select(Unit.code, Unit.digits).where(Unit.code.in_(missing)))
        known.update(dict(rows.all()))
    return known


def require_tradeable(
    session: Session, wanted: Sequence[tuple[Item, Decimal]], *, trade: Trade | None = None
) -> None:
    """Refuse items that are no longer traded, and quantities that their units cannot express.

    Where it is said which way they are traded, also those that are blocked for that.
    """
    for item, _ in wanted:
        rules.require_active(item)
        if trade is not None and getattr(item, f"{trade}_blocked"):
            raise ItemBlocked(sku=item.sku, trade=trade, instead=_instead_of(session, item))
    require_quantities(session, wanted)


def require_quantities(session: Session, wanted: Sequence[tuple[Item, Decimal]]) -> None:
    """Refuse quantities that the units of the items cannot express."""
    digits = unit_digits(session, [item for item, _ in wanted])
    for item, quantity in wanted:
        rules.require_quantity(item, quantity, digits=digits[item.unit_code])


def _instead_of(session: Session, item: Item) -> Both:
    other = session.get(Item, item.replaced_by_id) if item.replaced_by_id else None
    if other is None:
        return Both("release it first, or choose another item", "请先放行，或选择其他物料")
    return Both(f"take {other.sku} {other.name} instead", f"请改用 {other.sku} {other.name}")


def _turn(session: Session, item: Item, *, active: bool) -> None:
    session.refresh(item, ["active"], with_for_update={"key_share": True, "of": Item})
    if item.active is active:
        raise ItemStateUnchanged(sku=item.sku, state=_ACTIVE if active else _INACTIVE)
    item.active = active
    events.record(session, ItemActivityChanged(item.sku, active))
    session.flush()
