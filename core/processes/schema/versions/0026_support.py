"""Tickets, their clocks and what is known about problems: what `0026_support.sql` says."""

from core.processes.schema import run_sql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
