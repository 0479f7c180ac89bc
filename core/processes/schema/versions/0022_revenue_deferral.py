"""When revenue that is invoiced ahead is earned: what `0022_revenue_deferral.sql` says."""

from core.processes.schema import run_sql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
