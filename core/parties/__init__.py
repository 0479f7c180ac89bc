"""Parties: people and companies, one row each, whatever roles they have."""

from core.parties.tables import Customer, Party, PartyKind, Supplier, Territory

__all__ = ["Customer", "Party", "PartyKind", "Supplier", "Territory"]
