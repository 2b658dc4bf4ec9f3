"""The documents of all tables, each kept as the line it is in the file."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

import structlog

from storage.tinydb_spill import SEPARATOR, Line, Spill, length_of

# Up to this size everything stays in memory; above it, what changes between two visits to the
# spill file does.
HOT_BYTES = 6 << 20
# The spill file is written anew when it holds so much more than what is in use.
DEAD_BYTES = 32 << 20

_BATCH = 256

_log = structlog.get_logger(__name__)


class Lines:
    """The lines of one table by document id, in the order in which they were added."""

    def __init__(self, owner: "LineTables") -> None:
        self._owner = owner
        self.kept: dict[int, Line] = {}
        self.hot: dict[int, None] = {}
        """Which of them are in memory."""

    def __contains__(self, doc_id: object) -> bool:
        return doc_id in self.kept

    def __iter__(self) -> Iterator[int]:
        return iter(list(self.kept))

    def __getitem__(self, doc_id: int) -> bytes:
        return self._owner.read(self.kept[doc_id])

    def get(self, doc_id: int) -> bytes | None:
        """Return a line, or None."""
        line = self.kept.get(doc_id)
        return None if line is None else self._owner.read(line)

    def items(self) -> Iterator[tuple[int, bytes]]:
        """Return the lines that are there now, one by one."""
        return ((doc_id, self._owner.read(line)) for doc_id, line in list(self.kept.items()))

    def values(self) -> Iterator[bytes]:
        """Return the lines without their ids."""
        return (line for _, line in self.items())

    def put(self, doc_id: int, line: bytes | None) -> bytes | None:
        """Replace a line, None for none; return the one there was."""
        kept = self.kept.get(doc_id)
        before = None if kept is None else self._owner.read(kept)
        if kept is not None:
            self._owner.count(kept, -1)
            self.hot.pop(doc_id, None)
        if line is not None:
            self.kept[doc_id] = line
            self.hot[doc_id] = None
            self._owner.count(line, 1)
        elif kept is not None:
            del self.kept[doc_id]
        return before


class LineTables:
    """All tables. A small store is in memory; of a large one, what was changed lately."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder on whose disk a large store may rest; None keeps all in memory."""
        self._tables: dict[str, Lines] = {}
        # Without pread, which Windows lacks, two threads could not read at once.
        self._folder = folder if hasattr(os, "pread") else None
        self._limit = HOT_BYTES
        self._spill: Spill | None = None
        self._hot = 0
        self._dead = 0

    def table(self, name: str) -> Lines:
        """Return the table of that name, empty if it is new."""
        if name not in self._tables:
            self._tables[name] = Lines(self)
        return self._tables[name]

    def names(self) -> set[str]:
        """Return which tables there are."""
        return set(self._tables)

    def snapshot(self, name: str) -> "LinesSnapshot":
        """Return a table as it is now; later changes do not reach it."""
        return LinesSnapshot(list(self.table(name).kept.values()), self._spill)

    def read(self, line: Line) -> bytes:
        """Return a line, wherever it is."""
        return _read(line, self._spill)

    def count(self, line: Line, sign: int) -> None:
        """Note that a line has come (1) or gone (-1)."""
        if isinstance(line, bytes):
            self._hot += sign * len(line)
        else:
            self._dead -= sign * length_of(line)

    def relieve(self) -> None:
        """Let everything rest if too much is in memory; to be called now and then.

        It takes a few milliseconds when there is something to do. Where the disk has no room the
        lines stay in memory.
        """
        if self._folder is None or self._hot <= self._limit:
            return
        try:
            if self._spill is None or self._dead > max(DEAD_BYTES, self._spill.size // 2):
                self._move(Spill(self._folder))
            else:
                self._let_rest(self._spill)
        except OSError as error:
            _log.warning("storage_spill_failed", reason=error.strerror)
            self._limit = 2 * self._hot

    def close(self) -> None:
        """Let go of the file."""
        if self._spill is not None:
            self._spill.close()

    def _let_rest(self, spill: Spill) -> None:
        for lines in self._tables.values():
            kept = lines.kept
            for doc_ids in _batches(lines.hot):
                places = spill.append(self.read(kept[doc_id]) for doc_id in doc_ids)
                for doc_id, place in zip(doc_ids, places, strict=True):
                    self.count(kept[doc_id], -1)
                    kept[doc_id] = place
                    if isinstance(place, bytes):
                        self.count(place, 1)
                    else:
                        del lines.hot[doc_id]

    def _move(self, new: Spill) -> None:
        """Go over to a new file. The old one lives as long as a snapshot that needs it."""
        moved = [
            (lines, doc_id, place)
            for lines in self._tables.values()
            for doc_ids in _batches(lines.kept)
            for doc_id, place in zip(
                doc_ids,
                new.append(self.read(lines.kept[doc_id]) for doc_id in doc_ids),
                strict=True,
            )
        ]
        self._spill = new
        self._hot = self._dead = 0
        for lines, doc_id, place in moved:
            lines.kept[doc_id] = place
            lines.hot.pop(doc_id, None)
            if isinstance(place, bytes):
                lines.hot[doc_id] = None
                self.count(place, 1)


class LinesSnapshot:
    """The lines of one table at one moment; may be read in another thread."""

    def __init__(self, lines: list[Line], spill: Spill | None) -> None:
        self._lines = lines
        self._spill = spill

    def batches(self, size: int) -> Iterator[bytes]:
        """Return the lines, so many at a time, with separators between them."""
        for start in range(0, len(self._lines), size):
            batch = self._lines[start : start + size]
            if self._spill is not None:
                yield self._spill.join(batch)
            else:
                # All of them are bytes then. One by one they would take longer than the disk does.
                yield SEPARATOR.join(cast(list[bytes], batch))


def _read(line: Line, spill: Spill | None) -> bytes:
    if isinstance(line, bytes):
        return line
    if spill is None:
        raise LookupError("a line rests in a file that is not there")
    return spill.read(line)


def _batches(doc_ids: dict[int, None] | dict[int, Line]) -> Iterator[list[int]]:
    rest = iter(list(doc_ids))
    while batch := list(islice(rest, _BATCH)):
        yield batch
