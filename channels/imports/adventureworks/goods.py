"""Bring the goods: units, categories, items, prices, offers, and what lies in stock."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from channels.imports.adventureworks.run import CURRENCY, SOURCE, Run
from channels.imports.adventureworks.words import code_of, in_chinese
from channels.imports.report import Reason
from core import catalog, inventory, purchasing
from core.catalog.tables import Item, ItemCategory, Unit
from core.inventory.tables import Location
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.ledger.chart import OPENING_BALANCE
from core.parties.tables import Supplier

# Products are counted one by one; what vendors pack them in is no unit of stock.
ITEM_UNIT = "EA"
FINISHED_GOODS = "Finished Goods Storage"
SAME_UNIT: Reason = ("a unit that we have already", "我们已有的计量单位")
NOTHING_THERE: Reason = ("a place where nothing lies", "该库位没有库存")


def bring_items(run: Run) -> None:
    """Bring items with their units, categories, costs and reorder rules."""
    _units(run)
    categories = _categories(run)
    known = run.known("item")
    new: dict[str, uuid.UUID] = {}
    for row in run.ticking(run.source.products):
        if str(row.product_id) in known:
            continue
        item = catalog.add_item(
            run.session,
            sku=row.product_number,
            name=row.name,
            unit_code=ITEM_UNIT,
            category=categories.get(row.product_subcategory_id),
            standard_cost=row.standard_cost,
        )
        if row.reorder_point > 0 or row.safety_stock_level > 0:
            inventory.set_reorder_rule(
                run.session,
                item,
                minimum=row.reorder_point,
                target=max(row.safety_stock_level, row.reorder_point),
            )
        new[str(row.product_id)] = item.id
    run.remember("item", new, run.files["Product"], len(known))
    ids = {ours: int(key) for key, ours in {**known, **new}.items()}
    found = run.session.scalars(select(Item).where(Item.id.in_(ids)))
    run.items = {ids[item.id]: item for item in found}
    run.new_items = {int(key) for key in new}


def _units(run: Run) -> None:
    known = run.known("unit")
    ours = {code.lower() for code in run.session.scalars(select(Unit.code))}
    new: dict[str, uuid.UUID] = {}
    report = run.files["UnitMeasure"]
    for row in run.ticking(run.source.units):
        if row.unit_measure_code in known:
            continue
        if row.unit_measure_code.lower() in ours:
            report.skip(SAME_UNIT)
            continue
        catalog.add_unit(
            run.session,
            code=row.unit_measure_code,
            name=row.name,
            name_zh=in_chinese(row.name),
            digits=0,
        )
        # A unit is known by its code and has no id of its own.
        new[row.unit_measure_code] = new_id()
    run.remember("unit", new, report, len(known))


def _categories(run: Run) -> dict[int | None, ItemCategory]:
    tops = run.known("category")
    leaves = run.known("subcategory")
    made_tops: dict[str, uuid.UUID] = {}
    made_leaves: dict[str, uuid.UUID] = {}
    every: dict[uuid.UUID, ItemCategory] = {
        each.id: each for each in run.session.scalars(select(ItemCategory))
    }

    def added(name: str, parent: ItemCategory | None) -> ItemCategory:
        code = code_of(name)
        category = catalog.add_category(
            run.session, code=code, name=name, name_zh=in_chinese(name), parent=parent
        )
        every[category.id] = category
        return category

    for top in run.ticking(run.source.categories):
        if str(top.product_category_id) not in tops:
            made_tops[str(top.product_category_id)] = added(top.name, None).id
    run.remember("category", made_tops, run.files["ProductCategory"], len(tops))
    tops = {**tops, **made_tops}
    for leaf in run.ticking(run.source.subcategories):
        if str(leaf.product_subcategory_id) not in leaves:
            parent = every[tops[str(leaf.product_category_id)]]
            made_leaves[str(leaf.product_subcategory_id)] = added(leaf.name, parent).id
    run.remember("subcategory", made_leaves, run.files["ProductSubcategory"], len(leaves))
    return {int(key): every[ours] for key, ours in {**leaves, **made_leaves}.items()}


def bring_prices(run: Run) -> None:
    """Bring list prices from the day they began; the last one still holds."""
    known = run.known("price")
    new: dict[str, uuid.UUID] = {}
    listed: set[int] = set()
    for row in run.ticking(run.source.list_prices):
        listed.add(row.product_id)
        key = f"{row.product_id}-{row.start_date}"
        if key not in known:
            _set_price(run, row.product_id, row.list_price, row.start_date)
            new[key] = run.items[row.product_id].id
    run.remember("price", new, run.files["ProductListPriceHistory"], len(known))
    for product in run.source.products:
        fresh = product.product_id in run.new_items and product.product_id not in listed
        if fresh and product.list_price > 0:
            _set_price(run, product.product_id, product.list_price, product.sell_start_date)


def _set_price(run: Run, product: int, price: Decimal, since: date) -> None:
    catalog.set_price(run.session, run.items[product], unit_price=price, valid_from=since)


def bring_offers(run: Run) -> None:
    """Bring what vendors ask, from which quantity up, and how long they take."""
    known = run.known("offer")
    new: dict[str, uuid.UUID] = {}
    suppliers = {
        supplier.party_id: supplier
        for supplier in run.session.scalars(
            select(Supplier)
            .where(Supplier.party_id.in_(list(run.vendors.values())))
            .options(joinedload(Supplier.party))
        )
    }
    for row in run.ticking(run.source.offers):
        key = f"{row.product_id}-{row.business_entity_id}"
        if key in known:
            continue
        offer = purchasing.list_offer(
            run.session,
            run.items[row.product_id],
            supplier=suppliers[run.vendors[row.business_entity_id]],
            unit_price=row.standard_price,
            lead_time_days=row.average_lead_time,
            minimum_quantity=row.min_order_qty,
        )
        new[key] = offer.id
    run.remember("offer", new, run.files["ProductVendor"], len(known))


# Stock.


def bring_stock(run: Run) -> None:
    """Bring what lies where.

    In the works it lies from the beginning, since no document moves it. What lies in the warehouse
    that we buy into and sell from is where its documents have to lead to.
    """
    locations = _locations(run)
    main = inventory.main_location(run.session)
    known = run.known("stock")
    report = run.files["ProductInventory"]
    coming: dict[int, list[inventory.Incoming]] = defaultdict(list)
    new: dict[str, uuid.UUID] = {}
    counted: dict[uuid.UUID, Decimal] = {}
    for row in run.ticking(run.source.stock):
        key = f"{row.product_id}-{row.location_id}"
        if key in known:
            continue
        item = run.items[row.product_id]
        if locations[row.location_id].id == main.id:
            counted[item.id] = row.quantity
        if row.quantity == 0:
            report.skip(NOTHING_THERE)
            continue
        new[key] = item.id
        if locations[row.location_id].id != main.id:
            cost = run.cost_on(row.product_id, run.opened_on)
            value = Money.rounding(cost * row.quantity, CURRENCY)
            coming[row.location_id].append(inventory.Incoming(item, row.quantity, value))
    if coming:
        _lay_down(run, {locations[place]: goods for place, goods in coming.items()})
    # An item that no warehouse knows is not there in the end.
    fresh = {run.items[product].id: Decimal(0) for product in run.new_items}
    run.counted = {**fresh, **counted}
    run.remember("stock", new, report, len(known))


def _lay_down(run: Run, coming: Mapping[Location, Sequence[inventory.Incoming]]) -> None:
    items = {each.item.id for goods in coming.values() for each in goods}
    moves = inventory.MovesBringer(run.session, SOURCE, items)
    for location, goods in coming.items():
        moves.receive(
            goods,
            location=location,
            against=OPENING_BALANCE,
            origin=f"OPENING {location.code}",
            memo=f"Opening stock: {location.name}",
            day=run.opened_on,
        )
    moves.close()


def _locations(run: Run) -> dict[int, Location]:
    """Bring the places; the store of finished goods is the warehouse that we sell from."""
    known = run.known("location")
    new: dict[str, uuid.UUID] = {}
    main = inventory.main_location(run.session)
    for row in run.ticking(run.source.locations):
        if str(row.location_id) in known:
            continue
        if row.name == FINISHED_GOODS:
            location = main
            location.name, location.name_zh = row.name, in_chinese(row.name)
        else:
            location = inventory.add_location(
                run.session,
                code=code_of(row.name),
                name=row.name,
                name_zh=in_chinese(row.name),
                parent=main,
            )
        new[str(row.location_id)] = location.id
    run.remember("location", new, run.files["Location"], len(known))
    ids = {ours: int(key) for key, ours in {**known, **new}.items()}
    found = run.session.scalars(select(Location).where(Location.id.in_(ids)))
    return {ids[location.id]: location for location in found}
