"""TinyDB with its documents kept in memory as they stand in the file.

Encoding a document once, when it changes, is what makes a commit cheap: writing the file is then
only a matter of joining lines.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from bot.cases.case import TimelineEntry
from bot.cases.effects import Delivery
from storage.codec import Codec
from storage.tinydb_lines import Lines, LineTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The `timeline` document of one case, under the case's number."""

    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The `ledger` document of one case: its finished deliveries, under the case's number."""

    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """An `inbox` document: some chat messages and when each was taken in."""

    messages: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A `watermarks` document: a value or a time under a name."""

    name: str
    value: str | None = None
    at: datetime | None = None


TIMELINE = Codec(Timeline)
LEDGER = Codec(Ledger)
TAKEN_IN = Codec(TakenIn)
MARK = Codec(Mark)


class DocumentStorage(Storage):
    """Holds the encoded documents; whoever owns it brings them to a disk."""

    def __init__(self, tables: LineTables) -> None:
        self.tables = tables

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return every document decoded, as TinyDB's own queries want them: for small stores."""
        return {
            name: {
                str(doc_id): json.loads(body(line))
                for doc_id, line in self.tables.table(name).items()
            }
            for name in self.tables.names()
        }

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace every document."""
        for name in self.tables.names() | data.keys():
            lines = self.tables.table(name)
            for doc_id in lines:
                lines.put(doc_id, None)
            for key, document in data.get(name, {}).items():
                lines.put(int(key), make_line(int(key), json.dumps(document).encode()))


class DocumentTable(Table):
    """A TinyDB table that also takes and gives documents in their encoded form."""

    _storage: DocumentStorage

    @property
    def lines(self) -> Lines:
        """The documents as they stand in the file; to be changed by `put` only."""
        return self._storage.tables.table(self.name)

    def find(self, doc_id: int) -> bytes | None:
        """Return the JSON of a document, or None."""
        line = self.lines.get(doc_id)
        return None if line is None else body(line)

    def put(self, doc_id: int, line: bytes | None) -> bytes | None:
        """Replace a document's line, None for no document; return the one there was."""
        self.clear_cache()
        return self.lines.put(doc_id, line)


class Documents(TinyDB):
    """TinyDB over encoded documents."""

    table_class = DocumentTable

    def __init__(self, tables: LineTables) -> None:
        super().__init__(tables, storage=DocumentStorage)

    def encoded(self, name: str) -> DocumentTable:
        """Return the table of that name."""
        return cast(DocumentTable, self.table(name))


def make_line(doc_id: int, encoded: bytes) -> bytes:
    """Return a document as a line of the file."""
    return b'"%d": %b' % (doc_id, encoded)


def body(line: bytes) -> bytes:
    """Return the JSON of a line."""
    return line[line.index(b" ") + 1 :]


def append_to(line: bytes | None, doc_id: int, name: str, encoded: bytes) -> bytes:
    """Return the line with one more item in the document's only field, an array."""
    if line is None:
        return make_line(doc_id, b'{"%b":[%b]}' % (name.encode(), encoded))
    return b"%b,%b]}" % (line[:-2], encoded)
