"""Schedules and fixed assets: what `0007_assets.sql` says."""

from core.processes.schema import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
