"""Kept totals of orders, and lines of kept totals: what `0032_kept_totals.sql` says."""

from core.processes.schema import run_sql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
