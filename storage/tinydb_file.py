"""The TinyDB file: JSON with one document on each line, and a last line that proves it whole."""

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from storage.base import StoreError
from storage.tinydb_documents import Lines, body, make_line

SCHEMA = 1

_TABLE = re.compile(rb'"([a-z]+)": \{\n')
_DOCUMENT = re.compile(rb'"([0-9]+)": \{.*\},?\n')
_LAST = b'"complete": {\n'
# Large enough that the calls do not count, small enough that no thread has to wait for one.
_LINES_PER_CHUNK = 256


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
    tables: Sequence[tuple[str, Sequence[bytes]]]


def write_chunks(snapshot: Snapshot) -> Iterator[bytes]:
    """Return the file's content piece by piece."""
    checksum = 0
    for chunk in _content(snapshot):
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    yield _LAST + _proof(checksum)


def read_tables(file: BinaryIO) -> tuple[Meta, dict[str, Lines]]:
    """Return what the file holds.

    Raises:
        DamagedError: it is not whole, or not as it was written.
        StoreError: a newer version wrote it.
    """
    tables: dict[str, Lines] = {}
    lines: Lines = {}
    checksum = 0
    for line in file:
        if line == _LAST:
            if file.read() != _proof(checksum):
                raise DamagedError("its checksum does not match")
            return _read_meta(tables.pop("meta", {})), tables
        checksum = zlib.crc32(line, checksum)
        if document := _DOCUMENT.fullmatch(line):
            lines[int(document[1])] = line.rstrip(b",\n")
        elif table := _TABLE.fullmatch(line):
            lines = tables[table[1].decode()] = {}
        elif line.startswith(b"}"):
            _refuse_newer(tables.get("meta", {}))
        elif line != b"{\n":
            raise DamagedError("it is not in the form in which it is written")
    raise DamagedError("its end is missing")


def _content(snapshot: Snapshot) -> Iterator[bytes]:
    meta = {
        "schema": SCHEMA,
        "last_case": snapshot.meta.last_case,
        "last_delivery": snapshot.meta.last_delivery,
    }
    pending = b'{\n"meta": {\n%b\n},\n' % make_line(1, json.dumps(meta).encode())
    for name, lines in snapshot.tables:
        pending += b'"%b": {\n' % name.encode()
        rest = iter(lines)
        separator = b""
        while batch := list(islice(rest, _LINES_PER_CHUNK)):
            yield pending
            pending = separator + b",\n".join(batch)
            separator = b",\n"
        pending += b"\n},\n" if separator else b"},\n"
    yield pending


def _proof(checksum: int) -> bytes:
    return b'"1": {"crc32":"%08x"}\n}\n}\n' % checksum


def _refuse_newer(meta: Lines) -> None:
    if (schema := _meta_fields(meta).get("schema")) is not None and schema > SCHEMA:
        raise StoreError(
            f"was written by a newer version of this program (format {schema}, this one reads up"
            f" to {SCHEMA}): update the program"
        )


def _read_meta(lines: Lines) -> Meta:
    fields = _meta_fields(lines)
    if fields.keys() != {"schema", "last_case", "last_delivery"}:
        raise DamagedError("its first table is incomplete")
    return Meta(last_case=fields["last_case"], last_delivery=fields["last_delivery"])


def _meta_fields(lines: Lines) -> dict[str, int]:
    try:
        fields = json.loads(body(lines[1]))
    except (KeyError, ValueError):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, int)}
