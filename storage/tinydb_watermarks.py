"""Watermarks in the TinyDB store."""

from datetime import datetime

from storage.tinydb_commits import Changes
from storage.tinydb_documents import MARK, Documents, Mark, body, make_line

_MarkKey = tuple[str, bool]
"""The name, and whether it is a time: `get_mark` and `get_time` never mix."""


class MarkMemory:
    """The documents of the watermarks, and under which number each one is."""

    def __init__(self, documents: Documents) -> None:
        """Read the table. Raises CodecError if a document is not what it should be."""
        self.documents = documents.encoded("watermarks")
        self.numbers: dict[_MarkKey, int] = {}
        for number, line in self.documents.lines.items():
            mark = MARK.decode(body(line))
            self.numbers[mark.name, mark.at is not None] = number

    def find(self, key: _MarkKey) -> Mark | None:
        """Return the mark, or None."""
        number = self.numbers.get(key)
        return None if number is None else MARK.decode(body(self.documents.lines[number]))

    def put_number(self, key: _MarkKey, number: int | None) -> int | None:
        """Replace the number of a mark, None for none; return the one there was."""
        before = self.numbers.pop(key, None)
        if number is not None:
            self.numbers[key] = number
        return before


class MarkPart:
    """The part of a transaction that remembers how far a reader has come."""

    _marks: MarkMemory
    _changes: Changes

    async def get_mark(self, name: str) -> str | None:
        """See `storage.base.Watermarks`."""
        mark = self._marks.find((name, False))
        return mark.value if mark else None

    async def set_mark(self, name: str, value: str) -> None:
        """See `storage.base.Watermarks`."""
        self._put_mark((name, False), Mark(name=name, value=value))

    async def advance_mark(self, name: str, at: datetime) -> datetime:
        """See `storage.base.Watermarks`."""
        kept = await self.get_time(name)
        if kept is not None and kept >= at:
            return kept
        self._put_mark((name, True), Mark(name=name, at=at))
        return at

    async def get_time(self, name: str) -> datetime | None:
        """See `storage.base.Watermarks`."""
        mark = self._marks.find((name, True))
        return mark.at if mark else None

    def _put_mark(self, key: _MarkKey, mark: Mark) -> None:
        encoded = MARK.encode(mark)
        number = self._marks.numbers.get(key)
        if number is None:
            number = max(self._marks.documents.lines, default=0) + 1
            self._changes.replace(self._marks.put_number, key, number)
        self._changes.replace(self._marks.documents.put, number, make_line(number, encoded))
