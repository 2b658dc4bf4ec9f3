"""The bot is killed at a named moment, up to three times; each test is one moment."""

import asyncio
import signal
from pathlib import Path

import pytest

from sandbox.jira.model import Issue
from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.process import Launcher
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.script import Script
from tests.acceptance.faults.traps import MOMENTS, Moment, Phase, Trap, store_watched
from tests.waiting import eventually

KILLS = 3
SUPPORT = STAGES[0]
WALK = (("Specifying", "Ready"), ("In Progress", "Blocked"), ("Specifying", "Done"), ("Ready",))
QUICK = {name: moment for name, moment in MOMENTS.items() if not moment.slow}


async def report(scene: Scene) -> None:
    """Let a case go from the report to the confirmation."""
    for line in Script(1).one_case(SUPPORT, "carla"):
        await scene.type(line)


async def move(scene: Scene) -> None:
    """Let the issue move, several times between two looks of the bot."""
    issue = await eventually(lambda: the_issue(scene), within=20)
    assert issue is not None
    for several in WALK:
        for status in several:
            scene.world.jira.site.transition(issue, status)
        await scene.settle(within=20)


def the_issue(scene: Scene) -> Issue | None:
    made = scene.world.jira.records.issues
    return scene.world.jira.site.issue(made[0].id) if made else None


async def expect_all(scene: Scene) -> None:
    verdict = await scene.finish()
    assert verdict.good, "\n".join([*verdict.problems, scene.history()])
    # Ten answers, the receipt, two hand-overs, the confirmation, the issue and its key, and
    # what the statuses mean: four times the customer, three times the specialist.
    assert verdict.owed > 20


async def through(scene: Scene, moment: Moment) -> None:
    """Play a case through and strike at the moment."""
    trap = Trap(scene, moment, times=KILLS)

    def begin(phase: Phase) -> None:
        if phase == moment.phase:
            trap.set()

    if moment.phase == "start":
        await scene.ready()
        await scene.kill()
        await report(scene)
        trap.set()
        await scene.start()
    else:
        await scene.ready()
    async with scene.revived():
        begin("commands")
        if moment.phase != "start":
            begin("issue")
            await report(scene)
        if moment.phase == "milestones":
            await scene.settle(within=20)
            begin("milestones")
        await move(scene)
        await scene.settle(within=20)
        trap.clear()
    assert trap.sprung.is_set(), "the moment never came"


@pytest.mark.parametrize("name", QUICK)
async def test_killed_at(name: str, tmp_path: Path, launcher: Launcher) -> None:
    async with Scene(tmp_path, launcher) as scene:
        await through(scene, MOMENTS[name])
        await expect_all(scene)


@pytest.mark.parametrize("writing", [True, False], ids=["being-written", "written"])
async def test_killed_when_the_store_is(
    writing: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
    launcher: Launcher,
) -> None:
    async with Scene(tmp_path, launcher) as scene:
        await scene.ready()
        async with scene.revived(), store_watched(scene, writing=writing, times=KILLS) as sprung:
            await report(scene)
            await move(scene)
        assert sprung.is_set(), "the moment never came"
        await expect_all(scene)


async def test_killed_while_it_stops(tmp_path: Path, launcher: Launcher) -> None:
    async with Scene(tmp_path, launcher) as scene:
        lines = Script(1).one_case(SUPPORT, "carla")
        for number in range(KILLS):
            await scene.ready()
            for line in lines[number * 3 : number * 3 + 3]:
                await scene.type(line)
            scene.bot.send(signal.SIGTERM)
            await asyncio.sleep(0.002 * number)
            scene.strike()
            await scene.bot.wait_gone()
            scene.kills += 1
        await scene.ready()
        await move(scene)
        await expect_all(scene)


async def test_killed_while_a_webhook_is_followed_up(tmp_path: Path, launcher: Launcher) -> None:
    async with Scene(tmp_path, launcher, poll_seconds=1.0) as scene:
        scene.add_webhook()
        switches = scene.world.jira.switches.webhooks
        switches.retry_delay *= 0.001
        await scene.ready()
        moment = Moment(at=("jira", "done", "GET /issue/{issue}*"), phase="milestones")
        trap = Trap(scene, moment, times=KILLS)
        async with scene.revived():
            await report(scene)
            await scene.settle(within=20)
            trap.set()
            await move(scene)
            trap.clear()
        assert trap.sprung.is_set(), "the moment never came"
        await expect_all(scene)
