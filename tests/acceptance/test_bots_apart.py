"""Bots on one database that differ: in their clocks, and in who has the duty."""

# ruff: noqa: S311 - to be repeated, not to be secret

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import postgres
from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.process import Launcher, forker
from tests.acceptance.faults.script import Script
from tests.acceptance.faults.squad import Squad
from tests.waiting import eventually
from tests.world import World

# As long as one may take on a busy machine.
pytestmark = pytest.mark.timeout(300)

SECRET = "the secret of the webhook"
MINUTES = 7 * 60.0
AN_HOUR = 3600


@pytest.fixture(scope="module")
def orders() -> Iterator[Path]:
    with forker() as path:
        yield path


async def test_clocks_that_are_wrong_by_minutes_change_nothing(
    orders: Path, tmp_path: Path
) -> None:
    server = postgres.server()
    wrong = {"anna": MINUTES, "bert": -MINUTES}
    dice, script = random.Random(1), Script(11)
    async with (
        Launcher(orders) as launcher,
        Squad(tmp_path, launcher, server=server, clocks_ahead=wrong) as squad,
    ):
        await squad.start()
        await squad.ready()
        for _ in range(60):
            await squad.type(script.next_line(dice.choice(STAGES)))
        for issue in squad.world.jira.records.issues:
            squad.world.jira.site.transition(squad.world.jira.site.issue(issue.id), "Specifying")
        await squad.settle(within=45)
        [[duty, now]] = server.rows(squad.url, "SELECT value, now() FROM marks WHERE name = 'duty'")
        until = datetime.fromisoformat(duty.split()[1])
        # By the database's clock, whoever has it.
        assert abs(until - now.astimezone(UTC)) < timedelta(seconds=60)
        verdict = await squad.finish(within=45)
        assert verdict.good, "\n".join([*verdict.problems, squad.history()])
        said = {name: squad.logged(name, "clocks_differ") for name in squad.names}
        assert said == {"anna": True, "bert": True, "cleo": False}


async def test_a_webhook_may_reach_a_bot_without_the_duty(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        storage_url=postgres.server().empty_store(),
        jira_webhook_secret=SECRET,
        # Nobody polls: what is heard was announced.
        poll_interval_seconds=AN_HOUR,
    )
    async with world, world.bot() as first, world.bot() as second:
        number = await world.reach_level_three()
        key = await world.confirm(number)
        assert first.parts is not None
        assert second.parts is not None
        assert first.parts.duty.ours
        assert not second.parts.duty.ours
        hook = world.jira.site.add_webhook(f"{second.http_url}/webhooks/jira", SECRET)
        issue = world.jira.site.issue(key)
        world.jira.site.transition(issue, "Specifying")
        await world.hear("carla", "*Specifying*")
        # And to the one that has it, and both read everything once more.
        hook.url = f"{first.http_url}/webhooks/jira"
        world.jira.site.transition(issue, "Ready")
        await world.hear("carla", "*Ready*")
        for bot in (first, second):
            assert bot.parts is not None
            await bot.parts.poller.poll()
            await bot.parts.poller.sweep()
        world.jira.site.transition(issue, "In Progress")
        await world.hear("carla", "*In Progress*")
        await eventually(lambda: len(milestones(world)) == 3)
        assert milestones(world) == ["Specifying", "Ready", "In Progress"]


def milestones(world: World) -> list[str]:
    """Return what the customer was told of, in order."""
    names = ("Specifying", "Ready", "In Progress")
    return [name for text in world.said("carla") for name in names if f"Now *{name}*" in text]
