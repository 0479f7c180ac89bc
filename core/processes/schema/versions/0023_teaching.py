"""Words and questions that people taught the house: what `0023_teaching.sql` says."""

from core.processes.schema import run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
