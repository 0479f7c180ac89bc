"""Units, variants, kits and prices: what `0015_catalog.sql` says."""

from core.processes.schema import run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
