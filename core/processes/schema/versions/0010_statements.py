"""Kept totals of months, for statements: what `0010_statements.sql` says."""

from core.processes.schema import run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
