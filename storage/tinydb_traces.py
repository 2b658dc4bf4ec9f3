"""Finding and rewriting what is kept on somebody, in the TinyDB store."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from functools import partial

from bot.cases.case import CaseId, TimelineEntry, UserId
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery, DeliveryState
from storage.codec import DELIVERY
from storage.tinydb_cases import CaseMemory
from storage.tinydb_commits import Changes
from storage.tinydb_documents import LEDGER, TIMELINE, Ledger, Timeline, body, make_line
from storage.tinydb_outbox import OutboxMemory
from storage.tinydb_people import PeopleMemory

# So many lines are read before others may have the event loop.
_BREATH = 500


class Copies:
    """Knows whether the copy beside the file may hold what is not to be kept any more."""

    def __init__(self) -> None:
        self._stale = False

    def put_stale(self, _: str, stale: bool | None) -> bool | None:  # noqa: FBT001 - as `Changes.replace` calls it
        """Note whether it is to be made anew; return what was noted before."""
        before, self._stale = self._stale, bool(stale)
        return before

    def take_stale(self) -> bool:
        """Tell whether it is to be made anew, to whoever sees to it."""
        return bool(self.put_stale("", None))


class TracesPart:
    """The part of a transaction by which everything kept on somebody is found and rewritten."""

    _cases: CaseMemory
    _outbox: OutboxMemory
    _people: PeopleMemory
    _changes: Changes
    _copies: Copies

    async def list_cases_naming(self, text: str) -> Sequence[CaseId]:
        """See `storage.base.Traces`."""
        needle = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
        found: set[int] = set()
        for table in (self._cases.cases, self._cases.timelines, self._outbox.ledgers):
            for count, (number, line) in enumerate(table.lines.items(), start=1):
                if needle in line:
                    found.add(number)
                if count % _BREATH == 0:
                    await asyncio.sleep(0)
        pending = self._outbox.outbox.lines
        for entry in self._outbox.lanes.all():
            if entry.case_id is not None and needle in pending[entry.id]:
                found.add(int(entry.case_id))
        return [CaseId(number) for number in sorted(found)]

    async def list_loose_deliveries(self) -> Sequence[Delivery]:
        """See `storage.base.Traces`."""
        lines = self._outbox.outbox.lines
        deliveries = (DELIVERY.decode(body(lines[number])) for number in sorted(lines))
        return [one for one in deliveries if one.owed.case_id is None]

    async def list_dialogues(self) -> Sequence[Dialogue]:
        """See `storage.base.Traces`."""
        return self._people.dialogues.all()

    async def drop_profile(self, user_id: UserId) -> None:
        """See `storage.base.Traces`."""
        self._people.profiles.drop(user_id, self._changes)

    async def replace_timeline(self, case_id: CaseId, entries: Sequence[TimelineEntry]) -> None:
        """See `storage.base.Traces`."""
        number = int(case_id)
        line = make_line(number, TIMELINE.encode(Timeline(entries=tuple(entries))))
        self._changes.replace(self._cases.timelines.put, number, line if entries else None)

    async def rewrite_finished(self, case_id: CaseId, deliveries: Sequence[Delivery]) -> None:
        """See `storage.base.Traces`."""
        encoded = self._outbox.ledgers.find(case_id)
        kept = {one.id: one for one in LEDGER.decode(encoded).deliveries} if encoded else {}
        for delivery in deliveries:
            if delivery.state is DeliveryState.PENDING or delivery.owed.case_id != case_id:
                raise KeyError(delivery.id)
            before = kept[delivery.id].owed.key
            kept[delivery.id] = delivery
            self._rename(before, delivery.owed.key)
        if deliveries:
            line = make_line(int(case_id), LEDGER.encode(Ledger(deliveries=tuple(kept.values()))))
            self._changes.replace(self._outbox.ledgers.put, int(case_id), line)

    async def leave_no_copy(self) -> None:
        """See `storage.base.Traces`."""
        self._changes.replace(self._copies.put_stale, "", True)  # noqa: FBT003 - a value to put

    def _rename(self, before: str, after: str) -> None:
        keys = self._outbox.keys
        _swap(keys, gone=[before], new=[after])
        self._changes.undo_with(partial(_swap, keys, gone=[after], new=[before]))


def _swap(keys: set[str], *, gone: Iterable[str], new: Iterable[str]) -> None:
    keys.difference_update(gone)
    keys.update(new)
