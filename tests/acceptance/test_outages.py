"""The connection goes away and comes back; what happened meanwhile is handled once, in order."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.waiting import eventually
from tests.world import BOT, World


async def test_cut_websockets_are_opened_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        for number in range(1, 4):
            world.chat.faults.close_websockets()
            # Posted while nobody listens, before the bot can have noticed.
            await post_opens(world, [number])
            await answered(world, number)
        await world.settle()
        assert opened(world) == [1, 2, 3]


async def test_what_was_posted_while_the_server_was_away_is_answered_once_and_in_order(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        await world.chat.faults.refuse_connections()
        await eventually(lambda: not world.parts.intake.connected)
        await post_opens(world, range(1, 11))
        await world.chat.faults.accept_connections()
        await answered(world, 10)
        await world.settle()
        assert opened(world) == list(range(1, 11))
        assert app.ready.is_set()


async def test_commands_of_several_rooms_are_caught_up_each_in_its_own(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        workspace = world.chat.workspace
        async with world.bot():
            await world.ask("carla", "@casebot", "status")
        rooms = ["support", "level2", workspace.direct_room("carla", BOT).id]
        # Somebody who never wrote to the bot before.
        rooms.append(workspace.direct_room("carlos", BOT).id)
        for room, who in zip(rooms, ("ana", "sam", "carla", "carlos"), strict=True):
            for text in ("!case help", "!case list"):
                await post(world, who, room, text)
        before = {room: len(world.said_in(room)) for room in rooms}
        async with world.bot():
            await world.settle()
            for room in rooms:
                [first, second] = [one.text for one in world.said_in(room)][before[room] :]
                assert "What you can do" in first
                assert "No case found" in second


async def test_while_the_bot_is_stopped_jira_moves_on_and_nothing_is_missed(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            number = await world.reach_level_three()
            key = await world.confirm(number)
            world.jira.site.transition(key, "Specifying")
            await world.hear("carla", "*Specifying*")
        for status in ("Ready", "In Progress", "Done"):
            world.jira.site.transition(key, status)
        world.chat.workspace.post("sam", "level2", f"!case note {number} While it was away")
        async with world.bot():
            await world.look_at_jira()
            told = [text for text in world.said("carla") if "Now *" in text]
            assert [text.split("Now *")[1].split("*")[0] for text in told] == [
                "Specifying",
                "Ready",
                "In Progress",
            ]
            assert sum("*Done*" in text for text in world.said("sam")) == 1
            assert sum("Note kept" in one.text for one in world.said_in("level2")) == 1


async def test_a_session_that_was_ended_is_renewed_and_nothing_waits_long(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        rocketchat_auth_token="",
        rocketchat_username=BOT,
        rocketchat_password="casebot-password",
    )
    async with world, world.bot():
        workspace = world.chat.workspace
        for number in range(1, 4):
            # Taken in with the old session, or with the new one: both are answered.
            await post_opens(world, [number])
            workspace.end_sessions(workspace.user(BOT))
            await answered(world, number)
        await world.settle()
        assert opened(world) == [1, 2, 3]


async def test_nothing_older_than_the_first_start_is_acted_on(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        ana = await world.be("ana")
        old = await ana.type("support", "!case open Long ago")
        assert old is not None
        async with world.bot():
            await world.settle()
            # Later events of an old message do not make it new.
            await ana.react(old["_id"], ":+1:")
            await ana.edit(old, "!case open Still long ago")
            assert "*CASE-1* Export" in await world.ask("ana", "support", "!case open Export")
            await world.settle()
        async with world.bot():
            await world.settle()
            assert len(world.said_in("support")) == 1


async def test_a_second_start_acts_on_nothing_older_than_the_first(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        world.chat.workspace.post("ana", "support", "!case open Long ago")
        async with world.bot():
            pass
        world.chat.workspace.post("ana", "support", "!case open Export fails")
        async with world.bot():
            await world.settle()
            [answer] = world.said_in("support")
            assert "*CASE-1* Export fails" in answer.text


async def post_opens(world: World, numbers: Iterable[int]) -> None:
    for number in numbers:
        await post(world, "ana", "support", f"!case open Export {number}")


async def post(world: World, who: str, room: str, text: str) -> None:
    """Post on the server itself; not two in the same millisecond, which would have no order."""
    workspace = world.chat.workspace
    posted = workspace.post(who, room, text)
    await eventually(lambda: workspace.now() > posted["ts"], every=0.001)


async def answered(world: World, count: int) -> None:
    await eventually(lambda: len(opened(world)) >= count)


def opened(world: World) -> list[int]:
    """Return the numbers of the exports that were answered, in order."""
    answers = [one.text.split("\n")[0] for one in world.said_in("support")]
    return [int(answer.split(" Export ")[1]) for answer in answers]


async def test_a_server_that_limits_requests_is_caught_up_with_at_its_pace(tmp_path: Path) -> None:
    """To begin anew at every refusal would never come to an end."""
    async with World(tmp_path) as world:
        workspace = world.chat.workspace
        async with world.bot():
            pass
        people = [f"customer{number}" for number in range(12)]
        for name in people:
            workspace.add_user(name)
            workspace.post(name, workspace.direct_room(name, BOT).id, "case open Export fails")
        for role in ("bot", "user"):
            workspace.revoke("api-bypass-rate-limit", role)
        for what, value in (("Calls", 3), ("Time", 1_000)):
            name = f"API_Enable_Rate_Limiter_Limit_{what}_Default"
            workspace.settings.set(name, value, workspace.now())
        async with world.bot():
            await eventually(lambda: all(world.said(name) for name in people))
            await world.settle()
            assert [len(world.said(name)) for name in people] == [1] * len(people)


@pytest.mark.parametrize("status", [400, 500])
async def test_a_room_that_cannot_be_read_keeps_no_other_from_it(
    tmp_path: Path, status: int
) -> None:
    async with World(tmp_path) as world:
        workspace, faults = world.chat.workspace, world.chat.faults
        async with world.bot():
            pass
        closed = workspace.direct_room("carlos", BOT).id
        workspace.post("carlos", closed, "case open Import fails")
        workspace.post("carla", workspace.direct_room("carla", BOT).id, "case open Export fails")
        error = {"success": False, "error": "not allowed"}
        for method in ("rooms.history", "chat.syncMessages", "im.history"):
            faults.fail_next(
                method,
                times=1_000,
                status=status,
                body=error,
                when=lambda params: params.get("roomId") == closed,
            )
        async with world.bot() as app:
            await world.hear("carla", "Export fails")
            assert app.parts is not None
            assert app.parts.intake.unreadable == 1
            assert "case list" in await world.ask("carlos", "@casebot", "help")
            await app.parts.watch()
            told = await eventually(lambda: [one.text for one in world.said_in("level2")])
            assert "does not let me read every room" in told[0]
            faults.clear()
            await app.parts.patrol()
            await app.parts.patrol()
            if status == 500:
                # Not for good, so nothing of it was passed over.
                await world.hear("carlos", "Import fails")
            else:
                workspace.post("carlos", closed, "status")
                await app.parts.patrol()
            await app.parts.watch()
            await eventually(lambda: "read every room again" in world.said_in("level2")[-1].text)
