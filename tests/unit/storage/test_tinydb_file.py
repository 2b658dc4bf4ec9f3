import io

from storage.tinydb_documents import make_line
from storage.tinydb_file import Meta, Snapshot, read_tables, write_chunks
from storage.tinydb_lines import LineTables

MEGABYTE = 1 << 20


def snapshot_of(*, lines: int, length: int) -> Snapshot:
    tables = LineTables()
    cases = tables.table("cases")
    for number in range(1, lines + 1):
        cases.put(number, make_line(number, b'{"title":"%b"}' % (b"x" * length)))
    return Snapshot(meta=Meta(last_case=lines), tables=[("cases", tables.snapshot("cases"))])


def test_a_small_store_is_written_in_one_go_before_its_proof() -> None:
    chunks = list(write_chunks(snapshot_of(lines=1_000, length=100)))
    assert len(chunks) == 2


def test_a_large_store_is_written_in_pieces_that_no_thread_waits_for() -> None:
    chunks = list(write_chunks(snapshot_of(lines=4_000, length=1_000)))
    assert len(chunks) > 3
    assert all(MEGABYTE <= len(chunk) < 2 * MEGABYTE for chunk in chunks[:-2])


def test_what_was_written_in_pieces_is_read_back_whole() -> None:
    content = b"".join(write_chunks(snapshot_of(lines=4_000, length=1_000)))
    tables = LineTables()
    assert read_tables(io.BytesIO(content), tables) == Meta(last_case=4_000)
    assert len(list(tables.table("cases"))) == 4_000
