"""Letting go of what is over, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import BindParameter, bindparam, delete, exists, select

from bot.cases.case import CaseId, MessageId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState
from storage.postgres_outbox import delivery_of
from storage.postgres_schema import MOST, case_threads, cases, inbox, outbox, timeline
from storage.postgres_work import Work

_NUMBER: BindParameter[int] = bindparam("number")
_FINISHED = outbox.c.state != DeliveryState.PENDING.value
_OWES = select(exists().where(outbox.c.case_id == _NUMBER, ~_FINISHED))
_DROP_CASE = delete(cases).where(cases.c.id == _NUMBER)
_DROP_THE_REST = (
    delete(case_threads).where(case_threads.c.case_id == _NUMBER),
    delete(timeline).where(timeline.c.case_id == _NUMBER),
    delete(outbox).where(outbox.c.case_id == _NUMBER),
)
_OF_NO_CASE = (outbox.c.case_id.is_(None), _FINISHED)
LIST_FINISHED = (
    select(outbox.c.id, outbox.c.body)
    .where(*_OF_NO_CASE, outbox.c.owed_at < bindparam("before"))
    .order_by(outbox.c.id)
)
_DROP_FINISHED = delete(outbox).where(
    *_OF_NO_CASE, outbox.c.id.in_(bindparam("ids", expanding=True))
)
LIST_MESSAGES = select(inbox).where(inbox.c.at < bindparam("before")).order_by(inbox.c.message_id)


class RetentionPart:
    """The part of a transaction that lets go of what is over."""

    _work: Work
    _seen: dict[int, tuple[int, tuple[MessageId, ...]]]

    async def remove_case(self, case_id: CaseId) -> None:
        """See `storage.base.Retention`."""
        if not 0 <= case_id <= MOST:
            raise KeyError(case_id)
        number = {"number": int(case_id)}
        # First of all: whoever works on the case has to be waited for.
        if not await self._work.change(_DROP_CASE, number):
            raise KeyError(case_id)
        [owes] = await self._work.read(_OWES, number)
        if owes[0]:
            raise ValueError(f"CASE-{case_id} still owes something")
        for statement in _DROP_THE_REST:
            await self._work.change(statement, number)
        self._seen.pop(case_id, None)

    async def list_finished(self, *, before: datetime) -> Sequence[Delivery]:
        """See `storage.base.Retention`."""
        rows = await self._work.read(LIST_FINISHED, {"before": before})
        return [delivery_of(row) for row in rows]

    async def remove_finished(self, ids: Collection[DeliveryId]) -> int:
        """See `storage.base.Retention`."""
        if not ids:
            return 0
        return await self._work.change(_DROP_FINISHED, {"ids": [int(one) for one in ids]})

    async def list_messages(self, *, before: datetime) -> Sequence[tuple[MessageId, datetime]]:
        """See `storage.base.Retention`."""
        rows = await self._work.read(LIST_MESSAGES, {"before": before})
        return [(MessageId(row.message_id), row.at.astimezone(UTC)) for row in rows]
