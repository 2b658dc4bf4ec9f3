"""Letting go of what is over, in the TinyDB store."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from bot.cases.case import CaseId, MessageId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState
from storage.codec import DELIVERY
from storage.tinydb_cases import CaseMemory
from storage.tinydb_commits import Changes
from storage.tinydb_documents import LEDGER, TAKEN_IN, body
from storage.tinydb_inbox import InboxMemory
from storage.tinydb_outbox import OutboxMemory


class RetentionPart:
    """The part of a transaction that lets go of what is over."""

    _cases: CaseMemory
    _outbox: OutboxMemory
    _inbox: InboxMemory
    _changes: Changes

    async def remove_case(self, case_id: CaseId) -> None:
        """See `storage.base.Retention`."""
        cases, outbox, number = self._cases, self._outbox, int(case_id)
        if number not in cases.cases.lines:
            raise KeyError(case_id)
        if any(entry.case_id == case_id for entry in outbox.lanes.all()):
            raise ValueError(f"CASE-{case_id} still owes something")
        ledger = outbox.ledgers.find(number)
        if ledger is not None:
            self._forget_keys(one.owed.key for one in LEDGER.decode(ledger).deliveries)
        self._changes.replace(outbox.ledgers.put, number, None)
        self._changes.replace(cases.timelines.put, number, None)
        self._changes.replace(cases.index.replace, number, None)
        self._changes.replace(cases.cases.put, number, None)

    async def list_finished(self, *, before: datetime) -> Sequence[Delivery]:
        """See `storage.base.Retention`."""
        return [one for one in self._finished() if one.owed_at < before]

    async def remove_finished(self, ids: Collection[DeliveryId]) -> int:
        """See `storage.base.Retention`."""
        wanted = set(ids)
        found = [one for one in self._finished() if one.id in wanted]
        self._forget_keys(one.owed.key for one in found)
        for delivery in found:
            self._changes.replace(self._outbox.outbox.put, int(delivery.id), None)
        return len(found)

    async def list_messages(self, *, before: datetime) -> Sequence[tuple[MessageId, datetime]]:
        """See `storage.base.Retention`."""
        inbox = self._inbox
        old = [number for number, span in inbox.spans.items() if span.oldest < before]
        taken = {
            MessageId(message): at
            for number in old
            for message, at in TAKEN_IN.decode(body(inbox.documents.lines[number])).messages.items()
            if at < before
        }
        return sorted(taken.items(), key=lambda one: one[0].encode())

    def _finished(self) -> list[Delivery]:
        """Return the finished deliveries of no case, by ascending id."""
        lines = self._outbox.outbox.lines
        deliveries = (DELIVERY.decode(body(lines[number])) for number in sorted(lines))
        return [one for one in deliveries if one.state is not DeliveryState.PENDING]

    def _forget_keys(self, keys: Iterable[str]) -> None:
        gone = set(keys)
        self._outbox.keys.difference_update(gone)
        self._changes.undo_with(partial(self._outbox.keys.update, gone))
