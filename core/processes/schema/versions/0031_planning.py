"""What to make and buy, and when: what `0031_planning.sql` says."""

from core.processes.schema import run_sql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
