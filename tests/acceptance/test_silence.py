"""What is no command for the bot gets no reaction, and what was one gets no second answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.rocketchat.workspace import Workspace
from tests.world import BOT, World

COMMAND = "!case open Export fails"

Act = Callable[[Workspace], object]


def integration(workspace: Workspace) -> object:
    message = {"msg": COMMAND, "bot": {"i": "an-incoming-webhook"}}
    return workspace.messages.store(workspace.user("ana"), workspace.room("support"), message)


def topic(workspace: Workspace) -> object:
    room = workspace.room("support")
    return workspace.messages.system("room_changed_topic", room, workspace.user("ana"), COMMAND)


def outside(workspace: Workspace) -> object:
    workspace.add_channel("sales", members=["ana", "carla"])
    return workspace.post("ana", "sales", f"@casebot {COMMAND}")


UNHEEDED: dict[str, Act] = {
    "plain talk": lambda there: there.post("ana", "support", "Good morning, case open?"),
    "a mention in the middle": lambda there: there.post("ana", "support", "I asked @casebot help"),
    "somebody like the bot": lambda there: there.post("ana", "support", "@casebot2 case list"),
    "the command of another bot": lambda there: there.post("ana", "support", "!deploy now"),
    "an exclamation": lambda there: there.post("ana", "support", "! case open"),
    "a path": lambda there: there.post("ana", "support", "/var/log/case is full"),
    "another bot": lambda there: there.post("otherbot", "support", COMMAND),
    "another bot's direct message": lambda there: there.post(
        "otherbot", there.direct_room("otherbot", BOT).id, "case open Export fails"
    ),
    "the bot itself": lambda there: there.post(BOT, "support", COMMAND),
    "an integration": integration,
    "a system message": topic,
    "somebody joining": lambda there: there.add_member("support", "carlos"),
    "no text": lambda there: there.post(
        "ana", "support", "", attachments=[{"title": COMMAND, "text": COMMAND}]
    ),
    "white space": lambda there: there.post("ana", "support", " \n \u200b "),
    "a channel that is no support channel": lambda there: there.post("ana", "general", COMMAND),
    "a public channel the bot is not in": outside,
    "people among themselves": lambda there: there.post(
        "ana", there.direct_room("ana", "carla").id, COMMAND
    ),
}


async def test_what_is_no_command_for_the_bot_gets_no_reaction(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        workspace = world.chat.workspace
        workspace.add_user("otherbot", roles=("bot", "support-analyst"))
        workspace.add_member("support", "otherbot")
        before = len(world.chat.records.by(BOT))
        for act in UNHEEDED.values():
            act(workspace)
        await world.settle()
        answered = [one.text for one in world.chat.records.by(BOT)[before:]]
        assert [text for text in answered if text != COMMAND] == []
        assert "No case found" in await world.ask("ana", "support", "!case list all")


async def test_a_bot_without_the_role_for_bots_does_not_talk_to_itself(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        world.chat.workspace.give_role(BOT, "user")
        world.chat.workspace.take_role(BOT, "bot")
        world.chat.workspace.post(BOT, "support", COMMAND)
        await world.settle()
        assert len(world.said_in("support")) == 1


@pytest.mark.parametrize("name", ["edit", "reaction", "link preview", "deletion", "again"])
async def test_what_happens_to_a_message_later_gets_no_second_answer(
    tmp_path: Path, name: str
) -> None:
    async with World(tmp_path) as world, world.bot():
        ana = await world.be("ana")
        sent = await ana.type("support", "!case open Export fails https://example.org/export")
        assert sent is not None
        await ana.wait_for(lambda message: message["_id"] == world.answer_id(sent))
        if name == "edit":
            await ana.edit(sent, "!case open Import fails")
        elif name == "reaction":
            await ana.react(sent["_id"], ":+1:")
        elif name == "link preview":
            world.chat.workspace.messages.attach_previews(sent["_id"], {"pageTitle": "Export"})
        elif name == "deletion":
            await ana.delete(sent)
        else:
            world.chat.faults.duplicate_events(4)
            await ana.type("support", "Thank you")
        await world.settle()
        assert len(world.said_in("support")) == 1
        assert "Cases: 1" in (await world.ask("ana", "support", "!case list all")).replace(
            " · all", ""
        )


async def test_duplicated_events_are_answered_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        world.chat.faults.duplicate_events(20)
        await world.ask("ana", "support", "!case open Export fails")
        await world.settle()
        assert len(world.said_in("support")) == 1


async def test_two_commands_that_arrive_swapped_are_both_answered_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        world.chat.faults.reorder_events(1)
        ana = await world.be("ana")
        await ana.type("support", "!case open Export fails")
        await ana.type("support", "!case open Import fails")
        await world.settle()
        assert len(world.said_in("support")) == 2
