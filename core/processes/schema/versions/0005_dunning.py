"""Dunning letters and payment orders: what `0005_dunning.sql` says."""

from core.processes.schema import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
