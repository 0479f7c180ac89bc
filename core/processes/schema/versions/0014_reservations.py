"""Reservations with a life of their own, and lots: what `0014_reservations.sql` says."""

from core.processes.schema import run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
