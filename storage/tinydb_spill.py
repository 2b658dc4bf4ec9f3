"""Where the lines of a large store rest that have not changed lately."""

import os
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path

from storage.base import StoreUnavailable

SEPARATOR = b",\n"

# A place is one number, which takes less room than a pair: the offset, and the length below it.
_LENGTH_BITS = 24
_LONGEST = (1 << _LENGTH_BITS) - 1

Line = bytes | int
"""A line of the file, or the place where it rests."""


class Spill:
    """A private file without a name: gone when the process is, and nobody else can change it.

    Reading takes microseconds as long as the system keeps the file in its cache, and that memory
    the system may take back. May be read in any thread; is written in one.
    """

    def __init__(self, folder: Path) -> None:
        """Create the file on the disk of the folder. Raises OSError if that is impossible."""
        with tempfile.TemporaryFile(dir=folder) as file:
            self._descriptor = os.dup(file.fileno())
        self.close = weakref.finalize(self, os.close, self._descriptor)
        self.size = 0

    def append(self, lines: Iterable[bytes]) -> list[Line]:
        """Write the lines one after the other; return their places, or what is too long for one.

        Raises:
            OSError: nothing was taken.
        """
        places: list[Line] = []
        content: list[bytes] = []
        offset = self.size
        for line in lines:
            if len(line) > _LONGEST:
                places.append(line)
                continue
            places.append(offset << _LENGTH_BITS | len(line))
            content += (line, SEPARATOR)
            offset += len(line) + len(SEPARATOR)
        rest = memoryview(b"".join(content))
        while rest:
            rest = rest[os.pwrite(self._descriptor, rest, offset - len(rest)) :]
        self.size = offset
        return places

    def read(self, line: Line) -> bytes:
        """Return a line, wherever it is."""
        if isinstance(line, bytes):
            return line
        return self._read(line >> _LENGTH_BITS, length_of(line))

    def join(self, lines: Sequence[Line]) -> bytes:
        """Return the lines with separators between them; neighbours are read in one go."""
        parts: list[bytes] = []
        start = end = -1
        for line in lines:
            if isinstance(line, int) and 0 <= end == (line >> _LENGTH_BITS) - len(SEPARATOR):
                end += len(SEPARATOR) + length_of(line)
                continue
            if end >= 0:
                parts.append(self._read(start, end - start))
            if isinstance(line, int):
                start = line >> _LENGTH_BITS
                end = start + length_of(line)
            else:
                parts.append(line)
                start = end = -1
        if end >= 0:
            parts.append(self._read(start, end - start))
        return SEPARATOR.join(parts)

    def _read(self, offset: int, length: int) -> bytes:
        try:
            content = os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise StoreUnavailable(f"The storage could not be read ({error.strerror}).") from error
        if len(content) != length:
            raise StoreUnavailable("The storage could not be read (its temporary file is short).")
        return content


def length_of(line: Line) -> int:
    """Return how many bytes a line has."""
    return line & _LONGEST if isinstance(line, int) else len(line)
