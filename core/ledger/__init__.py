"""Ledger: every value the business owns or owes, written twice so that it must agree."""
