"""Watermarks in PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from storage.postgres_schema import clean, marks, times
from storage.postgres_work import Work

_NEW_MARKS = 2

_GET = (
    select(marks.c.value).where(marks.c.name == bindparam("mark")).with_for_update(key_share=True)
)
_ADD_MARK = insert(marks)
_SET = _ADD_MARK.on_conflict_do_update(
    index_elements=["name"], set_={"value": _ADD_MARK.excluded.value}
)
_ADD_TIME = insert(times)
_ADVANCE = _ADD_TIME.on_conflict_do_update(
    index_elements=["name"], set_={"at": func.greatest(times.c.at, _ADD_TIME.excluded.at)}
).returning(times.c.at)
_TIME = select(times.c.at).where(times.c.name == bindparam("mark"))


class MarkPart:
    """The part of a transaction that remembers how far a reader has come."""

    _work: Work

    async def get_mark(self, name: str) -> str | None:
        """See `storage.base.Watermarks`; nobody else reads or sets it until the end."""
        values = {"mark": clean(name)}
        row = await self._work.first(_GET, values)
        if row is None and await self._work.be_alone(_NEW_MARKS):
            row = await self._work.first(_GET, values)
        return None if row is None else str(row.value)

    async def set_mark(self, name: str, value: str) -> None:
        """See `storage.base.Watermarks`."""
        await self._work.change(_SET, {"name": clean(name), "value": clean(value)})

    async def advance_mark(self, name: str, at: datetime) -> datetime:
        """See `storage.base.Watermarks`."""
        self._work.changed = True
        [row] = await self._work.read(_ADVANCE, {"name": clean(name), "at": at})
        kept: datetime = row.at
        return kept.astimezone(UTC)

    async def get_time(self, name: str) -> datetime | None:
        """See `storage.base.Watermarks`."""
        row = await self._work.first(_TIME, {"mark": clean(name)})
        return None if row is None else row.at.astimezone(UTC)
