"""What is owed and not finished, by recipient; who holds it is kept in memory only."""

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.cases.case import CaseId
from bot.cases.effects import Delivery, Lane
from storage.base import DispatcherId


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who holds a delivery, and until when."""

    by: DispatcherId
    until: datetime


@dataclass(slots=True, kw_only=True)
class Pending:
    """An unfinished delivery, as far as sharing out needs to know it."""

    id: int
    key: str
    lane: Lane
    case_id: CaseId | None
    owed_at: datetime
    not_before: datetime | None
    changed_in: int
    """The last transaction that wrote it down."""
    claim: Claim | None = None

    @classmethod
    def of(cls, delivery: Delivery, *, changed_in: int) -> "Pending":
        """Return the entry of a delivery."""
        return cls(
            id=delivery.id,
            key=delivery.owed.key,
            lane=delivery.lane,
            case_id=delivery.owed.case_id,
            owed_at=delivery.owed_at,
            not_before=delivery.not_before,
            changed_in=changed_in,
        )

    def restore_claim(self, claim: Claim | None) -> None:
        """Put a claim back that was given up, unless somebody else holds it by now."""
        if self.claim is None:
            self.claim = claim

    def give_back(self, claim: Claim, before: Claim | None) -> None:
        """Undo a claim, unless it is gone already."""
        if self.claim is claim:
            self.claim = before

    def is_held(self, now: datetime) -> bool:
        """Tell whether somebody's claim has not lapsed."""
        return self.claim is not None and now < self.claim.until

    def is_due(self, now: datetime) -> bool:
        """Tell whether it may be tried."""
        return self.not_before is None or self.not_before <= now


class Lanes:
    """Unfinished deliveries, each lane in the order it was owed."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, deque[Pending]] = {}
        self._pending: dict[int, Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def find(self, delivery_id: int) -> Pending | None:
        """Return the entry, or None when it is finished or was never owed."""
        return self._pending.get(delivery_id)

    def all(self) -> Iterable[Pending]:
        """Return every entry."""
        return self._pending.values()

    def insert(self, entry: Pending, position: int | None = None) -> None:
        """Put an entry at the end of its lane, or back to where it was."""
        lane = self._lanes.setdefault(entry.lane, deque())
        lane.insert(len(lane) if position is None else position, entry)
        self._pending[entry.id] = entry

    def remove(self, entry: Pending) -> int:
        """Take an entry out; return its position in its lane."""
        lane = self._lanes[entry.lane]
        position = lane.index(entry)
        del lane[position]
        if not lane:
            del self._lanes[entry.lane]
        del self._pending[entry.id]
        return position

    def next_due(self, now: datetime, limit: int) -> list[Pending]:
        """Return what may be claimed: the head of each free lane, oldest first."""
        heads = (head for head in self._free_heads(now) if head.is_due(now))
        return heapq.nsmallest(limit, heads, key=lambda head: head.id)

    def find_next_time(self, now: datetime) -> datetime | None:
        """Return when the next free head may be tried, `now` if at once, or None."""
        times = (
            now if head.is_due(now) else head.not_before or now for head in self._free_heads(now)
        )
        return min(times, default=None)

    def _free_heads(self, now: datetime) -> Iterable[Pending]:
        return (lane[0] for lane in self._lanes.values() if not lane[0].is_held(now))
