"""Orders in other currencies: what `0038_orders_in_currencies.sql` says."""

from core.processes.schema import run_sql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
