"""How Alembic reaches the database: through the connection that `upgrade` holds."""

from alembic import context

from core.kernel.database import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    transactional_ddl=True,
)
context.run_migrations()
