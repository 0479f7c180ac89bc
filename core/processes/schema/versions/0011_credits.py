"""Which lines credit notes take back: what `0011_credits.sql` says."""

from core.processes.schema import run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
