"""Bank accounts, statements and their matching: what `0006_banking.sql` says."""

from core.processes.schema import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
