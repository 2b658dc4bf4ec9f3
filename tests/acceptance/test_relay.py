"""A question to the customer and back, on both servers: who reads what, and where it ends up."""

from pathlib import Path

import pytest

from tests.world import Deployment, World


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_a_question_an_answer_and_a_comment_whose_answer_is_lost(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        shown = await world.ask("rita", "level3", f"!case ask {number} Which *version*?")
        assert "To Carla" in shown
        assert not [text for text in world.said("carla") if "asks:" in text]
        assert "Asked Carla" in await world.ask("rita", "level3", "yes")
        await world.hear("carla", f"CASE-{number}", "asks:", "version")

        answer = "Close it, {color:red}7.1{color}\nand *open* it"
        assert "Thank you" in await world.ask("carla", "@casebot", answer)
        await world.hear("rita", f"CASE-{number}", "answered:", "7.1")

        world.jira.faults.accept_and_drop("POST /issue/{issue}/comment")
        assert key in await world.ask("rita", "level3", f"!case forward {number}")
        await world.settle()
        [comment] = world.jira.site.issue(key).comments
        assert answer in comment.body.text.replace("{ color", "{color")
        assert "Which *version*?" in comment.body.text.replace("\\", "")
        assert "Carla" not in comment.body.text
        assert comment.properties == {"sd.public.comment": {"internal": True}}


async def test_a_yes_counts_after_a_restart_and_only_there(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            await world.ask("ana", "support", "!case open Export fails --customer @carla")
            await world.ask("ana", "support", "!case open Import fails --customer @carla")
            await world.ask("ana", "support", "!case reply 1 We are on it")
            assert "CASE-2" in await world.ask("carla", "@casebot", "It fails again")
        ana = await world.be("ana")
        await ana.type("support", "yes")
        carla = await world.be("carla")
        await carla.type("@casebot", "2")
        async with world.bot():
            await world.hear("carla", "CASE-1", "writes:", "We are on it")
            await world.hear("ana", "CASE-2", "It fails again")
            await world.settle()
            assert sum("We are on it" in text for text in world.said("carla")) == 1
            assert sum("It fails again" in text for text in world.said("ana")) == 1


async def test_what_jira_refuses_is_told_where_it_was_asked_for(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        await world.ask("carla", "@casebot", "It fails again")
        bot = world.jira.site.account("casebot")
        assert bot is not None
        world.jira.site.permissions.deny(bot, "ADD_COMMENTS")
        await world.ask("rita", "level3", f"!case forward {number}")
        await world.settle()
        told = world.said_in("level3")[-1].text
        assert "Jira refused the comment" in told
        world.jira.site.permissions.allow(bot, "ADD_COMMENTS")
        await world.ask("rita", "level3", f"!case forward {number}")
        await world.settle()
        assert len(world.jira.site.issue(key).comments) == 1
