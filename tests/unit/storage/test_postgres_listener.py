"""The connection that listens, without a server."""

import asyncio
from datetime import UTC, datetime
from typing import cast

import asyncpg
import pytest

from storage.postgres_listener import Listener


class Answering:
    """A connection to a server where nothing happens."""

    def __init__(self) -> None:
        self.told = asyncio.Event()

    async def execute(self, statement: str, *_: object) -> str:
        if "pg_notify" in statement:
            self.told.set()
        return "UPDATE 0"

    async def fetchval(self, _: str) -> datetime:
        return datetime.now(UTC)

    async def add_listener(self, *_: object) -> None:
        """Take it."""

    def add_termination_listener(self, _: object) -> None:
        """Take it."""

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        """Be gone."""


@pytest.mark.parametrize("steps", range(6))
async def test_it_ends_when_told_to_also_in_the_moment_it_is_stirred(steps: int) -> None:
    """However far the news has come by then, in steps of the event loop."""
    connection = Answering()

    async def connect() -> asyncpg.Connection:
        return cast("asyncpg.Connection", connection)

    listener = Listener(connect, holder="0" * 16)
    await listener.start()
    listener.tell()
    async with asyncio.timeout(10):
        await connection.told.wait()
    listener.tell()
    for _ in range(steps):
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await listener.stop()
