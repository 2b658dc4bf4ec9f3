"""The shared store: one PostgreSQL database for any number of bots, all active."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Self

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.cases.case import MessageId
from storage.base import StoreError, StoreUnavailable, Transaction
from storage.outlast import outlast
from storage.postgres_cases import CasePart
from storage.postgres_connect import ANSWER_WITHIN, connector, engine
from storage.postgres_faults import UPGRADE, translated
from storage.postgres_inbox import InboxPart
from storage.postgres_issues import IssuePart
from storage.postgres_listener import Listener
from storage.postgres_marks import MarkPart
from storage.postgres_outbox import OutboxPart
from storage.postgres_people import PeoplePart
from storage.postgres_retention import RetentionPart
from storage.postgres_schema import REVISION, outbox
from storage.postgres_traces import TracesPart
from storage.postgres_work import Work

_FREE = {"claimed_by": None, "claimed_in": None, "claimed_until": None}
_OURS = update(outbox).where(outbox.c.claimed_in == bindparam("holder")).values(_FREE)
_SOME_OF_OURS = _OURS.where(outbox.c.id.in_(bindparam("ids", expanding=True)))
_HAS_REVISION = select(text("to_regclass('alembic_version') IS NOT NULL"))
_REVISION = text("SELECT version_num FROM alembic_version")


class PostgresTransaction(
    CasePart, InboxPart, OutboxPart, IssuePart, MarkPart, PeoplePart, RetentionPart, TracesPart
):
    """A `storage.base.Transaction` on one connection.

    What `find_…` and `get_mark` return, and the cases of an issue, stays as it is until the end;
    everything else shows what others had committed when it was asked for.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._seen: dict[int, tuple[int, tuple[MessageId, ...]]] = {}
        self._allocated: set[int] = set()


class PostgresStore:
    """A `storage.base.Store` in a PostgreSQL database.

    Transactions run side by side and wait for each other only where they touch the same. One that
    lost against another raises StoreUnavailable. So does one whose connection broke in the very
    moment of its commit: only then it may have happened all the same, and whoever asks again finds
    what it recorded.
    """

    shared = True

    def __init__(self, url: str, *, answer_within: timedelta = ANSWER_WITHIN) -> None:
        """Take where the database is; see `storage.postgres_connect.connector`."""
        self._connect = connector(url, answer_within=answer_within)
        self._answer_within = answer_within
        self._holder = secrets.token_hex(8)
        self._listener = Listener(self._connect, holder=self._holder)
        self._engine: AsyncEngine | None = None
        # Claimed for callers that will never know of it, as far as anybody can tell.
        self._orphaned: set[int] = set()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        """See `storage.base.Store`.

        Raises:
            StoreUnavailable: the server cannot be reached.
            StoreError: it refuses, or its tables are not those of this version.
        """
        if self._engine is not None:
            raise StoreError("This store is open already.")
        async with AsyncExitStack() as stack:
            pool = engine(self._connect, free_within=self._answer_within)
            stack.push_async_callback(pool.dispose)
            await check_revision(pool)
            await self._listener.start()
            stack.pop_all()
        self._engine = pool
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """See `storage.base.Store`; gives back what was claimed through it."""
        # As a task of its own, so that a cancelled caller cannot leave it half closed.
        await outlast(asyncio.get_running_loop().create_task(self._close()))

    def subscribe(self, wake: Callable[[], None]) -> None:
        """See `storage.base.Store`."""
        self._listener.subscribe(wake)

    def clock_offset(self) -> timedelta:
        """See `storage.base.Store`."""
        return self._listener.offset

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[Transaction]:
        """See `storage.base.Store`."""
        if self._engine is None:
            raise StoreError("This store is not open.")
        self._running += 1
        self._idle.clear()
        try:
            async with self._work(self._engine, durable=durable) as work:
                yield PostgresTransaction(work)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    @asynccontextmanager
    async def _work(self, pool: AsyncEngine, *, durable: bool) -> AsyncIterator[Work]:
        loop = asyncio.get_running_loop()
        connection = pool.connect()
        with translated():
            await connection.start()
        again = True
        try:
            work = Work(connection, holder=self._holder, durable=durable)
            try:
                yield work
            except BaseException:
                await outlast(loop.create_task(work.abandon()))
                raise
            try:
                # A commit is not to be interrupted: nobody would know whether it happened.
                await outlast(loop.create_task(work.commit()))
            except BaseException:
                self._orphaned.update(work.claimed)
                await outlast(loop.create_task(self._give_back(pool)))
                raise
            else:
                # Claimed anew, and known this time.
                self._orphaned.difference_update(work.claimed)
                if self._orphaned:
                    await outlast(loop.create_task(self._give_back(pool)))
            finally:
                # Also if nobody knows whether it is there: others look in vain at worst.
                if work.owed:
                    self._listener.tell()
        except StoreUnavailable:
            # Whatever is the matter with it, half open or on a server that only reads by now: the
            # next transaction begins on a new one.
            again = False
            raise
        finally:
            await outlast(loop.create_task(_put_away(connection, again=again)))

    async def _give_back(self, pool: AsyncEngine) -> None:
        """Free what nobody knows that they claimed; a server that is away is asked again later."""
        ids = sorted(self._orphaned)
        if not ids:
            return
        try:
            with translated():
                async with pool.begin() as connection:
                    await connection.execute(_SOME_OF_OURS, {"holder": self._holder, "ids": ids})
        except StoreError:
            return
        self._orphaned.difference_update(ids)

    async def _close(self) -> None:
        pool, self._engine = self._engine, None
        await self._idle.wait()
        if pool is None:
            return
        try:
            with translated():
                async with pool.begin() as connection:
                    await connection.execute(_OURS, {"holder": self._holder})
        except StoreError:
            # The server is away; what was claimed lapses by itself.
            return
        finally:
            await self._listener.stop()
            await pool.dispose()


async def _put_away(connection: AsyncConnection, *, again: bool) -> None:
    """Put a connection back into the pool; never raises, a broken one is thrown away.

    Args:
        connection: with nothing begun.
        again: whether it may be used again.
    """
    try:
        with translated():
            if not again:
                await connection.invalidate()
            await connection.close()
    except StoreError:
        with contextlib.suppress(StoreError), translated():
            await connection.invalidate()


async def check_revision(pool: AsyncEngine) -> None:
    """Raise StoreError, with the command that mends it, if the tables are of another version."""
    with translated(opening=True):
        async with pool.connect() as connection:
            known = await connection.scalar(_HAS_REVISION)
            found = await connection.scalar(_REVISION) if known else None
    if found is None:
        raise StoreError(f"The database has no tables of this program yet: {UPGRADE}.")
    check_ours(found)
    if found < REVISION:
        raise StoreError(
            f"The tables are of an older version ({found}, this program needs {REVISION}):"
            f" stop the older bots, then {UPGRADE}."
        )
    if found > REVISION:
        raise StoreError(
            f"The tables are of a newer version ({found}, this program knows {REVISION}):"
            " update this program, `python -m bot --version` tells which it is."
        )


def check_ours(revision: str) -> None:
    """Raise StoreError if tables are of a version that no version of this program has made."""
    if revision and not revision.isdecimal():
        raise StoreError(
            f"The database has tables of another program (version {revision}): give this one a"
            " database of its own."
        )
