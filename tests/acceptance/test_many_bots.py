"""Three bots on one database: nothing missing, nothing double, nothing out of order."""

# ruff: noqa: S311 - to be repeated, not to be secret

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.process import Launcher, forker
from tests.acceptance.faults.script import Script
from tests.acceptance.fleet import NAMES, Fleet
from tests.waiting import eventually

# As long as one may take on a busy machine.
pytestmark = pytest.mark.timeout(300)

STATUSES = ("Specifying", "Ready", "In Progress", "Done")


@pytest.fixture(scope="module")
def orders() -> Iterator[Path]:
    with forker() as path:
        yield path


@pytest.fixture
async def fleet(orders: Path, tmp_path: Path) -> AsyncIterator[Fleet]:
    async with (
        Launcher(orders) as launcher,
        Fleet(tmp_path, launcher, url=postgres.server().empty_store()) as fleet,
    ):
        yield fleet


async def type_lines(fleet: Fleet, script: Script, dice: random.Random, count: int) -> None:
    """Let people type in all rooms, now slowly, now at once."""
    for _ in range(count):
        await fleet.type(script.next_line(dice.choice(STAGES)))
        if dice.random() < 0.5:
            await asyncio.sleep(dice.uniform(0, 0.06))


async def move_issues(fleet: Fleet, dice: random.Random, count: int) -> None:
    """Let issues change their status, as far as there are any."""
    for _ in range(count):
        await asyncio.sleep(dice.uniform(0, 0.3))
        made = fleet.world.jira.records.issues
        if made:
            issue = fleet.world.jira.site.issue(dice.choice(made).id)
            fleet.world.jira.site.transition(issue, dice.choice(STATUSES))


async def test_each_command_is_carried_out_once_and_in_order(fleet: Fleet) -> None:
    dice = random.Random(1)
    await fleet.launch(*NAMES)
    async with asyncio.TaskGroup() as group:
        group.create_task(type_lines(fleet, Script(1), dice, 110))
        group.create_task(move_issues(fleet, random.Random(2), 15))
    verdict = await fleet.verdict()
    assert verdict.good, fleet.account(verdict)
    assert verdict.owed > 110
    assert min(fleet.events("delivery_sent").values()) > 0, "one did all the work"
    # One of them asks Jira; another only if that one was too slow to keep the duty.
    asked = [name for name, times in fleet.events("jira_health").items() if times]
    assert asked
    assert len(asked) <= sum(fleet.events("duty_taken").values())


async def test_bots_killed_and_hanging_at_random_are_replaced_by_the_others(fleet: Fleet) -> None:
    # What is typed and who is struck are drawn apart: both go on at once, so that one source of
    # chance would be shared out differently each time.
    lines, blows = random.Random(3), random.Random(7)
    script = Script(3)
    await fleet.launch(*NAMES)
    async with asyncio.TaskGroup() as group:
        group.create_task(move_issues(fleet, random.Random(4), 40))
        for blow in range(8):
            typing = group.create_task(type_lines(fleet, script, lines, 16))
            await asyncio.sleep(blows.uniform(0, 0.5))
            victim = blows.choice(NAMES)
            if blow % 3 == 2:
                fleet.freeze(victim)
                await asyncio.sleep(blows.uniform(0.2, 1.5))
                fleet.thaw(victim)
            else:
                await fleet.fell(victim)
                await typing
                await fleet.launch(victim)
            await typing
    verdict = await fleet.verdict(within=90)
    assert verdict.good, fleet.account(verdict)
    assert fleet.kills == 6


async def test_a_database_that_goes_away_is_waited_for(fleet: Fleet) -> None:
    dice = random.Random(5)
    script = Script(5)
    server = postgres.server()
    await fleet.launch(*NAMES)
    async with asyncio.TaskGroup() as group:
        group.create_task(move_issues(fleet, random.Random(6), 20))
        for _ in range(2):
            typing = group.create_task(type_lines(fleet, script, dice, 25))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.stop)
            await typing
            await type_lines(fleet, script, dice, 5)
            await asyncio.to_thread(server.start)
    verdict = await fleet.verdict(within=60)
    assert verdict.good, fleet.account(verdict)


async def test_a_bot_that_starts_before_its_database_waits_for_it(fleet: Fleet) -> None:
    server = postgres.server()
    await asyncio.to_thread(server.stop)
    try:
        starting = asyncio.create_task(fleet.launch("anna"))
        await eventually(lambda: "storage_unreachable" in fleet.history())
        assert not starting.done()
    finally:
        await asyncio.to_thread(server.start)
    await starting
    verdict = await fleet.verdict()
    assert verdict.good, fleet.account(verdict)


@asynccontextmanager
async def sends_held(fleet: Fleet, seconds: float) -> AsyncIterator[None]:
    """Let the chat take so long to answer a send."""
    fleet.world.chat.faults.delay("chat.sendMessage", seconds=seconds, times=1)
    yield
    fleet.world.chat.faults.clear()


async def test_what_a_hanging_bot_holds_is_sent_by_another_once_its_claim_lapses(
    fleet: Fleet,
) -> None:
    server = postgres.server()
    await fleet.launch(*NAMES)
    stage = next(stage for stage in STAGES if stage.room == "support")
    script = Script(7)

    def holder() -> str | None:
        rows = server.rows(fleet.url, "SELECT claimed_by FROM outbox WHERE claimed_by IS NOT NULL")
        pids = {row["claimed_by"].split("/")[2] for row in rows}
        names = [name for name, bot in fleet.bots.items() if str(bot.pid) in pids]
        return names[0] if names else None

    async with sends_held(fleet, 3.0):
        await fleet.type(script.next_line(stage))
        hanging = await eventually(holder)
        assert hanging is not None
        fleet.freeze(hanging)
    for _ in range(4):
        await fleet.type(script.next_line(stage))
    # The lease is not waited for: it is moved.
    server.run(fleet.url, "UPDATE outbox SET claimed_until = now() WHERE claimed_until > now()")
    verdict = await fleet.all_done()
    assert verdict.good, fleet.account(verdict)
    fleet.thaw(hanging)
    verdict = await fleet.verdict()
    assert verdict.good, fleet.account(verdict)


async def test_another_bot_takes_over_when_the_one_that_asks_jira_is_killed(fleet: Fleet) -> None:
    server = postgres.server()
    await fleet.launch(*NAMES)
    stage = next(stage for stage in STAGES if stage.room == "@sam")
    for line in Script(8).one_case(stage, "carla"):
        await fleet.type(line)
    assert (await fleet.all_done()).good

    def on_duty() -> str:
        [row] = server.rows(fleet.url, "SELECT value FROM marks WHERE name = 'duty'")
        pid = row["value"].split("/")[2]
        return next(name for name, bot in fleet.bots.items() if str(bot.pid) == pid)

    before = on_duty()
    await fleet.fell(before)
    [issue] = fleet.world.jira.records.issues
    fleet.world.jira.site.transition(fleet.world.jira.site.issue(issue.id), "Specifying")
    # The lease is not waited for: it is moved.
    server.run(
        fleet.url,
        "UPDATE marks SET value = split_part(value, ' ', 1) || ' 2026-01-01T00:00:00+00:00'"
        " WHERE name = 'duty'",
    )
    await fleet.world.hear("carla", "*Specifying*")
    assert on_duty() != before
    del fleet.bots[before]
    verdict = await fleet.verdict()
    assert verdict.good, fleet.account(verdict)
