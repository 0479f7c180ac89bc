"""The first schema: what `0001_initial.sql` says."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, check and trigger of the first release."""
    # Through the driver itself: a percent sign in a trigger is not a place for a parameter.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "a connection has its driver's"
    driver.execute(Path(__file__).with_suffix(".sql").read_text())
