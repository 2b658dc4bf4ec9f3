"""The long form: `python -m tests.acceptance.faults.long --kills 1000 --owed 10000 [--seed N]`.

Plays several plays, some at a time, prints how far it is, and at the end the figures. Exits with 1
if anything is missing, double, unexpected or out of order. `--bots 3 --postgres` plays with several
bots on one database.
"""

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.acceptance.faults.play import Outcome, Plan, Play
from tests.acceptance.faults.process import Launcher, forker
from tests.postgres import Server

# Few enough that a play's own servers do not grow slow, and most of the waiting is done at once.
KILLS_PER_PLAY = 60
AT_ONCE = 3


def main() -> int:
    """Play and print; returns the exit code."""
    options = _options()
    count = options.plays or max(1, -(-options.kills // KILLS_PER_PLAY))
    plans = [
        Plan(
            seed=options.seed + number,
            kills=-(-options.kills // count),
            owed=-(-options.owed // count),
            patient=not options.impatient,
            bots=options.bots if options.postgres else 0,
        )
        for number in range(count)
    ]
    # The servers complain of every connection that is cut on purpose.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    began = time.monotonic()
    # One for each play at a time: it is killed.
    servers = [Server() for _ in range(options.at_once)] if options.postgres else []
    with forker() as orders:
        outcomes = asyncio.run(
            _play_all(plans, orders, servers, minutes=options.minutes, at_once=options.at_once)
        )
    return _sum_up(outcomes, len(plans), time.monotonic() - began)


async def _play_all(
    plans: Sequence[Plan],
    orders: Path,
    servers: list[Server],
    *,
    minutes: float,
    at_once: int,
) -> list[Outcome]:
    slots = asyncio.Semaphore(at_once)
    outcomes: list[Outcome] = []
    deadline = time.monotonic() + minutes * 60

    async def one(plan: Plan, launcher: Launcher) -> None:
        async with slots:
            if time.monotonic() > deadline:
                _say(f"seed {plan.seed}: no time left")
                return
            server = servers.pop() if plan.bots else None
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                outcome = await Play(plan, Path(folder), launcher, _say, server=server).run()
            if server is not None:
                servers.append(server)
            outcomes.append(outcome)
            _say(str(outcome))

    async with Launcher(orders) as launcher, asyncio.TaskGroup() as group:
        for plan in plans:
            group.create_task(one(plan, launcher))
    return outcomes


def _sum_up(outcomes: Sequence[Outcome], planned: int, seconds: float) -> int:
    found = [outcome.verdict for outcome in outcomes]
    good = len(found) == planned and all(verdict.good for verdict in found)
    _say(
        f"{'all is well' if good else 'NOT WELL'}:"
        f" {sum(outcome.kills for outcome in outcomes)} kills,"
        f" {sum(verdict.owed for verdict in found)} owed,"
        f" {sum(verdict.missing for verdict in found)} missing,"
        f" {sum(verdict.double for verdict in found)} double,"
        f" {sum(verdict.unexpected for verdict in found)} unexpected,"
        f" {sum(verdict.disordered for verdict in found)} out of order,"
        f" {len(found)} of {planned} plays, {seconds / 60:.1f} minutes"
    )
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.faults.long")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--owed", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--plays", type=int, help="how many; by default one for 60 kills")
    parser.add_argument("--minutes", type=float, default=120, help="no play is begun after so many")
    parser.add_argument(
        "--impatient", action="store_true", help="nothing that takes minutes to settle"
    )
    parser.add_argument("--postgres", action="store_true", help="on one database, killed once")
    parser.add_argument("--bots", type=int, default=1, help="how many share it")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="how many plays")
    options = parser.parse_args()
    if options.bots > 1 and not options.postgres:
        parser.error("several bots need --postgres")
    return options


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
