"""Finding and rewriting what is kept on somebody, in PostgreSQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, union, update
from sqlalchemy.sql.elements import ColumnElement

from bot.cases.case import CaseId, TimelineEntry, UserId
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery, DeliveryState
from storage.codec import DIALOGUE, TIMELINE_ENTRY
from storage.postgres_outbox import columns_of, delivery_of
from storage.postgres_schema import cases, clean, dialogues, outbox, profiles, timeline
from storage.postgres_work import Work, read_body

# To read everything takes longer than one question may: so many numbers of cases at a time.
AT_ONCE = 20_000

_NEEDLE: Any = bindparam("needle")
_FIRST: Any = bindparam("first")
_LAST: Any = bindparam("last")
_NUMBER: Any = bindparam("number")


def _holds(body: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.position(_NEEDLE.op("IN")(body)) > 0


def _naming(number: ColumnElement[Any], body: ColumnElement[Any]) -> Select[Any]:
    return select(number).where(number.between(_FIRST, _LAST), _holds(body))


_LAST_NUMBER = select(func.max(cases.c.id))
NAMING = union(
    _naming(cases.c.id, cases.c.body),
    _naming(timeline.c.case_id, timeline.c.body),
    _naming(outbox.c.case_id, outbox.c.body),
).order_by("id")
_LOOSE = select(outbox.c.id, outbox.c.body).where(outbox.c.case_id.is_(None)).order_by(outbox.c.id)
_DIALOGUES = select(dialogues.c.body).order_by(dialogues.c.key)
_DROP_PROFILE = delete(profiles).where(profiles.c.user_id == bindparam("user"))
_DROP_TIMELINE = delete(timeline).where(timeline.c.case_id == _NUMBER)
_ADD_ENTRIES = insert(timeline)
_REWRITE = update(outbox).where(
    outbox.c.id == bindparam("delivery"),
    outbox.c.case_id == bindparam("number"),
    outbox.c.state != DeliveryState.PENDING.value,
)


class TracesPart:
    """The part of a transaction by which everything kept on somebody is found and rewritten."""

    _work: Work

    async def list_cases_naming(self, text: str) -> Sequence[CaseId]:
        """See `storage.base.Traces`."""
        needle = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
        [row] = await self._work.read(_LAST_NUMBER)
        found: list[CaseId] = []
        for first in range(0, (row[0] or 0) + 1, AT_ONCE):
            values = {"needle": needle, "first": first, "last": first + AT_ONCE - 1}
            found += [CaseId(row.id) for row in await self._work.read(NAMING, values)]
        return found

    async def list_loose_deliveries(self) -> Sequence[Delivery]:
        """See `storage.base.Traces`."""
        return [delivery_of(row) for row in await self._work.read(_LOOSE)]

    async def list_dialogues(self) -> Sequence[Dialogue]:
        """See `storage.base.Traces`."""
        rows = await self._work.read(_DIALOGUES)
        return [read_body(DIALOGUE, row.body, "A dialogue") for row in rows]

    async def drop_profile(self, user_id: UserId) -> None:
        """See `storage.base.Traces`."""
        await self._work.change(_DROP_PROFILE, {"user": clean(user_id)})

    async def replace_timeline(self, case_id: CaseId, entries: Sequence[TimelineEntry]) -> None:
        """See `storage.base.Traces`."""
        await self._work.change(_DROP_TIMELINE, {"number": int(case_id)})
        rows = [
            {"case_id": int(case_id), "body": TIMELINE_ENTRY.encode(entry)} for entry in entries
        ]
        if rows:
            await self._work.change(_ADD_ENTRIES, rows)

    async def rewrite_finished(self, case_id: CaseId, deliveries: Sequence[Delivery]) -> None:
        """See `storage.base.Traces`."""
        for delivery in deliveries:
            which = {"delivery": int(delivery.id), "number": int(case_id)}
            allowed = delivery.owed.case_id == case_id
            values = columns_of(delivery)
            if delivery.state is DeliveryState.PENDING or not allowed:
                raise KeyError(delivery.id)
            if not await self._work.change(_REWRITE.values(values), which):
                raise KeyError(delivery.id)

    async def leave_no_copy(self) -> None:
        """See `storage.base.Traces`: the store makes no copies; those of the server are its own."""
