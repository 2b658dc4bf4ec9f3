"""Files that are asked for: made from what is kept, in a direct message, once."""

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.waiting import eventually
from tests.world import BOT, Document, World


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[World]:
    """A case whose title a spreadsheet would calculate, and a plain one."""
    async with World(tmp_path) as world, world.bot():
        await world.ask("ana", "support", "!case open =1+1 fails --customer @carla")
        await world.ask("ana", "support", "!case open Café falha --customer @carlos")
        yield world


def files_to(world: World, username: str) -> list[Document]:
    """Return the files the bot sent somebody, in order."""
    said = world.chat.records.direct_messages(BOT, username, author=BOT)
    return [one.document["file"] for one in said if "file" in one.document]


def content_of(world: World, file: Document) -> bytes:
    """Return what is in a file."""
    upload = world.chat.workspace.uploads.find(file["_id"])
    assert upload is not None
    return upload.content


async def test_cases_come_as_a_table_that_calculates_nothing(office: World) -> None:
    answer = await office.ask("ana", "support", "!case export all")
    [file] = await eventually(lambda: files_to(office, "ana")) or []
    assert f"2 cases: {file['name']}" in answer
    text = content_of(office, file).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["case"], row["title"]) for row in rows] == [
        ("CASE-2", "Café falha"),
        ("CASE-1", "'=1+1 fails"),
    ]
    assert [row["customer"] for row in rows] == ["carlos", "carla"]
    [in_channel] = [one for one in office.said_in("support") if "2 cases" in one.text]
    assert "file" not in in_channel.document


async def test_filters_and_lines_of_json(office: World) -> None:
    await office.ask("ana", "@casebot", "case export @carla --format jsonl")
    [file] = await eventually(lambda: files_to(office, "ana")) or []
    [line] = content_of(office, file).splitlines()
    assert json.loads(line)["title"] == "=1+1 fails"
    assert "no file" in await office.ask("ana", "@casebot", "case export closed")
    assert "--format csv" in await office.ask("ana", "@casebot", "case export --format pdf")


@pytest.mark.parametrize("broken", ["rooms.media", "rooms.mediaConfirm"])
async def test_a_file_whose_sending_is_in_doubt_comes_once(office: World, broken: str) -> None:
    office.chat.faults.drop_after(broken, times=1)
    await office.ask("ana", "@casebot", "case export all")
    await eventually(lambda: files_to(office, "ana"))
    await office.settle()
    assert len(files_to(office, "ana")) == 1


async def test_whoever_asked_for_a_file_the_server_refuses_is_told_why(office: World) -> None:
    office.chat.workspace.set_setting("FileUpload_Enabled", value=False)
    await office.ask("ana", "@casebot", "case export all")
    told = await office.hear("ana", "could not be sent")
    assert "turned off" in told
