"""Places, transfers under way, and counts: what `0013_places.sql` says."""

from core.processes.schema import run_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
