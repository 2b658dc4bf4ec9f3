"""What is over goes into a file and out of the store; broken off anywhere, nothing is lost."""

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.archiving import finding
from bot.archiving.command import archive
from bot.archiving.finding import Ages, find_over, write
from bot.archiving.removing import Removed, remove
from bot.archiving.spool import Spool
from bot.cases.archiving import Dossier, last_touched
from bot.cases.case import Case, CaseId, CaseState, IssueId, MessageId, Milestone, Progress
from bot.cases.effects import DeliveryState
from bot.cases.query import CaseQuery
from bot.cli import main
from bot.desk import CHAT_READ
from bot.storage_commands import read_in
from storage import open_archive, open_store
from storage.base import DispatcherId, Store, StoreError
from storage.export_file import read_export
from storage.records import LINE, Line, Record, tally_of
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_entry,
    build_issue,
    build_issue_link,
    build_owed,
)
from tests.postgres import Server
from tests.waiting import eventually

YEAR = timedelta(days=365)
LATE = NOW + timedelta(days=400)
OVER = NOW + timedelta(seconds=5)
"""When the last of what is over happened."""
Kinds = ["tinydb", "postgres"]
New = Callable[[str], str]


class Clock:
    """A clock that stands at a time long after."""

    def now(self) -> datetime:
        return LATE


@pytest.fixture
def new(tmp_path: Path, server: Server) -> New:
    """Make new, empty stores, by their kind."""
    made = iter(range(99))

    def make(kind: str) -> str:
        if kind == "postgres":
            return server.create_store()
        return f"tinydb:///{tmp_path / f'{next(made)}.json'}"

    return make


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=400)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def closed(number: int, **fields: object) -> Case:
    return build_case(number, state=CaseState.CLOSED, **fields)


def followed(number: int, issue: int, milestone: Milestone, **fields: object) -> Case:
    return closed(
        number, issue=build_issue_link(issue), progress=Progress(milestone=milestone), **fields
    )


OVER_CASES = (
    closed(1, threads=(MessageId("t1"),)),
    followed(2, 20, Milestone.DONE, alert=build_alert(contacted_at=OVER)),
    followed(3, 30, Milestone.DONE),
)
STAY_CASES = (
    build_case(4),
    closed(5, updated_at=LATE),
    followed(6, 30, Milestone.READY),
    followed(7, 70, Milestone.DONE, alert=build_alert()),
    closed(8),
)


async def fill(url: str) -> None:
    """Put in what is over, what is not, and what belongs to no case."""
    async with open_store(url) as store:
        async with store.transaction() as tx:
            for case in (*OVER_CASES, *STAY_CASES):
                await tx.add_case(case)
                await tx.add_timeline(build_entry(case.id))
                await tx.owe(build_owed(f"case/{case.id}/a", case_id=case.id, to="x"), at=NOW)
            for number in (20, 30, 70):
                await tx.save_issue(build_issue(number))
            await tx.owe(build_owed("failed"), at=NOW)
        async with store.transaction() as tx:
            await tx.owe(build_owed("owed", case_id=CaseId(8), to="late"), at=NOW)
            await tx.owe(build_owed("pending", to="late"), at=NOW)
            await tx.owe(build_owed("new", skipped="muted"), at=LATE)
            for message, at in {"old": NOW, "again": after(-60), "new": LATE}.items():
                await tx.take_message(MessageId(message), at=at)
            # Two days and ten minutes before that may come again.
            await tx.advance_mark(CHAT_READ, after(2 * 24 * 3600 + 600 - 30))
        await finish(store)


async def finish(store: Store) -> None:
    """Finish everything but what waits for `late`."""
    while True:
        async with store.transaction() as tx:
            claimed = await tx.claim_due(by=DispatcherId("me"), now=NOW, limit=99)
            due = [one for one in claimed if one.lane != "person:id-late"]
            for delivery in due:
                state = (
                    DeliveryState.FAILED if delivery.owed.key == "failed" else DeliveryState.SENT
                )
                await tx.finish(replace(delivery, state=state, finished_at=after(1)))
        if not due:
            return


