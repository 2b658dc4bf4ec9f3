"""One, two and four bots on one database, with as many commands at once as before."""

import contextlib
from collections import Counter
from pathlib import Path

import psutil

from benchmarks.bare_client import BareClient
from benchmarks.burst import compare, spread_out
from benchmarks.database import database_server
from benchmarks.fill_database import fill_database
from benchmarks.report import Row
from benchmarks.world import bot, servers
from tests.postgres import Server

PART = "7 many bots"
_BOTS = (1, 2, 4)
_CASES = 10_000
_COMMANDS = 600


async def measure(folder: Path) -> list[Row]:
    """Return a row for each number of bots."""
    server = database_server(folder)
    rows = []
    for count in _BOTS:
        url = server.create_store()
        await fill_database(url, _CASES)
        rows.append(await _measure(server, url, folder, count))
        server.drop(url)
    return rows


async def _measure(server: Server, url: str, folder: Path, count: int) -> Row:
    async with contextlib.AsyncExitStack() as stack:
        there = await stack.enter_async_context(servers())
        client = await stack.enter_async_context(BareClient(there))
        bots = [
            await stack.enter_async_context(
                bot(there, folder, url=url, name=f"{count}-bots-{number}")
            )
            for number in range(count)
        ]
        await there.ask("burst", messages=spread_out(there, 1))
        await client.post_one_by_one(20)
        bare = _COMMANDS / await client.post_at_once(_COMMANDS)
        messages = spread_out(there, _COMMANDS // len(there.facts["rooms"]))
        before = [_seconds(one.process) for one in bots], server.cpu_seconds()
        answer = await there.ask("burst", messages=messages)
        used = sum(_seconds(one.process) for one in bots) - sum(before[0])
        database = server.cpu_seconds() - before[1]
    wrong: Counter[str] = compare(messages, answer)
    return Row(
        part=PART,
        what=f"{count} on {_CASES} cases, {_COMMANDS} commands over 20 rooms",
        value=f"{_COMMANDS / answer['seconds']:.0f} per second",
        beside=f"bare client {bare:.0f} per second; CPU per command: bots"
        f" {used / _COMMANDS * 1e3:.1f} ms, database {database / _COMMANDS * 1e3:.1f} ms; lost,"
        f" doubled, out of order {wrong['lost']}, {wrong['doubled']}, {wrong['disorder']}",
        aim="0, 0, 0",
        met=not wrong.total(),
    )


def _seconds(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])
