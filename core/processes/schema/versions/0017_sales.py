"""From a quotation to what comes back: what `0017_sales.sql` says."""

from core.processes.schema import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
