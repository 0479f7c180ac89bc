"""Accounts, contacts, leads, opportunities and activities: what `0024_customers.sql` says."""

from core.processes.schema import run_sql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
