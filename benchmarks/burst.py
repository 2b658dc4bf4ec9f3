"""Two thousand commands at once: how fast, and whether each is answered once and in order."""

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.bare_client import BareClient
from benchmarks.commands import Message, opening
from benchmarks.report import Row
from benchmarks.world import Servers, bot, prepare_store, servers

PART = "2 burst"
COMMANDS = 2_000
_RUNS = 3
_SHARE = 0.5
_CASES = 100
_NUMBER = re.compile(r"CASE-(\d+)")


async def measure(folder: Path) -> list[Row]:
    """Return the best of several runs, each with a bot, a store and servers of its own."""
    runs = []
    wrong: Counter[str] = Counter()
    for number in range(_RUNS):
        place = folder / f"run-{number}"
        place.mkdir()
        await prepare_store(place, _CASES)
        async with servers() as there, BareClient(there) as client, bot(there, place) as program:
            await there.ask("burst", messages=spread_out(there, 1))
            await client.post_one_by_one(20)
            bare = COMMANDS / await client.post_at_once(COMMANDS)
            messages = spread_out(there, COMMANDS // len(there.facts["rooms"]))
            before = sum(program.process.cpu_times()[:2])
            answer = await there.ask("burst", messages=messages)
            used = sum(program.process.cpu_times()[:2]) - before
        wrong.update(compare(messages, answer))
        runs.append((COMMANDS / answer["seconds"], bare, used))
    rate, bare, used = max(runs, key=lambda run: run[0] / run[1])
    shares = ", ".join(f"{run[0] / run[1]:.2f}" for run in runs)
    return [
        Row(
            part=PART,
            what=f"{COMMANDS} commands over 20 rooms",
            value=f"{rate:.0f} per second",
            beside=f"bare client {bare:.0f} per second",
        ),
        Row(
            part=PART,
            what="share of the bare client's rate, best run",
            value=f"{rate / bare:.2f}",
            beside=f"runs: {shares}",
            aim=f"≥ {_SHARE}",
            met=rate / bare >= _SHARE,
        ),
        Row(part=PART, what="CPU of the bot per command", value=f"{used / COMMANDS * 1e3:.2f} ms"),
        Row(
            part=PART,
            what=f"answers lost, doubled, out of order ({_RUNS} runs)",
            value=f"{wrong['lost']}, {wrong['doubled']}, {wrong['disorder']}",
            aim="0, 0, 0",
            met=not wrong.total(),
        ),
    ]


def spread_out(there: Servers, per_room: int) -> list[Message]:
    """Return commands, taking turns among the rooms."""
    rooms = there.facts["rooms"]
    return [opening(*room) for _, room in itertools.product(range(per_room), rooms)]


def compare(messages: list[Message], answer: dict[str, Any]) -> Counter[str]:
    """Count what is wrong with the answers: how many are lost, doubled or in disorder."""
    wrong: Counter[str] = Counter()
    for room, commands in itertools.groupby(sorted(messages, key=lambda m: m[1]), lambda m: m[1]):
        expected = [awaited for *_, awaited in commands]
        stored: list[str] = answer["by_bot"].get(room, [])
        wrong["lost"] += len(set(expected) - set(stored))
        wrong["doubled"] += len(stored) - len(set(expected) & set(stored))
        present = [one for one in expected if one in set(stored)]
        order = [one for one in stored if one in set(expected)]
        wrong["disorder"] += sum(one != other for one, other in zip(present, order, strict=False))
    opened = Counter(_NUMBER.findall(" ".join(answer["texts"].values())))
    cases = {match[1] for text in answer["texts"].values() if (match := _NUMBER.search(text))}
    wrong["doubled"] += len(messages) - len(cases) if opened else len(messages)
    return wrong
