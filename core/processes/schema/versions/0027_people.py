"""Employees by date, leave, time and expenses: what `0027_people.sql` says."""

from core.processes.schema import run_sql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
