"""The demo company: its people, its goods, eighteen months of its business, and a played story."""
