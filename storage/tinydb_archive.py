"""Everything in a TinyDB file, for copying."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

from bot.cases.case import MessageId
from bot.cases.effects import Delivery
from storage.base import StoreDamaged, StoreError
from storage.codec import CASE, DELIVERY, TRACKED_ISSUE
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
    sorted_by_id,
    tally_of,
)
from storage.tinydb_commits import MemoryOnly
from storage.tinydb_disk import Disk
from storage.tinydb_documents import LEDGER, MARK, TAKEN_IN, TIMELINE, Mark, body
from storage.tinydb_memory import Memory, TinyDBTransaction

# So often a large store's memory is relieved, and others may have the event loop.
_BREATH = 500


class TinyDBArchive:
    """A `storage.records.Archive` of a file; its lock keeps a bot out meanwhile."""

    def __init__(self, path: Path) -> None:
        """Take the file."""
        self._path = path
        self._disk = Disk(path)
        self._memory: Memory | None = None

    async def __aenter__(self) -> Self:
        """Open it; makes an empty file if there is none."""
        try:
            self._memory = await asyncio.to_thread(self._disk.open)
        except BaseException:
            self._disk.close()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()
        self._disk.close()

    async def dump(self) -> AsyncIterator[Record]:
        """See `storage.records.Archive`."""
        for count, record in enumerate(_records(self._open), start=1):
            yield record
            if count % _BREATH == 0:
                await asyncio.sleep(0)

    async def restore(
        self, records: AsyncIterator[Record], *, wanted: Tally | None = None
    ) -> Tally:
        """See `storage.records.Archive`."""
        memory = self._open
        given = Tally()
        changes = MemoryOnly().begin()
        writer = _Writer(memory, TinyDBTransaction(memory, changes))
        async for record in records:
            given.add(record)
            await writer.write(record)
        expect(given, wanted)
        writer.set_numbers()
        try:
            await asyncio.to_thread(self._disk.prepare_write(memory.snapshot()))
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written: {error.strerror}.") from error
        await self.__aexit__()
        await self.__aenter__()
        if not given.is_same_as(await tally_of(self.dump())):
            raise StoreDamaged(f"{self._path} does not hold what was written: remove it.")
        return given

    @property
    def _open(self) -> Memory:
        if self._memory is None:
            raise StoreError("This archive is not open.")
        return self._memory


class _Writer:
    """Writes records into the memory of an empty store."""

    def __init__(self, memory: Memory, tx: TinyDBTransaction) -> None:
        self._memory = memory
        self._tx = tx
        self._numbers = Numbers(last_case=0, last_delivery=0)
        self._count = 0

    async def write(self, record: Record) -> None:
        await self._write_work(record)
        self._count += 1
        if self._count % _BREATH == 0:
            self._memory.relieve()
            await asyncio.sleep(0)

    async def _write_work(self, record: Record) -> None:
        tx = self._tx
        match record:
            case Numbers():
                self._numbers = record
            case CaseRecord():
                await tx.add_case(record.case)
            case EntryRecord():
                await tx.add_timeline(record.entry)
            case DeliveryRecord():
                tx.keep_delivery(record.delivery)
            case MessageRecord():
                await tx.take_message(MessageId(record.id), at=record.at)
            case _:
                await self._write_facts(record)

    async def _write_facts(self, record: Record) -> None:
        tx = self._tx
        match record:
            case IssueRecord():
                await tx.save_issue(record.issue)
            case MarkRecord():
                await tx.set_mark(record.name, record.value)
            case TimeRecord():
                await tx.advance_mark(record.name, record.at)
            case ProfileRecord():
                await tx.save_profile(record.profile)
            case DialogueRecord():
                await tx.save_dialogue(record.dialogue)

    def set_numbers(self) -> None:
        cases, outbox = self._memory.cases, self._memory.outbox
        cases.last_number = max(cases.last_number, self._numbers.last_case)
        outbox.last_number = max(outbox.last_number, self._numbers.last_delivery)


def _records(memory: Memory) -> Iterator[Record]:
    yield Numbers(last_case=memory.cases.last_number, last_delivery=memory.outbox.last_number)
    cases, timelines = memory.cases.cases.lines, memory.cases.timelines.lines
    for number in sorted(cases):
        yield CaseRecord(case=CASE.decode(body(cases[number])))
    for number in sorted(timelines):
        for entry in TIMELINE.decode(body(timelines[number])).entries:
            yield EntryRecord(entry=entry)
    for delivery in sorted(_deliveries(memory), key=lambda one: one.id):
        yield DeliveryRecord(delivery=delivery)
    yield from _messages(memory)
    lines = memory.issues.documents.lines
    for issue in sorted_by_id(TRACKED_ISSUE.decode(body(line)) for line in lines.values()):
        yield IssueRecord(issue=issue)
    yield from _marks(memory)
    for profile in memory.people.profiles.all():
        yield ProfileRecord(profile=profile)
    for dialogue in memory.people.dialogues.all():
        yield DialogueRecord(dialogue=dialogue)


def _deliveries(memory: Memory) -> Iterator[Delivery]:
    for line in memory.outbox.outbox.lines.values():
        yield DELIVERY.decode(body(line))
    for line in memory.outbox.ledgers.lines.values():
        yield from LEDGER.decode(body(line)).deliveries


def _messages(memory: Memory) -> Iterator[Record]:
    documents = [TAKEN_IN.decode(body(line)) for line in memory.inbox.documents.lines.values()]
    taken = {message: at for document in documents for message, at in document.messages.items()}
    for message in sorted(taken, key=str.encode):
        yield MessageRecord(id=message, at=taken[message])


def _marks(memory: Memory) -> Iterator[Record]:
    def name(mark: Mark) -> bytes:
        return mark.name.encode()

    marks = [MARK.decode(body(line)) for line in memory.marks.documents.lines.values()]
    for mark in sorted((one for one in marks if one.value is not None), key=name):
        yield MarkRecord(name=mark.name, value=mark.value or "")
    for mark in sorted((one for one in marks if one.at is not None), key=name):
        if mark.at is not None:
            yield TimeRecord(name=mark.name, at=mark.at)
