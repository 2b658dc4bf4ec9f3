"""A report is asked for one question at a time, over a restart of the bot."""

from pathlib import Path

from tests.world import World


async def test_a_guided_report_survives_a_restart_and_takes_a_file(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            assert "What goes wrong?" in await world.ask("carla", "@casebot", "open")
            asked = await world.ask("carla", "@casebot", "Export fails on save")
            assert "1 of 4 · *version*" in asked
            assert "1 of 4" in await _opened_by_other(world)
        async with world.bot():
            assert "2 of 4 · *steps*" in await world.ask("carla", "@casebot", "7.1.0")
            carla = await world.be("carla")
            await carla.upload("@casebot", "steps.mp4", b"a film")
            await world.settle()
            assert await world.hear("carla", "Kept with CASE-1: steps.mp4", "3 of 4")
            case = await world.find_case("1")
            assert {item: given.text for item, given in case.evidence.items()} == {
                "version": "7.1.0",
                "steps": "steps.mp4",
            }
            assert (await world.find_case("2")).evidence == {}


async def _opened_by_other(world: World) -> str:
    await world.ask("carlos", "@casebot", "open")
    return await world.ask("carlos", "@casebot", "Import fails")


async def test_in_a_channel_the_questions_stay_in_the_thread(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        ana = await world.be("ana")
        sent = await ana.type("support", "!case open Export fails --customer @carla")
        assert sent is not None
        thread = world.answer_id(sent)
        await ana.wait_for(lambda message: message["_id"] == thread)
        assert "1 of 5" in await world.ask("ana", "support", "go", thread=thread)
        await ana.type("support", "lunch?")
        await world.settle()
        assert (await world.find_case()).evidence == {}
        assert "2 of 5" in await world.ask("ana", "support", "7.1.0", thread=thread)
        assert (await world.find_case()).version == "7.1.0"
