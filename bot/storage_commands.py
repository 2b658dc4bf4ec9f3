"""`python -m bot storage …`: tables, copies, exports and archives."""

import argparse
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console

from bot.archiving.command import archive
from bot.clock import SystemClock
from bot.progress import Advance, progress
from storage import open_archive, upgrade
from storage.base import StoreError
from storage.export_file import new_export, read_export
from storage.records import Archive, Record, Tally, tally_of

COUNTED = {
    "case": "cases",
    "entry": "timeline entries",
    "delivery": "deliveries",
    "message": "messages",
    "issue": "issues",
    "mark": "marks",
    "time": "times",
    "profile": "profiles",
    "dialogue": "dialogues",
}
"""What is counted, by the kind of its record, and how many of it are called."""


class _Source(BaseSettings):
    """The one setting these commands need."""

    model_config = SettingsConfigDict(env_file_encoding="utf-8", extra="ignore")

    storage_url: str = "tinydb:///data/cases.json"


async def run(options: argparse.Namespace, *, console: Console | None = None) -> None:
    """Carry a subcommand out and say what was done.

    Raises:
        StoreError: it could not be done; the message says what to mend.
    """
    shown = console or Console(stderr=True)
    if options.action == "copy":
        await copy(options.source, options.target, shown)
        return
    url = options.url or _Source(_env_file=options.env_file).storage_url
    if options.action == "upgrade":
        before, after = await upgrade(url)
        shown.print(_say_upgraded(before, after), highlight=False)
    elif options.action == "export":
        await export(url, options.file, shown)
    elif options.action == "archive":
        await archive(
            url,
            older_than=_age(options.older_than),
            file=options.to,
            dry_run=options.dry_run,
            console=shown,
            clock=SystemClock(),
        )
    else:
        await read_in(options.file, url, shown)


async def copy(source_url: str, target_url: str, console: Console) -> None:
    """Copy everything; a target that holds the same already is left as it is.

    Raises:
        StoreError: the target holds something else, or one of the two cannot be used.
    """
    async with (
        open_archive(source_url, new=False) as source,
        open_archive(target_url) as target,
    ):
        await _fill(target, source.dump, console)


async def export(url: str, file: Path, console: Console) -> None:
    """Write everything into a new file that only its owner may read."""
    async with open_archive(url, new=False) as source:
        total = await _count(source.dump(), console)
        with (
            new_export(file) as out,
            progress(console, "writing", total.counts.total()) as advance,
        ):
            async for record in source.dump():
                out.add(record)
                advance()
    _say_done(console, f"{file} holds", out.tally)


async def read_in(file: Path, url: str, console: Console) -> None:
    """Read an exported file into an empty store; one that holds the same is left as it is."""
    async with open_archive(url) as target:
        await _fill(target, lambda: read_export(file), console)


async def _fill(
    target: Archive, records: Callable[[], AsyncIterator[Record]], console: Console
) -> None:
    wanted = await _count(records(), console)
    there = await tally_of(target.dump())
    if there.is_same_as(wanted):
        _say_done(console, "Nothing to do, the target holds the same:", there)
        return
    if not there.is_empty:
        raise StoreError(
            f"The target holds something else already ({_counts(there)}); nothing was changed."
            " Name an empty one."
        )
    with progress(console, "writing", wanted.counts.total()) as advance:
        await target.restore(_watched(records(), advance), wanted=wanted)
    _say_done(console, "Copied and compared:", wanted)


async def _count(records: AsyncIterator[Record], console: Console) -> Tally:
    with progress(console, "counting", None) as advance:
        return await tally_of(_watched(records, advance))


async def _watched(records: AsyncIterator[Record], advance: Advance) -> AsyncIterator[Record]:
    async for record in records:
        yield record
        advance()


def _age(text: str) -> timedelta:
    try:
        return TypeAdapter(timedelta).validate_python(text)
    except ValidationError:
        raise StoreError(
            f"--older-than {text} is no number of days: write for example --older-than 365d."
        ) from None


def _say_upgraded(before: str, after: str) -> str:
    if not after:
        return "A file needs no upgrade."
    if before == after:
        return f"The tables are of this version already ({after})."
    return f"The tables are of this version now ({before or 'none'} → {after})."


def _say_done(console: Console, what: str, tally: Tally) -> None:
    line = f"{what} {_counts(tally)}; SHA-256 {tally.checksum}"
    console.print(line, highlight=False, soft_wrap=True)


def _counts(tally: Tally) -> str:
    counts = (
        f"{count} {kind if count == 1 else COUNTED[kind]}"
        for kind, count in tally.counts.items()
        if kind in COUNTED
    )
    return ", ".join(counts) or "nothing"
