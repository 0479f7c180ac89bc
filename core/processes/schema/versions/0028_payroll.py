"""Pay, its rules by date and its runs: what `0028_payroll.sql` says."""

from core.processes.schema import run_sql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
