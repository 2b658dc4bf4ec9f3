"""Reads over REST what was said, room by room; one that cannot be read holds up no other."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Final, Protocol

import structlog

from bot.errors import Rejected, Retryable
from bot.rocketchat.records import IncomingMessage, Room

log = structlog.get_logger(__name__)

# A look begins anew so often before it counts as one room's trouble, and not as the server's.
_TRIES: Final = 3
# With more rooms than this it is the server's after all.
_MOST_LEFT_OUT: Final = 5


class History(Protocol):
    """What was said while nobody listened."""

    async def list_rooms(self, updated_since: datetime | None = None) -> list[Room]:
        """Return the rooms we are in, those that changed since then if given."""
        ...

    async def get_room(self, room_id: str) -> Room:
        """Return a room."""
        ...

    async def messages_since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """Return what was sent in a room since then, oldest first."""
        ...


class Missed:
    """Looks through the rooms where commands are taken.

    Args:
        history: where to look.
        rooms: where commands are taken; direct messages always are.
    """

    def __init__(self, history: History, rooms: frozenset[str]) -> None:
        self._history = history
        self._rooms = rooms
        self._left_out: dict[str, datetime] = {}
        self._closed: set[str] = set()
        self._broken_off = 0
        self._denials = 0

    @property
    def is_behind(self) -> bool:
        """Whether some room is still to be read from an earlier time on."""
        return bool(self._left_out)

    @property
    def unreadable(self) -> Collection[str]:
        """The rooms that the server does not let us read; what is said there may still be heard."""
        return self._closed | self._left_out.keys()

    async def since(self, since: datetime) -> AsyncIterator[IncomingMessage]:
        """Yield what was said since then; of a room that was left out, since it was.

        Raises:
            Fault: the server cannot be asked now; what was not read yet is read by the next look.
        """
        left_out = 0
        earliest = min([since, *self._left_out.values()])
        for room in await self._ours(earliest):
            if room.type != "d" and room.id not in self._rooms:
                continue
            begin = min(since, self._left_out.get(room.id, since))
            try:
                messages = await self._history.messages_since(room, begin)
            except Rejected as refusal:
                # For good, as far as anybody can tell: waiting for it would stop everything.
                log.warning("room_not_readable", room=room.id, reason=str(refusal))
                self._left_out.pop(room.id, None)
                self._closed.add(room.id)
                continue
            except Retryable as fault:
                left_out += 1
                known = room.id in self._left_out or self._broken_off >= _TRIES
                if not known or left_out > _MOST_LEFT_OUT:
                    self._broken_off += 1
                    raise
                log.warning("room_left_out", room=room.id, reason=str(fault))
                self._left_out[room.id] = begin
                continue
            self._left_out.pop(room.id, None)
            self._closed.discard(room.id)
            for message in messages:
                yield message
        self._broken_off = 0
        await self._forget_gone()

    async def _ours(self, since: datetime) -> list[Room]:
        """Return our rooms where anything happened; the named ones where nobody tells which."""
        try:
            rooms = await self._history.list_rooms(updated_since=since)
        except Rejected as refusal:
            # While a server starts, what stands in front of it may know no such path.
            self._denials += 1
            if self._denials < _TRIES:
                raise
            if self._denials == _TRIES:
                log.warning(
                    "rooms_not_listed",
                    problem="What is said in direct messages while the bot is away is lost: the"
                    " server does not tell in which rooms the bot is.",
                    reason=str(refusal),
                )
            return [room for room in [await self._find(id_) for id_ in sorted(self._rooms)] if room]
        self._denials = 0
        return rooms

    async def _find(self, room_id: str) -> Room | None:
        try:
            return await self._history.get_room(room_id)
        except Rejected:
            return None

    async def _forget_gone(self) -> None:
        """Forget the rooms that we are not in any more."""
        if not self.unreadable or self._denials:
            return
        ours = {room.id for room in await self._history.list_rooms()}
        self._closed &= ours
        self._left_out = {id_: at for id_, at in self._left_out.items() if id_ in ours}
