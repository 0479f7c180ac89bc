"""When operations are done, and by which calendar: what `0037_scheduling.sql` says."""

from core.processes.schema import run_sql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
