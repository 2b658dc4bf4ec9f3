"""Durable commits per second, by the size of the store."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.disk import replace_often
from benchmarks.report import Row
from benchmarks.seed import fill
from bot.cases.case import CaseId
from storage.base import Store
from storage.tinydb import TinyDBStore

PART = "3 commits"
_SIZES = (100, 1_000, 10_000)
_AT_ONCE = 50
_SECONDS = 1.0
_RUNS = 3


async def measure(folder: Path) -> list[Row]:
    """Return a row for each size; the best of several runs."""
    rows = []
    for size in _SIZES:
        path = folder / f"cases-{size}.json"
        async with TinyDBStore(path) as store:
            await fill(store, size)
        async with TinyDBStore(path) as store:
            single, grouped, bare = 0.0, 0.0, 0.0
            for _ in range(_RUNS):
                single = max(single, await _rate(store, size, at_once=1))
                grouped = max(grouped, await _rate(store, size, at_once=_AT_ONCE))
                bare = max(bare, _bare_rate(folder, path.stat().st_size))
        rows.append(
            Row(
                part=PART,
                what=f"{size} cases ({path.stat().st_size / 1e6:.1f} MB)",
                value=f"{single:.0f} per second one by one, {grouped:.0f} with {_AT_ONCE} at once",
                beside=f"bare file replaced {bare:.0f} per second",
            )
        )
    return rows


async def _rate(store: Store, size: int, *, at_once: int) -> float:
    """Return how many commits per second so many tasks do together."""
    ends = time.perf_counter() + _SECONDS
    began = time.perf_counter()

    async def work(number: int) -> int:
        done = 0
        while time.perf_counter() < ends:
            number = number % size + 1
            await _commit(store, CaseId(number))
            done += 1
        return done

    done = sum(await asyncio.gather(*(work(number) for number in range(at_once))))
    return done / (time.perf_counter() - began)


async def _commit(store: Store, case_id: CaseId) -> None:
    """Change a case, as most commands do."""
    async with store.transaction() as tx:
        case = await tx.find_case(case_id)
        assert case is not None
        # Nothing is added, so that the store has the same size in every run.
        await tx.save_case(replace(case, severity="low" if case.severity == "high" else "high"))


def _bare_rate(folder: Path, size: int) -> float:
    times = 10
    return times / sum(replace_often(folder / "bare", size=size, times=times))
