"""The outbox and the ledgers in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.cases.case import CaseId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState, Owed
from storage.base import LEASE, DispatcherId, StoreUnavailable
from storage.codec import DELIVERY
from storage.postgres_schema import MOST, clean, outbox
from storage.postgres_work import Work, read_body

# Steps from lane to lane along the index instead of reading all that waits: a lane that has piled
# up costs no more than one that has not.
HEADS = """
WITH RECURSIVE heads AS (
  (SELECT lane, id FROM outbox WHERE state = 'pending' ORDER BY lane, id LIMIT 1)
  UNION ALL
  SELECT next.lane, next.id FROM heads, LATERAL (
    SELECT lane, id FROM outbox WHERE state = 'pending' AND lane > heads.lane
    ORDER BY lane, id LIMIT 1
  ) AS next
)
"""

_NOW = bindparam("now", type_=DateTime(timezone=True))
_UNTIL = bindparam("until", type_=DateTime(timezone=True))

# Whoever comes at the same time passes over what is being claimed; whoever comes a moment later
# finds the claim, because the conditions are looked at again once the row is locked.
CLAIM = (
    text(
        HEADS  # noqa: S608 - put together from constants
        + """, due AS (
  SELECT outbox.id FROM heads JOIN outbox ON outbox.id = heads.id
  WHERE outbox.state = 'pending'
    AND (outbox.claimed_until IS NULL OR outbox.claimed_until <= :now)
    AND (outbox.not_before IS NULL OR outbox.not_before <= :now)
  ORDER BY outbox.id LIMIT :most FOR NO KEY UPDATE OF outbox SKIP LOCKED
)
UPDATE outbox SET claimed_by = :by, claimed_in = :holder, claimed_until = :until
FROM due WHERE outbox.id = due.id RETURNING outbox.id, outbox.body
"""
    )
    .bindparams(_NOW, _UNTIL)
    .columns(outbox.c.id, outbox.c.body)
)

NEXT_DUE = text(
    HEADS
    + """
