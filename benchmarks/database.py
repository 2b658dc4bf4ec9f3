"""A PostgreSQL of the benchmarks' own, that keeps what it has committed."""

from pathlib import Path

from tests.postgres import Server

# As it comes, but for the sizes that everybody raises first.
SETTINGS = """
shared_buffers = 512MB
maintenance_work_mem = 512MB
max_wal_size = 4GB
max_connections = 150
"""


def database_server(folder: Path | None) -> Server:
    """Start one; it is gone with the process.

    Args:
        folder: on the disk that is measured; that of temporary files if None.
    """
    return Server(SETTINGS, folder)
