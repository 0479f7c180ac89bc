"""Journals, dimensions, rates, kept totals, fiscal years: what `0002_ledger.sql` says."""

from core.processes.schema import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
