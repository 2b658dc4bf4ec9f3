"""However a command is typed, it is answered in the room and thread where it was typed."""

from pathlib import Path

from sandbox.rocketchat.clients import MobileClient
from tests.world import World

FORMS = ("/case list", "!case list", "@casebot case list", "@casebot: !case list", "!CASE List")
ROOMS = (("ana", "support"), ("ana", "level2"), ("rita", "level3"), ("ana", "@casebot"))


async def test_every_form_is_answered_in_every_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        for who, room in ROOMS:
            for form in FORMS:
                assert "No case found" in await world.ask(who, room, form)


async def test_in_a_direct_message_the_prefix_may_be_left_out(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        assert "You have no open case" in await world.ask("carla", "@casebot", "status")
        assert "*CASE-1*" in await world.ask("carla", "@casebot", "open Export fails")
        assert "*CASE-1*" in await world.ask("carla", "@casebot", "case show 1")


async def test_a_command_in_a_thread_is_answered_in_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        for who, room in ROOMS:
            client = await world.be(who)
            root = await client.send(room, "Has anybody seen this?")
            # `ask` compares room and thread of the answer with those of the command.
            assert "No case found" in await world.ask(who, room, "!case list", thread=root["_id"])


async def test_in_the_thread_of_a_case_its_number_may_be_left_out(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        ana = await world.be("ana")
        opened = await ana.type("support", "!case open Export fails --customer @carla")
        assert opened is not None
        thread = opened["_id"]
        answer = await world.ask("ana", "support", "!case evidence steps Press it", thread=thread)
        assert "Noted: steps" in answer
        assert (await world.find_case()).evidence["steps"].text == "Press it"


async def test_the_web_client_keeps_its_own_status_and_help_to_itself(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        ana = await world.be("ana")
        for swallowed in ("/status", "/status away", "/help"):
            assert await ana.type("support", swallowed) is None
        for form in ("!status", "/case status", "@casebot status"):
            assert "You own no open case" in await world.ask("ana", "support", form)
        assert "What you can do" in await world.ask("ana", "support", "!help")
        assert "What you can do" in await world.ask("ana", "support", "/case help")
        await world.settle()
        assert len(world.said_in("support")) == 5


async def test_where_the_server_refuses_unknown_slashes_the_other_forms_work(
    tmp_path: Path,
) -> None:
    settings = {"Message_AllowUnrecognizedSlashCommand": False}
    async with World(tmp_path, chat_settings=settings) as world, world.bot():
        ana = await world.be("ana")
        assert await ana.type("support", "/case list") is None
        assert "No such command" in ana.ephemerals[-1]["msg"]
        assert "No case found" in await world.ask("ana", "support", "!case list")
        assert "No case found" in await world.ask("ana", "support", "@casebot case list")


async def test_the_mobile_client_posts_slashes_whatever_the_setting(tmp_path: Path) -> None:
    settings = {"Message_AllowUnrecognizedSlashCommand": False}
    async with World(tmp_path, chat_settings=settings) as world, world.bot():
        password = world.people.person("ana").password
        async with MobileClient(world.chat.url, "ana", password) as ana:
            sent = await ana.type("support", "/case list")
            assert sent is not None
            await ana.wait_for(lambda message: message["_id"] == world.answer_id(sent))


async def test_what_the_answer_offers_can_be_typed_where_it_is_read(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        assert "`!case open <title>" in await world.ask("ana", "support", "!case help")
        assert "`/case open <title>" in await world.ask("ana", "support", "/case help")
        assert "`case open <title>" in await world.ask("ana", "@casebot", "help")
        assert "`@casebot case open <title>" in await world.ask(
            "ana", "support", "@casebot case help"
        )
