"""Everything moves between a file, a database and an export, and stays what it was."""

# ruff: noqa: ASYNC240 - a test may wait for a small file

import asyncio
import io
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from bot.cases.case import CaseId, MessageId
from bot.cases.effects import DeliveryState
from bot.cases.query import CaseQuery
from bot.cli import main
from bot.storage_commands import copy, export, read_in
from storage import open_archive, open_store
from storage.base import DispatcherId, StoreError, StoreLocked
from storage.records import Record, Tally, tally_of
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_dialogue,
    build_entry,
    build_issue,
    build_issue_link,
    build_owed,
    build_profile,
)
from tests.postgres import Server
from tests.program import Program
from tests.waiting import eventually

Kinds = ["tinydb", "postgres"]
New = Callable[[str], str]


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
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def fill(url: str) -> None:
    """Put some of everything in."""
    async with open_store(url) as store:
        async with store.transaction() as tx:
            for number in range(1, 40):
                threads = (MessageId(f"t{number}"), MessageId("shared"))
                await tx.add_case(build_case(number, title=f"Fall Nº {number} 😀", threads=threads))
                for text in ("one", "two"):
                    await tx.add_timeline(build_entry(number, text=f"{text} \u2028 of {number}"))
                await tx.take_message(MessageId(f"m{number}"), at=after(number))
            full = build_case(50, issue=build_issue_link(), alert=build_alert())
            await tx.add_case(full)
            for key in ("sent", "failed", "pending"):
                await tx.owe(build_owed(key, case_id=CaseId(1), to=key), at=NOW)
            await tx.owe(build_owed("skipped", case_id=CaseId(2), skipped="muted"), at=NOW)
            await tx.owe(build_owed("loose", to="loose"), at=NOW)
            await tx.owe(build_owed("gone", to="gone"), at=NOW)
            await tx.save_issue(build_issue(10001))
            await tx.save_issue(build_issue(9))
            await tx.set_mark("installation", "0a1b2c3d")
            await tx.set_mark("empty", "")
            await tx.advance_mark("chat.read", after(99))
            for who in ("carl", "anna"):
                await tx.save_profile(build_profile(who, digest=True, digest_at=after(7)))
                await tx.save_dialogue(build_dialogue(who))
        async with store.transaction() as tx:
            claimed = {
                delivery.owed.key: delivery
                for delivery in await tx.claim_due(by=DispatcherId("me"), now=NOW, limit=99)
            }
            states = {"sent": "sent", "gone": "sent", "failed": "failed"}
            for key, state in states.items():
                await tx.finish(
                    replace(claimed[key], state=DeliveryState(state), finished_at=after(1))
                )
            await tx.record_attempt(replace(claimed["pending"], attempts=3, not_before=after(60)))


async def tally(url: str) -> Tally:
    async with open_archive(url) as archive:
        return await tally_of(archive.dump())


@pytest.mark.parametrize("target_kind", Kinds)
@pytest.mark.parametrize("source_kind", Kinds)
async def test_a_copy_holds_the_same_and_works(
    new: New, console: Console, source_kind: str, target_kind: str
) -> None:
    source, target = new(source_kind), new(target_kind)
    await fill(source)
    await copy(source, target, console)
    assert (await tally(source)).is_same_as(await tally(target))
    assert (
        "40 cases, 78 timeline entries, 5 deliveries, 39 messages, 2 issues, 2 marks, 1 time"
        in said(console)
    )
    assert (await tally(target)).checksum in said(console)
    async with open_store(target) as store, store.transaction() as tx:
        assert await tx.allocate_case_id() > 50
        assert not await tx.take_message(MessageId("m1"), at=NOW)
        assert not await tx.owe(build_owed("sent"), at=NOW)
        assert await tx.owe(build_owed("new", to="pending"), at=NOW)
        due = await tx.claim_due(by=DispatcherId("me"), now=after(60), limit=9)
        assert [delivery.owed.key for delivery in due] == ["pending", "loose"]
        assert due[0].attempts == 3
        found = await tx.find_case_by_thread(MessageId("shared"))
        assert found is not None
        assert found.id == 39
        _, total = await tx.list_cases(CaseQuery(words=("fall", "😀")), limit=1)
        assert total == 39


async def test_a_copy_may_be_repeated(new: New, console: Console) -> None:
    source, target = new("tinydb"), new("postgres")
    await fill(source)
    await copy(source, target, console)
    await copy(source, target, console)
    assert "Nothing to do" in said(console)


@pytest.mark.parametrize("target_kind", Kinds)
async def test_a_target_that_holds_something_else_is_left_alone(
    new: New, console: Console, target_kind: str
) -> None:
    source, target = new("tinydb"), new(target_kind)
    await fill(source)
    async with open_store(target) as store, store.transaction() as tx:
        await tx.set_mark("installation", "another")
    before = await tally(target)
    with pytest.raises(StoreError, match="holds something else"):
        await copy(source, target, console)
    assert before.is_same_as(await tally(target))


@pytest.mark.parametrize("target_kind", Kinds)
async def test_a_copy_that_breaks_off_leaves_the_target_empty(
    new: New, console: Console, tmp_path: Path, target_kind: str
) -> None:
    source, target = new("tinydb"), new(target_kind)
    await fill(source)

    class BrokenError(Exception):
        pass

    async with open_archive(source) as archive, open_archive(target) as half:

        async def broken() -> AsyncIterator[Record]:
            async for record in archive.dump():
                yield record
                if record.kind == "message":
                    raise BrokenError

        with pytest.raises(BrokenError):
            await half.restore(broken())
    assert (await tally(target)).is_empty
    await copy(source, target, console)
    assert (await tally(source)).is_same_as(await tally(target))


