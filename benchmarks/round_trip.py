"""From a command on the stream to its answer on the server, with the case on disk in between."""

from pathlib import Path
from statistics import median

from benchmarks.bare_client import BareClient
from benchmarks.commands import opening
from benchmarks.disk import replace_often
from benchmarks.report import Row, spread
from benchmarks.world import bot, prepare_store, servers

PART = "1 round trip"
_ROUNDS = 12
_PER_ROUND = 25
_WARM_UP = 20
_FACTOR = 1.5
_CASES = 100


async def measure(folder: Path) -> list[Row]:
    """Measure in rounds, in each of which whatever else the machine does falls on all three."""
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
    best = min(ratios)
    return [
        Row(part=PART, what="command to stored answer", value=spread(trips)),
        Row(part=PART, what="bare POST", value=spread(posts)),
        Row(part=PART, what=f"bare file replaced, {size // 1000} kB", value=spread(disk)),
        Row(
            part=PART,
            what="p50 / (POST + replace), best round",
            value=f"{best:.2f}",
            beside=f"{_ROUNDS} rounds: median {median(ratios):.2f}, worst {max(ratios):.2f}",
            aim=f"≤ {_FACTOR}",
            met=best <= _FACTOR,
        ),
    ]
