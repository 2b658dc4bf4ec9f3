"""What only one of many bots does: polls, reminds, sweeps, tells of incidents."""

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from storage.base import DispatcherId, Store, StoreUnavailable

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
RENEW_EVERY = timedelta(seconds=5)
# Clocks that differ by less count as agreeing: whoever has the duty stops that much earlier.
_CLOCKS_DIFFER = timedelta(seconds=5)
_MARK = "duty"


class Duty:
    """The duty of one bot among those on the same store; of the only one, if there is one.

    Kept as a lease in the store, not as a lock: a bot that hangs loses it like one that died.

    Args:
        by: who we are; unique among the bots on a store.
    """

    def __init__(self, *, store: Store, clock: Clock, by: DispatcherId) -> None:
        self._store = store
        self._clock = clock
        self._by = by
        self._until: datetime | None = None

    @property
    def ours(self) -> bool:
        """Whether the duty is ours now."""
        if not self._store.shared:
            return True
        return self._until is not None and self._clock.now() < self._until - _CLOCKS_DIFFER

    async def renew(self) -> None:
        """Keep the duty, or take it if nobody has it; to be called every `RENEW_EVERY`."""
        if not self._store.shared:
            return
        before = self.ours
        try:
            self._until = await self._take()
        except StoreUnavailable as fault:
            log.warning("duty_not_renewed", reason=str(fault))
        if self.ours is not before:
            log.info("duty_taken" if self.ours else "duty_left", by=self._by)

    async def hand_over(self) -> None:
        """Let another bot have it at once; nothing happens if it is not ours."""
        if not self._store.shared or self._until is None:
            return
        self._until = None
        try:
            async with self._store.transaction(durable=False) as tx:
                holder, _ = _read(await tx.get_mark(_MARK))
                if holder == self._by:
                    await tx.set_mark(_MARK, "")
        except StoreUnavailable as fault:
            log.warning("duty_not_handed_over", reason=str(fault))

    async def _take(self) -> datetime | None:
        now = self._clock.now()
        async with self._store.transaction(durable=False) as tx:
            holder, until = _read(await tx.get_mark(_MARK))
            if holder not in {"", self._by} and until is not None and now < until:
                return None
            await tx.set_mark(_MARK, f"{self._by} {(now + LEASE).isoformat()}")
        return now + LEASE


def _read(mark: str | None) -> tuple[str, datetime | None]:
    holder, _, until = (mark or "").partition(" ")
    return holder, datetime.fromisoformat(until) if until else None
