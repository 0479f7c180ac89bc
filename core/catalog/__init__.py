"""Catalog: the items we buy, make, stock and sell, their units and their prices."""

from core.catalog.tables import Item, ItemCategory, ItemKind, Price, PriceList, Unit

__all__ = ["Item", "ItemCategory", "ItemKind", "Price", "PriceList", "Unit"]