async def put_away(url: str, file: Path | None, console: Console, *, dry_run: bool = False) -> None:
    await archive(url, older_than=YEAR, file=file, dry_run=dry_run, console=console, clock=Clock())


async def dumped(url: str) -> list[Record]:
    async with open_archive(url) as everything:
        return [record async for record in everything.dump()]


async def in_file(file: Path) -> list[Record]:
    return [record async for record in read_export(file)]


def kept(records: list[Record]) -> set[str]:
    """Return records comparable, without the numbers."""
    return {
        LINE.encode(Line(record=record)).decode() for record in records if record.kind != "numbers"
    }


async def cases_in(url: str) -> list[int]:
    async with open_store(url) as store, store.transaction() as tx:
        cases, _ = await tx.list_cases(CaseQuery(), limit=9999)
        return sorted(case.id for case in cases)


@pytest.mark.parametrize("kind", Kinds)
async def test_what_is_over_goes_into_the_file_and_nothing_else(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill(url)
    before = kept(await dumped(url))
    await put_away(url, file, console)
    there, put = kept(await dumped(url)), kept(await in_file(file))
    assert await cases_in(url) == [case.id for case in STAY_CASES]
    # The issue that another case follows is in both.
    assert there | put == before
    assert [one for one in there & put if '"kind":"issue"' not in one] == []
    assert len(there & put) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert "holds 3 cases, 3 timeline entries, 4 deliveries, 1 messages, 2 issues" in said(console)
    assert "Removed from the store: 3 cases" in said(console)
    assert "1 deliveries and 1 messages of no case" in said(console)


@pytest.mark.parametrize("kind", Kinds)
async def test_cases_that_are_too_young_are_not_even_read(
    new: New, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []

    def look(dossier: Dossier) -> datetime:
        looked_at.append(dossier.case.id)
        return last_touched(dossier)

    monkeypatch.setattr(finding, "last_touched", look)
    url = new(kind)
    await fill(url)
    await put_away(url, tmp_path / "archive.jsonl", Console(file=io.StringIO()))
    assert looked_at == [8, 7, 6, 3, 2, 1]


@pytest.mark.parametrize("kind", Kinds)
async def test_what_protects_against_doubles_is_left(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url = new(kind)
    await fill(url)
    await put_away(url, tmp_path / "archive.jsonl", console)
    async with open_store(url) as store, store.transaction() as tx:
        assert await tx.allocate_case_id() > 8
        assert not await tx.take_message(MessageId("old"), at=NOW)
        assert not await tx.owe(build_owed("new"), at=NOW)
        assert not await tx.owe(build_owed("case/5/a", case_id=CaseId(5)), at=NOW)
        assert await tx.count_pending() == 2
        assert await tx.find_issue(IssueId("20")) is None
        assert await tx.find_issue(IssueId("30")) is not None
        assert await tx.find_case_by_thread(MessageId("t1")) is None


@pytest.mark.parametrize("kind", Kinds)
async def test_an_archive_is_read_back_into_an_empty_store(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url, file, other = new(kind), tmp_path / "archive.jsonl", new(kind)
    await fill(url)
    await put_away(url, file, console)
    await read_in(file, other, console)
    assert kept(await dumped(other)) == kept(await in_file(file))
    assert await cases_in(other) == [1, 2, 3]


@pytest.mark.parametrize("kind", Kinds)
async def test_a_dry_run_changes_nothing(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill(url)
    before = kept(await dumped(url))
    await put_away(url, file, console, dry_run=True)
    assert not file.exists()
    assert kept(await dumped(url)) == before
    assert "Would be put away: 3 cases, 3 timeline entries, 4 deliveries" in said(console)


async def test_where_nothing_is_over_no_file_is_written(
    new: New, console: Console, tmp_path: Path
) -> None:
    url = new("tinydb")
    async with open_store(url) as store, store.transaction() as tx:
        await tx.add_case(build_case(1))
        await tx.take_message(MessageId("m"), at=NOW)
    await put_away(url, tmp_path / "archive.jsonl", console)
    assert "Nothing is to be put away" in said(console)
    assert not (tmp_path / "archive.jsonl").exists()


class BrokenOffError(Exception):
    """What ends a command in a test."""


def broken_off_after(count: int) -> Callable[[], None]:
    left = [count]

    def advance() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise BrokenOffError

    return advance


async def fill_with_many(url: str, count: int) -> None:
    async with open_store(url) as store, store.transaction() as tx:
        for number in range(1, count + 1):
            await tx.add_case(closed(number))
            await tx.add_timeline(build_entry(number))
            await tx.owe(build_owed(f"{number}", case_id=CaseId(number), skipped="muted"), at=NOW)


@pytest.mark.parametrize("kind", Kinds)
async def test_broken_off_while_it_is_written_there_is_no_file_and_nothing_is_gone(
    new: New, tmp_path: Path, kind: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill_with_many(url, 3)
    before = kept(await dumped(url))
    async with open_store(url) as store:
        ages = await Ages.of(store, before=LATE - YEAR)
        with Spool() as spool:
            await find_over(store, ages, spool, lambda: None)
            with pytest.raises(BrokenOffError):
                await write(spool, file, broken_off_after(4))
    assert not any(place.exists() for place in (file, file.with_name("archive.jsonl.unfinished")))
    assert kept(await dumped(url)) == before


@pytest.mark.parametrize("kind", Kinds)
async def test_broken_off_while_it_is_removed_the_same_command_finishes_it(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill_with_many(url, 120)
    before = kept(await dumped(url))
    async with open_store(url) as store:
        ages = await Ages.of(store, before=LATE - YEAR)
        with Spool() as spool:
            await find_over(store, ages, spool, lambda: None)
            await write(spool, file, lambda: None)
        with pytest.raises(BrokenOffError):
            await remove(store, read_export(file), ages, broken_off_after(70))
    left = await cases_in(url)
    assert 0 < len(left) < 120
    assert kept(await dumped(url)) | kept(await in_file(file)) == before
    await put_away(url, file, console)
    assert await cases_in(url) == []
    assert f"Removed from the store: {len(left)} cases" in said(console)
    assert "finished now" in said(console)
    assert kept(await in_file(file)) == before
    with pytest.raises(StoreError, match="name another file"):
        await put_away(url, file, console)


async def written(store: Store, file: Path) -> Ages:
    """Write an archive and remove nothing yet."""
    ages = await Ages.of(store, before=LATE - YEAR)
    with Spool() as spool:
        await find_over(store, ages, spool, lambda: None)
        await write(spool, file, lambda: None)
    return ages


async def reopen(store: Store, number: int) -> None:
    async with store.transaction() as tx:
        case = await tx.find_case(CaseId(number))
        assert case is not None
        await tx.save_case(replace(case, state=CaseState.OPEN))


@pytest.mark.parametrize("change", ["case", "timeline", "ledger"])
@pytest.mark.parametrize("kind", Kinds)
async def test_a_case_that_was_changed_meanwhile_stays(
    new: New, tmp_path: Path, kind: str, change: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill_with_many(url, 3)
    async with open_store(url) as store:
        ages = await written(store, file)
        async with store.transaction() as tx:
            if change == "timeline":
                await tx.add_timeline(build_entry(2))
            elif change == "ledger":
                await tx.owe(build_owed("k", case_id=CaseId(2), skipped="muted"), at=NOW)
        if change == "case":
            await reopen(store, 2)
        removed = await remove(store, read_export(file), ages, lambda: None)
    assert removed == Removed(cases=2, stayed=1)
    assert await cases_in(url) == [2]


async def test_a_case_that_a_bot_works_on_is_waited_for(
    new: New, tmp_path: Path, server: Server
) -> None:
    url, file = new("postgres"), tmp_path / "archive.jsonl"
    await fill_with_many(url, 3)
    async with open_store(url) as store, open_store(url) as bot:
        ages = await written(store, file)
        async with bot.transaction() as tx:
            case = await tx.find_case(CaseId(2))
            assert case is not None
            removing = asyncio.create_task(remove(store, read_export(file), ages, lambda: None))
            await eventually(lambda: server.rows(url, "SELECT 1 FROM pg_locks WHERE NOT granted"))
            await tx.save_case(replace(case, state=CaseState.OPEN))
        assert await removing == Removed(cases=2, stayed=1)
    assert await cases_in(url) == [2]


async def test_whoever_waits_for_a_case_that_goes_finds_none(new: New, tmp_path: Path) -> None:
    url, file = new("postgres"), tmp_path / "archive.jsonl"
    await fill_with_many(url, 60)
    async with open_store(url) as store, open_store(url) as bot:
        ages = await written(store, file)

        async def look_all_the_time() -> None:
            while True:
                async with bot.transaction() as tx:
                    case = await tx.find_case(CaseId(30))
                    timeline = await tx.list_timeline(CaseId(30))
                    assert len(timeline) == (case is not None)
                if case is None:
                    return

        looking = asyncio.create_task(look_all_the_time())
        assert (await remove(store, read_export(file), ages, lambda: None)).cases == 60
        async with asyncio.timeout(10):
            await looking


async def test_a_file_that_a_bot_uses_is_left_alone(
    new: New, console: Console, tmp_path: Path
) -> None:
    url = new("tinydb")
    await fill(url)
    async with open_store(url):
        with pytest.raises(StoreError, match="Stop the bot first"):
            await put_away(url, tmp_path / "archive.jsonl", console)


@pytest.mark.parametrize("kind", Kinds)
async def test_a_damaged_archive_removes_nothing(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    url, file = new(kind), tmp_path / "archive.jsonl"
    await fill_with_many(url, 3)
    async with open_store(url) as store:
        await written(store, file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    before = kept(await dumped(url))
    with pytest.raises(StoreError, match="its end is missing"):
        await put_away(url, file, console)
    assert kept(await dumped(url)) == before


async def test_messages_are_left_while_nobody_knows_how_far_the_chat_was_read(
    new: New, console: Console, tmp_path: Path
) -> None:
    url, file = new("tinydb"), tmp_path / "archive.jsonl"
    await fill_with_many(url, 1)
    async with open_store(url) as store, store.transaction() as tx:
        await tx.take_message(MessageId("m"), at=NOW)
    await put_away(url, file, console)
    async with open_store(url) as store, store.transaction() as tx:
        assert await tx.has_message(MessageId("m"))


async def test_the_numbers_of_an_archive_are_those_it_holds(
    new: New, console: Console, tmp_path: Path
) -> None:
    url, file = new("tinydb"), tmp_path / "archive.jsonl"
    await fill_with_many(url, 3)
    await put_away(url, file, console)
    first = json.loads(file.read_text().splitlines()[1])["record"]
    assert (first["last_case"], first["last_delivery"]) == (3, 3)
    tally = await tally_of(read_export(file))
    assert tally.checksum in said(console)


def test_the_command_line_archives_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = "tinydb:///cases.json"
    asyncio.run(fill_with_many(url, 2))
    for age in ("soon", "12", "0d", "-3d", "1e999d"):
        assert main(["storage", "archive", f"--older-than={age}", "--url", url]) == 2
        assert "for example --older-than 365d" in capsys.readouterr().err
    assert main(["storage", "archive", "--older-than", "1d", "--url", "tinydb://"]) == 2
    assert main(["storage", "archive", "--older-than", "1d", "--url", url, "--dry-run"]) == 0
    assert "2 cases" in capsys.readouterr().err
    assert main(["storage", "archive", "--older-than", "1d", "--url", url]) == 0
    [file] = tmp_path.glob("archive-*.jsonl")
    assert file.name in capsys.readouterr().err
    assert asyncio.run(cases_in(url)) == []
