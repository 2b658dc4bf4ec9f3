"""From a command on the stream to its answer on the server, with the case on disk in between."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.bare_client import BareClient
from benchmarks.commands import opening
from benchmarks.disk import replace_often
from benchmarks.report import Row, milliseconds, spread
from benchmarks.world import Servers, bot, prepare_store, servers

PART = "1 round trip"
_ROUNDS = 12
_PER_ROUND = 25
_WARM_UP = 20
_FACTOR = 1.5
_CASES = 100

Rounds = list[list[float]]
"""Seconds, by round."""


async def measure(folder: Path) -> list[Row]:
    """Measure in rounds of all three, so that whatever else the machine does falls on each."""
    store = await prepare_store(folder, _CASES)
    trips: Rounds = []
    posts: Rounds = []
    disk: Rounds = []
    async with servers() as there, BareClient(there) as client, bot(there, folder):
        await _round_trips(there, _WARM_UP)
        await client.post_one_by_one(_WARM_UP)
        for _ in range(_ROUNDS):
            trips.append(await _round_trips(there, _PER_ROUND))
            posts.append(await client.post_one_by_one(_PER_ROUND))
            size = store.stat().st_size
            disk.append(replace_often(folder / "bare", size=size, times=_PER_ROUND))
    least = _best(posts) + _best(disk)
    ratio = _best(trips) / least
    return [
        _row("command to stored answer", trips),
        _row("bare POST", posts),
        _row(f"bare file replaced, {size // 1000} kB", disk),
        Row(
            part=PART,
            what="round trip / (POST + replace)",
            value=f"{ratio:.2f}",
            beside=f"best p50 of each; within a round, median {_middle(trips, posts, disk):.2f}",
            aim=f"≤ {_FACTOR}",
            met=ratio <= _FACTOR,
        ),
    ]


async def _round_trips(there: Servers, count: int) -> list[float]:
    room, username = there.facts["rooms"][0]
    messages = [opening(room, username) for _ in range(count)]
    seconds: list[float] = (await there.ask("round_trips", messages=messages))["seconds"]
    return seconds


def _row(what: str, rounds: Rounds) -> Row:
    everything = [seconds for one in rounds for seconds in one]
    return Row(
        part=PART,
        what=what,
        value=spread(everything),
        beside=f"best round p50 {milliseconds(_best(rounds))}",
    )


def _best(rounds: Rounds) -> float:
    """Return the median of the round that others disturbed least.

    Taken for each figure by itself: the best quotient would be that of a round in which others
    disturbed the divisor.
    """
    return min(median(one) for one in rounds)


def _middle(trips: Rounds, posts: Rounds, disk: Rounds) -> float:
    compared: Sequence[float] = [
        median(trip) / (median(post) + median(replaced))
        for trip, post, replaced in zip(trips, posts, disk, strict=True)
    ]
    return median(compared)
