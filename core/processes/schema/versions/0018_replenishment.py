"""When to order, and how much: what `0018_replenishment.sql` says."""

from core.processes.schema import run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