@pytest.mark.parametrize("target_kind", Kinds)
async def test_a_source_that_changes_meanwhile_leaves_the_target_empty(
    new: New, console: Console, target_kind: str
) -> None:
    source, target = new("postgres"), new(target_kind)
    await fill(source)

    async with open_archive(source) as archive, open_archive(target) as half:
        wanted = await tally_of(archive.dump())
        async with open_store(source) as bot, bot.transaction() as tx:
            await tx.take_message(MessageId("meanwhile"), at=NOW)
        with pytest.raises(StoreError, match="changed meanwhile, and nothing was kept"):
            await half.restore(archive.dump(), wanted=wanted)
    assert (await tally(target)).is_empty
    await copy(source, target, console)
    assert (await tally(source)).is_same_as(await tally(target))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_copy_that_is_told_to_end_leaves_nothing_and_may_be_repeated(
    new: New, console: Console, tmp_path: Path, server: Server, number: signal.Signals
) -> None:
    source, target = new("tinydb"), new("postgres")
    await fill(source)
    connection = await asyncpg.connect(target)
    try:
        async with connection.transaction():
            # So that it is still at work when it is told.
            await connection.execute("LOCK TABLE cases IN SHARE ROW EXCLUSIVE MODE")
            async with Program(
                "bot", "storage", "copy", source, target, folder=tmp_path
            ) as copying:
                waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
                await eventually(lambda: server.rows(target, waiting), within=60)
                copying.send(number)
                assert await copying.ends() == 1
                assert "Broken off. Nothing is lost" in copying.stderr
    finally:
        await connection.close()
    assert (await tally(target)).is_empty
    await copy(source, target, console)
    assert (await tally(source)).is_same_as(await tally(target))


async def test_a_file_in_use_is_not_copied(new: New, console: Console) -> None:
    source, target = new("tinydb"), new("tinydb")
    await fill(source)
    async with open_store(source):
        with pytest.raises(StoreLocked):
            await copy(source, target, console)


@pytest.mark.parametrize("kind", Kinds)
async def test_an_export_is_read_back(
    new: New, console: Console, tmp_path: Path, kind: str
) -> None:
    source, target = new(kind), new(kind)
    await fill(source)
    file = tmp_path / "export.jsonl"
    await export(source, file, console)
    assert file.stat().st_mode & 0o777 == 0o600
    await read_in(file, target, console)
    assert (await tally(source)).is_same_as(await tally(target))


async def test_an_export_is_not_overwritten(new: New, console: Console, tmp_path: Path) -> None:
    source, file = new("tinydb"), tmp_path / "export.jsonl"
    await fill(source)
    file.write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        await export(source, file, console)
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda lines: lines[:-1], "its end is missing"),
        (lambda lines: [*lines[:3], *lines[4:]], "checksum"),
        (lambda lines: [*lines[:3], b"{}\n", *lines[4:]], "line 4"),
        (lambda lines: [b"something\n", *lines], "not an export"),
        (lambda _: [], "not an export"),
        (lambda lines: [*lines[:-1], b"end \xff\n"], "checksum"),
        (lambda lines: lines * 2, "follows its end"),
    ],
    ids=[
        "cut",
        "a line less",
        "a line damaged",
        "another format",
        "empty",
        "no text",
        "twice",
    ],
)
async def test_a_damaged_export_changes_nothing(
    new: New,
    console: Console,
    tmp_path: Path,
    damage: Callable[[list[bytes]], list[bytes]],
    reason: str,
) -> None:
    source, target = new("tinydb"), new("tinydb")
    await fill(source)
    file = tmp_path / "export.jsonl"
    await export(source, file, console)
    file.write_bytes(b"".join(damage(file.read_bytes().splitlines(keepends=True))))
    with pytest.raises(StoreError, match=reason):
        await read_in(file, target, console)
    assert (await tally(target)).is_empty


def test_a_file_that_is_not_there_is_not_taken_for_an_empty_one(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mistyped = f"tinydb:///{tmp_path / 'case.json'}"
    for command in (
        ["copy", mistyped, server.create_store()],
        ["export", str(tmp_path / "export.jsonl"), "--url", mistyped],
        ["archive", "--older-than", "365d", "--url", mistyped],
    ):
        assert main(["storage", *command]) == 2
        assert f"There is no file {tmp_path / 'case.json'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_lost_names_its_last_good_copy(
    new: New, console: Console, tmp_path: Path
) -> None:
    source = new("tinydb")
    await fill(source)
    async with open_store(source):
        pass
    Path(source.removeprefix("tinydb:///")).unlink()
    with pytest.raises(StoreError, match="last good copy"):
        await copy(source, new("tinydb"), console)


def test_the_command_line_upgrades_copies_and_says_what_is_wrong(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = server.create_database()
    file = f"tinydb:///{tmp_path / 'cases.json'}"
    asyncio.run(fill(file))
    assert main(["storage", "copy", file, database]) == 2
    assert "python -m bot storage upgrade" in capsys.readouterr().err
    assert main(["storage", "upgrade", "--url", database]) == 0
    assert "of this version now" in capsys.readouterr().err
    assert main(["storage", "upgrade", "--url", database]) == 0
    assert "already" in capsys.readouterr().err
    assert main(["storage", "copy", file, database]) == 0
    export_file = str(tmp_path / "export.jsonl")
    assert main(["storage", "export", export_file, "--url", database]) == 0
    assert main(["storage", "import", export_file, "--url", file]) == 0
    assert "Nothing to do" in capsys.readouterr().err


def test_the_url_is_taken_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("STORAGE_URL=postgresql://bot:secret@127.0.0.1:1/cases\n")
    assert main(["storage", "upgrade"]) == 2
    error = capsys.readouterr().err
    assert "cannot be reached" in error
    assert "secret" not in error
