"""A disk that refuses, is slow, or comes back: memory and file never disagree for long."""

# ruff: noqa: ASYNC240 - a test may wait for a small file

import asyncio
import errno
import os
import stat
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.cases.case import CaseId, MessageId
from bot.cases.query import CaseQuery
from storage import open_store
from storage.base import DispatcherId, Store, StoreUnavailable
from tests.factories import NOW, build_case, build_owed
from tests.waiting import eventually

ME = DispatcherId("me")


class SlowDisk:
    """Holds back or fails what the store asks of the disk, at the last moment before it counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.failing = False
        self.folder_failing = False
        self.reached = threading.Event()
        self._go_on = threading.Event()
        self._go_on.set()
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._on_fsync)

    def hold(self) -> None:
        """From now on, writes wait."""
        self.reached.clear()
        self._go_on.clear()

    def go_on(self) -> None:
        """Let waiting writes go on."""
        self._go_on.set()

    async def is_reached(self) -> None:
        """Wait until a write is under way."""
        await eventually(self.reached.is_set)

    def _on_fsync(self, descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            if self.folder_failing:
                raise OSError(errno.EIO, "Input/output error")
            self._fsync(descriptor)
            return
        self.writes += 1
        self.reached.set()
        assert self._go_on.wait(20)
        if self.failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._fsync(descriptor)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "data" / "cases.json"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(f"tinydb:///{path}") as store:
        yield store


@pytest.fixture
def disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    """The disk under it."""
    disk = SlowDisk(monkeypatch)
    yield disk
    disk.failing = False
    disk.folder_failing = False
    disk.go_on()


async def add(store: Store, number: int, *, durable: bool = True) -> None:
    async with store.transaction(durable=durable) as tx:
        await tx.add_case(build_case(number))
        await tx.take_message(MessageId(f"m{number}"), at=NOW)


def start(store: Store, number: int, *, durable: bool = True) -> asyncio.Task[None]:
    return asyncio.ensure_future(add(store, number, durable=durable))


async def in_memory(store: Store) -> list[int]:
    async with store.transaction(durable=False) as tx:
        cases, _ = await tx.list_cases(CaseQuery(), limit=1000)
        for number in range(1, 10):
            known = await tx.has_message(MessageId(f"m{number}"))
            assert known == (number in [case.id for case in cases]), "half a transaction"
    return sorted(case.id for case in cases)


async def on_disk(path: Path, tmp_path: Path) -> list[int]:
    """What a process would find that started after a crash now."""
    copy = tmp_path / "after-crash.json"
    copy.write_bytes(path.read_bytes())
    copy.with_name("after-crash.json.bak").unlink(missing_ok=True)
    async with open_store(f"tinydb:///{copy}") as store:
        return await in_memory(store)


def outcome(task: asyncio.Task[None]) -> type[BaseException] | None:
    error = task.exception()
    return type(error) if error else None


async def test_a_durable_transaction_returns_after_its_write(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    disk.hold()
    task = start(store, 1)
    await disk.is_reached()
    assert not task.done()
    assert '"id":1,' not in path.read_text()
    disk.go_on()
    await task
    assert await on_disk(path, tmp_path) == [1]


async def test_a_failed_write_is_told_undone_and_forgotten(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    await add(store, 1)
    disk.failing = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="No space left"):
            await add(store, 2)
        assert await in_memory(store) == [1]
    disk.failing = False
    await add(store, 2)
    assert await in_memory(store) == [1, 2]
    assert await on_disk(path, tmp_path) == [1, 2]


async def test_a_folder_that_is_gone_for_a_while_is_survived(store: Store, path: Path) -> None:
    elsewhere = path.parent.rename(path.parent.with_name("elsewhere"))
    with pytest.raises(StoreUnavailable):
        await add(store, 1)
    elsewhere.rename(path.parent)
    await add(store, 1)
    assert await in_memory(store) == [1]


async def test_a_failed_write_undoes_every_part(store: Store, disk: SlowDisk) -> None:
    async with store.transaction() as tx:
        await tx.owe(build_owed("old"), at=NOW)
        await tx.set_mark("a", "1")
        await tx.advance_mark("t", NOW)
    disk.failing = True

    async def change() -> None:
        async with store.transaction() as tx:
            [old] = await tx.claim_due(by=ME, now=NOW, limit=1)
            await tx.release(old.id)
            await tx.owe(build_owed("new"), at=NOW)
            await tx.set_mark("a", "2")

    with pytest.raises(StoreUnavailable):
        await change()
    disk.failing = False
    async with store.transaction() as tx:
        assert [d.owed.key for d in await tx.claim_due(by=ME, now=NOW, limit=9)] == ["old"]
        assert await tx.count_pending() == 1
        assert await tx.get_mark("a") == "1"
        assert await tx.owe(build_owed("new"), at=NOW)


async def test_those_that_came_meanwhile_share_one_write_and_its_fate(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    disk.hold()
    tasks = [start(store, 1)]
    await disk.is_reached()
    tasks += [start(store, number) for number in range(2, 6)]
    await until_seen(store, 5)
    disk.failing = True
    disk.go_on()
    await asyncio.wait(tasks)
    assert [outcome(task) for task in tasks] == [StoreUnavailable] * 5
    assert await in_memory(store) == []
    assert disk.writes == 1
    disk.failing = False
    await add(store, 6)
    assert await on_disk(path, tmp_path) == [6]


async def until_seen(store: Store, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await in_memory(store)) != count:  # noqa: ASYNC110 - lets the others go on
            await asyncio.sleep(0)


async def test_many_at_once_share_few_writes(store: Store, disk: SlowDisk) -> None:
    await asyncio.gather(*(add(store, number) for number in range(1, 51)))
    assert disk.writes <= 3


async def test_a_change_nobody_waits_for_reaches_the_disk_by_itself(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    await add(store, 1, durable=False)
    assert disk.writes == 0
    await eventually(lambda: disk.writes, within=3)
    await eventually(lambda: '"id":1,' in path.read_text())


async def test_a_change_nobody_waits_for_is_written_with_the_next_durable_one(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    await add(store, 1, durable=False)
    await add(store, 2)
    assert disk.writes == 1
    assert await on_disk(path, tmp_path) == [1, 2]


async def test_a_change_nobody_waits_for_outlives_the_failure_of_a_later_one(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    await add(store, 1, durable=False)
    disk.failing = True
    with pytest.raises(StoreUnavailable):
        await add(store, 2)
    assert await in_memory(store) == [1]
    disk.failing = False
    await add(store, 3)
    assert await on_disk(path, tmp_path) == [1, 3]


async def test_a_change_based_on_an_undecided_one_shares_its_fate_and_is_told(
    store: Store, disk: SlowDisk
) -> None:
    disk.hold()
    durable = start(store, 1)
    await disk.is_reached()
    lazy = start(store, 2, durable=False)
    await until_seen(store, 2)
    assert not lazy.done()
    disk.failing = True
    disk.go_on()
    await asyncio.wait([durable, lazy])
    assert [outcome(durable), outcome(lazy)] == [StoreUnavailable] * 2
    assert await in_memory(store) == []


async def test_what_a_durable_reader_has_seen_is_on_disk(store: Store, disk: SlowDisk) -> None:
    async def read() -> bool:
        async with store.transaction() as tx:
            return await tx.find_case(CaseId(1)) is not None

    disk.hold()
    task = start(store, 1)
    await disk.is_reached()
    reader = asyncio.ensure_future(read())
    # Takes its turn after the reader, and comes back at once.
    assert await in_memory(store) == [1]
    assert not reader.done()
    disk.go_on()
    assert await reader
    await task


async def test_a_durable_reader_waits_for_nobody_when_all_is_written(
    store: Store, disk: SlowDisk
) -> None:
    await add(store, 1)
    await add(store, 2, durable=False)
    disk.hold()
    async with asyncio.timeout(5), store.transaction() as tx:
        assert await tx.find_case(CaseId(1)) is not None


async def test_nothing_is_given_out_before_it_is_on_disk(store: Store, disk: SlowDisk) -> None:
    async def claim() -> list[str]:
        async with store.transaction(durable=False) as tx:
            return [d.owed.key for d in await tx.claim_due(by=ME, now=NOW, limit=1)]

    async with store.transaction(durable=False) as tx:
        await tx.owe(build_owed("k"), at=NOW)
    disk.hold()
    claimer = asyncio.ensure_future(claim())
    await disk.is_reached()
    assert not claimer.done()
    disk.failing = True
    disk.go_on()
    with pytest.raises(StoreUnavailable):
        await claimer
    disk.failing = False
    # The claim was given back, and what is on disk needs no waiting.
    assert await claim() == ["k"]


async def test_a_body_that_is_half_done_is_never_written(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    half_done, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with store.transaction() as tx:
            await tx.add_case(build_case(3))
            half_done.set()
            await finish.wait()
            raise LookupError

    disk.hold()
    tasks = [start(store, 1)]
    await disk.is_reached()
    tasks.append(start(store, 2))
    body = asyncio.ensure_future(slow())
    await half_done.wait()
    disk.go_on()
    await tasks[0]
    assert not tasks[1].done()
    assert await on_disk(path, tmp_path) == [1]
    finish.set()
    await asyncio.wait([body, tasks[1]])
    assert isinstance(body.exception(), LookupError)
    assert await on_disk(path, tmp_path) == [1, 2]


@pytest.mark.parametrize("expected", [StoreUnavailable, LookupError])
async def test_a_write_that_fails_under_an_open_body_takes_it_along(
    store: Store, disk: SlowDisk, path: Path, expected: type[Exception]
) -> None:
    inside, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with store.transaction() as tx:
            assert await tx.find_case(CaseId(1)) is not None
            await tx.save_case(build_case(1, title="based on it"))
            inside.set()
            await finish.wait()
            if expected is LookupError:
                raise LookupError

    disk.hold()
    first = start(store, 1)
    await disk.is_reached()
    body = asyncio.ensure_future(slow())
    await inside.wait()
    disk.failing = True
    disk.go_on()
    # The failure has come back, but nothing may be undone under the body's feet.
    await eventually(lambda: not path.with_name("cases.json.tmp").exists())
    await asyncio.sleep(0)
    assert not first.done()
    finish.set()
    await asyncio.wait([first, body])
    assert outcome(first) is StoreUnavailable
    assert outcome(body) is expected
    assert await in_memory(store) == []


async def test_a_cancelled_waiter_changes_nothing_about_the_commit(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    disk.hold()
    tasks = [start(store, 1)]
    await disk.is_reached()
    tasks.append(start(store, 2))
    await until_seen(store, 2)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    disk.go_on()
    await add(store, 3)
    assert await in_memory(store) == [1, 2, 3]
    assert await on_disk(path, tmp_path) == [1, 2, 3]


async def test_what_was_in_place_but_not_synced_is_written_over(
    store: Store, disk: SlowDisk, path: Path, tmp_path: Path
) -> None:
    disk.folder_failing = True
    with pytest.raises(StoreUnavailable):
        await add(store, 1)
    assert await in_memory(store) == []
    disk.folder_failing = False
    await eventually(lambda: '"id":1,' not in path.read_text())
    assert await on_disk(path, tmp_path) == []


async def test_a_defect_while_writing_is_a_failed_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", broken)
        with pytest.raises(StoreUnavailable, match="ZeroDivisionError"):
            await add(store, 1)
    await add(store, 2)
    assert await in_memory(store) == [2]


async def test_closing_on_a_full_disk_says_what_is_lost_and_lets_others_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"tinydb:///{path}")
    await store.__aenter__()
    disk = SlowDisk(monkeypatch)
    await add(store, 1, durable=False)
    disk.failing = True
    with pytest.raises(StoreUnavailable):
        await store.__aexit__(None, None, None)
    disk.failing = False
    async with open_store(f"tinydb:///{path}") as again:
        assert await in_memory(again) == []


async def test_a_closed_store_leaves_no_thread_and_no_open_file(path: Path) -> None:
    def open_files() -> set[str]:
        folder = Path("/proc/self/fd")
        targets = (entry.readlink() for entry in folder.iterdir() if entry.is_symlink())
        return {str(target) for target in targets if str(path.parent) in str(target)}

    async with open_store(f"tinydb:///{path}") as store:
        await add(store, 1)
        await add(store, 2, durable=False)
        assert open_files()
    assert not open_files()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("storage")]


async def test_a_transaction_within_a_transaction_is_refused_not_awaited(store: Store) -> None:
    async with asyncio.timeout(5), store.transaction() as tx:
        await tx.set_mark("a", "1")
        with pytest.raises(RuntimeError, match="open in this task"):
            await add(store, 1)
    assert await in_memory(store) == []
