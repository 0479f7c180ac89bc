"""Mails and messages, their threads and what goes out: what `0025_communications.sql` says."""

from core.processes.schema import run_sql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
