"""Hears from PostgreSQL that another bot owes something, tells the others, and asks the time there.

As long as its session lives, the claims taken through the same store count; those of a session that
is gone, because its bot was killed, are given back by the others within a beat. A bot that hangs
keeps its session, and its claims lapse by themselves.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from storage.base import StoreError
from storage.postgres_connect import Connect
from storage.postgres_faults import translated
from storage.postgres_schema import OWED

log = structlog.get_logger(__name__)

# How often the connection is tried, the clocks are compared and claims of the dead given back.
BEAT = timedelta(seconds=3)
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
# Less than this may as well be the way there and back; a lease has room for it.
_AGREE = timedelta(seconds=2)

_BE_PRESENT = "SELECT pg_try_advisory_lock_shared(('x' || $1)::bit(64)::bigint)"
# A lock is shown as two halves of its number.
_BURY = """
UPDATE outbox SET claimed_by = NULL, claimed_in = NULL, claimed_until = NULL
WHERE claimed_in IS NOT NULL AND claimed_in <> $1 AND claimed_in NOT IN (
  SELECT lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0')
  FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""

# Heard by everybody, whoever says it for all; what a store says for itself bears its name.
_TELL_ALL = f"NOTIFY {OWED}"
_TELL_OTHERS = f"SELECT pg_notify('{OWED}', $1)"
# What is said and given back here may be forgotten in a crash: it is found again.
_RELAX = "SET synchronous_commit = off"

LocalTime = Callable[[], datetime]


def _local_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock of this machine is what is measured


class Listener:
    """One connection of its own that listens for as long as the store is open.

    Args:
        connect: opens it.
        holder: names the store's claims: sixteen hexadecimal digits.
        local_time: the clock of this machine.

    Attributes:
        offset: how far the database's clock is ahead of this machine's; zero while they agree.
    """

    def __init__(
        self, connect: Connect, *, holder: str, local_time: LocalTime = _local_time
    ) -> None:
        self.offset = timedelta(0)
        self._connect = connect
        self._holder = holder
        self._local_time = local_time
        self._wakes: list[Callable[[], None]] = []
        self._owed = False
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever something may have come to be owed."""
        self._wakes.append(wake)

    def tell(self) -> None:
        """Let the other bots know that something is owed; often within a moment is once.

        Not in the transaction that owes it: the server lets only one that notifies commit at a
        time, and each would wait for the disks of all before it.
        """
        self._owed = True
        self._stirred.set()

    async def start(self) -> None:
        """Listen from now on.

        Raises:
            StoreError: there is no connection.
        """
        try:
            await self._measure(await self._open())
        except BaseException:
            self._drop()
            raise
        self._task = asyncio.get_running_loop().create_task(self._listen(), name="storage-listener")

    async def stop(self) -> None:
        """Listen no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._drop()

    async def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                connection = self._connection or await self._open()
                pause = _FIRST_PAUSE
                await self._stay(connection)
            except StoreError as fault:
                log.warning("storage_listener_lost", reason=str(fault))
            except Exception:
                log.exception("storage_listener_crashed")
            self._drop()
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311, TID251 - jitter
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _open(self) -> asyncpg.Connection:
        with translated():
            self._connection = connection = await self._connect()
            await connection.execute(_RELAX)
            await connection.add_listener(OWED, self._heard)
            # Shared, because a session of ours that broke may not be gone yet.
            await connection.execute(_BE_PRESENT, self._holder)
        # What was told while nobody listened is not told again.
        self._wake()
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _stay(self, connection: asyncpg.Connection) -> None:
        time = asyncio.get_running_loop().time
        connection.add_termination_listener(lambda _: self._stirred.set())
        beat_at = time()
        while not connection.is_closed():
            self._stirred.clear()
            await self._pass_on(connection)
            if time() >= beat_at:
                await self._measure(connection)
                await self._bury(connection)
                beat_at = time() + BEAT.total_seconds()
            # Not `wait_for`: stirred in the moment we are cancelled, it would hide that we are.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(beat_at):
                    await self._stirred.wait()
        log.warning("storage_listener_lost", reason="the server closed the connection")

    async def _pass_on(self, connection: asyncpg.Connection) -> None:
        if not self._owed:
            return
        self._owed = False
        try:
            with translated():
                await connection.execute(_TELL_OTHERS, self._holder)
        except BaseException:
            self._owed = True
            raise

    async def _measure(self, connection: asyncpg.Connection) -> None:
        with translated():
            before = self._local_time()
            there: datetime = await connection.fetchval("SELECT clock_timestamp()")
            after = self._local_time()
        ahead = there - (before + (after - before) / 2)
        offset = (
            timedelta(seconds=round(ahead.total_seconds())) if abs(ahead) > _AGREE else timedelta(0)
        )
        if offset != self.offset:
            log.warning("clocks_differ", database_ahead_seconds=offset.total_seconds())
        self.offset = offset

    async def _bury(self, connection: asyncpg.Connection) -> None:
        with translated():
            done: str = await connection.execute(_BURY, self._holder)
            _, count = done.split()
            if int(count):
                log.warning("claims_of_the_dead_given_back", deliveries=int(count))
                await connection.execute(_TELL_ALL)

    def _heard(self, _connection: object, _pid: int, _channel: str, teller: str) -> None:
        # Whoever owes something here looks for it without being told.
        if teller != self._holder:
            self._wake()

    def _wake(self) -> None:
        for wake in self._wakes:
            wake()
