"""Group commit: transactions that end while a write is under way share the next one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog

from storage.atomic_file import NotSyncedError
from storage.base import StoreUnavailable

# How long a change that nobody waits for may stay in memory.
LAZY_SECONDS = 0.5

K = TypeVar("K")
V = TypeVar("V")

Write = Callable[[], None]
"""Writes one snapshot; called in another thread."""

_log = structlog.get_logger(__name__)


class Changes:
    """What one transaction has done to the memory, so that it can be undone."""

    def __init__(self, number: int) -> None:
        self.number = number
        """Counts up with every transaction that changed something."""
        self.made = False
        """Whether there is anything to write."""
        self.needs = 0
        """The newest transaction that must be on disk before the outcome may be used."""
        self._undo: list[Callable[[], object]] = []
        self._ended = False

    def replace(self, put: Callable[[K, V | None], V | None], key: K, value: V | None) -> None:
        """Put a value, None for no value, where `put` returns what was there before."""
        self.check_open()
        before = put(key, value)
        self.made = True
        self._undo.append(partial(put, key, before))

    def undo_with(self, undo: Callable[[], object]) -> None:
        """Note how to undo a change of what is kept in memory beside the documents."""
        self.check_open()
        self._undo.append(undo)

    def check_open(self) -> None:
        """Raise RuntimeError if the transaction has ended: nothing would undo its changes."""
        if self._ended:
            raise RuntimeError("this transaction has ended; begin another one")

    def end(self) -> None:
        """Allow no more changes."""
        self._ended = True

    def undo(self) -> None:
        """Bring the memory back to before the first change."""
        while self._undo:
            self._undo.pop()()


@dataclass(slots=True)
class _Commit:
    changes: Changes
    durable: bool


@dataclass(slots=True)
class _Waiter:
    number: int
    done: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class GroupCommit:
    """Brings transactions to the disk in their order, and takes them back if it refuses.

    One transaction body at a time: `begin`, then `commit` or `abandon`. At most one write is in
    flight, and none is begun while a body is half done.
    """

    def __init__(self, snapshot: Callable[[], Write], executor: Executor) -> None:
        """Take what it needs.

        Args:
            snapshot: returns a function that writes the memory as it is now.
            executor: the one thread that writes.
        """
        self._snapshot = snapshot
        self._executor = executor
        self._in_memory: list[_Commit] = []
        """Committed and not known to be on disk, in order."""
        self._waiters: list[_Waiter] = []
        self._body_open = False
        self._flight: asyncio.Future[None] | None = None
        self._flying = 0
        self._on_disk = 0
        self._newest = 0
        self._newest_durable = 0
        self._fault: BaseException | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None

    def begin(self) -> Changes:
        """Open a transaction body."""
        self._body_open = True
        return Changes(self._newest + 1)

    def abandon(self, changes: Changes) -> None:
        """Undo a body that failed."""
        changes.end()
        changes.undo()
        self._end_body()

    def commit(self, changes: Changes, *, durable: bool) -> asyncio.Future[None] | None:
        """Keep what a body did.

        Returns:
            What to wait for before the outcome may be used, or None for nothing. Cancelling it
            changes nothing about the commit.

        """
        changes.end()
        if changes.made:
            self._newest = changes.number
            if durable:
                self._newest_durable = changes.number
            self._in_memory.append(_Commit(changes, durable))
        # A change that nobody waits for is still lost with the durable one before it, and then
        # its caller must know. What a durable reader has seen must be on disk, too.
        based_on = self._newest_durable if durable or changes.made else 0
        waiter = self._wait_for(max(changes.needs, based_on))
        self._end_body()
        return waiter

    def flush(self) -> asyncio.Future[None] | None:
        """Write everything that is in memory only; returns what to wait for, or None."""
        number = self._newest if self._in_memory else self._flying if self._flight else 0
        waiter = self._wait_for(number)
        self._pump()
        return waiter

    def close(self) -> None:
        """Forget the timer; nothing is written by itself any more."""
        for handle in (self._timer, self._soon):
            if handle is not None:
                handle.cancel()
        self._timer = self._soon = None

    def _wait_for(self, number: int) -> asyncio.Future[None] | None:
        if number <= self._on_disk:
            return None
        waiter = _Waiter(number)
        self._waiters.append(waiter)
        return waiter.done

    def _end_body(self) -> None:
        self._body_open = False
        self._pump()

    def _pump(self) -> None:
        """Do the next thing that can be done; called whenever something has ended."""
        if self._body_open or self._flight is not None:
            return
        if self._fault is not None:
            fault, self._fault = self._fault, None
            self._take_back(fault)
        if self._waiters:
            # Not at once: whoever was waiting for the last write is about to commit again, and
            # would otherwise come too late for this one.
            if self._soon is None:
                self._soon = asyncio.get_running_loop().call_soon(self._start_soon)
        elif self._in_memory and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LAZY_SECONDS, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._flight is None and not self._body_open and self._in_memory:
            self._start()

    def _start_soon(self) -> None:
        self._soon = None
        if self._flight is None and not self._body_open and self._waiters:
            self._start()

    def _start(self) -> None:
        self._flying = self._newest
        loop = asyncio.get_running_loop()
        self._flight = loop.run_in_executor(self._executor, self._snapshot())
        self._flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Future[None]) -> None:
        self._flight = None
        fault = flight.exception()
        if fault is None:
            self._settle()
        else:
            self._fault = fault
        self._pump()

    def _settle(self) -> None:
        """Everything that was in flight is on disk."""
        self._on_disk = self._flying
        self._in_memory = [c for c in self._in_memory if c.changes.number > self._on_disk]
        waiting = []
        for waiter in self._waiters:
            if waiter.number > self._on_disk:
                waiting.append(waiter)
            elif not waiter.done.done():
                waiter.done.set_result(None)
        self._waiters = waiting

    def _take_back(self, fault: BaseException) -> None:
        """Bring the memory back to what is on disk, and tell everybody who waits.

        What nobody waits for stays, if it does not come after something that is taken back.
        """
        reason = (isinstance(fault, OSError) and fault.strerror) or type(fault).__name__
        _log.error("storage_write_failed", reason=reason)
        kept = 0
        while kept < len(self._in_memory) and not self._in_memory[kept].durable:
            kept += 1
        for commit in reversed(self._in_memory[kept:]):
            commit.changes.undo()
        del self._in_memory[kept:]
        self._newest_durable = self._on_disk
        if isinstance(fault, NotSyncedError):
            # The disk may hold what was just taken back: an empty commit has it written over.
            self._newest += 1
            self._in_memory.append(_Commit(Changes(self._newest), durable=False))
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done.done():
                error = StoreUnavailable(
                    f"The storage could not be written ({reason}); nothing was kept."
                )
                error.__cause__ = fault
                waiter.done.set_exception(error)


class MemoryOnly:
    """Stands in for `GroupCommit` where there is no file: everything is kept at once."""

    def begin(self) -> Changes:
        """Open a transaction body."""
        return Changes(0)

    def abandon(self, changes: Changes) -> None:
        """Undo a body that failed."""
        changes.end()
        changes.undo()

    def commit(self, changes: Changes, *, durable: bool) -> None:  # noqa: ARG002 - nothing to wait for
        """Keep what a body did."""
        changes.end()

    def flush(self) -> None:
        """Nothing is to be written."""

    def close(self) -> None:
        """Nothing is to be stopped."""
