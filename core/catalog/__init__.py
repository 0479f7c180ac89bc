"""Catalog: the items we buy, make, stock and sell, their units and their prices.

A name means one item or is refused with what may be meant. Quantities have the decimals of their
unit; a price for one unit is exact, and becomes money only where a line is added up.
"""

from core.catalog.queries import ItemView, PriceRow, list_items, list_prices
from core.catalog.rules import ItemPrice, net_amount, require_price
from core.catalog.service import (
    STANDARD,
    activate_item,
    add_category,
    add_item,
    add_price_list,
    add_unit,
    deactivate_item,
    find_category,
    find_item,
    find_items,
    find_price_list,
    open_standard_catalog,
    price_of,
    prices_of,
    prices_or_none_of,
    rename_item,
    require_quantities,
    require_tradeable,
    set_price,
    set_standard_cost,
    unit_digits,
)
from core.catalog.tables import Item, ItemCategory, ItemKind, Price, PriceList, Tracking, Unit

__all__ = [
    "STANDARD",
    "Item",
    "ItemCategory",
    "ItemKind",
    "ItemPrice",
    "ItemView",
    "Price",
    "PriceList",
    "PriceRow",
    "Tracking",
    "Unit",
    "activate_item",
    "add_category",
    "add_item",
    "add_price_list",
    "add_unit",
    "deactivate_item",
    "find_category",
    "find_item",
    "find_items",
    "find_price_list",
    "list_items",
    "list_prices",
    "net_amount",
    "open_standard_catalog",
    "price_of",
    "prices_of",
    "prices_or_none_of",
    "rename_item",
    "require_price",
    "require_quantities",
    "require_tradeable",
    "set_price",
    "set_standard_cost",
    "unit_digits",
]
