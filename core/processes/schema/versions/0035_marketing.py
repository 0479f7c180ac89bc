"""Segments, campaigns and what came back of them: what `0035_marketing.sql` says."""

from core.processes.schema import run_sql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
