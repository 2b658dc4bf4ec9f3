"""Takes what is in an archive out of the store, as far as it is still there as it was written."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self, TypeVar

from bot.archiving.finding import Advance, Ages, read_dossier
from bot.cases.archiving import Dossier, is_over, is_past
from bot.cases.case import CaseId, IssueLink
from bot.cases.effects import Delivery
from bot.delivery.pace import back_off
from handlers.issue_care import let_go
from storage.base import Store, StoreUnavailable, Transaction
from storage.records import (
    LINE,
    CaseRecord,
    DeliveryRecord,
    EntryRecord,
    Line,
    MessageRecord,
    Record,
)

# Few enough that nobody waits for long, many enough that a file is not written for each.
_AT_ONCE = 50
_ATTEMPTS = 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How much was removed, and how many cases were changed meanwhile and stayed."""

    cases: int = 0
    deliveries: int = 0
    """Of no case."""
    messages: int = 0
    stayed: int = 0

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return replace(
            self,
            cases=self.cases + other.cases,
            deliveries=self.deliveries + other.deliveries,
            messages=self.messages + other.messages,
            stayed=self.stayed + other.stayed,
        )


@dataclass(slots=True)
class _Contents:
    """What an archive holds, as far as removing needs it."""

    cases: dict[CaseId, "hashlib._Hash"] = field(default_factory=dict)
    """The sum of each case's lines: the case, its timeline, its ledger."""
    links: dict[CaseId, IssueLink] = field(default_factory=dict)
    """What each of them follows, if anything."""
    loose: list[Delivery] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)

    @classmethod
    async def of(cls, records: AsyncIterator[Record]) -> Self:
        contents = cls()
        async for record in records:
            contents._add(record)
        return contents

    def _add(self, record: Record) -> None:
        match record:
            case CaseRecord(case=case):
                self.cases[case.id] = hashlib.sha256(_line(record))
                if case.issue and case.issue.id:
                    self.links[case.id] = case.issue
            case EntryRecord(entry=entry):
                self.cases[entry.case_id].update(_line(record))
            case DeliveryRecord(delivery=delivery) if delivery.owed.case_id in self.cases:
                self.cases[delivery.owed.case_id].update(_line(record))
            case DeliveryRecord(delivery=delivery):
                self.loose.append(delivery)
            case MessageRecord(id=message):
                self.messages.add(message)


async def remove(
    store: Store, records: AsyncIterator[Record], ages: Ages, advance: Advance
) -> Removed:
    """Remove what the records of an archive hold; what is gone already is passed over.

    A case that is not as it was written, or is no longer over, stays. Safe to break off and to
    repeat.

    Raises:
        StoreUnavailable: the store was away for too long; what was removed until then is gone.
    """
    contents = await _Contents.of(records)
    removed = Removed()
    for some in _by(sorted(contents.cases), _AT_ONCE):
        removed += await _insist(partial(_remove_cases, store, contents, some, ages))
        for _ in some:
            advance()
    return removed + await _insist(partial(_remove_loose, store, contents, ages))


async def _remove_cases(
    store: Store, contents: _Contents, case_ids: Sequence[CaseId], ages: Ages
) -> Removed:
    removed = Removed()
    async with store.transaction() as tx:
        for case_id in case_ids:
            link = contents.links.get(case_id)
            if link and link.id:
                # First of all, as whoever reads Jira does. Nobody lets a case follow it meanwhile.
                await tx.find_issue(link.id)
            dossier = await read_dossier(tx, case_id)
            if dossier is None:
                continue
            same = _sum(dossier) == contents.cases[case_id].digest()
            if not same or not is_over(dossier, before=ages.before):
                removed += Removed(stayed=1)
                continue
            await tx.remove_case(case_id)
            if link:
                await let_go(tx, link)
            removed += Removed(cases=1)
    return removed


async def _remove_loose(store: Store, contents: _Contents, ages: Ages) -> Removed:
    ids = [one.id for one in contents.loose if is_past(one, before=ages.before)]
    async with store.transaction() as tx:
        deliveries = await tx.remove_finished(ids)
        return Removed(deliveries=deliveries, messages=await _remove_messages(tx, contents, ages))


async def _remove_messages(tx: Transaction, contents: _Contents, ages: Ages) -> int:
    before = ages.messages_before
    if before is None:
        return 0
    there = {message for message, _ in await tx.list_messages(before=before)}
    # By age they go together, or not at all.
    return await tx.forget_messages(before=before) if there <= contents.messages else 0


async def _insist(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again while others are in the way."""
    attempts = 0
    while True:
        try:
            return await work()
        except StoreUnavailable:
            attempts += 1
            if attempts >= _ATTEMPTS:
                raise
        await asyncio.sleep(back_off(attempts).total_seconds())


def _sum(dossier: Dossier) -> bytes:
    records: Iterable[Record] = (
        CaseRecord(case=dossier.case),
        *(EntryRecord(entry=entry) for entry in dossier.timeline),
        *(DeliveryRecord(delivery=delivery) for delivery in dossier.ledger),
    )
    return hashlib.sha256(b"".join(map(_line, records))).digest()


def _line(record: Record) -> bytes:
    return LINE.encode(Line(record=record))


def _by(items: Sequence[CaseId], count: int) -> Iterable[Sequence[CaseId]]:
    return (items[at : at + count] for at in range(0, len(items), count))
