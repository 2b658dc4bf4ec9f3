"""Lines that are written in another order than they were found in."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from storage.records import LINE, Line, Record

Place = tuple[int, int] | tuple[int] | tuple[bytes]
"""Where a record stands among those of its kind."""


@dataclass(frozen=True, slots=True, order=True)
class _Kept:
    place: Place
    offset: int
    length: int


class Spool:
    """Keeps records on disk until they are read in the order of their places. Use with `with`."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the block
        self._end = 0
        self._kept: dict[str, list[_Kept]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()

    def add(self, record: Record, *place: int | bytes) -> None:
        """Keep a record."""
        line = LINE.encode(Line(record=record))
        self._file.seek(self._end)
        self._file.write(line)
        self._kept[record.kind].append(_Kept(place, self._end, len(line)))  # type: ignore[arg-type]
        self._end += len(line)

    def count(self, kind: str) -> int:
        """Return how many there are of a kind."""
        return len(self._kept[kind])

    def last(self, kind: str) -> int:
        """Return the last place of a kind that is numbered; 0 if there is none."""
        return max((int(kept.place[0]) for kept in self._kept[kind]), default=0)

    def read(self, kind: str) -> Iterator[Record]:
        """Return all of a kind in the order of their places."""
        for kept in sorted(self._kept[kind]):
            self._file.seek(kept.offset)
            yield LINE.decode(self._file.read(kept.length)).record
