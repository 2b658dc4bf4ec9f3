"""Brings the tables of a database to this version; forward only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.base import StoreError
from storage.postgres import check_ours
from storage.postgres_connect import AT_WORK, connector, engine
from storage.postgres_faults import UPGRADE, translated
from storage.postgres_schema import REVISION, TABLES

_FOLDER = Path(__file__).with_name("migrations")
# Two that upgrade at once would both make the same tables.
_ALONE = text("SELECT pg_advisory_xact_lock(7163107863105961984)")
_MISSING = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NULL"
)
_KEEP_OUT = text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
_ENCODING = text("SELECT current_setting('server_encoding')")
# The second one keeps bytes as they come.
_HOLD_EVERYTHING = ("UTF8", "SQL_ASCII")
_FOUND = text("SELECT to_regclass('alembic_version') IS NOT NULL")

_AT_WORK = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name"
)


async def upgrade(url: str) -> tuple[str, str]:
    """Bring the tables to this version, all steps or none; again is harmless.

    Returns:
        The revision there was, empty for none, and the one there is.

    Raises:
        StoreError: they are of a newer version, bots are at work, or the database refuses.
        StoreUnavailable: the server cannot be reached.
    """
    pool = engine(connector(url, patient=True))
    try:
        with translated(opening=True):
            async with pool.begin() as connection:
                await connection.execute(_ALONE)
                before = await connection.run_sync(_revision)
                check_ours(before)
                if before > REVISION:
                    raise StoreError(
                        f"The tables are of a newer version ({before}, this program knows"
                        f" {REVISION}): update this program."
                    )
                if not before:
                    await _check_encoding(connection)
                if before and before != REVISION:
                    # A bot that starts meanwhile waits, and finds the new version.
                    await connection.execute(_KEEP_OUT)
                    await _check_alone(connection)
                await connection.run_sync(_upgrade)
                await _check_whole(connection)
    finally:
        await pool.dispose()
    return before, REVISION


async def _check_encoding(connection: AsyncConnection) -> None:
    """Raise StoreError if the database cannot hold whatever people type."""
    encoding = await connection.scalar(_ENCODING)
    if encoding not in _HOLD_EVERYTHING:
        raise StoreError(
            f"The database keeps texts as {encoding}, which cannot hold every letter and emoji:"
            " create it with `createdb --encoding UTF8 --template template0`."
        )


async def _check_whole(connection: AsyncConnection) -> None:
    """Raise StoreError if tables were dropped: what was in them is missing, too."""
    names = [table.name for table in TABLES]
    missing = (await connection.scalars(_MISSING, {"names": names})).all()
    if missing:
        raise StoreError(
            f"Tables of this version are missing ({', '.join(missing)}): restore the database from"
            " your backup."
        )


async def _check_alone(connection: AsyncConnection) -> None:
    """Raise StoreError if there are bots, which would go on with tables they do not know."""
    sessions = await connection.scalar(_AT_WORK, {"name": AT_WORK})
    if sessions:
        raise StoreError(
            f"Bots are at work on these tables ({sessions} connections): stop all of them first,"
            f" then {UPGRADE}."
        )


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
