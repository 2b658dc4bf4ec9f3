"""The outbox and the ledgers in the TinyDB store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.cases.case import CaseId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState, Owed
from storage.base import LEASE, DispatcherId
from storage.codec import DELIVERY
from storage.tinydb_commits import Changes
from storage.tinydb_documents import LEDGER, Documents, append_to, body, make_line
from storage.tinydb_lanes import Claim, Lanes, Pending


class OutboxMemory:
    """The documents of what is owed and of what was, and who holds what."""

    def __init__(self, documents: Documents, *, last_number: int) -> None:
        """Read the tables. Raises CodecError if a document is not what it should be."""
        self.outbox = documents.encoded("outbox")
        self.ledgers = documents.encoded("ledger")
        self.lanes = Lanes()
        self.keys: set[str] = set()
        self.last_number = last_number
        for line in self.ledgers.lines.values():
            for delivery in LEDGER.decode(body(line)).deliveries:
                self._note(delivery)
        for number in sorted(self.outbox.lines):
            delivery = DELIVERY.decode(body(self.outbox.lines[number]))
            self._note(delivery)
            if delivery.state is DeliveryState.PENDING:
                self.lanes.insert(Pending.of(delivery, changed_in=0))

    def _note(self, delivery: Delivery) -> None:
        self.keys.add(delivery.owed.key)
        self.last_number = max(self.last_number, delivery.id)


class OutboxPart:
    """The part of a transaction that keeps what is owed and shares it out."""

    _outbox: OutboxMemory
    _changes: Changes
    _claimed: list[Callable[[], None]]

    async def owe(self, owed: Owed, *, at: datetime) -> bool:
        """See `storage.base.Outbox`."""
        outbox, changes = self._outbox, self._changes
        if owed.key in outbox.keys:
            return False
        delivery = Delivery(id=DeliveryId(outbox.last_number + 1), owed=owed, owed_at=at)
        if owed.skipped:
            delivery = replace(
                delivery, state=DeliveryState.SKIPPED, detail=owed.skipped, finished_at=at
            )
        self.keep_delivery(delivery)
        # Never undone, so that an id stands for one delivery only.
        outbox.last_number = delivery.id
        outbox.keys.add(owed.key)
        changes.undo_with(partial(outbox.keys.discard, owed.key))
        if delivery.state is DeliveryState.PENDING:
            entry = Pending.of(delivery, changed_in=changes.number)
            outbox.lanes.insert(entry)
            changes.undo_with(partial(outbox.lanes.remove, entry))
        return True

    async def claim_due(self, *, by: DispatcherId, now: datetime, limit: int) -> Sequence[Delivery]:
        """See `storage.base.Outbox`."""
        self._changes.check_open()
        due = self._outbox.lanes.next_due(now, limit)
        claim = Claim(by=by, until=now + LEASE)
        for entry in due:
            give_back = partial(entry.give_back, claim, entry.claim)
            entry.claim = claim
            self._changes.undo_with(give_back)
            self._claimed.append(give_back)
            self._changes.needs = max(self._changes.needs, entry.changed_in)
        lines = self._outbox.outbox.lines
        return [DELIVERY.decode(body(lines[entry.id])) for entry in due]

    async def record_attempt(self, delivery: Delivery) -> None:
        """See `storage.base.Outbox`."""
        if (entry := self._outbox.lanes.find(delivery.id)) is not None:
            self._save_pending(entry, delivery)
            self._free(entry)

    async def save_claimed(self, delivery: Delivery) -> None:
        """See `storage.base.Outbox`."""
        if (entry := self._outbox.lanes.find(delivery.id)) is None:
            raise KeyError(delivery.id)
        self._save_pending(entry, delivery)

    async def extend_claim(
        self, delivery_id: DeliveryId, *, by: DispatcherId, now: datetime
    ) -> bool:
        """See `storage.base.Outbox`."""
        entry = self._outbox.lanes.find(delivery_id)
        if entry is None or entry.claim is None or entry.claim.by != by:
            return False
        longer = Claim(by=by, until=now + LEASE)
        self._changes.undo_with(partial(entry.give_back, longer, entry.claim))
        entry.claim = longer
        return True

    async def finish(self, delivery: Delivery) -> bool:
        """See `storage.base.Outbox`."""
        outbox, changes = self._outbox, self._changes
        if delivery.state is DeliveryState.PENDING:
            raise ValueError("a pending delivery is not finished")
        entry = outbox.lanes.find(delivery.id)
        if entry is None:
            return False
        self.keep_delivery(delivery)
        self._free(entry)
        position = outbox.lanes.remove(entry)
        changes.undo_with(partial(outbox.lanes.insert, entry, position))
        if delivery.state is DeliveryState.SENT and delivery.owed.case_id is None:
            outbox.keys.discard(entry.key)
            changes.undo_with(partial(outbox.keys.add, entry.key))
        return True

    async def release(self, delivery_id: DeliveryId) -> None:
        """See `storage.base.Outbox`."""
        if (entry := self._outbox.lanes.find(delivery_id)) is not None:
            self._free(entry)

    async def list_deliveries(self, case_id: CaseId) -> Sequence[Delivery]:
        """See `storage.base.Outbox`."""
        outbox = self._outbox
        encoded = outbox.ledgers.find(case_id)
        finished = () if encoded is None else LEDGER.decode(encoded).deliveries
        pending = (
            DELIVERY.decode(body(outbox.outbox.lines[entry.id]))
            for entry in outbox.lanes.all()
            if entry.case_id == case_id
        )
        return sorted((*finished, *pending), key=lambda delivery: delivery.id)

    async def count_pending(self) -> int:
        """See `storage.base.Outbox`."""
        return len(self._outbox.lanes)

    async def find_oldest_pending(self) -> datetime | None:
        """See `storage.base.Outbox`."""
        return min((entry.owed_at for entry in self._outbox.lanes.all()), default=None)

    async def find_next_due(self, *, now: datetime) -> datetime | None:
        """See `storage.base.Outbox`."""
        return self._outbox.lanes.find_next_time(now)

    def keep_delivery(self, delivery: Delivery) -> None:
        """Put a delivery where its state belongs: the outbox, its case's ledger or nowhere."""
        outbox, changes = self._outbox, self._changes
        number, case_id = int(delivery.id), delivery.owed.case_id
        if case_id is None and delivery.state is DeliveryState.SENT:
            changes.replace(outbox.outbox.put, number, None)
            return
        encoded = DELIVERY.encode(delivery)
        line: bytes | None = make_line(number, encoded)
        if case_id is not None and delivery.state is not DeliveryState.PENDING:
            ledger = outbox.ledgers.lines.get(case_id)
            ledger = append_to(ledger, case_id, "deliveries", encoded)
            changes.replace(outbox.ledgers.put, int(case_id), ledger)
            line = None
        changes.replace(outbox.outbox.put, number, line)

    def _save_pending(self, entry: Pending, delivery: Delivery) -> None:
        if delivery.state is not DeliveryState.PENDING:
            raise ValueError(f"a delivery that is {delivery.state} is finished")
        self.keep_delivery(delivery)
        for name, value in (
            ("not_before", delivery.not_before),
            ("changed_in", self._changes.number),
        ):
            self._changes.undo_with(partial(setattr, entry, name, getattr(entry, name)))
            setattr(entry, name, value)

    def _free(self, entry: Pending) -> None:
        self._changes.undo_with(partial(entry.restore_claim, entry.claim))
        entry.claim = None
