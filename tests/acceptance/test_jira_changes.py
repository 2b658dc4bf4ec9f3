"""What an issue goes through in Jira, and what each of it means to the people who wait."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cases.case import Milestone
from bot.schedule.poll_jira import MISSES_BEFORE_TOLD, JiraHealth
from tests.waiting import eventually
from tests.world import Deployment, World

BOTH = pytest.mark.parametrize("deployment", ["cloud", "datacenter"])


async def followed(world: World) -> tuple[str, str]:
    """Bring a case into Jira; returns its number and the key of its issue."""
    number = await world.reach_level_three()
    return number, await world.confirm(number)


def milestones(world: World, who: str = "carla") -> list[str]:
    """Return the last line but one of each message about the issue's way, in order."""
    said = [text.split("\n", 1)[1] for text in world.said(who)]
    return [text.split("*")[1] for text in said if "*" in text]


async def test_wont_do_is_done_for_the_specialist_but_no_fix(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number, key = await followed(world)
        world.jira.site.transition(key, "Done", resolution="Won't Do")
        alert = await world.hear("sam", "*Done*", "not as a fix: Won't Do")
        assert "> we have finished looking into the problem" in alert
        assert "solved" not in alert
        assert f"`case contacted {number} <how>`" in alert
        assert milestones(world) == []


async def test_backwards_and_forwards_again_is_told_as_it_is(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        _, key = await followed(world)
        for status in ("Ready", "In Progress", "Specifying", "Ready", "In Progress"):
            world.jira.site.transition(key, status)
        await world.look_at_jira()
        said = world.said("carla")[2:]
        assert milestones(world) == [
            "Ready", "In Progress", "Specifying", "Ready", "In Progress",
        ]  # fmt: skip
        assert "gone back a step" in said[2]
        assert "back at *Ready*" in said[3]
        assert "back at *In Progress*" in said[4]


async def test_other_statuses_of_the_same_milestone_and_of_none_are_no_news(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot():
        _, key = await followed(world)
        for status in ("In Progress", "In Review", "In Progress", "Backlog", "In Review"):
            world.jira.site.transition(key, status)
        await world.look_at_jira()
        assert milestones(world) == ["In Progress"]
        assert world.said("sam") == []


async def test_reopened_before_the_contact_takes_the_alert_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number, key = await followed(world)
        world.jira.site.transition(key, "In Progress")
        world.jira.site.transition(key, "Done", resolution="Fixed")
        await world.hear("sam", "*Done*")
        world.jira.site.transition(key, "In Progress")
        await world.hear("sam", "was reopened", "The alert is off")
        assert "no open Done alert" in await world.ask(
            "sam", "@casebot", f"case contacted {number} Phoned"
        )
        assert milestones(world) == ["In Progress"], "they never heard of Done"
        world.jira.site.transition(key, "Done", resolution="Fixed")
        await eventually(lambda: sum("*Done*" in text for text in world.said("sam")) == 2)


async def test_reopened_after_the_contact_is_told_to_the_customer(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number, key = await followed(world)
        world.jira.site.transition(key, "Done", resolution="Fixed")
        await world.hear("sam", "*Done*")
        await world.ask("sam", "@casebot", f"case contacted {number} Phoned")
        world.jira.site.transition(key, "In Progress")
        await world.hear("carla", "taken it up again", "*In Progress*")


async def test_an_unmapped_status_is_told_to_the_specialist_alone(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        number, key = await followed(world)
        world.jira.site.transition(key, "Ready")
        world.jira.site.transition(key, "Blocked")
        await world.hear("sam", f"*CASE-{number}*", "status Blocked", "JIRA_STATUS_MAP")
        assert milestones(world) == ["Ready"]
        assert (await world.find_case(number)).progress.milestone is Milestone.READY


@BOTH
async def test_a_moved_issue_is_followed_under_its_new_key(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number, key = await followed(world)
        site = world.jira.site
        site.add_project("OPS", "Operations", statuses=[one.name for one in site.statuses])
        site.move(key, "OPS")
        site.transition("OPS-1", "Ready")
        # It left the project that is polled: the sweep finds it.
        await world.parts.poller.sweep()
        await world.hear("carla", "*Ready*")
        case = await world.find_case(number)
        assert case.issue is not None
        assert case.issue.key == "OPS-1"
        # From then on its new project is polled, too.
        site.transition("OPS-1", "In Progress")
        await world.look_at_jira()
        assert milestones(world) == ["Ready", "In Progress"]
        assert "OPS-1" in await world.ask("sam", "@casebot", f"status {number}")


async def test_a_sweep_reads_page_after_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule.poll_jira._SWEPT_AT_ONCE", 2)
    async with World(tmp_path) as world, world.bot():
        for _ in range(3):
            _, key = await followed(world)
            world.jira.site.delete(key)
        for _ in range(MISSES_BEFORE_TOLD):
            await world.parts.poller.sweep()
        await eventually(lambda: len(world.said("sam")) == 3)


@BOTH
async def test_a_deleted_issue_is_told_to_the_specialist_once(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        number, key = await followed(world)
        already = len(world.said("carla"))
        world.jira.site.delete(key)
        for _ in range(MISSES_BEFORE_TOLD - 1):
            await world.parts.poller.sweep()
        await world.settle()
        assert world.said("sam") == [], "it may come back"
        for _ in range(3):
            await world.parts.poller.sweep()
        await world.settle()
        [told] = world.said("sam")
        assert "no longer visible" in told
        assert f"`case unlink {number}`" in told
        assert len(world.said("carla")) == already


@BOTH
async def test_refused_credentials_do_not_make_issues_look_deleted(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        _, key = await followed(world)
        account = world.jira.site.account("casebot")
        assert account is not None
        account.token_expires_at = datetime.now(UTC) - timedelta(days=1)
        await eventually(lambda: world.parts.poller.health is JiraHealth.REFUSED)
        for _ in range(MISSES_BEFORE_TOLD + 1):
            await world.parts.poller.sweep()
        await world.settle()
        assert world.said("sam") == []
        world.jira.site.transition(key, "Specifying")
        account.token_expires_at = None
        await world.hear("carla", "*Specifying*")


@BOTH
async def test_a_search_index_that_lags_delays_messages_and_loses_none(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        _, key = await followed(world)
        world.jira.switches.index_lag = timedelta(seconds=0.4)
        for status in ("Specifying", "Ready", "In Progress"):
            world.jira.site.transition(key, status)
            await world.look_at_jira()
        await world.hear("carla", "*In Progress*")
        await world.look_at_jira()
        assert milestones(world) == ["Specifying", "Ready", "In Progress"]


async def test_changes_of_other_fields_and_comments_are_no_news(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        _, key = await followed(world)
        before = len(world.chat.records.by("casebot"))
        world.jira.site.comment(key, "Internal: the customer must not read this")
        world.jira.site.edit(key, summary="Another summary")
        world.jira.site.set_fix_versions(key, ["7.2.0"])
        await world.look_at_jira()
        assert len(world.chat.records.by("casebot")) == before
