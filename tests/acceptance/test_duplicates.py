"""Two customers, two issues, one defect: the cases of a duplicate follow the original."""

from pathlib import Path

import pytest

from tests.world import Deployment, World


def milestones(world: World, who: str) -> list[str]:
    """Return the milestones somebody was told, in order."""
    said = (text.split("\n", 1)[1] for text in world.said(who))
    return [text.split("*")[1] for text in said if text.startswith("Now *")]


async def two_cases(world: World) -> tuple[str, str]:
    """Bring a case of Carla and one of Carlos into Jira, and return the keys of their issues."""
    keys = [
        await world.confirm(await world.reach_level_three(customer=who))
        for who in ("carla", "carlos")
    ]
    return keys[0], keys[1]


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_a_duplicate_brings_its_case_to_the_original_and_back(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        duplicate, original = await two_cases(world)
        site = world.jira.site
        site.transition(duplicate, "Specifying")
        site.transition(duplicate, "Ready")
        await world.look_at_jira()
        assert milestones(world, "carla") == ["Specifying", "Ready"]

        link = site.link(duplicate, "Duplicate", original)
        site.transition(duplicate, "Done", resolution="Duplicate")
        await world.look_at_jira()
        await world.hear("sam", f"{duplicate} was resolved as a duplicate of {original}")
        case = await world.find_case("1")
        assert case.issue is not None
        assert case.issue.key == original
        assert case.alert is None

        for status in ("Specifying", "Ready", "In Progress"):
            site.transition(original, status)
            await world.look_at_jira()
        assert milestones(world, "carla") == ["Specifying", "Ready", "In Progress"]
        assert milestones(world, "carlos") == ["Specifying", "Ready", "In Progress"]

        site.unlink(link)
        site.transition(duplicate, "Specifying")
        await world.look_at_jira()
        await world.hear("sam", f"{duplicate} is no duplicate of {original} after all")
        site.transition(original, "Done", resolution="Fixed")
        await world.look_at_jira()
        [alert] = [text for text in world.said("sam") if "*Done*: solved" in text]
        assert "CASE-2" in alert
        case = await world.find_case("1")
        assert case.issue is not None
        assert case.issue.key == duplicate
        assert milestones(world, "carla") == ["Specifying", "Ready", "In Progress"]


async def test_an_original_that_is_a_duplicate_itself_leads_on(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        duplicate, between = await two_cases(world)
        site = world.jira.site
        site.add_project("OTHER", "Other", issue_types=("Bug",), statuses=(("Ready", "new"),))
        last = site.create_issue("OTHER", "The one that counts").key
        site.link(between, "Duplicate", last)
        site.link(duplicate, "Duplicate", between)
        site.transition(duplicate, "Done", resolution="Duplicate")
        site.transition(between, "Done", resolution="Duplicate")
        await world.look_at_jira()
        for number in ("1", "2"):
            case = await world.find_case(number)
            assert case.issue is not None
            assert case.issue.key == last
            assert case.alert is None
        assert milestones(world, "carla") == milestones(world, "carlos") == ["Ready"]


async def test_a_link_that_moves_no_date_is_found_by_the_sweep(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        duplicate, original = await two_cases(world)
        site = world.jira.site
        world.jira.switches.links_bump_updated = False
        site.transition(duplicate, "Done", resolution="Duplicate")
        await world.look_at_jira()
        await world.hear("sam", "not as a fix: Duplicate")
        site.link(duplicate, "Duplicate", original)
        await world.parts.poller.sweep()
        await world.settle()
        await world.hear("sam", f"the case follows {original} now", "The Done alert is off")


@pytest.mark.parametrize("why", ["a loop", "hidden"])
async def test_where_nothing_can_be_followed_a_person_explains_it(tmp_path: Path, why: str) -> None:
    async with World(tmp_path) as world, world.bot():
        duplicate, original = await two_cases(world)
        site = world.jira.site
        site.link(duplicate, "Duplicate", original)
        if why == "a loop":
            site.link(original, "Duplicate", duplicate)
            site.transition(original, "Done", resolution="Duplicate")
        else:
            site.hide(original)
        site.transition(duplicate, "Done", resolution="Duplicate")
        await world.look_at_jira()
        await world.hear("sam", "CASE-1", "not as a fix: Duplicate")
        case = await world.find_case("1")
        assert case.issue is not None
        assert case.issue.key == duplicate
        assert case.alert is not None
        assert milestones(world, "carla") == []
