"""Everything in a PostgreSQL database, for copying."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC
from typing import Any, Self

from sqlalchemy import Executable, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.cases.effects import DeliveryId
from storage.base import StoreDamaged, StoreError
from storage.codec import CASE, DELIVERY, DIALOGUE, PROFILE, TIMELINE_ENTRY, TRACKED_ISSUE
from storage.postgres import check_revision
from storage.postgres_cases import columns_of as columns_of_case
from storage.postgres_connect import connector, engine
from storage.postgres_faults import translated
from storage.postgres_outbox import columns_of as columns_of_delivery
from storage.postgres_people import columns_of_dialogue, columns_of_profile
from storage.postgres_schema import (
    case_threads,
    cases,
    clean,
    dialogues,
    inbox,
    issues,
    marks,
    outbox,
    profiles,
    timeline,
    times,
)
from storage.postgres_work import read_body
from storage.records import (
    CaseRecord,
    DeliveryRecord,
    DialogueRecord,
    EntryRecord,
    IssueRecord,
    MarkRecord,
    MessageRecord,
    Numbers,
    ProfileRecord,
    Record,
    Tally,
    TimeRecord,
    expect,
    tally_of,
)

_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_NUMBERS = text(
    "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM case_numbers),"
    " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_id_seq)"
)
_SET_CASE = text("SELECT setval('case_numbers', :number)")
_SET_DELIVERY = text("SELECT setval('outbox_id_seq', :number)")
# Whoever else would fill it at the same time fails when it comes to the same rows.
_TO_ITSELF = text("LOCK TABLE cases, outbox, inbox, marks, profiles IN SHARE ROW EXCLUSIVE MODE")
_BATCH = 2_000


class PostgresArchive:
    """A `storage.records.Archive` of a database.

    Reading shows one moment, also while bots are at work; writing keeps them out until it is done.
    """

    def __init__(self, url: str) -> None:
        """Take where the database is."""
        self._connect = connector(url, patient=True)
        self._engine: AsyncEngine | None = None

    async def __aenter__(self) -> Self:
        """Connect; the tables must be those of this version."""
        async with AsyncExitStack() as stack:
            pool = engine(self._connect)
            stack.push_async_callback(pool.dispose)
            await check_revision(pool)
            stack.pop_all()
        self._engine = pool
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Disconnect."""
        pool, self._engine = self._engine, None
        if pool is not None:
            await pool.dispose()

    async def dump(self) -> AsyncIterator[Record]:
        """See `storage.records.Archive`."""
        with translated():
            async with self._open.connect() as connection, connection.begin():
                await connection.execute(_ONE_MOMENT)
                async for record in _records(connection):
                    yield record

    async def restore(
        self, records: AsyncIterator[Record], *, wanted: Tally | None = None
    ) -> Tally:
        """See `storage.records.Archive`."""
        given = Tally()
        with translated():
            async with self._open.begin() as connection:
                await connection.execute(_TO_ITSELF)
                writer = _Writer(connection)
                async for record in records:
                    given.add(record)
                    await writer.write(record)
                await writer.flush()
                expect(given, wanted)
                if not given.is_same_as(await tally_of(_records(connection))):
                    raise StoreDamaged(
                        "PostgreSQL does not hold what was written; nothing was kept."
                    )
        return given

    @property
    def _open(self) -> AsyncEngine:
        if self._engine is None:
            raise StoreError("This archive is not open.")
        return self._engine


