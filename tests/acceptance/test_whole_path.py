"""One case from the report to the contact, with every Rocket.Chat and both Jiras."""

from pathlib import Path

import pytest

from bot.cases.case import Level
from tests.world import Deployment, World

TOLD = ("We have your report", "Confirmed:", "*Specifying*", "*Ready*", "*In Progress*")
ASKED = "Does it work for you now?"


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize("version", ["7.7", "8.8", "9.0"])
async def test_the_whole_path(tmp_path: Path, version: str, deployment: Deployment) -> None:
    async with World(tmp_path, version=version, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        await expect_one_issue(world, key, number)

        for milestone in ("Specifying", "Ready", "In Progress"):
            world.jira.site.transition(key, milestone)
            await world.hear("carla", f"*CASE-{number}*", f"*{milestone}*")

        world.jira.site.set_fix_versions(key, ["7.2.0"])
        world.jira.site.transition(key, "Done", resolution="Fixed")
        await expect_alert(world, number, key)
        await contact(world, number)
        await world.look_at_jira()
        expect_told_in_order(world, number, *TOLD, ASKED)
        assert len(world.said("sam")) == 3, "the alert and two answers"


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_milestones_passed_between_two_looks_come_each_once_and_in_order(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        for status in ("Specifying", "Ready", "In Progress", "In Review", "Done"):
            world.jira.site.transition(key, status)
        await world.hear("sam", "*Done*")
        await world.look_at_jira()
        expect_told_in_order(world, number, *TOLD)
        assert sum("*Done*" in text for text in world.said("sam")) == 1


async def test_a_milestone_that_fails_at_first_is_not_overtaken_by_the_next(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        world.chat.faults.unavailable(
            "chat.sendMessage", when=lambda sent: "Now *Specifying*" in sent["message"]["msg"]
        )
        for status in ("Specifying", "Ready", "In Progress"):
            world.jira.site.transition(key, status)
        await world.look_at_jira()
        expect_told_in_order(world, number, *TOLD)


async def test_done_is_not_told_to_the_customer_before_a_person_has(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number = await world.reach_level_three()
        key = await world.confirm(number)
        world.jira.site.transition(key, "Done", resolution="Fixed")
        await world.hear("sam", "*Done*")
        status = await world.ask("carla", "@casebot", f"status {number}")
        assert "Done" not in status
        assert "released" not in status
        await contact(world, number)
        assert "Done" in await world.ask("carla", "@casebot", f"status {number}")


async def expect_one_issue(world: World, key: str, number: str) -> None:
    [issue] = world.jira.site.issues.values()
    assert issue.key == key
    assert issue.summary == "Export fails"
    assert issue.description is not None
    for part in (f"CASE-{number}", "Confirmed by: Rita Research", "the steps", "the reproduction"):
        assert part in issue.description.text
    [label] = issue.labels
    assert label.endswith(f"-{number}")
    case = await world.find_case(number)
    assert case.level is Level.ASSESSMENT
    assert case.issue is not None
    assert case.issue.id == str(issue.id)


async def expect_alert(world: World, number: str, key: str) -> None:
    alert = await world.hear("sam", f"*CASE-{number}*", "*Done*")
    for part in (
        "solved in 7.2.0",
        "Resolution: Fixed",
        "Fix versions: 7.2.0",
        "Carla Customer",
        key,
        "> Hello Carla Customer,",
        f"`case ack {number}`",
        f"`case contacted {number} <how>`",
    ):
        assert part in alert


async def contact(world: World, number: str) -> None:
    assert "case contacted" in await world.ask("sam", "@casebot", f"case ack {number}")
    answer = await world.ask("sam", "@casebot", f"case contacted {number} Phoned her")
    assert "Contact recorded" in answer
    case = await world.find_case(number)
    assert case.alert is not None
    assert not case.alert.is_open
    assert case.alert.acknowledged_by is not None
    assert case.alert.contacted_how == "Phoned her"


def expect_told_in_order(world: World, number: str, *parts: str) -> None:
    said = world.said("carla")
    assert len(said) == len(parts), said
    for text, part in zip(said, parts, strict=True):
        assert f"*CASE-{number}*" in text
        assert part in text
