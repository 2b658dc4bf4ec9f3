"""Somebody's role changes while the bot runs: what they may do and are told changes with it."""

from pathlib import Path

from tests.world import World


async def test_who_left_the_team_reads_no_more_and_the_others_learn_that(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        await world.ask("carla", "@casebot", "open Export fails")
        await world.ask("ana", "support", "!case take 1")
        await world.ask("ana", "@casebot", "case ask 1 Which version?")
        world.chat.workspace.take_role("ana", "support-analyst")
        refused = await world.ask("ana", "@casebot", "yes")
        assert "needs the role support analyst" in refused
        assert "Which version?" not in "".join(world.said("carla"))
        before = world.said("ana")
        await world.ask("carla", "@casebot", "my password is canary")
        await world.settle()
        assert world.said("ana") == before
        told = world.said_in("support")[-1].text
        assert "Ana Analyst (ana) is no longer one of the team" in told
        assert "`!case assign 1 @\N{WORD JOINER}name`" in told
        assert "canary" not in told
        assert "I do not find CASE-1" in await world.ask("ana", "@casebot", "case show 1")
