"""The bot is killed at a named moment, up to three times; each test is one moment."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.jira.model import Issue
from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.process import Launcher
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.script import Line, Script
from tests.acceptance.faults.traps import MOMENTS, Moment, Phase, Trap, store_watched
from tests.waiting import eventually
from tests.world import World

KILLS = 3
# Half a second on a quiet machine; tests run on busy ones.
SOON = 45.0
SUPPORT = STAGES[0]
WALK = (("Specifying", "Ready"), ("In Progress", "Blocked"), ("Specifying", "Done"), ("Ready",))
pytestmark = pytest.mark.timeout(300)
QUICK = {name: moment for name, moment in MOMENTS.items() if not moment.slow}


def the_lines() -> tuple[list[Line], Line]:
    """Return what is typed from the report to the last escalation, and the confirmation."""
    *lines, confirmation = Script(1).one_case(SUPPORT, "carla")
    return lines, confirmation


async def report(scene: Scene) -> None:
    """Let a case go from the report to the confirmation."""
    lines, confirmation = the_lines()
    for line in [*lines, confirmation]:
        await scene.type(line)


async def confirm(scene: Scene, confirmation: Line) -> None:
    """Have the issue created.

    Nobody is killed meanwhile: whether a create that was just about to be sent was carried out
    takes minutes to find out.
    """
    await scene.ready()
    await scene.type(confirmation)
    await scene.settle(within=SOON)


async def move(scene: Scene) -> None:
    """Let the issue move, several times between two looks of the bot."""
    issue = await eventually(lambda: the_issue(scene), within=SOON)
    assert issue is not None
    for several in WALK:
        for status in several:
            scene.world.jira.site.transition(issue, status)
        await scene.settle(within=SOON)


def the_issue(scene: Scene) -> Issue | None:
    made = scene.world.jira.records.issues
    return scene.world.jira.site.issue(made[0].id) if made else None


async def expect_all(scene: Scene, *, owed: int = 23) -> None:
    """Expect everything that the case and its issue owe.

    Nine answers, the receipt, two hand-overs, the confirmation, the issue and its key; and what
    the statuses mean: for `WALK`, five times the customer and three times the specialist.
    """
    verdict = await scene.finish()
    assert verdict.good, "\n".join([*verdict.problems, scene.history()])
    assert verdict.owed == owed


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
            await scene.settle(within=SOON)
            begin("milestones")
        await move(scene)
        await scene.settle(within=SOON)
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
        lines, confirmation = the_lines()
        await scene.ready()
        async with scene.revived(), store_watched(scene, writing=writing, times=KILLS) as sprung:
            for line in lines:
                await scene.type(line)
            await scene.settle(within=SOON)
        assert sprung.is_set(), "the moment never came"
        await confirm(scene, confirmation)
        async with scene.revived(), store_watched(scene, writing=writing, times=KILLS) as sprung:
            await move(scene)
        assert sprung.is_set(), "the moment never came"
        await expect_all(scene)


async def test_killed_while_it_stops(tmp_path: Path, launcher: Launcher) -> None:
    async with Scene(tmp_path, launcher) as scene:
        lines, confirmation = the_lines()
        for number in range(KILLS):
            await scene.ready()
            for line in lines[number * 3 : number * 3 + 3]:
                await scene.type(line)
            scene.bot.send(signal.SIGTERM)
            await asyncio.sleep(0.002 * number)
            scene.strike()
            await scene.bot.wait_gone()
            scene.kills += 1
        await confirm(scene, confirmation)
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
            await scene.settle(within=SOON)
            trap.set()
            await move(scene)
            trap.clear()
        assert trap.sprung.is_set(), "the moment never came"
        await expect_all(scene)


async def test_killed_again_and_again_while_an_hour_goes_by(
    tmp_path: Path, launcher: Launcher
) -> None:
    """What was read and not yet kept is read again, however long that takes."""
    async with Scene(tmp_path, launcher) as scene:
        await scene.ready()
        moment = Moment(
            at=("jira", "done", "*changelog*"),
            phase="milestones",
            also=a_while_goes_by,
            # Enough to write something, not enough to write everything.
            later=0.02,
        )
        trap = Trap(scene, moment, times=2 * KILLS)
        async with scene.revived():
            await report(scene)
            await scene.settle(within=SOON)
            trap.set()
            issue = await eventually(lambda: the_issue(scene), within=SOON)
            assert issue is not None
            scene.world.jira.site.transition(issue, "Specifying")
            await scene.settle(within=SOON)
            trap.clear()
        assert trap.sprung.is_set(), "the moment never came"
        await expect_all(scene, owed=16)


def a_while_goes_by(world: World) -> None:
    """Put Jira's clock on, by less than what is read twice to be sure."""
    site = world.jira.site
    before = site._clock
    site._clock = lambda: before() + timedelta(minutes=4)
