"""Where Alembic begins; see `storage.postgres_upgrade`, which hands the connection over."""

from alembic import context

from storage.postgres_schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
