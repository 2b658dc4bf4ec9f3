"""`python -m bot storage …`: tables, copies and exports. The bots should be stopped meanwhile."""

import argparse
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from storage import open_archive, upgrade
from storage.base import StoreError
from storage.codec import CodecError
from storage.records import LINE, Archive, Record, Tally, tally_of

_FORMAT = "casebot export 1"
_END = "end"

Advance = Callable[[], None]


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
    else:
        await read_in(options.file, url, shown)


async def copy(source_url: str, target_url: str, console: Console) -> None:
    """Copy everything; a target that holds the same already is left as it is.

    Raises:
        StoreError: the target holds something else, or one of the two cannot be used.
    """
    async with open_archive(source_url) as source, open_archive(target_url) as target:
        await _fill(target, source.dump, console)


async def export(url: str, file: Path, console: Console) -> None:
    """Write everything into a new file that only its owner may read."""
    async with open_archive(url) as source:
        total = await tally_of(source.dump())
        with _new_file(file) as out, _progress(console, total) as advance:
            tally = Tally()
            out.write(f"{_FORMAT}\n".encode())
            async for record in source.dump():
                out.write(tally.add(record) + b"\n")
                advance()
            out.write(f"{_END} {tally.counts.total()} {tally.checksum}\n".encode())
    _say_done(console, f"{file} holds", tally)


async def read_in(file: Path, url: str, console: Console) -> None:
    """Read an exported file into an empty store; one that holds the same is left as it is."""
    async with open_archive(url) as target:
        await _fill(target, lambda: _lines_of(file), console)


async def _fill(
    target: Archive, records: Callable[[], AsyncIterator[Record]], console: Console
) -> None:
    wanted = await tally_of(records())
    there = await tally_of(target.dump())
    if there.is_same_as(wanted):
        _say_done(console, "Nothing to do, the target holds the same:", there)
        return
    if not there.is_empty:
        raise StoreError(
            f"The target holds something else already ({_counts(there)}); nothing was changed."
            " Name an empty one."
        )
    with _progress(console, wanted) as advance:
        written = await target.restore(_watched(records(), advance))
    if not wanted.is_same_as(written):
        raise StoreError("The source has changed meanwhile: stop the bots and begin again.")
    _say_done(console, "Copied and compared:", wanted)


async def _watched(records: AsyncIterator[Record], advance: Advance) -> AsyncIterator[Record]:
    async for record in records:
        yield record
        advance()


async def _lines_of(file: Path) -> AsyncIterator[Record]:
    """Return the records of an exported file; it must be whole, to the last line."""
    tally = Tally()
    try:
        with file.open("rb") as lines:
            if next(lines, b"").rstrip() != _FORMAT.encode():
                raise StoreError(f"{file} is not an export, or one of another version.")
            for number, line in enumerate(lines, start=2):
                if line.startswith(_END.encode()):
                    if line.decode().split()[1:] != [str(tally.counts.total()), tally.checksum]:
                        raise StoreError(f"{file} is damaged: its checksum does not match.")
                    return
                record = _record(file, number, line)
                tally.add(record)
                yield record
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}.") from error
    raise StoreError(f"{file} is damaged: its end is missing.")


def _record(file: Path, number: int, line: bytes) -> Record:
    try:
        return LINE.decode(line).record
    except CodecError as error:
        raise StoreError(f"{file} is damaged in line {number}: {error}.") from None


@contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """Give a file that appears under its name when it is complete, or not at all."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        if file.exists():
            raise StoreError(f"{file} exists already: name another file.")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _progress(console: Console, total: Tally) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("records", total=total.counts.total())
        yield lambda: progress.advance(task)


def _say_upgraded(before: str, after: str) -> str:
    if not after:
        return "A file needs no upgrade."
    if before == after:
        return f"The tables are of this version already ({after})."
    return f"The tables are of this version now ({before or 'none'} → {after})."


def _say_done(console: Console, what: str, tally: Tally) -> None:
    console.print(f"{what} {_counts(tally)}; SHA-256 {tally.checksum}", highlight=False)


def _counts(tally: Tally) -> str:
    counts = {kind: count for kind, count in tally.counts.items() if kind != "numbers"}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing"