SELECT min(CASE WHEN outbox.not_before > :now THEN outbox.not_before ELSE :now END) AS at
FROM heads JOIN outbox ON outbox.id = heads.id
WHERE outbox.claimed_until IS NULL OR outbox.claimed_until <= :now
"""
).bindparams(_NOW)

_PENDING = outbox.c.state == DeliveryState.PENDING.value
_THIS = outbox.c.id == bindparam("delivery")
_NOT_OTHERS = or_(outbox.c.claimed_in.is_(None), outbox.c.claimed_in == bindparam("holder"))
_FREE: dict[str, Any] = {"claimed_by": None, "claimed_in": None, "claimed_until": None}

_OWE = insert(outbox).on_conflict_do_nothing().returning(outbox.c.id)
_STATE = select(outbox.c.state, outbox.c.claimed_in).where(_THIS).with_for_update(key_share=True)
# Which columns are saved is told with their values: so each change is put into words once.
_SAVE = update(outbox).where(_THIS, _PENDING)
_SAVE_OURS = _SAVE.where(_NOT_OTHERS)
_DROP = delete(outbox).where(_THIS, _PENDING)
_RELEASE = update(outbox).where(_THIS, _PENDING, _NOT_OTHERS).values(_FREE)
_EXTEND = (
    update(outbox)
    .where(
        _THIS,
        _PENDING,
        outbox.c.claimed_in == bindparam("holder"),
        outbox.c.claimed_by == bindparam("by"),
    )
    .values(claimed_until=_UNTIL)
)
LEDGER = (
    select(outbox.c.id, outbox.c.body)
    .where(outbox.c.case_id == bindparam("number"))
    .order_by(outbox.c.id)
)
_COUNT = select(func.count()).select_from(outbox).where(_PENDING)
_OLDEST = select(func.min(outbox.c.owed_at)).where(_PENDING)


class OutboxPart:
    """The part of a transaction that keeps what is owed and shares it out.

    Whether a claim is somebody else's is a matter of stores, not of dispatchers: what comes late
    from a bot that was away counts if it is an end, and otherwise leaves the new holder alone.
    """

    _work: Work

    async def owe(self, owed: Owed, *, at: datetime) -> bool:
        """See `storage.base.Outbox`."""
        delivery = Delivery(id=DeliveryId(0), owed=owed, owed_at=at)
        if owed.skipped:
            delivery = replace(
                delivery, state=DeliveryState.SKIPPED, detail=owed.skipped, finished_at=at
            )
        self._work.changed = True
        added = bool(await self._work.read(_OWE, columns_of(delivery)))
        if added and delivery.state is DeliveryState.PENDING:
            self._work.owed = True
        return added

    async def claim_due(self, *, by: DispatcherId, now: datetime, limit: int) -> Sequence[Delivery]:
        """See `storage.base.Outbox`; `now` is in the time of the database, as everybody's is."""
        rows = await self._work.read(
            CLAIM,
            {
                "now": now,
                "until": now + LEASE,
                "by": clean(by),
                "holder": self._work.holder,
                "most": limit,
            },
        )
        if rows:
            self._work.changed = True
            self._work.claimed.extend(row.id for row in rows)
        return sorted(map(delivery_of, rows), key=lambda delivery: delivery.id)

    async def record_attempt(self, delivery: Delivery) -> None:
        """See `storage.base.Outbox`; nothing happens if somebody else has claimed it since."""
        if delivery.state is not DeliveryState.PENDING:
            raise ValueError(f"a delivery that is {delivery.state} is finished")
        values = {"delivery": int(delivery.id), "holder": self._work.holder}
        await self._work.change(_SAVE_OURS, {**values, **columns_of(delivery), **_FREE})

    async def save_claimed(self, delivery: Delivery) -> None:
        """See `storage.base.Outbox`.

        Raises:
            StoreUnavailable: the claim has lapsed and somebody else has it.
        """
        if delivery.state is not DeliveryState.PENDING:
            raise ValueError(f"a delivery that is {delivery.state} is finished")
        row = await self._work.first(_STATE, {"delivery": int(delivery.id)})
        if row is None or row.state != DeliveryState.PENDING.value:
            raise KeyError(delivery.id)
        if row.claimed_in not in {None, self._work.holder}:
            raise StoreUnavailable(
                "Somebody else has claimed the delivery since; leave it to them."
            )
        await self._work.change(_SAVE, {"delivery": int(delivery.id), **columns_of(delivery)})

    async def extend_claim(
        self, delivery_id: DeliveryId, *, by: DispatcherId, now: datetime
    ) -> bool:
        """See `storage.base.Outbox`."""
        if not 0 <= delivery_id <= MOST:
            return False
        values = {
            "delivery": int(delivery_id),
            "holder": self._work.holder,
            "by": clean(by),
            "until": now + LEASE,
        }
        return bool(await self._work.change(_EXTEND, values))

    async def finish(self, delivery: Delivery) -> bool:
        """See `storage.base.Outbox`."""
        if delivery.state is DeliveryState.PENDING:
            raise ValueError("a pending delivery is not finished")
        this = {"delivery": int(delivery.id)}
        if delivery.state is DeliveryState.SENT and delivery.owed.case_id is None:
            return bool(await self._work.change(_DROP, this))
        return bool(await self._work.change(_SAVE, {**this, **columns_of(delivery), **_FREE}))

    async def release(self, delivery_id: DeliveryId) -> None:
        """See `storage.base.Outbox`; nothing happens if somebody else has claimed it since."""
        if 0 <= delivery_id <= MOST:
            values = {"delivery": int(delivery_id), "holder": self._work.holder}
            await self._work.change(_RELEASE, values)

    async def list_deliveries(self, case_id: CaseId) -> Sequence[Delivery]:
        """See `storage.base.Outbox`."""
        if not 0 <= case_id <= MOST:
            return ()
        rows = await self._work.read(LEDGER, {"number": int(case_id)})
        return [delivery_of(row) for row in rows]

    async def count_pending(self) -> int:
        """See `storage.base.Outbox`."""
        [row] = await self._work.read(_COUNT)
        return int(row[0])

    async def find_oldest_pending(self) -> datetime | None:
        """See `storage.base.Outbox`."""
        [row] = await self._work.read(_OLDEST)
        return None if row[0] is None else row[0].astimezone(UTC)

    async def find_next_due(self, *, now: datetime) -> datetime | None:
        """See `storage.base.Outbox`."""
        [row] = await self._work.read(NEXT_DUE, {"now": now})
        return None if row.at is None else row.at.astimezone(UTC)


def columns_of(delivery: Delivery) -> dict[str, Any]:
    """Return what is kept of a delivery besides its id, which stands in its row only."""
    return {
        "key": clean(delivery.owed.key),
        "lane": clean(delivery.lane),
        "case_id": delivery.owed.case_id,
        "state": delivery.state.value,
        "owed_at": delivery.owed_at,
        "not_before": delivery.not_before,
        "body": DELIVERY.encode(replace(delivery, id=DeliveryId(0))),
    }


def delivery_of(row: Any) -> Delivery:  # noqa: ANN401 - a row with id and body
    """Return the delivery in a row."""
    return replace(read_body(DELIVERY, row.body, f"Delivery {row.id}"), id=DeliveryId(row.id))
