"""One case, one issue, whatever becomes of the request that creates it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.waiting import eventually
from tests.world import Deployment, World

BOTH = pytest.mark.parametrize("deployment", ["cloud", "datacenter"])


@BOTH
async def test_a_create_whose_answer_is_lost_makes_one_issue(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        world.jira.faults.accept_and_drop("POST /issue")
        key = await world.confirm(number)
        await world.settle()
        assert [issue.key for issue in world.jira.records.issues] == [key]


async def test_a_create_whose_answer_is_lost_is_not_repeated_while_the_index_lags(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        world.jira.switches.index_lag = timedelta(seconds=2)
        world.jira.faults.accept_and_drop("POST /issue")
        key = await world.confirm(number)
        await world.settle()
        assert [issue.key for issue in world.jira.records.issues] == [key]
        assert sum("Jira does not answer" in one.text for one in world.said_in("level3")) == 1


@BOTH
async def test_confirmed_again_while_the_issue_is_on_its_way_makes_one_issue(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        world.jira.faults.delay("POST /issue", 0.3)
        assert "Confirmed" in await world.ask("rita", "level3", f"!case confirm {number}")
        assert "on its way" in await world.ask("rita", "level3", f"!case confirm {number}")
        await world.settle()
        answer = await world.ask("sam", "level3", f"!case confirm {number}")
        assert "is confirmed already: BUG-1" in answer
        assert len(world.jira.records.issues) == 1


@BOTH
async def test_what_jira_refuses_is_told_with_the_reason_and_can_be_confirmed_again(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        field = world.jira.site.add_field("Root cause", required=True)
        await world.ask("rita", "level3", f"!case confirm {number}")
        await eventually(lambda: says(world, "Jira refused: ") == 1)
        told = world.said_in("level3")[-1].text
        assert "Jira refused: " in told
        assert "Root cause" in told
        assert f"`!case confirm {number}`" in told
        assert (await world.find_case(number)).issue is None
        assert world.jira.records.issues == []

        fields = world.jira.site.fields._fields
        fields[field.id] = replace(field, required=False)
        key = await world.confirm(number)
        assert [issue.key for issue in world.jira.records.issues] == [key]


@BOTH
async def test_while_jira_is_down_a_defect_can_be_confirmed_and_is_created_later(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        await world.jira.faults.refuse_connections()
        assert "Confirmed" in await world.ask("rita", "level3", f"!case confirm {number}")
        await eventually(lambda: says(world, "Jira does not answer right now") == 1)
        await world.hear("carla", "Confirmed")
        assert "on its way" in await world.ask("sam", "@casebot", f"status {number}")
        await world.jira.faults.accept_connections()
        await eventually(lambda: says(world, "Created BUG-1") == 1)
        await world.settle()
        assert len(world.jira.records.issues) == 1
        assert says(world, "Jira does not answer right now") == 1


@BOTH
async def test_an_issue_that_exists_is_followed_from_where_it_is(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        existing = world.jira.site.create_issue("BUG", "Known already")
        for status in ("Specifying", "Ready"):
            world.jira.site.transition(existing, status)
        await world.ask("rita", "level3", f"!case link {number} {existing.key}")
        await world.hear("carla", "*Ready*")
        await world.look_at_jira()
        assert [text for text in world.said("carla") if "*Specifying*" in text] == []
        world.jira.site.transition(existing, "In Progress")
        await world.hear("carla", "*In Progress*")
        assert world.jira.records.issues == []


async def test_an_issue_that_does_not_exist_is_refused_and_another_can_be_linked(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        await world.ask("rita", "level3", f"!case link {number} BUG-77")
        await eventually(lambda: says(world, "Jira refused: ") == 1)
        assert (await world.find_case(number)).issue is None
        existing = world.jira.site.create_issue("BUG", "Known already")
        await world.ask("rita", "level3", f"!case link {number} {existing.key}")
        await eventually(lambda: says(world, f"Follows {existing.key}") == 1)


async def test_two_cases_on_one_issue_are_both_told(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        first = await world.reach_level_three(customer="carla")
        second = await world.reach_level_three(customer="carlos")
        key = await world.confirm(first)
        await world.ask("rita", "level3", f"!case link {second} {key}")
        await eventually(lambda: says(world, f"Follows {key}") == 1)
        for status in ("Specifying", "Ready", "Done"):
            world.jira.site.transition(key, status)
        await world.look_at_jira()
        for who, number in (("carla", first), ("carlos", second)):
            told = [text for text in world.said(who) if "Now *" in text]
            assert len(told) == 2
            assert all(f"*CASE-{number}*" in text for text in told)
        alerts = [text for text in world.said("sam") if "*Done*" in text]
        assert [f"CASE-{first}*" in alerts[0], f"CASE-{second}*" in alerts[1]] == [True, True]
        answer = await world.ask("sam", "@casebot", f"status {key}")
        assert f"*{key}* · Done · 2 cases" in answer


async def test_after_unlinking_the_issue_says_nothing_any_more(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        assert f"No longer follows {key}" in await world.ask(
            "rita", "level3", f"!case unlink {number}"
        )
        world.jira.site.transition(key, "Specifying")
        await world.look_at_jira()
        assert [text for text in world.said("carla") if "Now *" in text] == []
        assert (await world.find_case(number)).issue is None


def says(world: World, part: str) -> int:
    """Count what the bot said with this part in the room of R&D."""
    return sum(part in one.text for one in world.said_in("level3"))
