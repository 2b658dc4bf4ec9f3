"""Brings the tables of a database to this version; forward only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from storage.base import StoreError
from storage.postgres_connect import connector, engine
from storage.postgres_faults import translated
from storage.postgres_schema import REVISION

_FOLDER = Path(__file__).with_name("migrations")
# Two that upgrade at once would both make the same tables.
_ALONE = text("SELECT pg_advisory_xact_lock(7163107863105961984)")
_FOUND = text("SELECT to_regclass('alembic_version') IS NOT NULL")


async def upgrade(url: str) -> tuple[str, str]:
    """Bring the tables to this version, all steps or none; again is harmless.

    Returns:
        The revision there was, empty for none, and the one there is.

    Raises:
        StoreError: they are of a newer version, or the database refuses.
        StoreUnavailable: the server cannot be reached.
    """
    pool = engine(connector(url, patient=True))
    try:
        with translated(opening=True):
            async with pool.begin() as connection:
                await connection.execute(_ALONE)
                before = await connection.run_sync(_revision)
                if before > REVISION:
                    raise StoreError(
                        f"The tables are of a newer version ({before}, this program knows"
                        f" {REVISION}): update this program."
                    )
                await connection.run_sync(_upgrade)
    finally:
        await pool.dispose()
    return before, REVISION


def _revision(connection: Connection) -> str:
    if not connection.scalar(_FOUND):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def configuration(connection: Connection | None = None) -> Config:
    """Return what Alembic has to know."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(configuration(connection), "head")
