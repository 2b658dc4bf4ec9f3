"""Lines in memory or at rest: nobody can tell which."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import storage.tinydb_lines
from bot.cases.case import CaseId
from bot.cases.query import CaseQuery
from storage import open_store
from storage.base import StoreUnavailable
from storage.tinydb_lines import LinesSnapshot, LineTables
from storage.tinydb_spill import Spill
from tests.factories import build_case, build_entry
from tests.stores import failing_transaction


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines go to rest soon, and the file is written anew often."""
    monkeypatch.setattr(storage.tinydb_lines, "HOT_BYTES", 400)
    monkeypatch.setattr(storage.tinydb_lines, "DEAD_BYTES", 800)


def content(tables: LineTables, name: str) -> bytes:
    return b",\n".join(tables.snapshot(name).batches(3))


steps = st.lists(
    st.tuples(
        st.sampled_from(["cases", "timeline"]),
        st.integers(1, 20),
        st.none() | st.binary(min_size=1, max_size=120),
    ),
    max_size=120,
)


@settings(deadline=None)
@given(steps=steps)
def test_lines_at_rest_are_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bytes | None]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.tinydb_lines, "HOT_BYTES", 400)
        patch.setattr(storage.tinydb_lines, "DEAD_BYTES", 800)
        tables = LineTables(tmp_path_factory.getbasetemp())
    model: dict[str, dict[int, bytes]] = {"cases": {}, "timeline": {}}
    snapshots: list[tuple[LinesSnapshot, bytes]] = []
    for name, doc_id, line in steps:
        expected = model[name].get(doc_id)
        assert tables.table(name).put(doc_id, line) == expected
        if line is None:
            model[name].pop(doc_id, None)
        else:
            model[name][doc_id] = line
        tables.relieve()
        assert tables.table(name).get(doc_id) == line
        snapshots.append((tables.snapshot(name), b",\n".join(model[name].values())))
    for name, lines in model.items():
        assert dict(tables.table(name).items()) == lines
        assert [*tables.table(name)] == [*lines]
    for snapshot, then in snapshots:
        assert b",\n".join(snapshot.batches(3)) == then
    tables.close()


def test_a_small_store_needs_no_file(tmp_path: Path) -> None:
    tables = LineTables(tmp_path / "missing")
    tables.table("cases").put(1, b"line")
    tables.relieve()
    assert content(tables, "cases") == b"line"


def test_a_large_store_keeps_little_in_memory(tmp_path: Path, small_limits: None) -> None:
    tables = LineTables(tmp_path)
    for doc_id in range(100):
        tables.table("cases").put(doc_id, b"x" * 50)
        tables.relieve()
    in_memory = [line for line in tables.table("cases").kept.values() if isinstance(line, bytes)]
    assert sum(map(len, in_memory)) <= 400
    assert content(tables, "cases") == b",\n".join([b"x" * 50] * 100)
    tables.close()


def test_what_is_out_of_use_is_given_back(tmp_path: Path, small_limits: None) -> None:
    tables = LineTables(tmp_path)
    for turn in range(500):
        tables.table("cases").put(turn % 20, b"%50d" % turn)
        tables.relieve()
    # Twenty lines of fifty bytes are in use; every other one was written over.
    assert tables._spill is not None
    assert tables._spill.size < 4000
    assert tables.table("cases").get(19) == b"%50d" % 499
    tables.close()


def test_without_a_folder_everything_stays_in_memory(small_limits: None) -> None:
    tables = LineTables(None)
    for doc_id in range(100):
        tables.table("cases").put(doc_id, b"x" * 50)
        tables.relieve()
    assert set(map(type, tables.table("cases").kept.values())) == {bytes}


def test_a_disk_without_room_leaves_the_lines_in_memory(
    tmp_path: Path, small_limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    tables = LineTables(tmp_path)
    for doc_id in range(100):
        tables.table("cases").put(doc_id, b"x" * 50)
        tables.relieve()
    assert content(tables, "cases") == b",\n".join([b"x" * 50] * 100)


def test_a_line_too_long_for_a_place_stays_in_memory(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    long = b"x" * (1 << 24)
    first, kept, last = spill.append([b"a", long, b"b"])
    assert isinstance(first, int)
    assert kept is long
    assert spill.join([first, kept, last]) == b"a,\n" + long + b",\nb"
    spill.close()


def test_a_file_that_is_short_is_a_clear_error(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    [place] = spill.append([b"a line"])
    os.ftruncate(spill._descriptor, 3)
    with pytest.raises(StoreUnavailable, match="could not be read"):
        spill.read(place)
    spill.close()


async def test_a_large_store_is_a_store(tmp_path: Path, small_limits: None) -> None:
    url = f"tinydb:///{tmp_path}/cases.json"
    numbers = range(1, 60)
    async with open_store(url) as store:
        for number in numbers:
            async with store.transaction(durable=number % 5 == 0) as tx:
                await tx.add_case(build_case(number))
                await tx.add_timeline(build_entry(number, text="first"))
        for number in numbers:
            async with store.transaction(durable=number % 7 == 0) as tx:
                await tx.add_timeline(build_entry(number, text="second"))
        async with failing_transaction(store) as tx:
            await tx.save_case(build_case(3, title="never"))
            await tx.add_timeline(build_entry(3, text="never"))
    for _ in range(2):
        async with open_store(url) as store, store.transaction() as tx:
            cases, total = await tx.list_cases(CaseQuery(), limit=100)
            assert total == len(numbers)
            assert {case.id: case for case in cases} == {n: build_case(n) for n in numbers}
            for number in map(CaseId, numbers):
                texts = [entry.text for entry in await tx.list_timeline(number)]
                assert texts == ["first", "second"]
    left = {path.name for path in tmp_path.iterdir()}  # noqa: ASYNC240 - nobody else waits
    assert left == {"cases.json", "cases.json.bak", "cases.json.lock"}
