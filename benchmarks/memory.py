"""How much memory the bot's process needs with ten thousand cases."""

import asyncio
from pathlib import Path

from benchmarks.report import Row
from benchmarks.world import Servers, bot, prepare_store, servers

PART = "5 memory"
CASES = 10_000
_MOST = 120.0
_SETTLE_SECONDS = 20


async def measure(folder: Path) -> list[Row]:
    """Look at the bot some time after it was ready, when every job has run at least once."""
    async with servers() as there:
        empty = folder / "empty"
        empty.mkdir()
        await prepare_store(empty, 0)
        least = await _resident(there, empty, settle=2)
        path = await prepare_store(folder, CASES)
        resident = await _resident(there, folder, settle=_SETTLE_SECONDS)
    return [
        Row(
            part=PART,
            what=f"resident, {CASES} cases ({path.stat().st_size / 1e6:.0f} MB on disk)",
            value=f"{resident:.0f} MB",
            beside=f"without a case {least:.0f} MB",
            aim=f"≤ {_MOST:.0f} MB",
            met=resident <= _MOST,
        )
    ]


async def _resident(there: Servers, folder: Path, *, settle: int) -> float:
    async with bot(there, folder) as program:
        most = 0.0
        for _ in range(settle):
            await asyncio.sleep(1)
            most = program.process.memory_info().rss / 1e6
        return most
