"""From a command on the stream to its answer on the server, with the case on disk in between."""

from pathlib import Path
from statistics import median

from benchmarks.bare_client import BareClient
from benchmarks.commands import opening
from benchmarks.disk import replace_often
from benchmarks.report import Row, milliseconds, spread
from benchmarks.world import bot, prepare_store, servers

PART = "1 round trip"
_ROUNDS = 5
_PER_ROUND = 40
_WARM_UP = 20
_FACTOR = 1.5
_CASES = 100


async def measure(folder: Path) -> list[Row]:
    """Measure in turns, so that whatever else the machine does falls on all of them."""
    store = await prepare_store(folder, _CASES)
    trips: list[float] = []
    posts: list[float] = []
    disk: list[float] = []
    ratios: list[float] = []
    async with servers() as there, BareClient(there) as client, bot(there, folder):
        room, username = there.facts["rooms"][0]

        async def round_trips(count: int) -> list[float]:
            messages = [opening(room, username) for _ in range(count)]
            answer = await there.ask("round_trips", messages=messages)
            seconds: list[float] = answer["seconds"]
            return seconds

        await round_trips(_WARM_UP)
        await client.post_one_by_one(_WARM_UP)
        for _ in range(_ROUNDS):
            trip = await round_trips(_PER_ROUND)
            post = await client.post_one_by_one(_PER_ROUND)
            size = store.stat().st_size
            replaced = replace_often(folder / "bare", size=size, times=_PER_ROUND)
            trips += trip
            posts += post
            disk += replaced
            ratios.append(median(trip) / (median(post) + median(replaced)))
    ratio = median(trips) / (median(posts) + median(disk))
    return [
        Row(part=PART, what="command to stored answer", value=spread(trips)),
        Row(part=PART, what="bare POST", value=spread(posts)),
        Row(part=PART, what=f"bare file replaced, {size // 1000} kB", value=spread(disk)),
        Row(
            part=PART,
            what="round trip / (POST + replace), p50",
            value=f"{ratio:.2f}",
            beside=f"sum {milliseconds(median(posts) + median(disk))};"
            f" rounds {min(ratios):.2f} to {max(ratios):.2f}",
            aim=f"≤ {_FACTOR}",
            met=ratio <= _FACTOR,
        ),
    ]
