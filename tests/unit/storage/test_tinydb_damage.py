"""Files that are not what was written: refused, named, and left alone."""

# ruff: noqa: ASYNC240 - a test may wait for a small file

import json
import os
from pathlib import Path

import pytest
from tinydb import TinyDB

from bot.cases.case import CaseId
from storage import open_store
from storage.base import Store, StoreDamaged, StoreError, StoreLocked
from tests.factories import NOW, build_case, build_owed


def store_at(path: Path) -> Store:
    return open_store(f"tinydb:///{path}")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A closed store with two cases and one reply."""
    path = tmp_path / "cases.json"
    async with store_at(path) as store, store.transaction() as tx:
        await tx.add_case(build_case(1))
        await tx.add_case(build_case(2))
        await tx.owe(build_owed(), at=NOW)
    # Opened once more, so that the good copy holds them too.
    async with store_at(path):
        pass
    return path


async def assert_refused(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(StoreDamaged) as refusal:
        await store_at(path).__aenter__()
    assert path.read_bytes() == before
    assert str(path) in str(refusal.value)
    return str(refusal.value)


async def test_plain_tinydb_reads_the_file(path: Path) -> None:
    with TinyDB(path, access_mode="r") as plain:
        assert plain.tables() >= {"meta", "cases", "timeline", "outbox", "inbox", "issues"}
        cases = plain.table("cases").all()
        assert [(case.doc_id, case["title"]) for case in cases] == [
            (1, "Export hangs"),
            (2, "Export hangs"),
        ]


async def test_a_truncated_file_is_refused_wherever_it_ends(path: Path) -> None:
    whole = path.read_bytes()
    for length in {0, 1, 2, *range(3, len(whole), 197), len(whole) - 1}:
        path.write_bytes(whole[:length])
        await assert_refused(path)
    path.write_bytes(whole)
    async with store_at(path):
        pass


async def test_a_changed_byte_is_noticed_wherever_it_is(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), 151):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        await assert_refused(path)


async def test_valid_json_that_lacks_a_case_is_refused(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    [case] = [line for line in lines if line.startswith(b'"1": {"id":1,"title"')]
    path.write_bytes(path.read_bytes().replace(case, b""))
    assert json.loads(path.read_bytes())["cases"].keys() == {"2"}
    await assert_refused(path)


async def test_a_file_that_another_program_wrote_is_refused(path: Path) -> None:
    with TinyDB(path) as plain:
        plain.table("cases").remove(doc_ids=[2])
    await assert_refused(path)


async def test_anything_after_the_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")
    await assert_refused(path)


async def test_the_message_names_the_last_good_copy(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])
    os.utime(path.with_name("cases.json.bak"), (NOW.timestamp(), NOW.timestamp()))
    message = await assert_refused(path)
    copy = path.with_name("cases.json.bak")
    assert f"The last good copy is {copy}, of 2026-03-02 09:30 UTC" in message
    copy.replace(path)
    async with store_at(path) as store, store.transaction() as tx:
        assert await tx.find_case(CaseId(2)) == build_case(2)


async def test_a_damaged_copy_is_not_called_good(path: Path) -> None:
    path.write_bytes(b"{}")
    copy = path.with_name("cases.json.bak")
    copy.write_bytes(b"{}")
    assert "cases.json.bak is damaged too" in await assert_refused(path)
    copy.unlink()
    assert "no copy" in await assert_refused(path)


async def test_an_empty_file_without_a_copy_may_be_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.touch()
    assert "remove it to begin with nothing" in await assert_refused(path)


async def test_a_link_that_leads_to_itself_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.symlink_to(path)
    with pytest.raises(StoreError, match="cannot be used"):
        await store_at(path).__aenter__()


async def test_a_lost_file_with_a_copy_is_not_taken_for_a_new_store(path: Path) -> None:
    path.unlink()
    with pytest.raises(StoreDamaged, match=r"cases\.json\.bak"):
        await store_at(path).__aenter__()
    assert not path.exists()


async def test_a_file_of_a_newer_version_is_refused_but_not_called_damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"schema": 2', b'"schema": 3'))
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version") as refusal:
        await store_at(path).__aenter__()
    assert not isinstance(refusal.value, StoreDamaged)
    assert str(path) in str(refusal.value)
    assert path.read_bytes() == before


async def test_a_refused_store_is_not_locked(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(b"")
    await assert_refused(path)
    path.write_bytes(whole)
    async with store_at(path):
        pass


async def test_a_symbolic_link_is_followed_and_shares_the_lock(path: Path) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)
    async with store_at(link) as store:
        with pytest.raises(StoreLocked):
            await store_at(path).__aenter__()
        async with store.transaction() as tx:
            await tx.set_mark("a", "1")
    assert link.is_symlink()
    async with store_at(path) as store, store.transaction() as tx:
        assert await tx.get_mark("a") == "1"


async def test_a_folder_in_the_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        await store_at(tmp_path).__aenter__()
