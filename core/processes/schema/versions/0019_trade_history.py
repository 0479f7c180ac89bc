"""Trade that another system carried out: what `0019_trade_history.sql` says."""

from core.processes.schema import run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
