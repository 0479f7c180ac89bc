"""From a need to a bill that matches: what `0016_purchasing.sql` says."""

from core.processes.schema import run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
