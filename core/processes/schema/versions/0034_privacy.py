"""Proposals, runs and hours are shown to whose they are: what `0034_privacy.sql` says."""

from core.processes.schema import run_sql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
