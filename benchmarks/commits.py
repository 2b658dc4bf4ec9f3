"""Durable commits per second, by the size of the store."""

from pathlib import Path

from benchmarks.disk import replace_often
from benchmarks.rates import commits_per_second
from benchmarks.report import Row
from benchmarks.seed import fill
from storage.tinydb import TinyDBStore

PART = "3 commits"
_SIZES = (100, 1_000, 10_000)
_AT_ONCE = 50
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
                single = max(single, await commits_per_second(store, size, at_once=1))
                grouped = max(grouped, await commits_per_second(store, size, at_once=_AT_ONCE))
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


def _bare_rate(folder: Path, size: int) -> float:
    times = 10
    return times / sum(replace_often(folder / "bare", size=size, times=times))
