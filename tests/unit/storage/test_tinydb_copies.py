"""That nothing of what was erased stays in the file's last good copy."""

# ruff: noqa: ASYNC240 - a test may wait for a small file

from dataclasses import replace
from pathlib import Path

import pytest

from bot.cases.case import CaseId
from storage.atomic_file import AtomicFile
from storage.base import Store
from storage.tinydb import TinyDBStore
from tests.factories import build_case
from tests.stores import failing_transaction

CANARY = "canary"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Return a file that holds a canary, as does its copy."""
    path = tmp_path / "cases.json"
    async with TinyDBStore(path) as store, store.transaction() as tx:
        await tx.add_case(build_case(1, title=CANARY))
    async with TinyDBStore(path):
        pass
    return path


def holding(path: Path) -> list[str]:
    """Return which files still hold the canary."""
    files = sorted(path.parent.iterdir())
    return [one.name for one in files if CANARY.encode() in one.read_bytes()]


async def erase(store: Store, *, copies: bool) -> None:
    async with store.transaction() as tx:
        case = await tx.find_case(CaseId(1))
        assert case is not None
        await tx.save_case(replace(case, title="erased"))
        if copies:
            await tx.leave_no_copy()


async def test_an_ordinary_change_stays_in_the_copy(path: Path) -> None:
    async with TinyDBStore(path) as store:
        await erase(store, copies=False)
    assert holding(path) == ["cases.json.bak"]


async def test_the_copy_is_made_anew_before_the_outcome_may_be_used(path: Path) -> None:
    async with TinyDBStore(path) as store:
        await erase(store, copies=True)
        assert holding(path) == []
        copy = path.with_name("cases.json.bak")
        assert copy.read_bytes() == path.read_bytes()
        assert not copy.samefile(path)


async def test_it_is_made_anew_once(path: Path) -> None:
    async with TinyDBStore(path) as store:
        await erase(store, copies=True)
        before = path.with_name("cases.json.bak").read_bytes()
        async with store.transaction() as tx:
            await tx.set_mark("a", "b")
        assert path.with_name("cases.json.bak").read_bytes() == before


async def test_a_transaction_that_fails_leaves_the_copy(path: Path) -> None:
    async with TinyDBStore(path) as store:
        async with failing_transaction(store) as tx:
            await tx.leave_no_copy()
        async with store.transaction() as tx:
            await tx.set_mark("a", "b")
        assert b'"a"' not in path.with_name("cases.json.bak").read_bytes()


async def test_a_copy_that_cannot_be_made_is_removed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: AtomicFile) -> None:
        raise OSError(28, "No space left on device")

    async with TinyDBStore(path) as store:
        monkeypatch.setattr(AtomicFile, "copy_to_backup", refuse)
        await erase(store, copies=True)
        assert holding(path) == []
        assert not path.with_name("cases.json.bak").exists()