class _Writer:
    """Writes records into empty tables, many rows at a time, by COPY.

    Args:
        connection: inside a transaction.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._rows: list[tuple[Table, Mapping[str, Any]]] = []

    async def write(self, record: Record) -> None:
        if isinstance(record, Numbers):
            await self._set_numbers(record)
            return
        self._rows.extend(_rows_of(record))
        if len(self._rows) >= _BATCH:
            await self.flush()

    async def flush(self) -> None:
        rows, self._rows = self._rows, []
        by_table: dict[Table, list[Mapping[str, Any]]] = {}
        for table, row in rows:
            by_table.setdefault(table, []).append(row)
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        for table, values in by_table.items():
            await driver.copy_records_to_table(
                table.name, columns=list(values[0]), records=[tuple(row.values()) for row in values]
            )

    async def _set_numbers(self, numbers: Numbers) -> None:
        for statement, number in (
            (_SET_CASE, numbers.last_case),
            (_SET_DELIVERY, numbers.last_delivery),
        ):
            if number:
                await self._connection.execute(statement, {"number": number})


def _rows_of(  # noqa: PLR0911 - one for each kind of record
    record: Record,
) -> Sequence[tuple[Table, Mapping[str, Any]]]:
    match record:
        case CaseRecord(case=case):
            number = int(case.id)
            threads = dict.fromkeys(map(clean, case.threads))
            return [
                (cases, {"id": number, "version": 1, **columns_of_case(case)}),
                *((case_threads, {"message_id": one, "case_id": number}) for one in threads),
            ]
        case EntryRecord(entry=entry):
            body = TIMELINE_ENTRY.encode(entry)
            return [(timeline, {"case_id": int(entry.case_id), "body": body})]
        case DeliveryRecord(delivery=delivery):
            return [(outbox, {"id": int(delivery.id), **columns_of_delivery(delivery)})]
        case MessageRecord(id=message, at=at):
            return [(inbox, {"message_id": clean(message), "at": at})]
        case IssueRecord(issue=issue):
            return [(issues, {"id": clean(issue.id), "body": TRACKED_ISSUE.encode(issue)})]
        case MarkRecord(name=name, value=value):
            return [(marks, {"name": clean(name), "value": clean(value)})]
        case TimeRecord(name=name, at=at):
            return [(times, {"name": clean(name), "at": at})]
        case ProfileRecord(profile=profile):
            return [(profiles, columns_of_profile(profile))]
        case DialogueRecord(dialogue=dialogue):
            return [(dialogues, columns_of_dialogue(dialogue))]
    raise TypeError(f"not a row: {record.kind}")


async def _records(connection: AsyncConnection) -> AsyncIterator[Record]:
    [numbers] = await connection.execute(_NUMBERS)
    yield Numbers(last_case=numbers[0], last_delivery=numbers[1])
    async for row in _stream(connection, select(cases.c.body).order_by(cases.c.id)):
        yield CaseRecord(case=read_body(CASE, row.body, "A case"))
    entries = select(timeline.c.body).order_by(timeline.c.case_id, timeline.c.id)
    async for row in _stream(connection, entries):
        yield EntryRecord(entry=read_body(TIMELINE_ENTRY, row.body, "A timeline entry"))
    deliveries = select(outbox.c.id, outbox.c.body).order_by(outbox.c.id)
    async for row in _stream(connection, deliveries):
        yield DeliveryRecord(
            delivery=replace(
                read_body(DELIVERY, row.body, f"Delivery {row.id}"), id=DeliveryId(row.id)
            )
        )
    async for row in _stream(connection, select(inbox).order_by(inbox.c.message_id)):
        yield MessageRecord(id=row.message_id, at=row.at.astimezone(UTC))
    async for row in _stream(connection, select(issues.c.body).order_by(issues.c.id)):
        yield IssueRecord(issue=read_body(TRACKED_ISSUE, row.body, "An issue"))
    async for row in _stream(connection, select(marks).order_by(marks.c.name)):
        yield MarkRecord(name=row.name, value=row.value)
    async for row in _stream(connection, select(times).order_by(times.c.name)):
        yield TimeRecord(name=row.name, at=row.at.astimezone(UTC))
    async for row in _stream(connection, select(profiles.c.body).order_by(profiles.c.user_id)):
        yield ProfileRecord(profile=read_body(PROFILE, row.body, "A profile"))
    async for row in _stream(connection, select(dialogues.c.body).order_by(dialogues.c.key)):
        yield DialogueRecord(dialogue=read_body(DIALOGUE, row.body, "A dialogue"))


async def _stream(connection: AsyncConnection, statement: Executable) -> AsyncIterator[Any]:
    async with connection.stream(statement, execution_options={"yield_per": _BATCH}) as rows:
        async for batch in rows.partitions():
            for row in batch:
                yield row
