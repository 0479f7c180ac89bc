"""What stock is worth: what `0012_valuation.sql` says."""

from core.processes.schema import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
