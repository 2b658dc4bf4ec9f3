"""One unit of work on one connection: what every part of a transaction goes through."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.base import StoreDamaged, StoreError
from storage.codec import Codec, CodecError
from storage.postgres_faults import translated

_ALONE = select(func.pg_advisory_xact_lock(bindparam("place")))
_RELAXED = text("SET LOCAL synchronous_commit = off")

T = TypeVar("T")

_PLACE = 0x63617365_00000000
"""Where our advisory locks are among those of others in the same database."""


def read_body(codec: Codec[T], body: bytes, name: str) -> T:
    """Return the value in a row.

    Raises:
        StoreDamaged: it is not such a value; the message says where, never what it held.
    """
    try:
        return codec.decode(body)
    except CodecError as error:
        raise StoreDamaged(
            f"{name} in the database cannot be read ({error}): restore it from your backup."
        ) from None


class Work:
    """A connection inside a transaction, and what is known of what was done.

    Args:
        connection: with nothing begun; whoever made it closes it.
        holder: names the store for its claims.
        durable: see `storage.base.Store.transaction`.
    """

    def __init__(self, connection: AsyncConnection, *, holder: str, durable: bool) -> None:
        self.holder = holder
        self.changed = False
        self.owed = False
        """Whether others have to be told that there is something to send."""
        self.claimed: list[int] = []
        self._connection = connection
        self._durable = durable
        self._ended = False
        self._alone: set[int] = set()

    async def read(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Return the rows of a query, or those a change returns."""
        result = await self._execute(statement, values)
        with translated():
            return result.all()

    async def first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - a row has the columns that were asked for
        """Return the first row, or None."""
        result = await self._execute(statement, values)
        with translated():
            return result.first()

    async def change(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()
    ) -> int:
        """Return how many rows were changed."""
        self.changed = True
        result = await self._execute(statement, values or None)
        return int(result.rowcount)

    async def be_alone(self, place: int) -> bool:
        """Keep others out of a place until the end; False if they were kept out already."""
        if place in self._alone:
            return False
        await self._execute(_ALONE, {"place": _PLACE + place})
        self._alone.add(place)
        return True

    async def commit(self) -> None:
        """Keep everything."""
        self.check_open()
        # What is given out must not be forgotten, whatever else may be.
        if self.changed and not self._durable and not self.claimed:
            await self._execute(_RELAXED, None)
        self._ended = True
        with translated():
            await self._connection.commit()

    async def abandon(self) -> None:
        """Keep nothing; never raises, for the server does the same when it is not told."""
        self._ended = True
        try:
            with translated():
                await self._connection.rollback()
        except StoreError:
            return

    def check_open(self) -> None:
        """Raise RuntimeError if the transaction has ended."""
        if self._ended:
            raise RuntimeError("this transaction has ended; begin another one")

    async def _execute(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
    ) -> CursorResult[Any]:
        self.check_open()
        with translated():
            return await self._connection.execute(statement, values)
