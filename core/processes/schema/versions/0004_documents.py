"""Documents in every currency, with terms and instalments: what `0004_documents.sql` says."""

from core.processes.schema import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
