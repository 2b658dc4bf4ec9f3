"""Files on their whole way: from whoever sends them to their case and its issue, each once."""

from pathlib import Path

import pytest

from sandbox.jira.model import Attachment
from tests.waiting import eventually
from tests.world import Deployment, World

BOTH = pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
UPLOAD = "POST /issue/{issue}/attachments"


def attached(world: World) -> list[Attachment]:
    """Return the files of the only issue, in order."""
    [issue] = world.jira.site.issues.values()
    return list(issue.attachments)


def names(world: World) -> list[str]:
    """Return what the files of the issue are called, without their marks."""
    return [one.filename.split("-", 3)[3] for one in attached(world)]


async def upload(world: World, username: str, room: str, name: str, **options: object) -> None:
    """Let somebody send a file, and wait until it is with the case."""
    client = await world.be(username)
    await client.upload(room, name, f"content of {name}".encode(), **options)  # type: ignore[arg-type]
    await world.settle()


@BOTH
async def test_files_reach_the_issue_from_wherever_they_come(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world:
        async with world.bot():
            number = await world.reach_level_three()
            opened = next(one for one in world.said_in("level3") if f"CASE-{number}" in one.text)
            await upload(world, "carla", "@casebot", "снимок.png", kind="image/png")
            caption = f"!case evidence {number} actual see the log"
            await upload(world, "ana", "support", "app.log", caption=caption)
            await upload(world, "sam", "level3", "trace.txt", thread=opened.id)
            assert await world.hear("carla", "Kept with", "снимок.png")
            case = await world.find_case(number)
            assert [(file.name, file.by.username) for file in case.files] == [
                ("снимок.png", "carla"),
                ("app.log", "ana"),
                ("trace.txt", "sam"),
            ]
            await world.confirm(number)
            await world.settle()
            assert names(world) == ["снимок.png", "app.log", "trace.txt"]
            assert attached(world)[0].content == "content of снимок.png".encode()
            assert attached(world)[0].filename.startswith(f"CASE-{number}-")
            await upload(world, "carla", "@casebot", "later.log")
            assert names(world) == ["снимок.png", "app.log", "trace.txt", "later.log"]
            case = await world.find_case(number)
            assert [file.attachment_id for file in case.files] == [
                one.id for one in attached(world)
            ]
        async with world.bot():
            await world.settle()
            assert len(attached(world)) == 4


@BOTH
async def test_a_file_whose_answer_is_lost_is_attached_once(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        await world.confirm(number)
        world.jira.faults.accept_and_drop(UPLOAD)
        await upload(world, "carla", "@casebot", "app.log")
        assert names(world) == ["app.log"]
        case = await world.find_case(number)
        assert case.files[0].attachment_id == attached(world)[0].id


async def test_a_file_follows_to_the_issue_that_is_linked_instead(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        await upload(world, "carla", "@casebot", "app.log")
        await world.ask("rita", "level3", f"!case unlink {number}")
        await world.ask("rita", "level3", f"!case link {number} {key}")
        await eventually(lambda: any("Follows" in one.text for one in world.said_in("level3")))
        await world.settle()
        assert names(world) == ["app.log"]


@BOTH
async def test_what_cannot_be_copied_is_told_to_its_sender_and_the_team(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        carla = await world.be("carla")
        gone = await carla.upload("@casebot", "gone.log", b"x")
        await world.settle()
        await carla.delete(gone)
        await world.confirm(number)
        told = await world.hear("carla", "gone.log", "could not be passed on")
        assert "Jira" not in told
        assert "404" not in told
        assert "could not be copied to BUG-1" in await world.hear("rita", "gone.log")
        world.jira.switches.upload_limit = 5
        await upload(world, "ana", "support", "big.log", caption=f"!case evidence {number}")
        assert "longer than 5 bytes" in await world.hear("ana", "big.log")
        assert names(world) == []


async def test_a_file_of_a_kind_that_is_not_taken_is_said(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        await world.ask("carla", "@casebot", "case open Export fails")
        await upload(world, "carla", "@casebot", "../setup.EXE")
        assert "zip" in await world.hear("carla", "Not taken: setup.EXE")
        assert (await world.find_case()).files == ()
