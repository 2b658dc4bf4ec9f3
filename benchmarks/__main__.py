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

from benchmarks import burst, commits, memory, polling, round_trip
from benchmarks.report import Row, show
from bot.log import set_up

PARTS: dict[str, Callable[[Path], Awaitable[list[Row]]]] = {
    "round-trip": round_trip.measure,
    "burst": burst.measure,
    "commits": commits.measure,
    "poll": polling.measure,
    "memory": memory.measure,
}
_LONGEST_PART = 240.0


def main() -> int:
    """Measure what was asked for; 1 if an aim was missed, 2 if something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--folder", type=Path, help="where files are written: its disk is measured")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return asyncio.run(_measure(options.parts or list(PARTS), options.folder))


async def _measure(parts: Sequence[str], folder: Path | None) -> int:
    set_up(form="json", level="WARNING", secrets=())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    rows: list[Row] = []
    broken = False
    for part in parts:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=folder, prefix=f"{part}-") as place:
            try:
                async with asyncio.timeout(_LONGEST_PART):
                    rows += await PARTS[part](Path(place))
            except Exception as error:  # noqa: BLE001 - the other parts are still worth knowing
                broken = True
                print(f"{part}: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    show(rows)
    return 2 if broken else int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
