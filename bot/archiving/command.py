"""What the subcommand does, from the store it opens to what it says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from bot.archiving.finding import Ages, find_over, write
from bot.archiving.removing import Removed, remove
from bot.archiving.spool import Spool
from bot.clock import Clock
from bot.progress import progress
from storage import open_archive, open_store
from storage.base import Store, StoreError, StoreLocked, StoreUnavailable
from storage.export_file import read_export

SHORTEST = timedelta(days=1)


async def archive(
    url: str,
    *,
    older_than: timedelta,
    file: Path | None,
    dry_run: bool,
    console: Console,
    clock: Clock,
) -> None:
    """Put what is older than that into a file, and take it out of the store.

    Args:
        url: of the store; a file must not be in use, a database may.
        older_than: at least a day.
        file: where to; None: a new file in this folder, named by the time. One that exists must
            be an archive that was broken off, and is finished.
        dry_run: only say how much it would be.
        console: where to say it.
        clock: the time.

    Raises:
        StoreError: it could not be done; the message says what to mend.
    """
    if older_than < SHORTEST:
        raise StoreError("--older-than is a day at least: write for example --older-than 365d.")
    async with _opened(url) as store:
        now = clock.now() + store.clock_offset()
        ages = await Ages.of(store, before=now - older_than)
        target = file or Path(f"archive-{now:%Y%m%d-%H%M%S}.jsonl")
        if dry_run:
            await _foresee(store, ages, console)
        elif target.exists():
            await _finish(store, target, ages, console)
        elif await _write(store, target, ages, console):
            await _remove(store, target, ages, console)


async def _foresee(store: Store, ages: Ages, console: Console) -> None:
    with Spool() as spool:
        await _find(store, ages, spool, console)
        console.print(f"Would be put away: {_counts(spool)}. Nothing was changed.", highlight=False)


async def _write(store: Store, file: Path, ages: Ages, console: Console) -> bool:
    with Spool() as spool:
        await _find(store, ages, spool, console)
        total = sum(map(spool.count, ("case", "entry", "delivery", "message", "issue")))
        if not total:
            console.print(
                f"Nothing is to be put away: nothing that is over is older than {_day(ages)}.",
                highlight=False,
            )
            return False
        with progress(console, "writing", total) as advance:
            tally = await write(spool, file, advance)
        console.print(f"{file} holds {_counts(spool)}; SHA-256 {tally.checksum}", highlight=False)
    return True


async def _finish(store: Store, file: Path, ages: Ages, console: Console) -> None:
    removed = await _remove(store, file, ages, console)
    if removed == Removed():
        raise StoreError(
            f"{file} is there already, and nothing that it holds is left to be removed:"
            " name another file."
        )
    console.print(f"{file} was begun earlier and is finished now.", highlight=False)


async def _find(store: Store, ages: Ages, spool: Spool, console: Console) -> None:
    async with store.transaction(durable=False) as tx:
        _, candidates = await tx.list_cases(ages.candidates, limit=1)
    with progress(console, "looking", candidates) as advance:
        await find_over(store, ages, spool, advance)


async def _remove(store: Store, file: Path, ages: Ages, console: Console) -> Removed:
    cases = 0
    # To its last line before anything is removed: a damaged archive is none.
    async for record in read_export(file):
        cases += record.kind == "case"
    with progress(console, "removing", cases) as advance:
        removed = await remove(store, read_export(file), ages, advance)
    console.print(
        f"Removed from the store: {removed.cases} cases with their timelines and ledgers,"
        f" {removed.deliveries} deliveries and {removed.messages} messages of no case.",
        highlight=False,
    )
    if removed.stayed:
        console.print(f"{removed.stayed} cases were changed meanwhile and stayed.", highlight=False)
    return removed


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    # Refuses what keeps nothing, and what is not there.
    open_archive(url, new=False)
    try:
        async with open_store(url) as store:
            yield store
    except StoreLocked as error:
        raise StoreError(f"Stop the bot first. {error}") from None
    except StoreUnavailable as error:
        raise StoreError(
            f"{error} Run the same command again with --to and the file it named, if it did;"
            " nothing is lost."
        ) from None


def _counts(spool: Spool) -> str:
    return (
        f"{spool.count('case')} cases, {spool.count('entry')} timeline entries,"
        f" {spool.count('delivery')} deliveries, {spool.count('message')} messages,"
        f" {spool.count('issue')} issues"
    )


def _day(ages: Ages) -> str:
    at: datetime = ages.before.astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC"
