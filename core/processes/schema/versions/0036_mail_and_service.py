"""Mail that becomes tickets, and troubles that are seen: what `0036_mail_and_service.sql` says."""

from core.processes.schema import run_sql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables, and keep what is in them."""
    run_sql(__file__)
