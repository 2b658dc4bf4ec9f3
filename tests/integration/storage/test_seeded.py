"""Stores that are filled at once for measuring hold what the program itself would have kept."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.fill_database import fill_database
from benchmarks.fill_file import fill_file
from benchmarks.pattern import OPEN_EVERY
from bot.cases.case import CaseId, CaseState
from bot.cases.query import CaseQuery
from storage import open_archive, open_store
from storage.records import Record
from tests.postgres import Server

COUNT = 2 * OPEN_EVERY


async def fill(kind: str, folder: Path, server: Server) -> str:
    if kind == "postgres":
        url = server.create_store()
        await fill_database(url, COUNT)
        return url
    path = folder / "cases.json"
    await fill_file(path, COUNT)
    return f"tinydb:///{path}"


async def records_of(url: str, wanted: Callable[[Record], bool]) -> list[Record]:
    async with open_archive(url) as archive:
        return [record async for record in archive.dump() if wanted(record)]


async def test_both_kinds_hold_the_same(tmp_path: Path, server: Server) -> None:
    def wanted(record: Record) -> bool:
        return record.kind != "time"

    file = await records_of(await fill("tinydb", tmp_path, server), wanted)
    database = await records_of(await fill("postgres", tmp_path, server), wanted)
    key = repr
    assert sorted(map(key, file)) == sorted(map(key, database))
    counts = Counter(record.kind for record in file)
    assert counts["case"] == counts["issue"] == COUNT
    assert counts["entry"] == 4 * COUNT
    assert counts["delivery"] == 3 * COUNT


@pytest.mark.parametrize("kind", ["tinydb", "postgres"])
async def test_cases_are_found_and_go_on(tmp_path: Path, server: Server, kind: str) -> None:
    url = await fill(kind, tmp_path, server)
    async with open_store(url) as store, store.transaction() as tx:
        _, still_open = await tx.list_cases(CaseQuery(state=CaseState.OPEN), limit=1)
        assert still_open == COUNT / OPEN_EVERY
        found, total = await tx.list_cases(CaseQuery(words=(f"export {COUNT - 1} ",)), limit=1)
        assert (total, found[0].id) == (1, COUNT - 1)
        issue = found[0].issue
        assert issue is not None
        assert issue.id is not None
        assert [case.id for case in await tx.list_cases_by_issue(issue.id)] == [COUNT - 1]
        assert len(await tx.list_timeline(CaseId(COUNT))) == 4
        assert await tx.allocate_case_id() == COUNT + 1
