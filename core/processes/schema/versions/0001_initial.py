"""The first schema: what `0001_initial.sql` says."""

from core.processes.schema import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, check and trigger of the first release."""
    run_sql(__file__)
