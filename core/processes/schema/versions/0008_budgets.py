"""Budgets and commitments: what `0008_budgets.sql` says."""

from core.processes.schema import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
