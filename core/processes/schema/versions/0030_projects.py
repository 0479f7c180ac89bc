"""Projects, their hours and what is billed: what `0030_projects.sql` says."""

from core.processes.schema import run_sql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
