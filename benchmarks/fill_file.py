"""A TinyDB file with very many cases, quickly: those of a pattern, written as often as needed."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pattern import LAST, PATTERNS, Pattern, last_of, records, shape_of
from storage import open_archive
from storage.tinydb_documents import make_line

_DOCUMENT = re.compile(rb'"([0-9]+)": (\{.*\}),?\n')
_COMPLETE = b'"complete": {\n'


async def fill_file(path: Path, count: int) -> None:
    """Make a TinyDB file with so many cases."""
    few = path.with_suffix(".few")
    async with open_archive(f"tinydb:///{few}") as archive:
        await archive.restore(records())
    checksum = 0
    with few.open("rb") as source, path.open("wb") as target:
        for piece in _multiplied(source.readlines(), count):
            checksum = zlib.crc32(piece, checksum)
            target.write(piece)
        target.write(_COMPLETE + b'"1": {"crc32":"%08x"}\n}\n}\n' % checksum)
    few.unlink()


def _multiplied(lines: list[bytes], count: int) -> Iterator[bytes]:
    """Return the lines of a file, those of each case as often as there will be cases."""
    table: list[bytes] = []
    for line in lines:
        if line == _COMPLETE:
            return
        if line.startswith(b'"1": {"schema"'):
            yield _with_numbers(line, count)
        elif document := _DOCUMENT.fullmatch(line):
            table.append(document[2])
        else:
            if table:
                yield from _documents(table, count)
                table = []
            yield line


def _with_numbers(meta: bytes, count: int) -> bytes:
    last = last_of(count)
    for before, after in (
        (LAST.last_case, last.last_case),
        (LAST.last_delivery, last.last_delivery),
    ):
        meta = meta.replace(b": %d" % before, b": %d" % after)
    return meta


def _documents(bodies: list[bytes], count: int) -> Iterator[bytes]:
    separator = b""
    for number, body in enumerate(_numbered(bodies, count), start=1):
        yield separator + make_line(number, body)
        separator = b",\n"
    yield b"\n"


def _numbered(bodies: list[bytes], count: int) -> Iterator[bytes]:
    shapes = [(pattern, shape_of(body.decode(), pattern.marks)) for body in bodies
              for pattern in PATTERNS if _is_of(body, pattern)]  # fmt: skip
    if not shapes:
        yield from bodies
    for number in range(1, count + 1) if shapes else ():
        for pattern, (shape, marks) in shapes:
            if pattern.covers(number):
                yield (shape % tuple(str(mark.value(number)) for mark in marks)).encode()


def _is_of(body: bytes, pattern: Pattern) -> bool:
    return str(pattern.case).encode() in body or str(pattern.issue).encode() in body
