"""Both kinds of storage from small to large: commits, questions, memory, commands to the bot."""

import shutil
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import asyncpg

from benchmarks.bare_client import BareClient
from benchmarks.commands import Message, asking, opening
from benchmarks.database import database_server
from benchmarks.disk import append_often
from benchmarks.fill_database import fill_database
from benchmarks.fill_file import fill_file
from benchmarks.queries import seconds_of
from benchmarks.rates import commits_per_second
from benchmarks.report import Curve, short
from benchmarks.world import Servers, bot, servers
from storage import open_store
from tests.postgres import Server

PART = "6 storage"
FILE_SIZES = (1_000, 10_000, 100_000)
DATABASE_SIZES = (*FILE_SIZES, 1_000_000)
_AT_ONCE = 20
_SECONDS = 2.0
_RECORD = 8 << 10
_WARM_UP = 5
_PER_STEP = 10
_COMMANDS = {
    "`!case open …`": opening,
    "`!case list`": asking("case list"),
    "`!case search printer`": asking("case search printer"),
    "`!status 7`": asking("status 7"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A store that is filled, to be measured.

    Attributes:
        name: for the head of a column.
        size: how many cases it has.
        url: where it is.
        folder: a place beside it.
        bytes: how large it is on disk.
        filled_in: how many seconds it took to make.
    """

    name: str
    size: int
    url: str
    folder: Path
    bytes: int
    filled_in: float


@dataclass(frozen=True, slots=True)
class _Curves:
    """Figures as they come, by what they are."""

    points: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, what: str, subject: Subject, value: str) -> None:
        self.points[what][subject.name] = value

    def as_list(self) -> list[Curve]:
        return [Curve(part=PART, what=what, points=by) for what, by in self.points.items()]


async def measure(folder: Path, *, most: int) -> Sequence[Curve]:
    """Return what was measured of each store with up to `most` cases."""
    curves = _Curves()
    for size in (size for size in FILE_SIZES if size <= most):
        async with _file(folder, size) as subject:
            await _try(subject, curves)
    server = database_server(folder)
    for size in (size for size in DATABASE_SIZES if size <= most):
        async with _database(server, folder, size) as subject:
            curves.add("beside: `SELECT 1`", subject, short(await _select_one(subject.url)))
            await _try(subject, curves)
    return curves.as_list()


async def _try(subject: Subject, curves: _Curves) -> None:
    """Measure a store; what cannot be measured any more is said, and the others are measured."""
    began = time.perf_counter()
    try:
        await _measure(subject, curves)
    except Exception as error:  # noqa: BLE001 - the other figures took minutes
        curves.add("not measured further", subject, type(error).__name__)
        print(f"{subject.name}: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"{subject.name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


@asynccontextmanager
async def _file(folder: Path, size: int) -> AsyncIterator[Subject]:
    place = folder / f"file-{size}"
    place.mkdir()
    path = place / "cases.json"
    began = time.perf_counter()
    await fill_file(path, size)
    yield Subject(
        name=f"file {size:,}",
        size=size,
        url=f"tinydb:///{path}",
        folder=place,
        bytes=path.stat().st_size,
        filled_in=time.perf_counter() - began,
    )
    shutil.rmtree(place)


@asynccontextmanager
async def _database(server: Server, folder: Path, size: int) -> AsyncIterator[Subject]:
    place = folder / f"database-{size}"
    place.mkdir()
    url = server.create_store()
    began = time.perf_counter()
    await fill_database(url, size)
    filled_in = time.perf_counter() - began
    [row] = server.rows(url, "SELECT pg_database_size(current_database()) AS bytes")
    yield Subject(
        name=f"PostgreSQL {size:,}",
        size=size,
        url=url,
        folder=place,
        bytes=row["bytes"],
        filled_in=filled_in,
    )
    server.drop(url)


async def _measure(subject: Subject, curves: _Curves) -> None:
    curves.add("on disk", subject, f"{subject.bytes / 1e6:,.0f} MB")
    curves.add("filled in", subject, short(subject.filled_in))
    began = time.perf_counter()
    async with open_store(subject.url) as store:
        curves.add("opened in", subject, short(time.perf_counter() - began))
        synced = _disk(subject)
        alone = await commits_per_second(store, subject.size, at_once=1, seconds=_SECONDS)
        many = await commits_per_second(store, subject.size, at_once=_AT_ONCE, seconds=_SECONDS)
        curves.add("commits per second, one by one", subject, f"{alone:,.3g}")
        curves.add(f"commits per second, {_AT_ONCE} at once", subject, f"{many:,.4g}")
        curves.add("beside: 8 kB on disk", subject, short(synced))
        curves.add("one commit / 8 kB on disk", subject, f"{1 / alone / synced:,.3g}")
        for what, seconds in (await seconds_of(store, subject.size)).items():
            curves.add(what, subject, short(seconds))
    await _measure_bot(subject, curves)


async def _measure_bot(subject: Subject, curves: _Curves) -> None:
    async with servers() as there, BareClient(there) as client:
        began = time.perf_counter()
        async with bot(there, subject.folder, url=subject.url) as program:
            curves.add("bot ready in", subject, short(time.perf_counter() - began))
            await _round_trips(there, opening, seconds=0)
            posts = await client.post_one_by_one(20)
            for what, command in _COMMANDS.items():
                curves.add(what, subject, short(await _round_trips(there, command)))
            resident = program.process.memory_info().rss / 1e6
            curves.add("beside: bare POST", subject, short(median(posts)))
            curves.add("memory of the bot", subject, f"{resident:.0f} MB")


async def _round_trips(
    there: Servers, command: Callable[[str, str], Message], *, seconds: float = _SECONDS
) -> float:
    """Return the median from a command to its answer."""
    room, username = there.facts["rooms"][0]
    taken: list[float] = []
    ends = time.perf_counter() + seconds
    while not taken or time.perf_counter() < ends:
        count = _PER_STEP if not taken or median(taken) < seconds / _PER_STEP else 1
        messages = [command(room, username) for _ in range(count if taken else 1)]
        taken += (await there.ask("round_trips", messages=messages))["seconds"]
    return median(taken)


def _disk(subject: Subject) -> float:
    return median(append_often(subject.folder / "bare", size=_RECORD, times=30))


async def _select_one(url: str) -> float:
    connection = await asyncpg.connect(url)
    taken = []
    try:
        for _ in range(200):
            began = time.perf_counter()
            await connection.fetchval("SELECT 1")
            taken.append(time.perf_counter() - began)
    finally:
        await connection.close()
    return median(taken)
