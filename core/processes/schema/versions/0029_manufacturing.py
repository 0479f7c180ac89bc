"""Bills of materials, routings and work orders: what `0029_manufacturing.sql` says."""

from core.processes.schema import run_sql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
