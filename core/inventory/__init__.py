"""Inventory: how much of each item is where, promised to whom, and worth what."""
