"""Finds what is over, and writes it into a file."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from bot.archiving.spool import Spool
from bot.cases.archiving import Dossier, is_over, is_past, last_touched
from bot.cases.case import CaseId, CaseState, IssueId, TrackedIssue
from bot.cases.query import CaseQuery
from bot.delivery.inbox import forgettable_before
from bot.desk import CHAT_READ
from storage.base import Store, StoreError, Transaction
from storage.export_file import new_export, read_export
from storage.records import (
    CaseRecord,
    DeliveryRecord,
    EntryRecord,
    IssueRecord,
    MessageRecord,
    Numbers,
    Tally,
    tally_of,
)

_PAGE = 200
# As an export has them.
_KINDS = ("case", "entry", "delivery", "message", "issue")

Advance = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """How old things must be.

    Attributes:
        before: cases and deliveries that were touched then or later stay.
        messages_before: chat messages that were sent then or later stay, because they may come
            again; None: all of them.
    """

    before: datetime
    messages_before: datetime | None

    @property
    def candidates(self) -> CaseQuery:
        """Return the query for the cases that may be old enough: there may be very many others."""
        return CaseQuery(state=CaseState.CLOSED, changed_before=self.before)

    @classmethod
    async def of(cls, store: Store, *, before: datetime) -> Self:
        """Return the ages for everything that is older than `before`."""
        async with store.transaction(durable=False) as tx:
            read_up_to = await tx.get_time(CHAT_READ)
        if read_up_to is None:
            return cls(before=before, messages_before=None)
        return cls(before=before, messages_before=min(before, forgettable_before(read_up_to)))


async def read_dossier(tx: Transaction, case_id: CaseId) -> Dossier | None:
    """Return a case with all that was written down about it, locked; None if there is none."""
    case = await tx.find_case(case_id)
    if case is None:
        return None
    return Dossier(
        case=case,
        timeline=await tx.list_timeline(case_id),
        ledger=await tx.list_deliveries(case_id),
    )


async def find_over(store: Store, ages: Ages, spool: Spool, advance: Advance) -> None:
    """Put everything that is over into the spool; nothing is changed."""
    issues: dict[IssueId, TrackedIssue] = {}
    async for case_id in _closed(store, ages):
        async with store.transaction(durable=False) as tx:
            dossier = await read_dossier(tx, case_id)
            over = dossier is not None and is_over(dossier, before=ages.before)
            issue = await _followed(tx, dossier) if over else None
        if dossier is not None and over:
            _add_case(spool, dossier)
            if issue is not None:
                issues[issue.id] = issue
        advance()
    for issue_id, issue in issues.items():
        spool.add(IssueRecord(issue=issue), issue_id.encode())
    await _find_loose(store, ages, spool)


async def write(spool: Spool, file: Path, advance: Advance) -> Tally:
    """Write the file and read it back; when this returns, it is on disk.

    Raises:
        StoreError: it cannot be written, or does not hold what was written.
    """
    with new_export(file) as out:
        out.add(Numbers(last_case=spool.last("case"), last_delivery=spool.last("delivery")))
        for kind in _KINDS:
            for record in spool.read(kind):
                out.add(record)
                advance()
    if not out.tally.is_same_as(await tally_of(read_export(file))):
        raise StoreError(f"{file} does not hold what was written; nothing was removed.")
    return out.tally


async def _followed(tx: Transaction, dossier: Dossier | None) -> TrackedIssue | None:
    link = dossier.case.issue if dossier else None
    return await tx.find_issue(link.id) if link and link.id else None


async def _closed(store: Store, ages: Ages) -> AsyncIterator[CaseId]:
    """Return the closed cases that look old enough, each once, newest first."""
    below: CaseId | None = None
    while True:
        query = replace(ages.candidates, below=below)
        async with store.transaction(durable=False) as tx:
            page, _ = await tx.list_cases(query, limit=_PAGE, count_to=1)
        if not page:
            return
        below = page[-1].id
        for case in page:
            if last_touched(Dossier(case=case)) < ages.before:
                yield case.id


def _add_case(spool: Spool, dossier: Dossier) -> None:
    number = int(dossier.case.id)
    spool.add(CaseRecord(case=dossier.case), number)
    for position, entry in enumerate(dossier.timeline):
        spool.add(EntryRecord(entry=entry), number, position)
    for delivery in dossier.ledger:
        spool.add(DeliveryRecord(delivery=delivery), int(delivery.id))


async def _find_loose(store: Store, ages: Ages, spool: Spool) -> None:
    async with store.transaction(durable=False) as tx:
        finished = await tx.list_finished(before=ages.before)
        before = ages.messages_before
        messages = await tx.list_messages(before=before) if before else ()
    for delivery in finished:
        if is_past(delivery, before=ages.before):
            spool.add(DeliveryRecord(delivery=delivery), int(delivery.id))
    for message, at in messages:
        spool.add(MessageRecord(id=message, at=at), message.encode())
