"""The TinyDB file: JSON with one document on each line, and a last line that proves it whole."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from storage.base import StoreError
from storage.tinydb_documents import body, make_line
from storage.tinydb_lines import Lines, LinesSnapshot, LineTables
from storage.tinydb_spill import SEPARATOR

SCHEMA = 2
"""The form that is written; all older ones are read. 2: people's choices, new fields of cases."""

_TABLE = re.compile(rb'"([a-z]+)": \{\n')
_DOCUMENT = re.compile(rb'"([0-9]+)": \{.*\},?\n')
_LAST = b'"complete": {\n'
_BRACES = {b"{\n", b"}\n", b"},\n"}
# Small enough that no thread has to wait for one to be joined.
_LINES_PER_BATCH = 256
# Between two chunks the writing thread gives the interpreter away and has to wait until it gets it
# back, so a small store is one chunk.
_CHUNK_BYTES = 1 << 20


class DamagedError(Exception):
    """The content is not what was written; the message says how one can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What is true of the file as a whole."""

    last_case: int = 0
    last_delivery: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything there is to write, as of one commit."""

    meta: Meta
    tables: Sequence[tuple[str, LinesSnapshot]]


def write_chunks(snapshot: Snapshot) -> Iterator[bytes]:
    """Return the file's content piece by piece."""
    checksum = 0
    for chunk in _gather(_content(snapshot)):
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    yield _LAST + _proof(checksum)


def _gather(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the same bytes in fewer pieces."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _CHUNK_BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    yield b"".join(waiting)


def read_tables(file: BinaryIO, tables: LineTables) -> Meta:
    """Put what the file holds into empty tables.

    Raises:
        DamagedError: it is not whole, or not as it was written.
        StoreError: a newer version wrote it.
    """
    meta: dict[str, int] | None = None
    lines: Lines | None = None
    checksum = 0
    for line in file:
        if line == _LAST:
            if file.read() != _proof(checksum):
                raise DamagedError("its checksum does not match")
            return _check_meta(meta or {})
        checksum = zlib.crc32(line, checksum)
        if document := _DOCUMENT.fullmatch(line):
            if lines is None:
                meta = _read_meta(line)
            else:
                lines.put(int(document[1]), line.rstrip(b",\n"))
                tables.relieve()
        elif table := _TABLE.fullmatch(line):
            lines = None if table[1] == b"meta" else tables.table(table[1].decode())
        elif line not in _BRACES:
            raise DamagedError("it is not in the form in which it is written")
    raise DamagedError("its end is missing")


def _content(snapshot: Snapshot) -> Iterator[bytes]:
    meta = {
        "schema": SCHEMA,
        "last_case": snapshot.meta.last_case,
        "last_delivery": snapshot.meta.last_delivery,
    }
    yield b'{\n"meta": {\n%b\n},\n' % make_line(1, json.dumps(meta).encode())
    for name, lines in snapshot.tables:
        yield b'"%b": {\n' % name.encode()
        separator = b""
        for batch in lines.batches(_LINES_PER_BATCH):
            yield separator
            yield batch
            separator = SEPARATOR
        yield b"\n},\n" if separator else b"},\n"


def _proof(checksum: int) -> bytes:
    return b'"1": {"crc32":"%08x"}\n}\n}\n' % checksum


def _read_meta(line: bytes) -> dict[str, int]:
    try:
        fields = json.loads(body(line).rstrip(b",\n"))
    except ValueError:
        raise DamagedError("its first line cannot be read") from None
    meta = {name: value for name, value in fields.items() if isinstance(value, int)}
    # Before anything else: what follows may be in a form that is not known yet.
    if (schema := meta.get("schema", 0)) > SCHEMA:
        raise StoreError(
            f"was written by a newer version of this program (format {schema}, this one reads up"
            f" to {SCHEMA}): update the program"
        )
    return meta


def _check_meta(fields: dict[str, int]) -> Meta:
    if fields.keys() != {"schema", "last_case", "last_delivery"}:
        raise DamagedError("its first table is incomplete")
    return Meta(last_case=fields["last_case"], last_delivery=fields["last_delivery"])
