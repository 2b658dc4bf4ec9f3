"""Plays chosen by a seed; what fails says how to play it again."""

from pathlib import Path

import pytest

from tests import postgres
from tests.acceptance.faults.play import Plan, Play
from tests.acceptance.faults.process import Launcher

# As long as a play may take on a busy machine.
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_or_doubled(seed: int, tmp_path: Path, launcher: Launcher) -> None:
    plan = Plan(seed=seed, kills=12, owed=180)
    outcome = await Play(plan, tmp_path, launcher, lambda _: None).run()
    assert outcome.verdict.good, str(outcome)
    assert outcome.kills >= plan.kills
    assert outcome.verdict.owed >= plan.owed


async def test_nothing_is_lost_or_doubled_by_three_bots_on_one_database(
    tmp_path: Path, launcher: Launcher
) -> None:
    plan = Plan(seed=3, kills=12, owed=150, bots=3)
    server = postgres.server()
    outcome = await Play(plan, tmp_path, launcher, lambda _: None, server=server).run()
    assert outcome.verdict.good, str(outcome)
    assert outcome.kills >= plan.kills
    assert any("database killed" in step for step in outcome.steps)
