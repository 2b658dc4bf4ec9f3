"""A database with very many cases, quickly: the rows of a pattern, multiplied where they lie."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import Table

from benchmarks.pattern import PATTERNS, Mark, Pattern, last_of, records, shape_of
from storage import open_archive
from storage.postgres_schema import case_threads, cases, issues, outbox, timeline

# What says to which case a row belongs.
_KEYS = {
    cases: "id",
    case_threads: "case_id",
    timeline: "case_id",
    outbox: "case_id",
    issues: "id",
}
# What the database numbers, and nothing refers to.
_BY_ITSELF = (timeline, "id")


async def fill_database(url: str, count: int) -> None:
    """Put so many cases into an empty database that has its tables."""
    async with open_archive(url) as archive:
        await archive.restore(records())
    async with asyncio.TaskGroup() as group:
        # The cases take about as long as all the rest.
        for tables in ([cases], [outbox, timeline, issues, case_threads]):
            group.create_task(_fill(url, tables, count))
    connection = await asyncpg.connect(url)
    try:
        last = last_of(count)
        await connection.execute(f"SELECT setval('case_numbers', {last.last_case})")
        await connection.execute(f"SELECT setval('outbox_id_seq', {last.last_delivery})")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _fill(url: str, tables: Sequence[Table], count: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table in tables:
            # To build an index over everything at the end is much quicker than row by row.
            indexes = await connection.fetch(_INDEXES, table.name)
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
            for pattern in PATTERNS:
                await _multiply(connection, table, _KEYS[table], pattern, count)
            for index in indexes:
                await connection.execute(index["made_by"])
            await connection.execute(f"VACUUM ANALYZE {table.name}")
    finally:
        await connection.close()


_INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made_by
FROM pg_index WHERE NOT indisprimary AND indrelid = $1::regclass
"""


async def _multiply(
    connection: asyncpg.Connection, table: Table, key: str, pattern: Pattern, count: int
) -> None:
    number = str(pattern.issue) if table is issues else pattern.case
    ones = await connection.fetch(
        f"DELETE FROM {table.name} WHERE {key} = $1 RETURNING *",  # noqa: S608 - names of ours
        number,
    )
    for one in ones:
        columns = {name: value for name, value in one.items() if (table, name) != _BY_ITSELF}
        values = ", ".join(
            _GRAMS if name == "grams" else _expression(value, pattern)
            for name, value in columns.items()
        )
        # The words stand beside, because what an index finds them by follows from them.
        words = _expression(one.get("words"), pattern)
        await connection.execute(
            f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {values}"  # noqa: S608 - as above
            f" FROM (SELECT n, {words} AS words FROM generate_series(1, {count}) AS n) AS numbers"
            f" WHERE {pattern.condition}"
        )


_GRAMS = (
    "ARRAY(SELECT DISTINCT substr(words, i, 3) FROM generate_series(1, length(words) - 2) AS i)"
)


def _expression(value: object, pattern: Pattern) -> str:
    """Return what gives each of the many its own value, as an SQL expression of `n`."""
    marks = pattern.marks
    match value:
        case None | bool():
            return "NULL" if value is None else str(value)
        case int():
            mark = marks.get(str(value))
            return mark.sql if mark else str(value)
        case bytes():
            return f"convert_to({_text(value.decode(), marks)}, 'UTF8')"
        case list():
            return f"ARRAY[{', '.join(_text(str(item), marks) for item in value)}]::text[]"
        case datetime():
            return f"'{value.isoformat()}'::timestamptz"
    return _text(str(value), marks)


def _text(text: str, marks: Mapping[str, Mark]) -> str:
    shape, found = shape_of(text, marks)
    quoted = "'" + shape.replace("'", "''") + "'"
    return f"format({', '.join([quoted, *(mark.sql for mark in found)])})"
