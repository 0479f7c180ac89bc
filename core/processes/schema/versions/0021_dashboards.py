"""Dashboards that people make for themselves: what `0021_dashboards.sql` says."""

from core.processes.schema import run_sql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
