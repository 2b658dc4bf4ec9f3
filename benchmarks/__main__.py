"""`python -m benchmarks [PART…]`: measures on this machine and prints a table."""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks import burst, commits, many_bots, memory, polling, round_trip, storage
from benchmarks.report import Curve, Row, show
from bot.log import set_up

Figures = Sequence[Row | Curve]
PARTS: dict[str, Callable[[Path], Awaitable[Figures]]] = {
    "round-trip": round_trip.measure,
    "burst": burst.measure,
    "commits": commits.measure,
    "poll": polling.measure,
    "memory": memory.measure,
    "many-bots": many_bots.measure,
}
# Takes a number of cases besides, and its time.
_STORAGE = "storage"
_NAMES = (*PARTS, _STORAGE)
_MOST_CASES = 1_000_000
_LONGEST_PART = 600.0
_LONGEST_STORAGE = 3_600.0


def main() -> int:
    """Measure what was asked for; 1 if an aim was missed, 2 if something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_NAMES)}; or all")
    parser.add_argument("--folder", type=Path, help="where files are written: its disk is measured")
    parser.add_argument(
        "--most",
        type=int,
        default=_MOST_CASES,
        metavar="CASES",
        help=f"leave out larger stores ({_STORAGE} only)",
    )
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_NAMES):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return asyncio.run(_measure(options.parts or _NAMES, options.folder, options.most))


async def _measure(parts: Sequence[str], folder: Path | None, most: int) -> int:
    set_up(form="json", level="WARNING", secrets=())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" load average {os.getloadavg()[0]:.2f}"
    )
    figures: list[Row | Curve] = []
    broken = False
    for part in parts:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=folder, prefix=f"{part}-") as place:
            try:
                async with asyncio.timeout(_LONGEST_STORAGE if part == _STORAGE else _LONGEST_PART):
                    figures += await _figures(part, Path(place), most)
            except Exception as error:  # noqa: BLE001 - the other parts are still worth knowing
                broken = True
                print(f"{part}: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    show(figures)
    print(f"load average {os.getloadavg()[0]:.2f}")
    missed = any(isinstance(one, Row) and one.met is False for one in figures)
    return 2 if broken else int(missed)


async def _figures(part: str, place: Path, most: int) -> Figures:
    if part == _STORAGE:
        return await storage.measure(place, most=most)
    return await PARTS[part](place)


if __name__ == "__main__":
    sys.exit(main())
