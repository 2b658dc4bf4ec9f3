"""The embedded store: one TinyDB file, written as a whole, for one process."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

from storage.base import StoreError, Transaction
from storage.outlast import outlast
from storage.tinydb_commits import GroupCommit, MemoryOnly, Write
from storage.tinydb_disk import Disk
from storage.tinydb_memory import Memory, TinyDBTransaction

# How long a busy event loop may keep the interpreter from the thread that writes, which asks for
# it some ten times per write; by default it is ten times as long, and a write takes many times
# what the disk needs.
SWITCH_SECONDS = 0.0005


class TinyDBStore:
    """A `storage.base.Store` in one file, or in no file at all.

    Transactions run one at a time, so their bodies must not wait for anything slow. What they did
    reaches the disk together, see `GroupCommit`.
    """

    shared = False

    def __init__(self, path: Path | None) -> None:
        """Take where to keep it; None keeps it in memory only, for tests."""
        self._disk = None if path is None else Disk(path)
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None
        self._memory: Memory | None = None
        self._commits: GroupCommit | MemoryOnly = MemoryOnly()
        self._executor: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        """See `storage.base.Store`; makes the folder and the file if they are missing."""
        if self._memory is not None:
            raise StoreError("This store is open already.")
        if self._disk is None:
            self._memory = Memory.empty()
        else:
            await self._open(self._disk)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """See `storage.base.Store`.

        Raises:
            StoreUnavailable: it is closed, but the last changes that nobody waited for are lost.
        """
        # As a task of its own, so that a cancelled caller cannot leave it half closed.
        await outlast(asyncio.get_running_loop().create_task(self._close()))

    def subscribe(self, wake: Callable[[], None]) -> None:
        """See `storage.base.Store`; there is no other bot."""

    def clock_offset(self) -> timedelta:
        """See `storage.base.Store`."""
        return timedelta(0)

    @asynccontextmanager
    async def transaction(self, *, durable: bool = True) -> AsyncIterator[Transaction]:
        """See `storage.base.Store`. Not to be nested within one task."""
        task = asyncio.current_task()
        if task is not None and self._holder is task:
            raise RuntimeError("a transaction is open in this task already: it would wait for ever")
        async with self._lock:
            if self._memory is None:
                raise StoreError("This store is not open.")
            changes = self._commits.begin()
            transaction = TinyDBTransaction(self._memory, changes)
            self._holder = task
            try:
                yield transaction
            except BaseException:
                self._commits.abandon(changes)
                raise
            finally:
                self._holder = None
            on_disk = self._commits.commit(changes, durable=durable)
        if on_disk is not None:
            try:
                await on_disk
            except BaseException:
                transaction.give_back_claims()
                raise

    async def _open(self, disk: Disk) -> None:
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")
        opening = asyncio.get_running_loop().run_in_executor(executor, disk.open)
        try:
            memory = await outlast(opening)
        except BaseException:
            disk.close()
            executor.shutdown()
            raise
        self._memory = memory
        self._executor = executor
        # Of the whole process, which has this one store.
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS))

        def prepare_write() -> Write:
            memory.relieve()
            return disk.prepare_write(memory.snapshot(), copy=memory.copies.take_stale())

        self._commits = GroupCommit(prepare_write, executor)

    async def _close(self) -> None:
        async with self._lock:
            memory, self._memory = self._memory, None
            try:
                if (on_disk := self._commits.flush()) is not None:
                    await on_disk
            finally:
                self._commits.close()
                if self._executor is not None:
                    self._executor.shutdown()
                if memory is not None:
                    memory.close()
                if self._disk is not None:
                    self._disk.close()
