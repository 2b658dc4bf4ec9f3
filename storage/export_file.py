"""What a store keeps as a file of JSON Lines.

A first line that names the format, one record per line, a last line with count and checksum.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.base import StoreError
from storage.codec import CodecError
from storage.records import LINE, Record, Tally

_FORMAT = "casebot export 1"
_END = "end"


class ExportWriter:
    """Writes records into an export, in the order of `storage.records`.

    Attributes:
        tally: of what was written so far.
    """

    def __init__(self, out: BinaryIO) -> None:
        self.tally = Tally()
        self._out = out
        out.write(f"{_FORMAT}\n".encode())

    def add(self, record: Record) -> None:
        """Write a record."""
        self._out.write(self.tally.add(record) + b"\n")

    def end(self) -> None:
        """Write the last line."""
        self._out.write(_last_line(self.tally) + b"\n")


@contextmanager
def new_export(file: Path) -> Iterator[ExportWriter]:
    """Write a file for its owner alone; it appears when it is complete and on disk, or not at all.

    Raises:
        StoreError: there is such a file already, or it cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        if file.exists():
            raise StoreError(f"{file} exists already: name another file.")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            writer = ExportWriter(out)
            yield writer
            writer.end()
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


async def read_export(file: Path) -> AsyncIterator[Record]:
    """Return the records of an export; it must be whole, to the last line.

    Raises:
        StoreError: it is damaged, or no export; perhaps only after some records.
    """
    tally = Tally()
    try:
        with file.open("rb") as lines:
            if next(lines, b"").rstrip() != _FORMAT.encode():
                raise StoreError(f"{file} is not an export, or one of another version.")
            for number, line in enumerate(lines, start=2):
                if line.startswith(_END.encode()):
                    if line.rstrip() != _last_line(tally):
                        raise StoreError(f"{file} is damaged: its checksum does not match.")
                    if lines.read(1):
                        raise StoreError(f"{file} is damaged: something follows its end.")
                    return
                record = _record(file, number, line)
                tally.add(record)
                yield record
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}.") from error
    raise StoreError(f"{file} is damaged: its end is missing.")


def _last_line(tally: Tally) -> bytes:
    return f"{_END} {tally.counts.total()} {tally.checksum}".encode()


def _record(file: Path, number: int, line: bytes) -> Record:
    try:
        return LINE.decode(line).record
    except CodecError as error:
        raise StoreError(f"{file} is damaged in line {number}: {error}.") from None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and keeps renames by itself.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
